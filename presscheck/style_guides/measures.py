"""Formulas and bounds of Vale's metric and readability rules, as the kind metric takes them."""

import math
import re

from presscheck.matching.reading import FORMULAS

_COUNTED = frozenset(
    {"words", "sentences", "syllables", "characters", "paragraphs", "long_words", "complex_words", "polysyllabic_words"}
)
_NAME = re.compile(r"[A-Za-z_][\w.]*")
_FUNCTIONS = frozenset({"sqrt", "pow", "abs", "floor", "ceil", "exp", "log", "min", "max"})
_ALLOWED = re.compile(r"[\w.+\-*/%(), ]+")
_CONDITION = re.compile(r"\s*(<=|>=|<|>)\s*(-?\d+(?:\.\d+)?)\s*")
_MOST = 400
# As Vale counts them (github.com/jdkato/prose/summarize).
_GRADES = {
    "Flesch-Kincaid": FORMULAS["flesch-kincaid"],
    "Gunning Fog": FORMULAS["gunning-fog"],
    "Coleman-Liau": FORMULAS["coleman-liau"],
    "Automated Readability": FORMULAS["automated-readability"],
    "SMOG": FORMULAS["smog"],
}


def formula_of(formula: str) -> str:
    """The formula as ours; ValueError says what it counts that copy has not."""
    text = " ".join(formula.split()).replace("math.", "")
    names = set(_NAME.findall(text)) - _FUNCTIONS
    if others := sorted(names - _COUNTED):
        raise ValueError(f"counts {', '.join(others)}, of which copy has none")
    if not _ALLOWED.fullmatch(text) or len(text) > _MOST:
        raise ValueError(f"is no arithmetic of at most {_MOST} characters")
    return text


def bounds_of(condition: str) -> dict[str, float]:
    """`> 8` as the bound from which the rule fires; ValueError for a condition with no bound."""
    found = _CONDITION.fullmatch(condition)
    if found is None:
        raise ValueError(f"its condition is no comparison with a number: {condition[:40] or 'none'}")
    sign, bound = found[1], float(found[2])
    # The bound itself passes with us, so it is moved by the least step where it must not.
    if sign.startswith(">"):
        return {"at_most": bound if sign == ">" else math.nextafter(bound, -math.inf)}
    return {"at_least": bound if sign == "<" else math.nextafter(bound, math.inf)}


def average_of(metrics: list[str]) -> tuple[str, dict[str, str]]:
    """The mean of the grades, as Vale has it, and why a metric is not in it; an empty formula where none is."""
    known = [name for name in metrics if name in _GRADES]
    left = {name: "is no grade that Vale has" for name in metrics if name not in _GRADES}
    if not known:
        return "", left
    if len(known) == 1:
        return _GRADES[known[0]], left
    return f"({' + '.join(_GRADES[name] for name in known)}) / {len(known)}", left
