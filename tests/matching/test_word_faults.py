"""Words said twice, wrong capitals and the passive voice are found; what only looks so is left alone."""

from collections.abc import Callable

import pytest
from hypothesis import given
from hypothesis import strategies as st

from presscheck.matching.passive import passive_voice
from presscheck.matching.sentences import Span
from presscheck.matching.word_faults import capitalisation_faults, repeated_words
from tests.growing import grows_in_proportion


def shown(text: str, spans: tuple[Span, ...]) -> list[str]:
    return [span.of(text) for span in spans]


@pytest.mark.parametrize(
    ("text", "expected"),
    [
        ("Paris in the the spring", ["the the"]),
        ("Paris in the\n  the spring", ["the\n  the"]),
        ("The the end, AND AND then", ["The the", "AND AND"]),
        ("wir haben haben", ["haben haben"]),
        ("it had had a long, long day; bye bye", []),
        ("Bora Bora, New York New York, 5 5", []),
        ("sehr sehr gut, die, die das wissen; nous nous voyons", []),
        ("at the end\n\nend of story", []),
        ("Icebreaker icebreaker.com", []),
        ("the theatre", []),
    ],
)
def test_a_word_said_twice_is_found(text: str, expected: list[str]) -> None:
    assert shown(text, repeated_words(text)) == expected


@pytest.mark.parametrize(
    ("text", "expected"),
    [
        ("The book was written by him.", ["was written"]),
        ("It has not been properly tested.", ["been properly tested"]),
        ("They're being watched; you will get paid.", ["They're being watched", "get paid"]),
        ("We are excited by the change.", ["are excited"]),
        ("It is red. We are excited. She's tired. They are used to it. It is unmatched.", []),
        ("I wrote it. It has worked.", []),
    ],
)
def test_the_passive_of_english_is_found(text: str, expected: list[str]) -> None:
    assert shown(text, passive_voice(text)) == expected


@pytest.mark.parametrize(
    ("text", "expected"),
    [
        ("Das Haus wird gebaut.", ["wird gebaut"]),
        ("Die Ware wurde gestern verschickt, und sie wird abgeholt.", ["wurde gestern verschickt", "wird abgeholt"]),
        ("Das wurde uns angeboten.", ["wurde uns angeboten"]),
        ("Du wirst es genießen. Es wird morgen regnen. Wir werden gewinnen. Er wird beliebt.", []),
    ],
)
def test_the_passive_of_german_is_found(text: str, expected: list[str]) -> None:
    assert shown(text, passive_voice(text, "de")) == expected


def test_no_passive_is_told_in_a_language_whose_passive_is_not_known() -> None:
    assert passive_voice("The book was written.", "it") == ()


@pytest.mark.parametrize(
    ("text", "style", "expected"),
    [
        ("How to Win the War of Words", "title", []),
        ("How To Win the war", "title", ["To", "war"]),
        ("A Walk With NASA and iPhone Users", "title", []),
        ("This is a heading about NASA and why I like it", "sentence", []),
        ("this Is wrong", "sentence", ["this", "Is"]),
        ("all lower Case", "lower", ["Case"]),
        ("ALL UPPER Case", "upper", ["Case"]),
    ],
)
def test_capitals_of_a_heading(text: str, style: str, expected: list[str]) -> None:
    assert shown(text, capitalisation_faults(text, style)) == expected  # type: ignore[arg-type]


def test_chicago_keeps_long_prepositions_small_and_ap_does_not() -> None:
    assert shown("A Walk with Friends", capitalisation_faults("A Walk with Friends", "title")) == ["with"]


def test_exceptions_of_several_words_and_indicators_are_right() -> None:
    text = "Note: This is Google Cloud for you"

    assert capitalisation_faults(text, "sentence", ["Google Cloud"], indicators=[":"]) == ()
    assert shown(text, capitalisation_faults(text, "sentence")) == ["This", "Google", "Cloud"]


def test_with_a_threshold_a_few_wrong_words_are_let_pass() -> None:
    text = "One two three four Five"

    assert capitalisation_faults(text, "sentence", threshold=0.8) == ()
    assert len(capitalisation_faults(text, "sentence", threshold=0.9)) == 1


FINDERS: list[Callable[[str], object]] = [
    repeated_words,
    passive_voice,
    lambda text: passive_voice(text, "de"),
    lambda text: capitalisation_faults(text, "title", ["A b"], indicators=[":"]),
    lambda text: capitalisation_faults(text, "sentence"),
]


@given(st.text(st.characters(codec=None, categories=None), max_size=200), st.sampled_from(range(len(FINDERS))))
def test_what_is_found_lies_in_any_text(text: str, finder: int) -> None:
    found = FINDERS[finder](text)

    assert all(0 <= one.start < one.end <= len(text) for one in found)  # type: ignore[attr-defined]


@pytest.mark.parametrize("piece", ["the ", "is really ", "wird ", "Aa", "a\n", "is is ", "it's ", "a-", "🎉", ", "])
@pytest.mark.parametrize("finder", range(len(FINDERS)))
def test_each_finder_is_linear_in_the_text(piece: str, finder: int) -> None:
    assert grows_in_proportion(FINDERS[finder], lambda size: piece * (size // len(piece)), 100_000)
