"""What Prefect's worker starts in place of `python -m prefect.engine`: asks a warm engine for a child, ends as it ends.

    python -I -S client.py FOLDER MODULE SOCKET [SOCKET ...]

It imports next to nothing, so that it costs a few hundredths of a second. Where no engine takes the run, this very
process becomes the fresh one that the worker would have started.
"""

import json
import os
import select
import signal
import socket
import struct
import sys

# What is passed on to the child. SIGKILL ends this process, and thereby the child.
_FORWARDED = (signal.SIGTERM, signal.SIGINT, signal.SIGHUP, signal.SIGQUIT, signal.SIGUSR1, signal.SIGUSR2)
_LENGTH = struct.Struct("!I")
_KILLED = -signal.SIGKILL


def main() -> None:
    """Let a child of an engine do what this process was started for."""
    folder, module, *names = sys.argv[1:]
    here = os.getcwd()
    for name in names:
        connection = _connect(folder, name, here)
        if connection is not None and _is_taken(connection, module, here):
            _end_as(connection)
    os.execv(sys.executable, [sys.executable, "-m", module])  # noqa: S606  no shell, and our own interpreter


def _connect(folder: str, name: str, here: str) -> socket.socket | None:
    connection = socket.socket(socket.AF_UNIX)
    try:
        # By its short name: a path in a socket's address has room for 107 bytes.
        os.chdir(folder)
        connection.connect(name)
    except OSError:
        # Nobody listens; a fresh process does as well.
        user = None
    else:
        _, user, _ = struct.unpack("3i", connection.getsockopt(socket.SOL_SOCKET, socket.SO_PEERCRED, 12))
    finally:
        os.chdir(here)
    if user == os.getuid():
        return connection
    connection.close()
    return None


def _is_taken(connection: socket.socket, module: str, here: str) -> bool:
    """Whether the engine runs it, or may have begun to."""
    umask = os.umask(0o077)
    os.umask(umask)
    run = {"module": module, "python": sys.executable, "folder": here, "umask": umask, "environ": dict(os.environ)}
    # The environment may hold secrets: the child reads this pipe, and the engine hands it on unread.
    asked, told = os.pipe()
    came: list[int] = []
    # Its number goes to the engine at once: a handler would wait for its turn, while we wait for the child's end.
    connection.setblocking(False)
    signal.set_wakeup_fd(connection.fileno(), warn_on_full_buffer=False)
    before = {number: signal.signal(number, lambda number, _: came.append(number)) for number in _FORWARDED}
    group = os.getpgrp()
    if group != os.getpid():
        # What is sent to the group reaches the child, which is in it, and must not come twice.
        os.setpgid(0, 0)
    try:
        socket.send_fds(connection, [b"r"], [0, 1, 2, asked])
    except OSError:
        refused = True
    else:
        os.close(asked)
        _write(told, json.dumps(run).encode())
        # No answer at all is no refusal: it may have begun, so it must not begin again here.
        refused = _heard(connection, 1) == b"n"
    if refused:
        signal.set_wakeup_fd(-1)
        connection.close()
        if group != os.getpid():
            os.setpgid(0, group)
        for number, handler in before.items():
            signal.signal(number, handler)
        for number in came:
            os.kill(os.getpid(), number)
    return not refused


def _end_as(connection: socket.socket) -> None:
    """Wait for the child and end with its exit code or by its signal; without word of it, as killed."""
    told = _heard(connection, _LENGTH.size)
    code = os.waitstatus_to_exitcode(_LENGTH.unpack(told)[0]) if len(told) == _LENGTH.size else _KILLED
    if code >= 0:
        os._exit(code)
    if code != _KILLED:
        signal.signal(-code, signal.SIG_DFL)
    os.kill(os.getpid(), -code)
    os._exit(128 - code)


def _write(pipe: int, what: bytes) -> None:
    try:
        with open(pipe, "wb") as file:
            file.write(what)
    except BrokenPipeError:
        return  # Whoever refuses does not read it.


def _heard(connection: socket.socket, length: int) -> bytes:
    """What the engine says, which it says in one piece; nothing where it is gone."""
    try:
        select.select([connection], [], [])
        return connection.recv(length)
    except OSError:
        return b""


if __name__ == "__main__":
    main()
