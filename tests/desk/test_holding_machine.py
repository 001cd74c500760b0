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

from presscheck.desk.holding import HeldAnswers
from presscheck.ledger import make_keys, tables
from presscheck.ledger.held import HeldAnswer
from presscheck.models import Refused
from tests.conftest import Clock, Ledgers
from tests.desk.scene import Scene
from tests.running import SOAK, times

WHO = st.sampled_from(("ana", "cleo"))
PICKS = st.sampled_from(("V01", "V02", "V03", "V04"))


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

    def teardown(self) -> None:
        self.ledgers.close()

    @rule(person=WHO, pick=PICKS)
    def gives(self, person: str, pick: str) -> None:
        answer = self.held.give(
            self.scene.review.id,
            person=f"P-{person}",
            raw=self.scene.raw(picks=[pick]),
            fields=[("pick", pick)],
            proved_at=self.ledgers.clock(),
        )
        if person in self.waiting or self.decided:
            assert isinstance(answer, Refused)
        else:
            assert isinstance(answer, HeldAnswer)
            self.waiting[person] = (pick, self.now + 20)
            self._remember()

    @precondition(lambda self: self.waiting)
    @rule(person=WHO)
    def takes_back(self, person: str) -> None:
        answer = self.held.take_back(self.scene.review.id, person=f"P-{person}")
        if self.waiting.pop(person, None) is not None:
            assert isinstance(answer, HeldAnswer)
            self.reached["taken back"] += 1

    @rule(person=WHO)
    def sends(self, person: str) -> None:
        answer = self.held.send_now(self.scene.review.id, person=f"P-{person}")
        if person not in self.waiting:
            assert isinstance(answer, Refused)
            return
        pick, _ = self.waiting.pop(person)
        assert isinstance(answer, Refused) == (self.decided is not None)
        self.decided = self.decided or (f"P-{person}", pick)

    @precondition(lambda self: self.waiting)
    @rule(person=WHO)
    def asks_for_more_time(self, person: str) -> None:
        answer = self.held.longer(self.scene.review.id, person=f"P-{person}")
        if isinstance(answer, HeldAnswer):
            left = (answer.due_at - self.ledgers.clock()).total_seconds()
            self.waiting[person] = (self.waiting[person][0], self.now + left)

    @rule(seconds=st.sampled_from((1, 5, 10, 20)))
    def time_passes(self, seconds: int) -> None:
        self.ledgers.clock.advance(seconds=seconds)
        self.now += seconds
        for _ in self.held.submit_due():
            self.reached["submitted"] += 1
        due = [one for _, one in sorted((due, one) for one, (_, due) in self.waiting.items() if due <= self.now)]
        for person in due:
            pick, _ = self.waiting.pop(person)
            self.decided = self.decided or (f"P-{person}", pick)

    # Not at once: what happens after the question is decided is dull.
    @precondition(lambda self: self.now >= 30)
    @rule(person=WHO, pick=PICKS)
    def answers_elsewhere(self, person: str, pick: str) -> None:
        answer = self.scene.desk.apply(self.scene.review.id, person=f"P-{person}", raw=self.scene.raw(picks=[pick]))
        assert isinstance(answer, Refused) == (self.decided is not None)
        self.decided = self.decided or (f"P-{person}", pick)

    @rule()
    def the_door_starts_anew(self) -> None:
        self.held = HeldAnswers(self.scene.desk)

    @precondition(lambda self: self.old_rows)
    @rule(at=st.integers(0, 5))
    def an_old_row_is_put_back(self, at: int) -> None:
        rows = [row for row in self.old_rows if row["person"].removeprefix("P-") not in self.waiting]
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
        del self.waiting[person]
        self.old_rows = [row for row in self.old_rows if row["person"] != f"P-{person}"]

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
            max_examples=times(12, 400),
            stateful_step_count=30,
            deadline=None,
            derandomize=not SOAK,
            phases=(Phase.generate,),
            database=None,
            suppress_health_check=list(HealthCheck),
        ),
    )

    print(dict(reached))
    assert reached["decided"]
    assert reached["taken back"]
