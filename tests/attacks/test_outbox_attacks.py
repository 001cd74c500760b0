"""Rows planted, altered or taken out in the outbox table: none of them widens a batch or makes a signed word false."""

from typing import Any

import pytest
from sqlalchemy import delete, insert, update

from presscheck.digests import digest_of
from presscheck.ledger import EventKind, tables
from presscheck.models import Manifest
from presscheck.people.rights import record_rights
from presscheck.press.channels import Message
from presscheck.press.channels.outbox import Outbox
from presscheck.recipients.dealing import deal
from tests.desk.scene import Ledgers, Scene
from tests.press.stand import Stand


class Meddling(Outbox):
    """An outbox at whose first batch somebody does something to the ledger."""

    statement: Any = None
    stand: Stand

    def send(self, delivery: str, batch: Any) -> Any:
        if self.statement is not None:
            statement, self.statement = self.statement, None
            statement() if callable(statement) else _sql(self.stand, statement)
        return super().send(delivery, batch)


@pytest.fixture
def stand(sqlite_ledgers: Ledgers) -> Stand:
    channel = Meddling(sqlite_ledgers.home / "outbox")
    channel.stand = Stand(Scene(sqlite_ledgers), channels={"outbox": channel})
    return channel.stand


def test_rows_planted_ahead_make_no_batch_larger(stand: Stand) -> None:
    delivery = stand.approve_and_request()
    manifest = _manifest(stand)
    _sql(stand, insert(tables.outbox).values([_row(delivery, manifest, at, "pending") for at in range(7)]))

    def revoke() -> None:
        with stand.scene.ledgers.door.write() as tx:
            email = "ana@brand.example"
            record_rights(tx, EventKind.PERSON_REVOKED, "P-ana", (), email=email, name="ana", by="P-root")

    _meddle(stand, revoke)
    stand.press.step()

    assert stand.row(delivery).state == "held"
    assert len(stand.files()) == 3


@pytest.mark.parametrize("position", [-1, 7, 1_000_000_000])
def test_a_row_that_no_recipient_has_holds(stand: Stand, position: int) -> None:
    delivery = stand.approve_and_request()
    row = _row(delivery, _manifest(stand), 0, "sent") | {"position": position, "key": "f" * 64}
    _sql(stand, insert(tables.outbox).values(row))

    stand.press.step()

    assert _codes(stand, delivery) == ["outbox-altered"]
    assert stand.files() == []


def test_states_altered_while_a_batch_is_sent_are_not_signed(stand: Stand) -> None:
    delivery = stand.approve_and_request()
    _meddle(stand, update(tables.outbox).where(tables.outbox.c.position < 3).values(state="suppressed"))

    stand.press.step()

    with stand.scene.ledgers.press.read() as tx:
        batches = [event.data for event in tx.events(EventKind.BATCH_SENT, subject=delivery)]
    assert [(batch["sent"], batch["suppressed"]) for batch in batches] == [(3, 0), (3, 0), (1, 0)]


def test_rows_taken_out_while_a_batch_is_sent_stop_no_press(stand: Stand) -> None:
    delivery = stand.approve_and_request()
    _meddle(stand, delete(tables.outbox))

    stand.press.step()

    assert stand.row(delivery).state == "done"
    assert len(stand.files()) == 7


def test_a_row_of_a_batch_that_is_over_cannot_break_the_page(stand: Stand) -> None:
    delivery = stand.approve_and_request()

    def meddle_later() -> None:
        _meddle(stand, update(tables.outbox).where(tables.outbox.c.position == 0).values(asset="e" * 64, recipient="x"))

    _meddle(stand, meddle_later)
    stand.press.step()

    assert stand.row(delivery).state == "done"
    page = (stand.outbox.folder / delivery / "index.html").read_text()
    assert "person0@example.com" in page


def test_a_state_that_there_is_none_of_holds(stand: Stand) -> None:
    delivery = stand.approve_and_request()
    table = tables.outbox
    _sql(stand, insert(table).values(_row(delivery, _manifest(stand), 0, "pending")))
    with stand.scene.ledgers.press.engine.connect() as connection:
        connection.exec_driver_sql(
            "CREATE TRIGGER meddle AFTER INSERT ON outbox "
            "BEGIN UPDATE outbox SET state = 'banana' WHERE position = 0; END"
        )
        connection.commit()

    stand.press.step()

    assert _codes(stand, delivery) == ["outbox-altered"]


def test_a_file_laid_into_the_outbox_is_not_taken_for_a_message(sqlite_ledgers: Ledgers) -> None:
    outbox = Outbox(sqlite_ledgers.home / "outbox")
    ours, planted = (Message(digest * 64, "one@example.com", b"as approved") for digest in "ab")
    path = outbox.path("D-0123456789ab", planted.key)
    path.parent.mkdir(parents=True)
    path.write_bytes(b"something else")

    answers = outbox.send("D-0123456789ab", [ours, planted])
    again = outbox.send("D-0123456789ab", [ours])

    assert [type(answer).__name__ for answer in answers] == ["Sent", "Failed"]
    assert [type(answer).__name__ for answer in again] == ["Sent"]


def test_a_handle_on_a_half_written_message_changes_nothing_later(sqlite_ledgers: Ledgers) -> None:
    outbox = Outbox(sqlite_ledgers.home / "outbox")
    message = Message("a" * 64, "one@example.com", b"as approved")
    path = outbox.path("D-0123456789ab", message.key)
    path.parent.mkdir(parents=True)
    with path.with_suffix(".part").open("wb") as held:
        outbox.send("D-0123456789ab", [message])
        held.write(b"something else")

    assert path.read_bytes() == b"as approved"


def _meddle(stand: Stand, statement: Any) -> None:
    channel = stand.press.channels["outbox"]
    assert isinstance(channel, Meddling)
    channel.statement = statement


def _manifest(stand: Stand) -> Manifest:
    with stand.scene.ledgers.press.read() as tx:
        return Manifest.model_validate(tx.events(EventKind.DECISION_APPROVED)[0].data["manifest"])


def _row(delivery: str, manifest: Manifest, at: int, state: str) -> dict[str, Any]:
    ids = [f"r{number:06d}" for number in range(7)]
    pick = deal(ids, len(manifest.assets), manifest.dealing.salt)[at]
    return {
        "delivery": delivery,
        "position": at,
        "key": digest_of([delivery, ids[at]]),
        "recipient": ids[at],
        "asset": manifest.assets[pick],
        "state": state,
        "detail": "",
        "at": "2026-03-02T09:00:00.000000Z",
    }


def _codes(stand: Stand, delivery: str) -> list[str]:
    with stand.scene.ledgers.press.read() as tx:
        return [event.data["code"] for event in tx.events(EventKind.DELIVERY_HELD, subject=delivery)]


def _sql(stand: Stand, statement: Any) -> None:
    engine = stand.scene.ledgers.press.engine
    with engine.connect().execution_options(presscheck_write=True) as connection, connection.begin():
        connection.execute(statement)
