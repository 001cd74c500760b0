"""Expressions of Vale for RE2: what is rewritten finds what the original finds."""

import re
from collections.abc import Iterator

import pytest
import re2
from hypothesis import given
from hypothesis import strategies as st

from presscheck.style_guides.look_around import in_context, without_look
from presscheck.style_guides.regex_nodes import NotForRE2, written
from presscheck.style_guides.regex_parser import parsed
from presscheck.style_guides.spelled_out import all_texts, some_texts

LETTERS = "ab -."


def marked(pattern: str, text: str) -> list[tuple[int, int]]:
    compiled = re2.compile(pattern)
    return [match.span(compiled.groupindex.get("it", 0)) for match in compiled.finditer(text)]


def plain(pattern: str, text: str) -> set[tuple[int, int]]:
    """Where the rewritten expression stands, as the engine finds it: the group `it`, in no exception."""
    found: set[tuple[int, int]] = set()
    for one in without_look(parsed(pattern)):
        spans = marked(one.pattern(), text)
        let = [span for each in one.exceptions for span in marked(each.pattern(), text)]
        found |= {span for span in spans if not any(e[0] <= span[0] and span[1] <= e[1] for e in let)}
    return found


def originally(pattern: str, text: str) -> set[tuple[int, int]]:
    return {match.span() for match in re.finditer(pattern, text)}


def words() -> st.SearchStrategy[str]:
    return st.text("ab", min_size=1, max_size=3)


@st.composite
def looking(draw: st.DrawFn) -> str:
    """A word that must or must not stand beside another, as style guides write it."""
    core = draw(words())
    behind = draw(st.sampled_from(["", "(?<!{})", "(?<={})"])).format(
        draw(st.sampled_from(["a", "-", "b ", r"\s", "[ab]"]))
    )
    ahead = draw(st.sampled_from(["", "(?!{})", "(?={})"])).format(
        draw(st.sampled_from(["a", "-", " b", r"\s|-", "ab|b"]))
    )
    return rf"{behind}\b{core}\b{ahead}"


@given(looking(), st.text(LETTERS, max_size=24))
def test_what_is_rewritten_finds_nothing_that_the_original_does_not(pattern: str, text: str) -> None:
    found, original = plain(pattern, text), originally(pattern, text)

    assert found <= original
    # Context that two neighbours share is read once, so the second may be missed; the text is found all the same.
    assert bool(found) == bool(original)


@given(looking(), st.text(LETTERS, max_size=24))
def test_what_must_not_stand_beside_it_is_found_exactly_without_context(pattern: str, text: str) -> None:
    if "(?=" in pattern or "(?<=" in pattern:
        pattern = re.sub(r"\(\?<?=[^)]*\)", "", pattern)

    assert plain(pattern, text) == originally(pattern, text)


@st.composite
def expressions(draw: st.DrawFn) -> str:
    """Expressions of every construct that is taken."""
    atoms = st.sampled_from(["a", "b", r"\.", "[ab]", "[^a]", r"\w", ".", r"\s", "(?:a|bb)", "(b)", r"\x62", " "])
    pieces = st.tuples(atoms, st.sampled_from(["", "?", "*", "+", "{2}", "{1,2}", "+?"])).map("".join)
    branch = st.lists(pieces, min_size=1, max_size=4).map("".join)
    return draw(st.lists(branch, min_size=1, max_size=3).map("|".join))


@given(expressions(), st.text(LETTERS, max_size=12))
def test_a_tree_written_out_is_the_expression_that_was_read(pattern: str, text: str) -> None:
    read, original = re2.search(written(parsed(pattern)), text), re.search(pattern, text)

    assert (read and read.span()) == (original and original.span())


@given(expressions())
def test_a_sample_of_an_expression_matches_it(pattern: str) -> None:
    samples = some_texts(parsed(pattern))

    assert samples
    assert all(re.fullmatch(pattern, sample, re.DOTALL) for sample in samples)


@given(st.text(max_size=40))
def test_any_text_is_an_expression_or_is_told_why_not(pattern: str) -> None:
    try:
        out = [one.pattern() for one in without_look(parsed(pattern))]
    except NotForRE2 as why:
        out = [str(why)]

    assert all(isinstance(one, str) for one in out)
    assert out


def test_a_few_texts_are_spelled_out_and_many_are_not() -> None:
    assert all_texts(parsed("cell ?phones?"), 16) == ["cellphone", "cellphones", "cell phone", "cell phones"]
    assert all_texts(parsed(r"we'(?:ve|re)"), 16) == ["we've", "we're"]
    assert all_texts(parsed(r"ain[`']t"), 16) == ["ain't", "ain`t"]
    assert all_texts(parsed(r"\w+ly"), 16) is None
    assert all_texts(parsed("(?:a|b|c|d|e)(?:a|b|c|d|e)"), 16) is None


def test_a_look_ahead_in_the_middle_forbids_how_the_rest_begins() -> None:
    pattern = r"code \((?!red|blue)\w+\)"

    for text in ("code (green)", "code (reddish)", "code (blue)", "code (re)"):
        assert plain(pattern, text) == originally(pattern, text)


def refused() -> Iterator[tuple[str, str]]:
    yield r"(\w)\1", "refers back to group 1"
    yield "(?:a(?!b))+", "inside a repetition"
    yield "a(?<!b)c", "looks behind in the middle"
    yield "[a-z-[aeiou]]", "takes one class from another"
    yield "(a", "nothing closes"
    yield "a)", "that nothing opens"
    yield "[a", "nothing closes"
    yield "*a", "repeats nothing"
    yield "a\\", "ends in a backslash"
    yield "(?>a)", "of a sort that RE2 has not"
    yield r"\x{110000}", "a character that there is not"
    yield "a" * 5_000, "is 5,000 characters long"
    yield "(" * 60 + ")" * 60, "nests deeper"


@pytest.mark.parametrize(("pattern", "reason"), list(refused()))
def test_what_cannot_be_said_is_told(pattern: str, reason: str) -> None:
    with pytest.raises(NotForRE2, match=re.escape(reason)):
        [one.pattern() for one in without_look(parsed(pattern))]


def test_one_character_beside_it_is_context_where_a_rule_has_no_exceptions() -> None:
    (one,) = without_look(parsed("(?<![a-z])me(?!-)"))

    assert in_context(one).pattern() == r"(?:\A|[^a-z])(?P<it>me)(?:\z|[^\-])"
    with pytest.raises(NotForRE2, match="more than one character"):
        in_context(without_look(parsed("me(?!dium)"))[0])
