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

from presscheck.matching.normal import Reading, normalise


@dataclass(frozen=True)
class Figure:
    """One quantity in a text, `end` exclusive."""

    start: int
    end: int
    kind: Literal["digits", "words"]
    values: frozenset[str]
    """Every number it can mean: `1.299` is 1.299 to one reader and 1299 to another."""
    unit: str
    """`%`, a currency's ISO code, `x`, a known unit's short name, or empty."""


MAY_BE_FIGURES = {
    "digits": r"\pN",
    "words": r"\b(?:zero|one|two|three|four|five|six|seven|eight|nine|ten|eleven|twelve|\w+teen|twenty|thirty|forty"
    r"|fifty|sixty|seventy|eighty|ninety|dozens?|hundreds?|thousands?|millions?|billions|half|twice|doubled?s?|two-?fold"
    r"|thrice|tripled?s?|three-?fold|quarters?|thirds?)\b",
}
"""Without one of these a text states no figure of the kind: RE2, of the text as it stands or reads without disguise."""


def _listed(words: str) -> tuple[str, ...]:
    return tuple(words.split())


_CURRENCIES = {
    "$": "USD", "us$": "USD", "usd": "USD", "dollar": "USD", "dollars": "USD", "bucks": "USD",
    "€": "EUR", "eur": "EUR", "euro": "EUR", "euros": "EUR",
    "£": "GBP", "gbp": "GBP", "pound": "GBP", "pounds": "GBP", "quid": "GBP",
    "¥": "JPY", "jpy": "JPY", "yen": "JPY", "₹": "INR", "inr": "INR", "rs": "INR", "rupees": "INR",
    "chf": "CHF", "sek": "SEK", "nok": "NOK", "dkk": "DKK", "pln": "PLN", "cad": "CAD", "aud": "AUD",
    "c$": "CAD", "ca$": "CAD", "a$": "AUD", "au$": "AUD",
}  # fmt: skip
# Nouns whose plural is regular are units in both forms; what is counted of people and ratings as well.
_NOUNS = _listed("""
    second minute hour day night week month year season decade mile degree star review rating customer user member
    shopper owner size piece pack item point watt volt person household guest traveller traveler
""")
_UNITS: dict[str, str] = {form: noun for noun in _NOUNS for form in (noun, f"{noun}s")} | {
    "%": "%", "percent": "%", "per cent": "%", "pct": "%", "percentage points": "%",
    "x": "x", "times": "x", "fold": "x", "people": "person",
    "s": "second", "sec": "second", "secs": "second", "min": "minute", "mins": "minute",
    "h": "hour", "hr": "hour", "hrs": "hour", "wk": "week", "wks": "week", "yr": "year", "yrs": "year",
    "mm": "mm", "millimetre": "mm", "millimetres": "mm", "millimeter": "mm", "millimeters": "mm",
    "cm": "cm", "centimetre": "cm", "centimetres": "cm", "centimeter": "cm", "centimeters": "cm",
    "m": "m", "metre": "m", "metres": "m", "meter": "m", "meters": "m",
    "km": "km", "kilometre": "km", "kilometres": "km", "kilometer": "km", "kilometers": "km",
    "mi": "mile", "ft": "foot", "foot": "foot", "feet": "foot", "inch": "inch", "inches": "inch", '"': "inch",
    "g": "g", "gr": "g", "gram": "g", "grams": "g", "kg": "kg", "kilo": "kg", "kilos": "kg", "kilogram": "kg",
    "kilograms": "kg", "lb": "lb", "lbs": "lb", "oz": "oz", "ounce": "oz", "ounces": "oz",
    "ml": "ml", "cl": "cl", "l": "l", "litre": "l", "litres": "l", "liter": "l", "liters": "l",
    "°c": "°c", "°f": "°f", "°": "degree", "w": "w", "kwh": "kwh", "wh": "wh", "mah": "mah", "v": "v",
    "mb": "mb", "gb": "gb", "tb": "tb", "mp": "mp",
    "colour": "colour", "colours": "colour", "color": "colour", "colors": "colour",
}  # fmt: skip

_DIGIT = re.compile(r"\d")
_MAY_COUNT: Any = import_module("re2").compile(rf"\b(?:(?:a|at|by|in)[ ])?({MAY_BE_FIGURES['words']})")
_NUMBER = r"\d{1,3}(?:[,.'\u00a0 ]\d{3})+(?:[.,]\d{1,4})?(?!\d)|\d{1,15}(?:[.,]\d{1,6})?"
_MARKS = r"(?:(?:\b(?:us|ca|au|c|a))?\$|€|£|¥|₹|\b(?:usd|eur|gbp|jpy|inr|chf|sek|nok|dkk|pln|cad|aud|rs)\b\.?)"


_FOOTNOTED = re.compile(r"[\w%€£$¥.,;:!?)\]”’\"'™®*]")
_THOUSANDS = re.compile(r"\d{1,3}(?:([.,])\d{3})(?:\1\d{3})*")


def _any_of(words: Iterable[str]) -> str:
    return "|".join(sorted((re.escape(word).replace(r"\ ", r"[ \-]") for word in words), key=lambda w: (-len(w), w)))


_UNIT = _any_of(word for word in (*_UNITS, *_CURRENCIES) if word[0].isalpha())
# It starts with a digit, so that a text is searched quickly; a currency before it is looked for afterwards.
_NUMBERED = re.compile(
    rf"(?P<number>{_NUMBER})(?P<scale>(?:k|bn|[ ]?(?:thousand|million|billion))\b)?"
    rf"(?P<unit>[ \-]?(?:%|[€£¥₹°\"](?:[cf]\b)?|(?:{_UNIT})\b))?"
)
_MARKED = re.compile(rf"(?P<mark>{_MARKS})[ ]?$")
_SCALES = {"k": 3, "thousand": 3, "million": 6, "bn": 9, "billion": 9}

_SMALL = _listed("""
    zero one two three four five six seven eight nine ten eleven twelve thirteen fourteen fifteen sixteen seventeen
    eighteen nineteen
""")
_TENS = _listed("twenty thirty forty fifty sixty seventy eighty ninety")
_WORDS = (
    {word: value for value, word in enumerate(_SMALL)}
    | {word: 20 + 10 * at for at, word in enumerate(_TENS)}
    | {f"{ten}-{one}": 20 + 10 * tens + at for tens, ten in enumerate(_TENS) for at, one in enumerate(_SMALL[:10])}
    | {
        f"{some}{word}": value
        for word, value in (("dozen", 12), ("hundred", 100), ("thousand", 1000), ("million", 1_000_000))
        for some in ("", "a ", "one ")
    }
)
_WORD = _any_of(_WORDS)
# A unit after a number word must be a measured one: "two colours" is a claim, "one in two" is another.
_WORD_UNITS = _any_of(w for w in _UNITS if w.isalpha() and len(w) > 3) + "|per[ ]cent"
_QUANTITY = re.compile(
    rf"\b(?P<share>(?P<part>{_WORD})[ ](?:in|out[ ]of)[ ](?:every[ ])?(?P<whole>{_WORD}))\b"
    rf"|\b(?P<counted>(?P<count>{_WORD})[ \-](?P<what>{_WORD_UNITS}))\b"
    r"|\b(?P<half>half(?:[ ]|-)(?:price|off|the[ ](?:price|cost|weight|time|size)|as)|(?:at|by|in)[ ]half)\b"
    r"|\b(?P<double>twice|double[ds]?(?=[ ](?:the|your|as|our|its))|two-fold|twofold)\b"
    r"|\b(?P<triple>thrice|tripled?s?(?=[ ](?:the|your|as|our|its))|three-fold|threefold)\b"
    r"|\b(?P<quarter>(?:a|one|three)[ ]quarters?[ ](?:of|off|less|more|lighter|faster))\b"
    r"|\b(?P<third>(?:a|one|two)[ ]thirds?[ ](?:of|off|less|more|lighter|faster))\b"
    r"|\b(?P<many>(?:dozens|hundreds|thousands|millions|billions)[ ]of)\b"
)
# Idioms that hold digits and say nothing of the product.
_IDIOM = re.compile(
    r"\b(?:24[/ \-]7|(?:9|nine)[ \-](?:to|-)[ \-](?:5|five)|[1-9]-in-1|360[ ]?°|50/50)(?!\w)|(?:/[ ]?|\bout of )5\b"
)


# Several guardrails ask for the figures of the same text, one after the other.
@lru_cache(maxsize=256)
def figures(text: str) -> tuple[Figure, ...]:
    """All figures of `text`, in order of place."""
    plain, *parted = normalise(text).lowered
    found = _figures(plain)
    if parted:
        # A footnote's mark is no digit of the figure before it: what stands apart from it is the figure, and the mark
        # at the end of a word or a figure is none. Raised digits that stand alone, or with a unit, are one as well.
        apart = _figures(parted[0])
        taken = {at for one in apart for at in range(one.start, one.end)}
        alone = [
            one
            for one in found
            if taken.isdisjoint(range(one.start, one.end))
            and (one.unit or one.start == 0 or not _FOOTNOTED.match(text, one.start - 1))
        ]
        found = apart + alone
    return tuple(sorted(found, key=lambda figure: (figure.start, figure.end)))


def places_of_figures(text: str, kinds: Iterable[Literal["digits", "words"]]) -> Iterator[tuple[int, int]]:
    """The spans of figures of these kinds, a kind after the other, for whoever needs the first alone and no value."""
    read = normalise(text)
    if read.parted is not None:
        wanted = tuple(kinds)
        yield from ((figure.start, figure.end) for figure in figures(text) if figure.kind in wanted)
        return
    for kind in kinds:
        yield from (span for span, _ in (_numbers(read.text) if kind == "digits" else _quantities(read.text)))


def _figures(reading: Reading) -> list[Figure]:
    return [*_in_digits(reading), *_in_words(reading)]


def _in_digits(reading: Reading) -> Iterator[Figure]:
    for span, (match, mark) in _numbers(reading):
        yield Figure(*span, "digits", *_quantity(match, mark))


def _numbers(reading: Reading) -> Iterator[tuple[tuple[int, int], tuple[re.Match[str], str]]]:
    read = reading.text
    first = _DIGIT.search(read)
    if first is None:
        return
    for match in _NUMBERED.finditer(read, first.start()):
        if _in_idiom(read, match.start()):
            continue
        # The longest mark with its space is five characters long, such as "usd 20" and "ca$20".
        mark = _MARKED.search(read, max(0, match.start() - 5), match.start())
        if mark is None and _part_of_a_name(read, match):
            continue
        span = reading.span(match.start() if mark is None else mark.start(), match.end())
        yield span, (match, "" if mark is None else mark["mark"])


def _in_words(reading: Reading) -> Iterator[Figure]:
    return (Figure(*span, "words", *_meaning(match)) for span, match in _quantities(reading))


def _quantities(reading: Reading) -> Iterator[tuple[tuple[int, int], re.Match[str]]]:
    read = reading.text
    done = 0
    for may in _MAY_COUNT.finditer(read):
        # What is looked for begins at the word or at the little one before it: `a dozen`, `in half`.
        starts = (int(may.start()), int(may.start(1)))
        match = next((found for at in starts if at >= done and (found := _QUANTITY.match(read, at))), None)
        if match is not None:
            done = match.end()
            yield reading.span(*match.span()), match


def unsupported(text: str, sources: Iterable[Figure]) -> tuple[Figure, ...]:
    """The figures of `text` that no source states with the same value and unit."""
    known = tuple(sources)
    return tuple(figure for figure in figures(text) if not any(states(source, figure) for source in known))


def states(source: Figure, figure: Figure) -> bool:
    """True where `source` says what `figure` says: the same value with the same unit."""
    if source.unit != figure.unit and (figure.unit or source.unit == "%" or source.unit.isupper()):
        # A bare number may repeat a measured one ("48 hours", "for 48"), but never a price or a share.
        return False
    return not source.values.isdisjoint(figure.values)


def _in_idiom(read: str, at: int) -> bool:
    # The longest idiom, "nine to 5" with its neighbours, is twelve characters long.
    return any(match.start() <= at < match.end() for match in _IDIOM.finditer(read, max(0, at - 12), at + 12))


def _part_of_a_name(read: str, match: re.Match[str]) -> bool:
    """True for the digit of B2B, H2O or A4; two digits or more, as in SAVE20, state something."""
    glued = match.start() > 0 and read[match.start() - 1].isalpha()
    return glued and len(match["number"]) == 1 and not match["unit"]


def _quantity(match: re.Match[str], mark: str) -> tuple[frozenset[str], str]:
    """What a number in digits says: the values it can mean, and its unit."""
    unit = (match["unit"] or "").strip(" -").replace("-", " ")
    power = _SCALES.get((match["scale"] or "").strip(), 0)
    if mark:
        # Behind a currency an m is a million, elsewhere it is a metre.
        return _values(match["number"], 6 if unit == "m" else power), _CURRENCIES[mark.rstrip(".")]
    return _values(match["number"], power), _CURRENCIES.get(unit) or _UNITS.get(unit, unit)


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


def _meaning(match: re.Match[str]) -> tuple[frozenset[str], str]:
    if match["share"]:
        part, whole = _WORDS[match["part"]], _WORDS[match["whole"]]
        return frozenset({f"{part}/{whole}"}), "share"
    if match["counted"]:
        what = match["what"].replace("-", " ")
        return frozenset({str(_WORDS[match["count"]])}), _UNITS.get(what, what)
    for name, value, unit in (("half", "50", "%"), ("double", "2", "x"), ("triple", "3", "x")):
        if match[name]:
            return frozenset({value}), unit
    if match["quarter"]:
        return frozenset({"75" if match["quarter"].startswith("three") else "25"}), "%"
    if match["third"]:
        return frozenset({"2/3" if match["third"].startswith("two") else "1/3"}), "share"
    return frozenset({match["many"].split()[0]}), "many"
