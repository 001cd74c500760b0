"""Keeps a warm engine running beside the worker, and says which command starts a run in it."""

import asyncio
import logging
import os
import shlex
import signal
import stat
import subprocess
import sys
from pathlib import Path
from typing import IO, cast

from presscheck.worker import client
from presscheck.worker.engine import NEEDED

_log = logging.getLogger(__name__)

COLD = shlex.join([sys.executable, "-m", "prefect.engine"])
# What a wake needs, with what is otherwise imported at the first use: by Prefect, by SQLAlchemy, and by the look for
# personal data. What is missing here is imported by the run, as ever.
LIGHT = (
    *("tasks.campaigns", "tasks.gate", "tasks.delivery", "presscheck.wiring", "presscheck.ledger.roles_address"),
    *("prefect.flow_engine", "prefect.task_engine", "prefect._internal.observers", "pydantic.v1.dataclasses"),
    *("anyio._backends._asyncio", "encodings.idna", "rich._emoji_codes", "sqlalchemy.dialects.sqlite"),
    *("phonenumbers", "stdnum.de.idnr", "stdnum.es.nie", "stdnum.fr.nir", "stdnum.gb.nhs", "stdnum.iban"),
    *("stdnum.it.codicefiscale", "stdnum.nl.bsn", "stdnum.us.ssn"),
)
# What a first run needs beside it: Great Expectations, DuckDB, the policies that ship. Polars starts a thread that a
# child would miss.
FULL = (
    *("tasks.expectations.certify", "tasks.audience", "tasks.checking", "tasks.drafting", "presscheck.screening"),
    "presscheck.worker.policies_ahead",
)
# What first runs need is imported after the first of them, when the machine is idle or after so many seconds; and it is
# given up when none came for so long: it is most of the memory.
_IDLE_WITHIN = 20
_KEPT = 900
_FIRST_WAIT, _LONGEST_WAIT = 1.0, 60.0


class Warmth:
    """One engine, started anew when it dies or when the code that it holds has changed.

    folder: private to this account; the engine's sockets are in it.
    """

    def __init__(self, folder: Path) -> None:
        self._folder = folder
        self._engine: subprocess.Popen[bytes] | None = None

    def command(self, *, first: bool) -> str:
        """The command of a run's process; where more first runs may follow this one, what they need is kept ready."""
        if self._engine is None:
            return COLD
        if first:
            self._engine.send_signal(signal.SIGUSR1)
        names = ("full", "light") if first else ("light",)
        script = Path(client.__file__)
        return shlex.join([sys.executable, "-I", "-S", str(script), str(self._folder), "prefect.engine", *names])

    async def keep(self) -> None:
        """Until cancelled. While no engine is there, runs start in a fresh process each."""
        wait = _FIRST_WAIT
        while True:
            began = asyncio.get_running_loop().time()
            try:
                stale = await self._one()
                why = "it has ended"
            except OSError as error:
                stale, why = False, f"it cannot be started: {error}"
            self._engine = None
            if stale:
                _log.info("code has changed; a new warm engine is started")
                continue
            if asyncio.get_running_loop().time() - began > _LONGEST_WAIT:
                wait = _FIRST_WAIT
            if wait == _FIRST_WAIT:
                _log.warning("the warm engine: %s; until there is one, each run starts some seconds later", why)
            await asyncio.sleep(wait)
            wait = min(wait * 2, _LONGEST_WAIT)

    async def _one(self) -> bool:
        """One engine's life, as far as it takes runs. Whether it ended because code has changed."""
        self._folder.mkdir(parents=True, exist_ok=True, mode=0o700)
        seen = self._folder.lstat()
        if not stat.S_ISDIR(seen.st_mode) or seen.st_uid != os.getuid() or seen.st_mode & 0o077:
            raise PermissionError(f"{self._folder} is not this account's alone; remove it")
        engine = subprocess.Popen(
            [
                *(sys.executable, "-m", "presscheck.worker.engine", str(self._folder)),
                *(f"light={','.join(LIGHT)}", f"full@{_IDLE_WITHIN}+{_KEPT}={','.join(FULL)}"),
            ],
            env=_environment(),
            stdin=subprocess.PIPE,
            stdout=subprocess.PIPE,
        )
        # asyncio's own subprocesses are not left to end by themselves: it closes what its loop no longer can.
        alive, said = cast("IO[bytes]", engine.stdin), asyncio.StreamReader()
        pipe, _ = await asyncio.get_running_loop().connect_read_pipe(
            lambda: asyncio.StreamReaderProtocol(said), engine.stdout
        )
        try:
            async for line in said:
                if line.strip() == b"stale":
                    return True
                self._engine = engine
            return False
        finally:
            pipe.close()
            # It ends when the last of its runs has.
            alive.close()


def _environment() -> dict[str, str]:
    """What an engine needs of what Prefect's worker gives the process of a run; the rest comes with the run."""
    from prefect.settings import get_current_settings

    told = {**os.environ, **get_current_settings().to_environment_variables(exclude_unset=True)}
    return {name: value for name, value in told.items() if name.startswith(NEEDED)}
