"""A text without the words that a pattern requires is none that the pattern matches."""

import unicodedata
from importlib import import_module
from typing import Any

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from presscheck.matching import PhraseMatcher, normalise
from presscheck.matching.glance import Glance, conditions
from presscheck.matching.normal import Reading
from presscheck.matching.patterns import PatternMatcher
from presscheck.matching.prefilter import FOLDED_INTO_ASCII, Automaton, Sets
from presscheck.matching.required import bare, required
from presscheck.matching.widening import NUMBERS, bytes_of, widened

_re2: Any = import_module("re2")


@pytest.mark.parametrize(
    ("pattern", "sets"),
    [
        (r"\bsave (?:up to|over) \d+", [{" save up to 0", " save over 0"}, {"0"}]),
        (r"(?:cures?|heals?) (?:\w+ ){0,2}(?:arthritis|flu)\b", [
            {"cure ", "cures ", "heal ", "heals "}, {"arthritis ", "flu "},
        ]),
        (r"don[’']t\s+miss", [{"don t miss"}]),
        (r"fr[e3]{2}", [{"free", "fre0", "fr0e", "fr00"}]),
        (r"(?:ab)+c", [{"ab"}, {"abc"}]),
        (r"a{2,3}b", [{"aab", "aaab"}]),
        (r"sale|[!?]{2}", []),
        (r"[^a]*", []),
    ],
)  # fmt: skip
def test_words_that_a_pattern_requires_are_told(pattern: str, sets: list[set[str]]) -> None:
    assert [set(some) for some in required(pattern, literal=False)] == sets


def test_where_case_counts_a_class_without_small_letters_has_capitals_in_it() -> None:
    matcher = PatternMatcher(["(?-i)Prime[^a-z]"])

    assert [hit.start for hit in matcher.find(normalise("PrimeTime for all"))] == [0]


def test_in_a_text_as_it_stands_a_letter_beyond_ascii_and_an_edge_say_nothing() -> None:
    assert required(r"\bcaf\x{e9} bar\b", literal=True) == (frozenset({"caf"}), frozenset({" bar"}))


def test_of_bare_words_one_space_is_left_between_two() -> None:
    assert bare("Save—now,  10% (really)") == b" save now 00 really "


_ATOMS = st.sampled_from([
    "a", "S", "k", "é", "1", " ", "Ж", "#", ".", r"\.", r"\x41", r"\xe9", r"\n", r"\s", r"\S", r"\W", r"\w", r"\d",
    r"\b", r"\B", "[^é]", "[a-c]", "[é^]", "[ -]", "[’']", "[^a-f]", r"[^\p{P}]", "[01]", r"[\W1]", r"\Qa.\E", "^",
])  # fmt: skip
_TIMES = st.sampled_from(["", "", "", "", "?", "+", "*", "{2}", "{0,3}", "{1,9}", "+?"])
_FORMS = st.recursive(
    st.tuples(_ATOMS, _TIMES).map("".join),
    lambda inner: st.tuples(
        st.sampled_from(["(?:", "(", "(?P<it>", "(?i:", "(?-i:"]),
        st.lists(st.lists(inner, min_size=1, max_size=3).map("".join), min_size=1, max_size=3).map("|".join),
        _TIMES,
    ).map(lambda said: f"{said[0]}{said[1]}){said[2]}"),
    max_leaves=6,
)


@given(
    st.sampled_from(["", "", "(?-i)", "(?s)", "(?m)"]),
    st.lists(_FORMS, min_size=1, max_size=4).map("".join).filter(lambda form: form.count("<it>") < 2),
    st.lists(st.text("aAsSkKéÉЖ1# \n\x0b\x1c-’€²\u200b.bc", max_size=24), min_size=8, max_size=8),
)
@settings(max_examples=300, deadline=None)
@pytest.mark.slow
def test_law_no_text_that_a_pattern_matches_lacks_what_it_requires(flags: str, form: str, texts: list[str]) -> None:
    pattern = f"{flags}{form}"
    searched = _re2.compile(f"(?i){pattern}")

    def lacks(reading: Reading, words: bytes, *, literal: bool) -> bool:
        if searched.search(reading.text) is None:
            return False
        return any(all(one.encode() not in words for one in some) for some in required(pattern, literal=literal))

    for text in texts:
        read = normalise(text)
        for reading in filter(None, (read.folded, read.parted)):
            assert not lacks(reading, bare(reading.text), literal=False)
        if not any(sign in text for sign in FOLDED_INTO_ASCII):
            assert not lacks(Reading(text), bare(read.folded.text), literal=True)


@given(st.text("lead-fr_e 3•🎁™.trialFRÉ\n*", max_size=30))
@settings(max_examples=300)
def test_phrases_that_a_glance_told_are_those_of_a_full_pass(text: str) -> None:
    phrases = ["free trial", "lead-free", "trial*", "3", "é", "fr e", "•", "e-f*"]
    matcher = PhraseMatcher(phrases)
    read = normalise(text)
    full = matcher.among(read, dict.fromkeys(range(len(phrases)), 10**9), disguised=True)

    assert matcher.find(read) == full


def test_a_glance_names_what_has_all_that_it_needs() -> None:
    told = conditions(r"\btrampoline[^.]{0,40}\bkangaroo\b", literal=False)
    assert told is not None
    glance = Glance([" zebra "], {7: told})

    assert glance.at(bare("A zebra, a zebra!")) == ({0: 2}, [])
    assert glance.at(bare("zebras on a trampoline with a kangaroo")) == ({}, [7])
    assert glance.at(bare("nothing")) == ({}, ())


@given(st.integers(0, 0x10FFFF), st.integers(0, 5_000), st.integers(-5_100, 5_100))
def test_the_bytes_of_a_range_are_those_of_its_characters_alone(first: int, more: int, beside: int) -> None:
    last = min(first + more, 0x10FFFF)
    code = max(0, min(first + beside, 0x10FFFF))
    if 0xD800 <= code <= 0xDFFF:
        return
    matched = import_module("re").fullmatch(bytes_of([(first, last)]).encode(), chr(code).encode())

    assert (matched is not None) == (first <= code <= last)


def test_every_figure_of_unicode_lies_in_the_ranges_of_figures() -> None:
    figures = [at for at in range(0x110000) if unicodedata.category(chr(at)).startswith("N")]

    assert [at for at in figures if not any(first <= at <= last for first, last in NUMBERS)] == []


@pytest.mark.parametrize(
    "pattern", [r"[★⭐]{3}", r"(?-i)â€[™œ]", r"[\p{Co}\x{200B}]", r"\pN", r"(?:\A|[^\w])%x", r"\b[a-z]{9}"]
)
def test_signs_that_are_named_one_by_one_are_found_and_no_others(pattern: str) -> None:
    exact, quick = Sets([pattern]), Automaton([pattern])

    for text in ("★⭐★", "â€™", "\ue000", "a\u200b", "²", "%x", "y%x", "a lighthouse", "é", "★", "—", "x"):
        assert not exact.match(text) or quick.match(text)
    assert not quick.match("é — … ’")
    assert widened(pattern).isascii()
