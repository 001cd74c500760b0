"""Starting a run: with parameters, a name and a time; who started it is written down before it is said."""

from typing import Any

import pytest

from presscheck.ledger import EventKind
from presscheck.ledger.campaigns import starter_of
from tests.desk.scene import RUN
from tests.door.house import DEPLOYMENT

START = f"/api/deployments/{DEPLOYMENT}/create_flow_run"


def _created(house: Any) -> Any:
    [call] = house.upstream.calls("POST", "create_flow_run")
    return call["body"]


def test_who_started_a_run_is_recorded(house: Any) -> None:
    answer = house.visitor("eva").post(START, {"parameters": {"brief": "briefs/x.yaml"}})

    assert answer.json()["id"] == RUN
    with house.ledger.read() as tx:
        assert starter_of(tx, RUN) == "P-eva"
        assert tx.events(EventKind.RUN_STARTED)[0].data["campaign"] == "product-launch"


def test_the_worker_is_told_of_a_run_that_was_started(house: Any, monkeypatch: pytest.MonkeyPatch) -> None:
    rung: list[str] = []
    monkeypatch.setattr(house.app.state.door.prefect, "ring", lambda: rung.append("rung"))

    house.visitor("eva").post(START, {"parameters": {"brief": "briefs/x.yaml"}})

    assert rung == ["rung"]


def test_what_could_open_a_gate_is_left_out(house: Any) -> None:
    house.visitor("eva").post(
        START,
        {
            "parameters": {"brief": "b.yaml"},
            "state": {"type": "COMPLETED", "name": "Done", "data": "planted"},
            "empirical_policy": {"pause_keys": ["copy-1"], "resuming": True},
            "pause_keys": ["copy-1"],
            "idempotency_key": "again",
            "job_variables": {"command": "sh", "env": {"PRESSCHECK_LEDGER_URL": "sqlite:///mine"}},
            "work_queue_name": "other",
            "context": {"x": 1},
            "labels": {"x": 1},
            "parent_task_run_id": RUN,
            "tags": ["spring"],
            "name": "mine",
        },
    )

    body = _created(house)
    assert set(body) == {"parameters", "state", "tags", "name", "idempotency_key"}
    assert body["idempotency_key"].startswith("presscheck-")
    assert body["state"] == {"type": "SCHEDULED", "name": "Scheduled"}


def test_start_is_asked_again_under_one_key_while_prefect_is_busy(house: Any) -> None:
    path = START.removeprefix(house.settings.door_url)
    house.upstream.answers[path] = (503, {"exception_message": "database is locked"})

    answer = house.visitor("eva").post(START, {"parameters": {}})

    keys = [call["body"]["idempotency_key"] for call in house.upstream.calls("POST", "create_flow_run")]
    assert (answer.status_code, len(keys), len(set(keys))) == (503, 5, 1)


def test_run_may_be_scheduled_for_later(house: Any) -> None:
    when = "2026-12-01T09:00:00+00:00"
    state = {"type": "SCHEDULED", "state_details": {"scheduled_time": when, "run_input_keyset": {"x": "y"}}}

    house.visitor("eva").post(START, {"state": state})

    assert _created(house)["state"]["state_details"] == {"scheduled_time": when}


@pytest.mark.parametrize("person", ["ana", "ben"])
def test_reviewer_and_author_start_nothing(still_house: Any, person: str) -> None:
    through_prefect = still_house.visitor(person).post(START, {})
    through_api = still_house.visitor(person).post("/-/api/runs", {"campaign": "product-launch"})

    assert (through_prefect.status_code, through_api.status_code) == (403, 403)
    assert still_house.upstream.seen == []


@pytest.mark.parametrize(
    "value",
    [
        {"__prefect_kind": "jinja", "template": "{{ 1 }}"},
        {"__prefect_kind": "workspace_variable", "variable_name": "x"},
        {"$ref": {"block_document_id": RUN}},
    ],
)
def test_parameters_are_not_evaluated(still_house: Any, value: Any) -> None:
    answer = still_house.visitor("eva").post(START, {"parameters": {"brief": value}})

    assert answer.status_code == 422
    assert still_house.upstream.seen == []


def test_json_that_was_typed_into_the_form_becomes_a_plain_value(house: Any) -> None:
    house.visitor("eva").post(START, {"parameters": {"brief": {"__prefect_kind": "json", "value": '"b.yaml"'}}})

    assert _created(house)["parameters"] == {"brief": "b.yaml"}


def test_scheduler_starts_a_campaign_by_name(house: Any) -> None:
    house.enrol("sid", "scheduler")

    answer = house.visitor("sid").post("/-/api/runs", {"campaign": "product-launch", "parameters": {"a": 1}})

    assert answer.status_code == 201
    assert answer.json()["run"] == RUN
    assert answer.json()["url"] == f"{house.url}/v2/runs/flow-run/{RUN}"
    with house.ledger.read() as tx:
        assert starter_of(tx, RUN) == "P-sid"


def test_campaign_that_is_not_there_is_said(still_house: Any) -> None:
    still_house.upstream.answers["/api/deployments/filter"] = (200, [])

    answer = still_house.visitor("eva").post("/-/api/runs", {"campaign": "no-such"})

    assert answer.status_code == 404
    assert "no-such" in answer.json()["error"]


def test_parameter_that_the_campaign_does_not_have_is_said_before_anything_starts(still_house: Any) -> None:
    schema = {"properties": {"brief": {"type": "string"}, "audience": {"type": "string"}}}
    deployment = {"id": DEPLOYMENT, "name": "product-launch", "parameter_openapi_schema": schema}
    still_house.upstream.answers["/api/deployments/filter"] = (200, [deployment])

    wanted = {"campaign": "product-launch", "parameters": {"brief": "b.yaml", "colour": "red"}}
    answer = still_house.visitor("eva").post("/-/api/runs", wanted)

    assert answer.status_code == 422
    assert answer.json()["error"] == "product-launch has no parameter colour"
    assert answer.json()["what_to_do"] == "Its parameters are brief, audience."
    assert all(call["path"] == "/api/deployments/filter" for call in still_house.upstream.seen)


@pytest.mark.parametrize(
    ("status", "said", "code", "words"),
    [
        (503, {"exception_message": "Service Unavailable"}, 503, "nothing was started: Prefect's server answered 503"),
        (409, {"detail": "brief: 5 is not of type 'string'"}, 422, "5 is not of type"),
        (500, None, 503, "answered 500"),
    ],
)
def test_run_that_prefect_does_not_make_is_told_in_our_words(
    still_house: Any, status: int, said: Any, code: int, words: str
) -> None:
    still_house.upstream.answers[START] = (status, said)

    answer = still_house.visitor("eva").post("/-/api/runs", {"campaign": "product-launch"})

    assert answer.status_code == code
    assert words in answer.json()["error"]
    assert answer.json()["what_to_do"]


def test_run_whose_start_cannot_be_recorded_is_cancelled(house: Any, monkeypatch: pytest.MonkeyPatch) -> None:
    from presscheck.door import gates
    from presscheck.errors import LedgerLocked

    def locked(*_: object, **__: object) -> None:
        raise LedgerLocked("held")

    monkeypatch.setattr(gates, "record_start", locked)

    answer = house.visitor("eva").post(START, {})

    assert answer.status_code == 503
    assert house.upstream.state["type"] == "CANCELLED"


# ---------------------------------------------------------------- a door that was killed in between


def _decide(house: Any, person: str) -> Any:
    path = f"/-/api/reviews/{house.scene.review.id}/decision"
    return house.visitor(person).post(path, house.scene.raw())


def test_a_start_is_written_down_before_prefect_is_asked(house: Any) -> None:
    house.upstream.answers[START] = (500, None)

    house.visitor("eva").post(START, {})

    with house.ledger.read() as tx:
        [asked] = tx.events(EventKind.RUN_REQUESTED)
    assert asked.data["person"] == "P-eva"
    assert asked.subject == house.upstream.calls("POST", "create_flow_run")[0]["body"]["idempotency_key"]


def test_who_started_a_run_before_the_door_was_killed_may_not_approve_it(house: Any) -> None:
    house.app.state.door.starts.intend("P-ana")
    house.upstream.answers["/api/flow_runs/filter"] = (200, [{"id": RUN}])

    answer = _decide(house, "ana")

    assert answer.status_code == 409
    with house.ledger.read() as tx:
        assert starter_of(tx, RUN) == "P-ana"
    assert "decision:approved" not in house.scene.kinds()


def test_nobody_decides_while_prefect_cannot_say_what_became_of_their_start(house: Any) -> None:
    house.app.state.door.starts.intend("P-ana")
    house.upstream.answers["/api/flow_runs/filter"] = (503, None)

    by_ana = _decide(house, "ana")
    by_cleo = _decide(house, "cleo")

    assert by_ana.status_code == 409
    assert "still being written down" in by_ana.json()["error"]
    assert by_cleo.status_code == 200


def test_a_start_that_came_to_nothing_stands_in_nobodys_way(house: Any) -> None:
    house.app.state.door.starts.intend("P-ana")
    house.upstream.answers["/api/flow_runs/filter"] = (200, [])
    early = _decide(house, "ana")

    house.scene.ledgers.clock.advance(minutes=5)

    assert (early.status_code, _decide(house, "ana").status_code) == (409, 200)
