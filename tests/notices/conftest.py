"""A receiver that ends with its test."""

from collections.abc import Iterator

import pytest

from tests.notices.office import Receiver


@pytest.fixture
def receiver() -> Iterator[Receiver]:
    running = Receiver()
    yield running
    running.close()
