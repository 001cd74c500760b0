"""Real parts, all at once: a model behind HTTP, mail by SMTP with TLS and DKIM, ledger and Prefect on PostgreSQL.

Each process has a database role and secrets of its own. One campaign, from its start to the mail server's log, with
kill -9 for the press while it sends: `make soak` has it send to some 4,700 people and kills it 25 times.
"""

import base64
import random
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
from presscheck.ledger import EventKind, verify
from presscheck.ledger.assets import get_asset
from presscheck.ledger.deliveries import find_delivery
from presscheck.ledger.engine import connect
from presscheck.ledger.roles import ROLES
from presscheck.models import Review
from presscheck.settings.databases import PostgresSection
from presscheck.settings.mail import MailSection
from presscheck.settings.models import ModelSection
from presscheck.settings.policies import PoliciesSection
from tests.model_server import ModelServer, running_model_server
from tests.press.mailing import Running, mail_server, rsa_pem
from tests.running import SOAK, Stack, running_stack, times
from tests.usages import model as model_entry
from tests.usages import write_usage

RECIPIENTS = times(30, 5_000)
KILLS = times(1, 25)
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
    write_usage(tmp_path / "policies", models=[model_entry("openai-compatible/writer-1")])
    settings: dict[str, Any] = {
        "demo": False,
        "copywriter": "model",
        "policies": PoliciesSection(folder=tmp_path / "policies"),
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
    with running_stack(home, recipients=RECIPIENTS, **settings) as running:
        yield running
    for database in ("stack", "stack_prefect"):
        postgres.sql(f"DROP DATABASE {database} WITH (FORCE)")
    for role in (*NAMED.values(), "another_prefect"):
        postgres.sql(f"DROP ROLE {role}")


@pytest.mark.slow
@pytest.mark.soak
@pytest.mark.timeout(1800 if SOAK else 300)
def test_a_campaign_goes_from_its_start_over_a_decision_to_its_delivery(parts: RealParts, postgres: Any) -> None:
    stack = parts.stack

    review = stack.ask()
    stack.wait_until_suspended(review.question.run)
    signed_in = people_of_the_database(postgres)
    stack.decide(review)
    kill_the_press_while_it_sends(parts, review.question.audience_rows)
    delivery = stack.wait_for_delivery(review)
    stack.wait_for_state(review.question.run, "Delivered")

    rows = review.question.audience_rows
    taken = parts.mail.addresses()
    assert len(set(taken)) == len(taken), "somebody got it twice"
    assert (delivery.state, delivery.failed, delivery.sent + delivery.unknown) == ("done", 0, rows)
    assert delivery.unknown <= KILLS * 8, "at most what the connections had in flight"
    the_servers_log_settles_what_is_unknown(parts, delivery, rows)
    for path in sorted(parts.mail.kept.glob("*.eml"))[:50]:
        message = path.read_bytes()
        assert dkim.verify(message, dnsfunc=published_key)
        assert b"List-Unsubscribe-Post: List-Unsubscribe=One-Click" in message
    the_model_wrote_it_and_was_paid(parts, review)
    verified = verify(stack.ledger)
    assert verified.fault is None
    assert set(verified.heads) == {"door", "worker", "press"}
    assert {"another_door", "another_press", "another_prefect"} <= signed_in
    assert not (stack.settings.home / "ledger.db").exists()
    assert not list(stack.settings.prefect_home.glob("*.db"))
    no_password_shows(stack)


def kill_the_press_while_it_sends(parts: RealParts, rows: int) -> None:
    """kill -9 at seeded places, told by what the mail server has taken; the supervisor starts the press again."""
    places = sorted(random.Random(20261122).sample(range(2, rows - 2), k=KILLS))
    for place in places:
        parts.stack.wait(lambda _, at=place: len(parts.mail.taken()) >= at or None, f"{place} messages to be taken")
        killed = parts.stack.kill("press")
        parts.stack.wait_for_restart("press", killed)


def the_servers_log_settles_what_is_unknown(parts: RealParts, delivery: Any, rows: int) -> None:
    taken = len(parts.mail.taken())
    if delivery.unknown:
        environment = parts.stack.settings.as_environment()
        told = CliRunner().invoke(
            main, ["settle", delivery.id, "--log", str(parts.mail.log), "--whole", "--json"], env=environment
        )
        assert told.exit_code == 0, told.output
    with parts.stack.ledger.read() as tx:
        row = find_delivery(tx, delivery.id)
    assert row is not None
    assert (row.sent, row.failed, row.unknown) == (taken, rows - taken, 0)
    print(f"\n{rows:,} recipients, {KILLS} kills: {taken:,} taken, none twice; {delivery.unknown} were unknown")


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
