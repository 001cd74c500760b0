"""Everything that a campaign's run needs, kept warm in one process, from which players are forked.

    with keep_warm(project) as warm:
        with warm.player("spring-mug", {}) as player:
            player.line                 a socket: events come, answers go (presscheck.rehearsal.playing)

Server, imports and the rest are paid once. Each player has a home of its own with keys and ledger, which is gone with
it. Ended are this process's players by group and its server with it, however it ends.
"""

import os
import shutil
import signal
import socket
import sys
import tempfile
import threading
from collections.abc import Generator, Mapping
from contextlib import contextmanager, suppress
from dataclasses import dataclass
from pathlib import Path
from typing import NoReturn

from presscheck.errors import InputError, PresscheckError
from presscheck.rehearsal.apart import apart
from presscheck.rehearsal.server import PrefectServer, prefect_beside
from presscheck.rehearsal.warming import warm_up
from presscheck.wiring import read_settings
from presscheck.worker.engine import die_with


@dataclass(frozen=True)
class PlayerProcess:
    """One run, from outside."""

    line: socket.socket
    printed: int
    """A pipe with what the project's code prints."""
    log: Path
    """What Prefect, libraries and the step's traceback said."""


@dataclass
class Warm:
    """A process that has imported what runs need, and Prefect's server beside it."""

    project: Path
    server: PrefectServer
    _begun: int = 0

    @contextmanager
    def player(self, flow: str, parameters: Mapping[str, str]) -> Generator[PlayerProcess]:
        """A run in a process of its own until the end of the block."""
        self._begun += 1
        _know_policies(self.project)
        home = self.server.folder / f"run-{self._begun}"
        home.mkdir(mode=0o700)
        ours, theirs = socket.socketpair()
        read, write = os.pipe()
        starter = os.getpid()
        child = os.fork()
        if child == 0:
            # What the starter reads from is closed here, or nobody would notice that it is gone.
            ours.close()
            os.close(read)
            _become_player(starter, home, self, theirs, write, flow, parameters)
        theirs.close()
        os.close(write)
        try:
            yield PlayerProcess(ours, read, home / "run.log")
        finally:
            _end(child)
            ours.close()
            os.close(read)
            shutil.rmtree(home, ignore_errors=True)


@contextmanager
def keep_warm(project: Path) -> Generator[Warm]:
    """Import what runs need while Prefect's server starts; both are here until the end of the block."""
    with prefect_beside(Path(tempfile.mkdtemp(prefix="presscheck-dev-"))) as server:
        import presscheck.rehearsal.playing as _  # noqa: F401 - players find it imported.

        warm_up()
        if threading.active_count() > 1:
            raise PresscheckError("a library has started a thread, so nothing can be forked; please report this")
        with server.as_prefects():
            yield Warm(project, server)


def _know_policies(project: Path) -> None:
    """Parse the project's policies here, so that no player parses the same texts again; faults are theirs to tell."""
    from policies import load_policies

    with suppress(InputError):
        load_policies(overlay=read_settings(project).policies.folder)


def _become_player(
    starter: int,
    home: Path,
    warm: Warm,
    line: socket.socket,
    printed: int,
    flow: str,
    parameters: Mapping[str, str],
) -> NoReturn:
    """Play and end, without ever coming back into what the starter has open."""
    code = 1
    try:
        os.setpgid(0, 0)
        if sys.platform == "linux":
            die_with(starter)
        for number in (signal.SIGINT, signal.SIGTERM, signal.SIGHUP):
            signal.signal(number, signal.SIG_DFL)
        warm.server.let_go()
        log = os.open(home / "run.log", os.O_WRONLY | os.O_CREAT | os.O_APPEND, 0o600)
        for number, instead in ((0, os.open(os.devnull, os.O_RDONLY)), (1, printed), (2, log)):
            os.dup2(instead, number)
        # What is printed is seen when it is printed.
        reconfigure = getattr(sys.stdout, "reconfigure", None)
        if reconfigure is not None:
            reconfigure(line_buffering=True)
        # Nothing of the project is written to.
        sys.dont_write_bytecode = True
        told = apart(os.environ, warm.project, home)
        os.environ.clear()
        os.environ.update(told)
        from presscheck.rehearsal.playing import Player

        Player(line, warm.project).play(flow, parameters)
        sys.stdout.flush()
        code = 0
    finally:
        os._exit(code)


def _end(child: int) -> None:
    for end in (os.killpg, os.kill):
        try:
            end(child, signal.SIGKILL)
        except ProcessLookupError:
            # It has no group yet, or is gone.
            continue
    os.waitpid(child, 0)
