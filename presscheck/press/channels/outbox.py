"""The outbox: every message a file, and a page to look at them; it takes every channel.

    home/outbox/<delivery>/index.html        counts, each pick as it went out, the first messages
    home/outbox/<delivery>/3f/3f9a….eml      a message, named by its key; any mail program opens it
    home/outbox/<delivery>/3f/3f9a….json     the same of any other channel
    home/outbox/recalled/<delivery>/         the whole of it, once it was recalled
    home/outbox/T-…/                         a test send, which is no delivery

A file is there whole or not at all, even after a power cut: a batch is written beside, brought to
the disk, and only then named. So the outbox can always say whether a message was taken.
"""

import ctypes
import os
import re
from collections.abc import Callable, Sequence
from functools import cache
from pathlib import Path
from typing import Any

from presscheck.errors import ChannelError
from presscheck.press.channels import Failed, Fate, Message, Recalled, Report, Sent, Unknown
from presscheck.press.channels.page import report_page
from presscheck.press.channels.whole_file import try_writing

_DELIVERY = re.compile(r"[DT]-[0-9a-f]{12}")
_KEY = re.compile(r"[0-9a-f]{64}")
_KINDS = ("eml", "json")
# A stop is answered within so many messages, however large a batch is.
_AT_ONCE = 500


class Outbox:
    """Messages as files under one folder."""

    def __init__(self, folder: Path) -> None:
        self.folder = folder
        self._stopping: Callable[[], bool] = lambda: False

    def greet(self, *, seconds: float) -> str:
        """Whether the folder can be written. ChannelError where it cannot."""
        return try_writing(self.folder)

    def stop_when(self, stopping: Callable[[], bool]) -> None:
        """Name no further file once this says true."""
        self._stopping = stopping

    def send(self, delivery: str, batch: Sequence[Message]) -> Sequence[Sent | Failed | Unknown]:
        """Write a batch. ChannelError if the disk does not take it, or a stop came; what was named before stays."""
        answers: list[Sent | Failed | Unknown] = []
        for first in range(0, len(batch), _AT_ONCE):
            answers += self._write(delivery, batch[first : first + _AT_ONCE])
        return answers

    def _write(self, delivery: str, batch: Sequence[Message]) -> list[Sent | Failed | Unknown]:
        written: list[tuple[Path, Path]] = []
        foreign: set[str] = set()
        try:
            for folder in {self.path(delivery, message.key).parent for message in batch}:
                folder.mkdir(parents=True, exist_ok=True, mode=0o700)
            for message in batch:
                self._look()
                path = self.path(delivery, message.key, "eml" if message.post is None else "json")
                if path.exists():
                    # A message's bytes are the same whenever they are made: other bytes are somebody else's.
                    if path.is_symlink() or path.read_bytes() != message.content:
                        foreign.add(message.key)
                    continue
                beside = path.with_suffix(".part")
                beside.unlink(missing_ok=True)
                with open(beside, "xb", opener=_private) as file:
                    written.append((beside, path))
                    file.write(message.content)
            _to_disk(self.folder, [beside for beside, _ in written])
            self._look()
            for beside, path in written:
                os.replace(beside, path)
            _to_disk(self.folder, sorted({path.parent for _, path in written}))
        except _Stopped:
            for beside, _ in written:
                beside.unlink(missing_ok=True)
            raise ChannelError(f"{delivery}: the outbox was told to stop; what is not in it goes out later") from None
        except OSError as error:
            for beside, _ in written:
                beside.unlink(missing_ok=True)
            raise ChannelError(
                f"{self.folder}: the outbox does not take messages: {error.strerror or error}. "
                "Make room or mend the folder; the press goes on by itself and sends nothing twice."
            ) from error
        return [
            Failed(message.key, "another file lies in its place in the outbox; it was not written by the press")
            if message.key in foreign
            else Sent(message.key)
            for message in batch
        ]

    def outcome(self, delivery: str, key: str) -> Fate:
        """Certain: a message is there or it is not."""
        return "sent" if any(self.path(delivery, key, kind).exists() for kind in _KINDS) else "not-sent"

    def close(self, report: Report) -> str:
        """Write the page; its path comes back."""
        folder = self.path(report.delivery, "0" * 64).parents[1]
        page = folder / "index.html"
        beside = folder / "index.part"
        try:
            folder.mkdir(parents=True, exist_ok=True, mode=0o700)
            beside.unlink(missing_ok=True)
            with open(beside, "xb", opener=_private) as file:
                file.write(report_page(report).encode("utf-8"))
            os.replace(beside, page)
        except OSError as error:
            raise ChannelError(f"{page}: the page cannot be written: {error.strerror or error}. Make room.") from error
        return str(page)

    def take_back(self, delivery: str, keys: Sequence[str]) -> Recalled:
        """Move the delivery's folder aside, as it is. Nothing of an outbox was ever out."""
        self.path(delivery, "0" * 64)
        here, aside = self.folder / delivery, self.folder / "recalled" / delivery
        try:
            if here.is_dir() and not aside.exists():
                aside.parent.mkdir(parents=True, exist_ok=True, mode=0o700)
                os.rename(here, aside)
                _to_disk(self.folder, [aside.parent])
        except OSError as error:
            raise ChannelError(
                f"{aside}: it cannot be moved there: {error.strerror or error}. Mend the folder."
            ) from error
        there = {path.stem for path in aside.glob("*/*") if path.suffix.lstrip(".") in _KINDS}
        still = {key for key in keys if self.outcome(delivery, key) == "sent"}
        gone = tuple(key for key in keys if key in there - still)
        listed = tuple(key for key in keys if key not in there - still)
        return Recalled(gone, listed, "the files were moved to the outbox's folder recalled")

    def _look(self) -> None:
        if self._stopping():
            raise _Stopped

    def path(self, delivery: str, key: str, kind: str = "eml") -> Path:
        """Where a message is. ValueError for a name that is none of ours: it would be a path of somebody else's."""
        if _DELIVERY.fullmatch(delivery) is None or _KEY.fullmatch(key) is None:
            raise ValueError("deliveries and keys are hexadecimal")
        return self.folder / delivery / key[:2] / f"{key}.{kind}"


class _Stopped(Exception):
    """Somebody stopped this batch."""


def _private(path: str, flags: int) -> int:
    # Messages hold addresses: for this account alone. Always a fresh file ("x"): no link that somebody laid
    # here is followed, and nobody holds it open to write to it later.
    return os.open(path, flags | os.O_NOFOLLOW, 0o600)


@cache
def _syncfs() -> Any:
    """Linux brings a whole file system to the disk at once, a tenth of the time of one file after another."""
    return getattr(ctypes.CDLL(None, use_errno=True), "syncfs", None)


def _to_disk(folder: Path, paths: Sequence[Path]) -> None:
    """Bring files or folders to the disk; OSError if it does not take them."""
    if not paths:
        return
    syncfs = _syncfs()
    for path in [folder] if syncfs else paths:
        descriptor = os.open(path, os.O_RDONLY)
        try:
            if not syncfs:
                os.fsync(descriptor)
            elif syncfs(descriptor) != 0:
                number = ctypes.get_errno()
                raise OSError(number, os.strerror(number))
        finally:
            os.close(descriptor)
