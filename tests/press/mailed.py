"""A press that mails through a real server, for a process of its own that a test kills."""

import time
from datetime import datetime, timedelta
from pathlib import Path

import pyarrow.parquet  # noqa: F401 - imported once here, and not again in every process to be killed.

from presscheck.desk import Desk
from presscheck.errors import ChannelError
from presscheck.ledger import Keyring, Ledger, Signer
from presscheck.ledger.deliveries import pending_deliveries
from presscheck.press import Press
from presscheck.press.channels.smtp_hand_over import Manners
from presscheck.press.lock import only_press
from tests.conftest import Clock
from tests.desk.scene import shipped_policies
from tests.press.mailing import Running, channel


class Hurried:
    """A clock that runs a minute in a second, from the same moment in every process."""

    def __init__(self, started: float) -> None:
        self.started = started

    def __call__(self) -> datetime:
        return Clock().now + timedelta(minutes=time.time() - self.started)


def run_mail_press(home: Path, running: Running, batch_size: int, started: float) -> None:
    """Mail until nothing waits; a server that is away is waited for, and so is who was put off."""
    ledger = Ledger.open(
        f"sqlite:///{home / 'ledger.db'}",
        keyring=Keyring.load(home / "keys"),
        signer=Signer.load(home / "keys", "press"),
        heads=home / "heads",
        clock=Hurried(started),
    )
    with only_press(home, ledger):
        smtp = channel(running, home / "press" / "smtp", manners=Manners(connections=8, attempts=3, first_wait=0.1))
        press = Press(ledger, Desk(ledger, shipped_policies), {"smtp": smtp}, home, batch_size=batch_size)
        while _waits(ledger):
            try:
                if not press.step():
                    time.sleep(0.02)
            except ChannelError:
                time.sleep(0.1)


def _waits(ledger: Ledger) -> bool:
    with ledger.read() as tx:
        return bool(pending_deliveries(tx))


# Loaded once in the process that the killed ones are forked from.
shipped_policies()
