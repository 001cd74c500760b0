"""Finds US social security numbers, and the numbers by which states know their people.

A form that nothing else has counts by itself once its check digits are right; a bare row of digits needs a word
that says what it is besides (`PersonalWords.national_ids`). python-stdnum checks the digits.
"""

import re
from collections.abc import Iterator, Sequence
from functools import cache, lru_cache
from importlib import import_module
from typing import Any

from presscheck.matching.normal import Reading, normalise
from presscheck.matching.personal.accounts import bare
from presscheck.matching.personal.kinds import Personal
from presscheck.matching.personal.words import PersonalWords, any_of

_SSN = re.compile(r"(?<![\w\-])(?<!\d[ .])\d{3}-\d{2}-\d{4}(?![\w\-]|\.\d)")
# Forms by themselves, with the modules of python-stdnum that know them; NINO has no check digit, and its letters do.
_FORMS: tuple[tuple[str, str], ...] = (
    (r"\d{8}-?[A-Z]", "es.dni"),
    (r"[XYZ]\d{7}-?[A-Z]", "es.nie"),
    (r"[12][ ]?\d{2}[ ]?\d{2}[ ]?\d[\dAB][ ]?\d{3}[ ]?\d{3}[ ]?\d{2}", "fr.nir"),
    (r"(?i:[A-Z]{6}\d{2}[A-EHLMPRST]\d{2}[A-Z]\d{3}[A-Z])", "it.codicefiscale"),
    (r"[A-CEGHJ-PR-TW-Z][A-CEGHJ-NPR-TW-Z][ ]?\d{2}[ ]?\d{2}[ ]?\d{2}[ ]?[A-D]", ""),
    (r"\d{3}\.\d{3}\.\d{3}-\d{2}", "br.cpf"),
    (r"\d{6}/\d{3,4}", "cz.rc"),
    (r"(?:19|20)?\d{6}[-+]\d{4}", "se.personnummer is_.kennitala"),
    (r"\d{6}[-+A-F]\d{3}[0-9A-FHJ-NPR-Y]", "fi.hetu"),
    (r"\d{2}\.\d{2}\.\d{2}-\d{3}\.\d{2}", "be.nn"),
    (r"756\.\d{4}\.\d{4}\.\d{2}", "ch.ssn"),
    (r"[A-Z]{4}\d{6}[HMX][A-Z]{5}[A-Z0-9]\d", "mx.curp"),
    (r"\d{17}[\dXx]", "cn.ric"),
    (r"\d{6}-[1-8]\d{6}", "kr.rrn"),
    (r"\d{2}-\d{8}-\d", "ar.cuit"),
    (r"\d{1,2}\.\d{3}\.\d{3}-[\dKk]", "cl.rut"),
    (r"\d-\d{4}-\d{5}-\d{2}-\d", "th.pin"),
    (r"\d{5}-\d{7}-\d", "pk.cnic"),
    (r"\d{6}-\d{2}-\d{4}", "my.nric"),
    (r"9\d{2}-[5-9]\d-\d{4}", "us.itin"),
    (r"\d{6}[ ]\d{5}", "no.fodselsnummer"),
)
# A word's start, and a figure near it: the rest of a text is passed over quickly.
_BEGIN, _END = r"(?<![\w\-])(?<!\d[.])(?=[A-Za-z]{0,6}[ ]?\d)", r"(?![\w\-]|\.\d)"
_ALONE = re.compile(_BEGIN + "(?:" + "|".join(f"({form})" for form, _ in _FORMS) + ")" + _END)
_NUMBER = re.compile(
    r"[^\d\n]{0,24}?(?<!\w)([A-Z]{0,5}\d(?:[ .\-/]{0,2}\d){2,17}(?:[A-Z0-9]{1,3})?)(?!\w)", re.IGNORECASE
)


def social_security_numbers(original: str, reading: Reading, words: PersonalWords) -> Iterator[Personal]:
    """US numbers that were given out, in their form; beside their name any, also without hyphens."""
    from stdnum.us import ssn

    text = reading.text
    for match in _SSN.finditer(text):
        if ssn.is_valid(match.group()):
            yield Personal(*reading.span(*match.span()), "ssn", bare(match.group()))
    for match in _named(words).ssn.finditer(text):
        yield Personal(*reading.span(*match.span(1)), "ssn", bare(match[1]))


def national_ids(original: str, reading: Reading, words: PersonalWords) -> Iterator[Personal]:
    """Numbers whose form and check digits, or whose name and check digits, are those of a state."""
    text = reading.text
    for match in _ALONE.finditer(text):
        if _is_valid(match.group(), _FORMS[(match.lastindex or 1) - 1][1].split()):
            yield Personal(*reading.span(*match.span()), "national-id", bare(match.group()))
    named = _named(words)
    for word in named.ids.finditer(text):
        number = _NUMBER.match(text, word.end())
        if number and _is_valid(number[1], named.modules[" ".join(word.group().lower().split())]):
            yield Personal(*reading.span(*number.span(1)), "national-id", bare(number[1]))


def _is_valid(number: str, modules: Sequence[str]) -> bool:
    return not modules or any(_module(name).is_valid(number) for name in modules)


@cache
def _module(name: str) -> Any:
    return import_module(f"stdnum.{name}")


class _Named:
    """The patterns of one set of words."""

    def __init__(self, words: PersonalWords) -> None:
        self.ssn = re.compile(
            rf"(?<!\w)(?:{any_of(words.ssn)})(?!\w)[^\d\n]{{0,40}}"
            r"(?<![\w\-])(\d{3}[ .\-]?\d{2}[ .\-]?\d{4})(?![\w\-])",
            re.IGNORECASE,
        )
        self.modules: dict[str, list[str]] = {}
        for module, names in words.national_ids:
            for name in names:
                self.modules.setdefault(normalise(name).text.text, []).append(module)
        self.ids = re.compile(rf"(?<!\w)(?:{any_of(tuple(self.modules))})(?!\w)", re.IGNORECASE)


@lru_cache(maxsize=8)
def _named(words: PersonalWords) -> _Named:
    return _Named(words)
