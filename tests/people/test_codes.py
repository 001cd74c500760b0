"""Codes: sealed secrets open only for whom they were sealed; one-time codes survive being read aloud."""

from pathlib import Path

from hypothesis import given
from hypothesis import strategies as st

from presscheck.ledger import Signer, make_keys
from presscheck.people.codes import Seal, code_hash, fresh_code, fresh_secret


def test_sealed_secret_opens_for_its_owner_and_nobody_else(home: Path) -> None:
    seal = Seal(Signer.load(home / "keys", "door"))
    sealed = seal.close("SECRET", whose="P-1")

    assert seal.open(sealed, whose="P-1") == "SECRET"
    assert seal.open(sealed, whose="P-2") is None


def test_another_key_opens_nothing(home: Path, tmp_path: Path) -> None:
    make_keys(tmp_path / "other")
    sealed = Seal(Signer.load(home / "keys", "door")).close("SECRET", whose="P-1")

    assert Seal(Signer.load(tmp_path / "other", "door")).open(sealed, whose="P-1") is None


@given(st.text())
def test_anything_else_opens_as_nothing(home: Path, text: str) -> None:
    assert Seal(Signer.load(home / "keys", "door")).open(text, whose="P-1") is None


def test_code_may_be_typed_in_small_letters_without_hyphens_and_misread() -> None:
    assert code_hash("abc1-0def") == code_hash("ABCL ODEF")


def test_codes_and_secrets_are_never_the_same() -> None:
    assert len({fresh_code() for _ in range(200)} | {fresh_secret() for _ in range(200)}) == 400
