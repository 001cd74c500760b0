"""The words and signs that make a number a price, a share or a length: data, so that a policy can carry its own.

    FigureWords(units=(("pair", ("pair", "pairs")),))        # a frozen value; what is not given stays as shipped

English for words; signs, codes and measures are the same in every language. A space in a phrase stands for a space or
a hyphen. How numbers are written (`1.299,00`, `12k`, `nine in ten`) is code, in `figures`.
"""

from collections.abc import Iterable
from dataclasses import dataclass
from functools import cached_property
from itertools import product

_OF_WHAT = ("of", "off", "less", "more", "lighter", "faster")
_WHOSE = ("the", "your", "as", "our", "its")


def _pairs(*lines: str) -> tuple[tuple[str, tuple[str, ...]], ...]:
    """`km: km, kilometre, kilometres` as a name with its forms."""
    split = (line.split(": ", 1) for line in lines)
    return tuple((name, tuple(forms.split(", "))) for name, forms in split)


def _nouns(words: str) -> tuple[tuple[str, tuple[str, ...]], ...]:
    return tuple((noun, (noun, f"{noun}s")) for noun in words.split())


def _joined(*words: Iterable[str]) -> tuple[str, ...]:
    return tuple(" ".join(some) for some in product(*words))


@dataclass(frozen=True)
class FigureWords:
    """What stands at a number, what stands for one, and what looks like a figure and states nothing."""

    currencies: tuple[tuple[str, tuple[str, ...]], ...] = _pairs(
        "USD: $, us$, usd, dollar, dollars, bucks", "EUR: €, eur, euro, euros", "GBP: £, gbp, pound, pounds, quid",
        "JPY: ¥, jpy, yen", "INR: ₹, inr, rs, rupees", "CHF: chf", "SEK: sek", "NOK: nok", "DKK: dkk", "PLN: pln",
        "CAD: cad, c$, ca$", "AUD: aud, a$, au$",
    )  # fmt: skip
    """By ISO codes. What is a sign, a code or two letters long is read before a number as well (`USD 20`)."""
    units: tuple[tuple[str, tuple[str, ...]], ...] = (
        # Nouns whose plural is regular are units in both forms; what is counted of people and ratings as well.
        *_nouns(
            "decade mile degree star review rating customer user member shopper owner size piece pack item point watt "
            "volt household guest traveller traveler night month season"
        ),
        *_pairs(
            "%: %, percent, per cent, pct, percentage points", "x: x, times, fold", "person: person, persons, people",
            "second: second, seconds, s, sec, secs", "minute: minute, minutes, min, mins",
            "hour: hour, hours, h, hr, hrs", "day: day, days", "week: week, weeks, wk, wks",
            "year: year, years, yr, yrs", "mm: mm, millimetre, millimetres, millimeter, millimeters",
            "cm: cm, centimetre, centimetres, centimeter, centimeters", "m: m, metre, metres, meter, meters",
            "km: km, kilometre, kilometres, kilometer, kilometers", "mile: mi", "foot: ft, foot, feet",
            'inch: inch, inches, "', "g: g, gr, gram, grams", "kg: kg, kilo, kilos, kilogram, kilograms",
            "lb: lb, lbs", "oz: oz, ounce, ounces", "ml: ml", "cl: cl", "l: l, litre, litres, liter, liters",
            "°c: °c", "°f: °f", "degree: °", "w: w", "kwh: kwh", "wh: wh", "mah: mah", "v: v", "mb: mb", "gb: gb",
            "tb: tb", "mp: mp", "colour: colour, colours, color, colors",
        ),
    )  # fmt: skip
    """By short names: figures with the same short name are the same quantity."""
    numbers: tuple[tuple[str, tuple[str, ...]], ...] = (
        *_pairs(
            "0: zero", "1: one", "2: two", "3: three", "4: four", "5: five", "6: six", "7: seven", "8: eight",
            "9: nine", "10: ten", "11: eleven", "12: twelve, dozen, a dozen, one dozen", "13: thirteen",
            "14: fourteen", "15: fifteen", "16: sixteen", "17: seventeen", "18: eighteen", "19: nineteen",
            "20: twenty", "30: thirty", "40: forty", "50: fifty", "60: sixty", "70: seventy", "80: eighty",
            "90: ninety", "100: hundred, a hundred, one hundred", "1000: thousand, a thousand, one thousand",
            "1000000: million, a million, one million",
        ),
    )  # fmt: skip
    """A figure beside a unit (`five years`) or another number (`nine in ten`); `twenty-one` is made of two."""
    quantities: tuple[tuple[str, tuple[str, ...]], ...] = (
        ("50 %", (*_joined(("half",), ("price", "off", "as")), *_joined(("at", "by", "in"), ("half",)),
                  *_joined(("half the",), ("price", "cost", "weight", "time", "size")))),
        ("2 x", ("twice", "two fold", "twofold", *_joined(("double", "doubled", "doubles"), _WHOSE))),
        ("3 x", ("thrice", "three fold", "threefold", *_joined(("triple", "tripled", "triples"), _WHOSE))),
        ("25 %", _joined(("a quarter", "one quarter"), _OF_WHAT)),
        ("75 %", _joined(("three quarters", "three quarter"), _OF_WHAT)),
        ("1/3 share", _joined(("a third", "one third"), _OF_WHAT)),
        ("2/3 share", _joined(("two thirds", "two third"), _OF_WHAT)),
        *((f"{many} many", (f"{many} of",)) for many in ("dozens", "hundreds", "thousands", "millions", "billions")),
    )  # fmt: skip
    """Phrases that are a quantity by themselves, by its value and unit. Only `a`, `at`, `by` and `in` may stand before
    the word by which one is looked for."""
    idioms: tuple[str, ...] = (
        "24/7", "24-7", "24 7", "9 to 5", "9-to-5", "9 to five", "nine to 5", "nine to five", "nine-to-five", "50/50",
        "360°", "360 °",
        "1-in-1", "2-in-1", "3-in-1", "4-in-1", "5-in-1", "6-in-1", "7-in-1", "8-in-1", "9-in-1",
        "/5", "/ 5", "out of 5",
    )  # fmt: skip
    """Phrases with numbers that say nothing of the product."""

    @cached_property
    def _hash(self) -> int:
        return hash((self.currencies, self.units, self.numbers, self.quantities, self.idioms))

    def __hash__(self) -> int:
        return self._hash


FIGURE_WORDS = FigureWords()
