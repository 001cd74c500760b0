"""A rehearsal of the starter's project, as its own tests have one."""

import importlib.util
import os
import sys
from collections.abc import Iterator
from datetime import UTC, datetime
from pathlib import Path
from types import ModuleType
from unittest.mock import patch
from uuid import uuid4

import pytest

from presscheck.rehearsal import Rehearsal
from presscheck.rehearsal.apart import apart
from presscheck.starter import make_project

AUTHOR = "me@example.com"


@pytest.fixture
def project(tmp_path: Path) -> Path:
    make_project(tmp_path / "shop", campaign="spring-mug", author=AUTHOR, as_of=datetime.now(UTC).date())
    return tmp_path / "shop"


@pytest.fixture
def rehearsal(prefect: None, project: Path, tmp_path: Path) -> Iterator[Rehearsal]:
    with patch.dict(os.environ, apart(os.environ, project, tmp_path / "apart"), clear=True):
        with Rehearsal.open(project) as opened:
            yield opened


def module_of(path: Path) -> ModuleType:
    """A project's file as a module of its own."""
    spec = importlib.util.spec_from_file_location(f"of_{path.stem}_{uuid4().hex}", path)
    assert spec is not None
    assert spec.loader is not None
    module = sys.modules[spec.name] = importlib.util.module_from_spec(spec)
    spec.loader.exec_module(module)
    return module
