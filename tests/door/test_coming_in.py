"""Coming in: sessions begin at sign-in with a fresh token in a cookie that scripts and other sites never see."""

import re
from typing import Any

import pyotp
import pytest
from starlette.responses import Response

from presscheck.models import Refused
from presscheck.people.accounts import first_code


class Newcomer:
    """Somebody who enrolled through the real accounts, with a password and an authenticator."""

    def __init__(self, house: Any) -> None:
        self.house = house
        self.email, self.password = "nia@brand.example", "four unrelated odd words"
        house.enrol("root", "administrator")
        grants = [{"role": "legal", "markets": "all"}]
        self.invitation = house.visitor("root").post(
            "/-/api/people", {"email": self.email, "name": "Nia", "grants": grants}
        )
        assert self.invitation.status_code == 201, self.invitation.text
        # The scene has brand leads, so a second person gives the other half of the code.
        proposal = self.invitation.json()["proposal"]
        other = house.visitor("ana").post(f"/-/api/proposals/{proposal}/confirm")
        assert other.status_code == 200, other.text
        whole = f"{self.invitation.json()['code']} {other.json()['code']}"
        accounts = house.accounts
        start = accounts.begin(whole)
        self.secret = start.secret
        person = accounts.enrol(whole, start.sealed, password=self.password, code=self.code)
        assert not isinstance(person, Refused), person
        house.scene.ledgers.clock.advance(seconds=60)

    @property
    def code(self) -> str:
        return pyotp.TOTP(self.secret).at(self.house.ledger.clock())

    def by_form(self, **instead: str) -> Any:
        given = {"email": self.email, "password": self.password, "code": self.code} | instead
        return self.house.visitor(None).ask("POST", "/sign-in", data=given)

    def by_api(self, **instead: str) -> Any:
        given = {"email": self.email, "password": self.password, "code": self.code} | instead
        return self.house.visitor(None).post("/-/api/sign-in", given)


def test_sign_in_page_lets_in_and_leads_on(house: Any) -> None:
    answer = Newcomer(house).by_form(next=f"/proof/{house.scene.review.id}")

    assert (answer.status_code, answer.headers["location"]) == (303, f"/proof/{house.scene.review.id}")
    cookie = answer.headers["set-cookie"].lower()
    assert cookie.startswith("presscheck=")
    assert "httponly" in cookie
    assert "samesite=strict" in cookie
    assert "path=/" in cookie


@pytest.mark.parametrize(
    "next_page",
    ["https://evil.example", "//evil.example", "/\\evil.example", "/proof/../../x", "javascript:alert(1)", ""],
)
def test_sign_in_leads_to_our_own_pages_only(house: Any, next_page: str) -> None:
    answer = Newcomer(house).by_form(next=next_page)

    assert answer.headers["location"] == "/inbox"


def test_token_that_a_client_brings_is_never_used_for_a_session(house: Any) -> None:
    newcomer = Newcomer(house)
    chosen = "token-chosen-by-an-attacker"

    answer = house.visitor(None).post(
        "/-/api/sign-in",
        {"email": newcomer.email, "password": newcomer.password, "code": newcomer.code},
        headers={"cookie": f"presscheck={chosen}"},
    )

    assert answer.status_code == 200
    assert chosen not in answer.headers["set-cookie"]
    assert house.visitor(None).get("/-/api/session", headers={"cookie": f"presscheck={chosen}"}).status_code == 401


def test_https_door_marks_its_cookie_for_this_host_and_tls_only(open_house: Any) -> None:
    house = open_house(door_url="https://door.example")
    headers = {"host": "door.example", "origin": "https://door.example"}
    answer = Response()

    house.app.state.door.let_in(answer, "token", house.ledger.clock())

    cookie = answer.headers["set-cookie"]
    assert cookie.startswith("__Host-presscheck=")
    assert "Secure" in cookie
    page = house.visitor(None).get("/sign-in", headers=headers)
    assert page.headers["strict-transport-security"] == "max-age=31536000"


def test_code_that_was_seen_is_of_no_use(house: Any) -> None:
    newcomer = Newcomer(house)
    code = newcomer.code
    assert newcomer.by_api(code=code).status_code == 200

    assert newcomer.by_api(code=code).status_code == 403
    assert newcomer.by_form(code=code).status_code == 403


def test_five_wrong_tries_lock_the_door_for_that_account(house: Any) -> None:
    newcomer = Newcomer(house)
    for _ in range(5):
        newcomer.by_form(password="something else entirely")

    assert newcomer.by_api().status_code == 403


def test_cookie_of_a_session_that_was_closed_is_of_no_use(house: Any) -> None:
    ana = house.visitor("ana")
    assert ana.post("/-/api/sign-out").status_code == 200

    assert ana.get("/-/api/session").status_code == 401
    assert ana.get("/inbox").headers["location"] == "/sign-in?next=/inbox"
    assert ana.post("/api/flow_runs/filter").status_code == 401


def test_signing_out_by_the_page_needs_its_own_form(house: Any) -> None:
    ana = house.visitor("ana")
    forged = ana.ask("POST", "/sign-out", data={"csrf": "0" * 64})
    still_in = ana.get("/-/api/session").status_code
    token = re.search(r'name="csrf" value="([0-9a-f]+)"', ana.get("/inbox").text)
    assert token is not None

    real = ana.ask("POST", "/sign-out", data={"csrf": token[1]})

    assert (forged.status_code, still_in) == (403, 200)
    assert real.headers["location"] == "/sign-in"
    assert ana.get("/-/api/session").status_code == 401


@pytest.mark.parametrize(
    ("path", "body"),
    [
        ("/-/api/sign-out", {}),
        ("/-/api/runs", {"campaign": "product-launch"}),
        ("/-/api/people", {"email": "x@example.com", "name": "X", "grants": []}),
        ("/-/api/people/P-ana/revoke", {}),
        ("/-/api/people/P-ana/grants", {"grants": []}),
        ("/-/api/reviews/R-000000000000/decision", {}),
    ],
)
def test_every_write_of_the_api_needs_the_sessions_token(house: Any, path: str, body: Any) -> None:
    eva = house.visitor("eva")

    without = eva.post(path, body, headers={"x-presscheck-csrf": ""})
    of_another = eva.post(path, body, headers={"x-presscheck-csrf": house.visitor("ana").csrf})

    assert (without.status_code, of_another.status_code) == (403, 403)
    assert house.upstream.seen == []


def test_first_administrator_enrols_by_the_page(house: Any, sqlite_ledgers: Any, monkeypatch: Any) -> None:
    from presscheck.people import enrolment

    # The scene's people are enrolled already; this house pretends to be new.
    monkeypatch.setattr(enrolment, "needs_first_person", lambda _tx: True)
    code = first_code(sqlite_ledgers.home)
    stranger = house.visitor(None)
    who = {"code": code, "email": "root@brand.example", "name": "Ruth <b>Root</b>"}

    first = stranger.ask("POST", "/enrol", data=who).text
    sealed = re.search(r'name="sealed" value="([^"]+)"', first)
    secret = re.search(r'class="key">([A-Z2-7]+)<', first)
    assert sealed is not None
    assert secret is not None
    digits = pyotp.TOTP(secret[1]).at(house.ledger.clock())
    second = stranger.ask(
        "POST",
        "/enrol",
        data={**who, "sealed": sealed[1], "password": "four odd words here", "again": "four odd words here"}
        | {"one_time_code": digits},
    )

    assert "<svg" in first
    assert "Ruth &lt;b&gt;Root&lt;/b&gt;" in first
    assert "You are enrolled" in second.text


def test_a_wrong_code_at_enrolling_comes_back_with_the_secret_that_the_phone_holds(
    house: Any, sqlite_ledgers: Any, monkeypatch: Any
) -> None:
    from presscheck.people import enrolment

    monkeypatch.setattr(enrolment, "needs_first_person", lambda _tx: True)
    stranger = house.visitor(None)
    form = {"code": first_code(sqlite_ledgers.home), "email": "root@brand.example", "name": "Ruth"}
    form |= {"password": "four odd words here", "again": "four odd words here", "one_time_code": "000000"}

    secrets: list[str] = []
    page = stranger.ask("POST", "/enrol", data={**form, "sealed": ""}).text
    for wrong in (
        {"one_time_code": "000000"},
        {"again": "five odd words here"},
        {"password": "short", "again": "short"},
    ):
        secrets += re.findall(r'class="key">([A-Z2-7]+)<', page)
        sealed = re.findall(r'name="sealed" value="([^"]+)"', page)[0]
        page = stranger.ask("POST", "/enrol", data={**form, **wrong, "sealed": sealed}).text
        assert "need not scan this again" in page
    sealed = re.findall(r'name="sealed" value="([^"]+)"', page)[0]
    digits = pyotp.TOTP(secrets[0]).at(house.ledger.clock())
    last = stranger.ask("POST", "/enrol", data={**form, "one_time_code": digits, "sealed": sealed})

    assert len(set(secrets)) == 1
    assert "You are enrolled" in last.text


def test_wrong_code_enrols_nobody(house: Any) -> None:
    answer = house.visitor(None).ask("POST", "/enrol", data={"code": "AAAA-BBBB-CCCC-DDDD-EEEE"})

    assert answer.status_code == 403
    assert "not valid" in answer.text


@pytest.mark.slow
def test_only_administrators_see_and_change_people(house: Any) -> None:
    house.enrol("root", "administrator")
    grants = {"grants": [{"role": "author", "markets": ["US"]}]}

    seen_by_eva = house.visitor("eva").get("/-/api/people")
    changed_by_eva = house.visitor("eva").post("/-/api/people/P-ana/grants", grants)
    seen_by_root = house.visitor("root").get("/-/api/people").json()["people"]
    changed = house.visitor("root").post("/-/api/people/P-ana/grants", grants)
    revoked = house.visitor("root").post("/-/api/people/P-uma/revoke")

    assert (seen_by_eva.status_code, changed_by_eva.status_code) == (403, 403)
    assert {person["name"] for person in seen_by_root} >= {"ana", "ben", "root"}
    assert (changed.status_code, revoked.status_code) == (200, 200)
    assert house.visitor("root").get("/-/api/people").json()["people"][0]["grants"] == grants["grants"]


def test_revoked_person_is_out_at_once(house: Any) -> None:
    house.enrol("root", "administrator")
    ana = house.visitor("ana")

    house.visitor("root").post("/-/api/people/P-ana/revoke")

    assert ana.get("/-/api/session").status_code == 401


def test_grants_that_are_none_are_told_with_their_place(house: Any) -> None:
    house.enrol("root", "administrator")
    body = {"email": "x@example.com", "name": "X", "grants": [{"role": "emperor", "markets": ["usa"]}]}

    answer = house.visitor("root").post("/-/api/people", body)

    assert answer.status_code == 422
    assert "grants.0.role" in answer.json()["error"]
