"""A campaign that was going out when a backup was taken, what happened after it, and the copy put back."""

from collections.abc import Callable
from dataclasses import dataclass
from datetime import datetime
from pathlib import Path
from typing import Any

from presscheck.backups import Restored, restore, take_backup
from presscheck.backups.restoring import Where
from presscheck.desk import Desk
from presscheck.desk.gaps import GapSigned, sign_gap
from presscheck.ledger import Event, EventKind, Keyring, Ledger, Reader, Verification, verify
from presscheck.ledger.campaigns import record_start
from presscheck.ledger.deliveries import find_delivery
from presscheck.ledger.gaps import gap_of
from presscheck.ledger.heads import read_heads
from presscheck.models import Refused
from presscheck.people.rights import Grant, record_rights, remember_person
from presscheck.settings import Settings
from tests.conftest import Ledgers
from tests.desk.scene import Scene
from tests.press.stand import Stand

LATER = "6f0c6a52-0000-4000-8000-000000000002"
"""A run that was begun after the backup."""


def quiet(what: str, done: int, total: int) -> None:
    """Progress that nobody looks at."""


def plain(tx: Reader, event: Event) -> str:
    """An event told by whoever has no better words."""
    return f"{event.kind} {event.subject}"


def settings_of(ledgers: Any, **more: Any) -> Settings:
    project = ledgers.home.parent / "project"
    project.mkdir(exist_ok=True)
    return Settings(**{"project": project, "home": ledgers.home, "ledger_url": ledgers.url, **more}).resolved()


def back_up(ledgers: Any, folder: Path, *, keys: Path | None = None) -> Path:
    reading = Ledger.open(ledgers.url, keyring=ledgers.door.keyring, heads=ledgers.home / "heads", clock=ledgers.clock)
    take_backup(reading, settings_of(ledgers), folder, keys=keys, progress=quiet)
    reading.close()
    return folder


def enrol(ledgers: Any, name: str, *roles: str) -> None:
    with ledgers.door.write() as tx:
        grants = tuple(Grant(role=role, markets="all") for role in roles)  # pyright: ignore[reportArgumentType]
        email = f"{name}@brand.example"
        remember_person(tx, f"P-{name}", email=email, name=name)
        record_rights(tx, EventKind.PERSON_ENROLLED, f"P-{name}", grants, email=email, name=name, by="P-root")


def sign(ledgers: Any, name: str, *, proved: bool = True, digest: str = "") -> GapSigned | Refused:
    """What the desk makes of somebody's name under the gap that stands."""
    heads = read_heads(ledgers.home / "heads", ledgers.door.keyring)
    with ledgers.door.write() as tx:
        gap = gap_of(tx, heads)
        shown = digest or ("0" * 64 if gap is None else gap.digest)
        return sign_gap(tx, heads, shown, person=f"P-{name}", proved_at=tx.now if proved else None)


def verified(ledgers: Any) -> Verification:
    reading = Ledger.open(ledgers.url, keyring=Keyring.load(ledgers.home / "keys"), heads=ledgers.home / "heads")
    found = verify(reading)
    reading.close()
    return found


@dataclass
class Disaster:
    """`put_back` gives the ledgers as they stand after it; what was sent before lies in the outbox of the home."""

    ledgers: Any
    scene: Scene
    delivery: str
    backup: Path
    fresh_url: Callable[[], str]

    def stand(self, ledgers: Any, **more: Any) -> Stand:
        """A press over the ledger that stands now, over the same outbox."""
        self.scene.ledgers = ledgers
        return Stand(self.scene, **more)

    def put_back(self, **more: Any) -> tuple[Any, Restored]:
        for ledger in (self.ledgers.door, self.ledgers.worker, self.ledgers.press):
            ledger.close()
        url = self.fresh_url()
        old = None if url == self.ledgers.url else Where(self.ledgers.url)
        settings = settings_of(self.ledgers, ledger_url=url)
        told = {
            "target": Where(url),
            "old": old,
            "keys": None,
            "progress": quiet,
            "tell": plain,
            "clock": self.ledgers.clock,
            **more,
        }
        restored = restore(settings, told.pop("folder", self.backup), **told)
        self.reopen(url)
        return self.ledgers, restored

    def reopen(self, url: str, *, now: datetime | None = None) -> None:
        """What stands there now, as everybody sees it who was started again."""
        self.ledgers.clock.now = now or self.ledgers.clock.now
        self.ledgers = Ledgers(url, self.ledgers.home, self.ledgers.clock)
        self.scene.ledgers = self.ledgers
        self.scene.desk = Desk(self.ledgers.door, self.scene.policies)

    def begin_again(self, run: str, *, door: bool = True) -> tuple[Scene, str]:
        """A run that asks, is approved and hands over, as the flow does when it wakes or is started anew."""
        scene = Scene(self.ledgers, run=run, people=False)
        if door:
            with self.ledgers.door.write() as tx:
                tx.append(EventKind.RUN_REQUESTED, f"presscheck-{run}", {"person": "P-eva"})
                record_start(tx, run, person="P-eva", campaign="product-launch", key=f"presscheck-{run}")
        answer = scene.answer()
        if isinstance(answer, Refused):
            return scene, answer.code
        return scene, scene.request(answer.manifest)

    def state(self, delivery: str) -> str:
        with self.ledgers.press.read() as tx:
            row = find_delivery(tx, delivery)
            return "none" if row is None else str(row.state)


class After:
    """Says that it is time to stop after some batches."""

    def __init__(self, asked: int) -> None:
        self.left = asked

    def __call__(self) -> bool:
        self.left -= 1
        return self.left < 0
