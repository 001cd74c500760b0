"""A real receiver of webhooks in a process of its own, with bad days: `python receiver.py LOG` prints its port.

With CERTIFICATE and KEY after LOG it speaks https. The path says how it behaves; each request is a JSON line in LOG, on
the disk before it is answered.
"""

import json
import socket
import ssl
import sys
import threading
import time
from collections import Counter
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from pathlib import Path
from typing import Any

_SEEN: Counter[tuple[str, str]] = Counter()
_LOCK = threading.Lock()


class Receiver(BaseHTTPRequestHandler):
    protocol_version = "HTTP/1.1"

    def do_POST(self) -> None:
        body = self.body = self.rfile.read(int(self.headers.get("Content-Length", "0")))
        self._note(body)
        mood = self.path.strip("/").split("/")[0]
        with _LOCK:
            _SEEN[(mood, self.headers.get("Idempotency-Key", ""))] += 1
            times = _SEEN[(mood, self.headers.get("Idempotency-Key", ""))]
        getattr(self, f"_{mood}")(times)

    def do_GET(self) -> None:
        self._note(b"")
        answer = self.path.strip("/").split("/")[1]
        said = {"huge": "[" * 200_000, "nonsense": '{"status": {"sent": true}}'}.get(answer)
        self._answer(200, (said or json.dumps({"status": answer})).encode())

    def do_OPTIONS(self) -> None:
        self._note(b"")
        mood = self.path.strip("/").split("/")[0]
        status = {"moves": 301, "broken": 500, "locked": 401, "away": 404}.get(mood, 204)
        self._answer(status, b"", {"Location": "/ok"} if status == 301 else {"Allow": "POST"})

    def _ok(self, times: int) -> None:
        self._answer(200)

    def _slow(self, times: int) -> None:
        time.sleep(0.02)
        self._answer(200)

    def _recalls(self, times: int) -> None:
        """Takes back everything but the first, and a message that nobody asked about."""
        told = json.loads(self.body)
        keys = told["data"].get("keys", []) if told["type"] == "message.recall" else []
        self._answer(200, json.dumps({"recalled": [*keys[1:], "f" * 64, 7]}).encode())

    def _broken(self, times: int) -> None:
        self._answer(500)

    def _flaky(self, times: int) -> None:
        self._answer(503 if times == 1 else 200)

    def _doubts(self, times: int) -> None:
        self._answer(500 if times == 1 else 409)

    def _busy(self, times: int) -> None:
        self._answer(429 if times == 1 else 200, headers={"Retry-After": "0"})

    def _closed(self, times: int) -> None:
        self._answer(429, headers={"Retry-After": "3600"})

    def _refuses(self, times: int) -> None:
        self._answer(422, b"<script>alert(1)</script>")

    def _locked(self, times: int) -> None:
        self._answer(401)

    def _moves(self, times: int) -> None:
        self._answer(302, headers={"Location": f"http://127.0.0.1:{self.server.server_port}/ok"})

    def _lures(self, times: int) -> None:
        self._answer(307, headers={"Location": "http://169.254.169.254/latest/meta-data/"})

    def _hangs(self, times: int) -> None:
        time.sleep(30)
        self.close_connection = True

    def _drops(self, times: int) -> None:
        self.connection.shutdown(socket.SHUT_RDWR)
        self.close_connection = True

    def _dropsonce(self, times: int) -> None:
        self._answer(200) if times > 1 else self._drops(times)

    def _babbles(self, times: int) -> None:
        self.wfile.write(b"SSH-2.0-OpenSSH_9.2\r\n\r\n")
        self.close_connection = True

    def _drips(self, times: int) -> None:
        self.close_connection = True
        for _ in range(60):
            self.wfile.write(b"H")
            self.wfile.flush()
            time.sleep(0.05)

    def _floods(self, times: int) -> None:
        self.send_response(200)
        self.send_header("Content-Length", str(1 << 40))
        self.end_headers()
        self.close_connection = True
        for _ in range(100_000):
            self.wfile.write(b"x" * 65_536)

    def _answer(self, status: int, body: bytes = b"{}", headers: dict[str, str] | None = None) -> None:
        self.send_response(status)
        for name, value in (headers or {}).items():
            self.send_header(name, value)
        self.send_header("Content-Length", str(len(body)))
        self.end_headers()
        self.wfile.write(body)

    def _note(self, body: bytes) -> None:
        told = {
            "method": self.command,
            "path": self.path,
            "headers": {name.lower(): value for name, value in self.headers.items()},
            "body": body.decode("utf-8"),
        }
        with _LOCK, Path(sys.argv[1]).open("a", encoding="utf-8") as log:
            log.write(json.dumps(told) + "\n")

    def log_message(self, format: str, *args: Any) -> None:
        """Nothing on standard error: the log says it all."""


class _Server(ThreadingHTTPServer):
    daemon_threads = True

    def handle_error(self, request: Any, client_address: Any) -> None:
        """A client that hangs up on a bad day is what is wanted."""


if __name__ == "__main__":
    server = _Server(("127.0.0.1", 0), Receiver)
    if len(sys.argv) > 2:
        context = ssl.SSLContext(ssl.PROTOCOL_TLS_SERVER)
        context.load_cert_chain(sys.argv[2], sys.argv[3])
        server.socket = context.wrap_socket(server.socket, server_side=True)
    print(server.server_port, flush=True)
    server.serve_forever()
