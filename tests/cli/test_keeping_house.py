"""People, suppressions, policies and the doctor."""

import json
import os
import re
import subprocess
import sys
import time
from collections.abc import Callable
from datetime import UTC, datetime
from importlib.metadata import PackageNotFoundError, version
from pathlib import Path
from typing import Any

import pytest
from pyotp.totp import TOTP

from presscheck.addresses import address_hash
from presscheck.ledger import EventKind, verify
from presscheck.ledger.suppressions import suppressed_hashes
from presscheck.people.rights import Grant, find_person, record_rights, remember_person, rights_of
from tests.cli.conftest import CommandLine
from tests.conftest import free_port
from tests.door.house import House

ROOT = Path(__file__).parents[2]


@pytest.fixture
def administrator(house: House, as_person: Callable[[str], CommandLine]) -> CommandLine:
    """The command line as the one who invites and revokes."""
    # One-time codes count by the real time.
    house.scene.ledgers.clock.now = datetime.now(UTC)
    grants = (Grant(role="administrator", markets="all"),)
    with house.ledger.write() as tx:
        remember_person(tx, "P-sam", email="sam@brand.example", name="sam")
        record_rights(tx, EventKind.PERSON_ENROLLED, "P-sam", grants, email="sam@brand.example", name="sam", by="P-sam")
    return as_person("sam")


def test_people_are_listed_with_their_rights(administrator: CommandLine) -> None:
    told = administrator("people", "list").stdout

    assert re.search(r"P-uma +uma +uma@brand\.example +brand_lead in US", told)


def test_a_revoked_person_has_no_rights_left(administrator: CommandLine, house: House) -> None:
    result = administrator("people", "revoke", "UMA@brand.example")

    assert result.exit_code == 0
    with house.ledger.read() as tx:
        rights = rights_of(tx, "P-uma")
    assert rights is not None
    assert not rights.active


def test_rights_are_changed_as_a_whole(administrator: CommandLine, house: House) -> None:
    administrator("people", "change", "P-uma", "--role", "scheduler:US,DE", "--role", "author")

    with house.ledger.read() as tx:
        rights = rights_of(tx, "P-uma")
    assert rights is not None
    assert rights.grants == (Grant(role="scheduler", markets=("US", "DE")), Grant(role="author", markets="all"))


@pytest.mark.parametrize("role", ["Brand Lead", "brand_lead:", "brand_lead:USA", "legal:US,,DE"])
def test_a_role_that_is_none_is_wrong_usage(administrator: CommandLine, role: str) -> None:
    assert administrator("people", "add", "x@brand.example", "--name", "X", "--role", role).exit_code == 2


def test_a_role_that_the_door_does_not_know_is_refused_by_it(administrator: CommandLine) -> None:
    result = administrator("people", "add", "x@brand.example", "--name", "X", "--role", "king")

    assert result.exit_code == 2
    assert "role" in result.stderr


def test_somebody_else_may_not_invite(as_person: Callable[[str], CommandLine]) -> None:
    result = as_person("ana")("people", "add", "x@brand.example", "--name", "X", "--role", "brand_lead")

    assert result.exit_code == 1


@pytest.mark.slow
def test_an_invited_person_enrols_with_a_password_that_only_they_know(
    administrator: CommandLine, house: House, environment: dict[str, str]
) -> None:
    told = administrator.json("people", "add", "ida@brand.example", "--name", "Ida", "--role", "brand_lead:US")
    other = house.accounts.confirm(told["proposal"], by="P-ana")
    code = f"{told['code']} {other.code}"

    # Without a terminal of its own, as in a script: prompts come to standard error, answers from standard input.
    with subprocess.Popen(
        [sys.executable, "-u", "-m", "presscheck.cli", "people", "enrol", "--code", code],
        stdin=subprocess.PIPE, stdout=subprocess.PIPE, stderr=subprocess.DEVNULL, text=True, start_new_session=True,
        env={**os.environ, **environment, "PYTHONPATH": str(ROOT)},
    ) as running:  # fmt: skip
        assert running.stdout is not None
        assert running.stdin is not None
        assert "Enrolling Ida" in running.stdout.readline()
        secret = running.stdout.readline().strip()
        digits = TOTP(secret).at(int(time.time()))
        said, _ = running.communicate(f"a long pass phrase of hers\na long pass phrase of hers\n{digits}\n", timeout=60)

    assert running.returncode == 0
    assert "Enrolled." in said
    assert "pass phrase" not in said
    with house.ledger.read() as tx:
        person = find_person(tx, "ida@brand.example")
        rights = rights_of(tx, person or "")
    assert rights is not None
    assert rights.may("brand_lead", ["US"])


# ---------------------------------------------------------------- suppressions


def suppressed(ledgers: Any) -> set[str]:
    with ledgers.press.read() as tx:
        return suppressed_hashes(tx)


def test_one_address_is_kept_as_a_hash_and_nothing_else(cli: CommandLine, sqlite_ledgers: Any, home: Path) -> None:
    result = cli("suppress", "Jo@Example.com")

    assert result.exit_code == 0
    assert suppressed(sqlite_ledgers) == {address_hash("jo@example.com")}
    sqlite_ledgers.close()
    assert all(b"example.com" not in path.read_bytes().lower() for path in home.glob("ledger.db*"))


@pytest.mark.parametrize(
    ("name", "content"),
    [("a.txt", "jo@example.com\n\n al@example.com \n"), ("a.csv", "id,Email\n1,jo@example.com\n2,al@example.com\n")],
)
def test_a_file_of_addresses_is_added_once(
    cli: CommandLine, sqlite_ledgers: Any, tmp_path: Path, name: str, content: str
) -> None:
    (tmp_path / name).write_text(content)

    first = cli.json("suppress", str(tmp_path / name))
    again = cli.json("suppress", str(tmp_path / name))

    assert first == {"given": 2, "added": 2, "known": 0}
    assert again == {"given": 2, "added": 0, "known": 2}
    assert suppressed(sqlite_ledgers) == {address_hash("jo@example.com"), address_hash("al@example.com")}
    assert verify(sqlite_ledgers.press).sound


def test_one_wrong_line_adds_nothing_and_all_wrong_lines_are_told(
    cli: CommandLine, sqlite_ledgers: Any, tmp_path: Path
) -> None:
    (tmp_path / "a.txt").write_text("jo@example.com\nnobody\nal@\n")

    result = cli("suppress", str(tmp_path / "a.txt"))

    assert result.exit_code == 2
    assert [line.split(":")[1] for line in result.stderr.splitlines()] == ["2", "3"]
    assert suppressed(sqlite_ledgers) == set()


def test_a_reason_has_no_room_for_a_name(cli: CommandLine, sqlite_ledgers: Any) -> None:
    assert cli("suppress", "jo@example.com", "--reason", "Jo Smith asked").exit_code == 2


# ---------------------------------------------------------------- policies and doctor


@pytest.mark.slow
def test_the_shipped_policies_hold(cli: CommandLine) -> None:
    told = cli.json("policies", "check")

    assert told["holds"] is True
    assert told["cases"] > 50


def test_a_broken_policy_is_named_with_its_line_and_exits_2(cli: CommandLine, project: Path) -> None:
    (project / "ours" / "guardrails").mkdir(parents=True)
    (project / "ours" / "guardrails" / "loud.yaml").write_text("id: brand.loud\nkind: guardrail\nlevel: shout\n")
    (project / "presscheck.toml").write_text('policies = "ours"\n')

    result = cli("policies", "check")

    assert result.exit_code == 2
    assert "loud.yaml:3: level" in result.stderr
    assert "nothing may go out" in result.stdout


def test_schemas_are_written_for_editors(cli: CommandLine, tmp_path: Path) -> None:
    cli("policies", "schema", "--out", str(tmp_path / "schemas"))
    brief = json.loads(cli("policies", "schema", "brief").stdout)

    assert {path.name for path in (tmp_path / "schemas").iterdir()} >= {"brief.schema.json", "guardrail.schema.json"}
    assert "collaboration" in brief["required"]
    assert cli("policies", "schema", "letter").exit_code == 2


def looks(cli: CommandLine) -> dict[str, dict[str, str]]:
    return {look["what"]: look for look in cli.json("doctor")["checks"]}


def test_the_doctor_finds_nothing_missing_where_everything_runs(
    at_door: CommandLine, house: House, environment: dict[str, str]
) -> None:
    inner = house.app.state.door.prefect.client.base_url.port
    environment["PRESSCHECK_PREFECT_PORT"] = str(inner)

    result = at_door("doctor")

    assert result.exit_code == 0, result.stdout
    assert "Nothing is missing." in result.stdout


def test_the_doctor_says_what_is_missing_and_how_to_mend_it(cli: CommandLine, sqlite_url: str, home: Path) -> None:
    (home / "keys" / "door" / "private.pem").chmod(0o644)

    result = cli("doctor")
    found = looks(cli)

    assert result.exit_code == 1
    assert found["door key"]["mend"] == f"chmod 600 {home / 'keys' / 'door' / 'private.pem'}"
    assert found["door"]["mend"] == "`presscheck up` starts it."
    assert found["ledger"]["state"] == "ok"


def test_the_doctor_says_what_doing_without_the_warm_engine_costs(
    cli: CommandLine, environment: dict[str, str]
) -> None:
    warm = looks(cli)["warm engine"]
    environment["PRESSCHECK_WARM"] = "false"
    cold = looks(cli)["warm engine"]

    assert (warm["state"], "320 MB" in warm["found"]) == ("ok", True)
    assert (cold["state"], "later" in cold["found"], "take warm = false out" in cold["mend"]) == ("note", True, True)


def test_the_doctor_says_which_version_it_wants_of_what_prefect_breaks_with(
    cli: CommandLine, monkeypatch: pytest.MonkeyPatch
) -> None:
    installed = {"fastapi": "0.165.0", "whenever": "0.10.5"}
    monkeypatch.setattr("presscheck.cli.diagnosis.version", lambda name: installed.get(name) or version(name))

    found = looks(cli)

    assert [found[name]["state"] for name in ("prefect", "sqlalchemy", "fastapi", "whenever")] == [
        "ok", "ok", "missing", "missing",
    ]  # fmt: skip
    assert found["fastapi"]["mend"] == "pip install 'fastapi<0.151,>=0.139.0'"
    assert found["whenever"]["mend"] == "pip install 'whenever>=0.11'"


def test_the_doctor_names_what_is_not_installed(cli: CommandLine, monkeypatch: pytest.MonkeyPatch) -> None:
    def without(name: str) -> str:
        raise PackageNotFoundError(name)

    monkeypatch.setattr("presscheck.cli.diagnosis.version", without)

    assert looks(cli)["prefect"]["found"] == "not installed"


def test_the_doctor_sees_keys_that_do_not_belong_together(cli: CommandLine, home: Path, tmp_path: Path) -> None:
    from presscheck.ledger import make_keys

    make_keys(tmp_path / "others")
    (home / "keys" / "trusted" / "press.pub").write_bytes((tmp_path / "others" / "trusted" / "press.pub").read_bytes())

    assert "do not belong together" in looks(cli)["press key"]["found"]


def test_the_doctor_looks_on_where_settings_are_broken(cli: CommandLine, project: Path) -> None:
    (project / "presscheck.toml").write_text("door_port = 0\n[[[")

    found = looks(cli)

    assert found["settings"]["state"] == "missing"
    assert found["Python"]["state"] == "ok"


def test_the_doctor_opens_the_ways_out_and_tells_every_fault(cli: CommandLine, environment: dict[str, str]) -> None:
    environment["PRESSCHECK_VIA"] = '{"social": "pigeon", "push": "webhook"}'

    told = cli("doctor").stdout

    assert "there is no way out pigeon" in told
    assert "[webhook] url: say where to post" in told


def test_the_doctor_tries_each_way_out_without_anything_going_out(
    cli: CommandLine, environment: dict[str, str], home: Path, tmp_path: Path
) -> None:
    bare = tmp_path / "blog.git"
    subprocess.run(["git", "init", "-q", "--bare", "-b", "main", bare], check=True)
    (home / "secrets").mkdir()
    (home / "secrets" / "webhook").touch(mode=0o600)
    (home / "secrets" / "webhook").write_text("whsec_" + "A" * 44)
    environment["PRESSCHECK_VIA"] = '{"social": "social-calendar", "push": "webhook", "blog": "blog-git"}'
    environment["PRESSCHECK_WEBHOOK"] = f'{{"url": "http://127.0.0.1:{free_port()}/in"}}'
    environment["PRESSCHECK_FILES"] = f'{{"git": {{"remote": "{bare}"}}}}'

    found = looks(cli)

    assert found["ways out"]["state"] == found["way out outbox"]["state"] == "ok"
    assert found["way out social-calendar"]["found"].endswith("can be written")
    assert (found["way out webhook"]["state"], found["way out blog-git"]["state"]) == ("missing", "missing")
    assert "does not answer" in found["way out webhook"]["found"]
    assert "there is no such branch; push a first commit to it" in found["way out blog-git"]["found"]


def test_the_doctor_sees_a_way_out_that_is_none_also_where_the_press_does_not_run(
    cli: CommandLine, environment: dict[str, str], home: Path
) -> None:
    (home / "keys" / "press" / "private.pem").unlink()
    environment["PRESSCHECK_VIA"] = '{"social": "pigeon"}'

    assert "there is no way out pigeon" in looks(cli)["ways out"]["found"]


def test_the_doctor_has_a_line_for_each_fault_of_the_settings(cli: CommandLine, project: Path) -> None:
    (project / "presscheck.toml").write_text('poll_seconds = 0\ncopywriter = "gpt"\n')

    told = [look["found"] for look in cli.json("doctor")["checks"] if look["what"] == "settings"]

    assert len(told) == 2


def test_the_doctor_asks_the_provider_that_people_sign_in_with(cli: CommandLine, project: Path) -> None:
    (project / "presscheck.toml").write_text(
        '[sign_in.oidc]\nissuer = "https://127.0.0.1:9/realm"\nclient_id = "presscheck"\n'
    )

    look = looks(cli)["sign-in provider"]

    assert look["state"] == "missing"
    assert look["found"].startswith("https://127.0.0.1:9/realm: ")


def test_the_doctor_says_that_prefects_database_is_down_and_not_that_a_password_is_missing(
    cli: CommandLine, project: Path
) -> None:
    (project / "presscheck.toml").write_text('[postgres]\nprefect_url = "postgresql://prefect@127.0.0.1:1/prefect"\n')

    look = looks(cli)["Prefect's database"]

    assert look["mend"].startswith("Start PostgreSQL")
    assert "presscheck doctor" not in look["found"]


def test_the_doctor_never_shows_a_databases_password(cli: CommandLine, environment: dict[str, str]) -> None:
    environment["PRESSCHECK_LEDGER_URL"] = "postgresql://x:tell-nobody@127.0.0.1:1/ledger"

    assert "tell-nobody" not in cli("doctor").output
