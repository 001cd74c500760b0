"""Splitting a campaign into runs makes it no smaller: reach and spend add up within the tier table's window."""

from collections.abc import Callable
from contextlib import suppress
from datetime import timedelta
from pathlib import Path
from typing import Any

import pytest
from sqlalchemy import delete, insert, select

from policies import PolicySet, load_policies
from policies.engine.loading import SHIPPED
from presscheck.desk.situation import Situation, read_situation
from presscheck.desk.so_far import SoFar, so_far_of
from presscheck.errors import PolicyError
from presscheck.ledger import EventKind, tables
from presscheck.ledger.pausing import recall_of
from presscheck.models import Decision, Product, Refused
from tests.attacks.staged import Staged
from tests.desk.scene import BRIEF, Ledgers, Scene, shipped_policies
from tests.press.stand import Stand
from tests.press.stopping import paused

TABLE = """
id: tiers.campaigns
kind: tiers
title: A table for tests
why: Twenty people are many here.
source: {name: "A test", date: 2026-01-01}
owner: marketing_director
overrides: true
WINDOW
rows:
  - {row: many, when: {reach: {at_least: 20}}, tier: high, why: Many people.}
  - {row: few, when: {}, tier: medium, why: Few people.}
cases:
  - {when: {gate: copy, channel: email, reach: 20, markets: [US], collaboration: producer}, row: many}
  - {when: {gate: copy, channel: email, reach: 19, markets: [US], collaboration: producer}, row: few}
"""


def tight(tmp_path: Path, window: str = "window: 7d") -> Callable[[], PolicySet]:
    """Policies under which twenty people are many."""
    table = tmp_path / "policies" / "tiers" / "campaigns.yaml"
    table.parent.mkdir(parents=True)
    table.write_text(TABLE.replace("WINDOW", window))
    policies = load_policies(SHIPPED, tmp_path / "policies")
    return lambda: policies


def run_of(number: int) -> str:
    return f"6f0c6a52-0000-4000-8002-{number:012d}"


def asked(ledgers: Ledgers, number: int, **more: Any) -> Scene:
    """One run of the campaign, which is asked about now."""
    more.setdefault("recipients", 999)
    return Scene(ledgers, run=run_of(number), people=number == 1, **more)


def situation(scene: Scene, process: str = "door") -> Situation:
    with getattr(scene.ledgers, process).read() as tx:
        found = read_situation(tx, scene.review, scene.policies)
    assert isinstance(found, Situation), found
    return found


def reach(scene: Scene) -> int | None:
    return so_far(scene).reach


def so_far(scene: Scene) -> SoFar:
    with scene.ledgers.press.read() as tx:
        return so_far_of(tx, scene.question, scene.brief, None, scene.policies())


def test_ten_runs_just_under_a_bar_are_over_it(ledgers: Ledgers) -> None:
    scenes = [asked(ledgers, number, first_use=False) for number in range(1, 11)]

    told = [(one.row.row, one.so_far.reach) for one in map(situation, scenes)]

    assert told == [("small-and-known", 0)] + [("ordinary", 999 * before) for before in range(1, 10)]
    assert [situation(scenes[9], process).so_far for process in ("worker", "press")] == [
        SoFar(timedelta(days=7), 8_991)
    ] * 2


def test_what_adds_up_is_said_where_people_decide(sqlite_ledgers: Ledgers) -> None:
    spending = BRIEF.model_copy(update={"spend_dollars": 3_000})
    asked(sqlite_ledgers, 1, brief=spending)
    second = asked(sqlite_ledgers, 2, brief=spending)

    with sqlite_ledgers.door.read() as tx:
        form = second.desk.form(tx, second.review)

    assert situation(second).row.row == "spends"
    said = "Reach 999 now, 999 more in the last 7 days. Spend 3,000 dollars now, 3,000 more in the last 7 days."
    assert situation(second).adds_up == said
    assert said in form.description


OTHER = {"id": "autumn-sale", "offer": "Another offer.", "title": "Another title"}
SOLD = {"product": "FELL-01"}
PRODUCT = Product(id="FELL-01", name="Fell jacket", price="129.00")
DISGUISES: dict[str, tuple[dict[str, Any], dict[str, Any]]] = {
    "the same": ({}, {}),
    "capitals": ({}, {"campaign": "PRODUCT-Launch"}),
    "an underscore": ({}, {"campaign": "product_launch"}),
    "spaces": ({}, {"campaign": " product  launch "}),
    "no hyphen": ({}, {"campaign": "productlaunch"}),
    "a Cyrillic o": ({}, {"campaign": "pr\u043educt-launch"}),
    "a capital I for an l": ({}, {"campaign": "product-Iaunch"}),
    "a digit for an o": ({}, {"campaign": "pr0duct-launch"}),
    "wide letters": ({}, {"campaign": "\uff50roduct-launch"}),
    "a hyphen that does not break": ({}, {"campaign": "product\u2011launch"}),
    "something that nobody sees": ({}, {"campaign": "product\u200b-launch"}),
    "another brief of the same flow": (OTHER, {}),
    "another flow of the same brief": ({}, {"campaign": "winter-letter"}),
    "another flow and brief of the same product": (OTHER | SOLD, {"campaign": "winter-letter"}),
    "the product in capitals": (OTHER | {"product": "fell 01"}, {"campaign": "winter-letter"}),
}


@pytest.mark.parametrize(("brief", "question"), DISGUISES.values(), ids=DISGUISES)
def test_another_name_makes_no_other_campaign(brief: Any, question: Any, sqlite_ledgers: Ledgers) -> None:
    asked(sqlite_ledgers, 1, brief=BRIEF.model_copy(update=SOLD))
    second = asked(sqlite_ledgers, 2, brief=BRIEF.model_copy(update=brief), **question)

    assert reach(second) == 999


def test_a_campaign_of_another_flow_brief_and_product_is_another(sqlite_ledgers: Ledgers) -> None:
    asked(sqlite_ledgers, 1, brief=BRIEF.model_copy(update=SOLD))
    brief = BRIEF.model_copy(update=OTHER | {"product": "RIDGE-02"})
    second = asked(sqlite_ledgers, 2, brief=brief, campaign="winter-letter", first_use=False)

    assert (situation(second).row.row, reach(second)) == ("small-and-known", 0)
    assert situation(second).adds_up == ""


@pytest.mark.slow
def test_of_two_that_are_asked_at_once_the_second_sees_the_first_and_the_first_stays(
    ledgers: Ledgers, tmp_path: Path
) -> None:
    policies = tight(tmp_path)
    first, second = (asked(ledgers, number, recipients=15, policies=policies) for number in (1, 2))

    assert [situation(one).row.tier for one in (first, second)] == ["medium", "high"]

    delivery = Stand(first).approve_and_request()
    Stand(first).press.step()
    assert Stand(first).row(delivery).state == "done"
    refused = second.answer("ana")
    assert isinstance(refused, Refused)
    assert refused.code == "step-up"


@pytest.mark.slow
def test_what_is_refused_later_holds_nothing_that_was_signed(sqlite_ledgers: Ledgers, tmp_path: Path) -> None:
    policies = tight(tmp_path)
    first = asked(sqlite_ledgers, 1, recipients=15, policies=policies)
    staged = Staged(sqlite_ledgers, brief=BRIEF, recipients=15, policies=policies)
    decision = staged.yes("ana", "rita", "dieter", "lea")[-1]
    first.answer("ana", "Reject", reason="voice")

    delivery = staged.request(decision)  # pyright: ignore[reportArgumentType]
    staged.press.step()

    assert decision.tier == "high"
    assert staged.row(delivery).state == "done"


@pytest.mark.slow
def test_a_decision_that_nobody_added_up_for_lets_nothing_out(
    sqlite_ledgers: Ledgers, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    policies = tight(tmp_path)
    asked(sqlite_ledgers, 1, recipients=15, policies=policies)
    second = asked(sqlite_ledgers, 2, recipients=15, policies=policies)
    with monkeypatch.context() as forged:
        forged.setattr("presscheck.desk.situation.so_far_of", lambda *given: SoFar())
        delivery = Stand(second).approve_and_request()

    Stand(second).press.step()

    assert Stand(second).row(delivery).state == "held"
    assert Stand(second).files() == []


# ---------------------------------------------------------------- what counts, and for how long


def rejected(scene: Scene) -> None:
    scene.answer("ana", "Reject", reason="voice")


def sent_back(scene: Scene) -> None:
    scene.answer("ana", "Request changes", reason="voice", note="Shorter.")


def withdrawn(scene: Scene) -> None:
    assert isinstance(scene.desk.withdraw(scene.review.id, person="P-eva"), Decision)


def expired(scene: Scene) -> None:
    scene.ledgers.clock.advance(days=7, seconds=1)
    assert scene.desk.expire_due() == 1


def cancelled(scene: Scene) -> None:
    scene.approve()
    with scene.ledgers.door.write() as tx:
        tx.append(EventKind.RUN_CANCELLED, scene.run, {"person": "P-eva"}, run=scene.run)


def held(scene: Scene) -> None:
    decision = scene.approve()
    assert decision.manifest is not None
    scene.audience_path.unlink()
    delivery = Stand(scene).request(decision)
    Stand(scene).press.step()
    assert Stand(scene).row(delivery).state == "held"


def recalled_before(scene: Scene) -> None:
    delivery = Stand(scene).approve_and_request()
    recall(scene, delivery)
    Stand(scene).press.step()
    assert Stand(scene).row(delivery).state == "held"


def recall(scene: Scene, delivery: str) -> None:
    with scene.ledgers.door.write() as tx:
        body = {"person": "P-ana", "role": "brand_lead", "reason": "wrong"}
        tx.append(EventKind.RECALL_DECIDED, delivery, body, run=scene.run)
        assert recall_of(tx, delivery) is not None


@pytest.mark.parametrize(
    "ended", [rejected, sent_back, withdrawn, expired, cancelled, held, recalled_before], ids=lambda each: each.__name__
)
def test_what_let_nothing_out_does_not_count(ended: Callable[[Scene], None], ledgers: Ledgers) -> None:
    ended(asked(ledgers, 1, recipients=7))

    assert reach(asked(ledgers, 2, recipients=8)) == 0


def waits(scene: Scene) -> None:
    assert scene.review


def approved(scene: Scene) -> None:
    scene.approve()


def delivered(scene: Scene) -> None:
    Stand(scene).approve_and_request()
    Stand(scene).press.step()
    assert len(Stand(scene).files()) == 7


def on_the_way(scene: Scene, decision: Decision) -> str:
    """The delivery, of which a part has gone out."""
    done: list[int] = []
    stand = Stand(scene, stopping=lambda: len(done) > 2 or bool(done.append(1)))
    delivery = stand.request(decision)
    stand.press.step()
    assert 0 < len(stand.files()) < 7
    return delivery


def recalled_on_the_way(scene: Scene) -> None:
    stand = Stand(scene)
    delivery = on_the_way(scene, scene.approve())
    recall(scene, delivery)
    Stand(scene).press.step()
    assert stand.row(delivery).state == "held"


def cancelled_on_the_way(scene: Scene) -> None:
    on_the_way(scene, scene.approve())
    with scene.ledgers.door.write() as tx:
        tx.append(EventKind.RUN_CANCELLED, scene.run, {"person": "P-eva"}, run=scene.run)


@pytest.mark.parametrize(
    "stands", [waits, approved, delivered, recalled_on_the_way, cancelled_on_the_way], ids=lambda each: each.__name__
)
def test_what_went_out_or_still_may_counts(stands: Callable[[Scene], None], ledgers: Ledgers) -> None:
    stands(asked(ledgers, 1, recipients=7))

    assert reach(asked(ledgers, 2, recipients=8)) == 7


@pytest.mark.parametrize(("later", "counted"), [({"days": 6, "hours": 23}, 7), ({"days": 7, "seconds": 1}, 0)])
def test_what_was_sent_counts_for_the_window(later: Any, counted: int, sqlite_ledgers: Ledgers) -> None:
    delivered(asked(sqlite_ledgers, 1, recipients=7))
    sqlite_ledgers.clock.advance(**later)

    assert reach(asked(sqlite_ledgers, 2, recipients=8)) == counted


def test_what_was_asked_long_ago_and_goes_out_now_counts_all_the_while(sqlite_ledgers: Ledgers) -> None:
    first = asked(sqlite_ledgers, 1, recipients=7)
    decision = first.approve()
    sqlite_ledgers.clock.advance(days=9)
    second = asked(sqlite_ledgers, 2, recipients=8)
    Stand(first).request(decision)
    Stand(first).press.step()
    assert len(Stand(first).files()) == 7
    sqlite_ledgers.clock.advance(days=5)
    third = asked(sqlite_ledgers, 3, recipients=9)

    assert (reach(second), reach(third)) == (7, 15)


def test_what_was_approved_and_never_sent_counts_until_it_is_of_no_use_to_send(sqlite_ledgers: Ledgers) -> None:
    approved(asked(sqlite_ledgers, 1, recipients=7))
    sqlite_ledgers.clock.advance(days=18)
    on_its_last_day = asked(sqlite_ledgers, 2, recipients=8)
    later = BRIEF.model_copy(update={"deadline": BRIEF.deadline + timedelta(days=90)})
    sqlite_ledgers.clock.advance(days=1)
    after = asked(sqlite_ledgers, 3, recipients=9, brief=later)

    # The second was not approved in time either.
    assert (reach(on_its_last_day), reach(after)) == (7, 0)


@pytest.mark.slow
@pytest.mark.parametrize(("window", "counted"), [("window: 7d", 7), ("window: 24h", 0)])
def test_what_is_paused_over_its_deadline_counts_for_the_window_after_it(
    window: str, counted: int, sqlite_ledgers: Ledgers, tmp_path: Path
) -> None:
    policies = tight(tmp_path, window)
    soon = BRIEF.model_copy(update={"deadline": sqlite_ledgers.clock().date() + timedelta(days=2)})
    first = asked(sqlite_ledgers, 1, recipients=7, brief=soon, policies=policies)
    decision = first.approve()
    sqlite_ledgers.clock.advance(days=2)
    delivery = on_the_way(first, decision)
    paused(first)
    Stand(first).press.step()
    sqlite_ledgers.clock.advance(days=3)
    Stand(first).press.step()
    assert Stand(first).row(delivery).state == "paused"

    second = asked(sqlite_ledgers, 2, recipients=8, policies=policies)

    assert reach(second) == counted


@pytest.mark.parametrize("code", ["before-gap", "ledger-unsound"])
def test_what_is_held_because_the_ledger_lost_something_may_have_gone_out_and_counts(
    code: str, sqlite_ledgers: Ledgers
) -> None:
    first = asked(sqlite_ledgers, 1, recipients=7)
    delivery = Stand(first).approve_and_request()
    with sqlite_ledgers.press.write() as tx:
        body = {"code": code, "sent": 0, "failed": 0, "unknown": 0}
        tx.append(EventKind.DELIVERY_HELD, delivery, body, run=first.run)

    assert reach(asked(sqlite_ledgers, 2, recipients=8)) == 7


def test_a_clock_put_back_takes_nothing_out_of_the_window(sqlite_ledgers: Ledgers) -> None:
    delivered(asked(sqlite_ledgers, 1, recipients=7))
    sqlite_ledgers.clock.advance(days=-60)
    second = asked(sqlite_ledgers, 2, recipients=8)

    assert reach(second) == 7


def test_a_workers_clock_put_ahead_takes_nothing_out_of_the_window(sqlite_ledgers: Ledgers) -> None:
    delivered(asked(sqlite_ledgers, 1, recipients=7))
    sqlite_ledgers.clock.advance(days=30)
    second = asked(sqlite_ledgers, 2, recipients=8)
    sqlite_ledgers.clock.advance(days=-30)

    assert reach(second) == 7


@pytest.mark.parametrize(
    ("window", "tier"), [("window: 7d", "high"), ("window: 366d", "high"), ("window: 1h", "high"), ("", "medium")]
)
def test_the_table_says_how_far_back_it_adds_up(
    window: str, tier: str, sqlite_ledgers: Ledgers, tmp_path: Path
) -> None:
    policies = tight(tmp_path, window)
    asked(sqlite_ledgers, 1, recipients=15, policies=policies)

    assert situation(asked(sqlite_ledgers, 2, recipients=15, policies=policies)).row.tier == tier


@pytest.mark.parametrize(
    "window",
    [
        "0d",
        "0h",
        "-7d",
        "+7d",
        "7",
        "7 days",
        "7D",
        "7w",
        "P7D",
        "367d",
        "8785h",
        "99999d",
        "1_0d",
        "1e1d",
        "\u0667d",
        "' '",
        "[]",
    ],
)
def test_a_window_that_is_none_does_not_load(window: str, tmp_path: Path) -> None:
    with pytest.raises(PolicyError, match=r"campaigns\.yaml:\d+: window"):
        tight(tmp_path, f"window: {window}")


def test_a_table_without_a_window_keeps_the_version_that_it_had(tmp_path: Path) -> None:
    table = tight(tmp_path, "")().tiers[0]

    assert "window" not in table.model_dump(mode="json")
    assert "window" in shipped_policies().tiers[0].model_dump(mode="json")


# ---------------------------------------------------------------- within a run


def test_another_audience_of_the_same_run_adds_up_and_another_gate_about_the_same_does_not(
    sqlite_ledgers: Ledgers,
) -> None:
    asked(sqlite_ledgers, 1, recipients=7)
    same = Scene(sqlite_ledgers, run=run_of(1), people=False, recipients=7, gate="sale")
    other = Scene(sqlite_ledgers, run=run_of(1), people=False, recipients=8, gate="legal")

    assert (reach(same), reach(other)) == (0, 7)


def test_what_one_brief_may_spend_counts_once_in_a_run_and_again_in_the_next(sqlite_ledgers: Ledgers) -> None:
    brief = BRIEF.model_copy(update={"spend_dollars": 30_000})
    asked(sqlite_ledgers, 1, brief=brief)
    same = Scene(sqlite_ledgers, run=run_of(1), people=False, brief=brief, recipients=7, gate="sale")
    second = asked(sqlite_ledgers, 2, brief=brief)

    assert [so_far(one).spend for one in (same, second)] == [0, 30_000]
    assert situation(second).row.row == "large-spend"


def test_a_limit_on_what_somebody_may_spend_holds_for_the_campaign(sqlite_ledgers: Ledgers, tmp_path: Path) -> None:
    policies = tight(tmp_path)
    brief = BRIEF.model_copy(update={"spend_dollars": 30_000})
    first, second = (asked(sqlite_ledgers, number, recipients=5, brief=brief, policies=policies) for number in (1, 2))

    assert isinstance(first.answer("ana"), Decision)
    refused = second.answer("ana")
    assert isinstance(refused, Refused)
    assert refused.code == "over-limit"


# ---------------------------------------------------------------- rows that are taken out


def test_an_earlier_question_that_cannot_be_read_counts_as_the_largest(ledgers: Ledgers) -> None:
    first = asked(ledgers, 1)
    table = tables.reviews
    with ledgers.worker.write() as tx:
        row = dict(tx.execute(select(table).where(table.c.id == first.review.id)).mappings().one())
        tx.execute(delete(table).where(table.c.id == first.review.id))
    second = asked(ledgers, 2)

    assert (reach(second), situation(second).row.row) == (None, "national")
    assert "cannot be read" in situation(second).adds_up

    with ledgers.worker.write() as tx:
        tx.execute(insert(table), row)
    assert (reach(second), situation(second).row.row) == (999, "first-use")


def test_an_earlier_brief_that_cannot_be_read_counts_as_the_largest(sqlite_ledgers: Ledgers) -> None:
    first = asked(sqlite_ledgers, 1)
    with sqlite_ledgers.worker.write() as tx:
        tx.execute(delete(tables.assets).where(tables.assets.c.digest == first.brief_asset.digest))
    brief = BRIEF.model_copy(update={"title": "Again"})

    assert situation(asked(sqlite_ledgers, 2, brief=brief)).row.row == "large-spend"


def test_a_question_that_no_worker_signed_adds_nothing(sqlite_ledgers: Ledgers) -> None:
    first = asked(sqlite_ledgers, 1)
    forged = first.question.model_copy(update={"run": run_of(7)})
    with sqlite_ledgers.worker.write() as tx:
        signed = tx.events(EventKind.REVIEW_OPENED, subject=first.review.id)[0]
        planted = {"seq": tx.tip().seq + 1, "subject": forged.review_id, "run": forged.run, "hash": "0" * 64}
        tx.execute(insert(tables.events), signed.__dict__ | planted)

    with sqlite_ledgers.door.read() as tx:
        next_one = first.question.model_copy(update={"run": run_of(2)})
        so_far = so_far_of(tx, next_one, BRIEF, None, shipped_policies())

    assert so_far.reach == 999


def test_what_was_rolled_back_adds_nothing(sqlite_ledgers: Ledgers) -> None:
    first = asked(sqlite_ledgers, 1)
    second = asked(sqlite_ledgers, 2)
    with suppress(ZeroDivisionError), sqlite_ledgers.door.write() as tx:
        tx.append(EventKind.DECISION_REJECTED, first.review.id, {}, run=first.run)
        third = second.question.model_copy(update={"run": run_of(3)})
        assert so_far_of(tx, third, BRIEF, None, shipped_policies()).reach == 999
        raise ZeroDivisionError
    rejected(second)

    assert reach(asked(sqlite_ledgers, 3)) == 999
