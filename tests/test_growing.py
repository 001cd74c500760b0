"""A test of growth tells quadratic work from work in proportion, whatever else goes on in the machine."""

from collections.abc import Callable
from itertools import count

import pytest

from tests.growing import grows_in_proportion


def _counted(steps: Callable[[int], int]) -> Callable[[int], None]:
    return lambda size: [None for _ in range(steps(size))].clear()


@pytest.mark.parametrize("steps", [lambda size: 400 * size, lambda size: 40 * size * size.bit_length()])
def test_work_in_proportion_passes(steps: Callable[[int], int]) -> None:
    assert grows_in_proportion(_counted(steps), int, 2_000)


def test_quadratic_work_is_told() -> None:
    assert not grows_in_proportion(_counted(lambda size: size * size), int, 2_000)


def test_quadratic_work_of_the_kind_that_slips_in_is_told() -> None:
    def work(text: str) -> None:
        found: list[int] = []
        for at in range(len(text)):
            if at not in found:
                found.append(at)

    assert not grows_in_proportion(work, lambda size: "a" * size, 4_000)


class _Machine:
    """Work whose time is told by a clock of its own: a try in three meets somebody who holds it up."""

    def __init__(self, power: int) -> None:
        self.now = 0.0
        self.power = power
        self.tries = count()

    def work(self, size: int) -> None:
        held_up = 20 if next(self.tries) % 3 == 1 else 0
        self.now += size**self.power / 1_000 + held_up


@pytest.mark.parametrize(("power", "passes"), [(1, True), (2, False), (3, False)])
def test_who_holds_up_some_of_the_tries_changes_nothing(power: int, passes: bool) -> None:
    machine = _Machine(power)

    assert grows_in_proportion(machine.work, int, 1_000, seconds=lambda: machine.now) is passes


def test_what_costs_the_same_for_every_size_passes() -> None:
    assert grows_in_proportion(_counted(lambda _: 100_000), int, 1_000)
