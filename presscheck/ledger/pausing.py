"""What is paused, by events that the door signed: a campaign, a run, a delivery, or everything.

    scopes = scopes_of(tx, delivery, run, question.campaign)
    order = order_over(tx, delivery, scopes)      # Recall, Pause, or None: it may go on

A pause holds until somebody lifts it, whatever happens in between. A recall cannot be lifted.
"""

from collections.abc import Iterable
from dataclasses import dataclass

from presscheck.ledger.chain import Event
from presscheck.ledger.kinds import EventKind
from presscheck.ledger.store import Reader

EVERYTHING = "*"
"""The scope of `--all`."""
_NAMING = (EventKind.CAMPAIGN_OPENED, EventKind.RUN_STARTED, EventKind.RUN_FOUND)


@dataclass(frozen=True)
class Pause:
    """Somebody's word that a scope stops."""

    scope: str
    person: str
    role: str
    reason: str
    at: str
    seq: int


@dataclass(frozen=True)
class Recall:
    """Somebody's decision that a delivery stops for good, and is taken back as far as that goes."""

    delivery: str
    person: str
    role: str
    reason: str
    at: str
    seq: int


def campaign_scope(name: str) -> str:
    """A campaign's name as a scope: the same for a flow and for its deployment."""
    return name.strip().lower().replace("_", "-")


def scopes_of(tx: Reader, delivery: str, run: str, *campaigns: str) -> tuple[str, ...]:
    """Every scope that a delivery is in. A campaign has each name that anybody signed for its run.

    A run that claims another name is thereby paused under two names, and under none fewer.
    """
    opened = tx.events(*_NAMING, subject=run)
    named = [*campaigns, *(str(event.data.get("campaign", "")) for event in opened)]
    return tuple(dict.fromkeys([EVERYTHING, delivery, run, *(campaign_scope(name) for name in named if name)]))


def read_scopes_ahead(tx: Reader, runs: Iterable[str]) -> None:
    """Read what names the campaigns of many runs with one question, so that `scopes_of` has it."""
    tx.read_ahead(*_NAMING, subjects=runs)


def pauses_of(tx: Reader, scope: str) -> tuple[Pause, ...]:
    """The pauses of one scope that nobody has lifted, oldest first."""
    found: list[Pause] = []
    for event in tx.events(EventKind.CAMPAIGN_PAUSED, EventKind.CAMPAIGN_UNPAUSED, subject=scope):
        if event.kind == EventKind.CAMPAIGN_UNPAUSED:
            found.clear()
        else:
            found.append(_pause(event))
    return tuple(found)


def all_pauses(tx: Reader) -> tuple[Pause, ...]:
    """Every pause that nobody has lifted, oldest first."""
    found: dict[str, list[Pause]] = {}
    for event in tx.events(EventKind.CAMPAIGN_PAUSED, EventKind.CAMPAIGN_UNPAUSED):
        if event.kind == EventKind.CAMPAIGN_UNPAUSED:
            found.pop(event.subject, None)
        else:
            found.setdefault(event.subject, []).append(_pause(event))
    return tuple(sorted((one for each in found.values() for one in each), key=lambda one: one.seq))


def order_over(tx: Reader, delivery: str, scopes: Iterable[str]) -> Recall | Pause | None:
    """What keeps a delivery from going on: its recall, else the first pause of one of its scopes."""
    recall = recall_of(tx, delivery)
    if recall is not None:
        return recall
    return next((pauses[0] for scope in scopes if (pauses := pauses_of(tx, scope))), None)


def recall_of(tx: Reader, delivery: str) -> Recall | None:
    """The decision to recall a delivery; the first, where there are several."""
    found = tx.events(EventKind.RECALL_DECIDED, subject=delivery)
    if not found:
        return None
    data, event = found[0].data, found[0]
    return Recall(
        delivery=delivery,
        person=str(data.get("person", "")),
        role=str(data.get("role", "")),
        reason=str(data.get("reason", "")),
        at=event.at,
        seq=event.seq,
    )


def recall_done(tx: Reader, delivery: str) -> Event | None:
    """The press's word on a recall that it has carried out."""
    found = tx.events(EventKind.RECALL_DONE, subject=delivery)
    return found[0] if found else None


def recalls_to_do(tx: Reader) -> list[str]:
    """Deliveries whose recall was decided and is not carried out yet, oldest first."""
    done = {event.subject for event in tx.events(EventKind.RECALL_DONE)}
    decided = dict.fromkeys(event.subject for event in tx.events(EventKind.RECALL_DECIDED))
    return [delivery for delivery in decided if delivery not in done]


def standing_of_delivery(tx: Reader, delivery: str) -> Event | None:
    """The press's last word on whether a delivery is paused, waits for its way out, or goes on.

    `delivery:paused`, `delivery:waiting` or `delivery:resumed`.
    """
    found = standings_of_delivery(tx, delivery)
    return found[-1] if found else None


def standings_of_delivery(tx: Reader, delivery: str) -> list[Event]:
    """All that the press has said of that, oldest first."""
    kinds = (EventKind.DELIVERY_PAUSED, EventKind.DELIVERY_WAITING, EventKind.DELIVERY_RESUMED)
    return tx.events(*kinds, subject=delivery)


def _pause(event: Event) -> Pause:
    data = event.data
    return Pause(
        scope=event.subject,
        person=str(data.get("person", "")),
        role=str(data.get("role", "")),
        reason=str(data.get("reason", "")),
        at=event.at,
        seq=event.seq,
    )
