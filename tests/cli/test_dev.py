"""`presscheck dev`: a campaign is played seconds after each save, in a process that leaves nothing behind."""

import json
import os
import pty
import queue
import signal
import subprocess
import sys
import threading
import time
from collections.abc import Callable, Iterator
from datetime import UTC, datetime
from pathlib import Path
from typing import Any

import pytest

from presscheck.starter import make_project

pytestmark = [pytest.mark.slow, pytest.mark.usefixtures("needs_a_server")]

_PATIENCE_SECONDS = 90
AUDIENCE = "    recipients = require_audience(campaign)"
"""A line of the starter's flow, between two steps."""
# Whatever somebody's shell and the project's settings name of the real world.
_REAL = {
    "PRESSCHECK_VIA": "smtp",
    "PRESSCHECK_SECRET_SMTP": "a-real-password",
    "PREFECT_API_URL": "http://127.0.0.1:1/api",
}


@pytest.fixture
def project(tmp_path: Path) -> Path:
    make_project(tmp_path / "shop", campaign="spring-mug", author="me@example.com", as_of=datetime.now(UTC).date())
    return tmp_path / "shop"


@pytest.fixture
def scratch(tmp_path: Path) -> Path:
    """Where temporary folders are made: nothing may be left there."""
    (tmp_path / "scratch").mkdir()
    return tmp_path / "scratch"


class Dev:
    """The command, with its events and a keyboard."""

    def __init__(self, project: Path, scratch: Path, *arguments: str) -> None:
        self.process = subprocess.Popen(
            [sys.executable, "-m", "presscheck.cli", "dev", "spring-mug", "--json", *arguments],
            cwd=project,
            env={**os.environ, **_REAL, "TMPDIR": str(scratch)},
            stdin=subprocess.PIPE,
            stdout=subprocess.PIPE,
            stderr=subprocess.PIPE,
            text=True,
            start_new_session=True,
        )
        self._events: queue.Queue[dict[str, Any]] = queue.Queue()
        threading.Thread(target=self._read, daemon=True).start()

    def _read(self) -> None:
        assert self.process.stdout is not None
        for line in self.process.stdout:
            self._events.put(json.loads(line))

    def type(self, line: str) -> None:
        assert self.process.stdin is not None
        self.process.stdin.write(f"{line}\n")
        self.process.stdin.flush()

    def until(self, *wanted: str) -> dict[str, Any]:
        """The next event of one of these kinds."""
        seen: list[str] = []
        while True:
            try:
                event = self._events.get(timeout=_PATIENCE_SECONDS)
            except queue.Empty:
                pytest.fail(f"no {wanted} after {seen}; it ended with {self.process.poll()}")
            seen.append(event["event"])
            if event["event"] in wanted:
                return event

    def family(self) -> set[int]:
        """Itself and whatever it has started."""
        found = {self.process.pid}
        for _ in range(5):
            for place in Path("/proc").glob("[0-9]*/stat"):
                try:
                    number, parent = int(place.parent.name), int(place.read_text().rpartition(")")[2].split()[1])
                except (OSError, ValueError):
                    continue
                if parent in found:
                    found.add(number)
        return found


@pytest.fixture
def start(project: Path, scratch: Path) -> Iterator[Callable[..., Dev]]:
    running: list[Dev] = []

    def begin(*arguments: str) -> Dev:
        running.append(Dev(project, scratch, *arguments))
        return running[-1]

    yield begin
    for dev in running:
        dev.process.kill()
        dev.process.communicate()


def replaced(path: Path, before: str, after: str) -> None:
    text = path.read_text()
    assert before in text
    path.write_text(text.replace(before, after))


def within(true: Callable[[], bool]) -> bool:
    until = time.monotonic() + 20
    while not true() and time.monotonic() < until:
        time.sleep(0.05)
    return true()


def gone(numbers: set[int]) -> bool:
    return within(lambda: not any(Path(f"/proc/{number}").exists() for number in numbers))


def everything(folder: Path) -> dict[str, bytes]:
    return {str(path.relative_to(folder)): path.read_bytes() for path in sorted(folder.rglob("*")) if path.is_file()}


def test_each_save_plays_it_again_with_the_answers_of_before_and_faults_wait_for_the_next(
    start: Callable[..., Dev], project: Path, scratch: Path
) -> None:
    flow, brief = project / "flows" / "spring_mug.py", project / "briefs" / "spring_mug.yaml"
    sound, title = flow.read_text(), "title: Spring mug"
    line = 1 + sound.splitlines().index(AUDIENCE)
    dev = start()

    first = dev.until("question")
    dev.type("a V01,V02")
    delivered = dev.until("ended")
    replaced(brief, title, "title: Another mug")
    given = dev.until("given")
    again = dev.until("ended")
    flow.write_text(sound.replace(AUDIENCE, "    recipients = ("))
    broken = dev.until("faults")
    flow.write_text(sound.replace('gate="copy"', 'gate="words"'))
    uncovered = dev.until("ended")
    flow.write_text(sound)
    brief.write_text(brief.read_text().replace("title:", "titel:"))
    held = dev.until("ended")
    (project / "policies" / "guardrails" / "our-words.yaml").write_text("kind: guardrail\n")
    brief.write_text(brief.read_text().replace("titel:", "title:"))
    wrong = dev.until("faults")
    made_before_the_end = everything(project)
    family = dev.family()
    dev.process.send_signal(signal.SIGINT)
    ended = dev.process.wait(timeout=_PATIENCE_SECONDS)

    assert (first["question"]["gate"], first["role"]) == ("copy", "brand_lead")
    assert first["question"]["who_may"]["why"]
    assert first["outbox"]["messages"] == 0
    assert (delivered["state"], delivered["outbox"]["messages"]) == ("Delivered", 22)
    assert given["message"] == "copy, round 1: approve V01, V02"
    assert (again["state"], again["outbox"]["messages"]) == ("Delivered", 22)
    assert again["outbox"]["folder"] != delivered["outbox"]["folder"]
    assert [(fault["path"], fault["line"]) for fault in broken["faults"]] == [("flows/spring_mug.py", line)]
    assert "Traceback" not in broken["message"]
    assert uncovered["state"] == "Held"
    assert "approval policy" in uncovered["message"]
    assert [line.partition(": ")[0] for line in held["message"].splitlines()] == [
        "briefs/spring_mug.yaml:2",
        "briefs/spring_mug.yaml:3",
    ]
    assert {fault["path"].rpartition("/")[2] for fault in wrong["faults"]} == {"our-words.yaml"}
    assert all(fault["line"] for fault in wrong["faults"])
    assert ended == 130
    assert len(family) > 2
    assert gone(family)
    assert list(scratch.iterdir()) == []
    assert everything(project) == made_before_the_end
    assert not (project / ".presscheck").exists()
    assert not list(project.rglob("__pycache__"))


def test_a_flow_is_told_where_it_raised_and_what_it_prints_is_shown_and_a_kill_leaves_nothing(
    start: Callable[..., Dev], project: Path, scratch: Path
) -> None:
    flow = project / "flows" / "spring_mug.py"
    sound = flow.read_text()
    flow.write_text(sound.replace(AUDIENCE, '    print("\\x1b[31mhere")\n    answer = {}["colour"]'))
    line = 1 + flow.read_text().splitlines().index('    answer = {}["colour"]')
    dev = start()

    printed = dev.until("printed")
    raised = dev.until("ended")
    log = Path(dev.until("log")["path"]).read_text()
    flow.write_text(sound.replace(AUDIENCE, "    import os\n    os._exit(7)"))
    ended_itself = dev.until("trouble")
    flow.write_text(sound)
    mended = dev.until("question", "trouble")
    family = dev.family()
    dev.process.kill()
    dev.process.communicate()

    assert printed["text"] == "\x1b[31mhere"
    assert raised["message"] == f"flows/spring_mug.py:{line}: KeyError: 'colour' at “answer = {{}}[\"colour\"]”"
    assert "Traceback" in log
    assert "ended from within" in ended_itself["message"]
    assert mended["event"] == "question"
    assert gone(family)
    assert within(lambda: not list(scratch.iterdir()))


ATTACK = """
    import os, smtplib, sqlite3
    from presscheck.ledger import EventKind
    from presscheck.press.channels.opening import open_channels
    from presscheck.settings.secrets import find_secret
    from presscheck.wiring import open_ledger, read_settings
    from tasks import house
    settings = read_settings()
    ledger = open_ledger(settings, "door")
    with ledger.write() as tx:
        tx.append(EventKind.RUN_REQUESTED, "mine", {"person": "P-legal"})
    with house.ledger().read() as tx:
        found = len(tx.events(EventKind.RUN_REQUESTED, subject="mine"))
    names = [name for name in os.environ if "SECRET_" in name or "a-real-password" in os.environ[name]]
    print(found, ledger.place, sorted(open_channels(settings)), find_secret(settings, "smtp"), names)
    from presscheck import wait
    wait("36h")
"""


def test_a_flow_that_reaches_for_the_real_ledger_and_ways_out_finds_those_that_are_thrown_away(
    start: Callable[..., Dev], project: Path, scratch: Path
) -> None:
    (project / "real").mkdir()
    (project / "presscheck.toml").write_text(
        f'home = "real"\nledger_url = "sqlite:///{project}/real/ledger.db"\nvia = "smtp"\n'
        '[mail]\nhost = "127.0.0.1"\nport = 9\ntls = "none"\n'
    )
    replaced(project / "flows" / "spring_mug.py", AUDIENCE, f"{ATTACK}\n{AUDIENCE}")
    (project / "answers.yaml").write_text(
        "- {asleep: true, decision: let_time_pass}\n"
        "- {gate: copy, decision: request_changes, reason: voice, note: Shorter.}\n- {round: 2, decision: wake}\n"
        "- {gate: copy, round: 2, who: brand_lead, decision: approve, picks: [V01]}\n"
    )
    before = everything(project)
    dev = start("--once", "--answers", "answers.yaml")

    printed = dev.until("printed")["text"]
    delivered = dev.until("ended")
    _, trouble = dev.process.communicate(timeout=60)

    assert printed.startswith("1 sqlite:///")
    assert str(scratch) in printed
    assert printed.strip().endswith("['outbox'] None []")
    assert (delivered["state"], delivered["outbox"]["messages"]) == ("Delivered", 22)
    assert delivered["outbox"]["folder"].startswith(str(scratch))
    assert everything(project) == before
    assert (dev.process.returncode, trouble) == (0, "")
    assert list(scratch.iterdir()) == []


def test_ctrl_c_at_a_terminal_ends_it_at_once(project: Path, scratch: Path) -> None:
    parent, child = pty.openpty()
    dev = subprocess.Popen(
        [sys.executable, "-m", "presscheck.cli", "dev", "flows/spring_mug.py"],
        cwd=project, env={**os.environ, "TMPDIR": str(scratch)}, stdin=child, stdout=child, stderr=child,
        preexec_fn=_own_terminal,
    )  # fmt: skip
    os.close(child)
    shown = b""
    while b"quit" not in shown:
        shown += os.read(parent, 4096)
    os.write(parent, b"\x03")
    ended = dev.wait(timeout=_PATIENCE_SECONDS)
    os.close(parent)

    assert b"Answered by brand_lead" in shown
    assert b"Traceback" not in shown
    assert ended == 130
    assert list(scratch.iterdir()) == []


def _own_terminal() -> None:
    import fcntl
    import termios

    os.setsid()
    fcntl.ioctl(0, termios.TIOCSCTTY, 0)


@pytest.mark.parametrize(
    ("arguments", "said"),
    [
        (["spring-mug", "--set", "brief"], "brief is not KEY=VALUE"),
        (["spring-mug", "--set", "a=1", "--set", "a=2"], "is given twice"),
    ],
)
def test_what_is_wrong_with_the_command_is_told_before_anything_starts(
    project: Path, arguments: list[str], said: str
) -> None:
    from click.testing import CliRunner

    from presscheck.cli import main

    told = CliRunner().invoke(main, ["--project", str(project), "dev", *arguments])

    assert told.exit_code == 2
    assert said in told.stderr
