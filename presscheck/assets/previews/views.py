"""One document as other programs show it: narrow, light, dark, turned around, without pictures.

    seen(framed(html), VIEWS["dark"], note="...")

The words are never touched: only the style sheet in the document's head is, which is ours, and a note is put before
them. What a program would do is shown by the browser itself where that can be: a view without pictures is the same
document under a policy that lets none in.
"""

from dataclasses import dataclass
from html import escape

from presscheck.models import Copy

_PHONE, _DESK = 375, 600
_DARK = "@media (prefers-color-scheme:dark){"
_BOTH = "color-scheme:light dark"
NOTE_HEIGHT = 72
"""Pixels that the note above a document takes on a phone, at most."""
_NOTE_STYLE = (
    ".note{margin:0;padding:8px 12px;font:13px/1.4 -apple-system,'Segoe UI',Roboto,Arial,sans-serif;color:#3c3c38;"
    "background:#e4e4de}"
)
# Every colour by its lightness: hues stay, and pictures are turned back to what they were.
_INVERTED = (
    "html{background:#fff;min-height:100vh;filter:invert(1) hue-rotate(180deg)}img{filter:invert(1) hue-rotate(180deg)}"
)


@dataclass(frozen=True)
class View:
    """One way to look at a text."""

    name: str
    """As it stands in an address."""
    title: str
    note: str
    """What it stands for, in a sentence."""
    width: int = _PHONE
    """Pixels."""


VIEWS = {
    view.name: view
    for view in (
        View("phone", "Phone", "In light colours, 375 pixels wide."),
        View("desktop", "Desk", "In light colours, 600 pixels wide.", _DESK),
        View("dark", "Dark", "In the dark colours that we send, as Apple Mail and Thunderbird show them."),
        View(
            "inverted",
            "Forced dark",
            "About as Outlook on Windows and Gmail on an iPhone do it, whatever is sent: every colour turned around, "
            "pictures left as they are.",
        ),
        View("no-images", "No pictures", "As it stands until its reader lets pictures in: the alternative text."),
        View("text", "Plain text", "The part without markup, as watches, screen readers and some programs show it."),
        View(
            "inbox",
            "Inbox",
            "About where programs cut subject and preheader, and the head of the message as it is sent.",
            _DESK,
        ),
        View("lock", "Lock screen", "About where phones cut it."),
    )
}
_AS_DOCUMENTS = ("phone", "desktop", "dark")


def views_of(copy: Copy) -> tuple[View, ...]:
    """The ways in which a text can be looked at: those that its channel knows."""
    if copy.channel == "email":
        without = {"lock"} if copy.image is not None else {"lock", "no-images"}
        return tuple(view for view in VIEWS.values() if view.name not in without)
    lock = ("lock",) if copy.channel == "push" else ()
    return tuple(VIEWS[name] for name in (*_AS_DOCUMENTS, *lock))


def seen(html: str, view: View | None, *, note: str) -> str:
    """A document of ours in that view; with None as whoever looks at it has set their device."""
    # Whatever people wrote stands escaped, so the first of each of these is ours.
    head, opened, rest = html.partition("<style>")
    style, closed, body = rest.partition("</style>")
    match view.name if view else "":
        case "dark":
            style = style.replace(_DARK, "@media all{").replace(_BOTH, "color-scheme:dark")
        case "phone" | "desktop" | "inverted":
            style = style.replace(_DARK, "@media not all{").replace(_BOTH, "color-scheme:light")
        case _:
            pass
    if view is not None and view.width == _PHONE:
        style += f"body{{max-width:{_PHONE}px;margin:0 auto}}"
    if view is not None and view.name == "inverted":
        style += _INVERTED
    if note:
        style += _NOTE_STYLE
        note = f'<p class="note" lang="en" dir="ltr">{escape(note)}</p>'
    return f"{head}{opened}{style}{closed}{body.replace('<body>', f'<body>{note}', 1)}"
