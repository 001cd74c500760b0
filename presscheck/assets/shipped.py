"""The kinds that ship besides copy: each a class whose descriptions are the same in every project.

What says that it is one of these, and is not described as its class would, is none: nobody is asked about a segment
that hides how many people are in it. So a class that was released is never changed: what was signed by it could not be
read any more. A changed one comes beside it.
"""

from presscheck.assets.described import DOLLARS
from presscheck.assets.kind import Kind, Line, Rows, Text, part
from presscheck.models import AssetKind, Digest


class Segment(Kind):
    """Whom a campaign is for, as a frozen audience. It is screened again to be another one, so nothing is edited."""

    kind = "segment"
    noun = "segment"
    reaches = "recipients"

    name: Line = part("Segment", edited=False)
    words: Text = part("Who is in it", edited=False)
    recipients: int = part("Recipients", unit="people", at_least=0, edited=False)
    markets: Line = part("Markets", edited=False)
    query: Text = part("How they were chosen", edited=False)
    makeup: Rows = part("How it is made up", columns=("Group", "In the segment", "Of everybody"), default=())
    audience: Digest = part("Frozen audience", edited=False)

    @property
    def stands_for(self) -> Digest:
        return self.audience


class Recommendations(Kind):
    """What is recommended to whom: counts and examples here, every row in a file by its digest."""

    kind = "recommendations"
    noun = "recommendations"
    reaches = "recipients"

    words: Text = part("How they were made", edited=False)
    recipients: int = part("Recipients", unit="people", at_least=0, edited=False)
    examples: Rows = part("Examples", columns=("Recipient", "Recommended", "Why"))
    rows: Digest = part("All of them", edited=False)


class Plan(Kind):
    """What a campaign is to do, before anything of it is made."""

    kind = "plan"
    noun = "plan"

    goal: Line = part("Goal")
    measure: Line = part("How we shall know")
    text: Text = part("Plan")


class Budget(Kind):
    """Money that a campaign may spend."""

    kind = "budget"
    noun = "budget"
    spends = "dollars"

    purpose: Line = part("What it is for")
    dollars: int = part("Amount", unit=DOLLARS, at_least=0)
    terms: Text = part("How it is spent")


class PromptText(Kind):
    """What a machine is told."""

    kind = "prompt"
    noun = "prompt"

    name: Line = part("Prompt", edited=False)
    text: Text = part("What the machine is told")


class Template(Kind):
    """The frame that words go out in, as its source."""

    kind = "template"
    noun = "template"

    name: Line = part("Template", edited=False)
    source: Text = part("Source", edited=False)


class Rule(Kind):
    """A rule that a campaign is to go by, in words and as the file that it becomes."""

    kind = "rule"
    noun = "rule"

    words: Text = part("What it says")
    file: Text = part("As a file", edited=False)


SHIPPED: dict[AssetKind, type[Kind]] = {
    one.kind: one for one in (Segment, Recommendations, Plan, Budget, PromptText, Template, Rule)
}
