"""One pass over many patterns leaves none out that matches, by hyperscan as by RE2's sets."""

import re
from importlib.util import find_spec

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from policies import load_policies
from policies.engine.wanted import wanted
from presscheck.matching import PatternMatcher, normalise
from presscheck.matching.prefilter import Automaton, Prefilter, Sets

PATTERNS = (
    r"\bfree\b",
    r"[0-9]{1,40} left",
    r"(?-i)\bSALE\b",
    r"caf\x{e9}",
    r"x{3,}",
    r"\p{Lu}\p{L}+ \p{Lu}\.",
    r"a.{0,30}z",
)
SHIPPED = tuple(
    {
        pattern: None
        for rule in load_policies().guardrails
        for match in rule.match
        for want in wanted(match)
        for pattern in (() if want.whether else want.patterns)
    }
)


def both(patterns: tuple[str, ...]) -> list[Prefilter]:
    assert find_spec("hyperscan") is not None, "hyperscan has a wheel wherever the tests run"
    return [Sets(patterns), Automaton(patterns)]


@pytest.mark.parametrize("which", [0, 1], ids=["RE2", "hyperscan"])
@pytest.mark.parametrize(
    ("text", "number"),
    [("Get it FREE now", 0), ("12 left", 1), ("SALE", 2), ("a CAFÉ", 3), ("xxxx", 4), ("Ana B. said", 5), ("a—é—z", 6)],
)
def test_what_matches_is_named(which: int, text: str, number: int) -> None:
    assert number in both(PATTERNS)[which].match(text)


def test_a_pattern_that_hyperscan_refuses_is_found_all_the_same() -> None:
    refused = r"(?:\A|[^\w])(?:" + "|".join(f"[a-z]{{1,60}}{word}[^x]{{1,60}}" for word in ("ab", "cd", "ef")) + ")"
    some = Automaton([r"\bfree\b", refused, r"\blast\b"])

    assert 1 in some.match("qqabqq")
    assert set(some.match("free and last")) >= {0, 2}


def test_what_was_kept_reads_as_what_was_built() -> None:
    built = Automaton(PATTERNS)
    kept = built.to_keep()
    assert kept is not None

    again = Automaton(PATTERNS, kept)

    for text in ("Get it FREE now", "12 left", "nothing"):
        assert again.match(text) == built.match(text)


@pytest.mark.parametrize("kept", [b"", b"\n", b"8\nnonsense", b"x\n"])
def test_what_was_kept_and_is_damaged_is_refused(kept: bytes) -> None:
    with pytest.raises(ValueError, match="cannot be read"):
        Automaton(PATTERNS, kept)


def test_none_of_no_patterns_matches() -> None:
    assert list(Automaton([]).match("any text")) == []


_MATCHER = PatternMatcher(SHIPPED)
# Words and signs on which shipped rules go, between any others.
_WORDS = sorted({word for pattern in SHIPPED for word in re.findall(r"[a-z]{4,}", pattern)})


@given(st.lists(st.one_of(st.sampled_from(_WORDS), st.text(max_size=8)), max_size=20).map(" ".join))
@settings(max_examples=300, deadline=None)
@pytest.mark.slow
def test_the_quick_pass_finds_what_the_slow_one_finds(text: str) -> None:
    read = normalise(text)

    assert _MATCHER.find(read, many=True) == _MATCHER.find(read)
