"""Under `advisor` a person writes: a machine's ideas are raw material, and what is handed in is a choice.

ideas = gather_ideas(campaign, count=12)
answer = await_decision(invite(campaign, ideas, readers), gate="writing")
choices = check_text(campaign, answer)
"""

from typing import ClassVar

from presscheck.digests import digest_of
from presscheck.ledger import EventKind, Writer
from presscheck.ledger.assets import get_asset, put_asset, record_findings
from presscheck.models import Asset, Digest, Outcome, Proposal
from tasks import house
from tasks.audience import Audience
from tasks.checking import Choices
from tasks.drafting import machine_variants
from tasks.gate import Subject, propose
from tasks.holding import Hold
from tasks.opening import Campaign
from tasks.steps import Kept, Made, step


class Ideas(Kept):
    """What a copywriter proposed to whoever writes."""

    shape: ClassVar[str] = "ideas/1"

    material: tuple[Digest, ...]
    copywriter: str


@step("ideas", effect="makes", title="gather ideas")
def gather_ideas(campaign: Campaign, *, count: int = 12) -> Made[Ideas]:
    """Have `count` ideas proposed, as raw material that nothing can publish. Holds a brief that is no advisor's."""
    if campaign.brief.collaboration != "advisor":
        raise Hold(
            f"the brief's collaboration is {campaign.brief.collaboration}; in this campaign a person writes and a "
            "machine only proposes, which is collaboration: advisor. Change the brief, or use a campaign made for it"
        )
    drafted = machine_variants(campaign, count=count, purpose="ideas")
    material = [
        Asset(kind="material", content=copy.model_dump(mode="json"), author=author, cost_microdollars=cost)
        for copy, author, cost in drafted.variants
    ]

    def keep(tx: Writer) -> None:
        for asset in material:
            put_asset(tx, asset, run=campaign.run)

    distinct = tuple(dict.fromkeys(asset.digest for asset in material))
    return Made(Ideas(material=distinct, copywriter=drafted.copywriter), keep)


def invite(
    campaign: Campaign, ideas: Ideas, readers: Audience, *, round: int | None = None, answer: Outcome | None = None
) -> Subject:
    """What is put to whoever writes, for `await_decision`.

    In a later round the form shows the note of the answer before, read from the ledger: nothing of it is kept here,
    and `answer` needs not be given.
    """
    choices = Choices(
        proposals=tuple(Proposal(code=f"V{at:02d}", asset=one) for at, one in enumerate(ideas.material, start=1)),
        blocked={},
    )
    return propose(campaign, choices, readers, round=round, asks="writing")


@step("text", effect="changes", title="check the text")
def check_text(campaign: Campaign, answer: Outcome, *, round: int = 1) -> Made[Choices]:
    """The text that was handed in, as the one choice of the gate that approves it."""
    from policies import check_copy

    written = None if answer.decision is None else answer.decision.written
    if written is None:
        raise Hold(f"{answer.review} holds no text; nothing can be approved")
    ledger = house.ledger()
    with ledger.read() as tx:
        copy = get_asset(tx, written).copy_text
    found = check_copy(
        copy,
        brief=campaign.brief,
        product=campaign.product,
        policies=house.policies(),
        as_of=ledger.clock().date(),
    )
    blocked = sorted({finding.rule for finding in found if finding.level == "block"})
    if blocked:
        raise Hold(f"the policies changed since the text was handed in, and now {', '.join(blocked)} blocks it")

    def keep(tx: Writer) -> None:
        record_findings(tx, [(written, found)], run=campaign.run)
        findings = digest_of([[finding.model_dump(mode="json") for finding in found]])
        said = {"assets": 1, "blocked": {}, "findings": findings}
        tx.append(EventKind.ASSETS_CHECKED, f"{campaign.run}/{round}", said, run=campaign.run)

    return Made(Choices(proposals=(Proposal(code="V01", asset=written),), blocked={}), keep)
