"""Marking: whatever spans and texts come in, words come out once, escaped, with our own tags only."""

import re
from typing import Any

from hypothesis import given
from hypothesis import strategies as st

from presscheck.assets.comparing import beside, changed, in_plain, marked
from presscheck.cleaning import clean_text
from presscheck.models import Finding

_OURS = re.compile(r'</?(?:ins|del|mark)(?: class="(?:block|review|note)" title="[^"<>]*")?>')


def _finding(span: tuple[int, int]) -> Finding:
    return Finding(rule="brand.x", version="0" * 64, level="block", field="body", span=span, message='say "<b>"')


def _words(markup: str) -> str:
    return _OURS.sub("", markup)


@given(st.text(max_size=80), st.lists(st.tuples(st.integers(-5, 90), st.integers(-5, 90)), max_size=6))
def test_every_word_is_there_once_and_no_markup_but_ours(text: str, spans: Any) -> None:
    out = str(marked(text, [_finding(span) for span in spans]))

    rest = _words(out)
    assert "<" not in rest
    assert ">" not in rest


@given(st.text(alphabet="abc <>&\n", max_size=60), st.text(alphabet="abc <>&\n", max_size=60))
def test_change_shows_both_sides_and_no_markup_but_ours(before: str, after: str) -> None:
    out = str(changed(before, after))

    assert "<" not in _words(out)
    without_gone = re.sub(r"<del>.*?</del>", "", out, flags=re.DOTALL)
    plain = _words(without_gone).replace("&lt;", "<").replace("&gt;", ">").replace("&amp;", "&")
    assert plain == clean_text(after)


def test_words_of_a_finding_are_marked_with_its_message() -> None:
    out = str(marked("the best & only", [_finding((4, 8))]))

    assert out == ('the <mark class="block" title="say &#34;&lt;b&gt;&#34; (brand.x)">best</mark> &amp; only')


def test_overlapping_findings_are_drawn_once() -> None:
    out = str(marked("abcdef", [_finding((0, 4)), _finding((2, 6))]))

    assert out.count("<mark") == 1
    assert _words(out) == "abcdef"


_FEW_WORDS = st.lists(st.sampled_from(["a", "mug", "for", "the", "road", "\n\n"]), max_size=40).map(" ".join)


@given(_FEW_WORDS, _FEW_WORDS)
def test_two_versions_beside_each_other_hold_every_word_of_both(before: str, after: str) -> None:
    old, new = beside(before, after)

    assert (_words(str(old)), _words(str(new))) == (clean_text(before), clean_text(after))


def test_words_that_changed_together_are_shown_together() -> None:
    assert in_plain("A mug for the road, warm.", "A big mug for roads, warm.") == (
        "A {+big +}mug for [-the road, -]{+roads, +}warm."
    )


def test_texts_of_one_word_over_and_over_are_compared_too() -> None:
    # difflib took 5 s for these; longer ones would have stopped the page.
    old, new = beside("a " * 4_000, "b a " * 4_000)

    assert str(new).count("<ins>") == 4_000
    assert "<del>" not in str(old)
