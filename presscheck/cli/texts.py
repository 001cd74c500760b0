"""Texts out of a file, each with its line: .jsonl with "text", .csv with a text column, .txt a line each."""

import csv
import io
import json
from collections.abc import Iterator
from dataclasses import dataclass
from pathlib import Path
from typing import Any, cast

from presscheck.errors import Fault, InputError

__all__ = ["Text", "read_texts"]

_MOST_FAULTS = 50


@dataclass(frozen=True)
class Text:
    """One text and the line on which it stands (for CSV, the line on which its row ends)."""

    line: int
    text: str


def read_texts(path: Path) -> list[Text]:
    """Every text of the file in order; InputError with the faults, the first fifty of them."""
    kinds = {".jsonl": _of_jsonl, ".csv": _of_csv, ".txt": _of_txt}
    reader = kinds.get(path.suffix.lower())
    if reader is None:
        raise InputError([Fault(str(path), None, "", f"is none of {', '.join(kinds)}; rename or convert it")])
    content = _content(path)
    texts: list[Text] = []
    faults: list[Fault] = []
    for found in reader(path, content):
        (texts if isinstance(found, Text) else faults).append(found)  # pyright: ignore[reportArgumentType]
    if not texts and not faults:
        faults.append(Fault(str(path), None, "", "holds no text; look whether it is the right file"))
    if faults:
        more = len(faults) - _MOST_FAULTS
        rest = [Fault(str(path), None, "", f"{more} more faults like these")] if more > 0 else []
        raise InputError([*faults[:_MOST_FAULTS], *rest])
    return texts


def _content(path: Path) -> str:
    try:
        return path.read_bytes().decode("utf-8-sig")
    except UnicodeDecodeError as error:
        line = error.object[: error.start].count(b"\n") + 1
        advice = f"byte {error.start + 1} is not UTF-8; save the file as UTF-8 (iconv -f LATIN1 -t UTF-8)"
        raise InputError([Fault(str(path), line, "", advice)]) from error
    except OSError as error:
        raise InputError([Fault(str(path), None, "", f"cannot be read: {error.strerror}")]) from error


def _of_txt(path: Path, content: str) -> Iterator[Text | Fault]:
    # Only line feeds end a line here: str.splitlines would also split at marks inside a text.
    for at, line in enumerate(content.split("\n"), 1):
        if line.strip():
            yield Text(at, line.rstrip("\r"))


def _of_jsonl(path: Path, content: str) -> Iterator[Text | Fault]:
    for at, line in enumerate(content.split("\n"), 1):
        if not line.strip():
            continue
        try:
            row = json.loads(line)
        except (ValueError, RecursionError) as error:
            yield Fault(str(path), at, "", f"is not JSON: {error}; write one object a line")
            continue
        text = cast(dict[str, Any], row).get("text") if isinstance(row, dict) else None
        if isinstance(text, str):
            yield Text(at, text)
        else:
            yield Fault(str(path), at, "text", 'is missing or not text; write {"text": "..."}')


def _of_csv(path: Path, content: str) -> Iterator[Text | Fault]:
    reader = csv.DictReader(io.StringIO(content, newline=""))
    try:
        headings = {(name or "").strip().lower(): name for name in reader.fieldnames or ()}
        column = headings.get("text")
        if column is None:
            there = ", ".join(name for name in headings if name) or "none"
            yield Fault(str(path), 1, "text", f"there is no such column; the columns are {there}")
            return
        for row in reader:
            text = row.get(column)
            if text is None:
                yield Fault(str(path), reader.line_num, "text", "the row is too short to have a text")
            else:
                yield Text(reader.line_num, text)
    except csv.Error as error:
        yield Fault(str(path), reader.line_num, "", f"is not CSV: {error}")
