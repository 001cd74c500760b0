"""What a review's findings would have written instead becomes a file that `decide --edit` takes."""

from collections.abc import Callable
from pathlib import Path
from typing import Any

import pytest

from presscheck.cli.edits import read_edits, safe_edits, write_edits
from presscheck.errors import InputError
from presscheck.models import Edit
from tests.cli.conftest import CommandLine
from tests.door.house import House

As = Callable[[str], CommandLine]


def proposal(code: str, body: str, *offered: tuple[int, int, str | None]) -> dict[str, Any]:
    findings = [{"field": "body", "span": [start, end], "replacement": new} for start, end, new in offered]
    return {"code": code, "copy": {"subject": "Tents", "preheader": "", "body": body}, "findings": findings}


def test_every_safe_replacement_of_a_part_stands_in_one_edit() -> None:
    told = [proposal("V01", "Cheap and very cheap.", (0, 5, "Low-priced"), (10, 14, ""), (15, 20, "low-priced"))]

    assert safe_edits(told, ()) == [Edit(pick="V01", field="body", text="Low-priced and low-priced.")]


def test_one_that_is_not_safe_stays_as_it_is() -> None:
    told = [proposal("V01", "Cheap and cheap.", (0, 5, None), (10, 15, "low-priced"))]

    assert [edit.text for edit in safe_edits(told, ())] == ["Cheap and low-priced."]


def test_of_two_that_overlap_one_is_written() -> None:
    told = [proposal("V01", "man cave man", (0, 8, "den"), (4, 12, "dweller"))]

    assert [edit.text for edit in safe_edits(told, ())] == ["man dweller"]


def test_only_what_is_picked_is_edited() -> None:
    told = [proposal(code, "Cheap.", (0, 5, "Low-priced")) for code in ("V01", "V02")]

    assert [edit.pick for edit in safe_edits(told, {"V02"})] == ["V02"]


@pytest.mark.parametrize("picks", [{"V09"}, set[str]()])
def test_where_there_is_nothing_to_write_it_says_so(picks: set[str]) -> None:
    with pytest.raises(InputError, match=r"no choice V09|no finding"):
        safe_edits([proposal("V01", "Fine.")], picks)


def test_what_is_written_is_read_by_decide_and_no_file_is_overwritten(tmp_path: Path) -> None:
    edits = [Edit(pick="V01", field="body", text="Zwei Zeilen\n\nüber “Zelte”.")]
    path = tmp_path / "edits.json"

    write_edits(path, edits)

    assert [Edit(**one.model_dump()) for one in read_edits(path)] == edits
    with pytest.raises(InputError, match="is there already"):
        write_edits(path, edits)


def test_a_review_shows_what_to_write_instead_in_its_json(as_person: As, house: House) -> None:
    told = as_person("ana").json("review", house.scene.review.id)

    assert all("replacement" in finding for one in told["proposals"] for finding in one["findings"])


def test_edits_of_a_review_without_any_are_bad_input(as_person: As, house: House, tmp_path: Path) -> None:
    result = as_person("ana")("review", house.scene.review.id, "--edits", str(tmp_path / "edits.json"))

    assert result.exit_code == 2
    assert "no finding there offers a replacement" in result.output
