"""A block reads nothing twice, and a writer that begins with what a reader read believes no more than it would."""

import shutil
import threading
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pytest
from sqlalchemy import update

from presscheck.errors import LedgerForged, LedgerGone
from presscheck.ledger import EventKind, tables, upgrade, verify
from presscheck.ledger.assets import get_asset, put_asset, read_ahead
from presscheck.ledger.queue import FairQueue
from presscheck.models import Asset, Author
from presscheck.people.rights import Grant, person_email, record_rights, remember_person
from tests.conftest import Ledgers

STARTED = EventKind.RUN_STARTED


@pytest.fixture
def ledgers(sqlite_ledgers: Any) -> Any:
    return sqlite_ledgers


@pytest.fixture
def other_ledgers(home: Path, tmp_path: Path, clock: Any) -> Iterator[Any]:
    """Another chain under the same keys."""
    elsewhere = tmp_path / "elsewhere"
    shutil.copytree(home / "keys", elsewhere / "keys")
    url = f"sqlite:///{elsewhere / 'ledger.db'}"
    upgrade(url)
    opened = Ledgers(url, elsewhere, clock)
    yield opened
    opened.close()


def started(tx: Any, subject: str = "run-1") -> list[str]:
    return [event.data["person"] for event in tx.events(STARTED, subject=subject)]


def start(ledgers: Any, person: str, subject: str = "run-1") -> None:
    with ledgers.door.write() as tx:
        tx.append(STARTED, subject, {"person": person}, run=subject)


def read(ledgers: Any, *subjects: str) -> Any:
    with ledgers.door.read() as tx:
        for subject in subjects:
            started(tx, subject)
        return tx.known()


def test_a_block_sees_what_it_has_appended_itself(ledgers: Any) -> None:
    with ledgers.door.write() as tx:
        before = started(tx)
        tx.append(STARTED, "run-1", {"person": "P-ana"}, run="run-1")
        after = started(tx)

    assert (before, after) == ([], ["P-ana"])


def test_what_was_asked_once_is_asked_again_after_the_block_has_written(ledgers: Any) -> None:
    with ledgers.door.write() as tx:
        remember_person(tx, "P-ana", email="ana@brand.example", name="Ana")
        grants = (Grant(role="brand_lead", markets="all"),)
        record_rights(
            tx, EventKind.PERSON_ENROLLED, "P-ana", grants, email="ana@brand.example", name="Ana", by="P-root"
        )
        before = person_email(tx, "P-ana")
        remember_person(tx, "P-ana", email="eve@brand.example", name="Ana")
        after = person_email(tx, "P-ana")

    assert (before, after) == ("ana@brand.example", None)


def test_what_somebody_does_with_an_answer_changes_no_later_one(ledgers: Any) -> None:
    start(ledgers, "P-ana")

    with ledgers.door.read() as tx:
        tx.events(STARTED, subject="run-1").clear()
        again = started(tx)

    assert again == ["P-ana"]


def test_a_writer_that_knows_what_was_read_sees_what_came_in_between(ledgers: Any) -> None:
    start(ledgers, "P-ana")
    known = read(ledgers, "run-1", "run-2")
    start(ledgers, "P-ben")

    with ledgers.door.write(knowing=known) as tx:
        found = started(tx), started(tx, "run-2")

    assert found == (["P-ana", "P-ben"], [])


def test_more_new_events_than_are_worth_comparing_make_a_writer_read_anew(ledgers: Any) -> None:
    known = read(ledgers, "run-1")
    with ledgers.door.write() as tx:
        for number in range(250):
            tx.append(STARTED, "run-1", {"person": f"P-{number}"}, run="run-1")

    with ledgers.door.write(knowing=known) as tx:
        found = started(tx)

    assert len(found) == 250


def test_nothing_is_carried_over_to_another_chain(ledgers: Any, other_ledgers: Any) -> None:
    start(other_ledgers, "P-mallory")
    known = read(other_ledgers, "run-1")
    start(ledgers, "P-ana")

    with ledgers.door.write(knowing=known) as tx:
        found = started(tx)

    assert found == ["P-ana"]


def test_a_forged_event_in_between_is_not_believed_by_a_writer_that_remembers(ledgers: Any) -> None:
    start(ledgers, "P-ana")
    known = read(ledgers, "run-1")
    with ledgers.worker.write() as tx:
        tx.append(STARTED, "run-1", {"person": "P-mallory"}, run="run-1")

    with ledgers.door.write(knowing=known) as tx:
        found = started(tx)

    assert found == ["P-ana"]


def test_the_chain_goes_on_after_a_writer_that_remembers(ledgers: Any) -> None:
    start(ledgers, "P-ana")
    known = read(ledgers, "run-1")
    start(ledgers, "P-ben")

    with ledgers.door.write(knowing=known) as tx:
        tx.append(STARTED, "run-1", {"person": "P-cleo"}, run="run-1")

    assert verify(ledgers.door).sound


def test_assets_read_ahead_are_those_that_their_digests_say(ledgers: Any) -> None:
    machine = Author.machine("offline", "phrases-1", "prompts.email-variants", "1")
    assets = [Asset(kind="copy", content={"body": word}, author=machine) for word in ("one", "two")]
    with ledgers.worker.write() as tx:
        good, altered = [put_asset(tx, asset, run="run-1") for asset in assets]
        table = tables.assets
        tx.execute(update(table).where(table.c.digest == altered).values(content='{"body":"three"}'))

    with ledgers.door.read() as tx:
        read_ahead(tx, [good, altered, "0" * 64])

        assert get_asset(tx, good) == assets[0]
        with pytest.raises(LedgerForged):
            get_asset(tx, altered)
        with pytest.raises(LedgerGone):
            get_asset(tx, "0" * 64)


def test_writers_of_a_process_are_served_in_the_order_of_their_coming() -> None:
    queue = FairQueue()
    served: list[int] = []

    def work(number: int) -> None:
        with queue.turn(wait_seconds=30) as came:
            assert came
            served.append(number)

    threads = [threading.Thread(target=work, args=(number,)) for number in range(8)]
    with queue.turn(wait_seconds=30):
        for number, thread in enumerate(threads):
            thread.start()
            while queue.waiting <= number:
                pass
    for thread in threads:
        thread.join()

    assert served == list(range(8))


def test_whoever_waits_in_vain_holds_nothing_and_keeps_nobody_out() -> None:
    queue = FairQueue()

    with queue.turn(wait_seconds=30), queue.turn(wait_seconds=0.01) as came:
        assert not came

    with queue.turn(wait_seconds=30) as came:
        assert came
