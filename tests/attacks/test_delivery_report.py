"""What a run says of its delivery is what the press signed, and a hold tells its reason."""

from typing import Any

import pytest
from sqlalchemy import update

from presscheck.errors import NotNow
from presscheck.ledger import tables
from presscheck.ledger.pausing import standing_of_delivery
from presscheck.press.channels import Failed
from tasks.delivery import _reported, _told_of  # pyright: ignore[reportPrivateUsage]
from tests.desk.scene import Ledgers, Scene
from tests.press.stand import Stand


@pytest.mark.slow
def test_a_hold_says_why(sqlite_ledgers: Ledgers) -> None:
    stand = Stand(Scene(sqlite_ledgers))
    delivery = stand.approve_and_request()
    stand.scene.audience_path.unlink()
    stand.press.step()

    report: Any
    with sqlite_ledgers.worker.read() as tx:
        report = _reported(tx, delivery)

    assert not report.delivered
    assert f"{delivery} was held (audience-changed): " in report.words
    assert "the frozen audience cannot be read" in report.words


def test_a_row_that_says_done_makes_no_hold_a_delivery(sqlite_ledgers: Ledgers) -> None:
    stand = Stand(Scene(sqlite_ledgers))
    delivery = stand.approve_and_request()
    stand.scene.audience_path.unlink()
    stand.press.step()
    engine = sqlite_ledgers.press.engine
    with engine.connect().execution_options(presscheck_write=True) as connection, connection.begin():
        connection.execute(update(tables.deliveries).values(state="done", reason="", sent=7))

    report: Any
    with sqlite_ledgers.worker.read() as tx:
        report = _reported(tx, delivery)

    assert not report.delivered


class _Away:
    def send(self, delivery: str, batch: Any) -> Any:
        raise NotNow("the mail server refuses the sender: 553 5.7.1 not yours", code="sender")

    def outcome(self, delivery: str, key: str) -> str:
        return "not-sent"


def test_a_delivery_that_waits_says_so_in_the_runs_state(sqlite_ledgers: Ledgers) -> None:
    stand = Stand(Scene(sqlite_ledgers), channels={"outbox": _Away()})
    delivery = stand.approve_and_request()
    with pytest.raises(NotNow):
        stand.press.step()

    with sqlite_ledgers.worker.read() as tx:
        report = _reported(tx, delivery)
        standing = standing_of_delivery(tx, delivery)
        assert standing is not None
        name, words = _told_of(delivery, standing, stand.row(delivery).reason)

    assert (report, name) == (None, "Waiting")
    assert words == (
        f"{delivery} waits (sender): 0 sent, 7 left. It waits since 2026-03-02 09:00 UTC: the mail server refuses the "
        "sender: 553 5.7.1 not yours. The next try is at 2026-03-02 09:01 UTC."
    )


def test_a_run_that_reached_nobody_is_no_delivery(sqlite_ledgers: Ledgers) -> None:
    class Refusing(_Away):
        def send(self, delivery: str, batch: Any) -> Any:
            return [Failed(one.key, "no such user") for one in batch]

    stand = Stand(Scene(sqlite_ledgers), channels={"outbox": Refusing()})
    delivery = stand.approve_and_request()
    stand.press.step()

    report: Any
    with sqlite_ledgers.worker.read() as tx:
        report = _reported(tx, delivery)

    assert not report.delivered
    assert "was held (too-few): 0 of 7 were reached, 0.0 %, and delivery.mail-reputation asks for 50%" in report.words
