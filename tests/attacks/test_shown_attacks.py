"""Shown otherwise than signed: findings of older words, facts left out, words that become markup, names of nobody."""

import html
import re
from datetime import timedelta
from typing import Any

import pytest
from click.testing import CliRunner
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st
from markdown_it import MarkdownIt

from presscheck.cli import main
from presscheck.cli.signed_in import Session, save_session
from presscheck.desk.pausing import pause
from presscheck.figures.facts import gather
from presscheck.ledger import EventKind
from presscheck.ledger.reviews import open_review
from presscheck.models import Brief, Decision, Product
from tests.attacks.staged import SPENDING, Staged
from tests.attacks.test_grammar_attacks import MARKED
from tests.desk.scene import BRIEF, Ledgers, Scene, draft, shipped_policies
from tests.desk.test_briefing import FULL, PRODUCT
from tests.desk.test_endings import let_out
from tests.desk.test_spot_checks import RULE
from tests.door.conftest import _quick_argon2, _servers, open_house
from tests.door.house import House
from tests.press.stand import Stand

# The fixtures of the door's tests, which are found here by name.
__all__ = ["_quick_argon2", "_servers", "open_house"]

WITH = draft(0).body
WITHOUT = WITH.replace("and it keeps the rain out.", "and it is for wet days.")
YEARS = ("See you outside.", "It lasts ten years.")
REQUIRED, FIGURES = "brand.required-facts", "claims.figures-in-words"
SAID = {
    REQUIRED: "A key point that the brief marks as required",
    FIGURES: "A quantity in words that neither the brief nor the product states",
}
"""What a finding of each says: its rule's id stands elsewhere too, in the list of what was evaluated."""


def shown(house: House, person: str, monkeypatch: Any, tmp_path: Any) -> dict[str, str]:
    """What form, proof, API and command line tell somebody about the question."""
    visitor, review = house.visitor(person), house.scene.review.id
    session = Session(
        door=house.url,
        person=f"P-{person}",
        name=person,
        csrf=visitor.csrf,
        expires_at="2026-03-02T21:00:00.000000Z",
        cookies={"presscheck": visitor.token},
    )
    monkeypatch.setenv("PRESSCHECK_SESSION_FILE", str(tmp_path / "session.json"))
    save_session(session)
    told = CliRunner().invoke(
        main,
        ["review", review],
        env={"PRESSCHECK_DOOR_URL": house.url, "PRESSCHECK_HOME": str(house.settings.home)},
    )
    assert told.exit_code == 0, told.output
    with house.ledger.read() as tx:
        form = house.scene.desk.form(tx, house.scene.review).description
    return {
        "form": form,
        "proof": visitor.get(f"/proof/{review}").text,
        "api": visitor.get(f"/-/api/reviews/{review}").text,
        "command line": told.output,
    }


# ---------------------------------------------------------------- findings of what is signed


@pytest.mark.slow
@pytest.mark.parametrize(
    ("proposed", "edited", "comes", "goes"),
    [
        (WITH, WITHOUT, [REQUIRED], []),
        (WITHOUT, WITH, [], [REQUIRED]),
        (WITHOUT, WITH.replace(*YEARS), [FIGURES], [REQUIRED]),
        (WITH, WITHOUT.replace(*YEARS), [REQUIRED, FIGURES], []),
    ],
    ids=["an edit makes one", "an edit removes one", "one for another", "an edit makes two"],
)
def test_every_later_stage_sees_the_findings_of_the_words_that_it_signs(
    sqlite_ledgers: Ledgers,
    open_house: Any,
    monkeypatch: pytest.MonkeyPatch,
    tmp_path: Any,
    proposed: str,
    edited: str,
    comes: list[str],
    goes: list[str],
) -> None:
    staged = Staged(sqlite_ledgers, drafts=(draft(0, body=proposed),), worst_finding="review")
    house = open_house(scene=staged.scene)
    edit = {"pick": "V01", "field": "body", "text": edited}
    taken = staged.say("ana", picks=["V01"], edits=[edit])
    assert getattr(taken, "stage", "") == "brand", taken

    for person in ("rita", "dieter", "lea"):
        for place, text in shown(house, person, monkeypatch, tmp_path).items():
            said = text.replace("\\", "")
            assert [rule for rule in comes if SAID[rule] not in said] == [], (person, place)
            assert [rule for rule in goes if SAID[rule] in said] == [], (person, place)
        [choice] = house.visitor(person).get(f"/-/api/reviews/{staged.scene.review.id}").json()["proposals"]
        assert sorted({finding["rule"] for finding in choice["findings"]}) == sorted(comes)
        assert choice["copy"]["body"] == edited
        assert choice["proposed"] == staged.scene.assets[0].digest != choice["asset"]
        staged.yes(person)


@pytest.mark.slow
def test_a_text_that_nobody_edited_keeps_its_findings_at_every_stage(
    sqlite_ledgers: Ledgers, open_house: Any, monkeypatch: pytest.MonkeyPatch, tmp_path: Any
) -> None:
    staged = Staged(sqlite_ledgers, drafts=(draft(0), draft(1, body=WITHOUT)), worst_finding="review")
    house = open_house(scene=staged.scene)
    staged.say("ana", picks=["V02"])

    told = shown(house, "rita", monkeypatch, tmp_path)

    assert re.search(rf"V02 \*\*review\*\* .*\({REQUIRED}\)", told["form"].replace("\\", ""))


def test_what_let_a_rule_be_silent_about_an_edit_stands_in_the_later_form(sqlite_ledgers: Ledgers) -> None:
    brief = SPENDING.model_copy(update={"offer": "The Fell jacket is here, with free shipping."})
    staged = Staged(sqlite_ledgers, brief=brief)
    edit = {"pick": "V01", "field": "body", "text": WITH.replace("See you outside.", "Now with free shipping.")}
    staged.say("ana", picks=["V01"], edits=[edit])

    with sqlite_ledgers.door.read() as tx:
        text = staged.scene.desk.form(tx, staged.scene.review).description

    assert "V01 “free shipping”, by the offer “The Fell jacket is here, with free shipping.”" in text


# ---------------------------------------------------------------- hostile text stays text

HOSTILE_BRIEF = ("title", "offer", "persona", "key_points", "claims", "keywords", "call_to_action", "sender")
HOSTILE_PRODUCT = ("id", "name", "category", "brand", "description")
SEEN = st.text(st.characters(min_codepoint=33, max_codepoint=126), min_size=1, max_size=60)


def _brief(field: str, words: str) -> Brief:
    value: Any = words
    match field:
        case "key_points":
            value = (BRIEF.key_points[0].model_copy(update={"text": words}),)
        case "claims":
            value = (BRIEF.claims[0].model_copy(update={"text": words, "evidence": words}),)
        case "keywords":
            value = (words,)
        case "call_to_action":
            value = BRIEF.call_to_action.model_copy(update={"label": words})
        case "sender":
            value = BRIEF.sender.model_copy(update={"name": words, "postal_address": words})
        case _:
            pass
    return FULL.model_copy(update={field: value, "images": ()})


def _facts_as_shown(brief: Brief, product: Product | None) -> str:
    """The block of facts as Prefect's page renders it, with what it shows as text taken out."""
    from types import SimpleNamespace

    from presscheck.desk import form_lines

    situation: Any = SimpleNamespace(brief=brief, product=product)
    block = f"You approve beside the words: {' · '.join(form_lines._facts(situation))}"
    return MarkdownIt("gfm-like", {"linkify": False}).render(block)


def _assert_plain(rendered: str, words: str) -> None:
    assert not re.search(r"<(?!/?(?:p|strong)>)", rendered), rendered
    from presscheck.cleaning import shorten

    assert shorten(words, 200)[:40] in html.unescape(re.sub(r"</?(?:p|strong)>", "", rendered))


@pytest.mark.parametrize("words", MARKED)
@pytest.mark.parametrize("field", HOSTILE_BRIEF)
def test_a_fact_of_a_brief_is_no_markup_in_the_form(field: str, words: str) -> None:
    _assert_plain(_facts_as_shown(_brief(field, words), None), words)


@pytest.mark.parametrize("words", MARKED)
@pytest.mark.parametrize("field", HOSTILE_PRODUCT)
def test_a_fact_of_a_feed_is_no_markup_in_the_form(field: str, words: str) -> None:
    _assert_plain(_facts_as_shown(FULL, PRODUCT.model_copy(update={field: words})), words)


@settings(max_examples=60, deadline=None, suppress_health_check=[HealthCheck.function_scoped_fixture])
@given(field=st.sampled_from(HOSTILE_BRIEF), words=SEEN)
def test_whatever_a_fact_holds_is_no_markup_in_the_form(field: str, words: str) -> None:
    _assert_plain(_facts_as_shown(_brief(field, words), PRODUCT), words)


# What remark-gfm looks for in text that was read already (mdast-util-gfm-autolink-literal 2.0.1), as Prefect has it.
LINKED = re.compile(r"(?:https?://|www(?=\.))[-.\w]+|(?:^|(?<=[\s\W]))[-.\w+]+@[-\w]+(?:\.[-\w]+)+", re.IGNORECASE)
ADDRESSES = [
    "https://evil.example/pay", "HTTP://evil.example", "www.evil.example", "Www.evil.example", "a@evil.example",
    "see (https://evil.example) or pay@evil.example,www.evil.example", "https:// evil https://evil.example",
]  # fmt: skip


def _texts(markdown: str) -> list[str]:
    """The pieces of text that a page is left with, each by itself, once the Markdown is read."""
    found = MarkdownIt("gfm-like", {"linkify": False}).parse(markdown)
    return [one.content for token in found for one in token.children or () if one.type == "text"]


@pytest.mark.parametrize("words", ADDRESSES)
def test_an_address_in_a_form_is_text_also_for_a_page_that_links_whatever_looks_like_one(
    sqlite_ledgers: Ledgers, open_house: Any, words: str
) -> None:
    brief = FULL.model_copy(update={"title": words, "offer": words, "persona": words, "images": ()})
    scene = Scene(sqlite_ledgers, brief=brief, remark=words, product=PRODUCT.model_copy(update={"brand": words}))
    house = open_house(scene=scene)

    told = house.visitor("ana").get(f"/api/flow_runs/{scene.run}/input/suspended-copy-description").json()

    assert any(map(LINKED.search, _texts(told.replace("<!-- -->", ""))))
    assert [text for text in _texts(told) if LINKED.search(text)] == []
    shown = html.unescape(re.sub(r"<[^>]*>", "", MarkdownIt("gfm-like", {"linkify": False}).render(told)))
    assert shown.count(words) >= 5


def test_a_description_of_many_lines_adds_no_line_to_what_the_command_line_says(
    sqlite_ledgers: Ledgers, open_house: Any, monkeypatch: pytest.MonkeyPatch, tmp_path: Any
) -> None:
    hostile = "<b>Warm</b>\nYou may decide.\n<script>alert(1)</script>"
    product = PRODUCT.model_copy(update={"description": hostile})
    scene = Scene(sqlite_ledgers, brief=FULL.model_copy(update={"images": ()}), product=product)

    told = shown(open_house(scene=scene), "uma", monkeypatch, tmp_path)

    assert "Description: <b>Warm</b> You may decide. <script>alert(1)</script>" in told["command line"].splitlines()
    assert "You may decide." not in told["command line"].splitlines()
    assert "<script>alert" not in told["proof"]
    assert "&lt;script&gt;alert(1)&lt;/script&gt;" in told["proof"]


@pytest.mark.slow
def test_a_note_of_many_lines_adds_no_line_to_what_the_command_line_says(
    sqlite_ledgers: Ledgers, open_house: Any, monkeypatch: pytest.MonkeyPatch, tmp_path: Any
) -> None:
    scene = Scene(sqlite_ledgers)
    asked = scene.raw("Request changes", reason="voice", note="Warmer.\n\nYou may decide.", picks=[])
    assert isinstance(scene.desk.apply(scene.review.id, person="P-ana", raw=asked), Decision)
    house = open_house(scene=scene)
    first = shown(house, "uma", monkeypatch, tmp_path)["command line"].splitlines()
    again = scene.question.model_copy(update={"round": 2, "previous": scene.review.id})
    with sqlite_ledgers.worker.write() as tx:
        scene.review = open_review(tx, again, expires_at=tx.now + timedelta(days=7))

    second = shown(house, "uma", monkeypatch, tmp_path)["command line"].splitlines()

    assert any(line.endswith("“Warmer. You may decide.”") for line in first)
    assert "Since the last round: ana asked in round 1: “Warmer. You may decide.”" in second
    assert "You may decide.”" not in {*first, *second}


def test_an_edit_of_many_lines_adds_no_line_to_what_the_command_line_says(
    sqlite_ledgers: Ledgers, open_house: Any, monkeypatch: pytest.MonkeyPatch, tmp_path: Any
) -> None:
    scene = Scene(sqlite_ledgers)
    edit = {"pick": "V01", "field": "body", "text": f"{WITH}\n\nYou may decide."}
    approved = scene.raw(picks=["V01"], edits=[edit])
    assert isinstance(scene.desk.apply(scene.review.id, person="P-ana", raw=approved), Decision)

    told = shown(open_house(scene=scene), "uma", monkeypatch, tmp_path)["command line"].splitlines()

    assert any("the approver's edit, body:" in line and "You may decide." in line for line in told)
    assert not any(line.startswith(("You may decide", "{+")) for line in told)


@pytest.mark.parametrize("name", ["[pay](https://evil.example)", "![x](https://evil.example/x.png)", "<img src=x>"])
def test_a_campaign_by_a_hostile_name_that_is_paused_is_no_markup(
    sqlite_ledgers: Ledgers, open_house: Any, name: str
) -> None:
    scene = Scene(sqlite_ledgers, campaign=name)
    with sqlite_ledgers.door.write() as tx:
        pause(tx, shipped_policies, name.lower(), person="P-ana")
    house = open_house(scene=scene)

    with sqlite_ledgers.door.read() as tx:
        form = MarkdownIt("gfm-like", {"linkify": False}).render(scene.desk.form(tx, scene.review).description)
    pages = [house.visitor("ana").get(path).text for path in ("/inbox", f"/proof/{scene.review.id}")]

    assert "is paused" in form
    assert "https://evil" not in " ".join(re.findall(r"<[^>]*>", form + "".join(pages)))
    assert "<img src=x" not in form + "".join(pages)


# ---------------------------------------------------------------- who said what


@pytest.mark.slow
def test_of_what_a_rule_let_out_no_place_says_that_somebody_approved_it(
    sqlite_ledgers: Ledgers, open_house: Any, monkeypatch: pytest.MonkeyPatch, tmp_path: Any
) -> None:
    scene = let_out(sqlite_ledgers)
    house = open_house(scene=scene)
    stand = Stand(scene)
    with sqlite_ledgers.door.read() as tx:
        decision = scene.desk.outcome(tx, scene.review.id).decision
    assert decision is not None
    delivery = stand.request(decision)
    while stand.row(delivery).state != "done":
        stand.press.step()

    told = {key: text for key, text in shown(house, "ana", monkeypatch, tmp_path).items() if key != "form"}
    told["history"] = _history(house, scene.review.id)
    told["permit"] = _history(house, delivery)
    told["page of the delivery"] = (stand.outbox.folder / delivery / "index.html").read_text()
    told["a late answer"] = scene.answer("ana", "Reject", reason="voice").reason
    resumed = house.visitor("ana").post(f"/api/flow_runs/{scene.run}/resume", {"run_input": scene.raw()})
    told["a late answer in Prefect's form"] = resumed.text

    for place, text in told.items():
        plain = " ".join(html.unescape(re.sub(r"<[^>]*>", "", text)).split())
        assert re.search(rf"[Ll]et out by the rule {RULE}, and nobody looked at it", plain), place
        assert not re.search(r"[Aa]pproved by|mark (?:as .* )?approved", plain), place
        if place != "permit":
            assert "mark (marketing director) signed the rule on 02 Mar 2026, 09:00 UTC." in plain, place


def test_of_what_a_rule_let_out_the_figures_count_nobodys_answer(sqlite_ledgers: Ledgers) -> None:
    scene = let_out(sqlite_ledgers)

    with sqlite_ledgers.door.read() as tx:
        [run] = [one for one in gather(tx) if one.run == scene.run]

    assert run.answers == []
    assert len(run.approved) == 1


def _history(house: House, about: str) -> str:
    environment = {"PRESSCHECK_HOME": str(house.settings.home), "PRESSCHECK_PROJECT": str(house.settings.home)}
    told = CliRunner().invoke(main, ["history", about], env=environment)
    assert told.exit_code == 0, told.output
    return told.output


def test_a_signature_taken_back_afterwards_changes_nothing_of_who_said_what(sqlite_ledgers: Ledgers) -> None:
    from presscheck.desk.endings import ending_of
    from presscheck.desk.upkeep import Upkeep

    scene = let_out(sqlite_ledgers)
    Upkeep(scene.desk).revoke_rule(RULE, person="P-mark")

    with sqlite_ledgers.door.read() as tx:
        decision = scene.desk.outcome(tx, scene.review.id).decision
        assert decision is not None
        told = ending_of(tx, decision)
        assert len(tx.events(EventKind.RULE_REVOKED)) == 1

    assert "mark (marketing director) signed the rule" in told.more
