"""A stage for one campaign run: a project of its own on Prefect's test server."""

import os
from collections.abc import Iterator
from pathlib import Path

import pytest

from tests.tasks.stage import MADE, Stage, fresh_project


@pytest.fixture
def project(tmp_path: Path, _sqlite_template: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    """A project folder with keys and an empty ledger, which this process works on."""
    fresh_project(tmp_path, _sqlite_template)
    # Whoever runs the tests may have a Presscheck of their own: its ledger is not for tests.
    for name in [name for name in os.environ if name.startswith("PRESSCHECK_")]:
        monkeypatch.delenv(name)
    monkeypatch.setenv("PRESSCHECK_PROJECT", str(tmp_path))
    return tmp_path


@pytest.fixture
def stage(project: Path, prefect: None) -> Iterator[Stage]:
    MADE.clear()
    staged = Stage(project)
    yield staged
    staged.close()
