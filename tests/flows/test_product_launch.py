"""The campaign's file: one screen that reads aloud, and nothing of Presscheck but steps and words."""

import ast
from pathlib import Path

import pytest

from presscheck.supervisor.flow_loading import load_flows
from presscheck.supervisor.standing import STANDING

ROOT = Path(__file__).parents[2]
FLOWS = sorted((ROOT / "flows").glob("*.py"))
STANDING_DUTIES = {"escalate_reviews"}
"""What is no campaign: it holds nothing, because it makes nothing that could go out."""
MAY_IMPORT = ("prefect", "tasks", "policies", "presscheck.models")
ROOT_OF_ALL = "presscheck"
"""It offers what tasks and the words offer, and nothing else (tests/test_one_root.py)."""


@pytest.mark.parametrize("path", FLOWS, ids=lambda path: path.name)
def test_a_campaign_fits_one_screen(path: Path) -> None:
    assert len(path.read_text().splitlines()) <= 50


@pytest.mark.parametrize("path", FLOWS, ids=lambda path: path.name)
def test_a_campaign_imports_tasks_policies_and_words_only(path: Path) -> None:
    tree = ast.parse(path.read_text())
    imported = [node.module or "" for node in ast.walk(tree) if isinstance(node, ast.ImportFrom)]
    imported += [alias.name for node in ast.walk(tree) if isinstance(node, ast.Import) for alias in node.names]

    strangers = [name for name in imported if name != ROOT_OF_ALL and not name.startswith(MAY_IMPORT)]

    assert strangers == []


@pytest.mark.parametrize("path", FLOWS, ids=lambda path: path.name)
def test_a_campaign_is_named_after_its_file_and_asleep_until_a_scheduler_switches_it_on(path: Path) -> None:
    loaded = load_flows(str(path))

    assert loaded.fault == ""
    (found,) = [flow for flow in loaded.flows.values() if flow.line]
    assert found.name == path.stem.replace("_", "-")
    assert (found.entry is None) is (path.stem in STANDING_DUTIES)
    if found.entry is not None:
        assert not any(schedule["active"] for schedule in found.entry["schedules"])


def test_a_standing_duty_runs_alone_and_is_called_for_campaigns_that_stay_suspended_only() -> None:
    assert STANDING["concurrency_limit"] == {"limit": 1, "collision_strategy": "CANCEL_NEW"}
    assert [schedule["cron"] for schedule in STANDING["schedules"]] == ["*/5 * * * *"]
    assert STANDING["tags"] == ["standing"]
    [trigger] = STANDING["triggers"]
    # What starts itself again would never end, and what starts a campaign would be a campaign.
    assert trigger["match_related"]["prefect.resource.id"] == "prefect.tag.campaign"
    assert list(trigger["parameters"]) == ["flow_run_id"]
