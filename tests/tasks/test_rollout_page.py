"""docs/rollout.md says what is so: its project is written as it stands there, checked, and its own tests pass."""

import os
import re
import subprocess
import sys
from datetime import UTC, date, datetime, timedelta
from pathlib import Path

import pytest

from policies import load_policies
from presscheck.cli.flow_files import load_flows
from presscheck.starter import make_project
from tasks.mapping import map_flow

PAGE = (Path(__file__).parents[2] / "docs" / "rollout.md").read_text(encoding="utf-8")
TODAY: date = datetime.now(UTC).date()


def blocks() -> dict[str, str]:
    """The page's files by their names."""
    found = re.findall(r"```(?:python|yaml|sql)\n(?:#|--) ([^\n]+)\n(.*?)```", PAGE, re.DOTALL)
    return {name: text.replace("{deadline}", (TODAY + timedelta(days=45)).isoformat()) for name, text in found}


def page_project(folder: Path) -> Path:
    """A project of the page's files, on the starter's customers and catalogue."""
    made = make_project(folder, campaign="first-campaign", author="olga@example.com", as_of=TODAY)
    for name in made.files:
        if name.startswith(("flows/", "briefs/", "segments/", "tests/", "policies/")):
            (folder / name).unlink()
    for name, text in blocks().items():
        (folder / name).parent.mkdir(parents=True, exist_ok=True)
        (folder / name).write_text(text, encoding="utf-8")
    return folder


@pytest.fixture
def shop(tmp_path: Path) -> Path:
    return page_project(tmp_path / "shop")


def test_the_project_of_the_page_has_at_most_six_files_and_a_hundred_and_twenty_lines() -> None:
    assert len(blocks()) <= 6
    assert sum(len(text.splitlines()) + 1 for text in blocks().values()) <= 120


@pytest.mark.slow
def test_the_campaign_of_the_page_is_guarded_on_every_way(shop: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.chdir(shop)
    (sale,) = load_flows(shop / "flows" / "spring_sale.py")

    chart = map_flow(sale, load_policies())

    assert (chart.faults, chart.ways) == ((), 5_264)
    gates = {node.key.partition(":")[2] for node in chart.nodes if node.kind == "gate"}
    assert gates == {"segment", "pilot", "ads", "rollout"}


@pytest.mark.slow
def test_the_tests_of_the_page_pass(shop: Path) -> None:
    environment = {
        name: value for name, value in os.environ.items() if not name.startswith(("PRESSCHECK_", "PREFECT_"))
    }
    done = subprocess.run(
        [sys.executable, "-m", "pytest", "-p", "no:cacheprovider", "tests"],
        cwd=shop,
        env=environment,
        capture_output=True,
        text=True,
        check=False,
        timeout=240,
    )

    assert done.returncode == 0, done.stdout[-6_000:] + done.stderr[-2_000:]
    assert "2 passed" in done.stdout
