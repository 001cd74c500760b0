"""What goes out where it is no e-mail: a text as JSON for a platform, and as a page for people to look at.

    post = Post.of(copy, brief, asset=digest, sender=..., at=..., place=(0, 3))
    post.to(recipient, key=key)        canonical JSON, the same bytes whenever it is made
    post_body(copy, brief)             the inside of the proof's page

Everything is cleaned; a text stays text. In search ads `subject` and `preheader` are the two
headlines and each paragraph is a description; in blog posts they are title and standfirst.
"""

import re
from dataclasses import dataclass
from datetime import UTC, date, datetime
from html import escape
from urllib.parse import urlsplit

from presscheck.cleaning import clean_line, clean_text
from presscheck.digests import canonical
from presscheck.matching import columns
from presscheck.models import Brief, CallToAction, Channel, Copy, Sender

__all__ = ["POST_STYLE", "Post", "paragraphs_of", "post_body", "third_headline"]

_LONGEST_HEADLINE = 30

POST_STYLE = (
    ".ad{border:1px solid #ddd;border-radius:8px;padding:16px}.ad p{margin:0 0 4px}.ad .where{font-size:13px}"
    ".ad .head{color:#1a0dab;font-size:20px;line-height:1.3}.standfirst{font-size:19px;color:#5c5c58}"
    "h1{font-size:28px;line-height:1.2;margin:0 0 12px}"
)
"""What the pages of search ads and blog posts need besides the style of every page."""


@dataclass(frozen=True)
class Post:
    """One approved text on one channel, with all that a platform needs to publish it."""

    channel: Channel
    asset: str
    delivery: str
    run: str
    campaign: str
    """The brief's short name, which is a slug."""
    title: str
    summary: str
    paragraphs: tuple[str, ...]
    link: CallToAction
    sender: Sender
    markets: tuple[str, ...]
    at: datetime
    """When the right to publish was first given: one moment for the whole delivery."""
    deadline: date
    place: tuple[int, int]
    """Which of the delivery's texts it is, from 0, and how many they are."""

    @classmethod
    def of(
        cls,
        copy: Copy,
        brief: Brief,
        *,
        asset: str,
        delivery: str,
        run: str,
        sender: Sender,
        at: datetime,
        place: tuple[int, int],
    ) -> "Post":
        """A post of an approved text. ValueError for e-mail, which is rendered as a letter."""
        if copy.channel == "email":
            raise ValueError("e-mail is rendered as a letter, not as a post")
        return cls(
            channel=copy.channel,
            asset=asset,
            delivery=delivery,
            run=run,
            campaign=brief.id,
            title=clean_line(copy.subject),
            summary=clean_line(copy.preheader),
            paragraphs=tuple(paragraphs_of(copy)),
            link=(copy.call_to_action or brief.call_to_action).as_sent,
            sender=sender,
            markets=brief.markets,
            at=at,
            deadline=brief.deadline,
            place=place,
        )

    @property
    def text(self) -> str:
        return "\n\n".join(self.paragraphs)

    def to(self, recipient: str, *, key: str) -> bytes:
        """The message for one recipient's id, or for everybody where it is empty."""
        return canonical({**self._common, "key": key, "to": recipient or None})

    @property
    def _common(self) -> dict[str, object]:
        return {
            "asset": self.asset,
            "body": self.text,
            "campaign": self.campaign,
            "channel": self.channel,
            "deadline": self.deadline.isoformat(),
            "delivery": self.delivery,
            "link": {"label": clean_line(self.link.label), "url": self.link.url},
            "markets": list(self.markets),
            "permitted_at": self.at.astimezone(UTC).isoformat(timespec="seconds").replace("+00:00", "Z"),
            "preheader": self.summary,
            "run": self.run,
            "sender": clean_line(self.sender.name),
            "subject": self.title,
        }


def paragraphs_of(copy: Copy) -> list[str]:
    """The body's paragraphs, cleaned; line breaks within one stay."""
    return [part.strip() for part in re.split(r"\n\s*\n", clean_text(copy.body)) if part.strip()]


def third_headline(link: CallToAction) -> str:
    """A search ad's third headline: the words of the brief's link, where they are short enough; else nothing."""
    label = clean_line(link.label)
    return label if columns(label) <= _LONGEST_HEADLINE else ""


def post_body(copy: Copy, brief: Brief) -> str | None:
    """A search ad or a blog post as HTML; None for other channels, which are shown as paragraphs and a link."""
    link = (copy.call_to_action or brief.call_to_action).as_sent
    paragraphs = paragraphs_of(copy)
    if copy.channel == "search":
        headlines = [clean_line(copy.subject), clean_line(copy.preheader), third_headline(link)]
        host = urlsplit(link.url).netloc
        return (
            f'<div class="ad"><p class="where"><strong>Ad</strong> · {escape(host)}</p>'
            f'<p class="head">{escape(" | ".join(one for one in headlines if one))}</p>'
            f"<p>{escape(' '.join(' '.join(part.split()) for part in paragraphs))}</p></div>"
        )
    if copy.channel == "blog":
        standfirst = clean_line(copy.preheader)
        return (
            f"<h1>{escape(clean_line(copy.subject))}</h1>"
            + (f'<p class="standfirst">{escape(standfirst)}</p>' if standfirst else "")
            + "".join(f"<p>{'<br>'.join(escape(line) for line in part.split(chr(10)))}</p>" for part in paragraphs)
            + f'<p><a href="{escape(link.url)}">{escape(clean_line(link.label))}</a></p>'
        )
    return None
