"""Where in a document a rule of Vale holds, as the fields of copy.

A document has headings, lists, tables and code; copy has a subject, a body and a picture. A scope that copy has nothing
of is told with the reason. What Vale reads as running text, sentence by sentence or in lists, may stand in any field.
"""

from dataclasses import dataclass

from policies.engine.rule_kinds import COPY_FIELDS, CopyField
from presscheck.style_guides.vale_keys import Words

_NOT_TITLE = COPY_FIELDS[1:]
_FIELDS: dict[str, tuple[CopyField, ...]] = {
    "heading": ("subject",),
    "title": ("subject",),
    "alt": ("alt",),
    "caption": ("caption",),
    "link": ("call_to_action",),
    "paragraph": _NOT_TITLE,
    "sentence": COPY_FIELDS,
    "list": COPY_FIELDS,
    "blockquote": COPY_FIELDS,
    "table": COPY_FIELDS,
    "summary": COPY_FIELDS,
    "raw": COPY_FIELDS,
    "text": COPY_FIELDS,
}
_NOWHERE = {
    "code": "holds in code, of which copy has none",
    "comment": "holds in comments of source code, of which copy has none",
    "strong": "holds in bold text, which copy does not mark",
    "emphasis": "holds in italics, which copy does not mark",
    "frontmatter": "holds in front matter, of which copy has none",
}


@dataclass(frozen=True)
class Scope:
    """The fields that a rule holds in, all six where it holds everywhere; none: `reason` says why."""

    fields: tuple[CopyField, ...]
    reason: str = ""
    unit: str = "text"
    """sentence or paragraph where the rule reads one at a time."""

    @property
    def everywhere(self) -> bool:
        return self.fields == COPY_FIELDS


def scope_of(scopes: list[Words]) -> Scope:
    """The fields of any of the scopes; without one, Vale reads all text, paragraph by paragraph."""
    if not scopes:
        return Scope(COPY_FIELDS, unit="paragraph")
    found: set[CopyField] = set()
    reasons: list[str] = []
    for scope in scopes:
        fields, reason = _fields(scope.text)
        found |= fields
        reasons += [reason] if reason else []
    said = [scope.text.split("&")[0].strip().split(".")[0] for scope in scopes]
    unit = next((one for one in ("sentence", "paragraph") if one in said), "paragraph" if said == ["text"] else "text")
    if not found:
        return Scope((), reasons[0] if reasons else "holds nowhere: its scopes exclude each other")
    return Scope(tuple(one for one in COPY_FIELDS if one in found), unit=unit)


def _fields(scope: str) -> tuple[set[CopyField], str]:
    """One scope, whose parts, joined by &, must all hold."""
    left = set(COPY_FIELDS)
    for part in scope.split("&"):
        name = part.strip()
        parts = name.removeprefix("~").split(".")
        fields: set[CopyField] | None = None
        for one in parts:
            if one in _NOWHERE:
                if not name.startswith("~"):
                    return set(), _NOWHERE[one]
                fields = set()
            elif one in _FIELDS and (fields is None or one != "text"):
                fields = set(_FIELDS[one])
        if fields is None:
            return set(), f"holds in {name[:40]}, which is no scope of Vale or none that copy has"
        if not name.startswith("~"):
            left &= fields
        elif fields != set(COPY_FIELDS) and "." not in name.removeprefix("~"):
            # `~blockquote` and the like take away what copy does not have; `~heading.h1` leaves other headings.
            left -= fields if len(fields) == 1 else set()
    return left, ""
