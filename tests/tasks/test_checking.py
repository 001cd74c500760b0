"""What the gate's check says of drafts that are like each other, and what it keeps of that."""

from prefect import State, flow

from presscheck.ledger.assets import findings_of
from presscheck.models import Copy
from tasks import Campaign, await_decision, check_variants, hold_on_fault, open_campaign, propose, step
from tests.tasks.stage import Stage, seven_people

FIRST = "Hello,\n\nthe Fell jacket is here. It keeps the rain out, on every path between the house and the hill."
BODIES = (FIRST, "Wet hills, dry shoulders. It keeps the rain out, from collar to hem.", FIRST.replace("every", "any"))


@step("own words", effect="makes", title="write three texts")
def own_words(campaign: Campaign) -> list[Copy]:
    action = campaign.brief.call_to_action
    return [Copy(channel="email", subject=f"A jacket, {at}", body=body, call_to_action=action)
            for at, body in zip(("one", "two", "three"), BODIES, strict=True)]  # fmt: skip


@flow(name="own-words")
@hold_on_fault
def in_own_words(brief: str = "brief.yaml") -> State:
    campaign = open_campaign(brief=brief, audience="segment.sql")
    recipients = seven_people(campaign)
    choices = check_variants(campaign, own_words(campaign))
    return await_decision(propose(campaign, choices, recipients), gate="copy")  # type: ignore[return-value]


class Own(Stage):
    def campaign(self):  # type: ignore[no-untyped-def]
        return in_own_words


def test_a_draft_that_is_like_another_stays_a_choice_and_the_check_says_so(project, prefect) -> None:  # type: ignore[no-untyped-def]
    own = Own(project)
    assert own.start() is None

    question = own.review().question
    with own.door.read() as tx:
        told = {
            one.code: [finding.text for finding in findings_of(tx, one.asset, run=own.review().question.run)
                       if finding.rule == "brand.near-duplicates"]
            for one in question.proposals
        }  # fmt: skip

    assert told == {"V01": [], "V02": [], "V03": ["V01"]}
    assert question.worst_finding == "note"
