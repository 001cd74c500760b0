"""Where a web address leads: two spellings of one place are one target, and what only looks alike is another.

    target_of("HTTPS://www.Example.com:443/a/../x/")   "example.com/x", to compare
    plain_address("https://bücher.example/ä")          "https://xn--bcher-kva.example/%C3%A4", to show and to send

Both read an address as a browser does (WHATWG URL Standard, of 2026-10; hosts by UTS 46, non-transitional, revision
33). Nothing is folded by its looks: a Cyrillic letter in a host makes it the host of somebody else, whose name in
ASCII, `xn--...`, shows that. So compare targets and never the words, and show and send the plain form.
"""

import ipaddress
import re
import unicodedata
from dataclasses import dataclass
from typing import cast
from urllib.parse import quote, unquote

# A browser takes any number of slashes, and either kind, after http: and https:.
_SCHEME = re.compile(r"([a-z][a-z0-9+.\-]*):([\\/]{2,})|[\\/]{2,}", re.IGNORECASE)
_WEB = re.compile(r"(https?):[\\/]*", re.IGNORECASE)
_AUTHORITY = re.compile(r"[^/\\?#]*")
_PORT = re.compile(r"(.*?)(?::(\d*))?", re.DOTALL)
_PLAIN_HOST = re.compile(r"[A-Za-z0-9._\-]*")
_LABEL = re.compile(r"[a-z0-9_](?:[a-z0-9_\-]{0,61}[a-z0-9_])?")
_HEXADECIMAL = re.compile(r"0x[0-9a-f]*")
_IP_6 = re.compile(r"\[[0-9A-Fa-f:.]+\]")
_DOTS = re.compile("[.\u3002\uff0e\uff61]")
# WHATWG URL Standard, section 3.1: forbidden domain code points, but for the % that escapes them.
_FORBIDDEN = re.compile(r"[\x00-\x20\x7f#/:<>?@\[\\\]^|]")
_DROPPED_BY_BROWSERS = re.compile(r"[\t\r\n]")
_ESCAPE = re.compile(r"%([0-9A-Fa-f]{2})")
_UNRESERVED = frozenset("ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789-._~")
_PRINTABLE = "".join(map(chr, range(0x21, 0x7F)))
_USUAL_PORTS = {"http": "80", "https": "443", "": ""}


@dataclass(frozen=True)
class _Parts:
    scheme: str
    """In lower case; empty where none is written."""
    user: str
    """What stands before an `@`, which many readers take for the host."""
    host: str
    """In ASCII and lower case."""
    port: str
    rest: str
    """Path, query and fragment as they are written."""


def target_of(address: str) -> str:
    """The comparable form of an address: where it leads, not how it is written.

    Without `http(s)://`, `www.`, the usual port and a closing slash; the host in ASCII and lower case, dot segments
    resolved, escapes written in one way. What stands before an `@`, another port and another scheme stay part of it.
    """
    parts = _parts(address)
    if parts.scheme not in ("", "http", "https"):
        return f"{parts.scheme}://{_quoted(parts.rest)}"
    user = f"{_quoted(parts.user)}@" if parts.user else ""
    usual = {_USUAL_PORTS[parts.scheme]} if parts.scheme else {"80", "443"}
    port = f":{parts.port}" if parts.port and parts.port not in usual else ""
    host = parts.host.rstrip(".").removeprefix("www.")
    path, query = _split(parts.rest)
    return user + host + port + (_path(path) + _escaped(query) if query else _path(path).rstrip("/"))


def host_of(address: str) -> str:
    """The host that an address leads to, in ASCII and lower case; empty for another scheme than the web's."""
    return _parts(address).host


def host_fault(address: str) -> str:
    """Why the host of an address that begins with https:// is none that everybody reads alike; "" where it is.

    Names of letters, figures and hyphens (RFC 1123, section 2.1; an underscore is let be), and IP addresses in their
    usual form: `2130706433` and `0x7f.1` are addresses to a browser, and words to everybody else.
    """
    parts = _parts(address)
    if "%" in cast(re.Match[str], _AUTHORITY.match(address.removeprefix("https://"))).group():
        return "has a % in its host; write the host plainly"
    if parts.port and int(parts.port) > 65_535:
        return "names a port that does not exist"
    labels = parts.host.removesuffix(".").split(".")
    if parts.host.startswith("[") or labels[-1].isdigit() or _HEXADECIMAL.fullmatch(labels[-1]):
        try:
            known = str(ipaddress.ip_address(parts.host.strip("[]"))) == parts.host.strip("[]")
        except ValueError:
            known = False
        return "" if known else "names a host by a number in an unusual form; write the host's name"
    if not all(_LABEL.fullmatch(label) for label in labels):
        return "names a host that cannot be; letters, figures, hyphens and single dots are possible"
    return ""


def plain_address(address: str) -> str:
    """The same address in ASCII: the host as it goes over the wire, other characters as escapes of their UTF-8."""
    if address.isascii():
        return address
    parts = _parts(address)
    if parts.scheme not in ("", "http", "https"):
        return _quoted(address)
    scheme = f"{parts.scheme}://" if parts.scheme else ""
    user = f"{_quoted(parts.user)}@" if parts.user else ""
    port = f":{parts.port}" if parts.port else ""
    return scheme + user + parts.host + port + _quoted(parts.rest)


def misleads(address: str) -> bool:
    """Whether an address leads to another host than the one that its words show."""
    parts = _parts(address)
    return bool(parts.user) or parts.host not in address.lower()


def _parts(address: str) -> _Parts:
    text = _DROPPED_BY_BROWSERS.sub("", address.strip())
    scheme = ""
    if web := _WEB.match(text):
        scheme, text = web[1].lower(), text[web.end() :]
    elif other := _SCHEME.match(text):
        if other[1]:
            return _Parts(other[1].lower(), "", "", "", text[other.end() :])
        text = text[other.end() :]
    authority = cast(re.Match[str], _AUTHORITY.match(text)).group()
    user, _, place = authority.rpartition("@")
    host, port = cast(re.Match[str], _PORT.fullmatch(place)).groups()
    return _Parts(scheme, user, _ascii_host(host), (port or "").lstrip("0"), text[len(authority) :])


def _ascii_host(host: str) -> str:
    if "%" in host:
        host = unquote(host)
    if _PLAIN_HOST.fullmatch(host) or _IP_6.fullmatch(host):
        return host.lower()
    import idna

    try:
        return idna.encode(host, uts46=True).decode("ascii").lower()
    except UnicodeError:
        # A host that no registry gives out, such as one with an emoji or a joiner, still has a form of its own,
        # and browsers go there: it must not be taken for any other.
        even = unicodedata.normalize("NFKC", host).lower()
        labels = (
            label if label.isascii() else f"xn--{label.encode('punycode', 'replace').decode('ascii')}"
            for label in _DOTS.split(even)
        )
        # What only becomes a mark of an address on the way, such as a wide @ or /, leads nowhere in a browser.
        return _FORBIDDEN.sub(lambda mark: f"%{ord(mark[0]):02X}", ".".join(labels))


def _split(rest: str) -> tuple[str, str]:
    """The path, and the query and fragment with their marks."""
    at = min((place for mark in "?#" if (place := rest.find(mark)) >= 0), default=len(rest))
    return rest[:at], rest[at:]


def _path(path: str) -> str:
    """Dot segments resolved, also escaped ones; a backslash is a slash to a browser."""
    kept: list[str] = []
    for part in _escaped(path.replace("\\", "/")).split("/")[1:]:
        if part == "..":
            del kept[-1:]
        elif part != ".":
            kept.append(part)
    return "".join(f"/{part}" for part in kept)


def _escaped(text: str) -> str:
    """Escapes in capitals; what need not be escaped is not, and what is no ASCII is."""

    def one(match: re.Match[str]) -> str:
        character = chr(int(match[1], 16))
        return character if character in _UNRESERVED else match[0].upper()

    return _quoted(_ESCAPE.sub(one, text))


def _quoted(text: str) -> str:
    """What is no printable ASCII as escapes of its UTF-8."""
    return quote(text, safe=_PRINTABLE, errors="replace")
