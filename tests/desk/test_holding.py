"""Answers that can be taken back: judged when given, judged anew when they count, once, whatever happens meanwhile."""

import os
import signal
from collections.abc import Callable
from datetime import timedelta
from typing import Any

import pytest
from sqlalchemy import delete, insert, select, update

from presscheck.desk import holding as room
from presscheck.desk.holding import MOST_HELD, HeldAnswers
from presscheck.ledger import EventKind, Ledger, tables, timestamp
from presscheck.ledger.held import HeldAnswer, answers_kept, held_of
from presscheck.models import Approval, Decision, DecisionKind, Refused
from presscheck.people.rights import Grant, record_rights
from tests.desk.scene import Scene, shipped_policies, with_regret
from tests.desk.test_stages import Staged

PASSED = {"seconds": 21}


class Holding:
    """A question, and the answers to it that the door holds."""

    def __init__(self, scene: Scene) -> None:
        self.scene, self.clock = scene, scene.ledgers.clock
        self.held = HeldAnswers(scene.desk)
        self.door: Ledger = scene.ledgers.door

    def give(self, person: str = "ana", decision: str = "Approve", **more: Any) -> Any:
        with self.door.read() as tx:
            form = self.scene.desk.form(tx, self.scene.review)
        raw = {**self.scene.raw(decision), "form": form.key, **more}
        return self.held.give(
            self.scene.review.id,
            person=f"P-{person}",
            raw=raw,
            fields=[("decision", decision), ("note", str(more.get("note", "")))],
            proved_at=self.clock(),
        )

    def take_back(self, person: str = "ana") -> HeldAnswer | Refused:
        return self.held.take_back(self.scene.review.id, person=f"P-{person}")

    def send(self, person: str = "ana") -> Decision | Approval | Refused:
        return self.held.send_now(self.scene.review.id, person=f"P-{person}")

    def pass_by(self, **by: float) -> list[Any]:
        self.clock.advance(**(by or PASSED))
        return self.held.submit_due()

    def kept(self, person: str = "ana") -> list[HeldAnswer]:
        with self.door.read() as tx:
            return answers_kept(tx, f"P-{person}")

    def decision(self) -> Decision | None:
        with self.door.read() as tx:
            return self.scene.desk.outcome(tx, self.scene.review.id).decision

    def kinds(self) -> list[str]:
        return [kind for kind in self.scene.kinds() if kind.startswith(("answer:", "decision:", "application:"))]

    def rows(self) -> list[Any]:
        with self.door.read() as tx:
            return list(tx.execute(select(tables.held_answers)).all())


@pytest.fixture
def holding(sqlite_ledgers: Any) -> Holding:
    return Holding(Scene(sqlite_ledgers))


def test_an_answer_counts_when_its_time_is_over_and_not_before(holding: Holding) -> None:
    given = holding.give(picks=["V02"])
    early = holding.pass_by(seconds=19)
    between = holding.decision()
    due = holding.pass_by(seconds=1)

    decision = holding.decision()
    assert isinstance(given, HeldAnswer)
    assert (early, between) == ([], None)
    assert decision == due[0]
    assert decision is not None
    assert decision.manifest is not None
    assert decision.manifest.assets == (holding.scene.assets[1].digest,)
    assert decision.answered_at == given.given_at.strftime("%Y-%m-%dT%H:%M:%S.%fZ"), "when it was given"
    assert sorted(holding.kinds()) == ["answer:held", "answer:submitted", "decision:approved"]
    assert holding.rows() == [], "nothing is kept of what counts"


def test_what_the_desk_would_refuse_is_refused_at_once_and_recorded_as_ever(holding: Holding) -> None:
    refused = holding.give(picks=[])
    not_theirs = holding.give("uma")

    assert (refused.code, not_theirs.code) == ("bad-picks", "no-right")
    assert holding.kinds() == ["application:refused"] * 2
    assert holding.rows() == []


def test_what_was_taken_back_never_counts_and_comes_back_as_it_was_typed(holding: Holding) -> None:
    holding.give("ana", "Request changes", reason="voice", note="Warmer, please.", picks=[])

    back = holding.take_back()
    again = holding.take_back()
    later = holding.pass_by()

    assert isinstance(back, HeldAnswer)
    assert isinstance(again, HeldAnswer), "a second click is the same"
    assert dict(back.given.fields)["note"] == "Warmer, please."
    assert later == []
    assert holding.decision() is None
    assert holding.kinds() == ["answer:held", "answer:taken-back"]


def test_after_it_has_counted_it_is_plainly_too_late(holding: Holding) -> None:
    holding.give()
    holding.pass_by()

    late = holding.take_back()
    sent = holding.send()

    assert isinstance(late, Refused)
    assert (late.code, "It is too late: your answer was submitted at 09:00:21 UTC, and counts." in late.reason) == (
        "too-late",
        True,
    )
    assert isinstance(sent, Refused)
    assert holding.kinds().count("decision:approved") == 1


def test_it_is_sent_at_once_by_who_does_not_want_to_wait(holding: Holding) -> None:
    holding.give()

    sent = holding.send()
    later = holding.pass_by()

    assert isinstance(sent, Decision)
    assert later == []


def test_a_second_answer_is_refused_while_the_first_can_be_taken_back(holding: Holding) -> None:
    holding.give(picks=["V01"])

    second = holding.give(picks=["V03"])
    other = holding.give("ana", "Reject", reason="voice", picks=[])
    [due] = holding.pass_by()

    assert (second.code, other.code) == ("held-already", "held-already")
    assert due.manifest.assets == (holding.scene.assets[0].digest,)


def test_what_was_taken_back_and_given_again_counts_once(holding: Holding) -> None:
    holding.give(picks=["V01"])
    holding.take_back()
    holding.give(picks=["V03"])

    [due] = holding.pass_by()

    assert due.manifest.assets == (holding.scene.assets[2].digest,)
    assert holding.kinds().count("decision:approved") == 1


def test_nobody_takes_back_or_sends_what_another_answered(holding: Holding) -> None:
    holding.give("ana")

    back, sent = holding.take_back("cleo"), holding.send("cleo")

    assert isinstance(back, Refused)
    assert isinstance(sent, Refused)
    assert [one.state for one in holding.kept()] == ["held"]
    assert holding.kept("cleo") == []


def test_somebody_elses_final_answer_wins_and_all_that_was_typed_stays(holding: Holding) -> None:
    holding.give("ana", "Request changes", reason="voice", note="Warmer, please.", picks=[])
    holding.scene.answer("cleo", "Reject", reason="voice", picks=[])

    [due] = holding.pass_by()
    [kept] = holding.kept()

    decision = holding.decision()
    assert decision is not None
    assert (decision.person, decision.kind) == ("P-cleo", DecisionKind.REJECTED)
    assert due.code == "already-decided"
    assert (kept.state, "rejected by cleo" in kept.reason) == ("refused", True)
    assert dict(kept.given.fields)["note"] == "Warmer, please."


def test_two_held_answers_of_two_people_are_judged_one_after_the_other(holding: Holding) -> None:
    holding.give("ana", picks=["V01"])
    holding.give("cleo", picks=["V02"])

    first, second = holding.pass_by()

    assert (first.person, second.code) == ("P-ana", "already-decided")


def _loses_the_right(holding: Holding) -> str:
    with holding.door.write() as tx:
        grants = [Grant(role="author", markets="all")]
        record_rights(tx, EventKind.PERSON_CHANGED, "P-ana", grants, email="ana@brand.example", name="ana", by="P-root")
    return "changed-since"


def _loses_it_for_a_moment(holding: Holding) -> str:
    code = _loses_the_right(holding)
    with holding.door.write() as tx:
        grants = [Grant(role="brand_lead", markets="all")]
        record_rights(tx, EventKind.PERSON_CHANGED, "P-ana", grants, email="ana@brand.example", name="ana", by="P-root")
    return code


def _gets_another_password(holding: Holding) -> str:
    with holding.door.write() as tx:
        tx.append(EventKind.CREDENTIAL_SET, "P-ana", {"credential": "0" * 64})
    return "changed-since"


def _a_backup_is_restored(holding: Holding) -> str:
    with holding.door.write() as tx:
        tx.append(EventKind.LEDGER_RESTORED, "ledger", {"tip": {"seq": 1, "hash": "0" * 64}, "heads": {}})
    return "changed-since"


def _removes_a_passkey(holding: Holding) -> str:
    with holding.door.write() as tx:
        tx.append(EventKind.PASSKEY_REMOVED, "K-1", {"person": "P-ana"})
    return "changed-since"


def _signs_in_otherwise(holding: Holding) -> str:
    with holding.door.write() as tx:
        tx.append(EventKind.IDENTITY_BOUND, "I-1", {"person": "P-ana"})
    return "changed-since"


def _policies_change(holding: Holding) -> str:
    changed = with_regret(shipped_policies(), "30s")
    holding.scene.desk.policies = lambda: changed
    return "policies-changed"


def _its_time_is_over(holding: Holding) -> str:
    holding.clock.advance(days=8)
    return "expired"


@pytest.mark.parametrize(
    "happens",
    [
        _loses_the_right,
        _loses_it_for_a_moment,
        _gets_another_password,
        _removes_a_passkey,
        _signs_in_otherwise,
        _a_backup_is_restored,
        _policies_change,
        _its_time_is_over,
    ],
)
def test_what_changed_since_it_was_given_refuses_it(holding: Holding, happens: Callable[[Holding], str]) -> None:
    holding.give()

    code = happens(holding)
    [due] = holding.pass_by()

    assert due.code == code
    assert [one.state for one in holding.kept()] == ["refused"]
    assert "decision:approved" not in holding.kinds()


def test_where_a_seat_was_filled_meanwhile_the_picks_of_another_are_not_overruled(sqlite_ledgers: Any) -> None:
    holding = Holding(Staged(sqlite_ledgers))
    holding.give("both", picks=["V01"])
    holding.scene.answer("ana", picks=["V02"])

    [due] = holding.pass_by()
    with holding.door.read() as tx:
        fixed = holding.scene.desk.fixed(tx, holding.scene.review)

    assert isinstance(due, Refused)
    assert fixed is not None
    assert fixed.assets == (holding.scene.assets[1].digest,)


@pytest.mark.slow
def test_each_of_several_seats_is_held_and_counts(sqlite_ledgers: Any) -> None:
    holding = Holding(Staged(sqlite_ledgers))

    came_to = []
    for person in ("ana", "rita", "dora", "lex"):
        holding.give(person)
        came_to += holding.pass_by()

    assert [type(one) for one in came_to] == [Approval, Approval, Approval, Decision]
    assert holding.decision() is not None


def test_the_proof_of_who_answered_is_that_of_the_moment_it_was_given(sqlite_ledgers: Any) -> None:
    scene = Staged(sqlite_ledgers)
    holding = Holding(scene)
    holding.give("ana")

    # The door is down for an hour, and the answer was proved fresh when it was given.
    [due] = holding.pass_by(hours=1)
    with holding.door.read() as tx:
        counted = scene.desk.said(tx, scene.review)

    assert isinstance(due, Approval), due
    assert len(counted) == 1, "and everybody who hears it later agrees"


def test_nothing_is_held_for_longer_than_the_question_may_be_answered(sqlite_ledgers: Any) -> None:
    soon = Holding(Scene(sqlite_ledgers, expires_in=timedelta(seconds=15)))
    first = soon.give()
    at_once = Holding(
        Scene(sqlite_ledgers, run="6f0c6a52-0000-4000-8000-0000000000cc", people=False, expires_in=timedelta(seconds=4))
    ).give()

    [due] = soon.pass_by(seconds=10)

    assert first.due_at - soon.clock() <= timedelta(0)
    assert isinstance(due, Decision)
    assert isinstance(at_once, Decision)


def test_more_time_is_given_ten_times_and_no_more(holding: Holding) -> None:
    first = holding.give()
    given = []
    for _ in range(12):
        given.append(holding.held.longer(holding.scene.review.id, person="P-ana"))
        holding.pass_by(seconds=30)

    told = [one for one in given if isinstance(one, HeldAnswer)]
    assert holding.decision() is None
    assert told[-1].due_at - first.due_at <= timedelta(minutes=10)
    assert isinstance(given[-1], Refused)
    assert given[-1].code == "no-longer"


@pytest.mark.slow
def test_where_the_policy_says_so_an_answer_counts_at_once(sqlite_ledgers: Any) -> None:
    policies = with_regret(shipped_policies(), "0s")
    holding = Holding(Scene(sqlite_ledgers, policies=lambda: policies))

    answer = holding.give()

    assert isinstance(answer, Decision)
    assert "answer:held" not in holding.kinds()


@pytest.mark.slow
def test_who_takes_back_without_end_is_held_no_more(holding: Holding) -> None:
    for _ in range(MOST_HELD):
        assert isinstance(holding.give(), HeldAnswer)
        holding.take_back()

    last = holding.give()

    assert isinstance(last, Decision)
    assert holding.kinds().count("answer:held") == MOST_HELD


# ---------------------------------------------------------------- attacks on the table, and a door that is killed


def _planted(holding: Holding, row: dict[str, Any]) -> None:
    with holding.door.write() as tx:
        tx.execute(insert(tables.held_answers), row)


def test_a_row_that_the_door_did_not_sign_is_nobodys_answer(holding: Holding) -> None:
    holding.give("ana", "Reject", reason="voice", picks=[])
    [real] = holding.rows()
    _planted(holding, {**real._mapping, "person": "P-cleo"})

    due = holding.pass_by()

    assert [one.person for one in due] == ["P-ana"]
    assert holding.rows() == []


def test_words_that_were_altered_count_for_nothing_and_stand_in_nobodys_form(holding: Holding) -> None:
    holding.give(picks=["V01"])
    with holding.door.write() as tx:
        table = tables.held_answers
        tx.execute(update(table).values(answer=holding.rows()[0].answer.replace("V01", "V04")))

    kept, due = holding.kept(), holding.pass_by()

    assert (kept, due) == ([], [])
    assert holding.decision() is None


@pytest.mark.parametrize("gone", ["erased", "altered"])
@pytest.mark.parametrize("by", ["its giver", "time"])
def test_a_row_that_was_gone_when_it_ended_does_not_count_when_it_is_back(holding: Holding, gone: str, by: str) -> None:
    holding.give()
    [row] = holding.rows()
    with holding.door.write() as tx:
        tx.execute(delete(tables.held_answers))
    if gone == "altered":
        _planted(holding, {**row._mapping, "answer": row.answer.replace("V01", "V04")})

    told = holding.take_back() if by == "its giver" else holding.held.send_now(holding.scene.review.id, person="P-ana")
    with holding.door.write() as tx:
        tx.execute(delete(tables.held_answers))
    _planted(holding, dict(row._mapping))

    assert isinstance(told, Refused)
    assert "does not count" in told.reason
    assert holding.pass_by() == []
    assert holding.decision() is None


@pytest.mark.parametrize("moved", [-timedelta(seconds=15), timedelta(days=1)])
def test_nobody_moves_the_time_at_which_it_counts(holding: Holding, moved: timedelta) -> None:
    held = holding.give()
    with holding.door.write() as tx:
        tx.execute(update(tables.held_answers).values(due_at=timestamp(held.due_at + moved)))

    assert holding.kept() == []
    assert holding.pass_by() == []
    assert holding.decision() is None


@pytest.mark.parametrize("column", ["answer", "state", "due_at", "reason"])
@pytest.mark.parametrize("poison", [b"\xff\x00", b"held", "\x00", "9" * 5_000, "[" * 50_000])
def test_a_row_that_holds_no_text_keeps_nobody_elses_answer_from_counting(
    holding: Holding, column: str, poison: bytes | str
) -> None:
    holding.give("ana", picks=["V01"])
    holding.give("cleo", picks=["V02"])
    table = tables.held_answers
    with holding.door.write() as tx:
        # SQLite keeps whatever it is given.
        tx.connection.exec_driver_sql(f"UPDATE held_answers SET {column} = ? WHERE person = 'P-ana'", (poison,))

    kept = holding.kept("ana")
    holding.pass_by()
    told = holding.take_back("ana")
    with holding.door.write() as tx:
        tx.execute(delete(table))

    text_of_a_reason = column == "reason" and isinstance(poison, str)
    assert len(kept) == text_of_a_reason
    assert isinstance(told, Refused)
    decision = holding.decision()
    assert decision is not None
    assert decision.person == ("P-ana" if text_of_a_reason else "P-cleo")


@pytest.mark.parametrize("how", ["taken-back", "submitted"])
def test_a_row_that_is_put_back_does_not_answer_again(holding: Holding, how: str) -> None:
    holding.give("ana", "Request changes", reason="voice", note="Warmer.", picks=[])
    [row] = holding.rows()
    if how == "taken-back":
        holding.take_back()
        with holding.door.write() as tx:
            tx.execute(update(tables.held_answers).values(state="held"))
    else:
        holding.pass_by()
        _planted(holding, dict(row._mapping))
    before = len(holding.scene.kinds("decision:"))

    due = holding.pass_by()

    assert due == []
    assert len(holding.scene.kinds("decision:")) == before


def test_a_door_that_is_killed_while_it_submits_does_it_once_when_it_is_back(holding: Holding) -> None:
    holding.give()
    holding.clock.advance(**PASSED)

    # A child is the door that dies: just before what it has judged is committed.
    child = os.fork()
    if child == 0:
        try:
            holding.door.engine.dispose(close=False)
            room.end_answer = lambda *_: os.kill(os.getpid(), signal.SIGKILL)
            holding.held.submit_due()
        finally:
            os._exit(1)
    _, status = os.waitpid(child, 0)
    back, once_more = HeldAnswers(holding.scene.desk).submit_due(), holding.held.submit_due()

    assert os.WTERMSIG(status) == signal.SIGKILL
    assert [type(one) for one in back] == [Decision]
    assert once_more == []
    assert holding.kinds().count("decision:approved") == 1


def test_what_one_person_holds_is_nothing_that_waits_for_them(holding: Holding) -> None:
    holding.give("ana")

    with holding.door.read() as tx:
        theirs, others = held_of(tx, "P-ana"), held_of(tx, "P-cleo")

    assert (theirs, others) == ({holding.scene.review.id}, frozenset())
