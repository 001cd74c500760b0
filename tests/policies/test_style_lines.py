"""A prompt's line `{{style}}` says what the style rules in force say: the same for the same rules, and bounded."""

from typing import Any

from hypothesis import given
from hypothesis import strategies as st

from policies import PolicySet
from policies.engine.guardrail import Guardrail
from policies.engine.style_lines import MOST, style_lines
from tests.overlays import overlaid

PROMPT = """---
id: prompts.email-variants
version: "7"
owner: brand
why: Drafts e-mails.
---
Write e-mails.

## House style
{{style}}

Answer with nothing else.
"""
RULE = """id: style.no-jargon
kind: guardrail
title: No jargon
why: Readers skip it.
source: {{name: Our style guide, date: 2026-01-15}}
owner: brand
scope: {{channels: [{channel}], markets: all, kinds: [copy]}}
level: review
languages: [en]
match: {{kind: phrases, phrases: [{banned}, "techwear*"], replace: {{outerwear piece: jacket, very: ""}}}}
message: Jargon.
suggestion: Say it as you would aloud.
cases:
  - {{text: "Pure techwear.", fires: true}}
  - {{text: "A jacket.", fires: false}}
"""


def project(banned: str = "smart-ish", channel: str = "email", **more: str) -> PolicySet:
    rule = RULE.format(banned=banned, channel=channel)
    return overlaid({"prompts/email-variants.md": PROMPT, "guardrails/no-jargon.yaml": rule, **more})


def told(policies: PolicySet) -> str:
    return policies.prompt("prompts.email-variants").text


def test_the_line_is_filled_with_what_to_write_and_what_not() -> None:
    text = told(project())

    assert "{{style}}" not in text
    assert "- Write “jacket”, not “outerwear piece”." in text
    assert "- Leave out “very”." in text
    assert "- No jargon. Do not write: smart-ish, techwear." in text
    assert text.startswith("Write e-mails.")
    assert text.endswith("Answer with nothing else.")


def test_a_changed_rule_is_another_prompt_with_other_words_and_another_set() -> None:
    one, other = project(), project("synergy")

    assert one.prompt("prompts.email-variants").words != other.prompt("prompts.email-variants").words
    assert one.digest != other.digest
    assert told(one) == told(project())


def test_rules_of_other_channels_say_nothing_here() -> None:
    assert "techwear" not in told(project(channel="sms"))


def test_a_prompt_without_the_line_stays_as_it_is(shipped: PolicySet) -> None:
    assert project().prompt("prompts.sms-variants") == shipped.prompt("prompts.sms-variants")


def test_a_whole_house_style_stays_within_its_bound_and_says_what_it_leaves_out() -> None:
    on = "extends: fernholt\nwhy: It is ours.\nowner: brand\non: true\n"
    lines = style_lines(project(**{"packs/fernholt/pack.yaml": on}).guardrails, "email")

    assert sum(len(line) + 1 for line in lines[:-1]) <= MOST
    assert "more lines of the house style are left to the checks" in lines[-1]


@given(banned=st.lists(st.text(min_size=1, max_size=200), min_size=1, max_size=60))
def test_whatever_a_rule_bans_it_stays_one_line_and_within_the_bound(banned: list[str]) -> None:
    fields: dict[str, Any] = {
        "id": "style.any", "kind": "guardrail", "title": "Any", "why": "So.", "owner": "brand",
        "source": {"name": "n", "date": "2026-01-15"},
        "scope": {"channels": "all", "markets": "all", "kinds": ["copy"]},
        "suggestion": "s", "level": "note", "languages": "all", "message": "m",
        "match": {"kind": "phrases", "phrases": banned},
        "cases": [{"text": "a", "fires": True}, {"text": "b", "fires": False}],
    }  # fmt: skip
    try:
        rule = Guardrail.model_validate(fields)
    except ValueError:
        return

    lines = style_lines([rule] * 3)

    assert lines == style_lines([rule] * 3)
    assert all(len(line.splitlines()) == 1 for line in lines)
    assert sum(len(line) + 1 for line in lines) <= MOST + 100
