"""`make test FAST=1` leaves out what asks for a server and what is slow, and says so."""

import os
import subprocess
import sys
from pathlib import Path

import pytest

_ROOT = Path(__file__).parents[1]
_CONFTEST = """
import pytest

from tests.fast import Fast


def pytest_configure(config):
    config.addinivalue_line("markers", "slow")
    config.addinivalue_line("markers", "needs_a_server")
    config.pluginmanager.register(Fast())


@pytest.fixture(scope="session")
def needs_a_server():
    pytest.fail("a server was started")


@pytest.fixture
def browser(needs_a_server):
    pass


@pytest.fixture(params=["file", pytest.param("server", marks=pytest.mark.needs_a_server)])
def either(request):
    return request.param
"""
_TESTS = """
import pytest


def test_plain():
    pass


def test_through_another_fixture(browser):
    pass


def test_where_one_parameter_needs_one(either):
    assert either == "file"


@pytest.mark.slow
def test_slow():
    pytest.fail("it is slow")
"""


@pytest.mark.parametrize("processes", [[], ["-n", "2"]], ids=["alone", "shared"])
def test_what_needs_a_server_or_is_slow_is_left_out_and_counted(tmp_path: Path, processes: list[str]) -> None:
    (tmp_path / "conftest.py").write_text(_CONFTEST, "utf-8")
    (tmp_path / "test_four.py").write_text(_TESTS, "utf-8")
    command = [sys.executable, "-m", "pytest", "-p", "no:cacheprovider", *processes, str(tmp_path)]

    told = subprocess.run(
        command, cwd=tmp_path, env=os.environ | {"PYTHONPATH": str(_ROOT)}, capture_output=True, text=True, check=False
    )

    assert told.returncode == 0, told.stdout + told.stderr
    assert "2 passed, 3 deselected" in told.stdout
    assert "FAST: 3 tests were left out, which need Prefect's server, PostgreSQL, Postfix or a browser" in told.stdout
    assert "take more than a fifth of a second; property tests took 10 examples" in told.stdout
