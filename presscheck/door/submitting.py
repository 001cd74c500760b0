"""Submits the answers whose time to be taken back is over, in the background, whoever has closed their browser."""

import asyncio
import logging
import time

from starlette.concurrency import run_in_threadpool

from presscheck.desk.holding import HeldAnswers
from presscheck.door.bell import Bell
from presscheck.errors import PresscheckError
from presscheck.models import Decision

_log = logging.getLogger(__name__)

_FORGET_SECONDS = 3_600.0


async def keep_submitting(held: HeldAnswers, bell: Bell, *, every: float) -> None:
    """Submit what is due until cancelled; an answer that ends a question rings the bell. No error ends it."""
    trouble, forget_at = "", 0.0
    while True:
        try:
            judged = await run_in_threadpool(held.submit_due)
            if any(isinstance(one, Decision) for one in judged):
                bell.ring_soon()
            if forget_at <= time.monotonic():
                await run_in_threadpool(held.forget_old)
                forget_at = time.monotonic() + _FORGET_SECONDS
            trouble = ""
        except PresscheckError as error:
            # Each second brings the same trouble again; it is told when it is new.
            if str(error) != trouble:
                trouble = str(error)
                _log.warning("what is held could not be submitted: %s", error)
        except Exception:  # noqa: BLE001 - answers that were given must not be lost: whatever broke, it goes on.
            _log.exception("what is held could not be submitted")
        await asyncio.sleep(every)
