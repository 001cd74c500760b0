"""`presscheck mail dns` and the doctor's look at the mail server."""

import base64
import json
from pathlib import Path
from typing import Any

import pytest
from cryptography.hazmat.primitives.serialization import load_der_public_key

from tests.cli.conftest import CommandLine
from tests.press.mailing import mail_server, make_papers, rsa_pem


@pytest.fixture
def mailing(cli: CommandLine, home: Path, monkeypatch: pytest.MonkeyPatch) -> CommandLine:
    """A command line whose mail goes out by a server that is not there yet."""
    values = {
        "VIA": json.dumps({"email": "smtp"}),
        "MAIL__HOST": "smtp.brand.example",
        "MAIL__DKIM_DOMAIN": "brand.example",
        "MAIL__DKIM_SELECTOR": "press1",
    }
    (home / "secrets").mkdir()
    (home / "secrets" / "dkim").write_bytes(rsa_pem())
    (home / "secrets" / "dkim").chmod(0o600)
    for name, value in values.items():
        monkeypatch.setenv(f"PRESSCHECK_{name}", value)
    return cli


def test_the_records_to_publish_are_printed_and_hold_the_public_key_alone(mailing: CommandLine) -> None:
    records = {each["name"]: each["value"] for each in mailing.json("mail", "dns")}
    shown = mailing("mail", "dns").stdout

    assert records["brand.example"] == "v=spf1 a:smtp.brand.example -all"
    assert records["_dmarc.brand.example"].startswith("v=DMARC1; p=quarantine")
    key = base64.b64decode(records["press1._domainkey.brand.example"].partition("p=")[2])
    assert getattr(load_der_public_key(key), "key_size", 0) == 2048
    assert 'press1._domainkey.brand.example. IN TXT "v=DKIM1; k=rsa; p=' in shown
    assert all(len(part) <= 255 for part in shown.split('"')[1::2])
    assert "PRIVATE" not in shown


def test_records_for_settings_that_are_wrong_are_not_printed(
    mailing: CommandLine, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setenv("PRESSCHECK_MAIL__DKIM_SELECTOR", "press1\nevil")

    result = mailing("mail", "dns")

    assert result.exit_code == 2
    assert "mail.dkim_selector: name the selector" in result.stderr
    assert result.stdout == ""


def _mail_look(cli: CommandLine) -> Any:
    found = [each for each in cli.json("doctor")["checks"] if each["what"] == "mail server"]
    assert len(found) == 1
    return found[0]


@pytest.mark.slow
def test_the_doctor_greets_the_mail_server(
    mailing: CommandLine, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    papers = make_papers(tmp_path / "papers")
    monkeypatch.setenv("PRESSCHECK_MAIL__HOST", "localhost")
    monkeypatch.setenv("PRESSCHECK_MAIL__CA_FILE", str(papers.authority))
    with mail_server(tmp_path, papers=papers) as running:
        monkeypatch.setenv("PRESSCHECK_MAIL__PORT", str(running.port))
        well = _mail_look(mailing)
    ill = _mail_look(mailing)

    assert (well["state"], well["found"]) == ("ok", f"localhost:{running.port} answers, TLSv1.3")
    assert ill["state"] == "missing"
    assert "cannot be reached: Connection refused" in ill["found"]
    assert running.taken() == []
