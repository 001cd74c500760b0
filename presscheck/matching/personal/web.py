"""Finds links, and tells those that carry something private: a token, a login, an e-mail address, a name.

A plain link is public; a link with a token lets whoever reads it in, as somebody else. What a mail program will
fill in (`?email={{email}}`) is not there yet, and counts as nothing.
"""

import re
from collections.abc import Iterator
from functools import lru_cache
from urllib.parse import unquote

from presscheck.matching.links import links
from presscheck.matching.personal.kinds import Personal
from presscheck.matching.personal.words import PersonalWords

# Want of a space makes a link of `today.It`, and a time of day is no host: `10.am`.
_NO_LINK = re.compile(r"[\w\-]*[a-z0-9]\.[A-Z][a-z]*|\d+\.[ap]m")
_LOGIN = re.compile(r"[a-z][a-z0-9+.\-]*:[\\/]{2,}[^/\\?#@\s]+@", re.IGNORECASE)
_HOST = re.compile(r"(?:[a-z][a-z0-9+.\-]*:[\\/]{2,})?[^/\\?#]*", re.IGNORECASE)
_PARAMETER = re.compile(r"[?&;#]([^=&;#?/]{1,60})=([^&;#]+)")
_STEP = re.compile(r"/([^/?#]+)")
_NO_LETTER = re.compile(r"[^a-z0-9]")
_MAIL = re.compile(r"[\w.+\-]{1,64}@(?:[a-z0-9\-]{1,63}\.){1,6}[a-z]{2,24}(?![\w\-])", re.IGNORECASE)
_FILLED_IN = re.compile(r"[{}<>\[\]]|%%|\*\||\$\w")
# What says of itself that it is a key: JSON Web Tokens, and the keys of Amazon, GitHub, Google, Slack and Stripe.
_KEY = re.compile(
    r"(?<![A-Za-z0-9])(?:eyJ[\w\-]{10,}\.eyJ[\w\-]{10,}|AKIA[0-9A-Z]{16}|gh[opsu]_[A-Za-z0-9]{30,}|AIza[\w\-]{35}"
    r"|xox[abprs]-[\w\-]{10,}|[rs]k_(?:live|test)_[A-Za-z0-9]{16,})"
)
_CODE = re.compile(r"(?=[^0-9]*[0-9])(?=[^A-Za-z]*[A-Za-z])[\w\-.~+=]{16,}|[0-9a-fA-F]{16,}|\d{10,}")
_SHORT_CODE = re.compile(r"(?=[^0-9]*[0-9])[\w\-.~+=]{8,}|[\w\-.~+=]{20,}")


def web_addresses(original: str, words: PersonalWords) -> Iterator[Personal]:
    """Every link as `url`, or as `token-url`; `links` undoes disguise by itself, so it is given the text as it is."""
    for link in links(original):
        written = original[link.start : link.end]
        if _is_private(written, words):
            yield Personal(link.start, link.end, "token-url", link.target)
        elif _NO_LINK.fullmatch(written) is None:
            yield Personal(link.start, link.end, "url", link.target)


def _is_private(link: str, words: PersonalWords) -> bool:
    if _LOGIN.match(link):
        return True
    host = _HOST.match(link)
    rest = link[host.end() if host else 0 :]
    if len(rest) < 4:
        return False
    names = _names(words)
    plain = unquote(rest)
    mail = _MAIL.search(plain)
    return (
        (mail is not None and _FILLED_IN.search(mail.group()) is None)
        or _KEY.search(rest) is not None
        or any(
            names.tells(_NO_LETTER.sub("", name.lower()), unquote(value)) for name, value in _PARAMETER.findall(rest)
        )
        or _leads_in(rest, names)
    )


class _Names:
    def __init__(self, words: PersonalWords) -> None:
        self.secret = frozenset(words.secret_parameters)
        self.personal = frozenset(words.personal_parameters)
        self.paths = frozenset(words.secret_paths)

    def tells(self, name: str, value: str) -> bool:
        if _FILLED_IN.search(value):
            return False
        return name in self.personal or (name in self.secret and _SHORT_CODE.fullmatch(value) is not None)


@lru_cache(maxsize=8)
def _names(words: PersonalWords) -> _Names:
    return _Names(words)


def _leads_in(rest: str, names: _Names) -> bool:
    """Whether a long code stands behind a step such as `reset` or `verify`."""
    steps = _STEP.findall(rest)
    for at, step in enumerate(steps):
        if _NO_LETTER.sub("", step.lower()) in names.paths:
            return any(_CODE.fullmatch(code) and not _FILLED_IN.search(code) for code in steps[at + 1 : at + 4])
    return False
