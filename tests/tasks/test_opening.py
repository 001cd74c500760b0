"""Opening a campaign: from files of the project only, once, and held with every fault where they are wrong."""

from pathlib import Path

import pytest
from prefect.client.schemas.objects import StateType

from presscheck.errors import InputError
from presscheck.ledger import EventKind
from presscheck.wiring import read_settings
from tasks.opening import inside
from tests.tasks.stage import Stage


@pytest.mark.slow
def test_a_brief_with_faults_holds_the_run_with_all_of_them_and_nothing_was_drafted(stage: Stage) -> None:
    brief = stage.project / "brief.yaml"
    brief.write_text(brief.read_text().replace("collaboration: producer\n", "").replace("tone: warm", "tone: shrill"))

    ended = stage.start()

    assert ended is not None
    assert (ended.type, ended.name) == (StateType.FAILED, "Held")
    assert "collaboration" in (ended.message or "")
    assert "tone" in (ended.message or "")
    assert "Traceback" not in (ended.message or "")
    assert stage.events() == []


@pytest.mark.slow
def test_a_brief_that_says_advisor_is_held_because_a_machine_may_not_draft_it(stage: Stage) -> None:
    brief = stage.project / "brief.yaml"
    brief.write_text(brief.read_text().replace("collaboration: producer", "collaboration: advisor"))

    ended = stage.start()

    assert ended is not None
    assert ended.name == "Held"
    assert "advisor" in (ended.message or "")
    assert stage.nodes()["draft variants, round 1"].state_name == "Held"
    assert stage.events(EventKind.REVIEW_OPENED) == []
    assert [event.data["ending"] for event in stage.events(EventKind.CAMPAIGN_ENDED)] == ["held"]


@pytest.mark.slow
def test_a_channel_that_the_way_out_does_not_take_is_held_before_anybody_is_asked(
    stage: Stage, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setenv("PRESSCHECK_VIA", "smtp")
    brief = stage.project / "brief.yaml"
    brief.write_text(brief.read_text().replace("channel: email", "channel: sms"))

    ended = stage.start()

    assert ended is not None
    assert ended.name == "Held"
    assert "smtp takes email and not sms" in (ended.message or "")
    assert stage.events(EventKind.REVIEW_OPENED) == []


@pytest.mark.slow
def test_a_brief_edited_while_a_person_decides_changes_nothing(stage: Stage) -> None:
    stage.start()
    asked = stage.review()
    brief = stage.project / "brief.yaml"
    brief.write_text(brief.read_text().replace("It keeps the rain out.", "It keeps the snow out."))

    assert stage.wake() is None

    assert stage.review() == asked
    brief.unlink()
    assert stage.wake() is None


@pytest.mark.slow
def test_a_run_that_was_held_goes_on_once_its_brief_is_mended(stage: Stage) -> None:
    brief = stage.project / "brief.yaml"
    right = brief.read_text()
    brief.write_text(right.replace("channel: email", "channel: pigeon"))
    stage.start()
    brief.write_text(right)

    assert stage.wake() is None

    assert stage.state.type is StateType.PAUSED


def test_a_file_of_the_project_and_of_its_data_is_found(project: Path) -> None:
    (project / "data").mkdir()
    (project / "data" / "catalogue.csv").write_text("id\n")
    (project / "brief.yaml").write_text("id: x\n")
    settings = read_settings()

    assert inside(settings, "brief.yaml", what="brief") == project / "brief.yaml"
    assert inside(settings, "catalogue.csv", what="catalogue") == project / "data" / "catalogue.csv"
    assert inside(settings, str(project / "brief.yaml"), what="brief") == project / "brief.yaml"


@pytest.mark.parametrize(
    "given", ["/etc/passwd", "../outside.yaml", "data/../../outside.yaml", "link.yaml", "", ".", "no"]
)
def test_a_path_that_leads_out_of_the_project_or_to_no_file_is_refused(project: Path, given: str) -> None:
    outside = project.parent / "outside.yaml"
    outside.write_text("id: x\n")
    (project / "link.yaml").symlink_to(outside)

    with pytest.raises(InputError, match="there is no such brief"):
        inside(read_settings(), given, what="brief")
