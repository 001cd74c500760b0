"""How far this process has come through a campaign's body; `tasks.order` compares it with the ledger."""

from collections import Counter
from collections.abc import Generator
from contextlib import contextmanager
from contextvars import ContextVar
from dataclasses import dataclass, field


@dataclass
class Way:
    """How far this process has come through the body, and what the run came to before; None: not read yet."""

    place: int = 0
    before: dict[int, str] | None = None
    times: Counter[str] = field(default_factory=Counter[str])
    held_at: str = ""
    """What the run was held at in this process; empty as long as it was not."""


WAY: ContextVar[Way | None] = ContextVar("presscheck-way", default=None)


@contextmanager
def from_the_top() -> Generator[None, None, None]:
    """While a body runs, from its first line; a flow that it calls goes on with its count."""
    if WAY.get() is not None:
        yield
        return
    token = WAY.set(Way())
    try:
        yield
    finally:
        WAY.reset(token)
