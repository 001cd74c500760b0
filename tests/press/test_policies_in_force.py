"""The press judges by what was signed, whatever its own files say; a rehearsal signs what a project's files say."""

import shutil
from pathlib import Path

import pytest

from presscheck.desk import PoliciesInForce
from presscheck.desk.current import last_signature
from presscheck.errors import PolicyError
from presscheck.rehearsal import Rehearsal
from presscheck.wiring import open_desk
from tests.desk.scene import Ledgers, Scene
from tests.desk.signing import Signing
from tests.press.stand import Stand


@pytest.fixture
def signed(sqlite_ledgers: Ledgers, tmp_path: Path) -> Signing:
    house = Signing(sqlite_ledgers, tmp_path)
    house.sign("lea")
    return house


@pytest.mark.slow
def test_a_delivery_goes_out_under_the_signed_set_while_a_change_waits(signed: Signing) -> None:
    stand = Stand(Scene(signed.ledgers, policies=signed.door, people=False))
    stand.press.desk.policies = signed.seen_by(signed.ledgers.press)
    delivery = stand.approve_and_request()
    signed.rewrite("phrases: [", "phrases: [see you outside, ")

    stand.press.step()

    assert (stand.row(delivery).state, len(stand.files())) == ("done", 7)


@pytest.mark.slow
def test_a_change_that_was_signed_after_the_approval_holds_the_delivery(signed: Signing) -> None:
    stand = Stand(Scene(signed.ledgers, policies=signed.door, people=False))
    stand.press.desk.policies = signed.seen_by(signed.ledgers.press)
    delivery = stand.approve_and_request()
    signed.rewrite("phrases: [", "phrases: [see you outside, ")
    signed.sign("max")

    stand.press.step()

    row = stand.row(delivery)
    assert (row.state, stand.files()) == ("held", [])
    assert "pressure.urgency was changed" in row.reason


def test_files_are_not_read_where_policies_count_by_signature(signed: Signing) -> None:
    policies = signed.seen_by(signed.ledgers.press)
    seen = policies()
    shutil.rmtree(signed.folder)

    with signed.ledgers.press.read():
        assert policies() is seen
    with pytest.raises(PolicyError):
        policies.files()
    assert policies.files.untold is None


def test_a_rehearsal_signs_what_the_projects_files_say(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    project = tmp_path / "project"
    project.mkdir()
    (project / "presscheck.toml").write_text("[policies]\nsigned = true\n")
    monkeypatch.setenv("PRESSCHECK_PROJECT", str(project))

    with Rehearsal.open(project) as rehearsal:
        policies = open_desk(rehearsal.settings, rehearsal.ledger("worker")).policies
        with rehearsal.ledger("door").read() as tx:
            last = last_signature(tx)

        assert isinstance(policies, PoliciesInForce)
        assert policies.signed
        assert policies().guardrails
        assert last is not None
        assert last.data["person"] == "P-legal"
