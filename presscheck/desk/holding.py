"""An answer on the proof can be taken back for some seconds: it is judged when it is given, and anew when it counts.

    held = HeldAnswers(desk)
    held.give(review_id, person=person, raw=raw, fields=fields, proved_at=proved_at)
    held.take_back(review_id, person=person)
    held.send_now(review_id, person=person)
    held.submit_due()                                    # each second, by the door

How long is the approval model's `regret`. `give` refuses at once what the desk refuses, and holds what it would take.
When the time is over the very same judgement is made of the same answer; that it was, and what it came to, are one
transaction, so a door that is killed submits it once when it is back, whatever it was about to do. Nothing is held
for longer than the question may be answered.
"""

import logging
from collections.abc import Mapping, Sequence
from dataclasses import replace
from datetime import datetime, timedelta
from typing import TYPE_CHECKING, Any

from presscheck.desk.records import find
from presscheck.desk.situation import read_situation
from presscheck.desk.voices import moment
from presscheck.errors import PresscheckError
from presscheck.ledger import EventKind, Reader, Writer
from presscheck.ledger.held import (
    MORE,
    MOST_MORE,
    Given,
    HeldAnswer,
    answers_kept,
    due_answers,
    end_answer,
    end_lost,
    forget_answer,
    forget_older,
    held_answer,
    hold_answer,
    hold_until,
    last_said,
    lost_of,
    still_waits,
    take_back_answer,
    times_held,
)
from presscheck.ledger.reviews import find_review
from presscheck.models import Approval, Decision, Refused, Review
from presscheck.people.rights import RIGHTS_EVENTS

if TYPE_CHECKING:
    from presscheck.desk.desk import Desk

_log = logging.getLogger(__name__)

_BEFORE_THE_END = timedelta(seconds=5)
"""So long before a question's time is over what is held for it is submitted."""
MOST_HELD = 20
"""So often one person's answers to one question are held: each stands in the chain for good."""
_KEPT = timedelta(days=7)
_LATELY = timedelta(days=1)
"""Longer than anything is held; what was lost before is told where its question is opened by its own button."""
_NOT_THEIRS = (*RIGHTS_EVENTS, EventKind.CREDENTIAL_SET)
_ABOUT_A_KEY = (EventKind.PASSKEY_REMOVED, EventKind.IDENTITY_BOUND)
"""Such an event is about a passkey or an identity, and names the person within."""
_LOST = (
    "What the door kept of this answer is not what it had signed, so it cannot be shown, and it does not count. Look "
    "at the question, and answer again."
)


class HeldAnswers:
    """Those of one desk."""

    def __init__(self, desk: "Desk") -> None:
        self._desk = desk
        self._ledger = desk.ledger
        self._troubles: dict[tuple[str, str], str] = {}

    def give(
        self,
        review_id: str,
        *,
        person: str,
        raw: Mapping[str, Any],
        fields: Sequence[tuple[str, str]],
        proved_at: datetime | None,
    ) -> Decision | Approval | HeldAnswer | Refused:
        """Judge an answer and hold it; where it cannot be taken back it counts at once. `fields` are what was typed."""
        with self._ledger.read() as tx:
            if waiting := _waiting(tx, review_id, person):
                return waiting
            holds = self._until(tx, review_id, person) is not None
        if not holds:
            judged = self._desk.apply(review_id, person=person, raw=raw, proved_at=proved_at)
            if not isinstance(judged, Refused):
                self.forget(review_id, person=person)
            return judged
        judged = self._desk.rehearse(review_id, person=person, raw=raw, proved_at=proved_at)
        if isinstance(judged, Refused):
            return judged
        said = judged.kind.value if isinstance(judged, Decision) else "approved"
        given = Given(said=said, raw=dict(raw), fields=tuple(fields), proved_at=proved_at)
        with self._ledger.write() as tx:
            # Two tabs: the first is held, and the second is told.
            if waiting := _waiting(tx, review_id, person):
                return waiting
            review, until = find_review(tx, review_id), self._until(tx, review_id, person)
            if review is not None and until is not None:
                return hold_answer(tx, review, person, given, until=until)
        # Its time is as good as over since it was looked at.
        return self._desk.apply(review_id, person=person, raw=raw, proved_at=proved_at)

    def take_back(self, review_id: str, *, person: str) -> HeldAnswer | Refused:
        """The answer, which will not count, as it was typed; Refused where it has counted already."""
        with self._ledger.write() as tx:
            held = held_answer(tx, review_id, person)
            if held is None or held.state == "refused":
                return _ended_lost(tx, review_id, person) or _too_late(tx, review_id, person)
            if held.state == "held":
                take_back_answer(tx, held)
            return replace(held, state="taken-back")

    def take_all_back(self, *, person: str) -> Mapping[str, Refused | None]:
        """Take back whatever is held of a person: to each question None, or why there was nothing to take back."""
        with self._ledger.write() as tx:
            waiting = [one for one in answers_kept(tx, person) if one.state == "held"]
            for held in waiting:
                take_back_answer(tx, held)
            told: dict[str, Refused | None] = {one.review: None for one in waiting}
            for lost in lost_of(tx, person, since=moment(tx) - _LATELY):
                told[lost.subject] = _ended_lost(tx, lost.subject, person)
        return told

    def send_now(self, review_id: str, *, person: str) -> Decision | Approval | Refused:
        """Submit an answer before its time is over."""
        judged = self._submit(review_id, person, only_due=False)
        if judged is not None:
            return judged
        with self._ledger.read() as tx:
            return _too_late(tx, review_id, person)

    def longer(self, review_id: str, *, person: str) -> HeldAnswer | Refused:
        """Hold an answer a minute longer, ten times at most and no longer than the question may be answered."""
        with self._ledger.write() as tx:
            held, review = held_answer(tx, review_id, person), find_review(tx, review_id)
            if held is None or held.state != "held" or review is None:
                return _ended_lost(tx, review_id, person) or _too_late(tx, review_id, person)
            first = datetime.fromisoformat(str(held.event.data["until"]))
            until = min(max(held.due_at, moment(tx)) + MORE, first + MOST_MORE, self._end(tx, review))
            if until <= held.due_at:
                return Refused(code="no-longer", reason="It cannot be held any longer: send it now, or take it back.")
            hold_until(tx, held, until)
            return replace(held, due_at=until)

    def forget(self, review_id: str, *, person: str) -> None:
        """Erase what was taken back or refused."""
        with self._ledger.write() as tx:
            held = held_answer(tx, review_id, person)
            if held is not None and held.state != "held":
                forget_answer(tx, review_id, person)

    def submit_due(self) -> list[Decision | Approval | Refused]:
        """Submit every answer whose time is over; what each came to."""
        with self._ledger.read() as tx:
            due = due_answers(tx, moment(tx))
        found: list[Decision | Approval | Refused] = []
        for one in due:
            try:
                judged = self._submit(*one, only_due=True)
                self._troubles.pop(one, None)
            except PresscheckError as error:
                # It is tried again each second, and told when it is new; the others do not wait for it.
                if self._troubles.get(one) != str(error):
                    self._troubles[one] = str(error)
                    _log.warning("the answer of %s to %s is held on: %s", one[1], one[0], error)
                continue
            if judged is not None:
                found.append(judged)
        return found

    def forget_old(self) -> None:
        """Erase what was taken back or refused a week ago, and nobody went on with."""
        with self._ledger.write() as tx:
            forget_older(tx, moment(tx) - _KEPT)

    # ------------------------------------------------------------ within

    def _submit(self, review_id: str, person: str, *, only_due: bool) -> Decision | Approval | Refused | None:
        desk = self._desk
        with self._ledger.write(knowing=desk.known_of(review_id, person)) as tx:
            held = held_answer(tx, review_id, person)
            if held is None:
                waiting = still_waits(tx, review_id[:20], person)
                if waiting is not None:
                    _log.warning("what is held of %s to %s is not what the door signed: dropped", person, review_id)
                    end_lost(tx, waiting, person, taken_back=False)
                elif only_due:
                    # A row that nobody gave.
                    forget_answer(tx, review_id, person)
                return None
            if held.state != "held" or (only_due and moment(tx) < held.due_at):
                return None
            judged = _no_longer_theirs(tx, held) or desk.apply_within(
                tx,
                review_id,
                person=person,
                raw=held.given.raw,
                proved_at=held.given.proved_at,
                given_at=held.given_at,
            )
            end_answer(tx, held, judged if isinstance(judged, Refused) else None)
            return judged

    def _until(self, tx: Reader, review_id: str, person: str) -> datetime | None:
        """Until when an answer that is given now can be taken back; None where it counts at once."""
        review = find(tx, review_id)
        situation = review if isinstance(review, Refused) else read_situation(tx, review, self._desk.policies)
        if isinstance(review, Refused) or isinstance(situation, Refused):
            return None
        regret = timedelta(seconds=situation.rule.regret_seconds)
        if not regret or times_held(tx, review_id, person) >= MOST_HELD:
            return None
        until = min(moment(tx) + regret, self._end(tx, review))
        return until if until > moment(tx) else None

    def _end(self, tx: Reader, review: Review) -> datetime:
        return self._desk.deadline(tx, review) - _BEFORE_THE_END


def _waiting(tx: Reader, review_id: str, person: str) -> Refused | None:
    held = held_answer(tx, review_id, person)
    if held is None or held.state != "held":
        return None
    return Refused(
        code="held-already",
        reason="You have answered this already, and that answer can still be taken back: take it back first, or let it "
        "count. This one was not taken.",
    )


def _no_longer_theirs(tx: Reader, held: HeldAnswer) -> Refused | None:
    """Why an answer is not submitted whose giver may be another by now, or may have taken it back unseen."""
    since = held.event.seq
    keys = (event.data.get("person") for event in tx.events(*_ABOUT_A_KEY, after=since))
    if tx.events(*_NOT_THEIRS, subject=held.person, after=since) or held.person in keys:
        why = "Your rights or the way you sign in changed after you gave this answer"
    elif tx.events(EventKind.LEDGER_RESTORED, after=since):
        # What was taken back after the backup was made stands in it as if it were still held.
        why = "The ledger was restored from a backup after you gave this answer, and may lack that you took it back"
    else:
        return None
    return Refused(
        code="changed-since",
        reason=f"{why}, so it did not count. Look at the question, and answer again.",
    )


def _ended_lost(tx: Writer, review_id: str, person: str) -> Refused | None:
    """That an answer waits of which nothing is left that the door signed; it is ended, so that it never counts."""
    waiting = still_waits(tx, review_id[:20], person)
    if waiting is None or held_answer(tx, review_id, person) is not None:
        return None
    end_lost(tx, waiting, person, taken_back=True)
    return Refused(code="lost", reason=_LOST)


def _too_late(tx: Reader, review_id: str, person: str) -> Refused:
    """What became of an answer that is held no more."""
    said = last_said(tx, review_id[:20], person)
    if said is None:
        return Refused(code="too-late", reason="There is no answer of yours here that could be taken back.")
    when = datetime.fromisoformat(said.at).strftime("%H:%M:%S UTC")
    if said.kind == EventKind.ANSWER_TAKEN_BACK:
        return Refused(code="too-late", reason=f"You took this answer back at {when}; it did not count.")
    if said.data.get("code") == "lost":
        return Refused(code="too-late", reason=_LOST)
    came_to = "was not accepted" if said.data.get("code") else "counts"
    return Refused(code="too-late", reason=f"It is too late: your answer was submitted at {when}, and {came_to}.")


def seconds_left(held: HeldAnswer, now: datetime) -> int:
    """Whole seconds in which it can still be taken back."""
    return max(0, -int((now - held.due_at) // timedelta(seconds=1)))
