"""Which way out takes which channel: one table for the gate, the press, the doctor and the docs.

    carried_by("webhook")           the channels that it takes
    why_not("smtp", "social")       why it cannot take one, or None
    audience_words("social", 0, ("US", "DE"))      "everybody in US, DE"

A name that is not in the table is no way out, whatever a setting says.
"""

from collections.abc import Sequence
from typing import get_args

from presscheck.documents.sentences import counted
from presscheck.models import PUBLIC_CHANNELS, Channel

__all__ = ["WAYS_OUT", "audience_words", "carried_by", "why_not"]

_ALL: tuple[Channel, ...] = get_args(Channel)

WAYS_OUT: dict[str, tuple[Channel, ...]] = {
    "outbox": _ALL,
    "smtp": ("email",),
    "webhook": _ALL,
    "search-csv": ("search",),
    "social-calendar": ("social",),
    "blog-git": ("blog",),
}
"""Every way out by name, and the channels that it takes."""


def carried_by(via: str) -> tuple[Channel, ...]:
    """The channels that a way out takes; none for a name that is no way out."""
    return WAYS_OUT.get(via, ())


def why_not(via: str, channel: Channel) -> str | None:
    """Why this way out cannot take this channel, in a sentence; None where it can."""
    if channel in carried_by(via):
        return None
    fitting = ", ".join(name for name, taken in WAYS_OUT.items() if channel in taken)
    if via not in WAYS_OUT:
        return f"there is no way out {via}; for {channel} there are: {fitting}"
    return f"{via} takes {', '.join(carried_by(via))} and not {channel}; for {channel} there are: {fitting}"


def audience_words(channel: Channel, rows: int, markets: Sequence[str] = ()) -> str:
    """To whom something goes: `3,412 people in US, DE`, or `everybody in US, DE` on a public channel."""
    where = f" in {', '.join(markets)}" if markets else ""
    if channel in PUBLIC_CHANNELS:
        return f"everybody{where}"
    return f"{counted(rows, 'person', 'people')}{where}"
