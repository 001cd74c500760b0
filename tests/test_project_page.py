"""docs/project.md is what happens: its campaign loads and passes, and what it quotes is told in these words."""

import re
from datetime import UTC, datetime
from pathlib import Path

import pytest

from policies import load_policies
from presscheck.supervisor.deployment_file import read_deployments
from presscheck.supervisor.flow_loading import load_flows
from tasks.campaign_faults import FlowOptions
from tasks.mapping import map_flow
from tasks.schedules import faults_of_schedule

PAGE = (Path(__file__).parents[1] / "docs" / "project.md").read_text("utf-8")
CODE = re.findall(r"```python\n(.*?)```", PAGE, re.S)
TOLD = dict(re.findall(r"<!-- told: (.*?) -->\n```\n(.*?)\n```", PAGE, re.S))


def test_the_campaign_of_the_page_loads_and_its_map_passes(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.chdir(tmp_path)
    Path("flows").mkdir()
    Path("flows/spring_sale.py").write_text(CODE[0])

    loaded = load_flows("flows/spring_sale.py")
    sale = loaded.flows["spring_sale"]

    assert loaded.fault == ""
    assert sale.name == "spring-sale"
    assert sale.entry is not None
    assert sale.entry["concurrency_limit"]["limit"] == 2
    assert map_flow(sale.flow, load_policies()).passes


def test_every_option_of_the_decorator_is_named() -> None:
    rows = PAGE.partition("| in the decorator |")[2].partition("\n\n")[0]

    assert {*FlowOptions.__annotations__} - {name for name in FlowOptions.__annotations__ if f"`{name}`" in rows} == {
        "on_completion",
        "on_cancellation",
        "on_crashed",
        "on_running",
    }
    assert all(f"`{name}`" in rows for name in ("name", "schedule", "limit", "parameters", "tags"))


def test_what_is_quoted_of_a_night_is_told_in_these_words() -> None:
    quoted = TOLD["30 2 * * * Europe/Berlin"]
    written = datetime.fromisoformat(quoted.partition(" ")[0]).replace(tzinfo=UTC, year=2026, month=11)

    assert quoted in faults_of_schedule("30 2 * * *", "Europe/Berlin", as_of=written)


def test_what_is_quoted_of_a_misspelt_key_is_told_in_these_words(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.chdir(tmp_path)
    Path("deployments").mkdir()
    path = Path("deployments/prefect.yaml")
    path.write_text("deployments:\n  - name: a\n    entrypoint: flows/a.py:a\n    shedules: []\n")

    (entry,) = read_deployments(path, as_of=datetime.now(UTC)).entries

    assert [str(fault) for fault in entry.faults] == [TOLD["shedules"]]
