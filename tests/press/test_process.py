"""The press as a process: ready, delivering, stopped by a signal, and clear about what is wrong."""

import os
import signal
import subprocess
import sys
import time
from datetime import date
from pathlib import Path

import pytest

from tests.desk.scene import BRIEF, Ledgers, Scene
from tests.press.stand import Stand

ROOT = Path(__file__).resolve().parents[2]


def _start(project: Path) -> "subprocess.Popen[str]":
    environ = {**os.environ, "PRESSCHECK_PROJECT": str(project), "PYTHONPATH": str(ROOT)}
    environ["PRESSCHECK_HOME"] = "home"
    environ["PRESSCHECK_POLL_SECONDS"] = "0.1"
    return subprocess.Popen(
        [sys.executable, "-m", "presscheck.press"], env=environ, stderr=subprocess.PIPE, text=True, cwd=project
    )


@pytest.mark.slow
def test_the_process_says_what_is_missing_and_ends(tmp_path: Path) -> None:
    process = _start(tmp_path)

    _, said = process.communicate(timeout=60)

    assert process.returncode in (2, 3)
    assert "presscheck up" in said
    assert "Traceback" not in said


@pytest.mark.slow
def test_the_process_delivers_and_stops_at_sigterm(sqlite_ledgers: Ledgers, tmp_path: Path) -> None:
    # The process has the real clock, so this brief has to be good for long.
    claims = (BRIEF.claims[0].model_copy(update={"expires": None}),)
    brief = BRIEF.model_copy(update={"deadline": date(2199, 1, 1), "claims": claims})
    stand = Stand(Scene(sqlite_ledgers, brief=brief))
    delivery = stand.approve_and_request()
    process = _start(tmp_path)
    try:
        for _ in range(600):
            if stand.row(delivery).state in ("done", "held") or process.poll() is not None:
                break
            time.sleep(0.1)
    finally:
        process.send_signal(signal.SIGTERM)
        _, said = process.communicate(timeout=60)

    assert process.returncode == 0, said
    assert "the press is ready" in said
    assert f"{delivery} is done: 7 sent" in said
    assert len(stand.files()) == 7
