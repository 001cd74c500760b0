"""What is allowed: typed policies, pure verdicts, and the policies themselves as YAML with their cases.

Nothing here knows the time, a database or a network; `engine.texts` alone opens files. A set that does
not load allows nothing, and a gate that no approval policy covers is refused.
"""

from policies.engine.alike import Approved, check_set, check_texts_as_set
from policies.engine.approval import ApprovalPolicy
from policies.engine.calendars import Calendar
from policies.engine.campaigns import CampaignPolicy
from policies.engine.changes import Change, changes
from policies.engine.checking import PolicyReport, check_policies, schemas
from policies.engine.delivery import CameBack, DeliveryPolicy
from policies.engine.differences import differences, weakenings, weakenings_in
from policies.engine.guardrail import Guardrail
from policies.engine.loading import load_policies, load_prompt, load_prompts, policies_of, read_texts
from policies.engine.policy import Policy
from policies.engine.policy_set import PolicySet, Ruling
from policies.engine.replacing import Mended, replaced
from policies.engine.rights import Answer, Asking, Matter, Rights
from policies.engine.standing import Held, Standing, Voice, standing_of
from policies.engine.texts import PolicyTexts
from policies.engine.tiers import Facts, TierTable
from policies.engine.usage import UsagePolicy
from policies.engine.verdicts import allowances, check_copy, check_parts, check_texts, in_order, mended_copy, verdict

__all__ = [
    "Answer",
    "ApprovalPolicy",
    "Approved",
    "Asking",
    "Calendar",
    "CameBack",
    "CampaignPolicy",
    "Change",
    "DeliveryPolicy",
    "Facts",
    "Guardrail",
    "Held",
    "Matter",
    "Mended",
    "Policy",
    "PolicyReport",
    "PolicySet",
    "PolicyTexts",
    "Rights",
    "Ruling",
    "Standing",
    "TierTable",
    "UsagePolicy",
    "Voice",
    "allowances",
    "changes",
    "check_copy",
    "check_parts",
    "check_policies",
    "check_set",
    "check_texts",
    "check_texts_as_set",
    "differences",
    "in_order",
    "load_policies",
    "load_prompt",
    "load_prompts",
    "mended_copy",
    "policies_of",
    "read_texts",
    "replaced",
    "schemas",
    "standing_of",
    "verdict",
    "weakenings",
    "weakenings_in",
]
