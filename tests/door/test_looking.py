"""Looking: inbox, proof and API show what is asked, marked and cleaned; nothing a model wrote is markup."""

import re
from datetime import timedelta
from typing import Any

import pytest
from sqlalchemy import update

from presscheck.ledger import tables
from presscheck.ledger.reviews import open_review
from presscheck.models import CallToAction, Copy
from tests.desk.scene import BRIEF, Scene, draft
from tests.overlays import SOFTER, overlaid

HOSTILE = (
    "Hello <script>alert(1)</script>\n\nthe Fell jacket is here, and it keeps the rain out. "
    "gnp.exe and hidden {{ 7 * 7 }} <img src=x onerror=alert(1)> "
    "for people who walk in the hills.\n\nIt is the best jacket in the world."
)


def test_inbox_shows_what_waits_for_me_and_how_risky_it_is(still_house: Any) -> None:
    page = still_house.visitor("ana").get("/inbox").text

    assert "1 question waits for you" in page
    assert "Spring launch" in page
    assert "medium risk" in page
    assert f"/proof/{still_house.scene.review.id}" in page
    assert f"/v2/runs/flow-run/{still_house.scene.run}" in page


def test_inbox_of_the_author_says_who_may_answer(still_house: Any) -> None:
    page = still_house.visitor("ben").get("/inbox").text

    assert "Nothing waits for you" in page
    assert "May answer: ana, cleo" in page


def test_forged_review_does_not_hide_the_others(house: Any) -> None:
    other = Scene(house.scene.ledgers, run="6f0c6a52-0000-4000-8000-0000000000aa", people=False)
    with house.scene.ledgers.worker.write() as tx:
        tx.execute(update(tables.reviews).where(tables.reviews.c.id == other.review.id).values(question='{"run": "x"}'))

    page = house.visitor("ana").get("/inbox")

    assert page.status_code == 200
    assert f"/proof/{house.scene.review.id}" in page.text
    assert f"A review cannot be believed: {other.review.id}" in page.text


def test_proof_shows_every_draft_with_what_it_takes_to_judge(still_house: Any) -> None:
    page = still_house.visitor("ana").get(f"/proof/{still_house.scene.review.id}").text

    for code in ("V01", "V02", "V03", "V04"):
        assert f'src="/proof/{still_house.scene.review.id}/{code}"' in page
    assert still_house.scene.review.form_key.split(" · ")[1] in page
    assert "approvals.campaign-copy" in page
    assert "ana, cleo" in page
    assert "Lab report 7" in page
    assert "2 by brand.no-shouting" in page
    assert "producer: a machine drafts, a person edits and approves" in page
    ours = ("answering", "commenting", "keeping")
    assert re.findall("<script[^>]*>", page) == [f'<script src="/static/{name}.js" defer>' for name in ours]


def test_what_a_model_wrote_is_shown_as_words(open_house: Any, sqlite_ledgers: Any) -> None:
    scene = Scene(sqlite_ledgers, drafts=(draft(0), draft(1, body=HOSTILE)))
    ana = open_house(scene=scene).visitor("ana")

    proof = ana.get(f"/proof/{scene.review.id}").text
    frame = ana.get(f"/proof/{scene.review.id}/V02").text

    for page in (proof, frame):
        assert "<script>alert" not in page
        assert "<img src=x" not in page
        assert "&lt;script&gt;" in page
    assert "{{ 7 * 7 }}" in frame


def test_a_draft_with_what_nobody_sees_is_not_shown_and_the_page_says_which_character(
    open_house: Any, sqlite_ledgers: Any
) -> None:
    hidden = Copy.model_construct(**{**dict(draft(1)), "body": "Fr\u200bee rain."})
    scene = Scene(sqlite_ledgers, drafts=(draft(0), hidden))

    answer = open_house(scene=scene).visitor("ana").get(f"/proof/{scene.review.id}")

    assert "character 3 is U+200B (zero width space), which nobody sees" in answer.text
    assert "\u200b" not in answer.text


def test_findings_are_marked_in_the_words(open_house: Any, sqlite_ledgers: Any) -> None:
    scene = Scene(sqlite_ledgers, drafts=(draft(0), draft(1, body=HOSTILE)))

    page = open_house(scene=scene).visitor("ana").get(f"/proof/{scene.review.id}").text

    assert '<mark class="' in page
    assert "claims.superlatives" in page


def test_what_changed_since_the_last_round_is_shown(open_house: Any, sqlite_ledgers: Any) -> None:
    first = Scene(sqlite_ledgers)
    first.answer("ana", "Request changes", reason="voice", note="Warmer, please", picks=[])
    warmer = draft(0).model_copy(update={"subject": "A warmer jacket for wet hills, draft a"})
    second = Scene(
        sqlite_ledgers,
        drafts=(warmer, draft(1)),
        parents=(first.assets[0].digest, None),
        round=2,
        people=False,
        previous=first.review.id,
    )

    page = open_house(scene=second).visitor("ana").get(f"/proof/{second.review.id}").text

    assert "ana asked in round 1: “Warmer, please”" in page
    assert re.search(r"<ins>\s*warmer\s*</ins>", page)


def test_decided_proof_says_by_whom_and_shows_the_edit(house: Any) -> None:
    ana = house.visitor("ana")
    subject = "A jacket for very wet hills, draft a"
    edit = {"pick": "V01", "field": "subject", "text": subject}
    house.scene.approve("ana", picks=["V01", "V02"], edits=[edit], note="Go")

    page = ana.get(f"/proof/{house.scene.review.id}").text
    frame = ana.get(f"/proof/{house.scene.review.id}/V01.edited").text

    assert "Approved by ana" in page
    assert re.search(r"<ins>\s*very\s*</ins>", page)
    assert subject in frame


def test_review_that_is_not_there_is_a_plain_404(still_house: Any) -> None:
    ana = still_house.visitor("ana")

    page = ana.get("/proof/R-000000000000")
    api = ana.get("/-/api/reviews/R-000000000000")
    decision = ana.post("/-/api/reviews/R-000000000000/decision", {})

    assert (page.status_code, api.status_code, decision.status_code) == (404, 404, 404)


def test_pages_are_for_who_is_signed_in(still_house: Any) -> None:
    stranger = still_house.visitor(None)

    for path in ("/inbox", f"/proof/{still_house.scene.review.id}", f"/proof/{still_house.scene.review.id}/V01"):
        answer = stranger.get(path)
        assert (answer.status_code, answer.headers["location"]) == (303, f"/sign-in?next={path}")


def test_api_lists_what_waits_and_for_whom(still_house: Any) -> None:
    [line] = still_house.visitor("ana").get("/-/api/reviews?mine=1").json()["reviews"]
    of_ben = still_house.visitor("ben").get("/-/api/reviews?mine=1").json()["reviews"]
    all_of_ben = still_house.visitor("ben").get("/-/api/reviews").json()["reviews"]

    assert (line["id"], line["risk"], line["mine"]) == (still_house.scene.review.id, "medium", True)
    assert line["who_may"] == ["ana", "cleo"]
    assert of_ben == []
    assert [one["mine"] for one in all_of_ben] == [False]


def test_api_tells_a_review_whole(still_house: Any) -> None:
    told = still_house.visitor("ben").get(f"/-/api/reviews/{still_house.scene.review.id}").json()

    assert told["form"]["key"] == told["form_key"] == still_house.scene.review.form_key
    assert [proposal["code"] for proposal in told["proposals"]] == ["V01", "V02", "V03", "V04"]
    assert told["why_not"]["code"] == "own-brief"
    assert told["answer"] is None
    assert told["question"] == still_house.scene.question.model_dump(mode="json")


def test_api_takes_a_decision_and_refuses_the_next(house: Any) -> None:
    path = f"/-/api/reviews/{house.scene.review.id}/decision"

    first = house.visitor("ana").post(path, house.scene.raw())
    second = house.visitor("cleo").post(path, house.scene.raw("Reject", reason="other"))

    assert (first.status_code, first.json()["accepted"]) == (200, True)
    assert first.json()["decision"]["person"] == "P-ana"
    assert (second.status_code, second.json()["accepted"], second.json()["code"]) == (409, False, "already-decided")
    assert "approved by ana (brand lead)" in second.json()["reason"]


@pytest.mark.parametrize("table", ["reviews", "assets"])
def test_tampered_review_is_not_shown_as_if_it_were_sound(house: Any, table: str) -> None:
    with house.scene.ledgers.worker.write() as tx:
        if table == "reviews":
            question = house.scene.question.model_copy(update={"audience_rows": 1})
            tx.execute(update(tables.reviews).values(question=question.model_dump_json()))
        else:
            digest = house.scene.assets[0].digest
            words = draft(9).model_dump_json()
            tx.execute(update(tables.assets).where(tables.assets.c.digest == digest).values(content=words))

    page = house.visitor("ana").get(f"/proof/{house.scene.review.id}")

    assert page.status_code == 500
    assert "presscheck" in page.text.lower()
    assert "not the one that was asked" in page.text or "stored content" in page.text or "one that was" in page.text


def test_deadline_is_told_in_words(open_house: Any, sqlite_ledgers: Any) -> None:
    house = open_house(scene=Scene(sqlite_ledgers, expires_in=timedelta(hours=3, minutes=1)))

    page = house.visitor("ana").get("/inbox").text

    assert "answer in 3 hours" in page
    assert "urgent" in page


def test_report_is_shown_without_scripts_and_only_by_its_name(house: Any) -> None:
    ana, stranger = house.visitor("ana"), house.visitor(None)
    reports = house.settings.home / "reports"
    reports.mkdir()
    name = "a" * 64
    (reports / f"{name}.html").write_text("<h1>Audience</h1><script>alert(1)</script>")
    (reports / f"{'b' * 64}.html").symlink_to(house.settings.home / "keys" / "door" / "private.pem")

    shown = ana.get(f"/report/{name}")

    assert (shown.status_code, "<h1>Audience</h1>" in shown.text) == (200, True)
    assert shown.headers["content-security-policy"].startswith("sandbox; default-src 'none'")
    assert stranger.get(f"/report/{name}").status_code == 303
    for other in ("b" * 64, "c" * 64, "..%2fkeys%2fdoor%2fprivate.pem", "private"):
        assert ana.get(f"/report/{other}").status_code in (400, 403, 404)


def test_proof_shows_where_the_link_leads_letter_by_letter(open_house: Any, sqlite_ledgers: Any) -> None:
    action = BRIEF.call_to_action.model_copy(update={"url": "https://br\u0430nd.example/fell"})
    scene = Scene(sqlite_ledgers, brief=BRIEF.model_copy(update={"call_to_action": action}))
    house = open_house(scene=scene)

    page = house.visitor("ana").get(f"/proof/{scene.review.id}").text

    assert "https://br\\u0430nd.example/fell" in page
    assert "https://xn--brnd-63d.example/fell" in page


def test_proof_lists_beside_each_text_what_was_let_pass_by_which_words(open_house: Any, sqlite_ledgers: Any) -> None:
    brief = BRIEF.model_copy(update={"offer": "The Fell jacket is here, with free shipping."})
    copy = draft(1, body="The Fell jacket, with free shipping. It keeps the rain out, and it is made for the hills.")
    scene = Scene(sqlite_ledgers, brief=brief, drafts=(draft(0), copy))
    house = open_house(scene=scene)

    page = house.visitor("ana").get(f"/proof/{scene.review.id}").text
    told = house.visitor("ana").get(f"/-/api/reviews/{scene.review.id}").json()

    assert "<q>free shipping</q> in the body, by the offer <q>The Fell jacket is here, with free shipping.</q>" in page
    passed = [
        {(one["rule"], one["text"], one["by"], one["words"]) for one in proposal["let_pass"]}
        for proposal in told["proposals"]
    ]
    assert [("claims.free-offers", "free shipping", "offer", brief.offer) in one for one in passed] == [
        False,
        True,
    ]


def test_a_claim_that_lets_words_pass_is_told_with_its_evidence(open_house: Any, sqlite_ledgers: Any) -> None:
    copy = draft(1, body="The Fell jacket is waterproof to 10,000 mm. It keeps the rain out, and it is made for hills.")
    house = open_house(scene=Scene(sqlite_ledgers, drafts=(copy,)))

    page = house.visitor("ana").get(f"/proof/{house.scene.review.id}").text

    assert "<q>Waterproof to 10,000 mm.</q>, evidence: Lab report 7, good until 2026-03-15" in page


def test_proof_shows_where_each_texts_own_button_leads(open_house: Any, sqlite_ledgers: Any) -> None:
    button = CallToAction(label="See it & wear it", url="https://br\u0430nd.example/fell")
    brief = BRIEF.model_copy(update={"call_to_action": CallToAction(label="See it", url="https://bränd.example/fell")})
    scene = Scene(
        sqlite_ledgers, brief=brief, drafts=(draft(0), draft(1).model_copy(update={"call_to_action": button}))
    )
    house = open_house(scene=scene)

    page = house.visitor("ana").get(f"/proof/{scene.review.id}").text
    told = house.visitor("ana").get(f"/-/api/reviews/{scene.review.id}").json()

    assert "See it &amp; wear it</strong>" in page
    assert "https://xn--brnd-63d.example/fell" in page
    assert "https://br\\xe4nd.example/fell, which is https://xn--brnd-moa.example/fell" in page
    assert [proposal["button"]["url"] for proposal in told["proposals"]] == [
        "https://brand.example/fell",
        "https://xn--brnd-63d.example/fell",
    ]


@pytest.mark.parametrize("what", ["inbox", "proof"])
def test_question_that_another_could_be_taken_for_says_so_before_anybody_answers(house: Any, what: str) -> None:
    fewer = house.scene.question.model_copy(update={"proposals": house.scene.question.proposals[:2]})
    with house.scene.ledgers.worker.write() as tx:
        open_review(tx, fewer, expires_at=tx.now + timedelta(days=7))

    page = house.visitor("ana").get("/inbox" if what == "inbox" else f"/proof/{house.scene.review.id}").text

    assert ("Nothing waits for you" if what == "inbox" else "could be taken for this one") in page


@pytest.mark.slow
def test_proof_names_what_the_project_weakened_of_rules_that_ship(open_house: Any, sqlite_ledgers: Any) -> None:
    scene = Scene(sqlite_ledgers, policies=lambda: overlaid(SOFTER))
    ana = open_house(scene=scene).visitor("ana")

    page, told = (ana.get(path + scene.review.id) for path in ("/proof/", "/-/api/reviews/"))

    assert "<strong>brand.no-shouting</strong>: level is review instead of block" in page.text
    assert "(brand: Our brand shouts now and then.)" in page.text
    shouting, off = told.json()["weakened"]
    assert shouting == {
        "rules": ["brand.no-shouting"],
        "said": "level is review instead of block",
        "owner": "brand",
        "why": "Our brand shouts now and then.",
    }
    (privacy,) = [pack for pack in overlaid(SOFTER).packs if pack.pack.pack == "privacy"]
    assert (off["rules"], off["said"], off["owner"]) == ([*privacy.ids], "is off, with its pack privacy", "press")


def test_proof_says_nothing_of_weaker_rules_where_none_is(house: Any) -> None:
    page, told = (house.visitor("ana").get(path + house.scene.review.id) for path in ("/proof/", "/-/api/reviews/"))

    assert "Weaker here than shipped" not in page.text
    assert told.json()["weakened"] == []


def test_many_drafts_have_two_views_each_beside_them_and_all_on_a_page(open_house: Any, sqlite_ledgers: Any) -> None:
    scene = Scene(sqlite_ledgers, drafts=tuple(draft(at) for at in range(6)))
    ana = open_house(scene=scene).visitor("ana")

    proof, all_of_them = (
        ana.get(f"/proof/{scene.review.id}").text,
        ana.get(f"/proof/{scene.review.id}/V06/preview").text,
    )

    views = ["phone", "desktop", "dark", "inverted", "text", "inbox"]
    assert re.findall(r"V06\?view=([a-z-]+)", proof) == ["phone", "dark"]
    assert re.findall(r"V06\?view=([a-z-]+)", all_of_them) == views
    for view in views:
        frame = ana.get(f"/proof/{scene.review.id}/V06?view={view}")
        assert frame.headers["content-security-policy"].startswith("sandbox; default-src 'none'")
        assert (frame.status_code, frame.headers["x-frame-options"]) == (200, "SAMEORIGIN")
    assert ana.get(f"/proof/{scene.review.id}/V06?view=../x").status_code == 404
