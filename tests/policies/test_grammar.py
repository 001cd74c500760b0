"""Plain slips of English grammar are found with what to write, and what can be meant so is left alone."""

import pytest

from policies import check_texts, load_policies

_GRAMMAR = load_policies().narrowed("style.grammar")


@pytest.mark.parametrize(
    ("text", "expected"),
    [
        ("I ate a apple and an banana.", [" an apple", " a banana"]),
        ("An hour, a useful unicorn, an historic day, a one-off, an FAQ, an mp3.", []),
        ("You could of been there.", ["could have been"]),
        ("It could of course be.", []),
        ("Its a great day; the dog wagged it's own tail.", ["It's a ", "its own"]),
        ("The brand and its not-so-secret recipe. It's a day.", []),
        ("They was here, and you was there.", ["They were", ", and you were"]),
        ("Each of you is here. One of them was. If he were here. Does he have it?", []),
        ("Your going to love it,, really!.", ["You're going to", ",", "!"]),
        ("Their is alot of teh stuff.", ["There is", "a lot", "the"]),
        ("Better then ever, and then some.", ["Better than ever"]),
        ("Plenity™, a new one. Wait... what?!", []),
    ],
)
def test_slips_of_grammar_are_found_with_what_to_write(text: str, expected: list[str]) -> None:
    (found,) = check_texts([text], policies=_GRAMMAR)

    # The suggestion is a sentence around what to write.
    written = [one.suggestion.removeprefix("Write “").removesuffix("” instead.") for one in found]
    assert [one.strip(", ") for one in written] == [one.strip(", ") for one in expected]
