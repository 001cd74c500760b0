"""A change of a rule is told as weaker or stricter where its fields decide that, and never as nothing."""

from typing import Any

import pytest

from policies import PolicySet, changes
from policies.engine.guardrail import Guardrail

CASES = [{"text": "Hurry.", "fires": True}, {"text": "Rest.", "fires": False}]
RULE: dict[str, Any] = {
    "id": "brand.rule",
    "kind": "guardrail",
    "title": "A rule",
    "why": "For a reason.",
    "source": {"name": "Us", "date": "2026-01-01"},
    "owner": "brand",
    "scope": {"channels": "all", "markets": "all", "kinds": ["copy"]},
    "level": "block",
    "match": {"kind": "phrases", "phrases": ["hurry"]},
    "message": "Found.",
    "suggestion": "Leave it out.",
    "cases": CASES,
}
EXEMPLARS = [f"A quiet sentence, number {at}." for at in "abcde"]


def rule(**fields: Any) -> Guardrail:
    return Guardrail.model_validate({**RULE, **fields})


def told(before: Guardrail, after: Guardrail) -> list[str]:
    return [f"{change.said} ({change.weight})" for change in changes(PolicySet((before,), ()), PolicySet((after,), ()))]


def of(kind: str, **fields: Any) -> dict[str, Any]:
    return {"kind": kind, **fields}


def phrases(**fields: Any) -> dict[str, Any]:
    return of("phrases", phrases=["hurry", "act now"], **fields)


def links(**fields: Any) -> dict[str, Any]:
    return of("links", **fields)


def disclosure(**fields: Any) -> dict[str, Any]:
    return of("disclosure", **{"when_phrases": ["gifted"], "say_one_of": ["ad"], **fields})


def length(**bounds: Any) -> dict[str, Any]:
    return of("length", length={"subject": bounds})


def signals(at_least: float = 2, near: int | None = None, weight: float = 1) -> dict[str, Any]:
    some = [{"phrases": ["now"], "weight": weight}, {"phrases": ["few"]}, {"phrases": ["left"]}]
    return of("signals", signals=some, at_least=at_least, near=near)


@pytest.mark.parametrize(
    ("before", "after", "said"),
    [
        (phrases(), of("phrases", phrases=["hurry"]), "phrases: “act now” was taken out"),
        (phrases(), phrases(exceptions=["hurry slowly"]), "phrases.exceptions: “hurry slowly” was added"),
        (phrases(), phrases(case=True), "phrases.case is yes instead of no"),
        (
            of("phrases", replace={"utilise": "use", "synergy": "help"}),
            of("phrases", replace={"utilise": "use"}),
            "phrases.replace: synergy was taken out",
        ),
        (
            of("patterns", patterns=["a+b", "c+d"]),
            of("patterns", patterns=["a+b"], exceptions=["aab"]),
            "patterns: c+d was taken out",
        ),
        (of("patterns", patterns=["a"]), of("patterns", patterns=["a"], as_written=True), "patterns.as_written is yes"),
        (
            of("capitals", style="title"),
            of("capitals", style="title", indicators=[":"]),
            "capitals.indicators: : was added",
        ),
        (signals(), signals(at_least=3), "signals.at_least is 3 instead of 2"),
        (signals(), signals(near=200), "signals.near is 200 instead of nothing"),
        (signals(weight=2), signals(), "signals, sign 1.weight is 1 instead of 2"),
        (
            of("claims", words=["best"]),
            of("claims", words=["best"], exceptions=["best wishes"]),
            "claims.exceptions: “best wishes” was added",
        ),
        (
            of("claims", words=["best"]),
            of("claims", words=["best"], harmless=["best of luck"]),
            "claims.harmless: “best of luck” was added",
        ),
        (of("figures", figures=["digits", "words"]), of("figures", figures=["digits"]), "figures: words was taken out"),
        (
            links(links="among", hosts=["bit.ly", "t.co"]),
            links(links="among", hosts=["t.co"]),
            "links.hosts: bit.ly was taken out",
        ),
        (
            links(links="outside", hosts=["us.com"]),
            links(links="outside", hosts=["us.com", "them.com"]),
            "links.hosts: them.com was added",
        ),
        (
            of("required", say_one_of=["ad"]),
            of("required", say_one_of=["ad", "thanks"]),
            "required.say_one_of: thanks was added",
        ),
        (disclosure(within=60), disclosure(within=125), "disclosure.within is 125 instead of 60"),
        (disclosure(within=60), disclosure(), "disclosure.within is nothing instead of 60"),
        (length(at_most=60), length(at_most=90), "length.subject.at_most is 90 instead of 60"),
        (
            length(at_most=60, at_least=9),
            length(at_most=60),
            "length.subject.at_least is nothing instead of 9",
        ),
        (
            of("length", length={"subject": {"at_most": 60}, "body": {"at_most": 900}}),
            length(at_most=60),
            "length: body was taken out",
        ),
        (
            of("personal", personal=["email", "card"]),
            of("personal", personal=["card"]),
            "personal: email was taken out",
        ),
        (
            of("picture", labels=["ai-generated"], without_words=["AI"]),
            of("picture", labels=["ai-generated"], without_words=["AI", "art"]),
            "picture.without_words: art was added",
        ),
        (
            of("occurrence", patterns=["!"], at_most=1),
            of("occurrence", patterns=["!"], at_most=3),
            "occurrence.at_most is 3 instead of 1",
        ),
        (of("repetition"), of("repetition", exceptions=["bye"]), "repetition.exceptions: bye was added"),
        (of("capitals", style="title"), of("capitals", style="title", share=0.5), "capitals.share is 0.5 instead of"),
        (
            of("metric", formula="lix", at_most=40),
            of("metric", formula="lix", at_most=40, words=100),
            "metric.words is 100 instead of 30",
        ),
        (
            of("sentences", words_at_most=25, passive=True),
            of("sentences", words_at_most=25),
            "sentences.passive is no instead of yes",
        ),
        (of("spelling"), of("spelling", accept=["Fjell"]), "spelling.accept: Fjell was added"),
        (
            of("consistency", either={"grey": "gray", "colour": "color"}),
            of("consistency", either={"grey": "gray"}),
            "consistency.either: colour was taken out",
        ),
        (
            of("voice", exemplars=EXEMPLARS, at_least=60),
            of("voice", exemplars=EXEMPLARS, at_least=40),
            "voice.at_least is 40 instead of 60",
        ),
    ],
)
def test_what_finds_less_is_weaker_and_the_way_back_is_stricter(
    before: dict[str, Any], after: dict[str, Any], said: str
) -> None:
    then, now = rule(match=before), rule(match=after)

    weaker, stricter = told(then, now), told(now, then)

    assert weaker[0].startswith(said)
    assert [line[-9:] for line in weaker] == [" (weaker)"] * len(weaker)
    assert [line[-11:] for line in stricter] == [" (stricter)"] * len(stricter)


@pytest.mark.parametrize(
    ("before", "after", "said"),
    [
        ({}, {"level": "review"}, "level is review instead of block (weaker)"),
        ({}, {"without_brief": "note"}, "without_brief is note instead of nothing (weaker)"),
        ({"level": "note"}, {"level": "note", "without_brief": "block"}, "without_brief is block instead of nothing ("),
        ({}, {"without_brief": "block"}, "without_brief is block instead of nothing ()"),
        ({}, {"from": "2027-01-01"}, "from is 2027-01-01 instead of nothing (weaker)"),
        ({"from": "2026-06-09"}, {"from": "2027-01-01"}, "from is 2027-01-01 instead of 2026-06-09 (weaker)"),
        ({"until": "2027-01-01"}, {"until": "2026-06-09"}, "until is 2026-06-09 instead of 2027-01-01 (weaker)"),
        ({"until": "2027-01-01"}, {}, "until is nothing instead of 2027-01-01 (stricter)"),
        ({}, {"fields": ["subject"]}, "fields is subject instead of all (weaker)"),
        ({}, {"unless": "in-brief"}, "unless is in-brief instead of nothing (weaker)"),
        ({}, {"languages": ["en"]}, "languages is en instead of all ()"),
        (
            {},
            {"scope": {**RULE["scope"], "collaborations": ["agent"]}},
            "scope.collaborations is agent instead of all (weaker)",
        ),
    ],
)
def test_where_when_and_how_gravely_a_rule_holds_weighs(
    before: dict[str, Any], after: dict[str, Any], said: str
) -> None:
    (line,) = told(rule(**before), rule(**after))

    assert line.startswith(said)


@pytest.mark.parametrize(
    ("before", "after", "said"),
    [
        (of("capitals", style="title"), of("capitals", style="sentence"), "capitals.style is sentence instead of"),
        (of("metric", formula="lix", at_most=40), of("metric", formula="smog", at_most=40), "metric.formula is smog"),
        (
            of("phrases", replace={"utilise": "use"}),
            of("phrases", replace={"utilise": "take"}),
            "phrases.replace: of utilise it is take instead of use ()",
        ),
        (links(links="not-https"), links(links="not-in-brief"), "links is not-in-brief instead of not-https ()"),
    ],
)
def test_what_no_field_decides_is_told_as_changed(before: dict[str, Any], after: dict[str, Any], said: str) -> None:
    (line,) = told(rule(match=before), rule(match=after))

    assert line.startswith(said)
    assert line.endswith("()")


def test_of_two_matches_of_one_kind_the_one_that_changed_is_told() -> None:
    kept, changed = of("phrases", phrases=["rush"]), phrases()

    lines = told(rule(match=[kept, changed]), rule(match=[kept, of("phrases", phrases=["hurry"])]))

    assert lines == ["phrases 2: “act now” was taken out (weaker)"]


def test_a_kind_that_is_taken_out_or_added_weighs() -> None:
    one, two = rule(match=[phrases(), of("figures", figures=["digits"])]), rule(match=phrases())

    assert [line.rpartition(" ")[2] for line in (*told(one, two), *told(two, one))] == ["(weaker)", "(stricter)"]
    assert told(one, rule(match=[*reversed(matches_of(one))])) == [
        "match has another order, or an item more or less often ()"
    ]


def matches_of(one: Guardrail) -> list[dict[str, Any]]:
    return [match.model_dump(mode="json") for match in one.match]


def near(**fields: Any) -> dict[str, Any]:
    return of("near-duplicate", **{"within": "archive", "at_least": 90, **fields})


@pytest.mark.parametrize(
    ("before", "after", "weight"),
    [
        (near(), near(at_least=95), "weaker"),
        (near(), near(at_least=80), "stricter"),
        (near(days=90), near(days=30), "weaker"),
        (near(days=90), near(), "stricter"),
        (of("figures", figures=["digits"]), of("figures", figures=["digits"], units=["pairs"]), "stricter"),
        (of("figures", figures=["digits"]), of("figures", figures=["digits"], exceptions=["7 summits"]), "weaker"),
    ],
)
def test_likeness_and_the_words_of_figures_are_weighed(
    before: dict[str, Any], after: dict[str, Any], weight: str
) -> None:
    (said,) = told(rule(level="note", match=before), rule(level="note", match=after))

    assert said.endswith(f"({weight})")
