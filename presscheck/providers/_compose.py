"""Composes one whole text for one channel.

Every text quotes all required facts word for word; whatever else there is gives way to the
channel's length. Lengths here are what the writer aims at; the policies judge.
"""

from dataclasses import dataclass

from presscheck.models import Channel
from presscheck.providers._email import email_body
from presscheck.providers._grammar import Piece
from presscheck.providers._headlines import preheader, subject
from presscheck.providers._short import line_body, post_body
from presscheck.providers._speaker import Speaker

__all__ = ["AIMS", "Draft", "compose"]

AIMS: dict[Channel, tuple[int, int]] = {"email": (60, 0), "sms": (0, 160), "push": (50, 178), "social": (0, 500)}
"""Characters of subject and body that a text keeps within if it can; 0: no subject, or no such bound."""
_STRETCHED: dict[Channel, int] = {"email": 0, "sms": 306, "push": 235, "social": 750}


@dataclass(frozen=True)
class Draft:
    """One composed text."""

    angle: str
    subject: str
    preheader: str
    body: Piece
    used: tuple[str, ...]
    """All phrases in it, subject and preheader included."""


def compose(speaker: Speaker, angle: str, taken: frozenset[str], *, stretch: bool = False) -> Draft:
    """One text; its subject is none of those `taken` (case-folded) while there are others.

    `stretch` allows a short channel more room: where the usual room yields no other text any
    more, a longer text beats the same text again.
    """
    subject_room, room = AIMS[speaker.channel]
    room = _STRETCHED[speaker.channel] if stretch else room
    if speaker.channel == "email":
        body = email_body(speaker, angle)
    elif speaker.channel == "social":
        body = post_body(speaker, angle, room)
    else:
        body = line_body(speaker, angle, room)
    headline = subject(speaker, angle, subject_room, taken) if subject_room else Piece("")
    beside = Piece("")
    if speaker.channel == "email":
        name = speaker.facts.name
        unnamed = name is not None and not any(name in text for text in (body.text, headline.text))
        beside = preheader(speaker, headline.text, naming=unnamed)
    return Draft(angle, headline.text, beside.text, body, (*body.used, *headline.used, *beside.used))
