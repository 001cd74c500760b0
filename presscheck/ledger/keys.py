"""One signing key per process, and the public keys that a reader has pinned.

`home/keys/<process>/private.pem` is read by that process alone (mode 0600, Ed25519, PKCS 8).
`home/keys/trusted/<process>.pub` are the public keys that readers believe: files on the reader's
side, never rows of the database. In production each service gets its own private key and a copy
of the trusted folder; on one machine under one account the operating system separates nothing.
"""

import os
from dataclasses import dataclass
from pathlib import Path
from typing import get_args

from cryptography.exceptions import InvalidSignature
from cryptography.hazmat.primitives.asymmetric.ed25519 import Ed25519PrivateKey, Ed25519PublicKey
from cryptography.hazmat.primitives.serialization import (
    Encoding,
    NoEncryption,
    PrivateFormat,
    PublicFormat,
    load_pem_private_key,
)

from presscheck.errors import SettingsError
from presscheck.models import Process

PROCESSES: tuple[Process, ...] = get_args(Process)


@dataclass(frozen=True)
class Signer:
    """A process's name and its private key."""

    process: Process
    key: Ed25519PrivateKey

    def sign(self, message: bytes) -> bytes:
        """The 64-byte Ed25519 signature (RFC 8032)."""
        return self.key.sign(message)

    def signed(self, message: bytes, signature: bytes) -> bool:
        """Whether `signature` over `message` is this process's own."""
        try:
            self.key.public_key().verify(signature, message)
        except InvalidSignature:
            return False
        return True

    def __repr__(self) -> str:
        return f"Signer(process={self.process!r})"

    @classmethod
    def load(cls, keys: Path, process: Process) -> "Signer":
        """Read `keys/<process>/private.pem`; SettingsError says what to do where it is missing."""
        path = keys / process / "private.pem"
        try:
            key = load_pem_private_key(path.read_bytes(), password=None)
        except FileNotFoundError:
            raise SettingsError(f"{path}: no signing key for the {process}; `presscheck up` makes one") from None
        except (OSError, ValueError) as error:
            raise SettingsError(f"{path}: the {process}'s signing key cannot be read: {error}") from error
        if not isinstance(key, Ed25519PrivateKey):
            raise SettingsError(f"{path}: not an Ed25519 key; restore the one that `presscheck up` made")
        return cls(process, key)


@dataclass(frozen=True)
class Keyring:
    """The public keys that this reader believes, by process."""

    public: dict[Process, Ed25519PublicKey]

    def verifies(self, process: str, message: bytes, signature: bytes) -> bool:
        """Whether `signature` over `message` is that process's; an unknown process never is."""
        key = next((key for name, key in self.public.items() if name == process), None)
        if key is None:
            return False
        try:
            key.verify(signature, message)
        except InvalidSignature:
            return False
        return True

    @classmethod
    def load(cls, keys: Path) -> "Keyring":
        """Read `keys/trusted/*.pub`; all three must be there."""
        public: dict[Process, Ed25519PublicKey] = {}
        for process in PROCESSES:
            path = keys / "trusted" / f"{process}.pub"
            try:
                public[process] = Ed25519PublicKey.from_public_bytes(bytes.fromhex(path.read_text().strip()))
            except FileNotFoundError:
                raise SettingsError(f"{path}: no pinned key for the {process}; `presscheck up` makes one") from None
            except (OSError, ValueError) as error:
                raise SettingsError(f"{path}: the pinned key cannot be read: {error}") from error
        return cls(public)


def make_keys(keys: Path) -> None:
    """Make what is missing of the three key pairs; what is there is left alone."""
    trusted = keys / "trusted"
    trusted.mkdir(parents=True, exist_ok=True, mode=0o700)
    for process in PROCESSES:
        private = keys / process / "private.pem"
        private.parent.mkdir(parents=True, exist_ok=True, mode=0o700)
        pinned = trusted / f"{process}.pub"
        if private.exists():
            if not pinned.exists():
                raise SettingsError(
                    f"{pinned}: the {process} has a private key but its pinned public key is gone; restore it, "
                    "because a key pinned anew would make every earlier event unbelievable"
                )
            continue
        if pinned.exists():
            raise SettingsError(f"{private}: pinned but missing; restore the {process}'s private key from your backup")
        key = Ed25519PrivateKey.generate()
        public = key.public_key().public_bytes(Encoding.Raw, PublicFormat.Raw)
        _write_private(private, key.private_bytes(Encoding.PEM, PrivateFormat.PKCS8, NoEncryption()))
        pinned.write_text(public.hex() + "\n")


def _write_private(path: Path, content: bytes) -> None:
    descriptor = os.open(path, os.O_WRONLY | os.O_CREAT | os.O_EXCL, 0o600)
    with os.fdopen(descriptor, "wb") as file:
        file.write(content)
