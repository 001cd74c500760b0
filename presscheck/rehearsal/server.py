"""Prefect's server beside a rehearsal: it starts while this process goes on, and is gone with it.

    with prefect_beside(folder) as server:
        ...                                 what takes time here
        with server.as_prefects():          waits until it answers; flows run with it from here on
            run_flow(...)

It is a process on loopback that no UI, no block types and none of Prefect's loops are started for, on a database that
is copied and not migrated: 3 s in place of 10.
"""

import os
import secrets
import shutil
import socket
import subprocess
import sys
from collections.abc import Generator
from contextlib import contextmanager
from dataclasses import dataclass
from pathlib import Path
from unittest.mock import patch

import httpx

from presscheck.errors import PresscheckError
from presscheck.supervisor.plan import SPARED

_PATIENCE_SECONDS = 180
_DRAIN_SECONDS = 10
_SLIM = {
    "PREFECT_SERVER_ANALYTICS_ENABLED": "false",
    "DO_NOT_TRACK": "1",
    "PREFECT_SERVER_UI_ENABLED": "false",
    "PREFECT_SERVER_REGISTER_BLOCKS_ON_START": "false",
    # Prefect's own word for a server that no loop services run in.
    "PREFECT__SERVER_EPHEMERAL": "1",
    # Nobody reads its events afterwards, and while they are written SQLite refuses a run's own calls now and then.
    "PREFECT_SERVER_SERVICES_EVENT_PERSISTER_ENABLED": "false",
    "PREFECT_SERVER_SERVICES_TRIGGERS_ENABLED": "false",
}


@dataclass(frozen=True)
class PrefectServer:
    """A server that was started and may not answer yet."""

    folder: Path
    url: str
    password: str
    process: "subprocess.Popen[bytes]"

    @contextmanager
    def as_prefects(self) -> Generator[None]:
        """Wait until it answers; within the block it is the server that flows of this process run with.

        PresscheckError where it does not start.
        """
        self._wait()
        told = {"PREFECT_API_URL": self.url, **SPARED, "PREFECT_HOME": str(self.folder / "prefect")}
        told |= {"PREFECT_API_AUTH_STRING": self.password} if self.password else {}
        with patch.dict(os.environ, {**_without_prefect(), **told}, clear=True), _settings_anew():
            yield
            _drain()

    def let_go(self) -> None:
        """For a fork of whoever started it: the server ends when nobody holds the pipe's other end any more."""
        if self.process.stdin is not None:
            os.close(self.process.stdin.fileno())

    def _wait(self) -> None:
        # The socket listens already: the first question lies there until the server takes it.
        try:
            with httpx.Client(trust_env=False, timeout=_PATIENCE_SECONDS) as client:
                client.get(f"{self.url}/health").raise_for_status()
        except httpx.HTTPError as error:
            said = (self.folder / "server.log").read_text("utf-8", "replace").strip().splitlines()
            why = "\n".join(said[-5:]) or str(error) or type(error).__name__
            raise PresscheckError(f"Prefect's server of the rehearsal did not start: {why}") from error


@contextmanager
def prefect_beside(folder: Path, *, password: str | None = None) -> Generator[PrefectServer]:
    """A server that begins to start here. `folder` is made for it, and is gone with it, whatever else lies in it.

    `password`: Prefect's `user:password`; without one, one that nobody knows; empty for none.
    """
    folder.mkdir(parents=True, exist_ok=True, mode=0o700)
    password = f"rehearsal:{secrets.token_urlsafe(32)}" if password is None else password
    with socket.create_server(("127.0.0.1", 0)) as listener, (folder / "server.log").open("wb") as log:
        process = subprocess.Popen(
            [sys.executable, "-m", "presscheck.rehearsal.serving", str(folder), str(listener.fileno())],
            env=_environment(folder, password),
            cwd=folder,
            stdin=subprocess.PIPE,
            stdout=log,
            stderr=log,
            pass_fds=[listener.fileno()],
            # Ctrl-C in the terminal is for whoever started it.
            start_new_session=True,
        )
        port = listener.getsockname()[1]
    try:
        yield PrefectServer(folder, f"http://127.0.0.1:{port}/api", password, process)
    finally:
        process.kill()
        process.communicate()
        shutil.rmtree(folder, ignore_errors=True)


def _environment(folder: Path, password: str) -> dict[str, str]:
    told = {"PREFECT_HOME": str(folder / "prefect"), "PYTHONPATH": os.pathsep.join(path for path in sys.path if path)}
    told |= {"PREFECT_SERVER_API_AUTH_STRING": password} if password else {}
    ours = {name: value for name, value in _without_prefect().items() if not name.startswith("PRESSCHECK_")}
    return ours | _SLIM | told


def _without_prefect() -> dict[str, str]:
    """This environment without whatever leads to a Prefect server of somebody's own."""
    return {name: value for name, value in os.environ.items() if not name.startswith("PREFECT_")}


@contextmanager
def _settings_anew() -> Generator[None]:
    """Prefect may have been imported before, with what the environment said then; within the block it reads it anew."""
    import prefect.context
    from prefect.settings import PREFECT_FLOWS_HEARTBEAT_FREQUENCY

    read = prefect.context.root_settings_context()
    # The thread that beats sleeps by the second, and each run's end would wait for it.
    settings = read.settings.copy_with_update(updates={PREFECT_FLOWS_HEARTBEAT_FREQUENCY: None})
    context = prefect.context.SettingsContext(profile=read.profile, settings=settings)
    with context, patch.object(prefect.context, "GLOBAL_SETTINGS_CONTEXT", context):
        yield


def _drain() -> None:
    """What the runs have yet to tell the server: it is about to be gone, and they would complain."""
    from prefect.events.worker import EventsWorker
    from prefect.logging.handlers import APILogWorker

    for worker in (APILogWorker, EventsWorker):
        worker.drain_all(timeout=_DRAIN_SECONDS)
