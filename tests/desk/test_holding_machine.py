"""In whatever order people answer, take back, send and wait, each answer counts at most once and only as it was given.

Hypothesis drives held answers over a real desk and ledger, with a door that starts anew and a table that somebody
writes to; the books beside it say which answers may count at all. `make soak` makes it longer.
"""

import shutil
from collections import Counter
from collections.abc import Callable
from itertools import count
from pathlib import Path
from typing import Any, ClassVar

import pytest
from hypothesis import HealthCheck, Phase, settings
from hypothesis import strategies as st
from hypothesis.stateful import (
    RuleBasedStateMachine,
    initialize,
    invariant,
    precondition,
    rule,
    run_state_machine_as_test,
)
from sqlalchemy import delete, insert, select, update

from presscheck.desk.holding import MOST_HELD, HeldAnswers
from presscheck.ledger import EventKind, make_keys, tables
from presscheck.ledger.held import HeldAnswer
from presscheck.models import Refused
from tests.conftest import Clock, Ledgers
from tests.desk.scene import Scene, shipped_policies, with_regret
from tests.running import SOAK, times

WHO = st.sampled_from(("ana", "cleo"))
PICKS = st.sampled_from(("V01", "V02", "V03", "V04"))


def enough(machine: Any) -> bool:
    """Not at once: what happens after the question is decided is dull."""
    return machine.given.total() >= 3


class Holding(RuleBasedStateMachine):
    """Two people at one question."""

    open_ledgers: ClassVar[Callable[[], Ledgers]]
    reached: ClassVar[Counter[str]]

    @initialize()
    def begin(self) -> None:
        self.ledgers = type(self).open_ledgers()
        self.scene = Scene(self.ledgers)
        self.held = HeldAnswers(self.scene.desk)
        self.waiting: dict[str, tuple[str, float]] = {}
        self.old_rows: list[dict[str, Any]] = []
        self.decided: tuple[str, str] | None = None
        self.now = 0.0
        self.given: Counter[str] = Counter()
        # Whose held answer counts no more, because the way in which its giver signs in changed since.
        self.spoilt: set[str] = set()
        # Of whose answer no row is left to believe, with when the door comes upon what stands in its place.
        self.lost: dict[str, float | None] = {}
        self.gone: list[dict[str, Any]] = []
        # Under other policies than it was asked under nothing is taken, and what was held for it is refused.
        self.changed = False
        other = with_regret(shipped_policies(), "30s")
        self.scene.desk.policies = lambda: other if self.changed else shipped_policies()

    def teardown(self) -> None:
        self.ledgers.close()

    @rule(person=WHO, pick=PICKS)
    def gives(self, person: str, pick: str) -> None:
        if self.given[person] == MOST_HELD:
            return
        answer = self.held.give(
            self.scene.review.id,
            person=f"P-{person}",
            raw=self.scene.raw(picks=[pick]),
            fields=[("pick", pick)],
            proved_at=self.ledgers.clock(),
        )
        if person in self.waiting or self.decided or self.changed:
            assert isinstance(answer, Refused)
        else:
            assert isinstance(answer, HeldAnswer)
            self.waiting[person] = (pick, self.now + 20)
            self.given[person] += 1
            self.spoilt.discard(person)
            self._ended(person)
            self._remember()

    # Of those who have something to take back: the rule would mostly meet nobody's.
    @precondition(lambda self: self.waiting)
    @rule(data=st.data())
    def takes_back(self, data: st.DataObject) -> None:
        person = data.draw(st.sampled_from(sorted(self.waiting)))
        answer = self.held.take_back(self.scene.review.id, person=f"P-{person}")
        del self.waiting[person]
        assert isinstance(answer, HeldAnswer)
        self.reached["taken back"] += 1

    @precondition(lambda self: self.waiting)
    @rule(pick=PICKS, data=st.data())
    def takes_back_and_answers_otherwise(self, pick: str, data: st.DataObject) -> None:
        person = data.draw(st.sampled_from(sorted(self.waiting)))
        self.held.take_back(self.scene.review.id, person=f"P-{person}")
        del self.waiting[person]
        self.gives(person, pick)
        self.reached["answered otherwise"] += 1

    @precondition(lambda self: self.waiting or self.lost)
    @rule(person=WHO)
    def takes_all_back(self, person: str) -> None:
        told = self.held.take_all_back(person=f"P-{person}")
        assert (self.scene.review.id in told) == (person in self.waiting or person in self.lost)
        if person in self.waiting:
            assert told[self.scene.review.id] is None
            self.reached["taken back"] += 1
            del self.waiting[person]
        elif person in self.lost:
            refused = told[self.scene.review.id]
            assert refused is not None
            assert refused.code == "lost"
            self.reached["told of what was lost"] += 1
            self._ended(person)

    @precondition(lambda self: self.waiting)
    @rule(data=st.data())
    def a_row_is_deleted(self, data: st.DataObject) -> None:
        person = data.draw(st.sampled_from(sorted(self.waiting)))
        of_theirs = tables.held_answers.c.person == f"P-{person}"
        with self.ledgers.door.write() as tx:
            tx.execute(delete(tables.held_answers).where(of_theirs))
        self._lose(person, None)

    @rule(person=WHO)
    def a_passkey_is_removed(self, person: str) -> None:
        with self.ledgers.door.write() as tx:
            tx.append(EventKind.PASSKEY_REMOVED, "K-1", {"person": f"P-{person}"})
        self.spoilt.add(person)

    @precondition(lambda self: self.waiting)
    @rule(person=WHO, pick=PICKS)
    def the_policies_change_for_a_while(self, person: str, pick: str) -> None:
        self.changed = True
        self.gives(person, pick)
        self.answers_elsewhere(person, pick)
        self.time_passes(20)
        self.changed = False

    @precondition(enough)
    @rule(person=WHO)
    def sends(self, person: str) -> None:
        answer = self.held.send_now(self.scene.review.id, person=f"P-{person}")
        self._ended(person)
        if person not in self.waiting:
            assert isinstance(answer, Refused)
            return
        assert isinstance(answer, Refused) == self._is_refused(person)
        self._submitted(person)

    @precondition(lambda self: self.waiting)
    @rule(person=WHO)
    def asks_for_more_time(self, person: str) -> None:
        answer = self.held.longer(self.scene.review.id, person=f"P-{person}")
        self._ended(person)
        if isinstance(answer, HeldAnswer):
            left = (answer.due_at - self.ledgers.clock()).total_seconds()
            self.waiting[person] = (self.waiting[person][0], self.now + left)

    @precondition(enough)
    @rule(seconds=st.sampled_from((5, 10, 20)))
    def much_time_passes(self, seconds: int) -> None:
        self.time_passes(seconds)

    @rule(seconds=st.sampled_from((1, 2)))
    def time_passes(self, seconds: int) -> None:
        self.ledgers.clock.advance(seconds=seconds)
        self.now += seconds
        for _ in self.held.submit_due():
            self.reached["submitted"] += 1
        for person in [one for one, due in self.lost.items() if due is not None and due <= self.now]:
            self._ended(person)
        due = [one for _, one in sorted((due, one) for one, (_, due) in self.waiting.items() if due <= self.now)]
        for person in due:
            self._submitted(person)

    @precondition(enough)
    @rule(person=WHO, pick=PICKS)
    def answers_elsewhere(self, person: str, pick: str) -> None:
        answer = self.scene.desk.apply(self.scene.review.id, person=f"P-{person}", raw=self.scene.raw(picks=[pick]))
        if self.changed:
            assert isinstance(answer, Refused)
            return
        assert isinstance(answer, Refused) == (self.decided is not None)
        self.decided = self.decided or (f"P-{person}", pick)

    @rule()
    def the_door_starts_anew(self) -> None:
        self.held = HeldAnswers(self.scene.desk)

    @precondition(lambda self: self.old_rows)
    @rule(at=st.integers(0, 5))
    def an_old_row_is_put_back(self, at: int) -> None:
        busy = {*self.waiting, *self.lost}
        rows = [row for row in self.old_rows if row["person"].removeprefix("P-") not in busy]
        if not rows:
            return
        row = rows[at % len(rows)]
        table = tables.held_answers
        with self.ledgers.door.write() as tx:
            tx.execute(delete(table).where(table.c.person == row["person"]))
            tx.execute(insert(table), {**row, "state": "held"})
        self.reached["put back"] += 1

    @precondition(lambda self: self.waiting)
    @rule(person=WHO)
    def the_words_are_altered(self, person: str) -> None:
        if person not in self.waiting:
            return
        table = tables.held_answers
        pick = self.waiting[person][0]
        with self.ledgers.door.write() as tx:
            text = tx.execute(select(table.c.answer).where(table.c.person == f"P-{person}")).scalar_one()
            other = text.replace(pick, "V04" if pick != "V04" else "V01")
            tx.execute(update(table).where(table.c.person == f"P-{person}").values(answer=other))
        # It can no longer be believed, so it is nobody's answer; put back as it was, it would be theirs again.
        self._lose(person, self.waiting[person][1])

    @invariant()
    def only_what_was_given_and_left_standing_counts(self) -> None:
        if not hasattr(self, "scene"):
            return
        decisions = self.scene.kinds("decision:")
        assert len(decisions) == (0 if self.decided is None else 1), (decisions, self.decided)
        with self.ledgers.door.read() as tx:
            decision = self.scene.desk.outcome(tx, self.scene.review.id).decision
        if decision is not None:
            assert self.decided is not None
            person, pick = self.decided
            assert decision.manifest is not None
            assert (decision.person, decision.manifest.assets) == (person, (self._digest(pick),))
            self.reached["decided"] += 1

    def _is_refused(self, person: str) -> bool:
        return self.decided is not None or self.changed or person in self.spoilt

    def _submitted(self, person: str) -> None:
        refused = self._is_refused(person)
        pick, _ = self.waiting.pop(person)
        if not refused:
            self.decided = (f"P-{person}", pick)
        elif self.decided is None:
            self.reached["refused because something changed"] += 1

    def _lose(self, person: str, due: float | None) -> None:
        del self.waiting[person]
        self.lost[person] = due
        self.gone += [row for row in self.old_rows if row["person"] == f"P-{person}"]
        self.old_rows = [row for row in self.old_rows if row["person"] != f"P-{person}"]

    def _ended(self, person: str) -> None:
        """Once it was ended, its row may come back as often as it likes."""
        if person in self.lost:
            del self.lost[person]
            self.old_rows += [row for row in self.gone if row["person"] == f"P-{person}"]
            self.gone = [row for row in self.gone if row["person"] != f"P-{person}"]

    def _digest(self, pick: str) -> str:
        return self.scene.assets[int(pick[1:]) - 1].digest

    def _remember(self) -> None:
        with self.ledgers.door.read() as tx:
            self.old_rows += [dict(row._mapping) for row in tx.execute(select(tables.held_answers)).all()]


@pytest.fixture
def opening(_sqlite_template: Path, tmp_path: Path) -> Callable[[], Ledgers]:
    """Opens a fresh ledger with its own home and clock, as often as asked."""
    numbers = count()

    def opened() -> Ledgers:
        home = tmp_path / f"home-{next(numbers)}"
        make_keys(home / "keys")
        shutil.copy(_sqlite_template, home / "ledger.db")
        return Ledgers(f"sqlite:///{home / 'ledger.db'}", home, Clock())

    return opened


@pytest.mark.slow
@pytest.mark.soak
@pytest.mark.timeout(3_600 if SOAK else 300)
def test_no_sequence_makes_an_answer_count_twice_or_one_that_was_taken_back(opening: Callable[[], Ledgers]) -> None:
    reached: Counter[str] = Counter()
    machine = type("Machine", (Holding,), {"open_ledgers": staticmethod(opening), "reached": reached})

    run_state_machine_as_test(
        machine,
        settings=settings(
            max_examples=times(16, 400),
            stateful_step_count=40,
            deadline=None,
            derandomize=not SOAK,
            phases=(Phase.generate,),
            database=None,
            suppress_health_check=list(HealthCheck),
        ),
    )

    print(dict(reached))
    assert reached["decided"]
    assert reached["taken back"] >= 5
    assert reached["answered otherwise"] >= 3
    assert reached["told of what was lost"]
    assert reached["refused because something changed"]
