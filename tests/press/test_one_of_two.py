"""Two deliveries of one run: what stops, waits or takes back the one leaves the other alone, also for who looks on."""

from typing import Any

import pytest

from presscheck.desk.stops import stops_over
from presscheck.ledger import EventKind, verify
from presscheck.recipients.audiences import audience_path
from presscheck.screening.splitting import freeze_cells
from tests.desk.offered import RUN, Offered
from tests.desk.scene import Ledgers, write_audience
from tests.press.stand import Stand
from tests.press.stopping import interrupt, lifted, paused, recalled, told

WHOLE = 9


class Two:
    """A pilot to two and a rollout to seven, both approved and asked for, before one press with batches of three."""

    def __init__(self, ledgers: Ledgers) -> None:
        whole = audience_path(ledgers.home, write_audience(ledgers.home, WHOLE))
        cells = freeze_cells(whole, {"pilot": [0, 1], "rest": list(range(2, WHOLE))}, home=ledgers.home)
        self.scenes = {
            gate: Offered(
                ledgers, texts=True, gate=gate, people=gate == "pilot", audience=cells[cell], audience_rows=rows
            )
            for gate, cell, rows in (("pilot", "pilot", 2), ("rollout", "rest", 7))
        }
        self.stand = Stand(self.scenes["rollout"])
        self.ids = {gate: _requested(scene) for gate, scene in self.scenes.items()}

    def run(self) -> None:
        while self.stand.press.step():
            continue

    @property
    def states(self) -> dict[str, tuple[str, int]]:
        rows = {gate: self.stand.row(delivery) for gate, delivery in self.ids.items()}
        return {gate: (row.state, row.sent) for gate, row in rows.items()}

    def people(self) -> list[str]:
        return sorted(str(mail["To"]) for mail in self.stand.mails())

    def stops(self, gate: str) -> list[str]:
        scene = self.scenes[gate]
        with scene.ledgers.door.read() as tx:
            return [stop.words for stop in stops_over(tx, scene.review)]


def _requested(scene: Offered) -> str:
    manifest = scene.agreed("ana", picks=["V01"]).manifest
    assert manifest is not None
    return scene.request(manifest)


@pytest.fixture
def two(sqlite_ledgers: Ledgers) -> Two:
    return Two(sqlite_ledgers)


@pytest.mark.parametrize(("stopped", "other"), [("pilot", "rollout"), ("rollout", "pilot")])
@pytest.mark.slow
def test_while_one_is_paused_the_other_goes_out_and_then_it_does(two: Two, stopped: str, other: str) -> None:
    sizes = {"pilot": 2, "rollout": 7}
    paused(two.stand.scene, two.ids[stopped])
    two.run()

    assert two.states == {stopped: ("paused", 0), other: ("done", sizes[other])}
    assert [len(two.stops(gate)) for gate in (stopped, other)] == [1, 0]

    lifted(two.stand.scene, two.ids[stopped])
    two.run()

    assert two.states == {gate: ("done", size) for gate, size in sizes.items()}
    assert len(set(two.people())) == len(two.people()) == WHOLE


@pytest.mark.slow
def test_a_pause_in_the_middle_of_the_one_lets_the_other_out_whole(two: Two) -> None:
    # Two of the pilot and its look before their files are named; the rollout's second batch is stopped.
    interrupt(two.stand.outbox, at=9, do=lambda: paused(two.stand.scene, two.ids["rollout"]))

    two.run()
    early = two.states
    lifted(two.stand.scene, two.ids["rollout"])
    two.run()

    assert early["pilot"] == ("done", 2)
    assert early["rollout"][0] == "paused"
    assert 0 < early["rollout"][1] < 7
    assert two.states == {"pilot": ("done", 2), "rollout": ("done", 7)}
    assert len(set(two.people())) == len(two.people()) == WHOLE


def test_a_run_that_is_paused_stops_both(two: Two) -> None:
    paused(two.stand.scene, RUN)
    two.run()

    assert two.states == {"pilot": ("paused", 0), "rollout": ("paused", 0)}
    assert [len(two.stops(gate)) for gate in two.ids] == [1, 1]


@pytest.mark.slow
def test_a_recall_of_the_one_takes_back_its_own_and_nothing_of_the_other(two: Two) -> None:
    two.run()
    recalled(two.stand.scene, two.ids["pilot"])
    two.run()

    (event,) = told(two.stand.scene, EventKind.RECALL_DONE, two.ids["pilot"])
    assert (event["sent"], event["taken_back"], event["listed"], event["left"]) == (2, 2, 0, 0)
    assert told(two.stand.scene, EventKind.RECALL_DONE, two.ids["rollout"]) == []
    outbox = two.stand.outbox.folder
    assert len(list((outbox / two.ids["rollout"]).rglob("*.eml"))) == 7
    assert len(list((outbox / "recalled" / two.ids["pilot"]).rglob("*.eml"))) == 2
    assert two.states["rollout"] == ("done", 7)
    # Whoever answers for the rest has to know that the pilot was taken back.
    assert [two.ids["pilot"] in words for words in two.stops("rollout")] == [True]
    assert verify(two.stand.scene.ledgers.press).sound


def test_the_one_recalled_before_it_began_lets_the_other_go_out(two: Two) -> None:
    recalled(two.stand.scene, two.ids["rollout"])
    two.run()

    assert two.states == {"pilot": ("done", 2), "rollout": ("held", 0)}


@pytest.mark.parametrize("asked", ["held-out", "twice"])
def test_what_is_held_says_what_the_engineer_is_to_do(sqlite_ledgers: Ledgers, asked: str) -> None:
    from presscheck.ledger.splits import Cell, Split, record_split

    whole = write_audience(sqlite_ledgers.home, WHOLE)
    places: dict[str, Any] = {"hold-out": [8], "rest": list(range(8))}
    cells = freeze_cells(audience_path(sqlite_ledgers.home, whole), places, home=sqlite_ledgers.home)
    if asked == "held-out":
        made = {name: Cell(audience=digest, rows=len(places[name])) for name, digest in cells.items()}
        with sqlite_ledgers.worker.write() as tx:
            record_split(tx, RUN, Split(source=whole, cells=made, hold_out="hold-out"))
    else:
        first = Stand(Offered(sqlite_ledgers, texts=True, gate="pilot", audience=cells["hold-out"], audience_rows=1))
        first.request(first.scene.agreed("ana", picks=["V01"]))
        while first.press.step():
            continue
    people = asked == "held-out"
    scene = Offered(sqlite_ledgers, texts=True, gate="rollout", people=people, audience=whole, audience_rows=WHOLE)
    stand = Stand(scene)
    delivery = stand.request(scene.agreed("ana", picks=["V01"]))
    while stand.press.step():
        continue

    row = stand.row(delivery)
    (held,) = told(scene, EventKind.DELIVERY_HELD, delivery)
    assert (row.state, held["code"]) == ("held", asked)
    assert "1 recipient of it" in row.reason
    assert {"held-out": "Write to the other cells", "twice": 'besides=["pilot"]'}[asked] in row.reason
