"""What came back is counted once, suppresses whom it is about, and stops a delivery of which too much comes back."""

import os
from dataclasses import replace
from pathlib import Path
from typing import Any

import pytest

from policies import DeliveryPolicy, PolicySet
from presscheck.addresses import address_hash
from presscheck.errors import ChannelError, InputError, SettingsError
from presscheck.ledger import EventKind, verify
from presscheck.ledger.feedback import FeedbackCounts, feedback_counts, unsubscribed_from
from presscheck.ledger.suppressions import suppressed_hashes
from presscheck.models import Manifest
from presscheck.press.__main__ import open_press
from presscheck.press.channels.outbox import Outbox
from presscheck.press.feedback import Counted, Feedback
from presscheck.press.feedback_boxes import mails_in, read_mail
from presscheck.press.feedback_mail import MOST_BYTES, read_notice
from presscheck.press.feedback_returns import Returns, returns_fault
from presscheck.settings import Settings
from presscheck.unsubscribe_links import LEAVE_HERE, WayToLeave
from tests.desk.scene import Ledgers, Scene, shipped_policies
from tests.press.returned import Answers, arrive, maildir
from tests.press.stand import Stand


def feedback_of(stand: Stand) -> Feedback:
    ledgers = stand.scene.ledgers
    return Feedback(ledgers.press, ledgers.home, LEAVE_HERE, stand.scene.policies)


def counts_of(stand: Stand, delivery: str) -> FeedbackCounts:
    with stand.scene.ledgers.door.read() as tx:
        return feedback_counts(tx, delivery)


def suppressed(stand: Stand) -> set[str]:
    with stand.scene.ledgers.door.read() as tx:
        return suppressed_hashes(tx)


def hashes(*numbers: int) -> set[str]:
    return {address_hash(f"person{number}@example.com") for number in numbers}


def record(stand: Stand, *raws: bytes) -> Counted:
    return feedback_of(stand).record([read_notice(raw) for raw in raws])


def strict(**bounds: Any) -> PolicySet:
    """The shipped policies with a delivery policy that counts from the first message on."""
    shipped = shipped_policies()
    values = {
        "id": "delivery.strict",
        "kind": "delivery",
        "title": "Strict",
        "why": "A test.",
        "source": {"name": "A test", "date": "2026-01-01"},
        "owner": "tests",
        "scope": {"channels": "all", "markets": "all"},
        "complaints_at_most": "10%",
        "bounces_at_most": "40%",
        "counted_after": 3,
        "message": "Look at the list.",
        "cases": [
            {"when": {"sent": 3, "complaints": 3}, "stops": True},
            {"when": {"sent": 3}, "stops": False},
        ],
        **bounds,
    }
    return replace(shipped, deliveries=(DeliveryPolicy.model_validate(values),))


@pytest.mark.slow
def test_bounces_and_complaints_are_counted_and_suppress_on_both_databases(ledgers: Ledgers) -> None:
    stand = Stand(Scene(ledgers))
    delivery = stand.approve_and_request()
    stand.press.step()
    came = Answers(stand.scene, delivery)

    counted = record(stand, came.bounce(0), came.returned(1), came.bounce(2, "4.2.2"), came.complaint(3))

    assert (counted.hard, counted.soft, counted.complaints, counted.set_aside) == (2, 1, 1, 0)
    assert counts_of(stand, delivery) == FeedbackCounts(hard=2, soft=1, complaint=1)
    assert suppressed(stand) == hashes(0, 1, 3)
    assert verify(ledgers.door).sound


@pytest.mark.slow
def test_the_same_mail_counts_once_however_it_comes(stand: Stand) -> None:
    delivery = stand.approve_and_request()
    stand.press.step()
    came = Answers(stand.scene, delivery)

    record(stand, came.bounce(0), came.returned(0), came.bounce(0))
    again = record(stand, came.bounce(0))

    assert (again.hard, again.known, again.set_aside) == (0, 1, 0)
    assert counts_of(stand, delivery) == FeedbackCounts(hard=1)
    assert stand.scene.kinds("message:") == ["message:bounced"]


def test_events_hold_counts_and_digests_and_no_address(stand: Stand) -> None:
    delivery = stand.approve_and_request()
    stand.press.step()
    came = Answers(stand.scene, delivery)

    record(stand, came.complaint(0), came.complaint(1))

    with stand.scene.ledgers.door.read() as tx:
        (event,) = tx.events(EventKind.MESSAGE_COMPLAINED, subject=delivery)
    assert (event.process, event.run, event.data["count"]) == ("press", stand.scene.run, 2)
    assert "@" not in event.body


@pytest.mark.slow
def test_leaving_by_mail_is_counted_as_leaving(stand: Stand) -> None:
    delivery = stand.approve_and_request()
    stand.press.step()
    token = Answers(stand.scene, delivery).token(4)

    counted = record(stand, f"Subject: unsubscribe {token}\n\n".encode())

    assert counted.unsubscribed == 1
    assert suppressed(stand) == hashes(4)
    with stand.scene.ledgers.door.read() as tx:
        assert unsubscribed_from(tx, delivery, run=stand.scene.run) == 1


@pytest.mark.slow
def test_complaints_above_the_bound_stop_a_delivery_under_way(sqlite_ledgers: Ledgers, tmp_path: Path) -> None:
    scene = Scene(sqlite_ledgers, policies=strict)
    box = maildir(tmp_path / "returns")
    stand = Stand(scene)
    delivery = stand.approve_and_request()
    came = Answers(scene, delivery)
    look = Returns(box, feedback_of(stand), every=0).look

    def after_a_batch() -> None:
        # It arrives while the first batch is on its way.
        if stand.files() and not list((box / "cur").iterdir()):
            arrive(box, "1", came.complaint(0))
        look()

    stand = Stand(scene, came_back=after_a_batch)
    stand.press.step()

    row = stand.row(delivery)
    assert (row.state, row.sent, len(stand.files())) == ("held", 3, 3)
    assert "1 complaints on 3 messages are 33.33 %, and delivery.strict allows 10%" in row.reason
    with scene.ledgers.door.read() as tx:
        assert [event.data["code"] for event in tx.events(EventKind.DELIVERY_HELD)] == ["complaints"]
    assert not stand.press.step()


def test_bounces_above_the_bound_stop_it_too(sqlite_ledgers: Ledgers) -> None:
    scene = Scene(sqlite_ledgers, policies=strict)
    stand = Stand(scene)
    delivery = stand.approve_and_request()
    came = Answers(scene, delivery)

    def after_a_batch() -> None:
        if stand.files():
            record(stand, came.bounce(0), came.bounce(1))

    stand = Stand(scene, came_back=after_a_batch)
    stand.press.step()

    assert (stand.row(delivery).state, stand.row(delivery).sent) == ("held", 3)
    assert "2 bounces on 3 messages" in stand.row(delivery).reason


@pytest.mark.slow
@pytest.mark.parametrize("bounds", [{"complaints_at_most": "100%"}, {"counted_after": 1000}, {"scope": None}])
def test_below_the_bound_it_goes_on(sqlite_ledgers: Ledgers, bounds: dict[str, Any]) -> None:
    if bounds == {"scope": None}:
        bounds = {"scope": {"channels": ["sms"], "markets": "all"}}
    scene = Scene(sqlite_ledgers, policies=lambda: strict(**bounds))
    stand = Stand(scene)
    delivery = stand.approve_and_request()
    came = Answers(scene, delivery)

    def after_a_batch() -> None:
        if stand.files():
            record(stand, came.complaint(0))

    stand = Stand(scene, came_back=after_a_batch)
    stand.press.step()

    assert stand.row(delivery).state == "done"


def test_who_leaves_between_two_batches_gets_nothing(sqlite_ledgers: Ledgers) -> None:
    scene = Scene(sqlite_ledgers)
    stand = Stand(scene)
    delivery = stand.approve_and_request()
    token = Answers(scene, delivery).token(5)

    def after_a_batch() -> None:
        if stand.files():
            record(stand, f"Subject: unsubscribe {token}\n\n".encode())

    stand = Stand(scene, came_back=after_a_batch)
    stand.press.step()

    assert (stand.row(delivery).sent, stand.row(delivery).suppressed) == (6, 1)
    assert "person5@example.com" not in [mail["To"] for mail in stand.mails()]


# ---------------------------------------------------------------- mailboxes


@pytest.mark.slow
def test_a_maildir_is_read_once_and_what_is_not_ours_is_set_aside(stand: Stand, tmp_path: Path) -> None:
    delivery = stand.approve_and_request()
    stand.press.step()
    came = Answers(stand.scene, delivery)
    box = maildir(tmp_path / "box")
    arrive(box, "1.host", came.bounce(0))
    arrive(box, "2.host", b"Subject: I am away\n\n")
    arrive(box, "3.host", b"x" * (MOST_BYTES + 1))
    os.mkfifo(box / "new" / "4.host")

    counted = Returns(box, feedback_of(stand), every=0).look()

    assert counted is not None
    assert (counted.read, counted.hard, counted.set_aside) == (4, 1, 3)
    assert list((box / "new").iterdir()) == []
    assert [path.name for path in (box / "cur").iterdir()] == ["1.host:2,S"]
    assert len(list((box / ".Unmatched" / "cur").iterdir())) == 3


def test_the_maildir_is_looked_at_now_and_then(stand: Stand, tmp_path: Path) -> None:
    returns = Returns(maildir(tmp_path / "box"), feedback_of(stand), every=60)

    assert returns.look() == Counted()
    assert returns.look() is None


def test_nothing_goes_out_while_returns_cannot_be_read(stand: Stand, tmp_path: Path) -> None:
    gone = Returns(tmp_path / "gone", feedback_of(stand), every=0)
    stand = Stand(stand.scene, came_back=gone.look)
    delivery = stand.approve_and_request()

    with pytest.raises(ChannelError, match="cannot be read"):
        stand.press.step()

    assert (stand.row(delivery).state, stand.files()) == ("requested", [])


def test_the_press_does_not_start_on_a_folder_that_is_no_maildir(sqlite_ledgers: Ledgers, tmp_path: Path) -> None:
    settings = Settings(project=tmp_path, home=sqlite_ledgers.home, mail={"returns": "box"}).resolved()  # type: ignore[arg-type]

    with pytest.raises(SettingsError, match="is no Maildir"):
        open_press(settings, sqlite_ledgers.press, stopping=lambda: False)
    maildir(tmp_path / "box")
    assert returns_fault(tmp_path / "box") is None
    open_press(settings, sqlite_ledgers.press, stopping=lambda: False).step()


def test_nobody_is_offered_to_leave_by_a_mailbox_that_nobody_reads(sqlite_ledgers: Ledgers, tmp_path: Path) -> None:
    mail = {"unsubscribe_mailto": "leave@brand.example"}
    settings = Settings(project=tmp_path, home=sqlite_ledgers.home, mail=mail).resolved()  # type: ignore[arg-type]

    with pytest.raises(SettingsError, match="nobody reads it"):
        open_press(settings, sqlite_ledgers.press, stopping=lambda: False)


def test_an_mbox_and_a_folder_are_read_mail_by_mail(stand: Stand, tmp_path: Path) -> None:
    delivery = stand.approve_and_request()
    stand.press.step()
    came = Answers(stand.scene, delivery)
    raws = [came.bounce(0), b"x" * (MOST_BYTES + 5), came.complaint(1)]
    mbox = tmp_path / "old.mbox"
    mbox.write_bytes(b"\n".join(b"From MAILER-DAEMON Mon Mar  2 09:00:00 2026\n" + raw + b"\n" for raw in raws))
    folder = tmp_path / "folder" / "deep"
    folder.mkdir(parents=True)
    (folder / "a.eml").write_bytes(came.bounce(2))

    for path, kinds in ((mbox, ["hard", None, "complaint"]), (tmp_path / "folder", ["hard"])):
        notices = [None if mail.raw is None else read_notice(mail.raw) for mail in mails_in(path)]
        assert [None if one is None else one.kind for one in notices] == kinds


def test_a_link_in_a_maildir_is_not_followed(tmp_path: Path) -> None:
    (tmp_path / "secret").write_bytes(b"Subject: secret\n\n")
    (tmp_path / "link").symlink_to(tmp_path / "secret")

    assert read_mail(tmp_path / "link") is None


@pytest.mark.parametrize("name", ["nothing", "empty"])
def test_a_path_without_mail_is_told(tmp_path: Path, name: str) -> None:
    (tmp_path / "empty").mkdir()

    with pytest.raises(InputError, match=r"\.eml"):
        list(mails_in(tmp_path / name))


# ---------------------------------------------------------------- before the first mail


class Picky(Outbox):
    """A channel that reaches people, and so looks first."""

    faults: tuple[str, ...] = ()

    def preflight(self, manifest: Manifest) -> tuple[str, ...]:
        return self.faults


def test_a_delivery_that_is_not_ready_is_held_with_every_fault(sqlite_ledgers: Ledgers) -> None:
    sender = {"name": "Brand", "address": "news@brand.example", "postal_address": "-"}
    base = Scene.__init__.__kwdefaults__["brief"]
    brief = base.model_copy(update={"sender": base.sender.model_validate(sender)})
    scene = Scene(sqlite_ledgers, brief=brief)
    channel = Picky(sqlite_ledgers.home / "outbox")
    channel.faults = ("DKIM is not configured.", "The moon is full.")
    stand = Stand(scene, channels={"outbox": channel}, leave=WayToLeave("http://brand.example/unsubscribe"))
    delivery = stand.approve_and_request()

    stand.press.step()

    row = stand.row(delivery)
    assert (row.state, stand.files()) == ("held", [])
    for said in ("write https://", "postal address", "DKIM is not configured.", "The moon is full."):
        assert said in row.reason
    assert stand.scene.kinds("permit:") == ["permit:refused"]


@pytest.mark.slow
def test_a_delivery_that_is_ready_goes_out(sqlite_ledgers: Ledgers) -> None:
    channel = Picky(sqlite_ledgers.home / "outbox")
    way = WayToLeave("https://brand.example/unsubscribe")
    stand = Stand(Scene(sqlite_ledgers), channels={"outbox": channel}, leave=way)
    delivery = stand.approve_and_request()

    stand.press.step()

    assert stand.row(delivery).state == "done"
    assert {mail["List-Unsubscribe"].partition("unsubscribe/")[0] for mail in stand.mails()} == {
        "<https://brand.example/"
    }


@pytest.mark.parametrize(
    "url",
    [
        "http://brand.example/unsubscribe",
        "brand.example",
        "https://brand.example/unsubscribe?x=1",
        "https://brand.example/un subscribe",
        "https://brand.example/>\r\nBcc: a@b.com",
        "https://user:secret@brand.example/",
        "https://" + "a" * 200,
    ],
)
def test_an_unsubscribe_address_that_will_not_do_is_no_setting(tmp_path: Path, url: str) -> None:
    with pytest.raises(SettingsError, match="unsubscribe_url"):
        Settings.read(tmp_path, {"PRESSCHECK_MAIL__UNSUBSCRIBE_URL": url})


def test_the_door_is_where_people_leave_unless_another_place_is_named(tmp_path: Path) -> None:
    door = Settings.read(tmp_path, {"PRESSCHECK_DOOR_URL": "https://door.brand.example/"})
    other = Settings.read(tmp_path, {"PRESSCHECK_MAIL__UNSUBSCRIBE_URL": "https://leave.brand.example/now/"})

    assert door.way_to_leave.url == "https://door.brand.example/unsubscribe"
    assert other.way_to_leave.url == "https://leave.brand.example/now"
