"""`presscheck up`: from the command to a door that answers and to everything, beside a bare Prefect server, in one run.

    .venv/bin/python benchmarks/up.py [--times 3]

Each round starts, in homes of its own under the system's temporary folder: a bare `prefect server start`; the order
of before (each process when the last one answers, Prefect's own migrations, a process of its own for `prefect
deploy`); `presscheck up` in a new home; and again in the home that is there then. They take turns, so that whatever
else the machine does falls on all. The timeline is what `up` itself wrote into up.json. No time is a promise; the
ratio is.
"""

import argparse
import contextlib
import json
import os
import resource
import signal
import socket
import statistics
import subprocess
import sys
import tempfile
import threading
import time
from collections.abc import Callable, Iterator
from pathlib import Path
from typing import Any

import httpx

from presscheck.settings import Settings
from presscheck.supervisor import plan
from presscheck.supervisor.inner import Inner

_MOST = 0.5
"""The door is to answer in at most this part of the time that it took in the order of before."""
_PATIENCE_SECONDS = 400
_ROOT = Path(__file__).resolve().parents[1]


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("--times", type=int, default=3, help="how often each is started (3)")
    parser.add_argument("--as-before", type=Path, help=argparse.SUPPRESS)
    asked = parser.parse_args()
    if asked.as_before is not None:
        _as_before(Settings.model_validate_json(asked.as_before.read_text()))
        return
    found: dict[str, list[dict[str, float]]] = {}
    timelines: list[dict[str, Any]] = []
    for number in range(asked.times):
        with tempfile.TemporaryDirectory(prefix="presscheck-up-") as name:
            folder = Path(name)
            found.setdefault("a bare Prefect server", []).append(_bare(folder / "bare"))
            found.setdefault("the order of before, a new home", []).append(_started_as_before(folder / "before"))
            for what in ("presscheck up, a new home", "presscheck up again"):
                took, timeline = _up(folder / "home")
                found.setdefault(what, []).append(took)
                timelines.append({"what": what, **timeline})
        print(f"round {number + 1} of {asked.times} is over, load {os.getloadavg()[0]:.1f}", flush=True)
    _report(found, timelines[-2:])


# ---------------------------------------------------------------- what is started


def _bare(home: Path) -> dict[str, float]:
    """Prefect's own command, in a new home."""
    port = _free_port()
    command = [sys.executable, "-m", "prefect", "server", "start", "--host", "127.0.0.1", "--port", str(port)]
    env = _clean() | {"PREFECT_HOME": str(home), "PREFECT_SERVER_ANALYTICS_ENABLED": "false", "DO_NOT_TRACK": "1"}
    with _running(command, env) as since:
        _until(lambda: _answers(f"http://127.0.0.1:{port}/api/health"))
        return {"all": since()}


def _up(home: Path) -> tuple[dict[str, float], dict[str, Any]]:
    settings = _settings(home)
    with _running([sys.executable, "-m", "presscheck.cli", "up"], _clean() | settings.as_environment()) as since:
        _until(lambda: _answers(f"{settings.door_url}/sign-in"))
        door = since()
        _until(lambda: _all_done(home / "up.json"))
        timeline = json.loads((home / "up.json").read_text())["steps"]
        return {"door": door, "all": since()}, timeline


def _all_done(state: Path) -> bool:
    steps = json.loads(state.read_text())["steps"]
    return "the campaigns" in steps and all(done is not None for _, done in steps.values())


def _started_as_before(home: Path) -> dict[str, float]:
    settings = _settings(home)
    home.mkdir()
    (home / "settings.json").write_text(settings.model_dump_json())
    command = [sys.executable, str(Path(__file__)), "--as-before", str(home / "settings.json")]
    with _running(command, _clean()) as since:
        _until(lambda: _answers(f"{settings.door_url}/sign-in"))
        door = since()
        _until(lambda: (home / "all").exists())
        return {"door": door, "all": since()}


def _as_before(settings: Settings) -> None:
    """A process that starts everything as `up` did until November 2026, and waits to be stopped."""
    from presscheck.ledger import make_keys
    from presscheck.supervisor import Children
    from presscheck.wiring import upgrade_ledger

    children, stopping = Children(print), threading.Event()
    signal.signal(signal.SIGTERM, lambda number, frame: stopping.set())
    (settings.home / "logs").mkdir()
    settings.prefect_home.mkdir()
    make_keys(settings.keys)
    upgrade_ledger(settings)
    inner = Inner(settings)
    children.start(plan.server(settings))
    children.start(plan.registering(settings, {}))
    children.start(plan.press(settings))
    _until(inner.healthy, every=0.5)
    children.start(plan.worker(settings))
    children.start(plan.door(settings))
    _until(lambda: _answers(f"{settings.door_url}/sign-in"), every=0.5)
    _until(inner.has_pool, every=0.5)
    plan.go(settings).touch()
    _until(lambda: not plan.go(settings).exists(), every=0.5)
    (settings.home / "all").touch()
    stopping.wait()
    children.stop()


# ---------------------------------------------------------------- how


def _settings(home: Path) -> Settings:
    return Settings(project=_ROOT, home=home, door_port=_free_port(), prefect_port=_free_port()).resolved()


def _clean() -> dict[str, str]:
    return {name: value for name, value in os.environ.items() if not name.startswith(("PREFECT_", "PRESSCHECK_"))}


@contextlib.contextmanager
def _running(command: list[str], env: dict[str, str]) -> Iterator[Callable[[], float]]:
    """The command runs; what is given says for how many seconds."""
    began = time.monotonic()
    process = subprocess.Popen(command, env=env, cwd=_ROOT, stdout=subprocess.DEVNULL)
    try:
        yield lambda: time.monotonic() - began
    finally:
        process.send_signal(signal.SIGTERM)
        process.wait(timeout=_PATIENCE_SECONDS)


def _free_port() -> int:
    with socket.socket() as probe:
        probe.bind(("127.0.0.1", 0))
        return int(probe.getsockname()[1])


def _answers(url: str) -> bool:
    try:
        return httpx.get(url, timeout=10, trust_env=False).status_code == 200
    except httpx.HTTPError:
        return False


def _until(look: Callable[[], bool], *, every: float = 0.1) -> None:
    until = time.monotonic() + _PATIENCE_SECONDS
    while not look():
        if time.monotonic() > until:
            raise SystemExit(f"waited {_PATIENCE_SECONDS} s for a process that did not come up")
        time.sleep(every)


def _report(found: dict[str, list[dict[str, float]]], timelines: list[dict[str, Any]]) -> None:
    for timeline in timelines:
        print(f"\n{timeline.pop('what')}, the last time (seconds since `up` began its work)")
        for step, (began, done) in timeline.items():
            print(f"  {step:<20} {began:6.1f} to {done:6.1f}")
    print(f"\n{'median of ' + str(len(next(iter(found.values())))):<34} {'door':>8} {'all':>8}")
    medians = {
        what: {part: statistics.median(took[part] for took in times) for part in times[0]}
        for what, times in found.items()
    }
    for what, took in medians.items():
        print(f"{what:<34} {_seconds(took.get('door')):>8} {_seconds(took['all']):>8}")
    before, new = medians["the order of before, a new home"], medians["presscheck up, a new home"]
    bare = medians["a bare Prefect server"]["all"]
    print(f"\na new home, the door: {new['door'] / bare:.2f} of a bare Prefect server's start")
    ratio = new["door"] / before["door"]
    print(f"a new home, the door: {ratio:.2f} of the order of before (at most {_MOST})")
    print(f"a new home, all:      {new['all'] / before['all']:.2f} of the order of before")
    cpu = resource.getrusage(resource.RUSAGE_CHILDREN)
    print(f"processor time of everything that was started: {cpu.ru_utime + cpu.ru_stime:.0f} s")
    raise SystemExit(0 if ratio <= _MOST else 1)


def _seconds(value: float | None) -> str:
    return "" if value is None else f"{value:.1f} s"


if __name__ == "__main__":
    main()
