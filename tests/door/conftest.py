"""The door's tests open a house: a real door before a recording upstream, on loopback."""

from collections.abc import Callable, Iterator
from typing import Any

import httpx
import pytest

from presscheck.door.app import make_app
from presscheck.settings import Settings
from tests.desk.scene import Scene
from tests.door.house import AUTH, House, Serving, Upstream, listen


@pytest.fixture
def open_house(sqlite_ledgers: Any) -> Iterator[Callable[..., House]]:
    """Opens a house: `open_house(door_url=...)`; the scene's people are ana, cleo, ben, uma and eva."""
    servers: list[Serving] = []

    def opened(*, scene: Scene | None = None, ring: bool = False, **values: Any) -> House:
        scene = scene or Scene(sqlite_ledgers)
        upstream = Upstream()
        inner = Serving(upstream.app())
        servers.append(inner)
        inner.__enter__()
        # The port is taken first, because the door checks the Host that requests name.
        listening = listen()
        settings = Settings(home=sqlite_ledgers.home, door_port=listening.getsockname()[1], **values).resolved()
        app = make_app(
            settings,
            ledger=sqlite_ledgers.door,
            desk=scene.desk,
            client=httpx.AsyncClient(base_url=f"http://127.0.0.1:{inner.port}", trust_env=False),
            prefect_auth=AUTH,
            ring=ring,
        )
        server = Serving(app, listening)
        servers.append(server)
        server.__enter__()
        return House(scene, upstream, f"http://127.0.0.1:{server.port}", server.port, app, settings)

    yield opened
    for server in reversed(servers):
        server.__exit__()


@pytest.fixture
def house(open_house: Callable[..., House]) -> House:
    """The usual one."""
    return open_house()
