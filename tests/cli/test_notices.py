"""`presscheck notices try`, and what the doctor says of who is told."""

import json
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pytest

from tests.cli.conftest import CommandLine
from tests.notices.office import TOKEN, Receiver


@pytest.fixture
def receiver() -> Iterator[Receiver]:
    running = Receiver()
    yield running
    running.close()


def tell(project: Path, home: Path, section: str, **secrets: str) -> None:
    """Write `[notices]` and its secrets."""
    (project / "presscheck.toml").write_text(section)
    (home / "secrets").mkdir()
    for name, url in secrets.items():
        path = home / "secrets" / name.replace("_", "-")
        path.write_text(url)
        path.chmod(0o600)


BOTH = '[notices.brand_lead]\nsecret = "notices-brand"\n[notices.owner]\nsecret = "notices-owner"\n'


def test_a_trial_goes_to_all_that_the_settings_name_and_says_what_became_of_it(
    cli: CommandLine, project: Path, home: Path, receiver: Receiver
) -> None:
    tell(project, home, BOTH, notices_brand=receiver.url)

    result = cli("notices", "try")

    assert result.exit_code == 1
    assert result.stdout == "owner: not sent (no-secret)\nbrand_lead: sent\n"
    assert [message["title"] for message in receiver.got] == ["Presscheck: a trial"]


def test_a_trial_to_one_role_is_one_document_with_json(
    cli: CommandLine, project: Path, home: Path, receiver: Receiver
) -> None:
    tell(project, home, BOTH, notices_brand=receiver.url)
    receiver.status = 404

    result = cli("notices", "try", "brand_lead", "--json")

    assert result.exit_code == 1
    assert json.loads(result.stdout) == {"sent": [], "notices": {"brand_lead": "refused"}}
    assert TOKEN not in result.output


def test_a_role_that_nobody_tells_is_told_with_those_that_there_are(
    cli: CommandLine, project: Path, home: Path
) -> None:
    tell(project, home, BOTH)

    result = cli("notices", "try", "legal")

    assert result.exit_code == 2
    assert "[notices] names no legal; it names: owner, brand_lead" in result.stderr


@pytest.mark.parametrize(
    ("section", "said"),
    [
        (f'[notices.brand_lead]\nsecret = "json://u:{TOKEN}@h"\n', "name a secret of your own that begins with"),
        ('[notices.brand_lead]\nsecret = "smtp"\n', "name a secret of your own that begins with"),
        ('[notices.brand_led]\nsecret = "notices-brand"\n', "there is no such setting; the settings are administrator"),
        ('[notices.brand_lead]\nurl = "notices-brand"\n', "there is no such setting; the settings are secret"),
        ("[notices.brand_lead]\n", "secret"),
    ],
)
def test_settings_that_are_none_are_told_without_repeating_an_address(
    cli: CommandLine, project: Path, home: Path, section: str, said: str
) -> None:
    tell(project, home, section)

    result = cli("notices", "try")

    assert result.exit_code == 2
    assert said in result.stderr
    assert TOKEN not in result.output


def looks(cli: CommandLine) -> dict[str, list[dict[str, Any]]]:
    found: dict[str, list[dict[str, Any]]] = {}
    for look in cli.json("doctor")["checks"]:
        found.setdefault(look["what"], []).append(look)
    return found


def test_the_doctor_says_which_roles_are_told_and_which_are_not(
    cli: CommandLine, project: Path, home: Path, sqlite_url: str, receiver: Receiver
) -> None:
    tell(project, home, BOTH, notices_brand=receiver.url, notices_owner="gibberish")

    found = looks(cli)

    assert [look["found"] for look in found["notices owner"]] == ["notices-owner holds nothing that Apprise can read"]
    told, untold = found["notices"]
    assert (told["state"], told["found"]) == ("ok", "told: brand_lead")
    assert untold["state"] == "note"
    assert {"legal", "marketing_director", "regional_reviewer"} <= set(
        untold["found"].removeprefix("not told: ").split(", ")
    )
    assert receiver.asked == 0
