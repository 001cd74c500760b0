"""Which open questions are so alike that one answer may be given to them together, each judged by itself.

    among = desk.open_questions.alike(review_id, person, most=MOST)
    alike_to(tx, review, among, person=person)                 # those to be offered
    not_alike(tx, desk.policies, review, other, wanted=True)   # why another is none of them; None where it is

Alike are questions that say the same in every field that is signed or shown, with the same choices by digest, of the
same model, tier and stage, of which the same has been picked so far: they differ in whom they reach, and in nothing
else that anybody signs. The model has to say `alike: together`, and nothing above tier medium is ever alike.
"""

from collections.abc import Sequence
from contextlib import suppress

from presscheck.desk.situation import PolicySource, Situation, read_situation
from presscheck.desk.voices import Heard, hear
from presscheck.digests import digest_of
from presscheck.errors import LedgerForged, LedgerGone
from presscheck.ledger import Reader
from presscheck.ledger.held import held_of
from presscheck.ledger.reviews import decision_event, find_review
from presscheck.models import Question, Refused, Review

_MAY_DIFFER = frozenset(
    # Whom it reaches, and of which run it is; what the desk works out anew of each; what cannot be picked.
    {"run", "audience", "audience_rows", "dealing", "previous", "again", "worst_finding", "first_use", "blocked"}
    | {"kept_out", "proposals"}
)
_CALLED = {
    "policies": "set of policies",
    "asks": "kind of question",
    "kinds": "kind of choices",
    "via": "way out",
    "rests_on": "thing that it rests on",
    "besides": "list of gates whose recipients get it besides",
    "tables": "set of tables",
    "prompt_editors": "editor of its prompt",
}
MOST = 20
"""So many are listed beside one question."""


def likeness(situation: Situation, heard: Heard) -> str:
    """What alike questions have in common; empty where the model has each answered by itself."""
    from policies.engine.approval import ALIKE_TIERS

    rule, tier = situation.rule, situation.row.tier
    if rule.alike != "together" or tier not in ALIKE_TIERS:
        return ""
    signed = [] if heard.manifest is None else list(heard.manifest.signed)
    return digest_of([*_asked(situation.question).values(), rule.id, rule.version, tier, heard.standing.number, signed])


def alike_to(tx: Reader, review: Review, among: Sequence[str], *, person: str) -> list[Review]:
    """Those among what the index found alike that this person has not answered yet; a planted one is none of them."""
    found: list[Review] = []
    answered = held_of(tx, person) if among else frozenset[str]()
    for other_id in among:
        with suppress(LedgerForged, LedgerGone):
            other = find_review(tx, other_id)
            if other is None or other_id in answered or decision_event(tx, other_id) is not None:
                continue
            if not _goes_to_the_same(review, other):
                found.append(other)
    return found


def not_alike(tx: Reader, policies: PolicySource, review: Review, other: Review, *, wanted: bool) -> Refused | None:
    """Why another question is not answered with this one; looked at in the ledger, whatever a page has offered."""
    if other.id == review.id or decision_event(tx, other.id) is not None:
        return _no("it is over, or the same question")
    asked, also = _asked(review.question), _asked(other.question)
    if differing := [name for name in asked if asked[name] != also[name]]:
        return _no(f"it has another {_CALLED.get(differing[0], differing[0])}")
    if _goes_to_the_same(review, other):
        return _no("it goes to the very same people")
    mine, theirs = read_situation(tx, review, policies), read_situation(tx, other, policies)
    if isinstance(mine, Refused) or isinstance(theirs, Refused):
        return _no("nobody can answer it as things are")
    here, there = (likeness(one, hear(tx, one)) for one in (mine, theirs))
    if not here:
        return _no("its approval model has each question answered by itself")
    if here != there:
        return _no("it is of another tier, model or stage, or others have picked something else there")
    return None if wanted else _no("it does not wait for you")


def _goes_to_the_same(review: Review, other: Review) -> bool:
    audience = review.question.audience
    return audience is not None and audience == other.question.audience


def _asked(question: Question) -> dict[str, object]:
    # All but what may differ: a field that comes later is compared until somebody says that it need not be.
    told = {name: getattr(question, name) for name in Question.model_fields if name not in _MAY_DIFFER}
    told["sender"] = None if question.sender is None else question.sender.model_dump(mode="json")
    told["tables"] = [one.model_dump(mode="json") for one in question.tables]
    return {**told, "set of choices": sorted(proposal.asset for proposal in question.proposals)}


def _no(why: str) -> Refused:
    return Refused(
        code="not-alike", reason=f"It was not answered with the other one, because {why}: open it by itself."
    )
