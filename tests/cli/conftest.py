"""The command line against a real door, a real ledger and a session file of the test's own."""

import json
from collections.abc import Callable
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import pytest
from click.testing import CliRunner, Result

from presscheck.cli import main
from presscheck.cli.signed_in import Session, save_session
from tests.door.conftest import _servers, house, open_house
from tests.door.house import House

# The fixtures of the door's tests, which are found here by name.
__all__ = ["_servers", "house", "open_house"]


@dataclass
class CommandLine:
    """`cli("reviews", "--mine")`: what was printed and how it ended."""

    environment: dict[str, str]

    def __call__(self, *arguments: str, typed: str = "") -> Result:
        return CliRunner().invoke(main, arguments, input=typed, env=self.environment)

    def json(self, *arguments: str) -> Any:
        """The one document that --json printed; anything beside it is a failure."""
        return json.loads(self(*arguments, "--json").stdout)


@pytest.fixture
def project(tmp_path: Path) -> Path:
    folder = tmp_path / "project"
    folder.mkdir()
    return folder


@pytest.fixture
def environment(project: Path, home: Path, tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> dict[str, str]:
    values = {
        "PRESSCHECK_PROJECT": str(project),
        "PRESSCHECK_HOME": str(home),
        "PRESSCHECK_SESSION_FILE": str(tmp_path / "config" / "session.json"),
        # A port on which nobody listens, so that no test meets a door that it did not open.
        "PRESSCHECK_DOOR_PORT": "1",
        "PRESSCHECK_PREFECT_PORT": "1",
    }
    for name, value in values.items():
        monkeypatch.setenv(name, value)
    return values


@pytest.fixture
def cli(environment: dict[str, str]) -> CommandLine:
    """The command line of a project whose door is not there."""
    return CommandLine(environment)


@pytest.fixture
def at_door(house: House, environment: dict[str, str]) -> CommandLine:
    """The command line of nobody yet, before an open door."""
    environment["PRESSCHECK_DOOR_URL"] = house.url
    return CommandLine(environment)


@pytest.fixture
def as_person(house: House, at_door: CommandLine) -> Callable[[str], CommandLine]:
    """The command line as one of the scene's people: ana, cleo, ben, uma or eva."""

    def signed_in(name: str) -> CommandLine:
        visitor = house.visitor(name)
        session = Session(
            door=house.url,
            person=f"P-{name}",
            name=name,
            csrf=visitor.csrf,
            expires_at="2026-03-02T21:00:00.000000Z",
            cookies={"presscheck": visitor.token},
        )
        save_session(session)
        return at_door

    return signed_in
