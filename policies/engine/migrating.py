"""Rewrites a guardrail's file of before, whose `match` had every kind at once, into one in which each says its kind.

    migrated(text)      # the new text, comments kept; None where the file needs none

Nothing but `match` is touched. What a rule finds stays the same.
"""

import io
from collections.abc import Mapping
from typing import Any, cast

from ruamel.yaml import YAML
from ruamel.yaml.comments import CommentedMap, CommentedSeq
from ruamel.yaml.error import YAMLError

_NAMED = {"phrases": "phrases", "patterns": "patterns", "figures": "figures", "links": "links", "facts": "facts"}
_IDS = ("ssn", "national-id")


def migrated(text: str) -> str | None:
    """`text` with its `match` as it is written now; None where it is written so, or is no guardrail.

    ValueError for a match that has no counterpart, with what to write instead.
    """
    yaml: Any = YAML(typ="rt")
    yaml.preserve_quotes = True
    yaml.width = 100_000
    yaml.indent(mapping=2, sequence=4, offset=2)
    try:
        document = yaml.load(text)
    except YAMLError:
        return None
    if not isinstance(document, Mapping):
        return None
    said = cast(dict[str, Any], document)
    match = said.get("match")
    if not isinstance(match, Mapping) or "kind" in match:
        return None
    kinds: Any = CommentedSeq()
    for name, value in cast(Mapping[str, Any], match).items():
        kinds.append(_kind(name, value))
    said["match"] = kinds
    out = io.StringIO()
    yaml.dump(document, out)
    return out.getvalue()


def _kind(name: str, value: Any) -> Any:
    one: Any = CommentedMap()
    if name in _NAMED:
        one["kind"], one[name] = _NAMED[name], value
    elif name == "length":
        one["kind"], one["length"] = "length", value
    elif name == "pii":
        one["kind"] = "personal"
        one["personal"] = [kind for said in value for kind in (_IDS if said == "national-id" else (said,))]
    elif name == "picture":
        one["kind"] = "picture"
        one.update(value)
    elif name == "superlatives":
        raise ValueError(
            "superlatives are words of a rule now; remove the file, which claims.superlatives does, or write "
            "match: {kind: claims, words: [...]} with your own"
        )
    else:
        raise ValueError(f"knows no match {name}")
    return one
