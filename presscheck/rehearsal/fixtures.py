"""pytest fixtures for a project's own tests: `from presscheck.rehearsal.fixtures import rehearsal`."""

import os
import tempfile
from collections.abc import Iterator
from pathlib import Path
from unittest.mock import patch

import pytest

from presscheck.rehearsal.apart import apart
from presscheck.rehearsal.rehearsal import Rehearsal
from presscheck.rehearsal.server import prefect_beside
from presscheck.rehearsal.warming import warm_up


@pytest.fixture(scope="session")
def presscheck_prefect() -> Iterator[None]:
    """Prefect's server, one for the whole session; it starts while this process imports what the first run needs."""
    with prefect_beside(Path(tempfile.mkdtemp(prefix="presscheck-rehearsal-"))) as server:
        warm_up()
        with server.as_prefects():
            yield


@pytest.fixture
def rehearsal(presscheck_prefect: None, request: pytest.FixtureRequest, tmp_path: Path) -> Iterator[Rehearsal]:
    """A rehearsal of the project that pytest was started for, in a home of the test's own."""
    project = request.config.rootpath
    with patch.dict(os.environ, apart(os.environ, project, tmp_path / "home"), clear=True):
        with Rehearsal.open(project) as opened:
            yield opened
