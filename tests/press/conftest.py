"""A press over an open review, on SQLite."""

import pytest

from tests.desk.scene import Ledgers, Scene
from tests.press.stand import Stand


@pytest.fixture
def stand(sqlite_ledgers: Ledgers) -> Stand:
    return Stand(Scene(sqlite_ledgers))
