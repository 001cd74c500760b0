"""A segment's SELECT runs in a database that cannot be written to, and its rows land in a Parquet file.

    database = Database("shop", section, password, folder=settings.project)
    columns = land(database, segment_text, path, out, as_of=now)

The rows are fetched by a process of their own (`landing`), which is killed when its time is over, whatever the
database, the network or the driver is doing. The password goes to it over a pipe and nowhere else.
"""

import json
import subprocess
import sys
import threading
from collections.abc import Callable
from dataclasses import dataclass, field
from datetime import datetime
from pathlib import Path
from typing import Any, cast
from urllib.parse import unquote, urlsplit

from pydantic import SecretStr

from presscheck.errors import DatabaseError, Fault, SegmentError
from presscheck.screening.database_sql import Dialect, check_select
from presscheck.settings.databases import DatabaseSection

Progress = Callable[[int], None]
_GRACE_S = 5.0
_LOOK_S = 15.0


@dataclass(frozen=True)
class Database:
    """One of the settings' [databases.NAME], with its password if it has one."""

    name: str
    section: DatabaseSection
    password: SecretStr | None = field(default=None, repr=False)
    folder: Path = Path()
    """What a relative path of an SQLite file starts from."""

    @property
    def dialect(self) -> Dialect:
        return "sqlite" if self.section.url.startswith("sqlite") else "postgresql"

    def as_order(self, **more: Any) -> dict[str, Any]:
        """What the landing process is told. Holds the password: it is written to a pipe and dropped."""
        secret = "" if self.password is None else self.password.get_secret_value()
        order = {"dialect": self.dialect, "name": self.name, "user": self.section.user, "password": secret, **more}
        if self.dialect == "sqlite":
            order["file"] = str(self.folder / unquote(urlsplit(self.section.url).path.removeprefix("/")))
        else:
            order["url"] = self.section.url
        return order


def land(
    database: Database,
    text: str,
    segment: Path,
    out: Path,
    *,
    columns: dict[str, list[str]],
    required: tuple[str, ...],
    as_of: datetime | None,
    time_limit_s: float,
    progress: Progress | None = None,
) -> tuple[str, ...]:
    """Run the segment's SELECT and write its rows, as text, to the new Parquet file `out`; which columns it has.

    `columns` are those that an audience may have, each with the kinds of type it may come in and what to say
    otherwise. Raises SegmentError for what is wrong with the segment, DatabaseError where the database did not
    answer; then there is no file.
    """
    select = check_select(text, segment, database.dialect, as_of=as_of)
    limit = min(time_limit_s, database.section.time_limit_seconds)
    order = database.as_order(
        task="land",
        select=select,
        out=str(out),
        columns=columns,
        required=required,
        seconds=limit,
        max_rows=database.section.max_rows,
        max_bytes=database.section.max_megabytes << 20,
    )
    try:
        said = _ask(database, order, seconds=limit, segment=segment, progress=progress)
    except BaseException:
        out.unlink(missing_ok=True)
        raise
    return tuple(said["columns"])


def look(database: Database) -> dict[str, Any]:
    """What the database says of itself: `version`, and `writes`: whether the user may change anything in it.

    DatabaseError where it does not answer, or may not be used.
    """
    try:
        return _ask(database, database.as_order(task="look", seconds=_LOOK_S), seconds=_LOOK_S)
    except SegmentError as wrong:
        raise DatabaseError("; ".join(fault.message for fault in wrong.faults)) from wrong


def _ask(
    database: Database,
    order: dict[str, Any],
    *,
    seconds: float,
    segment: Path | None = None,
    progress: Progress | None = None,
) -> dict[str, Any]:
    """Start the landing process, give it the order, and hand on what it says."""
    child = subprocess.Popen(
        # Isolated, and without our environment: no PG* variable or password file of somebody's steers it.
        [sys.executable, "-I", "-m", "presscheck.screening.landing_process"],
        stdin=subprocess.PIPE,
        stdout=subprocess.PIPE,
        stderr=subprocess.DEVNULL,
        env={"LC_ALL": "C.UTF-8", "TZ": "UTC", "ARROW_DEFAULT_MEMORY_POOL": "system"},
        cwd="/",
    )
    late = threading.Event()

    def stop() -> None:
        late.set()
        child.kill()

    watch = threading.Timer(seconds + _GRACE_S, stop)
    watch.start()
    answer: dict[str, Any] = {}
    try:
        with child:
            assert child.stdin is not None  # noqa: S101 - it is a pipe, as asked for above.
            assert child.stdout is not None  # noqa: S101
            try:
                child.stdin.write(json.dumps(order).encode())
                child.stdin.close()
            except BrokenPipeError:
                # It ended before it read; how it ended is told below.
                pass
            for line in child.stdout:
                said = cast(dict[str, Any], json.loads(line))
                if "progress" not in said:
                    answer = said
                elif progress is not None:
                    progress(int(said["progress"]))
    finally:
        watch.cancel()
        child.kill()
    return _judged(database, answer, child.returncode, seconds=seconds, late=late.is_set(), segment=segment)


def _judged(
    database: Database, answer: dict[str, Any], code: int, *, seconds: float, late: bool, segment: Path | None
) -> dict[str, Any]:
    place = str(segment) if segment else f"[databases.{database.name}]"
    if "faults" in answer:
        raise SegmentError([Fault(place, line, "", message) for line, message in answer["faults"]])
    if "down" in answer:
        raise DatabaseError(f"{place}: the database {database.name} {answer['down']}")
    if "columns" in answer or "version" in answer:
        return answer
    if late or code == -_ALARM:
        if segment is None:
            raise DatabaseError(f"{place}: the database {database.name} did not answer within {seconds:g} s")
        said = f"the segment took longer than {seconds:g} s in {database.name}; read less, or see why it is slow"
        raise SegmentError([Fault(place, None, "", said)])
    raise DatabaseError(
        f"{place}: reading from the database {database.name} broke off ({_ending(code)}); nothing was kept. "
        "It may have needed more memory than it may have: select fewer columns or rows"
    )


_ALARM = 14


def _ending(code: int) -> str:
    return f"signal {-code}" if code < 0 else f"exit {code}"
