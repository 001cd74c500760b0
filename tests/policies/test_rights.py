"""Rights say no unless a policy says yes, say which one, and do not load unless their cases hold."""

import pickle
import re
import shutil
from collections.abc import Callable
from dataclasses import replace
from functools import cache
from itertools import product
from pathlib import Path
from typing import get_args

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from policies import ApprovalPolicy, Asking, Matter, PolicySet, Rights, load_policies
from policies.engine.loading import SHIPPED
from policies.engine.rights import ACTIONS, OWN, Action, Own, approval_of
from policies.engine.rights_cases import RightCases
from policies.engine.rights_loading import RightsFolder, load_rights
from policies.engine.rights_matrix import Cell, matrix_of
from policies.engine.rights_of_models import without_right
from presscheck.desk.current import CurrentPolicies
from presscheck.documents.document import parse_document
from presscheck.documents.document import where as place_in_words
from presscheck.errors import Fault, PolicyError
from presscheck.models import ROLES, Channel, Collaboration, Market, RiskTier, Role

SCHEMA = (SHIPPED / "rights/schema.cedarschema").read_text()
GOOD = """\
// Somebody must.
@id("rights.editors-approve")
@why("Editors read; // they know.")
permit (principal in Role::"content_editor", action == Action::"approve_copy", resource)
when { resource.spend <= 100 && ["low", "medium"].contains(resource.tier) };
"""
CASES = """\
cases:
  rights.editors-approve:
    - {allowed: true, action: approve_copy, role: content_editor, spend: 100}
    - {allowed: false, action: approve_copy, role: content_editor, spend: 101}
"""
MARKETS: tuple[Market, ...] = ("US", "CA", "DE", "FR")
TIERS: tuple[RiskTier | None, ...] = (*get_args(RiskTier), None)


def read(
    cedar: str = GOOD, cases: str | None = CASES, *, over: tuple[str, str, str] | None = None
) -> tuple[Rights, list[str]]:
    """The rights of one made-up file, perhaps with an overlay's file on top, and the faults as text."""
    faults: list[Fault] = []
    base = folder_of("editing", cedar, cases, schema=True)
    above = None if over is None else folder_of(*over, root="over")
    return load_rights(base, above, faults), [str(fault) for fault in faults]


def folder_of(stem: str, cedar: str, cases: str | None, *, root: str = "rights", schema: bool = False) -> RightsFolder:
    return RightsFolder(
        root,
        ((stem, f"{root}/{stem}.cedar", cedar),),
        () if cases is None else ((stem, f"{root}/{stem}.cases.yaml", cases),),
        ("schema.cedarschema", SCHEMA) if schema else None,
    )


def asking(action: Action, role: Role, **facts: object) -> Asking:
    """An ordinary question, with some facts changed."""
    person = {name: facts.pop(name) for name in ("markets", "delegated", "fresh") if name in facts}
    about = facts.pop("about", ("US",))
    ordinary: dict[str, object] = {
        "tier": "medium", "gate": "copy", "channel": "email", "kinds": ("copy",), "reach": 1_000,
        "markets": about, "collaboration": "producer",
    }  # fmt: skip
    matter = Matter.model_validate({**ordinary, **facts})
    given_person: dict[str, object] = {"markets": "all", "fresh": True, **person}
    return Asking.model_validate({"action": action, "person": "P-1", "role": role, "matter": matter, **given_person})


# ---------------------------------------------------------------- what the shipped rights say


@pytest.mark.parametrize(
    ("question", "allowed", "rule"),
    [
        (asking("approve_copy", "brand_lead"), True, "rights.brand-lead-approves"),
        (asking("approve_image", "brand_lead", gate="plan", kinds=("image",)), True, "rights.brand-lead-approves"),
        (asking("approve_copy", "brand_lead", reach=None, tier="critical"), True, "rights.brand-lead-approves"),
        (asking("approve_copy", "brand_lead", own=("brief",)), False, "rights.own-brief"),
        (asking("approve_copy", "brand_lead", own=("prompt",)), False, "rights.own-prompt"),
        (asking("approve_copy", "brand_lead", own=("prompt",), tier="low"), True, "rights.brand-lead-approves"),
        (asking("approve_copy", "legal", markets=("DE",), about=("DE", "AT")), False, "rights.other-markets"),
        (asking("approve_copy", "legal", markets=("DE",), about=()), False, "rights.other-markets"),
        (asking("approve_copy", "legal", tier="high", fresh=False), False, "rights.fresh-factor"),
        (asking("approve_budget", "brand_lead", spend=50_000), True, "rights.brand-lead-budgets"),
        (asking("approve_budget", "brand_lead", spend=50_001), False, ""),
        (asking("approve_budget", "marketing_director", spend=50_001), True, "rights.marketing-director-approves"),
        (asking("approve_prompt", "prompt_engineer", kinds=("prompt",)), False, "rights.makers-do-not-approve"),
        (asking("approve_copy", "content_editor"), False, ""),
        (asking("approve_plan", "ai_strategist", gate="plan"), True, "rights.strategist-approves-plans"),
        (asking("write", "author", kinds=("material",), own=("brief", "run")), True, "rights.authors-write"),
        (asking("pause", "engineer", tier=None, about=()), True, "rights.pausing-is-easy"),
        (asking("unpause", "engineer"), False, ""),
        (asking("unpause", "legal", own=("run",)), False, "rights.own-run"),
        (asking("unpause", "legal", markets=("US",), about=()), False, "rights.other-markets"),
        (asking("withdraw", "administrator", own=("run",)), True, "rights.withdrawing"),
        (asking("break_glass", "legal"), False, ""),
        (asking("confirm_glass", "legal", delegated=True), False, "rights.not-by-delegation"),
        (asking("delegate", "brand_lead", delegated=True), False, "rights.not-by-delegation"),
        (asking("sign_rule", "brand_lead"), False, ""),
        (asking("approve_copy", "administrator"), False, "rights.makers-do-not-approve"),
    ],
)  # fmt: skip
def test_a_right_answers_with_the_rule_that_says_so(
    shipped: PolicySet, question: Asking, allowed: bool, rule: str
) -> None:
    answer = shipped.rights.decide(question)

    assert (answer.allowed, answer.rule) == (allowed, rule)
    assert answer.why


def test_where_nothing_permits_the_answer_names_the_right_that_comes_nearest(shipped: PolicySet) -> None:
    answer = shipped.rights.decide(asking("approve_budget", "brand_lead", spend=60_000))

    assert "No right lets brand lead approve budget here" in answer.why
    assert "rights.brand-lead-budgets: The brand lead spends up to 50,000 dollars" in answer.why


def test_two_roles_break_the_glass_and_two_others_confirm_it(shipped: PolicySet) -> None:
    breaking = {role for role in ROLES if shipped.rights.decide(asking("break_glass", role)).allowed}
    confirming = {role for role in ROLES if shipped.rights.decide(asking("confirm_glass", role)).allowed}

    assert breaking
    assert confirming
    assert not breaking & confirming


def test_every_role_that_a_shipped_model_asks_may_approve_there(shipped: PolicySet) -> None:
    for model in shipped.approvals:
        named = [kind for kind in model.scope.kinds if kind != "material"]
        kinds = ["material"] if model.asks == "writing" else named
        later = [stage.escalate.to for stage in model.stages if stage.escalate]
        tiers = get_args(RiskTier) if model.scope.tiers == "all" else model.scope.tiers

        for role in (*model.roles, *later):
            for tier, kind in product(tiers, kinds):
                answer = shipped.rights.decide(asking(approval_of(kind), role, tier=tier, kinds=(kind,)))
                assert answer.allowed, (model.id, role, kind)


# ---------------------------------------------------------------- no is the default


def test_without_any_right_nobody_may_do_anything() -> None:
    assert not any(Rights().decide(asking(action, role)).allowed for action in ACTIONS for role in ROLES)
    assert not any(PolicySet((), ()).rights.decide(asking("pause", role)).allowed for role in ROLES)


def test_a_forbid_that_breaks_is_a_no_and_not_a_gap(shipped: PolicySet) -> None:
    # Cedar passes over a policy that fails while it is evaluated; here the sum does not fit into 64 bits.
    breaks = replace(
        next(right for right in shipped.rights.rights if right.id == "rights.own-brief"),
        text="forbid (principal, action, resource) when { resource.spend + 9223372036854775807 > 0 };",
    )
    approves = next(right for right in shipped.rights.rights if right.id == "rights.brand-lead-approves")

    answer = Rights((approves, breaks)).decide(asking("approve_copy", "brand_lead", spend=1))

    assert not answer.allowed
    assert "cannot be worked out" in answer.why


@pytest.mark.parametrize("person", ['P" || true || "', "P\\", "\u202eP\n", 'x"]};//'])
def test_a_pseudonym_cannot_write_itself_a_right(shipped: PolicySet, person: str) -> None:
    question = asking("approve_copy", "author").model_copy(update={"person": person})

    assert not shipped.rights.decide(question).allowed


def test_rights_survive_a_trip_to_another_process(shipped: PolicySet) -> None:
    again = pickle.loads(pickle.dumps(shipped.rights))  # noqa: S301

    assert again == shipped.rights
    assert again.decide(asking("approve_copy", "brand_lead")).allowed


def test_who_keeps_the_machine_running_does_not_approve_even_where_another_right_would_let_them() -> None:
    generous = replace(
        shipped_rights().rights[0], text="permit (principal, action, resource) when { resource has spend };"
    )
    rights = Rights([*shipped_rights().rights, replace(generous, id="rights.generous", parsed=parsed(generous.text))])

    assert rights.decide(asking("approve_copy", "author")).rule == "rights.generous"
    for role in ("engineer", "scheduler", "administrator", "prompt_engineer"):
        assert rights.decide(asking("approve_copy", role)).rule == "rights.makers-do-not-approve"


# ---------------------------------------------------------------- what does not load


def test_a_right_of_ones_own_loads_and_decides() -> None:
    rights, faults = read()

    assert faults == []
    assert rights.cases == 2
    assert rights.decide(asking("approve_copy", "content_editor", spend=100)).allowed
    assert rights.decide(asking("approve_copy", "content_editor", spend=101)).rule == ""


@pytest.mark.parametrize(
    ("spoil", "by", "said"),
    [
        ("resource.spend", "resource.spent", "attribute `spent` on entity type `Matter` not found"),
        ("resource.spend", "principal.budget", "attribute `budget` on entity type `Person` not found"),
        ('Role::"content_editor"', 'Role::"content_edtor"', '"content_edtor"` is not declared'),
        ('Action::"approve_copy"', 'Action::"aprove_copy"', 'unrecognized action `Action::"aprove_copy"`'),
        ('@id("rights.editors-approve")\n', "", 'has no @id; write @id("rights.what-it-says")'),
        ('@id("rights.editors-approve")', '@id("Editors")', '@id("Editors") has the wrong form'),
        ('@why("Editors read; // they know.")\n', "", "has no @why"),
        ('@why("Editors read; // they know.")', '@why("  ")', "has no @why"),
        ('@why("Editors', '@reason("x") @why("Editors', "@reason is not read here; there are @id, @why, @overrides"),
        ('@why("Editors', '@overrides("yes") @why("Editors', '@overrides is "true" or left out'),
        ('@why("Editors', '@overrides("true") @why("Editors', "only a policy of an overlay overrides"),
        ('"low", "medium"', '"low", "mediun"', 'tier is never "mediun"; there are low, medium, high, critical'),
        ("resource.spend <= 100", 'resource.own.contains("breif")', 'own is never "breif"'),
        ("resource.spend <= 100", 'resource.markets.contains("Germany")', 'Germany is no country code'),
        ("resource.spend <= 100", "resource.spend <= ten", "ten"),
        ("permit (", "permitt (", "cannot be read: invalid policy effect: permitt"),
        ("content_editor\", action", 'content_editor", act', "cannot be read"),
        ('principal in Role::"content_editor"', "principal in ?principal", "is a template"),
        ("};", "}", "cannot be read"),
        ("<= 100", "<= 99", "cases.rights.editors-approve[0]: should be allowed and is refused by no right"),
        ("<= 100", "<= 101", "cases.rights.editors-approve[1]: should be refused and is allowed by rights.editors"),
    ],
)  # fmt: skip
def test_a_right_with_a_fault_says_where_and_what(spoil: str, by: str, said: str) -> None:
    assert spoil in GOOD

    faults = read(GOOD.replace(spoil, by))[1]

    assert any(said in fault for fault in faults), faults
    assert all(re.match(r"rights/editing\.(cedar|cases\.yaml):\d+: ", fault) for fault in faults), faults


@pytest.mark.parametrize(
    ("cases", "said"),
    [
        (None, "rights/editing.cases.yaml: is missing"),
        ("cases: {}\n", "rights/editing.cedar:2: rights.editors-approve: has no cases"),
        (CASES.partition("    - {allowed: false")[0], "one case with allowed: true and one with"),
        (CASES.replace("content_editor, spend: 101", "content_edtor"), "did you mean content_editor?"),
        (CASES.replace("spend: 101", "spent: 101"), "did you mean spend?"),
        (CASES + CASES.partition("\n")[2].replace("editors", "nobodies"), "there is no policy with this @id"),
        (CASES.replace("spend: 101", "spend: 101, role: legal"), "role"),
        (CASES.replace("role: content_editor, spend: 101", "role: legal"), ""),
    ],
)  # fmt: skip
def test_a_right_does_not_load_without_cases_of_both_sorts(cases: str | None, said: str) -> None:
    _, faults = read(cases=cases)

    assert any(said in fault for fault in faults) if said else faults == []


def test_a_case_that_another_right_decides_is_no_case_of_this_one() -> None:
    forbid = """\
@id("rights.no-sms")
@why("Not by text message.")
forbid (principal, action, resource) when { resource.channel == "sms" };
"""
    cases = """\
  rights.no-sms:
    - {allowed: false, action: approve_copy, role: content_editor, spend: 101}
    - {allowed: true, action: approve_copy, role: content_editor}
"""

    _, faults = read(GOOD + forbid, CASES + cases)

    assert faults == [
        "rights/editing.cases.yaml:6: cases.rights.no-sms[0]: is refused by no right, and says nothing of this policy; "
        "write a case that it decides"
    ]


def test_all_faults_of_all_policies_are_told_at_once_each_with_its_line() -> None:
    second = GOOD.replace("Somebody must.", "Again; the same").replace("resource.spend", "resource.spent")
    third = "permit (principal, action, resource);\n"

    _, faults = read(GOOD + GOOD + second + third)

    lines = [int(fault.split(":")[1]) for fault in faults]
    assert lines == [12, 16, 16, 7]
    assert "has no @id" in faults[1]
    assert "is already the @id of rights/editing.cedar:2" in faults[3]


@pytest.mark.parametrize(
    ("condition", "said"),
    [
        ("(" * 3_000 + "true" + ")" * 3_000, "too long or too nested"),
        ("[" * 60 + "1" + "]" * 60 + " == [1]", "too long or too nested"),
        ("resource" + ".x" * 3_000, "too many parts"),
        (" && ".join(["true"] * 900), "too many parts"),
        (" && ".join(["true"] * 100), "too many parts"),
        ("!" * 3_000 + "true", "cannot be read"),
        (" || ".join(["resource.spend == 1"] * 3_000), "too long or too nested"),
        ('"' * 2_001, "cannot be read"),
    ],
)
def test_a_policy_made_to_break_the_parser_is_a_fault(condition: str, said: str) -> None:
    faults = read(GOOD.replace("resource.spend <= 100", condition))[1]

    assert any(said in fault for fault in faults), faults


def test_hostile_text_in_a_policy_is_read_as_text() -> None:
    hostile = GOOD.replace("Editors read; // they know.", "}; permit(principal, action, resource); //")

    rights, faults = read(hostile)

    assert faults == []
    assert len(rights.rights) == 1
    assert not rights.decide(asking("approve_copy", "author")).allowed


# ---------------------------------------------------------------- a project's own on top

LIMITED = GOOD.replace("@why", '@overrides("true") @why').replace("<= 100", "<= 20")
LIMITED_CASES = CASES.replace("100", "20").replace("101", "21")
NO_SMS = """\
@id("rights.no-sms")
@why("Not by text message.")
forbid (principal, action, resource) when { resource.channel == "sms" };
"""
NO_SMS_CASES = """\
cases:
  rights.no-sms:
    - {allowed: false, action: approve_copy, role: content_editor, channel: sms}
    - {allowed: true, action: approve_copy, role: content_editor, channel: email}
"""


def test_an_overlay_adds_a_right_that_forbids() -> None:
    rights, faults = read(over=("ours", NO_SMS, NO_SMS_CASES))

    assert faults == []
    assert rights.decide(asking("approve_copy", "content_editor", channel="sms")).rule == "rights.no-sms"
    assert set(rights.versions) == {"rights.schema", "rights.editing", "rights.ours"}


def test_an_overlay_replaces_a_right_where_it_says_so() -> None:
    rights, faults = read(over=("ours", LIMITED, LIMITED_CASES))

    assert faults == []
    assert len(rights.rights) == 1
    assert not rights.decide(asking("approve_copy", "content_editor", spend=21)).allowed


@pytest.mark.parametrize(
    ("over", "said"),
    [
        (("ours", GOOD, CASES), 'is already the @id of rights/editing.cedar; write @overrides("true") to replace it'),
        (("ours", LIMITED.replace("editors-", "nobodies-"), LIMITED_CASES.replace("editors-", "nobodies-")),
         "there is no rights.nobodies-approve to override"),
        (("editing", NO_SMS, NO_SMS_CASES), "is the name of a shipped file"),
        (("ours", LIMITED, CASES), "over/ours.cases.yaml:3: cases.rights.editors-approve[0]: should be allowed"),
        (("ours", LIMITED, None), "over/ours.cases.yaml: is missing"),
    ],
)  # fmt: skip
def test_an_overlay_with_a_fault_does_not_load(over: tuple[str, str, str], said: str) -> None:
    _, faults = read(over=over)

    assert any(said in fault for fault in faults), faults


# ---------------------------------------------------------------- approval models that could never be answered

MODEL = (SHIPPED / "approvals/high-risk-copy.yaml").read_text()
PLAIN_MODEL = (SHIPPED / "approvals/campaign-copy.yaml").read_text()


@pytest.mark.parametrize(
    ("spoil", "by", "where", "what"),
    [
        ("any_of: [legal]", "any_of: [content_editor]", "stages[2].needs[0].any_of[0]", "content editor approve"),
        ("any_of: [legal]", "any_of: [legal, engineer]", "stages[2].needs[0].any_of[1]", "engineer approve"),
        ("any_of: [legal]", "all_of: [legal, author]", "stages[2].needs[0].all_of[1]", "author approve"),
        ("to: ethics_officer", "to: administrator", "stages[2].escalate.to", "administrator approve"),
        ("stages:\n  - stage: brand", "stages:\n  - veto: [scheduler]\n    stage: brand", "stages[0].veto[0]",
         "scheduler reject"),
    ],
)  # fmt: skip
def test_a_model_that_asks_a_role_whose_word_never_counts_is_told_where(
    shipped: PolicySet, spoil: str, by: str, where: str, what: str
) -> None:
    assert spoil in MODEL
    model = parse_document(MODEL.replace(spoil, by), path="x", model=ApprovalPolicy, error=PolicyError)

    ((place, message),) = without_right(model, shipped.rights)

    assert place_in_words(place) == where
    assert f"no right ever lets {what}" in message


def test_a_model_that_could_never_be_answered_does_not_load(folder: Path, write: Callable[[str, str], Path]) -> None:
    write("approvals/campaign-copy.yaml", PLAIN_MODEL.replace("role: brand_lead", "role: prompt_engineer"))

    with pytest.raises(PolicyError, match=r"campaign-copy\.yaml:12: role: no right ever lets prompt engineer approve"):
        load_policies(folder)


@pytest.mark.slow
def test_a_right_of_ones_own_lets_a_role_count_in_a_model(
    folder: Path, tmp_path: Path, write: Callable[[str, str], Path]
) -> None:
    shutil.copytree(SHIPPED / "calendars", folder / "calendars")
    write("approvals/high-risk-copy.yaml", MODEL.replace("any_of: [legal]", "any_of: [content_editor]"))
    ours = tmp_path / "ours" / "rights"
    ours.mkdir(parents=True)
    (ours / "ours.cedar").write_text(GOOD.replace('["low", "medium"]', '["medium", "high"]'))
    (ours / "ours.cases.yaml").write_text(CASES)

    policies = load_policies(folder, ours.parent)

    assert policies.rights.decide(asking("approve_copy", "content_editor", tier="high")).allowed


# ---------------------------------------------------------------- files and versions


def test_an_emptied_or_missing_folder_of_rights_allows_nothing(folder: Path) -> None:
    for file in (folder / "rights").glob("*.c*"):
        if file.name != "schema.cedarschema":
            file.unlink()

    with pytest.raises(PolicyError, match="holds no policy, so nobody may do anything"):
        load_policies(folder)
    (folder / "rights/schema.cedarschema").unlink()
    with pytest.raises(PolicyError, match=r"schema\.cedarschema: is missing"):
        load_policies(folder)
    (folder / "rights").rmdir()
    with pytest.raises(PolicyError, match=r"schema\.cedarschema: is missing"):
        load_policies(folder)


def test_every_file_that_would_be_passed_over_is_a_fault(folder: Path, write: Callable[[str, str], Path]) -> None:
    unread = ["Mine.cedar", "mine.CEDAR", "schema.cedar", "other.cedarschema", "mine.yaml", "mine.yml"]
    astray = ["rights/deep/mine.cedar", "guardrails/mine.cedar", "mine.cedar"]
    for name in (*(f"rights/{name}" for name in unread), *astray, "rights/lonely.cases.yaml"):
        write(name, NO_SMS if "cedar" in name else NO_SMS_CASES)
    (folder / "rights/linked.cedar").symlink_to(SHIPPED / "rights/approving.cedar")

    with pytest.raises(PolicyError) as raised:
        load_policies(folder)

    said = {str(Path(fault.path).relative_to(folder)): fault.message for fault in raised.value.faults}
    assert all("is not read under this name" in said[f"rights/{name}"] for name in unread)
    assert all("is not read here; put it into rights/" in said[name] for name in astray)
    assert "belongs to no Cedar file" in said["rights/lonely.cases.yaml"]
    assert "is a link out of the folder" in said["rights/linked.cedar"]


def test_a_comment_changes_no_version_and_everything_else_changes_one() -> None:
    before = read()[0].versions
    changed = {
        "a comment": read(GOOD.replace("Somebody must.", "Everybody should."))[0],
        "layout": read(GOOD.replace(" &&", "\n  &&"))[0],
        "a reason": read(GOOD.replace("they know", "they guess"))[0],
        "a limit": read(GOOD.replace("<= 100", "< 101"))[0],
        "a case": read(cases=CASES.replace("101", "102"))[0],
    }

    differ = {what for what, rights in changed.items() if rights.versions != before}

    assert differ == {"a reason", "a limit", "a case"}


def test_every_file_of_rights_is_in_scope_of_every_question(shipped: PolicySet) -> None:
    files = {f"rights.{path.name.split('.')[0]}" for path in (SHIPPED / "rights").iterdir()}

    scope = shipped.in_scope(channel="blog", markets=("NO",), gate="writing")

    assert {id_ for id_ in scope if id_.startswith("rights.")} == files
    assert {id_: shipped.versions[id_] for id_ in files} == shipped.rights.versions


def test_a_changed_right_is_noticed_at_the_next_look(folder: Path) -> None:
    current = CurrentPolicies(folder)
    before = current()
    path = folder / "rights/approving.cedar"

    path.write_text(path.read_text().replace("50,000 dollars; above", "50,000 dollars. Above"))

    assert current().in_scope(channel="email", markets=("US",), gate="copy") != before.in_scope(
        channel="email", markets=("US",), gate="copy"
    )


# ---------------------------------------------------------------- the page

PAGE = (Path(__file__).parents[2] / "docs/rights.md").read_text(encoding="utf-8")


def test_the_page_names_every_role_action_and_right() -> None:
    names = [*ROLES, *ACTIONS, *(right.id for right in shipped_rights().rights)]

    assert [name for name in names if f"`{name}`" not in PAGE] == []


@pytest.mark.slow
def test_the_example_on_the_page_loads_over_the_shipped_rights(tmp_path: Path) -> None:
    for text in re.findall(r"```(?:cedar|yaml)\n(.*?)```", PAGE, re.DOTALL):
        path = tmp_path / re.search(r"rights/\S+", text)[0]  # type: ignore[index]
        path.parent.mkdir(exist_ok=True)
        path.write_text(text)

    rights = load_policies(overlay=tmp_path).rights

    assert not rights.decide(asking("approve_budget", "brand_lead", spend=20_001)).allowed
    assert rights.decide(asking("publish", "brand_lead", channel="sms", about=("DE",))).rule.endswith("to-germany")


# ---------------------------------------------------------------- what must never be so


@cache
def shipped_rights() -> Rights:
    return load_policies().rights


@cache
def shipped_cases() -> RightCases:
    found = [
        parse_document(path.read_text(), path=str(path), model=RightCases, error=PolicyError).cases
        for path in sorted((SHIPPED / "rights").glob("*.cases.yaml"))
    ]
    return RightCases(cases={id_: cases for some in found for id_, cases in some.items()})


@pytest.mark.parametrize("left_out", [right.id for right in shipped_rights().rights])
def test_without_any_one_right_the_answer_to_one_of_its_cases_changes(left_out: str) -> None:
    rights = Rights([right for right in shipped_rights().rights if right.id != left_out])

    mine = shipped_cases().cases[left_out]

    assert any(rights.decide(case.asking) != shipped_rights().decide(case.asking) for case in mine)


def subsets(of: tuple[str, ...], least: int = 0) -> st.SearchStrategy[tuple[str, ...]]:
    return st.lists(st.sampled_from(of), unique=True, min_size=least).map(tuple)


@st.composite
def questions(draw: st.DrawFn) -> Asking:
    matter = Matter(
        tier=draw(st.sampled_from(TIERS)),
        gate=draw(st.sampled_from(("copy", "plan", "writing", "other"))),
        channel=draw(st.sampled_from((*get_args(Channel), None))),
        kinds=draw(subsets(("copy", "image", "material", "prompt", "plan"))),
        reach=draw(st.none() | st.integers(0, 2_000_000)),
        spend=draw(st.sampled_from((0, 1, 49_999, 50_000, 50_001, 10**9))),
        markets=draw(subsets(MARKETS, least=1)),
        collaboration=draw(st.sampled_from((*get_args(Collaboration), None))),
        own=draw(subsets(OWN)),
    )
    return Asking(
        action=draw(st.sampled_from(ACTIONS)),
        person="P-1",
        role=draw(st.sampled_from(ROLES)),
        markets=draw(st.just("all") | subsets(MARKETS)),
        delegated=draw(st.booleans()),
        fresh=draw(st.booleans()),
        matter=matter,
    )


@pytest.mark.slow
@settings(max_examples=60, deadline=None, derandomize=True)
@given(questions(), subsets(MARKETS), st.none() | st.integers(0, 10**9), st.integers(0, 10**9), subsets(OWN))
def test_more_markets_reach_spend_or_own_work_never_turn_a_no_into_a_yes(
    question: Asking, markets: tuple[Market, ...], reach: int | None, spend: int, own: tuple[Own, ...]
) -> None:
    matter = question.matter
    more = matter.model_copy(
        update={
            "markets": tuple(dict.fromkeys((*matter.markets, *markets))),
            "reach": None if reach is None or matter.reach is None else matter.reach + reach,
            "spend": matter.spend + spend,
            "own": tuple(dict.fromkeys((*matter.own, *own))),
        }
    )

    before = shipped_rights().decide(question)
    after = shipped_rights().decide(question.model_copy(update={"matter": more}))

    assert before.allowed or not after.allowed


@settings(max_examples=40, deadline=None, derandomize=True)
@given(questions())
def test_delegation_and_a_stale_factor_never_turn_a_no_into_a_yes(question: Asking) -> None:
    plainly = question.model_copy(update={"delegated": False, "fresh": True})

    assert shipped_rights().decide(plainly).allowed or not shipped_rights().decide(question).allowed


APPROVING = [action for action in ACTIONS if action.startswith("approve_") or action in ("publish", "sign_rule")]


@pytest.mark.parametrize("role", ROLES)
def test_no_role_approves_own_work_and_only_at_tier_low_what_came_of_an_own_prompt(role: Role) -> None:
    found = {
        (own, tier)
        for action in APPROVING
        for tier in TIERS
        for own in OWN
        # To have written a policy bars from signing the policies, and from nothing else.
        if own != "policy" and shipped_rights().decide(asking(action, role, tier=tier, own=(own,))).allowed
    }

    assert found <= {("prompt", "low")}


@pytest.mark.parametrize("role", ROLES)
def test_no_role_signs_policies_of_its_own_or_by_delegation_or_without_a_fresh_factor(role: Role) -> None:
    plain = asking("sign_policies", role, about=())

    allowed = shipped_rights().decide(plain).allowed

    assert allowed == (role in ("legal", "ethics_officer", "marketing_director"))
    for changed in ({"delegated": True}, {"fresh": False}, {"markets": ("US", "DE")}):
        assert not shipped_rights().decide(plain.model_copy(update=changed)).allowed
    assert not shipped_rights().decide(asking("sign_policies", role, about=(), own=("policy",))).allowed


# ---------------------------------------------------------------- the table


SOME: tuple[Role, ...] = ("brand_lead", "author", "prompt_engineer", "engineer")


@cache
def shipped_matrix() -> dict[tuple[Role, Action], Cell]:
    return {(cell.role, cell.action): cell for cell in matrix_of(shipped_rights(), SOME)}


@pytest.mark.slow
def test_the_table_has_a_cell_for_every_role_and_action() -> None:
    assert set(shipped_matrix()) == {(role, action) for role in SOME for action in ACTIONS}
    assert not any(shipped_matrix()["prompt_engineer", action].allowed for action in APPROVING)


def test_the_table_agrees_with_what_cedar_answers() -> None:
    for (role, action), cell in shipped_matrix().items():
        asked = [asking(action, role, tier="low", kinds=(kind,)) for kind in ("copy", "material", "prompt")]
        assert cell.allowed == any(shipped_rights().decide(one).allowed for one in asked), (role, action)


def test_the_table_tells_limits_in_words() -> None:
    budget = shipped_matrix()["brand_lead", "approve_budget"].limits
    publish = shipped_matrix()["brand_lead", "publish"].limits

    assert "up to 50,000 dollars" in budget
    assert "in their own markets" in budget
    assert "not own brief, run, text or picture" in budget
    assert "own prompt at tier low only" in budget
    assert "up to tier high" in publish
    assert "for material" in shipped_matrix()["author", "write"].limits
    assert shipped_matrix()["engineer", "pause"].limits == ()


@pytest.mark.parametrize(
    ("condition", "limit"),
    [
        ("resource.spend < 25", "up to 24 dollars"),
        ("resource.spend > 10 && resource.spend != 30", "from 11 to 29 dollars or 31 dollars or more"),
        ("resource.reach <= 5000", "up to 5,000 recipients"),
        ('resource.channel == "email" || resource.channel == "sms"', "on email and sms"),
        ('resource.gate == "plan"', "at gate plan"),
        ('!resource.markets.contains("DE")', "not for DE"),
        ('resource.tier == "low" || resource.tier == "high"', "at tier low or high"),
        ('resource.collaboration == "agent"', "under agent"),
        ("!principal.delegated", "not by delegation"),
        ("principal.everywhere", "only by somebody of all markets"),
        ("principal.fresh", "with a fresh factor"),
    ],
)
def test_the_table_finds_limits_by_asking(condition: str, limit: str) -> None:
    text = re.sub(r"when \{.*\};", f"when {{ {condition} }};", GOOD)
    right = replace(read()[0].rights[0], text=text, parsed=parsed(text))

    cells = {(cell.role, cell.action): cell for cell in matrix_of(Rights((right,)))}

    assert limit in cells["content_editor", "approve_copy"].limits


def parsed(text: str) -> dict[str, object]:
    import json

    import cedarpy

    (policy,) = json.loads(cedarpy.policies_to_json_str(text))["staticPolicies"].values()
    return policy
