"""How events are chained and signed, and how a break in the chain is found.

Each event's hash is the SHA-256 of its canonical fields and the hash before it; its signature is
Ed25519 over that hash by the process that wrote it. So an event altered, removed, reordered or
forged breaks the chain at a place that can be named. A tail cut off, or an old copy of the whole
database put back, leaves a sound chain: that shows against the heads kept outside (`heads.py`).
"""

import json
from collections.abc import Iterable
from dataclasses import dataclass, replace
from typing import Any, cast

from presscheck.digests import canonical, digest_of
from presscheck.errors import LedgerForged
from presscheck.ledger.keys import Keyring, Signer
from presscheck.ledger.kinds import EventKind

GENESIS = "0" * 64
_CONTEXT = b"presscheck-event-v1:"


@dataclass(frozen=True)
class Event:
    """One row of the chain, as stored: `body` is the exact text that was hashed."""

    seq: int
    at: str
    kind: str
    process: str
    run: str
    subject: str
    body: str
    previous: str
    hash: str
    signature: str

    @property
    def data(self) -> dict[str, Any]:
        """The body as a dictionary. LedgerForged for a body that we never write, whoever signed it."""
        try:
            body = json.loads(self.body)
        except (ValueError, RecursionError) as error:
            raise LedgerForged(f"event {self.seq} ({self.kind}): its body is not JSON") from error
        if not isinstance(body, dict):
            raise LedgerForged(f"event {self.seq} ({self.kind}): its body is no JSON object")
        return cast(dict[str, Any], body)

    def expected_hash(self) -> str:
        """The hash that these fields must have; TypeError if one is not of its kind."""
        return digest_of([self.seq, self.at, self.kind, self.process, self.run, self.subject, self.body, self.previous])

    @property
    def intact(self) -> bool:
        """Whether the fields are those that were hashed."""
        try:
            return self.hash == self.expected_hash()
        except TypeError:
            # SQLite keeps bytes or a float in a text column if somebody puts them there.
            return False


@dataclass(frozen=True)
class ChainMark:
    """A place up to which the chain has been verified."""

    seq: int = 0
    hash: str = GENESIS


def seal(
    signer: Signer, *, after: ChainMark, at: str, kind: EventKind, run: str, subject: str, body: dict[str, Any]
) -> Event:
    """The next event after `after`, hashed and signed. TypeError if the body has no canonical form."""
    unsigned = Event(
        seq=after.seq + 1,
        at=at,
        kind=kind.value,
        process=signer.process,
        run=run,
        subject=subject,
        body=canonical(body).decode("utf-8"),
        previous=after.hash,
        hash="",
        signature="",
    )
    digest = unsigned.expected_hash()
    signature = signer.sign(_CONTEXT + digest.encode()).hex()
    return replace(unsigned, hash=digest, signature=signature)


def believed(event: Event, keyring: Keyring) -> bool:
    """Whether this event, by itself, is what a process that may write its kind has signed."""
    return _disbelief(event, keyring) is None


def chain_fault(events: Iterable[Event], keyring: Keyring, mark: ChainMark) -> tuple[ChainMark, str | None]:
    """Follow the chain from `mark`; the last good place, and what is wrong with the next event."""
    for event in events:
        if event.seq != mark.seq + 1:
            gap = f"event {mark.seq + 1} is missing; event {event.seq} stands in its place"
            return mark, gap
        if event.previous != mark.hash:
            return mark, f"event {event.seq} does not follow event {mark.seq}: it was put in, or the one before altered"
        if disbelief := _disbelief(event, keyring):
            return mark, f"event {event.seq} ({event.kind}) {disbelief}"
        mark = ChainMark(event.seq, event.hash)
    return mark, None


def _disbelief(event: Event, keyring: Keyring) -> str | None:
    if not event.intact:
        return "was altered after it was written: its hash does not match its content"
    try:
        writers = EventKind(event.kind).writers
    except ValueError:
        return "is of a kind that no process may write"
    if event.process not in writers:
        return f"was written by the {event.process}, which may not write this kind"
    try:
        signature = bytes.fromhex(event.signature)
    except (ValueError, TypeError):
        return "carries a signature that is not one"
    if not keyring.verifies(event.process, _CONTEXT + event.hash.encode(), signature):
        return f"was not signed with the {event.process}'s key"
    return None
