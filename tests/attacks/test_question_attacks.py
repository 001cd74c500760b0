"""Ways to have one thing read and another signed, or a question hidden: none works, and people are told."""

from dataclasses import replace
from datetime import timedelta
from typing import Any

import pytest
from sqlalchemy import delete, insert, update

from presscheck.desk import Desk
from presscheck.errors import LedgerForged
from presscheck.ledger import EventKind, tables, timestamp, verify
from presscheck.ledger.chain import believed
from presscheck.ledger.reviews import find_review, open_review, open_reviews, undecided_review_ids
from presscheck.models import Decision, OutcomeStatus, Proposal, Refused, Submission
from tests.desk.scene import Ledgers, Scene


@pytest.fixture
def scene(sqlite_ledgers: Ledgers) -> Scene:
    return Scene(sqlite_ledgers)


def test_a_second_question_in_the_same_round_refuses_the_answers_to_both(scene: Scene) -> None:
    swapped = tuple(
        Proposal(code=f"V{at:02d}", asset=asset.digest) for at, asset in enumerate(reversed(scene.assets), start=1)
    )
    with scene.ledgers.worker.write() as tx:
        second = open_review(
            tx, scene.question.model_copy(update={"proposals": swapped}), expires_at=tx.now + timedelta(days=7)
        )

    for review in (scene.review, second):
        form = scene.raw() | {"form": review.form_key}
        refused = scene.desk.apply(review.id, person="P-ana", raw=form)
        assert isinstance(refused, Refused)
        assert refused.code == "asked-twice"
    assert scene.kinds("decision:") == []
    assert [refusal["code"] for refusal in scene.refusals()] == ["asked-twice", "asked-twice"]


def test_a_question_of_another_gate_with_the_same_fingerprint_refuses_the_answer(scene: Scene) -> None:
    twin = scene.question.digest[:12] + "0" * 52
    body = {"question": twin, "gate": "legal", "round": 3, "expires_at": "2026-03-09T09:00:00.000000Z"}
    with scene.ledgers.worker.write() as tx:
        tx.append(EventKind.REVIEW_OPENED, "R-0123456789ab", body, run=scene.run)

    refused = scene.answer()

    assert isinstance(refused, Refused)
    assert refused.code == "asked-twice"


def test_the_next_round_is_no_second_question(scene: Scene) -> None:
    scene.answer(decision="Request changes", reason="voice", note="Warmer, please.")

    following = Scene(scene.ledgers, round=2, people=False, previous=scene.review.id)

    assert isinstance(following.answer(), Decision)


def test_an_id_that_another_run_had_first_is_nobodys_review(scene: Scene) -> None:
    # Ids have 48 bits: a worker can make two questions with one id.
    later = scene.question.model_copy(update={"round": 2})
    body = {"question": "0" * 64, "gate": "copy", "round": 2, "expires_at": "2026-03-09T09:00:00.000000Z"}
    with scene.ledgers.worker.write() as tx:
        tx.append(EventKind.REVIEW_OPENED, later.review_id, body, run="another-run")
        open_review(tx, later, expires_at=tx.now + timedelta(days=7))

    with scene.ledgers.worker.read() as tx, pytest.raises(LedgerForged, match="not the one that was asked"):
        find_review(tx, later.review_id)


def test_a_decision_row_that_nobody_signed_hides_no_question(scene: Scene) -> None:
    row = {"review": scene.review.id, "kind": "approved", "event": 1, "at": "2026-03-02T09:00:00.000000Z"}
    _sql(scene, insert(tables.decisions).values(row))

    with scene.ledgers.door.read() as tx:
        assert [review.id for review in open_reviews(tx, run=scene.run)] == [scene.review.id]
        assert undecided_review_ids(tx) == [scene.review.id]
    scene.ledgers.clock.advance(days=8)
    assert scene.desk.expire_due() == 1


@pytest.mark.parametrize("missing", ["expires_at", "question"])
def test_an_opening_signed_with_something_missing_stops_no_other_review(scene: Scene, missing: str) -> None:
    question = scene.question.model_copy(update={"run": "run-2"})
    body: dict[str, Any] = {
        "question": question.digest,
        "gate": "copy",
        "round": 1,
        "expires_at": timestamp(scene.ledgers.clock()),
    }
    del body[missing]
    with scene.ledgers.worker.write() as tx:
        event = tx.append(EventKind.REVIEW_OPENED, question.review_id, body, run="run-2")
        row = {"id": question.review_id, "run": "run-2", "gate": "copy", "round": 1, "opened_at": event.at}
        row |= {"question": question.model_dump_json(), "expires_at": event.at}
        tx.execute(insert(tables.reviews), row)
    scene.ledgers.clock.advance(days=8)

    assert scene.desk.expire_due() == 1
    with scene.ledgers.door.read() as tx:
        assert scene.desk.outcome(tx, scene.review.id).status is OutcomeStatus.EXPIRED


def test_a_signed_body_that_is_no_object_is_forged(scene: Scene) -> None:
    with scene.ledgers.worker.read() as tx:
        event = tx.events(EventKind.REVIEW_OPENED)[0]

    assert believed(event, scene.ledgers.worker.keyring)
    for body in ("[]", "null", "7", "{"):
        with pytest.raises(LedgerForged):
            _ = replace(event, body=body).data


def test_a_note_swapped_in_the_database_is_not_written_from(scene: Scene) -> None:
    scene.answer(decision="Request changes", reason="voice", note="Warmer, please.")
    swapped = Submission(
        form=scene.review.form_key, decision="request_changes", reason="voice", note="Say it is free of charge."
    )
    _sql(scene, update(tables.applications).values(submission=swapped.model_dump_json()))

    with scene.ledgers.worker.read() as tx, pytest.raises(LedgerForged, match="not the one that was decided on"):
        Desk(scene.ledgers.worker, scene.policies).outcome(tx, scene.review.id)
    assert "not the one that was decided on" in str(verify(scene.ledgers.door).fault)


def test_a_note_that_can_no_longer_be_read_is_forged(scene: Scene) -> None:
    scene.answer(decision="Request changes", reason="voice", note="Warmer, please.")
    _sql(scene, update(tables.applications).values(submission="{"))

    with scene.ledgers.worker.read() as tx, pytest.raises(LedgerForged, match="cannot be read"):
        scene.desk.outcome(tx, scene.review.id)


def test_a_note_that_was_erased_leaves_the_decision(scene: Scene) -> None:
    scene.answer(decision="Request changes", reason="voice", note="Warmer, please.")
    _sql(scene, delete(tables.applications))

    with scene.ledgers.worker.read() as tx:
        outcome = scene.desk.outcome(tx, scene.review.id)
    assert (outcome.changes_wanted, outcome.note) == (True, "")
    assert verify(scene.ledgers.door).sound


def _sql(scene: Scene, statement: Any) -> None:
    engine = scene.ledgers.door.engine
    with engine.connect().execution_options(presscheck_write=True) as connection, connection.begin():
        connection.execute(statement)
