"""What passes to Prefect: an exact list, each entry for named roles; whatever is not on it does not pass."""

from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from presscheck.door.allow import allowed, is_page
from presscheck.ledger import EventKind
from presscheck.people.rights import Grant, Rights, Role
from tests.desk.scene import RUN

U = RUN


def _rights(*roles: Role, active: bool = True) -> Rights:
    grants = tuple(Grant(role=role, markets="all") for role in roles)
    return Rights(person="P-1", active=active, email="0" * 64, grants=grants, basis=1)


@pytest.mark.parametrize(
    ("method", "path"),
    [
        ("GET", f"/api/flow_runs/{U}"),
        ("GET", f"/api/flow_runs/{U}/graph-v2"),
        ("GET", f"/api/flow_runs/{U}/input/suspend-copy-1-schema"),
        ("GET", f"/api/flow_runs/{U}/input/suspend-copy-1-description"),
        ("GET", "/api/observed-states"),
        ("POST", "/api/flow_runs/filter"),
        ("POST", "/api/logs/filter"),
        ("POST", "/api/artifacts/latest/filter"),
        ("POST", "/api/events/count-by/time"),
    ],
)
def test_reviewer_reads_what_the_pages_need(method: str, path: str) -> None:
    rule = allowed(method, path)

    assert rule is not None
    assert rule.admits(_rights("brand_lead"))


@pytest.mark.parametrize(
    ("method", "path"),
    [
        ("POST", "/api/block_documents/filter"),
        ("GET", f"/api/block_documents/{U}"),
        ("POST", "/api/block_documents/count"),
        ("POST", "/api/variables/filter"),
        ("GET", "/api/variables/name/secret"),
        ("POST", f"/api/flow_runs/{U}/input"),
        ("POST", f"/api/flow_runs/{U}/input/filter"),
        ("GET", f"/api/flow_runs/{U}/input/suspend-copy-1-response"),
        ("DELETE", f"/api/flow_runs/{U}/input/suspend-copy-1-schema"),
        ("DELETE", f"/api/flow_runs/{U}"),
        ("PATCH", f"/api/flow_runs/{U}"),
        ("POST", "/api/flow_runs/"),
        ("POST", "/api/flow_runs/bulk_set_state"),
        ("POST", "/api/flow_runs/bulk_delete"),
        ("POST", f"/api/task_runs/{U}/set_state"),
        ("POST", f"/api/deployments/{U}/create_flow_run/bulk"),
        ("POST", f"/api/deployments/{U}/schedule"),
        ("DELETE", f"/api/deployments/{U}"),
        ("GET", "/api/admin/storage"),
        ("DELETE", "/api/admin/storage"),
        ("PUT", "/api/admin/storage"),
        ("POST", "/api/automations/"),
        ("POST", "/api/events"),
        ("POST", "/api/logs/"),
        ("POST", "/api/artifacts/"),
        ("POST", "/api/work_pools/presscheck/get_scheduled_flow_runs"),
        ("POST", "/api/work_pools/"),
        ("GET", "/api/docs"),
        ("GET", "/docs"),
        ("GET", "/openapi.json"),
        ("GET", "/"),
        ("POST", "/api/flow_runs/filter/"),
        ("POST", "/api/flow_runs/filter/filter"),
        ("POST", "/API/flow_runs/filter"),
        ("GET", f"/api/flow_runs/{U.upper()}"),
        ("GET", f"/api/flow_runs/{U}\n"),
        ("GET", "/api/collections/views/aggregate-worker-metadata"),
    ],
)
def test_nobody_gets_this_through(method: str, path: str) -> None:
    assert allowed(method, path) is None
    assert not is_page(method, path)


@pytest.mark.parametrize(
    ("method", "path", "roles"),
    [
        ("POST", "/api/deployments/", {"engineer"}),
        ("POST", "/api/flows/", {"engineer"}),
        ("POST", "/api/automations/filter", {"engineer"}),
        ("PATCH", f"/api/deployments/{U}", {"engineer", "scheduler"}),
        ("PATCH", f"/api/deployments/{U}/schedules/{U}", {"engineer", "scheduler"}),
        ("POST", f"/api/deployments/{U}/pause_deployment", {"engineer", "scheduler"}),
    ],
)
def test_writes_are_for_named_roles(method: str, path: str, roles: set[str]) -> None:
    rule = allowed(method, path)

    assert rule is not None
    every: tuple[Role, ...] = (
        "brand_lead", "legal", "regional_reviewer", "author", "engineer", "scheduler", "administrator",
    )  # fmt: skip
    assert {role for role in every if rule.admits(_rights(role))} == roles


def test_revoked_person_gets_nothing_through() -> None:
    rule = allowed("POST", "/api/flow_runs/filter")

    assert rule is not None
    assert not rule.admits(_rights("engineer", active=False))


@given(st.text(alphabet="abcdefi_/.-%0123456789", max_size=60))
def test_whatever_passes_has_no_dots_and_no_escapes(tail: str) -> None:
    for method in ("GET", "POST", "PATCH", "PUT", "DELETE"):
        path = f"/api/{tail}"
        if allowed(method, path) is not None:
            assert "%" not in path
            assert ".." not in path
            assert "//" not in path


def test_read_passes_and_nothing_of_the_client_or_of_prefect_leaks(still_house: Any) -> None:
    answer = still_house.visitor("ana").post(
        "/api/flow_runs/filter?x=1",
        {"limit": 5},
        headers={"authorization": "Basic bWU6bWU=", "x-forwarded-for": "6.6.6.6", "x-custom": "1"},
    )

    [call] = still_house.upstream.seen
    assert answer.json() == {"passed": "/api/flow_runs/filter"}
    assert (call["body"], call["query"]) == ({"limit": 5}, "x=1")
    assert call["headers"]["authorization"] == "Basic aW5uZXI6c2VjcmV0LW9mLXRoZS1ob3VzZQ=="
    assert not {"cookie", "x-forwarded-for", "x-custom", "origin", "x-presscheck-csrf"} & set(call["headers"])
    assert "set-cookie" not in answer.headers
    assert "x-inner" not in answer.headers


def test_nobody_signed_in_gets_nothing(still_house: Any) -> None:
    stranger = still_house.visitor(None)

    api = stranger.post("/api/flow_runs/filter")
    page = stranger.get("/v2/dashboard", headers={"accept": "text/html"})

    assert api.status_code == 401
    assert (page.status_code, page.headers["location"]) == (303, "/sign-in?next=/v2/dashboard")
    assert still_house.upstream.seen == []


def test_redirect_of_prefect_does_not_name_the_inner_address(still_house: Any) -> None:
    answer = still_house.visitor("ana").get("/v2/redirect")

    assert answer.status_code == 502
    assert "location" not in answer.headers


def test_long_answer_is_streamed_whole(still_house: Any) -> None:
    assert len(still_house.visitor("ana").get("/v2/stream").content) == 1_000_000


def test_prefect_away_is_said_and_our_pages_go_on(open_house: Any) -> None:
    house = open_house()
    house.app.state.door.prefect.client.base_url = "http://127.0.0.1:9"

    passed = house.visitor("ana").post("/api/flow_runs/filter")
    health = house.visitor(None).get("/-/api/health")
    inbox = house.visitor("ana").get("/inbox")

    assert passed.status_code == 503
    assert health.json() == {"door": "ok", "ledger": "ok", "prefect": "away"}
    assert inbox.status_code == 200


_DEEP: dict[str, Any] = {}
for _ in range(300):
    _DEEP = {"anyOf": [_DEEP]}


@pytest.mark.parametrize(
    ("schema", "values"),
    [
        ({"properties": {"note": {"pattern": "^(a+)+$"}}}, {"note": "a" * 60 + "!"}),
        ({"patternProperties": {"(x+x+)+y": {}}}, {"x" * 60: 1}),
        ({"properties": {"note": {"uniqueItems": True}}}, {"note": [{"n": n} for n in range(20_000)]}),
        ({"$ref": "http://169.254.169.254/latest/meta-data"}, {}),
        ({"$defs": {"a": {"$ref": "#/$defs/a"}}, "$ref": "#/$defs/a"}, {}),
        (_DEEP, {}),
        ({}, {"note": {"__prefect_kind": "jinja", "template": "{{ 7 * 7 }}"}}),
        ({}, {"note": {"__prefect_kind": "workspace_variable", "variable_name": "secret"}}),
        ({}, {"note": {"$ref": {"block_document_id": RUN}}}),
    ],
)
def test_nobodys_schema_reaches_prefect(still_house: Any, schema: Any, values: Any) -> None:
    for person in ("eva", "ana"):
        answer = still_house.visitor(person).post("/api/ui/schemas/validate", {"schema": schema, "values": values})

        assert answer.json() == {"valid": True, "errors": []}
    assert still_house.upstream.seen == []


@pytest.mark.parametrize(
    ("method", "path", "answer"),
    [
        ("POST", "/api/block_documents/filter", []),
        ("POST", "/api/block_types/filter", []),
        ("POST", "/api/variables/filter", []),
        ("POST", "/api/variables/count", 0),
        ("POST", "/api/automations/filter", []),
        ("POST", "/api/automations/count", 0),
        ("POST", "/api/concurrency_limits/filter", []),
        ("POST", "/api/v2/concurrency_limits/filter", []),
        ("GET", f"/api/automations/related-to/prefect.deployment.{U}", []),
        ("GET", "/api/collections/views/aggregate-worker-metadata", {}),
        ("GET", "/api/admin/storage", {"default_result_storage_block_id": None}),
    ],
)
def test_what_a_page_asks_for_and_does_not_get_is_empty_and_made_at_the_door(
    still_house: Any, method: str, path: str, answer: Any
) -> None:
    told = still_house.visitor("ben").ask(
        method, path, **({"json": {"include_secrets": True}} if method == "POST" else {})
    )

    assert (told.status_code, told.json()) == (200, answer)
    assert still_house.upstream.seen == []
    with still_house.ledger.read() as tx:
        paths = [event.data["path"] for event in tx.events(EventKind.REQUEST_FORBIDDEN, subject="P-ben")]
    assert path not in paths


@pytest.mark.parametrize(
    "path", ["block_documents/{U}", "block_types/slug/secret", "automations/{U}", "concurrency_limits/{U}"]
)
def test_a_single_thing_that_is_not_shown_says_so_and_nothing_else(still_house: Any, path: str) -> None:
    told = still_house.visitor("ana").get(f"/api/{path.format(U=U)}").json()

    assert told["name"] == "Not shown at the door"
    assert U not in str(told)
    assert still_house.upstream.seen == []


def test_an_engineer_reads_automations_and_limits_from_prefect(still_house: Any) -> None:
    asked = [
        f"/api/automations/related-to/prefect.deployment.{U}",
        f"/api/automations/{U}",
        f"/api/concurrency_limits/{U}",
    ]

    told = [still_house.visitor("eva").get(path).json() for path in asked]

    assert told == [{"passed": path} for path in asked]


@pytest.mark.parametrize(
    ("method", "path"),
    [
        ("GET", "/api/block_documents/filter"),
        ("POST", "/api/block_documents/"),
        ("POST", "/api/block_documents/filter/"),
        ("PATCH", f"/api/block_documents/{U}"),
        ("DELETE", f"/api/automations/{U}"),
        ("PATCH", f"/api/automations/{U}"),
        ("PUT", "/api/admin/storage"),
        ("POST", "/api/variables/"),
        ("POST", "/api/concurrency_limits/tag/x/reset"),
        ("POST", "/api/automations/templates/validate"),
        ("POST", "/api/block_capabilities/filter"),
    ],
)
def test_nothing_that_acts_is_answered_in_place_of_prefect(still_house: Any, method: str, path: str) -> None:
    told = still_house.visitor("ana").ask(method, path, **({} if method in ("GET", "DELETE") else {"json": {}}))

    assert told.status_code == 403
    assert still_house.upstream.seen == []


def test_settings_of_the_server_stay_inside(still_house: Any) -> None:
    told = still_house.visitor("eva").get("/api/admin/settings").json()

    assert told == {"server": {"analytics_enabled": False, "ui": {"show_promotional_content": False}}}
    assert still_house.upstream.seen == []


def test_settings_of_the_ui_hold_no_credential(still_house: Any) -> None:
    told = still_house.visitor(None).get("/ui-settings").json()

    assert (told["auth"], told["api_url"]) == (None, "/api")
    assert still_house.upstream.seen == []


@pytest.mark.parametrize(
    ("person", "body", "status"),
    [
        ("sid", {"active": False}, 200),
        ("sid", {"active": False, "schedule": {"cron": "* * * * *"}}, 403),
        ("sid", {"active": "no"}, 403),
        ("eva", {"active": True, "schedule": {"cron": "0 9 * * 1"}}, 200),
        ("ana", {"active": False}, 403),
    ],
)
def test_scheduler_switches_schedules_and_nothing_else(house: Any, person: str, body: Any, status: int) -> None:
    house.enrol("sid", "scheduler")

    answer = house.visitor(person).ask("PATCH", f"/api/deployments/{U}/schedules/{U}", json=body)

    assert answer.status_code == status
    assert len(house.upstream.calls("PATCH")) == (status == 200)
