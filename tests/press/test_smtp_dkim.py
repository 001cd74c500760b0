"""DKIM signatures as dkimpy, an implementation that is not ours, verifies them."""

import base64
from collections.abc import Callable
from typing import Any

import dkim
import pytest
from cryptography.exceptions import InvalidSignature
from cryptography.hazmat.primitives.asymmetric import ec, rsa
from cryptography.hazmat.primitives.asymmetric.ed25519 import Ed25519PublicKey
from hypothesis import given
from hypothesis import strategies as st
from pydantic import SecretStr

from presscheck.errors import SettingsError
from presscheck.press.channels.dkim import DkimSigner, aligned
from tests.press.mailing import ed25519_pem, pem_of, rsa_pem

LETTER = (
    b"To: ana@example.com\r\nMessage-ID: <1@brand.example>\r\nFrom: Brand <news@brand.example>\r\n"
    b"Subject: A jacket\r\n for wet   hills \r\nDate: Mon, 02 Mar 2026 09:00:00 +0000\r\n"
    b"List-Unsubscribe: <https://brand.example/unsubscribe/t>\r\nList-Unsubscribe-Post: List-Unsubscribe=One-Click\r\n"
    b"MIME-Version: 1.0\r\nContent-Type: text/plain\r\n\r\nHello,  \r\n\r\n the jacket \t is here. \r\n\r\n\r\n"
)


def signer(pem: bytes) -> DkimSigner:
    return DkimSigner.of(SecretStr(pem.decode()), domain="brand.example", selector="press1")


def published(by: DkimSigner) -> Callable[..., bytes]:
    """DNS, where only this signer's key is published."""

    def look(name: bytes, timeout: int = 5) -> bytes:
        return by.record().encode() if name == b"press1._domainkey.brand.example." else b""

    return look


def verifies(message: bytes, by: DkimSigner) -> bool:
    return dkim.verify(message, dnsfunc=published(by))


@pytest.fixture(scope="module")
def by() -> DkimSigner:
    return signer(rsa_pem())


def test_a_signed_letter_verifies(by: DkimSigner) -> None:
    assert verifies(by.sign(LETTER), by)


def test_an_ed25519_signature_verifies_too(monkeypatch: pytest.MonkeyPatch) -> None:
    # dkimpy leaves the curve to PyNaCl; everything before it, the canonicalization and the hash, is dkimpy's own.
    monkeypatch.setattr(dkim, "nacl", _Nacl, raising=False)
    one = signer(ed25519_pem())
    signed = one.sign(LETTER)

    assert b"a=ed25519-sha256" in signed
    assert verifies(signed, one)
    assert not verifies(signed.replace(b"the jacket", b"the jackal"), one)
    assert not verifies(signed.replace(b"To: ana@", b"To: eva@"), one)


class _Nacl:
    """PyNaCl's few names, on cryptography."""

    class encoding:
        Base64Encoder = None

    class exceptions:
        BadSignatureError = InvalidSignature

    class signing:
        class VerifyKey:
            def __init__(self, key: bytes, encoder: Any = None) -> None:
                self.key = Ed25519PublicKey.from_public_bytes(base64.b64decode(key))

            def verify(self, message: bytes, signature: bytes) -> None:
                self.key.verify(signature, message)


def test_a_signature_covers_what_bulk_rules_ask_for_and_is_the_same_every_time(by: DkimSigner) -> None:
    signed = by.sign(LETTER)

    named = b"".join(signed.partition(b" h=")[2].partition(b";")[0].split()).split(b":")

    wanted = {"from", "to", "subject", "date", "message-id", "list-unsubscribe", "list-unsubscribe-post"}
    assert {name.encode() for name in wanted} <= set(named)
    assert by.sign(LETTER) == signed
    assert all(len(line) <= 78 for line in signed[: len(signed) - len(LETTER)].split(b"\r\n"))


@pytest.mark.parametrize(
    ("was", "now"),
    [
        (b"the jacket", b"the jackal"),
        (b"To: ana@", b"To: eva@"),
        (b"Subject: A", b"Subject: No"),
        (b"From: Brand", b"From: Bank"),
        (b"unsubscribe/t>", b"unsubscribe/u>"),
        (b"One-Click", b"Two-Click"),
        (b"MIME-Version", b"From: Bank <a@bank.example>\r\nMIME-Version"),
        (b"MIME-Version", b"Subject: Another\r\nMIME-Version"),
        (b"MIME-Version", b"Reply-To: <a@bank.example>\r\nMIME-Version"),
        (b"s here. \r\n", b"s here. \r\nAnd more.\r\n"),
    ],
)
def test_a_letter_that_was_altered_or_added_to_does_not_verify(by: DkimSigner, was: bytes, now: bytes) -> None:
    signed = by.sign(LETTER)
    assert was in signed

    assert not verifies(signed.replace(was, now), by)


def test_a_signature_of_another_key_does_not_verify(by: DkimSigner) -> None:
    other = signer(pem_of(rsa.generate_private_key(65537, 2048)))

    assert not verifies(other.sign(LETTER), by)


_LINE = st.text(st.sampled_from("ab .\t=-:;<>"), max_size=20)


@pytest.mark.slow
@given(subject=_LINE, body=st.lists(_LINE, max_size=8), empty=st.integers(0, 3))
def test_whatever_a_letter_says_its_signature_verifies(subject: str, body: list[str], empty: int) -> None:
    by = signer(rsa_pem())
    # SMTP's messages end with a line's end.
    text = "".join(f"{line}\r\n" for line in body) + "\r\n" * empty
    letter = f"From: <news@brand.example>\r\nSubject: {subject}\r\nTo: <a@b.example>\r\n\r\n{text}"

    assert verifies(by.sign(letter.encode()), by)


@pytest.mark.parametrize(
    ("pem", "told"),
    [
        (b"", "not a private key in PEM"),
        (b"-----BEGIN PRIVATE KEY-----\nsecretish\n-----END PRIVATE KEY-----\n", "not a private key in PEM"),
        (pem_of(ec.generate_private_key(ec.SECP256R1())), "neither an RSA nor an Ed25519 key"),
    ],
)
def test_a_key_that_cannot_sign_is_refused_and_never_shown(pem: bytes, told: str) -> None:
    with pytest.raises(SettingsError, match=told) as error:
        signer(pem)

    assert "secretish" not in str(error.value)


def test_a_key_is_in_no_repr(by: DkimSigner) -> None:
    assert "PRIVATE" not in repr(by)
    assert "RSAPrivateKey" not in repr(by)


@pytest.mark.parametrize(
    ("signing", "sender", "yes"),
    [
        ("brand.example", "brand.example", True),
        ("Brand.Example", "brand.example.", True),
        ("brand.example", "news.brand.example", True),
        ("mail.brand.example", "brand.example", True),
        ("brand.example", "otherbrand.example", False),
        ("brand.example", "brand.example.evil.example", False),
        ("example", "brand.example", False),
        ("", "brand.example", False),
        ("one.brand.example", "two.brand.example", False),
    ],
)
def test_alignment(signing: str, sender: str, yes: bool) -> None:
    assert aligned(signing, sender) is yes
