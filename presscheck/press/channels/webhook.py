"""The webhook: every message a signed POST, tried again under one key, and never twice where that would show.

Signed as https://www.standardwebhooks.com says; `Idempotency-Key` and `webhook-id` are the message's
key. An answer of 2xx is sent. 429 and 5xx are tried again. Any other 4xx is failed, except those that
speak of the address and not of the message (401, 403, 404 ..., and redirects): those stop the batch,
and the delivery goes on once it is mended. A lost connection is asked about, or stays unknown.

A journal says what was begun and what was taken, so that a crash leaves in doubt only what was under way.
"""

import contextlib
import json
import random
import threading
import time
from collections.abc import Callable, Generator, Mapping, Sequence
from concurrent.futures import ThreadPoolExecutor
from email.utils import parsedate_to_datetime
from pathlib import Path
from typing import Any, cast
from urllib.parse import urlsplit

from presscheck.digests import canonical, digest_of
from presscheck.errors import ChannelError
from presscheck.ledger.store import Clock, utc_now
from presscheck.models import Manifest
from presscheck.outbound.authorities import trusting
from presscheck.outbound.posting import Answer, Lost, NotReached, Poster
from presscheck.press.channels import Failed, Fate, Message, Recalled, Report, Sent, Unknown
from presscheck.press.channels.smtp_journal import Journal, fate_in, forget
from presscheck.settings.section import is_loopback
from presscheck.settings.ways_out import WebhookSection

_OF_THE_ADDRESS = {401, 403, 404, 405, 407, 410, 421}
"""Statuses that refuse whatever is posted there: no message is to blame."""
_TRY_AGAIN = {408, 425, 429}
_MOST_REASON = 200
_RECALLED_AT_ONCE = 100
"""Keys in one recall: the receiver's answer names as many, and of an answer 64 KiB are read."""


class Webhook:
    """Posts messages to one receiver. `seal` guards the journals in `folder` and never leaves this process."""

    def __init__(
        self,
        section: WebhookSection,
        key: bytes,
        folder: Path,
        seal: bytes,
        *,
        clock: Clock = utc_now,
        ca_file: Path | None = None,
    ) -> None:
        self.section = section
        self._trusted = None if ca_file is None else trusting(ca_file)
        self.folder = folder
        self._clock = clock
        self._key = key
        self._seal = seal
        self._stopping: Callable[[], bool] = lambda: False
        self._posters: dict[str, Poster] = {}
        self._journals: dict[str, Journal] = {}

    def __repr__(self) -> str:
        return f"Webhook({_host(self.section.url)!r})"

    def stop_when(self, stopping: Callable[[], bool]) -> None:
        """Begin no message once this says true, also in the middle of a batch."""
        self._stopping = stopping

    def preflight(self, manifest: Manifest) -> tuple[str, ...]:
        """Nothing of its own; but e-mails go on to people from here, so what every e-mail needs is looked at."""
        return ()

    def prepare(self, delivery: str, keys: Sequence[str]) -> str:
        """Write a journal of what is about to be posted; its id, which the ledger has to keep."""
        self._end(delivery)
        journal = self._journals[delivery] = Journal.make(self.folder, delivery, keys, self._seal)
        return journal.id

    def recall(self, delivery: str, keys: Sequence[str], journals: Sequence[str]) -> dict[str, Fate]:
        """What became of messages, by all the journals that the ledger names; where in doubt, the receiver is asked."""
        told = [fate_in(self.folder, delivery, id, keys, self._seal) for id in journals]
        fates: dict[str, Fate] = {key: _fate_of([each[key] for each in told]) for key in keys}
        doubtful = [key for key in keys if fates[key] == "unknown"]
        if doubtful and self.section.status_url:
            with self._connected():
                for key in doubtful:
                    fates[key] = self._status(key)
        return fates

    def outcome(self, delivery: str, key: str) -> Fate:
        """Without the journals' ids only the receiver can say."""
        return self.recall(delivery, [key], [])[key]

    def send(self, delivery: str, batch: Sequence[Message]) -> Sequence[Sent | Failed | Unknown]:
        """Post a batch, several messages side by side. ChannelError where the receiver takes nothing now."""
        journal = self._journals.get(delivery)
        if journal is None or not all(journal.fresh(message.key) for message in batch):
            raise ChannelError(f"{delivery}: a message to be posted is not fresh in the journal; nothing was posted")
        halt = _Halt(self._stopping)

        def hand(message: Message) -> Sent | Failed | Unknown | None:
            return self._hand(message, journal, halt)

        try:
            with self._connected(), ThreadPoolExecutor(self.section.concurrency) as threads:
                answers = list(threads.map(hand, batch))
        finally:
            self._end(delivery)
        if None not in answers:
            return [answer for answer in answers if answer is not None]
        # The press asks the journal for each of these before it goes on.
        raise ChannelError(
            f"webhook {_host(self.section.url)}: {halt.reason}. What it took is recorded; the press goes on by itself."
        )

    def close(self, report: Report) -> str:
        """The receiver has no page of ours; the journals have served."""
        self._end(report.delivery)
        forget(self.folder, report.delivery)
        return ""

    def take_back(self, delivery: str, keys: Sequence[str]) -> Recalled:
        """Ask the receiver, signed as everything is: only keys that it names in its answer of 2xx were taken back.

        ChannelError where it cannot be asked now.
        """
        gone: set[str] = set()
        with self._connected():
            for first in range(0, len(keys), _RECALLED_AT_ONCE):
                gone |= self._asked_back(delivery, list(keys[first : first + _RECALLED_AT_ONCE]))
        return Recalled(
            tuple(key for key in keys if key in gone),
            tuple(key for key in keys if key not in gone),
            "the receiver was asked, and said which it took back",
        )

    def greet(self, *, seconds: float) -> str:
        """Connect and ask for nothing: whether somebody is there who may be posted to. No message is handed over.

        ChannelError, with what to do, where a post would not arrive.
        """
        url = self.section.url
        host = urlsplit(url).hostname or ""
        place = f"webhook {_host(url)}"
        timeout = min(seconds, self.section.timeout_seconds)
        poster = Poster(
            self._key, loopback=is_loopback(host), timeout_seconds=timeout, connections=1, trusted=self._trusted
        )
        try:
            answer = poster.greet(url)
        finally:
            poster.close()
        if not isinstance(answer, Answer):
            raise ChannelError(f"{place}: {answer.reason}")
        if moved := _moved(answer.status):
            raise ChannelError(f"{place}: it answers {answer.status}{moved}; write the address that it leads to")
        if answer.status >= 500:
            raise ChannelError(f"{place}: it answers {answer.status}: it is there, and takes nothing now")
        doubtful = answer.status in (401, 403, 404, 407, 410)
        said = f"; it says {answer.status} to OPTIONS, so make sure of address and secret" if doubtful else ""
        return f"{_host(url)} answers{said}"

    def _asked_back(self, delivery: str, keys: list[str]) -> set[str]:
        body = canonical({"type": "message.recall", "data": {"delivery": delivery, "keys": keys}})
        id = digest_of(["recall", delivery, keys])
        halt, reason = _Halt(self._stopping), "it was not asked"
        for attempt in range(self.section.attempts):
            if halt.now:
                raise ChannelError(f"webhook {_host(self.section.url)}: {halt.reason}; the recall goes on by itself.")
            match self._poster(self.section.url).post(self.section.url, id, body):
                case Answer() as answer if 200 <= answer.status < 300:
                    return set(keys) & _named_in(answer.body)
                case Answer() as answer if answer.status not in _TRY_AGAIN and answer.status < 500:
                    # It does not know what a recall is, or wants none: that is its answer.
                    return set()
                case Answer() as answer:
                    reason = f"it answers {answer.status}"
                case NotReached() | Lost() as lost:
                    reason = lost.reason
            if attempt + 1 < self.section.attempts:
                halt.wait(self.section.first_wait_seconds * 2**attempt)
        raise ChannelError(
            f"webhook {_host(self.section.url)}: {reason[:_MOST_REASON]}. The recall is tried again by itself."
        )

    # ------------------------------------------------------------ one message

    def _hand(self, message: Message, journal: Journal, halt: "_Halt") -> Sent | Failed | Unknown | None:
        """The message's answer, journaled; None if it was certainly not taken and the batch was stopped."""
        if halt.now:
            return None
        journal.begun(message.key)
        journal.commit()
        answer = self._posted(message, halt)
        match answer:
            case Sent():
                journal.taken(message.key)
            case Failed() | None:
                journal.left(message.key)
            case Unknown():
                # Begun is all that can be said of it.
                pass
        return answer

    def _posted(self, message: Message, halt: "_Halt") -> Sent | Failed | Unknown | None:
        body = _body(message)
        perhaps = refused = ""
        for attempt in range(self.section.attempts):
            if halt.now:
                break
            answer = self._poster(self.section.url).post(self.section.url, message.key, body)
            wait = self.section.first_wait_seconds * 2**attempt
            match answer:
                case NotReached():
                    reason = answer.reason
                case Lost():
                    fate = self._status(message.key)
                    if fate == "sent":
                        return Sent(message.key)
                    if fate == "unknown":
                        return Unknown(message.key, f"handed over, and {answer.reason}")
                    reason = answer.reason
                case Answer() if 200 <= answer.status < 300:
                    return Sent(message.key)
                case Answer() if answer.status in _TRY_AGAIN or answer.status >= 500:
                    reason = f"it answers {answer.status}"
                    # Whoever answers 5xx may have done its work first; 429 says that it did not.
                    perhaps = perhaps if answer.status == 429 else reason
                    wait = max(wait, self._asked_to_wait(answer.retry_after))
                case Answer() if answer.status in _OF_THE_ADDRESS or answer.status < 400:
                    halt.stop(f"it answers {answer.status}{_moved(answer.status)}; look at its address and the secret")
                    break
                case Answer():
                    refused = f"the receiver answered {answer.status}"
                    if not perhaps:
                        return Failed(message.key, refused)
                    # Perhaps it refuses the second try because it took the first.
                    break
            last = attempt + 1 == self.section.attempts
            if last or wait > self.section.longest_wait_seconds:
                halt.stop(reason if last else f"{reason} and asks to wait {wait:,.0f} s")
                break
            # Not all at once after a pause: that would be the next wave.
            halt.wait(wait * random.uniform(0.8, 1.2))  # noqa: S311 - no secret is made here
        if not perhaps:
            return None
        match self._status(message.key):
            case "sent":
                return Sent(message.key)
            case "not-sent":
                return Failed(message.key, refused) if refused else None
            case "unknown":
                then = f", then {refused}" if refused else ""
                return Unknown(message.key, f"tried under one key, and {perhaps}{then}")

    def _status(self, key: str) -> Fate:
        """What the receiver says of a message: only `{"status": "sent"}` or `{"status": "not-sent"}` count."""
        if not self.section.status_url:
            return "unknown"
        url = self.section.status_url.replace("{key}", key)
        answer = self._poster(url).get(url, key)
        if not isinstance(answer, Answer) or answer.status != 200:
            return "unknown"
        told: Any = None
        # A body that is no JSON, or is nested without end, says nothing.
        with contextlib.suppress(ValueError, RecursionError):
            told = json.loads(answer.body)
        status = cast("Mapping[str, object]", told).get("status") if isinstance(told, Mapping) else None
        return status if status in ("sent", "not-sent") else "unknown"

    @contextlib.contextmanager
    def _connected(self) -> Generator[None]:
        """Connections that are kept for as long as there is something to post, and no longer.

        Loopback is allowed where the address in the settings says it, nowhere else.
        """
        given = [url for url in (self.section.url, self.section.status_url) if url]
        for host in {urlsplit(url).hostname or "" for url in given}:
            self._posters[host] = Poster(
                self._key,
                loopback=is_loopback(host),
                timeout_seconds=self.section.timeout_seconds,
                stopping=self._stopping,
                connections=self.section.concurrency,
                trusted=self._trusted,
            )
        try:
            yield
        finally:
            for poster in self._posters.values():
                poster.close()
            self._posters.clear()

    def _end(self, delivery: str) -> None:
        journal = self._journals.pop(delivery, None)
        if journal is not None:
            journal.close()

    def _poster(self, url: str) -> Poster:
        return self._posters[urlsplit(url).hostname or ""]

    def _asked_to_wait(self, retry_after: str) -> float:
        """Seconds of a Retry-After header, as a number or a date; 0 for one that says neither."""
        if retry_after.strip().isascii() and retry_after.strip().isdigit():
            return float(retry_after)
        try:
            return max(0.0, (parsedate_to_datetime(retry_after) - self._clock()).total_seconds())
        except (ValueError, TypeError, OverflowError):
            return 0.0


class _Halt:
    """One batch's brake: the first reason to stop counts, and whoever waits is woken."""

    def __init__(self, stopping: Callable[[], bool]) -> None:
        self.reason: str | None = None
        self._stopping = stopping
        self._event = threading.Event()

    @property
    def now(self) -> bool:
        """Whether nothing more is to be begun."""
        if self.reason is None and self._stopping():
            self.stop("the press was told to stop")
        return self.reason is not None

    def stop(self, reason: str) -> None:
        if self.reason is None:
            self.reason = reason[:_MOST_REASON]
        self._event.set()

    def wait(self, seconds: float) -> None:
        until = time.monotonic() + seconds
        while not self.now and (left := until - time.monotonic()) > 0:
            self._event.wait(min(left, 0.5))


def _named_in(body: bytes) -> set[str]:
    """The keys of `{"recalled": [...]}`; none of anything else."""
    told: Any = None
    with contextlib.suppress(ValueError, RecursionError):
        told = json.loads(body)
    found = cast("Mapping[str, object]", told).get("recalled") if isinstance(told, Mapping) else None
    return {key for key in cast("list[object]", found) if isinstance(key, str)} if isinstance(found, list) else set()


def _body(message: Message) -> bytes:
    """`{"data": ..., "type": "message.social"}`: a post as it is, or an e-mail with its address."""
    if message.post is None:
        data = {"key": message.key, "mime": message.content.decode("ascii"), "to": message.address}
        return canonical({"type": "message.email", "data": data})
    return b'{"data":' + message.content + f',"type":"message.{message.post.channel}"}}'.encode("ascii")


def _fate_of(told: list[Fate]) -> Fate:
    """Taken once is taken; not sent only where every journal says so."""
    if "sent" in told:
        return "sent"
    return "not-sent" if told and all(each == "not-sent" for each in told) else "unknown"


def _moved(status: int) -> str:
    return ", a redirect, which is not followed" if 300 <= status < 400 else ""


def _host(url: str) -> str:
    return urlsplit(url).netloc
