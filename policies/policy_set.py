"""All policies that hold, as one immutable value: what is in scope, and who may approve."""

from collections.abc import Iterable
from dataclasses import dataclass
from functools import cached_property

from policies.approval import ApprovalPolicy
from policies.delivery import DeliveryPolicy
from policies.guardrail import Guardrail
from presscheck.digests import digest_of
from presscheck.models import Channel, Digest, Refused

__all__ = ["PolicySet"]


@dataclass(frozen=True, eq=False, repr=False)
class PolicySet:
    """Policies of each kind in the order of their ids; equal when their versions are."""

    guardrails: tuple[Guardrail, ...]
    approvals: tuple[ApprovalPolicy, ...]
    deliveries: tuple[DeliveryPolicy, ...] = ()

    @cached_property
    def versions(self) -> dict[str, Digest]:
        """Every policy's id and version."""
        return {policy.id: policy.version for policy in (*self.guardrails, *self.approvals, *self.deliveries)}

    @cached_property
    def digest(self) -> Digest:
        """One digest for the whole set."""
        return digest_of(self.versions)

    def __eq__(self, other: object) -> bool:
        return isinstance(other, PolicySet) and self.digest == other.digest

    def __hash__(self) -> int:
        return hash(self.digest)

    def __repr__(self) -> str:
        return f"PolicySet({len(self.guardrails)} guardrails, {len(self.approvals)} approvals, {self.digest[:12]})"

    def in_scope(self, *, channel: Channel, markets: Iterable[str], gate: str) -> dict[str, Digest]:
        """Every policy that is evaluated for such a campaign, fired or not: id to version, sorted by id.

        A guardrail of any one of the markets is evaluated; an approval policy counts where it covers
        them all, because only then may it decide.
        """
        asked = tuple(markets)
        ids = [rule.id for rule in self.guardrails if rule.scope.reaches(channel, asked)]
        ids += [policy.id for policy in self.approvals if policy.scope.reaches(gate, channel, asked)]
        ids += [policy.id for policy in self.deliveries_for(channel, asked)]
        return {id_: self.versions[id_] for id_ in sorted(ids)}

    def guardrails_for(self, channel: Channel, markets: Iterable[str]) -> tuple[Guardrail, ...]:
        """The guardrails that hold for a channel in at least one of the markets."""
        asked = tuple(markets)
        return tuple(rule for rule in self.guardrails if rule.scope.reaches(channel, asked))

    def deliveries_for(self, channel: Channel, markets: Iterable[str]) -> tuple[DeliveryPolicy, ...]:
        """The delivery policies that hold for a channel in at least one of the markets."""
        asked = tuple(markets)
        return tuple(policy for policy in self.deliveries if policy.scope.reaches(channel, asked))

    def approval_for(self, *, gate: str, channel: Channel, markets: Iterable[str]) -> ApprovalPolicy | Refused:
        """The one policy that says who decides; Refused where none does, or more than one."""
        asked = tuple(markets)
        found = [policy for policy in self.approvals if policy.scope.reaches(gate, channel, asked)]
        if len(found) == 1:
            return found[0]
        situation = f"gate {gate}, channel {channel}, markets {', '.join(asked) or 'none'}"
        if not found:
            return Refused(
                code="no-policy",
                reason=f"No approval policy covers {situation} together, so nothing may go out. Write one: "
                f"policies/approvals/NAME.yaml with scope: {{gates: [{gate}], channels: [{channel}], "
                f"markets: [{', '.join(asked)}]}}.",
            )
        return Refused(
            code="ambiguous-policy",
            reason=f"{len(found)} approval policies cover {situation}: {', '.join(policy.id for policy in found)}. "
            "Narrow their scopes until one is left; nothing goes out until then.",
        )
