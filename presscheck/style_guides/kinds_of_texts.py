"""Metric, readability and spelling: what is measured of a whole text."""

from pathlib import Path

from presscheck.style_guides.building import Building
from presscheck.style_guides.cases import heavy_texts
from presscheck.style_guides.measures import average_of, bounds_of, formula_of
from presscheck.style_guides.vale_files import words_of
from presscheck.style_guides.vale_keys import Words


def metric(building: Building) -> None:
    keys = building.keys
    formula, condition = keys.words("formula"), keys.text("condition")
    building.tokens = 1
    if formula is None:
        building.leave(Words("formula", 1), "there is none, so nothing is measured")
        return
    try:
        building.matches = [{"kind": "metric", "formula": formula_of(formula.text), **bounds_of(condition)}]
    except ValueError as why:
        building.leave(formula, str(why))
        return
    building.samples.append((formula, heavy_texts()))


def readability(building: Building) -> None:
    keys = building.keys
    metrics, grade = keys.each("metrics"), keys.number("grade")
    building.tokens = len(metrics)
    if not metrics or grade is None:
        building.leave(
            Words("grade", keys.line("grade")), "says not both, metrics and grade, so it never says anything"
        )
        return
    formula, unknown = average_of([one.text for one in metrics])
    for one in metrics:
        if one.text in unknown:
            building.leave(one, unknown[one.text])
        else:
            building.samples.append((one, heavy_texts()))
    if formula:
        building.matches = [{"kind": "metric", "formula": formula, "at_most": grade}]


def spelling(building: Building, root: Path) -> None:
    keys = building.keys
    building.tokens = 1
    accept = building.plain_exceptions()
    for name in keys.each("ignore"):
        words = words_of(name.text, keys.path, root)
        if words is None:
            building.leave_beside(name, "is a list of words that is not in the folder, or cannot be read")
        else:
            accept += words
    for name in ("filters", "dictionaries"):
        for one in keys.each(name):
            what = "words that look so" if name == "filters" else "a dictionary of its own"
            building.leave_beside(one, f"{name}: {what} cannot be let pass here")
    building.matches = [{"kind": "spelling"} | ({"accept": list(dict.fromkeys(accept))} if accept else {})]
    building.samples.append((Words("spelling", 1), heavy_texts()))
