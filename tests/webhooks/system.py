"""Another system that is told, on this machine: it verifies as docs/webhooks.md shows, and has good and bad days."""

import base64
import json
import re
import threading
import time
from collections.abc import Callable
from dataclasses import dataclass, field
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from pathlib import Path
from typing import Any

from presscheck.ledger import EventKind
from presscheck.ledger.comments import Place, add_comment
from presscheck.settings import Settings
from presscheck.webhooks import SystemTold, tell_systems
from tests.conftest import Ledgers
from tests.desk.scene import Scene

KEY = "whsec_" + base64.b64encode(bytes(range(32))).decode()
OLD_KEY = "whsec_" + base64.b64encode(bytes(range(32, 64))).decode()
PAGE = Path(__file__).parents[2] / "docs" / "webhooks.md"


def verified() -> Callable[..., bool]:
    """The receiver's function as the page prints it."""
    [block] = re.findall(r"```python\n(.*?)```", PAGE.read_text("utf-8"), re.DOTALL)
    names: dict[str, Any] = {}
    exec(block, names)  # noqa: S102 - the documentation's own code, which is what is tested.
    return names["verified"]


@dataclass
class Got:
    """One request."""

    headers: dict[str, str]
    body: bytes

    @property
    def told(self) -> dict[str, Any]:
        return json.loads(self.body)


@dataclass
class System:
    """A receiver; `status` is what it answers, `before` what it does before that."""

    status: int = 204
    headers: dict[str, str] = field(default_factory=dict)
    answer: bytes = b""
    wait: float = 0.0
    before: Callable[[], None] = lambda: None
    got: list[Got] = field(default_factory=list)

    def __post_init__(self) -> None:
        system = self

        class Handler(BaseHTTPRequestHandler):
            def do_POST(self) -> None:
                body = self.rfile.read(int(self.headers["Content-Length"]))
                system.got.append(Got({name.lower(): value for name, value in self.headers.items()}, body))
                system.before()
                time.sleep(system.wait)
                self.send_response(system.status)
                for name, value in system.headers.items():
                    self.send_header(name, value)
                self.end_headers()
                self.wfile.write(system.answer)

            def log_message(self, format: str, *args: Any) -> None:
                return

        class Server(ThreadingHTTPServer):
            daemon_threads = True
            block_on_close = False

            def handle_error(self, request: Any, client_address: Any) -> None:
                """A client that hangs up is part of what is tried."""

        self.server = Server(("127.0.0.1", 0), Handler)
        threading.Thread(target=self.server.serve_forever, args=(0.01,), daemon=True).start()

    @property
    def url(self) -> str:
        return f"http://127.0.0.1:{self.server.server_port}/in"

    @property
    def sequence(self) -> list[int]:
        return [one.told["data"]["sequence"] for one in self.got]

    def close(self) -> None:
        self.server.shutdown()
        self.server.server_close()


class Shop:
    """A review that waits, and systems that are told what becomes of it."""

    def __init__(self, ledgers: Ledgers, **webhooks: Any) -> None:
        self.ledgers = ledgers
        self.scene = Scene(ledgers)
        self.settings = Settings.model_validate(
            {"project": ledgers.home, "home": ledgers.home, "door_url": "https://door.example", "webhooks": webhooks}
        ).resolved()
        for name in webhooks:
            self.secret(f"webhooks-{name}", KEY)

    def secret(self, name: str, text: str, *, mode: int = 0o600) -> Path:
        self.settings.secrets.mkdir(exist_ok=True)
        path = self.settings.secrets / name
        path.write_text(text + "\n")
        path.chmod(mode)
        return path

    def look(self, **more: Any) -> dict[str, SystemTold]:
        return tell_systems(self.ledgers.worker, self.settings, draw=lambda: 0.0, **more)

    def comment(self, count: int = 1) -> list[int]:
        """Comments as the door records them; their numbers."""
        made: list[int] = []
        for _ in range(count):
            with self.ledgers.door.write() as tx:
                about = {"run": self.scene.run, "place": Place(), "words": "Say it louder.", "mentions": ["P-ana"]}
                add_comment(tx, self.scene.review.id, person="P-ben", **about)
                made.append(tx.tip().seq)
        return made

    def reject(self) -> None:
        self.scene.answer("ana", "Reject", reason="factual", note="The offer has ended.")

    def events(self, kind: EventKind) -> list[dict[str, Any]]:
        with self.ledgers.door.read() as tx:
            return [event.data for event in tx.events(kind)]
