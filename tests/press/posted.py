"""A press that mails through a real Postfix and reads what comes back, for a process of its own that a test kills."""

import time
from dataclasses import dataclass
from datetime import UTC, datetime, timedelta
from pathlib import Path

import pyarrow.parquet  # noqa: F401 - imported once here, and not again in every process to be killed.

from presscheck.desk import Desk
from presscheck.errors import ChannelError
from presscheck.ledger import Keyring, Ledger, Signer
from presscheck.ledger.deliveries import pending_deliveries
from presscheck.press import Press
from presscheck.press.channels.smtp_hand_over import Manners
from presscheck.press.feedback import Feedback
from presscheck.press.feedback_returns import Returns
from presscheck.press.lock import only_press
from presscheck.unsubscribe_links import LEAVE_HERE
from tests.desk.scene import shipped_policies
from tests.press.mailing import channel
from tests.press.postfix import Postfix

CONNECTIONS = 8
BEGAN = datetime(2026, 3, 2, 9, tzinfo=UTC)


@dataclass(frozen=True)
class Hurried:
    """A clock on which a minute is a second, the same in every process: what waits is seen to go on."""

    began: float
    speed: float = 60

    def __call__(self) -> datetime:
        return BEGAN + timedelta(seconds=(time.monotonic() - self.began) * self.speed)


def open_press(home: Path, server: Postfix, clock: Hurried, batch_size: int) -> tuple[Ledger, Press]:
    """The press, its ledger, and the Maildir that Postfix's bounces arrive in."""
    ledger = Ledger.open(
        f"sqlite:///{home / 'ledger.db'}",
        keyring=Keyring.load(home / "keys"),
        signer=Signer.load(home / "keys", "press"),
        heads=home / "heads",
        clock=clock,
    )
    manners = Manners(connections=CONNECTIONS, attempts=4, first_wait=0.2)
    smtp = channel(server, home / "press" / "smtp", server=server.server(), manners=manners)
    returns = Returns(server.returns, Feedback(ledger, home, LEAVE_HERE, shipped_policies), every=0.5)
    desk = Desk(ledger, shipped_policies)
    return ledger, Press(ledger, desk, {"smtp": smtp}, home, batch_size=batch_size, came_back=returns.look)


def run_press(home: Path, server: Postfix, clock: Hurried, batch_size: int) -> None:
    """Mail until nothing waits; whatever keeps it waiting is waited for."""
    ledger, press = open_press(home, server, clock, batch_size)
    with only_press(home, ledger):
        while _waits(ledger):
            try:
                press.step()
            except ChannelError:
                # On the real clock the pause that begins here is longer than a connection may rest.
                press.channels["smtp"].hang_up()  # type: ignore[attr-defined]
            time.sleep(0.02)


def _waits(ledger: Ledger) -> bool:
    with ledger.read() as tx:
        return bool(pending_deliveries(tx))


# Loaded once in the process that the killed ones are forked from.
shipped_policies()
