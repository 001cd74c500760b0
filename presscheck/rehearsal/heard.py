"""A ledger that says when something was written, so that a rehearsal's press neither polls nor is waited for."""

from collections.abc import Callable, Generator
from contextlib import contextmanager

from presscheck.ledger import Ledger, Writer
from presscheck.ledger.remembering import Known


class HeardLedger(Ledger):
    """The real ledger. After each block that was committed `written` is called, and whoever wrote waits for it."""

    written: Callable[[], None] = staticmethod(lambda: None)

    @contextmanager
    def write(self, *, knowing: Known | None = None) -> Generator[Writer]:
        with super().write(knowing=knowing) as tx:
            yield tx
        self.written()
