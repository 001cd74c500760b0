"""What a process of ours logs: one entry begins at the left edge, and nothing in it steers a terminal.

Reasons quote people's words, server's answers and rows of files. A line end among them would look like an entry
that nobody wrote, and an escape sequence would act when somebody reads the log; so the first is indented and the
second is taken out, here, whoever logged it.
"""

import logging

from presscheck.cleaning import clean_text


class _Plain(logging.Formatter):
    def format(self, record: logging.LogRecord) -> str:
        return clean_text(super().format(record)).replace("\n", "\n    ")


def begin_logging(shape: str) -> None:
    """Log to standard error from level INFO on, in this shape (logging.Formatter's)."""
    handler = logging.StreamHandler()
    handler.setFormatter(_Plain(shape))
    logging.basicConfig(level=logging.INFO, handlers=[handler])
