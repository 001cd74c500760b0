"""The stage on which a run is rehearsed: a ledger of its own, people, a press that looks at once, and a clock."""

from collections.abc import Generator
from contextlib import contextmanager
from dataclasses import dataclass, field
from datetime import UTC, datetime, timedelta
from functools import cached_property
from pathlib import Path
from threading import Event
from typing import TYPE_CHECKING, Self

from presscheck.desk.changing import WaitingChange, sign_policies, waiting_change
from presscheck.errors import PolicyError
from presscheck.ledger import Keyring, Ledger, Signer, make_keys, upgrade
from presscheck.ledger.deliveries import pending_deliveries, retries_to_do
from presscheck.ledger.pausing import recalls_to_do
from presscheck.models import Process, Refused
from presscheck.press.__main__ import open_press
from presscheck.press.__main__ import run as run_press
from presscheck.rehearsal.company import enrol, enrol_company
from presscheck.rehearsal.heard import HeardLedger
from presscheck.settings import Settings
from presscheck.wiring import open_desk, read_settings, rehearsed

if TYPE_CHECKING:
    from presscheck.desk import Desk
    from presscheck.press.press import Press


@dataclass
class Stage:
    """One project with a ledger of its own, a press that carries out, and a clock that can be put forward."""

    settings: Settings
    later: timedelta = timedelta()
    _ledgers: dict[Process, Ledger] = field(default_factory=dict[Process, Ledger])
    _press: "Press | None" = None

    @classmethod
    @contextmanager
    def open(cls, project: Path) -> Generator[Self]:
        """Keys, ledger and people are made anew; the press carries out until the end of the block."""
        settings = read_settings(project)
        make_keys(settings.keys)
        upgrade(settings.ledger_url)
        stage = cls(settings)
        enrol_company(stage.ledger("door"))
        stage.sign_policies()
        stage._press = open_press(settings, stage.ledger("press"), stopping=lambda: False)
        try:
            with rehearsed(settings.home, stage.ledger):
                yield stage
        finally:
            for ledger in stage._ledgers.values():
                ledger.close()

    def ledger(self, process: Process) -> Ledger:
        """The ledger as one of the three processes; a flow of this process that asks for the worker's gets this one."""
        if process not in self._ledgers:
            keys = self.settings.keys
            opened = self._ledgers[process] = HeardLedger.open(
                self.settings.ledger_url,
                keyring=Keyring.load(keys),
                signer=Signer.load(keys, process),
                heads=self.settings.heads,
                clock=lambda: datetime.now(UTC) + self.later,
            )
            if process != "press":
                opened.written = self.carry_out
        return self._ledgers[process]

    @cached_property
    def desk(self) -> "Desk":
        """The judge, as the door has it."""
        return open_desk(self.settings, self.ledger("door"))

    def carry_out(self) -> None:
        """Have the press look once, where there is something for it. What goes wrong is logged, and tried again."""
        if self._press is None:
            return
        with self.ledger("press").read() as tx:
            wanted = pending_deliveries(tx) or retries_to_do(tx) or recalls_to_do(tx)
        if wanted:
            run_press(self._press, _Once(), poll_seconds=0)

    def sign_policies(self) -> None:
        """Where the project's policies count by signature, sign what its files say, as legal would."""
        policies = self.desk.policies
        with self.ledger("door").write() as tx:
            waiting = waiting_change(tx, policies)
            if isinstance(waiting, WaitingChange):
                signed = sign_policies(tx, policies, waiting.shown, person="P-legal", proved_at=tx.now)
                if isinstance(signed, Refused):
                    raise PolicyError(signed.reason)

    def enrol(self, email: str, *roles: str) -> str:
        """Enrol one more person, such as the author of the brief; the person's id."""
        return enrol(self.ledger("door"), email, *roles)


class _Once(Event):
    """Told to stop where the press would wait for its next look."""

    def wait(self, timeout: float | None = None) -> bool:
        self.set()
        return True
