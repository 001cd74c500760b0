"""The ledger: append-only, chained and signed events, and the content that they name by digest."""

from presscheck.ledger.chain import ChainMark, Event
from presscheck.ledger.keys import Keyring, Signer, make_keys
from presscheck.ledger.kinds import EventKind
from presscheck.ledger.migrate import upgrade
from presscheck.ledger.store import Ledger, Reader, Writer, timestamp, utc_now
from presscheck.ledger.verifying import Verification, verify

__all__ = [
    "ChainMark",
    "Event",
    "EventKind",
    "Keyring",
    "Ledger",
    "Reader",
    "Signer",
    "Verification",
    "Writer",
    "make_keys",
    "timestamp",
    "upgrade",
    "utc_now",
    "verify",
]
