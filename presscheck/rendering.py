"""One text, rendered the same way wherever it is seen: in the proof and in the message that goes out.

    preview_html(copy, brief)                          what the proof shows
    letter = Letter.of(copy, brief, sender=..., at=...)
    letter.to(address, key=key)                        the same HTML as the message's second part, in bytes

Everything is cleaned and escaped; body text is text and never markup. A letter is put together
once for each pick, and a message differs from it in `To` and `Message-ID` only, so a message's
bytes are the same whenever and wherever they are made again.
"""

import re
from dataclasses import dataclass
from datetime import datetime
from email.headerregistry import Address
from email.message import EmailMessage
from email.policy import SMTP
from email.utils import format_datetime
from html import escape

from presscheck.cleaning import clean_line, clean_text
from presscheck.digests import digest_of
from presscheck.models import Brief, CallToAction, Copy, Product, Sender
from presscheck.posts import POST_STYLE, post_body

__all__ = ["Letter", "preview_html", "sendable_address"]

_ADDRESS = re.compile(r"[A-Za-z0-9._%+\-]{1,64}@[A-Za-z0-9.\-]{1,190}\.[A-Za-z]{2,24}")
_KEY = re.compile(r"[0-9a-f]{16,64}")
# RFC 5322 allows 998 characters a line; quoted-printable keeps every line under 78.
_POLICY = SMTP.clone(max_line_length=78)

_STYLE = (
    "body{margin:0;background:#f4f4f2;color:#1c1c1a;font:16px/1.5 -apple-system,'Segoe UI',Roboto,Arial,sans-serif}"
    "main{max-width:600px;margin:0 auto;padding:24px;background:#fff}"
    "p{margin:0 0 16px}a.cta{display:inline-block;padding:12px 20px;background:#1c4fd8;color:#fff;"
    "text-decoration:none;border-radius:4px}footer{margin-top:32px;font-size:13px;color:#5c5c58}"
    ".pre{display:none;max-height:0;overflow:hidden}"
)


def sendable_address(address: str) -> bool:
    """Whether an address is plain enough to stand in a header as it is: ASCII, one `@`, no white space."""
    return _ADDRESS.fullmatch(address) is not None and ".." not in address


def preview_html(copy: Copy, brief: Brief, product: Product | None = None, *, sender: Sender | None = None) -> str:
    """A complete HTML document, without scripts or outside resources, as recipients will see it.

    `product` gives the page its title where the channel knows no subject. Channels other than
    e-mail show their text alone.
    """
    title = clean_line(copy.subject) or (clean_line(product.name) if product else clean_line(brief.title))
    paragraphs = "".join(f"<p>{_lines(part)}</p>" for part in _paragraphs(copy))
    action = _action(copy, brief)
    link = f'<p><a class="cta" href="{escape(action.url)}">{escape(clean_line(action.label))}</a></p>'
    if copy.channel == "email":
        preheader = clean_line(copy.preheader)
        before = f'<div class="pre">{escape(preheader)}</div>' if preheader else ""
        after = f"<footer>{_footer_html(sender or brief.sender)}</footer>"
    else:
        before, after = "", ""
    if (post := post_body(copy, brief)) is not None:
        paragraphs, link, style = post, "", _STYLE + POST_STYLE
    else:
        style = _STYLE
    return (
        '<!DOCTYPE html><html><head><meta charset="utf-8">'
        '<meta name="viewport" content="width=device-width, initial-scale=1">'
        f"<title>{escape(title)}</title><style>{style}</style></head>"
        f"<body>{before}<main>{paragraphs}{link}{after}</main></body></html>"
    )


@dataclass(frozen=True)
class Letter:
    """What all messages of one pick have in common, as bytes ready to send."""

    sender: Sender
    content: bytes

    @classmethod
    def of(cls, copy: Copy, brief: Brief, *, sender: Sender, at: datetime, product: Product | None = None) -> "Letter":
        """Put a letter together; `at` is the time in the Date header. ValueError for another channel than e-mail."""
        return cls(sender, _letter(copy, brief, sender, at, product).as_bytes())

    def to(self, address: str, *, key: str) -> bytes:
        """The message for one address, lines ending in CRLF. ValueError for an address that is none."""
        head = f"To: {_checked_address(address)}\r\nMessage-ID: {_message_id(key, self.sender)}\r\n"
        return head.encode("ascii") + self.content


def _letter(copy: Copy, brief: Brief, sender: Sender, at: datetime, product: Product | None) -> EmailMessage:
    if copy.channel != "email":
        raise ValueError(f"only e-mail is rendered as messages, and this copy is for {copy.channel}")
    message = EmailMessage(policy=_POLICY)
    user, _, domain = sender.address.rpartition("@")
    message["From"] = Address(display_name=clean_line(sender.name), username=user, domain=domain)
    message["Subject"] = clean_line(copy.subject)
    message["Date"] = format_datetime(at)
    html = preview_html(copy, brief, product, sender=sender)
    text = _plain(copy, brief, sender)
    message.set_content(text, cte="quoted-printable")
    message.add_alternative(html, subtype="html", cte="quoted-printable")
    # A boundary at random would make the same message differ from one attempt to the next.
    message.set_boundary(f"=_{digest_of([text, html])[:40]}")
    return message


def _plain(copy: Copy, brief: Brief, sender: Sender) -> str:
    action = _action(copy, brief)
    parts = [*_paragraphs(copy), f"{clean_line(action.label)}: {action.url}"]
    parts.append(f"-- \n{clean_line(sender.name)}\n{clean_line(sender.postal_address)}")
    return "\n\n".join(parts) + "\n"


def _paragraphs(copy: Copy) -> list[str]:
    return [part.strip() for part in re.split(r"\n\s*\n", clean_text(copy.body)) if part.strip()]


def _lines(paragraph: str) -> str:
    return "<br>".join(escape(line) for line in paragraph.split("\n"))


def _footer_html(sender: Sender) -> str:
    return f"{escape(clean_line(sender.name))}<br>{escape(clean_line(sender.postal_address))}"


def _action(copy: Copy, brief: Brief) -> CallToAction:
    return copy.call_to_action or brief.call_to_action


def _checked_address(address: str) -> str:
    if not sendable_address(address):
        raise ValueError("not an address that a message can be sent to")
    return address


def _message_id(key: str, sender: Sender) -> str:
    if _KEY.fullmatch(key) is None:
        raise ValueError("a message key is 16 to 64 hexadecimal digits")
    return f"<{key}@{sender.address.rpartition('@')[2]}>"
