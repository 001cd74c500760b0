"""What is good once: a one-time code, a challenge, a sign-in at a provider. Used up by an event, for good.

    if not spend(tx, f"code:{person}:{step}", person=person): ...   # somebody used it before

Only the digest of what was used is kept. A row could be deleted and let the same thing in again; an event
that goes missing breaks the chain.
"""

from presscheck.digests import digest_of
from presscheck.ledger import EventKind, Writer


def spend(tx: Writer, what: str, *, person: str) -> bool:
    """Use it up; False if it was used before. Two at one moment: the ledger has one writer, so one gets True."""
    subject = digest_of(f"presscheck-spent:{what}")
    if tx.events(EventKind.CODE_SPENT, subject=subject):
        return False
    tx.append(EventKind.CODE_SPENT, subject, {"person": person})
    return True
