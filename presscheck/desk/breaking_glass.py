"""Breaking the glass: one person asks, with a reason; a second one, of another role, confirms or declines.

    asked = break_glass(desk, review_id, person=ana, picks=["V01"], hours=1, reason="...", proved_at=...)   # Glass
    decision = confirm_glass(desk, asked.number, person=lena, proved_at=...)                                # Decision
    review_glass(desk, asked.number, person=eddie, finding="justified", note="...")

Each is one transaction; a no is a `Refused` and is recorded where it was somebody's try at a real review. Both
prove anew who they are, whatever the tier. The words of the reason are kept where they can be erased; the
events carry their digest.
"""

from collections.abc import Sequence
from datetime import datetime, timedelta
from typing import TYPE_CHECKING, Literal, TypeVar

from pydantic import ValidationError

from presscheck.cleaning import clean_text
from presscheck.desk.authority import role_for
from presscheck.desk.glass import (
    ASKED_FOR,
    GLASS,
    GLASS_TEXT,
    MOST_HOURS,
    Glass,
    all_glass,
    edited,
    find_glass,
    one_human,
)
from presscheck.desk.records import already_decided, deadline_of
from presscheck.desk.situation import Situation, current_policies, facts_of, read_brief, read_situation, stakes_of
from presscheck.desk.so_far import so_far_of
from presscheck.desk.voices import hear, moment
from presscheck.digests import digest_of
from presscheck.errors import LedgerForged
from presscheck.ledger import EventKind, Reader, Writer, timestamp
from presscheck.ledger.reviews import find_review, record_application, record_decision, submission_digest
from presscheck.models import Decision, DecisionKind, Manifest, Refused, Review, Submission
from presscheck.people.absence import is_absent
from presscheck.people.rights import active_rights, person_name
from presscheck.people.sessions import FRESH

if TYPE_CHECKING:
    from policies.engine.rights import Action
    from presscheck.desk.desk import Desk

Finding = Literal["justified", "unjustified"]
_T = TypeVar("_T")

_ABSENT = Refused(code="absent", reason="You are entered as absent; enter yourself as present first.")
_OWN_TEXT = Refused(
    code="own-text", reason="You edited one of these texts; two others break the glass, or nobody does."
)
_SHORTEST, _LONGEST = 10, 4_000
_ENDED = {
    "declined": "was declined",
    "lapsed": "was not confirmed in time",
    "open": "was confirmed already",
    "over": "was confirmed already, and its time is over",
}


def break_glass(
    desk: "Desk",
    review_id: str,
    *,
    person: str,
    picks: Sequence[str],
    hours: float = 1.0,
    reason: str,
    proved_at: datetime | None,
) -> Glass | Refused:
    """Ask to let these picks out past the people whom the policies demand; lets nothing out yet."""
    if tired := desk.refusals.too_many(person):
        return tired
    with desk.ledger.write() as tx:
        review = _review(tx, review_id)
        if isinstance(review, Refused):
            return review
        asked = _ask(desk, tx, review, person, tuple(picks), hours, clean_text(reason).strip(), proved_at)
        return _recorded(desk, tx, review, person, asked)


def confirm_glass(desk: "Desk", number: int, *, person: str, proved_at: datetime | None) -> Decision | Refused:
    """Be the second person: the review is approved by broken glass, and its time begins."""
    if tired := desk.refusals.too_many(person):
        return tired
    with desk.ledger.write() as tx:
        found = _found(tx, number)
        if isinstance(found, Refused):
            return found
        glass, review = found
        return _recorded(desk, tx, review, person, _confirm(desk, tx, glass, review, person, proved_at))


def decline_glass(desk: "Desk", number: int, *, person: str) -> Refused | None:
    """Say no as the second person, or take one's own request back."""
    if tired := desk.refusals.too_many(person):
        return tired
    with desk.ledger.write() as tx:
        found = _found(tx, number)
        if isinstance(found, Refused):
            return found
        glass, review = found
        if fault := _not_waiting(tx, glass):
            return fault
        why = None if person == glass.person else may_confirm(desk, tx, glass, person)
        if why is not None:
            return _recorded(desk, tx, review, person, why)
        tx.append(EventKind.GLASS_DECLINED, review.id, {"request": number, "person": person}, run=glass.run)
    return None


def review_glass(desk: "Desk", number: int, *, person: str, finding: Finding, note: str) -> Refused | None:
    """Say afterwards, as somebody who was neither of the two, whether it was justified."""
    if tired := desk.refusals.too_many(person):
        return tired
    words = clean_text(note).strip()
    with desk.ledger.write() as tx:
        found = _found(tx, number)
        if isinstance(found, Refused):
            return found
        glass, review = found
        if glass.confirmed is None:
            return Refused(code="no-glass", reason=f"{glass.id} was never confirmed; there is nothing to review.")
        if glass.reviewed is not None:
            name = person_name(tx, str(glass.reviewed.data["person"]))
            return Refused(code="already-decided", reason=f"{name} has reviewed {glass.id} already: {glass.finding}.")
        if why := may_review(desk, tx, glass, person):
            return _recorded(desk, tx, review, person, why)
        if not _SHORTEST <= len(words) <= _LONGEST:
            return _wrong_length("note", len(words), "what you looked at and what you found")
        role = _role(desk, tx, review, person, "review_glass")
        submission = Submission(form=glass.id, decision="approve" if finding == "justified" else "reject", note=words)
        body = {"request": number, "person": person, "role": role, "finding": finding}
        body["application"] = record_application(tx, review.id, person, submission, accepted=True)
        body["submission"] = submission_digest(submission)
        tx.append(EventKind.GLASS_REVIEWED, review.id, body, run=glass.run)
    return None


def may_confirm(desk: "Desk", tx: Reader, glass: Glass, person: str) -> Refused | None:
    """Why this person cannot be the second one; None for somebody who can."""
    if one_human(tx, glass.person, person):
        return Refused(code="same-person", reason="It takes two people: somebody else confirms what you asked for.")
    if edited(tx, glass.assets, person):
        return _OWN_TEXT
    if is_absent(tx, person):
        return _ABSENT
    review = _review(tx, glass.review)
    role = review if isinstance(review, Refused) else _role(desk, tx, review, person, "confirm_glass", {glass.role})
    return role if isinstance(role, Refused) else None


def may_review(desk: "Desk", tx: Reader, glass: Glass, person: str) -> Refused | None:
    """Why this person cannot say whether it was justified; None for somebody who can."""
    if any(one_human(tx, one, person) for one in (glass.person, glass.second)):
        return Refused(code="same-person", reason="You broke this glass yourself; somebody else says how that was.")
    if is_absent(tx, person):
        return _ABSENT
    review = _review(tx, glass.review)
    role = review if isinstance(review, Refused) else _role(desk, tx, review, person, "review_glass")
    return role if isinstance(role, Refused) else None


# ---------------------------------------------------------------- asking and confirming


def _ask(
    desk: "Desk",
    tx: Writer,
    review: Review,
    person: str,
    picks: tuple[str, ...],
    hours: float,
    reason: str,
    proved_at: datetime | None,
) -> Glass | Refused:
    situation = _open_situation(desk, tx, review)
    if isinstance(situation, Refused):
        return situation
    if is_absent(tx, person):
        return _ABSENT
    role = _role(desk, tx, review, person, "break_glass")
    if isinstance(role, Refused):
        return role
    proved = _fresh(tx, proved_at)
    if isinstance(proved, Refused):
        return proved
    if not 1 / 60 <= hours <= MOST_HOURS:
        return Refused(
            code="too-long",
            reason=f"Glass is broken for a minute at least and {MOST_HOURS:g} hours at most, not {hours:g}.",
        )
    if not _SHORTEST <= len(reason) <= _LONGEST:
        say = "what would happen if this waited for the people who have to approve it"
        return _wrong_length("reason", len(reason), say)
    waiting = [one for one in all_glass(tx) if one.review == review.id and one.state(moment(tx)) == "asked"]
    if waiting:
        return Refused(
            code="asked-twice", reason=f"{waiting[0].id} asks for this already; confirm or decline that first."
        )
    if set(review.question.kinds) != {"copy"}:
        return Refused(code="no-glass", reason="Glass is broken to send texts; this asks about something else as well.")
    submission = Submission(form=review.form_key, decision="approve", picks=picks, note=reason)
    manifest = _weighed(desk, tx, situation, submission, person)
    if isinstance(manifest, Refused):
        return manifest
    if edited(tx, manifest.assets, person):
        return _OWN_TEXT
    body = {
        "person": person,
        "role": role,
        "question": review.question.digest,
        "assets": list(manifest.assets),
        "manifest": manifest.digest,
        "minutes": round(hours * 60),
        "proved_at": timestamp(proved),
        "application": record_application(tx, review.id, person, submission, accepted=True),
        "submission": submission_digest(submission),
    }
    event = tx.append(EventKind.GLASS_REQUESTED, review.id, body, run=review.question.run)
    return find_glass(tx, event.seq) or Refused(code="no-glass", reason="The request cannot be read back.")


def _confirm(
    desk: "Desk", tx: Writer, glass: Glass, review: Review, person: str, proved_at: datetime | None
) -> Decision | Refused:
    if fault := _not_waiting(tx, glass):
        return fault
    situation = _open_situation(desk, tx, review)
    if isinstance(situation, Refused):
        return situation
    if why := may_confirm(desk, tx, glass, person):
        return why
    role = _role(desk, tx, review, person, "confirm_glass", {glass.role})
    # The first one's right is looked at again: it may be gone since they asked.
    first = _role(desk, tx, review, glass.person, "break_glass", only=glass.role)
    if isinstance(role, Refused):
        return role
    if isinstance(first, Refused):
        return first
    proved = _fresh(tx, proved_at)
    if isinstance(proved, Refused):
        return proved
    by_asset = {proposal.asset: proposal.code for proposal in review.question.proposals}
    picks = tuple(_code_of(tx, digest, by_asset) for digest in glass.assets)
    submission = Submission(form=review.form_key, decision="approve", picks=picks)
    manifest = _weighed(desk, tx, situation, submission, glass.person)
    if isinstance(manifest, Refused):
        return manifest
    if manifest.digest != glass.manifest:
        return Refused(code="other-manifest", reason="What would go out is not what was asked for; ask again.")
    now = moment(tx)
    body = {
        "request": glass.number,
        "person": person,
        "role": role,
        "manifest": manifest.digest,
        "proved_at": timestamp(proved),
        "expires_at": timestamp(now + timedelta(minutes=glass.minutes)),
    }
    confirmed = tx.append(EventKind.GLASS_CONFIRMED, review.id, body, run=glass.run)
    decision = Decision(
        review=review.id,
        question=review.question.digest,
        kind=DecisionKind.APPROVED,
        person=glass.person,
        role=glass.role,
        rule=GLASS,
        rule_version=digest_of(GLASS_TEXT),
        asked_at=timestamp(review.opened_at),
        answered_at=timestamp(now),
        manifest=manifest,
        tier=situation.row.tier,
        tier_row=situation.row.row,
        proved_at=timestamp(glass.proved_at),
        glass=confirmed.seq,
        application=glass.application,
        submission=glass.submission,
    )
    record_decision(tx, decision, run=review.question.run)
    return decision


def _open_situation(desk: "Desk", tx: Reader, review: Review) -> Situation | Refused:
    """The situation of a review that could still be approved in the ordinary way."""
    if decided := already_decided(tx, review.id):
        return decided
    situation = read_situation(tx, review, desk.policies)
    if isinstance(situation, Refused):
        return situation
    if situation.question.asks != "approval":
        return Refused(code="no-glass", reason="This asks for a text; broken glass lets out what exists already.")
    if moment(tx) >= deadline_of(review, hear(tx, situation)):
        return Refused(code="expired", reason="The time to answer is over; this counts as refused. Start it again.")
    return situation


def _weighed(desk: "Desk", tx: Writer, situation: Situation, submission: Submission, person: str) -> Manifest | Refused:
    known = {proposal.code for proposal in situation.question.proposals}
    picks = submission.picks
    if strange := [code for code in picks if code not in known]:
        return Refused(code="bad-picks", reason=f"There is no choice {', '.join(code[:20] for code in strange)}.")
    if len(set(picks)) != len(picks):
        return Refused(code="bad-picks", reason="A choice is picked twice.")
    answer = desk.weigh(tx, situation, submission, person=person)
    if isinstance(answer, Refused):
        return answer
    return answer.manifest or Refused(code="no-glass", reason="There is nothing to let out.")


def _code_of(tx: Reader, digest: str, by_asset: dict[str, str]) -> str:
    """The code under which a text, or what an approver edited it from, was proposed."""
    from presscheck.ledger.assets import get_asset

    return by_asset.get(digest) or by_asset.get(get_asset(tx, digest).parent or "", digest[:12])


# ---------------------------------------------------------------- who


def _role(
    desk: "Desk",
    tx: Reader,
    review: Review,
    person: str,
    action: "Action",
    besides: set[str] | None = None,
    *,
    only: str = "",
) -> str | Refused:
    """The role by which somebody may do this about a review, or Cedar's no in words."""
    situation = _situation_now(desk, tx, review)
    if isinstance(situation, Refused):
        return situation
    rights = active_rights(tx, person)
    if isinstance(rights, Refused):
        return rights
    others = {grant.role for grant in rights.grants} - {only} if only else besides or set[str]()
    found = role_for(tx, situation, rights, action, besides=others)
    if isinstance(found, str):
        return found
    if found is None:
        return Refused(code="no-right", reason=f"You hold no other role that lets you {action.replace('_', ' ')}.")
    return Refused(code="no-right", reason=f"{found.why}{f' ({found.rule})' if found.rule else ''}")


def _situation_now(desk: "Desk", tx: Reader, review: Review) -> Situation | Refused:
    """What rights depend on, by the policies as they are now, also where they changed since it was asked.

    Nothing is let out by this: who may look at it afterwards must not hang on a guardrail that was mended.
    """
    policies = current_policies(desk.policies)
    if isinstance(policies, Refused):
        return policies
    read = read_brief(tx, review.question)
    if isinstance(read, Refused):
        return read
    stakes = stakes_of(tx, review.question)
    if isinstance(stakes, Refused):
        return stakes
    so_far = so_far_of(tx, review.question, *read, policies)
    facts = facts_of(review.question, read[0], so_far, stakes)
    ruling = policies.ruling(facts)
    if isinstance(ruling, Refused):
        return ruling
    return Situation(review, *read, policies, ruling.model, ruling.row, ruling.calendar, facts, so_far)


def _fresh(tx: Reader, proved_at: datetime | None) -> datetime | Refused:
    """When they proved who they are, if that is young enough."""
    if proved_at is not None and moment(tx) - proved_at <= FRESH:
        return proved_at
    return Refused(
        code="step-up",
        reason="Breaking glass takes a fresh proof of who you are, whatever the tier: open /step-up at this door, and "
        "try again within ten minutes. Nothing was recorded but that you tried.",
    )


# ---------------------------------------------------------------- reading


def _found(tx: Reader, number: int) -> tuple[Glass, Review] | Refused:
    glass = find_glass(tx, number)
    if glass is None:
        return Refused(
            code="unknown-glass", reason=f"There is no request G-{number}; `presscheck glass list` shows them."
        )
    review = _review(tx, glass.review)
    return review if isinstance(review, Refused) else (glass, review)


def _review(tx: Reader, review_id: str) -> Review | Refused:
    try:
        review = find_review(tx, review_id)
    except (LedgerForged, ValidationError) as error:
        return Refused(code="forged", reason=f"The review cannot be believed: {error}.")
    return review or Refused(code="no-review", reason=f"There is no review {review_id[:20]}.")


def _not_waiting(tx: Reader, glass: Glass) -> Refused | None:
    state = glass.state(moment(tx))
    if state == "asked":
        return None
    hint = f" A request waits for {ASKED_FOR.total_seconds() / 3600:g} h." if state == "lapsed" else ""
    return Refused(code="already-decided", reason=f"{glass.id} {_ENDED[state]}.{hint}")


def _recorded(desk: "Desk", tx: Writer, review: Review, person: str, answer: _T) -> _T:
    """The answer; a refusal is kept as what somebody tried."""
    if isinstance(answer, Refused):
        desk.refusals.keep(tx, review.id, person=person, code=answer.code, run=review.question.run)
    return answer


def _wrong_length(what: str, given: int, say: str) -> Refused:
    return Refused(
        code="incomplete",
        reason=f"Give a {what} of {_SHORTEST} to {_LONGEST:,} characters, not of {given:,}: say {say}. "
        "It is on record.",
    )
