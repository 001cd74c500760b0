"""A press beside Debian's Postfix, with everything that a real server does: who got what is told by the Maildirs."""

import contextlib
import multiprocessing
import signal
import time
from collections import Counter
from collections.abc import Callable, Generator, Iterator
from pathlib import Path
from typing import Any

import pytest

from presscheck.addresses import address_hash
from presscheck.errors import ChannelError
from presscheck.ledger import verify
from presscheck.ledger.deliveries import find_delivery, messages
from presscheck.ledger.feedback import FeedbackCounts, feedback_counts
from presscheck.ledger.suppressions import suppressed_hashes
from presscheck.press.channels.smtp_hand_over import Manners
from presscheck.press.settle import settle, unknown_messages
from presscheck.press.settle_log import read_log
from tests.conftest import Ledgers
from tests.desk.scene import Scene
from tests.press.mailing import channel
from tests.press.posted import CONNECTIONS, Hurried, open_press, run_press
from tests.press.postfix import Postfix, postfix
from tests.press.stand import Stand

PEOPLE = 24
SENDER = "553 5.7.1 Sender address rejected: not owned by user campaigns@brand.example"


def person(number: int) -> str:
    return f"person{number}@example.com"


# ---------------------------------------------------------------- one refusal at a time


@pytest.fixture(scope="module")
def server(needs_a_server: None) -> Iterator[Postfix]:
    with postfix(map(person, range(PEOPLE))) as running:
        yield running


class Mailing:
    """A delivery through Postfix, and a clock that its tests turn on."""

    def __init__(self, ledgers: Ledgers, server: Postfix, *, run: str, people: int = PEOPLE, **more: Any) -> None:
        self.ledgers = ledgers
        self.server = server
        self.scene = Scene(ledgers, recipients=people, via="smtp", run=run)
        manners = Manners(connections=4, attempts=3, first_wait=0.1)
        mails_by = server.server(**more)
        self.smtp = channel(server, ledgers.home / "press" / "smtp", server=mails_by, manners=manners)
        self.stand = Stand(self.scene, channels={"smtp": self.smtp}, batch_size=10)
        self.before = server.mailboxes()
        self.delivery = self.stand.approve_and_request()

    def step(self, **later: float) -> Any:
        """What the press makes of it, after some time; the delivery's row."""
        self.ledgers.clock.advance(**later)
        # What keeps it waiting is told by its row as well.
        with contextlib.suppress(ChannelError):
            self.stand.press.step()
        self.smtp.hang_up()
        return self.stand.row(self.delivery)

    def until_done(self, *, seconds: float = 20, **later: float) -> Any:
        over = time.monotonic() + seconds
        while (row := self.step(**later)).state != "done":
            assert row.state in ("sending", "waiting"), row
            assert row.failed == 0, row
            assert time.monotonic() < over, row
            time.sleep(0.2)
        return row

    def got(self) -> Counter[str]:
        """What arrived since this mailing was made."""
        self.server.idle()
        return self.server.mailboxes() - self.before


@pytest.fixture
def mailing(sqlite_ledgers: Ledgers, server: Postfix, request: pytest.FixtureRequest) -> Mailing:
    # Every mailing has messages of its own, so that no journal and no mailbox takes one for another's.
    number = abs(hash(request.node.nodeid)) % 10**12
    return Mailing(sqlite_ledgers, server, run=f"6f0c6a52-0000-4000-8000-{number:012d}")


def _refuse_the_sender(server: Postfix) -> None:
    server.map("senders", {"brand.example": SENDER})
    server.reload()


def _take_the_sender(server: Postfix) -> None:
    server.map("senders", {})
    server.reload()


def _small(**more: Any) -> Callable[[Postfix], None]:
    return lambda server: server.set(message_size_limit=1500, **more)


def _large(server: Postfix) -> None:
    server.set(message_size_limit=10_240_000, smtpd_discard_ehlo_keywords="", smtpd_delay_reject="yes")


def _no_relay(server: Postfix) -> None:
    server.set(virtual_mailbox_domains="brand.example")


def _relay(server: Postfix) -> None:
    server.set(virtual_mailbox_domains="example.com, brand.example")


def _broken_map(server: Postfix) -> None:
    server.set(virtual_mailbox_maps="texthash:/nonexistent/mailboxes")


def _whole_map(server: Postfix) -> None:
    server.set(virtual_mailbox_maps=f"texthash:{server.folder}/conf/mailboxes")


ABOUT_US = {
    "the sender, at RCPT": (_refuse_the_sender, _take_the_sender, "Sender address rejected"),
    "the size, as it announces it": (_small(), _large, "1,500 bytes at most"),
    "the size, at MAIL or after the dot": (_small(smtpd_discard_ehlo_keywords="size"), _large, "size|too big"),
    "the recipients' domain": (_no_relay, _relay, "Relay access denied"),
    "a map of its own that is gone": (_broken_map, _whole_map, "lookup failure|Server configuration"),
}


@pytest.mark.parametrize("about", ABOUT_US)
def test_what_postfix_refuses_about_us_fails_nobody_and_goes_on_by_itself(mailing: Mailing, about: str) -> None:
    refuse, mend, said = ABOUT_US[about]
    refuse(mailing.server)
    try:
        rows = [mailing.step(), mailing.step(minutes=5), mailing.step(minutes=30)]
        before = mailing.got()
    finally:
        mend(mailing.server)
    done = mailing.step(hours=2)

    assert {(row.state, row.sent, row.failed) for row in rows} == {("waiting", 0, 0)}
    assert any(word in rows[0].reason for word in said.split("|")), rows[0].reason
    assert before == {}
    assert (done.state, done.sent, done.failed) == ("done", PEOPLE, 0)
    assert mailing.got() == Counter(map(person, range(PEOPLE)))


# Each with what takes it away again.
LIMITS = {
    "smtpd_client_message_rate_limit": (15, 0),
    "smtpd_client_auth_rate_limit": (2, 0),
    "smtpd_client_connection_count_limit": (1, 50),
}


@pytest.mark.parametrize("limit", LIMITS)
def test_a_limit_of_postfix_slows_the_line_and_fails_nobody(mailing: Mailing, limit: str) -> None:
    few, enough = LIMITS[limit]
    mailing.server.set(anvil_rate_time_unit="1s", **{limit: few})
    try:
        done = mailing.until_done(minutes=10)
    finally:
        mailing.server.set(**{limit: enough})

    assert (done.state, done.sent, done.failed) == ("done", PEOPLE, 0)
    assert mailing.got() == Counter(map(person, range(PEOPLE)))


# ---------------------------------------------------------------- the campaign of 300

RECIPIENTS = 300
UNKNOWN = range(7, 300, 25)
BOUNCING = {
    **{person(at): "550 5.1.1 No such user" for at in (13, 63, 113, 163, 213, 263)},
    **{person(at): "552 5.2.2 Mailbox full" for at in (14, 114, 214)},
    **{person(at): "550 5.7.1 Message rejected by our policy, DKIM does not verify" for at in (15, 115, 215)},
}
GREYLISTED = [person(at) for at in range(20, 300, 20)]


@pytest.mark.needs_a_server
@pytest.mark.timeout(240)
def test_a_campaign_of_300_through_postfix_reaches_everybody_once_whatever_happens(
    sqlite_ledgers: Ledgers, monkeypatch: pytest.MonkeyPatch
) -> None:
    # The server that forks the processes to be killed imports our modules once, and finds them by this.
    monkeypatch.setenv("PYTHONPATH", str(Path(__file__).resolve().parents[2]))
    scene = Scene(sqlite_ledgers, recipients=RECIPIENTS, via="smtp")
    manifest = scene.approve().manifest
    assert manifest is not None
    delivery = scene.request(manifest)
    sqlite_ledgers.close()
    people = [person(at) for at in range(RECIPIENTS) if at not in UNKNOWN]
    limits = {"smtpd_client_message_rate_limit": 120, "anvil_rate_time_unit": "2s"}

    with postfix(people, greylisted=GREYLISTED, bouncing=BOUNCING, **limits) as server:
        clock = Hurried(time.monotonic())
        _refuse_the_sender(server)
        with _press(sqlite_ledgers.home, server, clock) as first:
            _until(lambda: _row(sqlite_ledgers, delivery).state == "waiting")
            assert server.mailboxes() == {}
            _take_the_sender(server)
            _until(lambda: _taken(server) >= 60)
            first.kill()
        with _press(sqlite_ledgers.home, server, clock) as second:
            _until(lambda: _taken(server) >= 130)
            server.restart()
            _until(lambda: _taken(server) >= 200)
            second.kill()
        with _press(sqlite_ledgers.home, server, clock) as third:
            third.join(120)
        server.idle()
        _read_what_came_back(sqlite_ledgers.home, server, clock)
        row = _row(sqlite_ledgers, delivery)
        doubtful = _doubtful(sqlite_ledgers, delivery)
        settled = settle(sqlite_ledgers.press, delivery, read_log(server.log), whole=True) if doubtful else None
        got, log = server.mailboxes(), server.log.read_text("utf-8", "replace").splitlines()

    assert (first.exitcode, second.exitcode, third.exitcode) == (-signal.SIGKILL, -signal.SIGKILL, 0)
    with sqlite_ledgers.press.read() as tx:
        states = {_address(one): one.state for one in messages(tx, delivery)}
        suppressed = suppressed_hashes(tx)
        came_back = feedback_counts(tx, delivery)
    unknown, reached = {person(at) for at in UNKNOWN}, set(people) - set(BOUNCING)
    # Who was in flight when the press was killed, and was not taken: listed, settled by the log, and not sent again.
    lost = doubtful - set(got)
    assert [one for one, times in got.items() if times > 1] == [], "somebody got it twice"
    assert reached - set(got) <= lost, "somebody was lost, and nobody says so"
    assert set(got) <= reached
    assert row.state == "done"
    assert len(doubtful) <= 2 * CONNECTIONS
    assert settled is None or (settled.sent, settled.failed, settled.still) == (len(doubtful - lost), len(lost), 0)
    assert {one for one, state in states.items() if state == "failed"} == unknown | lost
    assert {one for one, state in states.items() if state == "sent"} == set(people) - lost
    # What says that the mailbox is not there suppresses, at once or by mail; a full one, or our own policy, does not.
    # Whoever was in flight at a kill may have been taken and have bounced: the server's log says of each.
    bounced = {one for one in BOUNCING if any(f"to=<{one}>" in line and "status=bounced" in line for line in log)}
    gone, full, ours = ({one for one in bounced if code in BOUNCING[one]} for code in ("5.1.1", "5.2.2", "5.7.1"))
    refused = unknown - lost
    assert set(BOUNCING) - lost <= bounced
    assert suppressed == set(map(address_hash, refused | gone))
    assert came_back == FeedbackCounts(hard=len(refused | gone), soft=len(full), policy=len(ours), at_once=len(refused))
    assert verify(sqlite_ledgers.press).sound


def _address(row: Any) -> str:
    """Whose message it is: the scene's ids and addresses have the same number."""
    return person(int(row.recipient.removeprefix("r")))


def _taken(server: Postfix) -> int:
    return server.said("status=sent (delivered to maildir)")


def _row(ledgers: Ledgers, delivery: str) -> Any:
    with ledgers.press.read() as tx:
        return find_delivery(tx, delivery)


def _doubtful(ledgers: Ledgers, delivery: str) -> set[str]:
    with ledgers.press.read() as tx:
        return {_address(one) for one in unknown_messages(tx, delivery)}


def _until(done: Callable[[], bool], seconds: float = 60) -> None:
    over = time.monotonic() + seconds
    while not done():
        assert time.monotonic() < over
        time.sleep(0.02)


def _read_what_came_back(home: Path, server: Postfix, clock: Hurried) -> None:
    """A last look of a press, after the last bounce has arrived."""
    ledger, press = open_press(home, server, clock, 50)
    press.step()
    ledger.close()


@contextlib.contextmanager
def _press(home: Path, server: Postfix, clock: Hurried) -> Generator[Any]:
    """A press in a process of its own."""
    context = multiprocessing.get_context("forkserver")
    context.set_forkserver_preload(["tests.press.posted"])
    process = context.Process(target=run_press, args=(home, server, clock, 50))
    process.start()
    try:
        yield process
    finally:
        if process.is_alive():
            process.kill()
        process.join(60)
