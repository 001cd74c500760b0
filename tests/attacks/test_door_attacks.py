"""A stranger at the door, and somebody signed in who says that they are somebody else. Nothing is decided."""

import re
from typing import Any

import pytest
from starlette.routing import Mount, Route

from presscheck.ledger import EventKind
from tests.door.conftest import _quick_argon2, _servers, _still_scene, house, open_house, still_house
from tests.door.house import House

# The fixtures of the door's tests, which are found here by name.
__all__ = ["_quick_argon2", "_servers", "_still_scene", "house", "open_house", "still_house"]

OPEN_TO_ALL = {
    ("GET", "/sign-in"),
    ("GET", "/enrol"),
    ("GET", "/sign-in/oidc"),
    ("GET", "/sign-in/oidc/back"),
    ("GET", "/-/api/health"),
    ("GET", "/ui-settings"),  # where Prefect's UI finds its API: no credential, nothing of a campaign
    ("POST", "/-/api/sign-in/passkey/begin"),
    ("GET", "/unsubscribe"),
    ("GET", "/unsubscribe/{token:path}"),
    ("POST", "/unsubscribe/{token:path}"),
}
"""All that a stranger gets an answer from; who signs in or enrols has to prove it, and gets 4xx without."""


@pytest.mark.slow
def test_every_route_of_the_door_turns_a_stranger_away(still_house: House) -> None:
    stranger = still_house.visitor(None)
    answered: dict[tuple[str, str], int] = {}

    for method, path in sorted(routes_of(still_house)):
        address = re.sub(r"\{[^}]*\}", "R-0123456789ab", path)
        answer = stranger.get(address) if method == "GET" else stranger.ask(method, address, json={})
        if answer.status_code < 300 and (method, path) not in OPEN_TO_ALL:
            answered[method, path] = answer.status_code
        elif 300 <= answer.status_code < 400:
            assert answer.headers["location"].startswith(("/sign-in", "/inbox")), (method, path)

    assert answered == {}
    assert {call["path"] for call in still_house.upstream.seen} <= {"/api/health"}


def test_who_approves_is_who_is_signed_in_whatever_the_form_says(house: House) -> None:
    review = house.scene.review.id
    form = {
        **house.scene.raw(),
        **dict.fromkeys(("person", "approver", "user", "email", "role", "acts_for"), "P-ana"),
    }
    claims = {"x-presscheck-person": "P-ana", "x-forwarded-user": "ana@brand.example", "authorization": "Basic YW5h"}

    spoofed = house.visitor("ben").post(f"/-/api/reviews/{review}/decision", form, headers=claims)
    honest = house.visitor("ben").post(f"/-/api/reviews/{review}/decision", house.scene.raw(), headers=claims)

    assert not (spoofed.status_code == 200 and spoofed.json()["accepted"])
    assert honest.json()["code"] == "own-brief"
    assert house.scene.kinds("decision:") == []
    assert {told["person"] for told in house.scene.refusals()} == {"P-ben"}


@pytest.mark.slow
@pytest.mark.parametrize("hostile", ["<img src=x onerror=alert(1)>", "{{ 7*7 }}{% for x in y %}", "=HYPERLINK(A1)"])
def test_hostile_text_in_any_field_of_the_form_stays_text_and_goes_nowhere(house: House, hostile: str) -> None:
    ana, review = house.visitor("ana"), house.scene.review
    path = f"/-/api/reviews/{review.id}/decision"
    for field in ("subject", "preheader", "body"):
        edit = {"pick": "V01", "field": field, "text": hostile}
        refused = ana.post(path, house.scene.raw(picks=["V01"], edits=[edit]))
        assert refused.json()["code"] in {"bad-form", "bad-edit", "guardrail"}, refused.text
    for field in ("form", "decision", "picks", "reason"):
        value: Any = [hostile] if field == "picks" else hostile
        assert ana.post(path, {**house.scene.raw(), field: value}).json()["accepted"] is False
    assert house.scene.kinds("decision:") == []

    taken = ana.post(path, house.scene.raw("Request changes", reason="voice", note=hostile))

    assert taken.json()["accepted"] is True
    with house.ledger.read() as tx:
        note = house.scene.desk.outcome(tx, review.id).note
        (decided,) = tx.events(EventKind.DECISION_CHANGES)
    assert note == hostile
    assert hostile not in str(decided.data)
    assert hostile not in str(house.upstream.seen)
    for page in (f"/proof/{review.id}", "/inbox"):
        shown = ana.get(page).text
        assert "<img src=x" not in shown
        assert "49{%" not in shown


def routes_of(house: House) -> set[tuple[str, str]]:
    """Every method and path that the door answers itself, and a sample of what it passes on."""
    found = {
        (method, route.path)
        for route in house.app.routes
        if isinstance(route, Route)
        for method in (route.methods or set()) - {"HEAD"}
        if route.path != "/{path:path}"
    }
    assert not any(isinstance(route, Mount) and route.path != "/static" for route in house.app.routes)
    passed_on = [("GET", "/api/flow_runs/1"), ("POST", "/api/flow_runs/filter"), ("POST", "/api/flow_runs/1/resume")]
    return found | {*passed_on, ("GET", "/v2/runs"), ("POST", "/api/flow_runs/1/set_state"), ("GET", "/docs")}
