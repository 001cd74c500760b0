"""Who may do what, in words: the table of rights, and of one review who may decide it and by which rule."""

from collections.abc import Callable
from pathlib import Path

import pytest

from tests.cli.conftest import CommandLine
from tests.door.house import House

As = Callable[[str], CommandLine]


def test_explain_says_who_may_decide_who_may_not_and_by_which_rule(as_person: As, house: House) -> None:
    result = as_person("cleo")("policies", "explain", house.scene.review.id)

    assert result.exit_code == 0
    may, may_not = result.stdout.partition("May decide:")[2].split("May not:")
    assert "ana, brand lead" in may
    assert "ben" not in may
    assert "ben, brand lead: Who wrote the brief cannot judge what came of it" in may_not
    assert "(rights.own-brief)" in may_not


def test_explain_gives_one_document_with_every_person_and_role(as_person: As, house: House) -> None:
    told = as_person("ana").json("policies", "explain", house.scene.review.id)

    assert told["review"] == house.scene.review.id
    assert told["open"] is True
    assert {"person", "name", "role", "may", "rule", "why"} == set(told["people"][0])
    assert [one["name"] for one in told["people"] if one["may"]].count("ana") == 1


def test_who_decides_nothing_sees_who_may_and_themselves(as_person: As, house: House) -> None:
    told = as_person("eva").json("policies", "explain", house.scene.review.id)

    assert {one["name"] for one in told["people"] if not one["may"]} == {"eva"}
    assert told["others"] >= 1


@pytest.mark.parametrize("name", ["R-000000000000", "../../people", "?x=1"])
def test_a_review_that_is_not_there_is_bad_input(as_person: As, name: str) -> None:
    result = as_person("ana")("policies", "explain", name)

    assert result.exit_code == 2
    assert "Traceback" not in result.output


def test_nobody_signed_in_is_told_nothing(at_door: CommandLine, house: House) -> None:
    result = at_door("policies", "explain", house.scene.review.id)

    assert result.exit_code != 0
    assert "ana" not in result.output


@pytest.mark.slow
def test_the_table_of_one_role_says_what_and_up_to_where(cli: CommandLine) -> None:
    shown = cli("policies", "matrix", "--role", "brand_lead")
    told = cli.json("policies", "matrix", "--role", "prompt_engineer")

    assert "approve budget" in shown.stdout
    assert "up to 50,000 dollars" in shown.stdout
    assert [cell["action"] for cell in told["matrix"] if cell["allowed"]] == ["write"]


@pytest.mark.slow
def test_a_role_that_is_not_there_and_rights_that_do_not_load_are_bad_input(cli: CommandLine, project: Path) -> None:
    unknown = cli("policies", "matrix", "--role", "brandlead")
    cli.environment["PRESSCHECK_POLICIES"] = str(project / "policies")
    (project / "policies" / "rights").mkdir(parents=True)
    (project / "policies" / "rights" / "ours.cedar").write_text("permit (principal, action, resource);\n")
    broken = cli("policies", "matrix")
    checked = cli("policies", "check")

    assert (unknown.exit_code, broken.exit_code, checked.exit_code) == (2, 2, 2)
    assert "there is no role brandlead" in unknown.output
    assert "ours.cedar:1: has no @id" in broken.output
    assert "ours.cedar:1: has no @why" in checked.output
