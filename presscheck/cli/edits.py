"""A file of edits: a list of pick, field and complete new text, in YAML or JSON, all faults at once."""

import json
from collections.abc import Collection, Iterable, Mapping, Sequence
from pathlib import Path
from typing import Any, cast

from pydantic import Field, ValidationError

from presscheck.assets.copy.copy import WORDS
from presscheck.cleaning import words_of
from presscheck.documents.document import Document, read_document
from presscheck.documents.sentences import sentence_for
from presscheck.errors import Fault, InputError
from presscheck.models import Edit, Written


class TypedEdit(Edit):
    """An edit as somebody types it: the part by its title, such as Amount, or by its name."""

    field: str = Field(min_length=1, max_length=80)


def read_text(path: Path) -> dict[str, str]:
    """A text of one's own, by its parts; those that are empty are left out. InputError with every fault."""
    document = _document(path)
    written = document.parse(Written, InputError)
    unfit = {name: words_of(name, text)[1] for name, text in written.model_dump().items()}
    if faults := [document.fault((name,), fault) for name, fault in unfit.items() if fault]:
        raise InputError(faults)
    return {name: value for name, value in written.model_dump().items() if value}


def read_edits(path: Path) -> list[TypedEdit]:
    """The edits of a file in order; InputError with every fault, each with its line."""
    document = _document(path)
    faults = list(document.faults)
    edits: list[TypedEdit] = []
    value: Any = document.value
    if value is not None and not isinstance(value, list):
        faults.append(document.fault((), "is not a list; write one item with pick, field and text for each edit"))
    elif not faults:
        rows: list[Any] = cast(list[Any], value or [])
        for at, row in enumerate(rows):
            _read(document, at, row, edits, faults)
        if not rows:
            faults.append(document.fault((), "holds no edit; leave --edit out if nothing is to be changed"))
    if faults:
        raise InputError(sorted(faults, key=lambda fault: (fault.line or 0, fault.where)))
    return edits


def safe_edits(proposals: Iterable[Mapping[str, Any]], picks: Collection[str]) -> list[Edit]:
    """What a review's findings would have written instead, one edit for each part that changes; of `picks`, or all.

    InputError where no finding offers a replacement, and for a pick that is no choice.
    """
    from policies import replaced

    shown = {str(one["code"]): one for one in proposals}
    if strange := sorted(set(picks) - set(shown)):
        raise InputError([Fault("--pick", None, "", f"there is no choice {strange[0]}; there are {', '.join(shown)}")])
    edits: list[Edit] = []
    for code, proposal in shown.items():
        copy: dict[str, Any] | None = proposal["copy"]
        if copy is None or (picks and code not in picks):
            continue
        for field in WORDS:
            text = str(copy[field] or "")
            offered = [one for one in proposal["findings"] if one["field"] == field and one["replacement"] is not None]
            # From the end, so that no place moves; of two that overlap the first in the text stays as it is.
            end = len(text)
            for one in sorted(offered, key=lambda one: one["span"], reverse=True):
                if one["span"][1] <= end:
                    text, end = replaced(text, one["span"], one["replacement"]), one["span"][0]
            if text != copy[field]:
                edits.append(Edit(pick=code, field=field, text=text))
    if not edits:
        raise InputError([Fault("", None, "", "no finding there offers a replacement that leaves the text no worse")])
    return edits


def write_edits(path: Path, edits: Sequence[Edit]) -> None:
    """Write a file that `read_edits` reads. InputError where there is one already: it may hold somebody's work."""
    text = json.dumps([edit.model_dump() for edit in edits], ensure_ascii=False, indent=1)
    try:
        with path.open("x", encoding="utf-8") as file:
            file.write(f"{text}\n")
    except OSError as error:
        why = "is there already; name a new file" if isinstance(error, FileExistsError) else error.strerror
        raise InputError([Fault(str(path), None, "", f"cannot be written: {why}")]) from error


def _document(path: Path) -> Document:
    try:
        text = path.read_text("utf-8-sig")
    except (OSError, UnicodeDecodeError) as error:
        why = "is not UTF-8; save it as UTF-8" if isinstance(error, UnicodeDecodeError) else error.strerror
        raise InputError([Fault(str(path), None, "", f"cannot be read: {why}")]) from error
    return read_document(text, path=str(path))


def _read(document: Document, at: int, row: Any, edits: list[TypedEdit], faults: list[Fault]) -> None:
    try:
        edit = TypedEdit.model_validate(row)
    except ValidationError as error:
        for problem in error.errors(include_url=False):
            faults.append(document.fault((at, *problem["loc"]), sentence_for(TypedEdit, problem["loc"], problem)))
        return
    # Whether it is a line or a text of several the door knows, which has the part; what nobody sees is told here too.
    if unfit := words_of(edit.field if edit.field in WORDS else "body", edit.text)[1]:
        faults.append(document.fault((at, "text"), unfit))
    if any((edit.pick, edit.field) == (other.pick, other.field) for other in edits):
        faults.append(document.fault((at,), f"{edit.pick}'s {edit.field} is edited twice; keep one"))
    edits.append(edit)
