"""One text as a document for a sandboxed frame, in any view: made of what the press would send of it.

    html = previewed(copy, brief, product, sender=sender, shown=picture, at=now, leave=way, view=VIEWS["text"])

Markup, plain text and head of an e-mail are read out of a finished message (`Letter`), which is made and checked as
the press does it; where it makes none, the document says why, because then nothing would go out.
"""

from collections.abc import Iterable
from datetime import datetime
from html import escape

from presscheck.assets.copy.letters import Letter, framed, preview_html
from presscheck.assets.copy.posts import Words
from presscheck.assets.copy.strict_mail import Part, mailbox_in, read_mail, words_in
from presscheck.assets.pictures.rendering import ShownPicture
from presscheck.assets.previews.cuts import Line, Row, inbox_rows, lock_screens
from presscheck.assets.previews.views import View, seen
from presscheck.cleaning import clean_line
from presscheck.errors import NotAsSigned
from presscheck.matching import sms_parts, sms_size
from presscheck.models import Brief, Copy, Product, Sender
from presscheck.unsubscribe_links import INERT_TOKEN, WayToLeave

_READER = "reader@presscheck.invalid"
_OF_EACH = {
    "To": "each reader's own address",
    "Message-ID": "an id of each message's own",
    "Date": "when the press is given its permit",
}
# Gmail Help, "Message clipped": what is longer is hidden behind a link.
_CLIPPED = 102 * 1024
_STYLE = (
    ":root{color-scheme:light dark}body{margin:0;background:#f4f4f2;color:#1c1c1a;"
    "font:16px/1.5 -apple-system,'Segoe UI',Roboto,Arial,sans-serif;overflow-wrap:anywhere}"
    "main{max-width:600px;margin:0 auto;padding:24px;background:#fff}h2{font-size:16px;margin:16px 0 0}"
    "p{margin:0}.plain{margin-bottom:16px;white-space:pre-wrap}.why{font-size:13px;color:#5c5c58}"
    ".row{border:1px solid #8a8a84;border-radius:8px;padding:8px 12px;margin:4px 0;"
    "font-size:14px}.from,.title{font-weight:700}"
    ".line{font:13px/1.4 ui-monospace,monospace}"
    "@media (prefers-color-scheme:dark){body{background:#161614;color:#ecece6}main{background:#242422}"
    ".why{color:#b8b8b0}}"
)


def previewed(
    copy: Copy,
    brief: Brief,
    product: Product | None,
    *,
    sender: Sender,
    shown: ShownPicture | None,
    at: datetime,
    leave: WayToLeave,
    view: View | None = None,
) -> str:
    """The document; `at` stands for the time in a message's head, `leave` is where its reader unsubscribes."""
    words = Words.said_in(copy, brief)
    of_channel = "" if view and view.name == "lock" else _of_channel(words)
    note = " ".join(part for part in (of_channel, view.note if view else "") if part)
    match view.name if view else "":
        case "lock":
            inside = _rows(lock_screens(clean_line(sender.name), words.title, _line(words)))
            html = _document(inside)
        case "text" | "inbox" as name:
            try:
                letter = Letter.of(copy, brief, sender=sender, at=at, product=product, leave=leave, shown=shown)
                told = read_mail(letter.to(_READER, key="0" * 64, token=INERT_TOKEN))
                html = _document(_plain(told) if name == "text" else _inbox(told, words))
            except (NotAsSigned, ValueError) as error:
                html = _document(f"<p><strong>It would not go out: {escape(str(error))}.</strong></p>")
        case _:
            html = preview_html(copy, brief, product, sender=sender, shown=shown)
    return seen(framed(html), view, note=note)


def _of_channel(words: Words) -> str:
    """What there is to say of it on its channel, whatever the view."""
    match words.channel:
        case "email":
            return ""
        case "sms":
            size, single, several = sms_size(words.text)
            parts, longer = sms_parts(words.text), sms_parts(f"{words.text} {words.link.url}")
            alone, split = (
                f"{size} of {single} characters in 1 part",
                f"{size} characters in {parts} parts of {several}",
            )
            room = alone if parts == 1 else split
            return f"{room}; {longer} with the link's address behind it, where the platform puts it there."
        case "push":
            return "All of it, as it is unfolded."
        case "social":
            return "As a post; each network folds a longer one where it likes."
        case "search":
            return "As Google may show it: it chooses among headlines and descriptions."
        case "blog":
            return "As an article; the blog dresses it in its own style."


def _plain(told: Part) -> str:
    [text] = (content for kind, content in told.leaves if kind.startswith("text/plain"))
    parts = text.decode("utf-8").replace("\r\n", "\n").strip().split("\n\n")
    return "".join(f'<p class="plain" dir="auto">{"<br>".join(map(escape, part.splitlines()))}</p>' for part in parts)


def _inbox(told: Part, words: Words) -> str:
    head = dict(told.headers)
    sender, subject = mailbox_in(head["From"])[0], words_in(head["Subject"])
    rows = _rows(inbox_rows(sender, subject, f"{words.summary} {_line(words)}".strip()))
    lines = "".join(_told(f"{name}:", _OF_EACH.get(name, value)) for name, value in told.headers)
    sizes = {kind.partition(";")[0]: len(content) for kind, content in told.leaves}
    html = sizes["text/html"]
    clipped = "Gmail cuts it off, because it is longer than 102 kB" if html > _CLIPPED else "Gmail shows 102 kB of it"
    said = "".join(_told(kind, f"{size:,} bytes") for kind, size in sizes.items())
    return (
        f"{rows}<h2>The head of the message</h2>"
        '<p class="why">Mail servers add lines of their own, and a DKIM signature where [mail] has a key.</p>'
        f'{lines}<h2>Its parts</h2><p class="why">Of the HTML: {clipped}.</p>{said}'
    )


def _told(name: str, value: str) -> str:
    return f'<p class="line"><span class="why">{escape(name)}</span> {escape(value)}</p>'


def _line(words: Words) -> str:
    return " ".join(words.text.split())


def _rows(rows: Iterable[Row]) -> str:
    return "".join(
        f'<h2>{escape(row.program)}</h2><p class="why">{escape(row.why)}</p><div class="row">'
        f'<p class="from" dir="auto">{escape(row.sender)}</p><p class="title" dir="auto">{escape(row.title.shown)}</p>'
        f'<p dir="auto">{escape(row.text.shown)}</p></div>{_cut(row.title)}'
        for row in rows
    )


def _cut(line: Line) -> str:
    return f'<p class="why">Not seen of the title: <bdi>{escape(line.cut)}</bdi></p>' if line.cut else ""


def _document(inside: str) -> str:
    return (
        '<!DOCTYPE html><html lang="en"><head><meta charset="utf-8">'
        '<meta name="viewport" content="width=device-width, initial-scale=1">'
        f"<title>Preview</title><style>{_STYLE}</style></head><body><main>{inside}</main></body></html>"
    )
