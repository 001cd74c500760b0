"""The steps of campaigns, and the one plain function that waits for people.

    from tasks import await_decision, check_variants, deliver, draft_variants, ...

Importing this costs Prefect and the ledger. Whatever else a step needs is imported when it runs, so
that a campaign that wakes to read one decision does not load Great Expectations.
"""

from tasks.audience import Audience, require_audience
from tasks.campaign import Campaign, open_campaign
from tasks.checking import Choices, check_variants
from tasks.delivery import deliver
from tasks.drafting import Drafts, draft_variants
from tasks.gate import Subject, await_decision, propose
from tasks.holding import Hold, hold_on_fault
from tasks.steps import Kept, Made, step

__all__ = [
    "Audience",
    "Campaign",
    "Choices",
    "Drafts",
    "Hold",
    "Kept",
    "Made",
    "Subject",
    "await_decision",
    "check_variants",
    "deliver",
    "draft_variants",
    "hold_on_fault",
    "open_campaign",
    "propose",
    "require_audience",
    "step",
]
