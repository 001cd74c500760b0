"""Finds telephone numbers: by form, by the words around them, and in the plan of each country that is named.

Rows of digits are taken apart at their gaps, and the longest part that is a number is one. A part is none where
the same gap joins it to a neighbour: the middle of 4111 1111 1111 1112 is nobody's telephone.
"""

import re
from collections.abc import Iterator, Sequence
from dataclasses import dataclass, field
from functools import cache, lru_cache
from itertools import pairwise

from presscheck.matching.normal import Reading
from presscheck.matching.personal.accounts import bare
from presscheck.matching.personal.kinds import Personal
from presscheck.matching.personal.phone_context import (
    PhoneContext,
    Said,
    is_another,
    is_house,
    phone_context,
    stands_free,
)
from presscheck.matching.personal.phone_forms import form_of
from presscheck.matching.personal.words import PersonalWords

_RUN = re.compile(r"\d(?:[ .\-/()]{0,3}\d)*")
_GROUP = re.compile(r"\d+")
_DIALLED = re.compile(r"[\d .\-/()+]*\d|")
_MOST_GROUPS = 8
_CLOSE = (".", "-", "/", "")
# Numbers in letters, which only the free ones of North America are: 1-800-FLOWERS.
_LETTERED = re.compile(
    r"(?<![\w\-])(?:1[ .\-]\(?8(?:00|22|33|44|55|66|77|88)\)?[ .\-]|8(?:00|22|33|44|55|66|77|88)-)"
    r"(?=[A-Z0-9\-]{0,9}[A-Z])[A-Z0-9](?:-?[A-Z0-9]){6,9}(?![\w\-])"
)

Groups = Sequence[tuple[int, int]]
"""Rows of digits without a gap, by their places in the reading."""


def phones(original: str, reading: Reading, words: PersonalWords, regions: Sequence[str]) -> Iterator[Personal]:
    """Numbers in `reading`; `regions` are countries in whose national form they are read besides."""
    for lettered in _LETTERED.finditer(reading.text):
        yield Personal(*reading.span(*lettered.span()), "phone", bare(lettered.group()))
    yield from _Search(original, reading, phone_context(words), tuple(regions)).found()


@dataclass
class _Search:
    original: str
    reading: Reading
    context: PhoneContext
    regions: tuple[str, ...]
    last: int = field(default=0, init=False)
    """Where the number found last ends, where a word named it."""

    def found(self) -> Iterator[Personal]:
        text = self.reading.text
        for run in _RUN.finditer(text):
            if run.end() - run.start() < 6:
                continue
            groups = [match.span() for match in _GROUP.finditer(text, run.start(), run.end())]
            for row in self._rows(groups):
                digits = sum(end - start for start, end in row)
                if digits < 6:
                    continue
                for region in self.regions:
                    if digits >= _fewest_digits(region) or "+" in text[max(0, row[0][0] - 2) : row[0][0]]:
                        yield from self._of_region(row, region)
                yield from self._by_form(row)

    def _rows(self, groups: Groups) -> Iterator[Groups]:
        """The groups of one line each: a reading has a space for a line's end, but a number has none."""
        if self.reading.origins is None:
            yield groups
            return
        begun = 0
        for at in range(1, len(groups)):
            before, after = self.reading.span(groups[at - 1][0], groups[at - 1][1])[1], groups[at][0]
            if "\n" in self.original[before : self.reading.origins[after]]:
                yield groups[begun:at]
                begun = at
        yield groups[begun:]

    def _by_form(self, row: Groups) -> Iterator[Personal]:
        text, first = self.reading.text, 0
        gaps = [text[before[1] : after[0]] for before, after in pairwise(row)]
        while first < len(row):
            for last in range(min(len(row), first + _MOST_GROUPS), first, -1):
                if _is_apart(gaps, first, last):
                    start, end = _with_signs(text, row[first][0], row[last - 1][1])
                    if piece := self._number(start, end):
                        yield piece
                        first = last
                        break
            else:
                first += 1

    def _number(self, start: int, end: int) -> Personal | None:
        text = self.reading.text
        form = form_of(text[start:end])
        end_of_all = self.context.extension(text, end)
        if form is None or not stands_free(text, start, end_of_all):
            return None
        said = self.context.before(text, start)
        if self._is_named(start, end, said):
            self.last = end_of_all
        elif is_another(text, start, end, form, said):
            return None
        return Personal(*self.reading.span(start, end_of_all), "phone", _value(text[start:end]))

    def _is_named(self, start: int, end: int, said: Said) -> bool:
        text = self.reading.text
        if self.context.goes_on(text, self.last, start) or self.context.is_said_behind(text, end):
            return True
        in_groups = not text[start:end].isdigit()
        many = sum(map(str.isdigit, text[start:end])) > 6
        if said.word == "phone":
            return (many and in_groups) or (said.near and (many or in_groups))
        return said.word == "" and many and in_groups and self._has_its_own_line(start, end)

    def _has_its_own_line(self, start: int, end: int) -> bool:
        if max(map(len, _GROUP.findall(self.reading.text, start, end))) > 4:
            return False
        first, last = self.reading.span(start, end)
        before, after = self.original[max(0, first - 20) : first], self.original[last : last + 20]
        line = before.rpartition("\n")[2] + after.partition("\n")[0]
        return ("\n" in before or "\n" in after) and not line.strip(" \t\r*_|")

    def _of_region(self, row: Groups, region: str) -> Iterator[Personal]:
        text = self.reading.text
        begin, end = _with_signs(text, row[0][0], row[-1][1])
        end = self.context.extension(text, end)
        for start, written, value in _valid_in(text[begin:end], region):
            span = begin + start, begin + start + len(written)
            form = form_of(_DIALLED.findall(written)[0])
            said = self.context.before(text, span[0])
            if form is None or not stands_free(text, *span) or (said.word == "other" and said.near):
                continue
            # Without a word or a telling form the gaps must be where that country has them: 921733-104 is a shoe.
            named = said.word == "phone" and said.near
            usual = form != "named" or _is_in_groups(written, region)
            if named or (usual and not is_house(text, *span)):
                yield Personal(*self.reading.span(*span), "phone", value)


@lru_cache(maxsize=512)
def _valid_in(text: str, region: str) -> Sequence[tuple[int, str, str]]:
    """The numbers that are valid in a country's plan: where each begins, as it is written, with its country's code."""
    from phonenumbers import Leniency, PhoneNumberFormat, PhoneNumberMatcher, format_number

    matches = PhoneNumberMatcher(text, region, leniency=Leniency.VALID, max_tries=20)
    return [
        (one.start, one.raw_string, format_number(one.number, PhoneNumberFormat.E164).removeprefix("+"))
        for one in matches
    ]


@cache
def _fewest_digits(region: str) -> int:
    """Of a number that is valid in a country's plan, or is dialled from there to another without a plus."""
    from phonenumbers import PhoneMetadata

    plan = PhoneMetadata.metadata_for_region(region, None)
    if plan is None or plan.general_desc is None:
        return 0
    # The shortest number with a country's code has six digits, behind what is dialled for abroad: 00, 011.
    abroad = 6 + (3 if plan.international_prefix == "011" else 2)
    return min(abroad, *(length for length in plan.general_desc.possible_length if length > 0))


@lru_cache(maxsize=512)
def _is_in_groups(number: str, region: str) -> bool:
    from phonenumbers import Leniency, PhoneNumberMatcher

    return any(PhoneNumberMatcher(number, region, leniency=Leniency.EXACT_GROUPING))


def _is_apart(gaps: Sequence[str], first: int, last: int) -> bool:
    """Whether the gap before and behind a part is another one than those within it."""
    within = gaps[first : last - 1]
    for at in (first - 1, last - 1):
        if 0 <= at < len(gaps):
            gap = gaps[at]
            if gap in _CLOSE or gap in within or (not within and len(gap) < 2):
                return False
    return True


def _with_signs(text: str, start: int, end: int) -> tuple[int, int]:
    """The digits with the plus and the bracket that belong to them."""
    if start and text[start - 1] == "+":
        start -= 1
    if start and text[start - 1] == "(" and text.count(")", start, end) > text.count("(", start, end):
        start -= 1
        if start and text[start - 1] == "+":
            start -= 1
    return start, end


@lru_cache(maxsize=512)
def _value(text: str) -> str:
    """The number with its country's code where one is written, else as it stands."""
    from phonenumbers import NumberParseException, PhoneNumberFormat, format_number, is_valid_number, parse

    digits = bare(text)
    if text.lstrip("( ").startswith(("+", "00")):
        try:
            number = parse(f"+{text.replace('(0)', '').strip(' (+').removeprefix('00')}")
        except NumberParseException:
            return digits.removeprefix("00")
        if is_valid_number(number):
            return format_number(number, PhoneNumberFormat.E164).removeprefix("+")
    return digits.removeprefix("00")
