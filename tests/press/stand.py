"""A press over a scene: the real outbox, and a look at what lies in it."""

from email import message_from_bytes, policy
from email.message import EmailMessage
from typing import Any

from presscheck.desk import Desk
from presscheck.ledger.deliveries import find_delivery
from presscheck.models import Decision
from presscheck.press import Press
from presscheck.press.channels.outbox import Outbox
from tests.desk.scene import Scene


class Stand:
    """A press with small batches."""

    def __init__(self, scene: Scene, **more: Any) -> None:
        self.scene = scene
        self.outbox = Outbox(scene.ledgers.home / "outbox")
        ledger = scene.ledgers.press
        desk = Desk(ledger, scene.policies)
        channels = more.pop("channels", {"outbox": self.outbox})
        self.press = Press(ledger, desk, channels, scene.ledgers.home, **{"batch_size": 3, **more})

    def approve_and_request(self, **more: Any) -> str:
        decision = self.scene.approve(**more)
        return self.request(decision)

    def request(self, decision: Decision) -> str:
        assert decision.manifest is not None
        return self.scene.request(decision.manifest)

    def row(self, delivery: str) -> Any:
        with self.scene.ledgers.press.read() as tx:
            return find_delivery(tx, delivery)

    def files(self) -> list[str]:
        return sorted(path.name for path in self.outbox.folder.rglob("*.eml"))

    def mails(self) -> list[EmailMessage]:
        paths = sorted(self.outbox.folder.rglob("*.eml"))
        return [message_from_bytes(path.read_bytes(), policy=policy.default) for path in paths]
