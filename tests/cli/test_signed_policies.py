"""`presscheck policies pending` and `sign`: what waits is read before it is signed; the doctor says that it waits."""

from collections.abc import Callable
from pathlib import Path

import pytest

from presscheck.desk.changing import PolicySignature
from tests.cli.conftest import CommandLine
from tests.desk.scene import Ledgers, Scene
from tests.desk.signing import Signing
from tests.door.house import House

As = Callable[[str], CommandLine]
CHANGE = "pressure.urgency: level is review instead of block (weaker)"


@pytest.fixture
def signing(sqlite_ledgers: Ledgers, tmp_path: Path) -> Signing:
    found = Signing(sqlite_ledgers, tmp_path)
    assert isinstance(found.sign("lea"), PolicySignature)
    found.weaken()
    found.note()
    return found


@pytest.fixture
def house(signing: Signing, open_house: Callable[..., House]) -> House:
    """A house whose policies count by signature, with a change that waits for one."""
    return open_house(scene=Scene(signing.ledgers, policies=signing.door, people=False))


def test_pending_tells_what_waits_and_since_when_and_what_is_in_force(as_person: As, signing: Signing) -> None:
    plain = as_person("eva")("policies", "pending")
    whole = as_person("eva")("policies", "pending", "--lines")
    told = as_person("eva").json("policies", "pending")

    assert plain.exit_code == 0, plain.output
    assert CHANGE in plain.stdout
    assert "signed by lea (legal)" in plain.stdout
    assert f"set {signing.shown().set[:12]}, since 2026-03-02T09:00Z" in plain.stdout
    assert "You may not sign the policies" in plain.stdout
    assert "+level: review" not in plain.stdout
    assert "+level: review" in whole.stdout
    assert told["waiting"]["set"] == signing.shown().set


def test_the_set_that_was_read_is_signed(as_person: As, signing: Signing) -> None:
    result = as_person("max")("policies", "sign", "--set", signing.shown().set[:16])
    again = as_person("max")("policies", "sign", "--set", "f" * 12)

    assert result.exit_code == 0, result.output
    assert "It is in force from now on" in result.stdout
    assert signing.level() == "review"
    assert (again.exit_code, "Nothing waits" in again.stderr) == (1, True)


@pytest.mark.parametrize("chosen", ["f" * 64, "f" * 12, "abc"])
def test_another_set_than_the_one_that_waits_is_not_signed(as_person: As, signing: Signing, chosen: str) -> None:
    result = as_person("max")("policies", "sign", "--set", chosen)

    assert result.exit_code == 1
    assert signing.shown().set[:12] in result.stderr
    assert signing.level() == "block"


def test_without_a_terminal_nothing_is_signed_that_was_not_named(as_person: As, signing: Signing) -> None:
    result = as_person("max")("policies", "sign", typed="y\n")

    assert result.exit_code == 2
    assert "--set DIGEST" in result.stderr
    assert signing.level() == "block"


def test_who_may_not_sign_is_told_why(as_person: As, signing: Signing) -> None:
    plain = as_person("ana")("policies", "sign", "--set", signing.shown().set)
    told = as_person("ana").json("policies", "sign", "--set", signing.shown().set)

    assert (plain.exit_code, "You may not sign the policies" in plain.stderr) == (1, True)
    assert told["code"] == "no-right"


def test_a_rule_is_signed_without_a_set(as_person: As) -> None:
    assert as_person("max")("policies", "sign", "approvals.spot-check", "--set", "f" * 12).exit_code == 2


def test_history_tells_who_signed_what(as_person: As, signing: Signing) -> None:
    signing.sign("max")

    told = as_person("max")("history").stdout

    assert f"the policy files changed to set {signing.door.files.look().texts.digest[:4]}" in told
    assert "max as marketing director signed set" in told
    assert CHANGE in told


def looks(cli: CommandLine) -> dict[str, str]:
    found = [look for look in cli.json("doctor")["checks"] if look["what"] == "signed policies"]
    assert len(found) == 1
    return found[0]


@pytest.mark.slow
def test_the_doctor_recommends_signatures(at_door: CommandLine, sqlite_url: str) -> None:
    # A ledger in which nobody has signed anything.
    at_door.environment["PRESSCHECK_LEDGER_URL"] = sqlite_url.replace("ledger.db", "another.db")
    from presscheck.ledger import upgrade

    upgrade(at_door.environment["PRESSCHECK_LEDGER_URL"])

    plain = looks(at_door)
    at_door.environment["PRESSCHECK_POLICIES__SIGNED"] = "true"
    demanded = looks(at_door)

    assert (plain["state"], "signed = true" in plain["mend"]) == ("note", True)
    assert (demanded["state"], "nothing is allowed" in demanded["found"]) == ("missing", True)


def test_the_doctor_says_what_waits_for_a_signature(at_door: CommandLine, signing: Signing) -> None:
    at_door.environment["PRESSCHECK_POLICIES__SIGNED"] = "true"

    found = looks(at_door)

    # The doctor reads the shipped files, which are another set than the one that was signed here.
    assert found["state"] == "note"
    assert "waits for a signature" in found["found"]
    assert "presscheck policies sign" in found["mend"]
