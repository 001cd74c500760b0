"""A press that kills itself at one point of its work, for a process of its own.

The points are counted over the whole run: before and after every commit, before every file that is
named, and at the start, in the middle and at the end of every batch.
"""

import os
import signal
from collections.abc import Generator, Sequence
from contextlib import contextmanager
from pathlib import Path
from typing import Any

import pyarrow.parquet  # noqa: F401 - imported once here, and not again in every process to be killed.

from presscheck.desk import Desk
from presscheck.ledger import Keyring, Ledger, Signer, Writer
from presscheck.press import Press
from presscheck.press.channels import Message
from presscheck.press.channels.outbox import Outbox
from presscheck.press.lock import only_press
from tests.conftest import Clock
from tests.desk.scene import shipped_policies


class Points:
    """Counts, and kills at the chosen one."""

    def __init__(self, at: int) -> None:
        self.at = at
        self.passed = 0

    def __call__(self) -> None:
        self.passed += 1
        if self.passed == self.at:
            os.kill(os.getpid(), signal.SIGKILL)


class MortalLedger(Ledger):
    """The real ledger, with a point before and after every commit."""

    points: Points

    @contextmanager
    def write(self) -> Generator[Writer]:
        with super().write() as tx:
            yield tx
            self.points()
        self.points()


class MortalOutbox(Outbox):
    """The real outbox; a batch is written in two halves with a point between."""

    def __init__(self, folder: Path, points: Points) -> None:
        super().__init__(folder)
        self.points = points

    def send(self, delivery: str, batch: Sequence[Message]) -> Any:
        self.points()
        half = len(batch) // 2
        first = super().send(delivery, batch[:half])
        self.points()
        second = super().send(delivery, batch[half:])
        self.points()
        return [*first, *second]

    def close(self, report: Any) -> str:
        self.points()
        page = super().close(report)
        self.points()
        return page


def run_press(home: Path, at: int, told: Path | None = None) -> None:
    """One step of a press over `home`, killed by SIGKILL at point `at`; 0 never.

    With `told`, the number of points that were passed is written there at the end.
    """
    points = Points(at)
    replace = os.replace

    def mortal_replace(source: Any, target: Any) -> None:
        points()
        replace(source, target)

    os.replace = mortal_replace
    MortalLedger.points = points
    ledger = MortalLedger.open(
        f"sqlite:///{home / 'ledger.db'}",
        keyring=Keyring.load(home / "keys"),
        signer=Signer.load(home / "keys", "press"),
        heads=home / "heads",
        clock=Clock(),
    )
    with only_press(home, ledger):
        channels = {"outbox": MortalOutbox(home / "outbox", points)}
        Press(ledger, Desk(ledger, shipped_policies), channels, home, batch_size=4).step()
    if told is not None:
        told.write_text(str(points.passed))


# Loaded once in the process that the killed ones are forked from.
shipped_policies()
