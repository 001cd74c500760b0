"""What is to be registered: by hand before decorated, one of a name, and nothing for what is wrong beside it."""

from pathlib import Path
from typing import Any

import yaml
from prefect import flow

from presscheck.supervisor.deployment_file import DeploymentFile, Entry
from presscheck.supervisor.flow_loading import Found, Loaded
from presscheck.supervisor.planning import plan_deployments
from presscheck.supervisor.standing import DUTY, STANDING


def loaded(file: str, *functions: str, name: str = "", line: int = 4) -> Loaded:
    """A file with a campaign a function; `name`: all are called so."""
    flows: dict[str, Found] = {}
    for function in functions:
        called = name or function
        entry = {"name": called, "entrypoint": f"{file}:{function}", "schedules": []}
        flows[function] = Found(called, line, flow(name=called)(lambda: None), entry)
    return Loaded(file, flows)


def by_hand(name: str, entrypoint: str, **more: Any) -> Entry:
    return Entry({"name": name, "entrypoint": entrypoint, **more}, "deployments/prefect.yaml:2")


def names(entries: list[dict[str, Any]]) -> list[str]:
    return [str(entry["name"]) for entry in entries]


def test_decorated_campaigns_and_the_standing_duty_need_no_file() -> None:
    plan = plan_deployments(DeploymentFile(), [loaded("flows/a.py", "a"), loaded("flows/b.py", "b", "c")])

    assert names(plan.decorated) == ["a", "b", "c"]
    assert plan.by_hand == [STANDING]
    assert (plan.faults, plan.files, plan.notes, plan.whole) == ({}, {}, [], False)


def test_a_flow_under_two_names_of_its_file_is_one() -> None:
    one = loaded("flows/a.py", "a")
    alias = Loaded("flows/a.py", {**one.flows, "again": one.flows["a"]})

    plan = plan_deployments(DeploymentFile(), [alias])

    assert names(plan.decorated) == ["a"]
    assert plan.faults == {}


def test_two_of_one_name_are_told_with_both_places_and_a_third_goes_on() -> None:
    twins = [loaded("flows/a.py", "a", name="same"), loaded("flows/b.py", "b", name="same", line=9)]

    plan = plan_deployments(DeploymentFile(), [*twins, loaded("flows/c.py", "c")])

    assert plan.faults == {
        "same": ["flows/a.py:4 and flows/b.py:9 are both called same; give one of them another name"]
    }
    assert names(plan.decorated) == ["c"]


def test_two_hand_written_entries_of_one_name_are_told() -> None:
    file = DeploymentFile({}, (by_hand("a", "flows/a.py:a"), by_hand("a", "flows/b.py:b")))

    plan = plan_deployments(file, [loaded("flows/a.py", "a"), loaded("flows/b.py", "b")])

    assert list(plan.faults) == ["a"]
    assert plan.by_hand == [STANDING]


def test_the_hand_written_entry_counts_by_name_and_by_entrypoint_and_is_told() -> None:
    file = DeploymentFile({}, (by_hand("a", "flows/x.py:x"), by_hand("nightly", "flows/b.py:b")))

    plan = plan_deployments(
        file, [loaded("flows/x.py", "x", name="other"), loaded("flows/a.py", "a"), loaded("flows/b.py", "b")]
    )

    assert names(plan.by_hand) == ["a", "nightly", DUTY]
    assert names(plan.decorated) == []
    assert len(plan.notes) == 3


def test_a_duty_that_is_written_by_hand_takes_the_place_of_ours_and_the_file_is_deployed_as_it_is() -> None:
    file = DeploymentFile({}, (by_hand(DUTY, "flows.escalate_reviews.escalate_reviews"),))
    duty = Loaded("flows.escalate_reviews", {"escalate_reviews": Found(DUTY, 3, flow(name=DUTY)(lambda: None))})

    plan = plan_deployments(file, [duty])

    assert plan.whole
    assert names(plan.by_hand) == [DUTY]


def test_a_campaign_with_the_duty_s_name_is_told_and_the_duty_goes_on() -> None:
    plan = plan_deployments(DeploymentFile(), [loaded("flows/a.py", "a", name=DUTY)])

    assert plan.faults == {DUTY: [f"flows/a.py:4: {DUTY} is the duty that comes with Presscheck; choose another name"]}
    assert plan.by_hand == [STANDING]
    assert plan.decorated == []


def test_a_file_that_does_not_load_is_told_by_itself_or_by_the_entry_that_names_it() -> None:
    file = DeploymentFile({}, (by_hand("a", "flows/a.py:a"),))
    broken = [Loaded("flows/a.py", faults=("flows/a.py:1: no",)), Loaded("flows/b.py", faults=("flows/b.py:2: no",))]

    plan = plan_deployments(file, broken)

    assert plan.faults == {"a": ["flows/a.py:1: no"]}
    assert plan.files == {"flows/b.py": "flows/b.py:2: no"}
    assert plan.by_hand == [STANDING]


def test_an_entry_that_names_no_flow_of_its_file_is_told() -> None:
    file = DeploymentFile({}, (by_hand("a", "flows/a.py:gone"),))

    plan = plan_deployments(file, [loaded("flows/a.py", "a")])

    assert plan.faults == {"a": ["flows/a.py: it holds no flow gone; correct entrypoint"]}


def test_the_duty_that_ships_is_where_its_entry_says() -> None:
    assert (Path(__file__).parents[2] / "flows/escalate_reviews.py").is_file()
    assert STANDING["entrypoint"] == "flows.escalate_reviews.escalate_reviews"


def test_the_file_of_this_project_says_of_the_standing_duty_what_every_other_gets_by_itself() -> None:
    path = Path(__file__).parents[2] / "deployments" / "prefect.yaml"

    read = yaml.safe_load(path.read_text("utf-8"))

    assert [{**entry, "pull": read["pull"]} for entry in read["deployments"]] == [STANDING]
