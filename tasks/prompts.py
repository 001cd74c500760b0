"""Have a prompt approved: people read exactly what a machine is told, and after their yes models may be given it.

    found = read_prompt(campaign, prompt="prompts.email-variants")
    return conclude(await_decision(offer(campaign, found.text, author=found.author), gate="prompt"))

Who edited the prompt does not approve it. What people approved is a text: a prompt that is changed by a letter, while
they read or afterwards, takes another yes.
"""

from typing import ClassVar

from prefect import State

from presscheck.assets.shipped import PromptText
from presscheck.models import Author, Outcome, OutcomeStatus
from presscheck.people.rights import email_digest
from tasks import house
from tasks.delivery import end_of
from tasks.holding import Hold, ended
from tasks.opening import Campaign
from tasks.steps import Kept, step


class PromptInForce(Kept):
    """A prompt of the policies in force, and who stands behind its words."""

    shape: ClassVar[str] = "prompt/1"

    text: PromptText
    author: Author


@step("prompt", effect="changes", title="read the prompt")
def read_prompt(campaign: Campaign, *, prompt: str) -> PromptInForce:
    """The prompt of this id, as it is now. Hold where its file does not say who edited it, unless it is as it ships."""
    from policies import load_prompts

    found = house.policies().prompt(prompt)
    if not found.edited_by and found not in load_prompts():
        raise Hold(
            f"nobody can be asked about {found.id}: its file does not say who edited it, and whoever did does not "
            "approve it. Write edited_by: ADDRESS above its text"
        )
    # By its words, and not by its version: a changed text is new to whoever approves, whatever its number.
    author = Author.machine("presscheck", "prompt", found.id, found.words[:12])
    editor = email_digest(found.edited_by) if found.edited_by else ""
    return PromptInForce(
        text=PromptText(name=found.id, text=found.text), author=author.model_copy(update={"prompt_editor": editor})
    )


def conclude(outcome: Outcome) -> State:
    """End a run that sends nothing by what people answered: Approved, Rejected, Expired or Withdrawn.

    Hold where they want changes: what is to be changed is a file, and is asked about in a new run.
    """
    if outcome.status is OutcomeStatus.APPROVED:
        return ended("Approved", f"{outcome.review} was approved. Nothing goes out by it.")
    name, words = end_of(outcome)
    if not name:
        raise Hold(words)
    return ended(name, words)
