"""Launch a product by e-mail: fifty drafts, one person's choice of up to three, and what was signed goes out."""

from prefect import State, flow

from tasks import (
    await_decision,
    check_variants,
    deliver,
    draft_variants,
    hold_on_fault,
    open_campaign,
    propose,
    require_audience,
)


@flow(name="product-launch", description=__doc__)
@hold_on_fault
def product_launch(
    brief: str = "briefs/spring_launch.yaml",
    audience: str = "segments/spring_launch.sql",
    catalogue: str = "catalogue.csv",
) -> State:
    """Draft, check, ask, deliver. A person who wants changes gets new drafts, up to three rounds."""
    campaign = open_campaign(brief=brief, audience=audience, catalogue=catalogue)
    recipients = require_audience(campaign)

    answer = None
    for round in (1, 2, 3):
        drafts = draft_variants(campaign, count=50, round=round, answer=answer)
        choices = check_variants(campaign, drafts, round=round)
        answer = await_decision(propose(campaign, choices, recipients, round=round), gate="copy")
        if not answer.changes_wanted:
            break

    return deliver(answer)
