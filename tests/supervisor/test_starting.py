"""Starting: the door first, the rest beside Prefect's server; each step is told, and what fails ends the others."""

import contextlib
import io
import json
import re
import secrets
import socket
import sys
import threading
from collections.abc import Callable
from dataclasses import replace
from pathlib import Path
from typing import Any

import pytest

from presscheck.errors import PresscheckError
from presscheck.settings import Settings
from presscheck.settings.databases import PostgresSection
from presscheck.supervisor import Child, Supervisor, plan
from presscheck.supervisor.steps import Steps

ROOT = Path(__file__).parents[2]

# Stands where Prefect's server stands, and answers when WHEN is so. It has seen a worker AT a time.
_PREFECT = """
import http.server, json, os, socket, sys, time
from datetime import UTC, datetime
def door_listens():
    with socket.socket() as probe:
        return probe.connect_ex(("127.0.0.1", int(sys.argv[2]))) == 0
while not WHEN:
    time.sleep(0.05)
class Answers(http.server.BaseHTTPRequestHandler):
    def do_GET(self):
        self.answer({})
    def do_POST(self):
        self.rfile.read(int(self.headers["content-length"]))
        self.answer([{"last_heartbeat_time": AT}] if self.path.endswith("/workers/filter") else [])
    def answer(self, body):
        self.send_response(200)
        self.end_headers()
        self.wfile.write(json.dumps(body).encode())
http.server.HTTPServer(("127.0.0.1", int(sys.argv[1])), Answers).serve_forever()
"""


def _prefect(*, when: str = "door_listens()", at: str = "datetime.now(UTC).isoformat()") -> str:
    return _PREFECT.replace("WHEN", when).replace("AT}", at + "}")


_DOOR = """
import socket, sys, time
with socket.create_server(("127.0.0.1", int(sys.argv[2]))):
    time.sleep(600)
"""
_WAITS = "import time; time.sleep(600)"


def _free_port() -> int:
    # Below those that the system hands out to whoever asks for any: it is used a second or two later.
    while True:
        port = 20_000 + secrets.randbelow(12_000)
        with socket.socket() as probe, contextlib.suppress(OSError):
            probe.bind(("127.0.0.1", port))
            return port


@pytest.fixture
def settings(tmp_path: Path) -> Settings:
    return Settings(
        project=ROOT, home=tmp_path / "home", data=tmp_path, door_port=_free_port(), prefect_port=_free_port()
    ).resolved()


@pytest.fixture
def stands_in(settings: Settings, monkeypatch: pytest.MonkeyPatch) -> Callable[..., None]:
    """`stands_in(door=CODE)`: another program where one of the four is started; all four wait by themselves."""

    def stand(**programs: str) -> None:
        for name, program in programs.items():
            real: Callable[[Settings], Child] = getattr(plan, name)

            def planned(asked: Settings, program: str = program, real: Callable[[Settings], Child] = real) -> Child:
                ports = [str(asked.prefect_port), str(asked.door_port)]
                return replace(real(asked), command=[sys.executable, "-c", program, *ports])

            monkeypatch.setattr(plan, name, planned)

    stand(server=_prefect(), door=_DOOR, press=_WAITS, worker=_WAITS)
    return stand


def _state(settings: Settings) -> dict[str, Any]:
    return json.loads((settings.home / "up.json").read_text())


def _listens(port: int) -> bool:
    with socket.socket() as probe:
        return probe.connect_ex(("127.0.0.1", port)) == 0


@pytest.mark.slow
def test_the_door_answers_before_prefect_does_and_each_step_is_told_with_its_time(
    settings: Settings, stands_in: Callable[..., None]
) -> None:
    said: list[str] = []

    with Supervisor(settings, say=said.append) as supervisor:
        supervisor.start(deploy=False)
        state = _state(settings)

    steps = [re.sub(r"^ *\d+\.\d s  ", "", line).replace(settings.door_url, "URL") for line in said[:-1]]
    assert steps == [
        "keys and ledger are there",
        "the door answers at URL; Prefect is still starting",
        "Prefect's server answers",
        "the worker is at work",
    ]
    assert "Presscheck is up" in said[-1]
    assert list(state["steps"]) == ["keys and ledger", "the door", "Prefect's server", "the worker"]
    assert all(began <= done for began, done in state["steps"].values())
    assert list(state["processes"]) == ["server", "door", "press", "worker"]


@pytest.mark.slow
def test_whatever_would_keep_the_door_waiting_is_started_when_it_answers(
    settings: Settings, stands_in: Callable[..., None]
) -> None:
    said: list[tuple[str, list[str]]] = []

    def note(line: str) -> None:
        state = settings.home / "up.json"
        said.append((line, list(_state(settings)["processes"]) if state.exists() else []))

    with Supervisor(settings, say=note) as supervisor:
        supervisor.start(deploy=False)

    (running,) = [processes for line, processes in said if "the door answers" in line]
    assert running == ["server", "door"]


@pytest.mark.slow
@pytest.mark.parametrize(
    ("which", "called"), [("door", "the door"), ("server", "Prefect's server"), ("worker", "the worker")]
)
def test_what_does_not_come_up_is_told_with_its_last_words_and_the_others_are_ended(
    settings: Settings, stands_in: Callable[..., None], which: str, called: str
) -> None:
    # Its last worker was of another start.
    stands_in(server=_prefect(at="'2020-01-01T00:00:00Z'"))
    stands_in(**{which: "raise SystemExit('no room for me')"})

    with pytest.raises(PresscheckError, match=f"{called} did not come up; it said:\nno room for me"):
        with Supervisor(settings, say=lambda line: None) as supervisor:
            supervisor.start(deploy=False)

    assert not _listens(settings.door_port)
    assert not _listens(settings.prefect_port)
    assert not (settings.home / "up.json").exists()


@pytest.mark.slow
def test_a_press_that_dies_at_the_start_is_told_and_started_again_as_ever(
    settings: Settings, stands_in: Callable[..., None]
) -> None:
    told = settings.home / "told"
    stands_in(press="raise SystemExit(3)", server=_prefect(when=f"os.path.exists({str(told)!r})"))
    said: list[str] = []

    def note(line: str) -> None:
        said.append(line)
        if "the press ended" in line:
            told.touch()

    with Supervisor(settings, say=note) as supervisor:
        supervisor.start(deploy=False)

    assert any("the press ended (exit code 3); starting it again in 1 s" in line for line in said)
    assert "Presscheck is up" in said[-1]


@pytest.mark.slow
def test_told_to_stop_while_it_starts_it_stops_and_does_not_say_that_it_is_up(
    settings: Settings, stands_in: Callable[..., None]
) -> None:
    stands_in(server=_WAITS)
    said: list[str] = []

    with Supervisor(settings, say=said.append) as supervisor:
        threading.Timer(0.5, supervisor.stopping.set).start()
        supervisor.start(deploy=False)

    assert "Presscheck is up" not in "".join(said)
    assert not _listens(settings.door_port)


def test_ports_of_a_supervisor_that_was_killed_are_waited_for(settings: Settings) -> None:
    settings.home.mkdir(parents=True)
    (settings.home / "up.json").write_text("{}")
    taken = socket.create_server(("127.0.0.1", settings.door_port))
    threading.Timer(0.5, taken.close).start()
    away = PostgresSection(prefect_url="postgresql://presscheck_prefect@127.0.0.1:1/prefect")

    # The next thing that is looked at.
    with pytest.raises(PresscheckError, match="Prefect's own database"):
        with Supervisor(settings.model_copy(update={"postgres": away})) as supervisor:
            supervisor.start()


def test_on_a_terminal_a_line_below_says_what_is_under_way(monkeypatch: pytest.MonkeyPatch) -> None:
    terminal = _Terminal()
    monkeypatch.setattr(sys, "stdout", terminal)
    monkeypatch.setenv("TERM", "xterm")
    steps = Steps(lambda line: print(line))

    with steps.shown():
        steps.begin("Prefect's server")
        steps.begin("the door")
        steps.done("the door", "the door answers")

    shown = terminal.getvalue()
    assert "the door answers" in shown
    assert "s  Prefect's server" in shown


def test_in_a_log_there_are_lines_and_nothing_else(capsys: pytest.CaptureFixture[str]) -> None:
    steps = Steps(lambda line: print(line))

    with steps.shown():
        steps.begin("the door")
        steps.done("the door", "the door answers")

    assert re.fullmatch(r" +\d+\.\d s  the door answers\n", capsys.readouterr().out)


class _Terminal(io.StringIO):
    def isatty(self) -> bool:
        return True
