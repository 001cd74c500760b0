"""A segment's SQL becomes a frozen audience that every rule was asked about, or a refusal.

`screen_audience` is a plain function; the Prefect task that calls it is elsewhere. It needs
5 to 18 s to import Great Expectations the first time in a process, and little after that.
"""

import re
from collections.abc import Callable, Iterable
from dataclasses import replace
from datetime import datetime
from pathlib import Path
from typing import Any

from presscheck.documents.sentences import listed
from presscheck.errors import CheckBroke, ExpectationError, Fault, SegmentError
from presscheck.models import Refused
from presscheck.screening.audience import AudienceLimits, ScreenedAudience
from presscheck.screening.bench import Bench, open_bench
from presscheck.screening.exceptions import Tally, part
from presscheck.screening.expectations import OwnSuite
from presscheck.screening.expected_columns import attribute_columns, attribute_view, typed_view
from presscheck.screening.frozen import keep, keep_text, workroom
from presscheck.screening.literals import name_literal, path_literal
from presscheck.screening.report import account_of, as_json, as_page
from presscheck.screening.segment import COLUMNS, Databases, run_segment
from presscheck.screening.suppression import load_suppressions
from presscheck.world.markets import MARKETS, market_fault
from tasks.comparing_counts import count_again
from tasks.expectations.recipients import as_core_expectations, recipients
from tasks.screening_rows import rules_of


def screen_audience(
    segment: Path,
    *,
    data: Path,
    home: Path,
    markets: tuple[str, ...],
    suppressed_hashes: Iterable[str] | Path,
    as_of: datetime,
    limits: AudienceLimits | None = None,
    time_limit_s: float = 300,
    databases: Databases | None = None,
    progress: Callable[[int], None] | None = None,
    own: OwnSuite | None = None,
) -> ScreenedAudience:
    """Run the segment over the files under `data` or in its database, check every row, freeze those who passed.

    `markets` are the brief's; `suppressed_hashes` are `address_hash` values, or a CSV file
    with a column `address`; `as_of` needs a time zone. Under `home` this writes, readable by
    the owner only: `audiences/<digest>.parquet`, `audiences/<digest>.exceptions.parquet` and
    `reports/<digest of the page>.html` and `.json`, each under the digest of its own bytes; for
    a refused audience the exceptions and the report only.

    `own` is what a project expects besides (`presscheck.screening.expectations`): of each recipient, whose columns are
    those of a segment and `attributes.NAME`, and of all that the segment selects.

    Too few or too many recipients, or too many exceptions, give a `ScreenedAudience` with a
    `refusal` and no digest. Raises SegmentError for faults in the SQL, its sources or the
    suppression file, and CheckBroke when a check raised or two counts differ.
    """
    limits = limits or AudienceLimits()
    suite = recipients(limits)
    described, also = ({}, ()) if own is None else _own_columns(own, segment)
    if own is not None:
        suite = replace(suite, name=f"{suite.name} and {own.title}", rows=(*suite.rows, *rules_of(own)))
    _checked(segment, markets, as_of)
    suppressed = _suppressed(suppressed_hashes)
    with workroom(home) as room:
        candidates = run_segment(
            segment,
            data,
            room / "candidates.parquet",
            as_of=as_of,
            time_limit_s=time_limit_s,
            databases=databases,
            progress=progress,
        )
        # Imported only now: a fault in the SQL should not take ten seconds to be told.
        from tasks.expectations.certify import certify

        bench = Bench(candidates, markets, MARKETS, suppressed, as_of, also)
        passed, failed = room / "passed.parquet", room / "exceptions.parquet"
        with open_bench(bench) as connection:
            not_checked = _not_checked(connection, segment, limits)
            tally = part(connection, suite, audience=passed, exceptions=failed)
            certificate = certify(connection, bench, suite, tally, as_core_expectations(limits, bench))
            refusal = _refusal(certificate.refused, certificate.figures)
            if own is not None and refusal is None:
                refusal = _as_expected(connection, own, described, tally, candidates, room)
        audiences, reports = home / "audiences", home / "reports"
        digest, path = keep(passed, audiences, suffix=".parquet") if refusal is None else (None, None)
        # Under digests of their own: the same people may pass twice for other reasons, and a question that was asked
        # about the first screening is not answered with the report of the second.
        _, exceptions_path = keep(failed, audiences, suffix=".exceptions.parquet")
        account = account_of(
            segment=segment.name,
            suite=suite,
            tally=tally,
            certificate={
                "certified by": f"{certificate.version}, which counted the same, rule by rule",
                "worst severity": certificate.worst_severity or "none: no row broke a rule",
                "candidates": certificate.candidates_digest,
            },
            settings=_settings(limits, markets, len(suppressed)),
            not_checked=not_checked,
            refusal=refusal.reason if refusal else None,
            digest=digest,
            as_of=as_of,
        )
        page = as_page(account, exceptions_file=exceptions_path.name)
        report = keep_text(page, room, reports, suffix=".html")
        report_data = keep_text(as_json(account), room, reports, name=report.stem, suffix=".json")
    return ScreenedAudience(
        digest=digest,
        refusal=refusal,
        rows=tally.passed,
        candidates=tally.candidates,
        exception_rows=tally.exceptions,
        exceptions=tally.by_rule,
        not_checked=not_checked,
        path=None if path is None else str(path),
        exceptions_path=str(exceptions_path),
        report=str(report),
        report_data=str(report_data),
        suite=suite.name,
        suite_version=suite.version,
        certified=True,
        as_of=as_of,
    )


def _own_columns(own: OwnSuite, segment: Path) -> tuple[dict[str, str], tuple[str, ...]]:
    """The types of what may be looked at, and what selects the attributes among it. ExpectationError where a column is
    none of these."""
    attributes = attribute_columns(own)
    known = {"consented_at": "TIMESTAMP WITH TIME ZONE", "birth_year": "INTEGER"}
    described = {name: known.get(name, "VARCHAR") for name in (*COLUMNS, *attributes)}
    typed_view(described, own, name=segment.name)
    if read := sorted(own.columns.keys() - attributes.keys()):
        message = f"{listed(read)} is read as a segment says; only attributes.NAME can be read as something else"
        raise ExpectationError([Fault(segment.name, None, "columns", message)])
    return described, tuple(attribute_view(own))


def _as_expected(
    connection: Any, own: OwnSuite, described: dict[str, str], tally: Tally, candidates: Path, room: Path
) -> Refused | None:
    """Why the audience is not as its project expects. CheckBroke where a check broke or two counts differ."""
    looked, attributes = room / "looked.parquet", attribute_columns(own)
    columns = ", ".join(f"{attributes.get(name, name_literal(name))} AS {name_literal(name)}" for name in own.looked_at)
    chosen = f"SELECT {columns or 'row_number'} FROM read_parquet({path_literal(candidates)}) ORDER BY row_number"  # noqa: S608
    connection.execute(f"COPY ({chosen}) TO {path_literal(looked)} (FORMAT parquet)")
    refusal = count_again(connection, looked, own, described, tally).refusal
    if refusal is not None and refusal.code != "not-as-expected":
        raise CheckBroke(refusal.reason)
    return refusal


def _checked(segment: Path, markets: tuple[str, ...], as_of: datetime) -> None:
    if as_of.tzinfo is None:
        raise ValueError("as_of needs a time zone")
    wrong = [fault for market in markets if (fault := market_fault(market))]
    if not markets:
        wrong = ["name at least one market, such as DE or US"]
    if wrong:
        raise SegmentError([Fault(str(segment), None, "markets", message) for message in wrong])


def _suppressed(source: Iterable[str] | Path) -> frozenset[str]:
    if isinstance(source, Path):
        return load_suppressions(source)
    hashes = frozenset(source)
    # An address where a hash belongs would suppress nobody, and nobody would notice.
    wrong = sum(not re.fullmatch(r"[0-9a-f]{64}", value) for value in hashes)
    if wrong:
        raise ValueError(f"{wrong} of the suppressed hashes are no address_hash values; hash the addresses first")
    return hashes


def _not_checked(connection: Any, segment: Path, limits: AudienceLimits) -> tuple[str, ...]:
    row = connection.execute("SELECT any_value(has_birth_year) FROM candidates").fetchone()
    if row[0]:
        return ()
    if limits.age_required:
        missing = "there is no column birth_year, and this policy asks for the age; select it"
        raise SegmentError([Fault(str(segment), None, "", missing)])
    return ("recipient.age",)


def _refusal(refused: tuple[Any, ...], figures: dict[str, int]) -> Refused | None:
    if not refused:
        return None
    units = {"audience.size": "recipients passed", "audience.exceptions": "% of the rows are exceptions"}
    reasons: list[str] = []
    for rule in refused:
        figure = figures[rule.id]
        short = rule.least is not None and figure < rule.least
        bound = f"at least {rule.least:,}" if short else f"at most {rule.most:,}"
        reasons.append(f"{figure:,} {units[rule.id]}, and the policy wants {bound}. {rule.means} {rule.remedy}")
    return Refused(reason=" ".join(reasons), code=refused[0].id)


def _settings(limits: AudienceLimits, markets: tuple[str, ...], suppressed: int) -> dict[str, str]:
    return {
        "markets": ", ".join(markets),
        "suppression list": f"{suppressed:,} addresses",
        "recipients": f"{limits.min_rows:,} to {limits.max_rows:,}",
        "exceptions": f"at most {limits.max_exceptions_percent} %",
        "consent": f"not older than {limits.consent_max_age_days:,} days",
        "age": f"{limits.minimum_age} or more where the segment has birth_year",
    }
