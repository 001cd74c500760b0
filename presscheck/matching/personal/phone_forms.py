"""What telephone numbers look like, in every country, when nobody says in which one a text is read.

Numbers that no exchange has given out are telephone numbers to a reader all the same, and those that a model makes
up are mostly of that kind; so form counts beside validity. `form_of` judges digits with what stands between them;
whether words around it name a telephone is the caller's to see.
"""

import re
from typing import Literal

Strength = Literal["sure", "likely", "named"]
"""`sure` by itself; `likely` unless a word says it is something else; `named` only beside a word for the telephone."""

_GAP = r"[ .\-/]"
_SURE = re.compile(
    # The country's code, as in +49 (0)30 901820, (+44) 20 7946 0000 and 0049-30-901820 (ITU-T E.123).
    rf"\(?(?:\+|00)[ ]?\(?[1-9]\d{{0,2}}\)?(?:{_GAP}{{0,3}}\(?\d{{1,5}}\)?){{1,6}}\d"
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
    r"|1\d\d[ \-]\d{4}[ \-]\d{4}|\d\d[ ]\d{4,5}-\d{4}|\d\d-\d{4}-\d{4}|\d\d[ \-]\d{3}[ \-]\d{3}[ \-]\d{4}"
    r"|[6-9]\d{4}[ \-]\d{5}|[49]\d\d[ ]\d\d[ ]\d{3}|[5-9]\d\d([ \-])\d{3}\1\d{3}"
    # Pairs, as in Denmark and Norway: 60-56-85-91.
    r"|\d\d([ .\-])\d\d\2\d\d\2\d\d"
)
_NAMED = re.compile(r"\(?\d{1,6}\)?(?:[ .\-/]{1,3}\(?\d{1,8}\)?){1,5}|\d{6,13}")

_DATE = re.compile(
    r"(?:19|20)\d\d[.\-/ ](?:0?[1-9]|1[0-2])[.\-/ ](?:0?[1-9]|[12]\d|3[01])(?!\d).*"
    r"|(?:0?[1-9]|[12]\d|3[01])[.\-/](?:0?[1-9]|[12]\d|3[01])[.\-/](?:19|20)\d\d(?!\d).*"
)
_YEARS = re.compile(r"\(?(?:19|20)\d\d\)?(?:[ .\-/]+(?:19|20)?\d\d)+")
_THOUSANDS = re.compile(r"\+?[1-9]\d{0,2}(?:([ .])\d{3})(?:\1\d{3})*")
_DIGITS = re.compile(r"\d+")
# With a trunk's zero nine at least; three and four groups of eight are mobile numbers of Norway and Denmark.
_FEWEST = {3: 8, 4: 8}


def form_of(text: str) -> Strength | None:
    """How far digits with their gaps, brackets and plus look like a telephone number."""
    groups = _DIGITS.findall(text)
    digits = "".join(groups)
    if not 6 <= len(digits) <= 17 or _is_something_else(text, groups, digits):
        return None
    if _SURE.fullmatch(text) and len(digits) >= 7 and ("+" not in text or _is_international(digits)):
        return "sure"
    if _LIKELY.fullmatch(text) and _FEWEST.get(len(groups), 9) <= len(digits) <= 13:
        if not _in_order(groups) and not digits.endswith("000"):
            return "likely"
    return "named" if _NAMED.fullmatch(text) and len(digits) <= 13 else None


def _is_something_else(text: str, groups: list[str], digits: str) -> bool:
    return (
        len(set(digits)) == 1
        or text.count("(") != text.count(")")
        or text.count("/") > 1
        or _is_book(text)
        or _DATE.fullmatch(text) is not None
        or _YEARS.fullmatch(text) is not None
        # 1.000.000 and +10 000 000: a number that ends in zeros, as a round one does.
        or (_THOUSANDS.fullmatch(text) is not None and digits.endswith("000"))
        or (len(groups) == 1 and digits.endswith("00000"))
    )


def _is_international(digits: str) -> bool:
    # E.164 allows fifteen digits with the country's code, and no country has fewer than seven.
    return 8 <= len(digits.removeprefix("00")) <= 16


def _in_order(groups: list[str]) -> bool:
    """Sizes, and numbers of a lottery, are told in order: 36 38 40 42."""
    return all(len(group) == 2 for group in groups) and groups in (sorted(groups), sorted(groups, reverse=True))


def _is_book(text: str) -> bool:
    """ISBN-10, by its check digit; many begin with 0."""
    return len(text) == 10 and text.isdigit() and sum((10 - at) * int(one) for at, one in enumerate(text)) % 11 == 0
