"""What became of messages that were handed over when the press was killed or the channel broke.

A channel that can be asked is asked. One that cannot keeps journals, and is believed by those that the
press signed into the ledger; rows are not, because anybody may have written "pending" into one that
was sent.
"""

from collections import Counter
from collections.abc import Sequence
from typing import Any

from sqlalchemy.engine import Row

from presscheck.ledger import EventKind, Reader, Writer
from presscheck.ledger.deliveries import messages_from, set_messages
from presscheck.press.channels import Channel, Fate, Journaling
from presscheck.press.plan import Planned
from presscheck.press.records import HandedOver, Request, batch_root, handed_over, progress_of
from presscheck.press.rows import COUNTED

# More than any batch holds: rows beyond it were put in by somebody, and are not asked about.
_MOST_ASKED = 10_000


def fates_of(
    channel: Channel, delivery: str, begun: Sequence[HandedOver], planned: list[Planned], stored: list[Row[Any]]
) -> dict[int, Fate]:
    """By position, what became of the messages of a batch that were perhaps handed over before."""
    if not isinstance(channel, Journaling):
        left_open = [row for row in stored if row.state not in ("pending", "suppressed")]
        return {row.position: channel.outcome(delivery, row.key) for row in left_open}
    first, last = planned[0].position, planned[-1].position + 1
    journals = [each.journal for each in begun if each.first < last and each.last > first]
    if not journals:
        # Nothing is handed over without a journal's id in the ledger.
        return {row.position: "not-sent" for row in stored if row.state != "pending"}
    told = channel.recall(delivery, [one.key for one in planned], journals)
    return {one.position: told.get(one.key, "unknown") for one in planned}


def open_states(tx: Reader, request: Request, channel: Channel | None) -> list[tuple[int, str, str]]:
    """(position, key, state) of what lies beyond the recorded batches and was perhaps handed over; pending if not.

    Empty where nothing was. ChannelError where the channel has to be asked and does not answer.
    """
    delivery = request.delivery
    first = progress_of(tx, delivery).next
    begun = handed_over(tx, delivery)
    last = max((each.last for each in begun), default=first + _MOST_ASKED)
    rows = messages_from(tx, delivery, first, last)
    told: dict[str, Fate] = {row.key: "unknown" for row in rows}
    # A way out that the settings no longer name can tell nothing any more.
    if isinstance(channel, Journaling):
        if not begun:
            return []
        told = channel.recall(delivery, list(told), [each.journal for each in begun])
    elif not begun and all(row.state in ("pending", "suppressed") for row in rows):
        return []
    elif channel is not None and not begun:
        told = {row.key: _asked(channel, delivery, row.key) for row in rows}
    found: list[tuple[int, str, str]] = []
    for row in rows:
        left = row.state if row.state == "suppressed" else "pending"
        found.append((row.position, row.key, {"sent": "sent", "unknown": "unknown"}.get(told[row.key], left)))
    return found


def record_open(tx: Writer, request: Request, channel: Channel | None) -> None:
    """Record what was left open in a delivery that nobody goes on with: it is counted, and listed where unknown."""
    delivery = request.delivery
    found = open_states(tx, request, channel)
    if not found:
        return
    progress = progress_of(tx, delivery)
    for state in ("sent", "unknown", "pending"):
        detail = "nobody can say whether it was sent before a crash" if state == "unknown" else ""
        set_messages(tx, delivery, [at for at, _, one in found if one == state], state=state, detail=detail)
    counts = Counter(state for _, _, state in found)
    body = {
        "batch": progress.batches + 1,
        "first": progress.next,
        "rows": len(found),
        **{state: counts[state] for state in COUNTED},
        "root": batch_root([(key, state) for _, key, state in found]),
    }
    tx.append(EventKind.BATCH_SENT, delivery, body, run=request.run)


def _asked(channel: Channel, delivery: str, key: str) -> Fate:
    try:
        return channel.outcome(delivery, key)
    except ValueError:
        # No key of ours, so no message of ours: somebody wrote the row.
        return "not-sent"
