"""The ways out. A channel takes messages by key, and can be asked afterwards what became of one."""

from collections.abc import Callable, Sequence
from dataclasses import dataclass, field
from datetime import datetime
from typing import Literal, Protocol, runtime_checkable

from presscheck.assets.copy.posts import Post
from presscheck.models import Channel as MessageChannel
from presscheck.models import Outgoing
from presscheck.press.refusals import About

__all__ = [
    "Answered",
    "Channel",
    "Failed",
    "Fate",
    "Greeting",
    "Journaling",
    "Message",
    "Preflight",
    "PutOff",
    "Recalled",
    "Report",
    "Sent",
    "Shipment",
    "Stoppable",
    "Unknown",
    "Variation",
]

Fate = Literal["sent", "not-sent", "unknown"]


@dataclass(frozen=True)
class Message:
    """One rendered message. Its key is the same however often it is made."""

    key: str
    address: str
    """An e-mail address; on other channels the recipient's id, which the platform knows; empty for everybody."""
    content: bytes = field(repr=False)
    """An e-mail as it is sent, or a post as JSON."""
    post: Post | None = field(default=None, repr=False)
    """The post that the content was made of; None for e-mail."""
    return_tag: str = ""
    """What the return address of an e-mail carries (`bounce+TAG@...`), so that a bounce proves what it is about."""
    proven: bool = False
    """Others of this delivery were taken before: not everybody is refused for one reason."""
    again: bool = False
    """It was put off before: what is said of it now is about it alone."""


@dataclass(frozen=True)
class Sent:
    """The channel has taken the message."""

    key: str


@dataclass(frozen=True)
class Failed:
    """The channel has refused the message, for good."""

    key: str
    reason: str
    about: About | None = None
    """What it was refused for, where the channel says that of its reader; what is about us fails nobody."""


@dataclass(frozen=True)
class PutOff:
    """The channel has not taken the message, and may later: the press tries again, in pauses that grow."""

    key: str
    reason: str


@dataclass(frozen=True)
class Unknown:
    """The channel cannot say whether it took the message; it is never handed over again."""

    key: str
    reason: str


Answered = Sent | Failed | PutOff | Unknown
"""What a channel says of one message."""


@dataclass(frozen=True)
class Variation:
    """One pick, as it went out."""

    subject: str
    fingerprint: str
    html: str = field(repr=False)
    messages: int


@dataclass(frozen=True)
class Shipment:
    """One message of the report."""

    key: str
    address: str
    """As in the message; `everybody` on a public channel."""
    subject: str


@dataclass(frozen=True)
class Report:
    """What a delivery came to, for the page that people open."""

    delivery: str
    run: str
    title: str
    sender: str
    review: str
    answer: str
    """Who approved it, or which rule let it out, in a sentence or two."""
    finished: datetime
    counts: dict[str, int]
    variations: tuple[Variation, ...]
    first: tuple[Shipment, ...]
    channel: MessageChannel = "email"


@dataclass(frozen=True)
class Recalled:
    """What came of taking messages back, by their keys; every key that was asked for is in one of the two."""

    taken_back: tuple[str, ...]
    """Nobody can get these any more, and the channel is sure of it."""
    listed: tuple[str, ...]
    """These are out, or nobody can say."""
    how: str
    """What the channel did, in a sentence without addresses."""


class Channel(Protocol):
    """A way out. Messages of one delivery come in batches; each is handed over once."""

    def send(self, delivery: str, batch: Sequence[Message]) -> Sequence[Answered]:
        """Hand a batch over; one answer for each message. ChannelError if nothing can be said of the batch.

        NotNow where what is refused is ours and no message's fault: the delivery waits, and nothing has failed.
        """
        ...

    def outcome(self, delivery: str, key: str) -> Fate:
        """What became of a message that was perhaps handed over before a crash."""
        ...

    def close(self, report: Report) -> str:
        """The delivery is complete; where a person can look comes back, or nothing. May be called again."""
        ...

    def take_back(self, delivery: str, keys: Sequence[str]) -> Recalled:
        """Take back what can be taken back of these messages, and say so of nothing else. May be called again.

        ChannelError where that cannot even be tried now.
        """
        ...


@runtime_checkable
class Preflight(Protocol):
    """A channel that looks at a delivery before anything of it goes out."""

    def preflight(self, manifest: Outgoing) -> tuple[str, ...]:
        """Every fault, in words; none where the delivery may begin."""
        ...


@runtime_checkable
class Greeting(Protocol):
    """A channel that can be tried out without anything going out."""

    def greet(self, *, seconds: float) -> str:
        """How reaching it went, within about so many seconds. ChannelError, with what to do, where it did not."""
        ...


@runtime_checkable
class Stoppable(Protocol):
    """A channel that can stop in the middle of a batch; ChannelError then says that it did."""

    def stop_when(self, stopping: Callable[[], bool]) -> None:
        """Begin no message once this says true; asked before each of them, and while waiting."""
        ...


@runtime_checkable
class Journaling(Stoppable, Protocol):
    """A channel that cannot be asked afterwards, and so keeps a journal of its own."""

    def prepare(self, delivery: str, keys: Sequence[str]) -> str:
        """Write down what is about to be handed over; the journal's id, which the press signs into the ledger."""
        ...

    def recall(self, delivery: str, keys: Sequence[str], journals: Sequence[str]) -> dict[str, Fate]:
        """What became of messages, by every journal that the ledger names for them. What is in doubt is `unknown`."""
        ...
