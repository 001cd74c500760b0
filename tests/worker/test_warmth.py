"""The engine that the worker keeps: what it is started with, and what runs start in while there is none."""

import asyncio
import os
import signal
from pathlib import Path

import pytest

from presscheck.worker.warmth import COLD, Warmth
from tests.worker.engines import kept_until


def engines() -> list[int]:
    """The ids of this process's children that are engines."""
    children = Path(f"/proc/self/task/{os.getpid()}/children").read_text().split()
    return [int(pid) for pid in children if b"worker.engine" in Path(f"/proc/{pid}/cmdline").read_bytes()]


def test_runs_start_cold_until_there_is_an_engine_and_again_when_it_was_killed(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch, caplog: pytest.LogCaptureFixture
) -> None:
    monkeypatch.setenv("PRESSCHECK_SECRET_MODEL", "hush")
    monkeypatch.setenv("PREFECT_API_AUTH_STRING", "presscheck:hush")
    monkeypatch.setenv("SOME_TOKEN", "hush")
    # What a first run needs is imported while nobody else wants the processor: on a busy machine that may be long.
    monkeypatch.setattr("presscheck.worker.warmth._FULL", ("json",))
    warmth = Warmth(tmp_path / "engine")
    told: list[str] = []
    environs: list[bytes] = []

    def killed() -> bool:
        """Once a wake can be warm and a first run, too, kill it, and see that runs start cold."""
        if not told and " light" in warmth.command(first=False) and " full" in warmth.command(first=True):
            [engine] = engines()
            told.extend([warmth.command(first=False), warmth.command(first=True)])
            environs.append(Path(f"/proc/{engine}/environ").read_bytes())
            os.kill(engine, signal.SIGKILL)
        return bool(told) and warmth.command(first=False) == COLD

    before = warmth.command(first=True)
    asyncio.run(kept_until(warmth, killed))

    assert before == COLD
    assert [command.split()[-2:] for command in told] == [["prefect.engine", "light"], ["full", "light"]]
    assert b"hush" not in environs[0]
    assert caplog.text.count("each run starts some seconds later") == 1


def test_when_code_has_changed_a_new_engine_is_started_at_once(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch, caplog: pytest.LogCaptureFixture
) -> None:
    (tmp_path / "held.py").write_text("")
    monkeypatch.chdir(tmp_path)
    monkeypatch.setattr("presscheck.worker.warmth._LIGHT", ("held",))
    monkeypatch.setattr("presscheck.worker.warmth._FULL", ("json",))
    warmth = Warmth(tmp_path / "engine")
    seen: list[int] = []

    def edited() -> bool:
        if warmth.command(first=False) != COLD and engines() and engines()[0] not in seen:
            seen.append(engines()[0])
            (tmp_path / "held.py").write_text(f"value = {len(seen)}")
            asyncio.get_running_loop().create_task(ask(warmth))
        return len(seen) == 2

    asyncio.run(kept_until(warmth, edited))

    assert "each run starts some seconds later" not in caplog.text


async def ask(warmth: Warmth) -> None:
    """Have something run, which is when an engine looks whether its code is still what it imported."""
    command = warmth.command(first=False).replace("prefect.engine", "this").split()
    process = await asyncio.create_subprocess_exec(*command, stdout=asyncio.subprocess.DEVNULL)
    await process.wait()
