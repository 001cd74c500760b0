"""Which message goes next: in order, not before its time, and not faster than a domain wants it.

    queue = Queue(jobs, rates, stopping)
    while (job := queue.take()) is not None:      in each of several threads
        ...
        queue.done() or queue.again(job, wait=10)

Where a message has to wait, others go first.
"""

import heapq
import threading
import time
from collections.abc import Callable, Iterable, Mapping
from dataclasses import dataclass, field

from presscheck.press.channels import Message
from presscheck.press.channels.smtp_line import Envelope

_LOOK = 0.25


class Rates:
    """When a recipients' domain may have its next message; remembered from batch to batch."""

    def __init__(self, per_second: Mapping[str, float]) -> None:
        self._gaps = {domain.lower(): 1 / rate for domain, rate in per_second.items()}
        self._next: dict[str, float] = {}

    def reserve(self, domain: str, now: float) -> float:
        """The moment at which the next message to this domain may go; it is taken with this."""
        gap = self._gaps.get(domain, self._gaps.get("*"))
        if gap is None:
            return now
        at = max(now, self._next.get(domain, now))
        self._next[domain] = at + gap
        return at


@dataclass(order=True)
class Job:
    """One message on its way, and how it fared so far."""

    ready: float
    place: int
    message: Message = field(compare=False)
    envelope: Envelope = field(compare=False)
    tries: int = field(default=0, compare=False)
    reserved: bool = field(default=False, compare=False)
    first_lost: float | None = field(default=None, compare=False)

    @property
    def domain(self) -> str:
        return self.message.address.rpartition("@")[2].lower()


class Queue:
    """The jobs of one hand-over, for several threads."""

    def __init__(
        self, messages: Iterable[tuple[Message, Envelope]], rates: Rates, stopping: Callable[[], bool]
    ) -> None:
        now = time.monotonic()
        self._jobs = [Job(now, place, message, envelope) for place, (message, envelope) in enumerate(messages)]
        self._size = len(self._jobs)
        self._rates = rates
        self._stopping = stopping
        self._turn = threading.Condition()
        self._under_way = 0
        self._not_before = now
        self.stopped = False
        """No message is begun any more: the press was told to stop, or something broke."""

    def __len__(self) -> int:
        """How many messages the hand-over has, whatever became of them."""
        return self._size

    def largest(self) -> bytes:
        """The longest of the messages that wait."""
        return max((job.envelope.content for job in self._jobs), key=len, default=b"")

    def take(self) -> Job | None:
        """The next message, when it may go; None when there is none left or the queue was stopped."""
        with self._turn:
            while True:
                self.stopped = self.stopped or self._stopping()
                if self.stopped or not (self._jobs or self._under_way):
                    self._turn.notify_all()
                    return None
                now = time.monotonic()
                if now < self._not_before:
                    self._turn.wait(min(self._not_before - now, _LOOK))
                    continue
                if self._jobs and self._jobs[0].ready <= now:
                    job = heapq.heappop(self._jobs)
                    if not job.reserved:
                        job.reserved = True
                        job.ready = self._rates.reserve(job.domain, now)
                    if job.ready <= now:
                        self._under_way += 1
                        return job
                    heapq.heappush(self._jobs, job)
                    continue
                wait = self._jobs[0].ready - now if self._jobs else _LOOK
                self._turn.wait(min(wait, _LOOK))

    def done(self) -> None:
        """A message that was taken here has its answer."""
        with self._turn:
            self._under_way -= 1
            self._turn.notify_all()

    def again(self, job: Job, *, wait: float) -> None:
        """Put a message back, for after `wait` seconds."""
        with self._turn:
            job.ready = time.monotonic() + wait
            job.reserved = False
            heapq.heappush(self._jobs, job)
            self._under_way -= 1
            self._turn.notify_all()

    def rest(self, seconds: float) -> None:
        """Give out nothing for so long: the server wants us slower, whoever comes next."""
        with self._turn:
            self._not_before = max(self._not_before, time.monotonic() + seconds)

    def stop(self) -> None:
        """Give out nothing more."""
        with self._turn:
            self.stopped = True
            self._turn.notify_all()
