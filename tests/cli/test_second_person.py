"""`presscheck people`: proposing gives half a code, confirming the other half, and neither works alone."""

from collections.abc import Callable
from typing import Any

import pytest

from tests.cli.conftest import CommandLine
from tests.door.house import House

NIA = ("nia@brand.example", "--name", "Nia", "--role", "legal:US")


@pytest.fixture
def with_administrator(house: House, as_person: Callable[[str], CommandLine]) -> Callable[[str], CommandLine]:
    house.enrol("root", "administrator")
    return as_person


def test_one_proposes_another_confirms_and_the_person_has_both_halves(
    with_administrator: Callable[[str], CommandLine], house: House
) -> None:
    proposed = with_administrator("root").json("people", "propose", *NIA)
    [listed] = with_administrator("ana").json("people", "proposals")["proposals"]

    confirmed = with_administrator("ana").json("people", "confirm", listed["proposal"])

    assert (listed["name"], listed["by_name"], listed["may_confirm"]) == ("Nia", "root", True)
    assert not hasattr(house.accounts.begin(proposed["code"]), "secret")
    assert hasattr(house.accounts.begin(f"{proposed['code']} {confirmed['code']}"), "secret")


def test_the_proposer_cannot_confirm(with_administrator: Callable[[str], CommandLine]) -> None:
    root = with_administrator("root")
    proposed = root.json("people", "add", *NIA)

    refused = root("people", "confirm", proposed["proposal"])

    assert refused.exit_code == 1
    assert "you proposed this yourself" in refused.stderr


def test_a_promotion_says_that_nothing_has_changed_yet(with_administrator: Callable[[str], CommandLine]) -> None:
    answer = with_administrator("root")("people", "change", "P-eva", "--role", "legal")

    assert answer.exit_code == 0
    assert "nothing has changed yet" in answer.stdout
    assert "presscheck people confirm Q-" in answer.stdout


def test_declining_ends_a_proposal(with_administrator: Callable[[str], CommandLine]) -> None:
    proposed = with_administrator("root").json("people", "propose", *NIA)

    declined = with_administrator("ana")("people", "decline", proposed["proposal"])

    assert declined.exit_code == 0
    assert with_administrator("ana").json("people", "proposals") == {"proposals": []}


def test_an_unknown_proposal_is_said_so(with_administrator: Callable[[str], CommandLine]) -> None:
    answer: Any = with_administrator("ana")("people", "confirm", "Q-000000000000")

    assert answer.exit_code == 2
    assert "there is no such open proposal" in answer.stderr


def _looks(cli: CommandLine) -> dict[str, Any]:
    return {look["what"]: look for look in cli.json("doctor")["checks"]}


def test_the_doctor_says_who_could_not_be_enrolled_anew(
    house: House, environment: dict[str, str], cli: CommandLine
) -> None:
    alone = _looks(cli)["second person"]
    house.enrol("root", "administrator")
    house.enrol("ruth", "administrator")

    two = _looks(cli)["second person"]

    assert (alone["state"], two["state"]) == ("note", "ok")
    assert "nobody could confirm enrolling them anew" in alone["found"]


@pytest.mark.slow
def test_the_doctor_reads_the_providers_settings(
    house: House, environment: dict[str, str], cli: CommandLine, monkeypatch: pytest.MonkeyPatch
) -> None:
    wrong = '{"issuer": "https://id.example", "client_id": "x", "groups": {"a": ["administrator"], "b": ["emperor"]}}'
    monkeypatch.setenv("PRESSCHECK_SIGN_IN__OIDC", wrong)

    looks = [look for look in cli.json("doctor")["checks"] if look["what"] == "sign-in provider"]

    assert {look["state"] for look in looks} == {"missing"}
    found = " ".join(look["found"] for look in looks)
    assert "no group makes an administrator" in found
    assert "emperor: there is no such role" in found
