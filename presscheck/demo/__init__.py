"""Makes the demo: the files of Fernholt, an invented shop for outdoors and home.

    files = make_demo(Path("demo"), as_of=date.today())

The same seed and the same day give the same bytes. Every person, address and product is invented;
addresses are at example.com, example.org and example.net, which RFC 2606 keeps out of use. About
one recipient in twenty has something wrong with it, and `files.dirt` says how many of what.
"""

import csv
from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from datetime import date, timedelta
from importlib import resources
from pathlib import Path
from string import Template

from presscheck.demo.catalogue import HERO_ID, products
from presscheck.demo.customers import customers
from presscheck.models import PUBLIC_CHANNELS

__all__ = ["DemoFiles", "make_demo"]

_DAYS_TO_DEADLINE = 45
_DAYS_OF_EVIDENCE = 300


@dataclass(frozen=True)
class DemoFiles:
    """Where everything is; `folder` is the data folder for segment and catalogue."""

    folder: Path
    catalogue: Path
    customers: Path
    suppressed: Path
    brief: Path
    segment: Path
    product: str
    """The id of the product that the brief is about."""
    dirt: Mapping[str, int]
    """What is wrong with how many recipients; each broken recipient has one thing wrong."""


def make_demo(target: Path, seed: int = 7, *, as_of: date) -> DemoFiles:
    """Writes the demo's files under `target`, over those of an earlier demo.

    `as_of` is the day of the demo: consents lie before it, the brief's deadline 45 days after it.
    Raises OSError where the folder cannot be written.
    """
    people = customers(seed, as_of)
    files = DemoFiles(
        folder=target,
        catalogue=target / "catalogue.csv",
        customers=target / "customers.csv",
        suppressed=target / "suppressed.csv",
        brief=target / "briefs" / "spring_launch.yaml",
        segment=target / "segments" / "spring_launch.sql",
        product=HERO_ID,
        dirt=people.dirt,
    )
    for path in (files.brief, files.segment):
        path.parent.mkdir(parents=True, exist_ok=True)
    _write_csv(files.catalogue, products(seed))
    _write_csv(files.customers, people.rows)
    _write_csv(files.suppressed, ({"address": address} for address in people.suppressed))
    days = {
        "deadline": (as_of + timedelta(days=_DAYS_TO_DEADLINE)).isoformat(),
        "evidence_until": (as_of + timedelta(days=_DAYS_OF_EVIDENCE)).isoformat(),
        "product": HERO_ID,
    }
    files.brief.write_text(Template(_template("spring_launch.yaml")).substitute(days), encoding="utf-8", newline="\n")
    for channel in PUBLIC_CHANNELS:
        brief = target / "briefs" / f"spring_{channel}.yaml"
        brief.write_text(Template(_template(brief.name)).substitute(days), encoding="utf-8", newline="\n")
    for name in ("strategy.yaml", "prompts.yaml"):
        brief = target / "briefs" / name
        brief.write_text(Template(_template(name)).substitute(days), encoding="utf-8", newline="\n")
    files.segment.write_text(_template("spring_launch.sql"), encoding="utf-8", newline="\n")
    return files


def _template(name: str) -> str:
    return (resources.files("presscheck.demo") / "templates" / name).read_text(encoding="utf-8")


def _write_csv(path: Path, rows: Iterable[Mapping[str, str]]) -> None:
    """One header line, then the rows; line ends and quoting do not depend on the system."""
    with path.open("w", encoding="utf-8", newline="") as file:
        writer: csv.DictWriter[str] | None = None
        for row in rows:
            if writer is None:
                writer = csv.DictWriter(file, list(row), lineterminator="\n")
                writer.writeheader()
            writer.writerow(row)
