"""The door's tests open a house: a real door before a recording upstream, on loopback."""

from collections.abc import Callable, Iterator
from typing import Any

import httpx
import pytest

from presscheck.door.app import make_app
from presscheck.settings import Settings
from tests.desk.scene import Scene
from tests.door.house import AUTH, House, Serving, Switch, Upstream, listen


@pytest.fixture(scope="session")
def _servers() -> Iterator[tuple[Serving, Switch, Serving, Switch]]:
    outer, inner = Switch(), Switch()
    with Serving(outer, listen()) as door, Serving(inner) as upstream:
        yield door, outer, upstream, inner


@pytest.fixture
def open_house(sqlite_ledgers: Any, _servers: Any) -> Iterator[Callable[..., House]]:
    """Opens a house: `open_house(session_hours=1)`; the scene's people are ana, cleo, ben, uma and eva."""
    door, outer, inner, behind = _servers
    client = httpx.AsyncClient(base_url=f"http://127.0.0.1:{inner.port}", trust_env=False)

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


@pytest.fixture
def house(open_house: Callable[..., House]) -> House:
    """The usual one."""
    return open_house()
