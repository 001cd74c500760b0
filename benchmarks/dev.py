"""From a save to the next question with `presscheck dev`, and the starter's tests, beside an earlier commit's.

    .venv/bin/python benchmarks/dev.py [--times 5] [--before e500beb]

Makes the starter's project under the system's temporary folder. A round is: a save under a `presscheck dev` that is
warm, until the question is told; the same with the answer of before given again, until the delivery is told; the
starter's six tests, a `pytest` of their own; and one of them, up to the question. With --before the tests run once
more with the code of that commit, which `git archive` brings, in the same environment. All take turns, so that
whatever else the machine does falls on each. No time is a promise; the ratio is.
"""

import argparse
import json
import os
import resource
import statistics
import subprocess
import sys
import tempfile
import time
from collections.abc import Iterator
from contextlib import contextmanager
from datetime import UTC, datetime
from pathlib import Path
from typing import Any

from presscheck.starter import make_project

_ROOT = Path(__file__).resolve().parents[1]
_ONE = "only_who_has_the_right"
_ALL = "the starter's six tests"
_TO_QUESTION = "one test, up to the question"


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("--times", type=int, default=5, help="how many rounds (5)")
    parser.add_argument("--before", metavar="COMMIT", help="the commit to compare with")
    asked = parser.parse_args()
    found: dict[str, list[float]] = {}
    with tempfile.TemporaryDirectory(prefix="presscheck-dev-benchmark-") as name:
        folder = Path(name)
        now = {"": _ROOT} | ({} if asked.before is None else {" before": _checkout(folder / "before", asked.before)})
        project = folder / "shop"
        make_project(project, campaign="spring-mug", author="me@example.com", as_of=datetime.now(UTC).date())
        with _dev(project, found) as told:
            for number in range(asked.times):
                _saved(project, "first", told, found, "from a save to the question", number)
            _type(told, "a V01")
            _until(told, "ended")
            for number in range(asked.times):
                _saved(project, "then", told, found, "from a save to the delivery, the answer given again", number)
        for number in range(asked.times):
            for when, code in now.items():
                _pytest(found, _TO_QUESTION, when, project, code, "-k", _ONE)
                _pytest(found, _ALL, when, project, code)
            print(f"round {number + 1} of {asked.times} is over, load {os.getloadavg()[0]:.1f}", flush=True)
    for what, seconds in found.items():
        print(f"{what}: median of {len(seconds)} {statistics.median(seconds):.2f} s, at most {max(seconds):.2f} s")
    for what in [what for what in found if f"{what} before" in found]:
        ratio = statistics.median(found[what]) / statistics.median(found[f"{what} before"])
        print(f"{what}: ratio {ratio:.2f}")


def _checkout(folder: Path, commit: str) -> Path:
    folder.mkdir()
    archive = subprocess.run(["git", "archive", commit], cwd=_ROOT, check=True, capture_output=True).stdout
    subprocess.run(["tar", "-x"], cwd=folder, input=archive, check=True)
    # As an installed package is, and as the code beside this file is by now.
    subprocess.run([sys.executable, "-m", "compileall", "-q", str(folder)], check=True)
    return folder


@contextmanager
def _dev(project: Path, found: dict[str, list[float]]) -> Iterator["subprocess.Popen[str]"]:
    began = time.monotonic()
    command = [sys.executable, "-m", "presscheck.cli", "dev", "spring-mug", "--json"]
    told = subprocess.Popen(command, cwd=project, stdin=subprocess.PIPE, stdout=subprocess.PIPE, text=True)
    try:
        _until(told, "question")
        found["from the command to the first question"] = [time.monotonic() - began]
        yield told
        _type(told, "q")
        told.wait(timeout=30)
    finally:
        told.kill()
        told.communicate()


def _saved(
    project: Path, way: str, told: "subprocess.Popen[str]", found: dict[str, list[float]], what: str, number: int
) -> None:
    """A line more in the flow, and the seconds by our own clock, from before the file is written."""
    flow = project / "flows" / "spring_mug.py"
    text = flow.read_text("utf-8") + f"# {way} {number}\n"
    began = time.monotonic()
    flow.write_text(text, "utf-8")
    _until(told, "saved")
    _until(told, "question" if way == "first" else "ended")
    found.setdefault(what, []).append(time.monotonic() - began)


def _type(told: "subprocess.Popen[str]", line: str) -> None:
    assert told.stdin is not None
    told.stdin.write(f"{line}\n")
    told.stdin.flush()


def _until(told: "subprocess.Popen[str]", wanted: str) -> dict[str, Any]:
    assert told.stdout is not None
    for line in told.stdout:
        event: dict[str, Any] = json.loads(line)
        if event["event"] == wanted:
            return event
        if event["event"] in ("faults", "trouble"):
            raise SystemExit(f"dev says: {event['message']}")
    raise SystemExit(f"dev ended before it told the {wanted}")


def _pytest(found: dict[str, list[float]], what: str, when: str, project: Path, code: Path, *arguments: str) -> None:
    """Seconds, and those of the processors for all its processes: on a busy machine these say more."""
    env = {name: value for name, value in os.environ.items() if not name.startswith(("PRESSCHECK_", "PREFECT_"))}
    env["PYTHONPATH"] = str(code)
    command = [sys.executable, "-m", "pytest", *arguments]
    began, worked = time.monotonic(), _worked()
    done = subprocess.run(command, cwd=project, env=env, capture_output=True, text=True, check=False)
    if done.returncode:
        raise SystemExit(f"{done.stdout}\n{done.stderr}")
    found.setdefault(what + when, []).append(time.monotonic() - began)
    found.setdefault(f"{what}, of the processors{when}", []).append(_worked() - worked)


def _worked() -> float:
    used = resource.getrusage(resource.RUSAGE_CHILDREN)
    return used.ru_utime + used.ru_stime


if __name__ == "__main__":
    main()
