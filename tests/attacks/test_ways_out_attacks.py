"""Attacks on the ways out that go through several rooms: another way than was signed, formulas, secrets in logs."""

import json
import os
import subprocess
import sys
from dataclasses import replace
from pathlib import Path

import pytest

from policies import PolicySet
from presscheck.ledger.deliveries import request_delivery
from presscheck.models import Refused
from presscheck.press.channels.outbox import Outbox
from presscheck.press.channels.search_csv import SearchCsv
from tests.desk.scene import Ledgers, shipped_policies
from tests.press.stand import Stand
from tests.press.test_public_channels import public_scene

SECRET = "whsec_" + "QUJD" * 11


def test_what_was_signed_for_the_outbox_goes_no_other_way(sqlite_ledgers: Ledgers, tmp_path: Path) -> None:
    scene = public_scene(sqlite_ledgers, "search")
    files = SearchCsv(tmp_path / "ads", ad_group="x")
    stand = Stand(scene, channels={"outbox": Outbox(tmp_path / "outbox"), "search-csv": files})
    decision = scene.approve(picks=["V01"])
    assert decision.manifest is not None
    bent = decision.manifest.model_copy(update={"via": "search-csv"})

    delivery = scene.request(bent)
    stand.press.step()

    assert stand.row(delivery).state == "held"
    assert "it differs in via" in stand.row(delivery).reason
    assert not (tmp_path / "ads").exists()


def test_a_worker_cannot_turn_a_list_into_everybody_or_back(sqlite_ledgers: Ledgers) -> None:
    scene = public_scene(sqlite_ledgers, "social")
    stand = Stand(scene)
    decision = scene.approve(picks=["V01"])
    assert decision.manifest is not None
    # A manifest cannot even be written so: channel and audience belong together.
    bent = json.loads(decision.manifest.model_dump_json()) | {"audience": scene.audience, "audience_rows": 7}
    with pytest.raises(ValueError, match="takes no audience"):
        type(decision.manifest).model_validate(bent)

    bent |= {"channel": "sms"}
    with sqlite_ledgers.worker.write() as tx:
        delivery = request_delivery(tx, type(decision.manifest).model_validate(bent), review=scene.review.id)
    stand.press.step()

    assert stand.row(delivery).state == "held"
    assert stand.row(delivery).sent in (0, None)
    assert not list(stand.outbox.folder.rglob("*.json"))


@pytest.mark.parametrize("text", ["=HYPERLINK(1)", "+1", "-1+1", "@SUM(1)", "＝1+1"])
def test_an_approver_cannot_edit_a_formula_into_an_ad(sqlite_ledgers: Ledgers, text: str) -> None:
    scene = public_scene(sqlite_ledgers, "search")

    answer = scene.answer(picks=["V01"], edits=[{"pick": "V01", "field": "subject", "text": text}])

    assert isinstance(answer, Refused)
    assert "spreadsheets run as a formula" in answer.reason


@pytest.mark.slow
def test_a_formula_that_was_signed_all_the_same_reaches_no_file(sqlite_ledgers: Ledgers, tmp_path: Path) -> None:
    off = {"format.search-beginnings", "safety.markup", "safety.no-markup-or-templates"}

    def without_the_guardrails() -> PolicySet:
        shipped = shipped_policies()
        kept = tuple(rule for rule in shipped.guardrails if rule.id not in off)
        return replace(shipped, guardrails=kept)

    scene = public_scene(sqlite_ledgers, "search", policies=without_the_guardrails, via="search-csv")
    files = SearchCsv(tmp_path / "ads", ad_group="x")
    stand = Stand(scene, channels={"search-csv": files})

    edit = {"pick": "V01", "field": "subject", "text": "=Rain"}
    delivery = stand.request(scene.approve(picks=["V01", "V02"], edits=[edit]))
    stand.press.step()

    assert (stand.row(delivery).sent, stand.row(delivery).failed) == (1, 1)
    assert "=Rain" not in files.path(delivery).read_text()


@pytest.mark.slow
def test_the_webhooks_secret_is_in_no_log_no_error_and_no_ledger(tmp_path: Path) -> None:
    """The press's own process, with a receiver that is not there, at the most talkative level."""
    from presscheck.ledger import make_keys, upgrade

    home = tmp_path / ".presscheck"
    make_keys(home / "keys")
    upgrade(f"sqlite:///{home / 'ledger.db'}")
    (tmp_path / "presscheck.toml").write_text('via = "webhook"\n[webhook]\nurl = "http://127.0.0.1:9/"\nattempts = 1\n')
    environment = {
        "PATH": os.environ["PATH"],
        "PYTHONPATH": str(Path(__file__).resolve().parents[2]),
        "PRESSCHECK_PROJECT": str(tmp_path),
    }
    command = [sys.executable, "-c", _TALKATIVE]

    right = subprocess.run(
        command, env={**environment, "PRESSCHECK_SECRET_WEBHOOK": SECRET}, capture_output=True, text=True, check=False
    )
    wrong = subprocess.run(
        command,
        env={**environment, "PRESSCHECK_SECRET_WEBHOOK": "whsec_short+secret"},
        capture_output=True,
        text=True,
        check=False,
    )

    assert (right.returncode, wrong.returncode) == (0, 2), right.stderr + wrong.stderr
    assert "127.0.0.1:9 does not answer" in right.stderr
    assert "write whsec_ and 24 to 64 bytes" in wrong.stderr
    everything = right.stdout + right.stderr + wrong.stdout + wrong.stderr
    everything += (home / "ledger.db").read_bytes().decode("latin-1")
    assert SECRET[6:20] not in everything
    assert "short+secret" not in everything


_TALKATIVE = """
import logging, sys
logging.basicConfig(level=logging.DEBUG, stream=sys.stderr)
from presscheck.errors import ChannelError, PresscheckError
from presscheck.press.channels import Message
from presscheck.press.channels.opening import open_channels
from presscheck.wiring import read_settings
try:
    channel = open_channels(read_settings())["webhook"]
    try:
        channel.prepare("D-0123456789ab", ["a" * 64])
        channel.send("D-0123456789ab", [Message("a" * 64, "one@example.com", b"as approved")])
    except ChannelError as error:
        logging.error("%s %r %r", error, error, channel)
except PresscheckError as error:
    logging.error("%s", error)
    sys.exit(error.exit_code)
"""
