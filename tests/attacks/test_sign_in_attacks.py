"""Attacks on signing in that go through door, people and ledger: over HTTP, against a real door."""

import re
from typing import Any

import pyotp
import pytest

from presscheck.ledger import EventKind
from presscheck.people.proposals import open_proposals
from presscheck.people.rights import Grant
from tests.door.conftest import _quick_argon2, _servers, house, open_house
from tests.door.house import House, Visitor
from tests.people.device import Device

# The fixtures of the door's tests, which are found here by name.
__all__ = ["_quick_argon2", "_servers", "house", "open_house"]

_AUTHOR = Grant(role="author", markets="all")


def _origin(house: House) -> str:
    return f"http://localhost:{house.port}"


def _added(house: House, who: Visitor, device: Device) -> Any:
    begun = who.post("/-/api/passkeys/begin").json()
    answer = device.made(begun["options"], origin=_origin(house))
    return who.post("/-/api/passkeys", {"sealed": begun["sealed"], "answer": answer, "name": "key"})


def _signed_in(house: House, device: Device, **how: Any) -> Any:
    stranger = house.visitor(None)
    begun = stranger.post("/-/api/sign-in/passkey/begin").json()
    answer = device.given(begun["options"], **({"origin": _origin(house)} | how))
    return stranger.post("/-/api/sign-in/passkey", {"sealed": begun["sealed"], "answer": answer, "next": "//evil"})


def _with_password(house: House, name: str) -> tuple[str, str, str]:
    """Somebody enrolled with a password: address, password and secret."""
    house.enrol("root", "administrator")
    invited = house.accounts.invite(email=f"{name}@brand.example", name=name, grants=[_AUTHOR], by="P-root")
    other = house.accounts.confirm(invited.proposal, by="P-ana")
    code = f"{invited.code} {other.code}"
    start = house.accounts.begin(code)
    password = "four unrelated odd words"
    digits = pyotp.TOTP(start.secret).at(house.ledger.clock())
    assert isinstance(house.accounts.enrol(code, start.sealed, password=password, code=digits), str)
    house.scene.ledgers.clock.advance(seconds=60)
    return f"{name}@brand.example", password, start.secret


def test_a_passkey_signs_in_over_http_and_leads_to_our_own_pages_only(house: House) -> None:
    device = Device()
    assert _added(house, house.visitor("ana"), device).status_code == 201

    answer = _signed_in(house, device)

    assert (answer.status_code, answer.json()["person"], answer.json()["next"]) == (200, "P-ana", "/inbox")
    assert "httponly" in answer.headers["set-cookie"].lower()


def test_an_assertion_that_another_site_got_lets_nobody_in(house: House) -> None:
    device = Device()
    _added(house, house.visitor("ana"), device)

    answer = _signed_in(house, device, origin="https://presscheck.evil.example")

    assert answer.status_code == 403
    assert "set-cookie" not in answer.headers


def test_a_request_to_sign_in_that_comes_from_another_site_is_turned_away(house: House) -> None:
    answer = house.visitor(None).post(
        "/-/api/sign-in/passkey/begin", headers={"origin": "https://presscheck.evil.example"}
    )

    assert answer.status_code == 403


def test_a_passkey_is_added_by_the_session_that_asked_for_it_and_no_other(house: House) -> None:
    ana, ben, device = house.visitor("ana"), house.visitor("ben"), Device()
    begun = ana.post("/-/api/passkeys/begin").json()
    answer = device.made(begun["options"], origin=_origin(house))

    by_ben = ben.post("/-/api/passkeys", {"sealed": begun["sealed"], "answer": answer, "name": "key"})
    by_nobody = house.visitor(None).post("/-/api/passkeys", {"sealed": begun["sealed"], "answer": answer})

    assert (by_ben.status_code, by_nobody.status_code) == (403, 401)
    assert _signed_in(house, device).status_code == 403


@pytest.mark.parametrize("path", ["/-/api/passkeys/begin", "/-/api/passkeys", "/-/api/proposals/Q-0/confirm"])
def test_every_new_write_needs_the_sessions_token(house: House, path: str) -> None:
    answer = house.visitor("ana").post(path, {}, headers={"x-presscheck-csrf": house.visitor("ben").csrf})

    assert answer.status_code == 403
    assert "X-Presscheck-CSRF" in answer.json()["error"]


@pytest.mark.parametrize("path", ["/people/propose", "/people/confirm", "/people/decline", "/passkeys/remove"])
def test_every_new_form_needs_its_own_token(house: House, path: str) -> None:
    house.enrol("root", "administrator")

    answer = house.visitor("root").ask("POST", path, data={"csrf": "0" * 64, "email": "x@y.example", "name": "X"})

    assert answer.status_code == 403
    with house.ledger.read() as tx:
        assert open_proposals(tx) == []
        assert tx.events(EventKind.REQUEST_FORBIDDEN)


def test_two_people_enrol_a_third_on_the_page_and_neither_sees_the_whole_code(house: House) -> None:
    house.enrol("root", "administrator")
    root, ana = house.visitor("root"), house.visitor("ana")
    form = {"csrf": root.csrf, "email": "nia@brand.example", "name": "Nia <i>", "role": "legal", "markets": "us, de"}

    proposed = root.ask("POST", "/people/propose", data=form)
    waiting = ana.get("/people").text
    proposal = re.search(r'name="proposal" value="(Q-[0-9a-f]{12})"', waiting)
    assert proposal is not None
    confirmed = ana.ask("POST", "/people/confirm", data={"csrf": ana.csrf, "proposal": proposal[1]})

    halves = [re.search(r'fingerprint">([0-9A-Z-]+)<', page.text) for page in (proposed, confirmed)]
    assert halves[0] is not None
    assert halves[1] is not None
    assert "Nia &lt;i&gt;" in waiting
    assert halves[1][1] not in proposed.text + waiting
    assert halves[0][1] not in confirmed.text + waiting
    assert hasattr(house.accounts.begin(f"{halves[0][1]}{halves[1][1]}"), "secret")


@pytest.mark.parametrize("role", ["emperor", ""])
def test_a_role_that_is_none_is_said_on_the_page(house: House, role: str) -> None:
    house.enrol("root", "administrator")
    root = house.visitor("root")

    answer = root.ask("POST", "/people/propose", data={"csrf": root.csrf, "email": "a@b.example", "role": role})

    assert answer.status_code == 409
    assert "choose one of the roles" in answer.text


def test_who_neither_administers_nor_decides_sees_nobody(house: House) -> None:
    assert not {"ana", "cleo", "uma"} & set(re.findall(r"[a-z]+", house.visitor("eva").get("/people").text))
    assert house.visitor("eva").get("/-/api/proposals").status_code == 403


def test_a_stranger_cannot_lock_somebody_out_of_their_own_browser(house: House) -> None:
    email, password, secret = _with_password(house, "nia")

    def form(**instead: str) -> dict[str, str]:
        code = pyotp.TOTP(secret).at(house.ledger.clock())
        return {"email": email, "password": password, "code": code} | instead

    first = house.visitor(None).ask("POST", "/sign-in", data=form())
    mark = first.cookies["presscheck-browser"]
    house.scene.ledgers.clock.advance(seconds=60)
    for _ in range(5):
        house.visitor(None).ask("POST", "/sign-in", data=form(password="a guess of a stranger's"))

    elsewhere = house.visitor(None).ask("POST", "/sign-in", data=form())
    forged = house.visitor(None).ask("POST", "/sign-in", data=form(), headers={"cookie": "presscheck-browser=forged"})
    own = house.visitor(None).ask("POST", "/sign-in", data=form(), headers={"cookie": f"presscheck-browser={mark}"})

    assert (first.status_code, elsewhere.status_code, forged.status_code, own.status_code) == (303, 403, 403, 303)


def test_a_mark_gives_five_tries_and_no_more(house: House) -> None:
    email, password, secret = _with_password(house, "nia")
    mark = {"cookie": f"presscheck-browser={house.accounts.browser_mark(email)}"}
    wrong = {"email": email, "password": "a guess of a thief's", "code": "000000"}
    for _ in range(5):
        house.visitor(None).ask("POST", "/sign-in", data=wrong, headers=mark)

    code = pyotp.TOTP(secret).at(house.ledger.clock())
    right = {"email": email, "password": password, "code": code}

    assert house.visitor(None).ask("POST", "/sign-in", data=right, headers=mark).status_code == 403
    # Who has another browser, or none that was marked, is not kept out by it.
    assert house.visitor(None).ask("POST", "/sign-in", data=right).status_code == 303


@pytest.mark.parametrize("role", ["administrator", "brand_lead"])
def test_a_role_in_no_market_promotes_nobody_over_http(house: House, role: str) -> None:
    house.enrol("root", "administrator")
    house.enrol("nia", "author")

    answer = house.visitor("root").post("/-/api/people/P-nia/grants", {"grants": [{"role": role, "markets": []}]})

    assert answer.status_code == 422
    assert "no market" in answer.json()["error"]
    assert house.visitor("nia").get("/-/api/session").json()["roles"] == ["author"]
