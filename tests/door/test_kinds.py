"""Proof, inbox and API about what is no copy: all that is signed is seen, compared and answered like a text."""

import re
from pathlib import Path
from typing import Any

import pytest

from presscheck.assets.kind import Kind, Line, Rows, Text, part
from presscheck.assets.reading import read_signable
from presscheck.desk import Desk
from presscheck.ledger import EventKind
from presscheck.models import Asset
from presscheck.wiring import read_note
from tests.desk.scene import Scene, draft
from tests.door.offered import FLOW, Offered, budget, plan, policies_for_splits, segment, split

HOSTILE = '<script>alert("&")</script>'


def proof(house: Any, scene: Scene | None = None, person: str = "ana") -> str:
    return house.visitor(person).get(f"/proof/{(scene or house.scene).review.id}").text


def words(page: str) -> str:
    """What a reader sees of a page or a piece of one, in one line."""
    return re.sub(r"\s+", " ", re.sub(r"<[^>]*>", " ", page)).strip()


def article(page: str, code: str = "V01") -> str:
    return page.split(f'id="{code}"')[1].split("</article>")[0]


def told(house: Any, scene: Scene | None = None) -> dict[str, Any]:
    return house.visitor("ana").get(f"/-/api/reviews/{(scene or house.scene).review.id}").json()


# ---------------------------------------------------------------- all that is signed


def test_a_proof_shows_every_part_with_its_terms_and_no_preview(open_house: Any, sqlite_ledgers: Any) -> None:
    page = proof(open_house(scene=Offered(sqlite_ledgers, budget(900))))

    said = words(article(page))
    assert "1 budget" in words(page)
    assert "budget (kind budget) a yes commits 900 US dollars" in said
    assert "Amount May be edited 900 US dollars, at least 0, a yes commits it" in said
    assert "How it is spent May be edited A third in each month. Nothing after May." in said
    assert "<iframe" not in page
    assert "nobody: a yes to it is for the campaign's steps; nothing goes out by it" in words(page).replace(
        "&#39;", "'"
    )


@pytest.mark.slow
def test_a_kind_of_ones_own_shows_its_unit_limits_and_sum(open_house: Any, sqlite_ledgers: Any, tmp_path: Path) -> None:
    scene = Offered(sqlite_ledgers, split(), policies=policies_for_splits(tmp_path))

    said = words(article(proof(open_house(scene=scene))))

    assert "budget split (kind budget-split) a yes commits 1,000 US dollars" in said
    assert "1,000 US dollars, at most 40,000, the sum of Search ads and Social posts, a yes commits it" in said


def test_a_segment_says_how_many_it_is_about_and_which_audience_it_stands_for(
    open_house: Any, sqlite_ledgers: Any
) -> None:
    scene = Offered(sqlite_ledgers, segment(3))
    with scene.ledgers.worker.write() as tx:
        tx.append(EventKind.AUDIENCE_FROZEN, "a" * 64, {"rows": 4_724, "report": "b" * 64}, run=scene.run)

    page = article(proof(open_house(scene=scene)))

    assert "about 4,724 people stands for the audience aaaaaaaaaaaa how they were chosen" in words(page)
    assert f'href="/report/{"b" * 64}"' in page
    assert '<th scope="col">In the segment</th>' in page
    assert "<td>Group 2</td><td>20</td><td>2%</td></tr>" in page
    assert "May be edited" not in page


@pytest.mark.slow
def test_a_long_table_is_seen_by_its_first_fifty_rows_and_unfolds(open_house: Any, sqlite_ledgers: Any) -> None:
    page = article(proof(open_house(scene=Offered(sqlite_ledgers, segment(2_000)))))

    first, rest = page.split("<details>", 1)
    assert first.count("<td>Group") == 50
    assert "1,950 more rows: see all 2,000" in words(rest)
    assert rest.count("<td>Group") == 2_000


def test_a_comment_on_the_words_of_a_cell_is_underlined_there(open_house: Any, sqlite_ledgers: Any) -> None:
    house = open_house(scene=Offered(sqlite_ledgers, segment(3)))
    scene = house.scene
    [table] = [one for one in read_signable(scene.assets[-1]).parts if one.rows]
    about = {"words": "Who?", "draft": "V01", "part": table.name, "quote": "Group 2"}

    answer = house.visitor("ana").post(f"/-/api/reviews/{scene.review.id}/comments", about)
    page = article(proof(house))

    assert answer.status_code == 200, answer.text
    row = table.text.index("Group 2")
    mark = '<mark class="said" title="comment 1" data-numbers="1">Group 2</mark>'
    assert f'<tr data-at="{row}"><td>{mark}</td><td>20</td><td>2%</td></tr>' in page
    assert page.count("<mark") == 1


def test_no_title_noun_unit_or_cell_is_more_than_words(open_house: Any, sqlite_ledgers: Any, tmp_path: Path) -> None:
    class Hostile(Kind):
        kind = "budget-split"
        noun = f"split {HOSTILE}"

        amount: int = part(f"Amount {HOSTILE}", unit="<b>&", at_least=0)
        text: Text = part("Text")
        line: Line = part("Line")
        rows: Rows = part(f"Rows {HOSTILE}", columns=(f"Column {HOSTILE}",))

    scene = Offered(
        sqlite_ledgers,
        Hostile(amount=1, text=HOSTILE, line=HOSTILE, rows=((HOSTILE,),)),
        policies=policies_for_splits(tmp_path),
    )
    house = open_house(scene=scene)

    proved, waits = proof(house), house.visitor("ana").get("/inbox").text

    # A unit is no place for brackets; what it may hold is escaped as well.
    assert article(proved).count("&lt;script&gt;") == 14
    assert "&lt;b&gt;&amp;" in article(proved)
    assert "<script>" not in proved
    assert "<script" not in waits


def test_what_a_check_found_is_marked_in_a_part_and_in_a_cell(open_house: Any, sqlite_ledgers: Any) -> None:
    found = segment(2).model_copy(update={"makeup": (("ben@brand.example", "1", "2"), ("others", "3", "4"))})
    house = open_house(scene=Offered(sqlite_ledgers, found))
    other = Offered(sqlite_ledgers, plan("Write to ana@brand.example."), people=False, gate="plan")

    assert re.search(r'<td><mark class="\w+" title="[^"]*">ben@brand.example</mark></td>', proof(house))
    assert re.search(r"Write to <mark [^>]*>ana@brand.example</mark>", proof(house, other))


def test_several_kinds_are_counted_each_by_its_name(open_house: Any, sqlite_ledgers: Any) -> None:
    house = open_house(scene=Offered(sqlite_ledgers, budget(1), budget(2), plan()))

    assert '<h2 class="section">2 budgets and 1 plan</h2>' in proof(house)


# ---------------------------------------------------------------- versions


def test_an_edit_is_shown_part_by_part_and_by_their_titles(open_house: Any, sqlite_ledgers: Any) -> None:
    scene = Offered(sqlite_ledgers, budget(900))
    house = open_house(scene=scene)
    decision = scene.approve("ana", edits=[{"field": "Amount", "text": "800"}])

    page = article(proof(house))
    [one] = told(house)["proposals"]

    assert "picked, edited" in words(page)
    assert "<caption>Amount</caption>" in page
    assert "<del>900 </del>" in page
    assert "<ins>800 </ins>" in page
    assert "a yes commits 800 US dollars" in words(page)
    assert decision.manifest is not None
    assert one["asset"] == decision.manifest.agreed[0]
    assert list(one["edits"]) == ["Amount"]
    assert "May be edited" not in page


def test_what_is_offered_anew_in_a_second_round_is_compared_with_the_one_of_the_first(
    open_house: Any, sqlite_ledgers: Any
) -> None:
    first = Offered(sqlite_ledgers, budget(900))
    first.answer("ana", "Request changes", reason="other", note="Less, please")
    again = Offered(sqlite_ledgers, budget(700), round=2, people=False, previous=first.review.id)

    house = open_house(scene=again)

    page = proof(house)
    assert f"What changed since the budget of round 1, {first.assets[0].digest[:12]}" in words(article(page))
    assert "<del>900 </del>" in page
    assert "<ins>700 </ins>" in page
    assert "Only what is asked about changed; brief and policies are the same." in page
    assert told(house)["proposals"][0]["compared_with"] == first.assets[0].digest
    assert told(house)["proposals"][0]["came_from"] == ""


def test_no_copywriter_is_said_to_have_read_a_note_on_a_budget(open_house: Any, sqlite_ledgers: Any) -> None:
    first = Offered(sqlite_ledgers, budget(900))
    first.answer("ana", "Request changes", reason="other", note="Less, please")
    again = Offered(sqlite_ledgers, budget(700), round=2, people=False, previous=first.review.id)
    again.desk = Desk(sqlite_ledgers.door, again.policies, read_note=read_note)

    page = words(proof(open_house(scene=again)))

    assert "ana asked in round 1: “Less, please”" in page
    assert "The copywriter" not in page


def test_a_limit_that_was_raised_is_a_difference(open_house: Any, sqlite_ledgers: Any, tmp_path: Path) -> None:
    class Raised(Kind):
        kind = "budget-split"
        noun = "budget split"
        total: int = part("In all", unit="US dollars", at_most=90_000)

    class Before(Kind):
        kind = "budget-split"
        noun = "budget split"
        total: int = part("In all", unit="US dollars", at_most=40_000)

    policies = policies_for_splits(tmp_path)
    first = Offered(sqlite_ledgers, Before(total=5), policies=policies)
    again = Offered(sqlite_ledgers, Raised(total=5), round=2, people=False, previous=first.review.id, policies=policies)

    changes = told(open_house(scene=again))["proposals"][0]["changes"]

    assert changes == {"In all": "5 (US dollars, at most [-40,000)-]{+90,000)+}"}


def test_of_a_table_the_rows_that_differ_are_shown_and_the_others_counted(open_house: Any, sqlite_ledgers: Any) -> None:
    first = Offered(sqlite_ledgers, segment(30))
    other = segment(30)
    rows = [*other.makeup]
    rows[14] = ("Group 15", "999", "15%")
    again = Offered(
        sqlite_ledgers,
        other.model_copy(update={"makeup": tuple(rows)}),
        round=2,
        people=False,
        previous=first.review.id,
    )

    [change] = told(open_house(scene=again))["proposals"][0]["changes"].values()

    assert change == "(14 rows as before)\nGroup 15  |  [-150  -]{+999  +}|  15%\n(15 rows as before)"


@pytest.mark.parametrize("then", [(budget(1), budget(2)), (plan(),)], ids=["of two", "another kind"])
def test_what_stands_for_nothing_of_the_round_before_is_compared_with_nothing(
    open_house: Any, sqlite_ledgers: Any, then: tuple[Kind, ...]
) -> None:
    first = Offered(sqlite_ledgers, *then)
    again = Offered(sqlite_ledgers, budget(700), round=2, people=False, previous=first.review.id)

    page = words(article(proof(open_house(scene=again))))

    assert "it comes from no budget of an earlier round" in page
    assert "What changed since" not in page


def test_one_draft_beside_a_budget_is_compared_with_no_draft_of_the_round_before(
    open_house: Any, sqlite_ledgers: Any
) -> None:
    first = Scene(sqlite_ledgers, drafts=(draft(0),))
    again = Scene(sqlite_ledgers, drafts=(draft(1),), round=2, people=False, previous=first.review.id)

    assert "it comes from no text of an earlier round" in words(article(proof(open_house(scene=again))))


# ---------------------------------------------------------------- what it rests on


def test_what_a_question_rests_on_is_named_and_leads_to_where_it_was_agreed(
    open_house: Any, sqlite_ledgers: Any
) -> None:
    first = Offered(sqlite_ledgers, budget(900))
    first.approve("ana")
    agreed = first.assets[0].digest
    second = Scene(sqlite_ledgers, people=False, rests_on=(agreed,))
    house = open_house(scene=second)

    page = proof(house)

    assert "What it is for: Search ads in spring" in words(page)
    assert f'agreed in <a href="/proof/{first.review.id}">' in page
    assert "It does not hold" not in page
    assert [(one["noun"], one["review"], one["why_not"]) for one in told(house)["rests_on"]] == [
        ("budget", first.review.id, "")
    ]


def test_what_does_not_hold_any_more_is_said_where_a_question_rests_on_it(open_house: Any, sqlite_ledgers: Any) -> None:
    first = Offered(sqlite_ledgers, budget(900))
    second = Scene(sqlite_ledgers, people=False, rests_on=(first.assets[0].digest,))

    page = proof(open_house(scene=second))

    assert "It does not hold: Nobody has agreed to" in words(page)


def test_what_a_question_rests_on_and_is_gone_does_not_hide_the_question(open_house: Any, sqlite_ledgers: Any) -> None:
    scene = Scene(sqlite_ledgers, rests_on=("f" * 64,))

    page = proof(open_house(scene=scene))

    assert "it cannot be shown: asset ffffffffffff: not in the ledger" in page
    assert "4 drafts" in words(page)


# ---------------------------------------------------------------- inbox, API, form


def test_the_inbox_says_what_a_question_is_about(open_house: Any, sqlite_ledgers: Any) -> None:
    Scene(sqlite_ledgers)
    house = open_house(scene=Offered(sqlite_ledgers, budget(), people=False, gate="budget"))

    page = words(house.visitor("ana").get("/inbox").text)
    lines = {one["gate"]: one for one in house.visitor("ana").get("/-/api/reviews").json()["reviews"]}

    assert "e-mail to 7 people in US, DE 4 drafts, 2 blocked" in page
    assert "a budget Round 1" in page
    assert (lines["budget"]["about"], lines["budget"]["kinds"]) == ("a budget", ["budget"])
    assert (lines["copy"]["about"], lines["copy"]["kinds"]) == ("e-mail to 7 people in US, DE", ["copy"])


def test_a_choice_that_is_no_copy_keeps_every_key_that_copy_has(open_house: Any, sqlite_ledgers: Any) -> None:
    copy = Scene(sqlite_ledgers)
    house = open_house(scene=Offered(sqlite_ledgers, budget(900), people=False))

    [one], other = told(house)["proposals"], told(house, copy)["proposals"][0]

    assert one.keys() == other.keys()
    assert (one["copy"], one["kind"], one["noun"]) == (None, "budget", "budget")
    assert one["parts"][1] == {
        "name": "dollars",
        "title": "Amount",
        "text": "900",
        "rows": [],
        "terms": "US dollars, at least 0, a yes commits it",
        "edited": True,
    }
    assert (other["kind"], [part["title"] for part in other["parts"]]) == ("copy", ["subject", "preheader", "body"])


def test_nothing_that_is_no_copy_has_a_preview(open_house: Any, sqlite_ledgers: Any) -> None:
    scene = Offered(sqlite_ledgers, budget())
    visitor = open_house(scene=scene).visitor("ana")
    scene.approve("ana", edits=[{"field": "Amount", "text": "800"}])

    assert [visitor.get(f"/proof/{scene.review.id}/{code}").status_code for code in ("V01", "V01.edited")] == [404, 404]


def test_the_form_of_a_kind_without_a_channel_is_handed_to_prefects_page(open_house: Any, sqlite_ledgers: Any) -> None:
    scene = Offered(sqlite_ledgers, budget())
    visitor = open_house(scene=scene).visitor("ana")

    status = [visitor.get(path).status_code for path in ("/inbox", f"/-/api/reviews/{scene.review.id}")]
    accepted = visitor.post(f"/-/api/reviews/{scene.review.id}/decision", scene.raw())

    assert status == [200, 200]
    assert accepted.json()["decision"]["manifest"]["agreed"] == [scene.assets[0].digest]


def test_what_pretends_to_be_a_budget_is_shown_to_nobody(open_house: Any, sqlite_ledgers: Any) -> None:
    content = budget().described().model_dump(mode="json")
    del content["parts"][1:]
    content["spends"] = None
    scene = Offered(sqlite_ledgers, assets=[Asset(kind="budget", content=content, author=FLOW)])

    page = proof(open_house(scene=scene))

    assert "is not described as a budget is" in page
    assert "1 budget" not in words(page)
