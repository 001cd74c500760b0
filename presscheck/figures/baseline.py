"""Last year's figures in the same measures: read from a file with all its faults, kept as versions in the ledger.

    since: 2025-01-01
    until: 2025-12-31
    currency: EUR
    figures:
      velocity-days: {value: 21, n: 14}

The same as CSV has the columns `measure,value,n`, with rows for `since`, `until` and `currency`.
"""

from dataclasses import dataclass
from decimal import Decimal
from pathlib import Path
from typing import Any, Self

from pydantic import Field, model_validator

from presscheck.documents.document import MAX_BYTES, Document, read_document
from presscheck.documents.rows import CsvFile
from presscheck.errors import Fault, InputError
from presscheck.figures.measures import MEASURES, MeasureId
from presscheck.ledger import EventKind, Reader, Writer
from presscheck.models import Frozen
from presscheck.world.days import Day

_SUBJECT = "baseline"
_HEADINGS = ["measure", "value", "n"]
_OF_THE_WHOLE = ("since", "until", "currency")
_PERCENT = {measure.id for measure in MEASURES if measure.unit == "%"}


class Before(Frozen):
    """One figure from before."""

    value: Decimal = Field(
        ge=0, le=1_000_000_000, decimal_places=4, description="A plain number with a point, such as 12.5."
    )
    n: int | None = Field(default=None, ge=1, le=1_000_000_000, description="How many cases it rests on.")


class Baseline(Frozen):
    """The figures of one period from before."""

    since: Day = Field(description="The period's first day.")
    until: Day = Field(description="The period's last day.")
    currency: str = Field(default="USD", pattern=r"^[A-Z]{3}$", description="What costs are in, such as EUR.")
    figures: dict[MeasureId, Before] = Field(min_length=1, description="The measures, by name.")

    @model_validator(mode="after")
    def _in_order(self) -> Self:
        if self.until < self.since:
            raise ValueError("until is before since; exchange them")
        over = sorted(name for name, before in self.figures.items() if name in _PERCENT and before.value > 100)
        if over:
            raise ValueError(f"{', '.join(over)}: a share is at most 100")
        return self


@dataclass(frozen=True)
class BaselineVersion:
    """One import: the first is version 1; `removed` ones are kept and do not count."""

    version: int
    baseline: Baseline
    imported_at: str
    removed: bool


def read_baseline(path: Path) -> Baseline:
    """The baseline in a .csv or .yaml file; InputError with every fault and its line."""
    csv = path.suffix.lower() == ".csv"
    document = _from_csv(path) if csv else read_document(_text_of(path), path=str(path))
    return document.parse(Baseline, InputError)


def versions(tx: Reader) -> list[BaselineVersion]:
    """Every baseline that was imported, oldest first, from signed events alone."""
    events = tx.events(EventKind.BASELINE_IMPORTED, EventKind.BASELINE_REMOVED, subject=_SUBJECT)
    removed = {event.data["version"] for event in events if event.kind == EventKind.BASELINE_REMOVED}
    imported = [event for event in events if event.kind == EventKind.BASELINE_IMPORTED]
    return [
        BaselineVersion(
            version=event.data["version"],
            baseline=Baseline.model_validate(event.data["baseline"]),
            imported_at=event.at,
            removed=event.data["version"] in removed,
        )
        for event in imported
    ]


def counting(tx: Reader) -> BaselineVersion | None:
    """The baseline that figures are compared with: the latest that was not removed."""
    return next((version for version in reversed(versions(tx)) if not version.removed), None)


def import_baseline(tx: Writer, baseline: Baseline) -> int:
    """Keep a baseline as the latest version; its number. The same as the one that counts stays that one."""
    known = counting(tx)
    if known is not None and known.baseline == baseline:
        return known.version
    number = max((one.version for one in versions(tx)), default=0) + 1
    body: dict[str, Any] = {
        "version": number,
        "since": baseline.since.isoformat(),
        "until": baseline.until.isoformat(),
        "baseline": baseline.model_dump(mode="json"),
    }
    tx.append(EventKind.BASELINE_IMPORTED, _SUBJECT, body)
    return number


def remove_baseline(tx: Writer, version: int | None = None) -> BaselineVersion:
    """Take a version out of the count (the one that counts, if none is named). InputError where there is none."""
    known = versions(tx)
    wanted = counting(tx) if version is None else next((one for one in known if one.version == version), None)
    if wanted is None or wanted.removed:
        which = "there is no baseline" if version is None else f"version {version}: there is none, or it was removed"
        raise InputError(f"{which}; `presscheck baseline show --all` lists what was imported")
    tx.append(EventKind.BASELINE_REMOVED, _SUBJECT, {"version": wanted.version})
    return wanted


def _text_of(path: Path) -> str:
    try:
        with path.open("rb") as file:
            raw = file.read(MAX_BYTES + 1)
        return raw.decode("utf-8-sig")
    except UnicodeDecodeError:
        raise InputError([Fault(str(path), None, "", "is not UTF-8; save it as UTF-8")]) from None
    except OSError as broken:
        raise InputError([Fault(str(path), None, "", f"cannot be read: {broken.strerror}")]) from None


def _from_csv(path: Path) -> Document:
    """The rows as the mapping that the YAML form is, with their lines."""
    value: dict[str, Any] = {"figures": {}}
    lines: dict[tuple[str | int, ...], int] = {(): 1}
    table = CsvFile(path, optional=1)
    headings = [name.lower() for name in table.names]
    if not table.faults and headings not in (_HEADINGS, _HEADINGS[:2]):
        table.fault(1, "the first line must be measure,value,n")
    if table.faults:
        return Document(str(path), None, {}, tuple(table.faults))
    for line, row in table:
        cells = [cell.strip() for cell in row]
        name = cells[0]
        place = (name,) if name in _OF_THE_WHOLE else ("figures", name)
        if place in lines:
            table.fault(line, f"stands here a second time, first in line {lines[place]}", name)
            continue
        lines[place] = line
        given = dict(zip(headings, cells, strict=True))
        if name in _OF_THE_WHOLE:
            value[name] = given["value"]
        else:
            value["figures"][name] = {key: given[key] for key in ("value", "n") if given.get(key)}
    return Document(str(path), None if table.broke_off else value, lines, tuple(table.faults))
