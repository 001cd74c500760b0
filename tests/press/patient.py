"""A delivery through a mail server that says what a test tells it to, and a clock that the test turns on."""

import re
from datetime import UTC, datetime
from typing import Any

from presscheck.desk.retrying import decide_retry
from presscheck.errors import ChannelError
from presscheck.ledger import EventKind, verify
from presscheck.ledger.deliveries import messages
from presscheck.ledger.suppressions import suppressed_hashes
from presscheck.press.channels.smtp_hand_over import Manners
from tests.desk.scene import Ledgers, Scene
from tests.press.mailing import Running, channel
from tests.press.stand import Stand
from tests.press.stopping import told

PEOPLE = 24


class Post:
    """A delivery by mail, and a clock that its tests turn on."""

    def __init__(self, ledgers: Ledgers, running: Running, *, people: int = PEOPLE, batch_size: int = 50) -> None:
        self.scene = Scene(ledgers, recipients=people, via="smtp")
        self.running = running
        self.batch_size = batch_size
        self.start()
        self.delivery = self.stand.approve_and_request()

    def start(self) -> None:
        """A press that starts anew, as after a kill."""
        manners = Manners(connections=3, attempts=3, first_wait=0.02)
        smtp = channel(self.running, self.scene.ledgers.home / "press" / "smtp", manners=manners)
        self.stand = Stand(self.scene, channels={"smtp": smtp}, batch_size=self.batch_size)

    def step(self, **later: float) -> Any:
        """What the press makes of it, after some time where that is said; the delivery's row."""
        self.scene.ledgers.clock.advance(**later)
        try:
            self.stand.press.step()
        except ChannelError as error:
            self.error = error
        self.stand.press.channels["smtp"].hang_up()  # type: ignore[attr-defined]
        return self.row

    @property
    def row(self) -> Any:
        return self.stand.row(self.delivery)

    @property
    def next_try(self) -> datetime | None:
        """What the row says of the next try, to the minute."""
        found = re.search(r"The next try is at (.{16}) UTC\.", self.row.reason)
        return None if found is None else datetime.fromisoformat(found[1]).replace(tzinfo=UTC)

    def told(self, kind: EventKind) -> list[dict[str, Any]]:
        return told(self.scene, kind, self.delivery)

    def states(self) -> list[str]:
        with self.scene.ledgers.press.read() as tx:
            return [row.state for row in messages(tx, self.delivery)]

    def assert_each_once(self, *but: int) -> None:
        wanted = sorted(f"person{at}@example.com" for at in range(len(self.states())) if at not in but)
        assert self.running.addresses() == wanted
        assert verify(self.scene.ledgers.door).sound


def suppressed_now(post: Post) -> set[str]:
    with post.scene.ledgers.press.read() as tx:
        return suppressed_hashes(tx)


def given_up(post: Post) -> Any:
    """A delivery with one who was given up, one refused for good and one of whom nobody knows."""
    post.running.say(
        {"at": "rcpt", "to": "person2@example.com", "say": "452 4.2.2 <{address}>: mailbox is full"},
        {"at": "rcpt", "to": "person4@example.com", "say": "550 5.1.1 <{address}>: User unknown"},
        {"at": "drop", "to": "person6@example.com", "say": ""},
    )
    post.step()
    for _ in range(26):
        row = post.step(hours=1)
    return row


def retried(post: Post, person: str = "ana") -> Any:
    with post.scene.ledgers.door.write() as tx:
        return decide_retry(tx, post.scene.policies, post.delivery, person=f"P-{person}", proved_at=tx.now)
