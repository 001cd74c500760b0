"""What `presscheck policies check` and `presscheck policies schema` say: counts, faults, schemas."""

from collections.abc import Mapping
from dataclasses import dataclass, field
from datetime import date
from pathlib import Path
from typing import Any

from policies.engine.approval import ApprovalPolicy
from policies.engine.calendars import Calendar
from policies.engine.campaigns import CampaignPolicy
from policies.engine.delivery import DeliveryPolicy
from policies.engine.guardrail import Guardrail
from policies.engine.loading import KINDS, load_policies
from policies.engine.overlaps import overlaps
from policies.engine.policy_set import PolicySet
from policies.engine.prompt_file import FrontMatter
from policies.engine.rights_cases import RightCases
from policies.engine.tiers import TierTable
from policies.engine.usage import UsagePolicy
from presscheck.documents.document import schema_of
from presscheck.errors import Fault, PolicyError
from presscheck.models import Brief


@dataclass(frozen=True)
class PolicyReport:
    """How a policy folder fares; `faults` empty means that it loads and every case holds."""

    counts: Mapping[str, int] = field(default_factory=dict[str, int])
    """How many policies of each kind there are, and how many rights, prompts and cases."""
    digest: str = ""
    versions: Mapping[str, str] = field(default_factory=dict[str, str])
    faults: tuple[Fault, ...] = ()
    overlaps: tuple[str, ...] = ()
    """Policies that each load, and where they meet leave nobody who may decide, or say two things."""

    @property
    def holds(self) -> bool:
        return not self.faults


def check_policies(folder: Path | None = None, overlay: Path | None = None, *, on: date | None = None) -> PolicyReport:
    """Load a folder, and an overlay if there is one, and run every case; faults are returned, not raised.

    `on` is the day by which rules may be over.
    """
    faults: list[Fault] = []
    policies = PolicySet((), ())
    try:
        policies = load_policies(folder, overlay)
    except PolicyError as broken:
        faults.extend(broken.faults)
    return PolicyReport(
        counts={
            **{kind: len(getattr(policies, kind)) for kind in KINDS},
            "rights": len(policies.rights.rights),
            "prompts": len(policies.prompts),
            "cases": policies.cases,
        },
        digest=policies.digest if policies.policies else "",
        versions=policies.versions,
        faults=tuple(faults),
        overlaps=overlaps(policies, on),
    )


def schemas() -> dict[str, dict[str, Any]]:
    """JSON Schemas by the name of what they describe: brief, guardrail, approval, delivery, prompt (front matter)."""
    return {
        "brief": schema_of(Brief),
        "guardrail": schema_of(Guardrail),
        "approval": schema_of(ApprovalPolicy),
        "delivery": schema_of(DeliveryPolicy),
        "tiers": schema_of(TierTable),
        "calendar": schema_of(Calendar),
        "campaign": schema_of(CampaignPolicy),
        "usage": schema_of(UsagePolicy),
        "rights": schema_of(RightCases),
        "prompt": schema_of(FrontMatter),
    }
