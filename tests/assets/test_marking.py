"""Marking: whatever spans and texts come in, words come out once, escaped, with all that was found in them."""

import re
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from presscheck.assets.marking import marked, shown_findings, stretches
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
