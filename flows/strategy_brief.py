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
    rounds,
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

    # None of the machine's ideas can go out by itself.
    for turn in rounds(campaign):
        answer = await_decision(invite(turn, ideas, readers), gate="writing")
        if answer.written:
            answer = await_decision(propose(turn, check_text(turn, answer), readers), gate="plan")

    return deliver(answer)
