"""Cedar text in, rights out: each policy read and checked by itself, so that every fault has its line.

Every policy carries `@id` and `@why`, in an overlay perhaps `@overrides("true")`, and nothing else; it names only
what the schema has, and compares only with words that Presscheck uses.
"""

import json
import re
from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from typing import TYPE_CHECKING, Any, cast, get_args

from policies.engine.rights import OWN, Right
from presscheck.errors import Fault
from presscheck.models import KINDS, Channel, Collaboration, RiskTier, is_own
from presscheck.world.markets import market_fault

if TYPE_CHECKING:
    import cedarpy

_ID = re.compile(r"^rights\.[a-z0-9]+(?:-[a-z0-9]+)*$")
_PIECES = re.compile(r'//[^\n]*|"(?:\\.|[^"\\])*"|;|[^\s"/;]+|\s+|.', re.DOTALL)
_LONGEST = 8_000
_DEEPEST = 40
_LEVELS = 150
_ANNOTATIONS = ("id", "why", "overrides")
_FOLLOWS = "unable to find an applicable action given the policy scope constraints"
_WORDS: dict[str, tuple[str, ...]] = {
    "tier": (*get_args(RiskTier), "unknown"),
    "channel": (*get_args(Channel), "unknown"),
    "collaboration": (*get_args(Collaboration), "unknown"),
    "kinds": KINDS,
    "own": OWN,
}


@dataclass(frozen=True)
class Written:
    """One right as a file has it."""

    right: Right
    path: str
    line: int
    overrides: bool = False

    def fault(self, message: str) -> Fault:
        """A fault of this policy."""
        return Fault(self.path, self.line, self.right.id, message)


def read_schema(text: str, path: str) -> "cedarpy.Schema | Fault":
    """The schema, or what is wrong with it."""
    import cedarpy

    try:
        return cedarpy.Schema.from_str(text)
    except ValueError as broken:
        return Fault(path, None, "", f"is no Cedar schema: {broken}")


def read_rights(text: str, path: str, schema: "cedarpy.Schema", faults: list[Fault]) -> list[Written]:
    """Every policy of a file that is in order; what is wrong with the others is added to `faults`."""
    return [found for line, chunk in _chunks(text) if (found := _read(chunk, path, line, schema, faults))]


def _read(chunk: str, path: str, line: int, schema: "cedarpy.Schema", faults: list[Fault]) -> Written | None:
    # Cedar's parser ends the whole process on brackets within brackets without end.
    if len(chunk) > _LONGEST or _depth(chunk) > _DEEPEST:
        message = f"is too long or too nested: at most {_LONGEST:,} characters and {_DEEPEST} brackets deep; split it"
        faults.append(Fault(path, line, "", message))
        return None
    try:
        return _parsed(chunk, path, line, schema, faults)
    except RecursionError:
        faults.append(Fault(path, line, "", "is one condition with too many parts; split it into several policies"))
        return None


def _depth(chunk: str) -> int:
    """How many brackets stand within one another at most, those in texts left out."""
    depth = deepest = 0
    for found in _PIECES.finditer(chunk):
        for character in "" if found[0].startswith(('"', "//")) else found[0]:
            depth += (character in "([{") - (character in ")]}")
            deepest = max(deepest, depth)
    return deepest


def _levels(node: object) -> int:
    """How many levels of lists and mappings stand within one another."""
    levels, layer = 0, [node]
    while layer:
        levels += 1
        following: list[object] = []
        for one in layer:
            if isinstance(one, dict):
                following.extend(cast(dict[str, object], one).values())
            elif isinstance(one, list):
                following.extend(cast(list[object], one))
        layer = following
    return levels


def _parsed(chunk: str, path: str, line: int, schema: "cedarpy.Schema", faults: list[Fault]) -> Written | None:
    import cedarpy

    try:
        parsed = cast(dict[str, Any], json.loads(cedarpy.policies_to_json_str(chunk)))
    except ValueError as broken:
        faults.append(Fault(path, line, "", f"cannot be read: {broken}; end each policy with a semicolon"))
        return None
    policies = cast(dict[str, dict[str, Any]], parsed["staticPolicies"])
    if parsed["templates"] or len(policies) != 1:
        message = "is a template, which lets nobody do anything; write principal and resource instead of ?principal"
        faults.append(Fault(path, line, "", message))
        return None
    (policy,) = policies.values()
    if _levels(policy) > _LEVELS:
        # Far below what Python follows, so that nobody who asks later meets the end of the stack.
        raise RecursionError
    annotations = cast(dict[str, str | None], policy.pop("annotations", {}))
    id_, why = annotations.get("id") or "", (annotations.get("why") or "").strip()
    said = list(_annotation_faults(annotations, id_, why))
    said += _schema_faults(chunk, schema)
    said += _word_faults(policy["conditions"])
    faults.extend(Fault(path, line, id_, message) for message in said)
    if said:
        return None
    return Written(Right(id_, why, chunk, policy), path, line, annotations.get("overrides") == "true")


def _annotation_faults(annotations: Mapping[str, str | None], id_: str, why: str) -> Iterator[str]:
    for name in annotations.keys() - set(_ANNOTATIONS):
        yield f"@{name} is not read here; there are {', '.join(f'@{known}' for known in _ANNOTATIONS)}"
    if not id_:
        yield 'has no @id; write @id("rights.what-it-says") above it'
    elif not _ID.match(id_) or len(id_) > 80:
        yield f'@id("{id_[:80]}") has the wrong form; write rights. and lower-case words joined by hyphens'
    if not why:
        yield 'has no @why; write @why("...") above it: whoever is told no reads it'
    elif len(why) > 1_000 or not why.isprintable():
        yield "@why is one line of at most 1,000 printable characters"
    if annotations.get("overrides", "true") != "true":
        yield '@overrides is "true" or left out'


def _schema_faults(chunk: str, schema: "cedarpy.Schema") -> list[str]:
    import cedarpy

    result = cedarpy.validate_policies(chunk, schema)  # pyright: ignore[reportUnknownMemberType]
    found = [error.error for error in result.errors]
    said = [re.sub(r"^for policy `policy0`[,:] ", "", one) for one in found]
    # Cedar adds this to every misspelt name of the scope; alone it is a fault of its own.
    return [one for one in said if one != _FOLLOWS] or said


def _word_faults(conditions: object) -> Iterator[str]:
    """Words that an attribute is compared with and can never have."""
    for attribute, word in comparisons(conditions):
        if attribute == "markets":
            if fault := market_fault(word):
                yield fault
        elif attribute == "kinds" and is_own(word):
            continue
        elif attribute in _WORDS and word not in _WORDS[attribute]:
            yield f'{attribute} is never "{word[:40]}"; there are {", ".join(_WORDS[attribute])}'


def comparisons(node: object) -> Iterator[tuple[str, str]]:
    """Each attribute together with each text that the same operator is given."""
    if isinstance(node, list):
        for one in cast(list[object], node):
            yield from comparisons(one)
    elif isinstance(node, dict):
        inner = cast(dict[str, object], node)
        sides = [inner.get("left"), inner.get("right")]
        for side, other in (sides, sides[::-1]):
            if isinstance(side, dict) and "." in side:
                attribute = str(cast(dict[str, dict[str, object]], side)["."]["attr"])
                yield from ((attribute, text) for text in _texts(other))
        for value in inner.values():
            yield from comparisons(value)


def _texts(node: object) -> Iterator[str]:
    """The texts of a literal or a set of literals."""
    if not isinstance(node, dict):
        return
    inner = cast(dict[str, Any], node)
    if isinstance(inner.get("Value"), str):
        yield inner["Value"]
    for one in cast(list[object], inner.get("Set", [])):
        yield from _texts(one)


def attributes(node: object) -> Iterator[str]:
    """Every attribute that a parsed policy speaks of."""
    if isinstance(node, list):
        for one in cast(list[object], node):
            yield from attributes(one)
    elif isinstance(node, dict):
        inner = cast(dict[str, object], node)
        if isinstance(inner.get("attr"), str):
            yield str(inner["attr"])
        for one in inner.values():
            yield from attributes(one)


def literals(node: object) -> Iterator[int | str]:
    """Every number and text in a parsed policy's conditions."""
    if isinstance(node, list):
        for one in cast(list[object], node):
            yield from literals(one)
    elif isinstance(node, dict):
        inner = cast(dict[str, object], node)
        value = inner.get("Value")
        if isinstance(value, int | str) and not isinstance(value, bool):
            yield value
        for one in inner.values():
            yield from literals(one)


def without_comments(text: str) -> str:
    """The text with its comments gone and every run of blanks made one."""
    pieces = (found[0] for found in _PIECES.finditer(text))
    kept = (" " if piece.isspace() else piece for piece in pieces if not piece.startswith("//"))
    return re.sub(" +", " ", "".join(kept)).strip()


def _chunks(text: str) -> Iterator[tuple[int, str]]:
    """Each policy with the line on which it begins; comments between policies are left out."""
    line, begun, held = 1, 0, ""
    for found in _PIECES.finditer(text):
        piece = found[0]
        comment = piece.startswith("//")
        if not held and not comment and not piece.isspace():
            begun = line
        if held or begun:
            held += "" if comment else piece
        line += piece.count("\n")
        if piece == ";":
            yield begun, held
            begun, held = 0, ""
    if held.strip():
        yield begun, held.rstrip()
