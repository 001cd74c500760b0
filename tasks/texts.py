"""Texts that something wrote, kept as assets: what `draft_variants` gives, and a step that returns `Copy`."""

from collections.abc import Sequence
from typing import TYPE_CHECKING, ClassVar

from presscheck.ledger import Writer
from presscheck.ledger.assets import put_asset
from presscheck.models import Asset, Author, Copy, Digest, Outcome
from tasks.holding import Hold
from tasks.kept import Kept, Made

if TYPE_CHECKING:
    from tasks.opening import Campaign


class Drafts(Kept):
    """What a copywriter proposed, in its order."""

    shape: ClassVar[str] = "drafts/1"

    assets: tuple[Digest, ...]
    copywriter: str
    remark: str = ""
    """Words of a copywriter of one's own for whoever reviews. Nothing of a note: a result cannot be erased."""


def keep_texts(step: str, campaign: "Campaign", texts: Sequence[Copy]) -> Made[Drafts]:
    """The drafts that a step of a campaign's own wrote. Hold for none, and for texts of another channel."""
    channel = campaign.brief.channel
    if not texts:
        raise Hold(f"step {step} returned no text; return at least one Copy")
    if other := next((one for one in texts if one.channel != channel), None):
        raise Hold(f"step {step} returned {other.channel} copy, and the brief's channel is {channel}")
    author = Author.machine("presscheck", "step", f"{campaign.name}/{step}", "1")
    assets = [Asset(kind="copy", content=one.model_dump(mode="json"), author=author) for one in texts]

    def keep(tx: Writer) -> None:
        for asset in assets:
            put_asset(tx, asset, run=campaign.run)

    return Made(Drafts(assets=tuple(dict.fromkeys(asset.digest for asset in assets)), copywriter=f"step {step}"), keep)


def picked(outcome: Outcome) -> Drafts:
    """The texts that people approved, as they were edited, to ask about again: `check_variants(turn, picked(yes))`.

    A yes to them for some people is none for others. Hold where nothing was approved.
    """
    manifest = outcome.decision.manifest if outcome.decision and outcome.approved else None
    if manifest is None or not manifest.assets:
        raise Hold(f"{outcome.review} ended as {outcome.status.value}, so no text of it was approved")
    return Drafts(assets=manifest.assets, copywriter=f"approved in {outcome.review}")
