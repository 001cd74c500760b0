"""The kill switch at the press: what is stopped stops in the middle, is counted exactly, and goes on exactly once."""

from pathlib import Path

import pytest

from presscheck.errors import ChannelError
from presscheck.ledger import EventKind, verify
from presscheck.ledger.deliveries import messages
from presscheck.ledger.reviews import unread_wakes
from tests.desk.scene import RUN, Ledgers, Scene
from tests.press.crashed import LOST, Mailing
from tests.press.mailing import Papers, channel, mail_server, make_papers
from tests.press.stand import Stand
from tests.press.stopping import interrupt, lifted, paused, recalled, told
from tests.press.test_public_channels import public_scene
from tests.press.test_smtp import DELIVERY, hand_over, mail_to


@pytest.fixture(scope="module")
def papers(tmp_path_factory: pytest.TempPathFactory) -> Papers:
    return make_papers(tmp_path_factory.mktemp("papers"))


def states(stand: Stand, delivery: str) -> list[str]:
    with stand.scene.ledgers.press.read() as tx:
        return [row.state for row in messages(tx, delivery)]


@pytest.mark.parametrize("scope", ["*", "product-launch", "run", "delivery"])
def test_what_was_paused_while_the_press_was_down_waits_before_its_first_message(stand: Stand, scope: str) -> None:
    delivery = stand.approve_and_request()
    named = {"run": RUN, "delivery": delivery}.get(scope, scope)
    paused(stand.scene, named)

    stand.press.step()

    assert (stand.files(), stand.row(delivery).state) == ([], "paused")
    (event,) = told(stand.scene, EventKind.DELIVERY_PAUSED, delivery)
    assert (event["scope"], event["sent"], event["left"], event["rows"]) == (named, 0, 7, 0)
    assert not stand.press.step()


def test_another_campaigns_pause_stops_nothing(stand: Stand) -> None:
    delivery = stand.approve_and_request()
    paused(stand.scene, "autumn-sale")

    stand.press.step()

    assert (stand.row(delivery).state, len(stand.files())) == ("done", 7)


@pytest.mark.slow
def test_a_pause_in_the_middle_of_a_batch_stops_it_and_every_message_goes_out_once_afterwards(stand: Stand) -> None:
    delivery = stand.approve_and_request()
    # Three messages a batch, and one more look before their files are named: the sixth question is in the second.
    interrupt(stand.outbox, at=6, do=lambda: paused(stand.scene))

    stand.press.step()

    early = {path: path.stat().st_mtime_ns for path in stand.outbox.folder.rglob("*.eml")}
    (event,) = told(stand.scene, EventKind.DELIVERY_PAUSED, delivery)
    row = stand.row(delivery)
    assert (event["sent"], event["left"], len(early)) == (3, 4, 3)
    assert (row.state, row.sent, states(stand, delivery).count("sent")) == ("paused", 3, 3)
    assert list(stand.outbox.folder.rglob("*.part")) == []

    lifted(stand.scene)
    stand.press.step()

    assert sorted(mail["To"] for mail in stand.mails()) == [f"person{number}@example.com" for number in range(7)]
    assert all(path.stat().st_mtime_ns == written for path, written in early.items())
    assert (stand.row(delivery).state, stand.row(delivery).sent) == ("done", 7)
    assert stand.scene.kinds("delivery:") == [
        "delivery:requested",
        "delivery:paused",
        "delivery:resumed",
        "delivery:completed",
    ]
    assert verify(stand.scene.ledgers.press).sound


@pytest.mark.slow
def test_a_pause_and_what_follows_are_the_same_on_both_databases(ledgers: Ledgers) -> None:
    stand = Stand(Scene(ledgers))
    delivery = stand.approve_and_request()
    interrupt(stand.outbox, at=6, do=lambda: paused(stand.scene, "product_launch".replace("_", "-")))
    stand.press.step()
    waiting = stand.row(delivery).state
    lifted(stand.scene, "product-launch")

    stand.press.step()

    assert (waiting, stand.row(delivery).state, len(stand.files())) == ("paused", "done", 7)
    assert verify(ledgers.press).sound


@pytest.mark.slow
def test_the_run_is_rung_for_when_its_delivery_stops_and_when_it_goes_on(stand: Stand) -> None:
    delivery = stand.approve_and_request()
    paused(stand.scene)
    stand.press.step()
    with stand.scene.ledgers.door.read() as tx:
        stopped = [subject for _, subject in unread_wakes(tx) if subject.startswith(f"{delivery}/")]
    lifted(stand.scene)

    stand.press.step()

    with stand.scene.ledgers.door.read() as tx:
        rung = [subject for _, subject in unread_wakes(tx) if subject.startswith(f"{delivery}/")]
    assert (len(stopped), len(rung)) == (1, 2)


@pytest.mark.slow
def test_two_pauses_hold_until_both_are_lifted(stand: Stand) -> None:
    delivery = stand.approve_and_request()
    paused(stand.scene)
    paused(stand.scene, "product-launch")
    stand.press.step()
    lifted(stand.scene)

    assert not stand.press.step()
    assert stand.files() == []

    lifted(stand.scene, "product-launch")
    stand.press.step()
    assert stand.row(delivery).state == "done"


def test_whatever_may_go_out_is_asked_anew_after_a_long_pause(stand: Stand) -> None:
    delivery = stand.approve_and_request()
    paused(stand.scene)
    stand.press.step()
    # The brief's deadline passes while it waits.
    stand.scene.ledgers.clock.advance(days=400)
    lifted(stand.scene)

    stand.press.step()

    assert (stand.row(delivery).state, stand.files()) == ("held", [])
    assert stand.scene.kinds("permit:") == ["permit:refused"]


@pytest.mark.slow
def test_mail_stops_in_the_middle_of_a_batch_and_the_count_is_the_servers(
    sqlite_ledgers: Ledgers, tmp_path: Path, papers: Papers
) -> None:
    scene = Scene(sqlite_ledgers, recipients=40, via="smtp")
    with mail_server(tmp_path, papers=papers) as running:
        smtp = channel(running, sqlite_ledgers.home / "press" / "smtp")
        stand = Stand(scene, channels={"smtp": smtp}, batch_size=40)
        delivery = stand.approve_and_request()
        interrupt(smtp, at=30, do=lambda: paused(scene))

        stand.press.step()

        taken = running.addresses()
        (event,) = told(scene, EventKind.DELIVERY_PAUSED, delivery)
        assert 0 < len(taken) < 40
        assert (event["sent"], event["unknown"], event["left"]) == (len(taken), 0, 40 - len(taken))
        assert states(stand, delivery).count("sent") == len(taken)
        assert set(states(stand, delivery)) == {"sent", "pending"}

        lifted(scene)
        stand.press.step()
        smtp.hang_up()

        assert running.addresses() == sorted(f"person{number}@example.com" for number in range(40))
    assert (stand.row(delivery).state, stand.row(delivery).sent) == ("done", 40)
    assert verify(scene.ledgers.press).sound


def test_a_letter_under_way_when_the_stop_comes_never_gets_its_final_dot(tmp_path: Path, papers: Papers) -> None:
    with mail_server(tmp_path, papers=papers) as running:
        smtp = channel(running, tmp_path / "journals")
        one = mail_to("midway@example.com")
        # Asked when it is taken up, when it is begun, and before the dot.
        answers = iter([False, False])
        smtp.stop_when(lambda: next(answers, True))

        with pytest.raises(ChannelError, match="told to stop"):
            hand_over(smtp, [one])
        smtp.hang_up()

        assert running.addresses() == []
    (journal,) = (tmp_path / "journals").glob("*.journal")
    id = journal.stem.removeprefix(f"{DELIVERY}-")
    assert smtp.recall(DELIVERY, [one.key], [id]) == {one.key: "not-sent"}


@pytest.mark.slow
def test_a_press_killed_in_the_middle_of_a_batch_and_paused_while_down_counts_by_its_journals(
    sqlite_ledgers: Ledgers, tmp_path: Path, papers: Papers
) -> None:
    with mail_server(tmp_path, f"lose-after-dot={LOST}", papers=papers) as running:
        mailing = Mailing(sqlite_ledgers, running)
        mailing.crash()
        paused(mailing.scene)

        mailing.go_on()
        row = mailing.go_on()

        (event,) = told(mailing.scene, EventKind.DELIVERY_PAUSED, mailing.delivery)
        assert (row.state, event["sent"], event["unknown"], event["left"]) == ("paused", 3, 1, 3)
        lifted(mailing.scene)
        row = mailing.go_on()
        assert (row.state, row.sent, row.unknown) == ("done", 6, 1)
        mailing.assert_none_twice()


@pytest.mark.parametrize(("channel_name", "via"), [("search", "search-csv"), ("social", "social-calendar")])
def test_files_stay_as_they_are_while_paused(
    sqlite_ledgers: Ledgers, tmp_path: Path, channel_name: str, via: str
) -> None:
    from presscheck.press.channels.calendar_files import SocialCalendar
    from presscheck.press.channels.search_csv import SearchCsv

    made = SearchCsv(tmp_path, ad_group="x") if via == "search-csv" else SocialCalendar(tmp_path, hour=9)
    scene = public_scene(sqlite_ledgers, channel_name, via=via)
    stand = Stand(scene, channels={via: made})
    delivery = stand.approve_and_request(picks=["V01", "V02"])
    interrupt(made, at=1, do=lambda: paused(scene))
    stand.press.step()
    early = list(tmp_path.glob("D-*"))
    lifted(scene)

    stand.press.step()

    assert early == []
    assert (stand.row(delivery).state, stand.row(delivery).sent) == ("done", 2)


def test_a_recall_ends_what_is_paused(stand: Stand) -> None:
    delivery = stand.approve_and_request()
    paused(stand.scene)
    stand.press.step()
    recalled(stand.scene, delivery)

    stand.press.step()
    lifted(stand.scene)
    stand.press.step()

    (event,) = told(stand.scene, EventKind.DELIVERY_HELD, delivery)
    assert (event["code"], stand.files()) == ("recalled", [])
