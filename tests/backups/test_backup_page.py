"""docs/backup.md: every command of the page does what it says, on both databases."""

import os
import re
from collections.abc import Callable
from pathlib import Path
from typing import Any

import httpx
import pytest
from click.testing import CliRunner, Result

from presscheck.cli import main
from presscheck.cli.signed_in import Session, save_session
from presscheck.door.app import make_app
from presscheck.ledger import utc_now
from presscheck.settings import Settings
from tests.backups.disaster import Disaster
from tests.backups.test_restoring import go_on
from tests.door.conftest import _servers
from tests.door.house import AUTH, PLAIN, House, Upstream
from tests.running import ROOT

__all__ = ["_servers"]

_BLOCK = re.compile(r"<!-- run(?:: (?P<where>\w+)| as (?P<who>\w+))? -->\n```\n(?P<commands>.*?)```", re.S)
LOST = "6f0c6a52-0000-4000-8000-00000000dead"
"""A run that Prefect knows and the restored ledger does not."""
_FINGERPRINT = re.compile(r"[0-9a-f]{4}-[0-9a-f]{4}-[0-9a-f]{4}")


class Reader:
    """Does what the page says, with the folders and the fingerprint of this test."""

    def __init__(self, tmp_path: Path, monkeypatch: pytest.MonkeyPatch, disaster: Disaster) -> None:
        self.shown = ""
        self.folder = tmp_path
        self.old = disaster.ledgers.url
        (tmp_path / "project").mkdir(exist_ok=True)
        monkeypatch.chdir(tmp_path)
        for name, value in {
            "PRESSCHECK_PROJECT": str(tmp_path / "project"),
            "PRESSCHECK_HOME": str(disaster.ledgers.home),
            "PRESSCHECK_LEDGER_URL": disaster.ledgers.url,
            "PRESSCHECK_SESSION_FILE": str(tmp_path / "config" / "session.json"),
        }.items():
            monkeypatch.setenv(name, value)

    def run(self, line: str) -> Result:
        line = line.replace("/mnt", str(self.folder / "mnt")).replace("postgresql://db.example/presscheck", self.old)
        if signs := _FINGERPRINT.search(line):
            line = line.replace(signs[0], _FINGERPRINT.findall(self.shown)[-1])
        done = CliRunner().invoke(main, line.split()[1:])
        assert done.exit_code == 0, f"{line}\n{done.output}"
        self.shown = done.output
        return done


@pytest.fixture
def open_door(_servers: Any) -> Any:
    door, outer, inner, behind = _servers
    client = httpx.AsyncClient(base_url=f"http://127.0.0.1:{inner.port}", verify=PLAIN, trust_env=False)

    def opened(found: Disaster) -> House:
        upstream = Upstream()
        upstream.answers["/api/flow_runs/filter"] = (
            200,
            [{"id": "6f0c6a52-0000-4000-8000-00000000dead", "name": "old"}],
        )
        behind.app = upstream.app()
        settings = Settings(home=found.ledgers.home, door_port=door.port).resolved()
        outer.app = make_app(
            settings, ledger=found.ledgers.door, desk=found.scene.desk, client=client, prefect_auth=AUTH, ring=False
        )
        return House(found.scene, upstream, f"http://127.0.0.1:{door.port}", door.port, outer.app, settings)

    yield opened
    outer.finish(client.aclose())


def sign_in(house: House, name: str, monkeypatch: pytest.MonkeyPatch) -> None:
    visitor = house.visitor(name)
    monkeypatch.setenv("PRESSCHECK_DOOR_URL", house.url)
    cookies = {"presscheck": visitor.token}
    told = {"person": f"P-{name}", "name": name, "csrf": visitor.csrf, "expires_at": "2036-01-01T00:00:00.000000Z"}
    save_session(Session(door=house.url, cookies=cookies, **told))


@pytest.mark.slow
def test_every_command_of_the_page_does_what_it_says(
    disaster: Disaster,
    tmp_path: Path,
    monkeypatch: pytest.MonkeyPatch,
    open_door: Callable[[Disaster], House],
) -> None:
    page = (ROOT / "docs" / "backup.md").read_text("utf-8")
    blocks = [match.groupdict() for match in _BLOCK.finditer(page)]
    here = "sqlite" if disaster.ledgers.url.startswith("sqlite") else "postgresql"
    reader = Reader(tmp_path, monkeypatch, disaster)
    ran: list[str] = []
    for block in blocks:
        if block["where"] not in (None, here):
            continue
        if block["who"] is not None:
            sign_in(open_door(disaster), block["who"], monkeypatch)
        for line in block["commands"].splitlines():
            if " restore " in line:
                go_on(disaster)
                for ledger in (disaster.ledgers.door, disaster.ledgers.worker, disaster.ledgers.press):
                    ledger.close()
                monkeypatch.setenv("PRESSCHECK_LEDGER_URL", disaster.fresh_url())
            told = reader.run(line).output
            ran.append(line.split()[1])
            if " restore " in line:
                assert "PEOPLE WHO LEFT SINCE: 1 were taken over" in told
                assert f"{disaster.delivery}: 4 messages went out of which this copy knows nothing" in told
                disaster.reopen(os.environ["PRESSCHECK_LEDGER_URL"], now=utc_now())
            if line == "presscheck gap":
                assert f"run old ({LOST}) is under way in Prefect" in told

    assert ran == ["backup", "restore", "gap", "gap", "gap", "history"]
    assert "With a gap on record, which two people signed, at event" in reader.shown
    stand = disaster.stand(disaster.ledgers)
    before = stand.files()
    stand.press.step()
    assert (disaster.state(disaster.delivery), stand.files()) == ("held", before)


@pytest.mark.slow
def test_on_another_machine_nothing_is_known_of_what_is_lost_and_that_is_said(
    disaster: Disaster, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    page = (ROOT / "docs" / "backup.md").read_text("utf-8")
    commands = {match["where"]: match["commands"].strip() for match in _BLOCK.finditer(page)}
    reader = Reader(tmp_path, monkeypatch, disaster)
    reader.run(next(match["commands"] for match in _BLOCK.finditer(page) if "backup" in match["commands"]).strip())
    go_on(disaster)
    for name in ("PRESSCHECK_HOME", "PRESSCHECK_LEDGER_URL", "PRESSCHECK_PROJECT"):
        monkeypatch.delenv(name)

    told = reader.run(commands["elsewhere"]).output

    assert "WHAT IS LOST IS NOT KNOWN" in told
    assert "PEOPLE WHO LEFT SINCE ARE NOT ALL KNOWN" in told
    done = CliRunner().invoke(main, ["--project", "shop", "history", "--verify"])
    assert (done.exit_code, "nobody has signed what it lacks" in done.output) == (1, True)
