"""Have a prompt approved: people read what a machine is told, and from their yes on models may be given that."""

from presscheck import State, await_decision, campaign, conclude, offer, open_campaign, read_prompt


@campaign
def prompt_approval(prompt: str = "prompts.email-variants", brief: str = "briefs/prompts.yaml") -> State:
    campaign = open_campaign(brief=brief)
    found = read_prompt(campaign, prompt=prompt)

    # Who edited the prompt does not approve it; the yes lasts as long as the brief says.
    answer = await_decision(offer(campaign, found.text, author=found.author), gate="prompt")

    return conclude(answer)
