"""A campaign is one decorated function: a flow of Prefect's, held on a fault, deployed as its decorator says."""

import importlib.util
import re
import sys
from collections.abc import Callable, Iterator
from pathlib import Path
from typing import Any

import pytest
from prefect import Flow, State

from policies import load_policies
from presscheck.errors import CodeError
from tasks import CampaignFlow, Cron, Hold, campaign
from tasks.mapping import map_flow

HEAD = """\
\"\"\"A sale in spring.\"\"\"
from presscheck import Cron, State, await_decision, campaign, check_variants, deliver, draft_variants
from presscheck import hold_on_fault, open_campaign, propose, require_audience
from prefect import flow

"""
FIRST = len(HEAD.splitlines()) + 1


@pytest.fixture
def loaded(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Iterator[Callable[[str], Any]]:
    """Loads a file of an engineer's, as the worker does."""
    monkeypatch.chdir(tmp_path)
    name = "spring_sale_of_a_test"

    def load(text: str) -> Any:
        path = tmp_path / "spring_sale.py"
        path.write_text(HEAD + text)
        spec = importlib.util.spec_from_file_location(name, path)
        assert spec is not None
        assert spec.loader is not None
        module = importlib.util.module_from_spec(spec)
        sys.modules[name] = module
        spec.loader.exec_module(module)
        return module

    yield load
    sys.modules.pop(name, None)


SALE = """\
def spring_sale(
    brief: str = "briefs/spring_sale.yaml", audience: str = "segments/spring_sale.sql", size: int = 20
) -> State:
    opened = open_campaign(brief=brief, audience=audience)
    recipients = require_audience(opened)
    choices = check_variants(opened, draft_variants(opened, count=size))
    return deliver(await_decision(propose(opened, choices, recipients), gate="copy"))
"""


@pytest.mark.slow
def test_a_campaign_is_a_flow_named_after_its_function_that_can_be_walked(loaded: Callable[[str], Any]) -> None:
    sale = loaded(f"@campaign\n{SALE}").spring_sale

    assert isinstance(sale, Flow)
    assert (sale.name, sale.description) == ("spring-sale", "A sale in spring.")
    assert map_flow(sale, load_policies()).passes


def test_without_a_word_it_is_deployed_with_its_own_defaults_and_no_schedule(loaded: Callable[[str], Any]) -> None:
    sale = loaded(f"@campaign\n{SALE}").spring_sale

    entry = sale.entry("flows/spring_sale.py:spring_sale")

    assert list(entry.pop("parameter_openapi_schema")["properties"]) == ["brief", "audience", "size"]
    assert entry == {
        "name": "spring-sale",
        "entrypoint": "flows/spring_sale.py:spring_sale",
        "description": "A sale in spring.",
        "tags": ["campaign"],
        "parameters": {"brief": "briefs/spring_sale.yaml", "audience": "segments/spring_sale.sql", "size": 20},
        "schedules": [],
        "concurrency_limit": {"limit": 4, "collision_strategy": "ENQUEUE"},
        "work_pool": {"name": "presscheck"},
    }


def test_a_default_that_is_none_is_left_to_the_signature(loaded: Callable[[str], Any]) -> None:
    text = SALE.replace("size: int = 20", "size: int = 20, colour: str = None, on: date = date(2027, 1, 1)")

    sale = loaded(f"from datetime import date\n\n\n@campaign\n{text}").spring_sale

    assert {"colour", "on"} & sale.entry("flows/spring_sale.py:spring_sale")["parameters"].keys() == {"on"}


def test_what_stands_in_the_decorator_is_how_it_is_deployed(loaded: Callable[[str], Any]) -> None:
    order = (
        '@campaign(name="sale", schedule=["0 9 * * 1", Cron("0 12 1 * *", zone="Europe/London", active=True)], '
        'limit=2, parameters={"size": 50}, tags=["shop"], retries=2, timeout_seconds=60)\n'
    )

    sale = loaded(order + SALE.replace(" = 20", " = 20", 1)).spring_sale
    entry = sale.entry("flows/spring_sale.py:spring_sale")

    assert (entry["name"], entry["tags"], entry["parameters"]["size"]) == ("sale", ["campaign", "shop"], 50)
    assert entry["concurrency_limit"]["limit"] == 2
    assert entry["schedules"] == [
        {"cron": "0 9 * * 1", "timezone": "UTC", "active": False},
        {"cron": "0 12 1 * *", "timezone": "Europe/London", "active": True},
    ]
    assert (sale.retries, sale.timeout_seconds) == (2, 60.0)


@pytest.mark.slow
def test_what_presscheck_raises_on_purpose_holds_it(prefect: None) -> None:
    def hold() -> State:
        raise Hold("the brief is gone; bring it back")

    @campaign
    def held_sale() -> State:
        return hold()

    ended = held_sale(return_state=True)

    assert isinstance(held_sale, CampaignFlow)
    assert (ended.name, ended.message) == ("Held", "the brief is gone; bring it back")


@pytest.mark.parametrize(
    ("order", "said"),
    [
        ('@campaign(schedule="9 o\'clock")', "is no cron; write five fields"),
        ('@campaign(schedule=Cron("0 9 * * 1", zone="Europe/Lundon"))', "did you mean Europe/London?"),
        ('@campaign(schedule=Cron("30 2 * * *", zone="Europe/Berlin"))', "02:30 does not exist in Europe/Berlin"),
        ("@campaign(schedule=9)", "schedule: “9” is no schedule"),
        ("@campaign(limit=0)", "limit: “0” is not how many runs may work at once; write 1 or more"),
        ("@campaign(limit=True)", "limit: “True”"),
        ('@campaign(name="Spring Sale")', "“Spring Sale” is no name; write lower-case words"),
        ('@campaign(parameters={"breif": "a.yaml"})', "spring_sale takes no “breif”; did you mean brief?"),
        ('@campaign(parameters={"size": "many"})', "parameters: size: 'many' is not of type 'integer'"),
        ('@campaign(parameters={"brief": object()})', "write texts, numbers, lists and mappings of these"),
        ('@campaign(parameters="brief")', "parameters: “brief” is no mapping"),
        ('@campaign(tags="shop")', "tags: “shop” is no list of texts"),
        ("@campaign(retry=3)", "retry: is nothing that a campaign takes; did you mean retries?"),
        ('@campaign(timeout_seconds="soon")', "ValueError: could not convert string to float"),
        ("@campaign(persist_result=True)", "persist_result: is nothing that a campaign takes; it takes name, "),
        ("@campaign\n@flow", "stands over a Flow and not over a plain function; write it over def, without @flow"),
    ],
)
def test_what_is_wrong_in_the_decorator_is_told_at_its_line(
    loaded: Callable[[str], Any], order: str, said: str
) -> None:
    with pytest.raises(CodeError) as refused:
        loaded(f"{order}\n{SALE}")

    assert re.match(rf"spring_sale.py:{FIRST}: campaign spring_sale: ", str(refused.value))
    assert said in str(refused.value)


@pytest.mark.parametrize(
    ("text", "said"),
    [
        ("async def f() -> State:\n    return 1\n", "f is async; write def"),
        ("def f() -> State:\n    yield 1\n", "f yields; write return"),
        (
            "def f() -> State:\n    open_campaign(brief='a.yaml')\n",
            "returns nothing; end it with return deliver(answer)",
        ),
        ("def f() -> State:\n    return None\n", "returns nothing"),
        ("def f() -> State:\n    if f:\n        return\n    raise ValueError\n", "returns nothing"),
        ("def f() -> State:\n    def g():\n        return 1\n    return\n", "returns nothing"),
        ("def Spring() -> State:\n    return 1\n", "which its function's name “Spring” makes"),
        (
            "def f() -> State:\n    return 1\n\n\nclass F:\n    @campaign\n    def g(self): return 1\n",
            "stands in the class F",
        ),
        ("class F: ...\n", "stands over a type and not over a plain function"),
    ],
)
def test_what_is_no_campaign_is_told_where_it_is_written(loaded: Callable[[str], Any], text: str, said: str) -> None:
    with pytest.raises(CodeError) as refused:
        loaded(f"@campaign\n{text}")

    assert said in str(refused.value)


def test_all_that_is_wrong_is_told_at_once(loaded: Callable[[str], Any]) -> None:
    with pytest.raises(CodeError) as refused:
        loaded(f'@campaign(name="A B", schedule=[Cron("x", "y"), "0 9 * * 1"], limit=0, tags="no", retry=1)\n{SALE}')

    assert len(refused.value.faults) == 6
    assert {fault.line for fault in refused.value.faults} == {FIRST}


def test_a_run_that_wakes_is_not_kept_from_going_on_by_a_night_of_its_schedule(
    loaded: Callable[[str], Any], monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setenv("PREFECT__FLOW_RUN_ID", "0190c6f2-0000-7000-8000-000000000000")

    sale = loaded(f'@campaign(schedule=Cron("30 2 * * *", zone="Europe/Berlin"))\n{SALE}').spring_sale

    assert sale.deployed.schedules == (Cron("30 2 * * *", "Europe/Berlin"),)
