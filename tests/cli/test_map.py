"""`presscheck map` and `presscheck policies handbook`: what they print, and how they end."""

import json
import shutil
import sys
from collections.abc import Iterator
from pathlib import Path

import pytest
from click.testing import CliRunner, Result

from policies.engine.loading import SHIPPED
from presscheck.cli import main
from presscheck.handbook.site import write_site

FORGETFUL = '''\
"""Sends on an answer that it makes up."""

from prefect import State, flow

from presscheck.models import Decision, DecisionKind, Outcome, OutcomeStatus
from tasks import deliver, hold_on_fault, open_campaign, require_audience


@flow(name="forgetful", description=__doc__)
@hold_on_fault
def forgetful() -> State:
    require_audience(open_campaign(brief="b.yaml", audience="a.sql"))
    decision = Decision.model_construct(review="R-1", kind=DecisionKind.APPROVED)
    return deliver(Outcome.model_construct(status=OutcomeStatus.APPROVED, review="R-1", decision=decision))
'''
BRIEF = """\
id: spring
title: Spring
collaboration: producer
author: ben@brand.example
offer: The Fell jacket is here.
persona: Walkers
tone: plain
channel: email
markets: [US]
deadline: 2049-01-01
call_to_action: {label: See it, url: https://brand.example/fell}
sender: {name: Brand, address: news@brand.example, postal_address: "1 Mill Lane, Leeds"}
"""


@pytest.fixture
def project(tmp_path: Path) -> Path:
    (tmp_path / "flows").mkdir()
    (tmp_path / "flows" / "forgetful.py").write_text(FORGETFUL)
    (tmp_path / "brief.yaml").write_text(BRIEF)
    return tmp_path


def run(project: Path, *arguments: str) -> Result:
    return CliRunner().invoke(main, ["--project", str(project), *arguments])


@pytest.mark.slow
def test_a_flow_of_the_project_that_sends_without_asking_ends_with_1(project: Path) -> None:
    result = run(project, "map", "forgetful", "--brief", str(project / "brief.yaml"))

    assert result.exit_code == 1
    assert "delivery        publishes  medium" not in result.stdout
    assert "guarded by NOTHING" in result.stdout
    assert "an answer that no gate gave in this run" in result.stderr
    assert "the press enforces" in result.stdout
    assert not (project / ".presscheck").exists()


def test_a_flow_that_ships_is_one_json_document_with_its_page(project: Path) -> None:
    page = project / "launch.html"
    arguments = ("--brief", str(project / "brief.yaml"), "--recipients", "500", "--html", str(page), "--json")

    result = run(project, "map", "product-launch", *arguments)

    told = json.loads(result.stdout)
    assert (result.exit_code, told["passes"], told["faults"]) == (0, True, [])
    assert "<svg" in page.read_text()
    assert {one["tier"] for node in told["nodes"] for one in node["asked"]} == {"low", "medium"}


def test_a_brief_of_several_channels_is_walked_with_as_well(project: Path) -> None:
    several = project / "several.yaml"
    several.write_text((project / "brief.yaml").read_text().replace("channel: email", "channel: [email, search]"))

    told = json.loads(run(project, "map", "product-launch", "--brief", str(several), "--json").stdout)

    assert (told["passes"], told["faults"]) == (True, [])


def test_mermaid_alone_stands_on_standard_output(project: Path) -> None:
    result = run(
        project, "map", str(project / "flows" / "forgetful.py"), "--brief", str(project / "brief.yaml"), "--mermaid"
    )

    lines = result.stdout.splitlines()
    assert (result.exit_code, lines[0]) == (1, "flowchart TD")
    assert all(line.startswith("  n") for line in lines[1:])


@pytest.mark.parametrize(
    ("source", "said"),
    [
        ("def broken(:\n", "forgetful.py:1: is not Python"),
        ("raise RuntimeError('no network')\n", "does not load: RuntimeError: no network"),
        ("import nothing_of_this_name\n", "does not load: ModuleNotFoundError"),
    ],
)
def test_a_flow_file_that_does_not_load_is_told_in_a_line(project: Path, source: str, said: str) -> None:
    (project / "flows" / "forgetful.py").write_text(source)

    result = run(project, "map", "forgetful")

    assert result.exit_code == 2
    assert said in result.stderr
    assert "Traceback" not in result.stderr


def test_an_unknown_flow_is_told_with_those_that_there_are(project: Path) -> None:
    result = run(project, "map", "winter-sale")

    assert result.exit_code == 2
    assert "forgetful, escalate-reviews, product-launch, prompt-approval, strategy-brief" in result.stderr


@pytest.mark.slow
def test_the_handbook_is_written_with_every_workflow_and_says_which_does_not_pass(project: Path) -> None:
    few = project / "policies"
    # The matrix of all rights takes seconds; tests/policies asks for it.
    shutil.copytree(SHIPPED, few, ignore=shutil.ignore_patterns("*.py", "__pycache__", "stopping.*", "separation.*"))
    book = project / "book"

    result = run(project, "policies", "handbook", "--folder", str(few), "--out", str(book), "--json")

    assert result.exit_code == 0, result.stderr
    assert "flow-forgetful.html" in json.loads(result.stdout)["pages"]
    assert "It does not pass" in (book / "flow-forgetful.html").read_text()
    assert "Who reviews what" in (book / "index.html").read_text()


def test_a_handbook_is_written_over_a_handbook_and_over_nothing_else(project: Path) -> None:
    book = project / "book"
    write_site(book, {"index.html": "old", "flow-gone.html": "old"})
    write_site(book, {"index.html": "new"})

    refused = run(project, "policies", "handbook", "--out", str(project / "flows"))

    assert [path.name for path in sorted(book.glob("*.html"))] == ["index.html"]
    assert (book / "index.html").read_text() == "new"
    assert refused.exit_code == 2
    assert "holds something that is no handbook" in refused.stderr
    assert (project / "flows" / "forgetful.py").read_text() == FORGETFUL
    assert [path.name for path in project.iterdir() if path.name.startswith(".")] == []


STEPS = '''\
"""The shop's own steps."""

from typing import ClassVar

from tasks import Campaign, Kept, Made, step


class Lines(Kept):
    shape: ClassVar[str] = "lines/1"

    count: int


@step("lines", effect="makes")
def make_lines(campaign: Campaign) -> Made[Lines]:
    return Made(Lines(count=1))
'''


@pytest.fixture
def shop(project: Path, monkeypatch: pytest.MonkeyPatch) -> Iterator[Path]:
    """A project whose flow takes its steps from modules beside it, by the names that the worker knows."""
    flow = FORGETFUL.replace("from tasks", "import shop_words\nfrom flows.shop_steps import make_lines\nfrom tasks")
    (project / "flows" / "forgetful.py").write_text(flow.replace("    decision", "    import shop_late\n    decision"))
    (project / "flows" / "shop_steps.py").write_text(STEPS)
    (project / "flows" / "shop_words.py").write_text("from pathlib import Path\n\nPath('brief.yaml').read_text()\n")
    (project / "flows" / "shop_late.py").write_text("")
    monkeypatch.setattr(sys, "path", [one for one in sys.path if one])
    for name in ("shop_words", "shop_late", "flows.shop_steps", "shop_steps"):
        monkeypatch.delitem(sys.modules, name, raising=False)
    yield project
    for name in ("shop_words", "shop_late", "flows.shop_steps", "shop_steps"):
        sys.modules.pop(name, None)


@pytest.mark.parametrize("flow", ["forgetful", "flows/forgetful.py"])
def test_a_flow_is_loaded_with_the_modules_that_the_worker_would_find(shop: Path, flow: str) -> None:
    before = list(sys.path)
    if flow.endswith(".py"):
        flow = str(shop / flow)

    result = run(shop, "map", flow)

    assert "an answer that no gate gave in this run" in result.stderr
    assert (result.exit_code, "does not load" in result.stderr) == (1, False)
    assert sys.path == before


@pytest.mark.parametrize(
    ("file", "source", "said"),
    [
        ("shop_steps", "\n1 / 0\n", "flows/shop_steps.py:2: does not load: ZeroDivisionError: division by zero"),
        ("shop_steps", "def f(:\n", "flows/shop_steps.py:1: is not Python"),
        ("shop_words", "import sys\nsys.exit('no')\n", "flows/shop_words.py:2: does not load: SystemExit: no"),
        (
            "shop_words",
            "try:\n    {}['a']\nexcept KeyError as e:\n    raise OSError('no words') from e\n",
            "flows/shop_words.py:4: does not load: OSError: no words",
        ),
        (
            "shop_steps",
            STEPS.replace("count: int", "count: complex"),
            "shop_steps.py:11: Lines.count: a complex",
        ),
        ("shop_steps", STEPS.replace("-> Made[Lines]", ""), "shop_steps.py:15: step lines: says nothing"),
        (
            "shop_steps",
            STEPS.replace("def make", "async def make"),
            "shop_steps.py:15: step lines: make_lines is async",
        ),
    ],
)
def test_what_does_not_load_is_told_at_its_own_file_and_line(shop: Path, file: str, source: str, said: str) -> None:
    (shop / "flows" / f"{file}.py").write_text(source)

    result = run(shop, "map", "forgetful")

    assert result.exit_code == 2
    assert said in result.stderr
    assert "Traceback" not in result.stderr


def test_an_argument_that_no_step_takes_is_told_at_the_line_of_the_call(shop: Path) -> None:
    steps = STEPS.replace("campaign: Campaign)", "campaign: Campaign, share=1, rows=())")
    (shop / "flows" / "shop_steps.py").write_text(steps)
    flow = (shop / "flows" / "forgetful.py").read_text()
    call = (
        '    make_lines(open_campaign(brief="b.yaml", audience="a.sql"), 1j, rows=[object()])\n    import shop_late\n'
    )
    (shop / "flows" / "forgetful.py").write_text(flow.replace("    import shop_late\n", call))
    line = (shop / "flows" / "forgetful.py").read_text().splitlines().index(call.splitlines()[0]) + 1

    result = run(shop, "map", "forgetful")

    assert result.exit_code == 1
    assert f"flows/forgetful.py:{line}: step lines: share: a complex has no digest" in result.stderr
    assert f"flows/forgetful.py:{line}: step lines: rows: object cannot be kept" in result.stderr


def test_a_project_that_is_not_there_still_has_the_flows_that_ship(tmp_path: Path) -> None:
    result = run(tmp_path / "nowhere", "map", "escalate-reviews")

    assert result.exit_code == 0
    assert "a standing duty" in result.stdout


def test_a_campaign_that_is_async_is_told(project: Path) -> None:
    text = FORGETFUL.replace("@hold_on_fault\n", "").replace("def forgetful", "async def forgetful")
    (project / "flows" / "forgetful.py").write_text(text)

    result = run(project, "map", "forgetful")

    assert result.exit_code == 1
    assert "is async; write def" in result.stderr
