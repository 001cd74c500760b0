"""An engineer at the door, without an account on the machine: nothing of theirs runs, nowhere and in no environment."""

import copy
import json
from typing import Any

import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from presscheck.door.allow import DEPLOYED
from presscheck.ledger import EventKind
from tests.door.conftest import _quick_argon2, _servers, _still_scene, house, open_house, still_house
from tests.door.house import DEPLOYMENT, FLOW, House

# The fixtures of the door's tests, which are found here by name.
__all__ = ["_quick_argon2", "_servers", "_still_scene", "house", "open_house", "still_house"]

ONE, ALL = f"/api/deployments/{DEPLOYMENT}", "/api/deployments/"
SCHEDULE = "77777777-2222-4333-8444-555555555555"
STANDS: dict[str, Any] = {
    "id": DEPLOYMENT,
    "name": "product-launch",
    "flow_id": FLOW,
    "paused": False,
    "parameters": {"brief": "briefs/spring_launch.yaml", "count": 1},
    "tags": ["campaign"],
    "description": "Fifty drafts.",
    "job_variables": {
        "command": "python -m prefect.engine",
        "working_dir": ".",
        "env": {"PREFECT__FLOW_ENTRYPOINT": "flows/product_launch.py:product_launch"},
    },
    "work_pool_name": "presscheck",
    "work_queue_name": "default",
    "entrypoint": "flows/product_launch.py:product_launch",
    "path": ".",
    "pull_steps": [],
    "storage_document_id": None,
    "infrastructure_document_id": None,
    "enforce_parameter_schema": True,
    "parameter_openapi_schema": {"type": "object", "properties": {"brief": {"type": "string"}}},
    "global_concurrency_limit": {"id": "55555555-2222-4333-8444-555555555555", "limit": 4},
    "version": "1",
    "labels": {},
    "schedules": [
        {
            "id": "77777777-2222-4333-8444-555555555555",
            "active": False,
            "schedule": {"rrule": "DTSTART:20260302T090000\nFREQ=WEEKLY;BYDAY=MO", "timezone": "Europe/London"},
        }
    ],
}
VARIABLES = STANDS["job_variables"]
PULL = [{"prefect.deployments.steps.run_shell_script": {"script": "id"}}]
SHELLS: dict[str, Any] = {
    "another command": {"job_variables": {**VARIABLES, "command": "sh -c id"}},
    "a command in the command": {"job_variables": {**VARIABLES, "command": "python -m prefect.engine; id"}},
    "the command as a list": {"job_variables": {**VARIABLES, "command": ["python", "-m", "prefect.engine"]}},
    "one more variable of the environment": {
        "job_variables": {**VARIABLES, "env": {**VARIABLES["env"], "PYTHONSTARTUP": "x.py"}}
    },
    "another flow's code": {"job_variables": {**VARIABLES, "env": {"PREFECT__FLOW_ENTRYPOINT": "/tmp/x.py:x"}}},
    "another folder": {"job_variables": {**VARIABLES, "working_dir": "/tmp"}},
    "a name that no worker knows yet": {"job_variables": {**VARIABLES, "image": "evil:latest"}},
    "none of them": {"job_variables": {}},
    "nothing": {"job_variables": None},
    "a text": {"job_variables": json.dumps(VARIABLES)},
    "another entrypoint": {"entrypoint": "/tmp/x.py:x"},
    "an entrypoint in a module": {"entrypoint": "os:system"},
    "another path": {"path": "/tmp"},
    "steps that pull": {"pull_steps": PULL},
    "another pool": {"work_pool_name": "mine"},
    "no pool": {"work_pool_name": None},
    "another queue": {"work_queue_name": "mine"},
    "a queue of the same name in the default pool": {"work_queue_name": "default"},
    "whatever queue the pool begins with": {"work_pool_name": "presscheck"},
    "a storage block": {"storage_document_id": DEPLOYMENT},
    "an infrastructure block": {"infrastructure_document_id": DEPLOYMENT},
    "parameters unchecked": {"enforce_parameter_schema": False},
    "true as a number": {"enforce_parameter_schema": 1},
    "another schema": {"parameter_openapi_schema": {"type": "object", "properties": {}}},
    "another limit": {"global_concurrency_limit_id": DEPLOYMENT},
    "an older name of the variables": {"infra_overrides": {"command": "id"}},
    "the names of older servers": {"manifest_path": "/tmp", "worker_pool_queue_id": DEPLOYMENT},
    "whatever comes next": {"on_start": "id"},
    "a schedule with a command": {
        "schedules": [{"schedule": {"cron": "* * * * *"}, "job_variables": {"command": "id"}}]
    },
    "a schedule that is none": {"schedules": ["* * * * *"]},
    "schedules that are none": {"schedules": {"cron": "* * * * *"}},
    "a switch that is a word": {"paused": "off"},
    "parameters that are none": {"parameters": "brief"},
    "a template": {"parameters": {"brief": {"__prefect_kind": "jinja", "template": "{{ 7 }}"}}},
    "a template as the description": {"description": {"__prefect_kind": "workspace_variable", "variable_name": "x"}},
}


def stands(house: House) -> None:
    house.upstream.answers[ONE] = (200, copy.deepcopy(STANDS))
    house.upstream.answers["/api/deployments/filter"] = (200, [copy.deepcopy(STANDS)])


def sent_on(house: House) -> list[str]:
    """Whatever reached Prefect and was no question."""
    return [call["path"] for call in house.upstream.seen if call["method"] != "GET" and call["path"] != f"{ALL}filter"]


@pytest.mark.parametrize("body", SHELLS.values(), ids=SHELLS)
def test_an_engineer_at_the_door_does_not_say_what_runs_where_or_in_which_environment(
    still_house: House, body: Any
) -> None:
    stands(still_house)
    eva = still_house.visitor("eva")

    changed = eva.ask("PATCH", ONE, json=body)
    among_others = eva.ask("PATCH", ONE, json={"tags": ["campaign"], **body})
    anew = eva.ask("POST", ALL, json={"name": "product-launch", "flow_id": FLOW, **body})

    assert {changed.status_code, among_others.status_code, anew.status_code} == {403}
    assert sent_on(still_house) == []


def test_the_refusal_names_what_it_is_about_and_where_it_is_set(house: House) -> None:
    stands(house)

    answer = house.visitor("eva").ask("PATCH", ONE, json={**SHELLS["another command"], **SHELLS["another path"]})

    assert answer.json()["error"] == "job_variables.command, path cannot be set through the door"
    assert "flows/" in answer.json()["what_to_do"]
    with house.ledger.read() as tx:
        [forbidden] = tx.events(EventKind.REQUEST_FORBIDDEN)
        assert tx.events(EventKind.DEPLOYMENT_SET) == []
    assert forbidden.data["reason"] == "job_variables.command, path cannot be set through the door"


@pytest.mark.parametrize(
    "body", [[{"schedule": {"cron": "* * * * *"}, "job_variables": {"command": "id"}}], [1], {}, 1]
)
def test_a_schedule_brings_nothing_with_it_but_a_time_and_parameters(still_house: House, body: Any) -> None:
    answer = still_house.visitor("eva").ask("POST", f"{ONE}/schedules", json=body)

    assert answer.status_code in (400, 403)
    assert sent_on(still_house) == []


NEVER = "FREQ=SECONDLY;BYMONTH=2;BYMONTHDAY=30"
RULE: dict[str, Any] = STANDS["schedules"][0]["schedule"]
ENDLESS: dict[str, Any] = {
    "a rule that never comes true": {"rrule": NEVER},
    "one with a time zone": {"rrule": f"DTSTART:20200101T000000\nRRULE:{NEVER}", "timezone": "UTC"},
    "one that takes everything out again": {"rrule": "RRULE:FREQ=SECONDLY\nEXRULE:FREQ=SECONDLY"},
    "a harmless one that is not deployed": {"rrule": "FREQ=DAILY"},
    "the one that is deployed, with more to it": {**RULE, "rrule": f"{RULE['rrule']}\nEXRULE:FREQ=SECONDLY"},
    "the one that is deployed, elsewhere": {**RULE, "timezone": "UTC"},
    "no rule": {"rrule": None},
    "a rule and a cron": {"cron": "0 9 * * 1", "rrule": NEVER},
    "a cron of seconds": {"cron": "* * * * * *"},
    "a cron of years": {"cron": "0 0 * * * 0 2099"},
    "a cron without fields": {"cron": "@hourly"},
    "a cron that is read for minutes": {"cron": ",".join(["0-59"] * 3000) + " * * * *"},
    "a cron that is none": {"cron": ["0", "9", "*", "*", "1"]},
    "nothing": {},
    "a text": NEVER,
    "a list": [{"rrule": NEVER}],
    "something more": {"cron": "0 9 * * 1", "command": "id"},
}


@pytest.mark.parametrize("times", ENDLESS.values(), ids=ENDLESS)
def test_no_times_reach_prefects_scheduler_that_it_would_search_for_without_an_end(
    still_house: House, times: Any
) -> None:
    stands(still_house)
    eva, one = still_house.visitor("eva"), {"active": True, "schedule": times}

    answers = [
        eva.ask("POST", f"{ONE}/schedules", json=[one]),
        eva.ask("POST", f"{ONE}/schedules", json=[{"schedule": {"cron": "0 9 * * 1"}}, one]),
        eva.ask("PATCH", f"{ONE}/schedules/{SCHEDULE}", json=one),
        eva.ask("PATCH", ONE, json={"schedules": [{**one, "slug": "weekly"}]}),
        eva.ask("POST", ALL, json={"name": "product-launch", "flow_id": FLOW, "schedules": [one]}),
    ]

    assert [answer.status_code for answer in answers] == [403] * 5
    assert {answer.json()["error"] for answer in answers} <= {
        "a recurrence rule is deployed from files; an interval or a cron can be set through the door",
        "a schedule is an interval or a cron, with its time zone",
        "a cron has five fields, like 0 9 * * 1, and at most 200 characters",
    }
    assert sent_on(still_house) == []


def test_no_thousand_schedules_come_in_one_request(still_house: House) -> None:
    stands(still_house)
    eva, many = still_house.visitor("eva"), [{"schedule": {"cron": "0 9 * * 1"}}] * 21

    answers = [eva.ask("POST", f"{ONE}/schedules", json=many), eva.ask("PATCH", ONE, json={"schedules": many})]

    assert [(answer.status_code, answer.json()["error"]) for answer in answers] == [
        (403, "at most 20 schedules are set at once")
    ] * 2
    assert sent_on(still_house) == []


@pytest.mark.parametrize(
    "times",
    [
        RULE,
        None,
        {"interval": 3600, "anchor_date": "2026-03-02T09:00:00Z", "timezone": "Europe/London"},
        {"cron": "0 9 * * mon-fri", "timezone": "Europe/London", "day_or": True},
        {"cron": f"{','.join(str(minute) for minute in range(60))} 9 * * 1"},
    ],
)
def test_times_as_prefects_page_writes_them_and_a_rule_that_is_deployed_already_pass(house: House, times: Any) -> None:
    stands(house)

    answer = house.visitor("eva").ask("PATCH", f"{ONE}/schedules/{SCHEDULE}", json={"active": True, "schedule": times})

    assert (answer.status_code, sent_on(house)) == (200, [f"{ONE}/schedules/{SCHEDULE}"])


@pytest.mark.parametrize("body", [{"active": True, "job_variables": {}}, {"active": "on"}, {"active": 1}])
@pytest.mark.parametrize("person", ["eva", "sid"])
def test_a_switch_is_a_switch(house: House, person: str, body: Any) -> None:
    house.enrol("sid", "scheduler")

    answer = house.visitor(person).ask("PATCH", f"{ONE}/schedules/{SCHEDULE}", json=body)

    assert (answer.status_code, sent_on(house)) == (403, [])


@pytest.mark.parametrize("found", [[], None, {"detail": "x"}])
def test_a_new_deployment_does_not_come_through_the_door(still_house: House, found: Any) -> None:
    still_house.upstream.answers["/api/deployments/filter"] = (200, found)

    answer = still_house.visitor("eva").ask("POST", ALL, json={**_edited(), "name": "mine", "flow_id": FLOW})

    assert answer.status_code == 403
    assert "a new one comes from files" in answer.json()["error"]
    assert sent_on(still_house) == []


@pytest.mark.parametrize("status", [500, 503])
def test_what_cannot_be_compared_does_not_pass(still_house: House, status: int) -> None:
    still_house.upstream.answers[ONE] = (status, None)
    still_house.upstream.answers["/api/deployments/filter"] = (status, None)
    eva = still_house.visitor("eva")

    answers = [eva.ask("PATCH", ONE, json=_edited()), eva.ask("POST", ALL, json={"name": "x", "flow_id": FLOW})]

    assert [answer.status_code for answer in answers] == [503, 503]
    assert sent_on(still_house) == []


def test_prefects_own_page_may_send_back_what_stands_there_with_what_it_edits(house: House) -> None:
    stands(house)

    edited = house.visitor("eva").ask("PATCH", ONE, json=_edited(description="Forty drafts.", tags=["campaign", "uk"]))

    assert (edited.status_code, sent_on(house)) == (200, [ONE])
    with house.ledger.read() as tx:
        # Whoever edits a description takes neither schedule nor parameters from whoever set them.
        assert tx.events(EventKind.DEPLOYMENT_SET) == []


JSON = st.recursive(
    st.none() | st.booleans() | st.integers(0, 3) | st.sampled_from(("", ".", "id", "presscheck")),
    lambda inner: (
        st.lists(inner, max_size=2) | st.dictionaries(st.sampled_from(("command", "env", "x")), inner, max_size=2)
    ),
    max_leaves=6,
)
NAMES = st.sampled_from((*sorted(DEPLOYED), "infra_overrides", "x"))


@pytest.mark.slow
@given(body=st.dictionaries(NAMES, JSON, min_size=1, max_size=3))
@settings(max_examples=60, deadline=None, suppress_health_check=list(HealthCheck))
def test_whatever_reaches_prefect_says_of_a_deployment_what_is_deployed(
    still_house: House, body: dict[str, Any]
) -> None:
    stands(still_house)
    still_house.upstream.seen.clear()

    still_house.visitor("eva").ask("PATCH", ONE, json=body)

    for call in still_house.upstream.calls("PATCH"):
        for name, given_ in call["body"].items():
            assert json.dumps(given_, sort_keys=True) == json.dumps(STANDS[name], sort_keys=True)


def _edited(**more: Any) -> dict[str, Any]:
    """What Prefect's page sends when somebody edits a deployment."""
    names = ("description", "enforce_parameter_schema", "job_variables", "parameters", "paused", "tags")
    pool = {"work_pool_name": "presscheck", "work_queue_name": "default"}
    limit = {"global_concurrency_limit_id": STANDS["global_concurrency_limit"]["id"]}
    return {**{name: STANDS[name] for name in names}, **pool, **limit, **more}
