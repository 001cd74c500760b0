"""Reads a finished e-mail, strictly, and says where it is not exactly what was signed.

    told = read_mail(raw)                     ValueError where it is not e-mail in the narrowest sense
    mailbox_in(told.headers[4][1])            ("Brand", "news@brand.example")

It shares nothing with what writes messages, so a fault of the one shows in the other. What RFC 5322 and 2045
let pass for the sake of old programs (bare line ends, comments, other charsets, text beside the parts) is a
fault here: two programs may read it differently.
"""

import base64
import binascii
import re
from dataclasses import dataclass, field

_LONGEST_LINE = 998
"""RFC 5322, section 2.1.1, without the line end."""
_TOO_LONG = re.compile(rb"(?m)^[^\r\n]{%d}" % (_LONGEST_LINE + 1))
_HEADER = re.compile(r"([A-Za-z][A-Za-z0-9-]*): ((?:[!-~][ -~]*)?)")
_CODED = re.compile(r"=\?utf-8\?([bq])\?([!-<>@-~=]*)\?=")
_MAILBOX = re.compile(r"(.+) <([^<>\s]+)>")
_QUOTED = re.compile(r'"((?:[^"\\]|\\["\\])*)"')
_ATOM = r"[A-Za-z0-9!#$%&'*+/=?^_`{|}~-]+"
_ATOMS = re.compile(rf"{_ATOM}(?: {_ATOM})*")
_ADDRESS = re.compile(rf"{_ATOM}(?:\.{_ATOM})*@[A-Za-z0-9-]+(?:\.[A-Za-z0-9-]+)+")
_BOUNDARY = re.compile(r'(multipart/[a-z]+); boundary="([A-Za-z0-9=_]{8,70})"')
_ESCAPE = re.compile(rb"=(?:\r\n|([0-9A-F]{2}))")


@dataclass(frozen=True)
class Part:
    """A message or a part of one."""

    headers: tuple[tuple[str, str], ...]
    """Names and unfolded values, in order."""
    kind: str
    """The content type, with its parameters but for the boundary."""
    content: bytes = field(default=b"", repr=False)
    """Decoded; nothing where there are parts."""
    parts: tuple["Part", ...] = ()

    @property
    def leaves(self) -> tuple[tuple[str, bytes], ...]:
        """Kind and content of everything that has no parts, in order."""
        if not self.parts:
            return ((self.kind, self.content),)
        return tuple(leaf for part in self.parts for leaf in part.leaves)


def read_mail(raw: bytes) -> Part:
    """The message, lines ending in CRLF. ValueError says what is wrong, without a word of the message."""
    if fault := wire_fault(raw):
        raise ValueError(fault)
    return _part(raw)


def wire_fault(raw: bytes) -> str:
    """Why bytes must not go over a wire as a message; "" where they may.

    RFC 5321, section 2.3.8: CR and LF stand together or not at all. Servers that read one of them alone as a line's
    end take what follows for commands ("SMTP smuggling", 2023).
    """
    if raw.count(b"\r") != raw.count(b"\r\n") or raw.count(b"\n") != raw.count(b"\r\n"):
        return "it holds a line end that is not CRLF"
    if not raw.isascii() or b"\0" in raw:
        return "it holds bytes that are not ASCII text"
    if _TOO_LONG.search(raw):
        return f"it holds a line of more than {_LONGEST_LINE} characters"
    return ""


def words_in(value: str) -> str:
    """What a Subject says: words as they stand, or encoded words alone. ValueError for a mixture or another charset."""
    return _decoded(value) if "=?" in value else value


def mailbox_in(value: str) -> tuple[str, str]:
    """Display name and address of a From header with exactly one mailbox. ValueError for anything else."""
    found = _MAILBOX.fullmatch(value)
    if found is None or _ADDRESS.fullmatch(found[2]) is None:
        raise ValueError("From is not one name and one address")
    name = found[1]
    if quoted := _QUOTED.fullmatch(name):
        return re.sub(r"\\(.)", r"\1", quoted[1]), found[2]
    if "=?" in name:
        return _decoded(name), found[2]
    if _ATOMS.fullmatch(name) is None:
        raise ValueError("the name in From is neither plain nor quoted")
    return name, found[2]


def _decoded(value: str) -> str:
    return "".join(_decoded_word(word) for word in value.split(" "))


def _decoded_word(word: str) -> str:
    found = _CODED.fullmatch(word)
    if found is None or len(word) > 75:
        raise ValueError("a header mixes encoded words with others, or has one that is not UTF-8")
    inside = found[2].encode("ascii")
    raw = _base64(inside) if found[1] == "b" else _unquoted(inside.replace(b"_", b" "))
    return raw.decode("utf-8")


def _part(raw: bytes) -> Part:
    head, apart, body = raw.partition(b"\r\n\r\n")
    if not apart:
        raise ValueError("its head does not end")
    headers = _headers(head)
    kind = [value for name, value in headers if name == "Content-Type"]
    coding = [value for name, value in headers if name == "Content-Transfer-Encoding"]
    if len(kind) != 1 or len(coding) > 1:
        raise ValueError("a part says twice, or not at all, what it is")
    if bounded := _BOUNDARY.fullmatch(kind[0]):
        return Part(headers, bounded[1], parts=tuple(_part(one) for one in _split(body, bounded[2].encode("ascii"))))
    match coding:
        case ["quoted-printable"]:
            content = _unquoted(body)
        case ["base64"]:
            content = _base64(body.replace(b"\r\n", b""))
        case _:
            raise ValueError("a part is in no encoding of ours")
    return Part(headers, kind[0], content)


def _headers(head: bytes) -> tuple[tuple[str, str], ...]:
    unfolded = re.sub(r"\r\n[ \t](?=\S)", " ", head.decode("ascii"))
    found: list[tuple[str, str]] = []
    for line in unfolded.split("\r\n"):
        header = _HEADER.fullmatch(line)
        if header is None:
            raise ValueError("a line of its head is no header")
        found.append((header[1], header[2]))
    return tuple(found)


def _split(body: bytes, boundary: bytes) -> list[bytes]:
    """The parts between the boundaries; there is nothing before, after or beside them."""
    first, last = b"--" + boundary + b"\r\n", b"\r\n--" + boundary + b"--\r\n"
    if not body.startswith(first) or not body.endswith(last) or body.count(b"--" + boundary + b"--") != 1:
        raise ValueError("there is text before or after its parts")
    return body[len(first) : -len(last)].split(b"\r\n" + first)


def _unquoted(raw: bytes) -> bytes:
    decoded = _ESCAPE.sub(lambda found: b"" if found[1] is None else bytes([int(found[1], 16)]), raw)
    if raw.count(b"=") != len(_ESCAPE.findall(raw)):
        raise ValueError("what is quoted-printable holds a sign that is none")
    return decoded


def _base64(raw: bytes) -> bytes:
    try:
        return base64.b64decode(raw, validate=True)
    except binascii.Error as error:
        raise ValueError("what is base64 holds something else") from error
