"""What comes from outside is looked at before a machine that writes gets it: rows of catalogues, briefs, notes.

refuse_hostile_row(product_row, brief, ...)     # CatalogueError, and the row is in quarantine
hostile_places(document.value, ...)             # what is wrong with a brief, for whoever wrote it
hostile_rules(note, ...)                        # by which rules a reviewer's note looks like an order
"""

from collections.abc import Iterator
from datetime import date
from pathlib import Path
from typing import TYPE_CHECKING, Any, cast

from presscheck.digests import digest_of_row
from presscheck.documents.sentences import listed
from presscheck.errors import Fault

if TYPE_CHECKING:
    from policies import PolicySet
    from policies.engine.hostile import Suspicions
    from presscheck.screening.catalogue import CatalogueRow

Place = tuple[str | int, ...]

# Addresses and names that lead somewhere have forms of their own, and no room for a sentence.
_FORMS = frozenset({"id", "author", "url", "address", "collaboration", "channel", "markets", "language", "images"})


def row_faults(row: "CatalogueRow", found: "Suspicions", *, path: str, digest: str) -> list[Fault]:
    """A fault for each suspicious field: where, by which rule, and what to do; nothing of its words."""
    return [
        Fault(
            path,
            row.line,
            f"row {row.number}, {field}",
            f"reads like an order to a machine ({listed(sorted({one.rule for one in findings}))}), so a run holds the "
            f"row in quarantine and gives nothing of it to a copywriter. Correct the row in the catalogue; or somebody "
            f"who may looks at it, once it is held, and lets exactly this row in: presscheck quarantine show "
            f"{digest[:12]}",
        )
        for field, findings in found.items()
    ]


def suspicious_rows(path: Path, policies: "PolicySet", *, as_of: date, data: Path | None) -> Iterator[list[Fault]]:
    """The rows of a catalogue that would be held, a fault for each field; nothing is kept of it."""
    from policies.engine.hostile import part_rows
    from presscheck.screening.catalogue import catalogue_rows

    rows = catalogue_rows(path, data=data)
    columns = {name: [row.texts[name] for row in rows] for name in rows[0].texts}
    for at, found in part_rows(columns, policies=policies, as_of=as_of).quarantined.items():
        yield row_faults(rows[at], found, path=str(path), digest=digest_of_row(rows[at].texts))


def hostile_places(value: object, policies: "PolicySet", *, as_of: date) -> Iterator[tuple[Place, str]]:
    """The places of a brief's document that read like orders to a machine, and what to do about each."""
    from policies.engine.hostile import suspicions

    texts = dict(_texts_in(value, ()))
    named = {repr(place): place for place in texts}
    found = suspicions({name: texts[place] for name, place in named.items()}, policies=policies, as_of=as_of)
    for name, findings in found.items():
        rules = listed(sorted({one.rule for one in findings}))
        yield named[name], f"reads like an order to a machine ({rules}): {findings[0].message} Write it otherwise"


def hostile_rules(text: str, policies: "PolicySet", *, as_of: date) -> tuple[str, ...]:
    """The rules by which a text reads like an order to a machine."""
    from policies.engine.hostile import rules_of, suspicions

    return rules_of(suspicions({"text": text}, policies=policies, as_of=as_of))


def _texts_in(value: object, place: Place) -> Iterator[tuple[Place, str]]:
    if isinstance(value, str):
        yield place, value
    elif isinstance(value, dict):
        for key, inner in cast("dict[Any, object]", value).items():
            if key not in _FORMS:
                yield from _texts_in(inner, (*place, str(key)))
    elif isinstance(value, list):
        for at, inner in enumerate(cast("list[object]", value)):
            yield from _texts_in(inner, (*place, at))
