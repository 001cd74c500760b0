"""Starting campaigns: as the signed-in person, with files of the project, and told where to go on."""

import json
from collections.abc import Callable
from pathlib import Path

import pytest

import presscheck.cli.run
from tests.cli.conftest import CommandLine
from tests.door.house import House

As = Callable[[str], CommandLine]

BRIEF = """
id: spring-launch
title: Spring launch
collaboration: producer
author: ben@brand.example
offer: The Fell jacket is here.
persona: People who walk in the hills.
tone: warm
channel: email
markets: [US]
deadline: 2049-01-01
call_to_action: {label: See the jacket, url: "https://brand.example/fell"}
sender: {name: Brand, address: news@brand.example, postal_address: "1 Mill Lane, Leeds"}
"""


@pytest.fixture(autouse=True)
def files(project: Path) -> None:
    (project / "briefs").mkdir()
    (project / "briefs" / "spring.yaml").write_text(BRIEF)
    (project / "data").mkdir()
    (project / "data" / "catalogue.csv").write_text("id,price\n")


def sent(house: House) -> dict[str, str]:
    [call] = house.upstream.calls("POST", "create_flow_run")
    return call["body"]["parameters"]


def test_a_campaign_starts_with_paths_as_the_project_names_them(as_person: As, house: House, project: Path) -> None:
    result = as_person("eva")(
        "run", "product-launch", "--brief", str(project / "briefs" / "spring.yaml"),
        "--catalogue", "catalogue.csv", "--set", "audience=segments/all.sql",
    )  # fmt: skip

    assert result.exit_code == 0
    assert sent(house) == {
        "brief": "briefs/spring.yaml", "catalogue": "data/catalogue.csv", "audience": "segments/all.sql",
    }  # fmt: skip
    assert house.url + "/v2/runs/flow-run/" in result.stdout


def test_a_campaign_starts_with_a_brief_of_several_channels(as_person: As, house: House, project: Path) -> None:
    (project / "briefs" / "spring.yaml").write_text(BRIEF.replace("channel: email", "channel: [email, search]"))

    result = as_person("eva")("run", "product-launch", "--brief", "briefs/spring.yaml")

    assert result.exit_code == 0, result.output
    assert sent(house)["brief"] == "briefs/spring.yaml"


def test_the_start_is_recorded_with_the_person(as_person: As, house: House) -> None:
    as_person("eva").json("run", "product-launch")

    assert "run:started" in house.scene.kinds()


def test_somebody_who_may_not_start_runs_is_refused(as_person: As, house: House) -> None:
    result = as_person("ana")("run", "product-launch")

    assert result.exit_code == 1
    assert "engineer or a scheduler" in result.stderr
    assert house.upstream.calls("POST", "create_flow_run") == []


def test_every_fault_of_brief_files_and_settings_is_told_before_anything_starts(
    as_person: As, house: House, project: Path, tmp_path: Path
) -> None:
    (project / "briefs" / "spring.yaml").write_text(BRIEF.replace("collaboration: producer\n", "").replace("warm", "w"))
    (tmp_path / "outside.sql").write_text("SELECT 1")

    result = as_person("eva")(
        "run", "product-launch", "--brief", "briefs/spring.yaml", "--audience", str(tmp_path / "outside.sql"),
        "--catalogue", "nowhere.csv", "--set", "nonsense",
    )  # fmt: skip

    assert result.exit_code == 2
    for words in ("collaboration", "tone", "lies outside of the project", "no such file", "is not KEY=VALUE"):
        assert words in result.stderr
    assert house.upstream.seen == []


def test_a_parameter_given_twice_is_wrong(as_person: As) -> None:
    result = as_person("eva")("run", "product-launch", "--catalogue", "catalogue.csv", "--set", "catalogue=other.csv")

    assert result.exit_code == 2
    assert "is given twice" in result.stderr


def test_wait_ends_when_a_person_is_waited_for(as_person: As, house: House) -> None:
    result = as_person("eva")("run", "product-launch", "--wait", "--json")

    lines = [json.loads(line) for line in result.stdout.splitlines()]
    assert result.exit_code == 0
    assert [line["state"] for line in lines] == ["Started", "Suspended", "Waiting"]
    assert lines[-1]["review"] == house.scene.review.id
    assert lines[-1]["proof"] == f"{house.url}/proof/{house.scene.review.id}"


@pytest.mark.parametrize(
    ("state", "code"),
    [
        ({"type": "COMPLETED", "name": "Delivered"}, 0),
        ({"type": "COMPLETED", "name": "Rejected"}, 1),
        ({"type": "COMPLETED", "name": "Expired"}, 1),
        ({"type": "FAILED", "name": "Held", "message": "no policy"}, 1),
        ({"type": "CRASHED", "name": "Crashed"}, 3),
    ],
)
def test_wait_exits_as_the_run_ended(
    as_person: As, house: House, monkeypatch: pytest.MonkeyPatch, state: dict[str, str], code: int
) -> None:
    house.upstream.state = {"type": "RUNNING", "name": "Running"}

    def meanwhile(_seconds: float) -> None:
        house.upstream.state = state

    monkeypatch.setattr(presscheck.cli.run, "sleep", meanwhile)

    result = as_person("eva")("run", "product-launch", "--wait")

    assert result.exit_code == code
    assert "Running" in result.stdout
    assert result.stdout.splitlines()[-1].startswith(state["name"])
