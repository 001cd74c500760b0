"""A ledger with one of everything in it, and the tools of somebody who can write to its database."""

from collections.abc import Mapping
from datetime import timedelta
from typing import Any

from sqlalchemy import Connection, text

from presscheck.ledger import EventKind, Ledger
from presscheck.ledger.assets import put_asset
from presscheck.ledger.campaigns import open_campaign
from presscheck.ledger.deliveries import request_delivery
from presscheck.ledger.reviews import open_review, record_decision
from presscheck.ledger.steps import StepKey, record_step
from presscheck.ledger.store import timestamp
from presscheck.ledger.suppressions import suppress
from presscheck.models import Asset, Author, Dealing, Decision, DecisionKind, Proposal, Question, Review, Sender

RUN = "5f0f6f0e-0000-4000-8000-000000000001"
POLICY = "a" * 64
BRIEF = "b" * 64
AUDIENCE = "c" * 64
SENDER = Sender(name="Fjordlight", address="hello@fjordlight.example", postal_address="1 Quay Street, Bergen")
TRIGGERS = tuple(f"{table}_no_{verb}" for table in ("events", "decisions") for verb in ("update", "delete"))


def copy_asset(words: str, *, person: str = "", parent: str | None = None) -> Asset:
    author = Author.by(person) if person else Author.machine("offline", "grammar", "prompts.email", "1")
    content = {"channel": "email", "subject": words, "preheader": "", "body": words, "call_to_action": None}
    return Asset(kind="copy", content=content, parent=parent, author=author, cost_microdollars=0 if person else 17)


def question(asset: str, *, run: str = RUN, round_: int = 1) -> Question:
    return Question(
        run=run,
        campaign="product-launch",
        gate="copy",
        round=round_,
        brief=BRIEF,
        proposals=(Proposal(code="V01", asset=asset),),
        audience=AUDIENCE,
        audience_rows=12,
        dealing=Dealing(salt=run),
        channel="email",
        via="outbox",
        sender=SENDER,
        policies={"brand.plain": POLICY},
    )


def approval(review: Review, *, person: str = "P-1") -> Decision:
    asked = review.question
    return Decision(
        review=review.id,
        question=asked.digest,
        kind=DecisionKind.APPROVED,
        person=person,
        role="brand_lead",
        rule="approvals.campaign-copy",
        rule_version=POLICY,
        asked_at=timestamp(review.opened_at),
        answered_at=timestamp(review.opened_at),
        manifest=asked.manifest((asked.proposals[0].asset,)),
    )


def fill(worker: Ledger, door: Ledger, *, run: str = RUN) -> Review:
    """One campaign run up to the request for delivery: a row in every table that is verified."""
    with worker.write() as tx:
        open_campaign(tx, run, campaign="product-launch", brief=BRIEF)
        first = put_asset(tx, copy_asset(f"Quiet shoes for {run[:8]}"), run=run)
        put_asset(tx, copy_asset(f"Light shoes for {run[:8]}", parent=first), run=run)
        key = StepKey(run=run, step="draft", inputs="d" * 64)
        record_step(tx, key, shape="drafts-1", payload={"assets": [first]})
        review = open_review(tx, question(first, run=run), expires_at=tx.now + timedelta(days=7))
    with door.write() as tx:
        put_asset(tx, copy_asset(f"Edited for {run[:8]}", person="P-1", parent=first), run=run)
        record_decision(tx, approval(review), run=run)
        suppress(tx, ["e" * 64, "f" * 64], reason="asked")
    with worker.write() as tx:
        request_delivery(tx, review.question.manifest((first,)), review=review.id)
        tx.append(EventKind.ANSWER_READ, review.id, {}, run=run)
    return review


def tamper(ledger: Ledger, statement: str, parameters: Mapping[str, Any] | None = None) -> int:
    """Change the database as its owner could, past the triggers; the number of rows that changed."""
    with ledger.engine.connect().execution_options(presscheck_write=True) as connection, connection.begin():
        past_triggers(connection)
        return connection.execute(text(statement), parameters or {}).rowcount


def past_triggers(connection: Connection) -> None:
    if connection.dialect.name == "sqlite":
        for trigger in TRIGGERS:
            connection.exec_driver_sql(f"DROP TRIGGER IF EXISTS {trigger}")
    else:
        connection.exec_driver_sql("SET LOCAL session_replication_role = replica")
