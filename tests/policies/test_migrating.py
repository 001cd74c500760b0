"""Guardrail files of before are rewritten, comments and all, and find what they found; what cannot be is told."""

from textwrap import indent
from typing import Any

import pytest
import yaml
from hypothesis import given
from hypothesis import strategies as st

from policies import check_texts
from policies.engine.guardrail import Guardrail
from policies.engine.migrating import migrated, migrations, renamed_in
from policies.engine.policy_set import PolicySet
from policies.engine.texts import Layer
from tests.overlays import QUIETLY, house, shipped_texts

HEAD = """\
# From the brand book, page 4.
id: brand.no-synergy
kind: guardrail
title: No synergy   # nor the like
why: >-
  Nobody knows
  what it means.
source: {name: Us, date: 2026-01-15}
owner: brand
scope: {channels: all, markets: all, kinds: [copy]}
level: block
"""
MATCH = """\
match:
  # The word itself,
  phrases:
    - synergy   # in the singular
    - "synergies"
  patterns: ['\\bsynerg\\w+']
"""
TAIL = """\
message: It says nothing.
suggestion: Say what the reader gets.
cases:
- {text: Synergy., fires: true}     # kept as it is indented
- {text: Sun., fires: false}
"""
BEFORE = HEAD + MATCH + TAIL


def match_of(text: str) -> Any:
    return yaml.safe_load(text)["match"]


def layer(**files: str) -> Layer:
    return Layer("mine", {f"guardrails/{name.replace('_', '-')}.yaml": text for name, text in files.items()})


def test_each_match_says_its_kind_and_nothing_else_is_touched() -> None:
    after = migrated(BEFORE, {}) or ""

    assert match_of(after) == [
        {"kind": "phrases", "phrases": ["synergy", "synergies"]},
        {"kind": "patterns", "patterns": ["\\bsynerg\\w+"]},
    ]
    assert after.startswith(HEAD)
    assert after.endswith(TAIL)
    assert "# in the singular" in after


def test_what_the_rule_finds_stays_the_same() -> None:
    rule = Guardrail.model_validate(yaml.safe_load(migrated(BEFORE, {}) or ""))

    (found,) = check_texts(["Synergy, synergies and synergetic sun."], policies=PolicySet((rule,), ()))

    assert [one.text for one in found] == ["Synergy", "synergies", "synergetic"]


@pytest.mark.parametrize(
    ("before", "after"),
    [
        ("{figures: [digits]}", [{"kind": "figures", "figures": ["digits"]}]),
        ("{links: not-in-brief}", [{"kind": "links", "links": "not-in-brief"}]),
        ("{facts: required-missing}", [{"kind": "facts", "facts": "required-missing"}]),
        ("{length: {subject: {at_most: 60}}}", [{"kind": "length", "length": {"subject": {"at_most": 60}}}]),
        ("{pii: [email, national-id]}", [{"kind": "personal", "personal": ["email", "ssn", "national-id"]}]),
        (
            "{picture: {labels: [ai-generated], without_words: [AI]}}",
            [{"kind": "picture", "labels": ["ai-generated"], "without_words": ["AI"]}],
        ),
        ("{phrases: [synergy], figures: null}", [{"kind": "phrases", "phrases": ["synergy"]}]),
    ],
)
def test_every_match_of_before_has_its_kind(before: str, after: list[dict[str, Any]]) -> None:
    text = migrated(f"{HEAD}match: {before}\n{TAIL}", {}) or ""

    assert match_of(text) == after
    Guardrail.model_validate(yaml.safe_load(text))


@pytest.mark.parametrize(
    ("match", "said"),
    [
        (
            "{superlatives: without-claim}",
            "mine/guardrails/x.yaml:12: match.superlatives: superlatives are words of a rule",
        ),
        ("{pii: email}", "mine/guardrails/x.yaml:12: match.pii: must be a list"),
        ("{frases: [synergy]}", "mine/guardrails/x.yaml:12: match.frases: there is no match frases; take it out"),
        ("{picture: some}", "mine/guardrails/x.yaml:12: match.picture: "),
    ],
)
def test_what_has_no_counterpart_is_told_at_its_line(match: str, said: str) -> None:
    found, (fault,) = migrations(layer(x=f"{HEAD}match: {match}\n{TAIL}", y=BEFORE), {})

    assert str(fault).startswith(said)
    assert [one.place for one in found if one.changes] == ["guardrails/y.yaml"]


def test_a_file_that_is_no_yaml_is_told_and_left() -> None:
    found, (fault,) = migrations(layer(x="id: [brand\nkind: guardrail\n"), {})

    assert (found, fault.path, fault.line) == ([], "mine/guardrails/x.yaml", 2)


def test_a_date_that_is_none_leaves_the_other_files_to_be_rewritten() -> None:
    found, (fault,) = migrations(layer(x=f"{HEAD}from: 2024-13-45\nmatch: {{phrases: [a]}}\n{TAIL}", y=BEFORE), {})

    assert (fault.path, fault.message[:20]) == ("mine/guardrails/x.yaml", "cannot be rewritten:")
    assert [one.place for one in found if one.changes] == ["guardrails/y.yaml"]


def test_what_needs_nothing_is_said_to_need_nothing() -> None:
    done = migrated(BEFORE, {}) or ""

    found, faults = migrations(layer(done=done, quietly=QUIETLY), {})

    assert ([one.changes for one in found], faults) == ([False, False], [])
    assert [one.diff for one in found] == ["", ""]


@pytest.mark.slow
def test_what_ships_needs_nothing() -> None:
    found, faults = migrations(shipped_texts(), renamed_in(shipped_texts()))

    assert [one.place for one in found if one.changes] == []
    assert faults == []


def test_a_rule_that_replaces_one_by_its_old_name_gets_the_new_one_with_its_file() -> None:
    old = BEFORE.replace("id: brand.no-synergy", "id: house.no-rush   # ours\noverrides: true")
    extended = "extends: house.no-rush\nwhy: We try.\nowner: brand\nset: {level: note}\ncases: []\n"

    found, faults = migrations(layer(no_rush=old, change=extended), renamed_in(house()))

    assert faults == []
    assert {one.place: one.to for one in found} == {
        "guardrails/no-rush.yaml": "guardrails/slow.yaml",
        "guardrails/change.yaml": "guardrails/change.yaml",
    }
    assert {yaml.safe_load(one.after).get("id") or yaml.safe_load(one.after)["extends"] for one in found} == {
        "house.slow"
    }
    assert "# ours" in found[1].after


def test_a_rule_of_ones_own_that_is_called_like_an_old_one_keeps_its_name() -> None:
    (one,), faults = migrations(layer(no_rush=QUIETLY.replace("extends: brand.no-shouting", "id: house.no-rush")), {})

    assert (one.changes, faults) == (False, [])


def test_a_name_that_is_taken_and_a_rule_that_was_split_are_told() -> None:
    old = BEFORE.replace("id: brand.no-synergy", "id: house.no-rush\noverrides: true")

    _, (taken,) = migrations(layer(no_rush=old, slow=BEFORE), {"house.no-rush": ["house.slow"]})
    _, (split,) = migrations(layer(no_rush=old), {"house.no-rush": ["house.slow", "house.calm"]})

    assert str(taken).startswith(
        "mine/guardrails/no-rush.yaml:2: id: is house.slow now, and guardrails/slow.yaml is there"
    )
    assert str(split).endswith("id: is several rules now: house.calm, house.slow; write a file for each")


@pytest.mark.parametrize("text", ["", "- a\n", "just words", "{}", "match: 3\n", "match: [a]\n"])
def test_what_is_no_guardrail_of_before_is_left(text: str) -> None:
    assert migrated(text, {}) is None


def test_windows_line_ends_stay() -> None:
    after = migrated(BEFORE.replace("\n", "\r\n"), {}) or ""

    assert after.count("\n") == after.count("\r\n")
    assert match_of(after) == match_of(migrated(BEFORE, {}) or "")


def test_a_file_all_in_braces_is_rewritten_as_well() -> None:
    braces = '{"id": "brand.x", "match": {"phrases": ["synergy"]}, "level": "block"}\n'

    assert match_of(migrated(braces, {}) or "") == [{"kind": "phrases", "phrases": ["synergy"]}]


WORDS = st.lists(st.text("abc'\":#-{}[] é\\", min_size=1, max_size=8), min_size=1, max_size=3)


@given(WORDS, WORDS, st.booleans(), st.booleans())
def test_whatever_words_a_file_holds_they_are_the_same_afterwards(
    phrases: list[str], patterns: list[str], flow: bool, last: bool
) -> None:
    inner = yaml.safe_dump({"phrases": phrases, "patterns": patterns}, default_flow_style=flow, sort_keys=False)
    match = f"match: {inner}" if flow else "match:\n" + indent(inner, "  ")
    text = HEAD + TAIL + match if last else HEAD + match + TAIL

    after = migrated(text, {}) or ""

    assert match_of(after) == [{"kind": "phrases", "phrases": phrases}, {"kind": "patterns", "patterns": patterns}]
    assert {**yaml.safe_load(after), "match": None} == {**yaml.safe_load(text), "match": None}
    assert migrated(after, {}) is None
