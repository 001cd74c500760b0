"""A campaign whose drafts a model writes: who made them, what they cost, and a cap that holds the campaign."""

import json
import subprocess
import sys
import time
from pathlib import Path
from typing import Any

import pytest

from presscheck.errors import ProviderError
from presscheck.ledger import EventKind
from presscheck.ledger.assets import get_asset
from presscheck.ledger.spending import LedgerPurse, spent_in_run
from presscheck.wiring import open_ledger, read_settings
from tasks.drafting import shares
from tests.model_server import ModelServer
from tests.tasks.stage import Stage
from tests.usages import model as model_entry
from tests.usages import write_usage

KEY = "sk-do-not-tell-anybody"


@pytest.fixture
def model(project: Path, monkeypatch: pytest.MonkeyPatch, model_server: ModelServer):
    """`model(cap_dollars="1.00")` makes the campaign's copywriter a model at the server."""

    def use(**section: Any) -> ModelServer:
        fields = {
            "provider": "openai-compatible", "name": "some-model", "base_url": model_server.url, "price_in": "1",
            "price_out": "2", "variants_per_request": 2, "timeout_seconds": 5, "retries": 0, **section,
        }  # fmt: skip
        private = {"runs": "private", "hosts": ["model.example"]}
        here = [model_entry("openai-compatible/some-model"), model_entry("openai-compatible/some-model*", **private)]
        write_usage(project / "policies", models=here)
        monkeypatch.setenv("PRESSCHECK_POLICIES", "policies")
        monkeypatch.setenv("PRESSCHECK_COPYWRITER", "model")
        monkeypatch.setenv("PRESSCHECK_MODEL", json.dumps(fields))
        monkeypatch.setenv("PRESSCHECK_SECRET_MODEL", KEY)
        return model_server

    return use


@pytest.mark.slow
def test_a_model_drafts_and_every_asset_says_which_one_and_what_it_cost(stage: Stage, model: Any) -> None:
    server = model(cap_dollars="1.00")

    assert stage.start() is None

    proposals = stage.review().question.proposals
    with stage.door.read() as tx:
        assets = [get_asset(tx, proposal.asset) for proposal in proposals]
        spent = spent_in_run(tx, str(stage.id))
    assert len(assets) == 4
    assert {asset.author.model for asset in assets} == {"some-model-2026-11-01"}
    assert {asset.author.prompt_id for asset in assets} == {"prompts.email-variants"}
    assert sum(asset.cost_microdollars for asset in assets) == spent.microdollars > 0
    assert spent.requests == 2
    assert all(request["headers"]["authorization"] == f"Bearer {KEY}" for request in server.seen)
    everything = Path(read_settings().home / "ledger.db").read_bytes()
    assert KEY.encode() not in everything

    # A wake makes nothing again, and pays nothing again.
    assert stage.wake() is None
    assert len(stage.events(EventKind.MODEL_ASKED)) == 2


@pytest.mark.slow
def test_a_cap_holds_the_campaign_below_it_with_the_figure_in_the_ledger(stage: Stage, model: Any) -> None:
    # A request may cost some 0.40 dollars and this server does not count, so each costs that: two fit under the cap.
    server = model(cap_dollars="1.00", price_in="20", price_out="40", output_tokens=4_000, variants_per_request=1)
    server.behave("no-usage")

    ended = stage.start()

    assert ended is not None
    assert ended.name == "Held"
    assert "the cap of $1.00 for this campaign run stops here" in (ended.message or "")
    assert "2 of 4 variants came" in (ended.message or "")
    with stage.door.read() as tx:
        spent = spent_in_run(tx, str(stage.id))
    assert 500_000 < spent.microdollars < 1_000_000
    assert len(server.seen) == spent.requests == 2
    assert f"${spent.microdollars / 1_000_000:.6f} is spent" in (ended.message or "")
    assert stage.events(EventKind.ASSET_DRAFTED)[1:] == [], "the brief alone"
    assert stage.events(EventKind.REVIEW_OPENED) == []


@pytest.mark.slow
def test_a_key_that_is_missing_holds_the_campaign_and_says_where_it_goes(
    stage: Stage, model: Any, monkeypatch: pytest.MonkeyPatch
) -> None:
    model(base_url="https://model.example/v1")
    monkeypatch.delenv("PRESSCHECK_SECRET_MODEL")

    ended = stage.start()

    assert ended is not None
    assert ended.name == "Held"
    assert "secret model: there is none" in (ended.message or "")
    assert str(read_settings().secrets / "model") in (ended.message or "")


_DRAFTING = """
import sys
from policies import load_prompt
from presscheck.cli.model import _sample
from presscheck.ledger.spending import LedgerPurse
from presscheck.wiring import open_admission, open_copywriter, open_ledger, read_settings
from datetime import date
settings = read_settings()
ledger = open_ledger(settings, "worker")
admission = open_admission(settings, ledger, run="run-1")
writer = open_copywriter(settings, LedgerPurse(ledger, "run-1"), admission=admission)
brief = _sample(date(2026, 11, 1))
writer.write(brief, None, prompt=load_prompt("prompts.email-variants"), count=4, seed=1)
"""


@pytest.mark.slow
def test_a_process_killed_in_the_middle_of_a_request_loses_nothing_of_what_was_charged(
    project: Path, model: Any
) -> None:
    server = model(timeout_seconds=60)
    server.behave("good,hang")
    drafting = subprocess.Popen([sys.executable, "-c", _DRAFTING])
    until = time.monotonic() + 60
    while len(server.seen) < 2 and time.monotonic() < until:
        time.sleep(0.05)
    drafting.kill()
    drafting.wait(timeout=20)

    ledger = open_ledger(read_settings(), "worker")
    with ledger.read() as tx:
        worst = [event.data["worst_microdollars"] for event in tx.events(EventKind.MODEL_ASKED, run="run-1")]
        paid = [event.data["cost_microdollars"] for event in tx.events(EventKind.MODEL_CHARGED, run="run-1")]
        spent = spent_in_run(tx, "run-1").microdollars
    assert (len(worst), len(paid)) == (2, 1)
    assert spent == paid[0] + worst[1]
    again = LedgerPurse(ledger, "run-1", cap_microdollars=spent + 1_000)
    with pytest.raises(ProviderError, match="stops here"):
        again.reserve(provider="p", model="m", purpose="draft", worst=1_001)
    ledger.close()


def test_shares_add_up_to_the_whole() -> None:
    assert shares(10, 3) == [4, 3, 3]
    assert shares(0, 2) == [0, 0]
