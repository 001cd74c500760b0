"""A press that mails through a real server, for a process of its own that a test kills."""

import time
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


def run_mail_press(home: Path, running: Running, batch_size: int) -> None:
    """Mail until nothing waits; a server that is away is waited for."""
    ledger = Ledger.open(
        f"sqlite:///{home / 'ledger.db'}",
        keyring=Keyring.load(home / "keys"),
        signer=Signer.load(home / "keys", "press"),
        heads=home / "heads",
        clock=Clock(),
    )
    with only_press(home, ledger):
        smtp = channel(running, home / "press" / "smtp", manners=Manners(connections=8, attempts=3, first_wait=0.1))
        press = Press(ledger, Desk(ledger, shipped_policies), {"smtp": smtp}, home, batch_size=batch_size)
        while _waits(ledger):
            try:
                press.step()
            except ChannelError:
                time.sleep(0.1)


def _waits(ledger: Ledger) -> bool:
    with ledger.read() as tx:
        return bool(pending_deliveries(tx))


# Loaded once in the process that the killed ones are forked from.
shipped_policies()
