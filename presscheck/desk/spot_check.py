"""Spot-checks: under a signed rule a person looks at a share, and the rest goes out by the rule.

    signed = sign_rule(tx, policies, "approvals.spot-check", person=person)    # RuleSigned, or Refused
    decision = draw(tx, situation)                                            # by the door, once a review
    refused = drawn_fault(tx, situation, event, decision)                     # by the press, before every batch

The draw is the SHA-256 of the door's own Ed25519 signature (RFC 8032, deterministic) over run, gate, round
and rule: nobody without the door's key can foresee it, the door cannot choose it, and everybody can check it.
"""

import hashlib
from dataclasses import dataclass
from fractions import Fraction
from typing import TYPE_CHECKING

from presscheck.desk.answers import blocking, graver_than_said, out_of_date
from presscheck.desk.authority import role_for
from presscheck.desk.authorship import lacks_writer
from presscheck.desk.records import choices_of, deadline_of
from presscheck.desk.reverting import since_asked
from presscheck.desk.situation import Situation
from presscheck.desk.voices import hear, moment
from presscheck.digests import canonical
from presscheck.errors import LedgerForged, LedgerGone
from presscheck.ledger import EventKind, Reader, Writer, timestamp
from presscheck.ledger.chain import Event
from presscheck.ledger.reviews import decision_event, like_asked, record_decision
from presscheck.models import Decision, DecisionKind, Digest, Manifest, Refused
from presscheck.people.rights import Rights, active_rights, rights_of, rights_since

if TYPE_CHECKING:
    from policies import PolicySet
    from policies.engine.approval import Automatic

_CONTEXT = b"presscheck-spot-check-v1:"
_PEOPLES = (
    EventKind.DECISION_CHANGES, EventKind.DECISION_REJECTED, EventKind.DECISION_EXPIRED, EventKind.DECISION_WITHDRAWN,
)  # fmt: skip


@dataclass(frozen=True)
class RuleSigned:
    """Who signed which version of a rule, by which event."""

    seq: int
    rule: str
    version: Digest
    person: str
    role: str


def sign_rule(tx: Writer, policies: "PolicySet", rule: str, *, person: str) -> RuleSigned | Refused:
    """Put one's name under a rule by which things go out without a person; this very version, until it changes."""
    found = next((policy for policy in policies.approvals if policy.id == rule), None)
    if found is None or found.automatic is None:
        able = ", ".join(policy.id for policy in policies.approvals if policy.automatic is not None) or "none"
        return Refused(
            code="no-such-rule", reason=f"{rule[:80]} lets nothing out without a person; those that would: {able}."
        )
    role = _role_for(policies, active_rights(tx, person))
    if isinstance(role, Refused):
        return role
    event = tx.append(EventKind.RULE_SIGNED, rule, {"version": found.version, "person": person, "role": role})
    return RuleSigned(event.seq, rule, found.version, person, role)


def revoke_rule(tx: Writer, policies: "PolicySet", rule: str, *, person: str) -> Refused | None:
    """Take a signature back, one's own or another's: from now on every single one is asked about again."""
    if not tx.events(EventKind.RULE_SIGNED, subject=rule):
        return Refused(code="no-such-rule", reason=f"Nobody has signed {rule[:80]}; there is nothing to take back.")
    role = _role_for(policies, active_rights(tx, person))
    if isinstance(role, Refused):
        return role
    tx.append(EventKind.RULE_REVOKED, rule, {"person": person, "role": role})
    return None


def signature_of(tx: Reader, policies: "PolicySet", rule: str, version: Digest) -> RuleSigned | None:
    """The signature under this version of a rule, if it was not taken back and its signer's right has held since."""
    events = tx.events(EventKind.RULE_SIGNED, EventKind.RULE_REVOKED, subject=rule)
    if not events or events[-1].kind == EventKind.RULE_REVOKED:
        return None
    last = events[-1]
    person, role = str(last.data["person"]), str(last.data["role"])
    if last.data["version"] != version or isinstance(_role_for(policies, active_rights(tx, person)), Refused):
        return None
    if not all(then.may(role, ()) for then in rights_since(tx, person, last.seq)):
        return None
    return RuleSigned(last.seq, rule, version, person, role)


def draw(tx: Writer, situation: Situation) -> Decision | None:
    """Draw for a review that waits, once; the decision by the rule, or None where a person looks."""
    rule, review = situation.rule, situation.review
    automatic = _automatic(situation)
    if automatic is None or tx.events(EventKind.SPOT_DRAWN, subject=review.id):
        return None
    opened = tx.events(EventKind.REVIEW_OPENED, subject=review.id)
    signed = signature_of(tx, situation.policies, rule.id, rule.version)
    # A rule reaches forward only: what was asked before it was signed waits for the people who were asked.
    if signed is None or not opened or opened[0].seq < signed.seq or decision_event(tx, review.id) is not None:
        return None
    if moment(tx) >= deadline_of(review, hear(tx, situation)):
        # What nobody answered in time counts as refused, also where the door comes late to draw for it.
        return None
    signer = tx.ledger.signer
    if signer is None:
        raise ValueError("only the door draws")
    seed = signer.sign(_message(situation)).hex()
    manifest = _manifest(situation)
    looked_at = (
        _value(seed) < _share(automatic.share)
        or _people_look(tx, situation)
        or not _reaches(tx, situation, signed)
        or _faulty(tx, situation, manifest)
    )
    body = {"seed": seed, "share": automatic.share, "person_looks": looked_at, "signed": signed.seq}
    event = tx.append(EventKind.SPOT_DRAWN, review.id, body, run=review.question.run)
    if looked_at:
        return None
    decision = Decision(
        review=review.id,
        question=review.question.digest,
        kind=DecisionKind.APPROVED,
        person=None,
        rule=rule.id,
        rule_version=rule.version,
        asked_at=timestamp(review.opened_at),
        answered_at=event.at,
        manifest=manifest,
        tier=situation.row.tier,
        tier_row=situation.row.row,
        draw=event.seq,
    )
    record_decision(tx, decision, run=review.question.run)
    return decision


def drawn_fault(tx: Reader, situation: Situation, event: Event, decision: Decision) -> RuleSigned | Refused:
    """Whose signature lets a decision of the rule out, or why it does not: everything is worked out again."""
    rule, review = situation.rule, situation.review
    drawn = tx.event(decision.draw or 0)
    signed = signature_of(tx, situation.policies, rule.id, rule.version)
    if signed is None:
        return Refused(
            code="rights-gone",
            reason=f"{rule.id} let this out, and nobody's signature stands under this version of it any more. Ask "
            "again in a new run, or have the rule signed.",
        )
    if not _reaches(tx, situation, signed):
        return Refused(
            code="rights-gone",
            reason=f"{rule.id} let this out, and whoever signed it may sign no rule about this. "
            "Ask again in a new run.",
        )
    first, automatic = tx.events(EventKind.SPOT_DRAWN, subject=review.id), _automatic(situation)
    believed = (
        drawn is not None
        and automatic is not None
        and bool(first)
        and first[0].seq == drawn.seq < event.seq
        and signed.seq < tx.events(EventKind.REVIEW_OPENED, subject=review.id)[0].seq
        and _is_seed(tx, situation, str(drawn.data.get("seed", "")))
        and not drawn.data.get("person_looks", True)
        and _value(str(drawn.data["seed"])) >= _share(automatic.share)
        and decision.manifest == _manifest(situation)
    )
    if believed:
        return signed
    return Refused(code="not-drawn", reason=f"Review {review.id} was not let out by {rule.id}: its draw does not hold.")


def _automatic(situation: Situation) -> "Automatic | None":
    """What the rule lets out by itself, where it reaches: texts that go out, and nothing that people agree to."""
    return situation.rule.automatic if situation.question.kinds == ("copy",) else None


def _people_look(tx: Reader, situation: Situation) -> bool:
    """Whether this run is with people already: another round, gate or question beside it is no other draw."""
    run = situation.question.run
    if like_asked(tx, situation.review) is not None:
        return True
    drawn = [event for event in tx.events(EventKind.SPOT_DRAWN, run=run) if event.data.get("person_looks", True)]
    return bool(drawn or tx.events(*_PEOPLES, run=run))


def _reaches(tx: Reader, situation: Situation, signed: RuleSigned) -> bool:
    """Whether the signer may sign a rule about this question: of its tier and markets, and nothing of their own."""
    rights = rights_of(tx, signed.person)
    if rights is None or not rights.active:
        return False
    others = {grant.role for grant in rights.grants} - {signed.role}
    return role_for(tx, situation, rights, "sign_rule", besides=others) == signed.role


def _manifest(situation: Situation) -> Manifest:
    most = 1 if situation.rule.automatic is None else situation.rule.automatic.picks
    proposals = situation.question.proposals[: min(most, situation.rule.picks.at_most)]
    return situation.question.manifest(tuple(proposal.asset for proposal in proposals))


def _faulty(tx: Reader, situation: Situation, manifest: Manifest) -> bool:
    """Whether something about these texts is for a person: a finding, a date, a text that cannot be believed."""
    today = tx.now.date()
    try:
        by_asset = {one.asset: one.code for one in situation.question.proposals}
        found = choices_of(tx, situation.review)
        picked = [found[by_asset[digest]] for digest in manifest.assets]
    except (LedgerForged, LedgerGone):
        return True
    return (
        len(manifest.assets) < situation.rule.picks.at_least
        or lacks_writer(tx, situation.brief, situation.question, manifest.assets) is not None
        or out_of_date(situation, today) is not None
        or since_asked(tx, situation.review, set(manifest.assets)) is not None
        or graver_than_said(situation, picked, today) is not None
        or any(blocking(one, situation, today) for one in picked)
    )


def _message(situation: Situation) -> bytes:
    question = situation.question
    # Nothing that a worker could grind: the run's id is Prefect's, and the choices are not part of it.
    return _CONTEXT + canonical([question.run, question.gate, question.round, situation.rule.version])


def _is_seed(tx: Reader, situation: Situation, seed: str) -> bool:
    try:
        signature = bytes.fromhex(seed)
    except ValueError:
        return False
    return tx.ledger.keyring.verifies("door", _message(situation), signature)


def _value(seed: str) -> Fraction:
    """From 0 up to, and without, 1."""
    digest = hashlib.sha256(bytes.fromhex(seed)).digest()
    return Fraction(int.from_bytes(digest[:8], "big"), 2**64)


def _share(share: str) -> Fraction:
    return Fraction(share.removesuffix("%")) / 100


def _role_for(policies: "PolicySet", rights: Rights | Refused) -> str | Refused:
    """A role by which somebody may sign rules; Refused with Cedar's reason where there is none."""
    from policies.engine.rights import Asking, Matter

    if isinstance(rights, Refused):
        return rights
    said = "none of your roles may sign a rule"
    for grant in rights.grants:
        asking = Asking(
            action="sign_rule",
            person=rights.person,
            role=grant.role,
            markets=grant.markets,
            fresh=True,
            matter=Matter(tier="low"),
        )
        answer = policies.rights.decide(asking)
        if answer.allowed:
            return grant.role
        said = answer.why or said
    return Refused(code="no-right", reason=f"You may not sign a rule: {said}")
