"""The press: the only way out. It believes signed events, works everything else out anew, and sends once.

    press = Press(ledger, desk, channels, home)
    while not stop.is_set():
        press.step() or stop.wait(poll_seconds)

For each batch: the rows are committed as pending; then, in one transaction, the chain is followed,
the desk is asked again, suppression is read again and the rows become sending; then the channel is
called; then the outcome is recorded. After a kill the channel is asked what became of the rows that
were sending. What it cannot say stays unknown and is never repeated.

A pause is looked for in that same transaction, and all the while the channel sends; a recall too, which is
carried out before anything else.
"""

import logging
from collections import Counter
from collections.abc import Callable, Collection, Mapping
from dataclasses import dataclass
from datetime import datetime
from pathlib import Path
from typing import Any

from pydantic import ValidationError
from sqlalchemy.engine import Row

from presscheck.audiences import audience_path
from presscheck.desk import Basis, Desk
from presscheck.errors import AudienceChanged, ChannelError, LedgerError, LedgerForged, PictureChanged, PresscheckError
from presscheck.ledger import ChainMark, EventKind, Ledger, Reader, Writer, timestamp
from presscheck.ledger.chain import Event
from presscheck.ledger.deliveries import (
    add_messages,
    ending_of,
    find_delivery,
    messages_from,
    pending_deliveries,
    set_delivery,
    set_messages,
    stray_message,
)
from presscheck.ledger.pauses import Pause, Recall, order_over, recall_of, recalls_to_do, scopes_of
from presscheck.ledger.reviews import find_review, wake
from presscheck.ledger.suppressions import (
    Suppressions,
    suppressed_among,
    suppressions_fault,
    suppressions_shrunk,
)
from presscheck.models import Refused
from presscheck.pictures import pictures_folder
from presscheck.press.after_a_crash import fates_of, open_states, record_open
from presscheck.press.channels import Channel, Failed, Journaling, Sent, Stoppable, Unknown
from presscheck.press.feedback_bounds import Bounds
from presscheck.press.pausing import is_paused, pause, resume
from presscheck.press.plan import Plan, Planned, private_copy
from presscheck.press.preflight import not_ready
from presscheck.press.recalling import carry_out
from presscheck.press.records import (
    HandedOver,
    Request,
    batch_root,
    handed_over,
    live_permit,
    missing_head,
    progress_of,
    read_request,
    signed_counts,
    write_permit,
)
from presscheck.press.reporting import make_report
from presscheck.press.rows import COUNTED, altered, outbox_altered, state_of, states_of
from presscheck.press.watch import Watch
from presscheck.unsubscribe_links import LEAVE_HERE, WayToLeave
from presscheck.unsubscribing import Leaving
from presscheck.ways_out import why_not

__all__ = ["Press"]

_log = logging.getLogger(__name__)


def _nobody() -> Collection[str]:
    return ()


@dataclass(frozen=True)
class _Job:
    """A delivery that may begin: what was asked for, how it goes out, and who gets what."""

    request: Request
    channel: Channel
    plan: Plan
    begun: tuple[HandedOver, ...]
    scopes: tuple[str, ...]
    """Under which names this delivery can be paused."""


class Press:
    """Carries out deliveries, one after the other.

    `channels` are the ways out by name: a manifest's `via` that is not among them is held.
    `suppressed` gives further address hashes, beside the ledger's, and is asked at every batch.
    `leave` is where the readers of e-mails unsubscribe. `came_back` reads bounces and complaints, and is called
    before every batch. `alone` raises where this is not the only press any more, and is asked before every batch, in
    the transaction that hands it over.
    """

    def __init__(
        self,
        ledger: Ledger,
        desk: Desk,
        channels: Mapping[str, Channel],
        home: Path,
        *,
        batch_size: int = 500,
        suppressed: Callable[[], Collection[str]] = _nobody,
        stopping: Callable[[], bool] = lambda: False,
        leave: WayToLeave = LEAVE_HERE,
        came_back: Callable[[], object] = lambda: None,
        alone: Callable[[Reader], None] = lambda tx: None,
    ) -> None:
        if ledger.signer is None:
            raise LedgerError(f"{ledger.place}: opened for reading only; the press signs what it sends")
        self.ledger = ledger
        self.desk = desk
        self._leaving = Leaving(ledger.signer, leave)
        self._came_back = came_back
        self._alone = alone
        self._bounds = Bounds(desk.policies)
        self.channels = channels
        self.home = home
        self.batch_size = batch_size
        self._suppressed = suppressed
        self._stopping = stopping
        self._mark = ChainMark()
        self._suppressions = Suppressions()

    def step(self) -> bool:
        """Carry out what waits; whether anything did.

        A delivery that an error stops stays as it is, to be gone on with; the others are carried out
        all the same, and then the first error is raised.
        """
        self._came_back()
        with self.ledger.read() as tx:
            self._alone(tx)
            recalls = recalls_to_do(tx)
            # What waits for somebody to let it go on costs no more than this look.
            waiting = [row.id for row in pending_deliveries(tx) if not self._waits_on(tx, row.id)]
            if waiting:
                # A long ledger is followed here, where nobody has to wait; a fault shows again below.
                mark, fault = tx.follow(self._mark)
                self._mark = mark if fault is None else self._mark
        errors: list[PresscheckError] = []
        work = [*((self._recall, delivery) for delivery in recalls), *((self._deliver, one) for one in waiting)]
        for do, delivery in work:
            if self._stopping():
                break
            try:
                do(delivery)
            except PresscheckError as error:
                errors.append(error)
        if errors:
            raise errors[0]
        return bool(work)

    def _waits_on(self, tx: Reader, delivery: str) -> bool:
        """Whether it is recorded as paused, and still is; a recall ends that."""
        return is_paused(tx, delivery) and isinstance(self._order_over(tx, delivery), Pause)

    def _order_over(self, tx: Reader, delivery: str) -> Recall | Pause | None:
        return order_over(tx, delivery, _scopes(tx, delivery))

    def _deliver(self, delivery: str) -> None:
        job = self._begin(delivery)
        if job is None:
            return
        while not self._stopping():
            self._came_back()
            if not self._batch(job):
                return

    # ------------------------------------------------------------ the permit

    def _begin(self, delivery: str) -> _Job | None:
        """The job, with a permit; None if it has ended, or was held now with its reason."""
        if self._obey(delivery):
            return None
        with self.ledger.read() as tx:
            # Read where nobody has to wait; whatever is taken out after this shows by its number at each batch.
            self._suppressions, fault = suppressions_fault(tx)
        with self.ledger.write() as tx:
            if ending := ending_of(tx, delivery):
                self._restore(tx, delivery, ending)
                return None
            allowed = self._allowed(tx, delivery) if fault is None else _altered_suppressions(fault)
            if isinstance(allowed, Refused):
                self._hold(tx, delivery, allowed, refuse_permit=True)
                return None
            request, channel, basis = allowed
            resume(tx, request)
            scopes = _scopes(tx, delivery)
            if live_permit(tx, delivery, basis) is None:
                write_permit(tx, request, basis)
            # One Date header for the whole delivery, also when it goes on after a kill.
            at = datetime.fromisoformat(tx.events(EventKind.PERMIT_ISSUED, subject=delivery)[0].at)
            begun = handed_over(tx, delivery)
            set_delivery(tx, delivery, state="sending")
        try:
            copy = self._private_audience(request)
            plan = Plan(
                delivery,
                request.manifest,
                basis,
                copy,
                at=at,
                leaving=self._leaving,
                pictures=pictures_folder(self.home),
            )
        except PictureChanged as error:
            return self._hold_now(delivery, "picture-changed", f"{error}.")
        except AudienceChanged as error:
            return self._hold_now(delivery, "audience-changed", f"{error}.")
        except ValueError as error:
            return self._hold_now(delivery, "cannot-deal", f"The audience cannot be dealt: {error}.")
        return _Job(request, channel, plan, begun, scopes)

    def _obey(self, delivery: str) -> bool:
        """Stop a delivery that somebody has stopped: it is paused then, or held for good. Whether it was."""
        with self.ledger.read() as tx:
            request, order = read_request(tx, delivery), self._order_over(tx, delivery)
            if order is None or isinstance(request, Refused) or ending_of(tx, delivery):
                return False
            channel = self.channels.get(request.manifest.via)
            # Asked where nobody has to wait: a receiver may be slow to say what it took.
            opened = open_states(tx, request, channel) if isinstance(order, Pause) else ()
        with self.ledger.write() as tx:
            # Somebody may have lifted it meanwhile.
            order = self._order_over(tx, delivery)
            if isinstance(order, Recall):
                self._hold(tx, delivery, _recalled(order))
            elif order is not None:
                pause(tx, request, order, opened)
        return order is not None

    def _allowed(self, tx: Writer, delivery: str) -> tuple[Request, Channel, Basis] | Refused:
        """Everything that has to hold before a permit, and again before every batch."""
        if fault := self._unsound(tx):
            return Refused(
                code="ledger-unsound",
                reason=f"The ledger is not sound, so nothing goes out: {fault}. `presscheck history --verify` "
                "shows the place; put back a copy that is sound.",
            )
        request = read_request(tx, delivery)
        if isinstance(request, Refused):
            return request
        manifest = request.manifest
        if (why := why_not(manifest.via, manifest.channel)) is not None:
            return Refused(code="no-such-way-out", reason=f"This cannot go out: {why}.")
        channel = self.channels.get(manifest.via)
        if channel is None:
            ways = ", ".join(sorted(self.channels)) or "none"
            return Refused(code="no-such-way-out", reason=f"This press has no way out {manifest.via}; it has: {ways}.")
        self._suppressions, fault = suppressions_shrunk(tx, self._suppressions)
        if fault is not None:
            return _altered_suppressions(fault)
        try:
            basis = self.desk.authorise(tx, manifest, request.review, audience=self._audience(request), as_of=tx.now)
        except (KeyError, TypeError, ValueError) as error:
            # Signed, and yet not of the shape that we write: nobody knows what it says, so it lets nothing out.
            _log.exception("%s: an event that this rests on cannot be read", delivery)
            return Refused(
                code="unreadable",
                reason=f"Something that this rests on is signed and cannot be read ({type(error).__name__}); the "
                "press's log says where. `presscheck history --verify` looks at the whole ledger.",
            )
        if isinstance(basis, Refused):
            return basis
        stopped = not_ready(channel, manifest, self._leaving.way) or self._bounds.passed(
            tx, delivery, manifest.channel, basis.brief.markets
        )
        return stopped or (request, channel, basis)

    def _unsound(self, tx: Writer) -> str | None:
        """The first fault of the chain since it was last followed, or a head that it lacks."""
        mark, fault = tx.follow(self._mark)
        if fault is not None:
            # The mark stays: a ledger that was replaced must not look sound at the second glance.
            return fault
        self._mark = mark
        return missing_head(tx)

    # ------------------------------------------------------------ a batch

    def _batch(self, job: _Job) -> bool:
        """Send the next batch; False when the delivery is over or held."""
        delivery = job.request.delivery
        with self.ledger.read() as tx:
            progress = progress_of(tx, delivery)
            # Never more than a batch, whatever lies there: each is asked for again.
            last = min(progress.next + self.batch_size, job.plan.size)
            stored = messages_from(tx, delivery, progress.next, last)
            stray = stray_message(tx, delivery, job.plan.size)
        if stray is not None:
            self._hold_now(delivery, "outbox-altered", outbox_altered(stray).reason)
            return False
        if progress.next >= job.plan.size:
            self._complete(job)
            return False
        try:
            planned = job.plan.read(progress.next, last)
        except AudienceChanged as error:
            self._hold_now(delivery, "audience-changed", f"{error}.")
            return False
        if changed := altered(job.plan, planned, stored):
            self._hold_now(delivery, changed.code, changed.reason)
            return False
        self._prepare(job, planned, stored)
        handed = self._hand_over(job, planned)
        if handed is None:
            self._obey(delivery)
            return False
        chosen, settled = handed
        answers = self._send(job, chosen) if chosen else ()
        if answers is None:
            return False
        self._record(job, planned, chosen, settled, answers)
        return True

    def _send(self, job: _Job, chosen: list[Planned]) -> Collection[Sent | Failed | Unknown] | None:
        """The channel's answers; None where a pause or a recall ended it in the middle of the batch.

        What was taken until then, and what was not, the channel is asked: exactly as after a crash.
        """
        delivery = job.request.delivery
        with Watch(self.ledger, delivery, job.scopes) as watch:
            if isinstance(job.channel, Stoppable):
                # A batch under way ends when the process is told to end, where the channel can be asked afterwards.
                journals = isinstance(job.channel, Journaling)
                job.channel.stop_when((lambda: self._stopping() or watch()) if journals else watch)
            try:
                return job.channel.send(delivery, list(job.plan.messages(chosen)))
            except ChannelError as error:
                if watch.order is not None:
                    _log.info("%s: %s", delivery, error)
                elif watch.blind:
                    raise LedgerError(
                        f"{self.ledger.place}: {delivery} was stopped, because the ledger could not be read, and "
                        "nobody could have seen a pause; it goes on by itself"
                    ) from error
                else:
                    raise
        self._obey(delivery)
        return None

    def _prepare(self, job: _Job, planned: list[Planned], stored: list[Row[Any]]) -> None:
        """Commit a row for each message, and find out what became of those that a kill left open."""
        delivery = job.request.delivery
        known = {row.position for row in stored}
        fates = fates_of(job.channel, delivery, job.begun, planned, stored)
        fresh = [job.plan.row(one) for one in planned if one.position not in known]
        if not fresh and not fates:
            return
        with self.ledger.write() as tx:
            add_messages(tx, fresh)
            for fate, state in (("sent", "sent"), ("not-sent", "pending"), ("unknown", "unknown")):
                at = [position for position, found in fates.items() if found == fate]
                detail = "the channel cannot say whether it took this before a crash" if fate == "unknown" else ""
                set_messages(tx, delivery, at, state=state, detail=detail)

    def _hand_over(self, job: _Job, planned: list[Planned]) -> tuple[list[Planned], dict[int, str]] | None:
        """Ask the desk again and mark what goes to the channel now; None if the delivery is held.

        With what goes, the states of what does not: the batch's event is made from these, and not from
        rows that somebody may alter meanwhile.
        """
        delivery = job.request.delivery
        suppressed = self._suppressed()
        with self.ledger.write() as tx:
            self._alone(tx)
            # Nobody else writes now: a pause is either seen here, or comes after this batch has begun.
            stopped_by = order_over(tx, delivery, job.scopes)
            allowed = self._allowed(tx, delivery) if stopped_by is None else None
            if isinstance(allowed, Refused):
                self._hold(tx, delivery, allowed)
            if allowed is None or isinstance(allowed, Refused):
                return None
            if live_permit(tx, delivery, allowed[2]) is None:
                write_permit(tx, job.request, allowed[2])
            states = states_of(tx, delivery, planned)
            odd_row = next((one for one in planned if states.get(one.position) not in ("pending", *COUNTED)), None)
            if odd_row is not None:
                self._hold(tx, delivery, outbox_altered(odd_row.position))
                return None
            pending = [one for one in planned if states.get(one.position) == "pending"]
            # What goes to everybody has no address that could be suppressed.
            hashes = {one.position: known for one in pending if (known := one.address_hash) is not None}
            stopped = suppressed_among(tx, hashes.values()) | {one for one in hashes.values() if one in suppressed}
            out = [one for one in pending if hashes.get(one.position) in stopped]
            left = [one for one in pending if hashes.get(one.position) not in stopped]
            odd = [one for one in left if not one.sendable]
            handed = [one for one in left if one.sendable]
            set_messages(tx, delivery, [one.position for one in out], state="suppressed")
            set_messages(tx, delivery, [one.position for one in odd], state="failed", detail="not an e-mail address")
            set_messages(tx, delivery, [one.position for one in handed], state="sending")
            if handed and isinstance(job.channel, Journaling):
                # Signed with the rows: a journal that is gone, or an older one in its place, is then missed.
                journal = job.channel.prepare(delivery, [one.key for one in handed])
                body = {"first": planned[0].position, "rows": len(planned), "journal": journal}
                tx.append(EventKind.BATCH_BEGUN, delivery, body, run=job.request.run)
        settled = {position: state for position, state in states.items() if state != "pending"}
        settled |= {one.position: "suppressed" for one in out} | {one.position: "failed" for one in odd}
        return handed, settled

    def _record(
        self,
        job: _Job,
        planned: list[Planned],
        handed: list[Planned],
        settled: Mapping[int, str],
        answers: Collection[Sent | Failed | Unknown],
    ) -> None:
        """Record what the channel answered, with one event for the batch."""
        delivery = job.request.delivery
        by_key = {answer.key: answer for answer in answers}
        with self.ledger.write() as tx:
            outcomes: dict[tuple[str, str], list[int]] = {}
            for one in handed:
                answer = by_key.get(one.key, Unknown(one.key, "the channel did not answer for this message"))
                outcomes.setdefault(state_of(answer), []).append(one.position)
            states = dict(settled)
            for (state, detail), positions in outcomes.items():
                set_messages(tx, delivery, positions, state=state, detail=detail)
                states |= dict.fromkeys(positions, state)
            counts = Counter(states.values())
            body = {
                "batch": progress_of(tx, delivery).batches + 1,
                "first": planned[0].position,
                "rows": len(planned),
                **{state: counts[state] for state in COUNTED},
                "root": batch_root([(one.key, states[one.position]) for one in planned]),
            }
            tx.append(EventKind.BATCH_SENT, delivery, body, run=job.request.run)
            # Added up, because counting a million rows again after each batch would take hours.
            row = find_delivery(tx, delivery)
            set_delivery(tx, delivery, **{state: getattr(row, state, 0) + counts[state] for state in COUNTED})

    # ------------------------------------------------------------ the end

    def _complete(self, job: _Job) -> None:
        delivery = job.request.delivery
        with self.ledger.read() as tx:
            basis = job.plan.basis
            approved_by = f"{self.desk.name_of(tx, basis.person)} ({basis.role.replace('_', ' ')})"
            if basis.by_rule:
                approved_by = f"the rule {basis.rule}, signed by {approved_by}"
            report = make_report(tx, job.request, job.plan, approved_by=approved_by)
        # Made before the end is recorded, so that whoever is told of it finds the page.
        job.channel.close(report)
        with self.ledger.write() as tx:
            counts = signed_counts(tx, delivery, COUNTED)
            permit = tx.events(EventKind.PERMIT_ISSUED, subject=delivery)[-1]
            tx.append(EventKind.PERMIT_SPENT, delivery, {"permit": permit.seq}, run=job.request.run)
            body = {"manifest": job.request.manifest.digest, **counts}
            tx.append(EventKind.DELIVERY_COMPLETED, delivery, body, run=job.request.run)
            set_delivery(tx, delivery, state="done", finished_at=timestamp(tx.now), **counts)
            wake(tx, job.request.run, delivery)
        self._copy(delivery).unlink(missing_ok=True)
        if counts["unknown"]:
            _log.warning("%s: nobody knows of %s messages whether they were sent; `presscheck unknown %s` lists them",
                         delivery, f"{counts['unknown']:,}", delivery)  # fmt: skip
        _log.info("%s is done: %s", delivery, ", ".join(f"{count:,} {state}" for state, count in counts.items()))

    def _hold(self, tx: Writer, delivery: str, refused: Refused, *, refuse_permit: bool = False) -> None:
        """Stop for good, say why, and ring for the flow. The event carries the code, the row the words."""
        row = read_request(tx, delivery)
        run = row.run if isinstance(row, Request) else _run_of(tx, delivery)
        if isinstance(row, Request):
            record_open(tx, row, self.channels.get(row.manifest.via))
        counts = signed_counts(tx, delivery, COUNTED)
        if refuse_permit:
            tx.append(EventKind.PERMIT_REFUSED, delivery, {"code": refused.code}, run=run)
        tx.append(EventKind.DELIVERY_HELD, delivery, {"code": refused.code, **counts}, run=run)
        set_delivery(tx, delivery, state="held", reason=refused.reason, finished_at=timestamp(tx.now), **counts)
        if run:
            wake(tx, run, delivery)
        self._copy(delivery).unlink(missing_ok=True)
        _log.warning("%s is held: %s", delivery, refused.reason)

    def _recall(self, delivery: str) -> None:
        """Carry a recall out: stop what is left for good, then take back what can be taken back."""
        with self.ledger.write() as tx:
            if fault := self._unsound(tx):
                raise LedgerError(f"{delivery} is not recalled, because the ledger is not sound: {fault}")
            order = recall_of(tx, delivery)
            if order is None or isinstance(request := read_request(tx, delivery), Refused):
                raise LedgerError(f"{delivery} cannot be recalled: its request cannot be believed")
            if ending_of(tx, delivery) is None:
                self._hold(tx, delivery, _recalled(order))
        carry_out(self.ledger, request, order, self.channels.get(request.manifest.via), self.home)

    def _hold_now(self, delivery: str, code: str, reason: str) -> None:
        with self.ledger.write() as tx:
            self._hold(tx, delivery, Refused(code=code, reason=reason))

    def _restore(self, tx: Writer, delivery: str, ending: Event) -> None:
        """Put a row right that says an ended delivery is still to do: what ended is never begun again."""
        held = ending.kind == EventKind.DELIVERY_HELD
        _log.warning("%s had ended as %s and was put back; nothing is sent again", delivery, ending.kind)
        set_delivery(tx, delivery, state="held" if held else "done")
        tx.append(EventKind.PERMIT_REFUSED, delivery, {"code": "replayed"}, run=ending.run)

    def _audience(self, request: Request) -> Path | None:
        audience = request.manifest.audience
        return None if audience is None else audience_path(self.home, audience)

    def _private_audience(self, request: Request) -> Path | None:
        source, digest = self._audience(request), request.manifest.audience
        if source is None or digest is None:
            return None
        return private_copy(source, digest, self._copy(request.delivery))

    def _copy(self, delivery: str) -> Path:
        return self.home / "press" / f"{delivery}.parquet"


def _altered_suppressions(fault: str) -> Refused:
    return Refused(
        code="suppressions-altered",
        reason=f"Nobody knows for sure who must not be written to, so nothing goes out: {fault}. Put back a copy "
        "that `presscheck history --verify` finds sound, or suppress the addresses anew.",
    )


def _recalled(order: Recall) -> Refused:
    why = f" ({order.reason})" if order.reason else ""
    return Refused(
        code="recalled",
        reason=f"It was recalled{why}. Nothing more of it goes out; `presscheck recall {order.delivery}` shows what "
        "came of what was out.",
    )


def _scopes(tx: Reader, delivery: str) -> tuple[str, ...]:
    """The scopes of a delivery; without a sound request it is in those that need none."""
    request = read_request(tx, delivery)
    if isinstance(request, Refused):
        return scopes_of(tx, delivery, "")
    try:
        review = find_review(tx, request.review)
    except (LedgerForged, ValidationError):
        # Such a review leads to a hold; until then the run's own names count.
        review = None
    return scopes_of(tx, delivery, request.run, *([] if review is None else [review.question.campaign]))


def _run_of(tx: Reader, delivery: str) -> str:
    """The run that a row names; where it cannot be believed it is only rung for."""
    return next((row.run for row in pending_deliveries(tx) if row.id == delivery), "")
