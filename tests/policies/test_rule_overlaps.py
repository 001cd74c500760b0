"""Guardrails that contradict or shadow each other are told with both ids and the phrase, once a pair."""

from datetime import date
from typing import Any

import pytest

from policies import PolicySet
from policies.engine.guardrail import Guardrail
from policies.engine.overlaps import overlaps
from policies.engine.rule_overlaps import rule_overlaps
from tests.overlays import overlaid

EMAIL = {"channels": ["email"], "markets": "all", "kinds": ["copy"]}
SMS = {"channels": ["sms"], "markets": "all", "kinds": ["copy"]}


def rule(name: str, match: Any, **fields: Any) -> Guardrail:
    whole: dict[str, Any] = {
        "id": f"brand.{name}",
        "kind": "guardrail",
        "title": "A rule",
        "why": "For a reason.",
        "source": {"name": "Us", "date": "2026-01-01"},
        "owner": "brand",
        "scope": {"channels": "all", "markets": "all", "kinds": ["copy"]},
        "level": "block",
        "match": match,
        "message": "Found.",
        "suggestion": "Leave it out.",
        "cases": [{"text": "Hurry.", "fires": True}, {"text": "Rest.", "fires": False}],
    }
    return Guardrail.model_validate({**whole, **fields})


def phrases(*some: str, **more: Any) -> dict[str, Any]:
    return {"kind": "phrases", "phrases": list(some), **more}


def patterns(*some: str, **more: Any) -> dict[str, Any]:
    return {"kind": "patterns", "patterns": list(some), **more}


def claims(*some: str, **more: Any) -> dict[str, Any]:
    return {"kind": "claims", "words": list(some), **more}


def told(*rules: Guardrail, on: date | None = None) -> list[str]:
    return [*rule_overlaps(PolicySet(rules, ()), on)]


@pytest.mark.slow
def test_what_ships_is_free_of_them_with_every_pack_on(shipped: PolicySet) -> None:
    off = [pack.pack.pack for pack in shipped.packs if not pack.on]

    every = overlaid({f"packs/{one}/pack.yaml": f"extends: {one}\nwhy: A test.\nowner: us\non: true\n" for one in off})

    assert all(pack.on for pack in every.packs)
    assert rule_overlaps(every) == ()


def test_they_are_told_with_the_other_overlaps() -> None:
    both = PolicySet((rule("a", phrases("act now", "hurry")), rule("b", phrases("hurry"), level="note")), ())

    assert any("brand.b (note) and brand.a (block) both look for “hurry”" in said for said in overlaps(both))


def test_one_phrase_at_two_levels_is_told_once_for_both_rules() -> None:
    light = rule("light", phrases("hurry", "act now", "rest"), level="review")

    said = told(light, rule("grave", phrases("HURRY", "act  now", "x")))

    assert said == [
        "brand.light (review) and brand.grave (block) both look for “hurry”, “act now”; "
        "where the first holds the second decides; leave it in one of them"
    ]


@pytest.mark.parametrize(
    ("light", "grave"),
    [
        ({"scope": EMAIL}, {"scope": SMS}),
        # The law of one channel is graver than what holds on all.
        ({}, {"scope": EMAIL}),
        ({"fields": ["subject"]}, {"fields": ["body"]}),
        ({"until": "2026-06-08"}, {"from": "2026-06-09"}),
        # The graver is silent where the brief says it, and the lighter is not.
        ({}, {"unless": "in-brief"}),
        ({}, {"match": claims("hurry", "other")}),
    ],
)
def test_rules_that_never_meet_or_say_different_things_do_not_clash(
    light: dict[str, Any], grave: dict[str, Any]
) -> None:
    one = rule("light", phrases("hurry", "rest"), level="review", **light)
    other = rule("grave", grave.pop("match", phrases("hurry", "walk")), **grave)

    assert told(one, other) == []


def test_a_lighter_rule_for_a_part_of_where_the_graver_holds_is_told() -> None:
    light = rule("light", phrases("hurry", "rest"), level="note", scope=EMAIL)

    (said,) = told(light, rule("grave", phrases("hurry", "walk")))

    assert said.startswith("brand.light (note) and brand.grave (block) both look for “hurry”")


def test_a_phrase_that_is_another_rules_exception_is_told() -> None:
    lets = rule("lets", phrases("free", exceptions=["feel free", "free to"]))

    said = told(lets, rule("finds", phrases("feel free", "walk"), level="note"))

    assert said == ["brand.finds looks for “feel free”, an exception of brand.lets; leave one of them"]


def test_a_word_inside_of_anothers_exception_is_no_clash() -> None:
    assert told(rule("lets", phrases("best", exceptions=["best wishes"])), rule("finds", phrases("wishes"))) == []


def test_a_phrase_that_is_an_exception_of_its_own_rule_is_told() -> None:
    (said,) = told(rule("lets", phrases("feel free", "gift", exceptions=["Feel Free"])))

    assert said == "brand.lets looks for “Feel Free” and has it as an exception; leave one of them"


@pytest.mark.parametrize(
    ("kind", "replace", "wants"),
    [
        ("phrases", {"utilise": "leverage"}, "brand.other"),
        ("patterns", {"utili[sz]e": "leverage"}, "brand.other"),
        ("phrases", {"utilise": "utilise it"}, "itself"),
    ],
)
def test_a_replacement_that_a_rule_finds_is_told(kind: str, replace: dict[str, str], wants: str) -> None:
    says = rule("says", {"kind": kind, "replace": replace})

    (said,) = told(says, rule("other", patterns("leverag(?:e|ing)"), level="note"))

    (replacement,) = replace.values()
    assert f"brand.says says “{replacement}” instead of" in said
    assert said.endswith(f"which {wants} finds; write something else")


def test_a_replacement_made_of_groups_is_left_to_people() -> None:
    says = rule("says", {"kind": "patterns", "replace": {"(a)nd/or": r"\1"}})

    assert told(says, rule("other", phrases("a"), level="note")) == []


@pytest.mark.parametrize(
    ("narrow", "wide"),
    [
        (phrases("hurry", "hurried"), phrases("hurr*", "act now")),
        (phrases("please act now", "act now!"), phrases("act now")),
        (phrases("hurri*"), phrases("hurr*")),
        (phrases("hurry"), patterns("hurry|rush")),
        ([phrases("hurry"), patterns("ru+sh")], [phrases("hurry"), patterns("ru+sh", "go+")]),
        (claims("best"), phrases("best")),
    ],
)
def test_a_rule_all_of_whose_words_another_finds_is_shadowed(narrow: Any, wide: Any) -> None:
    low, high = rule("narrow", narrow, scope=EMAIL, level="review"), rule("wide", wide, level="block")

    (said,) = [said for said in told(low, high) if "finds nothing that" in said]

    assert said.startswith("brand.narrow finds nothing that brand.wide does not find: “")


@pytest.mark.parametrize(
    ("narrow", "wide"),
    [
        ({"match": phrases("hurry", "rest")}, {}),
        ({"match": phrases("hurry*")}, {}),
        ({"match": [phrases("hurry"), patterns("ru+sh")]}, {}),
        ({}, {"level": "note"}),
        ({}, {"scope": EMAIL}),
        ({}, {"fields": ["body"]}),
        ({}, {"until": "2030-01-01"}),
        ({}, {"unless": "in-brief"}),
        ({}, {"match": claims("hurry", "walk")}),
        ({}, {"match": phrases("hurry", "walk", exceptions=["hurry xq"])}),
        ({"match": {"kind": "phrases", "replace": {"hurry": "walk on"}}}, {}),
    ],
)
def test_a_rule_that_says_more_or_elsewhere_is_not_shadowed(narrow: dict[str, Any], wide: dict[str, Any]) -> None:
    low = rule("narrow", **{"match": phrases("hurry"), "level": "review", **narrow})
    high = rule("wide", **{"match": phrases("hurry", "stroll"), "level": "block", **wide})

    assert [said for said in told(low, high) if "finds nothing that" in said] == []


def test_two_rules_that_find_the_same_are_told_once() -> None:
    said = told(rule("one", phrases("hurry", "rush")), rule("two", phrases("rush", "hurry")))

    assert said == ["brand.one finds nothing that brand.two does not find: “hurry”, “rush”; leave one of them"]


def test_the_same_phrase_or_pattern_twice_is_told() -> None:
    one = rule("one", [phrases("Straße", "straße", "strasse"), patterns("a+b", "c")])

    said = told(one, rule("two", patterns("a+b"), level="note"))

    assert said == [
        "brand.one looks for “straße” twice; leave it once (what stands in replace is looked for as well)",
        "brand.one and brand.two both look for “a+b”; leave it in one of them",
    ]


def test_a_rule_that_is_over_is_told_by_the_day() -> None:
    over = rule("over", phrases("hurry"), until="2026-06-08")

    assert told(over) == []
    assert told(over, on=date(2026, 6, 8)) == []
    assert told(over, on=date(2026, 6, 9)) == [
        "brand.over held until 2026-06-08 and holds no more; take it out, or give it a later until"
    ]
