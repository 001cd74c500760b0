"""Keeps the index of open questions up to date in the background, so that no page has to wait for it.

What is left to look at is looked at in short slices: between them, whoever asks for a page has their turn.
"""

import asyncio
import logging
import time

from starlette.concurrency import run_in_threadpool

from presscheck.desk.open_questions import OpenQuestions
from presscheck.errors import PresscheckError

_log = logging.getLogger(__name__)

_SLICE_SECONDS = 0.1
_BREATH_SECONDS = 0.02


async def keep_warm(index: OpenQuestions, *, every: float) -> None:
    """Look at what has changed until cancelled; the first time says how long it took."""
    began, told, trouble = time.monotonic(), False, ""
    while True:
        try:
            left = await run_in_threadpool(index.work, seconds=_SLICE_SECONDS)
            trouble = ""
        except PresscheckError as error:
            left = 0
            # Each second brings the same trouble again; it is told when it is new.
            if str(error) != trouble:
                trouble = str(error)
                _log.warning("the open questions could not be looked at: %s", error)
        if not told and not left and not trouble:
            told = True
            _log.info("%d open questions were looked at in %.1f s", len(index), time.monotonic() - began)
        await asyncio.sleep(_BREATH_SECONDS if left else every)
