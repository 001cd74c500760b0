"""Put drafts through the guardrails: what is blocked never becomes a choice."""

from collections import Counter
from typing import ClassVar

from presscheck.desk.likenesses import too_like
from presscheck.digests import digest_of
from presscheck.ledger import EventKind, Writer
from presscheck.ledger.assets import get_asset, record_findings
from presscheck.models import Finding, Proposal
from tasks import house
from tasks.holding import Hold
from tasks.opening import Campaign
from tasks.picturing import brief_pictures
from tasks.steps import Kept, Made, step
from tasks.texts import Drafts


class Choices(Kept):
    """What a reviewer may pick from, how many variants each rule kept out, and which."""

    shape: ClassVar[str] = "choices/1"

    proposals: tuple[Proposal, ...]
    blocked: dict[str, int]
    kept_out: tuple[str, ...] = ()
    remark: str = ""


@step("check", effect="changes", title="check variants")
def check_variants(campaign: Campaign, drafts: Drafts, *, round: int = 1) -> Made[Choices]:
    """Judge every draft; holds if the guardrails block them all."""
    from policies import check_copy, in_order, verdict

    held_to = house.policies()
    ledger = house.ledger()
    today = ledger.clock().date()
    with ledger.read() as tx:
        texts = {digest: get_asset(tx, digest).copy_text for digest in drafts.assets}
        pictures = brief_pictures(tx, campaign.brief)
    found: dict[str, tuple[Finding, ...]] = {
        digest: check_copy(
            text,
            brief=campaign.brief,
            product=campaign.product,
            policies=held_to,
            as_of=today,
            picture=pictures.get(text.image or ""),
        )
        for digest, text in texts.items()
    }
    passed = [digest for digest, findings in found.items() if verdict(findings) != "block"]
    # A variant that breaks one rule twice is kept out by it once.
    broken = [{finding.rule for finding in findings if finding.level == "block"} for findings in found.values()]
    blocked = Counter(rule for rules in broken for rule in rules)
    if not passed:
        rules = ", ".join(f"{rule} ({count})" for rule, count in blocked.most_common())
        told = f"the guardrails blocked every draft, {len(found)} in all: {rules}"
        raise Hold(f"{told}. Look at the brief's facts and claims")
    coded = {f"V{at:02d}": digest for at, digest in enumerate(passed, start=1)}
    with ledger.read() as tx:
        # Told by the codes that people see, so only of drafts that they may pick.
        alike = too_like(
            tx,
            {code: texts[digest] for code, digest in coded.items()},
            brief=campaign.brief,
            product=campaign.product,
            policies=held_to,
            run=campaign.run,
            before=ledger.clock(),
        )
    found |= {coded[code]: in_order([*found[coded[code]], *some]) for code, some in alike.items()}
    choices = Choices(
        proposals=tuple(Proposal(code=code, asset=digest) for code, digest in coded.items()),
        blocked=dict(sorted(blocked.items())),
        kept_out=tuple(digest for digest in found if digest not in passed),
        remark=drafts.remark,
    )

    def keep(tx: Writer) -> None:
        record_findings(tx, found.items(), run=campaign.run)
        said = {
            "assets": len(found),
            "blocked": choices.blocked,
            "findings": digest_of([[finding.model_dump(mode="json") for finding in one] for one in found.values()]),
        }
        tx.append(EventKind.ASSETS_CHECKED, f"{campaign.run}/{round}", said, run=campaign.run)

    return Made(choices, keep)
