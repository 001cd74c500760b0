"""Draft variants of a brief: machine-made proposals, kept as assets that say what made them."""

from typing import ClassVar

from presscheck.digests import digest_of
from presscheck.ledger import Writer
from presscheck.ledger.assets import put_asset
from presscheck.models import Asset, Digest, Outcome
from tasks import house
from tasks.campaign import Campaign
from tasks.holding import Hold
from tasks.steps import Kept, Made, step

__all__ = ["Drafts", "draft_variants"]


class Drafts(Kept):
    """What a copywriter proposed, in its order."""

    shape: ClassVar[str] = "drafts/1"

    assets: tuple[Digest, ...]
    copywriter: str
    remark: str = ""
    """What the copywriter made of the note of the round before, and what it could not act on."""


@step("draft", title="draft variants")
def draft_variants(
    campaign: Campaign, *, count: int = 50, round: int = 1, answer: Outcome | None = None
) -> Made[Drafts]:
    """Have `count` variants written; in a later round with the note of the `answer` that asked for changes.

    Holds a brief whose collaboration does not let a machine draft.
    """
    from policies import load_prompt
    from presscheck.providers import open_copywriter

    if campaign.brief.collaboration != "producer":
        raise Hold(
            f"the brief's collaboration is {campaign.brief.collaboration}; this campaign lets a machine draft and a "
            "person approve, which is collaboration: producer. Change the brief, or use a campaign made for it"
        )
    writer = open_copywriter(house.settings().copywriter)
    prompt = load_prompt(f"prompts.{campaign.brief.channel}-variants")
    note = "" if answer is None else answer.note
    variants = writer.write(
        campaign.brief,
        campaign.product,
        prompt=prompt,
        count=count,
        seed=int(digest_of([campaign.run, "draft"])[:8], 16),
        round=round,
        note=note,
    )
    assets = [
        Asset(kind="copy", content=variant.copy_.model_dump(mode="json"), author=variant.author) for variant in variants
    ]

    def keep(tx: Writer) -> None:
        for asset in assets:
            put_asset(tx, asset, run=campaign.run)

    # Two variants with the same words are one choice.
    distinct = tuple(dict.fromkeys(asset.digest for asset in assets))
    remark = str(writer.describe_note(note, campaign.brief, campaign.product)) if note else ""
    return Made(Drafts(assets=distinct, copywriter=writer.describe(), remark=remark), keep)
