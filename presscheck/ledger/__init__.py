"""The ledger: append-only, chained and signed events, and the content that they name by digest."""

from presscheck.ledger.chain import ChainMark, Event
from presscheck.ledger.keys import Keyring, Signer, make_keys
from presscheck.ledger.kinds import EventKind
from presscheck.ledger.migrate import upgrade
from presscheck.ledger.store import Ledger, Reader, Verification, Writer, timestamp, utc_now

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
]
