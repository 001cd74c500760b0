"""`[mail]`: every fault at once, in words that say what to do; no password and no way round TLS."""

from pathlib import Path
from typing import Any

import pytest

from presscheck.errors import SettingsError
from presscheck.ledger import make_keys
from presscheck.press.channels.opening import open_channels
from presscheck.press.channels.smtp import Smtp
from presscheck.press.channels.smtp_opening import open_smtp
from presscheck.press.channels.smtp_words import server_words
from presscheck.settings import Settings
from tests.press.mailing import ed25519_pem

GOOD: dict[str, Any] = {
    "host": "smtp.brand.example",
    "dkim_domain": "brand.example",
    "dkim_selector": "press1",
    "unsubscribe_url": "https://brand.example/unsubscribe",
}


def settings(folder: Path, mail: dict[str, Any], *, secrets: dict[str, str] | None = None, **more: Any) -> Settings:
    made = Settings.model_validate({"project": folder, "via": {"email": "smtp"}, "mail": mail, **more}).resolved()
    made.secrets.mkdir(parents=True, exist_ok=True)
    make_keys(made.keys)
    for name, text in ({"dkim": ed25519_pem().decode()} if secrets is None else secrets).items():
        path = made.secrets / name
        path.write_text(text)
        path.chmod(0o600)
    return made


def test_a_mail_server_that_is_named_is_opened_with_its_usual_port(tmp_path: Path) -> None:
    smtp = open_channels(settings(tmp_path, GOOD))["smtp"]

    assert isinstance(smtp, Smtp)
    assert (smtp.server.place, smtp.server.tls, smtp.server.password) == ("smtp.brand.example:587", "starttls", None)
    assert open_smtp(settings(tmp_path, {**GOOD, "tls": "implicit"})).server.port == 465


def test_every_fault_is_told_at_once(tmp_path: Path) -> None:
    mail = {
        "host": "https://smtp.brand.example/",
        "tls": "none",
        "ca_file": "gone.pem",
        "user": "campaigns",
        "hello_name": "a b",
        "bounce_domain": "bounce@brand",
        "rates": {"gmail": 5},
        "dkim_selector": "press1\r\nX",
    }

    with pytest.raises(SettingsError) as error:
        open_channels(settings(tmp_path, mail, secrets={}))

    named = [fault.where for fault in error.value.faults]
    assert named == [f"mail.{name}" for name in (
        "host", "tls", "ca_file", "hello_name", "bounce_domain", "rates", "user", "dkim_domain", "dkim_selector",
        "dkim_selector", "unsubscribe_url",
    )]  # fmt: skip
    assert "there is no secret smtp" in str(error.value)
    assert "(mode 600)" in str(error.value)


@pytest.mark.parametrize(
    "host", ["smtp.brand.example", "10.0.0.1", "localhost.evil.example", "127.0.0.1.evil.example", "::2"]
)
def test_mail_in_the_clear_stays_on_this_machine(tmp_path: Path, host: str) -> None:
    with pytest.raises(SettingsError, match="encrypted only"):
        open_smtp(settings(tmp_path, {**GOOD, "host": host, "tls": "none"}))


@pytest.mark.parametrize("host", ["localhost", "127.0.0.1", "::1"])
def test_a_server_on_this_machine_may_do_without_tls(tmp_path: Path, host: str) -> None:
    assert open_smtp(settings(tmp_path, {**GOOD, "host": host, "tls": "none"})).server.port == 25


def test_mail_to_people_does_not_tell_them_to_leave_at_this_machine(tmp_path: Path) -> None:
    forgotten = {name: value for name, value in GOOD.items() if name != "unsubscribe_url"}

    with pytest.raises(SettingsError, match=r"mail\.unsubscribe_url: messages leave this machine"):
        open_smtp(settings(tmp_path, forgotten))
    assert open_smtp(settings(tmp_path, {**forgotten, "host": "localhost"}))
    assert open_smtp(settings(tmp_path, forgotten, door_url="https://door.brand.example"))


def test_no_setting_turns_verification_off(tmp_path: Path) -> None:
    for name in ("verify", "insecure", "tls_verify", "ca_none"):
        with pytest.raises(SettingsError, match="no such setting"):
            Settings.read(tmp_path, {f"PRESSCHECK_MAIL__{name.upper()}": "false"})
    with pytest.raises(ValueError, match="starttls"):
        settings(tmp_path, {**GOOD, "tls": "opportunistic"})


def test_a_secret_that_others_may_read_is_refused(tmp_path: Path) -> None:
    made = settings(tmp_path, GOOD)
    (made.secrets / "dkim").chmod(0o644)

    with pytest.raises(SettingsError, match="others may read this secret"):
        open_smtp(made)


def test_a_key_that_is_none_is_told_and_not_shown(tmp_path: Path) -> None:
    made = settings(tmp_path, GOOD, secrets={"dkim": "not-a-key-but-secret"})

    with pytest.raises(SettingsError, match="not a private key in PEM") as error:
        open_smtp(made)

    assert "not-a-key-but-secret" not in str(error.value)


def test_a_server_that_signs_itself_needs_no_key_here(tmp_path: Path) -> None:
    mail = {**GOOD, "dkim_by": "server", "dkim_selector": ""}

    assert open_smtp(settings(tmp_path, mail, secrets={})).preflight is not None


def test_a_demo_refuses_mail(tmp_path: Path) -> None:
    with pytest.raises(SettingsError, match="demo goes to the outbox only"):
        open_channels(settings(tmp_path, GOOD, demo=True))


@pytest.mark.parametrize(
    ("said", "words"),
    [
        (b"5.1.1 <ana@example.com>: no such user", "550 5.1.1 [address]: no such user"),
        (
            b"5.1.1 ana+tag@example.com unknown\r\n(in reply to RCPT TO)",
            "550 5.1.1 [address] unknown (in reply to RCPT TO)",
        ),
        (b"blocked, see https://bl.example/?q=ana@example.com", "550 blocked, see [link]"),
        (b"\x1b[31mred\x07 \xe2\x80\xaetext\x00", "550 [31mred text"),
        (b'"odd one"@example.com is away', '550 "odd [address] is away'),
        (b"\xff\xfe", "550 \ufffd\ufffd"),
        (b"", "550"),
    ],
)
def test_a_server_s_words_are_one_clean_line_without_addresses(said: bytes, words: str) -> None:
    assert server_words(550, said) == words


def test_a_server_s_words_are_short() -> None:
    assert len(server_words(550, b"word " * 10_000)) <= 205
