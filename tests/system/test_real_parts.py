"""Real parts, all at once: a model behind HTTP, mail by SMTP with TLS and DKIM, ledger and Prefect on PostgreSQL.

Each process has a database role and secrets of its own. One campaign, from its start to the mail server's log.
"""

import base64
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import dkim
import pytest
from click.testing import CliRunner
from cryptography.hazmat.primitives.serialization import Encoding, PublicFormat, load_pem_private_key

from presscheck.cli import main
from presscheck.ledger import EventKind
from presscheck.ledger.assets import get_asset
from presscheck.ledger.engine import connect
from presscheck.ledger.roles import ROLES
from presscheck.models import Review
from presscheck.sections import MailSection, ModelSection, PostgresSection
from tests.model_server import ModelServer, running_model_server
from tests.press.mailing import Running, mail_server, rsa_pem
from tests.running import Stack, running_stack

MODEL_KEY = "sk-the-model-key-of-this-test"
MAIL_PASSWORD = "the-mail-password-of-this-test"

# Names of this test's own: roles belong to the whole server, and other tests use the usual names.
NAMED = {role: f"another_{role}" for role in ROLES}


@dataclass(frozen=True)
class RealParts:
    """What runs, and the servers that it works with."""

    stack: Stack
    mail: Running
    model: ModelServer


@pytest.fixture
def parts(postgres: Any, tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Iterator[RealParts]:
    (tmp_path / "mail").mkdir()
    with (
        mail_server(tmp_path / "mail", user="campaigns", password=MAIL_PASSWORD) as mail,
        running_model_server() as model,
        _stack(postgres, tmp_path, monkeypatch, mail, model) as stack,
    ):
        yield RealParts(stack, mail, model)


@contextmanager
def _stack(
    postgres: Any, tmp_path: Path, monkeypatch: pytest.MonkeyPatch, mail: Running, model: ModelServer
) -> Iterator[Stack]:
    home, at = tmp_path / "home", f"127.0.0.1:{postgres.port}"
    settings: dict[str, Any] = {
        "demo": False,
        "copywriter": "model",
        "via": {"email": "smtp"},
        "model": ModelSection(
            provider="openai-compatible",
            name="writer-1",
            base_url=model.url,
            price_in=1,
            price_out=4,
            cap_dollars=5,
            fewest=10,
        ),
        "mail": MailSection(
            host="localhost",
            port=mail.port,
            ca_file=mail.papers.authority,
            user="campaigns",
            dkim_domain="fernholt.example.com",
            dkim_selector="press1",
        ),
        "ledger_url": f"postgresql://{at}/stack",
        "postgres": PostgresSection(**NAMED, prefect_url=f"postgresql://another_prefect@{at}/stack_prefect"),
    }
    environment = {
        "PRESSCHECK_HOME": str(home),
        "PRESSCHECK_PROJECT": str(tmp_path),
        "PRESSCHECK_LEDGER_URL": settings["ledger_url"],
        "PRESSCHECK_POSTGRES": settings["postgres"].model_dump_json(),
    }
    # What an administrator has in the shell must not reach a process that has a password of its own.
    monkeypatch.setenv("PGPASSWORD", "the-administrators")
    made = CliRunner().invoke(
        main, ["db", "init", "--admin-url", postgres.url("postgres"), "--make-secrets"], env=environment
    )
    assert made.exit_code == 0, made.output
    for name, secret in (("model", MODEL_KEY), ("smtp", MAIL_PASSWORD), ("dkim", rsa_pem().decode())):
        path = home / "secrets" / name
        path.touch(mode=0o600)
        path.write_text(secret)
    with running_stack(home, recipients=20, **settings) as running:
        yield running
    for database in ("stack", "stack_prefect"):
        postgres.sql(f"DROP DATABASE {database} WITH (FORCE)")
    for role in (*NAMED.values(), "another_prefect"):
        postgres.sql(f"DROP ROLE {role}")


@pytest.mark.slow
@pytest.mark.timeout(300)
def test_a_campaign_goes_from_its_start_over_a_decision_to_its_delivery(parts: RealParts, postgres: Any) -> None:
    stack = parts.stack

    review = stack.ask()
    stack.wait_until_suspended(review.question.run)
    signed_in = people_of_the_database(postgres)
    stack.decide(review)
    delivery = stack.wait_for_delivery(review)
    stack.wait_for_state(review.question.run, "Delivered")

    rows = review.question.audience_rows
    assert (delivery.state, delivery.sent) == ("done", rows)
    assert len(set(parts.mail.addresses())) == len(parts.mail.addresses()) == rows
    for path in parts.mail.kept.glob("*.eml"):
        message = path.read_bytes()
        assert dkim.verify(message, dnsfunc=published_key)
        assert b"List-Unsubscribe-Post: List-Unsubscribe=One-Click" in message
    the_model_wrote_it_and_was_paid(parts, review)
    verified = stack.ledger.verify()
    assert verified.fault is None
    assert set(verified.heads) == {"door", "worker", "press"}
    assert {"another_door", "another_press", "another_prefect"} <= signed_in
    assert not (stack.settings.home / "ledger.db").exists()
    assert not list(stack.settings.prefect_home.glob("*.db"))
    no_password_shows(stack)


def published_key(name: bytes, timeout: float = 5) -> bytes:
    """What the domain's name server would answer for the key."""
    assert name == b"press1._domainkey.fernholt.example.com."
    key = load_pem_private_key(rsa_pem(), password=None).public_key()
    public = key.public_bytes(Encoding.DER, PublicFormat.SubjectPublicKeyInfo)
    return b"v=DKIM1; k=rsa; p=" + base64.b64encode(public)


def the_model_wrote_it_and_was_paid(parts: RealParts, review: Review) -> None:
    with parts.stack.ledger.read() as tx:
        authors = {get_asset(tx, proposal.asset).author.model for proposal in review.question.proposals}
        charged = tx.events(EventKind.MODEL_CHARGED, run=review.question.run)
    assert authors == {"writer-1-2026-11-01"}, "the model that answered, by the name it gives itself"
    assert 0 < sum(event.data["cost_microdollars"] for event in charged) < 5_000_000
    assert len(parts.model.seen) >= 5


def people_of_the_database(postgres: Any) -> set[str]:
    """Who is signed in at PostgreSQL at this moment."""
    engine = connect(postgres.url("postgres"))
    with engine.connect() as connection:
        found = connection.exec_driver_sql("SELECT usename FROM pg_stat_activity WHERE datname LIKE 'stack%%'")
        names = set(found.scalars())
    engine.dispose()
    return names


def no_password_shows(stack: Stack) -> None:
    """No password among any process's arguments, in a log, or in the environment of a process it is not for."""
    secrets = {path.name: path.read_text().strip() for path in (stack.settings.home / "secrets").iterdir()}
    assert len(secrets) == len(ROLES) + 4
    for name in ("server", "worker", "door", "press"):
        process = Path("/proc") / str(stack.pid_of(name))
        arguments, environment = (process / "cmdline").read_text(), (process / "environ").read_text()
        foreign = [secret for secret, text in secrets.items() if text in environment]
        assert foreign == (["prefect-database"] if name == "server" else []), name
        assert "the-administrators" not in environment
        assert not [secret for secret, text in secrets.items() if text in arguments], name
    for log in [*(stack.settings.home / "logs").iterdir(), stack.settings.home / "up.log"]:
        assert not [secret for secret, text in secrets.items() if text in log.read_text(errors="replace")], log.name
