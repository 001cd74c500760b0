"""What a mail that came back says: a bounce (RFC 3464), a complaint (RFC 5965), a wish to leave; or it is none of ours.

    notice = read_notice(raw)          # Notice, or None

Anybody can write to these mailboxes, so nothing is believed here: a notice carries the proofs that
it brought along, and `feedback` asks whether the press made them. Headers are read by hand and
within bounds, a few levels deep; nothing is unpacked, decoded only where words must be read.

Whoever answers a mail quotes it, with its link to leave: that alone is no wish. Our messages never say
`unsubscribe TOKEN`, so whoever says that means it, whatever stands around it.
"""

import binascii
import html
import re
from collections.abc import Iterator
from dataclasses import dataclass
from typing import Literal

from presscheck.press.refusals import about, is_about_us
from presscheck.unsubscribe_links import TOKEN_LENGTH, tokens_in, tokens_of_link

MOST_BYTES = 1024 * 1024
"""A mail that is longer is not read at all; a report with the message it is about is some kilobytes."""

NoticeKind = Literal["hard", "soft", "policy", "complaint", "unsubscribe"]
"""hard: the mailbox is not there, for good. policy: refused for something of ours. soft: any other bounce."""

_MOST_HEADERS = 300
_LONGEST_VALUE = 4_000
_LONGEST_LINE = 200
_MOST_PARTS = 8
_DEEPEST = 3
_MOST_RECIPIENTS = 50
_MOST_DECODED = 64 * 1024
_BOUNDARY = re.compile(
    r'boundary[ \t]{0,4}=[ \t]{0,4}"?([A-Za-z0-9\'()+_,./:=?-][A-Za-z0-9\'()+_,./:=? -]{0,69})"?', re.IGNORECASE
)
_STATUS = re.compile(r"([245])\.[0-9]{1,3}\.[0-9]{1,3}")
_TAG = re.compile(r"bounce\+([0-9a-f]{40})@", re.IGNORECASE)
_ONE = r"[A-Za-z0-9_-]"
# Programs that break long lines put a space into a token; the word before it says where it begins. Behind `subject=`
# it is quoted from our header.
_LEAVING = re.compile(
    rf"(?<!subject=)(?=unsubscribe[\s:=\"'*_>]{{1,20}}({_ONE}{{20,{TOKEN_LENGTH}}}(?:\s{{1,4}}{_ONE}{{1,{TOKEN_LENGTH}}}){{0,8}}))",
    re.IGNORECASE,
)
_ENCODED = re.compile(r"=\?[^?\s]{1,40}\?([bq])\?([^?]{0,2000})\?=(?:\s{1,10}(?==\?))?", re.IGNORECASE)
# The whole of a subject, or of a mail's first line.
_WISH = re.compile(
    r"\s*(?:(?:re|aw|fw|fwd|wg|sv|antw|tr)\s*:\s*|\[[^\]]{0,40}\]\s*){0,8}(?:please,?\s+)?"
    r"(?:i (?:want|wish|would like) to )?"
    r"unsubscribe(?:\s+me)?(?: from (?:all|(?:all |this |these |the |your )?(?:mailing |e-?mail )?(?:list|e-?mail|mail|"
    r"message|newsletter)s?))?(?:[,.!]?\s+(?:please|thanks|thank you))?[\s.!]*",
    re.IGNORECASE,
)
# What stands in HTML and nobody reads; matched by its two ends, so that no end is looked for twice.
_UNREAD = re.compile(r"</?(?:style|script|title)\b[^<>]{0,2000}>", re.IGNORECASE)
# Programs that answer by themselves and do not say so as RFC 3834 asks.
_ANSWERED = ("x-autoreply", "x-autorespond", "x-autoresponder", "x-auto-reply")
_MARKUP = re.compile(r"<[^<>]{0,2000}>")
_SENT_TO = ("delivered-to", "x-original-to", "envelope-to", "x-envelope-to", "to")
# What people do with the spam button; an authentication report (RFC 6591) is no complaint.
_COMPLAINTS = {"abuse", "fraud", "virus", "opt-out", "opt-out-list", "complaint", "spam"}
# Outlook.com's complaints (JMRP) are no reports: the message, attached, with the recipient in a header of theirs.
_OUTLOOK = "x-hmxmroriginalrecipient"
_REPORTS = ("message/feedback-report", "message/delivery-status", "message/global-delivery-status")
_GIVEN_BACK = ("message/rfc822", "text/rfc822-headers", "message/global", "message/global-headers")

# Bounces in prose, as qmail, older Exim and others write them: who writes, under which title, and above which line
# stands what the server said.
_DAEMON = re.compile(r"mailer-daemon|postmaster|mail delivery (?:sub)?system", re.IGNORECASE)
_UNDELIVERED = re.compile(
    r"undeliver|not (?:be )?delivered|non[- ]?deliver|failure notice|returned mail|returning message|mail failure|"
    r"deliver\w* (?:status |report )?(?:notification|fail|problem|error)|mail delivery failed|unzustellbar|non remis|"
    r"no entregado",
    re.IGNORECASE,
)
_DELAYED = re.compile(r"delay|warning|still being", re.IGNORECASE)
_COPY = re.compile(
    r"^(?:[ \t]{0,4}[-=_*]{2,}.{0,60}\b(?:copy|below|original|message|header|included|returned|unsent)\b"
    r"|(?:received|return-path|mime-version|dkim-signature):|.{0,80}copy of (?:the|your) (?:original )?message)",
    re.IGNORECASE | re.MULTILINE,
)

Headers = dict[str, list[str]]
Part = tuple[Headers, bytes]


@dataclass(frozen=True)
class Notice:
    """One reading, with the proofs it brought along: return tags, and tokens of the message it is about."""

    kind: NoticeKind
    tags: tuple[str, ...] = ()
    tokens: tuple[str, ...] = ()
    final: bool = True
    """False: a server says that it has not delivered yet and goes on trying."""


def read_notice(raw: bytes | None) -> Notice | None:
    """The reading; None for anything that is no bounce, complaint or wish to leave. Never raises."""
    if raw is None or len(raw) > MOST_BYTES:
        return None
    headers, body = _split(raw)
    # Some programs put the link's address into the subject as it stands.
    subject = _words(_one(headers, "subject")).replace("%20", " ")
    # Whoever has a token was written to, and no message of ours carries one in its subject.
    if tokens := (*_leaving_in(subject), *tokens_in(subject)):
        return Notice("unsubscribe", tokens=_few(tokens))
    parts = _flat(_parts_of(headers, body)) or [(headers, body)]
    said = next((said for part in parts if (said := _said(part)) is not None), None)
    returned = [head for part in parts if (head := _returned(*part)) is not None]
    if _OUTLOOK in headers:
        returned.append((headers, body))
    if said is None and any(_OUTLOOK in head for head, _ in returned):
        said = ("complaint", True)
    prose = None
    if said is None and not any(_media_type(head) in _REPORTS for head, _ in parts):
        prose = next(_texts(headers, body), "")
        said = _told_in_prose(headers, subject, prose)
    if said is None:
        return _wish(headers, body, subject)
    tags = {found[1].lower() for name in _SENT_TO for value in headers.get(name, ()) for found in _TAG.finditer(value)}
    links = [value for head, _ in returned for value in head.get("list-unsubscribe", ())]
    tokens = {found for link in links for found in tokens_of_link(link)}
    if prose is not None:
        tokens = set(tokens_in(prose))
    elif not tokens and said[0] == "complaint":
        # Some providers take the header out before they pass a complaint on, and leave the footer.
        tokens = {found for part in returned for text in _texts(*part) for found in tokens_in(text)}
    return Notice(said[0], _few(tags), _few(tokens), final=said[1])


def _wish(headers: Headers, body: bytes, subject: str) -> Notice | None:
    """A wish to leave in a mail's own words; what a machine wrote by itself is none."""
    answered = _one(headers, "auto-submitted").partition(";")[0].strip().lower() not in ("", "no")
    if answered or not headers.keys().isdisjoint(_ANSWERED) or "auto_reply" in _one(headers, "precedence").lower():
        return None
    texts = list(_texts(headers, body))
    tokens = [found for text in texts for form in (text, _unmarked(text)) for found in _leaving_in(form)]
    if not tokens and (_WISH.fullmatch(subject) or _WISH.fullmatch(_first_line(texts))):
        tokens = [found for text in texts for found in tokens_in(text)]
    return Notice("unsubscribe", tokens=_few(tokens)) if tokens else None


def _leaving_in(text: str) -> Iterator[str]:
    for found in _LEAVING.finditer(text):
        token = ""
        for piece in found[1].split():
            token += piece
            if len(token) == TOKEN_LENGTH:
                yield token


def _first_line(texts: list[str]) -> str:
    """What somebody wrote above anything that they quote: the word alone may stand further down, as our link does."""
    read = "\n".join(_UNREAD.split(texts[0])[::2]) if texts else ""
    lines = _unmarked(read).splitlines()
    return next((line for line in lines if line.strip()), "")[:_LONGEST_LINE]


def _unmarked(text: str) -> str:
    return _MARKUP.sub("\n", text)


def _few(proofs: "set[str] | tuple[str, ...] | list[str]") -> tuple[str, ...]:
    return tuple(sorted(set(proofs)))[:4]


# ---------------------------------------------------------------- reports


def _said(part: Part) -> tuple[NoticeKind, bool] | None:
    """What a part of a report says, if it is the part that says something; and whether that is final."""
    headers, body = part
    kind = _media_type(headers)
    if kind in _REPORTS[1:]:
        return _bounced(_blocks(_plain(headers, body)))
    if kind == _REPORTS[0]:
        said, _ = _split(_plain(headers, body).lstrip(b"\r\n"))
        return ("complaint", True) if _one(said, "feedback-type").strip().lower() in _COMPLAINTS else None
    return None


def _bounced(blocks: Iterator[Headers]) -> tuple[NoticeKind, bool] | None:
    found: set[NoticeKind] = set()
    there = delayed = False
    for block in blocks:
        action = _one(block, "action").strip().lower().partition(" ")[0]
        status, words = _one(block, "status").strip(), _one(block, "diagnostic-code")
        known = _STATUS.search(status)
        if known is not None and known[1] == "2":
            there = there or action in ("delivered", "relayed", "expanded")
        elif action == "failed" and (known is not None or words.strip()):
            what = about(None, status, words)
            found.add("hard" if what == "mailbox" else "policy" if is_about_us(what) else "soft")
        elif action == "delayed":
            delayed = True
    if not found:
        return ("soft", False) if delayed else None
    # One message has one recipient: what was passed on to several, and reached one of them, is a mailbox that is there.
    if found == {"hard"} and not there and not delayed:
        return "hard", True
    return ("policy" if "policy" in found else "soft"), True


def _told_in_prose(headers: Headers, subject: str, prose: str) -> tuple[NoticeKind, bool] | None:
    """What a mail system says in words, above the copy of our message; an answer of a person's program says nothing."""
    daemon = _DAEMON.search(_one(headers, "from")) or "x-failed-recipients" in headers
    if not daemon or not _UNDELIVERED.search(subject):
        return None
    if _DELAYED.search(subject):
        return "soft", False
    copy = _COPY.search(prose)
    what = about(None, "", prose if copy is None else prose[: copy.start()])
    return ("hard" if what == "mailbox" else "policy" if is_about_us(what) else "soft"), True


def _returned(headers: Headers, body: bytes) -> Part | None:
    """The message that a report gives back."""
    return _split(_plain(headers, body).lstrip(b"\r\n")) if _media_type(headers) in _GIVEN_BACK else None


def _blocks(body: bytes) -> Iterator[Headers]:
    """The groups of fields of a delivery status, which blank lines separate."""
    for _ in range(_MOST_RECIPIENTS + 1):
        body = body.lstrip(b"\r\n")
        if not body:
            return
        headers, body = _split(body)
        yield headers


# ---------------------------------------------------------------- parts and words


def _parts_of(headers: Headers, body: bytes) -> list[Part]:
    """The parts of a mail's first level; none where it has none."""
    kind = _one(headers, "content-type")
    boundary = _BOUNDARY.search(kind) if kind.lower().lstrip().startswith("multipart/") else None
    if boundary is None:
        return []
    return [_split(part) for part in _parts(body, boundary[1].rstrip().encode("ascii"))]


def _flat(parts: list[Part]) -> list[Part]:
    """The parts, a part that has some of its own as those: gateways wrap a report to put a line of theirs below."""
    return [inner for part in parts for inner in (_parts_of(*part) or [part])]


def _texts(headers: Headers, body: bytes, *, deep: int = 0) -> Iterator[str]:
    """What a mail says in words, HTML as it stands; the first part first."""
    kind = _media_type(headers)
    if kind.startswith("multipart/") and deep < _DEEPEST:
        for part in _parts_of(headers, body):
            yield from _texts(*part, deep=deep + 1)
    elif kind in ("", "text/plain", "text/html"):
        text = _plain(headers, body)[:_MOST_DECODED].decode("latin-1")
        text = html.unescape(text) if kind == "text/html" else text
        yield text.replace("&nbsp;", " ").replace("\xa0", " ").replace("\xc2", " ")


def _words(value: str) -> str:
    """A header with its encoded words (RFC 2047) read; what is not ASCII is of no use here."""
    return _ENCODED.sub(lambda found: _decoded(found[1], found[2]), value)


def _decoded(encoding: str, text: str) -> str:
    try:
        if encoding in "bB":
            return binascii.a2b_base64(text).decode("latin-1")
        return binascii.a2b_qp(text, header=True).decode("latin-1")
    except (binascii.Error, ValueError):
        return text


def _parts(body: bytes, boundary: bytes) -> list[bytes]:
    """The parts of the first level; what they hold is not looked into."""
    pieces = re.split(rb"(?:^|\r?\n)--" + re.escape(boundary), body, maxsplit=_MOST_PARTS)[1:]
    found: list[bytes] = []
    for piece in pieces:
        if piece.startswith(b"--"):
            break
        _, _, rest = piece.partition(b"\n")
        found.append(rest)
    return found[:_MOST_PARTS]


def _split(raw: bytes) -> tuple[Headers, bytes]:
    """The headers, unfolded, by lower-case name; and what follows the blank line."""
    headers: Headers = {}
    values: list[str] | None = None
    at = 0
    for _ in range(_MOST_HEADERS):
        end = raw.find(b"\n", at)
        line = raw[at : end if end >= 0 else len(raw)].rstrip(b"\r")[:_LONGEST_VALUE].decode("latin-1")
        at = end + 1 if end >= 0 else len(raw)
        if not line:
            break
        if line[0] in " \t":
            if values:
                values[-1] = (values[-1] + line)[:_LONGEST_VALUE]
        else:
            name, colon, value = line.partition(":")
            values = headers.setdefault(name.strip().lower(), []) if colon else None
            if values is not None:
                values.append(value)
        if end < 0:
            break
    return headers, raw[at:]


def _one(headers: Headers, name: str) -> str:
    """The first value of a header; empty where there is none."""
    return headers.get(name, [""])[0]


def _media_type(headers: Headers) -> str:
    return _one(headers, "content-type").partition(";")[0].strip().lower()


def _plain(headers: Headers, body: bytes) -> bytes:
    """A part's content; some servers encode reports although they should not."""
    encoding = _one(headers, "content-transfer-encoding").strip().lower()
    if encoding in ("base64", "quoted-printable"):
        try:
            decode = binascii.a2b_base64 if encoding == "base64" else binascii.a2b_qp
            return decode(body[:_MOST_DECODED])
        except (binascii.Error, ValueError):
            return b""
    return body
