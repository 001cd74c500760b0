"""A press that mails: as a process with real settings and secrets, and patient with a server that is not ready."""

import json
import os
import signal
import subprocess
import sys
import time
from datetime import date
from email import message_from_bytes, policy
from pathlib import Path

import dkim
import pytest
from pydantic import SecretStr

from presscheck.errors import ChannelError
from presscheck.ledger import EventKind
from presscheck.ledger.deliveries import messages
from presscheck.press.channels.dkim import DkimSigner
from tests.desk.scene import BRIEF, Ledgers, Scene
from tests.press.mailing import Papers, channel, mail_server, make_papers, rsa_pem
from tests.press.stand import Stand

ROOT = Path(__file__).resolve().parents[2]


@pytest.fixture(scope="module")
def papers(tmp_path_factory: pytest.TempPathFactory) -> Papers:
    return make_papers(tmp_path_factory.mktemp("papers"))


@pytest.mark.slow
def test_the_press_s_process_mails_signed_letters_over_tls(
    sqlite_ledgers: Ledgers, tmp_path: Path, papers: Papers
) -> None:
    # The process has the real clock, so this brief has to be good for long.
    claims = (BRIEF.claims[0].model_copy(update={"expires": None}),)
    brief = BRIEF.model_copy(update={"deadline": date(2199, 1, 1), "claims": claims})
    stand = Stand(Scene(sqlite_ledgers, brief=brief, via="smtp"))
    delivery = stand.approve_and_request()
    with mail_server(tmp_path, papers=papers, user="press", password="s3cret") as running:
        mail = {
            "host": "localhost", "port": running.port, "ca_file": str(papers.authority), "user": "press",
            "dkim_domain": "brand.example", "dkim_selector": "press1", "connections": 3,
        }  # fmt: skip
        environ = {
            **os.environ,
            "PYTHONPATH": str(ROOT),
            "PRESSCHECK_PROJECT": str(tmp_path),
            "PRESSCHECK_HOME": "home",
            "PRESSCHECK_POLL_SECONDS": "0.1",
            "PRESSCHECK_VIA": json.dumps({"email": "smtp"}),
            "PRESSCHECK_MAIL": json.dumps(mail),
            "PRESSCHECK_SECRET_SMTP": "s3cret",
            "PRESSCHECK_SECRET_DKIM": rsa_pem().decode(),
        }
        process = subprocess.Popen(
            [sys.executable, "-m", "presscheck.press"], env=environ, stderr=subprocess.PIPE, text=True, cwd=tmp_path
        )
        try:
            for _ in range(600):
                if stand.row(delivery).state in ("done", "held") or process.poll() is not None:
                    break
                time.sleep(0.1)
        finally:
            process.send_signal(signal.SIGTERM)
            _, said = process.communicate(timeout=60)
        letters = [path.read_bytes() for path in running.kept.iterdir()]

    assert process.returncode == 0, said
    assert f"{delivery} is done: 7 sent" in said
    assert "s3cret" not in said
    assert len(letters) == 7
    record = DkimSigner.of(SecretStr(rsa_pem().decode()), domain="brand.example", selector="press1").record().encode()
    for letter in letters:
        assert dkim.verify(letter, dnsfunc=lambda name, timeout=5: record)
        parsed = message_from_bytes(letter, policy=policy.default)
        assert parsed["List-Unsubscribe-Post"] == "List-Unsubscribe=One-Click"
        assert "list-unsubscribe-post" in "".join(str(parsed["DKIM-Signature"]).split())
        assert BRIEF.sender.postal_address in parsed.get_body(("plain",)).get_content()  # type: ignore[union-attr]


@pytest.mark.slow
def test_a_server_that_is_not_ready_keeps_the_delivery_waiting_and_nothing_is_lost(
    sqlite_ledgers: Ledgers, tmp_path: Path, papers: Papers
) -> None:
    scene = Scene(sqlite_ledgers, via="smtp")
    with mail_server(tmp_path, "no-tls", papers=papers) as unready:
        smtp = channel(unready, sqlite_ledgers.home / "press" / "smtp")
        stand = Stand(scene, channels={"smtp": smtp})
        delivery = stand.approve_and_request()
        with pytest.raises(ChannelError, match="offers no TLS"):
            stand.press.step()
        assert (stand.row(delivery).state, unready.taken()) == ("waiting", [])
        assert "It waits since 2026-03-02 09:00 UTC" in stand.row(delivery).reason

    with mail_server(tmp_path, "put-off=person5@example.com", papers=papers) as ready:
        smtp = channel(ready, sqlite_ledgers.home / "press" / "smtp")
        stand = Stand(scene, channels={"smtp": smtp})
        stand.press.step()
        smtp.hang_up()

        assert ready.addresses() == sorted(f"person{number}@example.com" for number in range(7) if number != 5)
    row = stand.row(delivery)
    assert (row.state, row.sent, row.failed, row.unknown) == ("waiting", 6, 0, 0)
    with sqlite_ledgers.press.read() as tx:
        (put_off,) = messages(tx, delivery, "put-off")
        begun = tx.events(EventKind.BATCH_BEGUN, subject=delivery)
    assert put_off.detail == "451 4.7.1 Greylisted, try again later"
    # One hand-over for each batch, and one more for the first, which the server was not ready for.
    assert [event.data["first"] for event in begun] == [0, 0, 3, 6]
