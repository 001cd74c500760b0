"""Hand over for delivery: a request to the press, and the run's end as the press records it.

The worker cannot send. It writes down what it wants sent and under which review; the press looks for
the decision itself, and sends or holds.
"""

import time
from uuid import uuid4

from prefect import State
from prefect.flow_runs import suspend_flow_run
from prefect.logging import get_run_logger
from prefect.states import Completed, Failed, Running

from presscheck.cleaning import clean_line, shorten
from presscheck.documents.sentences import capital
from presscheck.ledger import Event, EventKind, Reader
from presscheck.ledger.deliveries import ending_of, find_delivery, request_delivery
from presscheck.ledger.pausing import standing_of_delivery
from presscheck.ledger.reviews import mark_read
from presscheck.models import Frozen, Outcome, OutcomeStatus
from tasks import house
from tasks.effects import stood_in_for_by
from tasks.graph import Node
from tasks.holding import Hold, ended, require_sleep, this_run
from tasks.telling import question_page, told

_LOOK_EVERY_SECONDS = 0.5
_MOST_TRIES = 10


class _Report(Frozen):
    """What the press signed about a delivery."""

    delivered: bool
    words: str


@stood_in_for_by("deliver")
def deliver(outcome: Outcome | None, *, patience_seconds: float = 30) -> State:
    """Have what was approved delivered, and end the run: Delivered, Rejected, Expired or Withdrawn.

    Waits `patience_seconds` for the press, then sleeps until the door's bell rings. Raises Hold if the
    press held the delivery, or if there is nothing that could be delivered.
    """
    require_sleep("deliver")
    if outcome is None or outcome.decision is None:
        raise Hold("there is no decision to deliver on; nothing was sent")
    # By role: what a run says stays with Prefect, and who it was and what they noted is to be erasable.
    who = capital(outcome.person_name or "nobody")
    match outcome.status:
        case OutcomeStatus.APPROVED:
            return _deliver(outcome, patience_seconds)
        case OutcomeStatus.REJECTED:
            page = question_page(outcome.review)
            return ended("Rejected", f"{who} rejected {outcome.review}. Nothing was sent. Who and why: {page}")
        case OutcomeStatus.EXPIRED:
            return ended("Expired", f"Nobody answered {outcome.review} in time. Nothing was sent.")
        case OutcomeStatus.WITHDRAWN:
            return ended("Withdrawn", f"{outcome.review} was withdrawn. Nothing was sent.")
        case OutcomeStatus.WRITTEN:
            raise Hold(f"{who} handed in a text, and nobody has approved it yet. Nothing was sent.")
        case OutcomeStatus.CHANGES | OutcomeStatus.OPEN | OutcomeStatus.REOPENED:
            raise Hold(f"{who} asked for changes to {outcome.review} and no round is left. Nothing was sent.")


def _deliver(outcome: Outcome, patience_seconds: float) -> State:
    manifest = outcome.decision.manifest if outcome.decision else None
    if manifest is None:
        raise Hold(f"{outcome.review} was approved without a manifest; nothing was sent")
    if manifest.channel is None:
        raise Hold(f"{outcome.review} approved nothing that goes out; what it agreed to is for the campaign's steps")
    node = Node("delivery", "delivery", after=(outcome,), waiting=Running(name="With the press"))
    node.draw()
    with house.ledger().write() as tx:
        delivery = request_delivery(tx, manifest, review=outcome.review)
    for _ in range(_MOST_TRIES):
        report = _wait(delivery, patience_seconds, node)
        if report is not None:
            node.show(Completed(name="Delivered") if report.delivered else Failed(name="Held", message=report.words))
            with house.ledger().write() as tx:
                mark_read(tx, this_run(), delivery)
            if not report.delivered:
                raise Hold(report.words)
            return ended("Delivered", report.words)
        # A key that was never used: nothing can be stored under it, and a wake proves nothing.
        suspend_flow_run(key=f"delivery-{uuid4().hex}", timeout=None)
    raise Hold(f"{delivery}: Prefect would not let the run sleep until the press is done; see who changes its store")


def _wait(delivery: str, patience_seconds: float, node: Node) -> _Report | None:
    until = time.monotonic() + patience_seconds
    shown = 0
    while True:
        with house.ledger().read() as tx:
            report = _reported(tx, delivery)
            standing = standing_of_delivery(tx, delivery)
            row = find_delivery(tx, delivery)
        if report is None and standing is not None and standing.seq != shown:
            shown = standing.seq
            _show_standing(node, delivery, standing, row.reason if row is not None else "")
        if report is not None or time.monotonic() >= until:
            return report
        time.sleep(_LOOK_EVERY_SECONDS)


def _show_standing(node: Node, delivery: str, standing: Event, reason: str) -> None:
    """Let the run's graph say that the delivery is paused, waits for its way out or goes on; and stop the bell.

    `reason` is the row's, for people: it says since when, why, and when it is tried next.
    """
    name, words = _told_of(delivery, standing, reason)
    if standing.kind == EventKind.DELIVERY_WAITING:
        get_run_logger().warning("%s", told(words))
    node.show(Running(name=name, message=words))
    with house.ledger().write() as tx:
        mark_read(tx, this_run(), f"{delivery}/{standing.seq}")


def _told_of(delivery: str, standing: Event, reason: str) -> tuple[str, str]:
    """The name of the state and its words."""
    data = standing.data
    counts = f"{data.get('sent', 0):,} sent, {data.get('left', 0):,} left"
    if standing.kind == EventKind.DELIVERY_PAUSED:
        scope = "everything" if data.get("scope") == "*" else clean_line(str(data.get("scope", "")))
        return "Paused", f"{delivery} is paused ({scope}): {counts}"
    if standing.kind == EventKind.DELIVERY_WAITING:
        code = clean_line(str(data.get("code", "no code")))
        return "Waiting", f"{delivery} waits ({code}): {counts}. {shorten(clean_line(reason), 500)}"
    return "With the press", f"{delivery} goes on: {data.get('left', 0):,} left"


def _reported(tx: Reader, delivery: str) -> _Report | None:
    """What the press signed; the deliveries table is for display and proves nothing."""
    event = ending_of(tx, delivery)
    if event is None:
        return None
    if event.kind == EventKind.DELIVERY_HELD:
        # The press signs the code; the words beside it are for people, and never taken for more.
        row = find_delivery(tx, delivery)
        why = shorten(clean_line(row.reason), 500) if row is not None and row.reason else "the press's log says more"
        return _Report(delivered=False, words=f"{delivery} was held ({event.data.get('code', 'no code')}): {why}")
    counts = {name: event.data.get(name, 0) for name in ("sent", "suppressed", "failed", "unknown")}
    told = ", ".join(f"{count:,} {name}" for name, count in counts.items() if count or name == "sent")
    return _Report(delivered=True, words=f"{delivery}: {told}")
