"""Outbox rows as the press reads them: which state an answer is, and whether a row is what was planned."""

from typing import Any

from sqlalchemy.engine import Row

from presscheck.ledger import Reader
from presscheck.ledger.deliveries import messages_at
from presscheck.models import Refused
from presscheck.press.channels import Answered, Failed, PutOff, Sent, Unknown
from presscheck.press.plan import Plan, Planned

COUNTED = ("sent", "suppressed", "failed", "unknown")
"""The states in which a message has ended."""


def state_of(answer: Answered) -> tuple[str, str]:
    match answer:
        case Sent():
            return "sent", ""
        case Failed():
            return "failed", answer.reason
        case PutOff():
            return "put-off", answer.reason
        case Unknown():
            return "unknown", answer.reason


def states_of(tx: Reader, delivery: str, planned: list[Planned]) -> dict[int, str]:
    return {row.position: row.state for row in messages_at(tx, delivery, [one.position for one in planned])}


def altered(plan: Plan, planned: list[Planned], stored: list[Row[Any]]) -> Refused | None:
    """Whether a stored row says another recipient, key or text than the plan: somebody wrote into the outbox."""
    expected = {one.position: plan.row(one) for one in planned}
    for row in stored:
        wanted = expected.get(row.position)
        if wanted is None or any(getattr(row, name) != wanted[name] for name in ("key", "recipient", "asset")):
            return outbox_altered(row.position)
    return None


def outbox_altered(position: int) -> Refused:
    """The hold where a row of the outbox table is not the press's own."""
    return Refused(
        code="outbox-altered",
        reason=f"Message {position + 1} in the outbox table is not the one that was planned: "
        "somebody wrote into it. `presscheck history --verify` and the database's log say more.",
    )
