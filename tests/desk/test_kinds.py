"""People answer questions about anything: each kind by its own rights, edited by its parts; nothing goes out by it."""

from dataclasses import replace
from typing import Any

import pytest

from policies.engine.approval import Picks
from presscheck.assets.kind import Kind
from presscheck.assets.reading import read_signable
from presscheck.assets.shipped import SHIPPED, Plan, PromptText, Recommendations, Rule, Template
from presscheck.desk.passed import agreed_in
from presscheck.ledger import EventKind
from presscheck.ledger.assets import get_asset
from presscheck.models import ROLES, Asset, Author, Decision, DecisionKind, Outgoing, Refused, Role
from presscheck.people.rights import Grant, record_rights, remember_person
from tests.desk.offered import FLOW, BudgetSplit, Offered, budget, plan, segment, with_models
from tests.desk.scene import Ledgers, write_audience

OWN = with_models(own={"kinds": ["budget-split"]})


def _reason(answer: Any) -> str:
    assert isinstance(answer, Refused), answer
    return answer.reason


def test_the_strategist_approves_a_segment_that_nobody_has_to_pick(sqlite_ledgers: Ledgers) -> None:
    scene = Offered(sqlite_ledgers, segment(), gate="segment")

    decision = scene.agreed("sam")

    assert decision.kind is DecisionKind.APPROVED
    assert decision.manifest is not None
    assert decision.manifest.agreed == (scene.offered[0].digest,)
    assert (decision.manifest.assets, decision.manifest.channel) == ((), None)


def test_a_digest_is_cut_in_the_form_and_whole_on_the_proof(sqlite_ledgers: Ledgers) -> None:
    scene = Offered(sqlite_ledgers, segment(audience="4b081ba0" * 8), gate="segment")

    with sqlite_ledgers.door.read() as tx:
        told = scene.desk.form(tx, scene.review).description

    assert "Frozen audience: **4b081ba04b08…**" in told
    assert "- How it is made up and Frozen audience: whole on the proof" in told
    assert "4b081ba0" * 8 not in told


def test_a_yes_to_a_segment_publishes_nothing_however_it_is_asked_for(sqlite_ledgers: Ledgers) -> None:
    scene = Offered(sqlite_ledgers, segment(), gate="segment")
    manifest = scene.agreed("sam").manifest
    assert manifest is not None

    with sqlite_ledgers.press.read() as tx:
        alone = scene.desk.authorise(tx, manifest, scene.review.id, audience=None, as_of=tx.now)
        asked = {"audience": scene.audience, "audience_rows": 7, "channel": "email", "sender": scene.brief.sender}
        texts = scene.question.model_copy(update=asked).manifest((scene.assets[0].digest,))
        other = scene.desk.authorise(tx, texts, scene.review.id, audience=scene.audience_path, as_of=tx.now)

    assert isinstance(alone, Refused)
    assert alone.code == "goes-nowhere"
    assert isinstance(other, Refused)
    assert other.code in ("other-manifest", "goes-nowhere")
    with pytest.raises(ValueError, match="channel"):
        Outgoing.model_validate(manifest.model_dump())


def test_who_approves_words_has_no_say_about_money(sqlite_ledgers: Ledgers) -> None:
    scene = Offered(sqlite_ledgers, budget(3_000))

    assert "may not" in _reason(scene.answer("lea"))
    assert "may not" in _reason(scene.answer("sam"))
    assert scene.agreed("ana").role == "brand_lead"


def test_a_budget_beyond_a_right_takes_who_may_spend_as_much(sqlite_ledgers: Ledgers) -> None:
    scene = Offered(sqlite_ledgers, budget(60_000))

    refused = scene.answer("ana")
    proof = scene.ledgers.clock()
    accepted = scene.desk.apply(scene.review.id, person="P-dora", raw=scene.raw(), proved_at=proof)

    assert isinstance(refused, Refused)
    assert isinstance(accepted, Decision)
    assert accepted.role == "marketing_director"
    assert accepted.tier == "critical"


def test_an_own_kind_that_spends_takes_the_right_to_spend_besides(sqlite_ledgers: Ledgers) -> None:
    # A model that asks the ethics officer would let nobody spend: the desk says so before anybody is asked.
    scene = Offered(sqlite_ledgers, BudgetSplit(search=10, social=5, total=15), policies=OWN)
    with sqlite_ledgers.door.write() as tx:
        record_rights(tx, EventKind.PERSON_CHANGED, "P-ana", (), email="ana@brand.example", name="ana", by="P-root")

    assert isinstance(scene.answer("ana"), Refused)
    assert isinstance(scene.answer("ben"), Refused), "who wrote the brief"


@pytest.mark.slow
def test_an_edit_of_one_part_is_a_new_version_and_the_sum_has_to_hold(sqlite_ledgers: Ledgers) -> None:
    scene = Offered(sqlite_ledgers, BudgetSplit(search=1_000, social=500, total=1_500), policies=OWN)

    off = scene.answer("ana", edits=[{"field": "Search ads", "text": "900"}])
    kept = scene.agreed("ana", edits=[{"field": "Search ads", "text": "900"}, {"field": "total", "text": "1,400"}])

    assert "Search ads 900 + Social posts 500 is 1,400, and In all is 1,500" in _reason(off)
    assert kept.manifest is not None
    assert kept.own_edits
    with sqlite_ledgers.door.read() as tx:
        asset = get_asset(tx, kept.manifest.agreed[0])
    assert BudgetSplit.of(read_signable(asset).description) == BudgetSplit(search=900, social=500, total=1_400)  # type: ignore[attr-defined]
    assert asset.parent == scene.offered[0].digest


@pytest.mark.parametrize(
    ("edit", "says"),
    [
        ({"field": "Amount", "text": "9" * 5_000}, "a whole number"),
        ({"field": "Amount", "text": "-5"}, "at least 0"),
        ({"field": "Amount", "text": "3.000"}, "a whole number"),
        ({"field": "Amount", "text": "3,000"}, "not changed"),
        ({"field": "What it is for", "text": "two\nlines"}, "not changed|line"),
        ({"field": "audience", "text": "1"}, "cannot be edited"),
        ({"field": "subject", "text": "Buy"}, "cannot be edited; What it is for, Amount and How it is spent can"),
        ({"field": ["Amount"], "text": "1"}, "cannot be edited"),
        ({"field": "Amount", "text": "4000"}, "4,000 dollars, and 3,000 were asked for"),
    ],
)
def test_an_edit_that_cannot_be_taken_says_why(sqlite_ledgers: Ledgers, edit: dict[str, Any], says: str) -> None:
    scene = Offered(sqlite_ledgers, budget(3_000))

    answer = scene.answer("ana", edits=[edit])

    if "line" in says:
        # White space is evened out in a line, as in every line that people write.
        assert isinstance(answer, Decision)
    else:
        assert says in _reason(answer)


def test_picks_are_asked_for_only_where_there_is_something_to_pick(sqlite_ledgers: Ledgers) -> None:
    one = Offered(sqlite_ledgers, budget(3_000))
    with sqlite_ledgers.door.read() as tx:
        form = one.desk.form(tx, one.review)

    assert "picks" not in form.model.model_fields
    assert "Amount (US dollars, at least 0, a yes commits it): **3,000**" in form.description
    assert "“V07” is not one of the choices; the only one is V01" in _reason(one.answer("ana", picks=["V07"]))
    assert isinstance(one.answer("ana", picks=["V01"]), Decision)


def test_of_several_budgets_one_is_picked(sqlite_ledgers: Ledgers) -> None:
    scene = Offered(sqlite_ledgers, budget(3_000), budget(2_000), policies=with_models())

    assert "1 pick" in _reason(scene.answer("ana"))
    assert "1 pick" in _reason(scene.answer("ana", picks=["V01", "V02"]))
    decision = scene.agreed("ana", picks=["V02"])
    assert decision.manifest is not None
    assert decision.manifest.agreed == (scene.offered[1].digest,)


@pytest.mark.slow
def test_of_the_only_one_beside_texts_no_more_is_asked_than_there_is(sqlite_ledgers: Ledgers) -> None:
    both = with_models(both={"gates": ["both"], "kinds": ["copy", "budget"]})()
    model = both.approvals[-1]
    two = model.model_copy(update={"picks": Picks(at_least=2, at_most=3)})
    policies = replace(both, approvals=(*both.approvals[:-1], two))
    scene = Offered(sqlite_ledgers, budget(3_000), gate="both", texts=True, policies=lambda: policies)
    with sqlite_ledgers.door.read() as tx:
        form = scene.desk.form(tx, scene.review)

    assert form.model.model_fields["picks"].description == "To approve, pick 2 to 3 texts."
    assert "2 to 3 picks of copy; this has 1" in _reason(scene.answer("ana", picks=["V01"]))
    assert isinstance(scene.answer("ana", picks=["V01", "V02"]), Decision)


def test_an_empty_part_is_told_by_its_title(sqlite_ledgers: Ledgers) -> None:
    with pytest.raises(ValueError, match=r"^Plan: Goal"):
        Plan.model_construct(goal="", measure="m", text="t").described()


@pytest.mark.slow
def test_texts_and_a_budget_are_signed_together(sqlite_ledgers: Ledgers) -> None:
    together = with_models(both={"gates": ["both"], "kinds": ["copy", "budget"]})
    scene = Offered(sqlite_ledgers, budget(3_000), gate="both", texts=True, policies=together)

    decision = scene.agreed("ana", picks=["V01"])

    assert decision.manifest is not None
    assert decision.manifest.assets == (scene.assets[0].digest,)
    assert decision.manifest.agreed == (scene.offered[0].digest,)
    with sqlite_ledgers.press.read() as tx:
        basis = scene.desk.authorise(tx, decision.manifest, scene.review.id, audience=scene.audience_path, as_of=tx.now)
    assert not isinstance(basis, Refused), basis
    assert [copy.subject for copy in basis.copies] == ["A jacket for wet hills, draft a"]


def test_a_model_without_kinds_decides_about_texts_alone(sqlite_ledgers: Ledgers) -> None:
    scene = Offered(sqlite_ledgers, plan(), gate="copy", policies=with_models())
    own = Offered(sqlite_ledgers, BudgetSplit(search=1, social=1, total=2), gate="anything", people=False)

    assert isinstance(scene.answer("sam"), Decision)
    assert "No approval policy covers" in _reason(own.answer("ana"))
    assert "of budget-split" in _reason(own.answer("ana"))


def test_budgets_of_one_run_add_up_over_gates_and_rounds(sqlite_ledgers: Ledgers) -> None:
    first = Offered(sqlite_ledgers, budget(30_000, "Search"), gate="search")
    assert first.desk.apply(first.review.id, person="P-ana", raw=first.raw(), proved_at=sqlite_ledgers.clock())

    second = Offered(sqlite_ledgers, budget(30_000, "Social"), gate="social", people=False)
    answer = second.answer("ana")

    assert isinstance(answer, Refused), "sixty thousand in two halves"
    with sqlite_ledgers.door.read() as tx:
        assert "30,000 more" in second.desk.form(tx, second.review).description


def test_a_yes_to_a_plan_makes_nobodys_texts_known(sqlite_ledgers: Ledgers) -> None:
    writer = Author.machine("offline", "phrases-1", "prompts.email-variants", "1")
    scene = Offered(sqlite_ledgers, plan(), gate="plan", author=writer)
    scene.agreed("sam")

    with sqlite_ledgers.door.read() as tx:
        assert scene.desk.first_use(tx, [scene.assets[0].digest])
        assert not scene.desk.first_use(tx, [scene.offered[0].digest])


@pytest.mark.parametrize(
    "change",
    [
        {"noun": "plan"},
        {"noun": "P1an"},
        {"parts": []},
        {"spends": None},
        {"unit": "euros"},
        {"title": " "},
        {"title": "⠀"},
        {"title": "Purpose\u202e"},
        {"cells": True},
    ],
)
def test_what_pretends_to_be_a_budget_is_asked_about_by_nobody(sqlite_ledgers: Ledgers, change: dict[str, Any]) -> None:
    content = budget().described().model_dump(mode="json")
    if "unit" in change:
        content["parts"][1]["unit"] = change["unit"]
    elif "title" in change:
        content["parts"][0]["title"] = change["title"]
    else:
        content |= change
    scene = Offered(sqlite_ledgers, Asset(kind="budget", content=content, author=FLOW))

    assert isinstance(scene.answer("ana"), Refused)
    with sqlite_ledgers.door.read() as tx:
        assert scene.desk.asked(tx, scene.review) == ()


def test_an_own_kind_that_looks_like_one_that_ships_is_none(sqlite_ledgers: Ledgers) -> None:
    content = plan().described().model_dump(mode="json") | {"noun": "Budget"}
    scene = Offered(
        sqlite_ledgers,
        Asset(kind="our-plan", content=content, author=FLOW),
        policies=with_models(own={"kinds": ["our-plan"]}),
    )

    assert "calls itself Budget" in _reason(scene.answer("ana"))


def test_a_question_says_no_kind_that_none_of_its_choices_is(sqlite_ledgers: Ledgers) -> None:
    scene = Offered(sqlite_ledgers, plan(), gate="plan", kinds=("plan", "segment"))

    assert "none of its choices" in _reason(scene.answer("sam"))


def test_a_yes_taken_back_holds_no_more(sqlite_ledgers: Ledgers) -> None:
    scene = Offered(sqlite_ledgers, budget(3_000))
    scene.agreed("ana")
    digest = scene.offered[0].digest
    with sqlite_ledgers.worker.read() as tx:
        before = agreed_in(tx, scene.policies, digest, run=scene.run, as_of=tx.now)
    with sqlite_ledgers.door.write() as tx:
        record_rights(tx, EventKind.PERSON_REVOKED, "P-ana", (), email="ana@brand.example", name="ana", by="P-root")

    with sqlite_ledgers.worker.read() as tx:
        after = agreed_in(tx, scene.policies, digest, run=scene.run, as_of=tx.now)

    assert not isinstance(before, Refused)
    assert isinstance(after, Refused)
    assert after.code == "rights-gone"


def test_texts_rest_on_what_was_agreed_before_them(sqlite_ledgers: Ledgers) -> None:
    agreed = Offered(sqlite_ledgers, segment(audience="b" * 64), gate="segment")
    agreed.agreed("sam")
    texts = Offered(sqlite_ledgers, texts=True, gate="copy", people=False)
    decision = texts.agreed("ana", picks=["V01"])
    assert decision.manifest is not None
    assert decision.manifest.rests_on == (agreed.offered[0].digest,)

    with sqlite_ledgers.press.read() as tx:
        basis = texts.desk.authorise(tx, decision.manifest, texts.review.id, audience=texts.audience_path, as_of=tx.now)

    assert isinstance(basis, Refused)
    assert basis.code == "other-audience"


def test_texts_for_the_people_of_the_approved_segment_go_out(sqlite_ledgers: Ledgers) -> None:
    audience = write_audience(sqlite_ledgers.home, 7)
    agreed = Offered(sqlite_ledgers, segment(audience=audience), gate="segment", people=True)
    agreed.agreed("sam")
    texts = Offered(sqlite_ledgers, texts=True, gate="copy", people=False)
    manifest = texts.agreed("ana", picks=["V01"]).manifest
    assert manifest is not None

    with sqlite_ledgers.press.read() as tx:
        basis = texts.desk.authorise(tx, manifest, texts.review.id, audience=texts.audience_path, as_of=tx.now)

    assert not isinstance(basis, Refused), basis


ANSWERED_BY = {
    "segment": "ai_strategist",
    "recommendations": "ai_strategist",
    "plan": "ai_strategist",
    "budget": "brand_lead",
    "prompt": "brand_lead",
    "template": "brand_lead",
    "rule": "ethics_officer",
    "budget-split": None,
}
"""Whose yes the shipped policies take, by kind; None: nobody's."""
EXAMPLES: dict[str, Kind] = {
    "segment": segment(),
    "recommendations": Recommendations(
        words="By what was bought together.", recipients=7, examples=(("r1", "A stove", "Tent"),), rows="c" * 64
    ),
    "plan": plan(),
    "budget": budget(),
    "prompt": PromptText(name="letters", text="Write a letter."),
    "template": Template(name="plain", source="<mjml></mjml>"),
    "rule": Rule(words="No more than two letters a week.", file="id: ours.two-a-week"),
    "budget-split": BudgetSplit(search=1, social=1, total=2),
}


def test_every_kind_that_ships_has_an_example_here() -> None:
    assert set(EXAMPLES) == set(ANSWERED_BY) == {*SHIPPED, "budget-split"}


@pytest.mark.parametrize("role", ROLES)
@pytest.mark.parametrize("kind", ANSWERED_BY)
def test_of_every_role_and_kind_only_the_one_that_policies_name_is_taken_and_nothing_goes_out_by_it(
    sqlite_ledgers: Ledgers, kind: str, role: Role
) -> None:
    scene = Offered(sqlite_ledgers, EXAMPLES[kind], gate="some-gate")
    grant = Grant(role=role, markets="all")
    with sqlite_ledgers.door.write() as tx:
        remember_person(tx, "P-zoe", email="zoe@brand.example", name="zoe")
        record_rights(
            tx, EventKind.PERSON_ENROLLED, "P-zoe", (grant,), email="zoe@brand.example", name="zoe", by="P-root"
        )

    answer = scene.answer("zoe")

    assert isinstance(answer, Decision) == (role == ANSWERED_BY[kind]), answer
    if isinstance(answer, Decision):
        assert answer.manifest is not None
        with sqlite_ledgers.press.read() as tx:
            basis = scene.desk.authorise(tx, answer.manifest, scene.review.id, audience=None, as_of=tx.now)
        assert isinstance(basis, Refused)
