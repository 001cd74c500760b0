"""What telephone numbers look like, in every country, when nobody says in which one a text is read.

Numbers that no exchange has given out are telephone numbers to a reader all the same, and those that a model makes
up are mostly of that kind; so form counts beside validity. `form_of` judges digits with what stands between them;
whether words around it name a telephone is the caller's to see.
"""

import re
from functools import lru_cache
from itertools import pairwise
from typing import Literal

Strength = Literal["sure", "likely", "named"]
"""`sure` by itself; `likely` unless a word says it is something else; `named` only beside a word for the telephone."""

_GAP = r"[ .\-/]"
_SURE = re.compile(
    # The country's code, as in +49 (0)30 901820, (+44) 20 7946 0000 and 0049-30-901820 (ITU-T E.123).
    rf"\(?(?:\+|00)[ \-]?\(?[1-9]\d{{0,2}}\)?(?:{_GAP}{{0,3}}\(?\d{{1,5}}\)?){{1,6}}\d"
    # North America: (202) 456-1111, 202-456-1111, 1.202.456.1111.
    rf"|(?:(?:\+|00)?1{_GAP}?|001{_GAP})?(?:\(\d{{3}}\){_GAP}?|\d{{3}}[ .\-])\d{{3}}[ .\-]\d{{4}}"
    # An area's code in brackets: (08) 8747 6301, (71) 4233-6306, (0)30 901820.
    rf"|\(0?\d{{1,4}}\){_GAP}?\d{{2,9}}(?:{_GAP}\d{{2,5}}){{0,4}}"
    # Russia and its neighbours: 8 (495) 123-45-67, 8-800-123-45-67.
    r"|8[ \-]?\(\d{3,5}\)[ ]?\d{1,3}[ \-]\d\d[ \-]\d\d|8[ \-]\d{3}[ \-]\d{3}[ \-]\d\d[ \-]\d\d"
)
_LIKELY = re.compile(
    # A trunk's zero: 01.84.17.61.18, 0490 75 40 81, 030/901820, 07700 900123.
    rf"0[1-9]\d{{0,3}}(?:{_GAP}| [/\-] ?|/ )\d{{2,9}}(?:{_GAP}\d{{2,5}}){{0,4}}"
    r"|0[1-9]\d{8,9}"
    # Mobile numbers and others without a zero: 612 34 56 78, 51 516 33 75, 138 1234 5678, 11 4321-1234, 972 77 308.
    r"|\d{3}[ .\-]\d{3}[ .\-]\d\d[ .\-]\d\d|[2-9]\d\d[ .]\d\d[ .]\d\d[ .]\d\d|\d\d[ \-]\d{3}[ \-]\d\d[ \-]\d\d"
    r"|1\d\d[ \-]\d{4}[ \-]\d{4}|\d\d[ ]\d{4,5}-\d{4}|\d\d-\d{4}-\d{4}|\d\d[ \-]\d{3}[ \-](?:\d{3}[ \-])?\d{4}"
    r"|1[38]00[ \-]\d{3}[ \-]\d{3}|[6-9]\d{4}[ \-]\d{5}|[49]\d\d[ ]\d\d[ ]\d{3}|[5-9]\d\d([ \-])\d{3}\1\d{3}"
    # Pairs, as in Denmark and Norway: 60-56-85-91.
    r"|\d\d([ .\-])\d\d\2\d\d\2\d\d"
)
_NAMED = re.compile(r"\(?\d{1,6}\)?(?:[ .\-/]{1,3}\(?\d{1,8}\)?){1,5}|\d{6,13}")

_DATE = re.compile(
    r"(?:19|20)\d\d[.\-/ ]?(?:0?[1-9]|1[0-2])[.\-/ ]?(?:0?[1-9]|[12]\d|3[01])(?!\d).*"
    r"|(?:0?[1-9]|[12]\d|3[01])[.\-/](?:0?[1-9]|[12]\d|3[01])[.\-/](?:(?:19|20)\d\d(?!\d).*|\d\d)"
    # From a day to a day, from an hour to an hour.
    r"|\d\d?\.\d\d\.?[ ]?-[ ]?\d\d?\.\d\d\b.*"
)
_YEARS = re.compile(r"\(?(?:19|20)\d\d\)?(?:[ .\-/]+(?:19|20)?\d\d)+")
_THOUSANDS = re.compile(r"\+?[1-9]\d{0,2}(?:([ .])\d{3})(?:\1\d{3})*")
_DIGITS = re.compile(r"\d+")
# With a trunk's zero nine at least; three and four groups of eight are mobile numbers of Norway and Denmark.
_FEWEST = {3: 8, 4: 8}


@lru_cache(maxsize=512)
def form_of(text: str) -> Strength | None:
    """How far digits with their gaps, brackets and plus look like a telephone number."""
    groups = _DIGITS.findall(text)
    digits = "".join(groups)
    if not 6 <= len(digits) <= 17 or _is_something_else(text, groups, digits):
        return None
    abroad = "+" in text or text.lstrip("(").startswith("00")
    if _SURE.fullmatch(text) and len(digits) >= 7 and (not abroad or _is_international(digits)):
        return "sure"
    likely = _LIKELY.fullmatch(text) is not None and _FEWEST.get(len(groups), 9) <= len(digits) <= 13
    if likely and not _in_order(groups) and not digits.endswith("000"):
        return "likely"
    # More than two single digits are a count: sizes 6 7 8 9 10.
    alone = sum(len(group) == 1 for group in groups) > 2
    return "named" if _NAMED.fullmatch(text) and len(digits) <= 13 and not alone else None


def _is_something_else(text: str, groups: list[str], digits: str) -> bool:
    from stdnum import ean

    return (
        len(set(digits)) == 1
        or text.count("(") != text.count(")")
        or text.count("/") > 1
        or _is_book(text)
        or (len(text) in (12, 13) and text.isdigit() and ean.is_valid(text))
        or _in_steps(groups)
        or _DATE.fullmatch(text) is not None
        or _YEARS.fullmatch(text) is not None
        # 1.000.000 and +10 000 000: a number that ends in zeros, as a round one does.
        or (_THOUSANDS.fullmatch(text) is not None and digits.endswith("000"))
        or (len(groups) == 1 and digits.endswith("00000"))
    )


def _is_international(digits: str) -> bool:
    """A country's code that exists, and as many digits as E.164 allows; seven with it are the fewest, in Niue."""
    from phonenumbers import COUNTRY_CODE_TO_REGION_CODE as CODES

    number = digits.removeprefix("00")
    code = next((number[:size] for size in (1, 2, 3) if int(number[:size]) in CODES), "")
    fewest = 7 if len(code) == 3 and number == digits else 8
    return code != "" and fewest <= len(number) <= 16


def _in_order(groups: list[str]) -> bool:
    """Sizes, and numbers of a lottery, are told in order: 36 38 40 42."""
    pairs = len(groups) == 4 and all(len(group) == 2 for group in groups)
    return pairs and groups in (sorted(groups), sorted(groups, reverse=True))


def _is_book(text: str) -> bool:
    """ISBN-10, by its check digit; many begin with 0."""
    return len(text) == 10 and text.isdigit() and sum((10 - at) * int(one) for at, one in enumerate(text)) % 11 == 0


def _in_steps(groups: list[str]) -> bool:
    """The sizes between two: 36-37-38-39, 10 20 30 40."""
    numbers = [int(group) for group in groups]
    return len(groups) > 3 and groups[0][0] != "0" and len({after - before for before, after in pairwise(numbers)}) == 1
