"""The door's ring: the worker looks at once, as often as is sensible, and goes on by itself where no ring comes."""

import asyncio
from collections.abc import Awaitable, Callable
from pathlib import Path

import pytest

from presscheck.worker.ringing import Ringing


async def listening(home: Path, look: Callable[[], Awaitable[object]], during: Callable[[], Awaitable[object]]) -> None:
    listener = asyncio.create_task(Ringing(home).listen(look))
    await asyncio.sleep(0)
    try:
        await during()
    finally:
        listener.cancel()
        await asyncio.gather(listener, return_exceptions=True)


async def until(true: Callable[[], bool]) -> None:
    async with asyncio.timeout(60):
        while not true():
            await asyncio.sleep(0.01)


def test_a_ring_makes_the_worker_look_and_another_home_hears_nothing(tmp_path: Path) -> None:
    looks: list[str] = []

    async def look() -> None:
        looks.append("looked")

    async def ring() -> None:
        Ringing(tmp_path / "another").ring()
        Ringing(tmp_path / "here").ring()
        await until(lambda: bool(looks))
        await asyncio.sleep(0.3)

    asyncio.run(listening(tmp_path / "here", look, ring))

    assert looks == ["looked"]


def test_a_thousand_rings_at_once_are_one_look(tmp_path: Path) -> None:
    looks: list[str] = []

    async def look() -> None:
        looks.append("looked")

    async def ring() -> None:
        for _ in range(1_000):
            Ringing(tmp_path).ring()
        await until(lambda: bool(looks))
        await asyncio.sleep(0.3)

    asyncio.run(listening(tmp_path, look, ring))

    assert looks == ["looked"]


def test_a_look_that_fails_is_not_the_last(tmp_path: Path) -> None:
    looks: list[str] = []

    async def look() -> None:
        looks.append("looked")
        raise RuntimeError("Prefect's server is away")

    async def ring() -> None:
        for times in (1, 2):
            Ringing(tmp_path).ring()
            await until(lambda times=times: len(looks) == times)

    asyncio.run(listening(tmp_path, look, ring))

    assert len(looks) == 2


def test_where_the_name_is_taken_it_is_said_and_nothing_ends(tmp_path: Path, caplog: pytest.LogCaptureFixture) -> None:
    looks: list[str] = []

    async def look() -> None:
        looks.append("looked")

    async def second() -> None:
        await listening(tmp_path, look, lambda: until(lambda: "the door's rings are not heard" in caplog.text))

    asyncio.run(listening(tmp_path, look, second))

    assert looks == []


def test_a_ring_that_nobody_hears_is_no_error(tmp_path: Path) -> None:
    Ringing(tmp_path).ring()
