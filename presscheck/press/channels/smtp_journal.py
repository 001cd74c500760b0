"""What SMTP cannot be asked later: which messages of a hand-over were begun, and which were taken.

    journal = Journal.make(folder, delivery, keys, seal)     before the hand-over; `journal.id` goes into the ledger
    journal.begun(key); journal.commit()                     on the disk before the server can have taken it
    journal.taken(key) or journal.left(key)                  what it answered
    fate_in(folder, delivery, journal_id, key, seal)         after a crash

Every message has a slot of its own, written over in place and sealed. Only a slot that says so
makes "never begun" certain: a file that is gone, short or altered, or that belongs to another
hand-over, says `unknown`, and what is unknown is never sent again.
"""

import hashlib
import hmac
import os
import re
import secrets
import struct
import threading
from collections.abc import Sequence
from pathlib import Path

from presscheck.errors import ChannelError
from presscheck.press.channels import Fate

_SLOT = 64
_SEAL = 31
_MAGIC = b"pcmail01"
_FRESH, _BEGUN, _TAKEN, _LEFT = b"f", b"b", b"t", b"l"
_FATES: dict[bytes, Fate] = {_FRESH: "not-sent", _LEFT: "not-sent", _TAKEN: "sent", _BEGUN: "unknown"}
_ID = re.compile(r"[0-9a-f]{32}")
_DELIVERY = re.compile(r"[DT]-[0-9a-f]{12}")


class Journal:
    """One hand-over's slots, open for writing; many threads may write at once."""

    def __init__(self, path: Path, id: str, keys: Sequence[str], seal: bytes, descriptor: int) -> None:
        self.path = path
        self.id = id
        self._places = {key: place for place, key in enumerate(keys)}
        self._states = dict.fromkeys(keys, _FRESH)
        self._seal = seal
        self._descriptor = descriptor
        self._turn = threading.Condition()
        self._started = self._done = 0
        self._syncing = False

    @classmethod
    def make(cls, folder: Path, delivery: str, keys: Sequence[str], seal: bytes) -> "Journal":
        """A new journal with every message fresh, on the disk. ChannelError if the disk does not take it."""
        id = secrets.token_hex(16)
        path = _path(folder, delivery, id)
        content = _head(id, len(keys), seal) + b"".join(
            _slot(id, place, key, _FRESH, seal) for place, key in enumerate(keys)
        )
        try:
            folder.mkdir(parents=True, exist_ok=True, mode=0o700)
            descriptor = os.open(path, os.O_RDWR | os.O_CREAT | os.O_EXCL | os.O_NOFOLLOW, 0o600)
            try:
                if os.pwrite(descriptor, content, 0) != len(content):
                    raise OSError(28, "no room")
                os.fsync(descriptor)
                _sync_folder(folder)
            except OSError:
                os.close(descriptor)
                raise
        except OSError as error:
            raise _does_not_take(path, error) from error
        return cls(path, id, keys, seal, descriptor)

    def fresh(self, key: str) -> bool:
        """Whether this message may be begun: it is of this hand-over, and not begun or was left."""
        return self._states.get(key) in (_FRESH, _LEFT)

    def begun(self, key: str) -> None:
        """From the next `commit` on, the server may take it."""
        self._write(key, _BEGUN)

    def taken(self, key: str) -> None:
        """The server said so."""
        self._write(key, _TAKEN)

    def left(self, key: str) -> None:
        """The server has certainly not taken it."""
        self._write(key, _LEFT)

    def commit(self) -> None:
        """Return when everything written before is on the disk; threads that wait share one trip there."""
        with self._turn:
            # What is being synced now may have begun before our write; the next trip covers it.
            wanted = self._started + 1
            while self._done < wanted:
                if self._syncing:
                    self._turn.wait()
                    continue
                self._syncing = True
                self._started += 1
                trip = self._started
                self._turn.release()
                fault: OSError | None = None
                try:
                    os.fdatasync(self._descriptor)
                except OSError as error:
                    fault = error
                finally:
                    self._turn.acquire()
                    self._syncing = False
                    self._turn.notify_all()
                if fault is not None:
                    raise _does_not_take(self.path, fault) from fault
                self._done = trip

    def close(self) -> None:
        """Give the file back; it stays where it is."""
        os.close(self._descriptor)

    def _write(self, key: str, state: bytes) -> None:
        place = self._places[key]
        self._states[key] = state
        try:
            os.pwrite(self._descriptor, _slot(self.id, place, key, state, self._seal), _SLOT * (place + 1))
        except OSError as error:
            raise _does_not_take(self.path, error) from error


def fate_in(folder: Path, delivery: str, id: str, keys: Sequence[str], seal: bytes) -> dict[str, Fate]:
    """What one journal says of these messages; `unknown` for all of them if it cannot be believed."""
    unknown: dict[str, Fate] = dict.fromkeys(keys, "unknown")
    if _ID.fullmatch(id) is None:
        return unknown
    try:
        descriptor = os.open(_path(folder, delivery, id), os.O_RDONLY | os.O_NOFOLLOW)
        with os.fdopen(descriptor, "rb") as file:
            head = file.read(_SLOT)
            count = struct.unpack(">I", head[24:28])[0] if len(head) == _SLOT else 0
            if not hmac.compare_digest(head, _head(id, count, seal)):
                return unknown
            slots = file.read(_SLOT * count + 1)
    except OSError:
        return unknown
    if len(slots) != _SLOT * count:
        return unknown
    found: dict[str, Fate] = {}
    for place in range(count):
        slot = slots[_SLOT * place : _SLOT * (place + 1)]
        key, state = slot[:32].hex(), slot[32:33]
        # A slot that is not sealed may have had any key: then nothing here is certain of those not found.
        if state not in _FATES or not hmac.compare_digest(slot, _slot(id, place, key, state, seal)):
            continue
        found[key] = _FATES[state]
    absent: Fate = "not-sent" if len(found) == count else "unknown"
    return {key: found.get(key, absent) for key in keys}


def forget(folder: Path, delivery: str) -> None:
    """Remove the journals of a delivery that is over."""
    if _DELIVERY.fullmatch(delivery) is not None:
        for path in folder.glob(f"{delivery}-*.journal"):
            path.unlink(missing_ok=True)


def _path(folder: Path, delivery: str, id: str) -> Path:
    if _DELIVERY.fullmatch(delivery) is None:
        raise ValueError("deliveries are hexadecimal")
    return folder / f"{delivery}-{id}.journal"


def _head(id: str, count: int, seal: bytes) -> bytes:
    told = _MAGIC + bytes.fromhex(id) + struct.pack(">I", count)
    return told + hmac.digest(seal, b"head" + told, hashlib.sha256) + bytes(4)


def _slot(id: str, place: int, key: str, state: bytes, seal: bytes) -> bytes:
    # 64 bytes at a multiple of 64: within one sector of any disk, so it is written whole or not at all.
    told = bytes.fromhex(key) + state
    sealed = hmac.digest(seal, b"slot" + bytes.fromhex(id) + struct.pack(">I", place) + told, hashlib.sha256)
    return told + sealed[:_SEAL]


def _sync_folder(folder: Path) -> None:
    descriptor = os.open(folder, os.O_RDONLY)
    try:
        os.fsync(descriptor)
    finally:
        os.close(descriptor)


def _does_not_take(path: Path, error: OSError) -> ChannelError:
    return ChannelError(
        f"{path}: the journal of what was sent cannot be written: {error.strerror or error}. Nothing is sent without "
        "it; make room or mend the folder, and the press goes on by itself."
    )
