"""Under advisor a person writes: what a machine proposed cannot go out, whoever signs it."""

from typing import Any

import pytest

from presscheck.ledger import EventKind
from presscheck.ledger.assets import put_asset
from presscheck.ledger.reviews import open_review
from presscheck.models import Asset, Author, Decision, Manifest, Proposal, Question, Refused, Review
from presscheck.people.rights import Grant, record_rights, remember_person
from tests.conftest import Ledgers
from tests.desk.scene import BRIEF, Scene, draft, shipped_policies

ADVISED = BRIEF.model_copy(update={"collaboration": "advisor", "author": "root@brand.example"})
MACHINE = Author.machine("offline", "phrases-1", "prompts.email-variants", "1")
TEXT = {
    "subject": "Go out when it rains",
    "preheader": "The Fell jacket is here.",
    "body": "Dear walkers,\n\nour new Fell jacket is here at last. It keeps the rain out, and the hills are yours.",
}


class Desk:
    """A question for a text, and one for its approval, under an advisor's brief."""

    def __init__(self, ledgers: Ledgers) -> None:
        self.scene = Scene(ledgers, brief=ADVISED)
        self.desk, self.ledgers = self.scene.desk, ledgers
        self.material = [
            Asset(kind="material", content=draft(number).model_dump(mode="json"), author=MACHINE) for number in range(3)
        ]
        with ledgers.worker.write() as tx:
            for asset in self.material:
                put_asset(tx, asset, run=self.scene.run)
        with ledgers.door.write() as tx:
            for name, role in (("wren", "author"), ("wim", "brand_lead")):
                email = f"{name}@brand.example"
                remember_person(tx, f"P-{name}", email=email, name=name)
                grants = (Grant(role=role, markets="all"), Grant(role="author", markets="all"))
                record_rights(tx, EventKind.PERSON_ENROLLED, f"P-{name}", grants, email=email, name=name, by="P-root")
        self.writing = self.ask("writing", "writing", self.material)

    def ask(self, gate: str, asks: str, assets: list[Asset], *, round: int = 1, **more: Any) -> Review:
        values = self.scene.question.model_dump()
        values |= {
            "gate": gate,
            "round": round,
            "asks": asks,
            "proposals": tuple(Proposal(code=f"V{at:02d}", asset=one.digest) for at, one in enumerate(assets, start=1)),
            "policies": shipped_policies().in_scope(channel="email", markets=BRIEF.markets, gate=gate),
            "blocked": {},
            **more,
        }
        question = Question.model_validate(values)
        with self.ledgers.worker.write() as tx:
            return open_review(tx, question, expires_at=tx.now.replace(year=2027))

    def hand_in(self, person: str = "wren", **changed: Any) -> Decision | Refused:
        raw = {"form": self.writing.form_key, "decision": "Hand in", **TEXT, **changed}
        return self.desk.apply(self.writing.id, person=f"P-{person}", raw=raw)

    def written(self, person: str = "wren") -> Asset:
        handed = self.hand_in(person)
        assert isinstance(handed, Decision), handed
        assert handed.written is not None
        with self.ledgers.door.read() as tx:
            from presscheck.ledger.assets import get_asset

            return get_asset(tx, handed.written)

    def approve(self, review: Review, person: str = "ana") -> Decision | Refused:
        raw = {"form": review.form_key, "decision": "Approve", "picks": ["V01"]}
        return self.desk.apply(review.id, person=f"P-{person}", raw=raw)


@pytest.fixture
def desk(sqlite_ledgers: Ledgers) -> Desk:
    return Desk(sqlite_ledgers)


def test_what_a_person_hands_in_is_a_persons_asset_with_what_it_draws_on(desk: Desk) -> None:
    handed = desk.hand_in(picks=["V02"])

    assert isinstance(handed, Decision)
    assert (handed.kind, handed.manifest, handed.person) == ("written", None, "P-wren")
    assert handed.drew_on == (desk.material[1].digest,)
    with desk.ledgers.door.read() as tx:
        assert [event.data["author"]["person"] for event in tx.events(EventKind.ASSET_WRITTEN)] == ["P-wren"]


def test_another_person_approves_it_and_the_press_may_send_it(desk: Desk) -> None:
    review = desk.ask("plan", "approval", [desk.written()])

    approved = desk.approve(review)

    assert isinstance(approved, Decision), approved
    assert not isinstance(authorise(desk, approved), Refused)


def test_whoever_wrote_the_text_may_not_approve_it(desk: Desk) -> None:
    review = desk.ask("plan", "approval", [desk.written("wim")])

    refused = desk.approve(review, "wim")

    assert isinstance(refused, Refused)
    assert refused.code == "own-text"
    assert isinstance(desk.approve(review, "ana"), Decision)


@pytest.mark.parametrize("run", ["here", "elsewhere"])
def test_whoever_wrote_the_same_words_before_may_not_approve_them(desk: Desk, run: str) -> None:
    # Ana wrote them first, or had a colleague hand in again what she had written in another run.
    wrote = desk.written()
    review = desk.ask("plan", "approval", [wrote])
    with desk.ledgers.door.write() as tx:
        if run == "elsewhere":
            put_asset(tx, wrote.model_copy(update={"author": Author.by("P-ana")}), run="another-run")
        else:
            handed = tx.events(EventKind.DECISION_WRITTEN)[0]
            tx.append(EventKind.DECISION_WRITTEN, "R-later", {**handed.data, "person": "P-ana"}, run=handed.run)

    refused = desk.approve(review, "ana")

    assert isinstance(refused, Refused)
    assert refused.code == "own-text"
    assert isinstance(desk.approve(review, "wim"), Decision)


def test_a_machines_copy_cannot_be_approved_under_advisor(desk: Desk) -> None:
    refused = desk.approve(desk.scene.review)

    assert isinstance(refused, Refused)
    assert refused.code == "no-human-author"


def test_a_machines_copy_under_advisor_can_still_be_rejected(desk: Desk) -> None:
    review = desk.scene.review
    raw = {"form": review.form_key, "decision": "Reject", "reason": "compliance"}

    rejected = desk.desk.apply(review.id, person="P-ana", raw=raw)

    assert isinstance(rejected, Decision)
    assert (rejected.kind, rejected.manifest) == ("rejected", None)


def test_what_the_approver_asked_is_told_once_and_not_as_the_copywriters_word(desk: Desk) -> None:
    plan = desk.ask("plan", "approval", [desk.written()])
    raw = {"form": plan.form_key, "decision": "Request changes", "reason": "factual", "note": "Say until when."}
    assert isinstance(desk.desk.apply(plan.id, person="P-ana", raw=raw), Decision)

    asked = desk.ask("writing", "writing", desk.material, round=2)

    with desk.ledgers.door.read() as tx:
        description = desk.desk.form(tx, asked).description
    assert description.count("Say until when") == 1
    assert "The copywriter on that note" not in description
    assert "Say until when" not in asked.question.model_dump_json()


def test_whoever_writes_is_not_told_that_they_approve(desk: Desk) -> None:
    plan = desk.ask("plan", "approval", [desk.written()])

    with desk.ledgers.door.read() as tx:
        writing, approving = (desk.desk.form(tx, one).description for one in (desk.writing, plan))

    assert "You write for this brief: **Spends on media** nothing" in writing
    assert "You approve" not in writing
    assert "You approve beside the words: **Spends on media** nothing" in approving


def test_raw_material_cannot_be_put_up_for_approval(desk: Desk) -> None:
    review = desk.ask("plan", "approval", desk.material)

    refused = desk.approve(review)

    assert isinstance(refused, Refused)
    assert "is no email copy" in refused.reason


def test_the_press_refuses_a_machines_copy_under_advisor_even_where_a_decision_names_it(desk: Desk) -> None:
    refused = authorise(desk, _forged(desk, desk.scene.review, desk.scene.assets[0]))

    assert isinstance(refused, Refused)
    assert refused.code == "no-human-author"


def test_the_press_refuses_an_approvers_own_edit_under_advisor(desk: Desk) -> None:
    wrote = desk.written()
    review = desk.ask("copy", "approval", [wrote], round=2)
    pasted = {**wrote.content, "body": desk.material[0].copy_text.body}
    edited = Asset(kind="copy", content=pasted, parent=wrote.digest, author=Author.by("P-ana"))
    with desk.ledgers.door.write() as tx:
        put_asset(tx, edited, run=desk.scene.run)

    refused = authorise(desk, _forged(desk, review, edited))

    assert isinstance(refused, Refused)
    assert refused.code == "no-human-author"


def test_an_approver_cannot_edit_a_persons_text_into_a_machines(desk: Desk) -> None:
    # The gate whose policy allows own edits, which a campaign of one's own may use under advisor too.
    review = desk.ask("copy", "approval", [desk.written()], round=2)
    edit = {"pick": "V01", "field": "body", "text": desk.material[0].copy_text.body}

    refused = desk.desk.apply(
        review.id,
        person="P-ana",
        raw={"form": review.form_key, "decision": "Approve", "picks": ["V01"], "edits": [edit]},
    )

    assert isinstance(refused, Refused)
    assert "cannot carry edits" in refused.reason


def _forged(desk: Desk, review: Review, asset: Asset) -> Decision:
    """A door that forgot the rules, or had its key stolen, signs an approval."""
    from presscheck.ledger.reviews import record_decision

    policy = shipped_policies().approval_for(gate="copy", channel="email", markets=BRIEF.markets, tier="medium")
    assert not isinstance(policy, Refused)
    forged = Decision(
        review=review.id,
        question=review.question.digest,
        kind="approved",
        person="P-ana",
        role="brand_lead",
        rule=policy.id,
        rule_version=policy.version,
        stage="approval",
        asked_at="2026-03-02T09:00:00.000000Z",
        answered_at="2026-03-02T09:00:01.000000Z",
        manifest=review.question.manifest((asset.digest,)),
    )
    with desk.ledgers.door.write() as tx:
        record_decision(tx, forged, run=desk.scene.run)
    return forged


def test_a_worker_that_says_a_person_wrote_it_is_not_believed(desk: Desk) -> None:
    lied = Asset(kind="copy", content=draft(7).model_dump(mode="json"), author=Author.by("P-wren"))
    with desk.ledgers.worker.write() as tx:
        put_asset(tx, lied, run=desk.scene.run)

    refused = desk.approve(desk.ask("plan", "approval", [lied]))

    assert isinstance(refused, Refused)
    assert refused.code == "no-human-author"


@pytest.mark.parametrize("changed", ["exactly", "a word", "case and signs"])
def test_a_proposal_almost_word_for_word_is_refused(desk: Desk, changed: str) -> None:
    body = desk.material[1].copy_text.body
    body = {"exactly": body, "a word": body.replace("hills", "moors"), "case and signs": body.upper() + "!!"}[changed]

    refused = desk.hand_in(body=body)

    assert isinstance(refused, Refused)
    assert "V02 almost word for word" in refused.reason


def test_a_whole_proposal_among_sentences_of_ones_own_is_refused(desk: Desk) -> None:
    around = f"{TEXT['body']}\n\n{desk.material[1].copy_text.body}\n\n{TEXT['body']}"

    refused = desk.hand_in(body=around)

    assert isinstance(refused, Refused)
    assert "V02 almost word for word" in refused.reason


def test_a_text_that_the_guardrails_block_is_told_before_anybody_is_asked(desk: Desk) -> None:
    refused = desk.hand_in(body=f"{TEXT['body']} It is the best jacket in the world, 99% of walkers say.")

    assert isinstance(refused, Refused)
    assert refused.code == "guardrail"


@pytest.mark.parametrize("missing", ["subject", "body"])
def test_a_part_that_is_empty_is_named(desk: Desk, missing: str) -> None:
    refused = desk.hand_in(**{missing: "  "})

    assert isinstance(refused, Refused)
    assert "is empty; write it" in refused.reason


def test_only_who_has_the_right_writes_and_the_briefs_author_may(desk: Desk) -> None:
    refused = desk.hand_in("uma")

    assert isinstance(refused, Refused)
    assert refused.code == "no-right"
    assert isinstance(desk.hand_in("ben"), Decision)


def test_a_writer_may_reject_the_brief_with_a_reason(desk: Desk) -> None:
    raw = {"form": desk.writing.form_key, "decision": "Reject"}

    without = desk.desk.apply(desk.writing.id, person="P-wren", raw=raw)
    rejected = desk.desk.apply(desk.writing.id, person="P-wren", raw=raw | {"reason": "compliance"})

    assert isinstance(without, Refused)
    assert isinstance(rejected, Decision)
    assert rejected.kind == "rejected"


def test_the_form_says_that_the_proposals_are_raw_material_and_asks_for_every_part(desk: Desk) -> None:
    with desk.ledgers.door.read() as tx:
        form = desk.desk.form(tx, desk.writing)

    assert "raw material: none of them can go out" in form.description
    assert {"subject", "preheader", "body", "picks"} <= set(form.model.model_fields)
    assert form.initial == {"form": desk.writing.form_key}


def test_a_policy_for_approving_does_not_serve_a_question_for_writing(desk: Desk) -> None:
    review = desk.ask("plan", "writing", desk.material)

    refused = desk.approve(review)

    assert isinstance(refused, Refused)
    assert refused.code == "broken-question"


def authorise(desk: Desk, decision: Decision) -> Any:
    manifest = decision.manifest
    assert isinstance(manifest, Manifest)
    with desk.ledgers.press.read() as tx:
        return desk.desk.authorise(tx, manifest, decision.review, audience=desk.scene.audience_path, as_of=tx.now)
