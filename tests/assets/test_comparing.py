"""Comparing: whatever texts come in, words come out once, escaped, with our own tags only."""

import re

from hypothesis import given
from hypothesis import strategies as st

from presscheck.assets.comparing import beside, changed, in_plain
from presscheck.cleaning import clean_text

_OURS = re.compile(r"</?(?:ins|del)>")


def _words(markup: str) -> str:
    return _OURS.sub("", markup)


@given(st.text(alphabet="abc <>&\n", max_size=60), st.text(alphabet="abc <>&\n", max_size=60))
def test_change_shows_both_sides_and_no_markup_but_ours(before: str, after: str) -> None:
    out = str(changed(before, after))

    assert "<" not in _words(out)
    without_gone = re.sub(r"<del>.*?</del>", "", out, flags=re.DOTALL)
    plain = _words(without_gone).replace("&lt;", "<").replace("&gt;", ">").replace("&amp;", "&")
    assert plain == clean_text(after)


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
