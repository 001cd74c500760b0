"""What is allowed: typed policies, pure verdicts, and the policies themselves as YAML with their cases.

Nothing here knows the time, a database or a network; `texts` alone opens files. A set that does
not load allows nothing, and a gate that no approval policy covers is refused.
"""

from policies.approval import ApprovalPolicy
from policies.calendars import Calendar
from policies.campaigns import CampaignPolicy
from policies.changes import Change, changes
from policies.checking import PolicyReport, check_policies, schemas
from policies.delivery import CameBack, DeliveryPolicy
from policies.guardrail import Guardrail
from policies.loading import load_policies, load_prompt, load_prompts, policies_of, policy_files, read_texts
from policies.policy import Policy
from policies.policy_set import PolicySet, Ruling
from policies.rights import Answer, Asking, Matter, Rights
from policies.standing import Held, Standing, Voice, standing_of
from policies.texts import PolicyTexts
from policies.tiers import Facts, TierTable
from policies.verdicts import allowances, check_copy, check_texts, verdict

__all__ = [
    "Answer",
    "ApprovalPolicy",
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
    "Policy",
    "PolicyReport",
    "PolicySet",
    "PolicyTexts",
    "Rights",
    "Ruling",
    "Standing",
    "TierTable",
    "Voice",
    "allowances",
    "changes",
    "check_copy",
    "check_policies",
    "check_texts",
    "load_policies",
    "load_prompt",
    "load_prompts",
    "policies_of",
    "policy_files",
    "read_texts",
    "schemas",
    "standing_of",
    "verdict",
]
