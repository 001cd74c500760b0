"""A calendar file says what was given and nothing else, whatever stands in a title (RFC 5545)."""

import re
from datetime import UTC, date, datetime, timedelta, timezone

import pytest
from hypothesis import given
from hypothesis import strategies as st

from presscheck.documents.icalendar import Item, escaped, folded, icalendar

NOW = datetime(2026, 3, 2, 9, tzinfo=UTC)
ANYTHING = st.text(st.characters(exclude_categories=("Cs",)))


def unfolded(text: str) -> list[str]:
    """The lines as a reader puts them together (3.1)."""
    assert text.endswith("\r\n")
    return text.replace("\r\n ", "").split("\r\n")[:-1]


def unescaped(value: str) -> str:
    return re.sub(r"\\(.)", lambda found: "\n" if found[1] in "nN" else found[1], value)


def values(text: str, name: str) -> list[str]:
    return [unescaped(line.removeprefix(f"{name}:")) for line in unfolded(text) if line.startswith(f"{name}:")]


@given(title=ANYTHING, said=ANYTHING)
def test_whatever_a_title_says_it_stays_one_title_of_one_item(title: str, said: str) -> None:
    text = icalendar([Item("R-1", title, NOW, said=said or "x")], name=title, now=NOW)

    lines = unfolded(text)
    names = [re.split("[:;]", line)[0] for line in lines]
    assert names.count("BEGIN") == names.count("END") == 2
    assert names.count("SUMMARY") == names.count("DESCRIPTION") == names.count("UID") == 1
    assert not {"VALARM", "ATTENDEE", "ATTACH", "URL"} & set(names)
    assert all(len(line.encode()) <= 75 for line in text.split("\r\n"))
    assert "\n" not in text.replace("\r\n", "")
    assert "\r" not in text.replace("\r\n", "")


@given(title=st.text(st.characters(exclude_categories=("Cs", "Cc"))))
def test_a_reader_gets_the_words_back(title: str) -> None:
    assert values(icalendar([Item("R-1", title, NOW)], name="Mine", now=NOW), "SUMMARY") == [title]


@given(line=st.text(st.characters(exclude_categories=("Cs", "Cc")), min_size=1))
def test_folding_loses_nothing_and_cuts_no_character(line: str) -> None:
    text = folded(line)

    assert unfolded(text) == [line]
    assert all(len(piece.encode()) <= 75 for piece in text.split("\r\n"))


@pytest.mark.parametrize(
    ("given", "written"),
    [
        ("a;b,c\\d", "a\\;b\\,c\\\\d"),
        ("one\r\ntwo\rthree\nfour", "one\\ntwo\\nthree\\nfour"),
        ("a\x00\x1b\x7fb", "a   b"),
    ],
)
def test_what_stands_for_something_else_is_escaped(given: str, written: str) -> None:
    assert escaped(given) == written


def test_a_moment_is_in_utc_and_a_day_is_whole() -> None:
    moment = datetime(2026, 3, 2, 9, 30, tzinfo=timezone(timedelta(hours=5, minutes=30)))

    lines = unfolded(icalendar([Item("a", "A", moment), Item("b", "B", date(2026, 12, 31))], name="Mine", now=NOW))

    assert "DTSTART:20260302T040000Z" in lines
    assert [one for one in lines if "VALUE=DATE:" in one] == [
        "DTSTART;VALUE=DATE:20261231",
        "DTEND;VALUE=DATE:20270101",
    ]


def test_an_address_cannot_end_its_line() -> None:
    [url] = values(icalendar([Item("a", "A", NOW, url="https://x.example/a\r\nATTACH:b")], name="M", now=NOW), "URL")

    assert url == "https://x.example/aATTACH:b"
