"""What `presscheck check` looks at where no file is named: everything that an engineer wrote, a thing after the other.

    for look in look_at(settings): look.what, look.said, look.faults

Files are loaded and bodies walked in this process, as by `presscheck map`. Nothing is kept, sent, asked or registered.
"""

import sys
from collections.abc import Iterator
from contextlib import redirect_stdout
from dataclasses import dataclass
from datetime import UTC, datetime
from itertools import chain
from pathlib import Path
from tempfile import TemporaryDirectory
from typing import TYPE_CHECKING

from presscheck.documents.sentences import counted, listed
from presscheck.errors import InputError, PresscheckError
from presscheck.settings import Settings

if TYPE_CHECKING:
    from policies import PolicyReport, PolicySet
    from presscheck.supervisor.flow_loading import Loaded


_MOST_WARNINGS = 40
_CATALOGUES = ("catalogue*.csv", "catalogue*.parquet", "catalogue*.sql")


@dataclass(frozen=True)
class Look:
    """One thing, what is to be said of it, and each fault with its file and line."""

    what: str
    said: str
    faults: tuple[str, ...] = ()
    warnings: tuple[str, ...] = ()
    """What stops nothing as a whole, such as a row that would be held in quarantine."""


def look_at(settings: Settings) -> Iterator[Look]:
    """Policies, flows, deployments, briefs, segments, catalogues, expectations, each whatever is wrong with another."""
    from policies import check_policies, load_policies
    from presscheck.cli.flow_files import as_the_worker

    report = check_policies(None, settings.policies.folder)
    yield _policies(settings, report)
    # Against policies that are none no flow can be held; it is loaded all the same. Overlaps get into each other's way
    # and are in force.
    loaded = load_policies(overlay=settings.policies.folder) if report.holds else None
    with as_the_worker(settings):
        yield from _flows(loaded)
        yield from _briefs(loaded)
        yield from _segments(settings)
        yield from _catalogues(settings, loaded)
        yield from _expectations(settings)


def _policies(settings: Settings, report: "PolicyReport") -> Look:
    many = sum(report.counts[kind] for kind in report.counts if kind != "cases")
    said = f"{many} load, and all {report.counts['cases']} cases hold" if report.holds else "nothing may go out"
    if report.holds and report.overlaps:
        said += ", but some get into each other's way"
    overlaps = (f"{settings.policies.folder}: {one}" for one in report.overlaps)
    return Look("policies", said, (*map(str, report.faults), *overlaps))


def _flows(policies: "PolicySet | None") -> Iterator[Look]:
    """Each file of flows, then what is registered of them."""
    from presscheck.supervisor.deployment_file import DEPLOYMENTS, DeploymentFile, read_deployments
    from presscheck.supervisor.flow_loading import file_of, flow_files, load_flows
    from presscheck.supervisor.planning import plan_deployments

    unreadable: tuple[str, ...] = ()
    file = DeploymentFile()
    try:
        file = read_deployments(DEPLOYMENTS, as_of=datetime.now(UTC))
    except InputError as error:
        unreadable = tuple(map(str, error.faults))
    loaded: list[Loaded] = []
    for path in dict.fromkeys([*flow_files(Path()), *(file_of(one.entrypoint) for one in file.entries)]):
        # What a file or a body prints is not part of the answer.
        with redirect_stdout(sys.stderr):
            loaded.append(load_flows(path))
            look = _flow_file(loaded[-1], policies)
        yield look
    plan = plan_deployments(file, loaded)
    # What keeps a file from being loaded is told above.
    told_above = {one.fault for one in loaded}
    said = [said for name in plan.faults for said in plan.faults[name] if said not in told_above]
    names = [one for one in plan.named if one not in plan.faults]
    notes = "".join(f"; {note}" for note in plan.notes)
    yield Look("deployments", f"{listed(sorted(names)) or 'none'}{notes}", (*unreadable, *dict.fromkeys(said)))


def _flow_file(loaded: "Loaded", policies: "PolicySet | None") -> Look:
    """Its flows load, their maps pass, and two walks of the same answers are the same."""
    from tasks.mapping import map_flow
    from tasks.steadiness import unsteady

    if loaded.fault:
        return Look(
            loaded.file, "does not load", tuple(loaded.fault.split("; ") if "\n" in loaded.fault else [loaded.fault])
        )
    own = {id(found.flow): found for found in loaded.flows.values() if found.line}.values()
    said: list[str] = []
    faults: list[str] = []
    for found in own:
        if policies is None:
            said.append(f"{found.name} loads")
            continue
        chart = map_flow(found.flow, policies)
        said.append(
            f"{found.name}, {counted(chart.ways, 'way')} walked" + (f" under {chart.policy}" if chart.policy else "")
        )
        place = f"{loaded.file}:{found.line}: {found.name}"
        faults += [f"{place}: {fault}" for fault in chart.faults]
        faults += unsteady(found.flow)
    return Look(loaded.file, listed(said) or "no flow of its own", tuple(faults))


def _briefs(policies: "PolicySet | None") -> Iterator[Look]:
    from tasks.briefs import load_briefs

    for path in sorted(Path("briefs").glob("*.yaml")):
        try:
            briefs = load_briefs(path, as_of=datetime.now(UTC).date(), policies=policies)
        except InputError as error:
            yield Look(str(path), "cannot be used", tuple(map(str, error.faults)))
        else:
            one, channels = briefs[0], listed(dict.fromkeys(brief.channel for brief in briefs))
            yield Look(str(path), f"{one.title}, {channels}, {one.collaboration}, until {one.deadline}")


def _catalogues(settings: Settings, policies: "PolicySet | None") -> Iterator[Look]:
    """Each catalogue of the data folder; its rows are warnings, because one stops the campaigns that want it alone."""
    from presscheck.screening.catalogue import catalogue_rows, check_catalogue
    from tasks.hostile import suspicious_rows

    today, data = datetime.now(UTC).date(), settings.data
    for path in sorted(path for kind in _CATALOGUES for path in data.glob(kind)):
        try:
            rows, faulty = catalogue_rows(path, data=data), check_catalogue(path, data=data)
            held = [] if policies is None else [*suspicious_rows(path, policies, as_of=today, data=data)]
        except PresscheckError as error:
            told = error.faults if isinstance(error, InputError) else ()
            yield Look(str(path), "cannot be used", tuple(map(str, told)) or (f"{path}: {error}",))
            continue
        said = counted(len(rows), "row") + (f", {len(held)} of them would be held" if held else "")
        warnings = [str(fault) for fault in (*chain.from_iterable(held), *faulty)]
        left = [f"{path}: and {len(warnings) - _MOST_WARNINGS:,} more"] if len(warnings) > _MOST_WARNINGS else []
        yield Look(str(path), said, warnings=(*warnings[:_MOST_WARNINGS], *left))


def _segments(settings: Settings) -> Iterator[Look]:
    for path in sorted(Path("segments").glob("*.sql")):
        try:
            yield Look(str(path), _selected(path, settings))
        except InputError as error:
            yield Look(str(path), "cannot be used", tuple(map(str, error.faults)) or (f"{path}: {error}",))
        except PresscheckError as error:
            yield Look(str(path), "cannot be used", (f"{path}: {error}",))


def _expectations(settings: Settings) -> Iterator[Look]:
    from presscheck.screening.expectations import read_expectations, suite_files
    from presscheck.screening.expected_cases import try_cases

    for path in suite_files(settings.project).values():
        name = str(path.relative_to(settings.project)) if path.is_relative_to(settings.project) else str(path)
        try:
            suite = read_expectations(path)
            cases = try_cases(suite, name=str(path))
        except InputError as error:
            yield Look(name, "cannot be used", tuple(map(str, error.faults)))
        else:
            yield Look(name, f"{counted(len(suite.rules), 'rule')}, and all {counted(cases, 'case')} hold")


def _selected(path: Path, settings: Settings) -> str:
    """What a segment selects: from files it is run, and for a database it is read and the database is asked."""
    from presscheck.screening.database_sql import check_select, database_of
    from presscheck.screening.databases import look
    from presscheck.screening.segment import run_segment
    from presscheck.screening.statement import text_of
    from presscheck.wiring import database_named

    now, text = datetime.now(UTC), text_of(path)
    if (name := database_of(text, path)) is not None:
        database = database_named(settings, name)
        check_select(text, path, database.dialect, as_of=now)
        return f"reads the database {name}, which answers as {look(database)['version']}"
    import duckdb

    with TemporaryDirectory(prefix="presscheck-check-") as folder, duckdb.connect() as reader:
        out = run_segment(path, settings.data, Path(folder) / "rows.parquet", as_of=now)
        counted_rows = reader.execute("SELECT count(*) FROM read_parquet(?)", [str(out)]).fetchone()
    rows = int(counted_rows[0]) if counted_rows else 0
    return f"selects {counted(rows, 'row')}; what each campaign's checks set aside is told when it runs"
