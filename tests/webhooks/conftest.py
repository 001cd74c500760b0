"""Systems that end with their test."""

from collections.abc import Callable, Iterator
from typing import Any

import pytest

from tests.webhooks.system import System


@pytest.fixture
def systems() -> Iterator[Callable[..., System]]:
    running: list[System] = []

    def start(**more: Any) -> System:
        running.append(System(**more))
        return running[-1]

    yield start
    for one in running:
        one.close()


@pytest.fixture
def system(systems: Callable[..., System]) -> System:
    return systems()
