"""Ways to write to somebody who must not be written to: taking them off the list holds the delivery."""

from pathlib import Path
from typing import Any

import pytest
from sqlalchemy import delete, insert, update

from presscheck.addresses import address_hash
from presscheck.digests import digest_of
from presscheck.errors import SegmentError
from presscheck.ledger import EventKind, tables
from presscheck.ledger.suppressions import Suppressions, suppress, suppressions_fault, suppressions_shrunk
from presscheck.press.channels.outbox import Outbox
from presscheck.settings import Settings
from presscheck.wiring import suppression_list
from tests.desk.scene import Ledgers, Scene
from tests.press.stand import Stand

FIRST, SECOND = (address_hash(f"person{number}@example.com") for number in (1, 5))


@pytest.fixture
def stand(sqlite_ledgers: Ledgers) -> Stand:
    return Stand(Scene(sqlite_ledgers))


@pytest.mark.parametrize("left", ["nothing", "another"])
def test_an_address_taken_off_the_list_holds_the_delivery(stand: Stand, left: str) -> None:
    _suppress(stand, FIRST, SECOND)
    delivery = stand.approve_and_request()
    table = tables.suppressions
    _sql(stand, delete(table).where(table.c.address_hash == SECOND))
    if left == "another":
        row = {"address_hash": "0" * 64, "reason": "asked", "at": "2026-03-02T09:00:00.000000Z", "event": 1}
        _sql(stand, insert(table).values(row))

    stand.press.step()

    _assert_held(stand, delivery)
    assert stand.files() == []


def test_an_address_changed_on_the_list_holds_the_delivery(stand: Stand) -> None:
    _suppress(stand, FIRST)
    delivery = stand.approve_and_request()
    _sql(stand, update(tables.suppressions).values(address_hash="f" * 64))

    stand.press.step()

    _assert_held(stand, delivery)


def test_an_address_taken_off_between_two_batches_holds_the_rest(sqlite_ledgers: Ledgers) -> None:
    class Meddling(Outbox):
        def send(self, delivery: str, batch: Any) -> Any:
            _sql(stand, delete(tables.suppressions).where(tables.suppressions.c.address_hash == SECOND))
            return super().send(delivery, batch)

    stand = Stand(Scene(sqlite_ledgers), channels={"outbox": Meddling(sqlite_ledgers.home / "outbox")})
    _suppress(stand, SECOND)
    delivery = stand.approve_and_request()

    stand.press.step()

    _assert_held(stand, delivery)
    assert len(stand.files()) == 3


def test_a_list_that_grows_while_a_delivery_runs_holds_nothing(sqlite_ledgers: Ledgers) -> None:
    class Growing(Outbox):
        def send(self, delivery: str, batch: Any) -> Any:
            _suppress(stand, FIRST, SECOND)
            return super().send(delivery, batch)

    stand = Stand(Scene(sqlite_ledgers), channels={"outbox": Growing(sqlite_ledgers.home / "outbox")})
    delivery = stand.approve_and_request()

    stand.press.step()

    row = stand.row(delivery)
    assert (row.state, row.sent, row.suppressed) == ("done", 6, 1)


def test_lists_of_any_length_have_the_digest_that_was_signed(ledgers: Ledgers) -> None:
    hashes = [digest_of(number) for number in range(40)]
    for many in (1, 2, 5, 40):
        with ledgers.worker.write() as tx:
            suppress(tx, hashes[:many], reason="asked")

    with ledgers.press.read() as tx:
        seen, fault = suppressions_fault(tx)
        assert (seen.addresses, fault) == (40, None)
        assert suppressions_shrunk(tx, Suppressions()) == (seen, None)


def test_an_event_that_says_it_added_nobody_still_counts(sqlite_ledgers: Ledgers) -> None:
    with sqlite_ledgers.worker.write() as tx:
        tx.append(EventKind.ADDRESS_SUPPRESSED, FIRST, {"count": -5, "reason": "asked", "addresses": digest_of([])})

    with sqlite_ledgers.press.read() as tx:
        assert suppressions_shrunk(tx, Suppressions())[1] is not None


@pytest.mark.slow
def test_a_list_that_was_there_and_is_gone_sends_nothing(sqlite_ledgers: Ledgers, tmp_path: Path) -> None:
    settings = Settings(project=tmp_path, data=Path("data")).resolved()
    settings.data.mkdir()
    listed = settings.data / "suppressed.csv"
    stand = Stand(Scene(sqlite_ledgers), suppressed=suppression_list(settings), batch_size=3)
    listed.write_text("address\nperson5@example.com\n")
    channel = stand.press.channels["outbox"]

    class Meddling(Outbox):
        def send(self, delivery: str, batch: Any) -> Any:
            listed.unlink(missing_ok=True)
            return channel.send(delivery, batch)

    stand.press.channels = {"outbox": Meddling(sqlite_ledgers.home / "outbox")}
    delivery = stand.approve_and_request()

    for _ in range(2):
        with pytest.raises(SegmentError, match="is gone"):
            stand.press.step()
        sqlite_ledgers.clock.advance(minutes=10)
    assert len(stand.files()) == 3
    listed.write_text("address\nperson5@example.com\n")
    stand.press.channels = {"outbox": channel}
    stand.press.step()

    row = stand.row(delivery)
    assert (row.state, row.sent, row.suppressed) == ("done", 6, 1)


def _suppress(stand: Stand, *hashes: str) -> None:
    with stand.scene.ledgers.door.write() as tx:
        suppress(tx, hashes, reason="asked")


def _assert_held(stand: Stand, delivery: str) -> None:
    row = stand.row(delivery)
    assert row.state == "held"
    with stand.scene.ledgers.press.read() as tx:
        held = tx.events(EventKind.DELIVERY_HELD, subject=delivery)
    assert [event.data["code"] for event in held] == ["suppressions-altered"]


def _sql(stand: Stand, statement: Any) -> None:
    engine = stand.scene.ledgers.press.engine
    with engine.connect().execution_options(presscheck_write=True) as connection, connection.begin():
        connection.execute(statement)
