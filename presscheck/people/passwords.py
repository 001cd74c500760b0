"""Passwords: refused where they are easy to guess, kept as argon2id, checked in the same time for nobody.

    hashed = hash_password(password)
    if matches(hashed, password): ...           # both None: so many wait already that this one was turned away

Parameters are argon2-cffi's defaults, RFC 9106's second recommended choice (64 MiB, 3 passes, 4 lanes).
"""

import os
import unicodedata
from collections.abc import Generator
from contextlib import contextmanager
from threading import BoundedSemaphore

from argon2 import PasswordHasher
from argon2.exceptions import InvalidHashError, VerificationError, VerifyMismatchError

from presscheck.models import Refused

LEAST = 12
"""The fewest characters a password may have; length beats symbols (NIST SP 800-63B-4, section 3.1.1)."""
_MOST = 200

_hasher = PasswordHasher()
# Each takes 64 MiB and four threads while it works: strangers who sign in by the dozen must not fill the memory, nor
# take the processors from everybody else's pages.
_AT_ONCE = BoundedSemaphore(max(1, (os.cpu_count() or 1) // 4))
# Whoever waits for a turn holds one of the door's forty threads, which everybody else's pages need. Browsers in which
# somebody signed in before wait apart, so that a crowd of strangers does not keep them out.
_STRANGERS, _KNOWN = BoundedSemaphore(12), BoundedSemaphore(8)
# Checked when there is no such account, so that the answer takes as long as for one that exists: it has to be of the
# same parameters. Ready made, because a hash takes a third of a second and the door is waited for.
_READY_MADE = "$argon2id$v=19$m=65536,t=3,p=4$xBz6jcRXN+HnMs6YjXEvxQ$oJHn2zr43NXHdyXH/vqk1qYiHzCw0AqCCJH+qglr178"
_NOBODY = _hasher.hash("nobody has this password") if _hasher.check_needs_rehash(_READY_MADE) else _READY_MADE

# What people choose when twelve characters are asked for; a stem is refused with anything in front or behind.
_COMMON_STEMS = (
    "password", "passwort", "passw0rd", "qwertyuiop", "qwertzuiop", "letmein", "welcome", "iloveyou",
    "1234567890", "0987654321", "abcdefghij", "adminadmin", "changeme", "presscheck", "marketing",
)  # fmt: skip


def password_fault(password: str, *, email: str, name: str) -> Refused | None:
    """Why this password will not do, in words for the person choosing it; None if it will."""
    plain = _same(password)
    low = plain.lower()
    own = [word for word in (email.split("@")[0].lower(), *name.lower().split()) if len(word) >= 4]
    if len(plain) < LEAST:
        return Refused(reason=f"the password has {len(plain)} characters; use at least {LEAST}", code="weak-password")
    if len(plain) > _MOST:
        return Refused(reason=f"the password has {len(plain):,} characters; use at most {_MOST}", code="weak-password")
    if len(set(low)) < 5:
        return Refused(reason="the password repeats a few characters; use more different ones", code="weak-password")
    # What is left once the obvious part is taken out has to carry the password by itself.
    for stem in (*_COMMON_STEMS, *own):
        if stem in low and len(low.replace(stem, "")) < 8:
            return Refused(
                reason="the password is built on a common word, your name or your address; "
                "four unrelated words are easy to remember and hard to guess",
                code="weak-password",
            )
    return None


def hash_password(password: str) -> str | None:
    """The argon2id string to keep: salted, so two people with one password differ; None where too many wait."""
    with _turn(known=False) as mine:
        return _hasher.hash(_same(password)) if mine else None


def matches(hashed: str | None, password: str, *, known: bool = False) -> bool | None:
    """Whether the password is the one that was hashed; a `hashed` of None is never matched and takes as long.

    `known` is a browser in which the account's owner signed in before. None where nothing was compared, because
    too many wait already.
    """
    with _turn(known=known) as mine:
        if not mine:
            return None
        try:
            return _hasher.verify(hashed or _NOBODY, _same(password)[:_MOST]) and hashed is not None
        except (VerifyMismatchError, VerificationError, InvalidHashError):
            return False


@contextmanager
def _turn(*, known: bool) -> Generator[bool]:
    """A turn to hash, after some waiting; False where there is no room to wait in."""
    room = _KNOWN if known else _STRANGERS
    if not room.acquire(blocking=False):
        yield False
        return
    try:
        with _AT_ONCE:
            yield True
    finally:
        room.release()


def _same(password: str) -> str:
    # The same letters typed on another keyboard may come composed or not.
    return unicodedata.normalize("NFKC", password).encode("utf-8", "replace").decode()
