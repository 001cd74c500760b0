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

What keeps a delivery from going on without being anybody's fault makes it wait (presscheck.press.waiting); whom the
server puts off form a queue of their own (presscheck.press.putting_off), and the rest goes on.
"""

import logging
from collections import Counter
from collections.abc import Callable, Collection, Mapping, Sequence
from dataclasses import dataclass, field
from datetime import datetime, timedelta
from pathlib import Path
from typing import Any

from pydantic import ValidationError
from sqlalchemy.engine import Row

from presscheck.assets.pictures.files import pictures_folder
from presscheck.desk import Basis, Desk
from presscheck.desk.apart import apart_fault
from presscheck.desk.gaps import began_before_gap
from presscheck.errors import (
    AudienceChanged,
    ChannelError,
    LedgerError,
    LedgerForged,
    NotAsSigned,
    NotNow,
    PictureChanged,
    PresscheckError,
)
from presscheck.ledger import ChainMark, EventKind, Ledger, Reader, Writer, timestamp
from presscheck.ledger.chain import Event
from presscheck.ledger.deliveries import (
    add_messages,
    ending_of,
    given_up,
    messages,
    messages_at,
    messages_from,
    pending_deliveries,
    retries_to_do,
    set_delivery,
    set_messages,
    stray_message,
)
from presscheck.ledger.pausing import Pause, Recall, order_over, recall_of, recalls_to_do, scopes_of
from presscheck.ledger.reviews import find_review
from presscheck.ledger.suppressions import (
    Suppressions,
    suppressed_among,
    suppressions_fault,
    suppressions_shrunk,
)
from presscheck.models import Refused
from presscheck.press.after_a_crash import fates_of, open_states, record_open
from presscheck.press.channels import Answered, Channel, Failed, Journaling, Stoppable, Unknown
from presscheck.press.feedback import note_refusals
from presscheck.press.feedback_bounds import Bounds
from presscheck.press.lock import PlaceLost
from presscheck.press.patience import Patience, Pauses, patience_of
from presscheck.press.pausing import is_paused, pause, resume
from presscheck.press.plan import Plan, Planned, private_copy
from presscheck.press.preflight import not_ready
from presscheck.press.putting_off import PutOffs, Round, begin_round, close_round, end_round
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
from presscheck.press.refusals import About
from presscheck.press.reporting import make_report
from presscheck.press.rows import COUNTED, altered, outbox_altered, state_of, states_of
from presscheck.press.waiting import PUT_OFF, is_waiting, wait, waits_since
from presscheck.press.watch import Watch
from presscheck.recipients.audiences import audience_path
from presscheck.recipients.leaving import Leaving
from presscheck.settings.ways_out import why_not
from presscheck.unsubscribe_links import LEAVE_HERE, WayToLeave

_log = logging.getLogger(__name__)

_NO_ADDRESS = "not an e-mail address"


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
    counts: Counter[str]
    """How many messages of the recorded batches ended as what."""
    patience: Patience
    put_off: PutOffs = field(default_factory=PutOffs)


class Press:
    """Carries out deliveries, one after the other.

    `channels` are the ways out by name: a manifest's `via` that is not among them is held.
    `suppressed` gives further address hashes, beside the ledger's, and is asked at every batch.
    `leave` is where the readers of e-mails unsubscribe. `came_back` reads bounces and complaints, and is called
    before every batch, as is `trials`, which carries out test sends. `pauses` lie between the tries of what waits; a
    press that starts anew tries at once. `alone` raises where this is not the only press any more, and is asked in the
    transaction that hands a batch over.
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
        trials: Callable[[], object] = lambda: None,
        alone: Callable[[Reader], None] = lambda tx: None,
        pauses: Pauses | None = None,
    ) -> None:
        if ledger.signer is None:
            raise LedgerError(f"{ledger.place}: opened for reading only; the press signs what it sends")
        self.ledger = ledger
        self.desk = desk
        self._leaving = Leaving(ledger.signer, leave)
        self._came_back = came_back
        self._trials = trials
        self._alone = alone
        self._bounds = Bounds(desk.policies)
        self.channels = channels
        self.home = home
        self.batch_size = batch_size
        self._suppressed = suppressed
        self._stopping = stopping
        self._mark = ChainMark()
        self._suppressions = Suppressions()
        self._pauses = pauses or Pauses()
        self._next_try: dict[str, datetime] = {}
        self._patience: dict[str, Patience] = {}

    def step(self) -> bool:
        """Carry out what waits; whether anything did.

        A delivery that an error stops waits, to be gone on with, and says so; the others are carried out all the
        same, and then the errors are raised: one as it is, several as one that tells each.
        """
        self._came_back()
        self._trials()
        with self.ledger.read() as tx:
            self._alone(tx)
            recalls = recalls_to_do(tx)
            again = [event.subject for event in retries_to_do(tx)]
            # What waits for somebody to let it go on, or for its next try, costs no more than this look.
            waiting = [row.id for row in pending_deliveries(tx) if not self._waits_on(tx, row.id, row.run)]
            if waiting:
                # A long ledger is followed here, where nobody has to wait; a fault shows again below.
                mark, fault = tx.follow(self._mark)
                self._mark = mark if fault is None else self._mark
        errors: dict[str, PresscheckError] = {}
        work = [
            *((self._recall, delivery) for delivery in recalls),
            *((self._deliver, one) for one in waiting),
            *((self._reopen, one) for one in again),
        ]
        for do, delivery in work:
            if self._stopping():
                break
            try:
                do(delivery)
            except PlaceLost:
                # Whoever is not alone any more writes nothing either: another press may be at work on it.
                raise
            except PresscheckError as error:
                errors[delivery] = error if do == self._recall else self._wait_after(delivery, error)
        if len(errors) > 1:
            # Each is told: with the first alone, nobody would learn of the second way out that broke.
            kind = ChannelError if all(isinstance(each, ChannelError) for each in errors.values()) else PresscheckError
            raise kind("\n".join(f"{delivery}: {error}" for delivery, error in errors.items()))
        for error in errors.values():
            raise error
        return bool(work)

    def _waits_on(self, tx: Reader, delivery: str, run: str) -> bool:
        """Whether it is recorded as paused, and still is, or waits for its next try; a recall ends both.

        A pause keeps open what may go on. What was begun before a gap never does, and is held under a pause as well.
        """
        paused, later = is_paused(tx, delivery), self._next_try.get(delivery)
        if not paused and (later is None or self.ledger.clock() >= later):
            return False
        order = _order_over(tx, delivery, read_request(tx, delivery))
        return isinstance(order, Pause) and began_before_gap(tx, run) is None if paused else order is None

    def _deliver(self, delivery: str) -> None:
        job = self._begin(delivery)
        if job is None:
            return
        while not self._stopping():
            self._came_back()
            self._trials()
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
            # Seconds for a million as well. What this press permits, it permits one after the other.
            looked_at = read_request(tx, delivery)
            together = None if ending_of(tx, delivery) else self._apart(tx, looked_at)
        with self.ledger.write() as tx:
            if ending := ending_of(tx, delivery):
                self._restore(tx, delivery, ending)
                return None
            allowed = self._allowed(tx, delivery) if fault is None else _altered_suppressions(fault)
            if not isinstance(allowed, Refused):
                # A row that says something else since: it was looked at for other people.
                allowed = together or (allowed if allowed[0] == looked_at else _altered_meanwhile())
            if isinstance(allowed, Refused):
                self._hold(tx, delivery, allowed, refuse_permit=True)
                return None
            request, channel, basis = allowed
            if is_paused(tx, delivery):
                resume(tx, request)
            scopes = _scopes(tx, delivery, request)
            if live_permit(tx, delivery, basis) is None:
                write_permit(tx, request, basis)
            # One Date header for the whole delivery, also when it goes on after a kill.
            at = datetime.fromisoformat(tx.events(EventKind.PERMIT_ISSUED, subject=delivery)[0].at)
            begun = handed_over(tx, delivery)
            close_round(tx, request, channel)
            if not is_waiting(tx, delivery):
                # What waits says so until something has gone out: a try is no progress yet.
                set_delivery(tx, delivery, state="sending")
            counts = Counter(signed_counts(tx, delivery, COUNTED))
            patience = patience_of(self.desk.policies().deliveries_for(request.manifest.channel, basis.brief.markets))
            self._patience[delivery] = patience
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
        except NotAsSigned as error:
            return self._hold_now(delivery, "not-as-signed", _not_as_signed(error))
        except ValueError as error:
            return self._hold_now(delivery, "cannot-deal", f"The audience cannot be dealt: {error}.")
        return _Job(request, channel, plan, begun, scopes, counts, patience)

    def _obey(self, delivery: str) -> bool:
        """Stop a delivery that somebody has stopped: it is paused then, or held for good. Whether it was."""
        with self.ledger.read() as tx:
            request = read_request(tx, delivery)
            order = _order_over(tx, delivery, request)
            if order is None or isinstance(request, Refused) or ending_of(tx, delivery):
                return False
            channel = self.channels.get(request.manifest.via)
            # Asked where nobody has to wait: a receiver may be slow to say what it took.
            opened = open_states(tx, request, channel) if isinstance(order, Pause) else ()
        with self.ledger.write() as tx:
            # Somebody may have lifted it meanwhile.
            order = _order_over(tx, delivery, request)
            if isinstance(order, Recall):
                self._hold(tx, delivery, _recalled(order))
            elif order is not None and (barred := began_before_gap(tx, request.run)):
                self._hold(tx, delivery, barred)
            elif order is not None:
                close_round(tx, request, channel)
                pause(tx, request, order, opened)
        return order is not None

    def _allowed(self, tx: Writer, delivery: str) -> tuple[Request, Channel, Basis] | Refused:
        """Everything that has to hold before a permit, and again before every batch."""
        if fault := self._unsound(tx):
            return Refused(
                code="ledger-unsound",
                reason=f"The ledger is not sound, so nothing goes out: {fault}. `presscheck history --verify` "
                "shows the place; put back a copy that is sound, with `presscheck restore`.",
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
            tx, delivery, manifest.channel, basis.brief.markets, self._audience(request)
        )
        return stopped or (request, channel, basis)

    def _apart(self, tx: Reader, request: Request | Refused) -> Refused | None:
        """Whether somebody would be written to twice in one run, or was held out; frozen files stay what they are."""
        if isinstance(request, Refused) or request.manifest.audience is None:
            return None
        audience, besides = request.manifest.audience, request.manifest.besides
        return apart_fault(tx, request.run, audience, besides=besides, home=self.home, delivery=request.delivery)

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
            job.put_off.follow(tx, delivery)
            again = job.put_off.due(tx, delivery, self.ledger.clock(), self.batch_size)
        if stray is None:
            stray = again.stray
        if stray is not None:
            self._hold_now(delivery, "outbox-altered", outbox_altered(stray).reason)
            return False
        if again.positions:
            return self._try_again(job, again.positions)
        if progress.next >= job.plan.size:
            if again.next_try is not None:
                self._wait_for_put_off(job, again)
            else:
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

    def _send(self, job: _Job, chosen: list[Planned], *, again: bool = False) -> Collection[Answered] | None:
        """The channel's answers; None where a pause or a recall ended it in the middle of the batch.

        What was taken until then, and what was not, the channel is asked: exactly as after a crash.
        """
        delivery = job.request.delivery
        try:
            messages = list(job.plan.messages(chosen, proven=job.counts["sent"] > 0, again=again))
        except NotAsSigned as error:
            return self._hold_now(delivery, "not-as-signed", _not_as_signed(error))
        with Watch(self.ledger, delivery, job.scopes) as watch:
            if isinstance(job.channel, Stoppable):
                # A batch under way ends when the process is told to end, where the channel can be asked afterwards.
                journals = isinstance(job.channel, Journaling)
                job.channel.stop_when((lambda: self._stopping() or watch()) if journals else watch)
            try:
                return job.channel.send(delivery, messages)
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

    def _hand_over(
        self, job: _Job, planned: list[Planned], *, again: bool = False
    ) -> tuple[list[Planned], dict[int, str]] | None:
        """Ask the desk again and mark what goes to the channel now; None if the delivery is held.

        With what goes, the states of what does not: the batch's event is made from these, and not from
        rows that somebody may alter meanwhile. `again`: these were put off before.
        """
        delivery = job.request.delivery
        suppressed = self._suppressed()
        ready, ended = ("put-off", ()) if again else ("pending", COUNTED)
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
            odd_row = next((one for one in planned if states.get(one.position) not in (ready, *ended)), None)
            if odd_row is not None:
                self._hold(tx, delivery, outbox_altered(odd_row.position))
                return None
            pending = [one for one in planned if states.get(one.position) == ready]
            # What goes to everybody has no address that could be suppressed.
            hashes = {one.position: known for one in pending if (known := one.address_hash) is not None}
            stopped = suppressed_among(tx, hashes.values()) | {one for one in hashes.values() if one in suppressed}
            out = [one for one in pending if hashes.get(one.position) in stopped]
            left = [one for one in pending if hashes.get(one.position) not in stopped]
            odd = [one for one in left if not one.sendable]
            handed = [one for one in left if one.sendable]
            # Signed with the rows: a journal that is gone, or an older one in its place, is then missed.
            journal = ""
            if handed and isinstance(job.channel, Journaling):
                journal = job.channel.prepare(delivery, [one.key for one in handed])
            if again:
                # The others keep their rows until what became of them is signed: a kill may come between.
                begin_round(tx, job.request, {one.position: one.key for one in handed}, journal)
            else:
                set_messages(tx, delivery, [one.position for one in out], state="suppressed")
                set_messages(tx, delivery, [one.position for one in odd], state="failed", detail=_NO_ADDRESS)
                set_messages(tx, delivery, [one.position for one in handed], state="sending")
                if journal:
                    body = {"first": planned[0].position, "rows": len(planned), "journal": journal}
                    tx.append(EventKind.BATCH_BEGUN, delivery, body, run=job.request.run)
        settled = {position: state for position, state in states.items() if state != ready}
        settled |= {one.position: "suppressed" for one in out} | {one.position: "failed" for one in odd}
        return handed, settled

    def _record(
        self,
        job: _Job,
        planned: list[Planned],
        handed: list[Planned],
        settled: Mapping[int, str],
        answers: Collection[Answered],
    ) -> None:
        """Record what the channel answered, with one event for the batch."""
        delivery = job.request.delivery
        told = _told(handed, answers)
        with self.ledger.write() as tx:
            if is_waiting(tx, delivery):
                resume(tx, job.request)
            states = dict(settled)
            for (state, detail), chosen in _by_outcome(told).items():
                positions = [one.position for one in chosen]
                later = self._pauses.next_try(tx.now, timedelta()) if state == "put-off" else None
                set_messages(tx, delivery, positions, state=state, detail=detail, next_try=later)
                states |= dict.fromkeys(positions, state)
            counts = Counter(states.values())
            put_off = sorted(position for position, state in states.items() if state == "put-off")
            body = {
                "batch": progress_of(tx, delivery).batches + 1,
                "first": planned[0].position,
                "rows": len(planned),
                **{state: counts[state] for state in COUNTED},
                "root": batch_root([(one.key, states[one.position]) for one in planned]),
                **({"put-off": len(put_off), "put_off_at": put_off} if put_off else {}),
            }
            tx.append(EventKind.BATCH_SENT, delivery, body, run=job.request.run)
            self._note(tx, job.request, told)
            # Added up, because counting a million rows again after each batch would take hours.
            job.counts.update(counts)
            set_delivery(tx, delivery, **{state: job.counts[state] for state in COUNTED})

    def _note(self, tx: Writer, request: Request, told: Sequence[tuple[Planned, Answered]]) -> None:
        """A refusal at once counts and suppresses as its report by mail would: nobody is tried again who is gone."""
        refused: dict[str, About] = {}
        for one, answer in told:
            if isinstance(answer, Failed) and answer.about is not None:
                refused[one.address] = answer.about
        note_refusals(tx, request.delivery, refused, self.desk.policies)

    # ------------------------------------------------------------ who was put off, and what waits

    def _try_again(self, job: _Job, positions: Sequence[int]) -> bool:
        """Try those again whose time has come; whether the delivery goes on."""
        delivery = job.request.delivery
        try:
            planned = job.plan.pick(positions)
        except AudienceChanged as error:
            self._hold_now(delivery, "audience-changed", f"{error}.")
            return False
        with self.ledger.read() as tx:
            changed = altered(job.plan, planned, messages_at(tx, delivery, positions))
        if changed is not None:
            self._hold_now(delivery, changed.code, changed.reason)
            return False
        handed = self._hand_over(job, planned, again=True)
        if handed is None:
            self._obey(delivery)
            return False
        chosen, settled = handed
        answers = self._send(job, chosen, again=True) if chosen else ()
        if answers is None:
            return False
        self._record_again(job, chosen, settled, answers)
        return True

    def _record_again(
        self, job: _Job, handed: list[Planned], settled: Mapping[int, str], answers: Collection[Answered]
    ) -> None:
        """Record what came of a further try. Who has been put off for longer than the policies try is given up."""
        delivery = job.request.delivery
        told = _told(handed, answers)
        with self.ledger.write() as tx:
            if is_waiting(tx, delivery) and not is_waiting(tx, delivery, PUT_OFF):
                resume(tx, job.request)
            ended: dict[str, list[int]] = {}
            for state in ("suppressed", "failed"):
                ended[state] = [position for position, found in settled.items() if found == state]
                set_messages(tx, delivery, ended[state], state=state, detail=_NO_ADDRESS if state == "failed" else "")
            for (state, detail), chosen in _by_outcome(told).items():
                if state != "put-off":
                    positions = [one.position for one in chosen]
                    set_messages(tx, delivery, positions, state=state, detail=detail)
                    ended.setdefault(state, []).extend(positions)
                    continue
                for one in chosen:
                    waited = tx.now - job.put_off.since[one.position]
                    if waited >= job.patience.tries:
                        ended.setdefault("given_up", []).append(one.position)
                        words = f"put off by the mail server for {_hours(waited)}, and given up: {detail}"
                        set_messages(tx, delivery, [one.position], state="failed", detail=words)
                    else:
                        later = self._pauses.next_try(tx.now, waited)
                        set_messages(tx, delivery, [one.position], state=state, detail=detail, next_try=later)
            end_round(tx, job.request, ended)
            self._note(tx, job.request, told)
            job.counts.update({"failed" if end == "given_up" else end: len(at) for end, at in ended.items()})
            set_delivery(tx, delivery, **{state: job.counts[state] for state in COUNTED})

    def _wait_for_put_off(self, job: _Job, again: Round) -> None:
        """Everything is out but for those put off: the delivery waits for the next of them."""
        delivery, later = job.request.delivery, again.next_try or self.ledger.clock()
        with self.ledger.write() as tx:
            rows = messages(tx, delivery, "put-off", limit=1)
            said = f" ({rows[0].detail})" if rows and rows[0].detail else ""
            why = f"{len(job.put_off.since):,} of {job.plan.size:,} messages were put off by the mail server{said}"
            wait(tx, job.request, code=PUT_OFF, why=why, next_try=later)
        self._next_try[delivery] = later

    def _reopen(self, delivery: str) -> None:
        """Put those back into the queue who were given up, because somebody decided it; nobody else is touched."""
        with self.ledger.write() as tx:
            if fault := self._unsound(tx):
                raise LedgerError(f"{delivery} is not tried again, because the ledger is not sound: {fault}")
            decided = next((event for event in retries_to_do(tx) if event.subject == delivery), None)
            request = read_request(tx, delivery)
            if decided is None or isinstance(request, Refused):
                return
            positions = given_up(tx, delivery)
            set_messages(tx, delivery, positions, state="put-off", detail="tried again, because somebody decided it")
            body = {"decided": decided.seq, "put_off_at": list(positions)}
            tx.append(EventKind.DELIVERY_REOPENED, delivery, body, run=request.run)
            counts = signed_counts(tx, delivery, COUNTED)
            set_delivery(tx, delivery, state="sending", reason="", finished_at=None, **counts)
        _log.info("%s is opened again for %s who were given up", delivery, f"{len(positions):,}")
        self._deliver(delivery)

    def _wait_after(self, delivery: str, error: PresscheckError) -> PresscheckError:
        """Let a delivery wait for what an error says, and hold it where it has waited for long enough; the error."""
        if not self._stopping():
            try:
                self._wait(delivery, error)
            except PresscheckError as worse:
                # It stays as it was, and is tried at the next step.
                _log.warning("%s: that it waits cannot be recorded: %s", delivery, worse)
        return error

    def _wait(self, delivery: str, error: PresscheckError) -> None:
        with self.ledger.read() as tx:
            request = read_request(tx, delivery)
            if isinstance(request, Refused):
                return
            channel = self.channels.get(request.manifest.via)
            # Only from its own journal: whoever is away cannot be asked.
            opened = open_states(tx, request, channel) if isinstance(channel, Journaling) else ()
        code = error.code if isinstance(error, NotNow) else "way-out" if isinstance(error, ChannelError) else "press"
        taken = error.taken if isinstance(error, NotNow) else 0
        patience = self._patience.get(delivery, Patience())
        with self.ledger.write() as tx:
            if ending_of(tx, delivery) is not None or _order_over(tx, delivery, request) is not None:
                return
            waited = timedelta() if taken else tx.now - waits_since(tx, delivery)
            if waited >= patience.waits:
                reason = f"It waited for {_hours(waited)}, and that is as long as a delivery may: {error}"
                self._hold(tx, delivery, Refused(code="waited-too-long", reason=reason))
                return
            later = self._pauses.next_try(tx.now, waited)
            wait(tx, request, code=code, why=str(error), next_try=later, opened=opened, went_on=taken > 0)
        self._next_try[delivery] = later

    # ------------------------------------------------------------ the end

    def _complete(self, job: _Job) -> None:
        delivery = job.request.delivery
        with self.ledger.read() as tx:
            short = self._too_few(tx, job)
        if short is not None:
            self._hold_now(delivery, short.code, short.reason)
            return
        with self.ledger.read() as tx:
            report = make_report(tx, job.request, job.plan)
        # Made before the end is recorded, so that whoever is told of it finds the page.
        job.channel.close(report)
        with self.ledger.write() as tx:
            counts = signed_counts(tx, delivery, COUNTED)
            permit = tx.events(EventKind.PERMIT_ISSUED, subject=delivery)[-1]
            tx.append(EventKind.PERMIT_SPENT, delivery, {"permit": permit.seq}, run=job.request.run)
            body = {"manifest": job.request.manifest.digest, **counts}
            tx.append(EventKind.DELIVERY_COMPLETED, delivery, body, run=job.request.run)
            set_delivery(tx, delivery, state="done", reason="", finished_at=timestamp(tx.now), **counts)
        self._copy(delivery).unlink(missing_ok=True)
        if counts["unknown"]:
            _log.warning("%s: nobody knows of %s messages whether they were sent; `presscheck unknown %s` lists them",
                         delivery, f"{counts['unknown']:,}", delivery)  # fmt: skip
        _log.info("%s is done: %s", delivery, ", ".join(f"{count:,} {state}" for state, count in counts.items()))

    def _too_few(self, tx: Reader, job: _Job) -> Refused | None:
        """The hold of a delivery that is over and reached nobody, or fewer than its policies ask for."""
        delivery = job.request.delivery
        counts = signed_counts(tx, delivery, COUNTED)
        # What nobody knows of may have arrived.
        reached, failed = counts["sent"] + counts["unknown"], counts["failed"]
        manifest, markets = job.request.manifest, job.plan.basis.brief.markets
        rules = self.desk.policies().deliveries_for(manifest.channel, markets)
        short = next((told for rule in rules if (told := rule.shortfall(reached, reached + failed))), None)
        if reached and short is None:
            return None
        came_to = ", ".join(f"{count:,} {state}" for state, count in counts.items() if count) or "nobody was there"
        rows = messages(tx, delivery, "failed", limit=1)
        said = f" The first answer was: {rows[0].detail}." if rows and rows[0].detail else ""
        again = f" `presscheck retry {delivery}` tries those given up again." if given_up(tx, delivery) else ""
        what = short or f"Nobody was reached: {came_to}."
        return Refused(code="too-few", reason=f"{what}{said}{again}")

    def _hold(self, tx: Writer, delivery: str, refused: Refused, *, refuse_permit: bool = False) -> None:
        """Stop for good, say why, and ring for the flow. The event carries the code, the row the words."""
        row = read_request(tx, delivery)
        run = row.run if isinstance(row, Request) else _run_of(tx, delivery)
        if isinstance(row, Request):
            close_round(tx, row, self.channels.get(row.manifest.via))
            record_open(tx, row, self.channels.get(row.manifest.via))
        counts = signed_counts(tx, delivery, COUNTED)
        if refuse_permit:
            tx.append(EventKind.PERMIT_REFUSED, delivery, {"code": refused.code}, run=run)
        tx.append(EventKind.DELIVERY_HELD, delivery, {"code": refused.code, **counts}, run=run)
        set_delivery(tx, delivery, state="held", reason=refused.reason, finished_at=timestamp(tx.now), **counts)
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


def _told(handed: Sequence[Planned], answers: Collection[Answered]) -> list[tuple[Planned, Answered]]:
    """What the channel said of each message; unknown where it said nothing."""
    by_key = {answer.key: answer for answer in answers}
    silent = "the channel did not answer for this message"
    return [(one, by_key.get(one.key, Unknown(one.key, silent))) for one in handed]


def _by_outcome(told: Sequence[tuple[Planned, Answered]]) -> dict[tuple[str, str], list[Planned]]:
    """The messages by state and words."""
    found: dict[tuple[str, str], list[Planned]] = {}
    for one, answer in told:
        found.setdefault(state_of(answer), []).append(one)
    return found


def _hours(time: timedelta) -> str:
    hours = round(time.total_seconds() / 3600)
    return f"{hours} hours" if hours > 1 else f"{round(time.total_seconds() / 60)} minutes"


def _altered_meanwhile() -> Refused:
    reason = "The stored request was altered while the press looked at it; ask again in a new run."
    return Refused(code="forged", reason=reason)


def _altered_suppressions(fault: str) -> Refused:
    return Refused(
        code="suppressions-altered",
        reason=f"Nobody knows for sure who must not be written to, so nothing goes out: {fault}. Put back a copy "
        "that `presscheck history --verify` finds sound, or suppress the addresses anew.",
    )


def _not_as_signed(error: NotAsSigned) -> str:
    return (
        f"{str(error)[:1].upper()}{str(error)[1:]}. Nothing of this batch went out; ask again in a new run, with words "
        "that stand as they are written."
    )


def _recalled(order: Recall) -> Refused:
    why = f" ({order.reason})" if order.reason else ""
    return Refused(
        code="recalled",
        reason=f"It was recalled{why}. Nothing more of it goes out; `presscheck recall {order.delivery}` shows what "
        "came of what was out.",
    )


def _order_over(tx: Reader, delivery: str, request: Request | Refused) -> Recall | Pause | None:
    return order_over(tx, delivery, _scopes(tx, delivery, request))


def _scopes(tx: Reader, delivery: str, request: Request | Refused) -> tuple[str, ...]:
    """The scopes of a delivery; without a sound request it is in those that need none."""
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
