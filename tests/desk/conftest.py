"""A review that is open and waiting, on SQLite."""

import pytest

from tests.desk.scene import Ledgers, Scene


@pytest.fixture
def scene(sqlite_ledgers: Ledgers) -> Scene:
    return Scene(sqlite_ledgers)
