"""pytest fixtures for a project's own tests: `from presscheck.rehearsal.fixtures import rehearsal`."""

import os
import tempfile
from collections.abc import Iterator
from pathlib import Path

import pytest

from presscheck.rehearsal.run import Rehearsal


@pytest.fixture(scope="session")
def presscheck_prefect() -> Iterator[None]:
    """Prefect's own test server: it takes some 20 seconds to start, so one serves the whole session."""
    os.environ["PREFECT_HOME"] = tempfile.mkdtemp(prefix="presscheck-rehearsal-")
    os.environ["PREFECT_SERVER_ANALYTICS_ENABLED"] = "false"
    from prefect.testing.utilities import prefect_test_harness

    with prefect_test_harness(server_startup_timeout=120):
        yield


@pytest.fixture
def rehearsal(
    presscheck_prefect: None, request: pytest.FixtureRequest, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> Iterator[Rehearsal]:
    """A rehearsal of the project that pytest was started for, in a home of the test's own."""
    for name in [name for name in os.environ if name.startswith("PRESSCHECK_")]:
        monkeypatch.delenv(name)
    monkeypatch.setenv("PRESSCHECK_PROJECT", str(request.config.rootpath))
    monkeypatch.setenv("PRESSCHECK_HOME", str(tmp_path / "home"))
    # Only the outbox: a test that reached a real channel would be a campaign.
    monkeypatch.setenv("PRESSCHECK_VIA", "outbox")
    monkeypatch.setenv("PRESSCHECK_DEMO", "true")
    # A test neither pays a model nor waits for one.
    monkeypatch.setenv("PRESSCHECK_COPYWRITER", "offline")
    with Rehearsal.open(request.config.rootpath) as opened:
        yield opened
