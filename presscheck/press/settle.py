"""Messages of which nobody knew whether they were sent, settled by the mail server's own log.

    listed = unknown_messages(tx, delivery)
    settlement = settle(ledger, delivery, read_log(path), whole=False)

Nothing is sent by this. A message that the log has is sent or failed; one that it has not stays unknown,
unless somebody says that the log is whole and it proves so by having every message that the server
acknowledged. Rows count only where the batch's signed root says the same.
"""

from bisect import bisect_left
from collections.abc import Sequence
from dataclasses import dataclass
from typing import Any

from sqlalchemy.engine import Row

from presscheck.errors import InputError, LedgerForged
from presscheck.ledger import EventKind, Ledger, Reader
from presscheck.ledger.deliveries import find_delivery, messages, messages_from, set_delivery, set_messages
from presscheck.models import Outgoing
from presscheck.press.records import batch_root, moved_positions, progress_of, signed_counts
from presscheck.press.rows import COUNTED
from presscheck.press.settle_log import ServerLog


@dataclass(frozen=True)
class Listed:
    """One message that is unknown. The address is in the audience, under the recipient's id."""

    position: int
    key: str
    recipient: str
    message_id: str
    since: str
    why: str


@dataclass(frozen=True)
class Settlement:
    """What a log settled, and what stays unknown."""

    sent: int
    failed: int
    still: int


def deliveries_in_doubt(tx: Reader) -> list[str]:
    """The deliveries with a recorded message that is unknown, by what the press signed; oldest first."""
    subjects = dict.fromkeys(event.subject for event in tx.events(EventKind.BATCH_SENT) if event.data["unknown"])
    return [subject for subject in subjects if signed_counts(tx, subject, ("unknown",))["unknown"]]


def unknown_messages(tx: Reader, delivery: str) -> list[Listed]:
    """Every unknown message of a delivery, as the press signed it. InputError if there is no such delivery."""
    domain = _sender_domain(tx, delivery)
    rows = signed_rows(tx, delivery, "unknown")
    return [
        Listed(int(row.position), row.key, row.recipient, f"<{row.key}@{domain}>", row.at, row.detail) for row in rows
    ]


def settle(ledger: Ledger, delivery: str, log: ServerLog, *, whole: bool = False) -> Settlement:
    """Settle what the log can tell, and sign it. `whole`: what the log has not was not taken.

    InputError where a log that is said to be whole lacks a message that the server acknowledged.
    """
    with ledger.write() as tx:
        listed = unknown_messages(tx, delivery)
        domain = _sender_domain(tx, delivery)
        if whole:
            _prove_whole(messages(tx, delivery, "sent"), log, domain)
        taken = [one.position for one in listed if log.fate(one.message_id) == "taken"]
        bounced = [one.position for one in listed if log.fate(one.message_id) == "bounced"]
        # A line that nobody could read may say that it was taken: a message in one stays unknown.
        absent = [one.position for one in listed if whole and log.is_absent(one.message_id)]
        failed = sorted([*bounced, *absent])
        settlement = Settlement(len(taken), len(failed), len(listed) - len(taken) - len(failed))
        if not (taken or failed):
            return settlement
        set_messages(tx, delivery, taken, state="sent", detail="settled by the mail server's log")
        set_messages(tx, delivery, bounced, state="failed", detail="the mail server's log says that it bounced")
        set_messages(
            tx, delivery, absent, state="failed", detail="not taken, by the mail server's log; never sent again"
        )
        row = find_delivery(tx, delivery)
        body = {"log": log.sha256, "sent_at": taken, "failed_at": failed, "whole": whole}
        tx.append(EventKind.DELIVERY_SETTLED, delivery, body, run="" if row is None else row.run)
        set_delivery(tx, delivery, **signed_counts(tx, delivery, COUNTED))
        return settlement


def _sender_domain(tx: Reader, delivery: str) -> str:
    row = find_delivery(tx, delivery)
    if row is None:
        raise InputError(f"there is no delivery {delivery}; `presscheck history` names those that there are")
    return Outgoing.model_validate_json(row.manifest).sender.address.rpartition("@")[2]


def signed_rows(tx: Reader, delivery: str, state: str) -> list[Row[Any]]:
    """The rows of the recorded batches in this state, those that moved since by what they came to.

    LedgerForged where they are not what the press signed.
    """
    moved = moved_positions(tx, delivery)
    came_to = sorted(at for at, one in moved.items() if one.now == state)
    found: list[Row[Any]] = []
    reached = progress_of(tx, delivery).next
    for event in tx.events(EventKind.BATCH_SENT, subject=delivery):
        data = event.data
        first, last = int(data["first"]), int(data["first"]) + int(data["rows"])
        if last > reached or not (int(data[state]) or bisect_left(came_to, first) < bisect_left(came_to, last)):
            continue
        rows = messages_from(tx, delivery, first, last)
        # What was settled or tried again since was unknown or put off when the batch was signed, whatever it is by now.
        was: dict[int, str] = {int(at): "put-off" for at in data.get("put_off_at", ())}
        was |= {at: moved[at].was for at in range(first, last) if at in moved}
        states = [(row.key, was.get(int(row.position), str(row.state))) for row in rows]
        if len(rows) != last - first or batch_root(states) != data["root"]:
            raise LedgerForged(
                f"{delivery}: messages {first + 1} to {last} in the outbox table are not as the press signed them: "
                "somebody wrote into it. `presscheck history --verify` and the database's log say more."
            )
        now = {at: moved[at].now if at in moved else before for at, before in was.items()}
        found += [row for row in rows if now.get(row.position, row.state) == state]
    return found


def _prove_whole(acknowledged: Sequence[Row[Any]], log: ServerLog, domain: str) -> None:
    missing = [row for row in acknowledged if log.fate(f"<{row.key}@{domain}>") is None]
    if missing:
        raise InputError(
            f"the log is not whole: it lacks {len(missing):,} of {len(acknowledged):,} messages that the server "
            f"acknowledged, such as <{missing[0].key}@{domain}>. Give the log of the delivery's whole time (older ones "
            "may be rotated away), or leave --whole out"
        )
    if not acknowledged:
        raise InputError(
            "this delivery has no message that the server acknowledged, so nothing proves that the log is whole; "
            "leave --whole out"
        )
