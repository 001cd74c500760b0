"""Texts out of a file, each with its line: .jsonl with "text", .csv with a text column, .txt a line each."""

import json
from collections.abc import Iterator
from dataclasses import dataclass
from pathlib import Path
from typing import Any, cast

from presscheck.documents.rows import CsvFile
from presscheck.documents.sentences import shown
from presscheck.documents.text_files import lines_of
from presscheck.errors import Fault, InputError

_MOST_FAULTS = 50


@dataclass(frozen=True)
class Text:
    """One text and the line on which it stands (for CSV, the line on which its row begins)."""

    line: int
    text: str


def read_texts(path: Path) -> list[Text]:
    """Every text of the file in order; InputError with the faults, the first fifty of them."""
    kinds = {".jsonl": _of_jsonl, ".csv": _of_csv, ".txt": _of_txt}
    reader = kinds.get(path.suffix.lower())
    if reader is None:
        raise InputError([Fault(str(path), None, "", f"is none of {', '.join(kinds)}; rename or convert it")])
    texts: list[Text] = []
    faults: list[Fault] = []
    for found in reader(path):
        (texts if isinstance(found, Text) else faults).append(found)  # pyright: ignore[reportArgumentType]
    if not texts and not faults:
        faults.append(Fault(str(path), None, "", "holds no text; look whether it is the right file"))
    if faults:
        more = len(faults) - _MOST_FAULTS
        rest = [Fault(str(path), None, "", f"{more} more faults like these")] if more > 0 else []
        raise InputError([*faults[:_MOST_FAULTS], *rest])
    return texts


def _of_txt(path: Path) -> Iterator[Text | Fault]:
    # Only line feeds end a line here: str.splitlines would also split at marks inside a text.
    for at, line in enumerate(lines_of(path), 1):
        if line.strip():
            yield Text(at, line.rstrip("\n").rstrip("\r"))


def _of_jsonl(path: Path) -> Iterator[Text | Fault]:
    for at, line in enumerate(lines_of(path), 1):
        if not line.strip():
            continue
        try:
            row = json.loads(line, object_pairs_hook=_once)
        except _TwiceError as error:
            yield Fault(str(path), at, str(error), "stands twice in one object; keep one of them")
            continue
        except (ValueError, RecursionError) as error:
            yield Fault(str(path), at, "", f"is not JSON: {error}; write one object a line")
            continue
        named = cast(dict[str, Any], row) if isinstance(row, dict) else {}
        if sum(name.casefold() == "text" for name in named) > 1:
            yield Fault(str(path), at, "text", "stands here in two spellings; keep one")
            continue
        text = named.get("text")
        if isinstance(text, str):
            yield Text(at, text)
        else:
            yield Fault(str(path), at, "text", 'is missing or not text; write {"text": "..."}')


class _TwiceError(Exception):
    """The name of a key that an object has twice."""


def _once(pairs: list[tuple[str, Any]]) -> dict[str, Any]:
    """An object; Python would keep the last of two values and say nothing of the first."""
    found = dict(pairs)
    if len(found) < len(pairs):
        names = [name for name, _ in pairs]
        raise _TwiceError(shown(next(name for name in names if names.count(name) > 1)))
    return found


def _of_csv(path: Path) -> Iterator[Text | Fault]:
    table = CsvFile(path)
    column = table.column("text")
    if column is not None:
        yield from (Text(line, cells[column]) for line, cells in table)
    yield from table.faults
