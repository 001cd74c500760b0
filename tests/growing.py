"""Whether work grows with its input and no faster; a limit in seconds would hold on one machine on one day.

    assert grows_in_proportion(sentences, lambda size: "It is. " * size, 15_000)

The least processor time of a few tries for an input of a size is compared with that for a quarter of it: what else goes
on in the machine makes a try longer and never shorter. Work in proportion takes four times as long, quadratic work
sixteen times. Work that does not end at all meets the limit on every test.
"""

import gc
import time
from collections.abc import Callable
from typing import TypeVar

__all__ = ["grows_in_proportion"]

Input = TypeVar("Input")

_SHARE = 4
_TRIES = 5
# Half-way, by factors, between four times as long and sixteen times.
_MOST = 8
# Of less than this nobody can tell: what every call costs and the clock's own steps would be most of it.
_INSTANT = 0.01


def grows_in_proportion(
    work: Callable[[Input], object],
    made: Callable[[int], Input],
    size: int,
    *,
    seconds: Callable[[], float] = time.thread_time,
) -> bool:
    """Whether `work` takes at most some four times as long for what is `made` of a size as for a quarter of it.

    The size is one for which quadratic work would take seconds.
    """

    def took(given: Input) -> float:
        began = seconds()
        work(given)
        return seconds() - began

    small, large = made(size // _SHARE), made(size)
    collected = gc.isenabled()
    gc.disable()
    try:
        least_small, least_large = took(small), float("inf")
        for _ in range(_TRIES):
            least_large = min(least_large, took(large))
            least_small = min(least_small, took(small))
            if least_large < max(_INSTANT, _MOST * least_small):
                return True
        return False
    finally:
        if collected:
            gc.enable()
