"""Rights put together from what files say: those of a folder, those of an overlay on top, every case run.

Takes texts, not paths: `policies.engine.loading` is the only module that opens files.
"""

from dataclasses import dataclass, replace
from typing import TYPE_CHECKING

from policies.engine.rights import Rights
from policies.engine.rights_cases import RightCase, RightCases, failing
from policies.engine.rights_text import Written, read_rights, read_schema, without_comments
from presscheck.digests import digest_of
from presscheck.documents.document import Document, read_document
from presscheck.errors import Fault, PolicyError
from presscheck.models import Digest

if TYPE_CHECKING:
    import cedarpy


@dataclass(frozen=True)
class RightsFolder:
    """What a folder `rights/` holds: each file as (path, text), Cedar and cases by the file's stem."""

    root: str
    cedar: tuple[tuple[str, str, str], ...]
    """Stem, path, text."""
    cases: tuple[tuple[str, str, str], ...]
    """Stem, path, text."""
    schema: tuple[str, str] | None
    """Path and text."""


@dataclass(frozen=True)
class _Layer:
    """A folder that was read: its rights and what their cases say."""

    written: dict[str, Written]
    cases: dict[str, tuple[Document, tuple[RightCase, ...]]]
    versions: dict[str, Digest]


_SOUND: dict[str, Rights] = {}
"""Rights that loaded without a fault, by what their files say: cases hold again wherever the same text stands."""


def load_rights(base: RightsFolder, overlay: RightsFolder | None, faults: list[Fault]) -> Rights:
    """The rights of `base` with those of `overlay`; what is wrong anywhere is added to `faults`."""
    said = digest_of([_said(base), None if overlay is None else _said(overlay)])
    before = len(faults)
    if (known := _SOUND.get(said)) is None:
        known = _load(base, overlay, faults)
        if len(faults) == before:
            if len(_SOUND) >= 16:
                _SOUND.clear()
            _SOUND[said] = known
    return known


def _said(folder: RightsFolder) -> list[object]:
    """What the files say, whatever folder they stand in."""
    named = [[stem, text] for stem, _, text in folder.cedar], [[stem, text] for stem, _, text in folder.cases]
    return [*named, folder.schema and folder.schema[1]]


def _load(base: RightsFolder, overlay: RightsFolder | None, faults: list[Fault]) -> Rights:
    if base.schema is None:
        message = "is missing; restore it: without it nobody knows what a right may speak of"
        faults.append(Fault(f"{base.root}/schema.cedarschema", None, "", message))
        return Rights()
    schema = read_schema(base.schema[1], base.schema[0])
    if isinstance(schema, Fault):
        faults.append(schema)
        return Rights()
    before = len(faults)
    below = _read_layer(base, schema, faults)
    if not base.cedar or (not below.written and len(faults) == before):
        faults.append(Fault(base.root, None, "", "holds no policy, so nobody may do anything; restore the folder"))
    for one in below.written.values():
        if one.overrides:
            faults.append(one.fault("only a policy of an overlay overrides; remove @overrides"))
    versions = {"rights.schema": digest_of(without_comments(base.schema[1])), **below.versions}
    rights = _with_cases(below, dict(below.written), versions, faults, run=len(faults) == before)
    if overlay is None:
        return rights
    above = _read_layer(overlay, schema, faults)
    if overlay.schema is not None:
        message = "is not read; rights of your own speak of what the shipped schema has"
        faults.append(Fault(overlay.schema[0], None, "", message))
    for stem, path, _ in overlay.cedar:
        if f"rights.{stem}" in versions:
            faults.append(Fault(path, None, "", f"is the name of a shipped file; rename it, such as our-{stem}.cedar"))
    held = _laid_over(below.written, above.written, faults)
    return _with_cases(above, held, {**versions, **above.versions}, faults, run=len(faults) == before)


def _read_layer(folder: RightsFolder, schema: "cedarpy.Schema", faults: list[Fault]) -> _Layer:
    written: dict[str, Written] = {}
    cases: dict[str, tuple[Document, tuple[RightCase, ...]]] = {}
    versions: dict[str, Digest] = {}
    by_stem = {stem: (path, text) for stem, path, text in folder.cases}
    for stem, path, text in folder.cedar:
        read = read_rights(text, path, schema, faults)
        found = [replace(one, right=replace(one.right, file=f"rights.{stem}")) for one in read]
        document, given = _read_cases(*by_stem.pop(stem, (f"{path.removesuffix('.cedar')}.cases.yaml", None)), faults)
        for one in found:
            if (first := written.get(one.right.id)) is not None:
                faults.append(one.fault(f"is already the @id of {first.path}:{first.line}; choose another"))
                continue
            written[one.right.id] = one
            mine = given.get(one.right.id)
            if document is not None and mine is not None:
                cases[one.right.id] = (document, mine)
                written[one.right.id] = replace(one, right=replace(one.right, cases=len(mine)))
            elif document is not None:
                faults.append(one.fault(f"has no cases; write them into {document.path}"))
        if document is not None:
            ours = {one.right.id for one in found}
            faults.extend(
                document.fault(("cases", id_), f"there is no policy with this @id in {path}")
                for id_ in given
                if id_ not in ours and f'"{id_}"' not in text
            )
        content = {
            one.right.id: {"why": one.right.why, "overrides": one.overrides, **one.right.parsed} for one in found
        }
        versions[f"rights.{stem}"] = digest_of(
            {"rights": content, "cases": {id_: [case.model_dump(mode="json") for case in given[id_]] for id_ in given}}
        )
    for path, _ in by_stem.values():
        faults.append(Fault(path, None, "", "belongs to no Cedar file; name it like the file whose cases it holds"))
    return _Layer(written, cases, versions)


def _read_cases(
    path: str, text: str | None, faults: list[Fault]
) -> tuple[Document | None, dict[str, tuple[RightCase, ...]]]:
    if text is None:
        message = "is missing; it holds the cases of the Cedar file of the same name, one allowed and one not for each"
        faults.append(Fault(path, None, "", message))
        return None, {}
    document = read_document(text, path=path)
    try:
        return document, document.parse(RightCases, PolicyError).cases
    except PolicyError as broken:
        faults.extend(broken.faults)
        return None, {}


def _laid_over(below: dict[str, Written], above: dict[str, Written], faults: list[Fault]) -> dict[str, Written]:
    held = dict(below)
    for id_, one in above.items():
        if one.overrides and id_ not in below:
            faults.append(one.fault(f"there is no {id_} to override; check the @id"))
        elif not one.overrides and id_ in below:
            message = f'is already the @id of {below[id_].path}; write @overrides("true") to replace it'
            faults.append(one.fault(message))
        held[id_] = one
    return held


def _with_cases(
    layer: _Layer, held: dict[str, Written], versions: dict[str, Digest], faults: list[Fault], *, run: bool
) -> Rights:
    """The rights, after running the cases of one layer."""
    rights = Rights([one.right for one in held.values()], versions)
    if run:
        for id_, (document, cases) in layer.cases.items():
            for at, said in failing(held[id_].right, cases, rights):
                faults.append(document.fault(("cases", id_, at), said))
    return rights
