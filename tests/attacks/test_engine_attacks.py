"""The warm engine: who gets a run's environment, who has code run, and what lies about where others may look."""

import asyncio
import os
import pwd
import subprocess
import sys
import tempfile
from pathlib import Path

import pytest

from presscheck.worker.warmth import COLD, Warmth
from tests.conftest import require
from tests.worker.engines import CLIENT, ENGINE, Warm, kept_until

WHO = "import sys; print('held' in sys.modules)"
# The accounts of both ends are compared by number; this lets one of them believe that it is another's.
_SOMEBODY_ELSE = "import os, runpy, sys; os.getuid = lambda: 4242; sys.argv = sys.argv[1:]; "

# What is no request is answered with n, but only to whom the engine hears at all. The interpreter need be nobody's own.
_SPEAK = [
    *("/usr/bin/python3", "-I", "-S", "-c"),
    """
import socket, sys
line = socket.socket(socket.AF_UNIX)
try:
    line.connect(sys.argv[1])
except PermissionError:
    sys.exit(print("not reached"))
line.settimeout(5)
try:
    line.send(b"nope")
    print("heard" if line.recv(1) == b"n" else "unheard")
except (BrokenPipeError, ConnectionResetError):
    print("unheard")
""",
]


def test_a_socket_that_another_account_has_put_there_gets_no_environment(tmp_path: Path) -> None:
    with Warm(tmp_path, "light=json,held", who=WHO) as warm:
        as_another = [
            *(sys.executable, "-c", _SOMEBODY_ELSE + "runpy.run_path(sys.argv[0], run_name='__main__')"), CLIENT[-1]
        ]  # fmt: skip

        warm_run, run = warm.run("who"), warm.run("who", client=as_another)

    assert (warm_run.stdout, run.stdout) == ("True\n", "False\n")


def test_another_account_that_reaches_the_socket_runs_nothing_in_it(tmp_path: Path) -> None:
    of_another = [
        *(sys.executable, "-c", _SOMEBODY_ELSE + "runpy.run_module(sys.argv[0], run_name='__main__', alter_sys=True)"),
        ENGINE[-1],
    ]
    with Warm(tmp_path, "light=json,held", command=of_another, who=WHO) as warm:
        warm.sockets.chmod(0o777)
        (warm.sockets / "light").chmod(0o666)

        run = warm.run("who")

    # The client may go on by itself, in a fresh process and as itself.
    assert "True" not in run.stdout


def test_a_real_second_account_neither_reaches_the_socket_nor_runs_anything_where_it_does() -> None:
    require("root", os.geteuid() == 0, "only root can be two accounts; run this test as root")
    nobody = pwd.getpwnam("nobody")
    as_nobody = ["setpriv", f"--reuid={nobody.pw_uid}", f"--regid={nobody.pw_gid}", "--clear-groups"]
    # Not under pytest's own folder, which other accounts cannot enter.
    with tempfile.TemporaryDirectory() as name, Warm(Path(name), "light=json,held", who=WHO) as warm:
        Path(name).chmod(0o711)
        speak = [*as_nobody, *_SPEAK, str(warm.sockets / "light")]

        barred = subprocess.run(speak, capture_output=True, text=True, check=False)
        warm.sockets.chmod(0o711)
        refused_by_mode = subprocess.run(speak, capture_output=True, text=True, check=False)
        (warm.sockets / "light").chmod(0o666)
        unheard = subprocess.run(speak, capture_output=True, text=True, check=False)
        own = subprocess.run([*_SPEAK, str(warm.sockets / "light")], capture_output=True, text=True, check=False)

        assert [barred.stdout, refused_by_mode.stdout] == ["not reached\n", "not reached\n"]
        assert (unheard.stdout, own.stdout) == ("unheard\n", "heard\n")
        assert warm.run("who").stdout == "True\n"


@pytest.mark.parametrize("how", ["others may write it", "others may read it", "it is a link", "it is a file"])
def test_an_engine_is_not_started_where_others_may_put_a_socket(
    tmp_path: Path, how: str, caplog: pytest.LogCaptureFixture
) -> None:
    folder = tmp_path / "engine"
    if how == "it is a file":
        folder.touch()
    elif how == "it is a link":
        (tmp_path / "elsewhere").mkdir(mode=0o700)
        folder.symlink_to(tmp_path / "elsewhere")
    else:
        folder.mkdir()
        folder.chmod(0o722 if "write" in how else 0o744)
    warmth = Warmth(folder)

    asyncio.run(kept_until(warmth, lambda: bool(caplog.text)))

    assert warmth.command(first=True) == COLD
    assert "it cannot be started" in caplog.text
    assert str(folder) in caplog.text
