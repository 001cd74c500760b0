"""A project that asks about everything before it writes: segment and plan, a prompt, a budget of its own kind, texts.

People answer in Chromium; the budget, as it was edited and signed, is spent by a step; the letters rest on all of it.
With PRESSCHECK_SHOTS=FOLDER it leaves its screenshots there.
"""

import re
from collections.abc import Iterator
from datetime import UTC, datetime
from pathlib import Path

import pytest
from playwright.sync_api import expect

from presscheck.ledger import EventKind, Reader, verify
from presscheck.ledger.reviews import open_reviews
from presscheck.models import Review
from presscheck.starter import make_project
from tests.running import Stack, running_stack
from tests.system.test_in_the_browser import (
    _PATIENCE_MS,
    _choose,
    _open_form,
    _shot,
    _signed_in,
    browser,
)

__all__ = ["browser"]

pytestmark = [pytest.mark.slow, pytest.mark.timeout(600)]

_KINDS = '''\
"""How a budget is split."""

from tasks import Kind, part


class BudgetSplit(Kind):
    kind = "budget-split"
    noun = "budget split"
    spends = "total"
    sums = {"total": ("search", "social")}

    search: int = part("Search ads", unit="US dollars", at_least=0)
    social: int = part("Social posts", unit="US dollars", at_least=0)
    total: int = part("In all", unit="US dollars", at_most=40_000)
'''
_FLOW = '''\
"""Everything is asked about before anybody writes to a customer."""

from pathlib import Path
from typing import ClassVar

from flows.our_kinds import BudgetSplit
from presscheck import (
    Approved, Campaign, Kept, Made, Plan, PromptText, Segment, State, approved, await_decision, campaign,
    check_variants, deliver, draft_variants, offer, open_campaign, propose, require_audience, step,
)


class Booking(Kept):
    shape: ClassVar[str] = "booking/1"

    dollars: int


@step("book", effect="spends", title="book the ads")
def book(campaign: Campaign, split: Approved[BudgetSplit]) -> Made[Booking]:
    booked = Path("booked.txt")
    before = booked.read_text("utf-8") if booked.exists() else ""
    booked.write_text(f"{before}{split.value.search}+{split.value.social}\\n", "utf-8")
    return Made(Booking(dollars=split.value.total))


@campaign
def spring() -> State:
    campaign = open_campaign(
        brief="briefs/first_campaign.yaml", audience="segments/first_campaign.sql", catalogue="catalogue.csv"
    )
    recipients = require_audience(campaign)
    whom = Segment(
        name="Newsletter readers",
        words="Everybody who reads the newsletter and may be written to.",
        recipients=recipients.rows,
        markets="US, GB",
        query="SELECT ... WHERE newsletter = 'yes'",
        makeup=(("In the US", "14", "52 %"), ("In Great Britain", "9", "48 %")),
        audience=recipients.digest or "",
    )
    what = Plan(goal="More mugs on more stoves", measure="Mugs sold this month.", text="Ads, then a letter.")
    strategy = await_decision(offer(campaign, whom, what), gate="strategy")
    if not strategy.approved:
        return deliver(strategy)
    told = PromptText(name="letters", text="Write as one camper to another.")
    prompt = await_decision(offer(campaign, told), gate="prompt")
    money = None
    for round in (1, 2):
        split = BudgetSplit(search=1_000 // round, social=500, total=1_000 // round + 500)
        money = await_decision(offer(campaign, split, round=round), gate="budget")
        if not money.changes_wanted:
            break
    if money is None or not (prompt.approved and money.approved):
        return deliver(money)
    book(campaign, approved(money, BudgetSplit))
    choices = check_variants(campaign, draft_variants(campaign, count=10))
    return deliver(await_decision(propose(campaign, choices, recipients), gate="copy"))
'''
_MODEL = """\
id: approvals.budget-splits
kind: approval
title: The brand lead approves how a budget is split
why: Money that is spent does not come back.
source: {name: Our approval rules, date: 2026-01-15}
owner: marketing_director
scope: {gates: all, channels: all, markets: all, kinds: [budget-split]}
role: brand_lead
markets: all-of-audience
own_edits: allowed
expires_after: 7d
picks: {at_least: 1, at_most: 1}
max_rounds: 3
criteria: {factual: Are the figures right?, grammar: Is it correct?, compliance: May we?, voice: Is it us?,
  cultural: Would anybody misread it?, audience: Is it of use?, other: Say what.}
cases:
  - {when: {gate: budget, channel: email, markets: [US], tier: medium, kinds: [budget-split]}, applies: true}
  - {when: {gate: budget, channel: email, markets: [US], tier: medium}, applies: false}
"""
_NEEDS = """\
id: campaigns.spring
kind: campaign
title: Nothing is written before people, plan and money are agreed
why: Letters announce what the ads show.
source: {name: Our approval rules, date: 2026-01-15}
owner: marketing_director
flows: [spring]
points:
  - {point: audience, effects: [targets], must: true, why: Who signs a text has to know its readers.}
  - {point: budget, effects: [spends], must: true, why: Money that is spent does not come back.}
  - {point: publication, effects: [publishes], must: true, why: It cannot be taken back.}
gated_at_least: 3
needs:
  - {before: spending, gate: budget, kinds: [budget-split], why: Ads are booked from what was signed.}
  - {before: delivery, gate: strategy, kinds: [segment, plan], why: Letters follow the plan.}
  - {before: delivery, gate: budget, kinds: [budget-split], why: Letters announce what the ads show.}
cases:
  - {flow: spring, present: [audience, budget, publication], gated: [audience, budget, publication], passes: true}
  - {flow: writes-first, present: [audience, budget, publication], gated: [audience, publication], passes: false}
"""
_COUNTS = '''\
"""Says what it was given, and asks nobody."""

from prefect.states import Completed

from presscheck import Cron, State, campaign


@campaign(schedule=Cron("0 9 * * 1", zone="Europe/London"), parameters={"label": "none"})
def counts(count: int = 1, label: str = "", markets: list[str] = []) -> State:
    return Completed(name="Counted", message=repr((count, label, markets)))
'''


@pytest.fixture(scope="module")
def shop(needs_a_server: None, tmp_path_factory: pytest.TempPathFactory) -> Iterator[Stack]:
    """A project made by `presscheck init`, with this campaign and these policies, and its stack."""
    folder = tmp_path_factory.mktemp("kinds") / "shop"
    made = make_project(folder, campaign="first-campaign", author="you@example.com", as_of=datetime.now(UTC).date())
    files = {
        "flows/our_kinds.py": _KINDS,
        "flows/spring.py": _FLOW,
        "flows/counts.py": _COUNTS,
        "policies/approvals/budget-splits.yaml": _MODEL,
        "policies/campaigns/spring.yaml": _NEEDS,
    }
    for name, text in files.items():
        (made.folder / name).parent.mkdir(exist_ok=True)
        (made.folder / name).write_text(text, "utf-8")
    with running_stack(
        folder / ".presscheck", project=made.folder, data=made.folder / "data", policies=str(made.folder / "policies")
    ) as stack:
        yield stack


def _asked(stack: Stack, run: str, gate: str, round: int = 1) -> Review:
    def look(tx: Reader) -> Review | None:
        asked = [one for one in open_reviews(tx, run=run) if (one.question.gate, one.question.round) == (gate, round)]
        return asked[0] if asked else None

    review: Review = stack.wait(look, f"the gate {gate} to ask")
    stack.wait_until_suspended(run)
    return review


def test_what_is_typed_for_a_parameter_arrives_as_the_campaign_takes_it(shop: Stack) -> None:
    run = shop.start_run(campaign="counts", count="3", label="007", markets='["DE"]')
    as_deployed = shop.start_run(campaign="counts")

    assert shop.wait_for_state(run, "Counted")["message"] == "(3, '007', ['DE'])"
    assert shop.wait_for_state(as_deployed, "Counted")["message"] == "(1, 'none', [])"


def test_what_people_signed_of_every_kind_is_what_is_done(browser: object, shop: Stack) -> None:
    run = shop.start_run(campaign="spring")

    strategy = _asked(shop, run, "strategy")
    shop.decide(strategy, "strategist", picks=[])
    prompt = _asked(shop, run, "prompt")
    shop.decide(prompt, picks=[])
    first = _asked(shop, run, "budget")
    shop.decide(first, decision="request_changes", reason="factual", note="Half of it for search.", picks=[])
    money = _asked(shop, run, "budget", round=2)

    context = _signed_in(browser, shop, "brand_lead_2")  # type: ignore[arg-type]
    page = context.new_page()
    page.goto(f"{shop.settings.door_url}/inbox")
    expect(page.locator(f'a[href="/proof/{money.id}"]').first).to_be_visible(timeout=_PATIENCE_MS)
    _shot(page, "kinds-inbox")
    for name, review in (("strategy", strategy), ("prompt", prompt), ("budget-1", first), ("budget-2", money)):
        page.goto(f"{shop.settings.door_url}/proof/{review.id}")
        expect(page.get_by_text(review.id).first).to_be_visible(timeout=_PATIENCE_MS)
        page.set_viewport_size({"width": 1280, "height": 1600})
        _shot(page, f"kinds-proof-{name}")
    form = _open_form(page, shop, money)
    _choose(page, form, "Decision", "Approve")
    for part, text in (("Search ads", "400"), ("In all", "900")):
        form.get_by_role("button", name="Add item").click()
        form.get_by_label("Select Which part").last.click()
        page.get_by_role("option").filter(has_text=part).first.click()
        form.get_by_label("New text").last.fill(text)
    _shot(page, "kinds-form")
    form.get_by_role("button", name="Resume").click()

    texts = _asked(shop, run, "copy")
    page.goto(f"{shop.settings.door_url}/proof/{money.id}")
    expect(page.get_by_role("rowheader", name="Search ads").first).to_be_visible(timeout=_PATIENCE_MS)
    _shot(page, "kinds-proof-edited")
    page.goto(f"{shop.settings.door_url}/proof/{texts.id}")
    expect(page.get_by_role("heading", name=re.compile(r"^\d+ drafts$"))).to_be_visible(timeout=_PATIENCE_MS)
    _shot(page, "kinds-proof-texts")
    context.close()
    shop.decide(texts, picks=["V01"])
    delivery = shop.wait_for_delivery(texts)
    shop.wait_for_state(run, "Delivered")

    assert (Path(shop.settings.project) / "booked.txt").read_text("utf-8") == "400+500\n"
    assert (delivery.state, delivery.sent) == ("done", texts.question.audience_rows)
    assert len(texts.question.rests_on) == 4
    with shop.ledger.read() as tx:
        used = tx.events(EventKind.ASSET_USED, run=run)
        permits = tx.events(EventKind.PERMIT_ISSUED, run=run)
    assert [event.data["before"] for event in used] == ["spending"]
    assert {event.data["basis"]["review"] for event in permits} == {texts.id}
    assert verify(shop.ledger).fault is None
