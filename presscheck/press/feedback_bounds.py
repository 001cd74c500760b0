"""Whether so much came back of a delivery that it has to stop; asked before every batch, from signed events alone."""

from collections.abc import Sequence
from dataclasses import dataclass

from presscheck.desk.situation import PolicySource
from presscheck.ledger import EventKind, Reader
from presscheck.ledger.feedback import feedback_counts
from presscheck.models import Channel, Refused

__all__ = ["Bounds", "Standing", "standing_of"]


@dataclass(frozen=True)
class Standing:
    """How a delivery stands, up to one of its batches."""

    event: int = 0
    sent: int = 0
    failed: int = 0


def standing_of(tx: Reader, delivery: str, seen: Standing) -> Standing:
    """Counted on from what was seen: a long delivery has thousands of batches."""
    for event in tx.events(EventKind.BATCH_SENT, subject=delivery, after=seen.event):
        data = event.data
        seen = Standing(event.seq, seen.sent + int(data["sent"]), seen.failed + int(data["failed"]))
    return seen


class Bounds:
    """The delivery policies as they are now, held against what came back."""

    def __init__(self, policies: PolicySource) -> None:
        self._policies = policies
        self._seen: dict[str, Standing] = {}

    def passed(self, tx: Reader, delivery: str, channel: Channel, markets: Sequence[str]) -> Refused | None:
        """The hold with its figure, if a bound was passed. Ask where the policies are known to load."""
        rules = self._policies().deliveries_for(channel, markets)
        if not rules:
            return None
        from policies import CameBack

        standing = self._seen[delivery] = standing_of(tx, delivery, self._seen.get(delivery, Standing()))
        back = feedback_counts(tx, delivery)
        # What a server refused at once has bounced as well; it only did so sooner.
        came_back = CameBack(
            sent=standing.sent + standing.failed, complaints=back.complaint, bounces=back.hard + standing.failed
        )
        found = next((excess for rule in rules if (excess := rule.excess(came_back)) is not None), None)
        return None if found is None else Refused(code=found.code, reason=found.reason)
