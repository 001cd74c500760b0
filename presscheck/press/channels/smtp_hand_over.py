"""One batch on its way to the mail server, over as many connections as there may be.

Each message ends as taken, refused for good (5xx), given up after some attempts (4xx, or a connection
that breaks on this message and not on others), or unknown. If the server is no help at all, or the press
is told to stop, ChannelError ends the hand-over: the journal knows what was begun and what was not.
"""

import threading
import time
from collections import Counter
from collections.abc import Callable
from concurrent.futures import ThreadPoolExecutor
from dataclasses import dataclass, field, replace

from presscheck.errors import ChannelError
from presscheck.press.channels import Failed, Sent, Unknown
from presscheck.press.channels.smtp_client import MailServer
from presscheck.press.channels.smtp_journal import Journal
from presscheck.press.channels.smtp_line import Answer, Line
from presscheck.press.channels.smtp_queue import Job, Queue

__all__ = ["HandOver", "Lines", "Manners"]

# Mail servers close what is silent for some minutes; a new connection costs less than finding out.
_STALE = 20.0
_LONGEST_WAIT = 300.0
# A message on which the connection broke in so many hand-overs keeps the others waiting no longer.
_LOST_ENOUGH = 3


@dataclass(frozen=True)
class Manners:
    """How much is asked of the server, and how patiently."""

    connections: int = 8
    attempts: int = 4
    first_wait: float = 5.0
    rates: dict[str, float] = field(default_factory=dict[str, float])


class Lines:
    """Connections that are open and idle, kept from batch to batch."""

    def __init__(self, server: MailServer) -> None:
        self._server = server
        self._idle: list[Line] = []
        self._guard = threading.Lock()

    def get(self) -> Line:
        """One that is open, or a new one. ChannelError if the server gives none."""
        while True:
            with self._guard:
                line = self._idle.pop() if self._idle else None
            if line is None:
                return Line.open(self._server)
            if time.monotonic() - line.last_used < _STALE:
                return line
            line.close(politely=True)

    def put(self, line: Line) -> None:
        """Keep a connection for the next who needs one."""
        if line.usable:
            with self._guard:
                self._idle.append(line)

    def close(self) -> None:
        """Take leave of the server."""
        with self._guard:
            idle, self._idle = self._idle, []
        for line in idle:
            line.close(politely=True)


class _Stopped(Exception):
    """Somebody stopped this while a message was under way, and before the server can have taken it."""


class HandOver:
    """The answers for one queue; `lost` counts over all hand-overs on which messages connections broke."""

    def __init__(
        self,
        queue: Queue,
        journal: Journal,
        lines: Lines,
        manners: Manners,
        sign: Callable[[bytes], bytes],
        lost: Counter[str],
        *,
        stopping: Callable[[], bool] = lambda: False,
    ) -> None:
        self._queue = queue
        self._journal = journal
        self._lines = lines
        self._manners = manners
        self._sign = sign
        self._lost = lost
        self._stopping = stopping
        self._answers: dict[str, Sent | Failed | Unknown] = {}
        self._fault: ChannelError | None = None
        self._last_taken = float("-inf")

    def run(self) -> list[Sent | Failed | Unknown]:
        """An answer for each message; ChannelError if there cannot be one for all."""
        size = len(self._queue)
        threads = min(self._manners.connections, size)
        with ThreadPoolExecutor(threads, thread_name_prefix="smtp") as pool:
            for work in [pool.submit(self._work) for _ in range(threads)]:
                work.result()
        if len(self._answers) == size:
            return list(self._answers.values())
        raise self._fault or ChannelError(
            f"{len(self._answers):,} of {size:,} messages had their answer when the press was told to stop; "
            "the rest go out when it starts again."
        )

    def _work(self) -> None:
        line: Line | None = None
        try:
            while (job := self._queue.take()) is not None:
                try:
                    if line is not None and not line.usable:
                        line = None
                    if line is None:
                        line = self._lines.get()
                    self._settle(job, *self._try(line, job))
                except ChannelError as error:
                    self._fault = self._fault or error
                    if line is not None:
                        # The server refuses us, or the journal cannot be written: the others would fare no better.
                        # Before the message is put back: it may have been taken, and nobody else may find it there.
                        self._queue.stop()
                    self._queue.again(job, wait=0)
                    return
        except BaseException:
            self._queue.stop()
            raise
        finally:
            if line is not None:
                self._lines.put(line)

    def _try(self, line: Line, job: Job) -> tuple[Answer, bool]:
        """What the server said; and whether this connection had served others and broke before this message."""
        key = job.message.key
        begun = False
        had_served = line.taken > 0

        def begin() -> None:
            nonlocal begun
            self._unless_stopped()
            begun = True
            self._journal.begun(key)

        def before_the_dot() -> None:
            self._journal.commit()
            # A slow server may have let minutes pass since it was begun. Without the dot it has nothing.
            self._unless_stopped()

        envelope = replace(job.envelope, content=self._sign(job.envelope.content))
        try:
            answer = line.hand_over(envelope, begin, before_the_dot)
        except _Stopped:
            answer = Answer("lost", "the press was told to stop")
            self._queue.stop()
        if answer.kind == "taken":
            self._journal.taken(key)
        elif answer.kind != "unknown" and begun:
            self._journal.left(key)
        return answer, had_served and not begun

    def _unless_stopped(self) -> None:
        if self._stopping():
            raise _Stopped

    def _settle(self, job: Job, answer: Answer, worn_out: bool) -> None:
        key = job.message.key
        if self._queue.stopped and answer.kind in ("lost", "put-off"):
            # Nothing speaks against it; it goes out with the rest.
            self._queue.again(job, wait=0)
            return
        match answer.kind:
            case "taken":
                self._last_taken = time.monotonic()
                self._end(Sent(key))
            case "refused":
                self._end(Failed(key, answer.words))
            case "unknown":
                self._end(Unknown(key, answer.words))
            case "lost" if worn_out:
                # Servers end a connection after so many messages; that is nobody's failure.
                self._queue.again(job, wait=0)
            case "put-off" | "lost":
                self._put_off(job, answer)

    def _put_off(self, job: Job, answer: Answer) -> None:
        now = time.monotonic()
        job.tries += 1
        if answer.kind == "lost" and job.first_lost is None:
            job.first_lost = now
        if job.tries < self._manners.attempts:
            wait = min(self._manners.first_wait * 2 ** (job.tries - 1), _LONGEST_WAIT)
            self._queue.again(job, wait=wait)
            return
        key, times = job.message.key, f"{job.tries} attempts" if job.tries > 1 else "1 attempt"
        if answer.kind == "put-off":
            self._end(Failed(key, f"put off by the mail server, given up after {times}: {answer.words}"))
            return
        self._lost[key] += 1
        others_are_taken = self._last_taken > (job.first_lost or now)
        if others_are_taken or self._lost[key] >= _LOST_ENOUGH:
            self._end(Failed(key, f"the connection broke before it was taken, given up after {times}: {answer.words}"))
            return
        raise ChannelError(
            f"the mail server breaks the connection before it takes a message: {answer.words}. The delivery goes on "
            "by itself when the server does; look at the server's log."
        )

    def _end(self, answer: Sent | Failed | Unknown) -> None:
        self._answers[answer.key] = answer
        self._queue.done()
