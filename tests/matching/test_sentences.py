"""A text is split into its sentences and words, whatever is written in it."""

from collections.abc import Callable
from itertools import pairwise

import pytest
from hypothesis import given
from hypothesis import strategies as st

from presscheck.matching.sentences import long_sentences, sentences, words
from tests.growing import grows_in_proportion


def split(text: str) -> list[str]:
    return [span.of(text) for span in sentences(text)]


@pytest.mark.parametrize(
    ("text", "expected"),
    [
        ("It works. It lasts! Does it? Yes.", ["It works.", "It lasts!", "Does it?", "Yes."]),
        ("Dr. Smith paid $3.50. He left.", ["Dr. Smith paid $3.50.", "He left."]),
        ("J. R. R. Tolkien wrote it. We read it.", ["J. R. R. Tolkien wrote it.", "We read it."]),
        ("U.S. prices fell. We live in the U.S. They do.", ["U.S. prices fell.", "We live in the U.S.", "They do."]),
        ("It is No. 5 of ten. He said no. We left.", ["It is No. 5 of ten.", "He said no.", "We left."]),
        ("Wait… what? And then... Nothing.", ["Wait… what?", "And then...", "Nothing."]),
        ('"Stop!" he said. "Go." She went.', ['"Stop!" he said.', '"Go."', "She went."]),
        ("New in! 🎉 Shop now.", ["New in! 🎉", "Shop now."]),
        ("Big sale\nShop now\n\n- one\n- two", ["Big sale", "Shop now", "- one", "- two"]),
        ("1. Open it. 2. Use it.", ["1. Open it.", "2. Use it."]),
        (
            "You will learn: 1. How. 2. Why. It costs 5. Yes.",
            ["You will learn: 1. How.", "2. Why.", "It costs 5.", "Yes."],
        ),
        (
            "Am 3. Mai ist es so, z. B. hier, z.B. da. Nr. 7 lebt.",
            ["Am 3. Mai ist es so, z. B. hier, z.B. da.", "Nr. 7 lebt."],
        ),
        ("Mme. Dupont est là. M. Durand aussi.", ["Mme. Dupont est là.", "M. Durand aussi."]),
        ("¿Qué tal? ¡Vamos! El Sr. López llegó.", ["¿Qué tal?", "¡Vamos!", "El Sr. López llegó."]),
        ("Il sig. Rossi arriva. Ecco, p. 5.", ["Il sig. Rossi arriva.", "Ecco, p. 5."]),
        ("Dat is bijv. Amsterdam. Mooi.", ["Dat is bijv. Amsterdam.", "Mooi."]),
        ("O Sr. Silva chegou. Bom dia.", ["O Sr. Silva chegou.", "Bom dia."]),
        ("", []),
        (" \n\n ", []),
    ],
)
def test_a_text_is_split_into_sentences(text: str, expected: list[str]) -> None:
    assert split(text) == expected


def test_a_line_that_was_wrapped_goes_on_in_the_next() -> None:
    text = "This is a line that was wrapped at the width of a page by the program of\nMicrosoft and goes on. Next."

    assert len(split(text)) == 2


def test_words_hold_their_apostrophes_hyphens_and_decimals() -> None:
    text = "Don't pay 1,299.50 for well-made cafe\u0301s; l'été's over_there."

    assert [span.of(text) for span in words(text)] == [
        "Don't", "pay", "1,299.50", "for", "well-made", "cafe\u0301s", "l'été's", "over", "there",
    ]  # fmt: skip


def test_only_a_sentence_with_more_words_is_long() -> None:
    text = "One two three. One two three four."

    assert [span.of(text) for span in long_sentences(text, 3)] == ["One two three four."]


@given(st.text(st.characters(codec=None, categories=None), max_size=300))
def test_sentences_and_words_lie_in_the_text_in_order_and_lose_no_word(text: str) -> None:
    found = sentences(text)

    assert all(0 <= one.start < one.end <= len(text) for one in found)
    assert all(one.end <= other.start for one, other in pairwise(found))
    assert all(any(one.start <= word.start < one.end for one in found) for word in words(text))


@pytest.mark.parametrize(
    "piece", ["It is. ", ".", ".)", "a\n", "🎉", "! 🎉 ", "\n", "' ", "a-", "A.B. ", "1.", "e\u0301"]
)
@pytest.mark.parametrize("look", [sentences, words])
def test_a_look_is_linear_in_the_text(piece: str, look: Callable[[str], object]) -> None:
    assert grows_in_proportion(look, lambda size: piece * (size // len(piece)) + "a", 100_000)
