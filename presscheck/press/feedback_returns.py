"""The Maildir that bounces and complaints arrive in, read by the press while it sends.

Every mail in `new` is read once. One about a message of ours moves to `cur`, any other is set aside
in `.Unmatched`, where a person may look at it. After a crash a mail is read again and counted once.
"""

import logging
import os
import time
from pathlib import Path

from presscheck.errors import ChannelError, Fault, SettingsError
from presscheck.press.feedback import Counted, Feedback
from presscheck.press.feedback_boxes import is_maildir, read_mail
from presscheck.press.feedback_mail import read_notice

ASIDE = ".Unmatched"
_AT_ONCE = 500
_log = logging.getLogger(__name__)


class Returns:
    """One Maildir; `look` may be called as often as there is time for."""

    def __init__(self, maildir: Path, feedback: Feedback, *, every: float) -> None:
        self.maildir = maildir
        self._feedback = feedback
        self._every = every
        self._next = 0.0

    def look(self) -> Counted | None:
        """Read what arrived; None where the last look was not long ago. ChannelError if the Maildir is gone."""
        if time.monotonic() < self._next:
            return None
        try:
            waiting = sorted(path for path in (self.maildir / "new").iterdir() if not path.name.startswith("."))
            counted = self._read(waiting[:_AT_ONCE])
        except OSError as error:
            raise ChannelError(
                f"{self.maildir}: what came back cannot be read: {error.strerror or error}. Nothing goes out while "
                "complaints are not seen; mend the Maildir that [mail] returns names."
            ) from error
        # A full Maildir is read on without a pause.
        self._next = 0.0 if len(waiting) > _AT_ONCE else time.monotonic() + self._every
        return counted

    def _read(self, paths: list[Path]) -> Counted:
        # One mail at a time in memory: a stranger may send very large ones.
        counted = self._feedback.record([read_notice(read_mail(path)) for path in paths])
        aside = self.maildir / ASIDE
        if counted.set_aside:
            for name in ("new", "cur", "tmp"):
                (aside / name).mkdir(parents=True, exist_ok=True, mode=0o700)
        for path, matched in zip(paths, counted.matched, strict=True):
            name = f"{path.name.partition(':')[0]}:2,S"
            os.replace(path, (self.maildir if matched else aside) / "cur" / name)
        if counted.read:
            _log.info(
                "%d mails came back: %d bounced for good, %d for now, %d for something of ours, %d delayed, "
                "%d complaints, %d left; %d known, %d set aside",
                *(counted.read, counted.hard, counted.soft, counted.policy, counted.delayed, counted.complaints),
                *(counted.unsubscribed, counted.known, counted.set_aside),
            )
        return counted


def set_aside_in(maildir: Path) -> int:
    """How many mails were set aside there."""
    folder = maildir / ASIDE / "cur"
    return sum(1 for _ in folder.iterdir()) if folder.is_dir() else 0


def returns_fault(maildir: Path) -> SettingsError | None:
    """Why the press cannot read this Maildir; None where it can."""
    if not is_maildir(maildir):
        message = "is no Maildir: it needs the folders cur, new and tmp. Make them, or name another with [mail] returns"
        return SettingsError([Fault(str(maildir), None, "", message)])
    if not os.access(maildir, os.W_OK) or not os.access(maildir / "new", os.W_OK):
        return SettingsError([Fault(str(maildir), None, "", "the press must be able to move mails there; chown it")])
    return None
