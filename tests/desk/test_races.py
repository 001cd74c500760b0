"""Eight people answer one review at once: one is accepted, the others are told which, on both databases."""

from concurrent.futures import ThreadPoolExecutor
from datetime import timedelta
from threading import Barrier
from typing import Any

import pytest

from presscheck.desk import Desk
from presscheck.ledger import EventKind, verify
from presscheck.models import Decision, DecisionKind, Refused
from presscheck.people.rights import Grant, record_rights, remember_person
from tests.desk.scene import Ledgers, Scene, shipped_policies
from tests.running import times

EIGHT = [f"P-lead{number}" for number in range(8)]


TIMES = 20


@pytest.mark.slow
@pytest.mark.soak
def test_of_eight_opposite_answers_as_soon_as_it_opens_exactly_one_is_accepted(ledgers: Ledgers) -> None:
    _enrol(ledgers)
    desks = [Desk(ledgers.as_process("door"), shipped_policies) for _ in EIGHT]
    with ThreadPoolExecutor(len(EIGHT)) as pool:
        for turn in range(TIMES):
            scene = Scene(ledgers, run=f"run-{turn}", people=False)
            answers = _race(pool, desks, scene)

            accepted = [answer for answer in answers if isinstance(answer, Decision)]
            refused = [answer for answer in answers if isinstance(answer, Refused)]
            assert len(accepted) == 1
            assert len(refused) == 7
            name = str(accepted[0].person).removeprefix("P-")
            assert {answer.code for answer in refused} == {"already-decided"}
            assert all(f" by {name} (brand lead), " in answer.reason for answer in refused)
            with ledgers.worker.read() as tx:
                assert scene.desk.outcome(tx, scene.review.id).decision == accepted[0]
    for desk in desks:
        desk.ledger.close()
    assert verify(ledgers.door).sound


@pytest.mark.soak
def test_an_answer_at_the_very_deadline_and_the_expiry_do_not_both_count(ledgers: Ledgers) -> None:
    _enrol(ledgers)
    desks = [Desk(ledgers.as_process("door"), shipped_policies) for _ in range(2)]
    with ThreadPoolExecutor(2) as pool:
        for turn in range(times(5, 20)):
            scene = Scene(ledgers, run=f"run-{turn}", people=False, expires_in=timedelta(seconds=30))
            ledgers.clock.advance(seconds=30)
            answering = pool.submit(desks[0].apply, scene.review.id, person="P-lead0", raw=scene.raw())
            ending = pool.submit(desks[1].expire_due)

            answer, ended = answering.result(), ending.result()

            assert isinstance(answer, Refused)
            assert ended in (0, 1)
            with ledgers.door.read() as tx:
                decisions = tx.events(*_decisions(), subject=scene.review.id)
            assert [event.kind for event in decisions] == ["decision:expired"]
    for desk in desks:
        desk.ledger.close()


def _race(pool: ThreadPoolExecutor, desks: list[Desk], scene: Scene) -> list[Any]:
    together = Barrier(len(desks))
    forms = [scene.raw(picks=["V01", "V02"]), scene.raw("Reject", reason="voice")]
    forms.append(scene.raw("Request changes", reason="factual", note="Check the facts."))

    def answer(at: int) -> Any:
        together.wait()
        return desks[at].apply(scene.review.id, person=EIGHT[at], raw=forms[at % len(forms)])

    return list(pool.map(answer, range(len(desks))))


def _decisions() -> list[EventKind]:
    return [EventKind(f"decision:{kind.value}") for kind in DecisionKind]


def _enrol(ledgers: Ledgers) -> None:
    with ledgers.door.write() as tx:
        for person in EIGHT:
            name = person.removeprefix("P-")
            email = f"{name}@brand.example"
            remember_person(tx, person, email=email, name=name)
            grants = (Grant(role="brand_lead", markets="all"),)
            record_rights(tx, EventKind.PERSON_ENROLLED, person, grants, email=email, name=name, by="P-root")
