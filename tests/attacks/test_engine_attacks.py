"""The warm engine: who gets a run's environment, who has code run, and what lies about where others may look."""

import asyncio
import sys
from pathlib import Path

import pytest

from presscheck.worker.warmth import COLD, Warmth
from tests.worker.engines import CLIENT, ENGINE, Warm, kept_until

WHO = "import sys; print('held' in sys.modules)"
# The accounts of both ends are compared by number; this lets one of them believe that it is another's.
_SOMEBODY_ELSE = "import os, runpy, sys; os.getuid = lambda: 4242; sys.argv = sys.argv[1:]; "


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
