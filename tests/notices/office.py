"""A high-risk review that waits, a receiver of notices, and one look at it all."""

import json
import threading
from collections.abc import Callable
from dataclasses import dataclass, field
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from pathlib import Path
from typing import Any

from presscheck.ledger import EventKind
from presscheck.models import Refused
from presscheck.notices import (
    Notice,
    NotSent,
    Told,
    Words,
    expired,
    new_question,
    next_in_line,
    owner_warned,
    reminder,
    send,
    tell_all,
    waiting,
    way_to,
)
from presscheck.people.rights import Grant, record_rights, remember_person
from presscheck.settings import Settings
from tests.desk.scene import BRIEF, Ledgers, Scene

__all__ = ["TOKEN", "Office", "Receiver"]

TOKEN = "xoxb-0123456789-do-not-tell"
COSTLY = BRIEF.model_copy(update={"spend_dollars": 6_000})


@dataclass
class Receiver:
    """A web server that keeps what it is sent, and answers as `status` says."""

    status: int = 200
    got: list[dict[str, Any]] = field(default_factory=list)
    asked: int = 0

    def __post_init__(self) -> None:
        receiver = self

        class Handler(BaseHTTPRequestHandler):
            def do_POST(self) -> None:
                receiver.asked += 1
                body = self.rfile.read(int(self.headers["Content-Length"]))
                if receiver.status == 200:
                    receiver.got.append(json.loads(body))
                self.send_response(receiver.status)
                self.send_header("Content-Length", "0")
                self.end_headers()

            def log_message(self, format: str, *args: Any) -> None:
                return

        self.server = ThreadingHTTPServer(("127.0.0.1", 0), Handler)
        threading.Thread(target=self.server.serve_forever, args=(0.01,), daemon=True).start()

    @property
    def url(self) -> str:
        """An Apprise address with a password and a token in it."""
        return f"json://bot:{TOKEN}@127.0.0.1:{self.server.server_port}/services/{TOKEN}"

    @property
    def said(self) -> str:
        """The last message, title and body."""
        return f"{self.got[-1]['title']}\n{self.got[-1]['message']}"

    def close(self) -> None:
        self.server.shutdown()
        self.server.server_close()


class Office:
    """The scene of the desk's tests, at stake high, with people who are told by secrets of the home."""

    def __init__(self, ledgers: Ledgers, *, brief: Any = COSTLY, **sections: Any) -> None:
        self.ledgers = ledgers
        self.scene = Scene(ledgers, brief=brief)
        self.person("dora", "marketing_director")
        self.settings = Settings.model_validate(
            {"project": ledgers.home, "home": ledgers.home, "door_url": "https://door.example", "notices": sections}
        ).resolved()

    def person(self, name: str, role: Any) -> None:
        email = f"{name}@brand.example"
        grants = (Grant(role=role, markets="all"),)
        with self.ledgers.door.write() as tx:
            remember_person(tx, f"P-{name}", email=email, name=name)
            record_rights(tx, EventKind.PERSON_ENROLLED, f"P-{name}", grants, email=email, name=name, by="P-root")

    def revoke(self, *names: str) -> None:
        with self.ledgers.door.write() as tx:
            for name in names:
                record_rights(
                    tx, EventKind.PERSON_REVOKED, f"P-{name}", (), email=f"{name}@brand.example", name=name, by="P-root"
                )

    def answer(self, name: str, decision: str = "Approve", **more: Any) -> None:
        """An answer by somebody who has just proved who they are."""
        with self.ledgers.door.read() as tx:
            now = tx.now
        raw = self.scene.raw(decision, **more)
        answer = self.scene.desk.apply(self.scene.review.id, person=f"P-{name}", raw=raw, proved_at=now)
        assert not isinstance(answer, Refused), answer

    def secret(self, name: str, url: str, *, mode: int = 0o600) -> Path:
        self.settings.secrets.mkdir(exist_ok=True)
        path = self.settings.secrets / name
        path.write_text(url + "\n")
        path.chmod(mode)
        return path

    def due(self) -> list[Notice]:
        with self.ledgers.worker.read() as tx:
            found = expired(tx)
            for review in waiting(tx, self.scene.desk):
                found += [*new_question(review), *reminder(review), *next_in_line(review), *owner_warned(review)]
        return found

    def steps(self) -> list[tuple[str, tuple[str, ...], tuple[str, ...]]]:
        return [(notice.step, notice.roles, notice.people) for notice in self.due()]

    def look(self, attempt: Callable[[str, Words], str | None] | None = None) -> Told:
        return tell_all(self.ledgers.worker, self.settings, self.due(), attempt or self.attempt)

    def attempt(self, addressee: str, words: Words) -> str | None:
        """As the flow's task does, without its waits."""
        with self.ledgers.worker.read() as tx:
            try:
                send(way_to(addressee, self.settings, tx), words)
            except NotSent as failed:
                return failed.code
        return None

    def events(self, *kinds: EventKind) -> list[dict[str, Any]]:
        with self.ledgers.door.read() as tx:
            return [event.data for event in tx.events(*kinds)]

    def told(self) -> list[tuple[str, str]]:
        return [(data["step"], data["to"]) for data in self.events(EventKind.NOTICE_SENT)]
