"""`presscheck new` adds what is sound as it stands, with a test that passes, and writes over nothing."""

import os
import subprocess
import sys
from datetime import UTC, datetime
from pathlib import Path

import pytest

from presscheck.errors import InputError
from presscheck.starter import make_project
from presscheck.starter.adding import WHATS, What, add
from tests.cli.conftest import CommandLine, cli, environment, project

__all__ = ["cli", "environment", "project"]

TODAY = datetime.now(UTC).date()
NAMES: dict[What, str] = {
    "flow": "winter-sale",
    "step": "collect-subjects",
    "kind": "channel-mix",
    "gate": "last-look",
    "guardrail": "small-talk",
    "expectation": "good-products",
}


@pytest.fixture
def shop(tmp_path: Path) -> Path:
    folder = tmp_path / "shop"
    make_project(folder, campaign="spring-mug", author="me@example.com", as_of=TODAY)
    return folder


def added(shop: Path, what: What, name: str = "", author: str = "me@example.com") -> tuple[str, ...]:
    wanted = name or NAMES[what]
    return add(shop, what, wanted, author=author, data=shop / "data", policies=shop / "policies", as_of=TODAY).files


def told(shop: Path, what: What, name: str = "", author: str = "me@example.com") -> list[str]:
    before = sorted(shop.rglob("*"))
    with pytest.raises(InputError) as refused:
        added(shop, what, name, author)
    assert sorted(shop.rglob("*")) == before
    return [str(fault) for fault in refused.value.faults]


def clean() -> dict[str, str]:
    return {
        key: value for key, value in os.environ.items() if not key.startswith(("PRESSCHECK_", "PREFECT_", "PYTEST"))
    }


@pytest.mark.slow
@pytest.mark.timeout(600)
def test_what_is_generated_passes_its_own_tests_and_the_check_of_the_project(shop: Path) -> None:
    tests = [name for what in WHATS for name in added(shop, what) if name.startswith("tests/test_")]
    run = {"cwd": shop, "env": clean(), "capture_output": True, "text": True, "check": False}

    # Of the flow's tests one: they are those of `presscheck init`, which another test runs.
    only = "not winter_sale or signs_is_delivered"
    tested = subprocess.run([sys.executable, "-m", "pytest", *tests, "-k", only], **run)  # type: ignore[call-overload]
    checked = subprocess.run([sys.executable, "-m", "presscheck.cli", "check"], **run)  # type: ignore[call-overload]

    assert len(tests) == len(WHATS)
    assert tested.returncode == 0, tested.stdout + tested.stderr
    assert "12 passed" in tested.stdout
    assert checked.returncode == 0, checked.stdout + checked.stderr


@pytest.mark.slow
@pytest.mark.parametrize("what", WHATS)
def test_a_second_one_of_the_name_is_refused_with_every_file_and_nothing_is_touched(shop: Path, what: What) -> None:
    files = [name for name in added(shop, what) if name != "tests/plain_brief.yaml"]

    said = told(shop, what)

    assert {f"{name}: is there already, and nothing is written over; choose another name" for name in files} <= set(
        said
    )


@pytest.mark.parametrize(
    ("what", "name", "said"),
    [
        ("flow", "Winter Sale", "'Winter Sale' is no name; write lower-case words"),
        ("flow", "../etc/passwd", "is no name"),
        ("step", "class", "'class' is no name"),
        ("gate", "null", "'null' is no name"),
        ("flow", "deliver", "deliver is a word of Presscheck's own; choose another, such as deliver-launch"),
        ("kind", "mix", "mix is one word, as the kinds that ship are; write two"),
        ("gate", "copy", "at the gate copy approvals.campaign-copy decides already"),
        ("gate", "budgets", "there is a policy approvals.budgets already"),
        ("guardrail", "our-words", "there is a policy brand.our-words already"),
    ],
)
def test_a_name_that_is_none_or_taken_is_told(shop: Path, what: What, name: str, said: str) -> None:
    assert any(said in one for one in told(shop, what, name))


def test_an_address_that_is_none_is_told_with_the_name(shop: Path) -> None:
    assert len(told(shop, "flow", "A", author="nobody")) == 2


def test_a_project_whose_tests_rehearse_nothing_is_told_what_to_add(shop: Path) -> None:
    (shop / "tests/conftest.py").write_text("")

    (said,) = told(shop, "step")

    assert said.endswith("add from presscheck.rehearsal.fixtures import presscheck_prefect, rehearsal")


def test_a_folder_without_tests_gets_what_they_need(tmp_path: Path) -> None:
    files = added(tmp_path, "step")

    assert {"tests/conftest.py", "pyproject.toml", "tests/plain_brief.yaml"} <= set(files)


def test_a_place_that_cannot_be_written_leaves_nothing(shop: Path) -> None:
    (shop / "segments/spring_mug.sql").unlink()
    (shop / "segments").rmdir()
    (shop / "segments").write_text("a file")

    (said,) = told(shop, "flow")

    assert "cannot be written" in said
    assert said.endswith("nothing was added")


def test_the_command_says_what_it_wrote_and_what_comes_next(cli: CommandLine, project: Path) -> None:
    answer = cli.json("new", "guardrail", "small-talk")

    assert all((project / name).is_file() for name in answer["files"])
    assert answer["test"] == "tests/test_small_talk_guardrail.py"
    assert "write in policies/guardrails/small-talk.yaml" in answer["next"]


@pytest.mark.parametrize(
    ("what", "said"),
    [
        ("flwo", "did you mean flow?"),
        ("expectations", "did you mean expectation?"),
        ("x", "write flow, step, kind"),
    ],
)
def test_what_cannot_be_added_is_told(cli: CommandLine, what: str, said: str) -> None:
    result = cli("new", what, "some-name")

    assert result.exit_code == 2
    assert said in result.stderr
