"""A delivery that stops for a while: what went out, what did not, and how it goes on.

Nothing is counted that the press has not signed or the channel has not said. What was begun and not answered is
asked for; what was never handed over is pending again and goes out after the pause, once.
"""

import logging
from collections import Counter
from collections.abc import Sequence

from presscheck.ledger import EventKind, Reader, Writer
from presscheck.ledger.deliveries import messages_from, set_delivery, set_messages
from presscheck.ledger.pausing import EVERYTHING, Pause, standing_of_delivery
from presscheck.press.records import Request, batch_root, progress_of, signed_counts
from presscheck.press.rows import COUNTED

_log = logging.getLogger(__name__)


def is_paused(tx: Reader, delivery: str) -> bool:
    """Whether the press's last word is that this delivery waits."""
    last = standing_of_delivery(tx, delivery)
    return last is not None and last.kind == EventKind.DELIVERY_PAUSED


def size_of(request: Request) -> int:
    """How many messages the delivery has."""
    manifest = request.manifest
    return len(manifest.assets) if manifest.audience is None else manifest.audience_rows


def pause(tx: Writer, request: Request, by: Pause, opened: Sequence[tuple[int, str, str]]) -> None:
    """Sign that the delivery waits, with exact counts, and ring for its run; again changes nothing.

    `opened` are (position, key, state) of what lies beyond the recorded batches and was perhaps handed over.
    """
    delivery = request.delivery
    if is_paused(tx, delivery):
        return
    write_down(tx, delivery, opened)
    counts = Counter(signed_counts(tx, delivery, COUNTED)) + Counter(
        state for _, _, state in opened if state in COUNTED
    )
    told = {state: counts[state] for state in COUNTED}
    body = {
        "pause": by.seq,
        "scope": by.scope,
        **told,
        "left": size_of(request) - sum(told.values()),
        "first": progress_of(tx, delivery).next,
        "rows": len(opened),
        "root": batch_root([(key, state) for _, key, state in opened]),
    }
    tx.append(EventKind.DELIVERY_PAUSED, delivery, body, run=request.run)
    set_delivery(tx, delivery, state="paused", reason=paused_words(by), **told)
    _log.warning("%s is paused: %s sent, %s left", delivery, f"{told['sent']:,}", f"{body['left']:,}")


def resume(tx: Writer, request: Request) -> None:
    """Sign that a delivery which was paused, or waited for its way out, goes on; nothing for one that did neither."""
    last = standing_of_delivery(tx, request.delivery)
    if last is None or last.kind == EventKind.DELIVERY_RESUMED:
        return
    body = {"paused": last.seq, "sent": last.data["sent"], "left": last.data["left"]}
    tx.append(EventKind.DELIVERY_RESUMED, request.delivery, body, run=request.run)
    # The row counts the batches that are over, as it did before; what the open batch came to is added with it.
    counts = signed_counts(tx, request.delivery, COUNTED)
    set_delivery(tx, request.delivery, state="sending", reason="", **counts)
    _log.info("%s goes on", request.delivery)


def paused_words(by: Pause) -> str:
    """Why a delivery waits, for its row."""
    what = "everything" if by.scope == EVERYTHING else by.scope
    return f"{what} was paused at {by.at}{f' ({by.reason})' if by.reason else ''}; `presscheck unpause` lets it go on."


def write_down(tx: Writer, delivery: str, opened: Sequence[tuple[int, str, str]]) -> None:
    """Bring the rows in line with what is signed beside them; those that say so already keep their words."""
    if not opened:
        return
    first, last = opened[0][0], opened[-1][0] + 1
    there = {row.position: row.state for row in messages_from(tx, delivery, first, last)}
    changed: dict[str, list[int]] = {}
    for position, _, state in opened:
        if there.get(position) != state:
            changed.setdefault(state, []).append(position)
    for state, positions in changed.items():
        detail = "nobody can say whether it was taken before it stopped" if state == "unknown" else ""
        set_messages(tx, delivery, positions, state=state, detail=detail)
