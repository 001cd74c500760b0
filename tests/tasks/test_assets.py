"""A campaign asks about a budget and spends it: with a yes, of these bytes, once; and in no other way."""

import re
from collections.abc import Iterator
from pathlib import Path
from typing import Any, ClassVar

import pytest
from prefect import Flow, State, flow

from presscheck.errors import CodeError
from presscheck.ledger import EventKind
from presscheck.models import Decision, Refused
from presscheck.people.rights import record_rights
from tasks import (
    Approved,
    Budget,
    Campaign,
    Hold,
    Kept,
    Kind,
    Line,
    Made,
    approved,
    await_decision,
    hold_on_fault,
    offer,
    open_campaign,
    part,
    step,
)
from tasks.holding import ended
from tests.tasks.stage import Stage

pytestmark = pytest.mark.slow

BOOKED: list[int] = []
"""What was really spent, in this process."""
WANTED: dict[str, Any] = {}
"""What the flow asks for."""


class Booking(Kept):
    shape: ClassVar[str] = "booking/1"

    dollars: int


class SmallBudget(Kind):
    kind = "small-budget"
    noun = "small budget"

    amount: int = part("Amount")


@step("book", effect="spends")
def book(campaign: Campaign, budget: Approved[Budget], place: str = "search") -> Made[Booking]:
    BOOKED.append(budget.value.dollars)
    if place == "broken":
        raise RuntimeError("the booking system closed the connection")
    return Made(Booking(dollars=budget.value.dollars))


@flow(name="small-budget")
@hold_on_fault
def small_budget(
    twice: bool = False,
    place: str = "search",
    forged: int = 0,
    blind: bool = False,
    own: bool = False,
    dollars: int = 0,
) -> State:
    campaign = open_campaign(brief="brief.yaml", audience="segment.sql")
    if dollars:
        Budget(purpose="Ads", dollars=dollars, terms="Evenly.")
    # Not validated: what a flow hands over may be anything.
    wanted = SmallBudget(amount=1) if own else Budget.model_construct(**WANTED)
    outcome = None
    for round in (1, 2):
        outcome = await_decision(offer(campaign, wanted, round=round), gate="budget")
        if not outcome.changes_wanted:
            break
    if outcome is None or not (outcome.approved or blind):
        return ended("Rejected", "Nothing was spent.")
    budget = approved(outcome, Budget)
    if forged:
        budget = budget.model_copy(update={"value": budget.value.model_copy(update={"dollars": forged})})
    booked = book(campaign, budget, place)
    if twice:
        book(campaign, budget, "social")
    return ended("Booked", f"{booked.dollars:,} dollars were booked.")


class BudgetStage(Stage):
    def campaign(self) -> Flow[..., State]:
        return small_budget

    def yes(self, **more: Any) -> Decision:
        decision = self.desk.apply(
            self.review().id, person="P-ana", raw={"form": self.review().form_key, "decision": "Approve", **more}
        )
        assert isinstance(decision, Decision), decision
        return decision

    def no(self, decision: str = "Reject", **more: Any) -> Any:
        form = {"form": self.review().form_key, "decision": decision, "reason": "other", **more}
        return self.desk.apply(self.review().id, person="P-ana", raw=form)


@pytest.fixture
def budget(project: Path, prefect: None) -> Iterator[BudgetStage]:
    BOOKED.clear()
    WANTED.clear()
    WANTED.update(purpose="Search ads in May", dollars=3_000, terms="Evenly by week.")
    staged = BudgetStage(project)
    yield staged
    staged.close()


def message(state: State | None) -> str:
    assert state is not None
    return f"{state.name}: {state.message}"


def test_what_was_signed_is_spent_as_it_was_edited_and_once_however_often_the_run_wakes(budget: BudgetStage) -> None:
    assert budget.start() is None
    budget.yes(edits=[{"field": "Amount", "text": "2,500"}])

    first = budget.wake()
    again = budget.wake()

    assert message(first) == message(again) == "Booked: 2,500 dollars were booked."
    assert BOOKED == [2_500]
    (used,) = budget.events(EventKind.ASSET_USED)
    assert used.data["before"] == "spending"


def test_without_a_yes_nothing_is_spent(budget: BudgetStage) -> None:
    budget.start(blind=True)
    budget.no()

    state = budget.wake()

    assert "ended as rejected, so nothing of it was approved" in message(state)
    assert BOOKED == []


def test_a_yes_is_good_for_one_spending(budget: BudgetStage) -> None:
    budget.start(twice=True)
    budget.yes()

    state = budget.wake()

    assert "step book has spent this already; a yes is good once" in message(state)
    assert BOOKED == [3_000]


def test_more_than_was_signed_is_not_spent(budget: BudgetStage) -> None:
    budget.start(forged=30_000)
    budget.yes()

    state = budget.wake()

    assert "other content than what" in message(state)
    assert BOOKED == []


def test_a_yes_that_was_taken_back_spends_nothing(budget: BudgetStage) -> None:
    budget.start()
    budget.yes()
    with budget.door.write() as tx:
        record_rights(tx, EventKind.PERSON_REVOKED, "P-ana", (), email="ana@brand.example", name="ana", by="P-root")

    state = budget.wake()

    assert "its yes does not hold" in message(state)
    assert BOOKED == []


def test_what_is_paused_is_not_spent(budget: BudgetStage) -> None:
    budget.start()
    budget.yes()
    with budget.door.write() as tx:
        tx.append(
            EventKind.CAMPAIGN_PAUSED, "small-budget", {"person": "P-ana", "role": "brand_lead", "reason": "stop"}
        )

    state = budget.wake()

    assert "it is paused (stop)" in message(state)
    assert BOOKED == []


def test_a_spending_that_broke_off_is_not_tried_again(budget: BudgetStage) -> None:
    budget.start(place="broken")
    budget.yes()

    broken = budget.wake()
    retried = budget.wake()

    assert "closed the connection" in message(broken)
    assert "was begun before and broke off" in message(retried)
    assert BOOKED == [3_000]


def test_a_budget_that_a_wake_makes_larger_holds(budget: BudgetStage) -> None:
    budget.start()
    budget.yes()
    WANTED.update(dollars=30_000)

    state = budget.wake()

    assert "about other texts or other people than now" in message(state)
    assert BOOKED == []


def test_changes_asked_for_are_another_round_about_the_same_kind(budget: BudgetStage) -> None:
    budget.start()
    assert not isinstance(budget.no("Request changes", note="Less."), Refused)
    WANTED.update(dollars=2_000)
    assert budget.wake() is not None, "the first round asked about another amount"
    WANTED.update(dollars=3_000)
    assert budget.wake() is None
    budget.yes()

    assert message(budget.wake()) == "Booked: 3,000 dollars were booked."


def test_what_nobody_could_be_shown_is_asked_about_by_nobody(budget: BudgetStage) -> None:
    WANTED.update(purpose=" \u2060Ads")

    state = budget.start()

    assert "nobody can be asked about this: Budget: " in message(state)
    assert budget.events(EventKind.REVIEW_OPENED) == []


def test_content_that_is_none_holds_with_the_line_that_made_it(budget: BudgetStage) -> None:
    state = budget.start(dollars=-5)

    assert re.search(r"Held: tests/tasks/test_assets.py:\d+: Budget, Amount: “-5” is too small", message(state))
    assert budget.events(EventKind.REVIEW_OPENED) == []


def test_what_no_policy_covers_is_asked_about_by_nobody(budget: BudgetStage) -> None:
    state = budget.start(own=True)

    assert "No approval policy covers gate budget" in message(state)
    assert "of small-budget" in message(state)
    assert budget.events(EventKind.REVIEW_OPENED) == []


def test_a_step_that_spends_takes_what_was_approved() -> None:
    with pytest.raises(CodeError, match=r'has the effect "spends" and takes nothing that was approved'):

        @step("book-blindly", effect="spends")
        def book_blindly(campaign: Campaign, dollars: int) -> Made[Booking]:
            return Made(Booking(dollars=dollars))


def test_a_kind_that_people_could_not_be_shown_is_refused_where_it_is_written() -> None:
    with pytest.raises(CodeError) as refused:

        class Odd(Kind):
            kind = "budget"
            noun = "budget"
            spends = "amount"

            share: float = part("Share")
            name: Line

    told = str(refused.value)
    assert "tests/tasks/test_assets.py" in told
    for fault in (
        "is called budget, as a kind that ships is",
        "calls itself budget, which people would take",
        "share is float; write int, Line, Text or Rows",
        "name has no title",
        "amount is named and is no part of it",
    ):
        assert fault in told


def test_parts_that_no_kind_can_have_are_refused_where_they_are_written() -> None:
    with pytest.raises(CodeError) as refused:

        class Odder(Kind):
            kind = "odd-one"
            noun = "odd one"
            spends = "amount"
            sums = {"amount": ("asset",)}

            amount: int = part("Amount", unit="m, n")
            asset: Line = part("Asset")
            theTotal: int = part("Total")

    told = str(refused.value)
    for fault in (
        "asset is what every kind has; name the part otherwise",
        "asset is named as a number and is none",
        'amount is what a yes commits; write part(..., unit="US dollars")',
        "amount: is a unit and nothing else",
        "theTotal: ",
    ):
        assert fault in told, told


def test_an_answer_of_another_run_approves_nothing_here(budget: BudgetStage, monkeypatch: pytest.MonkeyPatch) -> None:
    budget.start()
    budget.yes()
    with budget.door.read() as tx:
        outcome = budget.desk.outcome(tx, budget.review().id)
    monkeypatch.setattr("tasks.assets.this_run", lambda: "another")

    with pytest.raises(Hold, match="answered in another run"):
        approved(outcome, Budget)
