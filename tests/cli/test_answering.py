"""Reading reviews and answering them: through the door, judged by the desk, told in its words."""

import json
from collections.abc import Callable
from pathlib import Path
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from presscheck.cli.edits import read_edits
from presscheck.desk.pausing import pause
from presscheck.errors import InputError
from presscheck.ledger.reviews import application_of, decision_of
from presscheck.ledger.splits import Cell, Split, record_split
from presscheck.models import Decision
from tests.cli.conftest import CommandLine
from tests.desk.scene import shipped_policies
from tests.door.house import House

As = Callable[[str], CommandLine]


def decision(house: House) -> Decision | None:
    with house.ledger.read() as tx:
        return decision_of(tx, house.scene.review.id)


def test_reviews_say_what_waits_and_for_whom(as_person: As, house: House) -> None:
    listed = as_person("ana")("reviews")

    assert listed.exit_code == 0
    [heading, line] = listed.stdout.splitlines()
    assert heading.split() == ["REVIEW", "CAMPAIGN", "GATE", "ABOUT", "RISK", "WAITS", "UNTIL", "FOR"]
    assert house.scene.review.id in line
    assert "copy, round 1  e-mail to 7 people in US, DE  medium" in line
    assert line.endswith("you")


@pytest.mark.slow
def test_reviews_name_the_cell_of_an_audience_that_was_split(as_person: As, house: House) -> None:
    scene = house.scene
    cells = {"pilot": Cell(audience=scene.audience, rows=7), "rest": Cell(audience="d" * 64, rows=63)}
    with scene.ledgers.worker.write() as tx:
        record_split(tx, scene.run, Split(source="c" * 64, cells=cells))

    assert "e-mail to 7 people in US, DE, cell pilot, 7 of 70" in as_person("ana")("reviews").stdout
    assert "It goes to the cell pilot: 7 of 70 recipients." in as_person("ana")("review", scene.review.id).stdout


def test_mine_lists_only_what_i_may_answer(as_person: As) -> None:
    assert "Nothing waits for you" in as_person("eva")("reviews", "--mine").stdout
    assert len(as_person("ana").json("reviews", "--mine")["reviews"]) == 1


def test_a_review_shows_words_fingerprint_risk_and_who_may_decide(as_person: As, house: House) -> None:
    shown = as_person("ana")("review", house.scene.review.id)

    assert shown.exit_code == 0
    for words in (
        house.scene.review.form_key,
        "A jacket for wet hills, draft a",
        "brand.no-shouting",
        "[See the jacket: https://brand.example/fell]",
        "let pass safety.links-as-briefed: “https://brand.example/fell” by the link of the brief",
        "You may decide",
    ):
        assert words in shown.stdout


def test_somebody_who_may_not_decide_reads_why(as_person: As, house: House) -> None:
    assert "wrote this brief" in as_person("ben")("review", house.scene.review.id).stdout


@pytest.mark.parametrize("name", ["R-000000000000", "../people", "R-1/../../people", "%2e%2e/people", "?mine=1"])
def test_a_review_that_is_not_there_is_bad_input(as_person: As, name: str) -> None:
    result = as_person("ana")("review", name)

    assert result.exit_code == 2
    assert "Traceback" not in result.output


def test_an_approval_signs_exactly_the_picks(as_person: As, house: House) -> None:
    result = as_person("ana")("decide", house.scene.review.id, "--approve", "--pick", "V03, V01")

    made = decision(house)
    assert result.exit_code == 0
    assert made is not None
    assert made.manifest is not None
    assert made.person == "P-ana"
    assert made.manifest.assets == (house.scene.assets[2].digest, house.scene.assets[0].digest)
    assert house.scene.review.form_key in result.stdout
    assert "Accepted: approved" in result.stdout


def test_whoever_answers_reads_what_is_paused_and_what_that_means(as_person: As, house: House) -> None:
    with house.ledger.write() as tx:
        pause(tx, shipped_policies, "product-launch", person="P-ana", reason="factual")

    result = as_person("ana")("decide", house.scene.review.id, "--approve", "--pick", "V01")

    assert result.exit_code == 0
    told = (
        "product-launch is paused, by ana (brand lead), reason factual, 02 Mar 2026, 09:00 UTC. Answers are taken and"
    )
    assert told in result.stdout.partition("Accepted")[0]


def test_an_edit_from_a_file_is_what_is_signed(as_person: As, house: House, tmp_path: Path) -> None:
    edits = tmp_path / "edits.yaml"
    edits.write_text("- pick: V01\n  field: subject\n  text: A jacket for rainy hills\n")

    told = as_person("ana").json(
        "decide", house.scene.review.id, "--approve", "--pick", "V01", "--edit", str(edits)
    )  # fmt: skip

    assert told["accepted"] is True
    assert told["decision"]["manifest"]["assets"] != [house.scene.assets[0].digest]


def test_rejecting_keeps_reason_and_note(as_person: As, house: House) -> None:
    cli = as_person("ana")

    result = cli("decide", house.scene.review.id, "--reject", "--reason", "voice", "--note", "Too loud.")

    made = decision(house)
    assert result.exit_code == 0
    assert made is not None
    assert (made.kind.value, made.reason) == ("rejected", "voice")
    with house.ledger.read() as tx:
        application = application_of(tx, made.application or "")
    assert application is not None
    assert application.note == "Too loud."


def test_a_refusal_is_told_with_its_reason_and_exit_1(as_person: As, house: House) -> None:
    result = as_person("ben")("decide", house.scene.review.id, "--approve", "--pick", "V01")

    assert result.exit_code == 1
    assert "wrote this brief" in result.stderr
    assert decision(house) is None


def test_a_refusal_with_json_is_the_doors_document(as_person: As, house: House) -> None:
    result = as_person("ben")("decide", house.scene.review.id, "--approve", "--pick", "V01", "--json")

    told = json.loads(result.stdout)
    assert result.exit_code == 1
    assert (told["accepted"], told["code"]) == (False, "own-brief")


def test_a_second_answer_is_told_who_was_first(as_person: As, house: House) -> None:
    as_person("cleo")("decide", house.scene.review.id, "--approve", "--pick", "V01")

    result = as_person("ana")("decide", house.scene.review.id, "--reject", "--reason", "voice")

    assert result.exit_code == 1
    assert "cleo" in result.stderr


def test_an_answer_without_a_decision_is_wrong_usage(as_person: As, house: House) -> None:
    result = as_person("ana")("decide", house.scene.review.id, "--pick", "V01")

    assert result.exit_code == 2
    assert "give one of --approve, --reject and --request-changes" in result.stderr


def test_every_fault_of_an_edit_file_is_told_with_its_line(tmp_path: Path) -> None:
    path = tmp_path / "edits.yaml"
    path.write_text("- pick: V01\n  field: ''\n  text: x\n- pick: V02\n  field: body\n- note: hello\n")

    with pytest.raises(InputError) as caught:
        read_edits(path)

    assert [fault.line for fault in caught.value.faults] == [2, 4, 6, 6, 6, 6]


def test_edits_may_be_json(tmp_path: Path) -> None:
    path = tmp_path / "edits.json"
    path.write_text(json.dumps([{"pick": "V01", "field": "body", "text": "Hello.\n\nIt rains: “really”."}]))

    [edit] = read_edits(path)

    assert (edit.pick, edit.field, edit.text) == ("V01", "body", "Hello.\n\nIt rains: “really”.")


@given(st.text(max_size=80) | st.text(alphabet="-[]{}:,\"'pickfieldtext \n", max_size=80))
def test_any_edit_file_is_read_or_refused_in_our_words(tmp_path: Path, text: str) -> None:
    path = tmp_path / "edits.yaml"
    path.write_text(text, "utf-8", "surrogatepass")

    refused: InputError | None = None
    edits: list[Any] = []
    try:
        edits = list(read_edits(path))
    except InputError as error:
        refused = error

    assert bool(edits) != bool(refused and refused.faults)


def test_words_of_a_model_do_not_steer_the_terminal(as_person: As, house: House) -> None:
    cli = as_person("ana")

    result = cli("decide", house.scene.review.id, "--reject", "--reason", "voice", "--note", "\x1b[2Jgone\u202e")
    shown = cli("review", house.scene.review.id)

    assert result.exit_code == 0
    assert "\x1b" not in shown.output
    assert "\u202e" not in shown.output


def test_a_text_handed_in_to_a_question_for_an_approval_is_told_as_such_and_approves_nothing(
    as_person: As, house: House, tmp_path: Path
) -> None:
    text = tmp_path / "text.yaml"
    text.write_text("subject: A plan\npreheader: For rainy days\nbody: We talk to people who walk to work.\n")

    result = as_person("ana")("decide", house.scene.review.id, "--write", str(text), "--pick", "V01")

    assert result.exit_code == 1
    assert result.stdout.splitlines()[0].endswith(": hand in a text")
    assert decision(house) is None
