"""Content addresses: the same content has the same digest, on every machine and in every version.

A digest is the SHA-256 of RFC 8785-style canonical JSON (sorted keys, no white space, UTF-8)
or of a file's bytes, as 64 lower-case hexadecimal digits. Floats are refused: they print
differently from place to place; write money as integer minor units or as a string.
"""

import errno
import hashlib
import json
import os
import stat
from collections.abc import Iterable, Mapping
from pathlib import Path
from typing import Any, BinaryIO

_CANONICAL = json.JSONEncoder(sort_keys=True, separators=(",", ":"), ensure_ascii=False)
_LEAVES = frozenset((str, int, bool, type(None)))


def canonical(value: Any) -> bytes:
    """The one byte string that stands for a JSON-like value.

    Raises TypeError for floats and for anything that JSON does not know.
    """
    # First, because it notices what holds itself; it would let floats pass.
    text = _CANONICAL.encode(value)
    _refuse_floats(value)
    return text.encode("utf-8", "surrogatepass")


def digest_of(value: Any) -> str:
    """SHA-256 of the canonical JSON of `value`, 64 hexadecimal digits."""
    return hashlib.sha256(canonical(value)).hexdigest()


def digest_of_row(cells: Mapping[str, str]) -> str:
    """What a row of a table goes by: all of its cells as they stand, by column."""
    return digest_of({"row": dict(cells)})


def file_digest(path: Path) -> str:
    """SHA-256 of a file's bytes, read in pieces of 1 MiB. OSError as `open_plain` says."""
    sha = hashlib.sha256()
    with open_plain(path) as file:
        while piece := file.read(1 << 20):
            sha.update(piece)
    return sha.hexdigest()


def open_plain(path: Path) -> BinaryIO:
    """A file's bytes, to be read. OSError also for a pipe, a device or a folder, which somebody put in its place."""
    # Without O_NONBLOCK a pipe would keep whoever opens it until somebody writes.
    handle = os.open(path, os.O_RDONLY | os.O_NONBLOCK | os.O_CLOEXEC)
    if not stat.S_ISREG(os.fstat(handle).st_mode):
        os.close(handle)
        raise OSError(errno.EINVAL, "it is no plain file", str(path))
    return os.fdopen(handle, "rb")


def plain_bytes(path: Path, digest: str) -> bytes | None:
    """All of a file, read once; None where it is not what the digest says. OSError as `open_plain` says.

    Looked at first and opened again to be read, a file may be another one at the second glance.
    """
    with open_plain(path) as file:
        raw = file.read()
    return raw if hashlib.sha256(raw).hexdigest() == digest else None


def fingerprint(digest: str) -> str:
    """A digest's first twelve digits in groups of four: short enough to read aloud."""
    return f"{digest[0:4]}-{digest[4:8]}-{digest[8:12]}"


def merkle_root(leaves: Iterable[bytes]) -> str:
    """The Merkle tree hash of RFC 6962 section 2.1 over `leaves`, as 64 hexadecimal digits."""
    level = [hashlib.sha256(b"\x00" + leaf).digest() for leaf in leaves]
    if not level:
        return hashlib.sha256(b"").hexdigest()
    # RFC 6962 splits at the largest power of two; pairing upwards and carrying
    # an odd last node unchanged gives the same tree.
    while len(level) > 1:
        paired = [hashlib.sha256(b"\x01" + level[at] + level[at + 1]).digest() for at in range(0, len(level) - 1, 2)]
        if len(level) % 2:
            paired.append(level[-1])
        level = paired
    return level[0].hex()


def _refuse_floats(value: Any) -> None:
    waiting = [value]
    # It grows while it is gone through. Leaves are most of a value, and no step is taken for one.
    for inner in waiting:
        if isinstance(inner, float):
            raise TypeError("a float has no canonical form; use an integer or a string")
        if isinstance(inner, dict):
            for key in inner:  # pyright: ignore[reportUnknownVariableType]
                if not isinstance(key, str):
                    raise TypeError(f"keys must be text, not {type(key).__name__}")  # pyright: ignore[reportUnknownArgumentType]
            waiting += [each for each in inner.values() if type(each) not in _LEAVES]  # pyright: ignore[reportUnknownVariableType, reportUnknownArgumentType]
        elif isinstance(inner, list | tuple):
            waiting += [each for each in inner if type(each) not in _LEAVES]  # pyright: ignore[reportUnknownVariableType, reportUnknownArgumentType]
