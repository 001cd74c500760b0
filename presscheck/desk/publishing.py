"""Whether a manifest may go out now: its yes stands, its gates were passed, audience and pictures are what was seen.

The press asks before it issues a permit and again before every batch.
"""

from datetime import datetime
from pathlib import Path
from typing import Any

from presscheck.assets.copy.copy import CopyText
from presscheck.assets.pictures.believing import file_fault
from presscheck.desk.passed import lacks_gate
from presscheck.desk.situation import PolicySource
from presscheck.desk.standing import still_stands
from presscheck.documents.sentences import counted
from presscheck.errors import AudienceChanged
from presscheck.ledger import Reader
from presscheck.models import Brief, Copy, Digest, Frozen, Manifest, Picture, Product, Refused
from presscheck.recipients.audiences import recipient_count, recipient_markets, verify_audience

_NAMED = ("approvals", "tier", "tier_row")


class Basis(Frozen):
    """Why something may go out: the decision, who took it, by which right and which rule."""

    review: str
    decision: int
    """The decision event's sequence number."""
    rights: int
    """The sequence number of the event that gives the decider the right."""
    person: str
    """Who decided; where a rule let it out, who signed the rule, and approved nothing."""
    role: str
    rule: str
    rule_version: Digest
    manifest: Digest
    brief: Brief
    product: Product | None
    copies: tuple[Copy, ...]
    """The words of the manifest's assets, in its order, as their digests say."""
    pictures: tuple[Picture | None, ...] = ()
    """The picture that goes with each of them."""
    approvals: tuple[int, ...] = ()
    """The other approvals that it rests on, by the numbers of their events."""
    tier: str = ""
    tier_row: str = ""

    def named(self) -> dict[str, Any]:
        """What a permit names; digests and pseudonyms only."""
        return self.model_dump(
            mode="json", include={"review", "decision", "rights", "person", "role", "rule", "rule_version", *_NAMED}
        )


def authorise(
    tx: Reader,
    source: PolicySource,
    manifest: Manifest,
    review_id: str,
    *,
    audience: Path | None,
    as_of: datetime,
    pictures: Path | None = None,
) -> Basis | Refused:
    """The basis on which `manifest` may go out at `as_of`, or the reason why it may not.

    `audience` is the frozen file that would be sent to, and None for a channel that publishes to everybody;
    `pictures` is the folder that pictures lie in.
    """
    if manifest.channel is None:
        reason = f"Review {review_id} approved nothing that goes out: what it agreed to is for the campaign's steps."
        return Refused(code="goes-nowhere", reason=reason)
    yes = still_stands(tx, source, manifest, review_id, as_of=as_of)
    if isinstance(yes, Refused):
        return yes
    situation, decision, rests = yes.situation, yes.decision, yes.rests
    texts = [one for one in yes.signed if isinstance(one, CopyText)]
    if changed := _audience_changed(manifest, audience, situation.brief):
        return changed
    if shut := lacks_gate(tx, source, yes, manifest, before="delivery", as_of=as_of):
        return shut
    shown = tuple(None if one.copy.image is None else situation.pictures[one.copy.image] for one in texts)
    if swapped := file_fault(pictures, dict.fromkeys(one for one in shown if one is not None)):
        return swapped
    return Basis(
        review=yes.review.id,
        decision=yes.event.seq,
        rights=rests.rights,
        person=decision.person or rests.person,
        role=decision.role or rests.role,
        rule=decision.rule,
        rule_version=decision.rule_version,
        manifest=manifest.digest,
        brief=situation.brief,
        product=situation.product,
        copies=tuple(one.copy for one in texts),
        approvals=rests.events,
        tier=situation.row.tier,
        tier_row=situation.row.row,
        pictures=shown,
    )


def _audience_changed(manifest: Manifest, audience: Path | None, brief: Brief) -> Refused | None:
    if manifest.audience is None or audience is None:
        if manifest.audience is None and audience is None:
            return None
        # Approved for everybody and sent to a list, or the other way about: neither was asked.
        what = "goes to everybody" if manifest.audience is None else "goes to an audience"
        return Refused(
            code="audience-changed",
            reason=f"What was approved {what}, and what is to be sent does not; ask again in a new run.",
        )
    try:
        verify_audience(audience, manifest.audience)
        rows = recipient_count(audience)
        beyond = sorted(recipient_markets(audience) - set(brief.markets))
    except AudienceChanged as error:
        return Refused(code="audience-changed", reason=f"{error}.")
    if rows != manifest.audience_rows:
        return Refused(
            code="audience-changed",
            reason=f"The audience has {counted(rows, 'row')} and "
            f"{counted(manifest.audience_rows, 'was approved', 'were approved')}.",
        )
    if beyond:
        # Rights go by the brief's markets: whoever approved may have no say in these.
        return Refused(
            code="audience-beyond-brief",
            reason=f"The audience holds recipients in {', '.join(beyond[:5])}, and the brief is for "
            f"{', '.join(brief.markets)} only. Screen the segment again, and ask again.",
        )
    return None
