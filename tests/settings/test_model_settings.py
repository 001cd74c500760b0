"""`[model]` as people write it: what is refused, where, and that no password in an address is repeated."""

from pathlib import Path

import pytest

from presscheck.errors import SettingsError
from presscheck.settings import Settings


@pytest.mark.parametrize(
    ("address", "said"),
    [
        ("not an address", "is not a web address"),
        ("ftp://model.example/v1", "is not a web address"),
        ("https://", "is not a web address"),
        ("https://model.example:99999/v1", "is not a web address"),
        ("https://[::1/v1", "is not a web address"),
        ("https://model.exa mple/v1", "is not a web address"),
        ("http://model.example/v1", "unencrypted"),
        ("http://127.evil.example/v1", "unencrypted"),
        ("http://localhost.evil.example/v1", "unencrypted"),
        ("https://me:hunter2@model.example/v1", "carries a user or a password"),
        ("https://model.example/v1?key=hunter2", "carries a query"),
    ],
)
def test_an_address_that_a_key_must_not_be_sent_to_is_refused_and_not_repeated(
    tmp_path: Path, address: str, said: str
) -> None:
    (tmp_path / "presscheck.toml").write_text(f'[model]\nprovider = "openai"\nname = "m"\nbase_url = "{address}"\n')

    with pytest.raises(SettingsError) as raised:
        Settings.read(tmp_path, {})

    assert "model.base_url" in str(raised.value)
    assert said in str(raised.value)
    assert "hunter2" not in str(raised.value)


@pytest.mark.parametrize("address", ["http://127.0.0.1:8080/v1/", "http://[::1]:8080/v1", "https://model.example/v1"])
def test_this_machine_and_encrypted_addresses_are_taken(tmp_path: Path, address: str) -> None:
    (tmp_path / "presscheck.toml").write_text(f'[model]\nbase_url = "{address}"\n')

    assert Settings.read(tmp_path, {}).model.base_url == address.rstrip("/")


@pytest.mark.parametrize(
    ("line", "where"),
    [
        ('provider = "gpt"', "model.provider"),
        ("cap_dollars = -1", "model.cap_dollars"),
        ("timeout_seconds = 0", "model.timeout_seconds"),
        ("variants_per_request = 1000", "model.variants_per_request"),
        ('api_key = "sk-123"', "model.api_key"),
    ],
)
def test_a_wrong_setting_is_told_with_its_place(tmp_path: Path, line: str, where: str) -> None:
    (tmp_path / "presscheck.toml").write_text(f"[model]\n{line}\n")

    with pytest.raises(SettingsError) as raised:
        Settings.read(tmp_path, {})

    assert where in str(raised.value)
