"""The guard: requests that no honest client sends are turned away before anything looks at them."""

import re
from typing import Any

import pytest

from presscheck.door.guard import MOST_BYTES, allowed_origins
from presscheck.ledger import EventKind
from tests.desk.scene import RUN

FILTER = "/api/flow_runs/filter"


@pytest.mark.parametrize(
    "headers",
    [
        {"origin": ""},
        {"origin": "null"},
        {"origin": "https://evil.example"},
        {"origin": "http://127.0.0.1"},
        {"sec-fetch-site": "cross-site"},
        {"sec-fetch-site": "same-site"},
        {"sec-fetch-site": "none"},
    ],
)
@pytest.mark.parametrize("path", [f"/api/flow_runs/{RUN}/resume", FILTER, "/-/api/sign-out", "/sign-in"])
def test_write_from_elsewhere_is_refused(still_house: Any, path: str, headers: dict[str, str]) -> None:
    answer = still_house.visitor("ana").post(path, {"run_input": still_house.scene.raw()}, headers=headers)

    assert answer.status_code == 403
    assert still_house.upstream.seen == []
    assert still_house.scene.kinds("decision:") == []


def test_refused_write_of_somebody_signed_in_is_recorded_without_personal_data(house: Any) -> None:
    house.visitor("ana").post(FILTER, headers={"origin": "https://evil.example"})

    with house.ledger.read() as tx:
        events = tx.events(EventKind.REQUEST_FORBIDDEN)
    assert [(event.subject, event.data["path"]) for event in events] == [("P-ana", FILTER)]
    assert "evil" not in events[0].body


def test_knocking_of_strangers_is_not_recorded(house: Any) -> None:
    for _ in range(3):
        house.visitor(None).post(FILTER, headers={"origin": "https://evil.example"})

    assert house.scene.kinds("request:") == []


def test_nobody_floods_the_ledger_with_forbidden_requests(house: Any) -> None:
    visitor = house.visitor("ana")

    for _ in range(25):
        assert visitor.get("/api/block_documents/filter").status_code == 403

    assert len(house.scene.kinds("request:forbidden")) == 20


@pytest.mark.parametrize(
    "path",
    [
        f"/api/flow_runs/{RUN}%2fresume",
        f"/api/flow_runs/{RUN}/%2e%2e/filter",
        f"/api//flow_runs/{RUN}",
        f"/api/./flow_runs/{RUN}",
        f"/api/flows/../flow_runs/{RUN}",
        f"/api/flow_runs/{RUN};resume",
        f"/api/flow_runs/{RUN}\\resume",
        f"/api/flow_runs/{RUN}/r%C3%A9sume",
        f"/api/flow_runs/{RUN}\xff",
        "/v2/../api/admin/settings",
        "/v2/%2e%2e/api/admin/settings",
        "//127.0.0.1/api/flow_runs/filter",
        "http://127.0.0.1/api/admin/settings",
    ],
)
def test_path_that_two_programs_could_read_differently_is_refused(still_house: Any, path: str) -> None:
    visitor = still_house.visitor("ana")
    lines = [
        f"GET {path} HTTP/1.1",
        f"Host: 127.0.0.1:{still_house.port}",
        f"Cookie: presscheck={visitor.token}",
        "Connection: close",
    ]

    answer = still_house.raw_request("\r\n".join(lines) + "\r\n\r\n")

    assert answer.split()[1] in ("400", "403", "404")
    assert still_house.upstream.seen == []


@pytest.mark.parametrize(
    "extra",
    [
        "X-HTTP-Method-Override: DELETE",
        "X-Original-URL: /api/admin/settings",
        "Origin: https://evil.example",
        "Host: evil.example",
        "Cookie: presscheck=another",
        "Content-Length: 0",
    ],
)
def test_header_that_says_two_things_is_refused(still_house: Any, extra: str) -> None:
    visitor = still_house.visitor("ana")
    lines = [
        f"POST {FILTER} HTTP/1.1",
        f"Host: 127.0.0.1:{still_house.port}",
        f"Origin: {still_house.url}",
        f"Cookie: presscheck={visitor.token}",
        "Content-Type: application/json",
        "Content-Length: 2",
        "Connection: close",
        extra,
    ]

    answer = still_house.raw_request("\r\n".join(lines) + "\r\n\r\n{}")

    assert answer.split()[1] == "400"
    assert still_house.upstream.seen == []


def test_another_host_name_is_not_answered(still_house: Any) -> None:
    answer = still_house.raw_request("GET /sign-in HTTP/1.1\r\nHost: evil.example\r\nConnection: close\r\n\r\n")

    assert answer.split()[1] == "421"


@pytest.mark.parametrize("method", ["TRACE", "OPTIONS", "PURGE"])
def test_unusual_methods_are_refused(still_house: Any, method: str) -> None:
    assert still_house.visitor("ana").ask(method, "/inbox").status_code == 405


def test_body_ends_at_its_limit_even_where_it_does_not_say_its_length(still_house: Any) -> None:
    def pieces() -> Any:
        for _ in range(20):
            yield b" " * (MOST_BYTES // 10)

    visitor = still_house.visitor("ana")
    announced = visitor.ask("POST", FILTER, content=b" " * (MOST_BYTES + 1))
    chunked = visitor.ask("POST", FILTER, content=pieces(), headers={"content-type": "application/json"})

    assert (announced.status_code, chunked.status_code) == (413, 413)
    assert still_house.upstream.seen == []


@pytest.mark.parametrize("kind", ["text/plain", "application/x-www-form-urlencoded", "multipart/form-data", ""])
def test_body_that_a_foreign_form_could_send_is_refused(still_house: Any, kind: str) -> None:
    answer = still_house.visitor("ana").ask("POST", FILTER, content=b"{}", headers={"content-type": kind})

    assert answer.status_code == 400
    assert still_house.upstream.seen == []


def test_key_that_stands_twice_is_refused(still_house: Any) -> None:
    answer = still_house.visitor("eva").ask(
        "POST",
        f"/api/flow_runs/{RUN}/set_state",
        content=b'{"state": {"type": "CANCELLING"}, "state": {"type": "COMPLETED"}}',
        headers={"content-type": "application/json"},
    )

    assert answer.status_code == 400
    assert still_house.upstream.calls("POST") == []


def test_https_door_answers_to_its_own_origin_only() -> None:
    assert allowed_origins("https://door.example", 8400) == {"https://door.example"}


def test_loopback_door_answers_to_both_its_names() -> None:
    assert allowed_origins("http://127.0.0.1:8400", 8400) == {"http://127.0.0.1:8400", "http://localhost:8400"}


def test_pages_carry_the_headers_that_keep_a_browser_in_check(still_house: Any) -> None:
    headers = still_house.visitor(None).get("/enrol").headers

    policy = headers["content-security-policy"]
    assert "default-src 'none'" in policy
    assert "script-src" not in policy
    assert "frame-ancestors 'none'" in policy
    assert headers["x-content-type-options"] == "nosniff"
    assert headers["x-frame-options"] == "DENY"
    assert headers["cache-control"] == "no-store"


@pytest.mark.parametrize("path", ["/sign-in", "/passkeys"])
def test_pages_with_passkeys_run_files_of_ours_and_nothing_inline(still_house: Any, path: str) -> None:
    answer = still_house.visitor("ana").get(path)

    policy = answer.headers["content-security-policy"]
    scripts = next(part for part in policy.split("; ") if part.startswith("script-src"))
    assert scripts == "script-src 'self'"
    assert "require-trusted-types-for 'script'" in policy
    assert not re.search(r"<script>|\son[a-z]+=|javascript:", answer.text)


def test_preview_may_be_framed_by_us_and_runs_nothing(still_house: Any) -> None:
    answer = still_house.visitor("ana").get(f"/proof/{still_house.scene.review.id}/V01")

    policy = answer.headers["content-security-policy"]
    assert policy.startswith("sandbox;")
    assert "default-src 'none'" in policy
    assert "frame-ancestors 'self'" in policy
    assert answer.headers["x-frame-options"] == "SAMEORIGIN"


def test_prefects_pages_run_no_inline_script_and_talk_to_nobody_else(still_house: Any) -> None:
    policy = still_house.visitor("ana").get("/v2/dashboard").headers["content-security-policy"]

    scripts = next(part for part in policy.split("; ") if part.startswith("script-src"))
    assert scripts == "script-src 'self' 'unsafe-eval'"
    assert "connect-src 'self'" in policy
    assert "frame-ancestors 'none'" in policy
