"""The door's tests open a house: a real door before a recording upstream, on loopback."""

import shutil
from collections.abc import Callable, Iterator
from datetime import UTC, datetime
from pathlib import Path
from types import SimpleNamespace
from typing import Any

import httpx
import pytest
from argon2 import PasswordHasher

from presscheck.door.app import make_app
from presscheck.ledger import Keyring, Ledger, Signer, make_keys
from presscheck.models import Process
from presscheck.people import passwords
from presscheck.settings import Settings
from tests.desk.scene import Scene
from tests.door.house import AUTH, PLAIN, House, Serving, Switch, Upstream, listen


@pytest.fixture(autouse=True)
def _quick_argon2(monkeypatch: pytest.MonkeyPatch) -> None:
    """Real argon2id with little memory, as in tests/people."""
    hasher = PasswordHasher(time_cost=1, memory_cost=8, parallelism=1)
    monkeypatch.setattr(passwords, "_hasher", hasher)
    monkeypatch.setattr(passwords, "_NOBODY", hasher.hash("nobody"))


@pytest.fixture(scope="session")
def _servers() -> Iterator[tuple[Serving, Switch, Serving, Switch]]:
    outer, inner = Switch(), Switch()
    with Serving(outer, listen()) as door, Serving(inner) as upstream:
        yield door, outer, upstream, inner


@pytest.fixture
def open_house(sqlite_ledgers: Any, _servers: Any) -> Iterator[Callable[..., House]]:
    """Opens a house: `open_house(session_hours=1)`; the scene's people are ana, cleo, ben, uma and eva."""
    door, outer, inner, behind = _servers
    client = httpx.AsyncClient(base_url=f"http://127.0.0.1:{inner.port}", verify=PLAIN, trust_env=False)

    def opened(*, scene: Scene | None = None, **values: Any) -> House:
        scene = scene or Scene(sqlite_ledgers)
        upstream = Upstream()
        behind.app = upstream.app()
        settings = Settings(home=sqlite_ledgers.home, door_port=door.port, **values).resolved()
        # The bell is rung by hand in these tests, or by a loop of their own.
        outer.app = make_app(
            settings, ledger=sqlite_ledgers.door, desk=scene.desk, client=client, prefect_auth=AUTH, ring=False
        )
        return House(scene, upstream, f"http://127.0.0.1:{door.port}", door.port, outer.app, settings)

    yield opened
    outer.finish(client.aclose())


@pytest.fixture(scope="session")
def _still_scene(tmp_path_factory: pytest.TempPathFactory, _sqlite_template: Path) -> Iterator[Scene]:
    home = tmp_path_factory.mktemp("still") / "home"
    make_keys(home / "keys")
    shutil.copy(_sqlite_template, home / "ledger.db")

    def clock() -> datetime:
        return datetime(2026, 3, 2, 9, 0, tzinfo=UTC)

    def opened(process: Process) -> Ledger:
        keyring, signer = Keyring.load(home / "keys"), Signer.load(home / "keys", process)
        return Ledger.open(f"sqlite:///{home / 'ledger.db'}", keyring=keyring, signer=signer, clock=clock)

    ledgers = SimpleNamespace(
        door=opened("door"), worker=opened("worker"), press=opened("press"), home=home, clock=clock
    )
    yield Scene(ledgers)
    for ledger in (ledgers.door, ledgers.worker, ledgers.press):
        ledger.close()


@pytest.fixture
def still_house(_still_scene: Scene, _servers: Any) -> Iterator[House]:
    """One house for all tests in which nobody decides anything: they look at what is turned away."""
    door, outer, inner, behind = _servers
    client = httpx.AsyncClient(base_url=f"http://127.0.0.1:{inner.port}", verify=PLAIN, trust_env=False)
    upstream = Upstream()
    behind.app = upstream.app()
    settings = Settings(home=_still_scene.ledgers.home, door_port=door.port).resolved()
    outer.app = make_app(
        settings,
        ledger=_still_scene.ledgers.door,
        desk=_still_scene.desk,
        client=client,
        prefect_auth=AUTH,
        ring=False,
    )
    yield House(_still_scene, upstream, f"http://127.0.0.1:{door.port}", door.port, outer.app, settings)
    outer.finish(client.aclose())


@pytest.fixture
def house(open_house: Callable[..., House]) -> House:
    """The usual one."""
    return open_house()
