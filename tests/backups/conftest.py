"""A ledger in the middle of a delivery, backed up and gone on with, on both databases."""

from collections.abc import Callable, Iterator
from pathlib import Path
from typing import Any
from uuid import uuid4

import pytest

from tests.backups.disaster import After, Disaster, back_up, enrol
from tests.desk.scene import Scene
from tests.press.stand import Stand


@pytest.fixture
def fresh_url(request: pytest.FixtureRequest, ledgers: Any) -> Iterator[Callable[[], str]]:
    """Where a backup is put: over a file that was, or on PostgreSQL into an empty database beside the old one."""
    if ledgers.url.startswith("sqlite"):
        yield lambda: str(ledgers.url)
        return
    postgres = request.getfixturevalue("postgres")
    made: list[str] = []

    def make() -> str:
        made.append(f"restored_{uuid4().hex[:12]}")
        postgres.sql(f"CREATE DATABASE {made[-1]} TEMPLATE ledger_template")
        return str(postgres.url(made[-1]))

    yield make
    for name in made:
        postgres.sql(f"DROP DATABASE {name} WITH (FORCE)")


@pytest.fixture
def disaster(ledgers: Any, fresh_url: Callable[[], str], tmp_path: Path) -> Iterator[Disaster]:
    """Three of seven messages are out, and a backup is taken. Nothing has happened since."""
    scene = Scene(ledgers)
    enrol(ledgers, "adi", "administrator")
    enrol(ledgers, "root", "administrator")
    # Asked before the delivery, before its first batch, and before the second.
    stand = Stand(scene, stopping=After(2))
    delivery = stand.approve_and_request()
    stand.press.step()
    found = Disaster(ledgers, scene, delivery, back_up(ledgers, tmp_path / "backup"), fresh_url)
    yield found
    for ledger in (found.ledgers.door, found.ledgers.worker, found.ledgers.press):
        ledger.close()
