"""The server that speaks OpenAI's protocol, as a process of its own, and a hand on it."""

import subprocess
import sys
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import httpx

__all__ = ["ModelServer", "running_model_server"]


@dataclass(frozen=True)
class ModelServer:
    """One running server."""

    port: int

    @property
    def url(self) -> str:
        return f"http://127.0.0.1:{self.port}/v1"

    def behave(self, behaviour: str) -> None:
        """From the next request on; several by commas, one a request; the last one stays. Forgets what it saw."""
        self._ask("POST", "/-/behaviour", content=behaviour).raise_for_status()

    @property
    def seen(self) -> list[dict[str, Any]]:
        """What it was asked since it was last told how to behave."""
        return self._ask("GET", "/-/seen").json()

    def _ask(self, method: str, path: str, **more: Any) -> httpx.Response:
        return httpx.request(method, f"http://127.0.0.1:{self.port}{path}", trust_env=False, timeout=20, **more)


@contextmanager
def running_model_server() -> Iterator[ModelServer]:
    """The server, ended with the block."""
    script = Path(__file__).parent / "providers" / "openai_server.py"
    with subprocess.Popen([sys.executable, script, "--seconds", "30"], stdout=subprocess.PIPE, text=True) as server:
        try:
            assert server.stdout is not None
            yield ModelServer(int(server.stdout.readline()))
        finally:
            server.terminate()
