"""From an approval to messages: to everybody who passed and to nobody else, once, with a record of each batch."""

from collections import Counter

import pytest

from presscheck.addresses import address_hash
from presscheck.digests import digest_of, merkle_root
from presscheck.errors import ChannelError
from presscheck.ledger import EventKind, verify
from presscheck.ledger.deliveries import messages
from presscheck.ledger.reviews import unread_wakes
from presscheck.ledger.suppressions import suppress
from presscheck.press.channels import Failed, Sent, Unknown
from presscheck.press.records import Progress, progress_of
from tests.desk.scene import Ledgers, Scene
from tests.press.stand import Stand


@pytest.mark.slow
def test_every_recipient_gets_one_message_and_picks_are_dealt_evenly(stand: Stand) -> None:
    delivery = stand.approve_and_request()

    assert stand.press.step()

    mails = stand.mails()
    assert sorted(mail["To"] for mail in mails) == [f"person{number}@example.com" for number in range(7)]
    assert sorted(Counter(mail["Subject"] for mail in mails).values()) == [2, 2, 3]
    row = stand.row(delivery)
    assert (row.state, row.sent, row.suppressed, row.failed, row.unknown) == ("done", 7, 0, 0, 0)
    assert not stand.press.step()
    assert verify(stand.scene.ledgers.door).sound


@pytest.mark.slow
def test_a_delivery_comes_to_the_same_on_both_databases(ledgers: Ledgers) -> None:
    stand = Stand(Scene(ledgers))
    delivery = stand.approve_and_request()

    stand.press.step()

    assert (stand.row(delivery).state, stand.row(delivery).sent, len(stand.files())) == ("done", 7, 7)
    assert verify(ledgers.door).sound


@pytest.mark.slow
def test_each_batch_has_one_signed_event_with_its_counts_and_root(stand: Stand) -> None:
    delivery = stand.approve_and_request()

    stand.press.step()

    with stand.scene.ledgers.door.read() as tx:
        batches = [event.data for event in tx.events(EventKind.BATCH_SENT, subject=delivery)]
        rows = messages(tx, delivery)
    assert [(batch["first"], batch["rows"], batch["sent"]) for batch in batches] == [(0, 3, 3), (3, 3, 3), (6, 1, 1)]
    assert batches[0]["root"] == merkle_root(f"{row.key} sent".encode() for row in rows[:3])
    assert [row.key for row in rows] == [digest_of([delivery, f"r{number:06d}"]) for number in range(7)]
    assert stand.scene.kinds("permit:") == ["permit:issued", "permit:spent"]
    assert stand.scene.kinds("delivery:") == ["delivery:requested", "delivery:completed"]


def test_a_permit_names_its_basis_and_ends_soon(stand: Stand) -> None:
    delivery = stand.approve_and_request()

    stand.press.step()

    with stand.scene.ledgers.door.read() as tx:
        (permit,) = tx.events(EventKind.PERMIT_ISSUED, subject=delivery)
        (decided,) = tx.events(EventKind.DECISION_APPROVED)
    assert permit.data["basis"]["decision"] == decided.seq
    assert permit.data["basis"]["person"] == "P-ana"
    assert permit.data["manifest"] == digest_of(decided.data["manifest"])
    assert permit.data["expires_at"] == "2026-03-02T09:10:00.000000Z"


@pytest.mark.slow
def test_the_flow_is_rung_for_when_the_delivery_is_over(stand: Stand) -> None:
    delivery = stand.approve_and_request()

    stand.press.step()

    with stand.scene.ledgers.door.read() as tx:
        assert (stand.scene.run, delivery) in unread_wakes(tx)


def test_who_is_suppressed_between_two_batches_gets_nothing(sqlite_ledgers: Ledgers) -> None:
    scene = Scene(sqlite_ledgers)
    stand = Stand(scene)
    stand.press.channels = {"outbox": _Between(stand, after_batch=1, do=lambda: _suppress(scene, 5))}  # type: ignore[misc]

    delivery = stand.approve_and_request()
    stand.press.step()

    row = stand.row(delivery)
    assert (row.state, row.sent, row.suppressed) == ("done", 6, 1)
    assert "person5@example.com" not in [mail["To"] for mail in stand.mails()]


def test_a_suppression_list_in_a_file_counts_too(sqlite_ledgers: Ledgers) -> None:
    stand = Stand(Scene(sqlite_ledgers), suppressed=lambda: {address_hash("person0@example.com")})

    delivery = stand.approve_and_request()
    stand.press.step()

    assert (stand.row(delivery).sent, stand.row(delivery).suppressed) == (6, 1)


def test_an_edited_pick_arrives_as_it_was_edited(stand: Stand) -> None:
    text = "A jacket for the wettest walks of spring"
    stand.approve_and_request(picks=["V02"], edits=[{"pick": "V02", "field": "subject", "text": text}])

    stand.press.step()

    assert {mail["Subject"] for mail in stand.mails()} == {text}


def test_a_right_taken_away_between_two_batches_holds_the_rest(stand: Stand) -> None:
    from presscheck.people.rights import record_rights

    def revoke() -> None:
        with stand.scene.ledgers.door.write() as tx:
            email = "ana@brand.example"
            record_rights(tx, EventKind.PERSON_REVOKED, "P-ana", (), email=email, name="ana", by="P-root")

    stand.press.channels = {"outbox": _Between(stand, after_batch=1, do=revoke)}  # type: ignore[misc]
    delivery = stand.approve_and_request()

    stand.press.step()

    row = stand.row(delivery)
    assert (row.state, row.sent, len(stand.files())) == ("held", 3, 3)
    assert "Whoever approved this may not any more" in row.reason
    assert stand.scene.kinds("delivery:")[-1] == "delivery:held"
    assert not stand.press.step()


@pytest.mark.slow
def test_a_channel_that_breaks_leaves_the_delivery_to_be_gone_on_with(stand: Stand) -> None:
    broken = _Between(stand, after_batch=1, do=_disk_full)
    stand.press.channels = {"outbox": broken}  # type: ignore[misc]
    delivery = stand.approve_and_request()

    with pytest.raises(ChannelError):
        stand.press.step()
    assert stand.row(delivery).state == "waiting"
    stand.press.channels = {"outbox": stand.outbox}
    stand.scene.ledgers.clock.advance(minutes=1)
    stand.press.step()

    assert (stand.row(delivery).state, len(stand.files())) == ("done", 7)


@pytest.mark.slow
def test_a_delivery_that_breaks_keeps_no_other_waiting(sqlite_ledgers: Ledgers) -> None:
    first, second = Scene(sqlite_ledgers), Scene(sqlite_ledgers, run="run-2", people=False)
    stand, other = Stand(first), Stand(second)
    broken, sound = stand.approve_and_request(), other.approve_and_request()
    stand.press.channels = {"outbox": _Between(stand, after_batch=1, do=_disk_full)}  # type: ignore[misc]

    with pytest.raises(ChannelError):
        stand.press.step()

    assert (stand.row(broken).state, stand.row(sound).state) == ("waiting", "done")


def test_an_outcome_that_nobody_knows_is_listed_and_never_sent_again(sqlite_ledgers: Ledgers) -> None:
    channel = _Moody()
    stand = Stand(Scene(sqlite_ledgers), channels={"outbox": channel}, batch_size=7)
    delivery = stand.approve_and_request()

    stand.press.step()
    stand.press.step()

    row = stand.row(delivery)
    assert (row.state, row.sent, row.failed, row.unknown) == ("done", 5, 1, 1)
    assert len(channel.handed) == len(set(channel.handed)) == 7
    with sqlite_ledgers.press.read() as tx:
        assert [message.detail for message in messages(tx, delivery, "unknown")] == ["the line went dead"]


@pytest.mark.slow
def test_a_stop_ends_after_the_batch_and_the_next_press_goes_on(sqlite_ledgers: Ledgers) -> None:
    scene = Scene(sqlite_ledgers)
    asked: list[bool] = []
    stand = Stand(scene, stopping=lambda: asked.append(True) or len(asked) > 2)
    delivery = stand.approve_and_request()

    stand.press.step()
    assert stand.row(delivery).state == "sending"
    before = stand.files()
    Stand(scene).press.step()

    assert (len(before), len(stand.files()), stand.row(delivery).state) == (3, 7, "done")


def test_a_way_out_that_does_not_take_the_channel_is_held_with_its_reason(sqlite_ledgers: Ledgers) -> None:
    stand = Stand(Scene(sqlite_ledgers, via="blog-git"))

    delivery = stand.approve_and_request()
    stand.press.step()

    row = stand.row(delivery)
    assert row.state == "held"
    assert "blog-git takes blog and not email; for email there are: outbox, smtp, webhook" in row.reason
    assert stand.files() == []


def test_the_page_of_the_outbox_opens_offline_and_counts(stand: Stand) -> None:
    delivery = stand.approve_and_request()

    stand.press.step()

    page = (stand.outbox.folder / delivery / "index.html").read_text()
    assert "Spring launch" in page
    assert "ana (brand lead)" in page
    assert page.count('.eml"') == 7
    assert page.count("<iframe") == 3
    assert "<script" not in page
    assert "http://" not in page
    assert "<dt>sent</dt><dd>7</dd>" in page


def _suppress(scene: Scene, number: int) -> None:
    with scene.ledgers.door.write() as tx:
        suppress(tx, [address_hash(f"Person{number}@Example.com")], reason="unsubscribed")


def _disk_full() -> None:
    raise ChannelError("the disk is full")


class _Between:
    """The real outbox, with something happening after a batch."""

    def __init__(self, stand: Stand, *, after_batch: int, do: object) -> None:
        self._outbox = stand.outbox
        self._after = after_batch
        self._do = do
        self._batches = 0
        self.outcome = stand.outbox.outcome
        self.close = stand.outbox.close

    def send(self, delivery: str, batch: object) -> object:
        answers = self._outbox.send(delivery, batch)  # type: ignore[arg-type]
        self._batches += 1
        if self._batches == self._after:
            self._do()  # type: ignore[operator]
        return answers


class _Moody:
    """A channel that refuses one message and says nothing of another."""

    def __init__(self) -> None:
        self.handed: list[str] = []

    def send(self, delivery: str, batch: list[object]) -> list[object]:
        keys = [message.key for message in batch]  # type: ignore[attr-defined]
        self.handed += keys
        answers: list[object] = [Sent(key) for key in keys[2:]]
        return [Failed(keys[0], "no such mailbox"), Unknown(keys[1], "the line went dead"), *answers]

    def outcome(self, delivery: str, key: str) -> str:
        return "unknown"

    def close(self, report: object) -> str:
        return ""


def test_batches_follow_one_another_on_both_databases(ledgers: Ledgers) -> None:
    stand = Stand(Scene(ledgers))
    delivery = stand.approve_and_request()

    stand.press.step()

    with ledgers.press.read() as tx:
        batches = [event.data for event in tx.events(EventKind.BATCH_SENT, subject=delivery)]
        assert progress_of(tx, delivery) == Progress(batches=3, next=7)
    assert [(batch["batch"], batch["first"], batch["sent"]) for batch in batches] == [(1, 0, 3), (2, 3, 3), (3, 6, 1)]


def test_a_batch_that_nobody_signed_is_no_progress(stand: Stand) -> None:
    delivery = stand.approve_and_request()
    body = {"batch": 3, "first": 6, "rows": 1, "sent": 1, "suppressed": 0, "failed": 0, "unknown": 0, "root": "0" * 64}
    with stand.scene.ledgers.press.write() as tx:
        tx.append(EventKind.BATCH_SENT, delivery, {**body, "batch": 1, "first": 0, "rows": 3}, run=stand.scene.run)
    with stand.scene.ledgers.worker.write() as tx:
        tx.append(EventKind.BATCH_SENT, delivery, body, run=stand.scene.run)

    with stand.scene.ledgers.press.read() as tx:
        assert progress_of(tx, delivery) == Progress(batches=1, next=3)
