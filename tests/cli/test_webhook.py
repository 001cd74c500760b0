"""`presscheck webhook test`, what the doctor says of webhooks, and choosing what one is told of."""

import json
from collections.abc import Callable, Iterator
from pathlib import Path
from typing import Any

import pytest

from presscheck.ledger import EventKind
from presscheck.notices.choices import DEFAULTS, chosen
from tests.cli.conftest import CommandLine
from tests.conftest import Clock, Ledgers
from tests.door.house import House
from tests.webhooks.system import KEY, Shop, System, verified

As = Callable[[str], CommandLine]


@pytest.fixture
def system() -> Iterator[System]:
    running = System()
    yield running
    running.close()


def name(project: Path, home: Path, system: System, key: str = KEY) -> None:
    (project / "presscheck.toml").write_text(f'[webhooks.jira]\nurl = "{system.url}"\nloopback = true\n')
    (home / "secrets").mkdir(exist_ok=True)
    (home / "secrets" / "webhooks-jira").write_text(key)
    (home / "secrets" / "webhooks-jira").chmod(0o600)


def test_a_trial_is_signed_says_that_it_is_one_and_is_told_as_taken(
    cli: CommandLine, project: Path, home: Path, system: System
) -> None:
    name(project, home, system)

    result = cli("webhook", "test", "jira")

    assert (result.exit_code, result.stdout) == (0, "jira: taken\n")
    [got] = system.got
    assert verified()(got.headers, got.body, KEY)
    assert (got.told["type"], got.told["data"]["kind"]) == ("trial.sent", "trial")


@pytest.mark.parametrize(("key", "status", "code"), [(KEY, 404, "status-404"), ("whsec_short", 200, "no-key")])
def test_a_trial_that_is_not_taken_says_why_without_the_key(
    cli: CommandLine, project: Path, home: Path, system: System, key: str, status: int, code: str
) -> None:
    name(project, home, system, key)
    system.status = status

    result = cli("webhook", "test", "jira", "--json")

    assert result.exit_code == 1
    assert json.loads(result.stdout) == {"webhook": "jira", "taken": False, "code": code}
    assert key not in result.output


def test_a_webhook_that_nobody_named_is_told_with_those_that_there_are(
    cli: CommandLine, project: Path, home: Path, system: System
) -> None:
    name(project, home, system)

    result = cli("webhook", "test", "workfront")

    assert result.exit_code == 2
    assert "[webhooks] names no workfront; it names: jira" in result.stderr


def looked(cli: CommandLine) -> list[tuple[str, str]]:
    checks: list[dict[str, Any]] = cli.json("doctor")["checks"]
    return [(look["state"], look["found"]) for look in checks if look["what"] == "webhook jira"]


def test_the_doctor_says_what_is_told_what_fails_and_what_was_given_up(
    cli: CommandLine, project: Path, home: Path, sqlite_ledgers: Ledgers, system: System, clock: Clock
) -> None:
    shop = Shop(sqlite_ledgers, jira={"url": system.url, "loopback": True, "give_up_after_hours": 1})
    name(project, home, system)
    found = [looked(cli)]
    shop.look()
    system.status = 503
    shop.comment()
    shop.look()
    found.append(looked(cli))
    clock.advance(hours=2)
    shop.look()
    found.append(looked(cli))
    (home / "secrets" / "webhooks-jira").unlink()
    found.append(looked(cli))

    assert found == [
        [("ok", "signed with its key; told from the next run of escalate-reviews on")],
        [("note", "fails since 2026-03-02 09:00 UTC (status-503), next try 09:01")],
        [
            (
                "missing",
                "fails since 2026-03-02 09:00 UTC (status-503), next try 11:02; "
                "1 message given up on 2026-03-02 11:00 UTC",
            )
        ],
        [("missing", "there is no secret webhooks-jira")],
    ]


def test_a_system_that_is_gone_is_told_by_the_doctor_with_what_to_do_and_resumed(
    cli: CommandLine, project: Path, home: Path, sqlite_ledgers: Ledgers, system: System
) -> None:
    shop = Shop(sqlite_ledgers, jira={"url": system.url, "loopback": True})
    name(project, home, system)
    shop.look()
    system.status = 410
    shop.comment()
    shop.look()
    found, history = looked(cli), cli("history").stdout
    mend = next(look["mend"] for look in cli.json("doctor")["checks"] if look["what"] == "webhook jira")
    system.status = 204

    resumed, unknown = cli("webhook", "resume", "jira"), cli("webhook", "resume", "workfront")

    assert found == [("missing", "its address answered 410, that it is gone: it is told nothing more")]
    assert "`presscheck webhook resume jira` tries this one again" in mend
    assert "it is gone, and is told nothing more" in history
    assert (resumed.exit_code, unknown.exit_code) == (0, 2)
    assert shop.look()["jira"].sent == 1
    assert looked(cli)[0][0] == "ok"


def test_history_tells_in_words_what_a_system_took_and_what_not(
    cli: CommandLine, sqlite_ledgers: Ledgers, system: System, clock: Clock
) -> None:
    shop = Shop(sqlite_ledgers, jira={"url": system.url, "loopback": True, "give_up_after_hours": 1})
    shop.look()
    system.status = 503
    [first] = shop.comment()
    shop.look()
    clock.advance(hours=2)
    shop.look()

    told = cli("history").stdout

    assert f"webhook jira did not take event {first}: status-503, 1 try, next at 2026-03-02T09:01" in told
    assert f"webhook jira: 1 message given up, events {first} to {first}, status-503" in told


def test_one_chooses_what_one_is_told_of_and_undoes_it(as_person: As, house: House) -> None:
    ana = as_person("ana")

    result = ana("notices", "mine", "--off", "questions", "--on", "sent:asked")

    assert result.exit_code == 0
    with house.ledger.read() as tx:
        assert chosen(tx, "P-ana") == (DEFAULTS - {"questions"}) | {"sent:asked"}
    assert "questions" in ana.json("notices", "mine", "--undo")["told"]
    assert ana("notices", "mine", "--off", "gossip").exit_code == 2
    assert ana("notices", "mine", "--undo", "--defaults").exit_code == 2
    with house.ledger.read() as tx:
        assert chosen(tx, "P-ana") == DEFAULTS
        assert len(tx.events(EventKind.NOTICES_CHOSEN)) == 2
