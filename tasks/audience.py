"""Require an audience that may be written to: screened, certified, frozen, named by its digest."""

from hashlib import sha256
from itertools import takewhile
from pathlib import Path
from typing import TYPE_CHECKING, Any, ClassVar

from pydantic import SerializerFunctionWrapHandler, model_serializer

from presscheck.assets.shipped import Segment
from presscheck.cleaning import clean_text
from presscheck.digests import file_digest
from presscheck.documents.sentences import counted
from presscheck.errors import ExpectationError
from presscheck.ledger import EventKind, Writer
from presscheck.ledger.suppressions import suppressed_hashes
from presscheck.models import PUBLIC_CHANNELS, Digest
from presscheck.recipients.audiences import audience_path, recipients_by_market
from presscheck.wiring import database_named
from tasks import house
from tasks.effects import stood_in_for_by
from tasks.holding import Hold
from tasks.opening import Campaign, inside
from tasks.steps import Kept, Made, step

if TYPE_CHECKING:
    from presscheck.screening.expectations import OwnSuite


class Audience(Kept):
    """Who may be written to. The rows are in a file of this digest; the exceptions are in a report."""

    shape: ClassVar[str] = "audience/1"

    digest: Digest | None
    """None for a channel that publishes to everybody."""
    rows: int
    candidates: int
    exceptions: dict[str, int]
    report: str
    query: Digest | None = None
    """The digest of the segment's text as it was screened; None where it was not, or by an earlier version."""

    @model_serializer(mode="wrap")
    def _as_before_without_a_query(self, dump: SerializerFunctionWrapHandler) -> dict[str, Any]:
        # A step's key is made of what it is given: for runs of before it stays what it was.
        told: dict[str, Any] = dump(self)
        return {name: value for name, value in told.items() if name != "query" or value is not None}


@stood_in_for_by("require_audience")
def require_audience(campaign: Campaign, segment: str = "", *, expectations: str = "") -> Audience:
    """The campaign's audience, screened and frozen; everybody where the channel publishes to everybody.

    `segment` is another one than the campaign was opened with; `expectations` a suite in `expectations/`, which each
    recipient is to meet besides. Holds if the segment as a whole is refused, or if a
    check of it broke.
    """
    if campaign.brief.channel in PUBLIC_CHANNELS:
        return Audience(digest=None, rows=0, candidates=0, exceptions={}, report="")
    asked = campaign.for_segment(segment)
    if not asked.audience:
        raise Hold(
            f"{campaign.brief.channel} goes to people, and the campaign names none; write "
            'open_campaign(..., audience="segments/NAME.sql"), or require_audience(campaign, "segments/NAME.sql")'
        )
    if not expectations:
        return _screened(asked)
    # A wake that only reads what was screened before loads none of it.
    from tasks.expecting import suite_named

    try:
        suite = suite_named(expectations)
    except ExpectationError as error:
        raise Hold(f"{expectations} cannot be used: {error}") from error
    return _screened_besides(asked, said=suite.model_dump_json(by_alias=True))


@step("audience", effect="targets", title="screen the audience")
def _screened(campaign: Campaign) -> Made[Audience]:
    """Run the campaign's segment, take out every row that breaks a rule, and freeze the rest."""
    return _frozen(campaign, None)


@step("audience", effect="targets", title="screen the audience")
def _screened_besides(campaign: Campaign, *, said: str) -> Made[Audience]:
    """The same by a suite of the project's besides; another suite is another result."""
    from presscheck.screening.expectations import OwnSuite

    return _frozen(campaign, OwnSuite.model_validate_json(said))


def _frozen(campaign: Campaign, own: "OwnSuite | None") -> Made[Audience]:
    """Holds if the segment as a whole is refused. A check that broke holds too, and says that it broke."""
    from prefect.artifacts import create_markdown_artifact
    from prefect.logging import get_run_logger

    from presscheck.screening.suppression import load_suppressions
    from tasks.screening import screen_audience

    log = get_run_logger()
    settings, ledger = house.settings(), house.ledger()
    with ledger.read() as tx:
        suppressed = suppressed_hashes(tx)
    listed = settings.data / "suppressed.csv"
    if listed.exists():
        suppressed |= load_suppressions(listed)
    segment = inside(settings, campaign.audience, what="segment")
    query = file_digest(segment)
    screened = screen_audience(
        segment,
        data=settings.data,
        home=settings.home,
        markets=campaign.brief.markets,
        suppressed_hashes=suppressed,
        as_of=ledger.clock(),
        databases=lambda name: database_named(settings, name),
        progress=lambda rows: log.info("%s rows have come from the database", f"{rows:,}"),
        own=own,
    )
    report = Path(screened.report)
    if screened.refusal is not None or screened.digest is None:
        reason = screened.refusal.reason if screened.refusal else "it was refused without a reason"
        broken = sorted(((count, rule) for rule, count in screened.exceptions.items() if count), reverse=True)[:3]
        told = ", ".join(f"{rule} ({counted(count, 'row')})" for count, rule in broken)
        most = f" Most rows broke {told}." if broken else ""
        raise Hold(f"the audience was refused: {reason}{most} The report: {settings.door_url}/report/{report.stem}")
    if file_digest(segment) != query:
        raise Hold(
            f"{campaign.audience} was edited while its audience was screened; press Retry, and it is screened again"
        )
    digest = screened.digest
    audience = Audience(
        digest=digest,
        rows=screened.rows,
        candidates=screened.candidates,
        exceptions=screened.exceptions,
        report=report.name,
        query=query,
    )
    create_markdown_artifact(_summary(audience, screened.exception_rows, report), key="audience")

    def keep(tx: Writer) -> None:
        said: dict[str, Any] = {
            "rows": audience.rows,
            "candidates": audience.candidates,
            "exceptions": audience.exceptions,
        }
        # The report of this screening: another one may let the same people pass for other reasons.
        said |= {"suite": screened.suite_version, "report": report.stem}
        tx.append(EventKind.AUDIENCE_FROZEN, digest, said, run=campaign.run)

    return Made(audience, keep)


@step(effect="makes", title="describe the segment")
def describe_segment(campaign: Campaign, audience: Audience, *, words: str = "") -> Segment:
    """An audience as people are asked about it, with `offer`: who is in it, how many, where, and by which query.

    `words` are the comment at the head of the segment's file where they are not given. Hold where there are none.
    """
    path = inside(house.settings(), campaign.audience, what="segment")
    raw = path.read_bytes()
    if audience.query and sha256(raw).hexdigest() != audience.query:
        raise Hold(
            f"{campaign.audience} is not the query that this audience was screened by: it was edited since, or the "
            "audience is of another segment. Describe each by its own campaign; after an edit, start a new run"
        )
    query = clean_text(raw.decode("utf-8-sig")).strip()
    said = words or " ".join(line.lstrip("- ").strip() for line in takewhile(_is_comment, query.splitlines()))
    if not said:
        raise Hold(f'{campaign.audience} does not say in words who is in it; write a comment above it, or words="..."')
    if audience.digest is None:
        raise Hold(f"{campaign.brief.channel} publishes to everybody, which is no segment")
    frozen = audience_path(house.settings().home, audience.digest)
    markets = recipients_by_market(frozen, audience.digest)
    return Segment(
        name=Path(campaign.audience).stem.replace("_", " "),
        words=said,
        recipients=audience.rows,
        markets=", ".join(markets),
        query=query,
        makeup=tuple((market, f"{count:,}", _share(count, audience)) for market, count in markets.items()),
        audience=audience.digest,
    )


def _share(count: int, audience: Audience) -> str:
    return f"{100 * count / audience.candidates:.0f} % of {audience.candidates:,}"


def _is_comment(line: str) -> bool:
    return line.startswith("--")


def _summary(audience: Audience, exception_rows: int, report: Path) -> str:
    rules = [f"| {rule} | {count:,} |" for rule, count in audience.exceptions.items() if count]
    table = ["", "| rule | rows |", "|---|---:|", *rules] if rules else []
    return "\n".join(
        [
            f"**{audience.rows:,}** of {audience.candidates:,} recipients passed; {exception_rows:,} did not.",
            *table,
            "",
            f"[The whole report](/report/{report.stem}), which also opens without a network: `{report.name}`",
        ]
    )
