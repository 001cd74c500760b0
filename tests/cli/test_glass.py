"""`presscheck glass`, and step-up on the terminal."""

import os
import subprocess
import sys
from collections.abc import Callable
from datetime import UTC, datetime, timedelta
from typing import Any

import pyotp
import pytest

from presscheck.cli.signed_in import Session, load_session, save_session
from presscheck.people.rights import Grant
from tests.cli.conftest import CommandLine
from tests.desk.scene import BRIEF, Scene
from tests.door.house import House, Visitor

As = Callable[[str], CommandLine]
REASON = "The product is being recalled before the shops open."
_PASSWORD = "four unrelated odd words"


@pytest.fixture
def glass(as_person: As, house: House) -> str:
    """What ana asked for."""
    house.enrol("lena", "legal")
    house.enrol("eddie", "ethics_officer")
    review = house.scene.review.id
    told = as_person("ana").json("glass", "break", review, "--pick", "V01", "--reason", REASON)
    return str(told["glass"]["id"])


@pytest.mark.slow
def test_glass_is_broken_told_and_reviewed(as_person: As, glass: str) -> None:
    waits = as_person("lena")("reviews")
    confirmed = as_person("lena")("glass", "confirm", glass)
    listed = as_person("eddie")("glass", "list")
    asked = as_person("eddie")("reviews")
    reviewed = as_person("eddie")("glass", "review", glass, "--finding", "justified", "--note", "Nobody was on duty.")

    assert f"presscheck glass confirm {glass}" in waits.stdout
    assert confirmed.exit_code == 0, confirmed.output
    assert REASON in listed.stdout
    assert "ana and lena" in listed.stdout
    assert f"presscheck glass review {glass}" in asked.stdout
    assert (reviewed.exit_code, "justified" in reviewed.stdout) == (0, True)


def test_who_asked_cannot_confirm_and_can_take_it_back(as_person: As, glass: str) -> None:
    alone = as_person("ana")("glass", "confirm", glass)
    back = as_person("ana")("glass", "decline", glass)

    assert alone.exit_code == 1
    assert "It takes two people" in alone.stderr
    assert back.exit_code == 0


@pytest.mark.slow
def test_the_doctor_and_the_story_tell_it(as_person: As, glass: str, house: House) -> None:
    as_person("lena")("glass", "confirm", glass)
    house.scene.ledgers.clock.advance(days=3)

    story, doctor = as_person("eddie")("history"), as_person("eddie")("doctor")

    assert f"{glass}: reviewed by nobody for more than three days" in doctor.stdout
    assert story.stdout.count("BROKEN GLASS") == 3, story.output


def test_without_a_terminal_it_is_said_what_to_do(as_person: As, house: House) -> None:
    cli = as_person("ana")
    house.scene.ledgers.clock.advance(minutes=11)

    result = cli("glass", "break", house.scene.review.id, "--pick", "V01", "--reason", REASON)

    assert result.exit_code == 1
    assert "There is no terminal to ask you on" in result.stderr
    assert "presscheck login" in result.stderr


@pytest.mark.slow
def test_on_a_terminal_it_asks_proves_and_goes_on(
    open_house: Any, sqlite_ledgers: Any, environment: dict[str, str]
) -> None:
    import pty

    # The command line's own clock decides whether a cookie is over, so everything happens now.
    sqlite_ledgers.clock.now = datetime.now(UTC)
    brief = BRIEF.model_copy(update={"deadline": sqlite_ledgers.clock().date() + timedelta(days=9), "claims": ()})
    house = open_house(scene=Scene(sqlite_ledgers, brief=brief))
    environment["PRESSCHECK_DOOR_URL"] = house.url
    nia, secret = _nia(house)
    visitor = Visitor(house, nia)
    save_session(
        Session(
            door=house.url, person=nia, name="nia", csrf=visitor.csrf, expires_at="",
            cookies={"presscheck": visitor.token},
        )
    )  # fmt: skip
    house.scene.ledgers.clock.advance(minutes=11)
    ours, theirs = pty.openpty()
    command = [sys.executable, "-m", "presscheck.cli", "glass", "break", house.scene.review.id, "--pick", "V01"]
    process = subprocess.Popen(
        [*command, "--reason", REASON],
        stdin=theirs, stdout=theirs, stderr=theirs, start_new_session=True, env=os.environ | environment,
    )  # fmt: skip
    os.close(theirs)

    code = pyotp.TOTP(secret).at(house.ledger.clock())
    seen = _talk(ours, [(b"Password: ", _PASSWORD), (b"Code: ", code)])

    assert process.wait(timeout=20) == 0, seen
    assert "Asked: G-" in seen
    assert _PASSWORD not in seen
    assert load_session(house.url).csrf != visitor.csrf
    assert CommandLine(environment)("reviews").exit_code == 0, "the session that was kept is the fresh one"


def _talk(terminal: int, answers: list[tuple[bytes, str]]) -> str:
    """Answer each prompt as it comes; everything that was shown."""
    seen = b""
    while True:
        try:
            piece = os.read(terminal, 4096)
        except OSError:
            piece = b""
        if not piece:
            return seen.decode()
        seen += piece
        if answers and seen.endswith(answers[0][0]):
            os.write(terminal, answers.pop(0)[1].encode() + b"\n")


def _nia(house: House) -> tuple[str, str]:
    """A brand lead with a password: id and secret."""
    house.enrol("root", "administrator")
    grants = [Grant(role="brand_lead", markets="all")]
    invited: Any = house.accounts.invite(email="nia@brand.example", name="nia", grants=grants, by="P-root")
    other: Any = house.accounts.confirm(invited.proposal, by="P-ana")
    code = f"{invited.code} {other.code}"
    start: Any = house.accounts.begin(code)
    digits = pyotp.TOTP(start.secret).at(house.ledger.clock())
    person = house.accounts.enrol(code, start.sealed, password=_PASSWORD, code=digits)
    assert isinstance(person, str), person
    return person, start.secret
