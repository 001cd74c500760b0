"""What a mail that came back says: a bounce (RFC 3464), a complaint (RFC 5965), a wish to leave; or it is none of ours.

    notice = read_notice(raw)          # Notice, or None

Anybody can write to these mailboxes, so nothing is believed here: a notice carries the proofs that
it brought along, and `feedback` asks whether the press made them. Headers are read by hand and
within bounds, two levels deep; nothing is unpacked, decoded only where a report must be read.
"""

import binascii
import re
from collections.abc import Iterator
from dataclasses import dataclass
from typing import Literal

from presscheck.unsubscribe_links import TOKEN_LENGTH

__all__ = ["MOST_BYTES", "Notice", "NoticeKind", "read_notice"]

MOST_BYTES = 1024 * 1024
"""A mail that is longer is not read at all; a report with the message it is about is some kilobytes."""

NoticeKind = Literal["hard", "soft", "complaint", "unsubscribe"]

_MOST_HEADERS = 300
_LONGEST_VALUE = 4_000
_MOST_PARTS = 8
_MOST_RECIPIENTS = 50
_MOST_DECODED = 64 * 1024
_BOUNDARY = re.compile(r'boundary="?([A-Za-z0-9\'()+_,./:=?-][A-Za-z0-9\'()+_,./:=? -]{0,69})"?', re.IGNORECASE)
_STATUS = re.compile(r"([245])\.[0-9]{1,3}\.[0-9]{1,3}")
_TAG = re.compile(r"bounce\+([0-9a-f]{40})@", re.IGNORECASE)
_TOKEN = re.compile(rf"(?<![A-Za-z0-9_-])[A-Za-z0-9_-]{{{TOKEN_LENGTH}}}(?![A-Za-z0-9_-])")
_LEAVING = re.compile(rf"\s*unsubscribe\s+([A-Za-z0-9_-]{{{TOKEN_LENGTH}}})\s*", re.IGNORECASE)
_SENT_TO = ("delivered-to", "x-original-to", "envelope-to", "x-envelope-to", "to")
# What people do with the spam button; an authentication report (RFC 6591) is no complaint.
_COMPLAINTS = {"abuse", "fraud", "virus", "opt-out", "opt-out-list"}

Headers = dict[str, list[str]]


@dataclass(frozen=True)
class Notice:
    """One reading, with the proofs it brought along: return tags, and tokens of the message it is about."""

    kind: NoticeKind
    tags: tuple[str, ...] = ()
    tokens: tuple[str, ...] = ()


def read_notice(raw: bytes | None) -> Notice | None:
    """The reading; None for anything that is no bounce, complaint or wish to leave. Never raises."""
    if raw is None or len(raw) > MOST_BYTES:
        return None
    headers, body = _split(raw)
    if leaving := _LEAVING.fullmatch(_one(headers, "subject")):
        return Notice("unsubscribe", tokens=(leaving[1],))
    kind = _one(headers, "content-type")
    if not kind.lower().lstrip().startswith("multipart/report"):
        return None
    boundary = _BOUNDARY.search(kind)
    if boundary is None:
        return None
    parts = [_split(part) for part in _parts(body, boundary[1].rstrip().encode("ascii"))]
    verdicts: list[NoticeKind | None] = [_verdict(*part) for part in parts]
    verdict: NoticeKind | None = next((said for said in verdicts if said is not None), None)
    if verdict is None:
        return None
    tags = {found[1].lower() for name in _SENT_TO for value in headers.get(name, ()) for found in _TAG.finditer(value)}
    returned = [head for part in parts if (head := _returned(*part)) is not None]
    links = [value for head in returned for value in head.get("list-unsubscribe", ())]
    # Whitespace inside a link comes from mail servers that fold long lines (RFC 2369 says to ignore it).
    tokens = {found for link in links for found in _TOKEN.findall("".join(link.split()))}
    return Notice(verdict, tuple(sorted(tags))[:4], tuple(sorted(tokens))[:4])


def _verdict(headers: Headers, body: bytes) -> NoticeKind | None:
    """What a part of a report says, if it is the part that says something."""
    kind = _media_type(headers)
    if kind == "message/delivery-status":
        return _worst(_blocks(_plain(headers, body)))
    if kind == "message/feedback-report":
        said, _ = _split(_plain(headers, body))
        return "complaint" if _one(said, "feedback-type").strip().lower() in _COMPLAINTS else None
    return None


def _worst(blocks: Iterator[Headers]) -> NoticeKind | None:
    found: NoticeKind | None = None
    for block in blocks:
        status = _STATUS.search(_one(block, "status"))
        action = _one(block, "action").strip().lower()
        if status is None or status[1] == "2" or action not in ("failed", "delayed"):
            continue
        if status[1] == "5" and action == "failed":
            return "hard"
        found = "soft"
    return found


def _returned(headers: Headers, body: bytes) -> Headers | None:
    """The headers of the message that a report gives back."""
    if _media_type(headers) not in (
        "message/rfc822",
        "text/rfc822-headers",
        "message/global",
        "message/global-headers",
    ):
        return None
    return _split(_plain(headers, body))[0]


def _blocks(body: bytes) -> Iterator[Headers]:
    """The groups of fields of a delivery status, which blank lines separate."""
    for _ in range(_MOST_RECIPIENTS + 1):
        body = body.lstrip(b"\r\n")
        if not body:
            return
        headers, body = _split(body)
        yield headers


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
