"""Packs: their parameters, their switches, and all that can be wrong with their files, each at its place."""

from collections.abc import Mapping

import pytest

from policies import PolicySet
from policies.engine.guardrail import Guardrail
from presscheck.errors import PolicyError
from tests.overlays import LETTERS, PACK, PARAMETERS, SLOW, house, overlaid

OURS = PACK.format(name="ours")
MINE = LETTERS.replace("care.letters", "brand.letters")
SETTINGS = "extends: house\nwhy: We say so.\nowner: press\n"


def faults(files: Mapping[str, str], **base: str) -> list[str]:
    with pytest.raises(PolicyError) as caught:
        overlaid(files, base=house(**base))
    return [str(fault) for fault in caught.value.faults]


def rule(policies: PolicySet, id_: str) -> Guardrail:
    (found,) = [one for one in policies.guardrails if one.id == id_]
    return found


def test_a_pack_of_ones_own_stands_beside_those_that_ship() -> None:
    policies = overlaid({"packs/ours/pack.yaml": OURS, "packs/ours/letters.yaml": MINE}, base=house())

    assert [(pack.pack.pack, pack.own, pack.on, pack.rules) for pack in policies.packs] == [
        ("care", False, True, ("care.letters",)),
        ("house", False, True, ("house.slow",)),
        ("ours", True, True, ("brand.letters",)),
    ]


def test_a_parameter_has_its_type_alone_and_is_text_within_a_text() -> None:
    text = SLOW.replace("Say until when.", "Rush at most ${most} times.")

    slow = rule(overlaid({}, base=house(**{"packs/house/slow.yaml": text})), "house.slow")

    assert slow.suggestion == "Rush at most 3 times."
    assert slow.match[0].model_dump()["phrases"] == ("hurry", "act now", "last chance", "now or never")


def test_a_project_sets_parameters_and_the_rules_change_their_versions() -> None:
    policies = overlaid({"packs/house/pack.yaml": f"{SETTINGS}set: {{more: [at once]}}\n"}, base=house())

    (pack,) = [one for one in policies.packs if one.pack.pack == "house"]
    assert pack.values == {"more": "at once", "most": "3"}
    assert pack.default("more") == "now or never"
    assert rule(policies, "house.slow").version != rule(overlaid({}, base=house()), "house.slow").version


def test_a_pack_that_is_off_keeps_its_rules_listed_and_out_of_force() -> None:
    policies = overlaid({"packs/house/pack.yaml": f"{SETTINGS}on: false\n"}, base=house())

    (pack,) = [one for one in policies.packs if one.pack.pack == "house"]
    assert (pack.on, pack.rules, pack.ids) == (False, (), ("house.slow",))
    assert [one.id for one in policies.guardrails] == ["care.letters"]


@pytest.mark.parametrize(
    ("settings", "said"),
    [
        (
            "set: {mroe: [at once]}",
            "mine/packs/house/pack.yaml:4: set.mroe: house has no such parameter; did you mean more?",
        ),
        ("set: {zz: 1}", "set.zz: house has no such parameter; pack.yaml has more, most"),
        ("set: {most: many}", "set.most: is text; write a number, as its default is: 3"),
        ("set: {most: true}", "set.most: is true or false; write a number, as its default is: 3"),
        ("set: {more: at once}", "set.more: is text; write a list, as its default is: now or never"),
        ("on: perhaps", "mine/packs/house/pack.yaml:4: on: “perhaps” is neither true nor false"),
        ("onn: false", "mine/packs/house/pack.yaml:4: onn: is not a known key; did you mean on?"),
    ],
)
def test_settings_that_do_not_fit_are_told_at_their_line(settings: str, said: str) -> None:
    (told,) = faults({"packs/house/pack.yaml": f"{SETTINGS}{settings}\n"})

    assert said in told


@pytest.mark.parametrize(
    ("name", "said"),
    [("huose", "there is no pack huose to change; did you mean house?"), ("zz", "there are care, house")],
)
def test_settings_of_a_pack_that_is_not_there_are_told(name: str, said: str) -> None:
    (told,) = faults({f"packs/{name}/pack.yaml": SETTINGS.replace("house", name)})

    assert told.startswith(f"mine/packs/{name}/pack.yaml:1: extends: ")
    assert said in told


def test_folder_and_name_must_be_the_same() -> None:
    told = faults(
        {
            "packs/mine/pack.yaml": OURS,
            "packs/mine/letters.yaml": MINE,
            "packs/other/pack.yaml": SETTINGS,
        }
    )

    assert told == [
        "mine/packs/mine/pack.yaml:1: pack: is ours, and the folder is called mine; make both the same",
        "mine/packs/other/pack.yaml:1: extends: is house, and the folder is called other; make both the same",
    ]


def test_a_pack_that_needs_a_newer_presscheck_is_told_and_not_read_in_half() -> None:
    (told,) = faults(
        {"packs/ours/pack.yaml": OURS + 'needs: "999.1"\n', "packs/ours/letters.yaml": "match: of a kind to come\n"}
    )

    assert told.startswith("mine/packs/ours/pack.yaml:7: needs: needs Presscheck 999.1 and this is ")


def test_a_pack_without_its_file_is_told_for_each_rule() -> None:
    told = faults({"packs/ours/letters.yaml": MINE, "packs/ours/more.yaml": MINE})

    assert [line.partition(": ")[0] for line in told] == ["mine/packs/ours/letters.yaml", "mine/packs/ours/more.yaml"]
    assert all("is in a folder without pack.yaml; write one that says what the pack ours is" in line for line in told)


def test_a_rule_beside_the_settings_of_a_shipped_pack_is_told() -> None:
    (told,) = faults({"packs/house/pack.yaml": SETTINGS + "on: true\n", "packs/house/letters.yaml": MINE})

    assert "stands beside the settings of a shipped pack; put it into guardrails/" in told


def test_a_pack_of_the_name_of_a_shipped_one_is_told() -> None:
    (told,) = faults({"packs/house/pack.yaml": PACK.format(name="house")})

    assert told.startswith("mine/packs/house/pack.yaml:1: pack: is already a pack below; write extends: house")


@pytest.mark.parametrize("fires", ["true", "false"])
def test_a_rule_of_a_pack_without_a_passing_and_a_failing_case_does_not_load(fires: str) -> None:
    head, _, cases = MINE.partition("cases:")
    one = [line for line in cases.splitlines() if f"fires: {fires}" in line]

    (told,) = faults({"packs/ours/pack.yaml": OURS, "packs/ours/letters.yaml": f"{head}cases:\n{one[0]}\n"})

    assert told.startswith("mine/packs/ours/letters.yaml:12: cases: ")
    assert "give at least one case with fires: true and one with fires: false" in told


@pytest.mark.parametrize(
    ("name", "said"),
    [("mroe", "there is no parameter mroe; did you mean more?"), ("", "there is no parameter ; pack.yaml")],
)
def test_an_unknown_parameter_in_a_rule_is_told_at_its_line(name: str, said: str) -> None:
    text = SLOW.replace("'${more}'", f"'${{{name}}}'")

    told = faults({}, **{"packs/house/slow.yaml": text})

    assert f"base/packs/house/slow.yaml:12: match[0].phrases[3]: {said}" in told[0]


def test_a_default_of_no_kind_and_a_version_that_is_none_are_told_together() -> None:
    text = PACK.format(name="house").replace('"1.0"', '"one"') + PARAMETERS.replace("default: 3", "default: {a: 1}")

    told = faults({}, **{"packs/house/pack.yaml": text})

    assert told[0].startswith("base/packs/house/pack.yaml:2: version: is no version; write one such as")
    assert all(line.startswith("base/packs/house/pack.yaml:9: parameters.most.default") for line in told[1:])
    assert len(told) > 1


@pytest.mark.parametrize(
    ("place", "said"),
    [
        ("packs/rule.yaml", "is not read here; put it into packs/NAME/, beside pack.yaml"),
        ("packs/ours/deep/rule.yaml", "is not read here; put it into packs/NAME/, beside pack.yaml"),
        ("packs/ours/rule.yml", "is not read under this name; end it in .yaml"),
    ],
)
def test_a_file_that_would_be_passed_over_is_told(place: str, said: str) -> None:
    (told,) = faults({place: MINE, "packs/ours/pack.yaml": OURS})

    assert told == f"mine/{place}: {said}"


def test_all_faults_of_all_packs_are_told_at_once() -> None:
    told = faults(
        {
            "packs/house/pack.yaml": SETTINGS + "set: {mroe: 1, most: many}\n",
            "packs/ours/pack.yaml": OURS,
            "packs/ours/letters.yaml": MINE.replace("level: block", "level: shout").replace("why:", "wy:"),
        }
    )

    assert [line.partition(": ")[0].rpartition("/")[2] for line in told] == [
        "pack.yaml:4", "pack.yaml:4", "letters.yaml:1", "letters.yaml:4", "letters.yaml:8",
    ]  # fmt: skip


COUNTS = """\
  - {kind: occurrence, patterns: ["!"], at_most: "${most}"}
message:"""


@pytest.mark.parametrize(
    ("settings", "said"),
    [
        (
            "set: {most: -1}",
            "mine/packs/house/pack.yaml:4: set.most: does not fit base/packs/house/loud.yaml (match[2].at_most): "
            "“-1” is too small; write 0 or more, and so say 1 more rule",
        ),
        ("set: {more: [at once, '!']}", "(match[0].phrases[4]): holds no letter or digit"),
        ("set: {more: [at once]}", "(cases[0]): should fire and does not"),
    ],
)
def test_a_value_that_no_rule_takes_is_told_once_where_the_project_sets_it(settings: str, said: str) -> None:
    slow = SLOW.replace("message:", COUNTS, 1)
    loud = slow.replace("house.slow", "house.loud")
    both = {"packs/house/slow.yaml": slow, "packs/house/loud.yaml": loud}
    if "cases" in said:
        both = {"packs/house/slow.yaml": SLOW.replace("cases:", "cases:\n  - {text: Now or never, fires: true}", 1)}

    (told,) = faults({"packs/house/pack.yaml": f"{SETTINGS}{settings}\n"}, **both)

    assert said in told
