"""What is allowed: typed policies, pure verdicts, and the policies themselves as YAML with their cases.

Nothing here knows the time, a database or a network; `loading` alone opens files. A set that does
not load allows nothing, and a gate that no approval policy covers is refused.
"""

from policies.approval import ApprovalPolicy
from policies.calendars import Calendar
from policies.campaigns import CampaignPolicy
from policies.checking import PolicyReport, check_policies, schemas
from policies.delivery import CameBack, DeliveryPolicy
from policies.guardrail import Guardrail
from policies.loading import load_policies, load_prompt, load_prompts, policy_files
from policies.policy import Policy
from policies.policy_set import PolicySet, Ruling
from policies.rights import Answer, Asking, Matter, Rights
from policies.standing import Held, Standing, Voice, standing_of
from policies.tiers import Facts, TierTable
from policies.verdicts import allowances, check_copy, check_texts, verdict

__all__ = [
    "Answer",
    "ApprovalPolicy",
    "Asking",
    "Calendar",
    "CameBack",
    "CampaignPolicy",
    "DeliveryPolicy",
    "Facts",
    "Guardrail",
    "Held",
    "Matter",
    "Policy",
    "PolicyReport",
    "PolicySet",
    "Rights",
    "Ruling",
    "Standing",
    "TierTable",
    "Voice",
    "allowances",
    "check_copy",
    "check_policies",
    "check_texts",
    "load_policies",
    "load_prompt",
    "load_prompts",
    "policy_files",
    "schemas",
    "standing_of",
    "verdict",
]
