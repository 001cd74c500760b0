"""Figures are found with their value and unit, and only the same value and unit supports one."""

from collections.abc import Iterable
from dataclasses import replace

import pytest
import re2
from hypothesis import given, settings
from hypothesis import strategies as st

from presscheck.matching import FIGURE_WORDS, Figure, FigureWords, figures, may_be_figures, places_of_figures, states


def said(text: str) -> list[tuple[str, set[str], str]]:
    return [(text[f.start : f.end], set(f.values), f.unit) for f in figures(text)]


def unsupported(text: str, sources: Iterable[Figure]) -> list[Figure]:
    return [one for one in figures(text) if not any(states(source, one) for source in sources)]


@pytest.mark.parametrize(
    ("text", "expected"),
    [
        ("Save 20%", [("20%", {"20"}, "%")]),
        ("Save 20 per cent", [("20 per cent", {"20"}, "%")]),
        ("Ｓave ２０％", [("２０％", {"20"}, "%")]),
        ("$1,299.00", [("$1,299.00", {"1299"}, "USD")]),
        ("1.299,00 €", [("1.299,00 €", {"1299"}, "EUR")]),
        ("1'299 CHF", [("1'299 CHF", {"1299"}, "CHF")]),
        ("1.299", [("1.299", {"1299", "1.299"}, "")]),
        ("4,8 stars", [("4,8 stars", {"4.8"}, "star")]),
        ("4.8 out of 5", [("4.8", {"4.8"}, "")]),
        ("$12m raised, 12 m tall", [("$12m", {"12000000"}, "USD"), ("12 m", {"12"}, "m")]),
        ("10k users", [("10k users", {"10000"}, "user")]),
        ("40-hour battery", [("40-hour", {"40"}, "hour")]),
        ("-5 °C", [("5 °C", {"5"}, "°c")]),
        ("SAVE20", [("20", {"20"}, "")]),
        ("$49¹ and 20%²", [("$49", {"49"}, "USD"), ("20%", {"20"}, "%")]),
        ("(²⁰% off¹) ‑²⁰ left", [("²⁰%", {"20"}, "%"), ("²⁰", {"20"}, "")]),
        ("half price", [("half price", {"50"}, "%")]),
        ("nine out of ten", [("nine out of ten", {"9/10"}, "share")]),
        ("twice as warm", [("twice", {"2"}, "x")]),
        ("twenty-four months", [("twenty-four months", {"24"}, "month")]),
        ("thousands of hikers", [("thousands of", {"thousands"}, "many")]),
    ],
)
def test_a_figure_is_read(text: str, expected: list[tuple[str, set[str], str]]) -> None:
    assert said(text) == expected


@pytest.mark.parametrize("text", ["Open 24/7", "B2B, H2O, A4", "two good reasons", "One of us", "a 3-in-1 jacket"])
def test_idioms_names_and_counting_words_are_no_figures(text: str) -> None:
    assert figures(text) == ()


@pytest.mark.parametrize(
    ("text", "source", "supported"),
    [
        ("Save 20%", "20 percent off", True),
        ("Save $20", "20% off", False),
        ("Save 20", "20% off", False),
        ("Save 20%", "20 colours", False),
        ("For $129", "129.00 USD", True),
        ("For €129", "129.00 USD", False),
        ("1,299 reviews", "1299 reviews", True),
        ("Lasts 48", "Lasts 48 hours", True),
        ("Lasts 48 hours", "Lasts 48", False),
        ("Guaranteed for five years", "Guaranteed for 5 years", True),
        ("50% off", "half price", True),
    ],
)
def test_support_needs_the_same_value_and_unit(text: str, source: str, supported: bool) -> None:
    assert (unsupported(text, figures(source)) == []) is supported


@given(st.text(max_size=80))
def test_a_text_supports_its_own_figures(text: str) -> None:
    assert unsupported(text, figures(text)) == []


@given(st.text(st.sampled_from("0123456789.,' $€%kmx-/½²٣ "), max_size=40))
def test_spans_lie_within_the_text_and_hold_a_number(text: str) -> None:
    for figure in figures(text):
        assert 0 <= figure.start < figure.end <= len(text)
        assert figure.values


GERMAN = replace(
    FIGURE_WORDS,
    units=(*FIGURE_WORDS.units, ("year", ("jahre", "jahren")), ("pair", ("paar",))),
    numbers=(*FIGURE_WORDS.numbers, ("5", ("fünf",))),
    quantities=(("50 %", ("zum halben preis", "halb so")), ("2 x", ("doppelt so",))),
    idioms=(*FIGURE_WORDS.idioms, "7 sachen"),
)


@pytest.mark.parametrize(
    ("text", "expected"),
    [
        ("Fünf Jahre Garantie", [("Fünf Jahre", {"5"}, "year")]),
        ("Jetzt 20 Paar", [("20 Paar", {"20"}, "pair")]),
        ("halb so schwer, doppelt so warm", [("halb so", {"50"}, "%"), ("doppelt so", {"2"}, "x")]),
        ("Pack deine 7 Sachen", []),
        ("Now half price", []),
    ],
)
def test_a_policy_may_carry_words_of_its_own(text: str, expected: list[tuple[str, set[str], str]]) -> None:
    found = figures(text, GERMAN)

    assert [(text[one.start : one.end], set(one.values), one.unit) for one in found] == expected


@pytest.mark.parametrize("words", [FIGURE_WORDS, GERMAN, FigureWords(currencies=(), units=(), idioms=())])
@given(
    st.lists(
        st.sampled_from(
            ("a", "by", "in", "half", "price", "twice", "20", "%", "$", "Fünf", "jahre", "nine", "ten", "doppelt so")
        )
    )
)
def test_nothing_is_stated_in_words_where_none_of_them_may_stand(words: FigureWords, said: list[str]) -> None:
    text = " ".join(said)
    kinds = {one.kind for one in figures(text, words)}

    # RE2 is asked of the text as it stands or as it reads, in any case.
    assert ("words" not in kinds) or re2.search(may_be_figures("words", words), text.lower())
    assert {*places_of_figures(text, ("digits", "words"), words)} == {
        (one.start, one.end) for one in figures(text, words)
    }


@given(st.text(min_size=1, max_size=8).filter(str.strip), st.text(max_size=40))
@settings(max_examples=60, deadline=None)
def test_whatever_a_policy_calls_a_word_texts_are_read(word: str, text: str) -> None:
    own = FigureWords((("USD", (word,)),), (("x", (word,)),), (("5", (word,)),), (("5 x", (word,)),), (word,))
    said = f"{text} {word} 20 {word}"

    assert all(0 <= one.start < one.end <= len(said) for one in figures(said, own))
    assert re2.compile(may_be_figures("words", own)) is not None
