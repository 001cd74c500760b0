"""Signing in from the command line: the session is kept for its owner alone and goes nowhere else."""

import json
import os
import socket
from collections.abc import Callable
from datetime import UTC, datetime
from pathlib import Path
from typing import Any

import pytest

from presscheck.cli.signed_in import NotSignedIn, Session, forget_session, load_session, save_session, session_file
from presscheck.demo.cast import Member, enrol_member
from presscheck.people.rights import Grant
from tests.cli.conftest import CommandLine
from tests.door.house import House
from tests.second import whole_code


@pytest.fixture
def member(house: House) -> Member:
    """Somebody with a password and an authenticator, invited by the scene's administrator."""
    from presscheck.ledger import EventKind
    from presscheck.people.rights import record_rights, remember_person

    # A cookie counts its life by the real time.
    house.scene.ledgers.clock.now = datetime.now(UTC)
    grants = (Grant(role="administrator", markets="all"),)
    with house.ledger.write() as tx:
        remember_person(tx, "P-root", email="root@brand.example", name="root")
        record_rights(
            tx, EventKind.PERSON_ENROLLED, "P-root", grants, email="root@brand.example", name="root", by="P-root"
        )
    invited = house.accounts.invite(
        email="ida@brand.example", name="Ida", grants=[Grant(role="brand_lead", markets="all")], by="P-root"
    )
    now = house.ledger.clock()
    code = whole_code(house.accounts, invited)
    found, _ = enrol_member(house.accounts, code, role="brand_lead", name="Ida", email="ida@brand.example", now=now)
    return found


def sign_in(cli: CommandLine, member: Member, house: House, *, password: str = "") -> Any:
    code = member.present_code(house.ledger.clock())
    arguments = ("login", "--email", member.email, "--code", code, "--password-stdin", "--json")
    return cli(*arguments, typed=(password or member.password) + "\n")


@pytest.mark.slow
def test_login_keeps_the_session_in_a_file_for_its_owner_alone(
    at_door: CommandLine, house: House, member: Member
) -> None:
    result = sign_in(at_door, member, house)

    told = json.loads(result.stdout)
    assert result.exit_code == 0
    assert told["name"] == "Ida"
    assert told["roles"] == ["brand_lead"]
    assert session_file().stat().st_mode & 0o777 == 0o600
    assert session_file().parent.stat().st_mode & 0o777 == 0o700
    assert at_door("reviews", "--mine").exit_code == 0


@pytest.mark.slow
def test_login_prints_neither_password_nor_cookie_nor_token(at_door: CommandLine, house: House, member: Member) -> None:
    output = sign_in(at_door, member, house).output

    session = load_session(house.url)
    assert member.password not in output
    assert session.csrf not in output
    assert all(value not in output for value in session.cookies.values())
    assert member.password not in session_file().read_text()


@pytest.mark.slow
def test_a_wrong_password_is_refused_and_nothing_is_kept(at_door: CommandLine, house: House, member: Member) -> None:
    result = sign_in(at_door, member, house, password="not my password")

    assert result.exit_code == 1
    assert "error" in json.loads(result.stdout)
    assert not session_file().exists()


def test_a_password_is_never_taken_from_the_command_line(at_door: CommandLine) -> None:
    assert at_door("login", "--password", "secret").exit_code == 2


def test_password_stdin_without_a_password_is_wrong_usage(at_door: CommandLine) -> None:
    result = at_door("login", "--email", "a@b.example", "--code", "1", "--password-stdin")

    assert result.exit_code == 2
    assert "nothing came in" in result.stderr


@pytest.mark.parametrize("command", [("login", "--email", "a@b.example", "--code", "1"), ("reviews",)])
def test_nothing_is_sent_in_the_open_to_another_machine(
    cli: CommandLine, environment: dict[str, str], command: tuple[str, ...]
) -> None:
    # An address of this machine that is no loopback name: if anything were sent, it would arrive here.
    with socket.create_server(("0.0.0.0", 0)) as listening:  # noqa: S104 - it must be reachable to prove the point.
        listening.settimeout(0.2)
        door = f"http://{socket.gethostname()}:{listening.getsockname()[1]}"
        environment["PRESSCHECK_DOOR_URL"] = door
        save_session(Session(door=door, person="P", name="n", csrf="c", expires_at="", cookies={"presscheck": "t"}))

        result = cli(*command, typed="secret\n")

        assert result.exit_code == 2
        assert "Use https" in result.stderr
        with pytest.raises(TimeoutError):
            listening.accept()


def test_logout_ends_the_session_at_the_door_too(as_person: Callable[[str], CommandLine], house: House) -> None:
    cli = as_person("ana")
    kept = load_session(house.url)

    assert cli("logout").exit_code == 0

    save_session(kept)
    result = cli("reviews")
    assert result.exit_code == 1
    assert "signed in" in result.stderr


def test_logout_forgets_even_where_the_door_is_gone(cli: CommandLine) -> None:
    door = "http://127.0.0.1:1"
    save_session(Session(door=door, person="P", name="n", csrf="c", expires_at="", cookies={"presscheck": "t"}))

    told = cli.json("logout")

    assert told["ended"] is False
    with pytest.raises(NotSignedIn):
        load_session(door)


def test_somebody_who_is_not_signed_in_is_told_how(cli: CommandLine) -> None:
    result = cli("reviews")

    assert result.exit_code == 1
    assert "`presscheck login`" in result.stderr


@pytest.mark.parametrize("mode", [0o640, 0o604, 0o666])
def test_a_session_that_others_can_read_is_not_used(cli: CommandLine, mode: int) -> None:
    door = "http://127.0.0.1:1"
    save_session(Session(door=door, person="P", name="n", csrf="c", expires_at="", cookies={"presscheck": "t"}))
    session_file().chmod(mode)

    result = cli("reviews")

    assert result.exit_code == 1
    assert "others may read this file" in result.stderr


def test_a_broken_session_file_is_said_to_be_broken(cli: CommandLine) -> None:
    save_session(Session(door="http://127.0.0.1:1", person="P", name="n", csrf="c", expires_at="", cookies={}))
    session_file().write_text("{}{")

    assert "delete the file and sign in again" in cli("reviews").stderr


@pytest.mark.usefixtures("environment")
def test_sessions_at_two_doors_are_kept_apart(tmp_path: Path) -> None:
    one = Session(door="http://127.0.0.1:1", person="P-1", name="n", csrf="c", expires_at="", cookies={})
    two = one.model_copy(update={"door": "http://127.0.0.1:2", "person": "P-2"})

    save_session(one)
    save_session(two)
    forget_session(one.door)

    assert load_session(two.door) == two
    with pytest.raises(NotSignedIn):
        load_session(one.door)


@pytest.mark.usefixtures("environment")
def test_a_link_in_the_place_of_the_session_file_is_replaced_and_not_followed(tmp_path: Path) -> None:
    elsewhere = tmp_path / "elsewhere"
    elsewhere.write_text("mine")
    session_file().parent.mkdir()
    os.symlink(elsewhere, session_file())
    os.chmod(elsewhere, 0o600)

    save_session(Session(door="http://127.0.0.1:1", person="P", name="n", csrf="c", expires_at="", cookies={}))

    assert elsewhere.read_text() == "mine"
    assert not session_file().is_symlink()
