"""Superlatives that rank are found, harmless ones are not, and a claim supports only what it says."""

import pytest

from presscheck.matching import claimed_by, superlatives


def words(text: str) -> list[str]:
    return [found.word for found in superlatives(text)]


@pytest.mark.parametrize(
    ("text", "expected"),
    [
        ("The BEST tent", ["best"]),
        ("Our most comfortable sofa", ["most comfortable"]),
        ("The #1 in Europe, the No. 1 here, number one there", ["#1", "no. 1", "number one"]),
        ("World's first, unrivalled and award-winning", ["world's first", "unrivalled", "award winning"]),
        ("The l\u200bightest ever", ["lightest ever"]),
        ("The lowest prices", ["lowest prices"]),
    ],
)
def test_a_superlative_is_found(text: str, expected: list[str]) -> None:
    assert words(text) == expected


@pytest.mark.parametrize(
    "text",
    [
        "At least try it; make the most of it. Best wishes!",
        "Most of us rest in the forest, in the west, as guests.",
        "No one knows. Interest, harvest, honest, modest, latest, contest.",
        "Feel your best. Do your best. Best before May.",
        "Most people walk; most days are dry.",
    ],
)
def test_words_that_rank_nothing_are_left_alone(text: str) -> None:
    assert words(text) == []


@pytest.mark.parametrize(
    ("text", "supported"),
    [
        ("The lightest tent in our range is here.", True),
        ("Of all in our range, this tent is the lightest.", True),
        ("It is the lightest tent in the world.", False),
        ("Our range is wide. The lightest tent is here.", False),
        ("The warmest tent in our range.", False),
    ],
)
def test_a_claim_supports_what_it_says_in_one_sentence(text: str, supported: bool) -> None:
    (found,) = superlatives(text)

    assert claimed_by(text, found, ["The lightest tent in our range"]) is supported
