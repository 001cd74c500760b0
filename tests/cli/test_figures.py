"""`presscheck figures`, `baseline` and `minutes`, against a real door and a real ledger."""

from pathlib import Path
from typing import Any

import pytest

from presscheck.ledger import EventKind
from tests.cli.conftest import CommandLine
from tests.door.house import House

BEFORE = "measure,value,n\nsince,2025-01-01\nuntil,2025-12-31\nminutes-per-asset,<b>,\n"


@pytest.fixture
def before(tmp_path: Path) -> Path:
    path = tmp_path / "before.csv"
    path.write_text(BEFORE.replace("<b>", "90").replace("minutes-per", "answer-hours,4,12\nminutes-per"))
    return path


@pytest.mark.slow
def test_a_person_s_look_and_answer_become_figures_beside_those_from_before(
    house: House, as_person: Any, before: Path, tmp_path: Path
) -> None:
    cli: CommandLine = as_person("ana")
    review = house.scene.review.id
    cli("review", review)
    house.visitor("ana").get(f"/proof/{review}")
    house.scene.ledgers.clock.advance(minutes=30)
    house.scene.approve(picks=["V01"])
    assert "brief count towards run" in cli("minutes", house.scene.run, "15", "--what", "brief").stdout
    assert cli("baseline", "import", str(before)).stdout.startswith("Baseline 1: 2 figures")

    page = tmp_path / "figures.html"
    told = cli("figures", "--html", str(page), "--definitions")
    document = {line["id"]: line for line in cli.json("figures")["figures"]}

    assert len([event for event in cli.json("history")["events"] if event["kind"] == "review:seen"]) == 1
    assert document["minutes-per-asset"]["value"] == "45.00"
    assert (document["answer-hours"]["value"], document["answer-hours"]["change"]) == ("0.50", "-3.50")
    assert document["velocity-days"]["value"] is None
    assert "no campaign has delivered" in told.stdout
    assert "nights and weekends count" in told.stdout
    html = page.read_text()
    assert "<svg" in html
    assert "<script" not in html
    assert "is no proof of its cause" in html


def test_a_baseline_is_shown_and_removed_by_version(cli: CommandLine, sqlite_ledgers: Any, before: Path) -> None:
    assert "There is no baseline" in cli("baseline", "show").stdout
    cli("baseline", "import", str(before))

    assert "Baseline 1 (counts)" in cli("baseline", "show").stdout
    assert cli("baseline", "remove").stdout == "Baseline 1 does not count any more. No baseline counts.\n"
    assert cli.json("baseline", "show", "--all")[0]["removed"] is True
    assert cli("baseline", "remove").exit_code == 2


def test_a_file_with_faults_changes_nothing(cli: CommandLine, sqlite_ledgers: Any, tmp_path: Path) -> None:
    wrong = tmp_path / "wrong.csv"
    wrong.write_text(BEFORE)

    told = cli("baseline", "import", str(wrong))

    assert told.exit_code == 2
    assert f"{wrong}:4: figures.minutes-per-asset" in told.stderr
    assert cli.json("baseline", "show") == []


def test_wrong_days_and_a_page_that_cannot_be_written_are_told(cli: CommandLine, sqlite_ledgers: Any) -> None:
    assert cli("figures", "--since", "2026-02-01", "--until", "2026-01-01").exit_code == 2
    assert cli("figures", "--since", "yesterday").exit_code == 2
    assert "cannot be written" in cli("figures", "--html", "/nowhere/figures.html").stderr


@pytest.mark.parametrize(
    ("body", "status"),
    [
        ({"run": "RUN", "minutes": 10, "what": "brief"}, 201),
        ({"run": "RUN", "minutes": 0, "what": "brief"}, 422),
        ({"run": "RUN", "minutes": True, "what": "brief"}, 422),
        ({"run": "RUN", "minutes": 1.5, "what": "brief"}, 422),
        ({"run": "RUN", "minutes": 10_001, "what": "brief"}, 422),
        ({"run": "RUN", "minutes": 10, "what": "Ana Lopez"}, 422),
        ({"run": "another", "minutes": 10, "what": "brief"}, 404),
        ({"run": ["RUN"], "minutes": 10, "what": "brief"}, 404),
    ],
)
def test_minutes_are_stated_by_oneself_for_a_run_that_there_is(body: Any, status: int, house: House) -> None:
    body = {**body, "run": house.scene.run if body["run"] == "RUN" else body["run"], "person": "P-cleo"}

    assert house.visitor("ana").post("/-/api/work", json=body).status_code == status

    with house.ledger.read() as tx:
        stated = [event.data["person"] for event in tx.events(EventKind.WORK_STATED)]
    assert stated == (["P-ana"] if status == 201 else [])


@pytest.mark.slow
def test_a_look_is_recorded_once_a_person_and_while_the_question_waits(house: House) -> None:
    review, run = house.scene.review.id, house.scene.run
    for _ in range(2):
        house.visitor("ana").get(f"/proof/{review}")
        house.visitor("ana").get(f"/api/flow_runs/{run}/input/any-key-schema")
    house.visitor("ana").get("/proof/R-000000000000")
    house.visitor("cleo").get(f"/-/api/reviews/{review}")
    house.visitor(None).get(f"/proof/{review}")
    house.scene.approve(picks=["V01"])
    house.visitor("uma").get(f"/proof/{review}")

    with house.ledger.read() as tx:
        seen = [event.data["person"] for event in tx.events(EventKind.REVIEW_SEEN)]
    assert seen == ["P-ana", "P-cleo"]
