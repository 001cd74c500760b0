"""What a step does to the world, and how a campaign is walked through without doing it.

`presscheck map` runs a flow's body with a stand-in for every step, gate and delivery. Each of them is
marked here, and asks before it does anything whether somebody only wants to know the way:

    @stood_in_for_by("deliver")
    def deliver(outcome: Outcome | None) -> State: ...
"""

from collections.abc import Callable, Generator
from contextlib import contextmanager
from contextvars import ContextVar
from dataclasses import dataclass
from functools import wraps
from typing import Any, Literal, ParamSpec, TypeVar, get_args

P = ParamSpec("P")
R = TypeVar("R")

Effect = Literal["makes", "changes", "targets", "spends", "publishes"]
"""makes: something that might go out. changes: what was made, or which of it is left. targets: chooses whom it
reaches. spends: commits money. publishes: the public sees it."""
EFFECTS: tuple[Effect, ...] = get_args(Effect)

_STAND_IN: ContextVar[Any] = ContextVar("presscheck-stand-in", default=None)
_WATCHER: ContextVar["Watcher | None"] = ContextVar("presscheck-watcher", default=None)

Watcher = Callable[[str, tuple[Any, ...], dict[str, Any]], None]
"""Told of each call that somebody stands in for, with its arguments."""


def checked_effect(step: str, effect: str | None) -> Effect:
    """The effect, if it is one. TypeError says what to write where there is none."""
    for known in EFFECTS:
        if effect == known:
            return known
    said = "declares no effect" if effect is None else f"declares the effect {effect!r}, and there is none of that name"
    raise TypeError(
        f'step {step!r} {said}; write @step("{step}", effect="makes"), or one of {", ".join(EFFECTS[1:])}: '
        "what it does to the world, which `presscheck map` and reviewers go by"
    )


def stand_in() -> Any:
    """Who stands in for steps, gates and deliveries at the moment; None in a real run."""
    return _STAND_IN.get()


@contextmanager
def standing_in(by: Any) -> Generator[None, None, None]:
    """Let `by` answer for everything that is marked, as long as this lasts, in this thread."""
    watcher = _WATCHER.get()
    token = _STAND_IN.set(by if watcher is None else _Watched(by, watcher))
    try:
        yield
    finally:
        _STAND_IN.reset(token)


@contextmanager
def watched_by(watcher: Watcher) -> Generator[None, None, None]:
    """Tell `watcher` of every call that somebody stands in for from now on, as long as this lasts."""
    token = _WATCHER.set(watcher)
    try:
        yield
    finally:
        _WATCHER.reset(token)


@dataclass(frozen=True)
class _Watched:
    """Stands in as `by` does, and tells of it."""

    by: Any
    watcher: Watcher

    def __getattr__(self, name: str) -> Any:
        found = getattr(self.by, name)
        if not callable(found):
            return found

        def call(*args: Any, **kwargs: Any) -> Any:
            self.watcher(name, args, kwargs)
            return found(*args, **kwargs)

        return call


def stood_in_for_by(method: str) -> Callable[[Callable[P, R]], Callable[P, R]]:
    """Mark a function: while somebody stands in, their `method` is called with the same arguments instead."""

    def decorate(function: Callable[P, R]) -> Callable[P, R]:
        @wraps(function)
        def call(*args: P.args, **kwargs: P.kwargs) -> R:
            somebody = _STAND_IN.get()
            if somebody is None:
                return function(*args, **kwargs)
            return getattr(somebody, method)(*args, **kwargs)

        return call

    return decorate
