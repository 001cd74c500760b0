"""The process that fetches a database's rows ends when its time is over, and tells nobody the password."""

import json
import os
import signal
import socket
import subprocess
import sys
import time
from pathlib import Path

import pytest

from presscheck.errors import DatabaseError, SegmentError
from presscheck.screening import databases
from presscheck.screening.databases import Database, land
from presscheck.settings.databases import DatabaseSection
from tests.screening.shop import PASSWORD, SELECT, on_postgres, on_sqlite, served, shop

# The fixtures, which are found here by name.
__all__ = ["on_postgres", "on_sqlite", "served", "shop"]


@pytest.mark.slow
def test_rows_come_from_a_process_of_its_own(shop, rows_of):
    assert rows_of(shop.run(SELECT), "id") == [("c1",), ("c2",)]


@pytest.mark.slow
def test_a_segment_that_takes_too_long_is_stopped(shop):
    endless = "WITH RECURSIVE n(x) AS (SELECT 1 UNION ALL SELECT x + 1 FROM n) ".replace("n(x)", "n").replace(
        "SELECT 1 U", "SELECT 1 AS x U"
    )

    began = time.monotonic()
    said = shop.faults(f"{endless}{SELECT} WHERE born = (SELECT sum(x) FROM n)", time_limit_s=0.7)

    assert "longer than 0.7 s in shop" in said
    assert time.monotonic() - began < 30


@pytest.mark.slow
def test_a_server_that_never_answers_is_left_at_the_limit():
    with socket.create_server(("127.0.0.1", 0)) as silent:
        url = f"postgresql://127.0.0.1:{silent.getsockname()[1]}/shop"
        shop = Database("shop", DatabaseSection(url=url, user="a", time_limit_seconds=0.5))
        segment = Path(os.devnull)
        began = time.monotonic()

        with pytest.raises(SegmentError, match="longer than"):
            land(shop, SELECT, segment, Path("/nowhere"), columns={}, required=(), as_of=None, time_limit_s=9)

    assert time.monotonic() - began < 30


def test_the_password_is_in_no_repr_and_in_no_command_line_or_environment(on_postgres, monkeypatch):
    started = []
    real = subprocess.Popen
    monkeypatch.setattr(
        databases.subprocess, "Popen", lambda *given, **more: started.append((given, more)) or real(*given, **more)
    )

    on_postgres.run(SELECT)

    assert PASSWORD not in repr((started, on_postgres.database, on_postgres.database.section))
    assert set(started[0][1]["env"]) == {"LC_ALL", "TZ", "ARROW_DEFAULT_MEMORY_POOL"}


@pytest.mark.slow
def test_the_process_ends_itself_when_whoever_started_it_is_gone(on_sqlite):
    endless = "WITH RECURSIVE n AS (SELECT 1 AS x UNION ALL SELECT x + 1 FROM n) SELECT sum(x) AS id FROM n"
    columns = {"id": ["text", "whole", "text"]}
    order = on_sqlite.database.as_order(
        task="land", select=endless, out=str(on_sqlite.folder / "out"), columns=columns, required=[], seconds=0.2,
        max_rows=9, max_bytes=999,
    )  # fmt: skip

    command = [sys.executable, "-I", "-m", "presscheck.screening.landing_process"]
    ended = subprocess.run(command, input=json.dumps(order), text=True, capture_output=True, timeout=30, check=False)

    assert ended.returncode == -signal.SIGALRM


def test_a_process_that_is_killed_is_told_and_leaves_nothing(on_sqlite, monkeypatch):
    # As the system kills what takes too much memory.
    suicide = "import os, signal, sys; sys.stdin.read(); os.kill(os.getpid(), signal.SIGKILL)"
    real = subprocess.Popen
    monkeypatch.setattr(databases.subprocess, "Popen", lambda _, **more: real([sys.executable, "-c", suicide], **more))

    with pytest.raises(DatabaseError, match="signal 9"):
        on_sqlite.run(SELECT)

    assert not (on_sqlite.folder / "out.parquet").exists()
