"""With Prefect and our tasks imported, everything that belongs to a run is made after the fork, and ends with it."""

import json
import os
import re
from collections.abc import Iterator
from pathlib import Path
from secrets import token_hex
from typing import Any

import pytest

from tests.worker.engines import Warm

# To look for what an engine has alive touches all of its memory, a second each time.
pytestmark = pytest.mark.slow

STAGE = "light=prefect.flow_engine,prefect.task_engine,tasks.gate,presscheck.wiring,numpy"
LOOK = """\
import asyncio, gc, json, logging, os, random, secrets, ssl, sys, threading, uuid
import numpy, sqlalchemy
from prefect.settings import get_current_settings
import tasks.gate, tasks.house

gc.unfreeze()
alive = gc.get_objects()
def named(logger):
    return [type(handler).__name__ for handler in logger.handlers]
loggers = {name: [one.level, named(one), one.disabled] for name, one in logging.root.manager.loggerDict.items()
           if isinstance(one, logging.Logger)}
settings = get_current_settings()
auth = settings.api.auth_string
print(json.dumps({
    "ours": tasks.house.settings().poll_seconds,
    "prefect": [settings.api.url, auth and auth.get_secret_value(), settings.logging.level],
    "loggers": loggers, "root": [logging.root.level, named(logging.root)],
    "engines": sum(isinstance(one, sqlalchemy.Engine) for one in alive),
    "loops": sum(isinstance(one, asyncio.AbstractEventLoop) for one in alive),
    "threads": [len(os.listdir("/proc/self/task")), threading.active_count()],
    "opened": tasks.house._ledger.cache_info().currsize,
    "tries": tasks.gate._MOST_TRIES, "modules": "tasks.gate" in sys.modules,
    "chances": [random.random(), float(numpy.random.random()), str(uuid.uuid4()), secrets.token_hex(),
                os.urandom(8).hex(), ssl.RAND_bytes(8).hex()],
}))
"""
CARELESS = """\
import asyncio, logging, os, random, sys, threading
import numpy, sqlalchemy
import prefect.context, tasks.gate

random.seed(1)
numpy.random.seed(1)
os.environ["PREFECT_API_URL"] = os.environ["PRESSCHECK_POLL_SECONDS"] = "9"
prefect.context.GLOBAL_SETTINGS_CONTEXT = None
logging.root.addHandler(logging.StreamHandler())
logging.root.setLevel(1)
logging.getLogger("prefect").handlers.clear()
left = [sqlalchemy.create_engine("sqlite://"), asyncio.new_event_loop()]
threading.Thread(target=asyncio.Event().set, daemon=True).start()
tasks.gate._MOST_TRIES = 0
del sys.modules["tasks.gate"]
"""


@pytest.fixture(scope="module")
def warm(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Warm]:
    with Warm(tmp_path_factory.mktemp("warm"), STAGE, look=LOOK, careless=CARELESS) as warm:
        yield warm


def look(warm: Warm, **environ: str) -> dict[str, Any]:
    run = warm.run("look", **environ)
    assert run.returncode == 0, run.stderr
    return json.loads(run.stdout)


def test_no_database_event_loop_or_thread_is_there_before_the_run_makes_one(warm: Warm) -> None:
    seen = look(warm)

    assert (seen["engines"], seen["opened"], seen["loops"]) == (0, 0, 0)
    assert seen["threads"] == [1, 1]


def test_no_two_runs_take_the_same_chances(warm: Warm) -> None:
    first, second = look(warm)["chances"], look(warm)["chances"]

    assert [one for one in first if one in second] == []


def test_a_careless_run_leaves_nothing_for_the_next(warm: Warm) -> None:
    before = look(warm)
    run = warm.run("careless")
    after = look(warm)

    assert run.returncode == 0, run.stderr
    del before["chances"], after["chances"]
    assert after == before


def test_prefects_settings_and_loggers_are_the_runs_own(warm: Warm) -> None:
    told = {"PREFECT_API_URL": "http://127.0.0.1:1/api", "PREFECT_API_AUTH_STRING": "a:b"}

    one, two = look(warm, **told, PREFECT_LOGGING_LEVEL="DEBUG"), look(warm)

    assert one["prefect"] == ["http://127.0.0.1:1/api", "a:b", "DEBUG"]
    assert two["prefect"][1:] == [None, "INFO"]
    assert one["loggers"]["prefect"][0] < two["loggers"]["prefect"][0]


def test_a_changed_settings_file_is_read_by_the_next_run(warm: Warm) -> None:
    file = warm.project / "presscheck.toml"
    file.write_text("poll_seconds = 3.0\n")
    before = look(warm)["ours"]

    file.write_text("poll_seconds = 4.0\n")
    after = look(warm)["ours"]
    file.unlink()

    assert (before, after) == (3.0, 4.0)


def test_nothing_of_a_runs_secret_is_in_the_engine(warm: Warm) -> None:
    secret = f"hush-{token_hex(16)}"
    warm.write("keeps", "import os; print(os.environ['PRESSCHECK_SECRET_MODEL'])")

    said = warm.run("keeps", PRESSCHECK_SECRET_MODEL=secret).stdout.strip()

    assert said == secret
    assert memory_holds(warm.engine.pid, b"presscheck.worker.engine")
    assert not memory_holds(warm.engine.pid, secret.encode())


def memory_holds(pid: int, wanted: bytes) -> bool:
    """Whether it is in any page that the process may write, its environment among them."""
    places = re.findall(r"^([0-9a-f]+)-([0-9a-f]+) rw", Path(f"/proc/{pid}/maps").read_text(), re.M)
    memory = os.open(f"/proc/{pid}/mem", os.O_RDONLY)
    try:
        return any(wanted in os.pread(memory, int(end, 16) - int(start, 16), int(start, 16)) for start, end in places)
    finally:
        os.close(memory)


@pytest.mark.parametrize(
    ("body", "code"),
    [("import nothing_of_this_name", 1), ("print('x' * 100_000)", 0), ("raise SystemExit(3)", 3)],
    ids=["its import fails", "it prints", "it exits"],
)
def test_a_run_that_ends_early_is_its_own_affair(warm: Warm, body: str, code: int) -> None:
    warm.write("early", body)

    run = warm.run("early")

    assert run.returncode == code
    assert look(warm)["modules"]


def test_a_run_that_hangs_holds_up_nobody(warm: Warm) -> None:
    warm.write("hangs", "import time\nprint('here', flush=True)\ntime.sleep(600)")
    hanging = warm.start("hangs")
    assert hanging.stdout is not None
    assert hanging.stdout.readline() == "here\n"

    assert look(warm)["modules"]
    assert hanging.poll() is None
