"""A backup taken while a delivery runs is put back: what is lost is named, and nothing is sent twice."""

import os
from pathlib import Path
from types import SimpleNamespace
from typing import Any

import pytest

from presscheck.addresses import address_hash
from presscheck.backups import read_backup, restore, take_backup
from presscheck.backups.restoring import Where
from presscheck.errors import LedgerForged
from presscheck.ledger import EventKind
from presscheck.ledger.campaigns import record_setting
from presscheck.ledger.suppressions import suppress, suppressed_among
from presscheck.press.__main__ import _step
from tests.backups.disaster import LATER, Disaster, back_up, plain, quiet, settings_of, sign, verified
from tests.conftest import Ledgers
from tests.desk.scene import RUN, Scene
from tests.press.stopping import lifted, paused

LEFT = address_hash("person6@example.com")


def go_on(disaster: Disaster) -> None:
    """The delivery ends, somebody leaves, and another run is approved and goes out: all after the backup."""
    disaster.stand(disaster.ledgers).press.step()
    with disaster.ledgers.door.write() as tx:
        suppress(tx, [LEFT], reason="unsubscribed")
    disaster.begin_again(LATER)
    disaster.stand(disaster.ledgers).press.step()


@pytest.mark.slow
def test_what_is_lost_is_named_nothing_goes_out_twice_and_the_gap_is_on_record(disaster: Disaster) -> None:
    go_on(disaster)
    stand = disaster.stand(disaster.ledgers)
    sent = stand.files()
    assert len(sent) == 7 + 6

    ledgers, restored = disaster.put_back()

    lost = restored.lost
    assert lost is not None
    assert not lost.unknown
    assert lost.kinds["batch:sent"] == 2 + 3
    assert lost.kinds["decision:approved"] == 1
    assert lost.deliveries[disaster.delivery] == 4
    assert [event.subject for event in lost.weighty if event.run == LATER] != []
    assert restored.deliveries == (disaster.delivery,)
    assert {head.process for head in restored.heads} == {"door", "worker", "press"}
    with ledgers.press.read() as tx:
        assert suppressed_among(tx, [LEFT]) == {LEFT}
    fault = verified(ledgers).fault
    assert fault is not None
    assert "`presscheck gap` shows what is missing" in fault

    stand = disaster.stand(ledgers)
    with pytest.raises(LedgerForged, match="nothing is sent: event"):
        _step(stand.press)
    assert (disaster.state(disaster.delivery), stand.files()) == ("held", sent)

    assert [type(sign(ledgers, name)).__name__ for name in ("adi", "ana")] == ["GapSigned", "GapSigned"]

    found = verified(ledgers)
    assert found.sound, found.fault
    with ledgers.door.read() as tx:
        assert found.gaps == tuple(event.seq for event in tx.events(EventKind.LEDGER_GAP_SIGNED))
    _step(stand.press)
    assert stand.files() == sent


def test_what_went_out_in_further_tries_or_was_settled_since_is_lost_as_well(disaster: Disaster) -> None:
    with disaster.ledgers.press.write() as tx:
        tx.append(EventKind.RETRY_ENDED, disaster.delivery, {"sent_at": [3, 4]}, run=RUN)
        tx.append(EventKind.DELIVERY_SETTLED, disaster.delivery, {"sent_at": [5], "failed_at": [6]}, run=RUN)

    _, restored = disaster.put_back()

    assert restored.lost is not None
    assert restored.lost.deliveries == {disaster.delivery: 3}


@pytest.mark.slow
def test_what_holds_again_or_has_to_be_done_again_is_told_one_by_one(disaster: Disaster) -> None:
    paused(disaster.scene)
    folder = back_up(disaster.ledgers, disaster.backup.with_name("paused"))
    lifted(disaster.scene)
    with disaster.ledgers.door.write() as tx:
        record_setting(tx, "autumn", person="P-ana", sets=["schedules"])

    _, restored = disaster.put_back(folder=folder)

    assert restored.lost is not None
    assert [one.split()[0] for one in restored.lost.told] == ["campaign:unpaused", "deployment:set"]


@pytest.mark.slow
def test_what_is_started_anew_after_the_gap_goes_out(disaster: Disaster) -> None:
    go_on(disaster)
    ledgers, _ = disaster.put_back()
    sign(ledgers, "ana"), sign(ledgers, "cleo")
    disaster.scene.ledgers.clock.advance(minutes=1)

    _, delivery = disaster.begin_again("6f0c6a52-0000-4000-8000-000000000003")
    stand = disaster.stand(ledgers)
    before = len(stand.files())
    stand.press.step()

    assert (disaster.state(delivery), len(stand.files()) - before) == ("done", 6)


@pytest.mark.slow
def test_a_run_that_the_ledger_has_lost_is_refused_when_it_asks_again(disaster: Disaster) -> None:
    go_on(disaster)
    made = disaster.ledgers.clock()
    ledgers, _ = disaster.put_back()
    sign(ledgers, "ana"), sign(ledgers, "cleo")
    scene = Scene(ledgers, run=LATER, people=False)
    with ledgers.door.write() as tx:
        tx.append(EventKind.RUN_FOUND, LATER, {"deployment": "", "created": made.isoformat()}, run=LATER)

    answer: Any = scene.answer()

    assert answer.code == "before-gap"
    assert "may have gone out already" in answer.reason


@pytest.mark.slow
def test_a_restoration_is_undone_by_moving_what_was_there_back(disaster: Disaster) -> None:
    go_on(disaster)
    before = verified(disaster.ledgers)
    # On PostgreSQL the old database is where it was, and only the heads come back.
    old = disaster.ledgers
    ledgers, restored = disaster.put_back()
    sign(ledgers, "ana")
    for ledger in (ledgers.door, ledgers.worker, ledgers.press):
        ledger.close()

    assert restored.aside is not None
    for path in restored.aside.rglob("*"):
        if path.is_file():
            path.replace(ledgers.home / path.relative_to(restored.aside))

    assert verified(old) == before


@pytest.mark.slow
def test_on_another_machine_nothing_goes_out_and_its_signed_gap_makes_it_sound(
    disaster: Disaster, tmp_path: Path
) -> None:
    folder = back_up(disaster.ledgers, tmp_path / "whole", keys=tmp_path / "keys")
    go_on(disaster)
    old = Where(disaster.ledgers.url)
    home = tmp_path / "elsewhere"
    # Nobody has made the folder that the settings name for the ledger either.
    url = f"sqlite:///{home / 'on' / 'a-disk' / 'ledger.db'}"

    restored = restore(
        settings_of(SimpleNamespace(home=home, url="")),
        folder,
        target=Where(url),
        old=old,
        keys=tmp_path / "keys",
        heads=[disaster.ledgers.home / "heads"],
        progress=quiet,
        tell=plain,
        clock=disaster.ledgers.clock,
    )

    assert restored.lost is not None
    assert restored.lost.deliveries[disaster.delivery] == 4
    assert {head.process for head in restored.heads} == {"door", "worker", "press"}
    elsewhere = Ledgers(url, home, disaster.ledgers.clock)
    sign(elsewhere, "ana")
    sign(elsewhere, "adi")
    found = verified(elsewhere)
    assert found.sound, found.fault
    stand = disaster.stand(elsewhere)
    before = stand.files()
    stand.press.step()
    assert (len(before), stand.files()) == (3, before)
    with elsewhere.press.read() as tx:
        held = tx.events(EventKind.DELIVERY_HELD, subject=disaster.delivery)
    assert [event.data["code"] for event in held] == ["before-gap"]
    elsewhere.close()


@pytest.mark.slow
def test_a_backup_taken_while_a_delivery_runs_disturbs_nobody(disaster: Disaster, tmp_path: Path) -> None:
    taken: list[Path] = []

    def came_back() -> None:
        # Called before every batch, and so in the middle of the delivery.
        taken.append(back_up(disaster.ledgers, tmp_path / f"backup-{len(taken)}"))

    stand = disaster.stand(disaster.ledgers, came_back=came_back)
    stand.press.step()

    assert disaster.state(disaster.delivery) == "done"
    assert len({read_backup(folder).events for folder in taken}) >= 2
    assert not [name for name in os.listdir(tmp_path) if "unfinished" in name]


def test_nobody_waits_for_a_backup(disaster: Disaster, tmp_path: Path) -> None:
    written: list[int] = []

    def write(what: str, done: int, total: int) -> None:
        if what.startswith("copying") and not written:
            with disaster.ledgers.door.write() as tx:
                written.append(tx.append(EventKind.RUN_REQUESTED, "presscheck-x", {"person": "P-eva"}).seq)

    reading = disaster.ledgers.door
    taken = take_backup(reading, settings_of(disaster.ledgers), tmp_path / "busy", keys=None, progress=write)

    assert written == [taken.contents.events + 1]
