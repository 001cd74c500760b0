"""Whether so much came back of a delivery that it has to stop; asked before every batch, from signed events alone."""

from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import TYPE_CHECKING

from presscheck.desk.situation import PolicySource
from presscheck.ledger import EventKind, Reader
from presscheck.ledger.feedback import FeedbackCounts, feedback_counts, provider_of
from presscheck.models import Channel, Refused
from presscheck.press.records import progress_of
from presscheck.recipients.audiences import recipients_by_domain

if TYPE_CHECKING:
    from policies import CameBack, DeliveryPolicy


@dataclass(frozen=True)
class Standing:
    """How a delivery stands, up to one of its batches."""

    event: int = 0
    sent: int = 0
    failed: int = 0


def standing_of(tx: Reader, delivery: str, seen: Standing) -> Standing:
    """Counted on from what was seen: a long delivery has thousands of batches."""
    for event in tx.events(EventKind.BATCH_SENT, EventKind.RETRY_ENDED, subject=delivery, after=seen.event):
        data = event.data
        # Who was put off and is given up was never refused for good.
        sent = int(data.get("sent", len(data.get("sent_at", ()))))
        failed = int(data.get("failed", len(data.get("failed_at", ()))))
        seen = Standing(event.seq, seen.sent + sent, seen.failed + failed)
    return seen


class Bounds:
    """The delivery policies as they are now, held against what came back."""

    def __init__(self, policies: PolicySource) -> None:
        self._policies = policies
        self._seen: dict[str, Standing] = {}

    def passed(
        self, tx: Reader, delivery: str, channel: Channel, markets: Sequence[str], audience: Path | None
    ) -> Refused | None:
        """The hold with its figure, if a bound was passed. Ask where the policies are known to load."""
        rules = self._policies().deliveries_for(channel, markets)
        if not rules:
            return None
        from policies import CameBack

        standing = self._seen[delivery] = standing_of(tx, delivery, self._seen.get(delivery, Standing()))
        back = feedback_counts(tx, delivery)
        # What a server refused at once has bounced as well; it only did so sooner, and may stand in both counts.
        came_back = CameBack(
            sent=standing.sent + standing.failed,
            complaints=back.complaint,
            bounces=back.bounced + max(0, standing.failed - back.at_once),
        )
        whole = ((rule, came_back, "") for rule in rules)
        for rule, standing_now, provider in (*_by_provider(tx, delivery, rules, back, came_back, audience), *whole):
            if found := rule.excess(standing_now, provider=provider or "one provider"):
                return Refused(code=found.code, reason=found.reason)
        return None


def _by_provider(
    tx: Reader,
    delivery: str,
    rules: "Sequence[DeliveryPolicy]",
    back: FeedbackCounts,
    whole: "CameBack",
    audience: Path | None,
) -> "Iterator[tuple[DeliveryPolicy, CameBack, str]]":
    """How the delivery stands at each provider that refuses, with its name: what is about us begins at one of them."""
    if not back.by_provider or audience is None:
        return
    # Reading whom it goes to costs something for a million, so only where enough came back for any bound.
    most = max(back.by_provider.values())
    if not any(rule.too_much(most, rule.refused_counted_after) for rule in rules):
        return
    handed_over = progress_of(tx, delivery).next
    for domain, messages in recipients_by_domain(audience, handed_over).items():
        if refused := back.by_provider.get(provider_of(domain), 0):
            standing = whole.model_copy(update={"to_provider": messages, "refused": refused})
            yield from ((rule, standing, domain) for rule in rules)
