"""Whose yes counts: every approval that was given, heard again with the rights that hold now.

    heard = hear(tx, situation)
    heard.standing.stage              # which stage waits, and what it still needs
    heard.manifest                    # what the first yes fixed; everybody after it signs exactly that

An approval falls away when its giver loses the right, for as much as a moment; what it had completed is open
again. An approval of the round before stands where the model lets it and nothing that it approved has changed.
"""

from collections.abc import Sequence
from dataclasses import dataclass, field, replace
from datetime import datetime
from typing import TYPE_CHECKING

from pydantic import ValidationError

from presscheck.desk.authority import Capacity, capacities, counting
from presscheck.desk.proving import lacks_proof
from presscheck.desk.situation import Situation
from presscheck.errors import LedgerForged
from presscheck.ledger import EventKind, Reader
from presscheck.ledger.chain import Event
from presscheck.ledger.reviews import decision_event, find_review
from presscheck.models import Approval, Decision, Manifest, Review
from presscheck.people.rights import Rights, rights_at, rights_of, rights_since
from presscheck.people.same_person import same_person

if TYPE_CHECKING:
    from policies import Held, Standing, Voice


@dataclass(frozen=True)
class Given:
    """One yes on record, by its event."""

    seq: int
    at: datetime
    person: str
    acts_for: str
    stage: str
    role: str
    manifest: Manifest
    carried: bool = False


@dataclass(frozen=True)
class Heard:
    """How far the approval has come, by which of the approvals on record."""

    standing: "Standing"
    given: tuple[Given, ...] = ()
    """Those that count, in order."""
    fallen: tuple[Given, ...] = field(default=())
    """Those that count no more, or never did."""

    @property
    def manifest(self) -> Manifest | None:
        """What is being signed; None while nobody has picked."""
        return self.given[0].manifest if self.given else None

    @property
    def complete(self) -> bool:
        return self.standing.complete


def moment(tx: Reader) -> datetime:
    """Now, and never before the last event: a clock set back must not give anybody more time."""
    last = tx.last_at()
    return tx.now if last is None else max(tx.now, last)


def hear(
    tx: Reader,
    situation: Situation,
    *,
    also: "Voice | None" = None,
    signing: Manifest | None = None,
    as_of: datetime | None = None,
) -> Heard:
    """Hear every approval of a review, and `also` a yes to the manifest `signing` that is not on record yet."""
    return _hear(tx, situation, _given_to(tx, situation), also=also, signing=signing, as_of=as_of or moment(tx))


def hear_decision(tx: Reader, situation: Situation, event: Event, decision: Decision, *, as_of: datetime) -> Heard:
    """Hear the approvals before a decision, and the decision as the last one."""
    last = Given(
        seq=event.seq,
        at=datetime.fromisoformat(event.at),
        person=decision.person or "",
        acts_for=decision.acts_for or "",
        stage=decision.stage,
        role=decision.role or "",
        manifest=_manifest_of(decision),
    )
    before = [given for given in _given_to(tx, situation) if given.seq < event.seq]
    return _hear(tx, situation, [*before, last], as_of=as_of)


def voices_of(tx: Reader, situation: Situation, rights: Rights, *, stage: str, at: datetime) -> "list[Voice]":
    """The voices that a person has now: in their own name, and in that of whoever delegated to them."""
    from policies import Voice

    found: list[Voice] = []
    if not rights.active:
        return found
    for capacity in capacities(tx, situation, rights):
        held = counting(tx, situation, capacity, "approve").held
        if held:
            also = _accounts(tx, rights.person, capacity.acts_for)
            found.append(Voice(rights.person, stage, at, held, capacity.acts_for, also))
    return found


def _hear(
    tx: Reader,
    situation: Situation,
    given: Sequence[Given],
    *,
    as_of: datetime,
    also: "Voice | None" = None,
    signing: Manifest | None = None,
) -> Heard:
    from policies import standing_of

    voices: list[Voice] = []
    counted: list[Given] = []
    fallen: list[Given] = []
    earlier = _of_the_round_before(tx, situation)

    def standing_with(more: "Sequence[Voice]") -> "Standing":
        return standing_of(
            situation.rule,
            markets=situation.brief.markets,
            opened_at=situation.review.opened_at,
            voices=[*voices, *more],
            calendar=situation.calendar,
            as_of=as_of,
        )

    standing = standing_with(())

    def take(one: Given, voice: "Voice | None") -> bool:
        nonlocal standing
        fits = not counted or one.manifest == counted[0].manifest or one.carried
        if voice is None or not fits:
            return False
        after = standing_with((voice,))
        if len(after.voices) == len(standing.voices):
            return False
        voices.append(voice)
        counted.append(one)
        standing = after
        return True

    def carry(manifest: Manifest) -> None:
        # A stage that the round before has answered, over parts that have not changed, is not asked again.
        while standing.stage is not None and standing.stage.carries == "unchanged":
            began = standing.began_at
            here = [one for one in earlier if one.stage == standing.stage.stage and _covers(one, manifest)]
            if not any(take(one, _voice_of(tx, situation, one, at=began)) for one in here):
                return

    for one in given:
        if not take(one, _voice_of(tx, situation, one, at=one.at)):
            fallen.append(one)
        if counted:
            carry(counted[0].manifest)
    if also is not None:
        after = standing_with((also,))
        if len(after.voices) > len(standing.voices):
            voices.append(also)
            standing = after
            # Where what is carried fills the rest, this yes is the last one, and makes the decision.
            if signing is not None:
                carry(signing)
    return Heard(standing, tuple(counted), tuple(fallen))


def _voice_of(tx: Reader, situation: Situation, given: Given, *, at: datetime) -> "Voice | None":
    """The voice behind an approval, if the right by which it was given has held ever since."""
    from policies import Held, Voice

    rights = rights_of(tx, given.person)
    if rights is None or not rights.active:
        return None
    kept: dict[Held, None] = {}
    for capacity in capacities(tx, situation, rights):
        # A delegation that was made after the yes, even by the same person, is not the one that it rests on.
        if capacity.acts_for == given.acts_for and capacity.basis < given.seq:
            now = counting(tx, situation, capacity, "approve").held
            kept |= dict.fromkeys(held for one in now if (held := _throughout(tx, situation, given, capacity, one)))
    if not kept:
        return None
    also = _accounts(tx, given.person, given.acts_for)
    return Voice(given.person, given.stage, at, tuple(kept), given.acts_for, also)


def _accounts(tx: Reader, *people: str) -> frozenset[str]:
    """Other accounts of the same people: two addresses of one person are one yes."""
    return frozenset[str]().union(*(same_person(tx, person) for person in people if person))


def _throughout(tx: Reader, situation: Situation, given: Given, capacity: Capacity, held: "Held") -> "Held | None":
    """The role in those markets in which it was held when the yes was given, and ever since."""
    # What was lent is only what its giver has held ever since (`people.delegation`).
    if capacity.delegated:
        return held
    # A right that was taken away, and given back, must not give back what was approved with it before; nor may one
    # that came later stand in for the one by which it was approved.
    then = rights_at(tx, capacity.person, given.seq)
    if then is None:
        return None
    moments = [then, *rights_since(tx, capacity.person, given.seq)]
    markets = tuple(
        market
        for market in situation.brief.markets
        if (held.markets == "all" or market in held.markets)
        and all(rights.may(held.role, [market]) for rights in moments)
    )
    return replace(held, markets=markets) if markets else None


def _given_to(tx: Reader, situation: Situation) -> list[Given]:
    """The approvals of this review that are about this question under this model, in order."""
    return _read(tx, situation, situation.review) if _several(situation) else []


def _read(tx: Reader, situation: Situation, review: Review) -> list[Given]:
    found: list[Given] = []
    for event in tx.events(EventKind.APPROVAL_GIVEN, subject=review.id, run=review.question.run):
        try:
            approval = Approval.model_validate(event.data)
        except ValidationError:
            continue
        about = (approval.review, approval.question, approval.rule, approval.rule_version)
        if about != (review.id, review.question.digest, situation.rule.id, situation.rule.version):
            continue
        if lacks_proof(situation, approval.proved_at, approval.answered_at):
            continue
        if approval.manifest != review.question.manifest(approval.manifest.assets, approval.manifest.agreed):
            continue
        found.append(
            Given(
                seq=event.seq,
                at=datetime.fromisoformat(event.at),
                person=approval.person,
                acts_for=approval.acts_for or "",
                stage=approval.stage,
                role=approval.role,
                manifest=approval.manifest,
            )
        )
    return found


def _of_the_round_before(tx: Reader, situation: Situation) -> list[Given]:
    question = situation.question
    if question.previous is None or all(stage.carries == "never" for stage in situation.rule.stages):
        return []
    try:
        before = find_review(tx, question.previous)
    except (LedgerForged, ValidationError):
        return []
    if before is None:
        return []
    then = before.question
    same = (then.run, then.gate, then.round, then.asks) == (question.run, question.gate, question.round - 1, "approval")
    ended = decision_event(tx, before.id)
    # Whoever asked for changes keeps what others had approved; a no, or time that ran out, ended all of it.
    if not same or ended is None or ended.kind != EventKind.DECISION_CHANGES:
        return []
    # Who speaks against a round takes back what was said in it in any name of theirs: by themselves or a delegate, for
    # whoever they spoke for, under another account. It would be their yes to what they have just sent back.
    said = Decision.model_validate(ended.data)
    against = _everybody_behind(tx, said.person or "", said.acts_for or "")
    return [
        replace(one, carried=True)
        for one in _read(tx, situation, before)
        if not against & _everybody_behind(tx, one.person, one.acts_for)
    ]


def _everybody_behind(tx: Reader, *people: str) -> frozenset[str]:
    return frozenset(person for person in people if person) | _accounts(tx, *people)


def _covers(given: Given, manifest: Manifest) -> bool:
    """Whether an approval of before was of everything that is in this manifest, and of nothing else but its parts."""
    same = given.manifest.model_copy(update={"assets": manifest.assets, "agreed": manifest.agreed}) == manifest
    return same and set(manifest.signed) <= set(given.manifest.signed)


def _several(situation: Situation) -> bool:
    """Whether more than one yes may be needed; where one is enough, there is nothing to look up."""
    from policies.engine.stages import seats_of

    seats = [seat for stage in situation.rule.stages for seat in seats_of(stage, situation.brief.markets)]
    return len(seats) > 1


def _manifest_of(decision: Decision) -> Manifest:
    if decision.manifest is None:
        raise LedgerForged(f"review {decision.review}: it was approved without a manifest")
    return decision.manifest
