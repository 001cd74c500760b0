"""A press over a real mail server that crashes in the middle of its first batch."""

from pathlib import Path
from typing import Any

import pytest

from presscheck.press.channels import Message
from presscheck.press.channels.smtp import Smtp
from tests.desk.scene import Ledgers, Scene
from tests.press.mailing import Running, channel
from tests.press.stand import Stand

PEOPLE = 7
LOST = "person2@example.com"


class Killed(BaseException):
    """Stands for kill -9: nothing of ours runs after it."""


class Mailing:
    """A press over a real server, with a crash in its first batch of five."""

    def __init__(self, ledgers: Ledgers, running: Running) -> None:
        self.ledgers = ledgers
        self.running = running
        self.scene = Scene(ledgers, recipients=PEOPLE, via="smtp")
        self.delivery = self.press(self.smtp()).approve_and_request()

    def smtp(self) -> Smtp:
        return channel(self.running, self.folder, server=self.running.server(timeout=2.0))

    def press(self, smtp: Smtp, batch_size: int = 5) -> Stand:
        return Stand(self.scene, channels={"smtp": smtp}, batch_size=batch_size)

    @property
    def folder(self) -> Path:
        return self.ledgers.home / "press" / "smtp"

    def crash(self) -> None:
        smtp = self.smtp()
        send = smtp.send

        def dying(delivery: str, batch: list[Message]) -> Any:
            send(delivery, batch[:4])
            raise Killed

        smtp.send = dying  # type: ignore[method-assign]
        with pytest.raises(Killed):
            self.press(smtp).press.step()
        smtp.hang_up()
        assert self.running.addresses() == [f"person{number}@example.com" for number in (0, 1, 3)]

    def go_on(self, batch_size: int = 5) -> Any:
        smtp = self.smtp()
        stand = self.press(smtp, batch_size)
        stand.press.step()
        smtp.hang_up()
        return stand.row(self.delivery)

    def write(self, statement: Any) -> None:
        """As somebody who may write into the database, and has no key of ours."""
        with self.ledgers.press.engine.begin() as connection:
            connection.execute(statement)

    @property
    def journal(self) -> Path:
        (found,) = self.folder.glob("*.journal")
        return found

    def assert_none_twice(self) -> None:
        sent = self.running.addresses()
        assert len(sent) == len(set(sent)), sent
