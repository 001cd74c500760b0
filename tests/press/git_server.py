"""A real Git server on loopback: git's own http-backend behind Basic sign-in, in this process's threads.

    with git_server(folder, user="press", password="…") as server:
        server.url("blog.git")

`server.mood` makes a bad day: "redirect", "drop-after-push", "busy", "slow-push" (until `server.go`), "read-only",
"page" and "noise" (200, and no Git), or a status such as "403". With `papers` it speaks https.
"""

import base64
import os
import ssl
import subprocess
import threading
from collections.abc import Generator
from contextlib import contextmanager
from dataclasses import dataclass, field
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from pathlib import Path
from typing import Any
from urllib.parse import urlsplit

from tests.press.mailing import Papers

_ADVERTISED = "application/x-git-upload-pack-advertisement"
_NO_GIT = {
    "page": ("text/html", b"<html><body>Please sign in.</body></html>"),
    "noise": (_ADVERTISED, bytes(range(256)) * 4),
    "empty": (_ADVERTISED, b""),
    "odd": (_ADVERTISED, b"001e# service=git-upload-pack\n0000zzzz"),
    "cut": (_ADVERTISED, b"001e# service=git-upload-pack\n00000155"),
}


@dataclass
class GitServer:
    port: int
    mood: str = ""
    seen: list[tuple[str, str | None]] = field(default_factory=list)
    """Each request's path, and what it signed in with."""
    go: threading.Event = field(default_factory=threading.Event)
    scheme: str = "http"

    def url(self, name: str) -> str:
        return f"{self.scheme}://127.0.0.1:{self.port}/{name}"


@contextmanager
def git_server(folder: Path, *, user: str, password: str, papers: Papers | None = None) -> Generator[GitServer]:
    expected = "Basic " + base64.b64encode(f"{user}:{password}".encode()).decode()

    class Handler(BaseHTTPRequestHandler):
        def do_GET(self) -> None:
            self._serve()

        def do_POST(self) -> None:
            self._serve()

        def _serve(self) -> None:
            given = self.headers.get("Authorization")
            server.seen.append((self.path, given))
            if server.mood == "redirect" and "/elsewhere" not in self.path:
                self.send_response(302)
                self.send_header("Location", f"http://127.0.0.1:{server.port}/elsewhere{self.path}")
                self.end_headers()
                return
            if server.mood == "busy" or server.mood.isdigit():
                self.send_error(503 if server.mood == "busy" else int(server.mood))
                return
            if server.mood == "read-only" and "git-receive-pack" in self.path:
                self.send_error(403)
                return
            if server.mood in _NO_GIT:
                kind, body = _NO_GIT[server.mood]
                self.send_response(200)
                self.send_header("Content-Type", kind)
                self.end_headers()
                self.wfile.write(body)
                return
            if given != expected:
                self.send_response(401)
                self.send_header("WWW-Authenticate", 'Basic realm="git"')
                self.end_headers()
                return
            if server.mood == "slow-push" and self.command == "POST" and self.path.endswith("/git-receive-pack"):
                server.go.wait(30)
            answer = self._backend()
            if server.mood == "drop-after-push" and self.path.endswith("git-receive-pack") and self.command == "POST":
                server.mood = ""
                self.close_connection = True
                return
            head, _, body = answer.partition(b"\r\n\r\n")
            lines = [line.partition(b": ") for line in head.split(b"\r\n")]
            status = next((int(value.split()[0]) for name, _, value in lines if name == b"Status"), 200)
            self.send_response(status)
            for name, _, value in lines:
                if name != b"Status":
                    self.send_header(name.decode(), value.decode())
            self.end_headers()
            self.wfile.write(body)

        def _backend(self) -> bytes:
            parts = urlsplit(self.path)
            if self.headers.get("Transfer-Encoding") == "chunked":
                body = b""
                while size := int(self.rfile.readline(), 16):
                    body += self.rfile.read(size)
                    self.rfile.readline()
            else:
                body = self.rfile.read(int(self.headers.get("Content-Length", "0")))
            environment = {
                "PATH": os.environ["PATH"],
                "GIT_PROJECT_ROOT": str(folder),
                "GIT_HTTP_EXPORT_ALL": "1",
                "GIT_CONFIG_GLOBAL": "/dev/null",
                "GIT_CONFIG_COUNT": "1",
                "GIT_CONFIG_KEY_0": "safe.directory",
                "GIT_CONFIG_VALUE_0": "*",
                "REQUEST_METHOD": self.command,
                "PATH_INFO": parts.path,
                "QUERY_STRING": parts.query,
                "CONTENT_TYPE": self.headers.get("Content-Type", ""),
                "CONTENT_LENGTH": str(len(body)),
                "REMOTE_USER": user,
                "HTTP_CONTENT_ENCODING": self.headers.get("Content-Encoding", ""),
            }
            done = subprocess.run(["git", "http-backend"], input=body, capture_output=True, env=environment, check=True)
            return done.stdout

        def log_message(self, format: str, *args: Any) -> None:
            """What came in is in `seen`."""

    with ThreadingHTTPServer(("127.0.0.1", 0), Handler) as http:
        http.daemon_threads = True
        server = GitServer(int(http.server_address[1]), scheme="https" if papers else "http")
        if papers is not None:
            context = ssl.SSLContext(ssl.PROTOCOL_TLS_SERVER)
            context.load_cert_chain(papers.certificate, papers.key)
            http.socket = context.wrap_socket(http.socket, server_side=True)
        thread = threading.Thread(target=http.serve_forever, args=(0.02,), daemon=True)
        thread.start()
        yield server
        http.shutdown()
        thread.join()
