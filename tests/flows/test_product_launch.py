"""The campaign's file: one screen that reads aloud, and nothing of Presscheck but steps and words."""

import ast
from pathlib import Path

import pytest
import yaml

ROOT = Path(__file__).parents[2]
FLOWS = sorted((ROOT / "flows").glob("*.py"))
STANDING = {"escalate_reviews"}
"""What is no campaign: it holds nothing, because it makes nothing that could go out."""
MAY_IMPORT = ("prefect", "tasks", "policies", "presscheck.models")


@pytest.mark.parametrize("path", FLOWS, ids=lambda path: path.name)
def test_a_campaign_fits_one_screen(path: Path) -> None:
    assert len(path.read_text().splitlines()) <= 50


@pytest.mark.parametrize("path", FLOWS, ids=lambda path: path.name)
def test_a_campaign_imports_tasks_policies_and_words_only(path: Path) -> None:
    tree = ast.parse(path.read_text())
    imported = [node.module or "" for node in ast.walk(tree) if isinstance(node, ast.ImportFrom)]
    imported += [alias.name for node in ast.walk(tree) if isinstance(node, ast.Import) for alias in node.names]

    strangers = [name for name in imported if not name.startswith(MAY_IMPORT)]

    assert strangers == []


@pytest.mark.parametrize("path", FLOWS, ids=lambda path: path.name)
def test_a_campaign_holds_what_goes_wrong_and_is_deployed_under_its_name(path: Path) -> None:
    tree = ast.parse(path.read_text())
    campaigns = [node for node in tree.body if isinstance(node, ast.FunctionDef)]
    deployed = yaml.safe_load((ROOT / "deployments" / "prefect.yaml").read_text())["deployments"]

    assert [node.name for node in campaigns] == [path.stem]
    holds = "hold_on_fault" in [ast.unparse(mark) for mark in campaigns[0].decorator_list]
    assert holds is (path.stem not in STANDING)
    found = next(one for one in deployed if one["entrypoint"] == f"flows/{path.name}:{path.stem}")
    assert found["name"] == path.stem.replace("_", "-")


def test_every_deployment_has_a_limit_a_pool_and_no_path_of_this_machine() -> None:
    text = (ROOT / "deployments" / "prefect.yaml").read_text()

    for one in yaml.safe_load(text)["deployments"]:
        assert one["concurrency_limit"]["limit"] >= 1
        assert one["concurrency_limit"]["collision_strategy"] in {"ENQUEUE", "CANCEL_NEW"}
        assert one["work_pool"] == {"name": "presscheck"}
        standing = one["name"].replace("-", "_") in STANDING
        assert one["tags"] == (["standing"] if standing else ["campaign"])
        assert all(schedule.get("active", True) is standing for schedule in one.get("schedules", []))
    assert "/home/" not in text
    assert "/work/" not in text


def test_a_standing_duty_runs_alone_and_is_called_for_campaigns_that_stay_suspended_only() -> None:
    deployed = yaml.safe_load((ROOT / "deployments" / "prefect.yaml").read_text())["deployments"]
    duty = next(one for one in deployed if one["name"] == "escalate-reviews")

    assert duty["concurrency_limit"] == {"limit": 1, "collision_strategy": "CANCEL_NEW"}
    assert [schedule["cron"] for schedule in duty["schedules"]] == ["*/5 * * * *"]
    [trigger] = duty["triggers"]
    # What starts itself again would never end, and what starts a campaign would be a campaign.
    assert trigger["match_related"]["prefect.resource.id"] == "prefect.tag.campaign"
    assert list(trigger["parameters"]) == ["flow_run_id"]
