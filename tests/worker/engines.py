"""A warm engine of a test's own, with a project whose modules it is asked to run."""

import asyncio
import json
import os
import signal
import subprocess
import sys
import time
from collections.abc import Callable, Mapping, Sequence
from pathlib import Path
from typing import Any

from presscheck.worker import client
from presscheck.worker.warmth import Warmth

__all__ = ["CLIENT", "ENGINE", "Warm", "children", "is_alive", "kept_until", "seen", "share", "until"]

CLIENT = [sys.executable, "-I", "-S", client.__file__]
ENGINE = [sys.executable, "-m", "presscheck.worker.engine"]
PROBE = """\
import json, os, random, signal, sys, threading
umask = os.umask(0)
print(json.dumps({
    "environ": dict(os.environ), "cwd": os.getcwd(), "argv": sys.argv, "path": sys.path, "umask": umask,
    "main": sys.modules["__main__"].__file__, "loaded": "fractions" in sys.modules,
    "handlers": [str(signal.getsignal(number)) for number in sorted(signal.valid_signals())],
    "mask": sorted(signal.pthread_sigmask(signal.SIG_BLOCK, [])), "files": sorted(os.listdir("/proc/self/fd")),
    "threads": len(os.listdir("/proc/self/task")), "stdin": sys.stdin.read(), "chance": random.random(),
}))
print("to stderr", file=sys.stderr)
"""
"""What a process can see of how it was started."""


class Warm:
    """An engine, and a project whose modules it is asked to run. Leaving it as a context kills it."""

    def __init__(
        self, folder: Path, *stages: str, ready: bool = True, command: Sequence[str] = ENGINE,
        environ: Mapping[str, str] | None = None, **modules: str,
    ) -> None:  # fmt: skip
        self.sockets, self.project = folder / "engine", folder / "project"
        self.started: list[subprocess.Popen[str]] = []
        self.started_stages: list[str] = []
        self.sockets.mkdir(mode=0o700, exist_ok=True)
        self.project.mkdir(exist_ok=True)
        for module, text in {"probe": PROBE, "held": "", **modules}.items():
            self.write(module, text)
        self.engine = subprocess.Popen(
            [*command, str(self.sockets), *stages], cwd=self.project, text=True, env=environ,
            stdin=subprocess.PIPE, stdout=subprocess.PIPE, stderr=None if ready else subprocess.PIPE,
        )  # fmt: skip
        assert self.engine.stdout is not None
        for stage in stages if ready else ():
            if self.started_stages:
                self.ask_for_more()
            self.started_stages.append(self.engine.stdout.readline().strip())
            assert stage.startswith(self.started_stages[-1])

    def __enter__(self) -> "Warm":
        return self

    def __exit__(self, *exc: object) -> None:
        for process in (self.engine, *self.started):
            process.kill()
            process.wait()
            for file in (process.stdin, process.stdout, process.stderr):
                if file is not None:
                    file.close()

    def ask_for_more(self) -> None:
        """What the worker asks for at a first run."""
        self.engine.send_signal(signal.SIGUSR1)

    def write(self, module: str, text: str) -> None:
        (self.project / f"{module}.py").write_text(text)

    def start(
        self, module: str, *names: str, cwd: Path | None = None, client: Sequence[str] = CLIENT, **environ: str
    ) -> "subprocess.Popen[str]":
        process = subprocess.Popen(
            [*client, str(self.sockets), module, *(names or ("light",))], cwd=cwd or self.project, text=True,
            env={**os.environ, **environ}, stdin=subprocess.PIPE, stdout=subprocess.PIPE, stderr=subprocess.PIPE,
        )  # fmt: skip
        self.started.append(process)
        return process

    def run(self, module: str, *names: str, **how: Any) -> "subprocess.CompletedProcess[str]":
        process = self.start(module, *names, **how)
        out, err = process.communicate("given", timeout=60)
        return subprocess.CompletedProcess(process.args, process.returncode, out, err)


def seen(process: "subprocess.CompletedProcess[str]", *without: str) -> dict[str, Any]:
    told: dict[str, Any] = json.loads(process.stdout)
    return {name: value for name, value in told.items() if name not in without}


def until(true: Callable[[], bool]) -> None:
    end = time.monotonic() + 60
    while not true():
        assert time.monotonic() < end
        time.sleep(0.02)


def children(pid: int) -> list[int]:
    tasks = Path(f"/proc/{pid}/task").iterdir()
    return [int(child) for task in tasks for child in (task / "children").read_text().split()]


def share(pid: int) -> int:
    """The bytes of a process, by proportional share: a page that n processes have counts for an n-th in each."""
    lines = Path(f"/proc/{pid}/smaps_rollup").read_text().splitlines()
    return sum(int(line.split()[1]) * 1024 for line in lines if line.startswith("Pss:"))


def is_alive(pid: int) -> bool:
    try:
        return Path(f"/proc/{pid}/stat").read_text().rpartition(")")[2].split()[0] != "Z"
    except FileNotFoundError:
        return False


async def kept_until(warmth: Warmth, true: Callable[[], bool], *, seconds: float = 120) -> None:
    """Have its engine kept running until this holds, and then end it."""
    keeping = asyncio.create_task(warmth.keep())
    try:
        async with asyncio.timeout(seconds):
            while not true():
                await asyncio.sleep(0.05)
    finally:
        keeping.cancel()
        await asyncio.gather(keeping, return_exceptions=True)
