import re

import pytest
from hypothesis import given
from hypothesis import strategies as st

from presscheck.models import CommentAsked
from presscheck.providers._notes import read_note, read_wishes
from presscheck.providers.offline import OfflineCopywriter


@pytest.mark.parametrize(
    ("note", "length", "tone"),
    [
        ("Shorter please.", -1, None),
        ("These are too long", -1, None),
        ("Not so long!", -1, None),
        ("I'd like it longer", 1, None),
        ("a bit too short", 1, None),
        ("Make it warmer and shorter", -1, "warm"),
        ("could you make it bolder", 0, "bold"),
        ("More playful, please", 0, "playful"),
        ("too silly", 0, "plain"),
        ("no more jokes", 0, "plain"),
        ("less pushy", 0, "plain"),
    ],
)
def test_plain_wishes_are_understood(a_brief, note, length, tone):
    reading = read_note(note, a_brief())

    assert (reading.length, reading.tone) == (length, tone)
    assert reading.not_understood == ()


@pytest.mark.parametrize(
    ("note", "words"),
    [
        ('Avoid "cosy"', ("cosy",)),
        ("don't say cosy", ("cosy",)),
        ("Do not use the word 'kettle'.", ("kettle",)),
        ('drop "kettle", "tea" and "kazoo"', ("kettle", "tea", "kazoo")),
        ("stop saying “hello there”", ("hello there",)),
    ],
)
def test_words_to_avoid_are_understood(a_brief, note, words):
    assert read_note(note, a_brief()).avoid == words


@pytest.mark.parametrize(
    ("note", "text"),
    [
        ("mention the pocket", "packs into its own pocket"),
        ('Please add "taped seams"', "Two-layer shell with taped seams"),
        ("stress the water column", "Holds a water column of 10,000 mm"),
        ("lead with spring walks", "spring walks"),
    ],
)
def test_points_of_the_brief_can_be_asked_for(a_brief, note, text):
    assert read_note(note, a_brief()).mention == (text,)


@pytest.mark.parametrize(
    "note",
    [
        "make the logo bigger",
        "not bolder",
        "do not make it longer",
        'mention "free shipping"',
        "mention the warmest shell",
        'avoid "60 days"',
        'avoid "the"',
        "ask the lawyers",
        "drop all of the things that I did not like last time",
    ],
)
def test_what_cannot_be_acted_on_is_said(a_brief, note):
    reading = read_note(note, a_brief())

    assert len(reading.not_understood) == 1
    assert "I can't act on: " in str(reading)


def test_the_reading_says_what_it_did_and_what_not(a_brief):
    reading = read_note("Shorter, and bigger logo", a_brief())

    assert str(reading) == "Acted on: shorter. I can't act on: “bigger logo”."


def test_of_two_tones_the_later_is_taken_and_the_other_is_named(a_brief):
    reading = read_note("warmer, bolder", a_brief())

    assert reading.tone == "bold"
    assert "warm" in reading.not_understood[0]


def test_what_is_asked_for_and_avoided_at_once_is_left_out_and_said(a_brief):
    reading = read_note('mention the pocket. avoid "pocket"', a_brief())

    assert reading.mention == ()
    assert any("left out" in text for text in reading.not_understood)


@given(st.text(max_size=300))
def test_any_note_is_read(a_brief, note):
    reading = read_note(note, a_brief())

    assert reading.length in (-1, 0, 1)


def test_a_shorter_wish_shortens_and_a_longer_wish_lengthens(a_brief, jacket, prompt):
    def words(note: str) -> int:
        variants = OfflineCopywriter().write(a_brief(), jacket, prompt=prompt, count=20, seed=1, round=2, note=note)
        return sum(len(variant.copy_.body.split()) for variant in variants)

    assert words("shorter") < 0.8 * words("") < words("") < words("longer")


@pytest.mark.parametrize("channel", ["email", "sms", "push", "social", "search", "blog"])
def test_avoided_words_are_in_no_variant_and_wanted_points_in_all(a_brief, jacket, prompt, channel):
    note = 'avoid "look". mention the pocket, mention "spring walks"'

    variants = OfflineCopywriter().write(
        a_brief(channel=channel), jacket, prompt=prompt, count=20, seed=1, round=2, note=note
    )

    texts = [f"{variant.copy_.subject} {variant.copy_.preheader} {variant.copy_.body}" for variant in variants]
    assert all("packs into its own pocket" in text and "spring walks" in text for text in texts)
    assert not any(re.search(r"\blook\b", text, re.IGNORECASE) for text in texts)


def test_another_tone_speaks_from_another_bank(a_brief, jacket, prompt):
    warm = OfflineCopywriter().write(a_brief(tone="warm"), jacket, prompt=prompt, count=10, seed=1, note="bolder")

    assert any("Your call" in v.copy_.subject or "own" in v.copy_.body.lower() for v in warm)
    assert not any("Warmly" in v.copy_.body for v in warm)


def test_comments_are_read_each_by_itself_beside_the_note(a_brief):
    reading = read_wishes(['avoid "cosy', 'shorter. mention "the pocket"', "warmer"], a_brief())

    assert (reading.length, reading.tone) == (-1, "warm")
    assert len(reading.mention) == 1
    assert reading.understood[-1] == "tone: warm"


def test_a_comment_leads_the_next_texts_as_a_note_does(a_brief, jacket, prompt):
    comment = CommentAsked(comment="C-1", code="V01", part="body", quote="the hills", words="shorter")
    writer, given = OfflineCopywriter(), {"prompt": prompt, "count": 5, "seed": 1, "round": 2}

    led, again = (writer.write(a_brief(), jacket, comments=(comment,), **given) for _ in range(2))
    plain = writer.write(a_brief(), jacket, **given)

    assert [one.copy_ for one in led] == [one.copy_ for one in again]
    assert sum(len(one.copy_.body) for one in led) < sum(len(one.copy_.body) for one in plain)
