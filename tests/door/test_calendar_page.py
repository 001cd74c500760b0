"""The calendar at the door and as a feed: what is when, what collides, and an address that opens titles and times."""

import re
from typing import Any

import httpx
import pytest

from presscheck.door.calendar_pages import Fetches
from presscheck.ledger import EventKind
from presscheck.people.rights import record_rights
from tests.desk.scene import BRIEF, Scene
from tests.door.house import DEPLOYMENT, PLAIN, House, Visitor

OTHER = "6f0c6a52-0000-4000-8000-000000000002"
SCHEDULED = "6f0c6a52-0000-4000-8000-0000000000aa"


@pytest.fixture(autouse=True)
def _planned(request: pytest.FixtureRequest) -> None:
    """Prefect plans one run for the next day."""
    for name in ("house", "still_house"):
        if name in request.fixturenames:
            plan(request.getfixturevalue(name))


def plan(house: House, **more: Any) -> None:
    run = {"id": SCHEDULED, "deployment_id": DEPLOYMENT, "expected_start_time": "2026-03-03T06:00:00Z", **more}
    house.upstream.answers["/api/flow_runs/filter"] = (200, [run])


def address(visitor: Visitor) -> str:
    page = visitor.ask("POST", "/calendar/address", data={"csrf": visitor.csrf}).text
    found = re.search(r"http://[^<]*/calendar/feed/[A-Za-z0-9_-]{43}\.ics", page)
    assert found is not None
    return found[0]


def fetch(url: str, **headers: str) -> httpx.Response:
    return httpx.get(url, headers=headers, verify=PLAIN, trust_env=False)


def unfolded(feed: httpx.Response) -> list[str]:
    return feed.text.replace("\r\n ", "").split("\r\n")


def test_the_month_says_what_waits_and_what_starts_and_goes_on(house: House) -> None:
    with house.scene.ledgers.worker.write() as tx:
        tx.append(
            EventKind.TIMER_SET,
            f"{OTHER}/wait/pilot",
            {"name": "pilot", "until": "2026-03-05T10:00:00Z", "place": 1},
            run=OTHER,
        )

    page = house.visitor("ana").get("/calendar?month=2026-03").text

    assert re.search(r"Answer by</span>\s*<span class=\"muted\">09:00 UTC", page)
    assert re.search(r"Last day of use</span>\s*<a [^>]*>Spring launch", page)
    assert re.search(r"Starts</span>\s*<span class=\"muted\">06:00 UTC</span> <a [^>]*>product-launch", page)
    assert "by wait pilot" in page


def test_what_went_out_and_what_is_on_its_way_stand_on_their_days(house: House) -> None:
    scene, ana = house.scene, house.visitor("ana")
    delivery = scene.request(scene.approve("ana", picks=["V01"]).manifest)
    between = ana.get("/calendar").text
    with scene.ledgers.press.write() as tx:
        tx.append(EventKind.DELIVERY_COMPLETED, delivery, {"sent": 7}, run=scene.run)

    page = ana.get("/calendar").text

    assert "On its way" in between
    assert "On its way</span>" not in page
    assert "7 messages sent." in page
    assert f'href="/history/{scene.review.id}"' in page


def test_a_delivery_that_a_worker_asks_for_without_an_answer_is_not_on_its_way(house: House) -> None:
    scene = house.scene
    scene.request(scene.question.manifest((scene.assets[0].digest,)))

    assert "On its way</span>" not in house.visitor("ana").get("/calendar").text


def test_two_questions_to_the_same_people_collide_with_their_number(open_house: Any, sqlite_ledgers: Any) -> None:
    Scene(sqlite_ledgers, recipients=4, run=OTHER)
    house = open_house(scene=Scene(sqlite_ledgers, people=False))
    plan(house)

    page = house.visitor("ana").get("/calendar").text

    assert "4 people get both" in page
    assert "2 messages of different runs" in page


def test_without_prefect_the_page_says_what_it_does_not_know_and_the_feed_lets_programs_keep_theirs(
    house: House,
) -> None:
    ana = house.visitor("ana")
    url = address(ana)
    house.upstream.answers["/api/flow_runs/filter"] = (503, None)

    page, feed = ana.get("/calendar"), fetch(url)

    assert page.status_code == 200
    assert "Prefect does not answer" in page.text
    assert feed.status_code == 503
    assert "VCALENDAR" not in feed.text


@pytest.mark.parametrize(
    "strange",
    [
        {"expected_start_time": "soon"},
        {"expected_start_time": None},
        {"id": "../x"},
        {"expected_start_time": "2026-03-03"},
    ],
)
def test_a_planned_run_that_cannot_be_read_is_left_out(house: House, strange: dict[str, Any]) -> None:
    plan(house, **strange)

    page = house.visitor("ana").get("/calendar")

    assert page.status_code == 200
    assert "Starts</span>" not in page.text


@pytest.mark.parametrize("month", ["2026-13", "x", "2026-3", "9" * 3000, "2099-12", "2000-01"])
def test_any_month_that_is_asked_for_is_a_page(still_house: House, month: str) -> None:
    assert still_house.visitor("ana").get(f"/calendar?month={month}").status_code == 200


# ---------------------------------------------------------------- the feed


def test_the_feed_holds_titles_times_and_links_and_no_text_and_no_name(house: House) -> None:
    feed = fetch(address(house.visitor("ana")))

    lines = unfolded(feed)
    assert feed.headers["content-type"] == "text/calendar; charset=utf-8"
    assert feed.headers["cache-control"] == "no-store"
    assert "set-cookie" not in feed.headers
    assert "SUMMARY:Your answer by: Spring launch" in lines
    assert "DTSTART:20260309T090000Z" in lines
    assert "DTSTART;VALUE=DATE:20260320" in lines
    assert f"URL:{house.settings.door_url}/proof/{house.scene.review.id}" in lines
    assert f"UID:starts-{SCHEDULED}@presscheck" in lines
    for secret in ("jacket", "draft", "brand.example", "ana", "example.com"):
        assert secret not in feed.text


def test_no_cookie_opens_it_and_none_is_needed(house: House) -> None:
    ana = house.visitor("ana")
    url = address(ana)
    wrong = url.replace(url[-20:-4], "A" * 16)

    assert fetch(url).status_code == 200
    assert fetch(wrong, cookie=f"presscheck={ana.token}").status_code == 404
    assert house.visitor(None).get("/calendar").status_code == 303


def test_taken_back_made_anew_and_left_it_opens_nothing(house: House) -> None:
    ana = house.visitor("ana")
    first = address(ana)
    second = address(ana)
    made_anew = (fetch(first).status_code, fetch(second).status_code)
    said = ana.ask("POST", "/calendar/end", data={"csrf": ana.csrf}).text
    third = address(ana)
    with house.ledger.write() as tx:
        record_rights(tx, EventKind.PERSON_REVOKED, "P-ana", (), email="ana@brand.example", name="ana", by="P-root")

    assert made_anew == (404, 200)
    assert "taken back" in said
    assert fetch(second).status_code == 404
    assert fetch(third).status_code == 404


def test_it_is_shown_once(house: House) -> None:
    ana = house.visitor("ana")
    url = address(ana)

    page = ana.get("/calendar")

    assert url.rpartition("/")[2] not in page.text
    assert "You have an address for calendar programs" in page.text


@pytest.mark.parametrize("way", ["address", "end"])
def test_a_form_that_is_not_from_here_makes_and_ends_nothing(house: House, way: str) -> None:
    ana = house.visitor("ana")
    url = address(ana)
    before = house.scene.kinds("calendar:")

    foreign = ana.ask("POST", f"/calendar/{way}", data={"csrf": "x"})
    other_origin = ana.ask(
        "POST", f"/calendar/{way}", data={"csrf": ana.csrf}, headers={"origin": "https://evil.example"}
    )
    stranger = house.visitor(None).ask("POST", f"/calendar/{way}", data={})

    assert (foreign.status_code, other_origin.status_code) == (403, 403)
    assert stranger.headers["location"] == "/sign-in?next=/calendar"
    assert house.scene.kinds("calendar:") == before
    assert fetch(url).status_code == 200
    assert ana.get(f"/calendar/{way}").status_code == 404


@pytest.mark.parametrize("method", ["POST", "PUT", "DELETE", "PATCH"])
def test_nothing_but_reading_is_done_with_an_address(house: House, method: str) -> None:
    url = address(house.visitor("ana"))

    answer = httpx.request(method, url, headers={"origin": house.url}, verify=PLAIN, trust_env=False)

    assert answer.status_code in (403, 404, 405)
    assert "VCALENDAR" not in answer.text
    assert fetch(url).status_code == 200


def test_whoever_guesses_is_slowed_down_and_whoever_knows_is_not(house: House) -> None:
    url = address(house.visitor("ana"))
    known = fetch(url).status_code
    base = f"{house.url}/calendar/feed/"

    guesses = [fetch(f"{base}{number:043d}.ics").status_code for number in range(Fetches.OF_WRONG + 3)]

    assert known == 200
    assert guesses == [404] * Fetches.OF_WRONG + [429] * 3
    assert fetch(url).status_code == 200


@pytest.mark.slow
def test_one_address_is_answered_so_often_and_then_put_off(house: House) -> None:
    url = address(house.visitor("ana"))

    statuses = [fetch(url).status_code for _ in range(Fetches.OF_ONE + 1)]

    assert statuses == [200] * Fetches.OF_ONE + [429]
    assert fetch(url).headers["retry-after"] == "600"


def test_hostile_titles_begin_no_line_of_their_own_and_no_markup(open_house: Any, sqlite_ledgers: Any) -> None:
    evil = "Sale <script>alert(1)</script>; BEGIN:VALARM, \\nATTACH:x"
    # Marks that nobody sees are refused in a brief; all that can be seen may stand there.
    house = open_house(scene=Scene(sqlite_ledgers, brief=BRIEF.model_copy(update={"title": evil})))
    plan(house)
    ana = house.visitor("ana")

    page, lines = ana.get("/calendar").text, unfolded(fetch(address(ana)))

    assert "<script>alert" not in page
    assert "&lt;script&gt;alert" in page
    assert "SUMMARY:Your answer by: Sale <script>alert(1)</script>\\; BEGIN:VALARM\\, \\\\nATTACH:x" in lines
    assert not [line for line in lines if line.startswith(("ATTACH", "BEGIN:VALARM"))]


def test_the_secret_stands_in_no_log_and_no_event(house: House, caplog: Any) -> None:
    url = address(house.visitor("ana"))
    secret = url.rpartition("/")[2].removesuffix(".ics")
    ana = house.visitor("ana")

    # As another host the guard turns it away, and takes that down.
    fetch(url, host="evil.example")
    fetch(url, host="evil.example", cookie=f"presscheck={ana.token}")
    fetch(url)

    assert secret not in caplog.text
    assert "(secret)" in caplog.text
    with house.ledger.read() as tx:
        bodies = [event.body for event in tx.events(EventKind.REQUEST_FORBIDDEN)]
    assert bodies
    assert not [body for body in bodies if secret in body]
