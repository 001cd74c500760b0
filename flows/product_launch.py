"""Launch a product by e-mail: fifty drafts, one person's choice of up to three, and what was signed goes out."""

from presscheck import (
    Cron,
    State,
    await_decision,
    campaign,
    check_variants,
    deliver,
    draft_variants,
    open_campaign,
    propose,
    require_audience,
)


@campaign(schedule=Cron("0 9 * * 1"))
def product_launch(
    brief: str = "briefs/spring_launch.yaml",
    audience: str = "segments/spring_launch.sql",
    catalogue: str = "catalogue.csv",
) -> State:
    campaign = open_campaign(brief=brief, audience=audience, catalogue=catalogue)
    recipients = require_audience(campaign)

    answer = None
    # Whoever wants changes gets new drafts, up to three rounds.
    for round in (1, 2, 3):
        drafts = draft_variants(campaign, count=50, round=round, answer=answer)
        choices = check_variants(campaign, drafts, round=round)
        answer = await_decision(propose(campaign, choices, recipients, round=round), gate="copy")
        if not answer.changes_wanted:
            break

    return deliver(answer)
