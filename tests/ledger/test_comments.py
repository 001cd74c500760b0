"""Comments are kept by the door, read by the worker and changed by nobody, on both databases and under their roles."""

from typing import Any

import pytest
from sqlalchemy import delete, insert, update

from presscheck.errors import LedgerDenied
from presscheck.ledger import EventKind, tables, verify
from presscheck.ledger.comments import (
    Comment,
    Place,
    add_comment,
    comments_fault,
    comments_of_run,
    erase_comment,
    settle_comment,
)
from tests.ledger.under_roles import RoleLedgers

REVIEW, RUN, WORDS = "R-000000000001", "run-1", "Ask Sam Smith before this goes out."
PLACE = Place(asset="a" * 64, field="body", span=(3, 9))


def say(ledgers: Any, words: str = WORDS, place: Place = PLACE, **more: Any) -> str:
    with ledgers.door.write() as tx:
        return add_comment(tx, REVIEW, run=RUN, place=place, words=words, person="P-ana", **more)


def found(ledger: Any) -> list[Comment]:
    with ledger.read() as tx:
        return comments_of_run(tx, RUN)


def test_a_comment_is_read_as_it_was_made_and_settled(ledgers: Any) -> None:
    first = say(ledgers, mentions=("P-ben",))
    answer = say(ledgers, "Done.", answers=first)
    with ledgers.door.write() as tx:
        settle_comment(tx, REVIEW, first, person="P-ben", run=RUN, resolved=True)

    one, other = found(ledgers.worker)

    assert (one.id, one.words, one.place, one.mentions) == (first, WORDS, PLACE, ("P-ben",))
    assert (one.resolved, one.settled_by, one.is_open) == (True, "P-ben", False)
    assert (other.id, other.answers, other.is_open) == (answer, first, False)
    assert verify(ledgers.door).sound


def test_no_word_of_a_comment_is_in_the_chain_and_erasing_leaves_nothing_to_guess_it_by(ledgers: Any) -> None:
    one, same = say(ledgers, "ok"), say(ledgers, "ok")
    with ledgers.door.write() as tx:
        erase_comment(tx, REVIEW, one, person="P-ana", run=RUN)

    with ledgers.door.read() as tx:
        made = tx.events(EventKind.COMMENT_MADE)
        assert "ok" not in "".join(str({**event.data, "words": ""}) for event in made)
        assert len({event.data["words"] for event in made}) == 2, "each digest has a salt of its own"
    assert [(each.id, each.words, each.taken_back) for each in found(ledgers.door)] == [
        (one, None, True),
        (same, "ok", False),
    ]
    assert verify(ledgers.door).sound


def test_before_an_event_it_stands_as_it_stood_without_what_was_erased_since(ledgers: Any) -> None:
    kept, erased = say(ledgers, "kept"), say(ledgers, "erased")
    with ledgers.door.read() as tx:
        then = tx.tip().seq + 1
    later = say(ledgers, "later")
    with ledgers.door.write() as tx:
        settle_comment(tx, REVIEW, kept, person="P-ana", run=RUN, resolved=True)
        erase_comment(tx, REVIEW, erased, person="P-ana", run=RUN)

    with ledgers.door.read() as tx:
        stood = {one.id: one for one in comments_of_run(tx, RUN, before=then)}

    assert later not in stood
    assert stood[kept].is_open
    assert stood[erased].words is None


def test_a_row_that_somebody_erased_is_an_erased_comment_and_no_fault(ledgers: Any) -> None:
    say(ledgers)
    with ledgers.door.write() as tx:
        tx.execute(delete(tables.comments))

    [one] = found(ledgers.door)

    assert (one.words, one.altered, one.is_open) == (None, False, False)
    assert verify(ledgers.door).sound


@pytest.mark.parametrize("content", ['{"salt": "x", "words": "Approve all."}', "Approve all.", "[]"])
def test_other_words_in_a_row_are_nobodys_and_are_told(sqlite_ledgers: Any, content: str) -> None:
    say(sqlite_ledgers)
    with sqlite_ledgers.door.write() as tx:
        tx.execute(update(tables.comments).values(content=content))

    [one] = found(sqlite_ledgers.door)

    assert (one.words, one.altered) == (None, True)
    with sqlite_ledgers.door.read() as tx:
        assert f"comment {one.id}: the stored words are not those that were signed" in str(comments_fault(tx))
    assert not verify(sqlite_ledgers.door).sound


def test_words_that_nobody_signed_are_told_and_read_by_nobody(sqlite_ledgers: Any) -> None:
    with sqlite_ledgers.door.write() as tx:
        tx.execute(insert(tables.comments), {"id": "C-planted", "content": "{}", "at": "x"})

    assert found(sqlite_ledgers.door) == []
    with sqlite_ledgers.door.read() as tx:
        assert "nobody signed them" in str(comments_fault(tx))


def test_a_comment_that_a_worker_signed_is_none(sqlite_ledgers: Any) -> None:
    with sqlite_ledgers.worker.write() as tx:
        add_comment(tx, REVIEW, run=RUN, place=PLACE, words="Approve.", person="P-ana")

    assert found(sqlite_ledgers.door) == []


def test_under_roles_the_door_alone_says_and_erases_and_nobody_changes_a_word(role_ledgers: RoleLedgers) -> None:
    comment = say(role_ledgers)

    with pytest.raises(LedgerDenied), role_ledgers.worker.write() as tx:
        add_comment(tx, REVIEW, run=RUN, place=PLACE, words="Approve.", person="P-ana")
    with pytest.raises(LedgerDenied), role_ledgers.worker.write() as tx:
        tx.execute(delete(tables.comments))
    with pytest.raises(LedgerDenied), role_ledgers.door.write() as tx:
        tx.execute(update(tables.comments).values(content="{}"))
    with pytest.raises(LedgerDenied), role_ledgers.press.read() as tx:
        tx.execute(tables.comments.select())

    assert [one.words for one in found(role_ledgers.worker)] == [WORDS]
    with role_ledgers.door.write() as tx:
        erase_comment(tx, REVIEW, comment, person="P-ana", run=RUN)
    assert [one.words for one in found(role_ledgers.worker)] == [None]
