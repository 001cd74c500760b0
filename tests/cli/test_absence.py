"""`presscheck people`: days of roles, delegations and absences, as they are typed and as they are told."""

from collections.abc import Callable
from typing import Any

import pytest

from presscheck.cli.granting import grants_of
from presscheck.people.role_words import ROLE_WORDS
from tests.cli.conftest import CommandLine
from tests.door.house import House


def test_lending_listing_and_ending(as_person: Callable[[str], CommandLine]) -> None:
    ana = as_person("ana")

    told = ana(
        "people", "delegate", "--to", "uma@brand.example", "--role", "brand_lead:US", "--until", "2026-03-09",
        "--gates", "copy",
    )  # fmt: skip
    listed = ana("people", "delegations").stdout
    [one] = ana.json("people", "delegations")["delegations"]
    ended = ana("people", "undelegate", one["delegation"])

    assert told.exit_code == 0, told.stderr
    assert f"presscheck people undelegate {one['delegation']}" in told.stdout
    assert "brand_lead in US" in listed
    assert "2026-03-02 to 2026-03-09" in listed
    assert ended.exit_code == 0
    assert ana.json("people", "delegations") == {"delegations": []}


def test_what_cannot_be_lent_exits_1_with_the_reason(as_person: Callable[[str], CommandLine]) -> None:
    refused = as_person("ana")(
        "people", "delegate", "--to", "eva@brand.example", "--role", "brand_lead", "--until", "2026-05-09"
    )

    assert refused.exit_code == 1
    assert "30 are the most" in refused.stderr
    assert "that takes two" in refused.stderr


@pytest.mark.slow
def test_away_and_back(as_person: Callable[[str], CommandLine], house: House) -> None:
    house.enrol("root", "administrator")

    away = as_person("ana")("people", "absent", "--until", "2026-03-09")
    of_uma = as_person("root")("people", "absent", "uma@brand.example")
    listed = as_person("root")("people", "list").stdout
    not_hers = as_person("uma")("people", "absent", "P-ana")
    back = as_person("ana")("people", "present")

    assert (away.stdout, back.stdout) == ("You are away until 2026-03-09.\n", "You are back.\n")
    assert of_uma.stdout == "uma@brand.example is away from now on.\n"
    assert "until 2026-03-09" in listed
    assert not_hers.exit_code == 1


def test_days_are_proposed_and_listed(as_person: Callable[[str], CommandLine], house: House) -> None:
    house.enrol("root", "administrator")

    changed = as_person("root")(
        "people", "change", "P-eva", "--role", "engineer@..2026-06-30", "--role", "scheduler", "--from", "2026-04-01"
    )
    listed = as_person("root")("people", "list").stdout
    promoted = as_person("root")("people", "change", "P-eva", "--role", "legal:DE", "--until", "2027-01-31")
    proposals = as_person("root")("people", "proposals").stdout

    assert changed.exit_code == 0, changed.stderr
    assert "engineer until 2026-06-30; scheduler from 2026-04-01" in listed
    assert "nothing has changed yet" in promoted.stdout
    assert "-> legal in DE until 2027-01-31" in proposals


@pytest.mark.parametrize(
    ("typed", "what"),
    [
        (("people", "absent", "--until", "tomorrow"), "year-month-day"),
        (("people", "change", "P-eva", "--role", "legal@2026"), "@2026-12-01..2027-01-31"),
        (("people", "change", "P-eva", "--role", "legal@.."), "@2026-12-01..2027-01-31"),
        (("people", "add", "x@y.example", "--name", "X", "--role", "legal", "--from", "1.4.2026"), "year-month-day"),
        (("people", "change", "P-eva", "--role", "legal", "--until", "2026-02-30"), "there is no day 2026-02-30"),
        (
            ("people", "change", "P-eva", "--role", "legal", "--from", "2026-05-01", "--until", "2026-04-01"),
            "before it begins",
        ),
    ],
)
def test_days_that_are_none_exit_2(
    as_person: Callable[[str], CommandLine], house: House, typed: Any, what: str
) -> None:
    house.enrol("root", "administrator")

    answer = as_person("root")(*typed)

    assert (answer.exit_code, what in answer.stderr) == (2, True), answer.stderr


def test_days_of_the_command_are_for_roles_without_days_of_their_own() -> None:
    grants = grants_of(("author", "legal:US@2026-04-01.."), "2026-05-01", "2026-05-31")

    assert grants == [
        {"role": "author", "markets": "all", "begins": "2026-05-01", "ends": "2026-05-31"},
        {"role": "legal", "markets": ["US"], "begins": "2026-04-01"},
    ]


def test_the_roles_are_listed_with_what_each_is(cli: CommandLine) -> None:
    listed = cli("people", "roles").stdout
    helped = cli("people", "change", "--help").stdout

    assert all(role in listed and words in listed for role, words in ROLE_WORDS.items())
    assert all(role in helped for role in ROLE_WORDS)


def test_the_story_tells_of_absences_and_delegations(
    as_person: Callable[[str], CommandLine], environment: dict[str, str]
) -> None:
    ana = as_person("ana")
    ana("people", "delegate", "--to", "P-uma", "--role", "brand_lead:US", "--until", "2026-03-09", "--gates", "copy")
    ana("people", "absent", "--until", "2026-03-09")
    ana("people", "present")

    told = ana("history", "P-ana").stdout

    assert "ana delegated to uma from 2026-03-02 until 2026-03-09, at copy: brand_lead in US" in told
    assert "ana is away until 2026-03-09" in told
    assert "ana is back" in told
