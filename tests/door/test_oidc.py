"""Signing in through a provider: a real provider process lets people in, and one that lies does not."""

import asyncio
import base64
import hmac
import json
import re
import socket
import subprocess
import sys
import time
from collections.abc import Iterator
from datetime import UTC, datetime
from typing import Any
from urllib.parse import parse_qs, urlsplit

import httpx
import pytest
from joserfc import jwt
from joserfc.jwk import OctKey, RSAKey
from starlette.responses import JSONResponse, PlainTextResponse, Response, StreamingResponse

from presscheck.ledger import EventKind
from presscheck.people.rights import rights_of
from tests.door.house import PLAIN, House, Serving, Switch
from tests.door.liar import Liar

SETTINGS = {"client_id": "presscheck", "label": "Brand ID", "groups": {"leads": ["brand_lead:US"], "it": ["engineer"]}}


class Browser:
    """A browser that follows by hand, so that a test can change what it carries."""

    def __init__(self, house: House) -> None:
        self.house = house
        alone = httpx.Limits(max_keepalive_connections=0)
        self.client = httpx.Client(verify=PLAIN, trust_env=False, follow_redirects=False, limits=alone)

    def set_out(self, following: str = "/inbox") -> dict[str, str]:
        """What the door sends to the provider."""
        answer = self.client.get(f"{self.house.url}/sign-in/oidc", params={"next": following})
        assert answer.status_code == 303, answer.text
        self.address = answer.headers["location"]
        return {key: values[0] for key, values in parse_qs(urlsplit(self.address).query).items()}

    def come_back(self, **query: str) -> httpx.Response:
        return self.client.get(f"{self.house.url}/sign-in/oidc/back", params=query)

    @property
    def person(self) -> str:
        """Who the door says is signed in; empty for nobody."""
        answer = self.client.get(f"{self.house.url}/-/api/session")
        return answer.json()["person"] if answer.status_code == 200 else ""


@pytest.fixture(scope="session")
def _provider() -> Iterator[str]:
    with socket.socket() as probe:
        probe.bind(("127.0.0.1", 0))
        port = probe.getsockname()[1]
    process = subprocess.Popen(
        [sys.executable, "-m", "oidc_provider_mock", "--host", "127.0.0.1", "--port", str(port)],
        stdout=subprocess.DEVNULL,
        stderr=subprocess.DEVNULL,
    )
    url = f"http://127.0.0.1:{port}"
    try:
        for _ in range(200):
            try:
                if httpx.get(f"{url}/.well-known/openid-configuration", verify=PLAIN, trust_env=False).is_success:
                    break
            except httpx.HTTPError:
                time.sleep(0.05)
        yield url
    finally:
        process.terminate()
        process.wait(timeout=10)


@pytest.fixture
def at_provider(open_house: Any, _provider: str) -> tuple[Browser, str]:
    """A browser before a door whose people may sign in at the real provider."""
    house = open_house(sign_in={"oidc": {**SETTINGS, "issuer": _provider}})
    secret = house.settings.secrets / "oidc"
    secret.parent.mkdir(mode=0o700)
    secret.touch(mode=0o600)
    secret.write_text("the client's secret\n")
    house.scene.ledgers.clock.now = datetime.now(UTC)
    return Browser(house), _provider


@pytest.fixture(scope="session")
def _liars() -> Iterator[tuple[Serving, Switch]]:
    switch = Switch()
    with Serving(switch) as serving:
        yield serving, switch


@pytest.fixture(scope="session")
def _liars_key() -> RSAKey:
    return RSAKey.generate_key(2048, parameters={"kid": "one"})


@pytest.fixture
def at_liar(open_house: Any, _liars: Any, _liars_key: RSAKey) -> tuple[Browser, Liar]:
    """A browser before a door whose provider does whatever a test wants."""
    serving, switch = _liars
    liar = Liar(f"http://127.0.0.1:{serving.port}", key=_liars_key)
    switch.app = liar.app()
    house = open_house(sign_in={"oidc": {**SETTINGS, "issuer": liar.url}})
    house.scene.ledgers.clock.now = datetime.fromtimestamp(liar.now, UTC)
    return Browser(house), liar


def _through(browser: Browser, provider: str, subject: str, **claims: Any) -> httpx.Response:
    """Sign in at the real provider and come back."""
    httpx.put(f"{provider}/users/{subject}", json=claims, verify=PLAIN, trust_env=False).raise_for_status()
    browser.set_out()
    answer = httpx.post(browser.address, data={"sub": subject}, verify=PLAIN, trust_env=False)
    assert answer.status_code == 302, answer.text
    back = urlsplit(answer.headers["location"])
    assert f"{back.scheme}://{back.netloc}{back.path}" == f"{browser.house.url}/sign-in/oidc/back"
    return browser.come_back(**{key: values[0] for key, values in parse_qs(back.query).items()})


def _provider_of(house: House) -> Any:
    """The door's own view of its provider, for a test that cannot wait as long as the door does."""
    ways = (getattr(getattr(route, "endpoint", None), "__self__", None) for route in house.app.routes)
    return next(way._provider for way in ways if hasattr(way, "_provider"))


def _lied_to(browser: Browser, liar: Liar) -> httpx.Response:
    asked = browser.set_out()
    liar.nonce = asked["nonce"]
    return browser.come_back(state=asked["state"], code="a-code")


# ---------------------------------------------------------------- the real provider


def test_the_provider_lets_an_enrolled_person_in(at_provider: tuple[Browser, str]) -> None:
    browser, provider = at_provider

    answer = _through(browser, provider, "sub-ana", email="ana@brand.example", email_verified=True)

    assert answer.status_code == 200
    assert 'content="0; url=/inbox"' in answer.text
    assert browser.person == "P-ana"


def test_nobody_is_let_in_who_was_not_invited(at_provider: tuple[Browser, str]) -> None:
    browser, provider = at_provider

    answer = _through(browser, provider, "sub-eve", email="eve@elsewhere.example", email_verified=True)

    assert answer.status_code == 403
    assert "nobody here was invited" in answer.text
    assert browser.person == ""


def test_an_address_that_the_provider_did_not_verify_opens_nothing(at_provider: tuple[Browser, str]) -> None:
    browser, provider = at_provider

    for verified in (False, "true", None):
        claims = {"email": "ana@brand.example", "email_verified": verified}
        answer = _through(browser, provider, f"sub-{verified}", **claims)
        assert (answer.status_code, browser.person) == (403, "")


def test_an_account_is_bound_to_the_subject_and_not_to_the_address(at_provider: tuple[Browser, str]) -> None:
    browser, provider = at_provider
    _through(browser, provider, "first-ana", email="ana@brand.example", email_verified=True)

    # The address was given to somebody else at the provider; and Ana's own account now has another one.
    other = _through(Browser(browser.house), provider, "second-ana", email="ana@brand.example", email_verified=True)
    moved = Browser(browser.house)
    _through(moved, provider, "first-ana", email="uma@brand.example", email_verified=True)

    assert other.status_code == 403
    assert moved.person == "P-ana"


def test_an_invitation_that_was_confirmed_is_taken_up_through_the_provider(at_provider: tuple[Browser, str]) -> None:
    browser, provider = at_provider
    house = browser.house
    house.enrol("root", "administrator")
    grants = [{"role": "legal", "markets": "all"}]
    body = {"email": "nia@brand.example", "name": "Nia", "grants": grants}
    invited = house.visitor("root").post("/-/api/people", body).json()
    early = _through(browser, provider, "sub-nia", email="nia@brand.example", email_verified=True)
    house.visitor("ana").post(f"/-/api/proposals/{invited['proposal']}/confirm")

    answer = _through(browser, provider, "sub-nia", email="nia@brand.example", email_verified=True)

    assert (early.status_code, answer.status_code) == (403, 200)
    with house.ledger.read() as tx:
        rights = rights_of(tx, invited["person"])
    assert browser.person == invited["person"]
    assert rights is not None
    assert rights.roles == ("legal",)


def test_groups_give_and_take_roles(at_provider: tuple[Browser, str]) -> None:
    browser, provider = at_provider
    house = browser.house
    house.enrol("root", "administrator")
    house.enrol("sid", "scheduler")
    email = {"email": "sid@brand.example", "email_verified": True}

    def roles() -> tuple[str, ...]:
        with house.ledger.read() as tx:
            rights = rights_of(tx, "P-sid")
        assert rights is not None
        return rights.roles

    _through(browser, provider, "sub-sid", **email, groups=["leads", "it", "others"])
    at_once = roles()
    [proposal] = house.visitor("root").get("/-/api/proposals").json()["proposals"]
    house.visitor("root").post(f"/-/api/proposals/{proposal['proposal']}/confirm")
    confirmed = roles()
    _through(browser, provider, "sub-sid", **email, groups=["it"])
    lost = roles()
    _through(browser, provider, "sub-sid", **email)

    assert at_once == ("engineer", "scheduler")
    assert (proposal["by_name"], proposal["email"]) == ("the provider's groups", "sid@brand.example")
    assert confirmed == ("brand_lead", "engineer", "scheduler")
    assert lost == ("engineer", "scheduler")
    assert roles() == ("scheduler",)


def test_a_group_that_was_lost_takes_its_open_proposal_along(at_provider: tuple[Browser, str]) -> None:
    browser, provider = at_provider
    house = browser.house
    house.enrol("root", "administrator")
    house.enrol("sid", "scheduler")
    email = {"email": "sid@brand.example", "email_verified": True}

    _through(browser, provider, "sub-sid", **email, groups=["leads"])
    _through(browser, provider, "sub-sid", **email, groups=["leads"])
    asked = house.visitor("root").get("/-/api/proposals").json()["proposals"]
    _through(browser, provider, "sub-sid", **email, groups=[])
    answer = house.visitor("root").post(f"/-/api/proposals/{asked[0]['proposal']}/confirm")

    assert len(asked) == 1
    assert answer.status_code == 404


# ---------------------------------------------------------------- a provider that lies


@pytest.mark.parametrize(
    "claims",
    [
        {"iss": "https://another.example"},
        {"aud": "another-program"},
        {"aud": ["presscheck", "another"]},
        {"aud": ["presscheck", "another"], "azp": "another"},
        {"azp": "another"},
        {"aud": None},
        {"exp": int(time.time()) - 120},
        {"exp": None},
        {"exp": "tomorrow"},
        {"exp": True},
        {"iat": int(time.time()) - 3600},
        {"iat": int(time.time()) + 3600},
        {"iat": None},
        {"nbf": int(time.time()) + 3600},
        {"nonce": "of another sign-in"},
        {"nonce": None},
        {"sub": ""},
        {"sub": 5},
        {"sub": "x" * 300},
        {"email_verified": False},
        {"email_verified": "true"},
        {"email": None},
        {"email": ["ana@brand.example"]},
    ],
)
def test_a_token_with_one_claim_wrong_lets_nobody_in(at_liar: tuple[Browser, Liar], claims: dict[str, Any]) -> None:
    browser, liar = at_liar
    liar.claims = claims

    answer = _lied_to(browser, liar)

    assert answer.status_code == 403
    assert "the provider&#39;s token cannot be used" in answer.text
    assert browser.person == ""


def _encoded(value: dict[str, Any]) -> str:
    return base64.urlsafe_b64encode(json.dumps(value).encode()).rstrip(b"=").decode()


def _unsigned(claims: dict[str, Any], _key: RSAKey) -> str:
    return f"{_encoded({'alg': 'none', 'kid': 'one'})}.{_encoded(claims)}."


def _shared(claims: dict[str, Any], key: RSAKey) -> str:
    # The provider's public key, which everybody has, taken for a shared secret.
    signed = f"{_encoded({'alg': 'HS256', 'kid': 'one'})}.{_encoded(claims)}"
    mac = hmac.digest(key.as_pem(private=False), signed.encode(), "sha256")
    return f"{signed}.{base64.urlsafe_b64encode(mac).rstrip(b'=').decode()}"


def _by_another(claims: dict[str, Any], _key: RSAKey) -> str:
    return jwt.encode({"alg": "RS256", "kid": "one"}, claims, RSAKey.generate_key(2048))


def _with_its_own_key(claims: dict[str, Any], _key: RSAKey) -> str:
    own = RSAKey.generate_key(2048)
    return jwt.encode({"alg": "RS256", "jwk": own.as_dict(private=False)}, claims, own)


def _nonsense(_claims: dict[str, Any], _key: RSAKey) -> str:
    return "..."


@pytest.mark.filterwarnings("ignore")
@pytest.mark.parametrize("sign", [_unsigned, _shared, _by_another, _with_its_own_key, _nonsense])
def test_a_token_that_no_key_of_the_provider_signed_lets_nobody_in(at_liar: tuple[Browser, Liar], sign: Any) -> None:
    browser, liar = at_liar
    liar.sign = sign

    answer = _lied_to(browser, liar)

    assert answer.status_code == 403
    assert "not signed by a key of the provider" in answer.text
    assert browser.person == ""


def test_a_sign_in_works_once(at_liar: tuple[Browser, Liar]) -> None:
    browser, liar = at_liar
    asked = browser.set_out()
    kept = dict(browser.client.cookies)
    liar.nonce = asked["nonce"]
    assert browser.come_back(state=asked["state"], code="a-code").status_code == 200
    thief = Browser(browser.house)
    thief.client.cookies.update({"presscheck-oidc": kept["presscheck-oidc"]})

    again = thief.come_back(state=asked["state"], code="a-code")

    assert again.status_code == 403
    assert "used before" in again.text
    assert thief.person == ""


def test_only_the_browser_that_set_out_comes_back(at_liar: tuple[Browser, Liar]) -> None:
    browser, liar = at_liar
    asked = browser.set_out()
    liar.nonce = asked["nonce"]

    other = Browser(browser.house).come_back(state=asked["state"], code="a-code")
    wrong_state = browser.come_back(state="another", code="a-code")

    assert (other.status_code, wrong_state.status_code) == (403, 403)
    assert liar.asked == []


def test_a_sign_in_ends_after_ten_minutes(at_liar: tuple[Browser, Liar]) -> None:
    browser, liar = at_liar
    asked = browser.set_out()
    liar.nonce = asked["nonce"]

    browser.house.scene.ledgers.clock.advance(minutes=10)

    assert browser.come_back(state=asked["state"], code="a-code").status_code == 403


def test_the_code_is_exchanged_with_the_verifier_and_the_exact_address(at_liar: tuple[Browser, Liar]) -> None:
    browser, liar = at_liar

    asked = browser.set_out()
    liar.nonce = asked["nonce"]
    browser.come_back(state=asked["state"], code="a-code")

    [exchange] = liar.asked
    assert asked["code_challenge_method"] == "S256"
    assert asked["redirect_uri"] == exchange["redirect_uri"] == f"{browser.house.url}/sign-in/oidc/back"
    assert len(exchange["code_verifier"]) >= 43
    assert exchange["code"] == "a-code"


@pytest.mark.slow
def test_keys_that_the_provider_changed_are_fetched_again(at_liar: tuple[Browser, Liar], monkeypatch: Any) -> None:
    browser, liar = at_liar
    monkeypatch.setattr(_provider_of(browser.house), "_again", 0.0)
    assert _lied_to(browser, liar).status_code == 200

    liar.key = RSAKey.generate_key(2048, parameters={"kid": "two"})

    assert _lied_to(browser, liar).status_code == 200


def test_a_shared_secret_among_the_keys_is_not_used(at_liar: tuple[Browser, Liar]) -> None:
    browser, liar = at_liar
    secret = OctKey.import_key(b"known to everybody, and long enough")
    listed = {**secret.as_dict(), "kid": "one"}
    liar.answers["/keys"] = JSONResponse({"keys": [listed]})
    liar.sign = lambda claims, _key: jwt.encode({"alg": "HS256", "kid": "one"}, claims, secret)

    answer = _lied_to(browser, liar)

    assert (answer.status_code, browser.person) == (403, "")


async def _drip() -> Any:
    while True:
        yield b" "
        await asyncio.sleep(0.05)


@pytest.mark.parametrize(
    ("path", "answer"),
    [
        ("/.well-known/openid-configuration", PlainTextResponse("away", 503)),
        ("/.well-known/openid-configuration", PlainTextResponse("<html>")),
        ("/.well-known/openid-configuration", JSONResponse([1])),
        ("/.well-known/openid-configuration", JSONResponse({"issuer": "https://another.example"})),
        ("/.well-known/openid-configuration", PlainTextResponse(" " * 300_000)),
    ],
)
def test_a_provider_that_is_away_or_another_one_is_said_so(
    at_liar: tuple[Browser, Liar], path: str, answer: Response
) -> None:
    browser, liar = at_liar
    liar.answers[path] = answer

    told = browser.client.get(f"{browser.house.url}/sign-in/oidc")

    assert told.status_code == 503
    assert "You are not signed in: the provider" in told.text


@pytest.mark.parametrize(
    "answer",
    [
        PlainTextResponse("away", 503),
        PlainTextResponse("<html>"),
        JSONResponse({"error": "invalid_grant"}, 400),
        JSONResponse({"access_token": "x", "token_type": "Bearer"}),
        JSONResponse([1]),
        JSONResponse({"access_token": "x", "token_type": "Bearer", "id_token": 5}),
    ],
)
def test_an_exchange_that_goes_wrong_is_said_so(at_liar: tuple[Browser, Liar], answer: Response) -> None:
    browser, liar = at_liar
    liar.answers["/token"] = answer

    told = _lied_to(browser, liar)

    assert told.status_code == 403
    assert "You are not signed in: the provider" in told.text


def test_a_provider_that_never_ends_its_answer_is_given_up(at_liar: tuple[Browser, Liar], monkeypatch: Any) -> None:
    browser, liar = at_liar
    liar.answers["/.well-known/openid-configuration"] = StreamingResponse(_drip())
    monkeypatch.setattr(_provider_of(browser.house), "_seconds", 0.5)

    began = time.monotonic()
    told = browser.client.get(f"{browser.house.url}/sign-in/oidc")

    assert told.status_code == 503
    assert time.monotonic() - began < 20


def test_nothing_of_a_token_is_logged_or_shown(at_liar: tuple[Browser, Liar], caplog: Any) -> None:
    browser, liar = at_liar
    liar.claims = {"email": "<b>ana@brand.example</b>", "email_verified": True}

    answer = _lied_to(browser, liar)

    assert "ana@brand" not in answer.text
    assert not re.search(r"eyJ|ana@brand|a-code", caplog.text)


def test_a_door_without_a_provider_has_no_such_way(still_house: Any) -> None:
    assert "/sign-in/oidc" not in still_house.visitor(None).get("/sign-in").text
    assert still_house.visitor(None).get("/sign-in/oidc").status_code in (303, 401, 404)


def test_the_sign_in_page_offers_every_way(at_liar: tuple[Browser, Liar]) -> None:
    browser, _liar = at_liar

    text = browser.client.get(f"{browser.house.url}/sign-in?next=/people").text

    assert "Sign in with Brand ID" in text
    assert 'href="/sign-in/oidc?next=/people"' in text
    assert "Sign in with a passkey" in text
    assert 'name="password"' in text


def test_events_of_a_sign_in_hold_no_personal_data(at_liar: tuple[Browser, Liar]) -> None:
    browser, liar = at_liar
    liar.claims = {"sub": "subject-of-ana"}

    assert _lied_to(browser, liar).status_code == 200

    with browser.house.ledger.read() as tx:
        kinds = (EventKind.IDENTITY_BOUND, EventKind.CODE_SPENT, EventKind.SESSION_OPENED)
        everything = " ".join(event.subject + event.body for event in tx.events(*kinds))
    assert "ana@" not in everything
    assert "subject-of-ana" not in everything
    assert liar.url not in everything


# ---------------------------------------------------------------- proving it again


def _stepped_up(browser: Browser, liar: Liar, **claims: Any) -> httpx.Response:
    """Signed in for eleven minutes, go to the provider again and come back with these claims."""
    assert _lied_to(browser, liar).status_code == 200
    browser.house.scene.ledgers.clock.advance(minutes=11)
    liar.now += 660
    answer = browser.client.get(f"{browser.house.url}/step-up/oidc", params={"next": "/people"})
    asked = {key: values[0] for key, values in parse_qs(urlsplit(answer.headers["location"]).query).items()}
    assert (asked["prompt"], asked["max_age"]) == ("login", "0")
    liar.nonce, liar.claims = asked["nonce"], claims
    # A strict cookie does not come along from another site.
    browser.client.cookies.delete("presscheck")
    return browser.come_back(state=asked["state"], code="a-code")


def _is_fresh(browser: Browser) -> bool:
    answer = browser.client.get(f"{browser.house.url}/-/api/session")
    now = browser.house.scene.ledgers.clock().isoformat()
    return answer.status_code == 200 and answer.json()["fresh_until"] > now


def test_the_provider_asks_anew_and_the_session_goes_on_fresh(at_liar: tuple[Browser, Liar]) -> None:
    browser, liar = at_liar

    answer = _stepped_up(browser, liar, auth_time=int(liar.now) + 661)

    assert answer.status_code == 200, answer.text
    assert 'content="0; url=/people"' in answer.text
    assert (browser.person, _is_fresh(browser)) == ("P-ana", True)


@pytest.mark.parametrize("late", [None, 0, 599, "soon", True])
def test_a_provider_that_let_an_earlier_sign_in_through_proves_nothing(
    at_liar: tuple[Browser, Liar], late: Any
) -> None:
    browser, liar = at_liar
    proved = int(liar.now) + late if isinstance(late, int) and not isinstance(late, bool) else late

    answer = _stepped_up(browser, liar, auth_time=proved)

    assert answer.status_code == 403
    assert "the provider did not ask you who you are" in answer.text
    assert browser.person == "", "no new session came of it"


def test_somebody_else_at_the_provider_refreshes_nobody(at_liar: tuple[Browser, Liar]) -> None:
    browser, liar = at_liar

    answer = _stepped_up(browser, liar, auth_time=int(liar.now) + 661, sub="user-2")

    assert answer.status_code == 403
    assert "somebody else at the provider" in answer.text


def test_who_is_not_signed_in_proves_nothing_again(at_liar: tuple[Browser, Liar]) -> None:
    browser, _liar = at_liar

    answer = browser.client.get(f"{browser.house.url}/step-up/oidc")

    assert (answer.status_code, answer.headers["location"]) == (303, "/sign-in?next=/step-up/oidc")
