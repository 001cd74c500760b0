"""How like two texts are, and which of many are looked at."""

import random

import pytest
from hypothesis import given
from hypothesis import strategies as st

from presscheck.world.likeness import Taken, bare, likeness, own_words

WORDS = [f"word{at}" for at in range(3_000)]


def written(dice: random.Random, length: int = 60) -> list[str]:
    return dice.choices(WORDS, k=length)


@given(st.text(), st.text())
def test_likeness_is_the_same_from_both_sides_and_whole_for_the_same_words(one: str, other: str) -> None:
    ours, theirs = bare(one), bare(other)

    assert likeness(ours, theirs) == likeness(theirs, ours)
    assert not ours or likeness(ours, bare(one.upper().lower())) > 0
    assert likeness(ours, ours) == 100


def test_sentences_that_changed_places_are_the_same_text() -> None:
    one = bare("Come and see us this week. The jacket keeps the rain out.")
    other = bare("The jacket keeps the rain out. Come and see us this week!")

    assert likeness(one, other) == 100


def test_what_is_less_like_than_asked_is_none() -> None:
    assert likeness(bare("A jacket for wet hills."), bare("Socks of wool."), at_least=85) == 0


def test_own_words_are_those_that_the_brief_does_not_say() -> None:
    said = ["The Kestrel", "The Kestrel weighs 310 g", "Fernholt"]

    assert own_words("Wet again? The  Kestrel weighs 310 g.\nYours, Fernholt", said) == "wet again yours"


def test_of_several_the_most_like_comes_first() -> None:
    taken = Taken(60)
    for text in ("a jacket for wet hills", "a jacket for dry hills and wet ones", "socks"):
        taken.take(bare(text))

    assert [at for at, _ in taken.like("a jacket for wet hills")] == [0, 1]


def test_among_many_a_text_with_changed_words_is_found_and_few_are_compared() -> None:
    dice = random.Random(7)
    taken = Taken(85)
    texts = [written(dice) for _ in range(2_000)]
    for text in texts:
        taken.take(" ".join(text))

    found = 0
    for at in range(0, 2_000, 20):
        changed = list(texts[at])
        for place in dice.sample(range(60), 6):
            changed[place] = dice.choice(WORDS)
        found += [one for one, _ in taken.like(" ".join(changed))] == [at]

    assert found == 100


def test_among_many_that_share_one_frame_each_is_found_like_another() -> None:
    dice = random.Random(7)
    frame = written(dice, 50)
    taken = Taken(85)
    for _ in range(1_000):
        taken.take(" ".join([*frame, *written(dice, 3)]))

    assert len(taken.like(" ".join([*frame, *written(dice, 3)]))) == 12
    assert taken.like(" ".join(written(dice))) == []


@given(st.lists(st.text(alphabet=st.characters(), max_size=40), max_size=20))
def test_any_text_is_like_itself_where_it_has_words(texts: list[str]) -> None:
    taken = Taken(100)
    for text in texts:
        taken.take(bare(text))

    assert all(bool(taken.like(bare(text))) == bool(bare(text)) for text in texts)


def test_among_long_texts_a_near_duplicate_is_found_and_few_are_compared(monkeypatch: pytest.MonkeyPatch) -> None:
    asked: list[str] = []

    def counting(one: str, other: str, *, at_least: float = 0) -> float:
        asked.append(other)
        return likeness(one, other, at_least=at_least)

    monkeypatch.setattr("presscheck.world.likeness.likeness", counting)
    dice, taken = random.Random(3), Taken(90)
    texts = [written(dice, 2_000) for _ in range(60)]
    for text in texts:
        taken.take(" ".join(text))

    edited = [*texts[40][:1_900], *written(dice, 100)]

    assert [place for place, _ in taken.like(" ".join(edited))] == [40]
    assert len(asked) <= 12
