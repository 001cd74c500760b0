import re

import pytest

from presscheck.providers._grammar import slots_of
from presscheck.providers.phrases import ANGLES, voice

TONES = ("plain", "warm", "playful", "bold")

FORBIDDEN = {
    "a figure": r"\d",
    "a quantity in words": (
        r"\b(?:zero|one|two|three|four|five|six|seven|eight|nine|ten|dozen|hundred|thousand|million|half|twice|double"
        r"|triple|thrice|quarter|percent)\b"
    ),
    "a superlative": (
        r"\b(?:best|most|least|finest|ultimate|unbeatable|\w{3,}(?<!inter)(?<!hon)(?<!mod)(?<!sugg)(?<!gu)est)\b"
    ),
    "urgency": (
        r"\b(?:hurry|now|today|tonight|soon|last|limited|while stocks|ends (?:on|in|soon|today)|don't miss|deadline"
        r"|only (?:a few|until|while)|before it|running out|quick!)\b"
    ),
    "a promise": r"\b(?:free|guarantee\w*|always|never|perfect|promise you|certif\w+|proven|tested)\b",
    "praise of the product": r"\b(?:amazing|incredible|revolutionary|premium|high-quality|durable|sustainable)\b",
    "other people's word": r"\b(?:customers (?:say|love)|reviews?|rated|recommended by|thousands of|everyone loves)\b",
    "an article before a name": r"\b(?:a|an|the|our|your) \{(?:name|keyword)\}",
    "a verb that must agree with a name": (
        r"\b(?:comes?|goes|waits|stands|sits|lies) \{name\}"
        r"|\{name\} (?:is|are|was|has|have|does|makes?|fits?|means?|comes?|stands?|walks?)\b"
    ),
    "a word that reads as a unit after a figure": r"\{(?:name|price|keyword)\} (?!to\b|by\b|at\b)",
    "a phrase that makes a name promise something free": r"\bget\b.*\{name\}|\{name\} (?:with|when|if|on|for)\b",
    "a doubled mark": r"[.!?,;:] ?[.!?,;]|  ",
    "shouting": r"[A-Z]{3,}|!.*!",
}


@pytest.mark.parametrize("tone", TONES)
@pytest.mark.parametrize("what", FORBIDDEN)
def test_no_phrase_holds_what_copy_must_not_say(tone, what):
    flags = re.NOFLAG if what == "shouting" else re.IGNORECASE
    found = [phrase for phrase in voice(tone).phrases() if re.search(FORBIDDEN[what], phrase, flags)]

    assert found == []


@pytest.mark.parametrize("tone", TONES)
def test_every_angle_has_openings_subjects_and_second_thoughts(tone):
    for bank in (voice(tone).openings, voice(tone).subjects, voice(tone).middles):
        assert set(bank) == set(ANGLES)
        assert all(len(phrases) >= 6 for phrases in bank.values())


@pytest.mark.parametrize("tone", TONES)
def test_no_phrase_stands_in_a_bank_twice(tone):
    banks = [bank for bank in vars(voice(tone)).values() if isinstance(bank, tuple)]
    banks += [part for angles in vars(voice(tone)).values() if isinstance(angles, dict) for part in angles.values()]

    assert [bank for bank in banks if len(set(bank)) != len(bank)] == []


@pytest.mark.parametrize("tone", TONES)
def test_phrases_use_known_slots_only(tone):
    assert {slot for p in voice(tone).phrases() for slot in slots_of(p)} <= {"name", "sender", "price", "keyword"}


@pytest.mark.parametrize("tone", TONES)
def test_leads_end_in_a_colon_and_sentences_in_a_mark(tone):
    bank = voice(tone)
    leads = (*bank.list_leads, *bank.fact_leads, *bank.offer_leads, *bank.claim_leads)
    whole = (*bank.namings, *bank.closes, *bank.hooks, *bank.preheaders, *bank.keyword_lines, *bank.price_lines)

    assert [lead for lead in leads if not lead.endswith(":")] == []
    assert [text for text in whole if text[-1] not in ".?!"] == []
