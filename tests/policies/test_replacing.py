"""A replacement is offered where the text is no worse for it, and nowhere else."""

from datetime import date
from typing import Any

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from policies import PolicySet, check_copy, check_texts, load_policies, mended_copy, verdict
from policies.engine.guardrail import Guardrail
from policies.engine.replacing import in_case_of, replaced
from presscheck.models import Brief, CallToAction, Copy, Finding, Sender
from tests.policies.test_rule_kinds import rule

DAY = date(2026, 6, 1)
BRIEF = Brief(
    id="tent",
    title="Tent",
    collaboration="producer",
    author="ana@example.com",
    offer="A tent for two",
    persona="Hikers",
    tone="plain",
    channel="email",
    markets=("US",),
    deadline=date(2026, 7, 1),
    call_to_action=CallToAction(label="See it", url="https://example.com/tent"),
    sender=Sender(name="Fernholt", address="shop@example.com", postal_address="1 Way, Town"),
)
CHEAP: dict[str, Any] = {"kind": "phrases", "replace": {"cheap": "low-priced"}}


def offered(text: str, *rules: Guardrail) -> list[tuple[str, str | None]]:
    [findings] = check_texts([text], policies=PolicySet(rules, ()), replacements=True)
    return [(one.text, one.replacement) for one in findings]


def judged(copy: Copy, policies: PolicySet) -> tuple[Finding, ...]:
    return check_copy(copy, brief=BRIEF, product=None, policies=policies, as_of=DAY)


@pytest.mark.parametrize(
    ("words", "instead"),
    [("cheap", "affordable"), ("Cheap", "Affordable"), ("CHEAP", "AFFORDABLE"), ("“", "affordable")],
)
def test_a_replacement_has_the_capitals_of_the_word(words: str, instead: str) -> None:
    assert in_case_of(words, "affordable") == instead


def test_a_name_keeps_its_own_capitals() -> None:
    assert in_case_of("IPHONE", "iPhone") == "iPhone"


def test_a_safe_replacement_is_offered_as_the_word_stands() -> None:
    assert offered("Cheap, and cheap to keep.", rule(CHEAP)) == [("Cheap", "Low-priced"), ("cheap", "low-priced")]


def test_groups_of_the_match_are_filled_in() -> None:
    one = rule({"kind": "patterns", "replace": {r"(\d+) percent": r"\1%"}})

    assert offered("Save 20 percent.", one) == [("20 percent", "20%")]


def test_one_that_another_rule_finds_is_not_offered() -> None:
    other = rule({"kind": "phrases", "phrases": ["low-priced"]}, id="brand.other", level="review")

    assert offered("Cheap tents.", rule(CHEAP), other) == [("Cheap", None)]


def test_one_that_its_own_rule_finds_again_is_not_offered() -> None:
    assert offered("Cheap.", rule({"kind": "phrases", "replace": {"cheap": "very cheap"}})) == [("Cheap", None)]


def test_one_that_leaves_nothing_is_not_offered() -> None:
    assert offered("very", rule({"kind": "phrases", "replace": {"very": ""}})) == [("very", None)]


def test_of_many_so_many_are_tried_and_no_more() -> None:
    told = offered("cheap " * 12, rule(CHEAP))

    assert [instead for _, instead in told] == ["low-priced"] * 8 + [None] * 4


def test_without_being_asked_texts_are_not_judged_again() -> None:
    [[one]] = check_texts(["Cheap."], policies=PolicySet((rule(CHEAP),), ()))

    assert one.replacement is None
    assert "replacement" not in one.model_dump()


@pytest.mark.parametrize(
    ("text", "span", "instead"),
    [
        ("A very light tent.", (2, 6), "A light tent."),
        ("In fact, it is light.", (0, 7), "It is light."),
        ("Light. In fact, it is.", (7, 14), "Light. It is."),
        ("It is light, really.", (13, 19), "It is light."),
        ("Light\nvery light", (6, 10), "Light\nLight"),
    ],
)
def test_what_is_left_out_takes_its_space_with_it(text: str, span: tuple[int, int], instead: str) -> None:
    assert replaced(text, span, "") == instead


def test_a_copy_is_mended_and_says_by_which_rule() -> None:
    policies = PolicySet((rule(CHEAP),), ())
    copy = Copy(channel="email", subject="Cheap", body="A cheap tent.")

    after = mended_copy(
        copy, judged(copy, policies), ["block"], brief=BRIEF, product=None, policies=policies, as_of=DAY
    )

    assert (after.copy.subject, after.copy.body) == ("Low-priced", "A low-priced tent.")
    assert (after.findings, after.rules) == ((), ("brand.mine",))


_WORDS = st.sampled_from(
    ["cheap", "tent", "utilize", "very", "best", "Hurry!", "100% free", "the", "manned", "a", "\n\n"]
)
_SHIPPED = load_policies()
_STRICT = PolicySet(
    (
        *_SHIPPED.guardrails,
        rule(CHEAP),
        rule({"kind": "phrases", "replace": {"utilize": "use", "very": "", "manned": "best staffed"}}, id="brand.too"),
    ),
    (),
)


@pytest.mark.slow
@settings(max_examples=60, deadline=None)
@given(st.lists(_WORDS, min_size=1, max_size=12))
def test_mending_makes_no_text_worse_and_twice_is_once(words: list[str]) -> None:
    text = " ".join(words).strip()
    if not text or Copy.model_construct(channel="email", body=text).body.isspace():
        return
    copy = Copy(channel="email", subject="A tent", body=" ".join(text.split()))
    before = judged(copy, _STRICT)

    after = mended_copy(copy, before, ["block"], brief=BRIEF, product=None, policies=_STRICT, as_of=DAY)
    again = mended_copy(after.copy, after.findings, ["block"], brief=BRIEF, product=None, policies=_STRICT, as_of=DAY)

    assert again.copy == after.copy
    assert {one.rule for one in after.findings} <= {one.rule for one in before}
    assert len(after.findings) + len(after.rules) <= len(before) or after.copy == copy
    if verdict(before) != "block":
        assert after.copy == copy
