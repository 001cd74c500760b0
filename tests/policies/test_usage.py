"""The usage policy: what no entry names is refused; an entry is good for its place, purpose, data and time."""

import json
from collections.abc import Sequence
from datetime import date
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from policies import PolicySet, changes, load_prompts
from policies.engine.loading import policies_of
from policies.engine.overlaps import overlaps
from policies.engine.texts import Layer, PolicyTexts
from policies.engine.usage import ModelEntry, UsagePolicy
from policies.engine.using import last_day_of, refused_model, refused_prompt, refused_tool
from presscheck.errors import PolicyError
from presscheck.models import THIS_MACHINE, Refused
from tests.overlays import overlaid, shipped_texts
from tests.usages import model, prompt, tool, usage

DAY = date(2026, 11, 30)
UNDECIDED = Refused(code="prompt-undecided", reason="nobody was asked.")


def policy(*models: dict[str, Any], **lists: Any) -> tuple[UsagePolicy, ...]:
    held = overlaid({"usage/tests.yaml": usage(models=list(models) or [model("tests/any")], **lists)})
    return tuple(one for one in held.usage if one.id == "usage.tests")


def why(usages: Sequence[UsagePolicy], name: str, **changed: Any) -> str:
    asked: dict[str, Any] = {"purpose": "draft", "at": "", "given": ["public", "internal"], "on": DAY, **changed}
    refused = refused_model(usages, name, **asked)
    return "" if refused is None else refused.code


def faults(text: str) -> list[str]:
    with pytest.raises(PolicyError) as raised:
        policies_of(PolicyTexts(shipped_texts(), Layer("mine", {"usage/tests.yaml": text})))
    return [str(fault) for fault in raised.value.faults]


PUBLIC = {"runs": "public", "sees": ["public", "internal"]}


@pytest.mark.parametrize(
    ("entry", "asked", "code"),
    [
        ({}, {"at": THIS_MACHINE}, ""),
        ({}, {"at": ""}, "model-elsewhere"),
        ({}, {"at": "llm.example"}, "model-elsewhere"),
        (PUBLIC, {}, ""),
        (PUBLIC, {"at": "llm.example"}, "model-elsewhere"),
        (PUBLIC, {"at": THIS_MACHINE}, "model-elsewhere"),
        ({**PUBLIC, "hosts": ["eu.example"]}, {"at": "eu.example"}, ""),
        ({**PUBLIC, "hosts": ["eu.example"]}, {"at": "eu.example:8443"}, "model-elsewhere"),
        ({**PUBLIC, "hosts": ["eu.example"]}, {"at": "eu.example.evil.example"}, "model-elsewhere"),
        ({"runs": "private", "hosts": ["llm.brand.example"]}, {"at": "llm.brand.example"}, ""),
        ({"runs": "private", "hosts": ["llm.brand.example"]}, {"at": ""}, "model-elsewhere"),
        ({"runs": "private", "hosts": ["llm.brand.example:8443"]}, {"at": "llm.brand.example"}, "model-elsewhere"),
        (PUBLIC, {"given": ["public", "personal"]}, "data-class"),
        ({**PUBLIC, "sees": ["public"]}, {}, "data-class"),
        ({**PUBLIC, "for": ["try"]}, {}, "model-purpose"),
        ({**PUBLIC, "for": ["draft"]}, {"purpose": "repair"}, ""),
        ({**PUBLIC, "for": ["try"]}, {"purpose": "repair"}, "model-purpose"),
        ({**PUBLIC, "until": "2026-11-29"}, {}, "expired"),
        ({**PUBLIC, "until": "2026-11-30"}, {}, ""),
        ({**PUBLIC, "name": "openai/gpt-5-mini*"}, {}, ""),
        ({**PUBLIC, "name": "openai/gpt-5*"}, {}, ""),
        ({**PUBLIC, "name": "openai/gpt-5"}, {}, "unlisted"),
        ({**PUBLIC, "name": "openai/GPT-5-mini"}, {}, "unlisted"),
        ({**PUBLIC, "name": "anthropic/gpt-5-mini"}, {}, "unlisted"),
    ],
)
def test_an_entry_is_good_for_what_it_says_and_for_nothing_else(
    entry: dict[str, Any], asked: dict[str, Any], code: str
) -> None:
    held = policy({**model("openai/gpt-5-mini"), **entry})

    assert why(held, "openai/gpt-5-mini", **asked) == code


def test_what_ships_lets_the_offline_copywriter_and_the_shipped_prompts_be_used_and_no_model(
    shipped: PolicySet,
) -> None:
    assert why(shipped.usage, "offline/phrase-grammar/1", at=THIS_MACHINE) == ""
    assert why(shipped.usage, "openai/gpt-5-mini") == "unlisted"
    assert why((), "offline/phrase-grammar/1", at=THIS_MACHINE) == "unlisted"
    for one in load_prompts():
        refused = refused_prompt(
            shipped.usage, one.id, version=one.version, words=one.words, on=DAY, decision=UNDECIDED
        )
        assert refused is None, (
            f"{one.id} is not as policies/usage/shipped.yaml has it: raise its version, if it was released, and write "
            f'words: "{one.words[:32]}" there'
        )


def test_a_refusal_says_what_to_write() -> None:
    refused = refused_model((), "openai/gpt-5-mini", purpose="draft", at="", given=["public", "internal"], on=DAY)

    assert refused is not None
    entry = (
        "{name: openai/gpt-5-mini, owner: TEAM, purpose: WORDS, for: [draft, try], runs: public, "
        "sees: [public, internal], approved: {by: NAME, on: 2026-11-30}, until: 2027-11-30}"
    )
    assert refused.reason.endswith(f"adds to models in policies/usage/NAME.yaml: {entry}")


@pytest.mark.parametrize("at", ["", THIS_MACHINE, "llm.brand.example"])
@pytest.mark.parametrize("given", [["public"], ["public", "internal"]])
def test_the_entry_that_a_refusal_shows_loads_and_lets_exactly_that_through(at: str, given: list[str]) -> None:
    refused = refused_model((), "openai/gpt-5-mini", purpose="ideas", at=at, given=given, on=DAY)
    assert refused is not None

    shown = refused.reason.partition("NAME.yaml: ")[2]
    with pytest.raises(PolicyError, match="stands there to be filled in"):
        overlaid({"usage/tests.yaml": usage(models=[model("a/b")]).replace("models: [{", f"models: [{shown}, {{", 1)})
    entry = shown.replace("TEAM", "brand").replace("WORDS", "Drafts").replace("NAME", "Ana")
    text = usage(models=[model("a/b")]).replace("models: [{", f"models: [{entry}, {{", 1)
    held = [one for one in overlaid({"usage/tests.yaml": text}).usage if one.id == "usage.tests"]

    assert why(held, "openai/gpt-5-mini", purpose="ideas", at=at, given=given) == ""
    assert why(held, "openai/gpt-5-mini", purpose="draft", at=at, given=given) == "model-purpose"


def test_a_tool_is_used_while_it_is_approved() -> None:
    held = policy(tools=[tool("deepl/translate", until="2026-11-30")])

    assert refused_tool(held, "deepl/translate", on=DAY) is None
    assert "was approved until 2026-11-30" in getattr(
        refused_tool(held, "deepl/translate", on=date(2026, 12, 1)), "reason", ""
    )
    assert getattr(refused_tool(held, "deepl/write", on=DAY), "code", "") == "unlisted"


@pytest.mark.parametrize(
    ("entry", "asked", "decision", "code"),
    [
        ({}, {}, UNDECIDED, ""),
        ({}, {"words": "b" * 64}, UNDECIDED, "prompt-changed"),
        ({}, {"words": "b" * 64}, None, ""),
        ({}, {"version": "2"}, UNDECIDED, "unlisted"),
        ({"until": "2026-11-29"}, {}, UNDECIDED, "expired"),
        ({"until": "2026-11-29"}, {}, None, ""),
    ],
)
def test_a_prompt_is_approved_by_its_words_and_a_decision_always_counts(
    entry: dict[str, Any], asked: dict[str, Any], decision: Refused | None, code: str
) -> None:
    held = policy(prompts=[prompt("prompts.own", "a" * 32, **entry)])
    said: dict[str, Any] = {"version": "1", "words": "a" * 64, "on": DAY, "decision": decision, **asked}

    refused = refused_prompt(held, "prompts.own", **said)

    assert ("" if refused is None else refused.code) == code


def test_where_one_policy_wants_a_decision_no_list_is_enough() -> None:
    held = (*policy(prompts=[prompt("prompts.own", "a" * 32)]), *policy(prompts_need="decision"))

    refused = refused_prompt(held, "prompts.own", version="1", words="a" * 64, on=DAY, decision=UNDECIDED)

    assert refused is not None
    assert refused.code == "prompt-undecided"
    assert "presscheck run prompt-approval" in refused.reason


@pytest.mark.parametrize(
    ("entry", "said"),
    [
        ({"runs": "public"}, "personal data goes to nothing that runs in public"),
        ({"runs": "private"}, "hosts: name where a private one may be reached"),
        ({"hosts": ["a.example"]}, "what runs on this machine has none"),
        ({"until": "2025-12-31"}, "is before 2026-01-01, the day of the approval"),
        ({"name": "openai/*"}, "models[0].name"),
        ({"name": "gpt-5"}, "models[0].name"),
        ({"runs": "cloud"}, "local"),
        ({"purpos": "x"}, "did you mean"),
        ({"sees": []}, "models[0].sees"),
        ({"hosts": ["https://a.example/v1"], "runs": "private"}, "hosts[0]"),
    ],
)
def test_a_faulty_entry_does_not_load_and_is_told_with_its_line(entry: dict[str, Any], said: str) -> None:
    first = {**model("openai/gpt-5"), **entry}
    text = usage(models=[model("a/b")]).replace(usage_line("models", [model("a/b")]), usage_line("models", [first]))

    found = faults(text)

    assert any(said in fault for fault in found), found
    assert all(fault.startswith("mine/usage/tests.yaml:") for fault in found)


def usage_line(name: str, value: Any) -> str:
    return f"{name}: {json.dumps(value)}\n"


def test_all_faults_of_a_file_are_told_at_once() -> None:
    wrong = [{**model("a/b"), "runs": "public"}, {**model("c/d"), "until": "soon"}, {**model("e/f"), "owner": ""}]
    text = usage(models=[model("a/b")]).replace(usage_line("models", [model("a/b")]), usage_line("models", wrong))

    found = "\n".join(faults(text))

    assert "models[0]" in found
    assert "models[1].until" in found
    assert "models[2].owner" in found


@pytest.mark.slow
def test_a_name_that_is_there_twice_and_cases_of_one_kind_are_faults() -> None:
    assert any("a/b is there twice" in one for one in faults(usage(models=[model("a/b"), model("a/b")])))
    text = usage().replace('"allowed": false', '"allowed": true')
    assert any("one with allowed: false" in one for one in faults(text))
    both = "\n".join(faults(text.replace("title: ", "titles: ")))
    assert "one with allowed: false" in both
    assert "titles" in both


def test_a_case_that_does_not_hold_does_not_load() -> None:
    text = usage().replace('"model": "nobody/knows"', '"model": "tests/anything", "at": "this-machine"')

    assert any("cases[1]" in one and "should not be allowed and is" in one for one in faults(text))


@pytest.mark.slow
def test_two_files_that_speak_of_the_same_thing_in_other_words_are_told() -> None:
    files = {
        "usage/one.yaml": usage(
            "one", models=[model("a/b*"), model("same/x")], tools=[tool("t/x")], prompts=[prompt("prompts.p", "a" * 32)]
        ),
        "usage/two.yaml": usage(
            "two",
            models=[model("a/bc"), model("same/x")],
            tools=[tool("t/x", purpose="Else.")],
            prompts=[prompt("prompts.p", "b" * 32)],
        ),
    }

    told = [one for one in overlaps(overlaid(files)) if "usage." in one]

    assert [one.partition(" both speak of ")[2].partition(",")[0] for one in told] == [
        "a/b*",
        "t/x",
        "prompts.p version 1",
    ]
    assert all(one.startswith("usage.one and usage.two") for one in told)


def test_a_change_is_told_with_its_owner_and_its_weight() -> None:
    before = overlaid({"usage/tests.yaml": usage(models=[model("a/b"), model("c/d", sees=["public"], runs="public")])})
    after = overlaid(
        {
            "usage/tests.yaml": usage(
                models=[model("a/b", until="2199-01-01"), model("c/d", sees=["public", "internal"], runs="public")],
                tools=[tool("t/x")],
                prompts=[prompt("prompts.p", "a" * 32)],
                prompts_need="decision",
            )
        }
    )

    told = {one.said: one.weight for one in changes(before, after)}

    assert told["models a/b.until is 2199-01-01 instead of 2199-12-31"] == "stricter"
    assert told["models c/d.sees: internal was added"] == "weaker"
    assert told["prompts_need is decision instead of listed"] == "stricter"
    weights = {said.partition(":")[0]: weight for said, weight in told.items()}
    assert (weights["tools"], weights["prompts"]) == ("weaker", "weaker")
    (whole,) = changes(after, overlaid({}))
    assert whole.weight == "stricter"


def test_the_set_knows_the_kind_everywhere(shipped: PolicySet) -> None:
    with_more = overlaid({"usage/tests.yaml": usage()})

    assert "usage.shipped" in shipped.versions
    assert with_more.digest != shipped.digest
    assert with_more.cases == shipped.cases + 2


NAMES = st.text("abc/*.:-", max_size=12)


@given(entry=NAMES, asked=NAMES, at=st.sampled_from(["", THIS_MACHINE, "a.b", "a.b:1"]))
def test_whatever_is_written_nothing_but_the_name_and_its_versions_are_let_through(
    entry: str, asked: str, at: str
) -> None:
    fields = {**model("a/b"), "name": f"p/{entry}", "runs": "private", "hosts": ["a.b"]}
    try:
        held = ModelEntry.model_validate(fields)
    except ValueError:
        return

    allowed = held.is_called(asked) and held.reaches(at)

    bare = held.name.removesuffix("*")
    assert not allowed or (at == "a.b" and (asked == bare or (held.name.endswith("*") and asked.startswith(bare))))


def test_the_last_day_is_that_of_the_entry_which_reaches_the_place() -> None:
    held = policy({**model("a/b"), "until": "2027-01-01"})

    assert last_day_of(held, "a/b", at=THIS_MACHINE) == date(2027, 1, 1)
    assert last_day_of(held, "a/b", at="") is None
