"""Try a text: everybody signed in sees what the guardrails find in their words, and nothing of the words is kept."""

import logging
from typing import Any

import pytest
from playwright.sync_api import expect, sync_playwright

from presscheck.door.trying import A_MINUTE, MOST
from tests.door.house import House

PUSHY = "Hurry, only 2 left! It is the best jacket in the world."
HOSTILE = "שלום <script>alert(1)</script> {{ 7 * 7 }} Fr\u200bee \u202e <img src=x onerror=alert(1)>"

SEEN = """() => [...document.querySelectorAll("#try-shown *")]
  .map((one) => [one.tagName, one.className, one.dir, one.title, one.dataset.numbers,
    one.textContent.replace(/\\s+/g, "")])"""


def typed(visitor: Any, **form: str) -> Any:
    return visitor.ask("POST", "/try", data={"csrf": visitor.csrf, "body": "", **form})


def events(house: House) -> list[Any]:
    with house.ledger.read() as tx:
        return [*tx.events()]


def test_the_page_is_for_everybody_who_is_signed_in(still_house: House) -> None:
    for person in ("ana", "ben", "eva"):
        answer = still_house.visitor(person).get("/try")
        assert (answer.status_code, '<a href="/try" aria-current="page">Try a text</a>' in answer.text) == (200, True)
    strange = still_house.visitor(None)

    assert strange.get("/try").headers["location"] == "/sign-in?next=/try"
    assert typed(strange, body=PUSHY).headers["location"] == "/sign-in?next=/try"
    assert strange.post("/-/api/try", {"body": PUSHY}).status_code == 401


def test_without_a_script_the_form_comes_back_with_the_words_marked_and_what_to_write_instead(
    still_house: House,
) -> None:
    answer = typed(still_house.visitor(), subject="The best jacket", body=PUSHY, channel="email", markets="US, DE")

    assert answer.status_code == 200
    assert "A person would have to look at this: " in answer.text
    assert '<mark class="review" data-numbers="1" title="' in answer.text
    assert "(claims.superlatives)" in answer.text
    assert "(pressure.scarcity)" in answer.text
    assert "with evidence to the brief" in answer.text
    for kept in (f"{PUSHY}</textarea>", 'value="The best jacket"', '<option value="email" selected>', 'value="US, DE"'):
        assert kept in answer.text


def test_the_page_says_that_nothing_is_compared_with_a_brief(still_house: House) -> None:
    page = " ".join(still_house.visitor().get("/try").text.split())

    assert "There is no brief here, so claims, figures and links are not compared with one." in page


def test_what_to_write_instead_is_shown_where_it_leaves_the_text_no_worse(still_house: House) -> None:
    visitor = still_house.visitor()

    [one] = visitor.post("/-/api/try", {"body": "A tent for the the hills."}).json()["findings"]

    assert (one["rule"], one["replacement"], one["suggestion"]) == (
        "style.doubled-words",
        "the",
        "Write “the” instead.",
    )
    assert "Write “the” instead." in typed(visitor, body="A tent for the the hills.").text


def test_the_script_gets_the_same_as_plain_values(still_house: House) -> None:
    told = still_house.visitor().post("/-/api/try", {"body": PUSHY}).json()

    best = next(one for one in told["findings"] if one["rule"] == "claims.superlatives")
    assert (told["verdict"], best["level"], best["words"], best["part"]) == ("review", "review", "best", "Text")
    assert "".join(one["text"] for one in told["parts"][0]["words"]) == PUSHY
    assert {"text": "best", "level": "review"}.items() <= next(
        one for one in told["parts"][0]["words"] if one["text"] == "best"
    ).items()


def test_channel_and_markets_choose_the_rules(still_house: House) -> None:
    ana = still_house.visitor()

    def rules(**asked: str) -> set[str]:
        told = ana.post("/-/api/try", {"subject": "A jacket for the hills. " * 20, "body": "A free jacket.", **asked})
        return {one["rule"] for one in told.json()["findings"]}

    assert {"format.email-length"} & rules(channel="email") - rules()
    assert "claims.uk-free" in rules(markets="GB") - rules(markets="US")


@pytest.mark.parametrize(
    ("asked", "status", "told"),
    [
        ({"body": "a" * (MOST + 1)}, 413, "20,001 characters, and 20,000 are looked at at once"),
        ({"subject": "a", "body": "a" * MOST}, 413, "20,001 characters"),
        ({"body": PUSHY, "markets": "UK"}, 422, "did you mean GB?"),
        ({"body": PUSHY, "channel": "fax"}, 422, "The channel is one of email, sms"),
        ({"body": ["a"]}, 422, "are texts"),
    ],
)
def test_what_cannot_be_looked_at_is_told_in_a_sentence(still_house: House, asked: Any, status: int, told: str) -> None:
    answer = still_house.visitor().post("/-/api/try", asked)

    assert (answer.status_code, told in answer.json()["error"]) == (status, True)
    if isinstance(asked["body"], str):
        page = typed(still_house.visitor(), **asked)
        assert (page.status_code, told in page.text, f"{asked['body']}</textarea>" in page.text) == (status, True, True)


@pytest.mark.slow
def test_as_much_as_is_looked_at_at_once_is_looked_at(still_house: House) -> None:
    assert still_house.visitor().post("/-/api/try", {"body": "ünï " * (MOST // 4)}).status_code == 200


@pytest.mark.slow
def test_nobody_keeps_the_door_busy_and_others_have_their_own_turns(house: House) -> None:
    ana = house.visitor("ana")

    answers = [ana.post("/-/api/try", {}) for _ in range(A_MINUTE + 1)]

    assert {one.status_code for one in answers[:-1]} == {200}
    assert (answers[-1].status_code, answers[-1].json()["error"]) == (
        429,
        "You have looked at 240 texts within a minute; go on in a moment.",
    )
    assert house.visitor("cleo").post("/-/api/try", {}).status_code == 200


def test_a_write_without_the_sessions_token_is_refused_and_what_was_typed_stays(still_house: House) -> None:
    ana = still_house.visitor()

    form = typed(ana, csrf="of another session", body=PUSHY)
    script = ana.post("/-/api/try", {"body": PUSHY}, headers={"x-presscheck-csrf": ""})
    elsewhere = ana.post("/-/api/try", {"body": PUSHY}, headers={"origin": "https://evil.example"})

    assert (form.status_code, script.status_code, elsewhere.status_code) == (403, 403, 403)
    assert f"{PUSHY}</textarea>" in form.text
    assert "<mark" not in form.text


def test_hostile_words_are_shown_as_words_and_what_nobody_sees_is_seen(still_house: House) -> None:
    ana = still_house.visitor()
    told = ana.post("/-/api/try", {"body": HOSTILE}).json()
    page = typed(ana, body=HOSTILE).text
    shown = page.split('id="tried"')[1]

    assert told["verdict"] == "block"
    assert "U+200B (zero width space), which nobody sees" in told["hidden"][0]
    assert "U+200B (zero width space), which nobody sees" in shown
    assert page.count("<script") == 1
    assert "<img" not in page
    assert not {"\u200b", "\u202e"} & {*shown}
    assert '<div class="words" dir="auto">' in shown
    assert "[U+200B]" in shown


@pytest.mark.parametrize("text", ["\ud800", "\x00", "\r\n\r\n", "a\ud800" * 500, "\u0301" * 2000, "((((" * 2000])
def test_no_text_breaks_it(still_house: House, text: str) -> None:
    answer = still_house.visitor().ask(
        "POST",
        "/-/api/try",
        content=b'{"body": "' + "".join(f"\\u{ord(one):04x}" for one in text).encode() + b'"}',
        headers={"content-type": "application/json"},
    )

    assert answer.status_code == 200


def test_nothing_is_kept(house: House, caplog: pytest.LogCaptureFixture) -> None:
    caplog.set_level(logging.DEBUG)
    ana = house.visitor("ana")
    before = events(house)

    secret = "best quiddity 0x5eC12e7"
    answers = [
        typed(ana, subject=secret, body=f"{secret} <b>"),
        typed(ana, body=secret, markets="UK"),
        ana.post("/-/api/try", {"body": f"{secret} \ufffe", "channel": "sms"}),
        ana.post("/-/api/try", {"body": secret * 2_000}),
    ]

    assert events(house) == before
    assert "quiddity" not in caplog.text
    assert not [path for path in house.settings.home.rglob("*") if path.is_file() and b"quiddity" in path.read_bytes()]
    assert house.upstream.seen == []
    for answer in answers:
        assert answer.headers["cache-control"] == "no-store"
        assert "set-cookie" not in answer.headers


def test_the_page_runs_one_file_of_ours_and_nothing_else(still_house: House) -> None:
    answer = still_house.visitor().get("/try")

    policy = answer.headers["content-security-policy"]
    assert "default-src 'none'" in policy
    assert "script-src 'self'; connect-src 'self'; require-trusted-types-for 'script'" in policy
    assert "unsafe" not in policy
    assert [part.split('"')[0] for part in answer.text.split('<script src="')[1:]] == ["/static/try.js"]


def test_marks_appear_while_somebody_types(house: Any, chromium: str) -> None:
    faults: list[str] = []

    with sync_playwright() as playwright:
        browser = playwright.chromium.launch(executable_path=chromium, args=["--no-sandbox", "--disable-gpu"])
        context = browser.new_context(viewport={"width": 390, "height": 800})
        cookie = {"name": "presscheck", "value": house.visitor("ana").token, "url": house.url, "sameSite": "Strict"}
        context.add_cookies([cookie])  # pyright: ignore[reportArgumentType]
        page = context.new_page()
        page.on("console", lambda said: faults.append(said.text))
        page.on("pageerror", lambda error: faults.append(str(error)))
        page.goto(f"{house.url}/try")
        page.locator("textarea").press_sequentially("It is the best jacket.")
        expect(page.locator("mark")).to_have_text("best")
        page.locator("textarea").fill(HOSTILE)
        expect(page.locator("#try-said")).to_contain_text("This would be blocked")
        drawn, markup = page.evaluate(SEEN), page.locator("#try-shown").inner_html()
        wide = page.evaluate("document.documentElement.scrollWidth")
        page.locator("textarea").fill("a" * (MOST + 1))
        expect(page.locator("#try-fault")).to_contain_text("try a part of it")
        page.locator("textarea").fill("")
        expect(page.locator("#try-fault")).to_be_hidden()
        shown = page.locator("#try-shown").is_visible()
        context.clear_cookies()
        page.locator("textarea").fill("a jacket")
        expect(page.locator("#try-fault")).to_contain_text("Your session has ended.")
        context.add_cookies([cookie])  # pyright: ignore[reportArgumentType]
        page.locator("textarea").fill(HOSTILE)
        with page.expect_navigation():
            page.get_by_role("button", name="Check it").click()
        by_the_form = page.evaluate(SEEN)
        browser.close()

    assert ("<script" in markup, "<img" in markup, wide, shown) == (False, False, 390, False)
    assert drawn == by_the_form
    assert [fault for fault in faults if "413" not in fault and "401" not in fault] == []
