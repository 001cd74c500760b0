"""Our own pages: what was typed stays, whoever reads pages gets pages, and everybody can find their way in them."""

import re
from datetime import timedelta
from html.parser import HTMLParser
from typing import Any

import pytest

from presscheck.ledger.reviews import decision_of
from presscheck.people.sessions import find_session, open_session
from tests.desk.scene import RUN
from tests.desk.test_stages import Staged
from tests.door.house import House, Visitor
from tests.door.test_coming_in import Newcomer
from tests.door.test_quarantine import hold

BROWSER = {"accept": "text/html,application/xhtml+xml,application/xml;q=0.9,*/*;q=0.8"}
RESUME = f"/api/flow_runs/{RUN}/resume"


class Outline(HTMLParser):
    """A page's headings, landmarks and fields, as a screen reader would list them."""

    def __init__(self, text: str) -> None:
        super().__init__()
        self.lang, self.title, self._in_title = "", "", False
        self.headings: list[int] = []
        self.tags: list[str] = []
        self.fields: dict[str, str] = {}
        self.chosen: list[str] = []
        self.feed(text)

    def handle_starttag(self, tag: str, attrs: list[tuple[str, str | None]]) -> None:
        found = {name: value or "" for name, value in attrs}
        self.tags.append(tag)
        self._in_title = tag == "title"
        if tag == "html":
            self.lang = found.get("lang", "")
        if tag in ("h1", "h2", "h3", "h4", "h5", "h6"):
            self.headings.append(int(tag[1]))
        if tag == "input" and found.get("type") != "hidden" and found.get("value"):
            self.fields[found.get("name", "")] = found["value"]
        if tag == "option" and "selected" in found:
            self.chosen.append(found["value"])

    def handle_endtag(self, tag: str) -> None:
        self._in_title = self._in_title and tag != "title"

    def handle_data(self, data: str) -> None:
        self.title += data if self._in_title else ""


def sent(visitor: Visitor, path: str, **fields: str) -> Any:
    return visitor.ask("POST", path, data={"csrf": visitor.csrf, **fields}, headers=BROWSER)


def signed_in_before(house: House, name: str, minutes: int) -> Visitor:
    """Somebody who proved who they are so many minutes ago."""
    visitor = house.visitor(None)
    proved_at = house.ledger.clock() - timedelta(minutes=minutes)
    with house.ledger.write() as tx:
        visitor.token, _ = open_session(tx, f"P-{name}", hours=12, proved_at=proved_at)
    with house.ledger.read() as tx:
        session = find_session(tx, visitor.token)
    assert session is not None
    visitor.csrf = session.csrf
    return visitor


# ---------------------------------------------------------------- what was typed


NAMED = ("inbox", "done", "people", "policies", "library", "try", "quarantine", "passkeys")


@pytest.mark.parametrize("path", [f"/{name}" for name in NAMED])
def test_each_page_of_the_head_says_that_one_is_on_it(still_house: House, path: str) -> None:
    assert f'<a href="{path}" aria-current="page">' in still_house.visitor("ana").get(path).text


@pytest.mark.parametrize(
    ("path", "folded"), [("/inbox", True), ("/stopped", True), ("/library", False), ("/told", True)]
)
def test_what_one_needs_each_day_is_in_sight_and_the_rest_unfolds_where_one_is_on_it(
    still_house: House, path: str, folded: bool
) -> None:
    head = still_house.visitor("ana").get(path).text.split("<nav")[1].split("</nav>")[0]

    daily, rest = head.split("<details")
    assert re.findall(r">([A-Z][a-z]+)</a>", daily) == ["Inbox", "Done", "Stopped", "Calendar", "Figures"]
    assert (" open>" in rest) != folded
    assert rest.count("<a ") == 8
    assert head.count("aria-current") == (path != "/told")


def test_a_refused_sign_in_keeps_the_address_and_no_secret(house: House) -> None:
    newcomer = Newcomer(house)

    answer = newcomer.by_form(password="not my password at all", code="123 456", email='nia@brand.example"><b>')

    assert answer.status_code == 403
    assert Outline(answer.text).fields == {"email": 'nia@brand.example"><b>'}
    assert "not my password" not in answer.text
    assert "123 456" not in answer.text


def test_a_refused_enrolment_keeps_what_is_no_secret(still_house: House) -> None:
    typed = {"code": "no such code", "email": "first@brand.example", "name": "Fi Rst"}

    answer = sent(still_house.visitor(None), "/enrol", **typed)

    assert (answer.status_code, Outline(answer.text).fields) == (403, typed)


PROPOSED = {
    "email": "neu@brand.example",
    "name": "Neu <b>",
    "role": "legal",
    "begins": "2026-04-01",
    "ends": "2026-03-01",
}
LENT = {
    "to": "uma@brand.example",
    "role": "brand_lead",
    "begins": "2026-03-03",
    "ends": "2026-02-30",
    "markets": "US, XX",
    "gates": "copy",
}


@pytest.mark.parametrize(
    ("path", "typed"),
    [
        ("/people/propose", PROPOSED),
        ("/people/propose", {**PROPOSED, "ends": "2026-05-01", "markets": "US, UK"}),
        ("/people/propose", {**PROPOSED, "ends": "", "begins": "", "email": "not an address", "role": "engineer"}),
        ("/people/propose", {**PROPOSED, "ends": "2026-05-01", "name": "n" * 250}),
        ("/people/absent", {"until": "2026-02-29"}),
        ("/people/absent", {"until": "2020-01-01"}),
        ("/people/delegate", LENT),
        ("/people/delegate", {**LENT, "markets": "US", "ends": "soon"}),
        ("/people/delegate", {**LENT, "markets": "", "ends": "2026-03-09", "gates": "no-such-gate"}),
        ("/people/delegate", {**LENT, "markets": "", "ends": "2026-03-09", "to": "nobody@brand.example"}),
    ],
)
def test_a_refused_form_about_people_keeps_what_was_typed(house: House, path: str, typed: dict[str, str]) -> None:
    house.enrol("adam", "administrator")
    visitor = house.visitor("adam" if path == "/people/propose" else "ana")

    answer = sent(visitor, path, **typed)

    told = Outline(answer.text)
    assert answer.status_code == 409
    assert told.fields == {name: value for name, value in typed.items() if value and name != "role"}
    assert told.chosen == ([typed["role"]] if "role" in typed else [])
    assert ('<details open="">' in answer.text or "<details open>" in answer.text) == (path == "/people/delegate")


def test_a_form_that_was_accepted_is_empty_again(house: House) -> None:
    house.enrol("adam", "administrator")

    answer = sent(house.visitor("adam"), "/people/propose", **{**PROPOSED, "ends": ""})

    assert (answer.status_code, Outline(answer.text).fields) == (200, {})


def test_a_form_from_before_one_signed_in_anew_is_not_done_and_keeps_what_was_typed(house: House) -> None:
    house.enrol("adam", "administrator")
    adam = house.visitor("adam")

    answer = sent(adam, "/people/propose", **{**PROPOSED, "ends": "", "csrf": "of an earlier session"})

    assert answer.status_code == 403
    assert Outline(answer.text).fields["email"] == "neu@brand.example"
    assert "Nothing was done" in answer.text
    assert adam.csrf in answer.text
    assert "neu@brand.example" not in house.visitor("ana").get("/people").text


@pytest.mark.parametrize(
    ("path", "following"),
    [("/people/propose", "/people"), ("/policies/sign", "/policies"), ("/passkeys/remove", "/passkeys")],
)
def test_who_sends_a_form_after_the_session_ended_comes_back_to_its_page(
    still_house: House, path: str, following: str
) -> None:
    answer = sent(still_house.visitor(None), path)

    assert (answer.status_code, answer.headers["location"]) == (303, f"/sign-in?next={following}")


def test_a_name_that_is_too_long_is_told_with_its_length_and_the_limit(house: House) -> None:
    house.enrol("adam", "administrator")

    answer = sent(house.visitor("adam"), "/people/propose", **{**PROPOSED, "ends": "", "name": "n" * 1_234})

    assert "the name has 1,234 characters; at most 200 are taken" in answer.text


# ---------------------------------------------------------------- unknown addresses

UNKNOWN = [
    "/nowhere",
    "/inbox/",
    "/Inbox",
    "/inbox/more",
    "/people/nobody",
    "/sign-in/",
    "/static/nothing.css",
    "/v1",
    "/handbook/",
    "/sign-out",
    "/a?next=/inbox",
    "/policies/sign",
]


@pytest.mark.parametrize("person", [None, "ana"])
@pytest.mark.parametrize("path", UNKNOWN)
def test_an_unknown_address_is_a_page_with_a_way_back(still_house: House, path: str, person: str | None) -> None:
    answer = still_house.visitor(person).get(path, headers=BROWSER)

    told = Outline(answer.text)
    assert (answer.status_code, answer.headers["content-type"]) == (404, "text/html; charset=utf-8")
    assert (told.lang, told.title) == ("en", "There is nothing here · Presscheck")
    assert '<a href="/inbox">' in answer.text
    assert "style-src 'self'" in answer.headers["content-security-policy"]
    assert still_house.upstream.seen == []


@pytest.mark.parametrize("path", UNKNOWN)
def test_an_unknown_address_is_json_for_a_program(still_house: House, path: str) -> None:
    answer = still_house.visitor("ana").get(path)

    assert (answer.status_code, answer.json()["error"]) == (404, "there is nothing here")


@pytest.mark.parametrize("person", [None, "ana"])
@pytest.mark.parametrize(
    "path", ["/-/api/nowhere", "/-/nowhere", "/-/api/reviews/R-000000000000", "/api/nowhere", "/api/flows/nowhere"]
)
def test_an_api_answers_json_whatever_is_asked_for(still_house: House, path: str, person: str | None) -> None:
    answer = still_house.visitor(person).get(path, headers=BROWSER)

    assert answer.status_code in (401, 403, 404)
    assert isinstance(answer.json()["error"], str)


@pytest.mark.parametrize("path", ["/foo%20bar", "/%2e%2e/inbox", "/inbox//more", "/caf%C3%A9", "/inbox;x=1"])
def test_a_path_that_the_guard_refuses_is_a_page_too(still_house: House, path: str) -> None:
    answer = still_house.visitor("ana").get(path, headers=BROWSER)

    assert (answer.status_code, Outline(answer.text).title) == (
        400,
        answer.text.split("<title>")[1].split("</title>")[0],
    )
    assert "The path is malformed" in answer.text


def test_a_form_from_another_site_is_refused_with_a_page(still_house: House) -> None:
    headers = {**BROWSER, "origin": "https://evil.example"}

    answer = still_house.visitor("ana").ask("POST", "/people/absent", data={"until": ""}, headers=headers)

    assert (answer.status_code, answer.headers["content-type"]) == (403, "text/html; charset=utf-8")
    assert "The Origin header" not in Outline(answer.text).title
    assert "A change must come from the door" in answer.text


def test_what_came_in_an_address_is_text_on_the_page(still_house: House) -> None:
    answer = still_house.raw_request(
        f"GET /<script>alert(1)</script> HTTP/1.1\r\nHost: 127.0.0.1:{still_house.port}\r\nAccept: text/html\r\n"
        "Connection: close\r\n\r\n"
    )

    assert "400" in answer.splitlines()[0]
    assert "<script>" not in answer


def test_a_review_and_a_text_that_are_not_there_are_pages(still_house: House) -> None:
    ana, review = still_house.visitor("ana"), still_house.scene.review.id

    for path in ("/proof/R-000000000000", f"/proof/{review}/V99", f"/proof/{review}/picture/{'a' * 64}"):
        answer = ana.get(path, headers=BROWSER)
        assert (answer.status_code, Outline(answer.text).lang) == (404, "en"), path


# ---------------------------------------------------------------- finding one's way


@pytest.mark.slow
@pytest.mark.parametrize("person", [None, "ana", "adam"])
def test_every_page_has_language_title_one_main_part_and_headings_in_order(house: House, person: str | None) -> None:
    house.enrol("adam", "administrator")
    review = house.scene.review.id
    open_to_all = ["/sign-in", "/enrol", "/nowhere", "/unsubscribe"]
    hold(house)
    ours = [
        "/inbox",
        "/people",
        "/policies",
        "/library",
        "/passkeys",
        "/step-up",
        f"/proof/{review}",
        "/try",
        "/quarantine",
    ]
    ours.append("/handbook/index.html")
    visitor = house.visitor(person)

    for path in open_to_all if person is None else ours:
        told = Outline(visitor.get(path, headers=BROWSER).text)

        assert told.lang == "en", path
        assert told.title.strip(), path
        assert told.tags.count("main") == 1, path
        assert told.headings[:1] == [1], path
        assert told.headings.count(1) == 1, path
        steps = zip(told.headings, told.headings[1:], strict=False)
        assert [step for step in steps if step[1] > step[0] + 1] == [], path


# ---------------------------------------------------------------- the form beside the run


def test_links_in_prefects_page_open_beside_it(still_house: House) -> None:
    page = still_house.visitor("ana").get("/v2/page", headers={**BROWSER, "accept-encoding": "gzip, br"})

    assert page.text.startswith('<!DOCTYPE html>\n<html>\n  <head><base target="_blank">')
    assert len(page.content) == len(page.text)
    assert still_house.upstream.calls("GET", "/v2/page")[-1]["headers"]["accept-encoding"] == "identity"


def test_prefects_files_pass_as_they_are(still_house: House) -> None:
    asset = still_house.visitor("ana").get("/v2/assets/index.js", headers={"accept-encoding": "gzip"})

    assert asset.json() == {"passed": "/v2/assets/index.js"}
    assert still_house.upstream.calls("GET", "/v2/assets")[-1]["headers"]["accept-encoding"] == "gzip"


def test_the_form_asks_for_a_new_proof_only_where_the_old_one_is_stale(open_house: Any, sqlite_ledgers: Any) -> None:
    house = open_house(scene=Staged(sqlite_ledgers))
    described = f"/api/flow_runs/{RUN}/input/suspended-copy-1-description"

    told = {
        minutes: "prove anew" in signed_in_before(house, "ana", minutes).get(described).json()
        for minutes in (0, 9, 11, 300)
    }

    assert told == {0: False, 9: False, 11: True, 300: True}


# ---------------------------------------------------------------- after an answer


@pytest.mark.slow
def test_a_first_yes_of_several_says_who_is_still_asked(open_house: Any, sqlite_ledgers: Any) -> None:
    scene = Staged(sqlite_ledgers)
    house = open_house(scene=scene)

    def answer(person: str, **more: Any) -> dict[str, Any]:
        with scene.ledgers.door.read() as tx:
            key = scene.desk.form(tx, scene.review).key
        raw = {"form": key, "decision": "Approve", **more}
        return house.visitor(person).post(RESUME, {"run_input": raw}).json()

    first = answer("ana", picks=["V01"])
    second = answer("rita")
    third = answer("dora")
    last = answer("lex")

    waits = [(one["status"], one["details"].get("reason", "")) for one in (first, second, third)]
    told = "Your yes is on record, and the run waits for others."
    assert waits == [
        ("WAIT", f"{told} A regional reviewer may: rita and dora."),
        ("WAIT", f"{told} A regional reviewer may: dora."),
        ("WAIT", f"{told} A legal reviewer may: lex and both."),
    ]
    assert (last["status"], last["details"]) == ("ACCEPT", {"type": "accept_details"})
    with scene.ledgers.door.read() as tx:
        assert decision_of(tx, scene.review.id) is not None


def test_a_no_in_a_later_stage_is_the_end_and_nobody_is_waited_for(open_house: Any, sqlite_ledgers: Any) -> None:
    scene = Staged(sqlite_ledgers)
    house = open_house(scene=scene)
    scene.answer("ana")
    with scene.ledgers.door.read() as tx:
        key = scene.desk.form(tx, scene.review).key

    answer = house.visitor("rita").post(RESUME, {"run_input": {"form": key, "decision": "Reject", "reason": "voice"}})

    assert answer.json()["status"] == "ACCEPT"


def test_a_first_yes_where_nobody_could_give_the_next_says_so(open_house: Any, sqlite_ledgers: Any) -> None:
    scene = Staged(sqlite_ledgers)
    for person in ("rita", "dora"):
        scene.take_away(person)
    house = open_house(scene=scene)

    answer = house.visitor("ana").post(RESUME, {"run_input": scene.raw(picks=["V01"])}).json()

    assert answer["status"] == "WAIT"
    assert "there is nobody else with that right" in answer["details"]["reason"]
