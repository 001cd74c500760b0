"""What each kind of Vale's rules becomes: matches of ours, with a sample of each token to try them on."""

from collections.abc import Callable, Mapping
from dataclasses import dataclass, field
from importlib import import_module
from pathlib import Path
from typing import Any

from presscheck.matching import fault_of_pattern
from presscheck.style_guides.cases import framed, heavy_texts
from presscheck.style_guides.finders import Finders, How, bounded, exact
from presscheck.style_guides.look_around import in_context, without_look
from presscheck.style_guides.measures import average_of, bounds_of, formula_of
from presscheck.style_guides.regex_nodes import Group, Node, NotForRE2, OneOf, Sequence, written
from presscheck.style_guides.regex_parser import parsed
from presscheck.style_guides.replacements import alternatives, edit_of
from presscheck.style_guides.scopes import Scope
from presscheck.style_guides.spelled_out import some_texts
from presscheck.style_guides.vale_keys import Extends, Keys, Words

# google-re2 has no type information; imported as a value it is plainly untyped, not partly.
re2: Any = import_module("re2")

_STYLES = {"$title": "title", "$sentence": "sentence", "$lower": "lower", "$upper": "upper"}
_MOST_COUNTED = 50


@dataclass(frozen=True)
class Left:
    """A token or a key that was not taken, and why."""

    path: str
    line: int
    part: str
    reason: str


@dataclass
class Building:
    """A rule's matches while they are being made."""

    keys: Keys
    scope: Scope
    matches: list[dict[str, Any]] = field(default_factory=list[dict[str, Any]])
    samples: list[tuple[Words, list[str]]] = field(default_factory=list[tuple[Words, list[str]]])
    """Each token with texts that it should be found in."""
    right: list[str] = field(default_factory=list[str])
    instead: dict[str, str] = field(default_factory=dict[str, str])
    """What is said instead of what, for the suggestion."""
    tokens: int = 0
    left: list[Left] = field(default_factory=list[Left])

    def leave(self, words: Words, reason: str) -> None:
        self.left.append(Left(str(self.keys.path), words.line, words.text, reason))

    def taken(self, words: Words, tree: Node | None) -> None:
        self.samples.append((words, framed(some_texts(tree)) if tree is not None else []))


def build(keys: Keys, scope: Scope, root: Path) -> Building:
    """The rule's matches, empty where nothing of it is taken; `root` is the folder that is imported."""
    building = Building(keys, scope)
    if keys.extends == "spelling":
        _spelling(building, root)
    else:
        _KINDS[keys.extends](building)
    return building


def _existence(building: Building) -> None:
    keys = building.keys
    finders = _finders(building, case=not keys.yes("ignorecase"))
    raw, tokens = keys.each("raw"), keys.each("tokens")
    building.tokens = len(raw) + len(tokens)
    if finders is None:
        return
    if raw:
        _with_raw(building, finders, raw, tokens)
    else:
        for token in tokens:
            _try(building, token, lambda token=token: finders.add(token.text))
    building.matches = finders.matches()
    building.right += [exception for exception in finders.how.exceptions if exception.isalnum()]


def _with_raw(building: Building, finders: Finders, raw: list[Words], tokens: list[Words]) -> None:
    """Vale puts all of `raw` before the tokens, or behind them, as one expression."""
    joined = Words("".join(one.text for one in raw), raw[0].line)
    try:
        beside = parsed(joined.text)
        if not tokens:
            finders.add_whole(beside)
            for one in raw:
                building.taken(one, beside)
            return
        beside = Group(beside)
        trees = [(token, tree) for token in tokens if (tree := _try_tree(building, token)) is not None]
        append = building.keys.yes("append")
        finders.add_all(None if append else beside, [tree for _, tree in trees], beside if append else None)
    except NotForRE2 as why:
        building.matches = []
        for one in (*raw, *(token for token in tokens if all(left.line != token.line for left in building.left))):
            building.leave(one, str(why))
        return
    for one in raw:
        building.taken(one, Sequence((beside, trees[0][1])) if trees else None)
    for token, tree in trees:
        building.taken(token, Sequence((tree, beside) if append else (beside, tree)))


def _substitution(building: Building) -> None:
    keys = building.keys
    finders = _finders(building, case=not keys.yes("ignorecase"))
    pairs = keys.pairs("swap")
    building.tokens = len(pairs)
    if finders is None:
        return
    for key, value in pairs:
        right = [one for one in alternatives(value) if "$" not in one]
        if key.text in right and finders.how.case:
            building.leave(key, "is to be replaced by itself, so it is never found")
            continue
        edit = edit_of(key.text, value)
        if _try(building, key, lambda key=key, edit=edit, right=right: finders.add(key.text, edit, right=right)):
            building.right += [one for one in right if 0 < len(one) <= 80 and one != key.text][:1]
            building.instead[key.text] = " or ".join(right) or edit or ""
    building.matches = finders.matches()


def _finders(building: Building, *, case: bool) -> Finders | None:
    keys = building.keys
    exceptions = keys.each("exceptions")
    good: list[str] = []
    for one in exceptions:
        try:
            exact(parsed(one.text))
            good.append(one.text)
        except NotForRE2 as why:
            building.leave(one, f"as an exception: {why}")
    return Finders(How(case, keys.yes("nonword"), good))


def _try(building: Building, words: Words, add: Callable[[], Node]) -> bool:
    try:
        building.taken(words, add())
    except NotForRE2 as why:
        building.leave(words, str(why))
        return False
    return True


def _try_tree(building: Building, words: Words) -> Node | None:
    try:
        tree = parsed(words.text)
        written(tree)
    except NotForRE2 as why:
        building.leave(words, str(why))
        return None
    return tree


def _occurrence(building: Building) -> None:
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
        patterns = [_plain(tree)]
    except NotForRE2 as why:
        building.leave(token, str(why))
        return
    if "at_most" in bounds and bounds["at_most"] >= _MOST_COUNTED:
        building.leave(token, f"counts more than {_MOST_COUNTED} matches, and no more are looked for")
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
            building.left.append(
                Left(str(building.keys.path), token.line, token.text, "is a mean of all paragraphs here")
            )
    elif _is_any_character(tree) and unit != "sentence":
        building.matches = [{"kind": "length", "length": {name: bounds for name in building.scope.fields}}]
    else:
        return False
    building.samples.append((token, [*heavy_texts(), "It rains. " * 2_000]))
    building.right += ["It rains. " * (bounds["at_least"] + 1)] if "at_least" in bounds else []
    return True


def _is_any_word(tree: Node) -> bool:
    """Whether an expression matches each word, whatever the word, and nothing that is none."""
    try:
        one = re2.compile(_plain(tree))
    except NotForRE2:
        return False
    return all(one.fullmatch(word) for word in ("the", "Mug", "washable")) and not one.search(" \n")


def _is_any_character(tree: Node) -> bool:
    one = tree.inner if isinstance(tree, Group) else tree
    return isinstance(one, OneOf) and all(re2.fullmatch(one.source, letter) for letter in "amZ ")


def _plain(tree: Node) -> str:
    """One expression for kinds that have no exceptions."""
    found = [in_context(one) for one in without_look(tree)]
    if len(found) != 1:
        raise NotForRE2("looks around in several ways, which this kind of rule cannot do")
    pattern = found[0].pattern(captures=True)
    if fault := fault_of_pattern(pattern):
        raise NotForRE2(fault)
    return pattern


def _repetition(building: Building) -> None:
    keys = building.keys
    tokens = keys.each("tokens")
    building.tokens = len(tokens)
    if not tokens:
        building.leave(Words("tokens", 1), "there are none, so nothing is looked for")
        return
    if (keys.number("max") or 0) >= 1:
        building.leave(Words("max", keys.line("max")), "lets words stand twice; here a word twice in a row is found")
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
        exceptions = [one.text for one in keys.each("exceptions") if any(map(str.isalnum, one.text))]
        building.matches = [{"kind": "repetition"} | ({"exceptions": exceptions} if exceptions else {})]


def _capitalization(building: Building) -> None:
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
    if exceptions := [one.text for one in keys.each("exceptions")]:
        match["exceptions"] = exceptions
    if threshold := keys.number("threshold"):
        match["share"] = min(1.0, threshold)
    for name in ("indicators", "prefix"):
        if found := keys.each(name):
            what = f"{name}: {', '.join(one.text for one in found)}"
            building.left.append(
                Left(str(keys.path), found[0].line, what, "is not asked; put such words in exceptions")
            )
    building.matches = [match]
    building.samples.append((said, heavy_texts()))


def _conditional(building: Building) -> None:
    keys = building.keys
    first, second = keys.words("first"), keys.words("second")
    building.tokens = 2
    if first is None or second is None:
        building.leave(first or second or Words("first", 1), "says not both, first and second")
        return
    patterns: dict[str, str] = {}
    for name, words in (("first", first), ("second", second)):
        try:
            patterns[name] = _plain(parsed(words.text))
        except NotForRE2 as why:
            building.leave(words, str(why))
    if len(patterns) < 2:
        building.leave(second if "first" in patterns else first, "needs the other one, which is not taken")
        return
    exceptions = [one.text for one in keys.each("exceptions")]
    # Vale asks for capitals here whatever ignorecase says.
    building.matches = [{"kind": "together", **patterns} | ({"exceptions": exceptions} if exceptions else {})]
    building.samples += [(words, framed(some_texts(parsed(first.text)))) for words in (first, second)]


def _consistency(building: Building) -> None:
    keys = building.keys
    pairs = keys.pairs("either")
    building.tokens = len(pairs)
    either: dict[str, str] = {}
    for one, other in pairs:
        try:
            trees = parsed(one.text), parsed(other)
            ways = trees if keys.yes("nonword") else (bounded(trees[0]), bounded(trees[1]))
            either[_plain(ways[0])] = _plain(ways[1])
        except NotForRE2 as why:
            building.leave(one, str(why))
            continue
        both = [f"{a} and {b}" for a, b in zip(some_texts(trees[0]), some_texts(trees[1]), strict=False)]
        building.samples.append((one, framed(both)))
    if either:
        case = {} if keys.yes("ignorecase") else {"case": True}
        building.matches = [{"kind": "consistency", "either": either, **case}]


def _metric(building: Building) -> None:
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


def _readability(building: Building) -> None:
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


def _spelling(building: Building, root: Path) -> None:
    keys = building.keys
    building.tokens = 1
    accept: list[str] = [one.text for one in keys.each("exceptions")]
    for name in keys.each("ignore"):
        found = next(
            (
                path
                for base in (root, root.parent, keys.path.parent, keys.path.parent.parent)
                if (path := base / name.text).is_file() and path.resolve().is_relative_to(root.resolve().parent)
            ),
            None,
        )
        if found is None:
            building.leave(name, "is a list of words that is not in the folder")
        else:
            accept += [
                word.strip() for word in found.read_text("utf-8", "replace").splitlines()[:20_000] if word.strip()
            ]
    for name in ("filters", "dictionaries"):
        for one in keys.each(name):
            what = "words that look so" if name == "filters" else "a dictionary of its own"
            building.left.append(Left(str(keys.path), one.line, one.text, f"{name}: {what} cannot be let pass here"))
    building.matches = [{"kind": "spelling"} | ({"accept": list(dict.fromkeys(accept))} if accept else {})]
    building.samples.append((Words("spelling", 1), heavy_texts()))


def _none(reason: str) -> Callable[[Building], None]:
    def leave(building: Building) -> None:
        tokens = building.keys.keys.get("tokens")
        found = tokens.value if tokens is not None and isinstance(tokens.value, list) else [None]
        building.tokens = len(found)
        for one in found:
            building.leave(Words(building.keys.extends, 1 if one is None else one.line), reason)

    return leave


_KINDS: Mapping[Extends, Callable[[Building], None]] = {
    "existence": _existence,
    "substitution": _substitution,
    "occurrence": _occurrence,
    "repetition": _repetition,
    "capitalization": _capitalization,
    "conditional": _conditional,
    "consistency": _consistency,
    "metric": _metric,
    "readability": _readability,
    "sequence": _none("sequences ask for parts of speech, which no rule of ours knows"),
    "script": _none("scripts are programs (Tengo), and none is run"),
}
