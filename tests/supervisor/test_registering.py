"""The process that loads flow files: whatever such a file does, it ends when nobody waits for it any more."""

import os
import signal
import subprocess
import sys
from pathlib import Path

from tests.worker.engines import is_alive, until

DEAF = """\
import signal

from presscheck import campaign, deliver

signal.signal(signal.SIGTERM, signal.SIG_IGN)


@campaign
def deaf():
    return deliver(None)
"""


def test_it_does_not_outlive_its_starter_though_a_flows_file_takes_no_signal(tmp_path: Path) -> None:
    (tmp_path / "flows").mkdir()
    (tmp_path / "flows/deaf.py").write_text(DEAF)
    command = [sys.executable, "-m", "presscheck.supervisor.registering", "answers", "go", "{}"]
    start = f"import subprocess as s; run = s.Popen({command!r}); print(run.pid, flush=True); run.wait()"
    with subprocess.Popen([sys.executable, "-c", start], cwd=tmp_path, stdout=subprocess.PIPE, text=True) as starter:
        assert starter.stdout is not None
        loading = int(starter.stdout.readline())
        answers = tmp_path / "answers"
        until(lambda: answers.exists() and len(answers.read_text().splitlines()) == 3)
        os.kill(loading, signal.SIGTERM)
        assert is_alive(loading)

        starter.kill()

    until(lambda: not is_alive(loading))
