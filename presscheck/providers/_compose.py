"""Composes one whole text for one channel.

Every text quotes all required facts word for word; whatever else there is gives way to the
channel's length. Lengths here are what the writer aims at; the policies judge.
"""

from dataclasses import dataclass

from presscheck.models import Channel
from presscheck.providers._blog import TITLE, article_body, standfirst
from presscheck.providers._email import email_body
from presscheck.providers._grammar import Piece
from presscheck.providers._headlines import preheader, subject
from presscheck.providers._search import DESCRIPTION, HEADLINE, ad_body, ad_headlines
from presscheck.providers._short import line_body, post_body
from presscheck.providers._speaker import Speaker

AIMS: dict[Channel, tuple[int, int]] = {
    "email": (60, 0),
    "sms": (0, 160),
    "push": (50, 178),
    "social": (0, 500),
    "search": (HEADLINE, 2 * DESCRIPTION),
    "blog": (TITLE, 0),
}
"""Characters of subject and body that a text keeps within if it can; 0: no subject, or no such bound."""
_STRETCHED: dict[Channel, int] = {"email": 0, "sms": 306, "push": 235, "social": 750, "search": 0, "blog": 0}


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
    if speaker.channel == "search":
        return _ad(speaker, angle, taken)
    subject_room, room = AIMS[speaker.channel]
    room = _STRETCHED[speaker.channel] if stretch else room
    if speaker.channel == "email":
        body = email_body(speaker, angle)
    elif speaker.channel == "blog":
        body = article_body(speaker, angle)
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
    elif speaker.channel == "blog":
        beside = standfirst(speaker, headline.text, body.text)
    return Draft(angle, headline.text, beside.text, body, (*body.used, *headline.used, *beside.used))


def _ad(speaker: Speaker, angle: str, taken: frozenset[str]) -> Draft:
    """A search ad: its second headline stands where other channels have their preheader."""
    body = ad_body(speaker, angle)
    first, second = ad_headlines(speaker, angle, taken)
    return Draft(angle, first.text, second.text, body, (*body.used, *first.used, *second.used))
