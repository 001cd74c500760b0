"""Disguise is undone, and every match comes back as a span of the original."""

import pytest
from hypothesis import given
from hypothesis import strategies as st

from presscheck.matching import PhraseMatcher, normalise

WORD = PhraseMatcher(["free money"])


def found(text: str, *phrases: str) -> list[str]:
    """The original words on which any of the phrases fires."""
    return [text[hit.start : hit.end] for hit in PhraseMatcher(phrases).find(normalise(text))]


@pytest.mark.parametrize(
    "text",
    [
        "FREE MONEY",
        "free\n  money",
        "fr\u200bee mo\u2060ney",
        "ＦＲＥＥ ｍｏｎｅｙ",
        "frее mоnеу",  # Cyrillic ie, o and u
        "𝐟ree ｍoney",
        "frée mõney",
        "fre\u0301e money",
        "fr33 m0ney",
        "f r e e money",
        "f.r.e.e money",
        "frrrreee monnnney".replace("eee", "ee"),
        "free\u00a0money",
        "𝓯𝓻𝓮𝓮 𝓶𝓸𝓷𝓮𝔂",
    ],
)
def test_a_disguised_phrase_is_found(text: str) -> None:
    hits = WORD.find(normalise(text))

    assert len(hits) == 1
    assert (hits[0].start, hits[0].end) == (0, len(text))


@pytest.mark.parametrize("text", ["carefree moneys", "freemoney", "free, money", "A55 b2b 4x4"])
def test_what_only_resembles_the_phrase_is_left_alone(text: str) -> None:
    assert WORD.find(normalise(text)) == []


def test_a_closing_star_also_finds_longer_words() -> None:
    assert found("unbelievably believing", "believ*") == ["believing"]


def test_each_phrase_of_an_overlap_is_kept_because_each_may_belong_to_another_rule() -> None:
    assert sorted(found("limited time offer", "limited time", "time offer")) == ["limited time", "time offer"]


def test_spans_point_into_the_original_behind_invisible_characters_and_emoji() -> None:
    text = "😀\u200b\u200b  Now: fr\u200dee ✨"

    assert found(text, "free") == ["fr\u200dee"]


def test_scripts_without_look_alikes_keep_their_letters() -> None:
    assert found("限时优惠 今天", "今天") == ["今天"]


@pytest.mark.parametrize(
    "text", ["free money²", "free money™", "①free money", "free money🇺🇸", "free\u200bmoney", "free\u3164money"]
)
def test_what_is_no_letter_is_a_gap_in_one_of_the_readings(text: str) -> None:
    assert len(WORD.find(normalise(text))) == 1


@pytest.mark.parametrize("text", ["free money", "frée mõney", "½ free 好 «money»", "frее", "e\u0301", "line\nend"])
def test_a_text_without_such_signs_has_no_such_reading(text: str) -> None:
    assert normalise(text).parted is None


def test_a_fraction_keeps_its_value_where_a_footnotes_mark_loses_its_own() -> None:
    read = normalise("½ price²")

    assert read.parted is not None
    assert (read.folded.text, read.parted.text) == ("1/2 price2", "1/2 price ")


ODD = st.text(
    st.one_of(
        st.characters(),
        st.sampled_from("\u200b\ue000\u3164\ufdd0\x80²™🇺\u202e\ufeff０ａ𝐟е ₤½²İßŉ\u0301\U0001f600 \n\t.a1!"),
    ),
    max_size=60,
)


@given(ODD)
def test_every_reading_is_as_long_as_its_origins_and_points_inside(text: str) -> None:
    read = normalise(text)

    for reading in (read.folded, read.text, *read.plain, read.linked, read.parted, *read.lowered):
        if reading is None or reading.origins is None:
            continue
        assert len(reading.text) == len(reading.origins)
        assert list(reading.origins) == sorted(reading.origins)
        assert all(0 <= at < len(text) for at in reading.origins)


@given(ODD, ODD)
def test_a_phrase_between_any_texts_is_found_where_it_stands(before: str, after: str) -> None:
    text = f"{before}|zebra crossing|{after}"

    hits = PhraseMatcher(["zebra crossing"]).find(normalise(text))

    at = len(before) + 1
    assert (at, at + len("zebra crossing")) in {(hit.start, hit.end) for hit in hits}
