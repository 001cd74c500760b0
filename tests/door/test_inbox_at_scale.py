"""The inbox in pages: what is mine first, by deadline; what changes is followed, and what is forged hides nothing."""

from datetime import timedelta
from typing import Any

import pytest
from sqlalchemy import insert, select, update

from presscheck.door.waiting import Inbox, asked_for, inbox
from presscheck.ledger import EventKind, tables
from presscheck.ledger.assets import put_asset
from presscheck.ledger.reviews import open_review
from presscheck.models import Question
from presscheck.people.rights import Grant, record_rights
from tests.desk.scene import PEOPLE, Scene


def more(scene: Scene, count: int, *, days: int = 7) -> list[str]:
    """Questions like the scene's, each of a run of its own; the later ones are due sooner."""
    ids: list[str] = []
    with scene.ledgers.worker.write() as tx:
        for number in range(count):
            run = f"run-{days}-{number:03d}"
            question = Question.model_validate({**scene.question.model_dump(), "run": run})
            for asset in scene.assets:
                put_asset(tx, asset, run=run)
            ids.append(open_review(tx, question, expires_at=tx.now + timedelta(days=days, minutes=-number)).id)
    return ids


def ids(page: Inbox) -> list[str]:
    return [line.review.id for line in page.lines]


def rights(scene: Scene, person: str, kind: EventKind, *grants: Grant) -> None:
    email = f"{person}@brand.example"
    with scene.ledgers.door.write() as tx:
        record_rights(tx, kind, f"P-{person}", grants, email=email, name=person, by="P-root")


def test_pages_show_everything_once_the_most_urgent_first(sqlite_ledgers: Any) -> None:
    scene = Scene(sqlite_ledgers)
    later = more(scene, 6, days=3)

    pages = [inbox(scene.desk, person="P-ana", page=number, size=3) for number in (1, 2, 3)]

    assert [ids(page) for page in pages] == [later[:2:-1], later[2::-1], [scene.review.id]]
    assert [(page.total, page.mine, page.pages, page.left) for page in pages] == [(7, 7, 3, 0)] * 3


def test_what_is_mine_stands_before_what_is_more_urgent(sqlite_ledgers: Any) -> None:
    scene = Scene(sqlite_ledgers)
    (urgent,) = more(scene, 1, days=1)
    with sqlite_ledgers.door.write() as tx:
        run = "run-1-000"
        tx.append(EventKind.RUN_STARTED, run, {"person": "P-ana", "campaign": "product-launch", "key": ""}, run=run)

    page = inbox(scene.desk, person="P-ana")

    assert ids(page) == [scene.review.id, urgent]
    assert [line.mine for line in page.lines] == [True, False]
    assert page.mine == 1


def test_an_answer_an_opening_and_a_revocation_show_at_once(sqlite_ledgers: Any) -> None:
    scene = Scene(sqlite_ledgers)
    before = inbox(scene.desk, person="P-ana")
    (opened,) = more(scene, 1)
    scene.approve("cleo")
    after_both = inbox(scene.desk, person="P-ana")
    rights(scene, "ana", EventKind.PERSON_REVOKED)
    after_revocation = inbox(scene.desk, person="P-ana")

    assert (ids(before), ids(after_both)) == ([scene.review.id], [opened])
    assert (after_both.mine, after_revocation.mine) == (1, 0)
    assert "ana" not in after_revocation.lines[0].names


def test_a_right_given_just_now_shows_at_once(sqlite_ledgers: Any) -> None:
    scene = Scene(sqlite_ledgers)
    before = inbox(scene.desk, person="P-eva")
    rights(scene, "eva", EventKind.PERSON_CHANGED, *PEOPLE["ana"])

    after = inbox(scene.desk, person="P-eva")

    assert (before.mine, after.mine) == (0, 1)


@pytest.mark.slow
def test_counts_agree_with_the_full_question_for_everybody(sqlite_ledgers: Any) -> None:
    scene = Scene(sqlite_ledgers)
    more(scene, 4)

    for person in PEOPLE:
        page = inbox(scene.desk, person=f"P-{person}")
        with sqlite_ledgers.door.read() as tx:
            wanted = [line.review.id for line in page.lines if scene.desk.is_wanted(tx, line.review, f"P-{person}")]

        assert [line.review.id for line in page.lines if line.mine] == wanted
        assert page.mine == len(wanted)


def test_a_planted_question_is_named_and_hides_no_other(sqlite_ledgers: Any) -> None:
    scene = Scene(sqlite_ledgers)
    inbox(scene.desk, person="P-ana")
    table = tables.reviews
    with sqlite_ledgers.worker.write() as tx:
        row = dict(tx.execute(select(table).where(table.c.id == scene.review.id)).mappings().one())
        tx.execute(insert(table), row | {"id": "R-000000000000"})

    page = inbox(scene.desk, person="P-ana")

    assert ids(page) == [scene.review.id]
    assert [said.split(":")[0] for said in page.broken] == ["R-000000000000"]


def test_a_question_altered_after_it_was_indexed_is_named_and_not_shown(sqlite_ledgers: Any) -> None:
    scene = Scene(sqlite_ledgers)
    (other,) = more(scene, 1)
    inbox(scene.desk, person="P-ana")
    with sqlite_ledgers.worker.write() as tx:
        table = tables.reviews
        tx.execute(update(table).where(table.c.id == other).values(question="{}"))

    page = inbox(scene.desk, person="P-ana")

    assert ids(page) == [scene.review.id]
    assert [said.split(":")[0] for said in page.broken] == [other]


def test_a_decision_that_nobody_signed_hides_no_question_and_keeps_none_from_expiring(sqlite_ledgers: Any) -> None:
    scene = Scene(sqlite_ledgers)
    with sqlite_ledgers.worker.write() as tx:
        # The worker may not write decisions: the event stands in the chain and nobody believes it.
        tx.append(EventKind.DECISION_APPROVED, scene.review.id, {"person": "P-mallory"}, run=scene.run)

    page = inbox(scene.desk, person="P-ana")
    sqlite_ledgers.clock.advance(days=8)
    ended = scene.desk.expire_due()

    assert ids(page) == [scene.review.id]
    assert ended == 1


def test_filters_and_nonsense_in_an_address(sqlite_ledgers: Any) -> None:
    scene = Scene(sqlite_ledgers)
    tier = inbox(scene.desk, person="P-ana").lines[0].tier
    other = next(one for one in ("low", "critical") if one != tier)

    found = {
        query: inbox(scene.desk, person="P-ben", page=page, size=size, only=only).total
        for query in (
            f"tier={tier}",
            f"tier={other}",
            "gate=copy",
            "gate=nowhere",
            "mine=1",
            "tier=<b>&page=-1&limit=x",
        )
        for page, size, only in [asked_for(dict(part.split("=") for part in query.split("&")))]
    }

    assert list(found.values()) == [1, 0, 1, 0, 1, 1]
