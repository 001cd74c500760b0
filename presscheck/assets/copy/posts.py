"""What one text says, once for everybody: for the press, which sends it, and for the proof, which shows it.

    words = Words.said_in(copy, brief)
    words.shown("Brand")               the inside of the proof's page, on any channel but e-mail
    post = Post.of(copy, brief, asset=digest, sender=..., at=..., place=(0, 3))
    post.to(recipient, key=key)        canonical JSON, the same bytes whenever it is made

A post is its words and what a platform needs besides. A channel sends nothing to people that is not in the words,
and the proof shows nothing else: whoever adds a field adds it there, and both have it. Everything is cleaned; a
text stays text. In search ads `subject` and `preheader` are the two headlines and each paragraph is a description;
in blog posts they are title and standfirst.
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
from presscheck.world.languages import direction, language_of

_LONGEST_HEADLINE = 30
_LONGEST_PATH = 15

POST_STYLE = (
    ".card{border:1px solid #8a8a84;border-radius:8px;padding:16px}.card p{margin:0 0 8px}"
    ".where,.with{font-size:13px;color:#5c5c58}.with{margin:16px 0 0}.head{font-weight:700}"
    ".ad .head{color:#1a0dab;font-size:20px;font-weight:400;line-height:1.3}.standfirst{font-size:19px;color:#5c5c58}"
    "h1{font-size:28px;line-height:1.2;margin:0 0 12px}"
    "@media (prefers-color-scheme:dark){.where,.with,.standfirst{color:#b8b8b0}.ad .head{color:#a9bdff}}"
)
"""What the pages of posts need besides the style of every page, in light and in dark."""


@dataclass(frozen=True)
class Words:
    """All that people get to read of one text, and where it leads; cleaned."""

    channel: Channel
    campaign: str
    """The brief's short name, which is a slug."""
    title: str
    summary: str
    paragraphs: tuple[str, ...]
    link: CallToAction
    language: str
    """BCP 47; `und` where nobody has said it and the letters do not tell."""
    direction: str
    """Which way most of it is read: ltr or rtl."""

    @classmethod
    def said_in(cls, copy: Copy, brief: Brief) -> "Words":
        """What a text says as a message of this brief, on any channel."""
        link = (copy.call_to_action or brief.call_to_action).as_sent
        title, summary, body = clean_line(copy.subject), clean_line(copy.preheader), clean_text(copy.body)
        return cls(
            channel=copy.channel,
            campaign=brief.id,
            title=title,
            summary=summary,
            paragraphs=tuple(part.strip() for part in re.split(r"\n\s*\n", body) if part.strip()),
            link=link.model_copy(update={"label": clean_line(link.label)}),
            language=brief.language or language_of(f"{title} {body}"),
            direction=direction(f"{title} {summary} {body}"),
        )

    @property
    def text(self) -> str:
        return "\n\n".join(self.paragraphs)

    def turned(self, text: str) -> str:
        """`dir` for a piece that is read the other way than most of the text; mail programs do not guess.

        Without it an address in Latin letters at the foot of a Hebrew letter ends with its house number.
        """
        way = direction(text)
        return "" if way == self.direction else f' dir="{way}"'

    @property
    def headlines(self) -> tuple[str, ...]:
        """A search ad's headlines."""
        return tuple(one for one in (self.title, self.summary, third_headline(self.link)) if one)

    @property
    def descriptions(self) -> tuple[str, ...]:
        """A search ad's descriptions, a line each."""
        return tuple(" ".join(part.split()) for part in self.paragraphs)

    @property
    def shown_path(self) -> str:
        """A search ad's display path: the longest end of the campaign's name, in whole words, that Google takes."""
        path = ""
        for word in re.split(r"[-_]", self.campaign):
            longer = f"{path}-{word}" if path else word
            if len(longer) > _LONGEST_PATH:
                break
            path = longer
        return path

    def shown(self, sender: str) -> str:
        """What arrives, as HTML: a message, a post, an ad or an article. ValueError for e-mail, which is a letter.

        Where the link goes out beside the words and no button does (the platform makes of it what it likes), it
        stands below in plain words.
        """
        beside = f"Sent with it, as a link: “{self.link.label}”, {self.link.url}"
        with_it, where = _piece("p", self, beside, kind="with"), _piece("p", self, clean_line(sender), kind="where")
        match self.channel:
            case "email":
                raise ValueError("e-mail is rendered as a letter, not as a post")
            case "sms" | "push" | "social":
                head = _piece("p", self, self.title, kind="head") + _piece("p", self, self.summary)
                return f'<div class="card">{where}{head}{paragraphs_html(self)}</div>{with_it}'
            case "search":
                place = escape(f"{urlsplit(self.link.url).netloc}/{self.shown_path}")
                head = _piece("p", self, " | ".join(self.headlines), kind="head")
                return (
                    f'<div class="card ad"><p class="where" dir="ltr"><strong>Ad</strong> · {place}</p>{head}'
                    f"{_piece('p', self, ' '.join(self.descriptions))}</div>{with_it}"
                )
            case "blog":
                head = _piece("h1", self, self.title) + _piece("p", self, self.summary, kind="standfirst")
                label = self.link.label
                link = f'<p{self.turned(label)}><a href="{escape(self.link.url)}">{escape(label)}</a></p>'
                return f"{head}{paragraphs_html(self)}{link}{where}"


@dataclass(frozen=True)
class Post(Words):
    """One approved text on one channel, with all that a platform needs to publish it."""

    asset: str
    delivery: str
    run: str
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
            **vars(Words.said_in(copy, brief)),
            asset=asset,
            delivery=delivery,
            run=run,
            sender=sender,
            markets=brief.markets,
            at=at,
            deadline=brief.deadline,
            place=place,
        )

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
            "link": {"label": self.link.label, "url": self.link.url},
            "markets": list(self.markets),
            "permitted_at": self.at.astimezone(UTC).isoformat(timespec="seconds").replace("+00:00", "Z"),
            "preheader": self.summary,
            "run": self.run,
            "sender": clean_line(self.sender.name),
            "subject": self.title,
        }


def paragraphs_html(words: Words) -> str:
    """The paragraphs as HTML, with the breaks of their lines."""
    return "".join(_piece("p", words, part) for part in words.paragraphs)


def _piece(tag: str, words: Words, text: str, *, kind: str = "") -> str:
    """One element with some of the text, or nothing for none."""
    named = f' class="{kind}"' if kind else ""
    lines = "<br>".join(escape(line) for line in text.split("\n"))
    return f"<{tag}{named}{words.turned(text)}>{lines}</{tag}>" if text else ""


def third_headline(link: CallToAction) -> str:
    """A search ad's third headline: the words of the brief's link, where they are short enough; else nothing."""
    label = clean_line(link.label)
    return label if columns(label) <= _LONGEST_HEADLINE else ""
