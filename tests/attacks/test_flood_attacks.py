"""Somebody signed in asks too much: of Prefect's server in one question, in many at once, and of the desk without end.

Nobody else waits for it, nobody else loses their word, and the ledger does not fill.
"""

import base64
import json
import time
from concurrent.futures import ThreadPoolExecutor
from threading import Event
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st
from websockets.exceptions import ConnectionClosed, InvalidStatus
from websockets.sync.client import connect

from presscheck.desk.refusals import KEPT, MOST
from presscheck.door import prefect_behind
from presscheck.door.bounds import token_fault, too_much
from presscheck.door.prefect_behind import AT_ONCE
from presscheck.ledger import EventKind
from presscheck.models import Decision, Refused
from tests.desk.conftest import scene
from tests.desk.scene import RUN, Scene
from tests.door.conftest import _quick_argon2, _servers, _still_scene, house, open_house, still_house
from tests.door.house import House

# The fixtures of the door's and the desk's tests, which are found here by name.
__all__ = ["_quick_argon2", "_servers", "_still_scene", "house", "open_house", "scene", "still_house"]


def _nested(depth: int, wrap: Any) -> Any:
    value: Any = {}
    for _ in range(depth):
        value = wrap(value)
    return value


# ---------------------------------------------------------------- one question


@pytest.mark.parametrize(
    ("path", "body"),
    [
        ("/api/events/filter", {"filter": {"event": {"prefix": [f"p{n}" for n in range(20_000)]}}}),
        ("/api/events/filter", {"filter": {"any_resource": [{"id_prefix": ["x"]} for _ in range(3_000)]}}),
        ("/api/events/count-by/time", {"filter": {"related": {"labels": {f"k{n}": ["v*"] for n in range(1_000)}}}}),
        ("/api/flow_runs/filter", {"flow_runs": {"tags": {"all_": [f"t{n}" for n in range(60_000)]}}}),
        ("/api/flow_runs/filter", {"flow_runs": {"name": {"like_": "%a" * 20_000}}}),
        ("/api/flow_runs/filter", {"flow_runs": {"%a" * 20_000: 1}}),
        ("/api/flow_runs/filter", {"offset": 10**30}),
        ("/api/flow_runs/paginate", {"page": -(10**18)}),
        ("/api/task_runs/filter", {"limit": 1e308}),
        ("/api/ui/flows/count-deployments", {"flow_ids": [RUN] * 25_000}),
        ("/api/logs/filter", {"logs": _nested(40, lambda inner: {"and_": inner})}),
        ("/api/artifacts/filter", {"artifacts": _nested(40, lambda inner: [inner])}),
        ("/api/deployments/filter", {"deployments": {"ignored": [[]] * 2_000}}),
    ],
)
def test_a_question_that_would_stop_prefects_server_does_not_reach_it(still_house: House, path: str, body: Any) -> None:
    answer = still_house.visitor("ana").post(path, body)

    assert answer.status_code == 403
    assert answer.json()["error"].startswith(
        ("a question to Prefect", "a text in a question", "a number in a question")
    )
    assert still_house.upstream.seen == []


def test_what_prefects_own_pages_ask_for_is_not_too_much() -> None:
    runs = {
        "flow_runs": {"id": {"any_": [RUN] * 200}},
        "sort": "EXPECTED_START_TIME_DESC",
        "limit": 200,
        "offset": 4_000,
    }

    assert too_much(runs) is None
    assert too_much({"flow_run_ids": [RUN] * 200}) is None


_LEAVES = st.none() | st.booleans() | st.integers() | st.text()


@pytest.mark.slow
@given(st.recursive(_LEAVES, lambda one: st.lists(one) | st.dictionaries(st.text(), one), max_leaves=60))
def test_whatever_passes_is_small_in_every_way(body: Any) -> None:
    if too_much(body) is None:
        written = json.dumps(body)

        assert len(written) < 500 * 6_100
        assert max((abs(int(part)) for part in _numbers(body)), default=0) < 2**31


def _numbers(value: Any) -> list[int]:
    if isinstance(value, dict):
        return [number for inner in value.values() for number in _numbers(inner)]
    if isinstance(value, list):
        return [number for inner in value for number in _numbers(inner)]
    return [value] if isinstance(value, int) else []


def _token(value: Any) -> str:
    return base64.b64encode(base64.b64encode(json.dumps(value).encode())).decode()


_PAGE = {"filter": {"occurred": {"since": "2026-01-01T00:00:00Z"}}, "count": 120, "page_size": 50, "offset": 50}


@pytest.mark.parametrize(
    "token",
    [
        "",
        "not base64",
        base64.b64encode(b"{}").decode(),
        _token([]),
        _token({}),
        _token({**_PAGE, "page_size": 1_000_000}),
        _token({**_PAGE, "page_size": -1}),
        _token({**_PAGE, "page_size": "50"}),
        _token({**_PAGE, "page_size": True}),
        _token({**_PAGE, "offset": 10**30}),
        _token({**_PAGE, "filter": {"event": {"prefix": ["p"] * 600}}}),
        _token(_PAGE) + "!",
    ],
)
def test_a_forged_token_of_a_next_page_does_not_reach_prefect(still_house: House, token: str) -> None:
    answer = still_house.visitor("ana").get("/api/events/filter/next", params={"page-token": token})

    assert answer.status_code == 400
    assert still_house.upstream.seen == []


def test_the_next_page_is_named_once_and_passes_as_prefect_named_it(still_house: House) -> None:
    visitor, token = still_house.visitor("ana"), _token(_PAGE)

    twice = visitor.get(f"/api/events/filter/next?page-token={token}&page-token={token}")
    once = visitor.get("/api/events/filter/next", params={"page-token": token})

    assert (twice.status_code, once.status_code) == (400, 200)
    assert token_fault(token) is None


# ---------------------------------------------------------------- many at once


def test_who_has_too_many_requests_under_way_is_told_so_and_others_go_on(
    open_house: Any, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(prefect_behind, "_PATIENCE", 0.2)
    house = open_house()
    ana, cleo = house.visitor("ana"), house.visitor("cleo")

    with ThreadPoolExecutor(AT_ONCE) as flood:
        slow = [flood.submit(ana.get, "/v2/slow", timeout=30) for _ in range(AT_ONCE)]
        time.sleep(1)
        others = cleo.post("/api/flow_runs/filter")
        one_more = ana.post("/api/flow_runs/filter")
        answered = [one.result().status_code for one in slow]

    assert (others.status_code, one_more.status_code) == (200, 503)
    assert "under way" in one_more.json()["error"]
    assert answered == [200] * AT_ONCE
    assert ana.post("/api/flow_runs/filter").status_code == 200


def _socket(house: House, person: str = "ana") -> Any:
    return connect(
        f"ws://127.0.0.1:{house.port}/api/events/out",
        origin=house.url,
        additional_headers={"cookie": f"presscheck={house.visitor(person).token}"},
        subprotocols=["prefect"],  # pyright: ignore[reportArgumentType]
        proxy=None,
    )


def test_who_has_too_many_sockets_open_gets_no_other_until_one_is_closed(open_house: Any) -> None:
    house = open_house()
    flood = [_socket(house) for _ in range(AT_ONCE)]

    with pytest.raises((InvalidStatus, ConnectionClosed)), _socket(house) as socket:
        socket.recv(timeout=5)
    with _socket(house, "cleo") as socket:
        socket.send(json.dumps({"type": "auth"}))
        others = json.loads(socket.recv(timeout=10))
    flood[0].close()
    with _socket_again(house) as socket:
        socket.send(json.dumps({"type": "auth"}))
        again = json.loads(socket.recv(timeout=10))
    for one in flood:
        one.close()

    assert others == again == {"type": "auth_success"}


def _socket_again(house: House) -> Any:
    """Another socket, as soon as the door has seen that one was closed."""
    until = time.monotonic() + 10
    while True:
        try:
            return _socket(house)
        except InvalidStatus:
            assert time.monotonic() < until, "a closed socket is counted for good"
            time.sleep(0.05)


def test_a_socket_takes_no_filter_that_is_too_much(still_house: House) -> None:
    wanted = {"type": "filter", "filter": {"event": {"prefix": [f"p{n}" for n in range(5_000)]}}}

    with _socket(still_house) as socket:
        socket.send(json.dumps({"type": "auth"}))
        socket.recv(timeout=10)
        socket.send(json.dumps(wanted))
        with pytest.raises(ConnectionClosed):
            socket.recv(timeout=10)

    assert still_house.upstream.socket_messages == []


# ---------------------------------------------------------------- answers without end


@pytest.mark.slow
def test_refused_answers_fill_no_ledger_and_take_nobody_elses_word(scene: Scene) -> None:
    before = len(scene.kinds())

    codes = [scene.answer("ben").code for _ in range(MOST + 40)]

    assert (codes[:MOST], set(codes[MOST:])) == (["own-brief"] * MOST, {"too-many-refused"})
    assert len(scene.kinds()) == before + KEPT
    assert isinstance(scene.answer("ana"), Decision)


@pytest.mark.slow
def test_who_was_refused_too_often_is_told_until_when_and_is_judged_again_then(scene: Scene) -> None:
    for _ in range(MOST):
        scene.answer("uma")

    tired = scene.answer("uma")
    scene.ledgers.clock.advance(minutes=16)
    again = scene.answer("uma")

    assert isinstance(tired, Refused)
    assert "answer again after 09:15 UTC" in tired.reason
    assert again.code != "too-many-refused"


@pytest.mark.slow
def test_a_form_that_cannot_be_read_counts_and_a_run_that_asks_nothing_is_not_on_record(house: House) -> None:
    uma, torn = house.visitor("uma"), {"run_input": {"note": {"__prefect_kind": "jinja", "template": "{{ 7 }}"}}}
    for number in range(5):
        uma.post(f"/api/flow_runs/00000000-0000-4000-8000-{number:012d}/resume", torn)
    nothing = house.scene.refusals()

    for _ in range(MOST):
        uma.post(f"/api/flow_runs/{RUN}/resume", torn)
    told = uma.post(f"/api/flow_runs/{RUN}/resume", torn).json()["details"]["reason"]
    ours = uma.post(f"/-/api/reviews/{house.scene.review.id}/decision", {"note": {"$ref": {}}}).json()

    assert nothing == []
    assert len(house.scene.refusals()) == KEPT
    assert "were refused within 15 minutes" in told
    assert ours["code"] == "too-many-refused"


def test_requests_that_are_refused_all_day_are_recorded_up_to_a_bound(
    still_house: House, monkeypatch: pytest.MonkeyPatch
) -> None:
    from presscheck.door import forbidden

    now = [0.0]
    monkeypatch.setattr(forbidden.time, "monotonic", lambda: now[0])
    book = forbidden.Forbidden(still_house.ledger)

    def recorded() -> int:
        now[0] += 4
        return int(book._within_limit("P-ana"))  # pyright: ignore[reportPrivateUsage]

    assert sum(recorded() for _ in range(20_000)) == 500
    now[0] += 86_400
    assert recorded() == 1


@pytest.mark.slow
def test_a_flood_of_answers_costs_the_ledger_nothing(scene: Scene) -> None:
    for _ in range(MOST):
        scene.answer("ben")
    with scene.ledgers.door.read() as tx:
        before = tx.tip().seq

    for _ in range(500):
        scene.answer("ben")

    with scene.ledgers.door.read() as tx:
        assert tx.tip().seq == before
        assert len(tx.events(EventKind.APPLICATION_REFUSED)) == KEPT


# ---------------------------------------------------------------- signing in


def test_a_crowd_that_signs_in_keeps_no_page_waiting_and_no_known_browser_out(
    open_house: Any, monkeypatch: pytest.MonkeyPatch
) -> None:
    house, turn = open_house(), Event()
    judged: list[str] = []

    def slow(email: str, *_given: str, **_more: str) -> Refused:
        judged.append(email)
        turn.wait(20)
        return Refused(reason="wrong", code="wrong")

    monkeypatch.setattr(house.accounts, "sign_in", slow)
    stranger, mark = house.visitor(None), house.accounts.browser_mark("ana@brand.example")

    def sign_in(email: str, cookie: str) -> int:
        form = {"email": email, "password": "a guess of somebody's", "code": "123456"}
        return stranger.ask("POST", "/sign-in", data=form, headers={"cookie": cookie}, timeout=30).status_code

    with ThreadPoolExecutor(60) as crowd:
        forged = [crowd.submit(sign_in, f"s{n}@else.example", f"presscheck-browser={mark}") for n in range(50)]
        until = time.monotonic() + 20
        while sum(one.done() for one in forged) < 42 and time.monotonic() < until:
            time.sleep(0.05)
        known = crowd.submit(sign_in, "ana@brand.example", f"presscheck-browser={mark}")
        page = stranger.get("/sign-in", timeout=10).status_code
        while "ana@brand.example" not in judged and time.monotonic() < until:
            time.sleep(0.05)
        turn.set()
        answers = sorted(one.result() for one in forged)

    assert (page, known.result()) == (200, 403)
    assert answers == [403] * 8 + [429] * 42
    assert len(judged) == 9
