"""Existence and substitution: what stands in a text, and what should stand there instead."""

from collections.abc import Callable

from presscheck.style_guides.building import Building
from presscheck.style_guides.finders import Finders, How, exact
from presscheck.style_guides.regex_nodes import Group, Node, NotForRE2, Sequence, written
from presscheck.style_guides.regex_parser import parsed
from presscheck.style_guides.replacements import alternatives, edit_of
from presscheck.style_guides.spelled_out import some_texts
from presscheck.style_guides.vale_keys import Words


def existence(building: Building) -> None:
    keys = building.keys
    finders = _finders(building, case=not keys.yes("ignorecase"))
    raw, tokens = keys.each("raw"), keys.each("tokens")
    instead = {"remove": "", "replace": next(iter(building.keys.action[1:]), None)}.get(keys.action[0])
    building.tokens = len(raw) + len(tokens)
    if raw:
        _with_raw(building, finders, raw, tokens)
    else:
        for token in tokens:
            _try(building, token, lambda token=token: finders.add(token.text, instead))
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


def substitution(building: Building) -> None:
    keys = building.keys
    finders = _finders(building, case=not keys.yes("ignorecase"))
    pairs = keys.pairs("swap")
    building.tokens = len(pairs)
    for key, value in pairs:
        right = [one for one in alternatives(value) if "$" not in one]
        if key.text in right and finders.how.case:
            building.leave(key, "is to be replaced by itself, so it is never found")
            continue
        edit = edit_of(key.text, value)
        if _try(building, key, lambda key=key, edit=edit, right=right: finders.add(key.text, edit, right=right)):
            building.right += [one for one in right if 0 < len(one) <= 80 and one != key.text][:1]
            building.instead[_shown(key.text)] = " or ".join(right) or edit or ""
    building.matches = finders.matches()


def _shown(key: str) -> str:
    """A key as people read it: one of the texts that it stands for, where it is an expression."""
    if not any(sign in key for sign in "\\()[]?*|+^$"):
        return key
    return next(iter(some_texts(parsed(key), 1)), key).strip()


def _finders(building: Building, *, case: bool) -> Finders:
    keys = building.keys
    exceptions = keys.each("exceptions")
    good: list[str] = []
    for one in exceptions:
        try:
            exact(parsed(one.text))
            good.append(one.text)
        except NotForRE2 as why:
            building.leave_beside(one, f"as an exception: {why}")
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
