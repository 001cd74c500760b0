"""A shipped rule with something added, taken out or set; what does not fit is told at its line in the overlay."""

from collections.abc import Mapping
from typing import Any

import pytest
import yaml
from hypothesis import given
from hypothesis import strategies as st

from policies import check_texts
from policies.engine.guardrail import Guardrail
from presscheck.errors import Fault, PolicyError
from tests.overlays import LETTERS, SLOW, house, overlaid

HEAD = """\
extends: house.slow
why: Our brand says hurry in its own slogan.
owner: brand
"""
CASE = 'cases: [{text: "Hurry, said the snail.", fires: true}]\n'
WITHOUT_CARE = "extends: care\nwhy: We print addresses.\nowner: press\non: false\n"
QUIET = 'cases: [{text: "Hurry, said the snail.", fires: false}, {text: "Hurry up.", fires: true}]\n'


def changed(lines: str, cases: str = CASE) -> Guardrail:
    policies = overlaid({"guardrails/hurry.yaml": f"{HEAD}{lines}\n{cases}"}, base=house())
    (rule,) = [one for one in policies.guardrails if one.id == "house.slow"]
    return rule


def faults(files: Mapping[str, str]) -> list[str]:
    with pytest.raises(PolicyError) as caught:
        overlaid(files, base=house())
    return [str(fault) for fault in caught.value.faults]


def fault(lines: str, cases: str = CASE) -> str:
    (told,) = faults({"guardrails/hurry.yaml": f"{HEAD}{lines}\n{cases}"})
    return told


def test_a_phrase_is_added_and_the_rest_of_the_rule_stays() -> None:
    rule = changed("add: {phrases: [snail]}")

    assert rule.match[0].model_dump()["phrases"][-2:] == ("now or never", "snail")
    assert rule.level == "block"
    assert len(rule.cases) == 4


def test_a_list_that_the_rule_does_not_have_yet_is_begun() -> None:
    change = f"{HEAD}add: {{exceptions: ['hurry, said the snail']}}\n{QUIET}"
    policies = overlaid({"guardrails/hurry.yaml": change}, base=house())

    found = check_texts(["Hurry, said the snail.", "Hurry up."], policies=policies)

    assert [[one.text for one in findings if one.rule == "house.slow"] for findings in found] == [[], ["Hurry"]]


def test_a_value_that_the_rule_does_not_say_yet_is_set() -> None:
    rule = changed("set: {from: 2027-01-01, level: review, languages: [en]}")

    assert (str(rule.starts), rule.level, rule.languages) == ("2027-01-01", "review", ("en",))


def test_a_case_of_the_overlay_takes_the_place_of_the_same_text() -> None:
    rule = changed("remove: {phrases: [last chance]}", 'cases: [{text: "Last chance to save.", fires: false}]\n')

    assert [case.fires for case in rule.cases if case.text == "Last chance to save."] == [False]


@pytest.mark.parametrize(
    ("lines", "said"),
    [
        (
            "remove: {phrases: [act now, hury]}",
            "mine/guardrails/hurry.yaml:4: remove.phrases[1]: house.slow has no “hury” there to take out; "
            "did you mean hurry?",
        ),
        ("remove: {words: [hurry]}", "remove.words[0]: house.slow has no “hurry” there to take out"),
        (
            "add:\n  phrases:\n    - snail\n    - hurry",
            "mine/guardrails/hurry.yaml:7: add.phrases[1]: house.slow has “hurry” already; leave it out",
        ),
        ("add: {hosts: [example.com]}", "add.hosts: house.slow has no list hosts; it has patterns, phrases"),
        (
            "set: {at_most: 3}",
            "mine/guardrails/hurry.yaml:4: set.at_most: house.slow has no such value; it takes",
        ),
        ("set: {case: true}", "set.case: 2 matches of house.slow have that; replace the rule"),
        ("set: {id: brand.mine}", "set.id: house.slow has no such value"),
        ("set: {level: shout}", "mine/guardrails/hurry.yaml:4: level: “shout” is not one of block, review, note"),
        ("add:\n  patterns:\n    - '(?=a)'", "mine/guardrails/hurry.yaml:6: match[1].patterns"),
        ("note: nothing", "hurry.yaml:4: note: is not a known key"),
        ("overrides: true\nset: {level: review}", "hurry.yaml:4: overrides: is not a known key"),
        ("set: {}", "changes nothing; write add, remove or set"),
    ],
)
def test_what_the_rule_does_not_have_is_told_at_its_line(lines: str, said: str) -> None:
    assert said in fault(lines)


def test_an_overlay_without_a_case_does_not_load() -> None:
    assert "hurry.yaml:1: cases: is missing; Texts that show the difference" in fault("set: {level: review}", "")
    assert "hurry.yaml:5: cases: is empty" in fault("set: {level: review}", "cases: []\n")


def test_a_case_of_the_overlay_that_does_not_hold_is_told_at_its_line() -> None:
    said = fault("remove: {phrases: [last chance]}", "cases: [{text: Last chance to save., fires: true}]\n")

    assert said == "mine/guardrails/hurry.yaml:5: cases[0]: should fire and does not; mend the match or the case"


def test_a_shipped_case_that_holds_no_more_says_how_to_mean_it() -> None:
    said = fault("remove: {phrases: [last chance]}", 'cases: [{text: "Hurry.", fires: true}]\n')

    assert said == (
        "mine/guardrails/hurry.yaml:5: cases: “Last chance to save.” is a case of house.slow as it ships, with "
        "fires: true, and holds no more; if that is meant, list it in cases with fires: false"
    )


@pytest.mark.parametrize(
    ("id_", "said"),
    [
        ("house.slwo", "there is no house.slwo to change; did you mean house.slow?"),
        ("house.no-rush", "house.no-rush is called house.slow now; write that"),
        ("approvals.campaign-copy", "approvals.campaign-copy is no guardrail; replace the whole policy"),
        ("zzz.zzz", "there is no zzz.zzz to change; presscheck policies packs"),
    ],
)
def test_a_rule_that_is_not_there_to_be_changed_is_told(id_: str, said: str) -> None:
    (told,) = faults({"guardrails/x.yaml": f"{HEAD.replace('house.slow', id_)}set: {{level: review}}\n{CASE}"})

    assert told.startswith(f"mine/guardrails/x.yaml:1: extends: {said}")


@pytest.mark.parametrize("how", ["extends: care.letters", "id: care.letters\noverrides: true"])
def test_a_rule_whose_pack_is_off_says_how_to_switch_it_on(how: str) -> None:
    whole = LETTERS.replace("id: care.letters", how)
    change = f"{HEAD.replace('extends: house.slow', how)}set: {{level: review}}\n{CASE}"

    (told,) = faults(
        {"guardrails/letters.yaml": whole if "overrides" in how else change, "packs/care/pack.yaml": WITHOUT_CARE}
    )

    assert "care.letters is in the pack care, which is off; switch it on with packs/care/pack.yaml" in told


def test_two_overlays_of_one_rule_are_told() -> None:
    change = f"{HEAD}set: {{level: review}}\n{CASE}"

    (told,) = faults({"guardrails/a.yaml": change, "guardrails/b.yaml": change})

    assert told == (
        "mine/guardrails/b.yaml:1: extends: house.slow is changed by mine/guardrails/a.yaml already; join the two files"
    )


def test_a_rule_that_is_changed_and_replaced_is_told() -> None:
    replaced = SLOW.replace("kind: guardrail", "kind: guardrail\noverrides: true").replace("'${more}'", "at once")

    (told,) = faults({"guardrails/a.yaml": f"{HEAD}set: {{level: review}}\n{CASE}", "guardrails/slow.yaml": replaced})

    assert told.startswith("mine/guardrails/slow.yaml:1: id: house.slow is changed by mine/guardrails/a.yaml")


def test_all_faults_of_all_files_are_told_at_once() -> None:
    told = faults(
        {
            "guardrails/a.yaml": f"{HEAD}remove: {{phrases: [no, nay]}}\n{CASE}",
            "guardrails/b.yaml": f"{HEAD.replace('slow', 'nothing')}set: {{level: review}}\n{CASE}",
            "packs/ours/rule.yaml": "id: brand.rule\n",
        }
    )

    assert [line.partition(": ")[0] for line in told] == [
        "mine/guardrails/a.yaml:4",
        "mine/guardrails/a.yaml:4",
        "mine/guardrails/b.yaml:1",
        "mine/packs/ours/rule.yaml",
    ]


NAMES = st.sampled_from(
    ["phrases", "patterns", "exceptions", "words", "replace", "kind", "id", "cases", "match", "level", "scope",
     "fields", "from", "languages", "at_most", "zz"]
)  # fmt: skip
VALUES = st.one_of(
    st.sampled_from(["hurry", "act now", "review", "", "*", "[", "\\b\\d+ left\\b", "all", "2027-01-01", "snail"]),
    st.none(),
    st.booleans(),
    st.integers(-3, 10**20),
    st.dictionaries(st.sampled_from(["channels", "kind", "text"]), st.sampled_from(["all", "copy"]), max_size=2),
)
LISTS = st.dictionaries(NAMES, st.lists(VALUES, max_size=3), max_size=2)


@given(LISTS, LISTS, st.dictionaries(NAMES, st.one_of(VALUES, st.lists(VALUES, max_size=2)), max_size=2))
def test_whatever_is_changed_the_rule_is_the_shipped_one_or_a_fault_is_told_in_the_overlays_file(
    add: dict[str, Any], remove: dict[str, Any], to: dict[str, Any]
) -> None:
    text = yaml.safe_dump(
        {
            "extends": "house.slow",
            "why": "We try.",
            "owner": "brand",
            "add": add,
            "remove": remove,
            "set": to,
            "cases": [{"text": "Quiet snail.", "fires": False}],
        }
    )
    told: tuple[Fault, ...] = ()
    ids: list[str] = []
    try:
        ids = [rule.id for rule in overlaid({"guardrails/x.yaml": text}, base=house()).guardrails]
    except PolicyError as broken:
        told = broken.faults

    assert ids == ([] if told else ["care.letters", "house.slow"])
    assert all(one.path == "mine/guardrails/x.yaml" and (one.line is not None or not one.where) for one in told)


def test_a_value_that_the_rule_does_not_have_is_told_with_the_one_that_was_meant() -> None:
    assert fault("set: {levl: review}").endswith("set.levl: house.slow has no such value; did you mean level?")


def test_what_can_be_set_is_called_as_files_call_it() -> None:
    told = fault("set: {starts: 2026-01-01}")

    assert "starts" not in told.partition("it takes")[2]
    assert ", from, until, " in told
    assert changed("set: {from: 2026-01-01}").starts is not None
