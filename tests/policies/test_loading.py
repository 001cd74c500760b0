"""A set of policies loads whole and proven, or not at all, with every fault of every file."""

import os
from collections.abc import Callable
from pathlib import Path

import pytest

from policies import check_policies, load_policies, load_prompt, load_prompts, schemas
from policies.engine.loading import KINDS
from policies.engine.texts import SHIPPED
from presscheck.errors import Fault, PolicyError

Write = Callable[[str, str], Path]

GOOD = """\
id: brand.no-meh
kind: guardrail
title: No meh
why: It bores.
source: {name: Ourselves, date: 2026-01-01}
owner: brand
scope: {channels: all, markets: all, kinds: [copy]}
level: block
match:
  kind: phrases
  phrases: [meh]
message: It bores.
suggestion: Say more.
cases:
  - {text: "meh", fires: true}
  - {text: "mehr", fires: false}
"""


def faults_of(folder: Path, overlay: Path | None = None) -> list[Fault]:
    with pytest.raises(PolicyError) as raised:
        load_policies(folder, overlay)
    return list(raised.value.faults)


def only_fault(folder: Path, overlay: Path | None = None) -> Fault:
    (fault,) = faults_of(folder, overlay)
    return fault


@pytest.mark.slow
def test_the_shipped_policies_load_and_every_case_holds() -> None:
    report = check_policies()

    assert report.faults == ()
    assert report.counts["guardrails"] >= 13
    assert report.counts["approvals"] >= 1
    assert report.counts["prompts"] >= 4
    assert report.counts["cases"] >= 2 * (report.counts["guardrails"] + report.counts["approvals"])


def test_every_shipped_file_is_loaded() -> None:
    rules = [path for path in SHIPPED.glob("packs/*/*.yaml") if path.stem != "pack"]
    others = [path for kind in KINDS for path in SHIPPED.glob(f"{kind}/*.yaml")]
    loaded = load_policies()

    held = [path for path in rules if next(pack for pack in loaded.packs if pack.pack.pack == path.parent.name).on]
    assert len(held) + len(others) == len(loaded.policies)
    assert sum(len(pack.rules) for pack in loaded.packs if pack.on) == len(held)


def test_a_policy_of_ones_own_joins_the_set(folder: Path, write: Write) -> None:
    write("guardrails/no-meh.yaml", GOOD)

    assert "brand.no-meh" in load_policies(folder).versions


def test_the_signs_of_a_parameter_may_be_looked_for_outside_of_packs(folder: Path, write: Write) -> None:
    signs = GOOD.replace("kind: phrases\n  phrases: [meh]", "kind: patterns\n  patterns: ['\\$\\{[a-z]+\\}|\\bmeh\\b']")
    write("guardrails/no-meh.yaml", signs.replace("cases:\n", "cases:\n  - {text: 'Hi ${name}', fires: true}\n"))

    assert "brand.no-meh" in load_policies(folder).versions


def test_a_policy_without_a_failing_case_does_not_load(folder: Path, write: Write) -> None:
    path = write("guardrails/no-meh.yaml", GOOD.replace('  - {text: "meh", fires: true}\n', ""))

    fault = only_fault(folder)

    assert fault.path == str(path)
    assert "at least one case with fires: true and one with fires: false" in fault.message


def test_a_policy_without_cases_does_not_load(folder: Path, write: Write) -> None:
    write("guardrails/no-meh.yaml", GOOD.partition("cases:")[0])

    assert only_fault(folder).where == "cases"


def test_a_case_that_does_not_hold_is_told_with_its_line(folder: Path, write: Write) -> None:
    write("guardrails/no-meh.yaml", GOOD + '  - {text: "no mehs", fires: true}\n')

    fault = only_fault(folder)

    assert (fault.line, fault.where) == (17, "cases[2]")
    assert "should fire and does not" in fault.message


def test_an_approval_case_that_does_not_hold_is_told(folder: Path) -> None:
    path = folder / "approvals/campaign-copy.yaml"
    path.write_text(path.read_text().replace("gate: budget, ", "gate: copy, "))

    assert "applies and should not" in only_fault(folder).message


@pytest.mark.parametrize(
    ("spoil", "by", "where", "said"),
    [
        ("phrases: [meh]", "phrases: []", "match.phrases", "looks for nothing; list phrases"),
        (
            "kind: phrases\n  phrases: [meh]",
            "kind: patterns\n  patterns: ['(']",
            "match.patterns[0]",
            "is no RE2 pattern",
        ),
        (
            "kind: phrases\n  phrases: [meh]",
            "kind: patterns\n  patterns: ['x*']",
            "match.patterns[0]",
            "matches the empty text",
        ),
        ("phrases: [meh]", "phrases: ['***']", "match.phrases[0]", "no letter or digit"),
        ("kind: phrases", "kind: phrasess", "match[0]", "which there is not; did you mean phrases?"),
        ("match:\n  kind: phrases\n  phrases: [meh]", "match: [{phrases: [meh]}]", "match[0]", "write kind: first"),
        ("  phrases: [meh]", "  phrase: [meh]", "match.phrase", "did you mean phrases?"),
        ("channels: all", "channels: []", "scope.channels", "list at least 1"),
        ("{channels: all, ", "{", "scope.channels", "is missing"),
        ("level: block", "level: blocks", "level", "did you mean block?"),
        ("source: {name: Ourselves, date: 2026-01-01}", "source: {name: Ourselves}", "source.date", "is missing"),
        ("id: brand.no-meh", "id: no-meh", "id", "has the wrong form"),
        ("id: brand.no-meh", "id: brand.no-hem", "id", "file must be called no-hem.yaml"),
        ("kind: guardrail", "kind: approval", "kind", "is not one of guardrail"),
        ("owner: brand", "owner: ''", "owner", "is empty"),
        ("why: It bores.\n", "", "why", "is missing"),
        ("phrases: [meh]", "phrases: [meh, '${more}']", "match.phrases[1]", "a rule outside of a pack has none"),
        ("why: It bores.", "why: Over ${most}.", "why", "${most} is a parameter"),
    ],
)
def test_a_guardrail_with_a_fault_says_where_and_what(
    folder: Path, write: Write, spoil: str, by: str, where: str, said: str
) -> None:
    assert spoil in GOOD
    write("guardrails/no-meh.yaml", GOOD.replace(spoil, by))

    found = {fault.where: fault.message for fault in faults_of(folder)}

    assert said in found[where]


@pytest.mark.parametrize(
    ("spoil", "by", "where"),
    [
        ("role: brand_lead", "role: ''", "role"),
        ("role: brand_lead\n", "", "role"),
        ("role: brand_lead", "role: []", "role"),
        ("gates: [copy, ads, posts, pilot, rollout]", "gates: []", "scope.gates"),
        ("expires_after: 7d", "expires_after: never", "expires_after"),
        ("expires_after: 7d", "expires_after: 400d", "expires_after"),
        ("at_least: 1", "at_least: 0", "picks.at_least"),
        ("at_least: 1", "at_least: 4", "picks"),
        ("own_edits: allowed\n", "", "own_edits"),
        ("  voice: ", "  vice: ", "criteria.vice"),
        ("max_rounds: 3", "max_rounds: many", "max_rounds"),
    ],
)
def test_an_approval_policy_with_a_fault_does_not_load(folder: Path, spoil: str, by: str, where: str) -> None:
    path = folder / "approvals/campaign-copy.yaml"
    text = path.read_text()
    assert spoil in text
    path.write_text(text.replace(spoil, by, 1))

    assert any(fault.where.startswith(where) or fault.message.startswith(where) for fault in faults_of(folder))


def test_the_faults_of_all_files_are_told_at_once(folder: Path, write: Write) -> None:
    write("guardrails/no-meh.yaml", GOOD.replace("level: block", "level: no"))
    write("guardrails/no-bah.yaml", "id: [")
    write("guardrails/latin.yaml", "").write_bytes(b"id: caf\xe9\n")

    paths = {Path(fault.path).name for fault in faults_of(folder)}

    assert paths == {"no-meh.yaml", "no-bah.yaml", "latin.yaml"}


def test_one_id_twice_is_refused(folder: Path, write: Write) -> None:
    write("approvals/second.yaml", (folder / "approvals/campaign-copy.yaml").read_text())

    assert any("is already the id of" in fault.message for fault in faults_of(folder))


def test_a_pipe_in_the_folder_is_told_and_waited_for_by_nobody(folder: Path) -> None:
    os.mkfifo(folder / "guardrails/no-pipe.yaml")

    assert "it is no plain file" in only_fault(folder).message


def test_a_folder_that_is_called_like_a_policy_is_told(folder: Path) -> None:
    (folder / "guardrails/no-meh.yaml").mkdir()

    assert "is a folder with the name of a file" in only_fault(folder).message


def test_every_fault_of_a_guardrail_is_told_at_its_own_line_and_once(folder: Path, write: Write) -> None:
    write(
        "guardrails/no-meh.yaml",
        GOOD.replace("channels: all", "channels: [emial]")
        .replace("markets: all", "markets: US")
        .replace("cases:", "from: 2026-02-01\nuntil: 2026-01-01\ncases:")
        .replace("fires: false", "fires: true"),
    )

    told = [(fault.where, fault.message) for fault in faults_of(folder)]

    assert [where for where, _ in told] == ["scope.channels[0]", "scope.markets", "until", "cases"]
    assert told[1][1] == "“US” is neither all nor a list; write [US]"
    assert told[2][1] == "is before from, so it never holds; swap them"
    assert told[3][1].startswith("give at least one case with fires: true")


@pytest.mark.parametrize(
    ("match", "where", "said"),
    [
        ("{kind: near-duplicate, at_least: 90}", "match.within", "is missing; set: another text of the same set"),
        ("{kind: figures}", "match.figures", "is missing; In digits, in words, or both"),
        ("{kind: disclosure, when_phrases: [a]}", "match.say_one_of", "One of these must stand in the same field"),
        ("{kind: required}", "match.say_one_of", "One of these must stand in the field"),
        ('{kind: occurrence, patterns: ["!"]}', "match", "sets no bound; write at_most or at_least"),
        ("{kind: spelling, exeptions: [a]}", "match.exeptions", "known are accept, kind"),
    ],
)
def test_what_is_missing_in_a_match_is_told_as_its_own_kind_has_it(
    folder: Path, write: Write, match: str, where: str, said: str
) -> None:
    lines = [line for line in GOOD.splitlines() if not line.startswith(("match:", "  kind:", "  phrases:"))]
    write("guardrails/no-meh.yaml", "\n".join([f"match: {match}", *lines]))

    told = only_fault(folder)

    assert (told.line, told.where) == (1, where)
    assert said in told.message


def test_an_approval_without_both_cases_is_told_at_its_cases(folder: Path) -> None:
    path = folder / "approvals/campaign-copy.yaml"
    path.write_text(path.read_text().replace("applies: false", "applies: true"))

    told = only_fault(folder)

    assert told.where == "cases"
    assert told.message.startswith("give at least one case with applies: true")


def test_a_link_out_of_the_folder_is_refused(folder: Path, tmp_path: Path) -> None:
    outside = tmp_path / "no-meh.yaml"
    outside.write_text(GOOD)
    os.symlink(outside, folder / "guardrails/no-meh.yaml")

    assert "is a link out of the folder" in only_fault(folder).message


def test_a_file_where_nobody_reads_is_told(folder: Path, write: Write) -> None:
    write("guardrail/no-meh.yaml", GOOD)
    write("guardrails/deeper/no-meh.yaml", GOOD)
    write("guardrails/no-meh.yml", GOOD)

    assert len(faults_of(folder)) == 3


@pytest.mark.parametrize("kind", ["guardrails", "approvals"])
def test_an_emptied_folder_allows_nothing(folder: Path, kind: str) -> None:
    for path in (folder / kind).glob("*.yaml"):
        path.unlink()

    assert "nothing may go out" in only_fault(folder).message


def test_a_folder_that_is_not_there_is_told(tmp_path: Path) -> None:
    assert "no such folder" in faults_of(tmp_path / "none")[0].message


def test_an_overlay_adds_and_replaces(folder: Path, tmp_path: Path) -> None:
    overlay = tmp_path / "overlay/guardrails"
    overlay.mkdir(parents=True)
    (overlay / "no-meh.yaml").write_text(GOOD)
    text = (folder / "guardrails/profanity.yaml").read_text()
    (overlay / "profanity.yaml").write_text(text.replace("level: block", "level: review\noverrides: true"))

    base, both = load_policies(folder), load_policies(folder, overlay.parent)

    assert set(both.versions) == {*base.versions, "brand.no-meh"}
    assert both.versions["abuse.profanity"] != base.versions["abuse.profanity"]
    assert next(rule.level for rule in both.guardrails if rule.id == "abuse.profanity") == "review"


def test_an_overlay_must_say_that_it_overrides(folder: Path, tmp_path: Path) -> None:
    overlay = tmp_path / "overlay/guardrails"
    overlay.mkdir(parents=True)
    (overlay / "profanity.yaml").write_text((folder / "guardrails/profanity.yaml").read_text())

    assert "write overrides: true" in only_fault(folder, overlay.parent).message


def test_an_overlay_cannot_override_what_is_not_there(folder: Path, tmp_path: Path) -> None:
    overlay = tmp_path / "overlay/guardrails"
    overlay.mkdir(parents=True)
    (overlay / "no-meh.yaml").write_text(GOOD + "overrides: true\n")

    assert "there is no brand.no-meh to override" in only_fault(folder, overlay.parent).message


def test_the_base_folder_cannot_override(folder: Path, write: Write) -> None:
    write("guardrails/no-meh.yaml", GOOD + "overrides: true\n")

    assert only_fault(folder).where == "overrides"


def test_a_prompt_carries_its_id_version_and_text() -> None:
    prompt = load_prompt("prompts.email-variants")

    assert (prompt.id, prompt.version) == ("prompts.email-variants", "1")
    assert not prompt.text.startswith("---")
    assert len(load_prompts()) >= 4


@pytest.mark.parametrize("id_", ["prompts.none", "email-variants", "prompts.../../x", "", "prompts.email-variants\n"])
def test_an_unknown_prompt_names_those_that_there_are(id_: str) -> None:
    with pytest.raises(PolicyError, match=r"prompts\.email-variants"):
        load_prompt(id_)


@pytest.mark.parametrize(
    ("text", "said"),
    [
        ("Write copy.", "has no front matter"),
        ("---\nid: prompts.mine\n---\nWrite.", "owner: is missing"),
        ('---\nid: prompts.other\nversion: "1"\nowner: a\nwhy: b\n---\nWrite.', "make both the same"),
        ('---\nid: prompts.mine\nversion: "1"\nowner: a\nwhy: b\n---\n', "holds no instruction"),
        ("---\nid: prompts.mine\nversion: 1\nowner: a\nwhy: b\n---\nWrite.", ":3: version: is read as a number"),
    ],
)
def test_a_malformed_prompt_says_what_to_mend(folder: Path, write: Write, text: str, said: str) -> None:
    write("prompts/mine.md", text)

    with pytest.raises(PolicyError, match=said):
        load_prompt("prompts.mine", folder)
    assert any(said.partition(": ")[2] in str(fault) for fault in check_policies(folder).faults)


def test_there_is_a_schema_for_everything_people_write() -> None:
    found = schemas()

    assert set(found) == {
        "brief",
        "guardrail",
        "approval",
        "delivery",
        "tiers",
        "calendar",
        "campaign",
        "usage",
        "rights",
        "prompt",
    }
    assert all(schema["additionalProperties"] is False for schema in found.values())
    assert "RE2" in str(found["guardrail"]["$defs"]["Patterns"]["properties"]["patterns"]["description"])
