"""Several people say yes, stage after stage, to exactly the same; late, twice or without right nobody counts."""

from dataclasses import replace
from datetime import timedelta
from typing import Any

import pytest

from policies import ApprovalPolicy
from presscheck.desk.publishing import Basis
from presscheck.ledger import EventKind
from presscheck.ledger.reviews import open_review
from presscheck.models import Approval, Decision, Refused
from presscheck.people.rights import Grant, email_digest, record_rights, remember_person
from tests.desk.scene import BRIEF, Ledgers, Scene, shipped_policies

MORE: dict[str, tuple[Grant, ...]] = {
    "rita": (Grant(role="regional_reviewer", markets=("US",)),),
    "dora": (Grant(role="regional_reviewer", markets=("DE",)),),
    "lex": (Grant(role="legal", markets="all"),),
    "both": (Grant(role="legal", markets="all"), Grant(role="brand_lead", markets="all")),
    "mark": (Grant(role="marketing_director", markets="all"),),
}


class Staged(Scene):
    """A campaign that spends enough to be of tier high: brand, then each market, then legal."""

    def __init__(self, ledgers: Ledgers, **more: Any) -> None:
        brief = more.pop("brief", BRIEF.model_copy(update={"spend_dollars": 6_000}))
        super().__init__(ledgers, brief=brief, expires_in=timedelta(days=60), **more)
        with ledgers.door.write() as tx:
            for name, grants in MORE.items():
                email = f"{name}@brand.example"
                remember_person(tx, f"P-{name}", email=email, name=name)
                record_rights(tx, EventKind.PERSON_ENROLLED, f"P-{name}", grants, email=email, name=name, by="P-root")

    def answer(self, person: str = "ana", decision: str = "Approve", *, proved: bool = True, **more: Any) -> Any:
        with self.ledgers.door.read() as tx:
            form = self.desk.form(tx, self.review)
        raw: dict[str, Any] = {"form": form.key, "decision": decision, **more}
        if decision == "Approve" and not form.fixed:
            raw.setdefault("picks", ["V01", "V02"])
        now = self.ledgers.clock()
        proved_at = now if proved else None
        return self.desk.apply(self.review.id, person=f"P-{person}", raw=raw, proved_at=proved_at)

    def names(self) -> tuple[str, ...]:
        with self.ledgers.door.read() as tx:
            who = self.desk.who_may(tx, self.review)
        assert not isinstance(who, Refused)
        return who.names

    def take_away(self, person: str) -> None:
        with self.ledgers.door.write() as tx:
            record_rights(
                tx,
                EventKind.PERSON_REVOKED,
                f"P-{person}",
                (),
                email=f"{person}@brand.example",
                name=person,
                by="P-root",
            )

    def basis(self, decision: Decision) -> Any:
        assert decision.manifest is not None
        with self.ledgers.press.read() as tx:
            return self.desk.authorise(
                tx, decision.manifest, self.review.id, audience=self.audience_path, as_of=self.ledgers.clock()
            )


@pytest.fixture
def staged(sqlite_ledgers: Ledgers) -> Staged:
    return Staged(sqlite_ledgers)


def approve_all(staged: Staged) -> Decision:
    for person in ("ana", "rita", "dora"):
        taken = staged.answer(person)
        assert isinstance(taken, Approval), taken
    decision = staged.answer("lex")
    assert isinstance(decision, Decision), decision
    return decision


def test_the_last_yes_of_three_stages_approves_and_may_go_out(staged: Staged) -> None:
    decision = approve_all(staged)

    assert (decision.kind, decision.tier, decision.tier_row, decision.stage) == ("approved", "high", "spends", "legal")
    assert _given(staged) == decision.approvals
    basis = staged.basis(decision)
    assert not isinstance(basis, Refused), basis
    assert basis.approvals == decision.approvals


def test_each_stage_asks_only_those_whom_it_needs(staged: Staged) -> None:
    asked = [staged.names()]
    for person in ("ana", "dora", "rita"):
        staged.answer(person)
        asked.append(staged.names())

    assert asked == [("ana", "cleo", "both"), ("rita", "dora"), ("rita",), ("lex", "both")]


def test_whoever_comes_after_the_first_signs_exactly_what_was_picked(staged: Staged) -> None:
    edit = {"pick": "V02", "field": "subject", "text": "A quieter jacket for wet hills"}
    first = staged.answer("ana", picks=["V02"], edits=[edit])
    assert isinstance(first, Approval)

    other = staged.answer("rita", picks=["V01"])
    edited = staged.answer("rita", edits=[edit])
    taken = staged.answer("rita", picks=["V02"])

    assert isinstance(other, Refused)
    assert "not one of the choices" in other.reason
    assert (edited.code, "cannot be edited now" in edited.reason) == ("bad-edit", True)
    assert taken.manifest == first.manifest


def test_a_form_that_was_opened_before_somebody_picked_is_stale(staged: Staged) -> None:
    old = staged.raw()
    staged.answer("ana", picks=["V02"])

    refused = staged.desk.apply(staged.review.id, person="P-rita", raw=old, proved_at=staged.ledgers.clock())

    assert isinstance(refused, Refused)
    assert (refused.code, "somebody has answered since" in refused.reason) == ("stale-form", True)


@pytest.mark.parametrize(
    ("before", "person", "code"),
    [
        ((), "rita", "no-right"),
        ((), "lex", "no-right"),
        (("ana",), "cleo", "no-right"),
        (("ana",), "ana", "counted-already"),
        (("ana", "rita"), "rita", "counted-already"),
        (("both", "rita", "dora"), "both", "counted-already"),
        (("ana", "rita", "dora"), "ben", "own-brief"),
    ],
)
def test_out_of_turn_twice_or_without_right_nobody_counts(
    staged: Staged, before: tuple[str, ...], person: str, code: str
) -> None:
    for earlier in before:
        assert isinstance(staged.answer(earlier), Approval)

    refused = staged.answer(person)

    assert isinstance(refused, Refused), refused
    assert refused.code == code
    assert staged.refusals()[-1] == {"person": f"P-{person}", "code": code}
    assert "decision:approved" not in staged.kinds()


@pytest.mark.parametrize("person", ["ana", "cleo"])
def test_any_no_of_somebody_who_may_decide_ends_it(staged: Staged, person: str) -> None:
    ended = staged.answer(person, "Reject", reason="voice")

    assert isinstance(ended, Decision)
    assert ended.kind == "rejected"
    assert isinstance(staged.answer("ana"), Refused)


def test_without_a_fresh_proof_nothing_is_decided_and_the_form_says_so_before(staged: Staged) -> None:
    with staged.ledgers.door.read() as tx:
        description = staged.desk.form(tx, staged.review).description

    refused = staged.answer("ana", proved=False)

    assert "/step-up?next=/v2/runs/flow-run/" in description
    assert "row spends" in description
    assert (refused.code, staged.kinds("approval")) == ("step-up", [])


def test_an_approval_falls_away_with_the_right_and_its_stage_is_open_again(staged: Staged) -> None:
    for person in ("ana", "rita"):
        staged.answer(person)
    staged.take_away("ana")

    assert staged.names() == ("cleo", "both")
    refused = staged.answer("dora")
    assert isinstance(refused, Refused)
    assert isinstance(staged.answer("cleo"), Approval)
    assert staged.names() == ("rita", "dora")


@pytest.mark.parametrize("person", ["ana", "rita", "lex"])
def test_a_right_that_goes_after_the_decision_holds_what_has_not_gone_out(staged: Staged, person: str) -> None:
    decision = approve_all(staged)
    staged.take_away(person)

    refused = staged.basis(decision)

    assert isinstance(refused, Refused)
    assert refused.code == "rights-gone"


def test_each_stage_has_a_time_of_its_own_and_the_next_in_line_comes_before_it_is_over(staged: Staged) -> None:
    with staged.ledgers.door.read() as tx:
        standing = staged.desk.standing(tx, staged.review)
    assert not isinstance(standing, Refused)
    assert standing.escalates_at is not None
    assert isinstance(staged.answer("mark"), Refused)

    staged.ledgers.clock.now = standing.escalates_at
    taken = staged.answer("mark")

    assert isinstance(taken, Approval)
    assert (taken.role, taken.stage) == ("marketing_director", "brand")
    with staged.ledgers.door.read() as tx:
        assert staged.desk.deadline(tx, staged.review) > standing.deadline


def test_what_nobody_answers_in_time_counts_as_refused_whatever_the_clock_says_afterwards(staged: Staged) -> None:
    with staged.ledgers.door.read() as tx:
        deadline = staged.desk.deadline(tx, staged.review)
    staged.ledgers.clock.now = deadline + timedelta(minutes=1)
    with staged.ledgers.door.write() as tx:
        tx.append(EventKind.SIGN_IN_REFUSED, "somebody", {})

    staged.ledgers.clock.now = deadline - timedelta(days=1)
    refused = staged.answer("ana")

    assert (refused.code, staged.kinds("decision")) == ("expired", ["decision:expired"])


def test_a_planted_approval_counts_for_nothing(staged: Staged) -> None:
    given = staged.answer("ana")
    forged = given.model_copy(update={"person": "P-rita", "stage": "region", "role": "regional_reviewer"})

    with staged.ledgers.worker.write() as tx:
        tx.append(EventKind.APPROVAL_GIVEN, staged.review.id, forged.model_dump(mode="json"), run=staged.run)

    assert staged.names() == ("rita", "dora")


def test_where_nobody_could_ever_meet_a_stage_the_question_says_so_and_whom_to_tell(sqlite_ledgers: Ledgers) -> None:
    scene = Scene(sqlite_ledgers, brief=BRIEF.model_copy(update={"spend_dollars": 6_000}))

    with sqlite_ledgers.door.read() as tx:
        said = scene.desk.nobody_for(tx, scene.review)

    assert "Nobody could meet the stage region of approvals.high-risk-copy" in said
    assert "The owner of that model is brand" in said


def test_a_question_that_calls_a_new_model_known_is_not_approved(sqlite_ledgers: Ledgers) -> None:
    staged = Staged(sqlite_ledgers, first_use=False)

    refused = staged.answer("ana")

    assert isinstance(refused, Refused)
    assert (refused.code, "nobody has" in refused.reason) == ("broken-question", True)


def test_whoever_edited_the_prompt_does_not_approve_what_was_drafted_with_it(sqlite_ledgers: Ledgers) -> None:
    scene = Scene(sqlite_ledgers, prompt_editor=email_digest("ana@brand.example"))

    refused = scene.answer("ana")

    assert isinstance(refused, Refused)
    assert (refused.code, "edited the prompt" in refused.reason) == ("own-prompt", True)
    assert isinstance(scene.answer("cleo"), Decision)


def _given(staged: Staged) -> tuple[int, ...]:
    with staged.ledgers.door.read() as tx:
        return tuple(event.seq for event in tx.events(EventKind.APPROVAL_GIVEN))


@pytest.mark.slow
def test_where_all_that_is_left_is_carried_the_new_yes_makes_the_decision(sqlite_ledgers: Ledgers) -> None:
    shipped = shipped_policies()
    high = next(model for model in shipped.approvals if model.id == "approvals.high-risk-copy")
    kept = {**high.model_dump(mode="json"), **dict.fromkeys(("role", "markets", "expires_after"))}
    two = ApprovalPolicy.model_validate({**kept, "stages": kept["stages"][:2]})
    policies = replace(shipped, approvals=tuple(two if model is high else model for model in shipped.approvals))
    staged = Staged(sqlite_ledgers, policies=lambda: policies)
    for person in ("ana", "rita"):
        staged.answer(person)
    # What rita said in the second stage waits for the first to be filled again, and for her to say it again.
    staged.take_away("ana")
    for person in ("cleo", "dora"):
        staged.answer(person)
    with sqlite_ledgers.door.write() as tx:
        give = (Grant(role="regional_reviewer", markets=("US",)),)
        record_rights(tx, EventKind.PERSON_CHANGED, "P-lex", give, email="lex@brand.example", name="lex", by="P-root")
    staged.answer("lex", "Request changes", reason="voice", note="Shorter.")
    again = staged.question.model_copy(update={"round": 2, "previous": staged.review.id})
    with sqlite_ledgers.worker.write() as tx:
        staged.review = open_review(tx, again, expires_at=staged.review.expires_at)
    staged.question = again

    decision = staged.answer("cleo")

    assert isinstance(decision, Decision), decision
    assert isinstance(staged.basis(decision), Basis)
