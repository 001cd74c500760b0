"""One look: every system is told what it has not been told, each by itself, in the order in which it happened.

What is not taken is tried again at a later look, after pauses that grow; whatever comes after it waits, so that no
system hears of an ending before the beginning. A system that does not answer keeps no other from being told: each has
a thread of its own, and a look is over when its time is.
"""

import logging
import random
import re
import threading
import time
from collections.abc import Callable
from dataclasses import dataclass
from datetime import timedelta

from presscheck.ledger import Event, Ledger
from presscheck.notices.alone import alone
from presscheck.outbound.posting import Answer, Lost, NotReached
from presscheck.settings import Settings
from presscheck.settings.webhooks import WebhooksSection
from presscheck.webhooks.messages import HookMessage, kinds_for, message_of
from presscheck.webhooks.posting import GONE, NoKey, code_of, keys_of, open_poster
from presscheck.webhooks.standing import Failing, record_begun, record_failed, record_sent, state_of

_FIRST, _LONGEST = timedelta(minutes=1), timedelta(hours=1)
_JITTER = 0.25
_LOOK_SECONDS = 60.0
_log = logging.getLogger(__name__)


@dataclass(frozen=True)
class SystemTold:
    """How many messages one system took in a look, and the code of what stopped it."""

    sent: int = 0
    code: str | None = None


def tell_systems(
    ledger: Ledger,
    settings: Settings,
    *,
    seconds: float = _LOOK_SECONDS,
    draw: Callable[[], float] = random.random,
) -> dict[str, SystemTold]:
    """Tell every system of the settings; nothing where another process is at it, and in a demo.

    `seconds` is how long a system may be told in this look; `draw` gives 0 to 1, for pauses of different lengths.
    """
    if settings.demo or not settings.webhooks:
        return {}
    told: dict[str, SystemTold] = {}
    ends = time.monotonic() + seconds
    with alone(settings.home / "webhooks.lock") as tells:
        if not tells:
            return {}

        def tell(name: str, section: WebhooksSection) -> None:
            try:
                told[name] = _tell(ledger, settings, name, section, ends, draw)
            except Exception as error:  # noqa: BLE001 - what breaks for one must not keep the others from being told.
                _log.warning("webhook %s: %s", name, type(error).__name__)
                told[name] = SystemTold(code=f"broke-{type(error).__name__}")

        threads: list[threading.Thread] = []
        for name, section in settings.webhooks.items():
            # A name server that does not answer holds its thread for as long as it likes, and nobody else.
            threads.append(threading.Thread(target=tell, args=(name, section), name=f"webhook {name}", daemon=True))
            threads[-1].start()
        for thread, section in zip(threads, settings.webhooks.values(), strict=True):
            thread.join(max(0.0, ends + section.timeout_seconds - time.monotonic()))
        return {name: told.get(name, SystemTold(code="no-answer")) for name in settings.webhooks}


def _tell(
    ledger: Ledger, settings: Settings, name: str, section: WebhooksSection, ends: float, draw: Callable[[], float]
) -> SystemTold:
    with ledger.read() as tx:
        known = state_of(tx, name)
    state = known or record_begun(ledger, name)
    failing = state.failing
    if failing is not None and failing.stops(section.url):
        return SystemTold(code=GONE)
    if failing is not None and failing.gone is None and ledger.clock() < failing.next_try:
        return SystemTold(code=failing.code)
    try:
        keys = keys_of(name, settings)
    except NoKey as missing:
        # Not on record and without a pause: the doctor says so, and once it is there, telling goes on.
        return SystemTold(code=missing.code)
    waiting = _waiting(ledger, settings, section, state.reached)
    poster = open_poster(section, keys, stopping=lambda: time.monotonic() >= ends + section.timeout_seconds)
    sent = 0
    try:
        for event, message in waiting:
            if time.monotonic() >= ends:
                break
            answer = poster.post(section.url, message.id, message.body)
            code = code_of(answer)
            if code is not None:
                before = None if sent else failing
                left = [event for event, _ in waiting[sent:]]
                patience = timedelta(hours=section.give_up_after_hours)
                pause = _pause(before, answer, draw)
                gone = section.url if code == GONE else None
                record_failed(ledger, name, before, code=code, pause=pause, waiting=left, patience=patience, gone=gone)
                return SystemTold(sent, code)
            # Only now: had the process died before this line, the next look would tell it again under the same id.
            record_sent(ledger, name, event, message)
            sent += 1
    finally:
        poster.close()
    return SystemTold(sent)


def _waiting(
    ledger: Ledger, settings: Settings, section: WebhooksSection, reached: int
) -> list[tuple[Event, HookMessage]]:
    with ledger.read() as tx:
        events = tx.events(*kinds_for(section.types), after=reached)
        made = [(event, message_of(tx, event, door_url=settings.door_url)) for event in events]
    return [(event, message) for event, message in made if message is not None]


def _pause(before: Failing | None, answer: Answer | NotReached | Lost, draw: Callable[[], float]) -> timedelta:
    """Twice as long after each try, or as long as it asks for, up to an hour; and not the same for all."""
    tries = 0 if before is None else before.tries
    pause = _FIRST * 2 ** min(tries, 10)
    if isinstance(answer, Answer) and re.fullmatch(r"[0-9]{1,6}", answer.retry_after):
        pause = max(pause, timedelta(seconds=int(answer.retry_after)))
    return min(pause, _LONGEST) * (1 + _JITTER * draw())
