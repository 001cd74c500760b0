"""Passwords: kept as argon2id of RFC 9106's second choice, whatever the tests use to be quick."""

import importlib

import pytest
from argon2 import PasswordHasher, extract_parameters

from presscheck.people import passwords


@pytest.mark.slow
def test_passwords_are_kept_as_argon2id_with_64_mebibytes() -> None:
    fresh = importlib.reload(passwords)

    hashed = fresh.hash_password("four unrelated odd words")

    assert hashed.startswith("$argon2id$v=19$m=65536,t=3,p=4$")
    assert fresh.matches(hashed, "four unrelated odd words")
    assert not fresh.matches(hashed, "four unrelated odd wordS")


def test_who_does_not_exist_is_checked_with_as_much_work_as_who_does(monkeypatch: pytest.MonkeyPatch) -> None:
    fresh, checked = importlib.reload(passwords), list[str]()
    monkeypatch.setattr(PasswordHasher, "verify", lambda hasher, hashed, password: checked.append(hashed))

    fresh.matches(None, "four unrelated odd words")

    (hashed,) = checked
    assert extract_parameters(hashed) == extract_parameters(fresh.hash_password("four unrelated odd words"))


def test_nobody_has_no_password() -> None:
    assert not passwords.matches(None, "nobody has this password, and nobody can sign in with it")


def test_composed_and_decomposed_letters_are_the_same() -> None:
    assert passwords.matches(passwords.hash_password("mu\u0308de Pferde laufen"), "m\u00fcde Pferde laufen")


def test_hash_that_is_none_matches_nothing() -> None:
    assert not passwords.matches("planted", "four unrelated odd words")
