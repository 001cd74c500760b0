"""The phrase banks: what the offline copywriter may say around the facts of a brief.

Each tone is a TOML file of blocks, one phrase a line; `shared.toml` is what every voice says. In a phrase `[a|b]` is a
choice, and `{name}`, `{sender}`, `{keyword}` and `{price}` are filled in. A leading `+ ` marks one that speaks of
several points and needs a brief that has them.

No phrase makes a claim about a product, carries a figure or a number word, a superlative, or
presses the reader for time; tests/providers/test_phrases.py reads every line for that.
Nothing here agrees with a name in number or starts it with an article, because a name may be
anything: `{name}` is a jacket, a pair of boots or a subscription.
"""

import tomllib
from dataclasses import dataclass
from functools import cache
from pathlib import Path
from typing import Any

from presscheck.models import Tone

__all__ = ["ANGLES", "Voice", "voice"]

Angles = dict[str, tuple[str, ...]]
"""Phrases by angle."""

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
    """The bank of one tone; its files are read when it is first asked for."""
    bank = _read("shared") | _read(tone)
    bank["list_leads"] += bank.pop("own_list_leads")
    return Voice(**bank)


def _read(name: str) -> dict[str, Any]:
    text = Path(__file__).with_name(f"{name}.toml").read_text("utf-8")
    return {key: _phrases(value) for key, value in tomllib.loads(text).items()}


def _phrases(value: str | dict[str, str]) -> tuple[str, ...] | Angles:
    """A block's lines, or those of each angle's block."""
    if isinstance(value, str):
        return tuple(value.splitlines())
    return {angle: tuple(block.splitlines()) for angle, block in value.items()}
