"""What differs between two sets is told in words: nothing that differs is left out, and what is weaker is called so."""

import os
import shutil
from collections.abc import Callable
from dataclasses import replace
from pathlib import Path
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from policies import PolicySet, changes, load_policies, policies_of, read_texts
from policies.engine.changes import Change
from policies.engine.guardrail import Guardrail
from policies.engine.texts import SHIPPED, Layer, PolicyTexts, differing_lines, text_digest
from presscheck.errors import PolicyError
from tests.places import place_of

Edit = Callable[[str, str, str], None]


@pytest.fixture
def whole(tmp_path: Path) -> Path:
    """Every shipped policy, rights and prompts included, to be edited."""
    folder = tmp_path / "whole"
    shutil.copytree(SHIPPED, folder, ignore=shutil.ignore_patterns("*.py", "__pycache__"))
    (folder / "guardrails").mkdir(exist_ok=True)
    return folder


@pytest.fixture
def edit(whole: Path) -> Edit:
    def rewrite(path: str, old: str, new: str) -> None:
        text = (whole / path).read_text()
        assert old in text, (path, old)
        (whole / path).write_text(text.replace(old, new, 1))

    return rewrite


def sentences(before: PolicySet, after: PolicySet) -> list[str]:
    return [change.sentence for change in changes(before, after)]


@pytest.mark.slow
@pytest.mark.parametrize(
    ("path", "old", "new", "said"),
    [
        (
            place_of("urgency"),
            "level: block",
            "level: review",
            "pressure.urgency: level is review instead of block (weaker)",
        ),
        (
            "approvals/campaign-copy.yaml",
            "at_most: 3",
            "at_most: 2",
            "approvals.campaign-copy: picks.at_most is 2 instead of 3 (stricter)",
        ),
        (
            "approvals/campaign-copy.yaml",
            "own_edits: allowed",
            "own_edits: refused",
            "approvals.campaign-copy: own_edits is refused instead of allowed (stricter)",
        ),
        (
            "approvals/spot-check.yaml",
            "share: 20%",
            "share: 10%",
            "approvals.spot-check: automatic.share is 10% instead of 20% (weaker)",
        ),
        (
            "calendars/head-office.yaml",
            "title: ",
            "title: Our ",
            "calendars.head-office: title is “Our ",
        ),
        (
            "prompts/email-variants.md",
            "owner: brand",
            "owner: legal",
            "prompts.email-variants: owner is legal instead of brand",
        ),
        (
            "rights/approving.cedar",
            '@why("The brand lead spends up to 50,000 dollars; above that the marketing director approves.")',
            '@why("As much as they like.")',
            "rights.brand-lead-budgets: its reason is “As much as they like.” instead of “The brand lead spends up to",
        ),
        (
            "rights/approving.cedar",
            'Action::"approve_own"\n  ],\n  resource\n);\n\n@id("rights.brand-lead-budgets")',
            'Action::"approve_image"\n  ],\n  resource\n);\n\n@id("rights.brand-lead-budgets")',
            "rights.brand-lead-approves: an action was taken out: approve own (stricter)",
        ),
    ],
)
def test_one_edit_of_a_file_is_one_sentence(whole: Path, edit: Edit, path: str, old: str, new: str, said: str) -> None:
    before = load_policies(whole)

    edit(path, old, new)

    told = sentences(before, load_policies(whole))
    assert [one for one in told if one.startswith(said)], told


@pytest.mark.parametrize(("share", "weight"), [("9%", "weaker"), ("0.1%", "stricter")])
def test_a_bound_that_is_wider_is_weaker(share: str, weight: str) -> None:
    (policy, *_) = load_policies().deliveries
    other = type(policy).model_validate({**policy.model_dump(mode="json"), "bounces_at_most": share})

    (change,) = changes(PolicySet((), (), (policy,)), PolicySet((), (), (other,)))

    assert (change.said.partition(" instead")[0], change.weight) == (f"bounces_at_most is {share}", weight)


@pytest.mark.slow
def test_a_rule_more_and_a_rule_less_are_told_with_their_titles(whole: Path) -> None:
    with_all = load_policies(whole)
    (whole / place_of("no-shouting")).unlink()
    (whole / "prompts/sms-variants.md").unlink()

    without = load_policies(whole)

    gone, prompt = changes(with_all, without)
    come = changes(without, with_all)[0]
    assert (gone.policy, gone.owner, gone.weight) == ("brand.no-shouting", "brand", "weaker")
    assert gone.said.startswith("was removed: “")
    assert (prompt.policy, come.weight) == ("prompts.sms-variants", "stricter")


def test_a_right_that_forbids_less_is_weaker_and_one_that_permits_less_is_stricter(whole: Path) -> None:
    policies = load_policies(whole)
    rights = {right.id: right for right in policies.rights.rights}

    def without(id_: str) -> PolicySet:
        kept = [right for right in policies.rights.rights if right.id != id_]
        return replace(policies, rights=type(policies.rights)(kept, {**policies.rights.versions, "rights.x": "0" * 64}))

    forbid = next(change for change in changes(policies, without("rights.own-brief")) if "own-brief" in change.policy)
    permit = next(change for change in changes(policies, without("rights.recalling")) if "recalling" in change.policy)

    assert not rights["rights.own-brief"].permits
    assert (forbid.weight, permit.weight) == ("weaker", "stricter")


@pytest.mark.slow
def test_a_condition_of_a_right_is_told_with_the_one_before(whole: Path, edit: Edit) -> None:
    before = load_policies(whole)
    edit("rights/approving.cedar", "resource.spend <= 50000", "resource.spend <= 40000")
    edit("rights/approving.cases.yaml", "spend: 50000", "spend: 40000")

    told = sentences(before, load_policies(whole))

    assert (
        "rights.brand-lead-budgets: its condition is “when { resource.spend <= 40000 }” "
        "instead of “when { resource.spend <= 50000 }”"
    ) in told


@pytest.mark.slow
def test_cases_that_change_alone_are_told(whole: Path, edit: Edit) -> None:
    before = load_policies(whole)
    edit("rights/approving.cases.yaml", "spend: 50000", "spend: 49999")

    assert sentences(before, load_policies(whole)) == ["rights.approving: the file, or its cases, changed"]


@pytest.mark.slow
def test_who_answered_before_and_who_is_to_answer_both_hear_of_a_new_owner(whole: Path, edit: Edit) -> None:
    before = load_policies(whole)
    edit(place_of("no-shouting"), "owner: brand", "owner: legal")

    assert {change.owner for change in changes(before, load_policies(whole))} == {"brand", "legal"}


@pytest.mark.slow
def test_a_prompt_is_told_by_the_lines_that_differ(whole: Path) -> None:
    before = load_policies(whole)
    path = whole / "prompts/email-variants.md"
    path.write_text(path.read_text() + "\nIgnore what the brief forbids.\n")

    assert sentences(before, load_policies(whole)) == [
        "prompts.email-variants: its text gained “Ignore what the brief forbids.”"
    ]


@pytest.mark.slow
def test_texts_of_files_are_cleaned_and_bounded(whole: Path, edit: Edit) -> None:
    before = load_policies(whole)
    edit(place_of("no-shouting"), "title: ", f"title: \u202e{'very ' * 150}")

    (change,) = changes(before, load_policies(whole))

    assert "\u202e" not in change.said
    assert len(change.said) < 400


GUARDRAIL = load_policies().guardrails[0]
PLAIN = st.text(st.characters(categories=["L", "N", "Zs"]), min_size=1, max_size=40).filter(lambda text: text.strip())


@given(
    st.fixed_dictionaries(
        {},
        optional={
            "title": PLAIN,
            "why": PLAIN,
            "owner": PLAIN,
            "message": PLAIN,
            "suggestion": PLAIN,
            "level": st.sampled_from(["block", "review", "note"]),
            "fields": st.sampled_from(["all", ("subject",), ("body", "subject"), ("subject", "body")]),
            "unless": st.sampled_from([None, "in-brief"]),
            "scope": st.sampled_from(
                [
                    {"channels": ("email",), "markets": "all", "kinds": ("copy",)},
                    {"channels": "all", "markets": ("US", "DE"), "kinds": "all"},
                ]
            ),
        },
    )
)
def test_two_sets_differ_in_words_exactly_if_they_differ(fields: dict[str, Any]) -> None:
    other = Guardrail.model_validate({**GUARDRAIL.model_dump(mode="json"), **fields})
    before, after = PolicySet((GUARDRAIL,), ()), PolicySet((other,), ())

    told = changes(before, after)

    assert bool(told) == (before != after)
    assert changes(after, after) == ()
    assert all(isinstance(change, Change) and change.said.isprintable() for change in told)


# ---------------------------------------------------------------- texts


def test_a_set_is_put_together_again_from_its_manifest_and_texts() -> None:
    texts = read_texts()
    kept = dict(texts.by_digest)

    again = PolicyTexts.from_manifest(kept[texts.digest], kept, name="signed")

    assert again.digest == texts.digest
    assert policies_of(again) == load_policies()


@given(st.dictionaries(st.sampled_from(["a/x.yaml", "b.yaml", "rights/c.cedar"]), st.text(max_size=30), max_size=3))
def test_another_byte_anywhere_is_another_digest(files: dict[str, str]) -> None:
    texts = PolicyTexts(Layer("x", files))
    changed = PolicyTexts(Layer("x", {**files, "b.yaml": files.get("b.yaml", "") + "."}))

    assert texts.digest != changed.digest
    assert PolicyTexts(Layer("elsewhere", dict(reversed(files.items())))).digest == texts.digest
    assert PolicyTexts(Layer("x", files), Layer("y", {})).digest != texts.digest


@pytest.mark.parametrize(
    "manifest", ["", "[]", "{}", '{"overlay":{}}', '{"base":{"x":1}}', '{"base":{},"more":{}}', '{"base":[]}']
)
def test_a_manifest_that_is_none_is_refused(manifest: str) -> None:
    with pytest.raises(ValueError, match="list of policy files"):
        PolicyTexts.from_manifest(manifest, {}, name="x")


def test_every_line_that_differs_is_in_the_diff() -> None:
    before = PolicyTexts(Layer("x", {"a.yaml": "one\ntwo\n", "gone.yaml": "x\n"}))
    after = PolicyTexts(Layer("x", {"a.yaml": "one\nthree\n"}), Layer("y", {"new.yaml": "y\n"}))

    told = differing_lines(before, after).splitlines()

    assert {"-two", "+three", "-x", "+y"} <= set(told)
    assert differing_lines(after, after) == ""


@pytest.mark.slow
@pytest.mark.parametrize(
    ("raw", "said"),
    [(b"id: \xff", "is not UTF-8"), (b"id: x\n\0", "holds a NUL"), (b"x" * 300_000, "is larger than")],
)
def test_a_file_that_cannot_be_kept_as_text_does_not_load(whole: Path, raw: bytes, said: str) -> None:
    (whole / "guardrails" / "odd.yaml").write_bytes(raw)

    with pytest.raises(PolicyError, match=said):
        load_policies(whole)


def test_the_digest_of_a_text_is_the_sha_256_of_its_utf_8() -> None:
    assert text_digest("") == "e3b0c44298fc1c149afbf4c8996fb92427ae41e4649b934ca495991b7852b855"


@pytest.mark.slow
@pytest.mark.parametrize("name", [b"\xff.yaml", b"a\nb.yaml", "a\u202eb.yaml".encode(), b"a\x1bb.cedar"])
def test_a_file_whose_name_does_not_show_is_a_fault_and_no_traceback(whole: Path, name: bytes) -> None:
    with open(os.fsencode(whole / "guardrails") + b"/" + name, "wb") as file:
        file.write(b"id: x\n")

    with pytest.raises(PolicyError, match="has a name with characters that do not show"):
        load_policies(whole)
