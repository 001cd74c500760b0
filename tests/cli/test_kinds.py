"""What is no copy on the command line: shown, edited and answered, and its whole story."""

from collections.abc import Callable
from pathlib import Path
from typing import Any

import pytest

from presscheck.backups.lost import WEIGHTY
from presscheck.cli.edits import read_edits
from presscheck.desk.reverting import revert_asset
from presscheck.ledger import EventKind
from presscheck.ledger.reviews import decision_of
from presscheck.models import Refused
from tests.cli.conftest import CommandLine
from tests.desk.scene import Scene
from tests.door.house import House
from tests.door.offered import Offered, budget, segment

As = Callable[[str], CommandLine]


@pytest.fixture
def house(open_house: Any, sqlite_ledgers: Any) -> House:
    return open_house(scene=Offered(sqlite_ledgers, budget(900)))


def agreed(scene: Scene) -> str:
    with scene.ledgers.door.read() as tx:
        decision = decision_of(tx, scene.review.id)
    assert decision is not None
    assert decision.manifest is not None
    return decision.manifest.agreed[0]


@pytest.mark.slow
def test_a_review_prints_every_part_with_its_terms(as_person: As, house: House) -> None:
    told = as_person("ana")("review", house.scene.review.id).stdout

    assert "Goes to nobody: a yes to it is for the campaign's steps; nothing goes out by it" in told
    assert "V01  budget\n      kind budget, a yes commits 900 US dollars\n" in told
    assert "      Amount (US dollars, at least 0, a yes commits it):\n        900\n" in told
    assert "        A third in each month.\n\n        Nothing after May.\n" in told


def test_of_a_long_table_fifty_rows_are_printed(as_person: As, open_house: Any, sqlite_ledgers: Any) -> None:
    scene = Offered(sqlite_ledgers, segment(120))
    open_house(scene=scene)

    told = as_person("sol")("review", scene.review.id).stdout

    assert "        Group | In the segment | Of everybody\n        Group 1 | 10 | 1%\n" in told
    assert told.count(" | ") == 51 * 2
    assert "and 70 more rows; --json has all" in told
    assert "about 4,724 people, stands for audience aaaaaaaaaaaa" in told


def test_a_part_is_edited_by_its_title_and_approved_without_a_pick(as_person: As, house: House, tmp_path: Path) -> None:
    edits = tmp_path / "edits.yaml"
    edits.write_text(
        "- pick: V01\n  field: Amount\n  text: '800'\n- pick: V01\n  field: terms\n  text: |\n    A.\n\n    B.\n"
    )

    result = as_person("ana")("decide", house.scene.review.id, "--approve", "--edit", str(edits))
    shown = as_person("ana")("review", house.scene.review.id).stdout

    assert result.exit_code == 0, result.output
    assert "V01  budget · Amount: 900 · What it is for: Search ads in spring" in result.output
    assert "V01  PICKED, AS EDITED  budget" in shown
    assert "the approver's edit, Amount: [-900 -]{+800 +}(US dollars, at least 0, a yes commits it)" in shown


def test_an_edit_of_a_number_that_is_none_is_refused_by_its_title(as_person: As, house: House, tmp_path: Path) -> None:
    edits = tmp_path / "edits.yaml"
    edits.write_text("- pick: V01\n  field: Amount\n  text: a lot\n")

    result = as_person("ana")("decide", house.scene.review.id, "--approve", "--edit", str(edits))

    assert result.exit_code == 1
    assert "Amount is a whole number, such as 12000 or 12,000, and not “a lot”" in result.stderr
    assert [edit.field for edit in read_edits(edits)] == ["Amount"]


def test_a_review_says_what_it_rests_on(as_person: As, house: House) -> None:
    first = house.scene
    first.approve("ana")
    second = Scene(first.ledgers, people=False, rests_on=(first.assets[0].digest,))

    told = as_person("ana")("review", second.review.id).stdout

    assert "Rests on budget · Amount: 900 · What it is for: Search ads in spring" in told
    assert f"({first.assets[0].digest[:12]}, agreed in {first.review.id})" in told


# ---------------------------------------------------------------- history


@pytest.fixture
def spent(sqlite_ledgers: Any) -> Offered:
    """A budget that was edited, approved and spent, and drafts that rest on it."""
    scene = Offered(sqlite_ledgers, budget(900))
    scene.approve("ana", edits=[{"field": "Amount", "text": "800"}])
    with sqlite_ledgers.worker.write() as tx:
        used = {"step": "book/1//0123abcd", "before": "spending"}
        tx.append(EventKind.ASSET_USED, agreed(scene), used, run=scene.run)
    return scene


def test_a_budgets_story_has_its_versions_who_approved_it_and_what_spent_it(
    cli: CommandLine, spent: Offered, tmp_path: Path
) -> None:
    digest = agreed(spent)
    Scene(spent.ledgers, people=False, rests_on=(digest,))

    story = cli.json("history", digest)["story"]

    told = [one["told"] for one in story["happenings"]]
    assert (story["what"], story["facts"]["Amount"]) == ("budget", "800 (US dollars, at least 0, a yes commits it)")
    assert [one["how"] for one in story["versions"]] == ["made", "edited"]
    assert any("asked at gate agreeing about budget" in one for one in told)
    assert any("approved by ana (brand lead)" in one and "1 asset" in one for one in told)
    assert any("spent by the step book" in one for one in told)
    assert any("4 choices, which rest on it" in one["more"] for one in story["happenings"])


def test_a_budget_that_was_published_by_a_step_is_told_so(cli: CommandLine, spent: Offered) -> None:
    with spent.ledgers.worker.write() as tx:
        tx.append(EventKind.ASSET_USED, agreed(spent), {"step": "post", "before": "publishing"}, run=spent.run)

    assert "published by the step post" in cli("history", agreed(spent)).stdout


def test_the_story_of_a_long_kind_counts_the_rows_of_its_tables(cli: CommandLine, sqlite_ledgers: Any) -> None:
    scene = Offered(sqlite_ledgers, segment(120))

    facts = cli.json("history", scene.assets[0].digest)["story"]["facts"]

    assert facts["How it is made up"] == "120 rows"


def test_what_was_agreed_is_not_told_as_what_goes_out(cli: CommandLine, spent: Offered) -> None:
    with spent.ledgers.door.read() as tx:
        decision = decision_of(tx, spent.review.id)
    assert decision is not None
    assert decision.manifest is not None

    story = cli.json("history", decision.manifest.digest)["story"]

    assert story["what"] == "what was agreed"


def test_an_older_version_of_a_budget_is_not_brought_back_and_why(spent: Offered) -> None:
    with spent.ledgers.door.write() as tx:
        refused = revert_asset(tx, agreed(spent), 1, person="P-eva", reason="other")

    assert isinstance(refused, Refused)
    assert refused.reason == (
        "A budget cannot be brought back: texts and pictures can, and each run asks anew about everything else. "
        "Start a run with the one that you want."
    )


def test_what_was_spent_is_told_one_by_one_where_a_copy_that_is_put_back_lacks_it() -> None:
    assert EventKind.ASSET_USED in WEIGHTY
