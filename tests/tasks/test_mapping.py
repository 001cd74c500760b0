"""The map: what a flow would do, in every way in which people can answer, and what no gate guards."""

from collections.abc import Callable
from datetime import date
from pathlib import Path
from typing import Any, ClassVar

import pytest
from prefect import State, Task, flow, task

from policies import PolicySet, load_policies
from policies.engine.campaigns import CampaignPolicy, Need, Point
from presscheck.cli.flow_files import SHIPPED, load_flows
from presscheck.handbook.chart import FlowChart, FlowNode
from presscheck.models import Brief, CallToAction, Copy, Decision, DecisionKind, Outcome, OutcomeStatus, Sender
from tasks import (
    Approved,
    Audience,
    Budget,
    Campaign,
    Choices,
    Kept,
    Made,
    approved,
    await_decision,
    check_variants,
    deliver,
    draft_variants,
    hold_on_fault,
    house,
    offer,
    open_campaign,
    propose,
    require_audience,
    step,
)
from tasks.mapping import map_flow

BRIEF = Brief(
    id="spring",
    title="Spring",
    collaboration="producer",
    author="ben@brand.example",
    offer="The Fell jacket is here.",
    persona="Walkers",
    tone="plain",
    channel="email",
    markets=("US",),
    deadline=date(2030, 1, 1),
    call_to_action=CallToAction(label="See it", url="https://brand.example/fell"),
    sender=Sender(name="Brand", address="news@brand.example", postal_address="1 Mill Lane, Leeds"),
)
REALLY_MADE: list[str] = []


class Page(Kept):
    shape: ClassVar[str] = "page/1"

    digest: str
    long: bool


@step("page", effect="makes")
def make_page(campaign: Campaign) -> Made[Page]:
    REALLY_MADE.append(campaign.run)
    return Made(Page(digest="0" * 64, long=True))


@step("put-online", effect="publishes")
def put_online(campaign: Campaign, page: Any, text: Approved[Copy] | None = None) -> Made[Page]:
    REALLY_MADE.append(campaign.run)
    return Made(Page(digest="0" * 64, long=True))


@pytest.fixture(scope="module")
def policies() -> PolicySet:
    return load_policies()


@pytest.fixture
def chart_of(policies: PolicySet) -> Callable[..., FlowChart]:
    def chart(body: Callable[[], Any], brief: Brief | None = BRIEF) -> FlowChart:
        return map_flow(flow(name="a-flow")(hold_on_fault(body)), policies, brief=brief)

    return chart


def node(chart: FlowChart, key: str) -> FlowNode:
    return next(one for one in chart.nodes if one.key == key)


def asked(campaign: Campaign, recipients: Any, gate: str = "copy") -> Outcome:
    choices = check_variants(campaign, draft_variants(campaign))
    return await_decision(propose(campaign, choices, recipients), gate=gate)


def opened() -> Campaign:
    return open_campaign(brief="b.yaml", audience="a.sql")


# ---------------------------------------------------------------- what ships


@pytest.mark.parametrize("path", sorted(SHIPPED.glob("*.py")), ids=lambda path: path.stem)
def test_every_flow_that_ships_passes(path: Path, policies: PolicySet) -> None:
    found = [map_flow(one, policies, brief=BRIEF) for one in load_flows(path)]

    assert [chart.faults for chart in found] == [()]


def test_the_launch_is_one_gate_that_guards_audience_copy_and_publication(policies: PolicySet) -> None:
    (launch,) = load_flows(SHIPPED / "product_launch.py")

    chart = map_flow(launch, policies, brief=BRIEF, recipients=4_000)

    assert [(point.point, point.gates) for point in chart.points] == [
        ("audience", ("copy",)),
        ("copy", ("copy",)),
        ("publication", ("copy",)),
    ]
    assert node(chart, "step:draft").rounds == 3
    assert [(one.tier, one.model) for one in node(chart, "gate:copy").asked] == [("medium", "approvals.campaign-copy")]
    assert ("gate:copy", "step:draft", ("changes wanted",)) in [(e.source, e.target, e.answers) for e in chart.edges]
    assert chart.ways == 26


def test_without_a_brief_the_risk_is_a_range_and_each_tier_has_its_people(policies: PolicySet) -> None:
    (launch,) = load_flows(SHIPPED / "product_launch.py")

    chart = map_flow(launch, policies)

    assert node(chart, "delivery:delivery").tiers == ("low", "medium", "high", "critical")
    assert node(chart, "delivery:delivery").effects == ("publishes", "spends")
    assert [one.tier for one in node(chart, "gate:copy").asked] == ["low", "medium", "high", "critical"]


def test_a_standing_duty_has_no_map_and_does_nothing_while_one_looks(policies: PolicySet) -> None:
    (duty,) = load_flows(SHIPPED / "escalate_reviews.py")

    chart = map_flow(duty, policies)

    assert chart.nodes == ()
    assert "standing duty" in chart.remarks[0]


# ---------------------------------------------------------------- what does not pass


def test_an_answer_that_no_gate_gave_delivers_nothing(chart_of: Callable[..., FlowChart]) -> None:
    def body() -> State:
        campaign = opened()
        asked(campaign, require_audience(campaign))
        forged = Decision.model_construct(review="R-1", kind=DecisionKind.APPROVED)
        return deliver(Outcome.model_construct(status=OutcomeStatus.APPROVED, review="R-1", decision=forged))

    chart = chart_of(body)

    assert any("no gate gave in this run" in fault for fault in chart.faults)
    assert all(point.gates == () for point in chart.points)


def test_a_refusal_that_the_flow_turns_into_a_yes_is_no_answer_of_the_gate(chart_of: Callable[..., FlowChart]) -> None:
    def body() -> State:
        campaign = opened()
        answer = asked(campaign, require_audience(campaign))
        return deliver(answer.model_copy(update={"status": OutcomeStatus.APPROVED}))

    chart = chart_of(body)

    assert any("no gate gave in this run" in fault for fault in chart.faults)


def test_asking_before_the_audience_is_known_does_not_pass(chart_of: Callable[..., FlowChart]) -> None:
    def body() -> State:
        campaign = opened()
        answer = asked(campaign, Audience(digest=None, rows=0, candidates=0, exceptions={}, report=""))
        require_audience(campaign)
        return deliver(answer)

    chart = chart_of(body)

    assert [fault for fault in chart.faults if "no gate guards audience" in fault]
    assert not node(chart, "step:audience").guarded_by


def test_a_second_delivery_under_the_first_answer_does_not_pass(chart_of: Callable[..., FlowChart]) -> None:
    def body() -> State:
        campaign = opened()
        answer = asked(campaign, require_audience(campaign))
        deliver(answer)
        return deliver(answer)

    chart = chart_of(body)

    assert any("a second time under the answer of the gate copy" in fault for fault in chart.faults)


def test_a_step_that_publishes_by_itself_without_a_yes_does_not_pass(chart_of: Callable[..., FlowChart]) -> None:
    def body() -> State:
        campaign = opened()
        page = make_page(campaign)
        answer = asked(campaign, require_audience(campaign))
        put_online(campaign, page)
        return deliver(answer)

    chart = chart_of(body)

    assert any(fault.startswith("put-online: publishes without a gate that said yes") for fault in chart.faults)
    assert node(chart, "step:put-online").guarded_by == ()


def test_a_gate_that_is_passed_over_on_one_way_only_is_found(chart_of: Callable[..., FlowChart]) -> None:
    def body() -> None:
        campaign = opened()
        page = make_page(campaign)
        answer = asked(campaign, require_audience(campaign)) if page.long else None
        if answer is None or answer.approved:
            put_online(campaign, None, None if answer is None else approved(answer, Copy))

    chart = chart_of(body)

    assert any(fault.startswith("put-online: publishes without a gate") for fault in chart.faults)


def test_publishing_what_the_gate_was_not_asked_about_does_not_pass(chart_of: Callable[..., FlowChart]) -> None:
    def body() -> None:
        campaign = opened()
        page = make_page(campaign)
        answer = asked(campaign, require_audience(campaign))
        if answer.approved:
            # Only the digest is handed over, and it is known all the same.
            put_online(campaign, page.digest, approved(answer, Copy))

    chart = chart_of(body)

    assert any("the gate copy was not asked about that" in fault for fault in chart.faults)


def test_publishing_what_the_gate_was_asked_about_passes(chart_of: Callable[..., FlowChart]) -> None:
    def body() -> None:
        campaign = opened()
        page = make_page(campaign)
        choices = Choices.model_construct(proposals=(page.digest,), blocked={}, remark="")
        answer = await_decision(propose(campaign, choices, require_audience(campaign)))
        if answer.approved:
            put_online(campaign, page, approved(answer, Copy))

    chart = chart_of(body)

    assert chart.faults == ()
    assert node(chart, "step:put-online").guarded_by == ("copy",)


def _budget() -> Budget:
    return Budget(purpose="Search ads", dollars=1_000, terms="Evenly.")


@step("book", effect="spends")
def book(campaign: Campaign, budget: Approved[Budget]) -> Made[Page]:
    REALLY_MADE.append(campaign.run)
    return Made(Page(digest="0" * 64, long=True))


def test_a_budget_that_was_signed_may_be_spent_by_a_step(chart_of: Callable[..., FlowChart]) -> None:
    def body() -> State:
        campaign = opened()
        answer = await_decision(offer(campaign, _budget()), gate="budget")
        if answer.approved:
            book(campaign, approved(answer, Budget))
        return deliver(asked(campaign, require_audience(campaign)))

    chart = chart_of(body)

    assert chart.faults == ()
    assert node(chart, "step:book").guarded_by == ("budget",)
    assert {one.model for one in node(chart, "gate:budget").asked} == {"approvals.budgets", "approvals.large-budgets"}


def test_texts_and_their_money_may_have_one_yes_and_content_may_come_of_results(
    chart_of: Callable[..., FlowChart],
) -> None:
    def body() -> State:
        campaign = opened()
        recipients = require_audience(campaign)
        choices = check_variants(campaign, draft_variants(campaign))
        # What stands in for a result here is no such number, and nobody is told so.
        money = Budget(purpose="Ads", dollars=-recipients.rows, terms="Evenly.")
        answer = await_decision(propose(campaign, choices, recipients, also=(money,)), gate="launch")
        if answer.approved:
            book(campaign, approved(answer, Budget))
        return deliver(answer)

    assert chart_of(body).faults == ()


def test_spending_twice_under_one_yes_and_another_kind_than_was_asked_about_are_found(
    chart_of: Callable[..., FlowChart],
) -> None:
    def body() -> None:
        campaign = opened()
        answer = await_decision(offer(campaign, _budget()), gate="budget")
        if answer.approved:
            book(campaign, approved(answer, Budget))
            book(campaign, approved(answer, Budget))
            put_online(campaign, None, approved(answer, Copy))

    chart = chart_of(body)

    assert any("book: spends under the answer of the gate budget" in fault for fault in chart.faults)
    assert any("approved(..., Copy): the gate budget is asked about budget" in fault for fault in chart.faults)


def test_a_gate_that_is_asked_about_money_and_then_about_texts_is_found(chart_of: Callable[..., FlowChart]) -> None:
    def body() -> State:
        campaign = opened()
        await_decision(offer(campaign, _budget()))
        return deliver(asked(campaign, require_audience(campaign)))

    chart = chart_of(body)

    assert "copy: is asked about budget and about copy; give each a gate of its own" in chart.faults


def test_a_gate_that_the_campaigns_policy_names_and_the_flow_has_not_is_found(policies: PolicySet) -> None:
    (launch,) = load_flows(SHIPPED / "product_launch.py")
    (outgoing,) = (one for one in policies.campaigns if one.flows == "all")
    need = Need(before="delivery", gate="segment", kinds=("segment",), why="People are chosen before words.")
    strict = outgoing.model_copy(update={"needs": (need,)})
    narrow = PolicySet((), policies.approvals, tiers=policies.tiers, campaigns=(strict,))

    chart = map_flow(launch, narrow, brief=BRIEF)

    assert any("wants a yes to segment at the gate segment before its delivery" in fault for fault in chart.faults)


def test_a_flow_with_fewer_gated_points_than_its_policy_wants_does_not_pass(policies: PolicySet) -> None:
    (launch,) = load_flows(SHIPPED / "product_launch.py")
    (outgoing,) = (one for one in policies.campaigns if one.flows == "all")
    lonely = Point(point="budget", effects=("spends",), why="Money.")
    strict = CampaignPolicy.model_construct(**{**dict(outgoing), "points": (*outgoing.points[:1], lonely)})
    narrow = PolicySet((), policies.approvals, tiers=policies.tiers, campaigns=(strict,))

    chart = map_flow(launch, narrow, brief=BRIEF)

    assert any("at 2 points of high risk at least, and it is at 1 (audience)" in fault for fault in chart.faults)


def test_without_a_campaign_policy_what_sends_does_not_pass(policies: PolicySet) -> None:
    (launch,) = load_flows(SHIPPED / "product_launch.py")

    chart = map_flow(launch, PolicySet((), policies.approvals, tiers=policies.tiers), brief=BRIEF)

    assert any("there are 0 (none)" in fault for fault in chart.faults)


# ---------------------------------------------------------------- what cannot be walked


def test_a_prefect_task_that_is_no_step_is_told_and_not_run(chart_of: Callable[..., FlowChart]) -> None:
    ran: list[int] = []

    @task(name="post it")
    def post() -> None:
        ran.append(1)

    before = Task.__call__

    def body() -> None:
        opened()
        post()

    chart = chart_of(body)

    assert any("Prefect's task post it outside a step" in fault for fault in chart.faults)
    assert ran == []
    assert Task.__call__ is before


def test_a_body_that_reaches_for_the_ledger_is_told_and_gets_none(chart_of: Callable[..., FlowChart]) -> None:
    def body() -> None:
        opened()
        house.ledger()

    chart = chart_of(body)

    assert any("uses the ledger outside a step" in fault for fault in chart.faults)


def test_a_flow_that_raises_is_told_by_its_line(chart_of: Callable[..., FlowChart]) -> None:
    def body() -> None:
        opened()
        raise KeyError("colour")

    chart = chart_of(body)

    (fault,) = chart.faults
    assert fault.startswith("line ")
    assert fault.endswith("raised KeyError: 'colour'")


def test_a_loop_without_end_is_told(chart_of: Callable[..., FlowChart]) -> None:
    def body() -> None:
        campaign = opened()
        while True:
            make_page(campaign)

    chart = chart_of(body)

    assert any("comes to no end" in fault for fault in chart.faults)


def test_asking_until_somebody_approves_is_a_remark_and_no_fault(chart_of: Callable[..., FlowChart]) -> None:
    def body() -> State:
        campaign = opened()
        recipients = require_audience(campaign)
        answer = asked(campaign, recipients)
        while answer.changes_wanted:
            answer = asked(campaign, recipients)
        return deliver(answer)

    chart = chart_of(body)

    assert chart.faults == ()
    assert any("without end" in remark for remark in chart.remarks)


def test_no_step_is_made_while_one_looks(chart_of: Callable[..., FlowChart]) -> None:
    def body() -> None:
        make_page(opened())

    REALLY_MADE.clear()

    chart = chart_of(body)

    assert REALLY_MADE == []
    assert chart.passes


def test_for_everybody_the_audience_is_still_a_choice_that_the_gate_guards(chart_of: Callable[..., FlowChart]) -> None:
    def body() -> State:
        campaign = opened()
        return deliver(asked(campaign, require_audience(campaign)))

    chart = chart_of(body, BRIEF.model_copy(update={"channel": "social"}))

    assert node(chart, "step:audience").title == "everybody is the audience"
    assert node(chart, "step:audience").guarded_by == ("copy",)


@pytest.mark.parametrize(("effect", "said"), [(None, "declares no effect"), ("sends", "there is none of that name")])
def test_a_step_that_does_not_say_what_it_does_is_refused_where_it_is_defined(effect: Any, said: str) -> None:
    with pytest.raises(TypeError, match=said) as refused:
        step("quiet", effect=effect)

    assert 'effect="makes"' in str(refused.value)
