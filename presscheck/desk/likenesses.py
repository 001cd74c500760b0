"""What of a question's texts is too like another of them, or like one that was approved before it.

    found = too_like_in(tx, situation, choices)      # findings by the codes of the choices

Told to whoever decides, and nothing more: the desk refuses nobody for it, and the press never asks.
"""

from collections.abc import Iterator, Mapping
from datetime import UTC, date, datetime, time
from typing import TYPE_CHECKING

from pydantic import ValidationError

from presscheck.assets.copy.copy import CopyText
from presscheck.assets.signable import Signable
from presscheck.desk.situation import Situation
from presscheck.errors import LedgerError
from presscheck.ledger import EventKind, Reader
from presscheck.ledger.assets import get_asset, read_ahead
from presscheck.models import Brief, Channel, Copy, Decision, Finding, Product

if TYPE_CHECKING:
    from policies import Approved, PolicySet

_MOST = 2_000
"""The newest so many approved texts are compared with; a brand that approves more in its days sees no older ones."""


def too_like(
    tx: Reader,
    texts: Mapping[str, Copy],
    *,
    brief: Brief,
    product: Product | None,
    policies: "PolicySet",
    run: str,
    before: datetime,
) -> dict[str, tuple[Finding, ...]]:
    """The findings by the names of the texts. The run's own approvals are no archive: it asks in several rounds."""
    from policies import check_set

    def archive(since: date | None) -> "Iterator[Approved]":
        return approved_before(tx, brief.channel, run=run, since=since, before=before)

    return check_set(
        texts, brief=brief, product=product, policies=policies, as_of=before.astimezone(UTC).date(), archive=archive
    )


def too_like_in(tx: Reader, situation: Situation, choices: Mapping[str, Signable]) -> dict[str, tuple[Finding, ...]]:
    """The same of a question's choices by their codes, as things stood when it was asked."""
    return too_like(
        tx,
        {code: one.copy for code, one in choices.items() if isinstance(one, CopyText)},
        brief=situation.brief,
        product=situation.product,
        policies=situation.policies,
        run=situation.question.run,
        before=situation.review.opened_at,
    )


def approved_before(
    tx: Reader, channel: Channel, *, run: str, since: date | None, before: datetime
) -> "Iterator[Approved]":
    """The texts for a channel that people approved in other runs, the newest first; one that cannot be read is none."""
    from policies import Approved

    begins = datetime.fromtimestamp(0, UTC) if since is None else datetime.combine(since, time(), UTC)
    events = [one for one in tx.events_between(EventKind.DECISION_APPROVED, begins, before) if one.run != run]
    taken = 0
    for event in reversed(events):
        try:
            manifest = Decision.model_validate(event.data).manifest
        except (ValidationError, LedgerError):
            continue
        if manifest is None or manifest.channel != channel:
            continue
        read_ahead(tx, manifest.assets)
        for digest in manifest.assets:
            try:
                copy = get_asset(tx, digest).copy_text
            except LedgerError:
                continue
            yield Approved(
                f"one approved in {event.subject} on {event.at[:10]}", date.fromisoformat(event.at[:10]), copy
            )
            taken += 1
            if taken == _MOST:
                return
