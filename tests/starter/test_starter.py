"""`presscheck init` writes a whole project or nothing, and says everything that is wrong at once."""

import ast
import os
from datetime import UTC, date, datetime
from pathlib import Path

import pytest
from hypothesis import given
from hypothesis import strategies as st

from policies import load_policies
from presscheck.errors import InputError
from presscheck.screening.catalogue import load_product
from presscheck.settings import Settings
from presscheck.starter import make_project
from presscheck.supervisor.flow_loading import load_flows
from tasks.briefs import load_brief
from tests.cli.conftest import CommandLine, cli, environment, project

__all__ = ["cli", "environment", "project"]

TODAY = date(2026, 11, 22)


def made(folder: Path, **changed: str) -> Path:
    said = {"campaign": "spring-mug", "author": "me@example.com"} | changed
    make_project(folder, as_of=TODAY, **said)
    return folder


def test_the_brief_the_product_and_the_settings_of_a_new_project_load(tmp_path: Path) -> None:
    folder = made(tmp_path / "shop")

    brief = load_brief(folder / "briefs" / "spring_mug.yaml", as_of=TODAY)
    settings = Settings.read(folder, {})

    assert brief.author == "me@example.com"
    assert load_product(folder / "data" / "catalogue.csv", brief.product or "", data=folder / "data").name
    assert settings.policies.folder == folder / "policies"


def test_the_overlay_of_a_new_project_adds_one_policy_and_overrides_another(tmp_path: Path) -> None:
    folder = made(tmp_path / "shop")

    shipped, with_ours = load_policies(), load_policies(overlay=folder / "policies")

    before = {policy.id: policy.version for policy in shipped.guardrails}
    after = {policy.id: policy.version for policy in with_ours.guardrails}
    assert set(after) - set(before) == {"brand.our-words"}
    assert {name for name in before if before[name] != after[name]} == {"format.email-length"}


def test_an_overlay_that_overrides_what_is_not_there_is_told_with_its_file_and_line(tmp_path: Path) -> None:
    folder = made(tmp_path / "shop")
    path = folder / "policies" / "guardrails" / "our-words.yaml"
    path.write_text(path.read_text().replace("kind: guardrail", "overrides: true\nkind: guardrail", 1))

    with pytest.raises(InputError, match=r"our-words\.yaml:\d+: overrides: there is no brand\.our-words to override"):
        load_policies(overlay=folder / "policies")


def test_the_campaign_is_deployed_under_its_name_and_fits_one_screen(tmp_path: Path) -> None:
    folder = made(tmp_path / "shop")

    text = (folder / "flows" / "spring_mug.py").read_text()
    found = load_flows(str(folder / "flows" / "spring_mug.py")).flows["spring_mug"]

    assert [node.name for node in ast.parse(text).body if isinstance(node, ast.FunctionDef)] == ["spring_mug"]
    assert len(text.splitlines()) <= 50
    assert found.entry is not None
    assert found.entry["name"] == "spring-mug"
    # On record but asleep: a campaign must not start by itself on somebody who has just installed this.
    assert [schedule["active"] for schedule in found.entry["schedules"]] == [False]


def test_a_folder_that_holds_something_is_left_as_it_is(tmp_path: Path) -> None:
    (tmp_path / "notes.txt").write_text("mine")

    with pytest.raises(InputError, match=r"holds notes\.txt; name a new folder, nothing is written over"):
        made(tmp_path)

    assert [path.name for path in tmp_path.iterdir()] == ["notes.txt"]


def test_an_empty_folder_is_filled(tmp_path: Path) -> None:
    (tmp_path / "shop").mkdir()

    assert (made(tmp_path / "shop") / "presscheck.toml").is_file()


def test_all_that_is_wrong_is_said_at_once(tmp_path: Path) -> None:
    (tmp_path / "shop").write_text("a file")

    with pytest.raises(InputError) as told:
        made(tmp_path / "shop", campaign="Spring Mug", author="nobody")

    assert [(fault.path, fault.message.split(";")[0]) for fault in told.value.faults] == [
        (str(tmp_path / "shop"), "is a file"),
        ("--campaign", "'Spring Mug' is no name"),
        ("--author", "'nobody' is no e-mail address"),
    ]


@given(campaign=st.one_of(st.text(max_size=30), st.from_regex(r"[a-z0-9-]{1,20}", fullmatch=True)))
def test_whatever_a_campaign_is_called_its_file_is_python_or_nothing_is_written(
    campaign: str, tmp_path_factory: pytest.TempPathFactory
) -> None:
    folder = tmp_path_factory.mktemp("named") / "shop"

    try:
        project = make_project(folder, campaign=campaign, author="me@example.com", as_of=TODAY)
    except InputError:
        assert not folder.exists()
    else:
        ast.parse(project.flow.read_text())
        assert project.flow.parent == folder / "flows"


def test_a_place_that_cannot_be_written_is_said_and_left_clean(tmp_path: Path) -> None:
    (tmp_path / "file").write_text("")

    with pytest.raises(InputError, match="cannot be written"):
        made(tmp_path / "file" / "shop")

    assert os.listdir(tmp_path) == ["file"]


def test_the_command_lists_what_it_wrote(cli: CommandLine, tmp_path: Path) -> None:
    answer = cli.json("init", str(tmp_path / "shop"), "--campaign", "winter-sale")

    assert answer["campaign"] == "winter-sale"
    assert all((tmp_path / "shop" / name).is_file() for name in answer["files"])
    assert datetime.now(UTC).date().isoformat() in (tmp_path / "shop/policies/guardrails/our-words.yaml").read_text()


def test_the_command_refuses_a_filled_folder_with_exit_code_2(cli: CommandLine, tmp_path: Path) -> None:
    (tmp_path / "held").write_text("")

    refused = cli("init", str(tmp_path))

    assert refused.exit_code == 2
    assert "nothing is written over" in refused.stderr
