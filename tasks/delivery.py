"""Hand over for delivery: a request to the press, and the run's end as the press records it.

The worker cannot send. It writes down what it wants sent and under which review; the press looks for
the decision itself, and sends or holds.
"""

import time
from collections.abc import Sequence
from dataclasses import dataclass
from uuid import uuid4

from prefect import State
from prefect.flow_runs import suspend_flow_run
from prefect.logging import get_run_logger
from prefect.states import Completed, Failed, Running

from presscheck.cleaning import clean_line, shorten
from presscheck.documents.sentences import capital, listed
from presscheck.ledger import Event, EventKind, Reader
from presscheck.ledger.deliveries import ending_of, find_delivery, request_delivery
from presscheck.ledger.pausing import standings_of_delivery
from presscheck.ledger.reviews import find_review, mark_read, read_marks
from presscheck.models import Frozen, Manifest, Outcome, OutcomeStatus
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


class Sent(Frozen):
    """What the press carried out: a delivery, and how many messages of it ended as what."""

    delivery: str
    words: str


@stood_in_for_by("send")
def send(outcome: Outcome, *, patience_seconds: float = 30) -> Sent:
    """Have what was approved delivered, and go on when it is; the run has more to do.

    Waits `patience_seconds` for the press, then sleeps until the door's bell rings. Raises Hold if the press held the
    delivery, or if nothing was approved.
    """
    require_sleep("send")
    if outcome.status is not OutcomeStatus.APPROVED:
        raise Hold(
            f"{outcome.review} ended as {outcome.status.value}, so nothing of it is sent; look at answer.approved first"
        )
    return _carried_out(_request(outcome), patience_seconds)


@stood_in_for_by("deliver")
def deliver(*outcomes: Outcome | None, patience_seconds: float = 30) -> State:
    """Have what was approved delivered, and end the run: Delivered, Rejected, Expired or Withdrawn.

    Several answers are delivered side by side, each under its own yes; the run ends as Delivered if one of them was.
    Waits `patience_seconds` for the press, then sleeps until the door's bell rings. Raises Hold if the press held a
    delivery, or if there is nothing that could be delivered.
    """
    require_sleep("deliver")
    answers = list({one.review: one for one in outcomes if one is not None and one.decision is not None}.values())
    if not answers or len(answers) < len([one for one in outcomes if one is not None]):
        raise Hold("there is no decision to deliver on; nothing was sent")
    approved = [one for one in answers if one.status is OutcomeStatus.APPROVED]
    endings = [end_of(one) for one in answers if one.status is not OutcomeStatus.APPROVED]
    for one in approved:
        _outgoing(one)
    requested = [_request(one) for one in approved]
    # Each is waited for, so that a run that holds has nothing under way that nobody looks at.
    reports = _reports_on(requested, patience_seconds)
    if faults := [report.words for report in reports if not report.delivered]:
        raise Hold("; ".join(faults))
    if held := [words for name, words in endings if not name]:
        raise Hold(" ".join([*(report.words for report in reports), *held]))
    words = ". ".join([*(report.words for report in reports), *(words for _, words in endings)])
    return ended("Delivered" if reports else endings[0][0], words)


def end_of(outcome: Outcome) -> tuple[str, str]:
    """How a run ends on an answer that is no yes, and in which words; without a name where it may not end so."""
    # By role: what a run says stays with Prefect, and who it was and what they noted is to be erasable.
    who = capital(outcome.person_name or "nobody")
    match outcome.status:
        case OutcomeStatus.REJECTED:
            page = question_page(outcome.review)
            return "Rejected", f"{who} rejected {outcome.review}. Nothing was sent. Who and why: {page}"
        case OutcomeStatus.EXPIRED:
            return "Expired", f"Nobody answered {outcome.review} in time. Nothing was sent."
        case OutcomeStatus.WITHDRAWN:
            return "Withdrawn", f"{outcome.review} was withdrawn. Nothing was sent."
        case OutcomeStatus.WRITTEN:
            return "", f"{who} handed in a text, and nobody has approved it yet. Nothing was sent."
        case _:
            return "", f"{who} asked for changes to {outcome.review} and no round is left. Nothing was sent."


@dataclass(frozen=True)
class _Requested:
    delivery: str
    node: Node


def _outgoing(outcome: Outcome) -> Manifest:
    """The manifest that a yes is to. Hold where by it nothing goes out of this run."""
    manifest = outcome.decision.manifest if outcome.decision else None
    if manifest is None:
        raise Hold(f"{outcome.review} was approved without a manifest; nothing was sent")
    if manifest.channel is None:
        raise Hold(f"{outcome.review} approved nothing that goes out; what it agreed to is for the campaign's steps")
    if manifest.run != this_run():
        raise Hold(f"{outcome.review} was answered in another run; what was approved there is for that run")
    return manifest


def _request(outcome: Outcome) -> _Requested:
    """Ask the press to carry out what was approved, and draw that."""
    manifest = _outgoing(outcome)
    with house.ledger().read() as tx:
        asked = find_review(tx, outcome.review)
    gate = asked.question.gate if asked is not None else outcome.review
    # The first gate's node is called as it was when a run had one delivery.
    name = "delivery" if gate == "copy" else f"delivery: {gate}"
    node = Node(name, name, after=(outcome,), waiting=Running(name="With the press"))
    node.draw()
    with house.ledger().write() as tx:
        return _Requested(request_delivery(tx, manifest, review=outcome.review), node)


def _carried_out(requested: _Requested, patience_seconds: float) -> Sent:
    (report,) = _reports_on([requested], patience_seconds)
    if not report.delivered:
        raise Hold(report.words)
    return Sent(delivery=requested.delivery, words=report.words)


def _reports_on(requested: Sequence[_Requested], patience_seconds: float) -> list[_Report]:
    """What the press says of each delivery, in their order; the run sleeps until it has said it of all."""
    reports: dict[str, _Report] = {}
    for _ in range(_MOST_TRIES):
        _wait(requested, reports, patience_seconds)
        if len(reports) == len(requested):
            return [reports[one.delivery] for one in requested]
        # A key that was never used: nothing can be stored under it, and a wake proves nothing.
        suspend_flow_run(key=f"delivery-{uuid4().hex}", timeout=None)
    left = listed(one.delivery for one in requested if one.delivery not in reports)
    raise Hold(f"{left}: Prefect would not let the run sleep until the press is done; see who changes its store")


def _wait(requested: Sequence[_Requested], reports: dict[str, _Report], patience_seconds: float) -> None:
    """Look at each until all are reported on, or patience is over; what is new goes into `reports`."""
    until = time.monotonic() + patience_seconds
    while True:
        for one in requested:
            if one.delivery not in reports and (report := _look(one)) is not None:
                reports[one.delivery] = report
        if len(reports) == len(requested) or time.monotonic() >= until:
            return
        time.sleep(_LOOK_EVERY_SECONDS)


def _look(requested: _Requested) -> _Report | None:
    """What the press says of one by now, shown in the run's graph; whatever it said is read, so nothing of it rings."""
    delivery, node = requested.delivery, requested.node
    with house.ledger().read() as tx:
        report = _reported(tx, delivery)
        known = read_marks(tx, this_run())
        # A pause that is over by the time the run ends or sleeps on would wake it each second for as long.
        standing = [one for one in standings_of_delivery(tx, delivery) if f"{delivery}/{one.seq}" not in known]
        row = find_delivery(tx, delivery)
    if report is None and standing:
        _show_standing(node, delivery, standing[-1], row.reason if row is not None else "")
    if report is not None and delivery not in known:
        node.show(Completed(name="Delivered") if report.delivered else Failed(name="Held", message=report.words))
    read = [*(f"{delivery}/{one.seq}" for one in standing), *([delivery] if report is not None else [])]
    if unread := [subject for subject in read if subject not in known]:
        with house.ledger().write() as tx:
            for subject in unread:
                mark_read(tx, this_run(), subject)
    return report


def _show_standing(node: Node, delivery: str, standing: Event, reason: str) -> None:
    """Let the run's graph say that the delivery is paused, waits for its way out or goes on.

    `reason` is the row's, for people: it says since when, why, and when it is tried next.
    """
    name, words = _told_of(delivery, standing, reason)
    if standing.kind == EventKind.DELIVERY_WAITING:
        get_run_logger().warning("%s", told(words))
    node.show(Running(name=name, message=words))


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
