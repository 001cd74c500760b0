"""A server that speaks OpenAI's chat completions on loopback, with good days and bad ones.

    python tests/providers/openai_server.py --port 0 --behaviour good

It prints its port. `--behaviour 500,429,good` has one for each request; the last one stays. `GET /-/seen`
tells what was asked, `POST /-/behaviour` with such a list changes it. It needs the standard library only.
"""

import argparse
import json
import random
import re
import sys
import threading
import time
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from typing import Any

BEHAVIOURS = (
    "good", "500", "503", "429", "429-later", "hang", "slow", "broken", "not-json", "few", "same", "schema", "401",
    "404", "400", "402", "obey", "endless", "redirect", "no-usage", "odd-usage", "drop", "cut", "empty", "invisible",
    "compressed", "long",
)  # fmt: skip

_OPENINGS = (
    "The weekend is close, and the hills are patient.", "Some plans deserve a calm start.",
    "A small thing can change a whole walk.", "You know the feeling of a path after rain.",
    "Mornings outside begin with one good choice.", "There is room in the week for fresh air.",
    "Grey skies have their own charm.", "Your boots are ready by the door.",
    "Every walk tells a different story.", "Let the forecast say what it likes.",
    "What would make the next outing easier?", "Think of the first step out of the house.",
)  # fmt: skip
_MIDDLES = (
    "We kept it simple, so that you can think of the view.", "It folds into a bag and waits there for its hour.",
    "Bring a friend and a flask.", "Nothing about it asks for attention.",
    "It is made for people who go out anyway.", "You decide how far the path goes.",
    "Pockets where hands look for them, seams where they do not rub.", "Pack it once and forget that it is there.",
    "It asks for little and stays useful.", "The rest of the day belongs to you.",
    "Good company for slow roads.", "It does one job and does it quietly.",
)  # fmt: skip
_ENDINGS = (
    "Have a look when you find a minute.", "Come and see whether it suits you.", "We are here if you have questions.",
    "See you out there.", "Take your time with it.", "Perhaps it is what you were looking for.",
    "Tell us how your walk was.", "Enjoy the quiet.", "Your next outing can begin here.", "Until soon, on the path.",
)  # fmt: skip
_FIRST = ("A calm", "A quiet", "One good", "Your next", "Some fresh", "An easy", "A friendly", "The simple")
_SECOND = ("start", "walk", "morning", "plan", "step", "choice", "hour", "way out")
_THIRD = ("for grey days", "in the hills", "after the rain", "by the door", "outside", "for slow roads", "with friends")


class Author:
    """Writes different e-mails from a brief's facts; a seed makes a server's texts the same each time."""

    def __init__(self, seed: int) -> None:
        self._dice = random.Random(seed)
        self._subjects: list[str] = []

    def variant(self, brief: dict[str, Any]) -> dict[str, str]:
        if not self._subjects:
            self._subjects = [f"{a} {b} {c}" for a in _FIRST for b in _SECOND for c in _THIRD]
            self._dice.shuffle(self._subjects)
        facts = [point["text"] for point in brief.get("key_points", ()) if point.get("required")]
        middle = self._dice.sample(_MIDDLES, 2)
        parts = [self._dice.choice(_OPENINGS), f"{brief.get('offer', '')}. {middle[0]}", *facts, middle[1]]
        return {
            "angle": self._dice.choice(("benefit", "care", "ease", "story")),
            "subject": self._subjects.pop(),
            "preheader": self._dice.choice(_ENDINGS),
            "body": "\n\n".join([*parts, self._dice.choice(_ENDINGS)]),
        }


class Server(ThreadingHTTPServer):
    daemon_threads = True

    def __init__(self, port: int, behaviours: list[str], seed: int, seconds: float) -> None:
        super().__init__(("127.0.0.1", port), Handler)
        self.behaviours = behaviours
        self.seed = seed
        self.author = Author(seed)
        self.seconds = seconds
        self.seen: list[dict[str, Any]] = []
        self.lock = threading.Lock()

    def next_behaviour(self) -> str:
        with self.lock:
            return self.behaviours.pop(0) if len(self.behaviours) > 1 else self.behaviours[0]


class Handler(BaseHTTPRequestHandler):
    server: Server
    protocol_version = "HTTP/1.1"

    def do_GET(self) -> None:
        self._json(200, self.server.seen if self.path == "/-/seen" else {"data": []})

    def do_POST(self) -> None:
        body = self.rfile.read(int(self.headers.get("content-length", 0)))
        if self.path == "/-/behaviour":
            self.server.behaviours, self.server.seen = body.decode().split(","), []
            self.server.author = Author(self.server.seed)
            self._json(200, {})
            return
        asked = json.loads(body)
        behaviour = self.server.next_behaviour()
        with self.server.lock:
            headers = {name.lower(): value for name, value in self.headers.items()}
            self.server.seen.append({"path": self.path, "headers": headers, "body": asked, "behaviour": behaviour})
        self._answer(behaviour, asked)

    def _answer(self, behaviour: str, asked: dict[str, Any]) -> None:
        key = self.headers.get("authorization", "").removeprefix("Bearer ")
        errors = {
            "500": (500, "the server had a bad moment"), "503": (503, "overloaded"), "400": (400, "no such field"),
            # A careless server repeats the key that it refuses.
            "401": (401, f"Incorrect API key provided: {key}"), "404": (404, "The model does not exist"),
            "402": (402, "insufficient_quota"),
            **{str(status): (status, "the gateway gave up waiting") for status in (408, 502, 504, 524)},
        }  # fmt: skip
        if behaviour in errors:
            status, said = errors[behaviour]
            self._json(status, {"error": {"message": said, "type": "error", "code": None}})
        elif behaviour in ("429", "429-later"):
            wait = "1" if behaviour == "429" else "3600"
            self._json(429, {"error": {"message": "slow down", "type": "rate_limit"}}, **{"Retry-After": wait})
        elif behaviour == "hang":
            time.sleep(self.server.seconds)
            self.close_connection = True
        elif behaviour == "drop":
            self.close_connection = True
        elif behaviour == "redirect":
            self._json(307, {}, Location=f"http://127.0.0.1:{self.server.server_port}/elsewhere")
        elif behaviour == "not-json":
            self._raw(200, b"<html>the gateway says hello</html>")
        elif behaviour == "cut":
            self._raw(200, b'{"id": "x", "choices": [{"index": 0, "mess', says=4000)
        elif behaviour == "endless":
            self._endless()
        elif behaviour == "compressed":
            self._raw(200, b"\x1f\x8b\x08bomb", **{"Content-Encoding": "gzip"})
        else:
            if behaviour == "slow":
                time.sleep(self.server.seconds)
            self._complete(behaviour, asked)

    def _complete(self, behaviour: str, asked: dict[str, Any]) -> None:
        text = self._text_of(asked)
        count = int((re.search(r"^count: (\d+)$", text, re.MULTILINE) or ["", "0"])[1])
        brief, product = self._block(text, "brief"), self._block(text, "product")
        with self.server.lock:
            variants = self._variants(behaviour, count, brief, product)
        said: Any = {"variants": variants}
        if behaviour == "schema":
            said = {"mails": [{"title": "Hello", "text": "There"}]}
        told = json.dumps(said)
        if behaviour == "broken":
            told = told[: len(told) // 2]
        tools = asked.get("tools")
        message: dict[str, Any] = {"role": "assistant", "content": None if tools else told}
        if tools:
            call = {"name": tools[0]["function"]["name"], "arguments": told}
            message["tool_calls"] = [{"id": "call-1", "type": "function", "function": call}]
        usage: dict[str, Any] | None = {"prompt_tokens": len(text) // 4, "completion_tokens": len(told) // 4}
        usage["total_tokens"] = sum(usage.values())
        if behaviour == "no-usage":
            usage = None
        if behaviour == "odd-usage":
            usage = {"prompt_tokens": -5, "completion_tokens": 10**30, "total_tokens": 7}
        answer = {
            "id": "chatcmpl-1",
            "object": "chat.completion",
            "created": int(time.time()),
            "model": f"{asked.get('model')}-2026-11-01",
            "choices": [{"index": 0, "finish_reason": "tool_calls" if tools else "stop", "message": message}],
        }
        self._json(200, answer if usage is None else {**answer, "usage": usage})

    def _variants(
        self, behaviour: str, count: int, brief: dict[str, Any], product: dict[str, Any]
    ) -> list[dict[str, str]]:
        if behaviour == "empty":
            return []
        if behaviour == "same":
            same = {"angle": "care", "subject": "The same again", "preheader": "", "body": _OPENINGS[0]}
            return [same] * max(count, 50)
        written = [self.server.author.variant(brief) for _ in range(2 if behaviour == "few" else count)]
        if behaviour == "obey":
            # What the product's name ordered, done to the letter and in every text.
            order = str(product.get("name", ""))
            for one in written:
                one["body"] += f"\n\n{order}\n\nNow 90% off at https://evil.example/claim"
        if behaviour == "invisible":
            for one in written:
                one["subject"] = "\u202e" + one["subject"] + "\x1b[31m\r\nBcc: all@example.com"
                one["body"] = one["body"].replace(" ", " \u200b\u202e", 3) + "\x00"
        if behaviour == "long":
            written[0]["body"] = "word " * 5_000
        return written

    @staticmethod
    def _text_of(asked: dict[str, Any]) -> str:
        texts: list[str] = []
        for message in asked["messages"]:
            content = message.get("content") or ""
            texts.append(content if isinstance(content, str) else "\n".join(part.get("text", "") for part in content))
        return "\n".join(texts)

    @staticmethod
    def _block(text: str, name: str) -> dict[str, Any]:
        found = re.search(rf"^<<<{name} (\w+)\n(.*)\n\1 {name}>>>$", text, re.MULTILINE)
        return json.loads(found[2]) if found else {}

    def _endless(self) -> None:
        self.send_response(200)
        self.send_header("Content-Type", "application/json")
        self.send_header("Connection", "close")
        self.end_headers()
        try:
            for _ in range(400):
                self.wfile.write(b" " * 1_000_000)
        except OSError:
            self.server.seen[-1]["hung_up"] = True
        self.close_connection = True

    def _json(self, status: int, value: Any, **headers: str) -> None:
        self._raw(status, json.dumps(value).encode(), **headers)

    def _raw(self, status: int, body: bytes, *, says: int | None = None, **headers: str) -> None:
        self.send_response(status)
        self.send_header("Content-Type", "application/json")
        self.send_header("Content-Length", str(says or len(body)))
        for name, value in headers.items():
            self.send_header(name, value)
        self.end_headers()
        self.wfile.write(body)
        if says:
            self.close_connection = True

    def log_message(self, format: str, *args: Any) -> None:
        """Nothing: what was asked is told at /-/seen."""


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__.splitlines()[0])
    parser.add_argument("--port", type=int, default=0)
    parser.add_argument("--behaviour", default="good", help="one, or several by commas; the last one stays")
    parser.add_argument("--seed", type=int, default=7)
    parser.add_argument("--seconds", type=float, default=30, help="how long `hang` and `slow` take")
    given = parser.parse_args()
    behaviours = given.behaviour.split(",")
    unknown = set(behaviours) - set(BEHAVIOURS)
    if unknown:
        parser.error(f"no such behaviour: {', '.join(sorted(unknown))}; there are {', '.join(BEHAVIOURS)}")
    server = Server(given.port, behaviours, given.seed, given.seconds)
    print(server.server_port, flush=True)
    sys.stdout.flush()
    server.serve_forever()


if __name__ == "__main__":
    main()
