"""A strategy that a person writes: a machine proposes ideas, an author writes, somebody else signs it."""

from presscheck import (
    State,
    await_decision,
    campaign,
    check_text,
    deliver,
    gather_ideas,
    invite,
    open_campaign,
    propose,
    require_audience,
)


@campaign
def strategy_brief(
    brief: str = "briefs/strategy.yaml",
    audience: str = "",
    catalogue: str = "catalogue.csv",
) -> State:
    campaign = open_campaign(brief=brief, audience=audience, catalogue=catalogue)
    readers = require_audience(campaign)
    ideas = gather_ideas(campaign, count=12)

    answer = None
    # None of the machine's ideas can go out by itself.
    for round in (1, 2, 3):
        answer = await_decision(invite(campaign, ideas, readers, round=round, answer=answer), gate="writing")
        if not answer.written:
            break
        text = check_text(campaign, answer, round=round)
        answer = await_decision(propose(campaign, text, readers, round=round), gate="plan")
        if not answer.changes_wanted:
            break

    return deliver(answer)
