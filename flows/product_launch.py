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
    repair_variants,
    require_audience,
    rounds,
)


@campaign(schedule=Cron("0 9 * * 1"))
def product_launch(
    brief: str = "briefs/spring_launch.yaml",
    audience: str = "segments/spring_launch.sql",
    catalogue: str = "catalogue.csv",
) -> State:
    campaign = open_campaign(brief=brief, audience=audience, catalogue=catalogue)
    recipients = require_audience(campaign)

    # Whoever wants changes gets new drafts, up to three rounds.
    for turn in rounds(campaign):
        drafts = repair_variants(turn, draft_variants(turn, count=50))
        choices = check_variants(turn, drafts)
        answer = await_decision(propose(turn, choices, recipients), gate="copy")

    return deliver(answer)
