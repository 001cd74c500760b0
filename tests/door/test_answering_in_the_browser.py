"""Answering on the proof in Chromium, with script switched off and then on: few actions, nothing lost, all in sight.

With PRESSCHECK_SHOTS=FOLDER it leaves its screenshots there.
"""

import os
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pytest
from playwright.sync_api import Browser, Page, expect, sync_playwright

from presscheck.ledger.assets import get_asset
from tests.desk.scene import Scene, draft

WORDS = ("Amber", "Birch", "Cedar", "Dune", "Ember", "Fern", "Grove", "Hazel", "Iris", "Juniper")
FIFTY = tuple(
    draft(0).model_copy(
        update={
            "subject": f"{WORDS[at // 10]} walks and {WORDS[at % 10].lower()} evenings",
            "body": draft(at % 10).body,
        }
    )
    for at in range(50)
)
UNLIKE = tuple(
    draft(0).model_copy(
        update={"subject": f"{word} walks", "body": f"{text} It keeps the rain out. {word} is the place."}
    )
    for word, text in zip(
        WORDS,
        (
            "The hood folds into the collar.",
            "Rain runs off, and you walk on.",
            "Two pockets hold map and gloves.",
            "Light enough to forget in your pack.",
            "Made for paths that end in mud.",
            "Sleeves that reach over cold hands.",
        ),
        strict=False,
    )
)
"""No two of them are the same text, of which a finding would tell."""
WITH_A_FINDING = draft(0).model_copy(update={"body": f"{draft(0).body}\n\nHurry, only three are left!"})


@pytest.fixture(scope="module")
def browser(chromium: str) -> Iterator[Browser]:
    with sync_playwright() as playwright:
        launched = playwright.chromium.launch(executable_path=chromium, args=["--no-sandbox", "--disable-gpu"])
        yield launched
        launched.close()


def signed_in(page: Page, house: Any, person: str) -> None:
    cookie = {"name": "presscheck", "value": house.visitor(person).token, "url": house.url, "sameSite": "Strict"}
    page.context.add_cookies([cookie])  # pyright: ignore[reportArgumentType]


def opened(browser: Browser, house: Any, *, width: int = 1280, scheme: Any = "light", script: bool = False) -> Page:
    page = browser.new_context(java_script_enabled=script, color_scheme=scheme).new_page()
    signed_in(page, house, "ana")
    page.set_viewport_size({"width": width, "height": 900})
    page.goto(f"{house.url}/proof/{house.scene.review.id}")
    return page


def shot(page: Page, name: str, *, whole: bool = False) -> None:
    if folder := os.environ.get("PRESSCHECK_SHOTS"):
        page.screenshot(path=Path(folder) / f"answering-{name}.png", full_page=whole)


class Hands:
    """Somebody at the page, whose every click and key stroke that is no text counts as an action."""

    def __init__(self, page: Page) -> None:
        self.page, self.actions = page, 0

    def click(self, role: Any, name: str) -> None:
        self.actions += 1
        self.page.get_by_role(role, name=name, exact=True).click()

    def type(self, label: str, text: str) -> None:
        """Into a field that is clicked first; the typing itself is not counted."""
        self.actions += 1
        self.page.get_by_label(label, exact=True).fill(text)


def answered(house: Any) -> Any:
    """What was decided, once nothing can be taken back any more."""
    house.let_it_count()
    with house.ledger.read() as tx:
        return house.scene.desk.outcome(tx, house.scene.review.id).decision


def test_one_approval_takes_three_actions_on_one_page(browser: Browser, open_house: Any, sqlite_ledgers: Any) -> None:
    house = open_house(scene=Scene(sqlite_ledgers, drafts=FIFTY))
    hands = Hands(opened(browser, house))

    hands.click("checkbox", "Pick V07")
    hands.click("radio", "Approve")
    hands.click("button", "Send my answer")
    hands.page.wait_for_url("**/inbox?after=*")

    assert hands.actions == 3
    assert answered(house).manifest.assets == (house.scene.assets[6].digest,)
    shot(hands.page, "after")
    hands.page.context.close()


def test_three_are_picked_and_a_subject_edited_in_eight_actions(
    browser: Browser, open_house: Any, sqlite_ledgers: Any
) -> None:
    house = open_house(scene=Scene(sqlite_ledgers, drafts=FIFTY))
    hands = Hands(opened(browser, house))

    hands.click("checkbox", "Pick V07")
    hands.click("checkbox", "Pick V21")
    hands.actions += 1
    hands.page.locator("#V40 .one > summary").click()
    hands.click("button", "Edit V40")
    hands.type("subject", "Evenings for walkers")
    shot(hands.page, "editing")
    hands.click("radio", "Approve")
    hands.click("button", "Send my answer")
    hands.page.wait_for_url("**/inbox?after=*")

    assert hands.actions <= 8
    with house.ledger.read() as tx:
        subjects = [get_asset(tx, digest).copy_text.subject for digest in answered(house).manifest.assets]
    assert subjects == [FIFTY[6].subject, FIFTY[20].subject, "Evenings for walkers"]
    hands.page.context.close()


def test_fifty_drafts_are_read_in_five_screens_and_the_answer_is_always_in_sight(
    browser: Browser, open_house: Any, sqlite_ledgers: Any
) -> None:
    house = open_house(scene=Scene(sqlite_ledgers, drafts=FIFTY))
    page = opened(browser, house)

    high = page.evaluate("document.documentElement.scrollHeight")
    button = page.get_by_role("button", name="Send my answer")
    size = len(page.content().encode())

    assert high <= 5 * 900
    assert size < 150_000
    assert button.bounding_box()["y"] < 900  # pyright: ignore[reportOptionalSubscript]
    shot(page, "fifty")
    page.context.close()


def test_a_filter_takes_lines_away_and_no_pick_with_them(
    browser: Browser, open_house: Any, sqlite_ledgers: Any
) -> None:
    house = open_house(scene=Scene(sqlite_ledgers, drafts=(*UNLIKE, WITH_A_FINDING)))
    page = opened(browser, house)

    page.get_by_label("Pick V02").check()
    page.get_by_label("with more than notes").check()
    found = [one for one in page.locator(".draft").all() if one.is_visible()]
    told = page.locator(".counted").evaluate("one => getComputedStyle(one, '::before').content")
    shot(page, "with-findings")
    page.get_by_label("picked", exact=True).check()
    only_picked = [one.get_attribute("id") for one in page.locator(".draft").all() if one.is_visible()]

    assert [one.get_attribute("id") for one in found] == ["V07"]
    assert "counter(picked)" in told
    assert only_picked == ["V02"]
    page.context.close()


@pytest.mark.parametrize("width", [320, 390, 1280, 1920])
def test_the_page_fits_every_width_and_nothing_of_it_leaves_the_machine(
    browser: Browser, open_house: Any, sqlite_ledgers: Any, width: int
) -> None:
    house = open_house(scene=Scene(sqlite_ledgers, drafts=FIFTY[:7]))
    page = opened(browser, house, width=width, scheme="dark" if width == 390 else "light")
    asked: list[str] = []
    page.on("request", lambda request: asked.append(request.url))

    page.locator("#V02 .one > summary").click()
    page.get_by_role("button", name="Edit V02").click()
    page.get_by_label("subject", exact=True).wait_for()
    page.get_by_role("radio", name="Request changes").check()

    assert page.evaluate("document.documentElement.scrollWidth") <= width
    assert page.locator("[name=note]").is_visible()
    assert asked
    assert all(one.startswith((house.url, "data:")) for one in asked)
    shot(page, f"width-{width}")
    page.context.close()


def test_it_is_answered_by_the_keyboard_alone(browser: Browser, open_house: Any, sqlite_ledgers: Any) -> None:
    house = open_house(scene=Scene(sqlite_ledgers))
    page = opened(browser, house)

    def tab_to(name: str) -> None:
        for _ in range(200):
            page.keyboard.press("Tab")
            held = page.evaluate("[document.activeElement.name, document.activeElement.value].join()")
            if held == name:
                return
        raise AssertionError(f"no Tab leads to {name}")

    tab_to("pick,V02")
    page.keyboard.press("Space")
    tab_to("decision,approve")
    page.keyboard.press("Space")
    tab_to("do,answer")
    page.keyboard.press("Enter")
    page.wait_for_url("**/inbox?after=*")

    assert answered(house).manifest.assets == (house.scene.assets[1].digest,)
    page.context.close()


def test_enter_in_a_line_of_text_decides_nothing(browser: Browser, open_house: Any, sqlite_ledgers: Any) -> None:
    house = open_house(scene=Scene(sqlite_ledgers))
    page = opened(browser, house)

    page.get_by_role("button", name="Edit V02").click()
    page.get_by_role("radio", name="Approve").check()
    page.get_by_label("subject", exact=True).fill("Evenings for walkers")
    page.keyboard.press("Enter")
    page.get_by_text("As it stands it would be accepted.").wait_for()

    assert answered(house) is None
    assert page.get_by_label("subject", exact=True).input_value() == "Evenings for walkers"
    assert page.url.endswith("#V02"), "whoever checks goes on where they type"
    shot(page, "checked")
    page.context.close()


def test_a_refusal_has_the_focus_and_the_filter_stays(browser: Browser, open_house: Any, sqlite_ledgers: Any) -> None:
    house = open_house(scene=Scene(sqlite_ledgers, drafts=FIFTY))
    page = opened(browser, house)

    page.get_by_label("Pick V02").check()
    page.get_by_label("picked", exact=True).check()
    page.get_by_role("radio", name="Reject").check()
    page.get_by_role("button", name="Send my answer").click()
    page.get_by_role("alert").wait_for()

    assert page.evaluate("document.activeElement.getAttribute('role')") == "alert"
    assert page.title().startswith("Not accepted: ")
    assert page.get_by_label("picked", exact=True).is_checked()
    page.context.close()


@pytest.mark.parametrize("height", [900, 360])
def test_what_has_the_focus_is_never_behind_the_bar(
    browser: Browser, open_house: Any, sqlite_ledgers: Any, height: int
) -> None:
    house = open_house(scene=Scene(sqlite_ledgers, drafts=FIFTY))
    page = opened(browser, house)
    page.set_viewport_size({"width": 1280, "height": height})
    covered: list[str] = []

    for _ in range(80):
        page.keyboard.press("Tab")
        covered += page.evaluate("""() => {
          const held = document.activeElement, bar = document.querySelector(".bar");
          const over = held.getBoundingClientRect().bottom - bar.getBoundingClientRect().top;
          return !bar.contains(held) && over > 1 ? [held.outerHTML.slice(0, 80)] : [];
        }""")

    assert covered == []
    page.context.close()


# ---------------------------------------------------------------- with our script


def test_one_approval_takes_three_keys(browser: Browser, open_house: Any, sqlite_ledgers: Any) -> None:
    house = open_house(scene=Scene(sqlite_ledgers, drafts=FIFTY))
    page = opened(browser, house, script=True)

    page.keyboard.press("j")
    for key in ("Space", "a", "Enter"):
        page.keyboard.press(key)
    page.wait_for_url("**/inbox?after=*")

    assert answered(house).manifest.assets == (house.scene.assets[0].digest,)
    page.context.close()


def test_the_next_question_is_answered_by_three_keys_where_the_hands_are(
    browser: Browser, open_house: Any, sqlite_ledgers: Any
) -> None:
    house = open_house(scene=Scene(sqlite_ledgers))
    other = Scene(sqlite_ledgers, run="6f0c6a52-0000-4000-8000-0000000000cc", people=False)
    page = opened(browser, house, script=True)

    for key in ("j", "Space", "a", "Enter"):
        page.keyboard.press(key)
    page.wait_for_url(f"**/proof/{other.review.id}?after=*")
    for key in ("Space", "a", "Enter"):
        page.keyboard.press(key)
    page.wait_for_url("**/inbox?after=*")
    house.let_it_count()

    with house.ledger.read() as tx:
        decided = other.desk.outcome(tx, other.review.id).decision
    assert decided is not None
    page.context.close()


@pytest.mark.parametrize("by", ["key", "mouse"])
def test_what_is_typed_after_edit_stands_in_the_text_and_decides_nothing(
    browser: Browser, open_house: Any, sqlite_ledgers: Any, by: str
) -> None:
    house = open_house(scene=Scene(sqlite_ledgers))
    page = opened(browser, house, script=True)

    if by == "key":
        page.keyboard.press("j")
        page.keyboard.press("e")
    else:
        page.get_by_role("button", name="Edit V01").click()
    subject = page.get_by_label("subject", exact=True)
    expect(subject).to_be_focused()
    expect(subject).to_have_attribute("name", "edit.V01.subject")
    before = subject.input_value()
    page.keyboard.press("End")
    page.keyboard.type("A mug, x-rated\n")
    page.get_by_role("status").first.wait_for(state="attached")
    subject.wait_for()

    assert subject.input_value() == f"{before}A mug, x-rated"
    assert answered(house) is None
    assert page.locator("[name=decision]:checked").count() == 0
    page.context.close()


def test_no_letter_decides_where_nobody_stands_at_a_draft(
    browser: Browser, open_house: Any, sqlite_ledgers: Any
) -> None:
    house = open_house(scene=Scene(sqlite_ledgers))
    page = opened(browser, house, script=True)

    page.get_by_label("Pick V01").check()
    page.evaluate("document.activeElement.blur()")
    page.keyboard.type("a mug for the road, x r a\n")

    assert page.locator("[name=decision]:checked").count() == 0
    assert answered(house) is None
    page.context.close()


def test_while_somebody_types_findings_stand_under_the_text_and_nothing_is_kept(
    browser: Browser, open_house: Any, sqlite_ledgers: Any
) -> None:
    house = open_house(scene=Scene(sqlite_ledgers, drafts=FIFTY))
    page = opened(browser, house, script=True)

    page.keyboard.press("j")
    page.keyboard.press("e")
    subject = page.get_by_label("subject")
    subject.wait_for()
    before = len(house.scene.kinds())
    subject.fill("Hurry, only three are left!")
    page.locator("#V01 .live li").first.wait_for()
    shot(page, "live")
    told = page.locator("#V01 .live").inner_text()
    refused = page.locator("#live").inner_text()
    subject.fill("Evenings for walkers")
    page.get_by_text("Nothing is found in it.").wait_for()

    assert "block" in told
    assert refused == "A yes would be refused: what stands under V01 is blocked."
    assert len(house.scene.kinds()) == before
    page.context.close()


def test_what_was_chosen_and_typed_is_in_another_tab_and_the_older_one_is_told(
    browser: Browser, open_house: Any, sqlite_ledgers: Any
) -> None:
    house = open_house(scene=Scene(sqlite_ledgers, drafts=FIFTY))
    page = opened(browser, house, script=True)

    page.get_by_label("Pick V07").check()
    page.locator("#V03 .one > summary").click()
    page.get_by_role("button", name="Edit V03").click()
    page.get_by_label("subject").fill("Evenings for walkers")
    page.get_by_role("radio", name="Request changes").check()
    # The check comes before it, and keeps nothing.
    with page.expect_response(lambda one: one.url.endswith("/begun") and "Warmer" in (one.request.post_data or "")):
        page.locator("[name=note]").fill("Warmer")
    other = page.context.new_page()
    other.goto(page.url.partition("#")[0])
    note, edited = other.locator("[name=note]").input_value(), other.get_by_label("subject").input_value()
    shot(other, "here-again")
    with other.expect_response("**/begun"):
        other.locator("[name=note]").fill("Warmer, and shorter")
    page.locator("[name=note]").fill("Colder")
    page.get_by_role("button", name="Keep what stands here instead").click()
    # Not wait_for_function: its second look is an eval, which the door's Content-Security-Policy refuses.
    expect(page.locator("#kept")).to_have_text("")
    page.goto(page.url.partition("#")[0])

    assert (note, edited) == ("Warmer", "Evenings for walkers")
    assert other.get_by_label("Pick V07").is_checked()
    assert "What you had begun" in page.locator(".again").inner_text()
    assert page.locator("[name=note]").input_value() == "Colder"
    page.get_by_role("button", name="Start afresh").click()
    page.wait_for_load_state()
    assert page.locator(".again").count() == 0
    assert page.locator("[name=note]").input_value() == ""
    page.context.close()


@pytest.mark.parametrize(("person", "then"), [("ana", "/inbox?after="), ("cleo", "/proof/")])
def test_who_proved_beside_the_page_who_they_are_sends_what_they_had_chosen(
    browser: Browser, open_house: Any, sqlite_ledgers: Any, person: str, then: str
) -> None:
    house = open_house(scene=Scene(sqlite_ledgers))
    page = opened(browser, house, script=True)

    page.get_by_label("Pick V02").check()
    page.get_by_role("radio", name="Approve").check()
    token = page.locator("#answer [name=csrf]").input_value()
    signed_in(page, house, person)
    with page.expect_response("**/-/api/session"):
        page.evaluate("document.dispatchEvent(new Event('visibilitychange'))")
    now = expect(page.locator("#answer [name=csrf]"))
    if person == "ana":
        now.not_to_have_value(token)
    else:
        now.to_have_value(token)
    page.get_by_role("button", name="Send my answer").click()
    page.wait_for_load_state()

    assert then in page.url
    assert (answered(house) is None) == (person == "cleo"), "nobody sends what somebody else has chosen"
    page.context.close()


def test_two_drafts_are_compared_by_a_key_and_what_is_folded_is_passed_by(
    browser: Browser, open_house: Any, sqlite_ledgers: Any
) -> None:
    alike = UNLIKE[0].model_copy(update={"body": UNLIKE[0].body.replace("is the place", "was the place")})
    house = open_house(scene=Scene(sqlite_ledgers, drafts=(*UNLIKE[:2], alike, *UNLIKE[2:6])))
    page = opened(browser, house, script=True)
    page.locator("#V01 .one > summary").focus()

    page.keyboard.press("=")
    page.get_by_text("V01 is held").wait_for()
    page.keyboard.press("j")
    held = page.evaluate("document.activeElement.closest('.draft').id")
    with page.context.expect_page() as opening:
        page.keyboard.press("=")
    beside = opening.value

    # V03 is almost V01, and lies folded between the two.
    assert held == "V02"
    beside.get_by_role("heading", name="V01 and V02 side by side").wait_for()
    assert beside.evaluate("document.documentElement.scrollWidth") <= 1280
    shot(beside, "beside", whole=True)
    page.get_by_text("V03 is almost V01").click()
    shot(page, "folded", whole=True)
    page.context.close()


def test_what_was_typed_before_the_script_ran_is_looked_at_too(
    browser: Browser, open_house: Any, sqlite_ledgers: Any
) -> None:
    house = open_house(scene=Scene(sqlite_ledgers))
    page = opened(browser, house, script=True)
    slow: list[Any] = []
    page.route("**/answering.js", lambda route: slow.append(route))

    page.get_by_role("button", name="Edit V01").click(no_wait_after=True)
    page.get_by_label("subject", exact=True).fill("Hurry, only three are left!")
    while not slow:
        page.wait_for_timeout(20)
    slow[0].continue_()
    page.locator("#V01 .live li").first.wait_for()

    assert page.locator("#V01 .live .review, #V01 .live .block").count() > 0
    page.context.close()


def test_no_key_does_anything_while_somebody_types_or_has_turned_them_off(
    browser: Browser, open_house: Any, sqlite_ledgers: Any
) -> None:
    house = open_house(scene=Scene(sqlite_ledgers))
    page = opened(browser, house, script=True)
    chosen = page.locator("[name=decision]:checked")

    page.get_by_role("radio", name="Reject").check()
    page.locator("[name=note]").press_sequentially("a bar of jax")
    typed = chosen.get_attribute("value")
    page.locator("#keys summary").click()
    page.get_by_label("Keys are on").uncheck()
    page.locator("#V02 .one > summary").focus()
    for _ in range(40):
        page.keyboard.press("a")

    assert (typed, chosen.get_attribute("value")) == ("reject", "reject")
    assert page.locator("[name=note]").input_value() == "a bar of jax"
    assert answered(house) is None
    page.context.close()
