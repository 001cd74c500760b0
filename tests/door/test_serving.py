"""The door as a process: a port that is taken and a credential that is missing are said in one line."""

import os
import socket
import subprocess
import sys
from pathlib import Path
from typing import Any

import pytest

from presscheck.door import serve
from presscheck.errors import SettingsError
from presscheck.settings import Settings

ROOT = Path(__file__).parents[2]


@pytest.fixture
def taken() -> Any:
    with socket.socket() as busy:
        busy.bind(("127.0.0.1", 0))
        busy.listen()
        yield busy.getsockname()[1]


def test_port_that_is_taken_is_named_with_what_to_do(home: Path, taken: int) -> None:
    with pytest.raises(SettingsError, match=rf"port {taken} .*PRESSCHECK_DOOR_PORT"):
        serve(Settings(home=home, door_port=taken).resolved())


def test_process_ends_with_2_and_no_traceback_where_the_port_is_taken(home: Path, taken: int) -> None:
    environ = {**os.environ, "PRESSCHECK_HOME": str(home), "PRESSCHECK_DOOR_PORT": str(taken)}
    environ["PYTHONPATH"] = str(ROOT)

    done = subprocess.run(
        [sys.executable, "-m", "presscheck.door"], env=environ, cwd=home, capture_output=True, text=True, timeout=60
    )

    assert done.returncode == 2
    assert str(taken) in done.stderr
    assert "Traceback" not in done.stderr


def test_missing_inner_credential_is_named(home: Path) -> None:
    with pytest.raises(SettingsError, match="prefect-api"):
        serve(Settings(home=home, door_port=_free_port()).resolved())


def _free_port() -> int:
    with socket.socket() as probe:
        probe.bind(("127.0.0.1", 0))
        return int(probe.getsockname()[1])
