"""Where programs cut a line that they show before anything is opened: a list of mails, a lock screen.

    for row in inbox_rows("Brand", "A jacket for wet hills", "It keeps the rain out. Hello, ..."):
        row.title.shown, row.title.cut          the words that are seen, and those that are not

No program counts characters: each fills so many pixels, and a bigger font or a narrower window cuts earlier. So the
figures are about right for Latin letters and the usual font; wide letters count twice. Those of an iPhone's mail are
EmailToolTester's measurements, the other subjects' are ActiveCampaign's, those of lock screens Batch's; what is left
of a line for the preheader is our estimate.
"""

from collections.abc import Iterator
from dataclasses import dataclass

from presscheck.matching import columns

_JOINERS = "\u200d\ufe0e\ufe0f"


@dataclass(frozen=True)
class Line:
    """One line as far as it is shown, and what is cut off."""

    shown: str
    cut: str


@dataclass(frozen=True)
class Row:
    """What one program shows of a message before it is opened."""

    program: str
    why: str
    """Why it cuts there, with about how many characters."""
    sender: str
    title: Line
    text: Line


# Program, title, text, and why it is cut there.
_INBOXES = (
    ("Apple Mail on an iPhone", 48, 99, "one line for the subject and two below it: about 48 and 99 characters"),
    ("Gmail on an Android phone", 33, 40, "one line each at a large font: about 33 and 40 characters"),
    ("Gmail in a browser", 70, 60, "one line for both, the subject first: about 70 and then 60 characters"),
    ("Outlook on a desk", 50, 55, "the list stands beside the open mail, a line each: about 50 and 55 characters"),
)
_LOCK_SCREENS = (
    ("iPhone", 50, 178, "one line for the title and four below it: about 50 and 178 characters"),
    ("Android phone, folded", 65, 50, "one line each until it is unfolded: about 65 and 50 characters"),
)


def inbox_rows(sender: str, subject: str, text: str) -> Iterator[Row]:
    """The rows of an inbox. `text` is the preheader and what follows it: programs fill their line with both."""
    yield from _rows(_INBOXES, sender, subject, text)


def lock_screens(sender: str, title: str, text: str) -> Iterator[Row]:
    """A push message on lock screens."""
    yield from _rows(_LOCK_SCREENS, sender, title, text)


def cut(text: str, most: int) -> Line:
    """A line of at most `most` columns: cut in the middle of a word, as programs do, and never within an emoji."""
    if columns(text) <= most:
        return Line(text, "")
    at = taken = 0
    while at < len(text) and taken + columns(text[at]) <= most - 1:
        taken += columns(text[at])
        at += 1
    while at and (text[at] in _JOINERS or text[at - 1] == "\u200d"):
        at -= 1
    shown = text[:at].rstrip()
    return Line(f"{shown}…", text[len(shown) :].strip())


def _rows(programs: tuple[tuple[str, int, int, str], ...], sender: str, title: str, text: str) -> Iterator[Row]:
    for program, titles, texts, why in programs:
        yield Row(program, why, sender, cut(title, titles), cut(text, texts))
