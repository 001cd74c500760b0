"""Prefect's server of a rehearsal starts beside it, ends with it, and lets nobody else in."""

import os
import signal
import subprocess
import sys
import time
from collections.abc import Callable
from pathlib import Path

import httpx
import pytest

from presscheck.errors import PresscheckError
from presscheck.rehearsal.server import prefect_beside

_STARTER = """
import sys, time
from pathlib import Path
from presscheck.rehearsal.server import prefect_beside
with prefect_beside(Path(sys.argv[1])) as server:
    print(server.process.pid, flush=True)
    time.sleep(100)
"""


def within(seconds: float, true: Callable[[], bool]) -> bool:
    until = time.monotonic() + seconds
    while not true() and time.monotonic() < until:
        time.sleep(0.05)
    return true()


def alive(process: int) -> bool:
    try:
        os.kill(process, 0)
    except ProcessLookupError:
        return False
    return True


@pytest.mark.slow
def test_flows_run_with_it_and_nothing_is_left_of_it(needs_a_server: None, tmp_path: Path) -> None:
    from prefect.settings import PREFECT_API_URL

    environment, url = dict(os.environ), PREFECT_API_URL.value()
    with prefect_beside(tmp_path / "server") as server:
        with server.as_prefects():
            from prefect.client.orchestration import get_client

            with get_client(sync_client=True) as client:
                counted = client.read_flows()
        strangers = httpx.post(f"{server.url}/flows/filter", json={}, timeout=60)

    assert counted == []
    assert strangers.status_code == 401
    assert not alive(server.process.pid)
    assert not (tmp_path / "server").exists()
    assert (dict(os.environ), PREFECT_API_URL.value()) == (environment, url)


@pytest.mark.slow
@pytest.mark.parametrize("how", [signal.SIGKILL, signal.SIGTERM])
def test_a_server_whose_starter_is_killed_ends_and_takes_its_folder_along(
    needs_a_server: None, tmp_path: Path, how: signal.Signals
) -> None:
    folder = tmp_path / "server"
    starter = subprocess.Popen([sys.executable, "-c", _STARTER, str(folder)], stdout=subprocess.PIPE, text=True)
    assert starter.stdout is not None
    server = int(starter.stdout.readline())

    starter.send_signal(how)
    starter.communicate()

    assert within(30, lambda: not alive(server) and not folder.exists())


@pytest.mark.slow
def test_a_server_that_does_not_start_says_why(
    needs_a_server: None, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr("presscheck.rehearsal.server._SLIM", {"PYTHONHASHSEED": "no number"})

    with prefect_beside(tmp_path / "server") as server:
        with pytest.raises(PresscheckError, match=r"(?s)did not start: .*PYTHONHASHSEED"), server.as_prefects():
            pytest.fail("it started")
