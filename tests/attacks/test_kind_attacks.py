"""Assets of every kind: nothing is shown otherwise than it is signed, and no yes is used twice or for anything else."""

from collections.abc import Callable
from concurrent.futures import ThreadPoolExecutor
from contextlib import suppress
from dataclasses import replace
from datetime import timedelta
from types import SimpleNamespace
from typing import Any

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from prefect import flow
from sqlalchemy import insert, update

from policies import PolicySet
from policies.engine.approval import ApprovalPolicy
from policies.engine.campaigns import CampaignPolicy
from presscheck.assets.described import DOLLARS
from presscheck.assets.kind import Kind, Line, part
from presscheck.assets.reading import read_signable
from presscheck.assets.shipped import SHIPPED, Budget, Plan
from presscheck.desk import Desk
from presscheck.desk.breaking_glass import break_glass
from presscheck.desk.passed import agreed_in, may_be_used
from presscheck.desk.publishing import Basis
from presscheck.desk.records import REOPENING, REOPENING_TEXT, make_ending
from presscheck.desk.situation import Situation, read_situation, scope_of
from presscheck.desk.spot_check import draw
from presscheck.digests import canonical
from presscheck.errors import CodeError, LedgerForged
from presscheck.ledger import EventKind, tables
from presscheck.ledger.assets import get_asset, put_asset
from presscheck.ledger.campaigns import end_campaign, record_found, record_start
from presscheck.ledger.reviews import open_review, record_decision
from presscheck.ledger.steps import StepKey
from presscheck.models import Asset, Decision, DecisionKind, Manifest, Question, Refused
from presscheck.people.delegation import delegate
from presscheck.people.rights import Grant, record_rights
from tasks import assets as task_assets
from tasks import await_decision, deliver, house, offer, open_campaign, steps
from tasks.assets import Approved, approved
from tasks.holding import Hold
from tasks.mapping import map_flow
from tests.desk.offered import FLOW, Offered, budget, plan, segment, with_models
from tests.desk.scene import BRIEF, RUN, Ledgers, Scene, shipped_policies, write_audience
from tests.press.stand import Stand

OWN = with_models(own={"kinds": ["our-plan"]})
OTHER_RUN = "6f0c6a52-0000-4000-8000-000000000002"


def described(*parts: dict[str, Any], kind: str = "our-plan", **more: Any) -> Asset:
    """An asset of a kind of somebody's own, as hostile as its content."""
    content = {"noun": "scheme", "sums": [], "spends": None, "reaches": None, "audience": None}
    return Asset(kind=kind, content={**content, "parts": list(parts), **more}, author=FLOW)


def words(name: str, title: str, text: str = "Something.", **more: Any) -> dict[str, Any]:
    return {"type": "line", "name": name, "title": title, "edited": True, "text": text, **more}


def number(name: str, title: str, value: Any = 7, unit: str = "") -> dict[str, Any]:
    limits = {"at_least": None, "at_most": None}
    return {"type": "number", "name": name, "title": title, "edited": True, "number": value, "unit": unit, **limits}


def forged(asset: Asset) -> str:
    with pytest.raises(LedgerForged) as caught:
        read_signable(asset)
    return str(caught.value)


def refusal(answer: Any) -> Refused:
    assert isinstance(answer, Refused), answer
    return answer


def manifest_of(decision: Decision) -> Manifest:
    assert decision.manifest is not None
    return decision.manifest


def goes_out(scene: Offered, decision: Decision) -> Any:
    """What the press is told of it."""
    with scene.ledgers.press.read() as tx:
        path = scene.audience_path
        return scene.desk.authorise(tx, manifest_of(decision), scene.review.id, audience=path, as_of=tx.now)


def used(scene: Offered, *digests: str, before: Any = "spending", run: str = RUN) -> Refused | None:
    """What a step of a run is told that would use these."""
    with scene.ledgers.worker.read() as tx:
        return may_be_used(tx, scene.policies, digests, run=run, before=before, as_of=tx.now)


def situation(scene: Scene) -> Situation:
    with scene.ledgers.press.read() as tx:
        found = read_situation(tx, scene.review, scene.policies)
    assert isinstance(found, Situation), found
    return found


def needing(*needs: dict[str, Any], flow: str = "product-launch") -> Callable[[], PolicySet]:
    """The shipped policies with a campaign policy that demands these gates."""
    shipped = shipped_policies()
    like = shipped.campaigns[0].model_dump(mode="json")
    told = {**like, "id": "campaigns.needing", "flows": [flow], "needs": [{"why": "So.", **need} for need in needs]}
    policies = replace(shipped, campaigns=(*shipped.campaigns, CampaignPolicy.model_validate(told)))
    return lambda: policies


# ---------------------------------------------------------------- what is shown is what is signed


def test_no_part_is_called_what_another_is_named() -> None:
    # Whoever picked the title “goal” would have written the part “Aim” anew.
    assert "name of another part" in forged(described(words("goal", "Aim"), words("aim", "goal")))


@pytest.mark.parametrize(
    "parts",
    [
        (words("a", "Aim"), words("b", "A1m")),
        (words("a", "Aim"), words("b", "Аim")),
        (words("a", "Aim"), words("b", "Aim:")),
        (words("a", "\u2800"),),
        (words("a", "Aim\u200b"),),
        (words("a", "Aim", "Word\u202edrow"),),
        (words("a", "Aim", "one\ntwo"),),
        (words("a", "Weeks (a yes commits it)"),),
        (number("a", "Weeks", unit="US dollars, a yes commits it"),),
        (number("a", "Weeks", unit="a yes commits it"),),
        (number("a", "Weeks", "7"),),
        (number("a", "Weeks", True),),
        (words("a", "Aim", " Something."),),
        (
            {
                "type": "table", "name": "a", "title": "Rows", "columns": ["Search", "Seorch", "5earch", "search"],
                "rows": [],
            },
        ),
        ({"type": "table", "name": "a", "title": "Rows", "columns": ["A"], "rows": [["x\ty"]]},),
        tuple(words(f"a{at}", f"Aim {at}") for at in range(41)),
    ],
)  # fmt: skip
def test_what_people_could_misread_is_asked_about_by_nobody(parts: tuple[dict[str, Any], ...]) -> None:
    forged(described(*parts))


def test_an_audience_that_nobody_sees_is_stood_for_by_nothing() -> None:
    seen, unseen = "a" * 64, "b" * 64
    parts = (words("whom", "Frozen audience", seen), number("many", "People"))

    assert "nobody would see it" in forged(described(*parts, audience=unseen, reaches="many"))
    assert "how many people" in forged(described(*parts, audience=seen))
    assert read_signable(described(*parts, audience=seen, reaches="many")).reach == 7


def test_two_sums_of_one_total_would_show_one() -> None:
    parts = (number("a", "A"), number("b", "B"), number("c", "C"))
    sums = [{"total": "a", "of": ["b"]}, {"total": "a", "of": ["c"]}]

    assert "two sums have one total" in forged(described(*parts, sums=sums))


def test_a_part_of_nothing_that_anybody_sees_is_none(sqlite_ledgers: Ledgers) -> None:
    scene = Offered(sqlite_ledgers, budget(3_000))

    assert "shows nothing" in forged(described(words("a", "Aim", "\u2800 \u2800")))
    assert "shows nothing" in refusal(scene.answer("ana", edits=[{"field": "purpose", "text": "\u2800"}])).reason


@pytest.mark.parametrize("noun", ["text", "Texts", "budgets", "Budg\u0435t", "COPY", "Segments", "e-mail"])
def test_an_own_kind_has_no_noun_of_one_that_ships(noun: str) -> None:
    assert "another kind" in forged(described(words("a", "Aim"), noun=noun))
    with pytest.raises(CodeError, match="take for a kind that ships"):
        type("Pretence", (Kind,), {"kind": "pretence", "noun": noun, "__module__": "flows.own"})


def test_how_many_it_is_for_is_told_beside_the_number() -> None:
    found = read_signable(described(number("weeks", "Weeks"), reaches="weeks"))

    assert found.parts[0].terms == "how many it is for"


def test_a_label_shows_the_amount_and_two_that_are_cut_alike_are_told_apart(sqlite_ledgers: Ledgers) -> None:
    many = [words(f"a{at}", f"Aim {at}", "x" * 60) for at in range(5)]
    two = [
        described(*many, words("end", "End", end), number("sum", "Sum", 900, DOLLARS), spends="sum")
        for end in ("here", "there")
    ]
    scene = Offered(sqlite_ledgers, *two, gate="plan", policies=OWN)

    with sqlite_ledgers.door.read() as tx:
        choices = list(scene.desk.form(tx, scene.review).choices.values())

    assert all("Sum: 900" in label for label in choices)
    assert choices[0][4:] != choices[1][4:]


@pytest.mark.slow
def test_forty_parts_are_all_told_in_the_form(sqlite_ledgers: Ledgers) -> None:
    parts = [words(f"a{at}", f"Aim {at} of many") for at in range(40)]
    scene = Offered(sqlite_ledgers, described(*parts), gate="plan", policies=OWN)

    with sqlite_ledgers.door.read() as tx:
        told = scene.desk.form(tx, scene.review).description

    assert all(f"Aim {at} of many" in told for at in range(40))


def test_parts_named_as_fields_of_the_form_are_parts(sqlite_ledgers: Ledgers) -> None:
    names = ("form", "decision", "picks", "edits", "note")
    asset = described(*(words(name, f"My {name}", "Old words.") for name in names))
    scene = Offered(sqlite_ledgers, asset, gate="plan", policies=OWN)

    decision = scene.agreed("ana", edits=[{"field": "decision", "text": "New words."}])

    with sqlite_ledgers.door.read() as tx:
        after = read_signable(get_asset(tx, manifest_of(decision).agreed[0]))
    assert [shown.text for shown in after.parts] == [
        "New words." if name == "decision" else "Old words." for name in names
    ]


@pytest.mark.slow
@given(
    st.recursive(
        st.none() | st.booleans() | st.integers() | st.text(max_size=8),
        lambda inner: (
            st.lists(inner, max_size=3)
            | st.dictionaries(
                st.sampled_from(
                    ["noun", "parts", "type", "name", "title", "text", "number", "rows", "columns", "sums", "x"]
                ),
                inner,
                max_size=6,
            )
        ),
        max_leaves=12,
    ),
    st.sampled_from([*SHIPPED, "our-plan", "image", "brief", "copy"]),
)
@settings(max_examples=200, deadline=None)
def test_whatever_a_content_is_it_is_read_or_refused(content: Any, kind: str) -> None:
    asset = Asset(kind=kind, content=content if isinstance(content, dict) else {"parts": content}, author=FLOW)

    with suppress(LedgerForged):
        assert read_signable(asset).parts


# ---------------------------------------------------------------- edits


def test_an_edit_that_writes_the_same_number_otherwise_is_none(sqlite_ledgers: Ledgers) -> None:
    scene = Offered(sqlite_ledgers, budget(3_000))

    answer = refusal(scene.answer("ana", edits=[{"field": "Amount", "text": "3000"}]))

    assert "not changed" in answer.reason


def test_an_edit_cannot_make_it_for_more_people(sqlite_ledgers: Ledgers) -> None:
    scene = Offered(sqlite_ledgers, described(number("many", "People"), reaches="many"), gate="plan", policies=OWN)

    answer = refusal(scene.answer("ana", edits=[{"field": "People", "text": "2,000,000"}]))

    assert "7 were asked for" in answer.reason


@pytest.mark.slow
def test_of_two_kinds_with_one_title_the_edit_is_of_the_one_that_is_picked(sqlite_ledgers: Ledgers) -> None:
    both = with_models(both={"gates": ["both"], "kinds": ["our-plan", "budget"]})
    weeks = described(number("dollars", "Weeks"), number("weeks", "Amount", 4))
    scene = Offered(sqlite_ledgers, budget(3_000), weeks, gate="both", policies=both)

    decision = scene.agreed("ana", edits=[{"pick": "V02", "field": "Amount", "text": "9"}])

    money, after = manifest_of(decision).agreed
    with sqlite_ledgers.door.read() as tx:
        told = {shown.title: shown.text for shown in read_signable(get_asset(tx, after)).parts}
    assert money == scene.offered[0].digest
    assert told == {"Weeks": "7", "Amount": "9"}


@pytest.mark.parametrize(
    "edit",
    [
        {"field": "Amount", "text": "4000"},
        {"field": "Amount", "text": "9" * 13},
        {"field": "Amount", "text": "٣"},
        {"field": "Amount", "text": "1e3"},
        {"field": "Amount", "text": "\u200b"},
        {"field": "What it is for", "text": "\u202eevil"},
        {"field": "What it is for", "text": "x" * 501},
        {"field": "How it is spent", "text": " \n "},
        {"field": "How it is spent", "text": "\ud800"},
        {"field": "noun", "text": "plan"},
        {"field": "spends", "text": "purpose"},
        {"field": "", "text": "x"},
        {"field": "Amount", "text": 5},
        {"field": "Amount", "text": "1", "more": "x"},
        "Amount",
    ],
)
def test_no_edit_changes_what_it_may_not(sqlite_ledgers: Ledgers, edit: Any) -> None:
    scene = Offered(sqlite_ledgers, budget(3_000))

    assert refusal(scene.answer("ana", edits=[edit])).code in ("bad-form", "bad-edit")


# ---------------------------------------------------------------- rights


def test_raw_material_is_approved_under_no_other_kind(sqlite_ledgers: Ledgers) -> None:
    # “material” among the kinds would also have let the brief's author judge it (policies/rights/separation.cedar).
    plain = Offered(sqlite_ledgers, texts=True, gate="unasked-2")
    raw = Asset(kind="material", content=plain.assets[0].content, author=FLOW)
    scene = Offered(sqlite_ledgers, raw, texts=True, gate="copy", people=False)

    assert "no email copy but material" in refusal(scene.answer("ana", picks=["V05"])).reason


@pytest.mark.parametrize("until", ["0001-01-01T00:00:00+14:00", "9999-12-31T23:59:59-14:00", "soon", 5, None])
def test_a_deadline_of_no_calendar_is_a_forgery_and_breaks_nothing(sqlite_ledgers: Ledgers, until: Any) -> None:
    scene = Offered(sqlite_ledgers, budget(3_000), gate="unasked-2")
    asked = scene.question.model_copy(update={"gate": "budget"})
    body = {"question": asked.digest, "gate": asked.gate, "round": 1, "expires_at": until}
    row = {"id": asked.review_id, "run": RUN, "gate": asked.gate, "round": 1, "opened_at": "", "expires_at": str(until)}
    with sqlite_ledgers.worker.write() as tx:
        tx.append(EventKind.REVIEW_OPENED, asked.review_id, body, run=RUN)
        tx.execute(insert(tables.reviews), row | {"question": canonical(asked.model_dump(mode="json")).decode()})

    answer = scene.desk.apply(asked.review_id, person="P-ana", raw={})

    assert refusal(answer).code == "forged"
    assert scene.desk.expire_due() == 0


def test_a_question_that_calls_a_new_machine_known_is_refused(sqlite_ledgers: Ledgers) -> None:
    scene = Offered(sqlite_ledgers, plan(), gate="plan", first_use=False)

    assert refusal(scene.answer("sam")).code == "broken-question"


def test_a_rule_that_lets_texts_out_draws_for_nothing_else(sqlite_ledgers: Ledgers) -> None:
    together = with_models(both={"gates": ["copy"], "kinds": ["copy", "plan"]})
    scene = Offered(sqlite_ledgers, plan(), gate="copy", texts=True, policies=together)
    found = situation(scene)
    spot = next(model for model in shipped_policies().approvals if model.automatic is not None)

    with sqlite_ledgers.door.write() as tx:
        assert draw(tx, replace(found, rule=spot)) is None
        assert tx.events(EventKind.SPOT_DRAWN) == []


def test_a_model_of_texts_decides_nothing_that_stands_beside_them(sqlite_ledgers: Ledgers) -> None:
    scene = Offered(sqlite_ledgers, budget(3_000), gate="copy", texts=True)

    assert refusal(scene.answer("ana", picks=["V01"])).code == "no-policy"


@pytest.mark.parametrize("kinds", [("plan",), ("budget", "plan"), ("copy",)])
def test_a_question_names_the_kinds_of_its_choices_and_no_others(sqlite_ledgers: Ledgers, kinds: Any) -> None:
    goes = {"audience": "a" * 64, "audience_rows": 7, "channel": "email", "sender": BRIEF.sender}
    scene = Offered(sqlite_ledgers, budget(3_000), kinds=kinds, **(goes if kinds == ("copy",) else {}))

    assert isinstance(scene.answer("ana"), Refused)
    assert isinstance(scene.answer("sam"), Refused)


@pytest.mark.parametrize("person", ["sam", "lea"])
def test_a_delegate_of_the_strategist_approves_no_budget(sqlite_ledgers: Ledgers, person: str) -> None:
    scene = Offered(sqlite_ledgers, budget(3_000))
    lent = (Grant(role="ai_strategist", markets="all"),)
    with sqlite_ledgers.door.write() as tx:
        day = tx.now.date()
        made = delegate(tx, by="P-sam", to="P-lea", grants=lent, begins=None, ends=day, gates="all")

    assert not isinstance(made, Refused), made
    assert refusal(scene.answer(person)).code == "no-right"


@pytest.mark.parametrize("rows", [2**40, 2**62, 2**70])
def test_a_reach_beyond_counting_is_everybody_and_breaks_nothing(sqlite_ledgers: Ledgers, rows: int) -> None:
    scene = Scene(sqlite_ledgers, audience_rows=rows)

    with sqlite_ledgers.door.read() as tx:
        scene.desk.form(tx, scene.review)
        who = scene.desk.who_may(tx, scene.review)

    assert not isinstance(who, Refused)
    assert situation(scene).facts.reach is None


def test_a_segments_approver_lets_no_step_publish(sqlite_ledgers: Ledgers) -> None:
    scene = Offered(sqlite_ledgers, plan(), gate="plan")
    digest = manifest_of(scene.agreed("sam")).agreed[0]

    assert refusal(used(scene, digest, before="publishing")).code == "publishes-nothing"


def test_a_plan_of_somebody_who_may_publish_lets_a_step_publish(sqlite_ledgers: Ledgers) -> None:
    scene = Offered(sqlite_ledgers, described(words("a", "Aim")), gate="plan", policies=OWN)
    digest = manifest_of(scene.agreed("ana")).agreed[0]

    assert used(scene, digest, before="publishing") is None


def three_stages() -> PolicySet:
    """The shipped policies with a model for the gate staged, whose director's yes is carried where nothing changed."""
    shipped = shipped_policies()
    like = next(model for model in shipped.approvals if model.id == "approvals.budgets").model_dump(mode="json")
    told = {name: value for name, value in like.items() if name not in ("role", "markets", "expires_after")}
    lead, director = {"any_of": ["brand_lead"]}, {"any_of": ["marketing_director"]}
    stages = [
        {"stage": "first", "needs": [lead], "expires_after": "7d"},
        {"stage": "second", "needs": [director], "expires_after": "7d", "carries": "unchanged"},
        {"stage": "third", "needs": [lead], "expires_after": "7d"},
    ]
    scope = {"gates": ["staged"], "channels": "all", "markets": "all", "kinds": ["our-plan"]}
    model = ApprovalPolicy.model_validate({**told, "id": "approvals.staged", "stages": stages, "scope": scope})
    return replace(shipped, approvals=(*shipped.approvals, model))


@pytest.mark.slow
@pytest.mark.parametrize("text", ["Something.", "Something else."])
def test_a_yes_of_the_round_before_is_carried_over_the_very_same_alone(sqlite_ledgers: Ledgers, text: str) -> None:
    policies = three_stages()
    first = Offered(sqlite_ledgers, described(words("a", "Aim")), gate="staged", policies=lambda: policies)
    first.yes("ana")
    for person in ("dora", "cleo"):
        with sqlite_ledgers.door.read() as tx:
            key = first.desk.form(tx, first.review).key
        more = {} if person == "dora" else {"decision": "Request changes", "reason": "factual", "note": "Say why."}
        assert not isinstance(first.answer(person, form=key, **more), Refused)
    second = Offered(
        sqlite_ledgers, described(words("a", "Aim", text)), gate="staged", people=False, round=2,
        policies=lambda: policies, previous=first.review.id,
    )  # fmt: skip
    second.yes("ana")

    with sqlite_ledgers.door.read() as tx:
        standing = second.desk.standing(tx, second.review)

    assert not isinstance(standing, Refused)
    assert standing.number == (3 if text == "Something." else 2)


def test_no_glass_is_broken_for_a_budget(sqlite_ledgers: Ledgers) -> None:
    scene = Offered(sqlite_ledgers, budget(3_000))
    now = sqlite_ledgers.clock()

    answer = break_glass(
        scene.desk, scene.review.id, person="P-ana", picks=("V01",), hours=1, reason="It is urgent.", proved_at=now
    )

    assert refusal(answer).code == "no-glass"


# ---------------------------------------------------------------- money


def test_of_what_was_signed_together_only_the_money_is_money(sqlite_ledgers: Ledgers) -> None:
    # A plan beside a budget would have been a second budget.
    both = with_models(both={"gates": ["both"], "kinds": ["our-plan", "budget"]})
    scene = Offered(sqlite_ledgers, budget(3_000), described(words("a", "Aim")), gate="both", policies=both)
    money, aim = manifest_of(scene.agreed("ana")).agreed

    assert used(scene, money) is None
    assert refusal(used(scene, aim)).code == "spends-nothing"


def test_budgets_of_one_run_add_up_under_whatever_names(sqlite_ledgers: Ledgers) -> None:
    Offered(sqlite_ledgers, budget(30_000, "Search"), gate="search")

    second = Offered(sqlite_ledgers, budget(30_000, "Social"), gate="social", people=False)
    question = second.question.model_copy(
        update={"campaign": "winter-letter", "gate": "winter", "brief": _other_brief(second)}
    )
    third = _ask(second, question)

    assert situation(third).facts.spend == 90_000


def test_a_flow_that_says_that_it_ended_takes_no_budget_out(sqlite_ledgers: Ledgers) -> None:
    first = Offered(sqlite_ledgers, budget(30_000, "Search"), gate="search")
    with sqlite_ledgers.worker.write() as tx:
        end_campaign(tx, RUN, ending="delivered")
    second = Offered(sqlite_ledgers, budget(30_000, "Social"), gate="social", people=False)

    assert first.run == second.run
    assert situation(second).facts.spend == 60_000


def test_without_a_window_an_unreadable_budget_of_the_run_counts_as_the_largest(sqlite_ledgers: Ledgers) -> None:
    shipped = shipped_policies()
    policies = replace(shipped, tiers=(shipped.tiers[0].model_copy(update={"window": None}),))
    first = Offered(sqlite_ledgers, budget(30_000), gate="search", policies=lambda: policies)
    with sqlite_ledgers.worker.write() as tx:
        tx.execute(
            update(tables.assets).where(tables.assets.c.digest == first.offered[0].digest).values(content='{"a":1}')
        )
    second = Offered(sqlite_ledgers, budget(1_000), gate="social", people=False, policies=lambda: policies)

    assert situation(second).row.tier == "critical"


def test_a_question_that_was_asked_again_counts_once(sqlite_ledgers: Ledgers) -> None:
    first = Offered(sqlite_ledgers, budget(30_000), gate="search")
    with sqlite_ledgers.door.write() as tx:
        ending = make_ending(tx, first.review, DecisionKind.REOPENED, REOPENING, REOPENING_TEXT, None, None)
        record_decision(tx, ending, run=RUN)
    again = Offered(sqlite_ledgers, budget(30_000), gate="search", people=False, again=1)

    assert situation(again).facts.spend == 30_000


# ---------------------------------------------------------------- one yes for another


def test_a_yes_holds_in_its_run_alone(sqlite_ledgers: Ledgers) -> None:
    scene = Offered(sqlite_ledgers, budget(3_000))
    digest = manifest_of(scene.agreed("ana")).agreed[0]

    assert used(scene, digest) is None
    assert refusal(used(scene, digest, run=OTHER_RUN)).code == "not-agreed"


def test_a_yes_to_other_bytes_or_to_what_was_edited_is_none(sqlite_ledgers: Ledgers) -> None:
    scene = Offered(sqlite_ledgers, budget(3_000))
    digest = manifest_of(scene.agreed("ana", edits=[{"field": "Amount", "text": "2,000"}])).agreed[0]

    assert used(scene, digest) is None
    assert refusal(used(scene, scene.offered[0].digest)).code == "not-agreed"
    assert refusal(used(scene, budget(4_000).asset(FLOW).digest)).code == "not-agreed"


def test_a_yes_of_a_brief_that_is_over_of_a_paused_or_of_a_cancelled_run_is_none(sqlite_ledgers: Ledgers) -> None:
    scene = Offered(sqlite_ledgers, budget(3_000))
    digest = manifest_of(scene.agreed("ana")).agreed[0]
    codes: list[str] = []

    with sqlite_ledgers.door.write() as tx:
        tx.append(EventKind.CAMPAIGN_PAUSED, "product-launch", {"person": "P-ana", "role": "brand_lead", "reason": "x"})
    codes.append(refusal(used(scene, digest)).code)
    with sqlite_ledgers.worker.read() as tx:
        late = tx.now + timedelta(days=400)
        codes.append(refusal(agreed_in(tx, scene.policies, digest, run=RUN, as_of=late)).code)
    with sqlite_ledgers.door.write() as tx:
        tx.append(EventKind.RUN_CANCELLED, RUN, {"person": "P-eva"}, run=RUN)
    codes.append(refusal(used(scene, digest)).code)

    assert codes == ["paused", "deadline", "cancelled"]


def test_a_step_does_nothing_once_what_its_budget_rests_on_has_fallen(sqlite_ledgers: Ledgers) -> None:
    Offered(sqlite_ledgers, plan(), gate="plan").agreed("sam")
    scene = Offered(sqlite_ledgers, budget(3_000), people=False)
    digest = manifest_of(scene.agreed("ana")).agreed[0]
    before = used(scene, digest)
    with sqlite_ledgers.door.write() as tx:
        record_rights(tx, EventKind.PERSON_REVOKED, "P-sam", (), email="sam@brand.example", name="sam", by="P-root")

    assert before is None
    assert refusal(used(scene, digest)).code == "gate-gone"


# ---------------------------------------------------------------- gates that must have been passed


def test_a_question_that_leaves_out_what_was_agreed_before_lets_nothing_out(sqlite_ledgers: Ledgers) -> None:
    Offered(sqlite_ledgers, segment(audience="b" * 64), gate="segment").agreed("sam")
    texts = Offered(sqlite_ledgers, texts=True, gate="copy", people=False, rests_on=())

    answer = refusal(goes_out(texts, texts.agreed("ana", picks=["V01"])))

    assert answer.code == "broken-question"
    assert "leaves out" in answer.reason


@pytest.mark.parametrize("foreign", ["f" * 64, "not of this run"])
def test_what_it_rests_on_was_agreed_in_this_very_run(sqlite_ledgers: Ledgers, foreign: str) -> None:
    digest = foreign if len(foreign) == 64 else plan().asset(FLOW).digest
    texts = Offered(sqlite_ledgers, texts=True, gate="copy", rests_on=(digest,))

    assert refusal(goes_out(texts, texts.agreed("ana", picks=["V01"]))).code == "gate-gone"


def test_a_segment_that_says_fewer_people_than_its_audience_has_lets_nothing_out(sqlite_ledgers: Ledgers) -> None:
    audience = write_audience(sqlite_ledgers.home, 7)
    Offered(sqlite_ledgers, segment(recipients=3, audience=audience), gate="segment").agreed("sam")
    texts = Offered(sqlite_ledgers, texts=True, gate="copy", people=False)

    answer = refusal(goes_out(texts, texts.agreed("ana", picks=["V01"])))

    assert answer.code == "other-audience"
    assert "says 3 recipients" in answer.reason


@pytest.mark.slow
@pytest.mark.parametrize("same", [True, False])
def test_texts_and_a_segment_in_one_question_are_for_the_same_people(sqlite_ledgers: Ledgers, same: bool) -> None:
    both = with_models(both={"gates": ["both"], "kinds": ["copy", "segment"]})
    whom = segment(audience=write_audience(sqlite_ledgers.home, 7) if same else "b" * 64)
    scene = Offered(sqlite_ledgers, whom, gate="both", texts=True, policies=both)

    found = goes_out(scene, scene.agreed("ana", picks=["V01"]))

    assert isinstance(found, Refused) != same, found


SEGMENT_FIRST = {"before": "delivery", "gate": "segment", "kinds": ["segment"]}


@pytest.mark.slow
@pytest.mark.parametrize(
    ("other", "counts"),
    [
        ({"id": "winter", "title": "Winter"}, False),
        ({"author": "eva@brand.example"}, False),
        ({"spend_dollars": 1}, False),
        ({"channel": "sms"}, True),
        ({"language": "de"}, True),
    ],
)
def test_what_was_agreed_for_another_brief_counts_only_where_channel_and_language_are_all_that_differs(
    sqlite_ledgers: Ledgers, other: dict[str, Any], counts: bool
) -> None:
    policies = needing(SEGMENT_FIRST)
    scene = Offered(sqlite_ledgers, texts=True, gate="unasked-2", policies=policies)
    scene = Offered(sqlite_ledgers, segment(audience=scene.audience), gate="unasked-3", people=False, policies=policies)
    question = scene.question.model_copy(update={"gate": "segment", "brief": _other_brief(scene, **other)})
    in_scope = scope_of(policies(), question, BRIEF.model_copy(update=other))
    _ask(scene, question.model_copy(update={"policies": in_scope})).agreed("sam")
    texts = Offered(sqlite_ledgers, texts=True, gate="copy", people=False, policies=policies)

    answer = goes_out(texts, texts.agreed("ana", picks=["V01"]))

    assert (texts.question.rests_on != ()) == counts
    if counts:
        assert isinstance(answer, Basis), answer
    else:
        assert "a yes to segment at the gate segment" in refusal(answer).reason


def test_a_question_that_names_what_was_agreed_for_another_brief_rests_on_nothing(sqlite_ledgers: Ledgers) -> None:
    audience = write_audience(sqlite_ledgers.home, 7)
    scene = Offered(sqlite_ledgers, segment(audience=audience), gate="unasked-2")
    question = scene.question.model_copy(update={"gate": "segment", "brief": _other_brief(scene)})
    agreed = _ask(scene, question).agreed("sam")
    assert agreed.manifest is not None
    texts = Offered(sqlite_ledgers, texts=True, gate="copy", people=False, rests_on=agreed.manifest.agreed)

    answer = refusal(goes_out(texts, texts.agreed("ana", picks=["V01"])))

    assert "another brief" in answer.reason


def test_a_delivery_without_the_gate_that_its_policy_wants_is_held_by_the_press(sqlite_ledgers: Ledgers) -> None:
    texts = Offered(sqlite_ledgers, texts=True, gate="copy", policies=needing(SEGMENT_FIRST))
    stand = Stand(texts)
    delivery = stand.request(texts.agreed("ana", picks=["V01"]))

    stand.press.step()

    assert "a yes to segment at the gate segment" in stand.row(delivery).reason
    assert stand.files() == []


@pytest.mark.slow
@pytest.mark.parametrize("signed_by", ["worker", "door", "door, of a run that came by itself"])
def test_another_name_of_the_flow_leaves_out_no_gate(sqlite_ledgers: Ledgers, signed_by: str) -> None:
    flow = "product-launch" if signed_by == "worker" else "sale"
    policies = needing(SEGMENT_FIRST, flow=flow)
    texts = Offered(sqlite_ledgers, texts=True, gate="copy", policies=policies, campaign="harmless")
    with sqlite_ledgers.door.write() as tx:
        if "by itself" in signed_by:
            record_found(tx, RUN, deployment="", created="", campaign="sale")
        else:
            record_start(tx, RUN, person="P-eva", campaign="sale")

    assert refusal(goes_out(texts, texts.agreed("ana", picks=["V01"]))).code == "gate-missing"


@pytest.mark.slow
def test_two_policies_of_one_flow_leave_out_no_gate(sqlite_ledgers: Ledgers) -> None:
    one = needing(SEGMENT_FIRST)()
    again = one.campaigns[-1].model_copy(update={"id": "campaigns.again", "needs": ()})
    both = replace(one, campaigns=(*one.campaigns, again))
    texts = Offered(sqlite_ledgers, texts=True, gate="copy", policies=lambda: both)

    assert refusal(goes_out(texts, texts.agreed("ana", picks=["V01"]))).code == "gate-missing"


def test_a_gate_passed_for_other_people_is_not_passed_for_these(sqlite_ledgers: Ledgers) -> None:
    policies = needing(SEGMENT_FIRST)
    Offered(sqlite_ledgers, segment(audience="b" * 64), gate="segment", policies=policies).agreed("sam")
    audience = write_audience(sqlite_ledgers.home, 7)
    Offered(sqlite_ledgers, segment(audience=audience), gate="any", policies=policies, people=False).agreed("sam")
    texts = Offered(sqlite_ledgers, texts=True, gate="copy", people=False, policies=policies)

    assert refusal(goes_out(texts, texts.agreed("ana", picks=["V01"]))).code == "gate-missing"


@pytest.mark.slow
@pytest.mark.parametrize("same", [True, False])
def test_a_gate_about_the_same_words_for_other_people_is_not_passed(sqlite_ledgers: Ledgers, same: bool) -> None:
    wanted = needing({"before": "delivery", "gate": "law", "kinds": ["copy"]})()
    asking = with_models(law={"gates": ["law"], "kinds": ["copy"]})()
    both = replace(wanted, approvals=asking.approvals)

    def policies() -> PolicySet:
        return both

    other = {} if same else {"audience": "c" * 64, "audience_rows": 3}
    law = Offered(sqlite_ledgers, texts=True, gate="law", policies=policies, **other)
    law.agreed("ana", picks=["V01"])
    texts = Offered(sqlite_ledgers, texts=True, gate="copy", people=False, policies=policies)

    found = goes_out(texts, texts.agreed("ana", picks=["V01"]))

    assert isinstance(found, Refused) != same, found


@pytest.mark.slow
@pytest.mark.parametrize("kind", ["plan", "segment"])
def test_a_gate_is_passed_by_the_kinds_that_the_policy_names(sqlite_ledgers: Ledgers, kind: str) -> None:
    policies = needing({"before": "spending", "gate": "plan", "kinds": [kind]})
    Offered(sqlite_ledgers, plan(), gate="plan", policies=policies).agreed("sam")
    scene = Offered(sqlite_ledgers, budget(3_000), people=False, policies=policies)
    digest = manifest_of(scene.agreed("ana")).agreed[0]

    answer = used(scene, digest)

    # What the budget rests on counts: the map promises that a gate before is enough.
    assert answer is None if kind == "plan" else refusal(answer).code == "gate-missing"


def test_a_policy_that_wants_a_gate_since_the_yes_holds_it(sqlite_ledgers: Ledgers) -> None:
    texts = Offered(sqlite_ledgers, texts=True, gate="copy")
    decision = texts.agreed("ana", picks=["V01"])
    now = Desk(sqlite_ledgers.press, needing(SEGMENT_FIRST))
    with sqlite_ledgers.press.read() as tx:
        answer = now.authorise(tx, manifest_of(decision), texts.review.id, audience=texts.audience_path, as_of=tx.now)

    assert refusal(answer).code == "policies-changed"


def test_no_step_publishes_to_other_people_than_those_of_the_approved_segment(sqlite_ledgers: Ledgers) -> None:
    Offered(sqlite_ledgers, segment(audience="b" * 64), gate="segment").agreed("sam")
    texts = Offered(sqlite_ledgers, texts=True, gate="copy", people=False)
    signed = manifest_of(texts.agreed("ana", picks=["V01"])).assets

    with sqlite_ledgers.worker.read() as tx:
        answer = may_be_used(tx, texts.policies, signed, run=RUN, before="publishing", as_of=tx.now)

    assert refusal(answer).code == "other-audience"


# ---------------------------------------------------------------- the worker's side


class Twin(Kind):
    """Described in exactly the words of another kind."""

    kind = "twin-scheme"
    noun = "scheme"

    aim: Line = part("Aim")


def test_an_approved_thing_of_one_kind_is_none_of_another() -> None:
    asset = described(words("aim", "Aim"))
    own = Asset(kind="twin-scheme", content=asset.content, author=FLOW)

    assert task_assets.content_of(own, Twin) == Twin(aim="Something.")
    with pytest.raises(ValueError, match="our-plan"):
        task_assets.content_of(asset, Twin)


@pytest.fixture
def claiming(sqlite_ledgers: Ledgers, monkeypatch: pytest.MonkeyPatch) -> Offered:
    """A run whose budget was approved, and the worker's house about it."""
    scene = Offered(sqlite_ledgers, budget(3_000))
    scene.agreed("ana")
    monkeypatch.setattr(house, "ledger", lambda: sqlite_ledgers.worker)
    monkeypatch.setattr(house, "desk", lambda: scene.desk)
    monkeypatch.setattr(steps, "this_run", lambda: RUN)
    return scene


def claim(*arguments: Any, name: str = "book", run: str = RUN, before: Any = "spending", **key: Any) -> str:
    """Why a step is not begun; empty where it may be."""

    def make(campaign: Any, budget: Approved[Budget]) -> steps.Made[Booked]:
        del campaign, budget
        return steps.Made(Booked())

    made = steps._Step(name, name, make, "spends", ())
    try:
        made._claim(StepKey(run=run, step=name, inputs="a" * 64, **key), before, arguments)
    except Hold as hold:
        return str(hold)
    return ""


class Booked(steps.Kept):
    shape = "booked/1"


def approved_budget(scene: Offered, dollars: int = 3_000, purpose: str = "Search ads in May") -> Approved[Any]:
    return Approved[Budget](value=budget(dollars, purpose), review=scene.review.id, asset=scene.offered[0].digest)


@pytest.mark.parametrize(
    "again",
    [{}, {"name": "book-too"}, {"round": 2}, {"partition": "US"}],
    ids=["after a crash", "another step", "another round", "another partition"],
)
def test_one_yes_is_spent_once(claiming: Offered, again: dict[str, Any]) -> None:
    first = claim(approved_budget(claiming))

    second = claim(approved_budget(claiming), **again)

    assert first == ""
    assert "broke off" in second or "a yes is good once" in second


def test_a_plan_beside_two_budgets_is_no_money_and_each_budget_is_spent_once(claiming: Offered) -> None:
    planned = Offered(claiming.ledgers, plan(), gate="plan", people=False)
    planned.agreed("sam")
    beside = Approved[Plan](value=plan(), review=planned.review.id, asset=planned.offered[0].digest)
    more = Offered(claiming.ledgers, budget(1_000, "Social posts"), gate="more", people=False)
    more.agreed("ana")

    first = claim(approved_budget(claiming), beside)
    second = claim(approved_budget(more, 1_000, "Social posts"), beside, name="book-too")
    third = claim(approved_budget(claiming), beside, name="book-three")

    assert (first, second) == ("", "")
    assert "a yes is good once" in third


def test_what_lies_within_a_model_is_claimed_as_well(claiming: Offered) -> None:
    outcome = Wrapped(inner=approved_budget(claiming))

    assert claim(outcome) == ""
    assert "a yes is good once" in claim(approved_budget(claiming), name="book-too")


class Wrapped(steps.Kept):
    shape = "wrapped/1"

    inner: Any


def test_of_two_processes_at_once_one_spends(claiming: Offered) -> None:
    with ThreadPoolExecutor(2) as both:
        found = list(both.map(lambda name: claim(approved_budget(claiming), name=name), ("book", "book-too")))

    assert sorted(map(bool, found)) == [False, True]


def test_content_that_a_flow_makes_up_is_spent_by_nobody(claiming: Offered) -> None:
    more, same = approved_budget(claiming, 9_000), approved_budget(claiming)

    assert "not what was signed" in claim(more)
    # The second of one digest would have stood for the first.
    assert "not what was signed" in claim(more, same)
    assert "nothing that was approved" in claim(budget(3_000))


def test_a_campaign_of_another_run_is_spent_by_nobody(claiming: Offered) -> None:
    assert "another run's campaign" in claim(approved_budget(claiming), run=OTHER_RUN)


def test_a_step_within_a_step_spends_nothing(claiming: Offered, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(steps, "TaskRunContext", SimpleNamespace(get=object))

    assert "within another step" in claim(approved_budget(claiming))


def test_nothing_is_spent_after_the_yes_was_taken_back(claiming: Offered) -> None:
    with claiming.ledgers.door.write() as tx:
        record_rights(tx, EventKind.PERSON_REVOKED, "P-ana", (), email="ana@brand.example", name="ana", by="P-root")

    assert "did nothing, because its yes does not hold" in claim(approved_budget(claiming))


# ---------------------------------------------------------------- what the map finds


@steps.step("book", effect="spends")
def book(campaign: Any, *given: Approved[Kind]) -> steps.Made[Booked]:
    """Spends; it takes whatever was approved."""
    del campaign, given
    return steps.Made(Booked())


def charted(body: Callable[[], Any]) -> str:
    """The faults that the map finds in a flow's body."""
    body.__name__ = "hostile"
    return "\n".join(map_flow(flow(name="hostile")(body), shipped_policies()).faults)


def test_the_map_finds_a_plan_that_is_spent() -> None:
    def body() -> None:
        campaign = open_campaign(brief="b", audience="a")
        answer = await_decision(offer(campaign, plan()), gate="plan")
        if answer.approved:
            book(campaign, approved(answer, Plan))

    assert "nothing approved that it is given is money" in charted(body)


@pytest.mark.slow
def test_the_map_finds_one_budget_that_is_spent_beside_two_plans() -> None:
    def body() -> None:
        campaign = open_campaign(brief="b", audience="a")
        money = await_decision(offer(campaign, budget()), gate="budget")
        for gate in ("one", "two"):
            aim = await_decision(offer(campaign, plan()), gate=gate)
            if money.approved and aim.approved:
                book(campaign, approved(aim, Plan), approved(money, Budget))

    assert "book: spends under the answer of the gate budget" in charted(body)


def test_the_map_finds_an_approved_thing_that_a_flow_made_up() -> None:
    def body() -> None:
        campaign = open_campaign(brief="b", audience="a")
        book(campaign, Approved[Budget](value=budget(), review="R-1", asset="a" * 64))

    assert "without a gate that said yes" in charted(body)


def test_the_map_finds_a_delivery_of_what_does_not_go_out() -> None:
    def body() -> Any:
        campaign = open_campaign(brief="b", audience="a")
        return deliver(await_decision(offer(campaign, plan()), gate="plan"))

    assert "asked about nothing that goes out" in charted(body)


# ---------------------------------------------------------------- within


def _other_brief(scene: Scene, **other: Any) -> str:
    """Another brief in the same run; of other names, where nothing else is said."""
    told = BRIEF.model_copy(update=other or {"id": "winter", "title": "Winter"}).model_dump(mode="json")
    asset = Asset(kind="brief", content={"brief": told, "product": None}, author=FLOW)
    with scene.ledgers.worker.write() as tx:
        return put_asset(tx, asset, run=RUN)


def _ask(scene: Offered, question: Question) -> Offered:
    scene.question = question
    with scene.ledgers.worker.write() as tx:
        scene.review = open_review(tx, question, expires_at=tx.now + timedelta(days=7))
    return scene
