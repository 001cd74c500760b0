"""A brand's voice is learnt from its texts, and told in numbers and in words."""

import random

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from presscheck.matching.common_copy import COMMON_COPY
from presscheck.matching.voice import FEWEST_EXEMPLARS, Voice
from tests.growing import grows_in_proportion

DOERS = ("our potters", "two sisters", "the old mill", "a small team", "our bakers", "the night shift", "five friends")
DEEDS = ("shape each cup", "weave every scarf", "roast the beans", "cut the soles", "fold the paper", "press the fruit")
PLACES = ("in Porto", "by the sea", "behind the station", "on the hill", "near the market", "in a former school")
GOODS = ("cup", "scarf", "coffee", "shoe", "notebook", "juice", "lamp", "chair")


def calm(dice: random.Random) -> str:
    """A quiet brand: two even sentences about who makes it."""
    return (
        f"{dice.choice(DOERS).capitalize()} {dice.choice(DEEDS)} {dice.choice(PLACES)}, as they have done for "
        f"{dice.choice(('ten', 'twenty', 'forty'))} years. What leaves the house is a {dice.choice(GOODS)} that was "
        f"made with patience, and that is meant to be kept."
    )


def loud(dice: random.Random) -> str:
    """A brand that shouts at its reader, about the same goods."""
    return (
        f"Hey you! Need a new {dice.choice(GOODS)}? We've got it! {dice.choice(DOERS).capitalize()} "
        f"{dice.choice(DEEDS)} {dice.choice(PLACES)}, just for you. Don't wait! Grab yours!"
    )


def texts(write: object, number: int, seed: int) -> list[str]:
    dice = random.Random(seed)
    return [write(dice) for _ in range(number)]  # type: ignore[operator]


@pytest.fixture(scope="module")
def voice() -> Voice:
    return Voice.learn(texts(calm, 20, 1), masked=["Porto Works"])


def test_the_brands_own_texts_score_high_and_the_others_low(voice: Voice) -> None:
    own = [voice.score(text).score for text in texts(calm, 30, 2)]
    other = [voice.score(text).score for text in texts(loud, 30, 3)]

    assert sum(own) / 30 > 75
    assert max(other) < 25


def test_a_loud_brand_finds_the_calm_one_strange() -> None:
    voice = Voice.learn(texts(loud, 20, 1))

    assert min(voice.score(text).score for text in texts(loud, 20, 2)) > 50
    assert max(voice.score(text).score for text in texts(calm, 20, 3)) < 50


def test_reasons_say_in_words_what_is_unlike_the_brand(voice: Voice) -> None:
    reasons = voice.score("Wow! Get it now! You will love it! Don't wait!").reasons

    assert "four exclamation marks; none of the exemplars has any" in reasons
    assert any(reason.startswith("sentences of two words where the brand writes ") for reason in reasons)
    assert len(reasons) <= 4


def test_a_text_that_sounds_like_the_brand_has_no_reasons(voice: Voice) -> None:
    found = voice.score(calm(random.Random(9)))

    assert found.score >= 75
    assert found.reasons == ()


def test_a_name_that_is_masked_makes_no_difference(voice: Voice) -> None:
    text = "Porto Works shape each cup by the sea. What leaves the house is a cup that is meant to be kept."

    assert voice.score(text) == voice.score(text.replace("Porto Works", "[BRAND]"))


def test_the_same_exemplars_make_the_same_voice() -> None:
    exemplars = texts(calm, 12, 4)

    assert Voice.learn(exemplars) == Voice.learn(exemplars * 2)


def test_few_exemplars_are_refused() -> None:
    with pytest.raises(ValueError, match=f"at least {FEWEST_EXEMPLARS} different texts; 1 given"):
        Voice.learn(["One text."] * 10 + ["", "!!!"])


def test_a_text_without_a_word_scores_nothing(voice: Voice) -> None:
    assert voice.score("").score == voice.score("?!\n🎉").score == 0


@settings(deadline=None)
@given(st.text(st.characters(codec=None, categories=None), max_size=200))
def test_any_text_has_a_score(text: str) -> None:
    score = _CALM.score(text)

    assert 0 <= score.score <= 100
    assert (score.score >= 75) == (score.reasons == ())


_CALM = Voice.learn(texts(calm, 8, 1), masked=["a", "Porto Works", "!"])


@settings(deadline=None, max_examples=25)
@given(st.lists(st.text(st.characters(codec=None, categories=None), max_size=60), max_size=12))
def test_a_voice_is_learnt_from_any_texts(exemplars: list[str]) -> None:
    voice = Voice.learn([*exemplars, *COMMON_COPY[:5]])

    assert 0 <= voice.score(COMMON_COPY[0]).score <= 100


@pytest.mark.parametrize("piece", ["It is. ", "a\n", "🎉", "a-", "[A", "{a", "don't ", "Porto "])
def test_scoring_is_linear_in_the_text(piece: str, voice: Voice) -> None:
    assert grows_in_proportion(voice.score, lambda size: piece * (size // len(piece)), 100_000)
