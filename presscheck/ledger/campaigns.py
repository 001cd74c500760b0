"""Campaign runs: which flow, from which brief, started by whom, ended how.

Whoever sets a run going may not approve what it asks: who started it, who ran it again, and of a deployment's run
everybody whose setting it began with.
"""

from collections import defaultdict
from collections.abc import Collection, Mapping
from datetime import UTC, datetime, timedelta
from typing import Any

from sqlalchemy import insert, select, update
from sqlalchemy.engine import Row

from presscheck.ledger import tables
from presscheck.ledger.chain import Event
from presscheck.ledger.kinds import EventKind
from presscheck.ledger.store import Reader, Writer

PARAMETERS = "parameters"
"""What a deployment's runs are given, however they start."""
SCHEDULES = "schedules"
"""When it starts by itself, and with what; several people may each have written one."""
# When a run was made is said by the clock of Prefect's server, which may go otherwise than the ledger's.
_CLOCKS_DIFFER = timedelta(minutes=5)
_EVER = datetime(2000, 1, 1, tzinfo=UTC)


_BRIEFS = (EventKind.CAMPAIGN_OPENED, EventKind.BRIEF_ADDED)


def open_campaign(tx: Writer, run: str, *, campaign: str, brief: str, asked: Mapping[str, str] | None = None) -> None:
    """Record that a run began from a brief (its asset's digest), or that it goes by another one beside that.

    `asked` is what the flow named it by: its file, segment, catalogue, channel and language. The same again changes
    nothing.
    """
    if any(event.data.get("asked") == asked for event in briefs_opened(tx, run)):
        return
    said = {"campaign": campaign, "brief": brief} | ({} if asked is None else {"asked": dict(asked)})
    if find_campaign(tx, run) is not None:
        tx.append(EventKind.BRIEF_ADDED, run, said, run=run)
        return
    event = tx.append(EventKind.CAMPAIGN_OPENED, run, said, run=run)
    row = {"run": run, "campaign": campaign, "brief": brief, "opened_at": event.at}
    tx.execute(insert(tables.campaigns), row)


def briefs_opened(tx: Reader, run: str) -> list[Event]:
    """What a run was opened with, oldest first: `brief`, and `asked` for what its flow named it by."""
    return tx.events(*_BRIEFS, subject=run, run=run)


def end_campaign(tx: Writer, run: str, *, ending: str) -> None:
    """Record how a run ended (delivered, rejected, expired, withdrawn, held); the same ending once."""
    row = find_campaign(tx, run)
    if row is None or row.ending == ending:
        return
    event = tx.append(EventKind.CAMPAIGN_ENDED, run, {"ending": ending}, run=run)
    table = tables.campaigns
    tx.execute(update(table).where(table.c.run == run).values(ended_at=event.at, ending=ending))


def find_campaign(tx: Reader, run: str) -> Row[Any] | None:
    """The campaign's row: run, campaign, brief, opened_at, ended_at, ending. For display."""
    return tx.execute(select(tables.campaigns).where(tables.campaigns.c.run == run)).first()


def record_start(tx: Writer, run: str, *, person: str, campaign: str, key: str = "", deployment: str = "") -> None:
    """The door records who started a run of a deployment, under which key; that person may not approve its copy."""
    body = {"person": person, "campaign": campaign, "key": key}
    tx.append(EventKind.RUN_STARTED, run, body | ({"deployment": deployment} if deployment else {}), run=run)


def record_found(tx: Writer, run: str, *, deployment: str, created: str, campaign: str = "") -> None:
    """The door records which deployment a run came from that nobody started there ("": none), since when it is, and of
    which flow ("": Prefect does not say)."""
    body = {"deployment": deployment, "created": created} | ({"campaign": campaign} if campaign else {})
    tx.append(EventKind.RUN_FOUND, run, body, run=run)


def record_setting(
    tx: Writer, deployment: str, *, person: str, sets: Collection[str], ends: Collection[str] = (), done: bool = True
) -> None:
    """The door records what somebody sets of a deployment: before Prefect hears of it, and when it is done.

    `sets` is of `PARAMETERS`, `SCHEDULES` and switches turned on (any other word); `ends` are switches turned off.
    """
    kind = EventKind.DEPLOYMENT_SET if done else EventKind.DEPLOYMENT_REQUESTED
    tx.append(kind, deployment, {"person": person, "sets": sorted(sets), "ends": sorted(ends)})


def starter_of(tx: Reader, run: str) -> str | None:
    """Who started the run at the door; None for a schedule's."""
    events = tx.events(EventKind.RUN_STARTED, subject=run, run=run)
    return str(events[0].data["person"]) if events else None


def is_origin_known(tx: Reader, run: str) -> bool:
    """Whether the door has taken down who started a run or which deployment it came from."""
    return bool(tx.events(EventKind.RUN_STARTED, EventKind.RUN_FOUND, subject=run, run=run))


def made_at(tx: Reader, run: str) -> datetime | None:
    """When a run was made, at the earliest; None where the door has not taken down where it comes from."""
    origins = tx.events(EventKind.RUN_STARTED, EventKind.RUN_FOUND, subject=run, run=run)
    return min((_made_at(tx, origin) for origin in origins), default=None)


def starters_of(tx: Reader, run: str, *, review: str = "") -> frozenset[str]:
    """Everybody who set a run going. Nobody, where it came from a schedule that was deployed from files.

    With a review: without those who had the run go again only after it was asked, which they had no part in.
    """
    found: set[str] = set()
    opened = tx.events(EventKind.REVIEW_OPENED, subject=review) if review else []
    for event in tx.events(EventKind.RUN_STARTED, EventKind.RUN_FOUND, EventKind.RUN_RETRIED, subject=run, run=run):
        if opened and event.kind == EventKind.RUN_RETRIED and event.seq > opened[0].seq:
            continue
        if "person" in event.data:
            found.add(str(event.data["person"]))
        if event.data.get("deployment"):
            found |= _setters_of(tx, event)
    return frozenset(found)


def _setters_of(tx: Reader, origin: Event) -> set[str]:
    """Whose settings a deployment's run began with; those of its schedule only where nobody started it by hand."""
    by_itself, made = origin.kind == EventKind.RUN_FOUND, _made_at(tx, origin)
    held: defaultdict[str, set[str]] = defaultdict(set)
    kinds = (EventKind.DEPLOYMENT_REQUESTED, EventKind.DEPLOYMENT_SET)
    for event in tx.events(*kinds, subject=str(origin.data["deployment"])):
        if event.seq > origin.seq:
            break
        # Once the run was made, nothing takes a part in it away: neither a switch turned off nor another's setting.
        replaces = event.kind == EventKind.DEPLOYMENT_SET and datetime.fromisoformat(event.at) <= made
        for what in event.data["sets"]:
            # Who sets the same anew answers for it from then on; of schedules there may be several, by a writer each.
            if replaces and what != SCHEDULES:
                held[what].clear()
            held[what].add(str(event.data["person"]))
        for what in event.data["ends"] if replaces else ():
            held[what].clear()
    return {person for what, people in held.items() if by_itself or what == PARAMETERS for person in people}


def _made_at(tx: Reader, origin: Event) -> datetime:
    """When the run was made, at the earliest."""
    if origin.kind == EventKind.RUN_STARTED:
        asked = tx.events(EventKind.RUN_REQUESTED, subject=str(origin.data.get("key", "")))
        return datetime.fromisoformat((asked[0] if asked else origin).at)
    try:
        made = datetime.fromisoformat(str(origin.data["created"]))
    except ValueError:
        return _EVER
    return _EVER if made.tzinfo is None else max(made, _EVER) - _CLOCKS_DIFFER
