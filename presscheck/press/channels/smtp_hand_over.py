"""One batch on its way to the mail server, over as many connections as there may be.

Each message ends as taken, refused for good, put off (the press tries it again later, and the batch does not wait for
it), given up where the connection breaks on it and not on others, or unknown. What a refusal is about decides, never
the command at which it comes: Postfix reports a refused sender at RCPT (smtpd_delay_reject), so a code alone tells
nothing. Where it is about us, or the server is no help, or the press is told to stop, an error ends the hand-over: the
journal knows what was begun and what was not, and nothing has failed.
"""

import re
import threading
import time
from collections import Counter
from collections.abc import Callable
from concurrent.futures import ThreadPoolExecutor
from dataclasses import dataclass, field, replace

from presscheck.errors import ChannelError, NotNow
from presscheck.press.channels import Answered, Failed, PutOff, Sent, Unknown
from presscheck.press.channels.smtp_client import MailServer
from presscheck.press.channels.smtp_journal import Journal
from presscheck.press.channels.smtp_line import Answer, Line
from presscheck.press.channels.smtp_queue import Job, Queue
from presscheck.press.refusals import is_about_us

# Mail servers close what is silent for some minutes; a new connection costs less than finding out.
_STALE = 20.0
_LONGEST_WAIT = 300.0
# A message on which the connection broke in so many hand-overs keeps the others waiting no longer.
_LOST_ENOUGH = 3
_ENOUGH_ALIKE = 10
"""So many refusals one after the other, with nothing taken in between, are about the delivery and not about each."""
_FEW_ALIKE = 3
"""So many are, where they are all that was handed over and the server gives no reason that is the recipient's."""
_VARIES = re.compile(r"\S*[0-9\[\]<>(){}=/_]\S*")


@dataclass(frozen=True)
class Manners:
    """How much is asked of the server, and how patiently within a batch.

    `attempts` and `first_wait` (seconds, doubled each time) are for a connection that breaks and a server that wants
    us slower; a message that is put off is no business of the batch's.
    """

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
        self.fewer = 0
        """How many connections the server bears for now; 0: as many as we like."""

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
        self._answers: dict[str, Answered] = {}
        self._fault: ChannelError | None = None
        self._last_taken = float("-inf")
        self._guard = threading.Lock()
        self._streak: list[tuple[Job, Answer]] = []
        """Who was refused or put off since the last message that was taken; whether that is about us shows later."""
        self._slower = 0
        self._rests_until = float("-inf")

    def run(self) -> list[Answered]:
        """An answer for each message; ChannelError if there cannot be one for all, NotNow where that is about us."""
        size = len(self._queue)
        most = self._manners.connections
        threads = min(self._lines.fewer or most, most, size)
        self._check_size()
        with ThreadPoolExecutor(threads, thread_name_prefix="smtp") as pool:
            for work in [pool.submit(self._work, number) for number in range(threads)]:
                work.result()
        if not self._queue.stopped and len(self._answers) + len(self._streak) == size:
            # Whatever connection could not be opened, others have served everybody.
            self._fault = self._about_all(whole=True)
            if self._fault is None:
                self._release()
        if self._fault is None and not self._slower and self._lines.fewer:
            # A whole batch without a complaint: a little more may be asked again.
            self._lines.fewer = 0 if self._lines.fewer * 2 >= most else self._lines.fewer * 2
        if len(self._answers) == size:
            return list(self._answers.values())
        if isinstance(self._fault, NotNow):
            self._fault.taken = sum(isinstance(answer, Sent) for answer in self._answers.values())
        raise self._fault or ChannelError(
            f"{len(self._answers):,} of {size:,} messages had their answer when the press was told to stop; "
            "the rest go out when it starts again."
        )

    def _check_size(self) -> None:
        """NotNow before anything goes, where one of the messages is larger than the server takes."""
        line = self._lines.get()
        try:
            line.check_size(self._sign(self._queue.largest()))
        finally:
            self._lines.put(line)

    def _work(self, number: int) -> None:
        line: Line | None = None
        try:
            while not (self._lines.fewer and number >= self._lines.fewer) and (job := self._queue.take()) is not None:
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
        if self._queue.stopped and answer.kind in ("lost", "put-off", "refused"):
            # Nothing speaks against it; it goes out with the rest.
            self._queue.again(job, wait=0)
            return
        match answer.kind:
            case "taken":
                self._last_taken = time.monotonic()
                with self._guard:
                    self._slower = 0
                    self._release()
                self._end(Sent(key))
            case "unknown":
                self._end(Unknown(key, answer.words))
            case "lost" if worn_out:
                # Servers end a connection after so many messages; that is nobody's failure.
                self._queue.again(job, wait=0)
            case "refused" | "put-off" | "lost" if answer.about == "rate":
                self._slow_down(job, answer)
            case "refused" | "put-off":
                self._weigh(job, answer)
            case "lost":
                self._broke(job, answer)

    def _weigh(self, job: Job, answer: Answer) -> None:
        """Set a message aside that was not taken, until it shows whether that is about it or about us."""
        if job.message.again:
            self._end(_told(job, answer))
            return
        with self._guard:
            self._streak.append((job, answer))
            fault = self._about_all(whole=False)
        if fault is not None:
            # Before anybody else is asked the same.
            self._fault = self._fault or fault
            self._queue.stop()
        self._queue.done()

    def _about_all(self, *, whole: bool) -> NotNow | None:
        """What the refusals since the last message that was taken say of us; None where they are each one's own.

        `whole`: nothing is left to be handed over, so there is nothing more to wait for.
        """
        answers = [answer for _, answer in self._streak]
        proven = any(job.message.proven for job, _ in self._streak) or self._last_taken > float("-inf")
        about_us = [answer for answer in answers if is_about_us(answer.about)]
        if len(about_us) >= _ENOUGH_ALIKE or (whole and about_us and not proven):
            first = about_us[0]
            what = "refuses the message as too large" if first.about == "size" else "refuses the sender"
            return NotNow(
                f"the mail server {what}: {first.words}. Look at the sender's domain, the account's rights and the "
                "server's log",
                code="size" if first.about == "size" else "sender",
            )
        last = answers[-_ENOUGH_ALIKE:]
        if proven or not last or last[0].about == "greylisted" or len({_alike(answer) for answer in last}) > 1:
            return None
        # Who is said not to be there, or to have no room, is believed to be so where there are only a few.
        few = _FEW_ALIKE if whole and last[0].about not in ("mailbox", "full") else _ENOUGH_ALIKE
        if len(last) < few:
            return None
        return NotNow(
            f"the mail server took nothing and gave the first {len(last)} recipients the same answer: {last[0].words}. "
            "That says nothing of each of them; look at the server's log",
            code="alike",
        )

    def _release(self) -> None:
        """The server takes others: what it said of those set aside was about each of them. Hold the guard."""
        for job, answer in self._streak:
            told = _told(job, answer)
            self._answers[told.key] = told
        self._streak.clear()

    def _slow_down(self, job: Job, answer: Answer) -> None:
        """The server wants less at once: all rest for a while and half of the connections end; nobody has failed."""
        now = time.monotonic()
        with self._guard:
            # Several connections are told so at the same moment, and that is one time.
            if now >= self._rests_until:
                self._slower += 1
                wait = min(self._manners.first_wait * 2 ** (self._slower - 1), _LONGEST_WAIT)
                self._rests_until = now + wait
                self._queue.rest(wait)
                self._lines.fewer = max(1, (self._lines.fewer or self._manners.connections) // 2)
            given_up = self._slower >= self._manners.attempts
        if given_up:
            self._fault = self._fault or NotNow(f"the mail server wants less mail at once: {answer.words}", code="rate")
            self._queue.stop()
        self._queue.again(job, wait=0)

    def _broke(self, job: Job, answer: Answer) -> None:
        now = time.monotonic()
        job.tries += 1
        if job.first_lost is None:
            job.first_lost = now
        if job.tries < self._manners.attempts:
            wait = min(self._manners.first_wait * 2 ** (job.tries - 1), _LONGEST_WAIT)
            self._queue.again(job, wait=wait)
            return
        key, times = job.message.key, f"{job.tries} attempts" if job.tries > 1 else "1 attempt"
        self._lost[key] += 1
        others_are_taken = self._last_taken > (job.first_lost or now)
        if others_are_taken or self._lost[key] >= _LOST_ENOUGH:
            self._end(Failed(key, f"the connection broke before it was taken, given up after {times}: {answer.words}"))
            return
        raise ChannelError(
            f"the mail server breaks the connection before it takes a message: {answer.words}. The delivery goes on "
            "by itself when the server does; look at the server's log."
        )

    def _end(self, answer: Answered) -> None:
        self._answers[answer.key] = answer
        self._queue.done()


def _told(job: Job, answer: Answer) -> Failed | PutOff:
    """What a refusal means for its message, once it is known to be about it.

    What is about us fails nobody, even where it was said of one recipient only; 4xx is never for good, and neither is
    a fault on the way that mends itself, such as a name that a resolver did not find, whatever its code.
    """
    key = job.message.key
    if answer.kind == "put-off" or answer.about == "passing" or is_about_us(answer.about):
        return PutOff(key, answer.words)
    return Failed(key, answer.words, about=answer.about)


def _alike(answer: Answer) -> str:
    """The answer without what differs from recipient to recipient: addresses, numbers, a server's own marks."""
    return f"{answer.kind} {answer.words[:3]} {' '.join(_VARIES.sub(' ', answer.words.lower()).split())}"
