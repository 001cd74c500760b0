"""The steps of a start: a line for each that is done, with its time, and below them what is under way.

steps = Steps(say)
steps.begin("door")
steps.done("door", "the door answers")      # says "   3.2 s  the door answers"
"""

import sys
import time
from collections.abc import Callable, Generator
from contextlib import contextmanager
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from rich.spinner import Spinner


class Steps:
    """What began and what is done, in seconds since these were made."""

    def __init__(self, say: Callable[[str], None]) -> None:
        self._say = say
        self._made = time.monotonic()
        self._began: dict[str, float] = {}
        self._ended: dict[str, float] = {}

    def begin(self, what: str) -> None:
        """A step is under way from now on; several may be."""
        self._began[what] = self._now()

    def done(self, what: str, told: str) -> None:
        """The step is over, and this is said of it, if anything."""
        self._ended[what] = self._now()
        if told:
            self._say(f"{self._ended[what]:6.1f} s  {told}")

    def as_json(self) -> dict[str, tuple[float, float | None]]:
        """By step, in the order in which they began: when it began and when it was done; None while it is not."""
        return {what: (began, self._ended.get(what)) for what, began in self._began.items()}

    @contextmanager
    def shown(self) -> Generator[None]:
        """On a terminal, a line below the others that says what is under way, and for how long."""
        if not sys.stdout.isatty():
            yield
            return
        from rich.live import Live
        from rich.spinner import Spinner

        spinner = Spinner("dots")

        def line() -> "Spinner":
            under_way = [what for what in self._began if what not in self._ended]
            spinner.update(text=f"{self._now():.0f} s  {', '.join(under_way) or 'starting'}")
            return spinner

        with Live(get_renderable=line, transient=True, refresh_per_second=8):
            yield

    def _now(self) -> float:
        return round(time.monotonic() - self._made, 2)
