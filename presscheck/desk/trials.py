"""A test send is asked for at the door and carried out by the press: one draft of an open question, to enrolled people.

    trial = ask_trial(tx, source, review, "V01", person=person, to=OWN, groups=settings.mail.seeds)   # or Refused
    content = trial_content(tx, source, trial)            # what the press sends of it, or why it sends nothing

An order names a person or a seed group and never an address: the press looks the address up itself. It is no
delivery: there is no permit, no audience and no row of the outbox, so nothing that counts deliveries counts it.
"""

import secrets
from collections.abc import Collection
from dataclasses import dataclass
from datetime import datetime, timedelta
from typing import Any

from presscheck.assets.copy.copy import CopyText
from presscheck.assets.reading import read_signable
from presscheck.desk.situation import PolicySource, Situation, read_situation
from presscheck.desk.voices import moment
from presscheck.digests import fingerprint
from presscheck.errors import LedgerForged, LedgerGone
from presscheck.ledger import EventKind, Reader, Writer
from presscheck.ledger.assets import get_asset
from presscheck.ledger.chain import Event
from presscheck.ledger.pausing import order_over, scopes_of
from presscheck.ledger.reviews import decision_of, find_review
from presscheck.models import Copy, Digest, Refused, Review, Sender
from presscheck.people.rights import active_rights, person_email

OWN = "own"
"""The reader's own address, as they enrolled."""
MOST_AN_HOUR = 10
"""Test sends of one person."""
_HOUR = timedelta(hours=1)
_GOOD_FOR = timedelta(hours=1)
"""A press that was away carries nothing out that nobody waits for any more."""
_WAYS = ("outbox", "smtp")
"""Ways out whose receiver cannot take a test for a delivery: a webhook's receiver counts what it is sent."""
_ENDS = (EventKind.TEST_SENT, EventKind.TEST_REFUSED)
_WORDS = {
    "put-off": "the mail server put it off; ask again in some minutes",
    "refused": "the mail server refused it; the press's log says nothing of addresses, the server's may",
    "unknown": "the press was interrupted, so nobody knows whether it went out; it is not sent again",
    "way-out": "the mail server cannot be reached or refuses what is about us; the press's log says which",
    "no-such-way-out": "the press has no such way out",
    "no-address": "no enrolled address stands for it any more",
    "not-as-signed": "the press makes no message of these words; the view Plain text says why",
    "picture-changed": "the picture is not the one that was added",
    "paused": "it is paused",
    "too-late": "the press was away for too long; ask again",
    "forged": "the question was altered",
    "ledger-unsound": "the ledger is not sound, so nothing goes out",
}


@dataclass(frozen=True)
class Trial:
    """One order, by the door's event."""

    id: str
    review: str
    code: str
    asset: Digest
    person: str
    to: str
    """`own`, or the name of a seed group."""
    run: str
    seq: int
    at: datetime


@dataclass(frozen=True)
class Content:
    """What a test send says, and by which way it goes."""

    copy: Copy
    """Its subject says that it is a test, and of which text."""
    situation: Situation
    sender: Sender
    via: str


@dataclass(frozen=True)
class Told:
    """A test send on record, for people."""

    code: str
    person: str
    to: str
    at: datetime
    state: str
    """`asked`, `sent` or `refused`."""
    words: str
    """Why it was not sent, or not to everybody."""


def ask_trial(
    tx: Writer, source: PolicySource, review: Review, code: str, *, person: str, to: str, groups: Collection[str]
) -> Trial | Refused:
    """Record the order; Refused where there is nothing to send, nobody to send it to, or too much was asked."""
    refused = why_no_trial(tx, source, review, code, person=person)
    if refused is not None:
        return refused
    if to != OWN and to not in groups:
        # Nothing of what was typed is repeated: it may be somebody's address.
        return Refused(
            code="not-enrolled",
            reason="A test goes to the address that you enrolled with, or to a seed group of the settings ([mail] "
            "seeds); to nobody else.",
        )
    now = moment(tx)
    since = tx.events_between(EventKind.TEST_REQUESTED, now - _HOUR, now + _HOUR)
    if sum(one.data.get("person") == person for one in since) >= MOST_AN_HOUR:
        return Refused(code="too-many", reason=f"You have asked for {MOST_AN_HOUR} tests within an hour; wait a while.")
    asset = next(one.asset for one in review.question.proposals if one.code == code)
    body = {"review": review.id, "code": code, "asset": asset, "person": person, "to": to}
    event = tx.append(EventKind.TEST_REQUESTED, f"T-{secrets.token_hex(6)}", body, run=review.question.run)
    return _trial(event)


def why_no_trial(tx: Reader, source: PolicySource, review: Review, code: str, *, person: str) -> Refused | None:
    """Why nobody can have a test of this text now; None where they can."""
    rights = active_rights(tx, person)
    if isinstance(rights, Refused):
        return rights
    if person_email(tx, person) is None:
        return Refused(
            code="no-address", reason="Your address is not the one that you enrolled with; ask an administrator."
        )
    content = _content(tx, source, review, code)
    return content if isinstance(content, Refused) else None


def trial_content(tx: Reader, source: PolicySource, trial: Trial) -> Content | Refused:
    """What the press sends of an order now: everything is asked anew."""
    if moment(tx) - trial.at > _GOOD_FOR:
        return Refused(code="too-late", reason="Nobody waits for it any more.")
    review = find_review(tx, trial.review)
    if review is None or review.question.run != trial.run:
        return Refused(code="no-such-text", reason="There is no such question.")
    content = why_no_trial(tx, source, review, trial.code, person=trial.person) or _content(
        tx, source, review, trial.code
    )
    if isinstance(content, Content) and not any(one.asset == trial.asset for one in review.question.proposals):
        return Refused(code="no-such-text", reason="The order names another text.")
    return content


def _content(tx: Reader, source: PolicySource, review: Review, code: str) -> Content | Refused:
    question = review.question
    if decision_of(tx, review.id) is not None:
        return Refused(code="not-open", reason="This question is answered or over; a test is for deciding.")
    asset = next((one.asset for one in question.proposals if one.code == code), None)
    if asset is None:
        return Refused(code="no-such-text", reason="There is no such draft in this question.")
    if question.channel != "email" or question.sender is None or not question.via:
        return Refused(
            code="no-test-way",
            reason="Only e-mail has a test send: on other channels the press hands words to a platform, which would "
            "publish them.",
        )
    if question.via not in _WAYS:
        return Refused(
            code="no-test-way",
            reason=f"By {question.via} there is no test send: whoever receives it takes every message for a delivery.",
        )
    if question.asks == "writing":
        return Refused(code="no-test-way", reason="A machine's proposals are raw material and do not leave the house.")
    if order_over(tx, review.id, scopes_of(tx, review.id, question.run, question.campaign)) is not None:
        return Refused(code="paused", reason="It is paused, and a pause holds for tests as well.")
    situation = read_situation(tx, review, source)
    if isinstance(situation, Refused):
        return situation
    try:
        one = read_signable(get_asset(tx, asset))
    except (LedgerForged, LedgerGone) as error:
        return Refused(code="forged", reason=f"The draft cannot be believed: {error}.")
    if not isinstance(one, CopyText):
        return Refused(code="no-test-way", reason="Only a text can be mailed.")
    if fault := one.fault(situation.pictures):
        return Refused(code="blocked", reason=f"It could not be approved either: {fault.reason}")
    if blocked := [finding for finding in one.findings(situation.look(tx.now.date())) if finding.level == "block"]:
        rules = ", ".join(sorted({finding.rule for finding in blocked}))
        return Refused(
            code="blocked",
            reason=f"A guardrail blocks this draft ({rules}); what may not leave leaves as no test either.",
        )
    stamped = f"[TEST] {one.copy.subject} [{fingerprint(asset)}]"
    return Content(one.copy.model_copy(update={"subject": stamped}), situation, question.sender, question.via)


def trials_to_do(tx: Reader, *, after: int = 0) -> list[Trial]:
    """Orders from an event on that the press has not ended, oldest first; one that it began and did not end is among
    them."""
    asked = tx.events(EventKind.TEST_REQUESTED, after=after)
    ended = {event.subject for event in tx.events(*_ENDS, after=after)} if asked else set[str]()
    return [_trial(event) for event in asked if event.subject not in ended]


def trials_of(tx: Reader, review: Review, code: str) -> list[Told]:
    """What was asked for of one draft, newest first, and what has become of it."""
    run = review.question.run
    ended = {event.subject: event for event in tx.events(*_ENDS, run=run)}
    asked = [event for event in tx.events(EventKind.TEST_REQUESTED, run=run) if event.data["review"] == review.id]
    return [_told(_trial(event), ended.get(event.subject)) for event in reversed(asked) if event.data["code"] == code]


def _told(trial: Trial, end: Event | None) -> Told:
    state = "asked" if end is None else "sent" if end.kind == EventKind.TEST_SENT else "refused"
    code = "" if end is None else str(end.data.get("code", ""))
    return Told(trial.code, trial.person, trial.to, trial.at, state, _WORDS.get(code, code))


def _trial(event: Event) -> Trial:
    data: dict[str, Any] = event.data
    return Trial(
        id=event.subject,
        review=str(data["review"]),
        code=str(data["code"]),
        asset=str(data["asset"]),
        person=str(data["person"]),
        to=str(data["to"]),
        run=event.run,
        seq=event.seq,
        at=datetime.fromisoformat(event.at),
    )
