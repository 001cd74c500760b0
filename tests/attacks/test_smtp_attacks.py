"""After a crash in the middle of a mailing, nobody who alters rows or journals makes the press send twice.

The crash comes after the server took three messages of a batch of five, lost the connection on one,
and was not yet told of the fifth. What counts is the server's own log.
"""

from collections.abc import Callable, Iterator
from pathlib import Path
from typing import Any

import pytest
from sqlalchemy import delete, update

from presscheck.addresses import address_hash
from presscheck.errors import ChannelError
from presscheck.ledger import EventKind, tables, verify
from presscheck.ledger.deliveries import find_delivery, messages
from presscheck.ledger.suppressions import suppress
from presscheck.people.rights import record_rights
from presscheck.press.channels import Message
from presscheck.press.settle import Settlement, settle, unknown_messages
from presscheck.press.settle_log import read_log
from tests.desk.scene import Ledgers, Scene
from tests.press.crashed import LOST, PEOPLE, Mailing
from tests.press.mailing import Papers, Running, channel, mail_server, make_papers
from tests.press.stand import Stand


@pytest.fixture(scope="module")
def papers(tmp_path_factory: pytest.TempPathFactory) -> Papers:
    return make_papers(tmp_path_factory.mktemp("papers"))


@pytest.fixture(scope="module")
def running(tmp_path_factory: pytest.TempPathFactory, papers: Papers) -> Iterator[Running]:
    with mail_server(tmp_path_factory.mktemp("server"), f"lose-after-dot={LOST}", papers=papers) as running:
        yield running


@pytest.fixture
def mailing(sqlite_ledgers: Ledgers, running: Running) -> Mailing:
    running.forget()
    return Mailing(sqlite_ledgers, running)


@pytest.mark.slow
def test_without_an_attack_only_what_was_in_flight_is_unknown(mailing: Mailing) -> None:
    mailing.crash()

    row = mailing.go_on()

    assert (row.state, row.sent, row.unknown, row.failed) == ("done", PEOPLE - 1, 1, 0)
    assert mailing.running.addresses() == sorted(f"person{at}@example.com" for at in range(PEOPLE) if at != 2)
    with mailing.ledgers.press.read() as tx:
        (listed,) = unknown_messages(tx, mailing.delivery)
    assert listed.position == 2
    assert listed.message_id == f"<{listed.key}@brand.example>"
    assert verify(mailing.ledgers.press).sound
    assert not list(mailing.folder.glob("*"))


def _all_pending() -> Any:
    return update(tables.outbox).values(state="pending")


def _lost_one_pending() -> Any:
    return update(tables.outbox).where(tables.outbox.c.position == 2).values(state="pending")


def _rows_gone() -> Any:
    return delete(tables.outbox)


@pytest.mark.slow
@pytest.mark.parametrize("attack", [_all_pending, _lost_one_pending, _rows_gone])
def test_rows_that_say_nothing_was_sent_are_not_believed(mailing: Mailing, attack: Callable[[], Any]) -> None:
    mailing.crash()
    mailing.write(attack())

    row = mailing.go_on()

    assert (row.state, row.sent, row.unknown) == ("done", PEOPLE - 1, 1)
    mailing.assert_none_twice()


@pytest.mark.slow
@pytest.mark.parametrize("batch_size", [1, 2, 500])
def test_another_size_of_batches_after_the_crash_changes_nothing(mailing: Mailing, batch_size: int) -> None:
    mailing.crash()
    mailing.write(_all_pending())

    row = mailing.go_on(batch_size)
    while row.state == "sending":
        row = mailing.go_on(batch_size)

    assert (row.state, row.sent, row.unknown) == ("done", PEOPLE - 1, 1)
    mailing.assert_none_twice()


def _gone(journal: Path) -> None:
    journal.unlink()


def _short(journal: Path) -> None:
    journal.write_bytes(journal.read_bytes()[:192])


def _zeros(journal: Path) -> None:
    journal.write_bytes(bytes(journal.stat().st_size))


def _fresh_slots_over_others(journal: Path) -> None:
    content = journal.read_bytes()
    journal.write_bytes(content[:64] + content[-64:] * ((len(content) - 64) // 64))


@pytest.mark.slow
@pytest.mark.parametrize("attack", [_gone, _short, _zeros, _fresh_slots_over_others])
def test_a_journal_that_was_tampered_with_makes_messages_unknown_and_never_sent_again(
    mailing: Mailing, attack: Callable[[Path], None]
) -> None:
    mailing.crash()
    mailing.write(_all_pending())
    attack(mailing.journal)

    row = mailing.go_on()

    assert row.state == "done"
    assert row.sent + row.unknown == PEOPLE
    assert row.unknown >= 1
    mailing.assert_none_twice()


@pytest.mark.slow
def test_the_journal_of_an_earlier_hand_over_put_back_is_missed_not_believed(mailing: Mailing) -> None:
    smtp = mailing.smtp()
    send = smtp.send

    def away(delivery: str, batch: list[Message]) -> Any:
        raise ChannelError("the server is away")

    smtp.send = away  # type: ignore[method-assign]
    with pytest.raises(ChannelError):
        mailing.press(smtp).press.step()
    smtp.send = send  # type: ignore[method-assign]
    first = mailing.journal
    fresh = first.read_bytes()
    mailing.crash()
    (second,) = [path for path in mailing.folder.glob("*.journal") if path != first]
    # Now the first, in which nothing was begun, stands in for the second.
    second.unlink()
    second.write_bytes(fresh)
    mailing.write(_all_pending())

    row = mailing.go_on()

    assert (row.state, row.sent, row.unknown) == ("done", 2, 5)
    mailing.assert_none_twice()


@pytest.mark.slow
def test_who_was_suppressed_since_the_crash_gets_nothing(mailing: Mailing) -> None:
    mailing.crash()
    with mailing.ledgers.door.write() as tx:
        suppress(tx, [address_hash("person4@example.com")], reason="asked-by-recipient")

    row = mailing.go_on()

    assert (row.sent, row.suppressed, row.unknown) == (PEOPLE - 2, 1, 1)
    assert "person4@example.com" not in mailing.running.addresses()


def test_a_delivery_that_is_held_after_a_crash_still_counts_what_went_out(mailing: Mailing) -> None:
    mailing.crash()
    with mailing.ledgers.door.write() as tx:
        email = "ana@brand.example"
        record_rights(tx, EventKind.PERSON_REVOKED, "P-ana", (), email=email, name="ana", by="P-root")

    row = mailing.go_on()

    assert (row.state, row.sent, row.unknown) == ("held", 3, 1)
    with mailing.ledgers.press.read() as tx:
        assert [one.position for one in unknown_messages(tx, mailing.delivery)] == [2]
    assert mailing.running.addresses() == [f"person{number}@example.com" for number in (0, 1, 3)]
    assert verify(mailing.ledgers.press).sound


def test_a_way_out_that_was_taken_from_the_settings_after_a_crash_leaves_all_unknown(mailing: Mailing) -> None:
    mailing.crash()

    stand = Stand(mailing.scene, channels={}, batch_size=5)
    stand.press.step()

    row = stand.row(mailing.delivery)
    assert (row.state, row.sent, row.unknown) == ("held", 0, 5)
    mailing.assert_none_twice()


@pytest.mark.slow
def test_a_crash_comes_to_the_same_on_both_databases(ledgers: Ledgers, running: Running) -> None:
    running.forget()
    mailing = Mailing(ledgers, running)
    mailing.crash()
    mailing.write(_all_pending())

    row = mailing.go_on()
    settlement = settle(ledgers.press, mailing.delivery, read_log(running.log), whole=True)

    assert (row.state, row.sent, row.unknown) == ("done", PEOPLE - 1, 1)
    assert settlement == Settlement(0, 1, 0)
    mailing.assert_none_twice()
    assert verify(ledgers.press).sound


@pytest.mark.slow
def test_an_unaligned_sender_gets_nothing_out(sqlite_ledgers: Ledgers, tmp_path: Path, papers: Papers) -> None:
    from pydantic import SecretStr

    from presscheck.press.channels.dkim import DkimSigner
    from tests.press.mailing import ed25519_pem

    other = DkimSigner.of(SecretStr(ed25519_pem().decode()), domain="other.example", selector="press1")
    with mail_server(tmp_path, papers=papers) as running:
        smtp = channel(running, tmp_path / "journals", signer=other)
        scene = Scene(sqlite_ledgers, via="smtp")
        stand = Stand(scene, channels={"smtp": smtp})
        manifest = scene.approve().manifest
        assert manifest is not None
        (fault,) = smtp.preflight(manifest)
        delivery = scene.request(manifest)
        try:
            stand.press.step()
        except ChannelError as error:
            fault = f"{fault} {error}"
        finally:
            smtp.hang_up()

        assert "DKIM signs as other.example and the sender is at brand.example" in fault
        assert running.taken() == []
    with sqlite_ledgers.press.read() as tx:
        row = find_delivery(tx, delivery)
        assert row is not None
        assert row.sent == 0
        assert not messages(tx, delivery, "sent")
