"""docs/kinds.md says what is so: its code runs, its policies load and hold, its tables are those of the classes."""

import inspect
import re
import runpy
import sys
import textwrap
from collections.abc import Callable
from pathlib import Path
from typing import Any

import pytest
from prefect import Flow

from policies import PolicySet, load_policies
from policies.engine.campaigns import CampaignPolicy
from policies.engine.overlaps import overlaps
from policies.engine.rights import approval_of
from presscheck.assets.described import Description
from presscheck.assets.kind import Kind, Rows, part
from presscheck.assets.shipped import SHIPPED
from presscheck.cli.flow_files import SHIPPED as SHIPPED_FLOWS
from presscheck.cli.flow_files import load_flows
from presscheck.errors import CodeError
from presscheck.ledger import EventKind
from presscheck.models import Author, Decision, Refused
from tasks.mapping import map_flow
from tests.desk.offered import Offered
from tests.desk.scene import Ledgers
from tests.tasks.stage import Stage, seven_people
from tests.tasks.test_mapping import BRIEF, node

PAGE = (Path(__file__).parents[2] / "docs" / "kinds.md").read_text(encoding="utf-8")
FLOW = Author.machine("presscheck", "flow", "spring-ads", "1")
IMPORTS = """\
from typing import ClassVar
from prefect import State, flow
from tasks import *
"""
# The page leaves out what stands around these lines in every campaign.
JOINT = """\
from shop_kinds import BudgetSplit
from spring_ads import Booking

@step("book-split", effect="spends")
def book_split(campaign: Campaign, split: Approved[BudgetSplit]) -> Made[Booking]:
    return Made(Booking(dollars=split.value.total))


@flow(name="joint-launch")
@hold_on_fault
def joint_launch() -> State:
    campaign = open_campaign(brief="b.yaml", audience="a.sql")
    recipients = require_audience(campaign)
    choices = check_variants(campaign, draft_variants(campaign))
"""


def blocks(language: str) -> dict[str, str]:
    """The page's blocks of a language by what their first line says."""
    found = re.findall(rf"```{language}\n# ([^\n]+)\n(.*?)```", PAGE, re.DOTALL)
    assert len(found) == PAGE.count(f"```{language}\n"), "every block says what it is"
    return dict(found)


def rows(heading: str) -> list[list[str]]:
    """The cells of the first table below a heading, without its two lines of titles."""
    table = PAGE.partition(f"## {heading}\n")[2].partition("\n## ")[0]
    lines = [line for line in table.splitlines() if line.startswith("| ")]
    return [[cell.strip() for cell in line.strip("| ").split(" | ")] for line in lines[1:] if "---" not in line]


@pytest.fixture(scope="module")
def shop(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """A project of the page's files."""
    folder = tmp_path_factory.mktemp("shop")
    python = blocks("python")
    fragment = python.pop("in the flow, once there are choices and recipients")
    files = {
        **{name: IMPORTS + code for name, code in python.items()},
        **{f"policies/{name}": text for name, text in blocks("yaml").items()},
        "flows/joint_launch.py": IMPORTS + JOINT + textwrap.indent(fragment, "    "),
    }
    for name, text in files.items():
        (folder / name).parent.mkdir(parents=True, exist_ok=True)
        (folder / name).write_text(text, encoding="utf-8")
    return folder


@pytest.fixture(scope="module")
def policies(shop: Path) -> PolicySet:
    return load_policies(overlay=shop / "policies")


@pytest.fixture(scope="module")
def flow_of(shop: Path) -> Callable[[str], Flow[..., Any]]:
    def load(name: str) -> Flow[..., Any]:
        (found,) = load_flows(shop / "flows" / name)
        return found

    return load


@pytest.fixture
def split(flow_of: Callable[[str], Flow[..., Any]]) -> type[Any]:
    flow_of("joint_launch.py")
    return sys.modules["shop_kinds"].BudgetSplit


@pytest.mark.slow
def test_the_policies_load_on_top_of_the_shipped_ones_and_none_decides_what_another_does(policies: PolicySet) -> None:
    added = {id_ for id_ in policies.versions if id_ not in load_policies().versions}

    assert added == {"approvals.budget-splits", "campaigns.spring-ads"}
    assert overlaps(policies) == ()


def test_the_campaign_asks_about_its_budget_before_it_spends_it(
    flow_of: Callable[[str], Flow[..., Any]], policies: PolicySet
) -> None:
    chart = map_flow(flow_of("spring_ads.py"), policies, brief=BRIEF, recipients=4_000)

    assert chart.faults == ()
    assert chart.policy == "campaigns.spring-ads"
    assert node(chart, "step:book").guarded_by == ("budget",)
    assert {one.model for one in node(chart, "gate:budget").asked} == {"approvals.budgets", "approvals.large-budgets"}


def test_texts_and_their_money_are_asked_about_under_one_model(
    flow_of: Callable[[str], Flow[..., Any]], policies: PolicySet
) -> None:
    chart = map_flow(flow_of("joint_launch.py"), policies, brief=BRIEF, recipients=4_000)

    assert node(chart, "step:book-split").guarded_by == ("launch",)
    assert "approvals.budget-splits" in {one.model for one in node(chart, "gate:launch").asked}


def test_the_kind_of_the_page_spends_its_total_and_its_numbers_add_up(split: type[Any]) -> None:
    described = split(search=900, social=600, total=1_500).described()

    assert described.number(described.spends) == 1_500
    with pytest.raises(ValueError, match=re.escape(quoted("numbers that do not add up"))):
        split(search=900, social=500, total=1_500).asset(FLOW)


def test_the_table_of_kinds_is_that_of_the_classes_the_rights_and_the_models(policies: PolicySet) -> None:
    told = {cells[0].strip("`"): cells for cells in rows("The kinds that ship") if cells[0].startswith("`")}

    assert set(told) == {"copy", *SHIPPED}
    for kind, made in SHIPPED.items():
        _, seen, edited, right, model = told[kind]
        fields = made.model_fields.values()
        open_ones = [field for field in fields if dict(field.json_schema_extra or {})["edited"]]  # type: ignore[arg-type]
        tables = [field for field in fields if dict(field.json_schema_extra or {})["columns"]]  # type: ignore[arg-type]
        left = len(open_ones) - len(tables)
        assert (edited == "nothing", edited == "all of it") == (left == 0, left == len(fields)), kind
        assert right == f"`{approval_of(kind)}`"
        found = policies.approval_for(gate="any", channel="email", markets=("US",), tier="medium", kinds=(kind,))
        assert not isinstance(found, Refused)
        assert model == f"`{found.id}`"
        assert seen


def test_at_tier_critical_the_director_answers_as_the_page_says(policies: PolicySet) -> None:
    found = {
        kind: policies.approval_for(gate="any", channel="email", markets=("US",), tier="critical", kinds=(kind,))
        for kind in SHIPPED
    }

    large = {kind for kind, model in found.items() if not isinstance(model, Refused) and "large" in model.id}
    assert large == {"segment", "recommendations", "plan", "budget"}


def test_the_guardrails_that_the_page_names_read_other_kinds_than_texts() -> None:
    shipped = load_policies()

    others = {rule.id: set(rule.scope.kinds) - {"copy"} for rule in shipped.guardrails if rule.scope.kinds != "all"}
    read = {id_: kinds for id_, kinds in others.items() if kinds}
    assert {id_.partition(".")[0] for id_ in read} == {"pii"}
    assert all(kinds == {"segment", "recommendations", "plan", "prompt", "template"} for kinds in read.values())
    assert len(others) == len(shipped.guardrails)


def quoted(what: str) -> str:
    """What the page says comes of it, in the words of the program."""
    (told,) = [then for case, then in rows("What is refused") if case == what]
    (words,) = re.findall(r"\*(.+)\*", told)
    return words


@pytest.mark.parametrize(
    ("what", "body"),
    [
        ("a class with the name of a kind that ships", "kind = 'budget'; noun = 'money'; a: int = part('A')"),
        ("a noun that looks like another kind's", "kind = 'our-budget'; noun = 'Budget'; a: int = part('A')"),
        ("a part without a title", "kind = 'split'; noun = 'split'; total: int"),
    ],
)
def test_a_class_that_is_no_kind_is_refused_in_the_words_of_the_page(tmp_path: Path, what: str, body: str) -> None:
    path = tmp_path / "shop_kinds.py"
    path.write_text(f"{IMPORTS}class Given(Kind): {body}\n")

    with pytest.raises(CodeError, match=re.escape(quoted(what))):
        runpy.run_path(str(path))


def test_a_step_that_takes_nothing_approved_is_refused_in_the_words_of_the_page(shop: Path, tmp_path: Path) -> None:
    code = (shop / "flows" / "spring_ads.py").read_text()
    path = tmp_path / "spring_ads.py"
    path.write_text(code.replace(", budget: Approved[Budget]", ""))

    with pytest.raises(CodeError, match=re.escape(quoted("a step that spends and takes nothing approved"))):
        runpy.run_path(str(path))


def test_what_was_signed_under_another_title_is_refused_in_the_words_of_the_page(split: type[Any]) -> None:
    signed = split(search=900, social=600, total=1_500).described().model_dump()
    signed["parts"][2]["title"] = "Altogether"

    with pytest.raises(ValueError, match=re.escape(quoted("a class that was changed since"))):
        split.of(Description.model_validate(signed))


def test_more_than_anybody_reads_is_refused_in_the_words_of_the_page() -> None:
    class Long(Kind):
        kind = "long-list"
        noun = "long list"

        lines: Rows = part("Lines", columns=("Line",))

    with pytest.raises(ValueError, match=re.escape(quoted("more than anybody reads"))):
        Long(lines=(("x" * 400,),) * 1_000).asset(FLOW)


def test_a_kind_that_no_model_covers_is_refused_in_the_words_of_the_page(policies: PolicySet) -> None:
    found = policies.approval_for(
        gate="other", channel="email", markets=("US",), tier="medium", kinds=("budget-split",)
    )

    assert isinstance(found, Refused)
    assert quoted("a kind that no model covers") in found.reason


def test_a_flow_that_leaves_the_gate_out_is_told_in_the_words_of_the_page(policies: PolicySet) -> None:
    (launch,) = load_flows(SHIPPED_FLOWS / "product_launch.py")
    strict = policies.campaign_for("spring-ads")
    assert isinstance(strict, CampaignPolicy)
    narrow = PolicySet(
        (), policies.approvals, tiers=policies.tiers, campaigns=(strict.model_copy(update={"flows": "all"}),)
    )

    chart = map_flow(launch, narrow, brief=BRIEF)

    said = quoted("a policy that names a gate which the flow has not")
    assert any(said in fault for fault in chart.faults)


@pytest.mark.slow
def test_the_brand_lead_approves_a_split_by_itself_and_with_the_texts_and_these_go_out(
    sqlite_ledgers: Ledgers, policies: PolicySet, split: type[Any]
) -> None:
    alone = Offered(sqlite_ledgers, split(search=900, social=600, total=1_500), gate="split", policies=lambda: policies)
    first = alone.agreed("ana").manifest
    wanted = split(search=400, social=100, total=500)
    joint = Offered(sqlite_ledgers, wanted, gate="launch", texts=True, people=False, policies=lambda: policies)
    both = joint.agreed("ana", picks=["V01"]).manifest
    assert first is not None
    assert both is not None

    with sqlite_ledgers.press.read() as tx:
        basis = joint.desk.authorise(tx, both, joint.review.id, audience=joint.audience_path, as_of=tx.now)
        used = joint.desk.may_be_used(tx, both.agreed, run=joint.run, before="spending")

    assert both.rests_on == first.agreed
    assert not isinstance(basis, Refused), basis
    assert used is None


@pytest.mark.slow
def test_the_campaign_of_the_page_books_what_was_signed_once_and_asks_about_its_letters_after(
    stage: Stage, shop: Path, flow_of: Callable[[str], Flow[..., Any]], monkeypatch: pytest.MonkeyPatch
) -> None:
    ads = flow_of("spring_ads.py")
    monkeypatch.setenv("PRESSCHECK_POLICIES", str(shop / "policies"))
    monkeypatch.setattr(stage, "campaign", lambda: ads)
    # Screening takes longer than all the rest.
    monkeypatch.setitem(inspect.unwrap(ads.fn).__globals__, "require_audience", seven_people)

    assert stage.start(brief="brief.yaml") is None
    budget = stage.review()
    approved = {"form": budget.form_key, "decision": "Approve", "edits": [{"field": "Amount", "text": "2,500"}]}
    said = stage.desk.apply(budget.id, person="P-ana", raw=approved)
    assert isinstance(said, Decision), said
    assert stage.wake() is None
    assert stage.wake() is None

    (used,) = stage.events(EventKind.ASSET_USED)
    assert said.manifest is not None
    assert said.manifest.agreed == (used.subject,) == stage.review().question.rests_on
    assert stage.nodes()["book search ads"].state_name == "Completed"
    assert stage.review().question.gate == "copy"
