"""A script of answers says all that is wrong with it at once, each with its line."""

from datetime import timedelta
from pathlib import Path

import pytest

from presscheck.errors import InputError
from presscheck.rehearsal.script import Answer, read_script, span

GOOD = """\
- gate: copy
  who: brand_lead
  decision: request_changes
  reason: voice
  note: Shorter, please.
- decision: let_time_pass
  by: 36h
- decision: approve
  picks: [V01, V02]
  edits:
    - {pick: V01, field: subject, text: Another}
"""
BAD = """\
- decision: aprove
- decision: approve
  gate: Not A Gate
  pics: [V01]
- decision: hand_in
- decision: let_time_pass
  by: a week
- 7
"""


def read(folder: Path, text: str) -> list[Answer]:
    (folder / "answers.yaml").write_text(text)
    return [one.answer for one in read_script(folder / "answers.yaml")]


def test_answers_are_read_in_order(tmp_path: Path) -> None:
    changes, later, yes = read(tmp_path, GOOD)

    assert (changes.gate, changes.who, changes.reason, changes.note) == (
        "copy", "brand_lead", "voice", "Shorter, please.",
    )  # fmt: skip
    assert span(later.by) == timedelta(hours=36)
    assert yes.picks == ("V01", "V02")
    assert yes.edits[0].text == "Another"


def test_all_faults_are_told_with_their_lines(tmp_path: Path) -> None:
    with pytest.raises(InputError) as told:
        read(tmp_path, BAD)

    assert {(fault.line, fault.where) for fault in told.value.faults} >= {
        (1, "[0].decision"), (3, "[1].gate"), (4, "[1].pics"), (5, "[2]"), (7, "[3].by"), (8, "[4]"),
    }  # fmt: skip


@pytest.mark.parametrize(
    ("text", "said"),
    [("a: 1\n", "is not a list"), ("- decision: wake\n- [\n", "answers.yaml:"), ("\xff", "cannot be read")],
)
def test_what_is_no_list_of_answers_is_told(tmp_path: Path, text: str, said: str) -> None:
    (tmp_path / "answers.yaml").write_bytes(text.encode("latin-1"))

    with pytest.raises(InputError, match=said):
        read_script(tmp_path / "answers.yaml")


def test_a_file_that_is_not_there_is_told(tmp_path: Path) -> None:
    with pytest.raises(InputError, match=r"none\.yaml: cannot be read: No such file"):
        read_script(tmp_path / "none.yaml")


def test_an_answer_fits_where_its_gate_and_round_are_asked() -> None:
    at_copy = Answer(decision="approve", gate="copy", round=2)

    assert at_copy.fits("copy", 2)
    assert not at_copy.fits("copy", 1)
    assert not at_copy.fits("budget", 2)
    assert Answer(decision="approve").fits("budget", 1)


@pytest.mark.parametrize("text", ["", "8", "d", "-1d", "8 days", "1.5h", "9999999d", "4000d", "٣d"])
def test_what_is_no_span_of_time_is_refused(text: str) -> None:
    with pytest.raises(ValueError, match=r"span|longer"):
        span(text)
