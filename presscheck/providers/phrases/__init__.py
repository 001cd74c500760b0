"""The phrase banks: what the offline copywriter may say around the facts of a brief.

No phrase makes a claim about a product, carries a figure or a number word, a superlative, or
presses the reader for time; tests/providers/test_phrases.py reads every line for that.
Nothing here agrees with a name in number or starts it with an article, because a name may be
anything: `{name}` is a jacket, a pair of boots or a subscription.
"""

from dataclasses import dataclass
from functools import cache

from presscheck.models import Tone
from presscheck.providers.phrases import bold, plain, playful, shared, warm
from presscheck.providers.phrases._lines import Angles

__all__ = ["ANGLES", "Voice", "voice"]

ANGLES: tuple[str, ...] = ("benefit", "occasion", "curiosity", "value", "care", "ease", "story", "question")
"""The ideas that a text can be written from."""


@dataclass(frozen=True)
class Voice:
    """Everything that one tone can say."""

    openings: Angles
    subjects: Angles
    named_subjects: tuple[str, ...]
    tails: tuple[str, ...]
    namings: tuple[str, ...]
    middles: Angles
    closes: tuple[str, ...]
    sign_offs: tuple[str, ...]
    hooks: tuple[str, ...]
    list_leads: tuple[str, ...]
    fact_leads: tuple[str, ...]
    offer_leads: tuple[str, ...]
    claim_leads: tuple[str, ...]
    preheaders: tuple[str, ...]
    named_preheaders: tuple[str, ...]
    keyword_lines: tuple[str, ...]
    price_lines: tuple[str, ...]

    def phrases(self) -> tuple[str, ...]:
        """Every phrase of the voice, for whoever wants to read or check them all."""
        by_angle = (self.openings, self.subjects, self.middles)
        flat = (
            *(self.named_subjects, self.tails, self.namings, self.closes, self.sign_offs, self.hooks),
            *(self.list_leads, self.fact_leads, self.offer_leads, self.claim_leads),
            *(self.preheaders, self.named_preheaders, self.keyword_lines, self.price_lines),
        )
        return tuple(
            phrase for bank in (*(part for angles in by_angle for part in angles.values()), *flat) for phrase in bank
        )


@cache
def voice(tone: Tone) -> Voice:
    """The bank of one tone."""
    own = {"plain": plain, "warm": warm, "playful": playful, "bold": bold}[tone]
    return Voice(
        openings=own.OPENINGS,
        subjects=own.SUBJECTS,
        named_subjects=own.NAMED_SUBJECTS,
        tails=own.TAILS,
        namings=own.NAMINGS,
        middles=shared.MIDDLES,
        closes=own.CLOSES,
        sign_offs=own.SIGN_OFFS,
        hooks=own.HOOKS,
        list_leads=shared.LIST_LEADS + shared.TONE_LEADS[tone],
        fact_leads=shared.FACT_LEADS,
        offer_leads=shared.OFFER_LEADS,
        claim_leads=shared.CLAIM_LEADS,
        preheaders=shared.PREHEADERS,
        named_preheaders=shared.NAMED_PREHEADERS,
        keyword_lines=shared.KEYWORD_LINES,
        price_lines=shared.PRICE_LINES,
    )
