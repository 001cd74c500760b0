"""A duration is minutes, hours or days, and nothing that only looks like one."""

from datetime import timedelta

import pytest
from hypothesis import given
from hypothesis import strategies as st

from tasks.holding import Hold
from tasks.waiting import LONGEST, span_of

UNITS = {"m": timedelta(minutes=1), "h": timedelta(hours=1), "d": timedelta(days=1)}


@given(st.integers(1, 999_999), st.sampled_from("mhd"))
def test_so_many_of_a_unit_are_that_long_and_never_longer_than_the_longest(number: int, unit: str) -> None:
    span = number * UNITS[unit]
    if span <= LONGEST:
        assert span_of(f"{number}{unit}") == span
    else:
        with pytest.raises(Hold, match="a run sleeps 90 days at most"):
            span_of(f"{number}{unit}")


@given(st.one_of(st.text(max_size=8), st.from_regex(r"[0-9\u0660-\u0669.+-]{1,7} ?[mhdMHDs]?\s?", fullmatch=True)))
def test_whatever_else_is_written_is_told_and_no_time(lasts: str) -> None:
    plain = lasts[:-1].isascii() and lasts[:-1].isdigit() and lasts[-1:] in UNITS and lasts[0] != "0" and len(lasts) < 8
    if not plain:
        with pytest.raises(Hold, match="that is no time; write minutes, hours or days"):
            span_of(lasts)
