"""The list of endings holds what it says, and nothing that its lines broke."""

import re

import idna
import pytest

from presscheck.matching.endings import ENDINGS


def test_every_ending_is_a_label_that_a_host_can_end_with() -> None:
    assert [ending for ending in ENDINGS if not re.fullmatch(r"[a-z]{2,63}|xn--[a-z0-9-]*[a-z0-9]", ending)] == []


@pytest.mark.parametrize(
    "ending",
    ["한국", "рф", "中国", "ไทย", "ελ", "бг", "भारत", "السعودية", "みんな", "vermögensberater", "قطر"],
)
def test_endings_outside_of_ascii_are_there_as_they_go_over_the_wire(ending: str) -> None:
    assert idna.encode(ending).decode("ascii") in ENDINGS
