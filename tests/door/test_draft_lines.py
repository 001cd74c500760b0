"""Many drafts are read in the order that one asks for, near-duplicates folded; what was kept out can be read."""

import re
from collections.abc import Callable
from typing import Any

import pytest

from presscheck.digests import digest_of
from presscheck.ledger.assets import put_asset
from presscheck.models import Asset, Author
from tests.desk.scene import Scene, draft
from tests.door.house import House
from tests.door.test_answering import Browser
from tests.door.test_answering_in_the_browser import UNLIKE, WITH_A_FINDING

Open = Callable[..., House]
ALIKE = UNLIKE[0].model_copy(update={"body": UNLIKE[0].body.replace("is the place", "was the place")})
BLOCKED = draft(0).model_copy(update={"body": "Visit <b>http://10.0.0.1/x</b> NOW!!! It cures cancer, guaranteed."})


def codes(page: str) -> list[str]:
    return re.findall(r'<article class="card draft[^>]* id="(V\d\d)">', page)


def house_of(open_house: Open, ledgers: Any, *drafts: Any, **more: Any) -> House:
    return open_house(scene=Scene(ledgers, drafts=drafts, **more))


@pytest.mark.slow
def test_drafts_are_sorted_and_nothing_that_was_typed_is_lost_by_it(open_house: Open, sqlite_ledgers: Any) -> None:
    long = UNLIKE[0].model_copy(update={"body": f"{UNLIKE[0].body} {'It is warm, too. ' * 9}".strip()})
    house = house_of(open_house, sqlite_ledgers, long, *UNLIKE[1:5], WITH_A_FINDING)
    browser = Browser(house)

    assert codes(browser.open()) == ["V01", "V02", "V03", "V04", "V05", "V06"]
    by_findings = browser.post("sort:findings", ("pick", "V05"), ("pick", "V02"), note="Nearly.").text
    assert codes(by_findings)[0] == "V06"
    assert ">\nNearly.<" in by_findings
    by_length = browser.post("sort:length", ("pick", "V05"), ("pick", "V02")).text
    assert codes(by_length)[-1] == "V01"
    # The order of the page is nobody's choice: what is signed is in the order of the question.
    browser.post("answer", ("pick", "V05"), ("pick", "V02"), ("pick", "V03"), decision="approve", sort="length")
    with house.ledger.read() as tx:
        decision = house.scene.desk.outcome(tx, house.scene.review.id).decision
    assert decision is not None
    assert decision.manifest is not None
    assert decision.manifest.assets == tuple(house.scene.assets[at].digest for at in (1, 2, 4))


def test_an_order_that_there_is_not_is_the_order_of_the_question(open_house: Open, sqlite_ledgers: Any) -> None:
    house = house_of(open_house, sqlite_ledgers, *UNLIKE[:6])

    assert codes(Browser(house).post("sort:<script>").text) == [f"V0{at}" for at in range(1, 7)]


def test_what_is_almost_the_same_is_folded_under_the_one_that_it_is_like(open_house: Open, sqlite_ledgers: Any) -> None:
    house = house_of(open_house, sqlite_ledgers, UNLIKE[0], *UNLIKE[1:5], ALIKE)
    browser = Browser(house)

    page = browser.open()
    assert '<details class="alike"><summary>V06 is almost V01</summary>' in page
    assert codes(page) == ["V01", "V06", "V02", "V03", "V04", "V05"]
    # What somebody picks is in sight.
    assert 'class="alike"' not in browser.post("check", ("pick", "V06")).text


def test_a_near_duplicate_of_few_or_with_a_graver_finding_stays_in_sight(open_house: Open, sqlite_ledgers: Any) -> None:
    hurry = ALIKE.model_copy(update={"body": f"{ALIKE.body} Hurry, only three are left!"})
    few = house_of(open_house, sqlite_ledgers, UNLIKE[0], ALIKE)

    assert 'class="alike"' not in Browser(few).open()

    many = house_of(open_house, sqlite_ledgers, *UNLIKE[:5], hurry, round=2, people=False)
    assert 'class="alike"' not in Browser(many).open()


def test_the_words_of_what_was_kept_out_are_read_with_the_finding_and_cannot_be_picked(
    open_house: Open, sqlite_ledgers: Any
) -> None:
    out = Asset(
        kind="copy",
        content=BLOCKED.model_dump(mode="json"),
        author=Author.machine("offline", "phrases-1", "prompts.email-variants", "1"),
    )
    scene = Scene(sqlite_ledgers, kept_out=(out.digest,))
    with sqlite_ledgers.worker.write() as tx:
        put_asset(tx, out, run=scene.run)
    browser = Browser(open_house(scene=scene))

    page = browser.open()

    kept = page[page.index("Kept out by the guardrails: 1 draft") :]
    assert "&lt;b&gt;" in kept
    assert "<b>" not in kept
    assert "<strong>block</strong>" in kept
    refused = browser.post("answer", ("pick", out.digest), decision="approve")
    assert refused.status_code == 409


def test_a_kept_out_text_that_is_not_the_one_that_was_checked_is_never_shown(
    open_house: Open, sqlite_ledgers: Any
) -> None:
    house = open_house(scene=Scene(sqlite_ledgers, kept_out=(digest_of("never kept"),)))

    answer = house.visitor("ana").get(f"/proof/{house.scene.review.id}")

    assert answer.status_code == 500
    assert "not in the ledger" in answer.text


def test_two_drafts_stand_side_by_side_with_what_only_one_says_marked(house: House) -> None:
    review = house.scene.review.id

    page = house.visitor("ana").get(f"/beside/{review}?one=V01&other=V03").text

    assert "<del>a</del>" in page.replace(", </del>", "</del>").replace("a,", "a") or "<del>a" in page
    assert "<ins>c" in page
    assert "the same in both" in page
    assert f'<a href="/proof/{review}">' in page


def test_the_first_of_the_others_stands_beside_one_that_is_named_alone(house: House) -> None:
    page = house.visitor("ana").get(f"/beside/{house.scene.review.id}?one=V01").text

    assert "<h1>V01 and V02 side by side</h1>" in page


@pytest.mark.parametrize("query", ["", "?one=V99", "?one=V01&other=V99", "?one=<script>&other=V02"])
def test_what_is_no_draft_of_the_question_is_not_compared(house: House, query: str) -> None:
    answer = house.visitor("ana").get(f"/beside/{house.scene.review.id}{query}")

    assert answer.status_code == 404
    assert "no two such drafts" in answer.text


def test_nobody_compares_who_is_not_signed_in_nor_in_a_review_that_there_is_not(house: House) -> None:
    assert house.visitor(None).get(f"/beside/{house.scene.review.id}?one=V01").status_code == 303
    assert house.visitor("ana").get("/beside/R-000000000000?one=V01").status_code == 404
