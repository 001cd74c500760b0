"""Occurrence, repetition, capitalization, conditional, consistency: what stands too often, or not beside another."""

from importlib import import_module
from typing import Any

from presscheck.style_guides.building import Building, one_pattern
from presscheck.style_guides.cases import framed, heavy_texts
from presscheck.style_guides.finders import bounded
from presscheck.style_guides.regex_nodes import Group, Node, NotForRE2, OneOf
from presscheck.style_guides.regex_parser import parsed
from presscheck.style_guides.spelled_out import some_texts
from presscheck.style_guides.vale_keys import Words

# google-re2 has no type information; imported as a value it is plainly untyped, not partly.
re2: Any = import_module("re2")

_STYLES = {"$title": "title", "$sentence": "sentence", "$lower": "lower", "$upper": "upper"}
# What is counted is shown by a case that holds so many.
_MOST_COUNTED = 500


def occurrence(building: Building) -> None:
    keys = building.keys
    token, most, least = keys.words("token"), keys.number("max"), keys.number("min")
    building.tokens = 1
    if token is None:
        building.leave(Words("token", 1), "there is none, so nothing is counted")
        return
    # Vale takes 0 for a bound that is not set.
    bounds = {name: int(bound) for name, bound in (("at_most", most), ("at_least", least)) if bound}
    if not bounds:
        building.leave(token, "has neither max nor min above 0, so it never says anything")
        return
    try:
        tree = parsed(token.text)
        if _counts_all(building, token, tree, bounds):
            return
        patterns = [one_pattern(tree)]
    except NotForRE2 as why:
        building.leave(token, str(why))
        return
    if max(bounds.values()) > _MOST_COUNTED:
        building.leave(token, f"counts more than {_MOST_COUNTED} matches, which no case would show")
        return
    case = {} if keys.yes("ignorecase") else {"case": True}
    building.matches = [{"kind": "occurrence", "patterns": patterns, **bounds, "per": building.scope.unit, **case}]
    once = some_texts(tree)[:3]
    many = (
        [separator.join([one] * (bounds["at_most"] + 1)) for one in once for separator in (" ", "", "\n")]
        if ("at_most" in bounds)
        else []
    )
    building.samples.append((token, [*framed(many), "Rain.", *heavy_texts()]))
    building.right += [" ".join([one] * bounds["at_least"]) for one in once if "at_least" in bounds]


def _counts_all(building: Building, token: Words, tree: Node, bounds: dict[str, int]) -> bool:
    """Whether words or characters are counted, for which there are kinds of their own; the match is made then."""
    counts_words, unit = _is_any_word(tree), building.scope.unit
    if counts_words and unit == "sentence" and list(bounds) == ["at_most"]:
        building.matches = [{"kind": "sentences", "words_at_most": max(3, bounds["at_most"])}]
    elif counts_words and unit != "sentence":
        formula = "words" if unit == "text" else "words / paragraphs"
        building.matches = [{"kind": "metric", "formula": formula, **bounds, "words": 0}]
        if unit == "paragraph":
            building.leave_beside(token, "is a mean of all paragraphs here")
    elif _is_any_character(tree) and unit != "sentence":
        building.matches = [{"kind": "length", "length": dict.fromkeys(building.scope.fields, bounds)}]
    else:
        return False
    building.samples.append((token, [*heavy_texts(), "It rains. " * 2_000]))
    building.right += ["It rains. " * (bounds["at_least"] + 1)] if "at_least" in bounds else []
    return True


def _is_any_word(tree: Node) -> bool:
    """Whether an expression matches each word, whatever the word, and nothing that is none."""
    try:
        one = re2.compile(one_pattern(tree))
    except NotForRE2:
        return False
    return all(one.fullmatch(word) for word in ("the", "Mug", "washable")) and not one.search(" \n")


def _is_any_character(tree: Node) -> bool:
    one = tree.inner if isinstance(tree, Group) else tree
    return isinstance(one, OneOf) and all(re2.fullmatch(one.source, letter) for letter in "amZ ")


def repetition(building: Building) -> None:
    keys = building.keys
    tokens = keys.each("tokens")
    building.tokens = len(tokens)
    if not tokens:
        building.leave(Words("tokens", 1), "there are none, so nothing is looked for")
        return
    if (keys.number("max") or 0) >= 1:
        building.leave_beside(Words("max", keys.line("max")), "lets words stand twice, which is found here")
    for token in tokens:
        try:
            any_word = _is_any_word(parsed(token.text))
        except NotForRE2 as why:
            building.leave(token, str(why))
            continue
        if any_word:
            building.samples.append((token, heavy_texts()))
        else:
            building.leave(token, "repeats something other than a word, and only repeated words are found")
    if building.samples:
        exceptions = building.plain_exceptions()
        building.matches = [{"kind": "repetition"} | ({"exceptions": exceptions} if exceptions else {})]


def capitalization(building: Building) -> None:
    keys = building.keys
    said = keys.words("match") or Words("", keys.line("match"))
    building.tokens = 1
    style = _STYLES.get(said.text)
    if style is None:
        building.leave(
            said, "is an expression that the whole text must match; only $title, $sentence, $lower, $upper are"
        )
        return
    match: dict[str, Any] = {"kind": "capitals", "style": style}
    if exceptions := building.plain_exceptions():
        match["exceptions"] = exceptions
    if threshold := keys.number("threshold"):
        match["share"] = min(1.0, threshold)
    if indicators := [one.text for one in keys.each("indicators")]:
        match["indicators"] = indicators
    for prefix in keys.each("prefix"):
        building.leave_beside(prefix, "is not let pass as a beginning; put it in exceptions")
    building.matches = [match]
    building.samples.append((said, heavy_texts()))


def conditional(building: Building) -> None:
    keys = building.keys
    first, second = keys.words("first"), keys.words("second")
    building.tokens = 2
    if first is None or second is None:
        building.leave(first or second or Words("first", 1), "says not both, first and second")
        return
    patterns: dict[str, str] = {}
    for name, words in (("first", first), ("second", second)):
        try:
            patterns[name] = one_pattern(parsed(words.text))
        except NotForRE2 as why:
            building.leave(words, str(why))
    if len(patterns) < 2:
        building.leave(second if "first" in patterns else first, "needs the other one, which is not taken")
        return
    exceptions = building.plain_exceptions()
    # Vale asks for capitals here whatever ignorecase says.
    building.matches = [{"kind": "together", **patterns} | ({"exceptions": exceptions} if exceptions else {})]
    building.samples += [(words, framed(some_texts(parsed(first.text)))) for words in (first, second)]


def consistency(building: Building) -> None:
    keys = building.keys
    pairs = keys.pairs("either")
    building.tokens = len(pairs)
    either: dict[str, str] = {}
    for one, other in pairs:
        try:
            trees = parsed(one.text), parsed(other)
            ways = trees if keys.yes("nonword") else (bounded(trees[0]), bounded(trees[1]))
            either[one_pattern(ways[0])] = one_pattern(ways[1])
        except NotForRE2 as why:
            building.leave(one, str(why))
            continue
        both = [f"{a} and {b}" for a, b in zip(some_texts(trees[0]), some_texts(trees[1]), strict=False)]
        building.samples.append((one, framed(both)))
    if either:
        case = {} if keys.yes("ignorecase") else {"case": True}
        building.matches = [{"kind": "consistency", "either": either, **case}]
