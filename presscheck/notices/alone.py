"""One process of a home tells at a time; whoever comes meanwhile leaves it to the other."""

import fcntl
from collections.abc import Generator
from contextlib import contextmanager
from pathlib import Path


@contextmanager
def alone(lock: Path) -> Generator[bool]:
    """Whether no other process has this file's lock. Between machines, Prefect's limit of one run holds."""
    with lock.open("a") as file:
        try:
            fcntl.flock(file, fcntl.LOCK_EX | fcntl.LOCK_NB)
        except BlockingIOError:
            yield False
            return
        yield True
