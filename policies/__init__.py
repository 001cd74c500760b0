"""What is allowed: typed policies, pure verdicts, and the policies themselves as YAML with their cases.

Nothing here knows the time, a database or a network; `loading` alone opens files. A set that does
not load allows nothing, and a gate that no approval policy covers is refused.
"""

from policies.approval import ApprovalPolicy
from policies.checking import PolicyReport, check_policies, schemas
from policies.delivery import CameBack, DeliveryPolicy
from policies.guardrail import Guardrail
from policies.loading import load_policies, load_prompt, load_prompts, policy_files
from policies.policy import Policy
from policies.policy_set import PolicySet
from policies.verdicts import check_copy, check_texts, verdict

__all__ = [
    "ApprovalPolicy",
    "CameBack",
    "DeliveryPolicy",
    "Guardrail",
    "Policy",
    "PolicyReport",
    "PolicySet",
    "check_copy",
    "check_policies",
    "check_texts",
    "load_policies",
    "load_prompt",
    "load_prompts",
    "policy_files",
    "schemas",
    "verdict",
]
