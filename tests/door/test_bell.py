"""The bell: whatever happened to door or server in between, a decision is rung until the flow has read it."""

import asyncio
from datetime import timedelta
from typing import Any
from uuid import UUID

import httpx
import pytest
from sqlalchemy import delete, insert, update

from presscheck.door.bell import Bell
from presscheck.door.prefect_behind import PrefectBehind
from presscheck.ledger import EventKind, tables, timestamp
from presscheck.ledger.reviews import Wakes, decision_of, mark_read
from presscheck.ledger.timers import set_timer
from presscheck.models import DecisionKind
from tests.desk.scene import RUN
from tests.door.house import AUTH, PLAIN
from tests.press.stand import Stand


def test_decision_wakes_the_suspended_run(house: Any) -> None:
    house.scene.approve("ana")

    woken = house.ring()

    assert woken == 1
    [call] = house.upstream.calls("POST", "set_state")
    assert (call["body"]["state"]["type"], call["body"]["state"]["name"]) == ("SCHEDULED", "Resuming")
    assert call["headers"]["authorization"].startswith("Basic ")


def test_bell_rings_again_until_the_flow_has_read(house: Any) -> None:
    house.scene.approve("ana")
    house.ring()
    house.upstream.state = {"type": "PAUSED", "name": "Suspended"}
    again = house.ring()
    with house.scene.ledgers.worker.write() as tx:
        mark_read(tx, RUN, house.scene.review.id)
    house.upstream.state = {"type": "PAUSED", "name": "Suspended"}

    after_reading = house.ring()

    assert (again, after_reading) == (1, 0)


@pytest.mark.parametrize("state", ["RUNNING", "PENDING", "SCHEDULED", "COMPLETED", "FAILED", "CANCELLED", "CRASHED"])
def test_run_that_is_under_way_or_over_is_left_alone(house: Any, state: str) -> None:
    house.scene.approve("ana")
    house.upstream.state = {"type": state, "name": state.title()}

    assert house.ring() == 0
    assert house.upstream.calls("POST") == []


def test_decision_made_before_the_run_is_suspended_is_not_lost(house: Any) -> None:
    house.upstream.state = {"type": "RUNNING", "name": "Running"}
    house.scene.approve("ana")
    assert house.ring() == 0

    house.upstream.state = {"type": "PAUSED", "name": "Suspended"}

    assert house.ring() == 1


def test_run_that_prefect_forgot_does_not_keep_others_waiting(house: Any) -> None:
    house.scene.approve("ana")
    house.upstream.state = None

    assert house.ring() == 0


def test_review_whose_time_is_over_expires_and_is_rung_for(house: Any) -> None:
    house.scene.ledgers.clock.advance(days=8)

    woken = house.ring()

    with house.ledger.read() as tx:
        decision = decision_of(tx, house.scene.review.id)
    assert decision is not None
    assert decision.kind is DecisionKind.EXPIRED
    assert woken == 1


def test_planted_row_never_becomes_part_of_an_address(house: Any) -> None:
    with house.scene.ledgers.worker.write() as tx:
        for run in ("../admin/storage", "x/../../y", "", RUN.upper() + "x"):
            tx.execute(insert(tables.wakes), {"run": run, "subject": "s", "at": "2026", "read_at": None})

    assert house.ring() == 0
    # Where the one run that asks something comes from is asked, and nothing else.
    assert [call["path"] for call in house.upstream.seen] == [f"/api/flow_runs/{RUN}"]


def test_bell_outlives_prefect_and_tells_trouble_once(house: Any, caplog: pytest.LogCaptureFixture) -> None:
    house.scene.approve("ana")

    async def rounds() -> list[int]:
        async with httpx.AsyncClient(base_url="http://127.0.0.1:9", verify=PLAIN, trust_env=False) as nowhere:
            bell = Bell(house.ledger, house.scene.desk, PrefectBehind(nowhere, auth=AUTH), every=0.05)
            return [await bell.ring() for _ in range(3)]

    assert asyncio.run(rounds()) == [0, 0, 0]
    told = [record.message for record in caplog.records if "does not answer" in record.message]
    assert len(told) == 1


def test_bell_rings_at_once_when_it_is_asked_to(house: Any) -> None:
    async def until_woken() -> float:
        address = str(house.app.state.door.prefect.client.base_url)
        async with httpx.AsyncClient(base_url=address, verify=PLAIN, trust_env=False) as client:
            bell = Bell(house.ledger, house.scene.desk, PrefectBehind(client, auth=AUTH), every=60)
            ringing = asyncio.create_task(bell.run())
            await asyncio.sleep(0.3)
            await asyncio.to_thread(house.scene.approve, "ana")
            started = asyncio.get_running_loop().time()
            bell.ring_soon()
            while not house.upstream.calls("POST", "set_state"):
                await asyncio.sleep(0.01)
            took = asyncio.get_running_loop().time() - started
            ringing.cancel()
            await asyncio.gather(ringing, return_exceptions=True)
            return took

    assert asyncio.run(until_woken()) < 10


@pytest.mark.parametrize(("refused", "rings"), [(False, 1), (True, 0)])
def test_a_run_that_was_woken_is_told_to_the_worker_and_one_that_was_not_is_not(
    house: Any, refused: bool, rings: int
) -> None:
    rung: list[str] = []
    house.scene.approve("ana")
    if refused:
        refusal = {"status": "REJECT", "state": None, "details": {"type": "reject_details", "reason": "Not now."}}
        house.upstream.answers[f"/api/flow_runs/{RUN}/set_state"] = (200, refusal)

    async def once() -> None:
        address = str(house.app.state.door.prefect.client.base_url)
        async with httpx.AsyncClient(base_url=address, verify=PLAIN, trust_env=False) as client:
            prefect = PrefectBehind(client, auth=AUTH, ring=lambda: rung.append("rung"))
            await Bell(house.ledger, house.scene.desk, prefect, every=1.0).ring()

    asyncio.run(once())

    assert len(rung) == rings


def test_broken_round_does_not_end_the_bell(house: Any, monkeypatch: pytest.MonkeyPatch) -> None:
    def broken() -> int:
        raise RuntimeError("nobody thought of this")

    monkeypatch.setattr(house.scene.desk, "expire_due", broken)

    assert house.ring() == 0


TAMPERED: dict[str, Any] = {
    "every row is taken out": [delete(tables.wakes)],
    "every row says that it was read": [update(tables.wakes).values(read_at="2026-03-02T09:00:00.000000Z")],
    "every row is another run's": [update(tables.wakes).values(run="6f0c6a52-0000-4000-8000-00000000000f")],
    "a row of the run says that it was read": [
        insert(tables.wakes).values(run=RUN, subject="R-000000000000", at="2026", read_at="2026")
    ],
}


@pytest.mark.parametrize("statements", TAMPERED.values(), ids=TAMPERED)
def test_whoever_takes_rows_out_keeps_no_campaign_from_going_on(house: Any, statements: Any) -> None:
    house.scene.approve("ana")
    with house.scene.ledgers.worker.write() as tx:
        for statement in statements:
            tx.execute(statement)

    assert house.ring() == 1


def test_whoever_puts_a_row_in_wakes_no_run(house: Any) -> None:
    with house.scene.ledgers.worker.write() as tx:
        row = {"run": RUN, "subject": house.scene.review.id, "at": "2026", "read_at": None}
        tx.execute(insert(tables.wakes), row)

    assert house.ring() == 0
    assert house.upstream.calls("POST", "set_state") == []


def test_an_answer_that_the_worker_did_not_read_is_rung_for_whatever_another_signs(house: Any) -> None:
    house.scene.approve("ana")
    other = "6f0c6a52-0000-4000-8000-00000000000f"
    with house.scene.ledgers.worker.write() as tx:
        mark_read(tx, other, house.scene.review.id)
        mark_read(tx, RUN, "R-000000000000")

    assert house.ring() == 1


def test_a_bell_that_starts_anew_knows_what_was_read_before(house: Any) -> None:
    house.scene.approve("ana")
    with house.scene.ledgers.worker.write() as tx:
        before = Wakes()
        first = before.unread(tx)
        mark_read(tx, RUN, house.scene.review.id)

    with house.ledger.read() as tx:
        assert (first, before.unread(tx), Wakes().unread(tx)) == ([(RUN, house.scene.review.id)], [], [])


@pytest.mark.slow
def test_a_campaign_whose_delivery_ended_is_rung_for_without_any_row(house: Any) -> None:
    stand = Stand(house.scene)
    stand.approve_and_request()
    with house.scene.ledgers.worker.write() as tx:
        mark_read(tx, RUN, house.scene.review.id)
    assert house.ring() == 0

    stand.press.step()
    with house.scene.ledgers.worker.write() as tx:
        tx.execute(delete(tables.wakes))

    assert house.ring() == 1


@pytest.mark.slow
def test_a_worker_that_signs_timers_without_end_keeps_no_answer_waiting(house: Any) -> None:
    with house.scene.ledgers.worker.write() as tx:
        for at in range(500):
            set_timer(tx, str(UUID(int=at + 1)), "a", lasts=timedelta(0), place=1)
            tx.append(EventKind.TIMER_SET, f"R-{at}", {"until": timestamp(tx.now)}, run=str(UUID(int=at + 1_001)))
        tx.append(EventKind.TIMER_SET, "../wait/a", {"until": timestamp(tx.now)}, run="..")
    house.scene.approve("ana")

    house.ring()

    asked = house.upstream.calls("GET", "flow_runs")
    assert len(asked) == 1 + 100
    assert RUN in asked[0]["path"], "answers come first"
