"""Counts and formulas of reading level, and formulas that users write over the counts."""

import pytest
from hypothesis import given
from hypothesis import strategies as st

from presscheck.matching.reading import FORMULAS, Counts, count, evaluate, formula_of
from presscheck.matching.syllables import syllables
from tests.growing import grows_in_proportion

TEXT = "The cat sat on the mat. It was a beautiful, sunny day.\n\nEverybody liked it."
COUNTS = Counts(
    characters=400, words=100, sentences=5, paragraphs=2, syllables=150, complex_words=10, long_words=20,
    polysyllabic_words=12,
)  # fmt: skip


@pytest.mark.parametrize(
    ("number", "several"),
    [
        (1, "the make walked shoes league queue tired stored goes"),
        (
            2,
            "table little wanted boxes apple centre running being flying science quiet people safely judges create",
        ),
        (3, "beautiful radio idea premium serious guaranteed easier theatre"),
        (4, "information experience society material situation reliable"),
    ],
)
def test_syllables_of_english(number: int, several: str) -> None:
    for word in several.split():
        assert syllables(word) == number, word


@pytest.mark.parametrize(
    ("language", "word", "number"),
    [
        ("de", "Familie", 4), ("de", "Reise", 2), ("de", "Theater", 3), ("fr", "petite", 2), ("fr", "parlent", 1),
        ("es", "día", 2), ("es", "bueno", 2), ("it", "paese", 3), ("nl", "mooi", 1), ("pt", "coração", 3),
    ],
)  # fmt: skip
def test_syllables_of_other_languages(language: str, word: str, number: int) -> None:
    assert syllables(word, language) == number


def test_a_text_is_counted() -> None:
    assert count(TEXT) == Counts(
        characters=56, words=15, sentences=3, paragraphs=2, syllables=21, complex_words=2, long_words=2,
        polysyllabic_words=2,
    )  # fmt: skip


def test_names_inflections_and_compounds_are_not_complex() -> None:
    assert count("They are visiting Alexandria with a state-of-the-art interested.").complex_words == 1


@pytest.mark.parametrize(
    ("name", "language", "value"),
    [
        ("flesch-reading-ease", "en", 206.835 - 1.015 * 20 - 84.6 * 1.5),
        ("Flesch-Reading-Ease", "de", 180 - 20 - 58.5 * 1.5),
        ("flesch-reading-ease", "sv", 206.835 - 1.015 * 20 - 84.6 * 1.5),
        ("flesch-kincaid", "en", 0.39 * 20 + 11.8 * 1.5 - 15.59),
        ("gunning-fog", "en", 0.4 * (20 + 10)),
        ("smog", "en", 1.0430 * (12 * 30 / 5) ** 0.5 + 3.1291),
        ("coleman-liau", "en", 0.0588 * 400 - 0.296 * 5 - 15.8),
        ("automated-readability", "en", 4.71 * 4 + 0.5 * 20 - 21.43),
        ("lix", "de", 20 + 20),
    ],
)
def test_the_published_formulas(name: str, language: str, value: float) -> None:
    assert evaluate(formula_of(name, language), COUNTS) == pytest.approx(value)


def test_every_known_formula_counts_a_text() -> None:
    assert all(isinstance(evaluate(formula, count(TEXT)), float) for formula in FORMULAS.values())


def test_a_formula_as_vale_writes_it_is_evaluated() -> None:
    formula = "math.sqrt(polysyllabic_words * (30.0 / sentences))\n  + 3.1291"

    assert evaluate(formula, COUNTS) == pytest.approx((12 * 6) ** 0.5 + 3.1291)
    assert evaluate("-words ** 2 % 7 + pow(2, 3)", COUNTS) == -(100**2) % 7 + 8


@pytest.mark.parametrize(
    ("formula", "fault"),
    [
        ("lines / words", "'lines' is not counted"),
        ("words.__class__", "no arithmetic"),
        ("__import__('os')", "there is no function"),
        ("words / (sentences - 5)", "divides by zero"),
        ("9 ** 9 ** 9", "out of range"),
        ("sqrt(-1)", "no such value"),
        ("sqrt(1, 2)", "takes 1"),
        ("words if 1 else 2", "no arithmetic"),
        ("'a'", "no arithmetic"),
        ("True", "no arithmetic"),
        ("", "no arithmetic"),
        ("(" * 400, "no arithmetic"),
        ("1+" * 600 + "1", "longer"),
    ],
)
def test_a_formula_that_is_none_is_refused_with_the_reason(formula: str, fault: str) -> None:
    with pytest.raises(ValueError, match=fault):
        evaluate(formula, COUNTS)


@given(st.text(max_size=60) | st.text("words+-*/()123.** sqrt,", max_size=40))
def test_no_formula_does_anything_but_count(formula: str) -> None:
    try:
        value = evaluate(formula, COUNTS)
    except ValueError:
        return
    assert isinstance(value, float)


@given(st.text(st.characters(codec=None, categories=None), max_size=200), st.sampled_from(["en", "de", "fr", "sv"]))
def test_any_text_is_counted(text: str, language: str) -> None:
    found = count(text, language)

    assert found.syllables >= found.words >= found.long_words
    assert found.polysyllabic_words >= found.complex_words >= 0


@pytest.mark.parametrize("piece", ["unbelievable ", "a\n", "a-", "e", "iou", "It is. "])
def test_counting_is_linear_in_the_text(piece: str) -> None:
    assert grows_in_proportion(count, lambda size: piece * (size // len(piece)), 100_000)
