"""Finds cards and bank accounts (IBAN): digits that their checksum and their issuer's form give away."""

import re
from collections.abc import Iterator
from functools import cache, lru_cache

from presscheck.matching.normal import Reading
from presscheck.matching.personal.kinds import Personal
from presscheck.matching.personal.words import PersonalWords, any_of

_RUN = re.compile(r"\d(?:[ \-.]?\d){11,}")
_BEGIN, _END = re.compile(r"(?<![\d.])(?<!\d-)"), re.compile(r"(?![\d\-]|\.\d)")
_GROUP = re.compile(r"\d+")
# ISO/IEC 7812 and the networks' own tables of 2024: which first digits have which length.
_SCHEMES = re.compile(
    r"4(?:\d{12}|\d{15}|\d{18})"  # Visa
    r"|(?:5[1-5]|22[2-9]|2[3-6]|27[01]|2720)\d*(?<=^\d{16})"  # Mastercard
    r"|3[47]\d{13}"  # American Express
    r"|3(?:0[0-5]|095|[689])\d*(?:(?<=^\d{14})|(?<=^\d{16}))"  # Diners Club
    r"|(?:6011|64[4-9]|65|62|81|35)\d*(?:(?<=^\d{16})|(?<=^\d{17})|(?<=^\d{18})|(?<=^\d{19}))"  # Discover, JCB
    r"|(?:2131|1800)\d{11}"  # JCB
    r"|(?:5018|5020|5038|5612|5893|6304|6390|6759|676[1-3]|0604)\d{8,15}|5[678]\d{10}"  # Maestro
    r"|(?:5[06-8]|6|220[0-4]|9792|82|508)\d*(?<=^\d{16})"  # Maestro, RuPay, Mir, Troy, Elo, Hipercard
)
_USUAL_GROUPS = {
    (4, 4, 4, 4), (4, 4, 4, 4, 1), (4, 4, 4, 4, 2), (4, 4, 4, 4, 3), (4, 4, 4), (4, 4, 4, 1), (4, 6, 5), (4, 6, 4),
    (6, 10), (8, 8),
}  # fmt: skip
_LONGEST = 19
_DOUBLED = (0, 2, 4, 6, 8, 1, 3, 5, 7, 9)
_MOST_GROUPS = 5
_FOURS = re.compile(r"(?:\d{4}[ \-.]){2}")
# Digits are rarer than letters: so they are looked for, and the country's letters before them.
_CHECK_DIGITS = re.compile(r"\d\d(?=[ \-]?[A-Za-z0-9]{2})")
_COUNTRY = re.compile(r"(?<![A-Za-z0-9])[A-Za-z]{2}")
_ANY_IBAN = re.compile(r"[A-Za-z]{2}\d\d(?:[ \-]?[A-Za-z0-9]{4}){2,7}(?:[ \-]?[A-Za-z0-9]{1,3})?(?![A-Za-z0-9])")
_LENGTH = re.compile(r"(\d+)!")


def cards(original: str, reading: Reading, words: PersonalWords) -> Iterator[Personal]:
    """Numbers with Luhn's digit, in a network's length; beside a word for a card in any from 12 to 19."""
    text = reading.text
    for run in _RUN.finditer(text):
        named = _near(words.card).search(text, max(0, run.start() - 80), run.start()) is not None
        groups = [match.span() for match in _GROUP.finditer(text, run.start(), run.end())]
        done = 0
        for start, end in _candidates(groups, named):
            if (
                start >= done
                and _BEGIN.match(text, start)
                and _END.match(text, end)
                and _is_card(text[start:end], named)
            ):
                done = end
                yield Personal(*reading.span(start, end), "card", bare(text[start:end]))


def _candidates(groups: list[tuple[int, int]], named: bool) -> Iterator[tuple[int, int]]:
    """The whole run where a word names it or all its gaps are alike, then parts of it that are grouped as cards are."""
    lengths = [end - start for start, end in groups]
    if sum(lengths) <= _LONGEST and (named or len(set(lengths[:-1])) <= 1):
        yield groups[0][0], groups[-1][1]
    for first in range(len(groups)):
        for last in range(min(len(groups), first + _MOST_GROUPS), first, -1):
            sizes = tuple(lengths[first:last])
            if sizes in _USUAL_GROUPS or (len(sizes) == 1 and 12 <= sizes[0] <= _LONGEST):
                yield groups[first][0], groups[last - 1][1]


def _is_card(text: str, named: bool) -> bool:
    from stdnum import ean

    digits = bare(text)
    if not 12 <= len(digits) <= _LONGEST or len(set(digits)) == 1 or not _has_luhns_digit(digits):
        return False
    if named:
        return True
    # Of a hundred numbers of products ten have Luhn's digit by chance; they are not written in fours.
    is_product = len(digits) < 14 and ean.is_valid(digits) and _FOURS.match(text) is None
    return _SCHEMES.fullmatch(digits) is not None and not is_product


def _has_luhns_digit(digits: str) -> bool:
    # ISO/IEC 7812-1, annex B: every other figure from the right is doubled, and its own figures are added.
    return (sum(map(int, digits[-1::-2])) + sum(map(_DOUBLED.__getitem__, map(int, digits[-2::-2])))) % 10 == 0


def ibans(original: str, reading: Reading, words: PersonalWords) -> Iterator[Personal]:
    """Account numbers in the form of their country, with their check digits (ISO 13616); beside a word in any form."""
    from stdnum.iso7064 import mod_97_10

    text = reading.text
    for check in _CHECK_DIGITS.finditer(text):
        start = check.start() - 2
        country = _COUNTRY.match(text, start, check.start()) if start >= 0 else None
        if country is None:
            continue
        end = _end_of_iban(text, check.end(), _length_of_iban(country.group().upper()) - 4)
        if end is not None and _is_iban(text[start:end]):
            yield Personal(*reading.span(start, end), "iban", bare(text[start:end]))
        elif _near(words.iban).search(text, max(0, start - 60), start) and (other := _ANY_IBAN.match(text, start)):
            number = bare(other.group())
            if mod_97_10.is_valid(number[4:] + number[:4]):
                yield Personal(*reading.span(*other.span()), "iban", number)


@lru_cache(maxsize=512)
def _is_iban(text: str) -> bool:
    from stdnum import iban

    return bool(iban.is_valid(text, check_country=False))


@cache
def _length_of_iban(country: str) -> int:
    """In the registry of SWIFT; 0 for a country that has none."""
    from stdnum import numdb

    known = numdb.get("iban").info(f"{country}00")[0][1]
    return 4 + sum(map(int, _LENGTH.findall(known["bban"]))) if "bban" in known else 0


def _end_of_iban(text: str, at: int, wanted: int) -> int | None:
    """Where as many letters and figures end, a space or a hyphen between any two; None where a word goes on there."""
    if wanted <= 0:
        return None
    while wanted and at < len(text):
        if text[at] in " -" and text[at + 1 : at + 2].isalnum():
            at += 1
        if not (text[at].isascii() and text[at].isalnum()):
            return None
        at, wanted = at + 1, wanted - 1
    return at if not wanted and not text[at : at + 1].isalnum() else None


def bare(text: str) -> str:
    """Letters and digits only, in capitals."""
    return re.sub(r"[^A-Z0-9]", "", text.upper())


@lru_cache(maxsize=16)
def _near(words: tuple[str, ...]) -> re.Pattern[str]:
    """One of the words before a number, and no figure between both."""
    return re.compile(rf"(?<!\w)(?:{any_of(words)})(?!\w)[^\d]{{0,60}}\Z", re.IGNORECASE)
