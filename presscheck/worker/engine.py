"""The engine's process: imports once, forks for each request, and tells each client how its child ended.

    python -m presscheck.worker.engine FOLDER light=prefect.flow_engine,tasks.gate full@20+900=great_expectations < pipe

Each stage is a process. The first imports its modules and listens under FOLDER/light. The second is forked from it when
SIGUSR1 asks for it, imports more once nobody else wants the processor, or after 20 s, and listens under FOLDER/full;
when it was not asked for in 900 s, it goes, and gives its memory back. A line of output names each stage that is ready;
`stale` says that a file which was imported has changed: this engine takes no run any more, and it is time for a new
one. It ends when its input is closed (whoever started it is gone) or at SIGTERM, after the last of its children. No
child outlives its client or its engine.

It holds code and nothing else: what a run is to be, with its environment and whatever is secret in it, comes through
a pipe that its child alone reads.
"""

import atexit
import contextlib
import ctypes
import gc
import importlib
import json
import os
import runpy
import selectors
import signal
import socket
import struct
import sys
import sysconfig
import threading
import time
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Any

_LENGTH = struct.Struct("!I")
_PR_SET_PDEATHSIG = 1
# Input, output, errors, and the pipe that says what to be.
_FILES = 4
# A stage that died was killed, or cannot live: it is tried again, but seldom.
_STAGE_AGAIN_SECONDS = 60.0
# What an interpreter or a library reads when it starts cannot be given to one that has started.
_READ_AT_START = ("PYTHON", "LC_", "LANG", "LD_", "MALLOC_", "OMP_", "OPENBLAS_", "MKL_", "NUMEXPR_", "POLARS_", "GX_")
# Prefect sets its loggers up when it is imported.
_FOR_LOGGERS = ("PREFECT_HOME", "PREFECT_PROFILE", "PREFECT_LOGGING_", "PREFECT_DEBUG_MODE", "PREFECT_TEST_MODE")
NEEDED = (*_READ_AT_START, *_FOR_LOGGERS, "PATH", "HOME", "TMPDIR", "TZ", "DO_NOT_TRACK", "PREFECT_SERVER_ANALYTICS_")
"""How the variables begin that an engine is started with; none other, for the others may be secret."""


class _Forked(BaseException):
    """Unwinds a child to the top, so that its interpreter ends as any other does."""

    def __init__(self, *, stages: Sequence[str] = (), files: Sequence[int] = (), engine: int = 0) -> None:
        self.stages, self.files, self.engine = stages, files, engine


@dataclass(frozen=True)
class _Stage:
    name: str
    idle_within: float
    kept: float
    modules: list[str]

    @classmethod
    def read(cls, given: str) -> "_Stage":
        """`full@20+900=great_expectations,duckdb`: idle within 20 s, and kept 900 s after it was asked for."""
        named, _, modules = given.partition("=")
        name, _, seconds = named.partition("@")
        idle_within, _, kept = seconds.partition("+")
        return cls(name, float(idle_within or 0), float(kept or "inf"), modules.split(","))


@dataclass(eq=False)
class _Client:
    """Whoever waits for a child, or has not yet asked for one."""

    connection: socket.socket
    child: int | None = None


def main() -> None:
    """Serve, and in a child be the run."""
    folder, *stages = sys.argv[1:]
    began, started_with = time.time_ns(), dict(os.environ)
    files: Sequence[int] = ()
    while stages:
        try:
            _Engine(Path(folder), stages, began).serve()
            return
        except _Forked as forked:
            stages, files, engine = list(forked.stages), forked.files, forked.engine
            die_with(engine)
    _be(files, started_with)


def _be(files: Sequence[int], before: Mapping[str, str]) -> None:
    """What the worker would have started; where this interpreter cannot be it, a fresh one in this one's place."""
    *streams, asked = files
    with open(asked, "rb") as file:
        run = json.load(file)
    for target, number in enumerate(streams):
        os.dup2(number, target)
        os.close(number)
    module, environ = str(run["module"]), dict[str, str](run["environ"])
    os.umask(run["umask"])
    # Another folder may have modules of its own under the names that were imported here.
    alike = (run["python"], run["folder"]) == (sys.executable, sys.path[0])
    os.chdir(run["folder"])
    if not alike or _of(_READ_AT_START, environ) != _of(_READ_AT_START, before):
        os.execve(run["python"], [run["python"], "-m", module], environ)  # noqa: S606  no shell, and our interpreter
    sys.argv = [module]
    set_by_imports = {name: value for name, value in os.environ.items() if before.get(name) != value}
    os.environ.clear()
    os.environ.update(environ | set_by_imports)
    time.tzset()
    if "numpy" in sys.modules:
        # Python seeds its own generator anew after a fork; this one does not.
        importlib.import_module("numpy").random.seed()
    if "prefect" in sys.modules:
        from prefect.context import refresh_global_settings_context
        from prefect.logging.configuration import setup_logging

        refresh_global_settings_context()
        if _of(_FOR_LOGGERS, environ) != _of(_FOR_LOGGERS, before):
            setup_logging(incremental=False)
    gc.enable()
    # What is frozen would be missed when the interpreter ends.
    atexit.register(gc.unfreeze)
    # Run as a program it is another module than the one that was imported; Python would warn of both at once.
    sys.modules.pop(module, None)
    runpy.run_module(module, run_name="__main__", alter_sys=True)


class _Engine:
    """One stage. It runs nothing itself, so that nothing is left behind for the next run."""

    def __init__(self, folder: Path, stages: Sequence[str], began: int) -> None:
        stage, self._more = _Stage.read(stages[0]), stages[1:]
        self._name = stage.name
        _wait_for_idleness(stage.idle_within)
        gc.disable()
        for module in stage.modules:
            importlib.import_module(module)
        if started := _threads():
            # A child would have such a thread's locks and not the thread.
            named = ", ".join(stage.modules)
            sys.exit(f"{named}: importing these starts threads ({started}), so nothing can be forked from them")
        # What was imported stays: a child shall not copy it only because its own rubbish is looked for.
        gc.collect()
        gc.freeze()
        self._files = _imported()
        self._stamps = _stamps(self._files)
        now = time.time_ns()
        # What changed after the first stage began may have been imported as it was before.
        self._is_stale = any(began <= changed <= now for changed, _ in self._stamps)
        self._clients: list[_Client] = []
        self._handlers: dict[signal.Signals, Any] = {}
        self._next_stage: int | None = None
        self._next_stage_at = self._next_stage_until = 0.0
        self._woken, self._wake = os.pipe2(os.O_NONBLOCK | os.O_CLOEXEC)
        self._selector = selectors.DefaultSelector()
        # Before anybody can connect: whoever has is answered, also when this is to end at once.
        signal.set_wakeup_fd(self._wake, warn_on_full_buffer=False)
        for number in (signal.SIGCHLD, signal.SIGTERM, signal.SIGINT, signal.SIGUSR1):
            self._handlers[number] = signal.signal(number, lambda number, frame: None)
        try:
            self._listener: socket.socket | None = _listening(folder, self._name)
        except OSError as error:
            sys.exit(f"{folder / self._name}: the warm engine cannot listen there ({error}); remove what is in the way")

    def serve(self) -> None:
        """Until the end. Raises _Forked in a child."""
        for file in (self._listener, self._woken, 0):
            if file is not None:
                self._selector.register(file, selectors.EVENT_READ)
        self._say(self._name)
        while self._listener is not None or self._clients:
            for key, _ in self._selector.select(self._look_at_next_stage()):
                if self._listener is not None and key.fileobj is self._listener:
                    self._accept(self._listener)
                elif key.fileobj == self._woken:
                    self._signalled()
                elif key.fileobj == 0:
                    self._close()
                else:
                    self._hear(key.data)
        if self._next_stage is not None:
            # Its runs go on, and they would not outlive this process.
            os.waitpid(self._next_stage, 0)

    def _look_at_next_stage(self) -> float | None:
        """Start it or let it go; in how many seconds to look again."""
        now, engine = time.monotonic(), os.getpid()
        if self._listener is None or (self._next_stage is None and now >= self._next_stage_until):
            return None
        if self._next_stage is None and now >= self._next_stage_at:
            self._next_stage_at = now + _STAGE_AGAIN_SECONDS
            self._next_stage = self._fork()
            if self._next_stage == 0:
                raise _Forked(stages=self._more, engine=engine)
        elif self._next_stage is not None and now >= self._next_stage_until:
            os.kill(self._next_stage, signal.SIGTERM)
            self._next_stage_at = now
            return _STAGE_AGAIN_SECONDS
        soon = self._next_stage_until if self._next_stage else self._next_stage_at
        return min(max(0.0, soon - now), _STAGE_AGAIN_SECONDS)

    def _accept(self, listener: socket.socket) -> None:
        connection, _ = listener.accept()
        _, user, _ = struct.unpack("3i", connection.getsockopt(socket.SOL_SOCKET, socket.SO_PEERCRED, 12))
        if user != os.getuid():
            # Whoever runs code here is this account, not somebody who may merely write to the socket.
            connection.close()
            return
        connection.setblocking(False)
        client = _Client(connection)
        self._clients.append(client)
        self._selector.register(connection, selectors.EVENT_READ, client)

    def _hear(self, client: _Client) -> None:
        """What it asks for, a signal for its child, or that it is gone."""
        if client not in self._clients:
            return  # Its child ended in the same moment.
        try:
            received, files, *_ = socket.recv_fds(client.connection, 4096, _FILES)
        except OSError:
            received, files = b"", list[int]()
        if client.child is None:
            self._begin(client, files if received == b"r" else [])
        else:
            _signal(client.child, received or bytes([signal.SIGKILL]))
            if not received:
                # Its child's end is still waited for.
                self._selector.unregister(client.connection)
        for number in files:
            os.close(number)

    def _begin(self, client: _Client, files: list[int]) -> None:
        if self._listener is not None and (self._is_stale or _stamps(self._files) != self._stamps):
            self._say("stale")
            self._close()
        if self._listener is not None and len(files) == _FILES:
            engine = os.getpid()
            client.child = self._fork()
            if client.child == 0:
                raise _Forked(files=files, engine=engine)
        self._tell(client, b"n" if client.child is None else b"y")
        if client.child is None:
            self._forget(client)

    def _fork(self) -> int | None:
        """The child's id; 0 in the child, which has nothing left of the engine but what it imported; None for none."""
        numbers = signal.valid_signals()
        # What is sent to the child before it can die of it waits until it can.
        signal.pthread_sigmask(signal.SIG_BLOCK, numbers)
        try:
            child = os.fork()
        except OSError as error:
            sys.stderr.write(f"the warm engine cannot fork: {error}\n")
            child = None
        if child == 0:
            self._forget_all()
        signal.pthread_sigmask(signal.SIG_UNBLOCK, numbers)
        return child

    def _forget_all(self) -> None:
        signal.set_wakeup_fd(-1)
        for number, handler in self._handlers.items():
            signal.signal(number, handler)
        for client in self._clients:
            client.connection.close()
        if self._listener is not None:
            self._listener.close()
        self._selector.close()
        os.close(self._woken)
        os.close(self._wake)

    def _signalled(self) -> None:
        numbers = os.read(self._woken, 4096)
        if signal.SIGTERM in numbers or signal.SIGINT in numbers:
            self._close()
        if signal.SIGUSR1 in numbers and self._more:
            self._next_stage_until = time.monotonic() + _Stage.read(self._more[0]).kept
        while True:
            try:
                child, status = os.waitpid(-1, os.WNOHANG)
            except ChildProcessError:
                return
            if not child:
                return
            if child == self._next_stage:
                self._next_stage = None
            for client in [client for client in self._clients if client.child == child]:
                self._end(client, status)

    def _end(self, client: _Client, status: int) -> None:
        self._tell(client, _LENGTH.pack(status))
        self._forget(client)

    def _tell(self, client: _Client, word: bytes) -> None:
        with contextlib.suppress(OSError):  # It may be gone, and its child goes with it.
            client.connection.send(word)

    def _forget(self, client: _Client) -> None:
        self._clients.remove(client)
        with contextlib.suppress(KeyError):  # It may have hung up before.
            self._selector.unregister(client.connection)
        client.connection.close()

    def _close(self) -> None:
        """Take no more runs; the end comes with the last child."""
        if self._listener is None:
            return
        listener, self._listener = self._listener, None
        if self._next_stage is not None:
            # One that still imports would otherwise take the next engine's place in the folder.
            os.kill(self._next_stage, signal.SIGTERM)
        listener.setblocking(False)
        # From here on nobody connects, and whoever has connected is told that nothing was begun.
        listener.shutdown(socket.SHUT_RDWR)
        with contextlib.suppress(BlockingIOError):
            while True:
                self._accept(listener)
        for file in (listener, 0):
            self._selector.unregister(file)
        listener.close()

    def _say(self, word: str) -> None:
        with contextlib.suppress(OSError):  # Whoever started it may be gone; it ends with its last run.
            os.write(1, f"{word}\n".encode())


def _listening(folder: Path, name: str) -> socket.socket:
    """A socket of mode 0600. OSError where something else than an old socket is in the way."""
    if (folder / name).is_socket():
        (folder / name).unlink()
    listener = socket.socket(socket.AF_UNIX)
    here, umask = Path.cwd(), os.umask(0o177)
    try:
        # By its short name: a path in a socket's address has room for 107 bytes.
        os.chdir(folder)
        listener.bind(name)
    finally:
        os.chdir(here)
        os.umask(umask)
    listener.listen(64)
    return listener


def _threads() -> str:
    """The threads beside this one that a child would miss."""
    names = [Path(f"/proc/self/task/{thread}/comm").read_text().strip() for thread in os.listdir("/proc/self/task")]
    # These two are made for forking: OpenBLAS ends its nameless ones before it, jemalloc starts anew after it.
    handled = {names[0], "jemalloc_bg_thd"} if threading.active_count() == 1 else set[str]()
    return ", ".join(name for name in names[1:] if name not in handled)


def _imported() -> tuple[str, ...]:
    """The files of what was imported; of installed packages only the folders that hold them."""
    files = {str(module.__dict__.get("__file__") or "") for module in list(sys.modules.values())}
    # Not by the prefix: where Python is in /usr, a project in /usr/src is still no installed package.
    paths = sysconfig.get_paths()
    installed = tuple(f"{paths[name]}{os.sep}" for name in ("stdlib", "platstdlib", "purelib", "platlib"))
    own = {file for file in files if file and not file.startswith(installed)}
    return tuple(own.union(folder for folder in sys.path if folder.endswith("site-packages")))


def _stamps(files: Sequence[str]) -> list[tuple[int, int]]:
    """When each was changed last, also by a move into its place, and its size; zeros for one that is gone."""
    found: list[tuple[int, int]] = []
    for file in files:
        try:
            seen = os.stat(file)
        except OSError:
            found.append((0, 0))
        else:
            found.append((seen.st_ctime_ns, seen.st_size))
    return found


def _wait_for_idleness(seconds: float) -> None:
    """Until nobody else wants the processor; but a machine that is never idle is not waited for."""
    end = time.monotonic() + seconds
    while time.monotonic() < end and int(Path("/proc/loadavg").read_text().split()[3].split("/")[0]) > 1:
        time.sleep(0.5)


def _signal(child: int, numbers: bytes) -> None:
    for number in numbers:
        if number in signal.valid_signals():
            os.kill(child, number)


def die_with(parent: int) -> None:
    ctypes.CDLL(None).prctl(_PR_SET_PDEATHSIG, signal.SIGKILL)
    if os.getppid() != parent:
        os.kill(os.getpid(), signal.SIGKILL)


def _of(beginnings: tuple[str, ...], environ: Mapping[str, str]) -> dict[str, str]:
    return {name: value for name, value in environ.items() if name.startswith(beginnings)}


if __name__ == "__main__":
    main()
