"""What a clock, chance or a file decides in a body is told: the body runs again at every wake."""

import datetime
from collections.abc import Callable
from pathlib import Path

import pytest
from prefect import Flow

from presscheck.cli.flow_files import load_flows
from tasks.steadiness import unsteady

pytestmark = pytest.mark.slow

TEXT = """\
from datetime import date, datetime
import datetime as dt
import random
import time
from presscheck import *

NOON = datetime(2026, 1, 1, 12)


@campaign
def sale(brief: str = "a.yaml", audience: str = "a.sql") -> State:
    opened = open_campaign(brief=brief, audience=audience)
    recipients = require_audience(opened)
    count = 20
    BODY
    choices = check_variants(opened, draft_variants(opened, count=count))
    return deliver(await_decision(propose(opened, choices, recipients), gate="copy"))
"""


@pytest.fixture
def written(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Callable[[str], "Flow[..., object]"]:
    monkeypatch.chdir(tmp_path)

    def write(body: str) -> "Flow[..., object]":
        path = tmp_path / "sale.py"
        path.write_text(TEXT.replace("BODY", body))
        (flow,) = load_flows(path)
        return flow

    return write


@pytest.mark.parametrize(
    ("body", "said"),
    [
        ("count = date.today().toordinal()", "sale.py:16: draft was given"),
        ("count = dt.date.today().year", "sale.py:16: draft was given"),
        ("count = datetime.now().toordinal()", "sale.py:16: draft was given"),
        ("count = int(time.time())", "sale.py:16: draft was given"),
        ("count = random.randint(1, 10**12)", "sale.py:16: draft was given"),
        ("brief = str(datetime.now())", ""),
        ("count = len(__import__('os').listdir()); open(str(count), 'w').close()", "sale.py:16: draft was given"),
    ],
)
def test_what_differs_between_two_walks_is_told_with_its_line(
    written: Callable[[str], "Flow[..., object]"], body: str, said: str
) -> None:
    told = unsteady(written(body))

    assert [one.partition(" “")[0] for one in told] == ([said] if said else [])


def test_a_way_that_the_day_chooses_is_told(written: Callable[[str], "Flow[..., object]"]) -> None:
    soon = datetime.date.today().toordinal() + 30  # noqa: DTZ011 - as the body asks.

    (told,) = unsteady(written(f"if date.today().toordinal() > {soon}: return deliver(None)"))

    assert told.startswith("sale.py:15: deliver was reached in place of draft, when it was walked twice")


def test_a_steady_body_is_told_nothing_and_finds_its_clock_as_it_was(
    written: Callable[[str], "Flow[..., object]"],
) -> None:
    flow = written("assert isinstance(NOON, datetime) and isinstance(NOON, dt.date)")

    assert unsteady(flow) == []
    assert flow.fn.__wrapped__.__globals__["datetime"] is datetime.datetime  # type: ignore[attr-defined]


@pytest.mark.slow
def test_what_is_decided_only_after_two_noes_is_told_as_well(written: Callable[[str], "Flow[..., object]"]) -> None:
    body = """\
drafts = check_variants(opened, draft_variants(opened, count=3))
    answers = [await_decision(propose(opened, drafts, recipients), gate=gate) for gate in ("pilot", "ads")]
    if not any(answer.approved for answer in answers):
        count = date.today().toordinal()"""

    (told,) = unsteady(written(body))

    assert told.startswith("sale.py:19: draft was given")
