"""One address has one form and one pseudonym, in Python and in DuckDB alike.

    read_address("Jo@Bücher.example")       "jo@xn--bcher-kva.example", or ValueError: it is no address
    address_hash("jo@xn--bcher-kva.example")    what suppression lists, ledgers and logs hold

Stop lists, audience rows, bounces and unsubscribe links all go through `normalise_address`: a second
idea of when two spellings are one mailbox would be somebody who left and is written to. The hash is a
pseudonym and not an anonymisation: whoever holds a list of addresses can hash them too.
"""

import hashlib
import re
import unicodedata
from functools import lru_cache
from typing import TYPE_CHECKING, Any

if TYPE_CHECKING:
    import duckdb

# What spreadsheets and copying leave around an address: ASCII white space, the no-break
# space, the zero-width space and joiners, and the byte-order mark.
_AROUND = " \t\n\r\x0b\x0c\u00a0\u200b\u200c\u200d\u2060\ufeff"

_UPPER = "ABCDEFGHIJKLMNOPQRSTUVWXYZ"
_LOWER = _UPPER.lower()
_FOLD = str.maketrans(_UPPER, _LOWER)

_PREFIX = "presscheck-address:"

# As code points, so that the SQL holds no line break: DuckDB's errors name a line of the query.
_AROUND_SQL = " || ".join(f"chr({ord(character)})" for character in _AROUND)

_SQL_FUNCTION = "address_form"

# Characters that nobody sees and that are part of no address (Unicode's Default_Ignorable_Code_Point and
# the category Cf, version 16). The joiners U+200C and U+200D are not here: some domains are written with them.
_UNSEEN = re.compile(
    "[\u00ad\u034f\u061c\u115f\u1160\u17b4\u17b5\u180b-\u180f\u200b\u200e\u200f\u202a-\u202e\u2060-\u206f\u3164"
    "\ufe00-\ufe0f\ufeff\uffa0\ufff0-\ufffb\U0001bca0-\U0001bca3\U0001d173-\U0001d17a\U000e0000-\U000e0fff]"
)
_JOINERS = re.compile("[\u200c\u200d]")

# RFC 5322 section 3.2.3 (dot-atom) before the @; host names of RFC 1123 section 2.1 after it, with a last label
# of letters or of punycode. No quoted local parts and no address literals: nothing that needs quoting in a header.
_ATEXT = r"A-Za-z0-9!#$%&'*+/=?^_`{|}~\-"
_LABEL = r"[A-Za-z0-9](?:[A-Za-z0-9\-]{0,61}[A-Za-z0-9])?"
_DOMAIN = rf"(?:{_LABEL}\.)+(?:[A-Za-z]{{2,63}}|[Xx][Nn]--[A-Za-z0-9\-]{{0,58}}[A-Za-z0-9])"
_SENDABLE = rf"[{_ATEXT}]+(?:\.[{_ATEXT}]+)*@{_DOMAIN}"
_SENDABLE_RE = re.compile(_SENDABLE)
_SENDABLE_SQL = _SENDABLE.replace("'", "''")
# RFC 5321 section 4.5.3.1: a local part of 64 octets, and a path of 256 with its angle brackets.
_LONGEST, _LONGEST_LOCAL = 254, 64
# What begins an encoded word (RFC 2047) is read as one by mail programs, wherever it stands in a header.
_ENCODED = "=?"


def normalise_address(text: str) -> str:
    """The form in which two spellings of one mailbox are equal, for any text; doing it twice changes nothing.

    ASCII is trimmed and A to Z lowered. Elsewhere what nobody sees is dropped, compatibility forms are folded
    (NFKC: a fullwidth `@` is an `@`), letters are lowered, and the domain becomes the punycode that the mail
    system knows it by (IDNA 2008 after the mapping of UTS 46, non-transitional). Dots and `+tags` stay,
    because only some providers ignore them.
    """
    if text.isascii():
        return text.strip(_AROUND).translate(_FOLD)
    return _form(text)


def account_address(text: str) -> str:
    """The form in which the address of a person who signs in is compared: trimmed, A to Z lowered, nothing else.

    On a stop list whoever looks alike stays out as well (`normalise_address`). Here whoever looks alike would come
    in: `str.lower` makes a `k` of U+212A KELVIN SIGN, and a provider may let anybody have an address with that.
    """
    return text.strip(" \t\r\n").translate(_FOLD)


def address_hash(text: str) -> str:
    """SHA-256 of `presscheck-address:` and the normalised address, 64 hexadecimal digits."""
    return hashlib.sha256((_PREFIX + normalise_address(text)).encode("utf-8", "surrogatepass")).hexdigest()


def read_address(text: str) -> str:
    """The normalised form of a text that is one address and nothing else.

    ValueError for anything more or less (a name, brackets, `mailto:`, two addresses), with the reason as a
    sentence that goes on from the place: whoever reads only half of a stop list writes to the other half. An
    address outside of ASCII before the `@` (RFC 6531) is one; `sendable_address` says what is written to.
    """
    form = normalise_address(text)
    if sendable_address(form):
        return form
    local, _, domain = form.rpartition("@")
    stand_in = "".join(one if one.isascii() or unicodedata.category(one)[0] not in "LMN" else "x" for one in local)
    if sendable_address(f"{stand_in}@{domain}"):
        return form
    if not form:
        raise ValueError("there is no address; add it or remove the line")
    raise ValueError("is not one e-mail address and nothing else; write name@example.com")


def sendable_address(address: str) -> bool:
    """Whether an address can stand in a header and in an SMTP command as it is, and be nothing else there.

    ASCII without blanks, quotes, brackets, commas, colons, semicolons or backslashes: a dot-atom before one `@`
    (RFC 5322 section 3.2.3), a host name after it, within the lengths of RFC 5321 section 4.5.3.1. `=?` is
    refused, for it begins an encoded word.
    """
    return (
        len(address) <= _LONGEST
        and address.find("@") <= _LONGEST_LOCAL
        and _ENCODED not in address
        and _SENDABLE_RE.fullmatch(address) is not None
    )


def normalise_address_sql(expression: str) -> str:
    """DuckDB SQL for `normalise_address` of a VARCHAR expression; NULL stays NULL.

    Needs `teach_addresses` on the connection: what is not ASCII is folded by Python, the rest by DuckDB in columns.
    """
    return (
        f"CASE WHEN strlen({expression}) = length({expression}) "
        f"THEN translate(trim({expression}, {_AROUND_SQL}), '{_UPPER}', '{_LOWER}') "
        f"ELSE {_SQL_FUNCTION}({expression}) END"
    )


def address_hash_sql(expression: str) -> str:
    """DuckDB SQL for `address_hash` of a VARCHAR expression, after `teach_addresses`; NULL stays NULL."""
    return f"sha256('{_PREFIX}' || {normalise_address_sql(expression)})"


def sendable_address_sql(expression: str) -> str:
    """DuckDB SQL for `sendable_address` of a VARCHAR expression; NULL for NULL."""
    return (
        f"(regexp_full_match({expression}, '{_SENDABLE_SQL}') AND length({expression}) <= {_LONGEST} "
        f"AND strpos({expression}, '@') <= {_LONGEST_LOCAL + 1} AND NOT contains({expression}, '{_ENCODED}'))"
    )


def teach_addresses(connection: "duckdb.DuckDBPyConnection") -> None:
    """Give a DuckDB connection the function `address_form(text)`, which is `normalise_address`."""
    # One of its overloads is for Arrow functions, which have no types upstream.
    plain: Any = connection
    plain.create_function(_SQL_FUNCTION, normalise_address, ["VARCHAR"], "VARCHAR")


def _form(text: str) -> str:
    plain = unicodedata.normalize("NFKC", _UNSEEN.sub("", unicodedata.normalize("NFKC", text)).lower())
    local, at, domain = plain.strip(_AROUND).rpartition("@")
    return (_JOINERS.sub("", local) + at + _ascii_domain(domain)).strip(_AROUND)


@lru_cache(maxsize=4096)
def _ascii_domain(domain: str) -> str:
    """The domain in punycode; as it is where it has none, which no row that is written to can equal."""
    import idna

    # Longer ones are no domains, and not worth the time of decoding them.
    if domain.isascii() or len(domain) > _LONGEST:
        return domain
    try:
        return idna.encode(domain, uts46=True).decode("ascii")
    except UnicodeError:
        return domain
