"""Figures are worked out of signed events, each by its definition, and none is made up."""

from datetime import date, timedelta
from decimal import Decimal
from typing import Any

import pytest

from presscheck.figures.facts import doubtful, gather
from presscheck.figures.measures import MEASURES
from presscheck.figures.working import Figures, work_out
from presscheck.ledger import EventKind
from presscheck.ledger.campaigns import open_campaign
from presscheck.settings.figures import BaselineSection
from tests.desk.scene import BRIEF, Scene
from tests.door.offered import Offered, budget

RATES = BaselineSection(hourly_rate=Decimal(60), tools={"copywriter": Decimal(40)}, minutes_cap=30)
MEASURE_IDS = [measure.id for measure in MEASURES if measure.id != "cost-per-asset"]
OTHER = "6f0c6a52-0000-4000-8000-000000000002"


def see(scene: Scene, person: str = "ana") -> None:
    with scene.ledgers.door.write() as tx:
        tx.append(EventKind.REVIEW_SEEN, scene.review.id, {"person": f"P-{person}"}, run=scene.run)


def deliver(scene: Scene, sent: int = 7) -> None:
    with scene.ledgers.press.write() as tx:
        tx.append(EventKind.BATCH_SENT, "D-1", {"sent": sent}, run=scene.run)


def work(scene: Scene, rates: BaselineSection = RATES, **asked: Any) -> Figures:
    with scene.ledgers.door.read() as tx:
        runs = gather(tx, **asked)
    since, until = asked.get("since"), asked.get("until")
    return work_out(runs, rates, since=since, until=until, now=scene.ledgers.clock(), whole="campaign" not in asked)


def value(figures: Figures, measure: Any) -> tuple[str | None, int]:
    figure = figures.of(measure)
    return None if figure.value is None else str(figure.value), figure.n


@pytest.fixture
def scene(sqlite_ledgers, clock) -> Scene:
    """Opened at nine, seen at ten, approved with one edit twelve minutes later, delivered at noon."""
    begun = clock.now.date() - timedelta(days=3)
    scene = Scene(sqlite_ledgers, brief=BRIEF.model_copy(update={"begun": begun}))
    clock.advance(hours=1)
    see(scene)
    clock.advance(minutes=12)
    body = scene.assets[0].copy_text.body.replace("See you outside.", "See you out there.")
    scene.approve(picks=["V01", "V02"], edits=[{"pick": "V01", "field": "body", "text": body}])
    clock.advance(minutes=108)
    deliver(scene)
    return scene


def test_each_figure_is_what_its_definition_says(scene):
    figures = work(scene)

    assert (figures.campaigns, figures.delivered, figures.approved_assets, figures.approvals) == (1, 1, 2, 1)
    assert value(figures, "velocity-days") == ("3.50", 1)
    assert value(figures, "minutes-per-asset") == ("6.00", 2)
    assert value(figures, "change-requests") == ("0.00", 1)
    assert value(figures, "edited-percent") == ("50.00", 2)
    assert value(figures, "approved-percent") == ("100.00", 1)
    assert value(figures, "answer-hours") == ("1.20", 1)


def test_a_cost_is_models_and_people_and_tools(scene):
    with scene.ledgers.worker.write() as tx:
        tx.append(EventKind.MODEL_ASKED, "q1", {"worst_microdollars": 9_000_000}, run=scene.run)
        tx.append(EventKind.MODEL_ASKED, "q2", {"worst_microdollars": 1_000_000}, run=scene.run)
        tx.append(EventKind.MODEL_CHARGED, "q1", {"cost_microdollars": 2_000_000}, run=scene.run)
    with scene.ledgers.door.write() as tx:
        tx.append(EventKind.WORK_STATED, scene.run, {"person": "P-ben", "minutes": 18, "what": "brief"}, run=scene.run)

    alone = work(scene, campaign="product-launch").of("cost-per-asset")
    month = work(scene, since=date(2026, 2, 1), until=date(2026, 3, 1))
    whole = work(scene, since=date(2026, 1, 31)).of("cost-per-asset")

    # 3 dollars of models (the request without a charge counts with its most), 30 minutes at 60 an hour.
    assert (alone.value, alone.n) == (Decimal("16.50"), 2)
    assert "tools are left out" in alone.remark
    # From 31 January to noon of 2 March are 30.5 days of a tool at 40 a month.
    assert whole.value == Decimal("36.54")
    assert month.of("cost-per-asset").value is None


def test_there_is_no_figure_where_there_is_no_case(sqlite_ledgers):
    figures = work(Scene(sqlite_ledgers))

    assert [figure.n for figure in figures.figures] == [0] * 7
    assert all(figure.value is None and figure.remark for figure in figures.figures)


def test_a_rate_that_is_not_set_is_no_figure_and_says_which(scene):
    assert "hourly_rate" in work(scene, BaselineSection()).of("cost-per-asset").remark
    with scene.ledgers.worker.write() as tx:
        tx.append(EventKind.MODEL_ASKED, "q1", {"worst_microdollars": 1}, run=scene.run)
    euros = BaselineSection(hourly_rate=Decimal(60), currency="EUR")

    assert "dollar_rate" in work(scene, euros).of("cost-per-asset").remark


def test_an_open_tab_is_not_work_and_an_unseen_answer_counts_none(sqlite_ledgers, clock):
    scene = Scene(sqlite_ledgers)
    see(scene)
    clock.advance(hours=20)
    scene.approve(picks=["V01"])
    other = Scene(sqlite_ledgers, run=OTHER, people=False)
    see(other, "cleo")
    clock.advance(hours=1)
    other.approve(picks=["V01"])

    figures = work(scene)

    assert figures.human_minutes == Decimal("30.00")
    assert figures.unseen_answers == 1
    assert figures.of("minutes-per-asset").remark == "1 of 2 answers show when they were begun"


def test_a_second_round_counts_as_a_request_for_changes(sqlite_ledgers, clock):
    first = Scene(sqlite_ledgers)
    first.answer(decision="Request changes", reason="voice", note="Shorter.")
    clock.advance(hours=2)
    again = Scene(sqlite_ledgers, people=False, round=2, previous=first.review.id)
    again.approve(picks=["V01"])

    figures = work(first)

    assert value(figures, "change-requests") == ("1.00", 1)
    assert value(figures, "approved-percent") == ("50.00", 2)


def test_a_brief_without_its_first_day_counts_from_its_first_run(sqlite_ledgers, clock):
    first = Scene(sqlite_ledgers)
    clock.advance(days=2)
    second = Scene(sqlite_ledgers, run=OTHER, people=False)
    deliver(second)

    assert value(work(first), "velocity-days") == ("2.00", 1)


def test_a_batch_of_which_nothing_was_sent_is_no_delivery(sqlite_ledgers):
    scene = Scene(sqlite_ledgers)
    deliver(scene, sent=0)

    assert work(scene).delivered == 0


def test_only_the_days_and_the_campaign_that_were_asked_for_count(scene):
    assert work(scene, since=date(2026, 3, 2), until=date(2026, 3, 2)).campaigns == 1
    assert work(scene, since=date(2026, 3, 3)).campaigns == 0
    assert work(scene, until=date(2026, 3, 1)).campaigns == 0
    assert work(scene, campaign="another").campaigns == 0


def test_what_the_wrong_process_signs_changes_no_figure_and_is_told(scene):
    before = work(scene)
    with scene.ledgers.worker.write() as tx:
        tx.append(EventKind.BATCH_SENT, "D-0", {"sent": 1}, run=scene.run)
        tx.append(EventKind.REVIEW_SEEN, scene.review.id, {"person": "P-ana"}, run=scene.run)
        tx.append(EventKind.WORK_STATED, scene.run, {"person": "P-ana", "minutes": 1}, run=scene.run)

    assert work(scene) == before
    with scene.ledgers.door.read() as tx:
        assert doubtful(tx) == 3


def test_an_answer_about_a_budget_is_in_no_figure_of_texts(scene, clock):
    before = work(scene)
    other = Offered(scene.ledgers, budget(900), people=False, gate="budget")
    see(other)
    clock.advance(hours=5)
    other.approve("ana")
    again = Offered(scene.ledgers, budget(900), people=False, gate="plan")
    again.answer("ana", "Request changes", reason="other", note="Less, please")

    after = work(scene)

    assert [value(after, measure) for measure in MEASURE_IDS] == [value(before, measure) for measure in MEASURE_IDS]
    assert (after.approvals, after.change_requests, after.approved_assets) == (1, 0, 2)
    assert (before.other_answers, after.other_answers) == (0, 2)


def test_an_answer_about_a_text_with_a_budget_beside_it_counts_as_one_about_a_text(sqlite_ledgers):
    scene = Scene(sqlite_ledgers)
    with sqlite_ledgers.worker.write() as tx:
        opened = {"question": "0" * 64, "gate": "both", "round": 1, "expires_at": "x", "kinds": ["copy", "budget"]}
        tx.append(EventKind.REVIEW_OPENED, "R-both", opened, run=scene.run)
    with sqlite_ledgers.door.write() as tx:
        tx.append(EventKind.DECISION_REJECTED, "R-both", {"person": "P-ana"}, run=scene.run)

    figures = work(scene)

    assert (figures.rejections, figures.other_answers) == (1, 0)


def test_a_run_of_two_briefs_and_two_deliveries_is_one_campaign_and_a_text_that_goes_out_twice_one_asset(scene, clock):
    before = work(scene)
    with scene.ledgers.worker.write() as tx:
        open_campaign(
            tx, scene.run, campaign="product-launch", brief=scene.brief_asset.digest, asked={"channel": "sms"}
        )
    clock.advance(hours=24)
    rollout = Scene(scene.ledgers, people=False, gate="rollout")
    see(rollout)
    clock.advance(minutes=6)
    rollout.approve(picks=["V02"])
    with scene.ledgers.press.write() as tx:
        tx.append(EventKind.BATCH_SENT, "D-2", {"sent": 19}, run=scene.run)

    after = work(scene)

    assert (after.campaigns, after.delivered, after.approvals) == (1, 1, 2)
    # V02 was approved for the pilot already: asking again makes no other text and costs no other draft.
    assert (after.approved_assets, after.model_cost) == (2, before.model_cost)
    assert value(after, "velocity-days") == value(before, "velocity-days")
    assert value(after, "edited-percent") == ("50.00", 2)
    assert after.human_minutes == before.human_minutes + 6
    # One answer after 72 minutes and one after 6.
    assert value(after, "answer-hours") == ("0.65", 2)
