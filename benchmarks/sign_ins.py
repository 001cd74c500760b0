"""A crowd of strangers signs in at once: how soon `/-/api/health` answers, and two people who have their passwords.

    python benchmarks/sign_ins.py [--strangers 300]

A real door in a process of its own, on SQLite, without Prefect behind it; argon2id as it is in production. Each of the
strangers has another address and a connection of their own. Health is asked by another process, one after the other,
before the crowd and while it is there, in one run. One of the two people comes from a browser in which they signed in
before, the other from a new one.
"""

import argparse
import asyncio
import multiprocessing
import os
import secrets
import shutil
import statistics
import subprocess
import sys
import tempfile
import time
from collections.abc import Iterator
from contextlib import contextmanager
from datetime import UTC, datetime
from multiprocessing.queues import SimpleQueue
from multiprocessing.synchronize import Event
from pathlib import Path

import httpx

sys.path.insert(0, str(Path(__file__).resolve().parents[1]))

from presscheck.demo.cast import Member, enrol_cast
from presscheck.ledger import make_keys
from presscheck.people.accounts import Accounts
from presscheck.settings import Settings
from presscheck.wiring import open_ledger, upgrade_ledger
from tests.conftest import free_port


def main() -> None:
    arguments = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    arguments.add_argument("--strangers", type=int, default=300)
    given = arguments.parse_args()
    home = Path(tempfile.mkdtemp(prefix="presscheck-bench-"))
    ports = {"door_port": free_port(), "prefect_port": free_port()}
    settings = Settings(project=home, home=home, data=home, demo=True, **ports).resolved()
    make_keys(settings.keys)
    upgrade_ledger(settings)
    settings.prefect_auth_file.write_text(f"inner:{secrets.token_hex(16)}")
    people = enrol_cast(settings)
    env = {key: value for key, value in os.environ.items() if not key.startswith(("PREFECT_", "PRESSCHECK_"))}
    command = [sys.executable, "-m", "presscheck.door"]
    door = subprocess.Popen(command, env=env | settings.as_environment(), stderr=subprocess.DEVNULL)
    try:
        asyncio.run(measure(settings, people, given.strangers))
    finally:
        door.terminate()
        door.wait(timeout=30)
        shutil.rmtree(home)


async def measure(settings: Settings, people: dict[str, Member], strangers: int) -> None:
    ledger = open_ledger(settings, "door")
    mark = Accounts(ledger, settings.home).browser_mark(people["brand_lead"].email)
    ledger.close()
    anybody = httpx.AsyncClient(
        base_url=settings.door_url,
        headers={"origin": settings.door_url},
        limits=httpx.Limits(max_connections=None),
        timeout=120,
        trust_env=False,
    )
    while not await is_up(anybody):
        await asyncio.sleep(0.2)
    print(f"load average {os.getloadavg()[0]:.1f} before")
    with health_asked(settings.door_url) as alone:
        await asyncio.sleep(10)
    print(told("health, nobody signs in", alone))
    began = time.monotonic()
    with health_asked(settings.door_url) as beside:
        crowd = [asyncio.create_task(stranger(anybody, number)) for number in range(strangers)]
        await asyncio.sleep(0.3)
        known = asyncio.create_task(right(anybody, people["brand_lead"], mark))
        new = asyncio.create_task(right(anybody, people["author"], ""))
        answers = await asyncio.gather(*crowd)
        took = time.monotonic() - began
        right_ones = [("a browser known before", await known), ("a new browser", await new)]
    print(f"{strangers} strangers answered within {took:.1f} s: {counted(answers)}")
    print(told(f"health, {strangers} sign in", beside))
    for who, (status, seconds) in right_ones:
        print(f"right password, {who}: {status} after {seconds:.2f} s")
    print(f"load average {os.getloadavg()[0]:.1f} after")
    await anybody.aclose()


async def is_up(anybody: httpx.AsyncClient) -> bool:
    try:
        return (await anybody.get("/-/api/health")).status_code == 200
    except httpx.TransportError:
        return False


@contextmanager
def health_asked(url: str) -> Iterator[list[float]]:
    """Milliseconds of each answer, asked by a process of its own until the block ends; filled then."""
    times: list[float] = []
    spawn = multiprocessing.get_context("spawn")
    begun, stop, queue = spawn.Event(), spawn.Event(), spawn.SimpleQueue()
    asking = spawn.Process(target=ask_health, args=(url, begun, stop, queue))
    asking.start()
    begun.wait()
    yield times
    stop.set()
    times += queue.get()
    asking.join()


def ask_health(url: str, begun: Event, stop: Event, queue: SimpleQueue[list[float]]) -> None:
    times: list[float] = []
    with httpx.Client(base_url=url, trust_env=False, timeout=60) as client:
        begun.set()
        while not stop.is_set():
            asked = time.monotonic()
            client.get("/-/api/health").raise_for_status()
            times.append((time.monotonic() - asked) * 1000)
            time.sleep(0.02)
    queue.put(times)


async def stranger(anybody: httpx.AsyncClient, number: int) -> int:
    body = {"email": f"stranger{number}@elsewhere.example", "password": "not a password of anybody", "code": "123456"}
    return (await anybody.post("/-/api/sign-in", json=body)).status_code


async def right(anybody: httpx.AsyncClient, member: Member, mark: str) -> tuple[int, float]:
    """303 is signed in, 429 is asked to wait a minute."""
    began = time.monotonic()
    form = {"email": member.email, "password": member.password, "code": member.present_code(datetime.now(UTC))}
    headers = {"cookie": f"presscheck-browser={mark}"} if mark else {}
    answer = await anybody.post("/sign-in", data=form, headers=headers)
    return answer.status_code, time.monotonic() - began


def told(what: str, times: list[float]) -> str:
    ranked = sorted(times)
    p99 = ranked[min(len(ranked) - 1, int(len(ranked) * 0.99))]
    middle = statistics.median(ranked)
    return f"{what}: {len(ranked)} answers, median {middle:.0f} ms, p99 {p99:.0f} ms, at most {ranked[-1]:.0f} ms"


def counted(answers: list[int]) -> str:
    return ", ".join(f"{answers.count(status)} x {status}" for status in sorted(set(answers)))


if __name__ == "__main__":
    main()
