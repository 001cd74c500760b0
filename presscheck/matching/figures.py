"""Finds what a text states in figures, and says which of it other texts support.

A figure is a number in digits (`20 %`, `$1,299.00`, `4.8/5`, `40-hour`) or a quantity in words
(`half price`, `twice as`, `nine in ten`). A number word that only counts what the text itself
lists (`two good reasons`) is no figure. Support means the same value with the same unit: twenty
per cent does not support twenty dollars.
"""

import re
from collections.abc import Iterable, Iterator
from dataclasses import dataclass
from decimal import Decimal, InvalidOperation
from functools import lru_cache
from importlib import import_module
from typing import Any, Literal

from presscheck.matching.figure_words import FIGURE_WORDS, FigureWords
from presscheck.matching.normal import Reading, normalise

FigureKind = Literal["digits", "words"]


@dataclass(frozen=True)
class Figure:
    """One quantity in a text, `end` exclusive."""

    start: int
    end: int
    kind: FigureKind
    values: frozenset[str]
    """Every number it can mean: `1.299` is 1.299 to one reader and 1299 to another."""
    unit: str
    """`%`, a currency's ISO code, `x`, a known unit's short name, or empty."""


_LITTLE = r"(?:(?:a|at|by|in)[ ])?"
_DIGIT = re.compile(r"\d")
_NUMBER = r"\d{1,3}(?:[,.'\u00a0 ]\d{3})+(?:[.,]\d{1,4})?(?!\d)|\d{1,15}(?:[.,]\d{1,6})?"
_FOOTNOTED = re.compile(r"[\w%€£$¥.,;:!?)\]”’\"'™®*]")
_THOUSANDS = re.compile(r"\d{1,3}(?:([.,])\d{3})(?:\1\d{3})*")
_NEVER = "(?!)"
_SCALES = {"k": 3, "thousand": 3, "million": 6, "bn": 9, "billion": 9}


class _Forms:
    """The expressions that some words make, and what each word stands for."""

    def __init__(self, words: FigureWords) -> None:
        self.currencies = dict(_as_read(words.currencies))
        self.units = dict(_as_read(words.units))
        self.numbers = {form: int(value) for form, value in _as_read(words.numbers)}
        ones = {form: value for form, value in self.numbers.items() if value < 10}
        tens = {form: value for form, value in self.numbers.items() if value in range(20, 100, 10)}
        self.numbers |= {f"{ten}-{one}": tens[ten] + ones[one] for ten in tens for one in ones}
        self.quantities = [quantity.rpartition(" ")[::2] for quantity, _ in words.quantities]
        self.numbered = self._numbered()
        marks = [form for form, code in self.currencies.items() if _may_stand_before(form, code)]
        # A full stop may close a code, as in Rs. 20.
        before = _bounded(marks, letters_end=r"\b\.?")
        self.marked = re.compile(rf"(?P<mark>{before})[ ]?$")
        # The longest mark with a full stop and its space.
        self.longest_mark = max(map(len, marks), default=0) + 2
        self.quantity = self._quantity(words)
        counts = may_be_figures("words", words)
        self.may_count: Any = import_module("re2").compile(rf"\b{_LITTLE}({counts})")
        idioms = [form for form, _ in _as_read([("", words.idioms)])]
        self.idiom = re.compile(rf"(?:{_bounded(idioms)})(?!\w)")
        self.longest_idiom = max(map(len, idioms), default=0)

    def _numbered(self) -> re.Pattern[str]:
        """It starts with a digit, so that a text is searched quickly; a currency before it is looked for afterwards."""
        forms = [*self.units, *self.currencies]
        words = _any_of(form for form in forms if form[0].isalpha())
        # $20 with a gap before it is a price, and the number before it none in dollars.
        signs = _bounded(form for form in forms if not form[0].isalpha() and "$" not in form)
        return re.compile(
            rf"(?P<number>{_NUMBER})(?P<scale>(?:k|bn|[ ]?(?:thousand|million|billion))\b)?"
            rf"(?P<unit>[ \-]?(?:{signs}|(?:{words})\b))?"
        )

    def _quantity(self, words: FigureWords) -> re.Pattern[str]:
        number = _any_of(self.numbers)
        # A unit after a number word must be a measured one: "two colours" is a claim, "one in two" is another.
        units = _any_of(form for form in self.units if len(form) > 3 and form.replace(" ", "").isalpha())
        others = "".join(
            rf"|\b(?P<quantity{at}>{_any_of(form for form, _ in _as_read([one]))})\b"
            for at, one in enumerate(words.quantities)
        )
        return re.compile(
            rf"\b(?P<share>(?P<part>{number})[ ](?:in|out[ ]of)[ ](?:every[ ])?(?P<whole>{number}))\b"
            rf"|\b(?P<counted>(?P<count>{number})[ \-](?P<what>{units}))\b{others}"
        )

    def meaning(self, match: re.Match[str]) -> tuple[frozenset[str], str]:
        """The values that a quantity in words can mean, and its unit."""
        if match["share"]:
            part, whole = self.numbers[match["part"]], self.numbers[match["whole"]]
            return frozenset({f"{part}/{whole}"}), "share"
        if match["counted"]:
            what = match["what"].replace("-", " ")
            return frozenset({str(self.numbers[match["count"]])}), self.units.get(what, what)
        value, unit = next(said for at, said in enumerate(self.quantities) if match[f"quantity{at}"])
        return frozenset({value}), unit


def may_be_figures(kind: FigureKind, words: FigureWords = FIGURE_WORDS) -> str:
    """RE2: without a match, as it stands or as it reads without disguise, a text states no figure of the kind."""
    if kind == "digits":
        return r"\pN"
    named = (*words.numbers, *words.quantities)
    phrases = [*(form.lower() for _, forms in named for form in forms), *(form for form, _ in _as_read(named))]
    firsts = {re.sub(rf"^{_LITTLE}", "", phrase).split(" ")[0] for phrase in phrases}
    return rf"\b(?:{'|'.join(re.escape(word) for word in sorted(firsts))})\b"


@lru_cache(maxsize=8)
def _forms(words: FigureWords) -> _Forms:
    return _Forms(words)


def _as_read(named: Iterable[tuple[str, tuple[str, ...]]]) -> Iterator[tuple[str, str]]:
    """Each form as it stands in a text that is read, in lower case and without accents, with its name."""
    for name, forms in named:
        yield from ((read, name) for form in forms if (read := normalise(form).lowered[0].text.strip()))


def _may_stand_before(form: str, code: str) -> bool:
    return form == code.lower() or len(form) <= 2 or not form.isalpha()


def _bounded(forms: Iterable[str], *, letters_end: str = r"\b") -> str:
    """Any of the forms, each of which begins and ends where its letters do."""
    groups: dict[tuple[bool, bool], list[str]] = {}
    for form in forms:
        groups.setdefault((form[0].isalnum(), form[-1].isalnum()), []).append(form)
    # What ends in letters comes first: °c is no °.
    return (
        "|".join(
            (r"\b" if begins else "") + f"(?:{_any_of(some, gap=' ')})" + (letters_end if ends else "")
            for (begins, ends), some in sorted(groups.items(), reverse=True)
        )
        or _NEVER
    )


def _any_of(words: Iterable[str], *, gap: str = r"[ \-]") -> str:
    ordered = sorted(words, key=lambda form: (-len(form), form))
    return "|".join(re.escape(word).replace(r"\ ", gap) for word in ordered) or _NEVER


# Several guardrails ask for the figures of the same text, one after the other.
@lru_cache(maxsize=256)
def figures(text: str, words: FigureWords = FIGURE_WORDS) -> tuple[Figure, ...]:
    """All figures of `text`, in order of place."""
    plain, *parted = normalise(text).lowered
    forms = _forms(words)
    found = _figures(plain, forms)
    if parted:
        # A footnote's mark is no digit of the figure before it: what stands apart from it is the figure, and the mark
        # at the end of a word or a figure is none. Raised digits that stand alone, or with a unit, are one as well.
        apart = _figures(parted[0], forms)
        taken = {at for one in apart for at in range(one.start, one.end)}
        alone = [
            one
            for one in found
            if taken.isdisjoint(range(one.start, one.end))
            and (one.unit or one.start == 0 or not _FOOTNOTED.match(text, one.start - 1))
        ]
        found = apart + alone
    return tuple(sorted(found, key=lambda figure: (figure.start, figure.end)))


def places_of_figures(
    text: str, kinds: Iterable[FigureKind], words: FigureWords = FIGURE_WORDS
) -> Iterator[tuple[int, int]]:
    """The spans of figures of these kinds, a kind after the other, for whoever needs the first alone and no value."""
    read = normalise(text)
    if read.parted is not None:
        wanted = tuple(kinds)
        yield from ((figure.start, figure.end) for figure in figures(text, words) if figure.kind in wanted)
        return
    forms = _forms(words)
    for kind in kinds:
        found = _numbers(read.text, forms) if kind == "digits" else _quantities(read.text, forms)
        yield from (span for span, _ in found)


def _figures(reading: Reading, forms: _Forms) -> list[Figure]:
    return [*_in_digits(reading, forms), *_in_words(reading, forms)]


def _in_digits(reading: Reading, forms: _Forms) -> Iterator[Figure]:
    for span, (match, mark) in _numbers(reading, forms):
        yield Figure(*span, "digits", *_quantity(match, mark, forms))


def _numbers(reading: Reading, forms: _Forms) -> Iterator[tuple[tuple[int, int], tuple[re.Match[str], str]]]:
    read = reading.text
    first = _DIGIT.search(read)
    if first is None:
        return
    for match in forms.numbered.finditer(read, first.start()):
        if _in_idiom(read, match.start(), match.start() + 1, forms):
            continue
        mark = forms.marked.search(read, max(0, match.start() - forms.longest_mark), match.start())
        if mark is None and _part_of_a_name(read, match):
            continue
        span = reading.span(match.start() if mark is None else mark.start(), match.end())
        yield span, (match, "" if mark is None else mark["mark"])


def _in_words(reading: Reading, forms: _Forms) -> Iterator[Figure]:
    return (Figure(*span, "words", *forms.meaning(match)) for span, match in _quantities(reading, forms))


def _quantities(reading: Reading, forms: _Forms) -> Iterator[tuple[tuple[int, int], re.Match[str]]]:
    read = reading.text
    done = 0
    for may in forms.may_count.finditer(read):
        # What is looked for begins at the word or at the little one before it: `a dozen`, `in half`.
        starts = (int(may.start()), int(may.start(1)))
        match = next((found for at in starts if at >= done and (found := forms.quantity.match(read, at))), None)
        if match is not None and not _in_idiom(read, *match.span(), forms):
            done = match.end()
            yield reading.span(*match.span()), match


def states(source: Figure, figure: Figure) -> bool:
    """True where `source` says what `figure` says: the same value with the same unit."""
    if source.unit != figure.unit and (figure.unit or source.unit == "%" or source.unit.isupper()):
        # A bare number may repeat a measured one ("48 hours", "for 48"), but never a price or a share.
        return False
    return not source.values.isdisjoint(figure.values)


def _in_idiom(read: str, start: int, end: int, forms: _Forms) -> bool:
    around = forms.idiom.finditer(read, max(0, start - forms.longest_idiom), end + forms.longest_idiom)
    return any(match.start() <= start and end <= match.end() for match in around)


def _part_of_a_name(read: str, match: re.Match[str]) -> bool:
    """True for the digit of B2B, H2O or A4; two digits or more, as in SAVE20, state something."""
    glued = match.start() > 0 and read[match.start() - 1].isalpha()
    return glued and len(match["number"]) == 1 and not match["unit"]


def _quantity(match: re.Match[str], mark: str, forms: _Forms) -> tuple[frozenset[str], str]:
    """What a number in digits says: the values it can mean, and its unit."""
    unit = (match["unit"] or "").strip(" -").replace("-", " ")
    power = _SCALES.get((match["scale"] or "").strip(), 0)
    if mark:
        # Behind a currency an m is a million, elsewhere it is a metre.
        return _values(match["number"], 6 if unit == "m" else power), forms.currencies.get(mark) or forms.currencies[
            mark.rstrip(".")
        ]
    return _values(match["number"], power), forms.currencies.get(unit) or forms.units.get(unit, unit)


def _values(number: str, power: int) -> frozenset[str]:
    digits = re.sub(r"['\u00a0 ]", "", number)
    readings = {digits.replace(",", ".")}
    if "," in digits and "." in digits:
        thousands = "," if digits.rindex(".") > digits.rindex(",") else "."
        readings = {digits.replace(thousands, "").replace(",", ".")}
    elif _THOUSANDS.fullmatch(digits):
        whole = re.sub(r"[.,]", "", digits)
        readings = {whole, digits.replace(",", ".")} if len(digits) < 8 else {whole}
    values: set[str] = set()
    for reading in readings:
        try:
            values.add(_plain(Decimal(reading).scaleb(power)))
        except InvalidOperation:
            continue
    return frozenset(values)


def _plain(value: Decimal) -> str:
    return f"{value.normalize():f}"
