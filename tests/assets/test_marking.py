"""Marking: whatever spans and texts come in, words come out once, escaped, with all that was found in them."""

import re
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from presscheck.assets.marking import Passage, marked, marked_rows, shown_findings, stretches
from presscheck.cleaning import clean_text
from presscheck.models import Finding, Level

_OURS = re.compile(r'</?mark(?: class="(?:block|review|note)" title="[^"<>]*")?>')
SPANS = st.lists(st.tuples(st.integers(-5, 90), st.integers(-5, 90)), max_size=6)


def finding(span: tuple[int, int], level: Level = "block", message: str = 'say "<b>"') -> Finding:
    return Finding(rule="brand.x", version="0" * 64, level=level, field="body", span=span, message=message)


@given(st.text(max_size=80), SPANS)
def test_no_markup_but_ours_comes_out(text: str, spans: Any) -> None:
    rest = _OURS.sub("", str(marked(text, [finding(span) for span in spans])))

    assert "<" not in rest
    assert ">" not in rest


@given(st.text(alphabet="abc \n", max_size=80), SPANS)
def test_every_word_is_there_once_with_each_finding_that_stands_on_it(text: str, spans: Any) -> None:
    cut = [*stretches(text, [finding(span) for span in spans])]

    sound = [span if 0 <= span[0] < span[1] <= len(text) else (0, 0) for span in spans]
    expected = [{at for at, (start, end) in enumerate(sound) if start <= place < end} for place in range(len(text))]
    assert "".join(one.text for one in cut) == clean_text(text)
    assert [set(one.found) for one in cut for _ in one.text] == expected


def test_words_of_a_finding_are_marked_with_its_message() -> None:
    out = str(marked("the best & only", [finding((4, 8))]))

    assert out == ('the <mark class="block" title="say &#34;&lt;b&gt;&#34; (brand.x)">best</mark> &amp; only')


def test_where_findings_overlap_the_mark_is_of_the_gravest_and_says_both() -> None:
    out = str(marked("abcdef", [finding((0, 4), "note", "first"), finding((2, 6), "block", "second")]))

    assert out == (
        '<mark class="note" title="first (brand.x)">ab</mark>'
        '<mark class="block" title="second (brand.x)\nfirst (brand.x)">cd</mark>'
        '<mark class="block" title="second (brand.x)">ef</mark>'
    )


@pytest.mark.parametrize(("hidden", "told"), [("\u200b", "[U+200B]"), ("\ud800", "[U+D800]"), ("\u202e", "[U+202E]")])
def test_a_finding_on_what_nobody_sees_is_seen(hidden: str, told: str) -> None:
    assert f">{told}</mark>" in str(marked(f"Fr{hidden}ee", [finding((2, 3))]))


def test_findings_of_all_parts_are_numbered_by_gravity_where_they_end() -> None:
    shown = shown_findings(
        [
            ("Subject", "Best ever", [finding((0, 4), "review")]),
            ("Text", "so good", [finding((3, 7)), finding((0, 7), "note")]),
        ]
    )

    assert [[one["numbers"] for one in part["words"]] for part in shown["parts"]] == [["2", ""], ["", "1,3"]]
    assert [(one["part"], one["level"]) for one in shown["findings"]] == [
        ("Text", "block"),
        ("Subject", "review"),
        ("Text", "note"),
    ]


CELLS = st.text(alphabet="ab", max_size=3)
TABLES = st.lists(st.lists(CELLS, min_size=2, max_size=2), min_size=1, max_size=3)


@given(
    TABLES,
    st.lists(st.tuples(st.integers(0, 24), st.integers(1, 12)), max_size=3),
    st.tuples(st.integers(0, 24), st.integers(1, 9)),
)
def test_of_a_table_each_character_is_marked_as_it_is_in_the_table_s_text(table: Any, said: Any, found: Any) -> None:
    text = "\n".join("\t".join(row) for row in table)
    passages = [Passage((start, start + length), at) for at, (start, length) in enumerate(said, 1)]
    findings = [finding((found[0], found[0] + found[1]))]

    rows = marked_rows(table, findings, passages)

    assert [row.at for row in rows] == [
        len("\n".join("\t".join(row) for row in [*table[:at], [""]])) for at in range(len(table))
    ]
    assert [_marks(str(cell)) for row in rows for cell in row.cells] == [
        [(text[at], *_about(at, passages, findings)) for at in range(begin, begin + len(cell))]
        for begin, cell in _cells(table)
    ]
    ends = {one.number for one in passages if one.span[1] <= len(text) and text[one.span[1] - 1] not in "\t\n"}
    shown = {
        int(number)
        for row in rows
        for cell in row.cells
        for numbers in re.findall('data-numbers="([0-9,]+)"', cell)
        for number in numbers.split(",")
    }
    assert shown == ends


def _cells(table: Any) -> Any:
    at = 0
    for row in table:
        for cell in row:
            yield at, cell
            at += len(cell) + 1


def _about(at: int, passages: Any, findings: Any) -> tuple[list[int], bool]:
    said = [one.number for one in passages if one.span[0] <= at < one.span[1]]
    return said, any(one.span[0] <= at < one.span[1] for one in findings)


def _marks(cell: str) -> list[tuple[str, list[int], bool]]:
    """Each character of a cell, with the comments and whether a finding stands on it."""
    out: list[tuple[str, list[int], bool]] = []
    said: list[list[int]] = []
    for tag, character in re.findall(r"(</?mark[^>]*>)|(.)", cell):
        if tag == "</mark>":
            said.pop()
        elif tag:
            said.append([int(one) for one in re.findall(r"comment (\d+)", tag)] or [0])
        else:
            here = [one for mark in said for one in mark]
            out.append((character, [one for one in here if one], 0 in here))
    return out
