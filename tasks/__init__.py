"""The steps of campaigns, and the one plain function that waits for people.

    from tasks import await_decision, check_variants, deliver, draft_variants, ...

Each name is imported when it is first asked for: reading a brief does not load Prefect, and a campaign
that wakes to read one decision does not load Great Expectations.
"""

import importlib
from typing import TYPE_CHECKING, Any

if TYPE_CHECKING:
    from tasks.assets import (
        Approved,
        Budget,
        Kind,
        Line,
        Plan,
        PromptText,
        Recommendations,
        Rows,
        Rule,
        Segment,
        Template,
        Text,
        approved,
        part,
    )
    from tasks.audience import Audience, describe_segment, require_audience
    from tasks.campaigns import CampaignFlow, campaign
    from tasks.cells import Cells, split
    from tasks.checking import Choices, check_variants
    from tasks.delivery import Sent, deliver, send
    from tasks.drafting import draft_variants
    from tasks.escalation import (
        expired_reviews,
        new_question,
        next_in_line,
        owner_warned,
        policy_news,
        reminder,
        tell,
        tell_systems,
        waiting_reviews,
        what_became,
    )
    from tasks.expecting import expect
    from tasks.gate import Subject, await_decision, offer, propose
    from tasks.holding import Hold, hold_on_fault
    from tasks.kept import Kept, Made
    from tasks.opening import Campaign, open_campaign, rounds
    from tasks.prompts import PromptInForce, conclude, read_prompt
    from tasks.repairing import repair_variants
    from tasks.schedules import Cron
    from tasks.steps import step
    from tasks.tables import Table
    from tasks.texts import Drafts, picked
    from tasks.waiting import wait
    from tasks.writing import Ideas, check_text, gather_ideas, invite

__all__ = [
    "Approved",
    "Audience",
    "Budget",
    "Campaign",
    "CampaignFlow",
    "Cells",
    "Choices",
    "Cron",
    "Drafts",
    "Hold",
    "Ideas",
    "Kept",
    "Kind",
    "Line",
    "Made",
    "Plan",
    "PromptInForce",
    "PromptText",
    "Recommendations",
    "Rows",
    "Rule",
    "Segment",
    "Sent",
    "Subject",
    "Table",
    "Template",
    "Text",
    "approved",
    "await_decision",
    "campaign",
    "check_text",
    "check_variants",
    "conclude",
    "deliver",
    "describe_segment",
    "draft_variants",
    "expect",
    "expired_reviews",
    "gather_ideas",
    "hold_on_fault",
    "invite",
    "new_question",
    "next_in_line",
    "offer",
    "open_campaign",
    "owner_warned",
    "part",
    "picked",
    "policy_news",
    "propose",
    "read_prompt",
    "reminder",
    "repair_variants",
    "require_audience",
    "rounds",
    "send",
    "split",
    "step",
    "tell",
    "tell_systems",
    "wait",
    "waiting_reviews",
    "what_became",
]

_MODULE_OF = {
    "Approved": "assets",
    "Audience": "audience",
    "Budget": "assets",
    "Campaign": "opening",
    "CampaignFlow": "campaigns",
    "Cells": "cells",
    "Choices": "checking",
    "Cron": "schedules",
    "Drafts": "texts",
    "Hold": "holding",
    "Ideas": "writing",
    "Kept": "kept",
    "Kind": "assets",
    "Line": "assets",
    "Made": "kept",
    "Plan": "assets",
    "PromptInForce": "prompts",
    "PromptText": "assets",
    "Recommendations": "assets",
    "Rows": "assets",
    "Rule": "assets",
    "Segment": "assets",
    "Sent": "delivery",
    "Subject": "gate",
    "Table": "tables",
    "Template": "assets",
    "Text": "assets",
    "approved": "assets",
    "await_decision": "gate",
    "campaign": "campaigns",
    "check_text": "writing",
    "check_variants": "checking",
    "conclude": "prompts",
    "deliver": "delivery",
    "describe_segment": "audience",
    "draft_variants": "drafting",
    "expect": "expecting",
    "expired_reviews": "escalation",
    "gather_ideas": "writing",
    "hold_on_fault": "holding",
    "invite": "writing",
    "new_question": "escalation",
    "next_in_line": "escalation",
    "offer": "gate",
    "open_campaign": "opening",
    "owner_warned": "escalation",
    "part": "assets",
    "picked": "texts",
    "policy_news": "escalation",
    "propose": "gate",
    "read_prompt": "prompts",
    "reminder": "escalation",
    "repair_variants": "repairing",
    "require_audience": "audience",
    "rounds": "opening",
    "send": "delivery",
    "split": "cells",
    "step": "steps",
    "tell": "escalation",
    "tell_systems": "escalation",
    "wait": "waiting",
    "waiting_reviews": "escalation",
    "what_became": "escalation",
}


def __getattr__(name: str) -> Any:
    if name not in _MODULE_OF:
        raise AttributeError(f"module {__name__!r} has no attribute {name!r}")
    return getattr(importlib.import_module(f"tasks.{_MODULE_OF[name]}"), name)
