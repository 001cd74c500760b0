"""A device that holds passkeys, in software: real keys and real signatures, and it lies where a test says so."""

import base64
import hashlib
import json
import struct
from dataclasses import dataclass, field
from typing import Any

import cbor2
from cryptography.hazmat.primitives.asymmetric.ec import ECDSA, SECP256R1, EllipticCurvePrivateKey, generate_private_key
from cryptography.hazmat.primitives.hashes import SHA256


def text(raw: bytes) -> str:
    return base64.urlsafe_b64encode(raw).rstrip(b"=").decode()


@dataclass
class Device:
    """One passkey on one device; `made` answers a registration and `given` a sign-in."""

    id: bytes = b"credential of a test"
    key: EllipticCurvePrivateKey = field(default_factory=lambda: generate_private_key(SECP256R1()))
    counter: int = 0
    handle: bytes = b""

    def made(self, options: dict[str, Any], *, origin: str, verified: bool = True, fmt: str = "none") -> dict[str, Any]:
        """The answer to `navigator.credentials.create`."""
        pad = "=" * (-len(options["user"]["id"]) % 4)
        self.handle = base64.urlsafe_b64decode(options["user"]["id"] + pad)
        numbers = self.key.public_key().public_numbers()
        cose = {1: 2, 3: -7, -1: 1, -2: numbers.x.to_bytes(32, "big"), -3: numbers.y.to_bytes(32, "big")}
        attested = bytes(16) + struct.pack(">H", len(self.id)) + self.id + cbor2.dumps(cose)
        data = self._data(options["rp"]["id"], flags=0x41 | (0x04 if verified else 0)) + attested
        client = self._client("webauthn.create", options["challenge"], origin)
        attestation = cbor2.dumps({"fmt": fmt, "attStmt": {}, "authData": data})
        return self._answer({"clientDataJSON": text(client), "attestationObject": text(attestation)})

    def given(
        self,
        options: dict[str, Any],
        *,
        origin: str,
        verified: bool = True,
        count_up: int = 1,
        handle: bytes | None = None,
        site: str = "",
    ) -> dict[str, Any]:
        """The answer to `navigator.credentials.get`."""
        self.counter += count_up
        data = self._data(site or options["rpId"], flags=0x01 | (0x04 if verified else 0))
        client = self._client("webauthn.get", options["challenge"], origin)
        signature = self.key.sign(data + hashlib.sha256(client).digest(), ECDSA(SHA256()))
        return self._answer(
            {
                "clientDataJSON": text(client),
                "authenticatorData": text(data),
                "signature": text(signature),
                "userHandle": text(self.handle if handle is None else handle),
            }
        )

    def _data(self, site: str, *, flags: int) -> bytes:
        return hashlib.sha256(site.encode()).digest() + bytes([flags]) + struct.pack(">I", self.counter)

    def _client(self, kind: str, challenge: str, origin: str) -> bytes:
        return json.dumps({"type": kind, "challenge": challenge, "origin": origin, "crossOrigin": False}).encode()

    def _answer(self, response: dict[str, Any]) -> dict[str, Any]:
        return {"id": text(self.id), "rawId": text(self.id), "type": "public-key", "response": response}
