"""What differs between two sets of policies, in words that whoever answers for them can read.

    for change in changes(before, after): print(change.policy, change.owner, change.said, change.weight)
    # pressure.urgency  legal  "level is review instead of block"  weaker

Every policy whose version differs has at least one line: what no sentence fits is told as changed, never left
out. `weight` says weaker or stricter only where a field alone decides that; it is a help for the eye, and no
proof that the rest is harmless. Texts of files are cleaned and shortened: an engineer wrote them.
"""

from collections.abc import Collection, Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass
from typing import Any, cast

from policies.engine.policy import Policy
from policies.engine.policy_set import PolicySet
from policies.engine.prompt_file import PromptFile
from policies.engine.rights import Right
from policies.engine.rights_text import without_comments
from policies.engine.weighing import STRICTER, WEAKER, Weight, weigh, weigh_list
from presscheck.cleaning import shorten

_LONGEST = 160
_SAID = 600
_MOST_ITEMS = 8

_NAMES = ("row", "stage", "point", "name")
"""By these the items of a list are the same item."""
_PAIRED = ("match", "signals")
"""Lists whose items have no name: those that differ are compared one with the other, in their order."""
_ENTRIES = ("length", "replace", "either")
"""Mappings whose keys are what a rule looks for, or where."""


@dataclass(frozen=True)
class Change:
    """One thing that is different."""

    policy: str
    """The id of the policy, right or prompt."""
    owner: str
    """Who answers for it: a role or a team, as its file says; for rights, `rights`."""
    said: str
    """The sentence, without the id."""
    weight: Weight = ""
    why: str = ""
    """The project's reason, where it differs from what ships and says why."""

    @property
    def sentence(self) -> str:
        """With the id, and the weight where it is known."""
        return f"{self.policy}: {self.said}{f' ({self.weight})' if self.weight else ''}"


def changes(before: PolicySet, after: PolicySet) -> tuple[Change, ...]:
    """Every difference, in the order of ids; empty if and only if both sets have the same digest."""
    return (
        *_of_policies(before.policies, after.policies),
        *_of_rights(before, after),
        *_of_prompts(before.prompts, after.prompts),
    )


# ---------------------------------------------------------------- policies in YAML


def _of_policies(before: Iterable[Policy], after: Iterable[Policy]) -> Iterator[Change]:
    then, now = ({policy.id: policy for policy in policies} for policies in (before, after))
    for id_ in sorted(then.keys() | now.keys()):
        old, new = then.get(id_), now.get(id_)
        if old is None and new is not None:
            # An approval model that is new may take the place of a stricter one: only a guardrail is plainly more.
            yield Change(id_, _line(new.owner), f"was added: {_quote(new.title)}", _of_whole(new, STRICTER))
        elif new is None and old is not None:
            yield Change(id_, _line(old.owner), f"was removed: {_quote(old.title)}", _of_whole(old, WEAKER))
        elif old is not None and new is not None and old.version != new.version:
            for said, weight in [*told(old, new)] or [("changed", "")]:
                yield Change(id_, _line(old.owner), said, weight)
                if old.owner != new.owner:
                    # Whoever answered before hears of it as well as whoever is to answer now.
                    yield Change(id_, _line(new.owner), said, weight)


def _of_whole(policy: Policy, weight: Weight) -> Weight:
    kind = getattr(policy, "kind", "")
    if kind == "usage":
        # Each of its entries lets something be used, and without any nothing may.
        return WEAKER if weight == STRICTER else STRICTER
    return weight if kind in ("guardrail", "delivery") else ""


def told(old: Policy, new: Policy, *, without: Collection[str] = ()) -> Iterator[tuple[str, Weight]]:
    """What differs between two versions of a policy, a sentence each with its weight; `without` these fields."""
    then, now = (policy.model_dump(mode="json", by_alias=True, exclude=set(without)) for policy in (old, new))
    return _fields(then, now, "", getattr(old, "kind", ""))


def _fields(old: Mapping[str, Any], new: Mapping[str, Any], path: str, kind: str) -> Iterator[tuple[str, Weight]]:
    for name in (*new, *(name for name in old if name not in new)):
        before: Any = old.get(name)
        after: Any = new.get(name)
        place = f"{path}.{name}" if path else name
        if before == after:
            continue
        if name == "cases":
            yield f"its cases changed: {_count(before)} before, {_count(after)} now", ""
        elif isinstance(before, dict) and isinstance(after, dict):
            inner = _entries if name in _ENTRIES else _fields
            yield from inner(cast(dict[str, Any], before), cast(dict[str, Any], after), place, kind)
        elif isinstance(before, list) and isinstance(after, list):
            yield from _lists(cast(list[Any], before), cast(list[Any], after), place, _kind_of(new, kind))
        else:
            said = f"{place} is {_value(cast(object, after))} instead of {_value(cast(object, before))}"
            if name == "without_brief":
                # Where nothing is said of it, it is the level.
                yield said, weigh(kind, name, before or old["level"], after or new["level"])
            else:
                yield said, weigh(kind, name, before, after)


def _kind_of(one: Mapping[str, Any], kind: str) -> str:
    """What decides how the lists of something weigh: hosts to which links may lead are another list."""
    links = str(one.get("links"))
    return links if links in ("outside", "look-alike") else kind


def _entries(old: Mapping[str, Any], new: Mapping[str, Any], place: str, kind: str) -> Iterator[tuple[str, Weight]]:
    name = place.rpartition(".")[2]
    for some, other, did, fewer in ((old, new, "taken out", True), (new, old, "added", False)):
        if lone := [one for one in some if one not in other]:
            yield f"{place}: {_items(lone)} {_were(lone)} {did}", weigh_list(kind, name, fewer=fewer)
    for one in (one for one in new if one in old and old[one] != new[one]):
        if isinstance(new[one], dict):
            yield from _fields(old[one], new[one], f"{place}.{one}", kind)
        else:
            yield f"{place}: of {_value(one)} it is {_value(new[one])} instead of {_value(old[one])}", ""


def _lists(before: list[Any], after: list[Any], place: str, kind: str) -> Iterator[tuple[str, Weight]]:
    name = place.rpartition(".")[2]
    if name in _PAIRED:
        yield from _pairs(before, after, place, kind)
        return
    key = next((key for key in _NAMES if all(isinstance(one, dict) and key in one for one in (*before, *after))), None)
    if key is not None:
        yield from _named(before, after, place, key, kind)
        return
    gone = [one for one in before if one not in after]
    come = [one for one in after if one not in before]
    if gone:
        yield f"{place}: {_items(gone)} {_were(gone)} taken out", weigh_list(kind, name, fewer=True)
    if come:
        yield f"{place}: {_items(come)} {_were(come)} added", weigh_list(kind, name, fewer=False)
    if not gone and not come:
        yield f"{place} has another order, or an item more or less often", ""


def _named(before: list[Any], after: list[Any], place: str, key: str, kind: str) -> Iterator[tuple[str, Weight]]:
    then, now = ({str(one[key]): one for one in items} for items in (before, after))
    name = place.rpartition(".")[2]
    for gone in (one for one in then if one not in now):
        yield f"{place}: {_quote(gone)} was taken out", weigh_list(kind, name, fewer=True) if name != "rows" else ""
    for come in (one for one in now if one not in then):
        weight = weigh_list(kind, name, fewer=False) if kind == "usage" else ""
        yield f"{place}: {_quote(come)} was added: {_value(now[come])}", weight
    for same in (one for one in now if one in then and then[one] != now[one]):
        yield from _fields(then[same], now[same], f"{place} {shorten(same, 40)}", kind)
    if [one for one in then if one in now] != [one for one in now if one in then] or len(then) != len(before):
        decides = "" if kind == "usage" else ", and the first that fits decides"
        yield f"{place}: the order changed{decides}", ""


def _pairs(before: list[Any], after: list[Any], place: str, kind: str) -> Iterator[tuple[str, Weight]]:
    """Those that differ, kind by kind; what has no counterpart was taken out or added."""
    kinds = dict.fromkeys(str(one.get("kind", "")) for one in (*before, *after))
    name, some = place.rpartition(".")[2], False
    for own in kinds:
        then, now = ([one for one in items if one.get("kind", "") == own] for items in (before, after))
        old, new = _without(then, now), _without(now, then)
        alone = max(len(then), len(now)) == 1
        for was, is_ in zip(old, new, strict=False):
            called = own if own and alone else f"{own or 'sign'} {now.index(is_) + 1}"
            some = True
            for said, weight in _fields(was, is_, called if own else f"{place}, {called}", own or kind):
                # A kind that looks for one thing is called like it: `phrases.phrases` says it twice.
                yield said.replace(f"{called}.{own}", called, 1) if own else said, weight
        for left, did, fewer in ((old[len(new) :], "taken out", True), (new[len(old) :], "added", False)):
            for one in left:
                some = True
                yield f"{place}: {_value(one)} was {did}", weigh_list(kind, name, fewer=fewer)
    if not some:
        yield f"{place} has another order, or an item more or less often", ""


def _without(some: list[Any], others: list[Any]) -> list[Any]:
    """Those that are not among the others as well; of several that are the same, one each."""
    left, found = list(others), list[Any]()
    for one in some:
        if one in left:
            left.remove(one)
        else:
            found.append(one)
    return found


# ---------------------------------------------------------------- rights in Cedar


def _of_rights(before: PolicySet, after: PolicySet) -> Iterator[Change]:
    then, now = ({right.id: right for right in policies.rights.rights} for policies in (before, after))
    told: set[str] = set()
    for id_ in sorted(then.keys() | now.keys()):
        old, new = then.get(id_), now.get(id_)
        for said, weight in _of_right(old, new):
            told.update(right.file for right in (old, new) if right is not None)
            yield Change(id_, "rights", said, weight)
    versions = before.rights.versions, after.rights.versions
    for file in sorted(versions[0].keys() | versions[1].keys()):
        if versions[0].get(file) != versions[1].get(file) and file not in told:
            how = "was added" if file not in versions[0] else "was removed" if file not in versions[1] else "changed"
            what = "what rights may speak of" if file == "rights.schema" else "the file, or its cases,"
            yield Change(file, "rights", f"{what} {how}")


def _of_right(old: Right | None, new: Right | None) -> Iterator[tuple[str, Weight]]:
    if old is None or new is None:
        one = old or new
        assert one is not None  # noqa: S101 - the caller took the id from one of the two.
        # Permits and forbids are the two sides: a forbid that is gone lets more through.
        weaker = one.permits == (old is None)
        did = "was added" if old is None else "was removed"
        does = "permits" if one.permits else "forbids"
        yield f"{did}; it {does}: {_quote(one.why)}", WEAKER if weaker else STRICTER
        return
    if old.permits != new.permits:
        yield (
            f"{'permits' if new.permits else 'forbids'} now what it {'permitted' if old.permits else 'forbade'} before",
            WEAKER if new.permits else STRICTER,
        )
    for what, then, now in (
        ("role", old.roles, new.roles),
        ("action", frozenset(_actions(old)), frozenset(_actions(new))),
    ):
        for names, did, more in ((now - then, "was added", True), (then - now, "was taken out", False)):
            for name in sorted(names):
                # A role may stand in an exception, so only an action's side is certain.
                sure = what == "action" and old.permits == new.permits
                weight = (WEAKER if more == new.permits else STRICTER) if sure else ""
                yield f"a{'n' if what == 'action' else ''} {what} {did}: {_line(name.replace('_', ' '))}", weight
    if old.parsed.get("conditions") != new.parsed.get("conditions"):
        yield f"its condition is {_quote(_condition(new))} instead of {_quote(_condition(old))}", ""
    if old.why != new.why:
        yield f"its reason is {_quote(new.why)} instead of {_quote(old.why)}", ""


def _actions(right: Right) -> Iterator[str]:
    scope = right.parsed["action"]
    if scope["op"] == "All":
        yield "all"
    for one in [scope["entity"]] if "entity" in scope else scope.get("entities", []):
        yield str(one["id"])


def _condition(right: Right) -> str:
    """The text from the first `when` or `unless` on."""
    text = without_comments(right.text).replace("\n", " ")
    found = [at for word in ("when", "unless") if (at := text.rfind(f"{word} {{")) >= 0]
    return text[min(found) :].rstrip("; ") if found else "none: it always holds"


# ---------------------------------------------------------------- prompts


def _of_prompts(before: Iterable[PromptFile], after: Iterable[PromptFile]) -> Iterator[Change]:
    then, now = ({prompt.id: prompt for prompt in prompts} for prompts in (before, after))
    for id_ in sorted(then.keys() | now.keys()):
        old, new = then.get(id_), now.get(id_)
        if old is None and new is not None:
            yield Change(id_, _line(new.owner), f"was added: {_quote(new.why)}")
        elif new is None and old is not None:
            yield Change(id_, _line(old.owner), f"was removed: {_quote(old.why)}")
        elif old is not None and new is not None and old.digest != new.digest:
            for said in (*_lines_of(old.text, new.text), *_front(old, new)):
                yield Change(id_, _line(old.owner), said)


def _front(old: PromptFile, new: PromptFile) -> Iterator[str]:
    then, now = (one.model_dump(mode="json", exclude={"text"}) for one in (old, new))
    yield from (said for said, _ in _fields(then, now, "", "prompt"))


def _lines_of(old: str, new: str) -> Iterator[str]:
    then, now = old.splitlines(), new.splitlines()
    gone, come = (
        [line for line in one if line.strip() and line not in other] for one, other in ((then, now), (now, then))
    )
    if gone:
        yield f"its text lost {_items(gone)}"
    if come:
        yield f"its text gained {_items(come)}"
    if old != new and not gone and not come:
        yield "its text has its lines in another order, or other blanks"


# ---------------------------------------------------------------- words


def _line(text: str) -> str:
    return shorten(text, 80)


def _quote(text: str) -> str:
    return f"“{shorten(text, _LONGEST)}”"


def _value(value: object) -> str:
    if value is None:
        return "nothing"
    if isinstance(value, bool):
        return "yes" if value else "no"
    if isinstance(value, str):
        return _quote(value) if " " in value or not value.isascii() or not value else shorten(value, _LONGEST)
    if isinstance(value, list):
        return _items(cast(list[object], value)) or "nothing"
    if isinstance(value, dict):
        inner = cast(dict[str, object], value)
        return shorten("; ".join(f"{name} {_value(one)}" for name, one in inner.items() if one is not None), _SAID)
    return str(value)


def _items(items: Sequence[object]) -> str:
    shown = ", ".join(_value(one) for one in items[:_MOST_ITEMS])
    return shown + (f" and {len(items) - _MOST_ITEMS} more" if len(items) > _MOST_ITEMS else "")


def _were(items: Sequence[object]) -> str:
    return "was" if len(items) == 1 else "were"


def _count(value: object) -> int:
    return len(cast(list[object], value)) if isinstance(value, list) else 0
