"""Lengths are counted as a channel counts them, and addresses are compared by where they lead."""

import pytest
from hypothesis import given
from hypothesis import strategies as st

from presscheck.matching import characters, columns, links, sms_parts, target_of


@pytest.mark.parametrize(
    ("text", "parts"),
    [
        ("", 0),
        ("a" * 160, 1),
        ("a" * 161, 2),
        ("a" * 306, 2),
        ("a" * 307, 3),
        ("€" * 80, 1),
        ("€" * 81, 2),
        ("ж" * 70, 1),
        ("ж" * 71, 2),
        ("😀" * 35, 1),
        ("😀" * 36, 2),
    ],
)
def test_a_text_message_is_counted_in_parts(text: str, parts: int) -> None:
    assert sms_parts(text) == parts


def test_marks_and_invisible_characters_do_not_count() -> None:
    assert characters("e\u0301t\u200be\u0301") == 3


@pytest.mark.parametrize(
    ("text", "targets"),
    [
        ("See https://example.com/a?b=1.", ["example.com/a?b=1"]),
        ("(www.Example.com/)", ["example.com"]),
        ("bit.ly/3xyz!", ["bit.ly/3xyz"]),
        ("javascript://x", ["javascript://x"]),
        ("ехample.com", ["xn--ample-ywe6i.com"]),
        ("mail bob@example.com", []),
        ("Stop.Then go, e.g. home", []),
    ],
)
def test_addresses_are_found(text: str, targets: list[str]) -> None:
    assert [link.target for link in links(text)] == targets


def test_scheme_www_and_closing_slash_do_not_make_another_target() -> None:
    assert len({target_of(a) for a in ("https://example.com/x/", "http://www.EXAMPLE.com/x", "example.com/x")}) == 1
    assert target_of("https://example.com/X") != target_of("https://example.com/x")


@pytest.mark.slow
@given(st.text(max_size=80))
def test_any_text_has_links_within_it(text: str) -> None:
    assert all(0 <= link.start < link.end <= len(text) for link in links(text))


@pytest.mark.parametrize(
    ("text", "counted"),
    [("Mugs", 4), ("春の新作", 8), ("한국어", 6), ("ﾊﾟﾝ", 3), ("Ａ1", 3), ("ที่นี่", 6), ("é", 1), ("e\u0301", 2), ("", 0)],
)
def test_an_ad_counts_wide_letters_twice_and_every_mark(text: str, counted: int) -> None:
    assert columns(text) == counted
