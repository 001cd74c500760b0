"""What a proof compares a text with, which report it leads to, and which question stands in place of another."""

import re
from pathlib import Path
from typing import Any

import pytest
from sqlalchemy import update

from presscheck.desk.upkeep import Upkeep
from presscheck.ledger import EventKind, tables
from presscheck.ledger.assets import put_asset
from presscheck.ledger.reviews import open_review
from presscheck.ledger.splits import Cell, Split, record_split
from presscheck.models import Copy
from tests.desk.scene import Scene, draft
from tests.desk.test_reopening import MODEL, Changing, changing

__all__ = ["changing"]

OTHER = "6f0c6a52-0000-4000-8000-0000000000bb"


def second_round(ledgers: Any, *, drafts: tuple[Copy, ...], parents: Any) -> tuple[Scene, Scene]:
    first = Scene(ledgers)
    first.answer("ana", "Request changes", reason="voice", note="Warmer, please", picks=[])
    told = [None if at is None else first.assets[at].digest for at in parents]
    again = Scene(ledgers, drafts=drafts, parents=told, round=2, people=False, previous=first.review.id)
    return first, again


def shown(house: Any, scene: Scene) -> dict[str, str]:
    """By its code, what the proof shows of each draft."""
    page = house.visitor("ana").get(f"/proof/{scene.review.id}").text
    return dict(re.findall(r'<article class="[^>]* id="(V\d+)">(.*?)</article>', page, re.S))


def test_a_text_is_compared_with_the_one_it_came_from_and_not_with_the_one_in_its_place(
    open_house: Any, sqlite_ledgers: Any
) -> None:
    warmer = draft(2).model_copy(update={"subject": "A warmer jacket for wet hills, draft c"})
    first, again = second_round(sqlite_ledgers, drafts=(warmer, draft(5)), parents=(2, None))

    drafts = shown(open_house(scene=again), again)

    assert re.search(r"<ins>\s*warmer\s*</ins>", drafts["V01"])
    assert len(re.findall("<ins>", drafts["V01"])) == 1
    assert f"the text it came from, {first.assets[2].digest[:12]}" in drafts["V01"]
    assert "<ins>" not in drafts["V02"]
    assert "it comes from no text of an earlier round" in drafts["V02"]


def test_a_text_of_a_first_round_is_compared_with_nothing_and_nothing_is_said_of_it(still_house: Any) -> None:
    drafts = shown(still_house, still_house.scene)

    assert not any("came from" in part or "comes from" in part for part in drafts.values())


def test_a_text_that_is_the_same_as_the_one_it_came_from_says_so(open_house: Any, sqlite_ledgers: Any) -> None:
    button = draft(0).call_to_action
    assert button is not None
    other = draft(0).model_copy(update={"call_to_action": button.model_copy(update={"label": "Look"})})
    _, again = second_round(sqlite_ledgers, drafts=(other,), parents=(0,))

    assert "Nothing in subject, preheader and body." in shown(open_house(scene=again), again)["V01"]


def test_a_parent_that_somebody_wrote_into_the_rows_is_not_compared_with(house: Any) -> None:
    scene = house.scene
    with scene.ledgers.worker.write() as tx:
        put_asset(tx, scene.assets[3], run=scene.run)
        rows = tables.assets
        tx.execute(update(rows).where(rows.c.digest == scene.assets[0].digest).values(parent=scene.assets[3].digest))

    assert "<ins>" not in shown(house, scene)["V01"]


def test_an_edit_is_compared_with_the_draft_that_it_was_made_of_whatever_a_row_says(house: Any) -> None:
    scene = house.scene
    edit = {"pick": "V01", "field": "subject", "text": "A jacket for very wet hills, draft a"}
    decision = scene.approve("ana", picks=["V01"], edits=[edit])
    with scene.ledgers.worker.write() as tx:
        rows = tables.assets
        edited = decision.manifest.assets[0]
        tx.execute(update(rows).where(rows.c.digest == edited).values(parent=scene.assets[1].digest))

    drafts = shown(house, scene)
    frame = house.visitor("ana").get(f"/proof/{scene.review.id}/V01.edited")

    assert re.search(r"<ins>\s*very\s*</ins>", drafts["V01"])
    assert "What the approver changed" not in drafts["V02"]
    assert "very wet hills" in frame.text


def test_a_text_that_came_from_nothing_that_the_ledger_has_is_told_in_words(
    open_house: Any, sqlite_ledgers: Any
) -> None:
    scene = Scene(sqlite_ledgers, drafts=(draft(0),), parents=("f" * 64,))

    page = open_house(scene=scene).visitor("ana").get(f"/proof/{scene.review.id}")

    assert "Asset ffffffffffff: not in the ledger" in page.text
    assert "Traceback" not in page.text


# ---------------------------------------------------------------- the audience's report


def freeze(scene: Scene, run: str, **said: Any) -> None:
    with scene.ledgers.worker.write() as tx:
        tx.append(EventKind.AUDIENCE_FROZEN, scene.audience, {"rows": 7, **said}, run=run)


def test_the_report_is_of_the_screening_that_this_run_asked_about(house: Any) -> None:
    scene = house.scene
    freeze(scene, scene.run, report="a" * 64)
    freeze(scene, OTHER, report="b" * 64)

    page = house.visitor("ana").get(f"/proof/{scene.review.id}").text

    assert re.findall(r'href="/report/([^"]*)"', page) == ["a" * 64]


@pytest.mark.parametrize("said", [{}, {"report": None}], ids=["before reports were named", "named nothing"])
def test_a_report_of_before_reports_were_named_lies_under_its_audience(house: Any, said: dict[str, Any]) -> None:
    freeze(house.scene, house.scene.run, **said)

    page = house.visitor("ana").get(f"/proof/{house.scene.review.id}").text

    assert re.findall(r'href="/report/([^"]*)"', page) == [house.scene.audience]


@pytest.mark.parametrize("name", ["../../etc/passwd", 'x" onclick="y', "javascript:x", "refused", 7])
def test_a_report_whose_name_is_none_is_not_led_to(house: Any, name: object) -> None:
    freeze(house.scene, house.scene.run, report=name)

    page = house.visitor("ana").get(f"/proof/{house.scene.review.id}").text

    assert re.findall(r'href="/report/([^"]*)"', page) == []
    assert "how they were chosen" not in page


def split(scene: Scene, *sources: str) -> None:
    """Let the question's audience be a cell of the first of these, that a cell of the second, and so on."""
    part = scene.audience
    for source in sources:
        with scene.ledgers.worker.write() as tx:
            record_split(tx, scene.run, Split(source=source, cells={"pilot": Cell(audience=part, rows=7)}))
        part = source


def test_a_cell_leads_to_the_screening_of_what_it_was_split_from(house: Any) -> None:
    scene = house.scene
    split(scene, "c" * 64, "d" * 64)
    with scene.ledgers.worker.write() as tx:
        tx.append(EventKind.AUDIENCE_FROZEN, "d" * 64, {"rows": 70, "report": "e" * 64}, run=scene.run)

    page = house.visitor("ana").get(f"/proof/{scene.review.id}").text

    assert re.findall(r'href="/report/([^"]*)"', page) == ["e" * 64]


def test_a_cell_that_was_screened_itself_leads_to_that(house: Any) -> None:
    scene = house.scene
    split(scene, "c" * 64)
    freeze(scene, scene.run, report="a" * 64)
    with scene.ledgers.worker.write() as tx:
        tx.append(EventKind.AUDIENCE_FROZEN, "c" * 64, {"rows": 70, "report": "e" * 64}, run=scene.run)

    page = house.visitor("ana").get(f"/proof/{scene.review.id}").text

    assert re.findall(r'href="/report/([^"]*)"', page) == ["a" * 64]


def test_a_split_that_nobody_can_read_takes_no_proof_away(house: Any) -> None:
    scene = house.scene
    with scene.ledgers.worker.write() as tx:
        tx.append(EventKind.AUDIENCE_SPLIT, "c" * 64, {"cells": 7}, run=scene.run)

    page = house.visitor("ana").get(f"/proof/{scene.review.id}")

    assert page.status_code == 200
    assert "How its audience was split cannot be read" in page.text


def test_inbox_proof_and_api_tell_the_questions_of_a_run_apart_by_gate_and_cell(house: Any) -> None:
    scene = house.scene
    split(scene, "c" * 64)
    visitor = house.visitor("ana")

    inbox, proof = visitor.get("/inbox").text, visitor.get(f"/proof/{scene.review.id}").text
    (line,) = visitor.get("/-/api/reviews").json()["reviews"]

    assert "<span>gate copy</span>" in inbox
    assert "<span>gate copy</span>" in proof
    assert "<span>cell pilot, 7 of 7</span>" in inbox
    assert (line["gate"], line["cell"]) == ("copy", "pilot, 7 of 7")


# ---------------------------------------------------------------- asked again


def reopened(campaign: Changing) -> None:
    campaign.rewrite("at_most: 3", "at_most: 2", path=MODEL)
    campaign.upkeep.follow_policies()


def ask_again(scene: Scene, again: int) -> Any:
    policies = scene.policies().in_scope(channel="email", markets=scene.brief.markets, gate="copy")
    question = scene.question.model_copy(update={"again": again, "policies": policies})
    with scene.ledgers.worker.write() as tx:
        return open_review(tx, question, expires_at=scene.review.expires_at)


def asked_again_on(page: str) -> str:
    found = re.search(r"<dt>Asked again</dt><dd>(.*?)</dd>", page, re.S)
    return "" if found is None else found[1]


@pytest.mark.slow
def test_a_reopened_question_and_the_one_in_its_place_lead_to_each_other_and_name_the_policy(
    changing: Any, open_house: Any
) -> None:
    campaign: Changing = changing("reopen")
    scene = campaign.scene
    reopened(campaign)
    second = ask_again(scene, 1)
    ana = open_house(scene=scene).visitor("ana")

    old, new = (ana.get(f"/proof/{one}").text for one in (scene.review.id, second.id))
    told = [ana.get(f"/-/api/reviews/{one}").json() for one in (scene.review.id, second.id)]

    assert f'as <a href="/proof/{second.id}">' in asked_again_on(old)
    assert f'in place of <a href="/proof/{scene.review.id}">' in asked_again_on(new)
    for page in (old, new):
        assert "approvals.campaign-copy was changed" in asked_again_on(page)
    assert [one["asked_again"] and one["asked_again"]["review"] for one in told] == [second.id, None]
    assert [one["asked_before"] and one["asked_before"]["review"] for one in told] == [None, scene.review.id]


def test_before_its_gate_has_asked_again_a_reopened_question_names_the_policy(changing: Any, open_house: Any) -> None:
    campaign: Changing = changing("reopen")
    reopened(campaign)

    page = open_house(scene=campaign.scene).visitor("ana").get(f"/proof/{campaign.scene.review.id}").text

    assert "as soon as the run wakes" in asked_again_on(page)
    assert "approvals.campaign-copy was changed" in asked_again_on(page)


@pytest.mark.slow
def test_of_several_each_leads_to_the_next_and_to_the_one_before(
    changing: Any, open_house: Any, tmp_path: Path
) -> None:
    campaign: Changing = changing("reopen")
    scene = campaign.scene
    reopened(campaign)
    second = ask_again(scene, 1)
    campaign.rewrite("at_most: 2", "at_most: 1")
    Upkeep(scene.desk).follow_policies()
    third = ask_again(scene, 2)
    ana = open_house(scene=scene).visitor("ana")

    pages = [ana.get(f"/proof/{one}").text for one in (scene.review.id, second.id, third.id)]

    led = [re.findall(r"<dt>Asked again</dt><dd>(?:as|in place of) <a href=\"/proof/([^\"]*)\"", one) for one in pages]
    assert led == [[second.id], [scene.review.id, third.id], [second.id]]
    assert "<h2>Asked again, because its policies changed" in pages[1]


def test_a_question_that_is_asked_once_says_nothing_of_it(still_house: Any) -> None:
    page = still_house.visitor("ana").get(f"/proof/{still_house.scene.review.id}").text

    assert "Asked again" not in page
