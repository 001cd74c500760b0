"""Finds personal data by form and checksum: addresses, telephone numbers, cards, accounts, ids.

Names are not looked for: without a model that recognises them they cannot be told from brands.
A number whose checksum is weak counts only beside a word that says what it is.
"""

import re
from collections.abc import Callable, Iterable, Sequence
from dataclasses import dataclass
from typing import Literal

from presscheck.matching.normal import Reading, normalise
from presscheck.world.web_addresses import host_of

PersonalKind = Literal["email", "phone", "card", "iban", "national-id", "ip-address"]
KINDS: tuple[PersonalKind, ...] = ("email", "phone", "card", "iban", "national-id", "ip-address")


@dataclass(frozen=True)
class Personal:
    """One piece of personal data in a text, `end` exclusive."""

    start: int
    end: int
    kind: PersonalKind
    value: str
    """The comparable form: digits and letters only; addresses in lower case, their host in ASCII."""


_EMAIL = re.compile(
    r"(?<![\w.+\-])[\w.+%\-]{1,64}(?:@|\s?[\[(]\s?at\s?[\])]\s?)(?:[a-z0-9\-]{1,63}(?:\.|\s?[\[(]\s?dot\s?[\])]\s?)){1,6}[a-z]{2,24}\b",
    re.IGNORECASE,
)
_CARD = re.compile(r"(?<![\d.\-])\d(?:[ \-]?\d){12,18}(?![\d\-]|\.\d)")
_CARD_NAMED = re.compile(r"\b(?:card|cc)\b[^\d\n]{0,60}(\d(?:[ \-]?\d){11,18})(?![\d\-])", re.IGNORECASE)
_DIGIT = re.compile(r"\d")
# Numbers that no exchange has given out are telephone numbers to a reader all the same, and those that a
# model makes up are mostly of that kind; so form counts beside validity.
_PHONE_FORMS = (
    re.compile(r"(?<![\w.\-])(?:\+?1[ .\-]?)?(?:\(\d{3}\)[ ]?|\d{3}[ .\-])\d{3}[ .\-]\d{4}(?![\w\-]|\.\d)"),
    re.compile(r"(?<!\w)(?<!\d )(?:\+|00)[1-9]\d{0,2}(?:[ .\-/]?\(?\d{1,4}\)?){2,6}\d(?![\w\-]|\.\d)"),
    re.compile(
        r"\b(?:call(?: us)?(?: on| at)?|ring|dial|text us(?: on| at)?|phone|tel|telephone|mobile|whatsapp)\b"
        r"[ :.]{0,3}(?:number )?(?:is )?(\(?\d{2,5}\)?(?:[ .\-/]?\d{2,5}){2,4})(?![\w\-]|\.\d)",
        re.IGNORECASE,
    ),
)
_IBAN = re.compile(r"\b[A-Z]{2}\d{2}(?:[ ]?[A-Z0-9]{4}){2,7}(?:[ ]?[A-Z0-9]{1,3})?\b", re.IGNORECASE)
_IP = re.compile(r"(?<![\d.])(?:(?:25[0-5]|2[0-4]\d|1?\d?\d)\.){3}(?:25[0-5]|2[0-4]\d|1?\d?\d)(?![\d.])")
_MANY_DIGITS = re.compile(r"(?:\d[^\w\n]{0,3}){7}")


def personal_data(
    text: str, *, kinds: Iterable[PersonalKind] = KINDS, regions: Iterable[str] = ()
) -> tuple[Personal, ...]:
    """Personal data in `text`, in order of place, without overlaps.

    `regions` are ISO 3166-1 alpha-2 codes in whose national form telephone numbers are read;
    without any, only numbers with a country code (`+49 ...`) are found.
    """
    wanted, where = set(kinds), tuple(regions)
    read = normalise(text)
    found = _found(text, read.folded, wanted, where)
    if read.parted is not None:
        found += _found(text, read.parted, wanted, where)
    return _without_overlaps(found)


def _found(text: str, reading: Reading, wanted: set[PersonalKind], regions: Sequence[str]) -> list[Personal]:
    found: list[Personal] = []
    if "email" in wanted and ("@" in reading.text or "at" in reading.text):
        for match in _EMAIL.finditer(reading.text):
            start, end = reading.span(*match.span())
            # Of the words as they stand: an address that only looks like the brand's own is somebody else's.
            found.append(Personal(start, end, "email", _address(text[start:end])))
    if _DIGIT.search(reading.text):
        if "iban" in wanted:
            found += _matches(reading, _IBAN, "iban", _iban)
        if "card" in wanted:
            found += _matches(reading, _CARD, "card", _card)
            found += _matches(reading, _CARD_NAMED, "card", _numbered)
        if "national-id" in wanted:
            for pattern, check in _national_ids():
                found += _matches(reading, pattern, "national-id", check)
        if "ip-address" in wanted:
            found += _matches(reading, _IP, "ip-address", _ip)
        if "phone" in wanted and _MANY_DIGITS.search(reading.text):
            found += _phones(reading, regions)
    return found


def _matches(
    reading: Reading, pattern: re.Pattern[str], kind: PersonalKind, check: Callable[[str], str | None]
) -> list[Personal]:
    found: list[Personal] = []
    for match in pattern.finditer(reading.text):
        group = 1 if pattern.groups else 0
        if value := check(match.group(group)):
            found.append(Personal(*reading.span(*match.span(group)), kind, value))
    return found


def _address(text: str) -> str:
    plain = re.sub(r"\s?[\[(]\s?at\s?[\])]\s?", "@", text, flags=re.IGNORECASE)
    user, _, host = re.sub(r"\s?[\[(]\s?dot\s?[\])]\s?", ".", plain, flags=re.IGNORECASE).lower().rpartition("@")
    return f"{user}@{host_of(host)}"


def _bare(text: str) -> str:
    return re.sub(r"[^A-Z0-9]", "", text.upper())


def _card(text: str) -> str | None:
    from stdnum import luhn

    digits = _bare(text)
    # The first digit names the industry: 3 to 6 are the cards that people pay with, 2 is Mastercard's newer range.
    known = digits[0] in "3456" or "2221" <= digits[:4] <= "2720"
    return digits if known and len(set(digits)) > 1 and luhn.is_valid(digits) else None


def _numbered(text: str) -> str | None:
    """A number that the text itself calls a card's; the checksum decides."""
    from stdnum import luhn

    digits = _bare(text)
    return digits if len(set(digits)) > 1 and luhn.is_valid(digits) else None


def _iban(text: str) -> str | None:
    from stdnum import iban

    return _bare(text) if iban.is_valid(text, check_country=False) else None


def _ip(text: str) -> str | None:
    # A version number has the same form; addresses that nobody's device carries are left alone.
    return text if not text.startswith(("0.", "1.", "2.0.", "127.")) else None


def _national_ids() -> list[tuple[re.Pattern[str], Callable[[str], str | None]]]:
    """Forms of national ids with what checks them; the pattern's first group is the id."""
    from stdnum.de import idnr
    from stdnum.es import dni, nie
    from stdnum.fr import nir
    from stdnum.gb import nhs
    from stdnum.it import codicefiscale
    from stdnum.nl import bsn
    from stdnum.us import ssn

    def by(valid: Callable[[str], bool]) -> Callable[[str], str | None]:
        return lambda text: _bare(text) if valid(text) else None

    return [
        (_SSN, by(ssn.is_valid)),
        (_DNI, by(lambda text: dni.is_valid(text) or nie.is_valid(text))),
        (_NIR, by(nir.is_valid)),
        (_CODICE, by(codicefiscale.is_valid)),
        (_NINO, _bare),
        (_NHS, by(nhs.is_valid)),
        (_IDNR, by(idnr.is_valid)),
        (_BSN, by(bsn.is_valid)),
    ]


_SSN = re.compile(r"(?<![\d\-])(\d{3}-\d{2}-\d{4})(?![\d\-])")
_DNI = re.compile(r"\b((?:\d{8}|[XYZ]\d{7})-?[A-Z])\b")
_NIR = re.compile(r"(?<!\d)([12][ ]?\d{2}[ ]?\d{2}[ ]?\d[\dAB][ ]?\d{3}[ ]?\d{3}[ ]?\d{2})(?!\d)")
_CODICE = re.compile(r"\b([A-Z]{6}\d{2}[A-EHLMPRST]\d{2}[A-Z]\d{3}[A-Z])\b", re.IGNORECASE)
_NINO = re.compile(r"\b([A-CEGHJ-PR-TW-Z][A-CEGHJ-NPR-TW-Z][ ]?\d{2}[ ]?\d{2}[ ]?\d{2}[ ]?[A-D])\b")
_NHS = re.compile(r"\bNHS\b[^\d\n]{0,20}(\d{3}[ \-]?\d{3}[ \-]?\d{4})(?!\d)", re.IGNORECASE)
_IDNR = re.compile(
    r"\b(?:IdNr|Steuer-?ID|Identifikationsnummer|tax id)\b[^\d\n]{0,20}(\d{2}[ ]?\d{3}[ ]?\d{3}[ ]?\d{3})(?!\d)",
    re.IGNORECASE,
)
_BSN = re.compile(r"\b(?:BSN|burgerservicenummer)\b[^\d\n]{0,20}(\d{9})(?!\d)", re.IGNORECASE)


def _phones(reading: Reading, regions: Iterable[str]) -> list[Personal]:
    from phonenumbers import Leniency, PhoneNumberFormat, PhoneNumberMatcher, format_number

    found: list[Personal] = []
    for region in sorted(set(regions)) or [None]:
        for match in PhoneNumberMatcher(reading.text, region, leniency=Leniency.VALID, max_tries=200):
            value = format_number(match.number, PhoneNumberFormat.E164).removeprefix("+")
            found.append(Personal(*reading.span(match.start, match.end), "phone", value))
    for form in _PHONE_FORMS:
        found += _matches(reading, form, "phone", lambda text: _bare(text).removeprefix("00"))
    return found


def _without_overlaps(found: list[Personal]) -> tuple[Personal, ...]:
    """Of overlapping pieces the first in the order of KINDS of checksum strength stays."""
    strength = ("email", "iban", "card", "national-id", "phone", "ip-address")
    kept: list[Personal] = []
    for piece in sorted(found, key=lambda p: (strength.index(p.kind), p.start, -p.end)):
        if all(piece.end <= other.start or piece.start >= other.end for other in kept):
            kept.append(piece)
    return tuple(sorted(kept, key=lambda p: p.start))
