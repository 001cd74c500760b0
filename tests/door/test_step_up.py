"""Step-up at the door: what much depends on is not taken from an old cookie, and the page to mend that is no way in."""

from collections.abc import Callable
from typing import Any

import pyotp
import pytest

from presscheck.door.page import safe_next
from presscheck.ledger import EventKind
from presscheck.people.rights import Grant
from tests.desk.scene import BRIEF, RUN, Scene
from tests.door.house import House, Visitor
from tests.people.device import Device

_PASSWORD = "four unrelated odd words"


class _Nia:
    """A brand lead with a password, and a browser in which they signed in long ago."""

    def __init__(self, house: House) -> None:
        house.enrol("root", "administrator")
        grants = [Grant(role="brand_lead", markets="all")]
        invited: Any = house.accounts.invite(email="nia@brand.example", name="nia", grants=grants, by="P-root")
        other: Any = house.accounts.confirm(invited.proposal, by="P-ana")
        code = f"{invited.code} {other.code}"
        start: Any = house.accounts.begin(code)
        self.house, self.secret = house, start.secret
        self.id = house.accounts.enrol(code, start.sealed, password=_PASSWORD, code=self.code)
        assert isinstance(self.id, str), self.id
        self.browser = Visitor(house, self.id)
        house.scene.ledgers.clock.advance(minutes=11)

    @property
    def code(self) -> str:
        return pyotp.TOTP(self.secret).at(self.house.ledger.clock())

    def step_up(self, **instead: str) -> Any:
        form = {"csrf": self.browser.csrf, "next": "/inbox", "password": _PASSWORD, "code": self.code} | instead
        headers = {"content-type": "application/x-www-form-urlencoded"}
        return self.browser.ask("POST", "/step-up", data=form, headers=headers)

    def go_on(self, answer: Any) -> Visitor:
        """The browser with the cookie that came with an answer."""
        visitor = self.house.visitor(None)
        visitor.token = answer.headers["set-cookie"].partition("presscheck=")[2].partition(";")[0]
        visitor.csrf = visitor.get("/-/api/session").json()["csrf"]
        return visitor

    def approve(self, browser: Visitor) -> Any:
        return browser.post(f"/-/api/reviews/{self.house.scene.review.id}/decision", self.house.scene.raw())


@pytest.fixture
def weighty(sqlite_ledgers: Any, open_house: Callable[..., House]) -> House:
    """A house whose review spends so much that its tier is high."""
    return open_house(scene=Scene(sqlite_ledgers, brief=BRIEF.model_copy(update={"spend_dollars": 6000})))


def test_an_old_sign_in_does_not_answer_what_much_depends_on_and_a_fresh_proof_does(weighty: House) -> None:
    nia = _Nia(weighty)

    before = nia.approve(nia.browser)
    in_the_form = nia.browser.post(f"/api/flow_runs/{RUN}/resume", {"run_input": weighty.scene.raw()})
    fresh = nia.go_on(nia.step_up())
    after = nia.approve(fresh)

    assert (before.status_code, before.json()["code"]) == (409, "step-up")
    assert in_the_form.json()["status"] == "REJECT"
    assert "/step-up" in in_the_form.json()["details"]["reason"]
    assert after.status_code == 200, after.text


def test_the_proof_says_beforehand_that_it_will_be_asked(weighty: House) -> None:
    nia = _Nia(weighty)
    review = weighty.scene.review.id

    proof = nia.browser.get(f"/proof/{review}").text
    fresh = nia.go_on(nia.step_up())

    assert "prove anew that it is you" in proof
    assert "prove anew" not in fresh.get(f"/proof/{review}").text


def test_what_little_depends_on_is_answered_without(house: House) -> None:
    nia = _Nia(house)

    assert "prove anew" not in nia.browser.get(f"/proof/{house.scene.review.id}").text
    assert nia.approve(nia.browser).status_code == 200


def test_the_page_leads_on_to_where_it_was_asked_for(house: House) -> None:
    nia = _Nia(house)
    run = f"/v2/runs/flow-run/{RUN}"

    shown = nia.browser.get("/step-up", params={"next": run}).text
    answer = nia.step_up(next=run)

    assert f'name="next" value="{run}"' in shown
    assert (answer.status_code, answer.headers["location"]) == (303, run)
    assert "httponly" in answer.headers["set-cookie"].lower()
    assert nia.browser.get("/-/api/session").status_code == 401, "the old cookie ended"


def test_who_is_not_signed_in_is_led_to_sign_in_and_not_around(house: House) -> None:
    answer = house.visitor(None).get("/step-up", params={"next": "/people"})

    assert (answer.status_code, answer.headers["location"]) == (303, "/sign-in?next=/people")


@pytest.mark.parametrize(
    "following",
    [
        "https://evil.example",
        "//evil.example",
        "/\\evil.example",
        "/inbox\n",
        "/inbox?x=1",
        "/v2/../sign-out",
        "/v2/..",
        "javascript:alert(1)",
        "/step-up",
    ],
)
def test_next_is_no_springboard(still_house: House, following: str) -> None:
    page = still_house.visitor("ana").get("/step-up", params={"next": following}).text

    assert safe_next(following) == "/inbox"
    assert 'href="/inbox">Not now' in page


def test_a_form_from_elsewhere_makes_nothing_fresh(house: House) -> None:
    nia = _Nia(house)

    no_token = nia.step_up(csrf="")
    api = nia.browser.post(
        "/-/api/step-up", {"password": _PASSWORD, "code": nia.code}, headers={"x-presscheck-csrf": "x"}
    )
    elsewhere = nia.browser.post(
        "/-/api/step-up", {"password": _PASSWORD, "code": nia.code}, headers={"origin": "https://evil.example"}
    )

    assert [no_token.status_code, api.status_code, elsewhere.status_code] == [403, 403, 403]
    with house.ledger.read() as tx:
        assert tx.events(EventKind.SESSION_REFRESHED) == []


def test_wrong_tries_are_told_alike_and_end_the_session(house: House) -> None:
    nia = _Nia(house)

    tries = [nia.step_up(password="a guess"), nia.step_up(code="000000"), *(nia.step_up(code="1") for _ in range(3))]

    assert [answer.status_code for answer in tries] == [403, 403, 403, 403, 303]
    assert all("password or code is wrong" in answer.text for answer in tries[:4])
    assert tries[-1].headers["location"] == "/sign-in?next=/inbox"
    assert nia.browser.get("/-/api/session").status_code == 401


@pytest.mark.parametrize("body", [{}, {"password": 5, "code": "1"}, {"password": "x"}])
def test_an_answer_without_password_or_code_is_said_so(still_house: House, body: dict[str, Any]) -> None:
    answer = still_house.visitor("ana").post("/-/api/step-up", body)

    assert answer.status_code == 422


def test_a_passkey_steps_up_over_http_and_another_persons_does_not(house: House) -> None:
    nia = _Nia(house)
    origin = f"http://localhost:{house.port}"
    own, anas = Device(id=b"nia's"), Device(id=b"ana's")
    for visitor, device in ((nia.go_on(nia.step_up()), own), (house.visitor("ana"), anas)):
        begun = visitor.post("/-/api/passkeys/begin").json()
        made = {"sealed": begun["sealed"], "answer": device.made(begun["options"], origin=origin), "name": "key"}
        assert visitor.post("/-/api/passkeys", made).status_code == 201
    browser = Visitor(house, str(nia.id))
    house.scene.ledgers.clock.advance(minutes=11)

    def given(device: Device, where: str = origin) -> Any:
        begun = browser.post("/-/api/step-up/passkey/begin").json()
        answer = device.given(begun["options"], origin=where)
        sent = {"sealed": begun["sealed"], "answer": answer, "next": "/people"}
        return browser.post("/-/api/step-up/passkey", sent)

    refused = [given(anas), given(own, "https://presscheck.evil.example")]
    taken = given(own)

    assert [answer.status_code for answer in refused] == [403, 403]
    assert (taken.status_code, taken.json()["next"]) == (200, "/people")
    assert nia.go_on(taken).get("/-/api/session").json()["person"] == nia.id


def test_passkeys_are_removed_only_after_a_fresh_proof(house: House) -> None:
    ana = house.visitor("ana")
    device = Device()
    begun = ana.post("/-/api/passkeys/begin").json()
    made = {"sealed": begun["sealed"], "name": "key"}
    made["answer"] = device.made(begun["options"], origin=f"http://localhost:{house.port}")
    passkey = ana.post("/-/api/passkeys", made).json()["passkey"]
    house.scene.ledgers.clock.advance(minutes=11)

    headers = {"content-type": "application/x-www-form-urlencoded"}
    by_form = ana.ask("POST", "/passkeys/remove", data={"csrf": ana.csrf, "passkey": passkey}, headers=headers)
    by_api = ana.post(f"/-/api/passkeys/{passkey}/remove")

    assert (by_form.status_code, by_form.headers["location"]) == (303, "/step-up?next=/passkeys")
    assert by_api.json()["code"] == "step-up"
    assert len(ana.get("/-/api/passkeys").json()["passkeys"]) == 1
