"""What came back of our messages, believed only where the press can see its own hand in it.

    feedback = Feedback(ledger, home, leaving)
    counted = feedback.record([read_notice(raw), ...])      # Counted; what proves nothing is set aside

A bounce arrives at a return address with a tag that only the press can make, or gives back the
message with the token in its unsubscribe link; a complaint gives back the message. Hard bounces,
complaints and wishes to leave suppress the address; soft bounces are counted.
"""

from collections.abc import Sequence
from dataclasses import dataclass
from pathlib import Path

from presscheck.addresses import address_hash
from presscheck.audiences import audience_path, read_recipients, verify_audience
from presscheck.errors import AudienceChanged, LedgerError
from presscheck.ledger import Ledger, Reader, Writer
from presscheck.ledger.deliveries import messages_from
from presscheck.ledger.feedback import FeedbackKind, add_feedback
from presscheck.ledger.suppressions import suppress
from presscheck.models import Refused
from presscheck.press.feedback_mail import Notice, NoticeKind
from presscheck.press.records import Request, read_request
from presscheck.unsubscribe_links import WayToLeave
from presscheck.unsubscribing import Leaving, ReturnedMessage, Unsubscription, read_token

__all__ = ["Counted", "Feedback"]

_REASONS: dict[NoticeKind, str] = {"hard": "bounced", "complaint": "complained", "unsubscribe": "unsubscribed"}
_HANDED_OVER = ("sent", "sending", "unknown")


@dataclass(frozen=True)
class Counted:
    """What became of a number of mails; `matched` says of each whether it was about a message of ours."""

    matched: tuple[bool, ...] = ()
    hard: int = 0
    soft: int = 0
    complaints: int = 0
    unsubscribed: int = 0
    known: int = 0
    """Matched, and counted before."""

    @property
    def read(self) -> int:
        return len(self.matched)

    @property
    def set_aside(self) -> int:
        return self.matched.count(False)


@dataclass(frozen=True)
class _Proved:
    kind: NoticeKind
    about: Unsubscription


class Feedback:
    """Records what came back, with the press's ledger and key."""

    def __init__(self, ledger: Ledger, home: Path, way: WayToLeave) -> None:
        if ledger.signer is None or ledger.signer.process != "press":
            raise LedgerError(f"{ledger.place}: what came back is recorded by the press, where its key is")
        self._ledger = ledger
        self._home = home
        self._leaving = Leaving(ledger.signer, way)

    def record(self, notices: Sequence[Notice | None]) -> Counted:
        """Count and suppress in one transaction; None stands for a mail that is nothing of ours."""
        with self._ledger.read() as tx:
            checked: set[str] = set()
            proved = [None if one is None else self._proved(tx, one, checked) for one in notices]
        matched = tuple(one is not None for one in proved)
        believed = [one for one in proved if one is not None]
        if not believed:
            return Counted(matched)
        fresh: dict[NoticeKind, int] = dict.fromkeys(("hard", "soft", "complaint", "unsubscribe"), 0)
        with self._ledger.write() as tx:
            for delivery in sorted({one.about.delivery for one in believed}):
                for kind in fresh:
                    hashes = {
                        one.about.address_hash for one in believed if (one.about.delivery, one.kind) == (delivery, kind)
                    }
                    fresh[kind] += _add(tx, delivery, kind, hashes)
        return Counted(
            matched,
            hard=fresh["hard"],
            soft=fresh["soft"],
            complaints=fresh["complaint"],
            unsubscribed=fresh["unsubscribe"],
            known=len(believed) - sum(fresh.values()),
        )

    def _proved(self, tx: Reader, notice: Notice, checked: set[str]) -> _Proved | None:
        """The one message that all proofs of a notice name; proofs that differ prove nothing."""
        keyring = self._ledger.keyring
        about = {known for token in notice.tokens if (known := read_token(token, keyring)) is not None}
        for tag in notice.tags:
            returned = self._leaving.read_tag(tag)
            found = None if returned is None else self._recipient(tx, returned, checked)
            about |= set() if found is None else {found}
        if len(about) != 1:
            return None
        (one,) = about
        # Whoever asks to leave leaves, also if the delivery is no longer in this ledger.
        if notice.kind != "unsubscribe" and isinstance(read_request(tx, one.delivery), Refused):
            return None
        return _Proved(notice.kind, one)

    def _recipient(self, tx: Reader, returned: ReturnedMessage, checked: set[str]) -> Unsubscription | None:
        """Whom a message went to: its place in the delivery is the place in the frozen audience."""
        request = read_request(tx, returned.delivery)
        if not isinstance(request, Request) or request.manifest.audience is None:
            return None
        rows = messages_from(tx, returned.delivery, returned.position, returned.position + 1)
        if not rows or rows[0].state not in _HANDED_OVER:
            return None
        digest = request.manifest.audience
        path = audience_path(self._home, digest)
        try:
            if digest not in checked:
                verify_audience(path, digest)
                checked.add(digest)
            found = read_recipients(path, offset=returned.position, limit=1)
        except AudienceChanged:
            # The people of that delivery were erased, or somebody meddled: nobody can say whom it was about.
            return None
        return Unsubscription(returned.delivery, address_hash(found[0].address)) if found else None


def _add(tx: Writer, delivery: str, kind: NoticeKind, hashes: set[str]) -> int:
    """Record one kind for one delivery; how many were new."""
    if not hashes:
        return 0
    request = read_request(tx, delivery)
    run = request.run if isinstance(request, Request) else ""
    if kind == "unsubscribe":
        return suppress(tx, hashes, reason=_REASONS[kind], delivery=delivery, run=run)
    stored: FeedbackKind = kind
    fresh = add_feedback(tx, delivery, stored, hashes, run=run)
    if reason := _REASONS.get(kind):
        suppress(tx, hashes, reason=reason, delivery=delivery, run=run)
    return len(fresh)
