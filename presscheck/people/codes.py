"""Codes: the six digits of an authenticator (TOTP, RFC 6238), and one-time codes to enrol with.

A TOTP secret is kept sealed: AES-256-GCM under a key that HKDF derives from the door's private key,
bound to whose it is. A worker that reads the database reads nothing.
"""

import base64
import binascii
import hashlib
import hmac
import os
import secrets
from datetime import datetime

from cryptography.exceptions import InvalidTag
from cryptography.hazmat.primitives.ciphers.aead import AESGCM
from cryptography.hazmat.primitives.hashes import SHA256
from cryptography.hazmat.primitives.kdf.hkdf import HKDF
from cryptography.hazmat.primitives.serialization import Encoding, NoEncryption, PrivateFormat
from pyotp.totp import TOTP

from presscheck.ledger import Signer

_STEP_SECONDS = 30
HALF = 12
"""Letters in one half of a code that two people pass on."""
# Without I, L, O and U, which are misread or misspelt (Crockford's base 32).
_ALPHABET = "0123456789ABCDEFGHJKMNPQRSTVWXYZ"
_MISREAD = str.maketrans({"I": "1", "L": "1", "O": "0", "-": None, " ": None})


class Seal:
    """Seals short secrets so that only the door opens them, and only for whom they were sealed."""

    def __init__(self, signer: Signer) -> None:
        raw = signer.key.private_bytes(Encoding.Raw, PrivateFormat.Raw, NoEncryption())
        key = HKDF(algorithm=SHA256(), length=32, salt=None, info=b"presscheck-totp-v1").derive(raw)
        self._cipher = AESGCM(key)

    def close(self, secret: str, *, whose: str) -> str:
        """The sealed secret as base64 text."""
        nonce = os.urandom(12)
        return base64.b64encode(nonce + self._cipher.encrypt(nonce, secret.encode(), whose.encode())).decode()

    def open(self, sealed: str, *, whose: str) -> str | None:
        """The secret; None if it was altered, or sealed for somebody else or with another key."""
        try:
            raw = base64.b64decode(sealed, validate=True)
            return self._cipher.decrypt(raw[:12], raw[12:], whose.encode()).decode()
        except (binascii.Error, InvalidTag, ValueError):
            return None


def fresh_secret() -> str:
    """A new TOTP secret: 160 random bits in base 32."""
    return base64.b32encode(os.urandom(20)).decode()


def otpauth_uri(secret: str, *, email: str) -> str:
    """What the QR code says to an authenticator."""
    return TOTP(secret).provisioning_uri(name=email, issuer_name="Presscheck")


def matching_step(secret: str, code: str, now: datetime) -> int | None:
    """The time step that `code` belongs to, one before and one after now allowed; None if it is wrong."""
    given = "".join(code.split())
    if not (given.isascii() and given.isdigit() and len(given) == 6):
        given = ""
    totp = TOTP(secret)
    present = int(now.timestamp()) // _STEP_SECONDS
    found: int | None = None
    # All three are always compared, so that the time taken does not tell which one came near.
    for step in (present - 1, present, present + 1):
        if hmac.compare_digest(totp.generate_otp(step), given):
            found = step
    return found


def fresh_code() -> str:
    """A one-time code of 100 random bits, in five groups of four that can be read aloud."""
    return _grouped(20)


def fresh_half() -> str:
    """One half of a one-time code: 60 random bits of its own, of no use without the other half."""
    return _grouped(HALF)


def halves(code: str) -> tuple[str, str] | None:
    """The two halves that were typed one after the other; None for anything that is not two halves."""
    plain = code.upper().translate(_MISREAD)
    return (plain[:HALF], plain[HALF:]) if len(plain) == 2 * HALF else None


def _grouped(count: int) -> str:
    letters = "".join(secrets.choice(_ALPHABET) for _ in range(count))
    return "-".join(letters[at : at + 4] for at in range(0, count, 4))


def code_hash(code: str) -> str:
    """What is kept of a one-time code; capitals, hyphens and look-alike letters do not matter."""
    return hashlib.sha256(b"presscheck-code:" + code.upper().translate(_MISREAD).encode("utf-8", "replace")).hexdigest()
