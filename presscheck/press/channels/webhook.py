"""The webhook: every message a signed POST, tried again under one key, and never twice where that would show.

Signed as https://www.standardwebhooks.com says; `Idempotency-Key` and `webhook-id` are the message's
key. An answer of 2xx is sent. 429 and 5xx are tried again. Any other 4xx is failed, except those that
speak of the address and not of the message (401, 403, 404 ..., and redirects): those stop the batch,
and the delivery goes on once it is mended. A lost connection is asked about, or stays unknown.
"""

import contextlib
import json
import random
import threading
from collections.abc import Generator, Mapping, Sequence
from concurrent.futures import ThreadPoolExecutor
from email.utils import parsedate_to_datetime
from typing import Any, cast
from urllib.parse import urlsplit

from presscheck.digests import canonical
from presscheck.errors import ChannelError
from presscheck.ledger.store import Clock, utc_now
from presscheck.press.channels import Failed, Fate, Message, Report, Sent, Unknown
from presscheck.press.channels.webhook_post import Answer, Lost, NotReached, Poster
from presscheck.sections import WebhookSection, is_loopback

__all__ = ["Webhook"]

_OF_THE_ADDRESS = {401, 403, 404, 405, 407, 410, 421}
"""Statuses that refuse whatever is posted there: no message is to blame."""
_TRY_AGAIN = {408, 425, 429}
_MOST_REASON = 200


class Webhook:
    """Posts messages to one receiver."""

    def __init__(self, section: WebhookSection, key: bytes, *, clock: Clock = utc_now) -> None:
        self.section = section
        self._clock = clock
        self._key = key
        self._posters: dict[str, Poster] = {}
        self._fates: dict[str, dict[str, Fate]] = {}

    def __repr__(self) -> str:
        return f"Webhook({self.section.url!r})"

    def send(self, delivery: str, batch: Sequence[Message]) -> Sequence[Sent | Failed | Unknown]:
        """Post a batch, several messages side by side. ChannelError where the receiver takes nothing now."""
        halt = _Halt()
        answers: dict[str, Sent | Failed | Unknown | None] = {}

        def hand(message: Message) -> Sent | Failed | Unknown | None:
            return self._hand(message, halt)

        with self._connected(), ThreadPoolExecutor(self.section.concurrency) as threads:
            for message, answer in zip(batch, threads.map(hand, batch), strict=True):
                answers[message.key] = answer
        if halt.reason is None:
            self._fates.pop(delivery, None)
            return [answer for answer in answers.values() if answer is not None]
        # The press asks for each of these before it goes on, and this process knows what no receiver may tell it.
        self._fates[delivery] = {key: _fate(answer) for key, answer in answers.items()}
        raise ChannelError(
            f"webhook {_host(self.section.url)}: {halt.reason}. What it took is recorded; the press goes on by itself."
        )

    def outcome(self, delivery: str, key: str) -> Fate:
        """What this process knows, or what the receiver says where it has a status address; else unknown."""
        known = self._fates.get(delivery, {}).get(key)
        if known is not None or not self.section.status_url:
            return known or "unknown"
        with self._connected():
            return self._status(key)

    def close(self, report: Report) -> str:
        """The receiver has no page of ours."""
        self._fates.pop(report.delivery, None)
        return ""

    # ------------------------------------------------------------ one message

    def _hand(self, message: Message, halt: "_Halt") -> Sent | Failed | Unknown | None:
        """The message's answer; None if it was certainly not taken and the batch was stopped."""
        body = _body(message)
        perhaps = ""
        for attempt in range(self.section.attempts):
            if halt.reason is not None:
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
                    return Failed(message.key, f"the receiver answered {answer.status}")
            last = attempt + 1 == self.section.attempts
            if last or wait > self.section.longest_wait_seconds:
                halt.stop(reason if last else f"{reason} and asks to wait {wait:,.0f} s")
                break
            # Not all at once after a pause: that would be the next wave.
            halt.event.wait(wait * random.uniform(0.8, 1.2))  # noqa: S311 - no secret is made here
        if not perhaps:
            return None
        match self._status(message.key):
            case "sent":
                return Sent(message.key)
            case "not-sent":
                return None
            case "unknown":
                return Unknown(message.key, f"tried under one key, and {perhaps}")

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
                connections=self.section.concurrency,
            )
        try:
            yield
        finally:
            for poster in self._posters.values():
                poster.close()
            self._posters.clear()

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

    def __init__(self) -> None:
        self.reason: str | None = None
        self.event = threading.Event()

    def stop(self, reason: str) -> None:
        if self.reason is None:
            self.reason = reason[:_MOST_REASON]
        self.event.set()


def _body(message: Message) -> bytes:
    """`{"data": ..., "type": "message.social"}`: a post as it is, or an e-mail with its address."""
    if message.post is None:
        data = {"key": message.key, "mime": message.content.decode("ascii"), "to": message.address}
        return canonical({"type": "message.email", "data": data})
    return b'{"data":' + message.content + f',"type":"message.{message.post.channel}"}}'.encode("ascii")


def _fate(answer: Sent | Failed | Unknown | None) -> Fate:
    match answer:
        case None:
            return "not-sent"
        case Sent():
            return "sent"
        case Failed():
            # The press knows no fate of this name: it is handed over once more, and refused once more.
            return "not-sent"
        case Unknown():
            return "unknown"


def _moved(status: int) -> str:
    return ", a redirect, which is not followed" if 300 <= status < 400 else ""


def _host(url: str) -> str:
    return urlsplit(url).netloc
