"""Formulas and bounds of Vale's metric and readability rules."""

import re

import pytest

from presscheck.style_guides.measures import average_of, bounds_of, formula_of


def test_a_formula_is_kept_with_its_roots_and_without_its_line_ends() -> None:
    assert formula_of("0.39 * (words / sentences)\n  - 15.59\n") == "0.39 * (words / sentences) - 15.59"
    assert (
        formula_of("math.sqrt(polysyllabic_words * 30.0 / sentences)") == "sqrt(polysyllabic_words * 30.0 / sentences)"
    )


@pytest.mark.parametrize(
    ("formula", "reason"),
    [
        ("heading.h1 + list", "counts heading.h1, list, of which copy has none"),
        ("words; exit", "counts exit"),
        ("words @ sentences", "is no arithmetic"),
        ("words + " * 60 + "words", "is no arithmetic of at most 400 characters"),
    ],
)
def test_what_cannot_be_counted_is_told(formula: str, reason: str) -> None:
    with pytest.raises(ValueError, match=re.escape(reason)):
        formula_of(formula)


def test_a_condition_is_a_bound_from_which_the_rule_fires() -> None:
    assert bounds_of("> 8") == {"at_most": 8.0}
    assert bounds_of("< 70") == {"at_least": 70.0}
    assert bounds_of(">= 8")["at_most"] < 8
    assert bounds_of("<= 70")["at_least"] > 70
    with pytest.raises(ValueError, match="is no comparison with a number"):
        bounds_of("== 8")


def test_several_grades_are_averaged_as_in_vale() -> None:
    formula, left = average_of(["SMOG", "Gunning Fog", "Dale-Chall"])

    assert formula == (
        "(1.043 * sqrt(30 * (polysyllabic_words / sentences)) + 3.1291 "
        "+ 0.4 * ((words / sentences) + 100 * (complex_words / words))) / 2"
    )
    assert left == {"Dale-Chall": "is no grade that Vale has"}
    assert len(average_of(["Flesch-Kincaid", "Gunning Fog", "Coleman-Liau", "SMOG", "Automated Readability"])[0]) < 400
