"""`presscheck policies packs` and `migrate`, and what the doctor and a review say of weaker rules."""

from collections.abc import Callable
from pathlib import Path
from typing import Any

import pytest

from tests.cli.conftest import CommandLine
from tests.desk.scene import Scene
from tests.door.house import House
from tests.overlays import QUIETLY, SOFTER, overlaid

BEFORE = """\
# Our own words, from the brand book.
id: brand.no-synergy
kind: guardrail
title: No synergy
why: Nobody knows what it means.
source: {name: Us, date: 2026-01-15}
owner: brand
scope: {channels: all, markets: all, kinds: [copy]}
level: block
match: {phrases: [synergy]}
message: It says nothing.
suggestion: Say what the reader gets.
cases:
- {text: Synergy., fires: true}     # kept as it is indented
- {text: Sun., fires: false}
"""


@pytest.fixture
def ours(project: Path) -> Callable[[dict[str, str]], Path]:
    """Writes the project's own policy files."""

    def written(files: dict[str, str]) -> Path:
        (project / "presscheck.toml").write_text('policies = "ours"\n')
        for place, text in files.items():
            path = project / "ours" / place
            path.parent.mkdir(parents=True, exist_ok=True)
            path.write_text(text, encoding="utf-8")
        return project / "ours"

    return written


Ours = Callable[[dict[str, str]], Path]


def test_packs_are_listed_and_rules_as_they_ship_said_to_be_so(cli: CommandLine) -> None:
    told = cli.json("policies", "packs")
    text = cli("policies", "packs").stdout

    assert {"base", "privacy"} <= {pack["pack"] for pack in told["packs"]}
    assert all(pack["rules"] and not pack["own"] for pack in told["packs"])
    assert told["differences"] == []
    assert "Every rule that ships is as it ships." in text


def test_what_is_weaker_stands_first_with_who_answers_and_why(cli: CommandLine, ours: Ours) -> None:
    ours({**SOFTER, "guardrails/no-synergy.yaml": BEFORE.replace("{phrases", "{kind: phrases, phrases")})

    told = cli.json("policies", "packs")
    lines = cli("policies", "packs").stdout.splitlines()

    assert {pack["pack"]: pack["on"] for pack in told["packs"]}["privacy"] is False
    assert [one["weight"] for one in told["differences"]][-1] == "stricter"
    assert told["without_pack"] == ["brand.no-synergy"]
    said = "brand.no-shouting: level is review instead of block. brand: Our brand shouts now and then."
    assert f"  weaker: {said}" in lines
    assert lines[-1] == "  stricter: brand.no-synergy: was added."


def test_a_pack_lists_its_rules_also_where_it_is_off(cli: CommandLine, ours: Ours) -> None:
    on = cli.json("policies", "packs", "privacy")
    ours(SOFTER)
    off = cli.json("policies", "packs", "privacy")

    (before,), (after,) = on["packs"], off["packs"]
    assert (before["on"], after["on"]) == (True, False)
    assert before["rules"] == after["rules"]
    assert all(rule["level"] and rule["title"] for rule in before["rules"])
    # What the other packs weaken is not told of this one.
    assert {one["rule"] for one in off["differences"]} == {rule["id"] for rule in after["rules"]}


def test_parameters_are_told_with_their_values_and_those_that_ship(cli: CommandLine, ours: Ours) -> None:
    pack = """\
pack: ours
version: "1.2"
title: Our own
why: Because.
source: {name: Us, date: 2026-01-15}
owner: brand
parameters:
  words: {default: [synergy, leverage], what: Words that we do not use.}
"""
    ours({"packs/ours/pack.yaml": pack, "packs/ours/no-synergy.yaml": BEFORE.replace(
        "{phrases: [synergy]}", "{kind: phrases, phrases: ['${words}']}")})  # fmt: skip

    (told,) = cli.json("policies", "packs", "ours")["packs"]

    assert (told["own"], told["version"]) == (True, "1.2")
    assert told["parameters"]["words"] == {
        "value": "synergy, leverage", "default": "synergy, leverage", "what": "Words that we do not use.",
    }  # fmt: skip
    assert "words = synergy, leverage: Words that we do not use." in cli("policies", "packs", "ours").stdout


def test_a_pack_that_is_not_there_is_bad_input(cli: CommandLine) -> None:
    result = cli("policies", "packs", "privvacy")

    assert result.exit_code == 2
    assert "there is no pack privvacy; there are base" in result.stderr


def test_the_doctor_names_what_is_weaker_and_does_not_call_it_an_error(cli: CommandLine, ours: Ours) -> None:
    ours({"guardrails/quietly.yaml": QUIETLY})

    looks = [look for look in cli.json("doctor")["checks"] if look["what"] == "weaker rule"]

    assert [(look["state"], look["found"]) for look in looks] == [
        ("note", "brand.no-shouting: level is review instead of block. brand: Our brand shouts now and then.")
    ]


@pytest.fixture
def house(open_house: Any, sqlite_ledgers: Any) -> House:
    """A house whose project weakened some rules."""
    return open_house(scene=Scene(sqlite_ledgers, policies=lambda: overlaid(SOFTER)))


@pytest.mark.slow
def test_a_review_names_what_is_weaker(as_person: Callable[[str], CommandLine], house: House) -> None:
    told = as_person("ana")("review", house.scene.review.id).stdout

    assert "Weaker here than shipped: brand.no-shouting: level is review instead of block. brand: Our" in told


# ---------------------------------------------------------------- migrate


@pytest.mark.slow
def test_a_file_of_before_is_rewritten_in_place_and_every_line_that_changes_is_printed(
    cli: CommandLine, ours: Ours
) -> None:
    folder = ours({"guardrails/no-synergy.yaml": BEFORE})
    refused = cli("policies", "check")

    result = cli("policies", "migrate")

    assert "presscheck policies migrate rewrites the file" in refused.stderr
    assert result.exit_code == 0
    assert "-match: {phrases: [synergy]}\n+match:\n+  - kind: phrases\n+    phrases: [synergy]" in result.stdout
    assert "1 file rewritten, 0 as they are written now." in result.stdout
    written = (folder / "guardrails/no-synergy.yaml").read_text()
    assert written.replace("match:\n  - kind: phrases\n    phrases: [synergy]", "match: {phrases: [synergy]}") == BEFORE
    assert cli.json("policies", "check")["holds"] is True
    assert [path.name for path in (folder / "guardrails").iterdir()] == ["no-synergy.yaml"]


def test_a_dry_run_prints_the_same_and_writes_nothing(cli: CommandLine, ours: Ours) -> None:
    folder = ours({"guardrails/no-synergy.yaml": BEFORE})

    told = cli.json("policies", "migrate", "--dry-run")

    assert [(one["path"], one["changes"]) for one in told["files"]] == [("guardrails/no-synergy.yaml", True)]
    assert (folder / "guardrails/no-synergy.yaml").read_text() == BEFORE


@pytest.mark.slow
def test_a_rule_that_changes_a_shipped_one_by_its_old_name_gets_the_new_one(cli: CommandLine, ours: Ours) -> None:
    old = BEFORE.replace("id: brand.no-synergy", "id: legal.no-false-urgency\noverrides: true")
    folder = ours({"guardrails/no-false-urgency.yaml": old})

    result = cli("policies", "migrate")

    assert "--- guardrails/no-false-urgency.yaml" in result.stdout
    assert "+++ guardrails/urgency.yaml" in result.stdout
    assert [path.name for path in (folder / "guardrails").iterdir()] == ["urgency.yaml"]
    assert cli.json("policies", "check")["holds"] is True


def test_what_has_no_counterpart_and_what_is_broken_is_told_with_its_line_and_the_rest_is_rewritten(
    cli: CommandLine, ours: Ours
) -> None:
    folder = ours(
        {
            "guardrails/no-synergy.yaml": BEFORE,
            "guardrails/best.yaml": BEFORE.replace("{phrases: [synergy]}", "{superlatives: without-claim}"),
            "guardrails/broken.yaml": "id: brand.broken\nid: brand.broken\n",
        }
    )

    result = cli("policies", "migrate", str(folder))

    assert result.exit_code == 2
    assert "best.yaml:10: match.superlatives: superlatives are words of a rule now" in result.stderr
    assert "broken.yaml:2:" in result.stderr
    assert "1 file rewritten" in result.stdout


def test_files_that_need_nothing_are_said_so(cli: CommandLine, ours: Ours) -> None:
    ours({"guardrails/quietly.yaml": QUIETLY})

    result = cli("policies", "migrate")

    assert "guardrails/quietly.yaml is as it is written now." in result.stdout
    assert "no files rewritten, 1 as they are written now." in result.stdout


def test_without_a_folder_of_ones_own_there_is_nothing_to_rewrite(cli: CommandLine) -> None:
    result: Any = cli("policies", "migrate")

    assert result.exit_code == 2
    assert "name a FOLDER" in result.stderr
