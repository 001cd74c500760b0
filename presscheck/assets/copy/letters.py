"""One text, rendered the same way wherever it is seen: in the proof and in the message that goes out.

    preview_html(copy, brief)                          what the proof shows
    letter = Letter.of(copy, brief, sender=..., at=..., leave=...)
    letter.to(address, key=key, token=token)           the same HTML as the message's second part, in bytes

Everything is cleaned and escaped; body text is text and never markup. A letter is put together
once for each pick, and a message differs from it in `To`, `Message-ID` and the token of its
unsubscribe links only, so a message's bytes are the same whenever and wherever they are made again.
A finished letter is read again, strictly: where it does not say exactly what was signed, there is none.
"""

import re
from dataclasses import dataclass
from datetime import datetime
from email.message import EmailMessage
from email.policy import SMTP
from email.utils import format_datetime
from html import escape, unescape

from presscheck.addresses import sendable_address
from presscheck.assets.copy.mail_lines import from_line, subject_line
from presscheck.assets.copy.posts import POST_STYLE, Words, paragraphs_html
from presscheck.assets.copy.strict_mail import Part, mailbox_in, read_mail, words_in
from presscheck.assets.pictures.rendering import PICTURE_STYLE, ShownPicture, missing_figure
from presscheck.cleaning import clean_line, unfit_line, unfit_text
from presscheck.digests import digest_of
from presscheck.errors import NotAsSigned
from presscheck.matching import columns
from presscheck.models import Brief, CallToAction, Copy, Product, Sender
from presscheck.unsubscribe_links import LEAVE_HERE, TOKEN_LENGTH, WayToLeave

_KEY = re.compile(r"[0-9a-f]{16,64}")
_TOKEN = re.compile(rf"[A-Za-z0-9_-]{{{TOKEN_LENGTH}}}")
# What a recipient's own lines may hold: one address of plain atoms, one id, one or two links, and nothing else.
_OWN_HEAD = re.compile(
    rb"To: [A-Za-z0-9!#$%&'*+/=?^_`{|}~.-]+@[A-Za-z0-9.-]+\r\nMessage-ID: <[0-9a-f]{16,64}@[A-Za-z0-9.-]+>\r\n"
    rb"List-Unsubscribe: <[!-;=?-~]+>(?:,\r\n <[!-;=?-~]+>)?\r\nList-Unsubscribe-Post: List-Unsubscribe=One-Click\r\n"
)
_HEADERS = (
    "To", "Message-ID", "List-Unsubscribe", "List-Unsubscribe-Post", "From", "Subject", "Date", "Content-Language",
    "MIME-Version", "Content-Type",
)  # fmt: skip
"""Every message has exactly these, in this order."""
_SPECIMEN = "specimen@presscheck.invalid"
# RFC 5322 allows 998 characters a line; quoted-printable keeps every line under 78.
_POLICY = SMTP.clone(max_line_length=78)

# Colours hold in light and in dark, each by a contrast of 4.5 or more (WCAG 2.2, 1.4.3). Programs that take styles
# away show their own colours: nothing is hidden and nothing coloured by halves.
_STYLE = (
    ":root{color-scheme:light dark;supported-color-schemes:light dark}"
    "body{margin:0;background:#f4f4f2;color:#1c1c1a;font:16px/1.5 -apple-system,'Segoe UI',Roboto,Arial,sans-serif;"
    "overflow-wrap:anywhere}main{max-width:600px;margin:0 auto;padding:24px;background:#fff}"
    "p{margin:0 0 16px}a{color:#1c4fd8}a.cta{display:inline-block;padding:12px 20px;background:#1c4fd8;color:#fff;"
    "text-decoration:none;border-radius:4px}footer{margin-top:32px;font-size:13px;color:#5c5c58}"
    "@media (prefers-color-scheme:dark){body{background:#161614;color:#ecece6}main{background:#242422}"
    "a{color:#a9bdff}a.cta{color:#fff}footer{color:#b8b8b0}}"
)
# Inline, because webmail takes <style> away; max-height and the rest for those that do not know display, mso-hide for
# Outlook, which draws with Word (what MJML 4's mj-preview and Litmus write).
_HIDDEN = "display:none;font-size:1px;line-height:1px;max-height:0;max-width:0;opacity:0;overflow:hidden;mso-hide:all"

_BLOCKS = re.compile(r"</?(?:p|h1|h2|br|div|footer|figcaption)\b[^>]*>")
_PICTURES = re.compile(r'<img [^>]* height="(\d+)">')
_LINE, _BETWEEN, _AROUND = 24, 16, 128
"""Pixels: a line's height in the style above, what stands between two paragraphs, and around all of them."""
_HIGHEST = 20_000
"""The longest text that there may be, in paragraphs; one of empty lines does not push the others out of sight."""
_PHONE, _NARROWEST = 375, 30
"""A phone's width in pixels, and the letters on its line."""


def preview_html(
    copy: Copy,
    brief: Brief,
    product: Product | None = None,
    *,
    sender: Sender | None = None,
    unsubscribe: str = "#",
    shown: ShownPicture | None = None,
    inline: bool = False,
) -> str:
    """A complete HTML document, without scripts or outside resources, as recipients will see it.

    `product` gives the page its title where the channel knows no subject. `unsubscribe` is where the
    link at the foot of an e-mail leads; without one it leads nowhere. On other channels it shows what is sent there.
    `shown` is the picture that goes with the words: its bytes stand in the document, or with `inline` in
    the message around it.
    """
    words = Words.said_in(copy, brief)
    sender = sender or brief.sender
    title = words.title or (clean_line(product.name) if product else clean_line(brief.title))
    # On the parts as well: webmail takes away <html> and <body>, and what they say with them.
    said = f'lang="{words.language}" dir="{words.direction}"'
    picture, before, style = "", "", _STYLE
    if copy.image is not None:
        source = "" if shown is None else shown.cid_url if inline else shown.here
        picture = (
            missing_figure() if shown is None else shown.figure(source, turned=words.turned(shown.picture.caption))
        )
        style += PICTURE_STYLE
    if copy.channel == "email":
        if words.summary:
            before = f'<div {said} style="{_HIDDEN}">{escape(words.summary)}</div>'
        label = words.link.label
        link = f'<p{words.turned(label)}><a class="cta" href="{escape(words.link.url)}">{escape(label)}</a></p>'
        name, address = clean_line(sender.name), clean_line(sender.postal_address)
        footer = (
            f"<footer{words.turned(f'{name} {address}')}>{escape(name)}<br>{escape(address)}<br>"
            f'<a href="{escape(unsubscribe)}">Unsubscribe</a></footer>'
        )
        inside = f"{picture}{paragraphs_html(words)}{link}{footer}"
    else:
        inside, style = words.shown(sender.name), style + POST_STYLE
    return (
        f'<!DOCTYPE html><html {said}><head><meta charset="utf-8">'
        '<meta name="viewport" content="width=device-width, initial-scale=1">'
        '<meta name="color-scheme" content="light dark"><meta name="supported-color-schemes" content="light dark">'
        f"<title>{escape(title)}</title><style>{style}</style></head>"
        f"<body>{before}<main {said}>{inside}</main></body></html>"
    )


def framed(html: str) -> str:
    """The same document for a sandboxed frame: a click on a link does nothing, where it would lead the frame away."""
    # A sandbox opens no windows; a frame that navigated would show an error in the place of the message.
    return html.replace("<head>", '<head><base target="_blank">', 1)


def frame_height(html: str, *, width: int = _PHONE) -> int:
    """About how many pixels high a frame shows all of a document, down to this width: that of a phone.

    A sandboxed frame cannot say how high it would be, so the lines are counted: a little too many, because what is
    left over is empty and what is missing would be the footer. The frame scrolls where it was too few all the same.
    """
    lines = [unescape(re.sub("<[^>]*>", "", block)) for block in _BLOCKS.split(html.partition("<body>")[2])]
    letters = _NARROWEST * width // _PHONE
    high = sum(_LINE * -(-columns(line) // letters) + _BETWEEN for line in lines if line.strip())
    return min(_AROUND + high + sum(map(int, _PICTURES.findall(html))), _HIGHEST)


@dataclass(frozen=True)
class Letter:
    """What all messages of one pick have in common, as bytes ready to send."""

    sender: Sender
    leave: WayToLeave
    pieces: tuple[bytes | slice, ...]
    """What stands in every message, and between that the parts of its token."""

    @classmethod
    def of(
        cls,
        copy: Copy,
        brief: Brief,
        *,
        sender: Sender,
        at: datetime,
        product: Product | None = None,
        leave: WayToLeave = LEAVE_HERE,
        shown: ShownPicture | None = None,
    ) -> "Letter":
        """Put a letter together; `at` is the time in the Date header, `leave` where people unsubscribe.

        `shown` is the picture that goes with the words. ValueError for another channel than e-mail, and for
        words without their picture; NotAsSigned where the finished letter does not read as `copy` and `sender` say.
        """
        if copy.channel != "email":
            raise ValueError(f"only e-mail is rendered as messages, and this copy is for {copy.channel}")
        if (copy.image is None) != (shown is None):
            raise ValueError("what was approved is words and picture together; neither goes out alone")
        words = Words.said_in(copy, brief)
        if unfit := _unfit(copy, copy.call_to_action or brief.call_to_action, sender):
            raise NotAsSigned(f"what was signed would go out as other words: {unfit}")
        # A token that no text can hold, because it is made from the text.
        said = [copy.model_dump(mode="json"), brief.digest, sender.model_dump(mode="json")]
        stand_in = (digest_of(said) * 3)[:TOKEN_LENGTH]
        link = leave.link(stand_in)
        text = _plain(words, sender, link, shown)
        html = preview_html(copy, brief, product, sender=sender, unsubscribe=link, shown=shown, inline=True)
        try:
            head = from_line(sender.name, sender.address) + subject_line(copy.subject)
            # RFC 3282 (May 2002): the plain part says its language too, and a tag of BCP 47 is plain ASCII.
            more = f"Date: {format_datetime(at)}\r\nContent-Language: {words.language}\r\n"
            content = head + more.encode("ascii") + _body(text, html, shown)
            made = cls(sender, leave, _pieces(content, stand_in))
            told = read_mail(made.to(_SPECIMEN, key="0" * 64, token=stand_in))
            if tuple(name for name, _ in told.headers) != _HEADERS:
                raise ValueError("its head does not hold exactly our headers, once each")
            says = (mailbox_in(told.headers[4][1]), words_in(told.headers[5][1]))
        except ValueError as error:
            raise NotAsSigned(f"a finished message cannot be read as it was signed: {error}") from error
        if says != ((sender.name, sender.address), copy.subject):
            raise NotAsSigned("a finished message's head does not say exactly the signed sender and subject")
        if not _holds(told, text, html, shown):
            raise NotAsSigned("a finished message does not hold exactly the words and the picture that were signed")
        return made

    def to(self, address: str, *, key: str, token: str) -> bytes:
        """The message for one address, lines ending in CRLF. ValueError for an address or a token that is none.

        NotAsSigned where the lines of its own would be more, or others, than those of every message.
        """
        if _TOKEN.fullmatch(token) is None:
            raise ValueError(f"an unsubscribe token is {TOKEN_LENGTH} letters of base64url")
        head = (
            f"To: {_checked_address(address)}\r\nMessage-ID: {_message_id(key, self.sender)}\r\n"
            f"{self.leave.headers(token)}"
        ).encode("ascii")
        if _OWN_HEAD.fullmatch(head) is None:
            raise NotAsSigned("a message's own lines hold more than its address, its id and its links to leave")
        own = token.encode("ascii")
        return head + b"".join(own[piece] if isinstance(piece, slice) else piece for piece in self.pieces)


def _pieces(content: bytes, stand_in: str) -> tuple[bytes | slice, ...]:
    """The content cut up around the stand-in, also where quoted-printable broke it over two lines.

    A token has as many characters as its stand-in, all of which stand for themselves in quoted-printable, so every
    token is broken where the stand-in was.
    """
    broken = re.compile(rb"(?:=\r\n)?".join(re.escape(bytes([one])) for one in stand_in.encode("ascii")))
    pieces: list[bytes | slice] = []
    done = links = 0
    for found in broken.finditer(content):
        links += 1
        pieces.append(content[done : found.start()])
        at = 0
        for part in found[0].split(b"=\r\n"):
            pieces += [slice(at, at + len(part)), b"=\r\n"]
            at += len(part)
        pieces.pop()
        done = found.end()
    if links != 2:
        raise ValueError("an e-mail needs its unsubscribe link in the text and in the HTML")
    return (*pieces, content[done:])


def _unfit(copy: Copy, action: CallToAction, sender: Sender) -> str:
    """The first of the signed words that cleaning would change, or that a header would not say; "" for none."""
    lines = {
        "sender.name": sender.name,
        "sender.postal_address": sender.postal_address,
        "subject": copy.subject,
        "preheader": copy.preheader,
        "call_to_action.label": action.label,
    }
    faults = [(name, unfit_line(text)) for name, text in lines.items()] + [("body", unfit_text(copy.body))]
    return next((f"{name}: {fault}" for name, fault in faults if fault), "")


def _body(text: str, html: str, shown: ShownPicture | None) -> bytes:
    """The MIME headers and the parts. Nothing of what people wrote stands in a header here."""
    message = EmailMessage(policy=_POLICY)
    message.set_content(text, cte="quoted-printable")
    message.add_alternative(html, subtype="html", cte="quoted-printable")
    if shown is not None:
        shown.attach(message)
    # A boundary at random would make the same message differ from one attempt to the next.
    message.set_boundary(f"=_{digest_of([text, html])[:40]}")
    return message.as_bytes()


def _holds(told: Part, text: str, html: str, shown: ShownPicture | None) -> bool:
    """Whether a message has exactly these parts, in our order and no deeper than we nest them."""
    kinds = ["text/plain", "text/html" if shown is None else "multipart/related"]
    # A part of text ends with its last line's end, whether the text had one or not.
    leaves = [("text/plain", text), ("text/html", f"{html}\n")]
    wanted = [(f'{kind}; charset="utf-8"', said.replace("\n", "\r\n").encode("utf-8")) for kind, said in leaves]
    if shown is not None:
        wanted.append((shown.picture.media_type, shown.data))
    nested = (told.kind, [part.kind.partition(";")[0] for part in told.parts])
    return nested == ("multipart/alternative", kinds) and list(told.leaves) == wanted


def _plain(words: Words, sender: Sender, unsubscribe: str, shown: ShownPicture | None) -> str:
    parts = [*(shown.words if shown else ()), *words.paragraphs, f"{words.link.label}: {words.link.url}"]
    parts.append(f"-- \n{clean_line(sender.name)}\n{clean_line(sender.postal_address)}\nUnsubscribe: {unsubscribe}")
    return "\n\n".join(parts) + "\n"


def _checked_address(address: str) -> str:
    if not sendable_address(address):
        raise ValueError("not an address that a message can be sent to")
    return address


def _message_id(key: str, sender: Sender) -> str:
    if _KEY.fullmatch(key) is None:
        raise ValueError("a message key is 16 to 64 hexadecimal digits")
    return f"<{key}@{sender.address.rpartition('@')[2]}>"
