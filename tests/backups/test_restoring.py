"""A backup taken while a delivery runs is put back: what is lost is named, and nothing is sent twice."""

from typing import Any

import pytest

from presscheck.addresses import address_hash
from presscheck.errors import LedgerForged
from presscheck.ledger import EventKind
from presscheck.ledger.suppressions import suppress, suppressed_among
from presscheck.press.__main__ import _step
from tests.backups.disaster import LATER, Disaster, sign, verified
from tests.desk.scene import Scene

LEFT = address_hash("person6@example.com")


def go_on(disaster: Disaster) -> None:
    """The delivery ends, somebody leaves, and another run is approved and goes out: all after the backup."""
    disaster.stand(disaster.ledgers).press.step()
    with disaster.ledgers.door.write() as tx:
        suppress(tx, [LEFT], reason="unsubscribed")
    disaster.begin_again(LATER)
    disaster.stand(disaster.ledgers).press.step()


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
