"""Proof that somebody may leave: tokens that the press signs into every e-mail, and that the door believes.

    leaving = Leaving(signer, WayToLeave("https://brand.example/unsubscribe"))
    token = leaving.token("D-0123456789ab", address_hash(address))     # in the link of that person's message
    read_token(token, keyring)                                         # Unsubscription, or None: not ours

A token names a delivery and an address's pseudonym, signed with the press's key, and is good for as
long as that key is pinned. Ed25519 signatures are the same each time, so a message made again has
the same bytes. A *return tag* stands in a message's return address, so that a bounce can prove
which message it is about; only the press can make one and only the press reads it.
"""

import base64
import binascii
import hashlib
import hmac
import re
from dataclasses import dataclass

from presscheck.ledger.keys import Keyring, Signer
from presscheck.unsubscribe_links import TOKEN_LENGTH, WayToLeave

_VERSION = b"\x01"
_CONTEXT = b"presscheck-unsubscribe-v1:"
_RETURN_CONTEXT = b"presscheck-return-v1:"
_TOKEN = re.compile(r"[A-Za-z0-9_-]{138}")
_DELIVERY = re.compile(r"D-([0-9a-f]{12})")
_HASH = re.compile(r"[0-9a-f]{64}")
_TAG = re.compile(r"[0-9a-f]{40}")
_SIGNATURE = 64


@dataclass(frozen=True)
class Unsubscription:
    """What a token proves: whom we wrote to, in which delivery."""

    delivery: str
    address_hash: str


@dataclass(frozen=True)
class ReturnedMessage:
    """What a return tag proves: a message's delivery, and its place in it."""

    delivery: str
    position: int


class Leaving:
    """Makes what messages carry, with the press's key."""

    def __init__(self, signer: Signer, way: WayToLeave) -> None:
        self.way = way
        self._signer = signer
        # Signatures of one key over one text are always the same and nobody else can make them: a secret of its own.
        self._secret = hashlib.sha256(signer.sign(_RETURN_CONTEXT)).digest()

    def token(self, delivery: str, address_hash: str) -> str:
        """The token of one recipient of one delivery. ValueError for names that are none of ours."""
        if _HASH.fullmatch(address_hash) is None:
            raise ValueError("an address hash is 64 hexadecimal digits")
        payload = _VERSION + _number(delivery) + bytes.fromhex(address_hash)
        signed = payload + self._signer.sign(_CONTEXT + payload)
        return base64.urlsafe_b64encode(signed).rstrip(b"=").decode("ascii")

    def return_tag(self, delivery: str, position: int) -> str:
        """40 hexadecimal digits for the return address of one message, in any case of letters."""
        payload = _number(delivery) + position.to_bytes(4, "big")
        return (payload + self._mac(payload)).hex()

    def read_tag(self, text: str) -> ReturnedMessage | None:
        """The message that a return tag of ours names; None for any other text."""
        if _TAG.fullmatch(text.lower()) is None:
            return None
        raw = bytes.fromhex(text)
        payload, mac = raw[:10], raw[10:]
        if not hmac.compare_digest(mac, self._mac(payload)):
            return None
        return ReturnedMessage(f"D-{payload[:6].hex()}", int.from_bytes(payload[6:], "big"))

    def _mac(self, payload: bytes) -> bytes:
        return hmac.digest(self._secret, payload, "sha256")[:10]


def read_token(text: str, keyring: Keyring) -> Unsubscription | None:
    """What the token proves; None for anything that the press did not sign, at the price of one signature at most."""
    if len(text) != TOKEN_LENGTH or _TOKEN.fullmatch(text) is None:
        return None
    try:
        raw = base64.urlsafe_b64decode(text + "==")
    except (binascii.Error, ValueError):
        return None
    if base64.urlsafe_b64encode(raw).rstrip(b"=").decode("ascii") != text:
        # The last character has bits to spare: one token has one spelling.
        return None
    payload, signature = raw[:-_SIGNATURE], raw[-_SIGNATURE:]
    if payload[:1] != _VERSION or not keyring.verifies("press", _CONTEXT + payload, signature):
        return None
    return Unsubscription(f"D-{payload[1:7].hex()}", payload[7:].hex())


def _number(delivery: str) -> bytes:
    found = _DELIVERY.fullmatch(delivery)
    if found is None:
        raise ValueError("a delivery is D- and twelve hexadecimal digits")
    return bytes.fromhex(found[1])
