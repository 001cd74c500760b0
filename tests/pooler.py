"""A real PgBouncer on loopback, before the tests' PostgreSQL.

with pooler(postgres, pool_mode="transaction") as through:
    through(postgres_url)                  the same database's address, by way of the pooler
"""

import os
import pwd
import shutil
import subprocess
import tempfile
import time
from collections.abc import Callable, Generator
from contextlib import contextmanager
from pathlib import Path
from typing import Any

import psycopg
import pytest

from tests.conftest import Postgres, free_port, require

__all__ = ["pooler"]


@contextmanager
def pooler(
    postgres: Postgres, *, pool_mode: str, ours: str = "", passwords: dict[str, str] | None = None, **settings: Any
) -> Generator[Callable[[str], str]]:
    """Run PgBouncer with this pool_mode and further settings of its `[pgbouncer]`; skips where there is none.

    `ours` is the pool_mode of our role alone, where it has one. It believes whoever signs in, and signs in at the
    server with `passwords`, by role.
    """
    program = shutil.which("pgbouncer", path=f"{os.environ['PATH']}:/usr/sbin")
    require("pgbouncer", program, "install Debian's pgbouncer package")
    folder = Path(tempfile.mkdtemp(prefix="presscheck-pgbouncer-"))
    port = free_port()
    told = {
        "listen_addr": "127.0.0.1",
        "listen_port": port,
        "unix_socket_dir": folder,
        "auth_type": "trust",
        "auth_file": folder / "users.txt",
        "logfile": folder / "log",
        "pidfile": folder / "pid",
        "pool_mode": pool_mode,
        "default_pool_size": 20,
        **settings,
    }
    mine = f"[users]\npresscheck = pool_mode={ours}\n" if ours else ""
    lines = [f"[databases]\n* = host=127.0.0.1 port={postgres.port}\n{mine}[pgbouncer]"]
    (folder / "ini").write_text("\n".join([*lines, *(f"{name} = {value}" for name, value in told.items())]) + "\n")
    users = {"presscheck": "", **(passwords or {})}
    (folder / "users.txt").write_text("".join(f'"{name}" "{password}"\n' for name, password in users.items()))
    as_user: list[str] = []
    if os.geteuid() == 0:
        # It refuses to run as root, as PostgreSQL does.
        account = pwd.getpwnam("postgres")
        for path in (folder, *folder.iterdir()):
            os.chown(path, account.pw_uid, account.pw_gid)
        as_user = ["setpriv", f"--reuid={account.pw_uid}", f"--regid={account.pw_gid}", "--clear-groups"]
    process = subprocess.Popen(
        [*as_user, str(program), "-q", str(folder / "ini")], stdout=subprocess.DEVNULL, stderr=subprocess.DEVNULL
    )
    try:
        _await(process, port, folder / "log")
        yield lambda url: url.replace(f":{postgres.port}/", f":{port}/")
    finally:
        process.terminate()
        process.wait(timeout=20)
        shutil.rmtree(folder, ignore_errors=True)


def _await(process: "subprocess.Popen[bytes]", port: int, log: Path) -> None:
    for _ in range(200):
        if process.poll() is not None:
            break
        try:
            psycopg.connect(
                host="127.0.0.1", port=port, user="presscheck", dbname="postgres", connect_timeout=2
            ).close()
        except psycopg.OperationalError:
            time.sleep(0.05)
        else:
            return
    pytest.fail(f"PgBouncer did not start: {log.read_text() if log.exists() else 'no log'}")
