"""The chain's signed head, kept outside the database by each process that wrote to it.

Written after the commit, so a head may lag behind the database and never leads it. A database
that has less than a head says was cut, or is an old copy. A tail cut within the lag, the events
between the last head and the last commit, cannot be seen. A head that its chain does not hold stays, however far the
chain grows: else an old copy would only have to be written to for long enough.
"""

import fcntl
import json
import os
from dataclasses import dataclass
from pathlib import Path

from presscheck.errors import LedgerForged
from presscheck.ledger.chain import ChainMark
from presscheck.ledger.keys import PROCESSES, Keyring, Signer

_CONTEXT = b"presscheck-head-v1:"


@dataclass(frozen=True)
class Head:
    """What a process saw as the chain's end after its own last commit."""

    process: str
    mark: ChainMark


def kept_head(heads: Path, process: str) -> Head | None:
    """The head that a process has kept, whoever wrote it; LedgerForged if it is none."""
    path = heads / f"{process}.json"
    return Head(process, _read(path)[0]) if path.exists() else None


def keep_head(
    heads: Path, signer: Signer, mark: ChainMark, *, lost: ChainMark | None = None, explained: bool = False
) -> None:
    """Replace the process's head file by `mark`, unless another of its kind already kept a later one.

    `lost` is a head that the chain does not hold: it stays, unless two people signed that it is lost (`explained`).
    LedgerForged if what stands there is not a head; it stays, so that `verify` can name it.
    """
    heads.mkdir(parents=True, exist_ok=True, mode=0o700)
    path = heads / f"{signer.process}.json"
    with (heads / f".{signer.process}.lock").open("w") as lock:
        fcntl.flock(lock, fcntl.LOCK_EX)
        if path.exists():
            kept, kept_signature = _read(path)
            if not signer.signed(_message(kept), kept_signature):
                raise LedgerForged(f"{path}: the head was not signed with the {signer.process}'s key")
            if not explained if kept == lost else kept.seq >= mark.seq:
                return
        signature = signer.sign(_message(mark)).hex()
        fresh = path.with_suffix(".new")
        with fresh.open("w") as file:
            json.dump({"seq": mark.seq, "hash": mark.hash, "signature": signature}, file)
            file.flush()
            # Without this a power cut can leave an empty file under the new name, which looks forged.
            os.fsync(file.fileno())
        os.replace(fresh, path)


def read_heads(heads: Path, keyring: Keyring) -> list[Head]:
    """Every head that is kept; LedgerForged if one is not what its process signed."""
    found: list[Head] = []
    for process in PROCESSES:
        path = heads / f"{process}.json"
        if not path.exists():
            continue
        mark, signature = _read(path)
        if not keyring.verifies(process, _message(mark), signature):
            raise LedgerForged(f"{path}: the head was not signed with the {process}'s key")
        found.append(Head(process, mark))
    return found


def _read(path: Path) -> tuple[ChainMark, bytes]:
    try:
        kept = json.loads(path.read_text())
        return ChainMark(int(kept["seq"]), str(kept["hash"])), bytes.fromhex(kept["signature"])
    except (ValueError, KeyError, TypeError) as error:
        raise LedgerForged(f"{path}: not a head that Presscheck wrote: {error}") from error


def _message(mark: ChainMark) -> bytes:
    return _CONTEXT + f"{mark.seq}:{mark.hash}".encode()
