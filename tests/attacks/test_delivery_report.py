"""What a run says of its delivery is what the press signed, and a hold tells its reason."""

from typing import Any

from sqlalchemy import update

from presscheck.ledger import tables
from tasks.delivery import _reported  # pyright: ignore[reportPrivateUsage]
from tests.desk.scene import Ledgers, Scene
from tests.press.stand import Stand


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
