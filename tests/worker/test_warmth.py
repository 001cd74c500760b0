"""The engine that the worker keeps: what it is started with, and what runs start in while there is none."""

import asyncio
import os
import signal
from pathlib import Path

import pytest

from presscheck.worker import warmth
from presscheck.worker.warmth import COLD, Warmth
from tests.worker.engines import Warm, children, kept_until


def engines() -> list[int]:
    """The ids of this process's children that are engines."""
    return [pid for pid in children(os.getpid()) if b"worker.engine" in Path(f"/proc/{pid}/cmdline").read_bytes()]


@pytest.mark.slow
def test_runs_start_cold_until_there_is_an_engine_and_again_when_it_was_killed(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch, caplog: pytest.LogCaptureFixture
) -> None:
    monkeypatch.setenv("PRESSCHECK_SECRET_MODEL", "hush")
    monkeypatch.setenv("PREFECT_API_AUTH_STRING", "presscheck:hush")
    monkeypatch.setenv("SOME_TOKEN", "hush")
    # What a first run needs takes long to import; whether it can be forked is the test below.
    monkeypatch.setattr("presscheck.worker.warmth.FULL", ("json",))
    kept = Warmth(tmp_path / "engine")
    told: list[str] = []
    environs: list[bytes] = []

    def killed() -> bool:
        """Once a wake can be warm and a first run, too, kill it, and see that runs start cold."""
        if not told and kept.command(first=False) != COLD:
            [engine] = engines()
            told.extend([kept.command(first=False), kept.command(first=True)])
            environs.append(Path(f"/proc/{engine}/environ").read_bytes())
            os.kill(engine, signal.SIGKILL)
        return bool(told) and kept.command(first=False) == COLD

    before = kept.command(first=True)
    asyncio.run(kept_until(kept, killed))

    assert before == COLD
    assert [command.split()[-2:] for command in told] == [["prefect.engine", "light"], ["full", "light"]]
    assert b"hush" not in environs[0]
    assert caplog.text.count("each run starts some seconds later") == 1


@pytest.mark.slow
def test_what_is_imported_for_first_runs_works_in_a_child_and_ends_without_a_word(tmp_path: Path) -> None:
    first = """if True:
        import duckdb, polars, tasks.expectations.certify
        print(duckdb.sql("select sum(x) from range(100000) t(x)").fetchall()[0][0])
        print(polars.DataFrame({"x": range(100000)}).lazy().select(polars.col("x").sum()).collect().item())
        import policies.engine.loading as loading
        # Where one had to run them again, it would fall over this.
        loading.failing_cases = None
        print(len(loading.load_policies().guardrails) > 100)
        """
    stages = (f"light={','.join(warmth.LIGHT)}", f"full={','.join(warmth.FULL)}")
    with Warm(tmp_path, *stages, first=first) as warm:
        run = warm.run("first", "full")

    assert (run.returncode, run.stdout, run.stderr) == (0, "4999950000\n" * 2 + "True\n", "")


@pytest.mark.slow
def test_when_code_has_changed_a_new_engine_is_started_at_once(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch, caplog: pytest.LogCaptureFixture
) -> None:
    (tmp_path / "held.py").write_text("")
    monkeypatch.chdir(tmp_path)
    monkeypatch.setattr("presscheck.worker.warmth.LIGHT", ("held",))
    monkeypatch.setattr("presscheck.worker.warmth.FULL", ("json",))
    kept = Warmth(tmp_path / "engine")
    seen: list[int] = []

    def edited() -> bool:
        if kept.command(first=False) != COLD and engines() and engines()[0] not in seen:
            seen.append(engines()[0])
            (tmp_path / "held.py").write_text(f"value = {len(seen)}")
            asyncio.get_running_loop().create_task(ask(kept))
        return len(seen) == 2

    asyncio.run(kept_until(kept, edited))

    assert "each run starts some seconds later" not in caplog.text


async def ask(kept: Warmth) -> None:
    """Have something run, which is when an engine looks whether its code is still what it imported."""
    command = kept.command(first=False).replace("prefect.engine", "this").split()
    process = await asyncio.create_subprocess_exec(*command, stdout=asyncio.subprocess.DEVNULL)
    await process.wait()
