"""What came back of our messages, believed only where the press can see its own hand in it.

    feedback = Feedback(ledger, home, leaving, desk.policies)
    counted = feedback.record([read_notice(raw), ...])      # Counted; what proves nothing is set aside
    note_refusals(tx, delivery, {"ada@example.com": about(550, "5.1.1", said)}, desk.policies)

A bounce arrives at a return address with a tag that only the press can make, or gives back the
message with the token in its unsubscribe link; a complaint gives back the message. A mailbox that is not there,
complaints and wishes to leave suppress the address. Other bounces are counted: what is refused for something of ours
costs nobody their place on the list, whatever a server says for good; who cannot be reached for weeks is given up.
"""

from collections.abc import Collection, Mapping, Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import TYPE_CHECKING

from pydantic import ValidationError

from presscheck.addresses import address_hash
from presscheck.desk.situation import PolicySource, current_policies, read_brief
from presscheck.errors import AudienceChanged, LedgerError, LedgerForged
from presscheck.ledger import Ledger, Reader, Writer
from presscheck.ledger.deliveries import messages_from
from presscheck.ledger.feedback import (
    FeedbackKind,
    add_feedback,
    failures_of,
    feedback_counts,
    provider_of,
)
from presscheck.ledger.reviews import find_review
from presscheck.ledger.suppressions import BOUNCED, suppress
from presscheck.models import Refused
from presscheck.press.feedback_mail import Notice, NoticeKind
from presscheck.press.records import Request, read_request, signed_counts
from presscheck.press.refusals import About, is_about_us
from presscheck.recipients.audiences import audience_path, read_recipients, verify_audience
from presscheck.recipients.leaving import Leaving, ReturnedMessage, Unsubscription, read_token
from presscheck.unsubscribe_links import WayToLeave

if TYPE_CHECKING:
    from policies import DeliveryPolicy

_KINDS: tuple[NoticeKind, ...] = ("hard", "soft", "policy", "complaint", "unsubscribe")
_HANDED_OVER = ("sent", "sending", "unknown")


@dataclass(frozen=True)
class Counted:
    """What became of a number of mails; `matched` says of each whether it was about a message of ours."""

    matched: tuple[bool, ...] = ()
    hard: int = 0
    soft: int = 0
    policy: int = 0
    complaints: int = 0
    unsubscribed: int = 0
    delayed: int = 0
    """A server has not delivered yet and goes on trying: nothing has come of it."""
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
    provider: str = ""
    final: bool = True


class Feedback:
    """Records what came back, with the press's ledger and key."""

    def __init__(self, ledger: Ledger, home: Path, way: WayToLeave, policies: PolicySource) -> None:
        if ledger.signer is None or ledger.signer.process != "press":
            raise LedgerError(f"{ledger.place}: what came back is recorded by the press, where its key is")
        self._ledger = ledger
        self._home = home
        self._policies = policies
        self._leaving = Leaving(ledger.signer, way)

    def record(self, notices: Sequence[Notice | None]) -> Counted:
        """Count and suppress in one transaction; None stands for a mail that is nothing of ours."""
        with self._ledger.read() as tx:
            checked: set[str] = set()
            proved = [None if one is None else self._proved(tx, one, checked) for one in notices]
        matched = tuple(one is not None for one in proved)
        believed = [one for one in proved if one is not None and one.final]
        delayed = sum(1 for one in proved if one is not None and not one.final)
        if not believed:
            return Counted(matched, delayed=delayed)
        fresh: dict[NoticeKind, int] = dict.fromkeys(_KINDS, 0)
        with self._ledger.write() as tx:
            for delivery in sorted({one.about.delivery for one in believed}):
                for kind in _KINDS:
                    came = {
                        one.about.address_hash: one.provider
                        for one in believed
                        if (one.about.delivery, one.kind) == (delivery, kind)
                    }
                    fresh[kind] += _add(tx, delivery, kind, came, self._policies)
        return Counted(
            matched,
            hard=fresh["hard"],
            soft=fresh["soft"],
            policy=fresh["policy"],
            complaints=fresh["complaint"],
            unsubscribed=fresh["unsubscribe"],
            delayed=delayed,
            known=len(believed) - sum(fresh.values()),
        )

    def _proved(self, tx: Reader, notice: Notice, checked: set[str]) -> _Proved | None:
        """The one message that all proofs of a notice name; proofs that differ prove nothing."""
        keyring = self._ledger.keyring
        about = {known for token in notice.tokens if (known := read_token(token, keyring)) is not None}
        provider = ""
        for tag in notice.tags:
            returned = self._leaving.read_tag(tag)
            address = None if returned is None else self._recipient(tx, returned, checked)
            if returned is not None and address is not None:
                about.add(Unsubscription(returned.delivery, address_hash(address)))
                provider = provider_of(address)
        if len(about) != 1:
            return None
        (one,) = about
        # Whoever asks to leave leaves, also if the delivery is no longer in this ledger.
        if notice.kind != "unsubscribe" and isinstance(read_request(tx, one.delivery), Refused):
            return None
        return _Proved(notice.kind, one, provider, notice.final)

    def _recipient(self, tx: Reader, returned: ReturnedMessage, checked: set[str]) -> str | None:
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
        return found[0].address if found else None


def note_refusals(
    tx: Writer, delivery: str, refused: Mapping[str, About], policies: PolicySource
) -> dict[FeedbackKind, int]:
    """Record what a server refused at once and for good, as its report by mail would be; how many were new of a kind.

    `refused` says of each address of the delivery what the refusal was about. Called within the transaction that
    records these messages as failed; a message that is tried again is no refusal.
    """
    fresh: dict[FeedbackKind, int] = {}
    for kind in ("hard", "soft", "policy"):
        came = {address_hash(one): provider_of(one) for one, about in refused.items() if _kind_of(about) == kind}
        fresh[kind] = _add(tx, delivery, kind, came, policies, at_once=True)
    return fresh


def _kind_of(about: About) -> FeedbackKind:
    return "hard" if about == "mailbox" else "policy" if is_about_us(about) else "soft"


def _add(
    tx: Writer,
    delivery: str,
    kind: NoticeKind,
    came: Mapping[str, str],
    policies: PolicySource,
    *,
    at_once: bool = False,
) -> int:
    """Record one kind for one delivery: hashes, with their providers where those are known; how many were new."""
    if not came:
        return 0
    request = read_request(tx, delivery)
    run = request.run if isinstance(request, Request) else ""
    if kind == "unsubscribe":
        return suppress(tx, came, reason="unsubscribed", delivery=delivery, run=run)
    providers = {one: provider for one, provider in came.items() if provider}
    fresh = add_feedback(tx, delivery, kind, came, run=run, providers=providers, at_once=at_once)
    if kind == "complaint":
        suppress(tx, came, reason="complained", delivery=delivery, run=run)
    elif kind == "hard":
        # Only what is new: an old report that is read again does not undo what two people have lifted since.
        suppress(tx, fresh, reason=BOUNCED, delivery=delivery, run=run, found="mailbox")
    elif kind == "soft" and isinstance(request, Request):
        gone = _given_up(tx, request, fresh, policies)
        suppress(tx, gone, reason=BOUNCED, delivery=delivery, run=run, found="several")
    return len(fresh)


# ---------------------------------------------------------------- who cannot be reached


def _given_up(tx: Reader, request: Request, hashes: Collection[str], policies: PolicySource) -> set[str]:
    """Which of these have failed so often and for so long that a delivery policy gives them up."""
    rules = _rules_for(tx, request, policies)
    if not rules or not hashes:
        return set()
    failures = failures_of(tx, hashes)
    lost: dict[tuple[str, str], bool] = {}

    def counts(rule: "DeliveryPolicy", delivery: str) -> bool:
        if (rule.id, delivery) not in lost:
            lost[rule.id, delivery] = _was_lost(tx, delivery, rule)
        return not lost[rule.id, delivery]

    return {
        one
        for one, failed in failures.items()
        if any(
            rule.gone_after.reached(at for delivery, at in failed.items() if counts(rule, delivery)) for rule in rules
        )
    }


def _rules_for(tx: Reader, request: Request, policies: PolicySource) -> "tuple[DeliveryPolicy, ...]":
    """The delivery policies in force; none where they, or what was asked, cannot be read: then nobody is given up."""
    now = current_policies(policies)
    try:
        review = find_review(tx, request.review)
    except (LedgerForged, ValidationError):
        review = None
    brief = None if review is None else read_brief(tx, review.question)
    if isinstance(now, Refused) or brief is None or isinstance(brief, Refused):
        return ()
    return now.deliveries_for(request.manifest.channel, brief[0].markets)


def _was_lost(tx: Reader, delivery: str, rule: "DeliveryPolicy") -> bool:
    """Whether so much of a delivery failed that it says something of us or of the way, and nothing of a reader."""
    back = feedback_counts(tx, delivery)
    went = signed_counts(tx, delivery, ("sent", "failed"))
    return rule.too_much(back.bounced + max(0, went["failed"] - back.at_once), went["sent"] + went["failed"])
