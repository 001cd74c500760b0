"""Where mails that came back lie: a Maildir, an mbox file, a folder of .eml files; read one by one and within bounds.

for mail in mails_in(path):
    mail.name, mail.raw          # raw is None for a mail that is too large or cannot be read
"""

import os
import stat
from collections.abc import Iterator
from dataclasses import dataclass, field
from pathlib import Path

from presscheck.errors import Fault, InputError
from presscheck.press.feedback_mail import MOST_BYTES

_PIECE = 64 * 1024


@dataclass(frozen=True)
class Mail:
    """One mail as it lies there."""

    name: str
    raw: bytes | None = field(repr=False)


def is_maildir(path: Path) -> bool:
    """Whether a folder has what makes a Maildir."""
    return all((path / name).is_dir() for name in ("cur", "new", "tmp"))


def mails_in(path: Path) -> Iterator[Mail]:
    """Every mail of a Maildir, an mbox file, a folder of .eml files or one .eml file. InputError for anything else."""
    if is_maildir(path):
        files = [file for name in ("new", "cur") for file in sorted((path / name).iterdir())]
    elif path.is_dir():
        files = sorted(file for file in path.rglob("*.eml") if not file.is_dir())
        if not files:
            raise InputError([Fault(str(path), None, "", "holds no .eml file and is no Maildir (cur, new and tmp)")])
    elif not path.exists():
        raise InputError([Fault(str(path), None, "", "is not there; name a Maildir, an mbox file or a folder of .eml")])
    else:
        try:
            with path.open("rb") as file:
                is_mbox = file.read(5) == b"From "
        except OSError as error:
            raise InputError([Fault(str(path), None, "", f"cannot be read: {error.strerror}")]) from error
        if is_mbox:
            return _mbox(path)
        files = [path]
    return (Mail(file.name, read_mail(file)) for file in files)


def read_mail(path: Path) -> bytes | None:
    """A mail's bytes; None for one that is too large, cannot be read, or is no plain file: a pipe would never end."""
    try:
        descriptor = os.open(path, os.O_RDONLY | os.O_NOFOLLOW | os.O_NONBLOCK)
        with os.fdopen(descriptor, "rb") as file:
            if not stat.S_ISREG(os.fstat(descriptor).st_mode):
                return None
            raw = file.read(MOST_BYTES + 1)
    except OSError:
        return None
    return raw if len(raw) <= MOST_BYTES else None


def _mbox(path: Path) -> Iterator[Mail]:
    """The mails of an mbox file, each beginning with `From ` after an empty line; one at a time in memory."""
    number, size, gathered = 0, 0, list[bytes]()
    empty, whole = True, True
    with path.open("rb") as file:
        while line := file.readline(_PIECE):
            if whole and empty and line.startswith(b"From "):
                if number:
                    yield _gathered(number, size, gathered)
                number, size, gathered = number + 1, 0, []
            elif size <= MOST_BYTES:
                size += len(line)
                gathered.append(line)
            # A long line comes in several pieces; only its end can be followed by another mail.
            empty = whole and line.strip(b"\r\n") == b""
            whole = line.endswith(b"\n")
    yield _gathered(number, size, gathered)


def _gathered(number: int, size: int, lines: list[bytes]) -> Mail:
    return Mail(f"message {number}", b"".join(lines) if size <= MOST_BYTES else None)
