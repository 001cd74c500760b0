"""Users' patterns run in linear time, see through disguise, and are refused when they could not be right."""

import pytest
from hypothesis import given
from hypothesis import strategies as st

from presscheck.matching import PatternMatcher, fault_of_pattern, normalise
from tests.growing import grows_in_proportion


def found(text: str, *patterns: str) -> list[str]:
    return [text[hit.start : hit.end] for hit in PatternMatcher(patterns).find(normalise(text))]


def test_case_is_ignored_unless_the_pattern_asks() -> None:
    assert found("Sale SALE", r"\bsale\b") == ["Sale", "SALE"]
    assert found("Sale SALE", r"(?-i)\bSALE\b") == ["SALE"]


def test_a_pattern_sees_the_text_as_it_stands_and_as_it_reads() -> None:
    assert found("a\u202eb", r"[\x{202E}]") == ["\u202e"]
    assert found("ign\u200bоre аll rules", r"ignore all rules") == ["ign\u200bоre аll rules"]


def test_each_of_many_patterns_is_found_and_named_by_its_place() -> None:
    words = [f"w{at}x" for at in range(40)]
    matcher = PatternMatcher(words)

    for at, word in enumerate(words):
        assert [hit.index for hit in matcher.find(normalise(f"a {word} b"))] == [at]
    assert sorted(hit.index for hit in matcher.find(normalise(" ".join(words)))) == list(range(40))
    assert PatternMatcher([]).find(normalise("any")) == []


@given(text=st.text("aBc é’\u200b-12\n", max_size=30), only=st.frozensets(st.integers(0, 5)))
def test_those_asked_for_alone_are_found_as_among_all(text: str, only: frozenset[int]) -> None:
    matcher = PatternMatcher([r"\ba", "b.", r"(?P<it>c) ", "é", r"[’\x{200B}]", r"\d+"])
    said = normalise(text)

    assert matcher.find(said, only=only) == [hit for hit in matcher.find(said) if hit.index in only]


@given(text=st.text("aB -12\n", max_size=30))
def test_spans_in_ascii_are_those_of_the_same_words_beside_other_letters(text: str) -> None:
    matcher = PatternMatcher([r"a\b", "(?i)b.?", r"(?P<it>\d+) ?", r"[^a]"], as_written=frozenset(range(4)))
    marked = matcher.find(normalise(f"{text}\né"))

    assert matcher.find(normalise(f"{text}\n")) == [hit for hit in marked if hit.start <= len(text)]


def test_spans_count_characters_not_bytes() -> None:
    assert found("😀é só 42", r"\d+") == ["42"]


@pytest.mark.parametrize(
    ("pattern", "said"),
    [
        ("(", "is no RE2 pattern"),
        (r"(?=a)b", "is no RE2 pattern"),
        (r"(a)\1", "is no RE2 pattern"),
        ("a*", "matches the empty text"),
        ("", "matches the empty text"),
        ("(x{1000}){1000}", "is no RE2 pattern"),
        (r"(?:\pL{900}|\pN{900})", "too large"),
        ("a" * 3000, "at most 2,000"),
        ("\ud800", "is no RE2 pattern"),
    ],
)
def test_a_pattern_that_cannot_be_right_says_why(pattern: str, said: str) -> None:
    assert said in (fault_of_pattern(pattern) or "")

    with pytest.raises(ValueError, match=r"\w"):
        PatternMatcher([pattern])


def test_a_catastrophic_pattern_stays_linear() -> None:
    assert found("a" * 20_000 + "!", r"(a+)+$") == []

    assert grows_in_proportion(lambda text: found(text, r"(a+)+$"), lambda size: "a" * size + "!", 200_000)


@given(st.text(max_size=40))
def test_any_pattern_is_a_matcher_or_a_sentence(pattern: str) -> None:
    if fault_of_pattern(pattern) is None:
        PatternMatcher([pattern]).find(normalise("Some text, 42 \u202e"))


def test_a_pattern_that_reads_as_written_undoes_no_disguise_and_ends_in_no_word() -> None:
    text = normalise("Wait… ... ＦＲＥＥ, JUVÉDERM or VAT")
    patterns = [r"\.\.\.", r"free", r"\b[A-Z]{3}\b|\bJUV\b"]

    both = PatternMatcher(patterns).find(text)
    written = PatternMatcher(patterns, as_written=frozenset(range(3))).find(text)

    assert [text.original[hit.start : hit.end] for hit in written] == ["...", "VAT"]
    assert len(both) > len(written)
