"""A recall: what each channel takes back, what it cannot, and an exact list of the rest."""

import csv
import io
import json
import stat
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import icalendar
import pytest

from presscheck.errors import ChannelError
from presscheck.ledger import EventKind, verify
from presscheck.press.channels import Recalled
from presscheck.press.channels.calendar_files import SocialCalendar
from presscheck.press.channels.search_csv import SearchCsv
from presscheck.press.recalling import list_path
from tests.desk.scene import Ledgers, Scene
from tests.press.git_server import GitServer, git_server
from tests.press.mailing import Papers, channel, mail_server, make_papers
from tests.press.stand import Stand
from tests.press.stopping import interrupt, recalled, told
from tests.press.test_blog_git import DELIVERY, PASSWORD, article, away, bare, blog, git
from tests.press.test_public_channels import public_scene
from tests.press.test_webhook import Running, _process, messages, posted, receiver

__all__ = ["_process", "bare", "receiver"]


@pytest.fixture(scope="module")
def papers(tmp_path_factory: pytest.TempPathFactory) -> Papers:
    return make_papers(tmp_path_factory.mktemp("papers"))


@pytest.fixture
def server(bare: Path) -> Iterator[GitServer]:
    with git_server(bare.parent, user="press", password=PASSWORD) as running:
        yield running
        running.go.set()


def rows_of(path: Path) -> list[dict[str, str]]:
    return list(csv.DictReader(io.StringIO(path.read_text("utf-8-sig"), newline="")))


def done(scene: Scene, delivery: str) -> dict[str, Any]:
    (event,) = told(scene, EventKind.RECALL_DONE, delivery)
    return event


def test_the_outbox_is_moved_aside_whole_and_only_once(stand: Stand) -> None:
    delivery = stand.approve_and_request()
    stand.press.step()
    recalled(stand.scene, delivery)

    stand.press.step()

    event = done(stand.scene, delivery)
    assert (event["sent"], event["taken_back"], event["listed"], event["left"]) == (7, 7, 0, 0)
    assert not (stand.outbox.folder / delivery).exists()
    assert len(list((stand.outbox.folder / "recalled" / delivery).rglob("*.eml"))) == 7
    assert not list_path(stand.scene.ledgers.home, delivery).exists()
    assert not stand.press.step()
    assert verify(stand.scene.ledgers.press).sound


def test_a_recall_in_the_middle_of_a_batch_stops_the_rest_for_good(stand: Stand) -> None:
    delivery = stand.approve_and_request()
    interrupt(stand.outbox, at=6, do=lambda: recalled(stand.scene, delivery))

    stand.press.step()
    stand.press.step()

    event = done(stand.scene, delivery)
    assert (event["sent"], event["taken_back"], event["left"]) == (3, 3, 4)
    assert (stand.row(delivery).state, len(stand.files())) == ("held", 3)
    (held,) = told(stand.scene, EventKind.DELIVERY_HELD, delivery)
    assert (held["code"], held["sent"]) == ("recalled", 3)


@pytest.mark.slow
def test_e_mail_is_listed_with_its_addresses_for_this_account_alone(
    sqlite_ledgers: Ledgers, tmp_path: Path, papers: Papers
) -> None:
    scene = Scene(sqlite_ledgers, via="smtp")
    with mail_server(tmp_path, "hang-after-dot=person2@example.com", papers=papers) as running:
        smtp = channel(running, sqlite_ledgers.home / "press" / "smtp", server=running.server(timeout=1.0))
        stand = Stand(scene, channels={"smtp": smtp})
        delivery = stand.approve_and_request()
        stand.press.step()
        recalled(scene, delivery)
        stand.press.step()
        smtp.hang_up()

    event = done(scene, delivery)
    path = list_path(sqlite_ledgers.home, delivery)
    rows = rows_of(path)
    assert (event["sent"], event["unknown"], event["taken_back"], event["listed"]) == (6, 1, 0, 7)
    assert stat.S_IMODE(path.stat().st_mode) == 0o600
    assert [row["address"] for row in rows] == [f"person{number}@example.com" for number in range(7)]
    assert [row["state"] for row in rows if row["address"] == "person2@example.com"] == ["unknown"]
    assert "example.com" not in json.dumps(event)


def test_a_recall_that_was_cut_off_comes_to_the_same(stand: Stand, monkeypatch: pytest.MonkeyPatch) -> None:
    delivery = stand.approve_and_request()
    stand.press.step()
    recalled(stand.scene, delivery)
    # The channel did its work, and the press was gone before it could say so.
    take_back = stand.outbox.take_back

    def gone(delivery: str, keys: Any) -> Recalled:
        take_back(delivery, keys)
        raise ChannelError("killed")

    monkeypatch.setattr(stand.outbox, "take_back", gone)
    with pytest.raises(ChannelError):
        stand.press.step()
    monkeypatch.undo()

    stand.press.step()

    assert done(stand.scene, delivery)["taken_back"] == 7


def test_of_a_webhook_only_what_the_receiver_says_counts(receiver: Running) -> None:
    batch = messages(3, salt="recalls")
    keys = [message.key for message in batch]

    answer = receiver.webhook("recalls").take_back(DELIVERY, keys)

    (request,) = receiver.posts()
    assert (answer.taken_back, answer.listed) == (tuple(keys[1:]), (keys[0],))
    assert json.loads(request["body"]) == {"type": "message.recall", "data": {"delivery": DELIVERY, "keys": keys}}
    assert request["headers"]["webhook-signature"].startswith("v1,")


@pytest.mark.parametrize("mood", ["ok", "refuses", "floods"])
def test_a_receiver_that_says_nothing_of_keys_has_taken_nothing_back(receiver: Running, mood: str) -> None:
    answer = receiver.webhook(mood).take_back(DELIVERY, ["a" * 64])

    assert (answer.taken_back, answer.listed) == ((), ("a" * 64,))


def test_a_receiver_that_is_broken_is_asked_again_later(receiver: Running) -> None:
    with pytest.raises(ChannelError, match="tried again by itself"):
        receiver.webhook("broken").take_back(DELIVERY, ["a" * 64])


def test_a_blog_post_goes_by_one_more_commit_and_others_stay(bare: Path) -> None:
    mine, other = article(), article("Another one")
    channel = blog(bare)
    channel.send(DELIVERY, [mine, other])

    answer = channel.take_back(DELIVERY, [mine.key])

    files = git(bare, "ls-tree", "-r", "--name-only", "main").split()
    assert (answer.taken_back, answer.listed) == ((mine.key,), ())
    assert files == ["README.md", f"posts/2026-03-02-another-one-{other.key[:8]}.md"]
    assert git(bare, "log", "-1", "--format=%s", "main") == f"Recall {DELIVERY}"
    assert blog(bare).take_back(DELIVERY, [mine.key]).taken_back == (mine.key,)
    assert git(bare, "fsck", "--strict") == ""


def test_a_blog_post_that_somebody_moved_is_listed(bare: Path) -> None:
    answer = blog(bare).take_back(DELIVERY, [article().key])

    assert (answer.taken_back, answer.listed) == ((), (article().key,))


def test_a_push_that_hangs_is_cut_off_by_a_stop_and_found_or_not_afterwards(
    bare: Path, server: GitServer, tmp_path: Path
) -> None:
    message = article()
    channel = away(server, tmp_path / "cache")
    server.mood = "slow-push"
    channel.stop_when(lambda: any(path.endswith("/git-receive-pack") for path, _ in server.seen))

    with pytest.raises(ChannelError):
        channel.send(DELIVERY, [message])
    before = away(server, tmp_path / "other").outcome(DELIVERY, message.key)
    in_doubt = channel.outcome(DELIVERY, message.key)
    server.go.set()

    assert (before, in_doubt) == ("not-sent", "unknown")


@pytest.mark.parametrize(("name", "via"), [("search", "search-csv"), ("social", "social-calendar")])
def test_files_are_moved_aside_and_others_say_that_they_are_withdrawn(
    sqlite_ledgers: Ledgers, tmp_path: Path, name: str, via: str
) -> None:
    made = SearchCsv(tmp_path, ad_group="x") if via == "search-csv" else SocialCalendar(tmp_path, hour=9)
    scene = public_scene(sqlite_ledgers, name, via=via)
    stand = Stand(scene, channels={via: made})
    delivery = stand.approve_and_request(picks=["V01", "V02"])
    stand.press.step()
    recalled(scene, delivery)

    stand.press.step()

    event = done(scene, delivery)
    rows = rows_of(tmp_path / f"{delivery}.recall.csv")
    assert (event["sent"], event["taken_back"], event["listed"]) == (2, 0, 2)
    assert {row["Status"] for row in rows} == {"Removed"}
    assert len(rows) == 2
    assert not (tmp_path / f"{delivery}.csv").exists()
    assert (tmp_path / "recalled" / f"{delivery}.csv").exists()
    if name == "social":
        calendar = icalendar.Calendar.from_ical((tmp_path / f"{delivery}.recall.ics").read_bytes())
        old = icalendar.Calendar.from_ical((tmp_path / "recalled" / f"{delivery}.ics").read_bytes())
        assert calendar["METHOD"] == "CANCEL"
        assert [(str(one["STATUS"]), int(one["SEQUENCE"])) for one in calendar.walk("VEVENT")] == [("CANCELLED", 1)] * 2
        assert [one["UID"] for one in calendar.walk("VEVENT")] == [one["UID"] for one in old.walk("VEVENT")]


def test_a_webhook_delivery_stops_in_the_middle_of_a_batch(receiver: Running) -> None:
    webhook = receiver.webhook("broken", concurrency=1, first_wait_seconds=60.0, longest_wait_seconds=300.0)
    batch = messages(3)
    # It waits before its second try, for longer than any test; whoever waits is woken by the stop.
    webhook.stop_when(lambda: len(receiver.posts()) >= 1)

    with pytest.raises(ChannelError, match="told to stop"):
        posted(webhook, batch)

    assert len(receiver.posts()) == 1
