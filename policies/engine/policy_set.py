"""All policies that hold, as one immutable value: what is in scope, and who may approve."""

from collections.abc import Iterable
from dataclasses import dataclass, field, replace
from functools import cached_property

from policies.engine.approval import TEXTS, ApprovalPolicy
from policies.engine.calendars import Calendar
from policies.engine.campaigns import CampaignPolicy, Need
from policies.engine.delivery import DeliveryPolicy
from policies.engine.guardrail import Guardrail
from policies.engine.packs import PackInForce
from policies.engine.policy import Policy
from policies.engine.prompt_file import PromptFile
from policies.engine.rights import Rights
from policies.engine.rule_overlay import Reason
from policies.engine.tiers import Facts, TierRow, TierTable
from policies.engine.usage import UsagePolicy
from presscheck.digests import digest_of
from presscheck.errors import PolicyError
from presscheck.models import AssetKind, Channel, Digest, Prompt, Refused, RiskTier

_MOST_SCOPES = 500


@dataclass(frozen=True)
class Ruling:
    """How much is at stake by which row, and the model that says who decides then."""

    row: TierRow
    model: ApprovalPolicy
    calendar: Calendar | None


@dataclass(frozen=True, eq=False, repr=False)
class PolicySet:
    """Policies of each kind in the order of their ids; equal when their versions are."""

    guardrails: tuple[Guardrail, ...]
    approvals: tuple[ApprovalPolicy, ...]
    deliveries: tuple[DeliveryPolicy, ...] = ()
    tiers: tuple[TierTable, ...] = ()
    calendars: tuple[Calendar, ...] = ()
    rights: Rights = field(default_factory=Rights)
    campaigns: tuple[CampaignPolicy, ...] = ()
    usage: tuple[UsagePolicy, ...] = ()
    prompts: tuple[PromptFile, ...] = ()
    packs: tuple[PackInForce, ...] = ()
    below: tuple[Guardrail, ...] = ()
    """The guardrails as they are shipped, before an overlay changed any of them."""
    reasons: tuple[Reason, ...] = ()
    """Why an overlay changed rules and packs."""

    @property
    def policies(self) -> tuple[Policy, ...]:
        """Every policy that is a file of its own, whatever its kind."""
        return self._typed

    @property
    def cases(self) -> int:
        """How many cases they carry."""
        return sum(len(policy.cases) for policy in self._typed) + self.rights.cases

    @property
    def _typed(
        self,
    ) -> tuple[Guardrail | ApprovalPolicy | DeliveryPolicy | TierTable | Calendar | CampaignPolicy | UsagePolicy, ...]:
        outward = (*self.guardrails, *self.approvals, *self.deliveries)
        return (*outward, *self.tiers, *self.calendars, *self.campaigns, *self.usage)

    @cached_property
    def versions(self) -> dict[str, Digest]:
        """Every policy's id and version; of rights, each file's."""
        return {policy.id: policy.version for policy in self.policies} | self.rights.versions

    @cached_property
    def digest(self) -> Digest:
        """One digest for the whole set, its prompts included."""
        return digest_of(self.versions | {prompt.id: prompt.digest for prompt in self.prompts})

    @property
    def families(self) -> list[str]:
        """The first parts of the guardrails' ids, such as pii and pressure."""
        return sorted({rule.id.partition(".")[0] for rule in self.guardrails})

    def narrowed(self, name: str) -> "PolicySet":
        """The same with the guardrails of one pack, family or id alone; `default` is every one that is in force."""
        of_pack = {id_ for pack in self.packs if pack.pack.pack == name for id_ in pack.rules}

        def named(rules: Iterable[Guardrail]) -> tuple[Guardrail, ...]:
            return tuple(
                rule
                for rule in rules
                if name in ("default", rule.id) or rule.id in of_pack or rule.id.startswith(f"{name}.")
            )

        return replace(self, guardrails=named(self.guardrails), below=named(self.below))

    def prompt(self, id: str) -> Prompt:
        """The prompt of this id, such as `prompts.email-variants`. PolicyError names those that there are."""
        for found in self.prompts:
            if found.id == id:
                return found.prompt
        known = ", ".join(found.id for found in self.prompts) or "none"
        raise PolicyError(f"the policies in force hold no prompt {id[:80]!r}; there are: {known}")

    def __eq__(self, other: object) -> bool:
        return isinstance(other, PolicySet) and self.digest == other.digest

    def __hash__(self) -> int:
        return hash(self.digest)

    def __repr__(self) -> str:
        return f"PolicySet({len(self.guardrails)} guardrails, {len(self.approvals)} approvals, {self.digest[:12]})"

    def in_scope(
        self,
        *,
        channel: Channel,
        markets: Iterable[str],
        gate: str,
        kinds: Iterable[AssetKind] = ("copy",),
        flow: str = "",
    ) -> dict[str, Digest]:
        """Every policy that is evaluated for such a campaign, fired or not: id to version, sorted by id.

        A guardrail of any one of the markets is evaluated; an approval policy counts where it covers them all, because
        only then may it decide. The policy of the campaign's `flow` counts where it says which gates must have been
        passed.
        """
        asked, about = tuple(markets), tuple(kinds)
        key = (channel, asked, gate, about, flow)
        found = self._scopes.get(key)
        if found is None:
            if len(self._scopes) >= _MOST_SCOPES:
                self._scopes.clear()
            found = self._scopes[key] = self._in_scope(channel, asked, gate, about, flow)
        return dict(found)

    @cached_property
    def _scopes(self) -> dict[tuple[object, ...], dict[str, Digest]]:
        # The same few campaigns are asked about again for every line of an inbox.
        return {}

    def _in_scope(
        self, channel: Channel, asked: tuple[str, ...], gate: str, about: tuple[AssetKind, ...], flow: str
    ) -> dict[str, Digest]:
        ids = [rule.id for rule in self.guardrails if asked and rule.scope.reaches(channel, asked, about)]
        # Of every tier and kind: a change of facts must find that nothing else changed.
        models = [policy for policy in self.approvals if policy.scope.reaches(gate, channel, asked, kinds=None)]
        ids += [policy.id for policy in models]
        ids += [table.id for table in self.tiers if asked]
        ids += [calendar.id for calendar in self.calendars if calendar.id in {model.calendar for model in models}]
        ids += [policy.id for policy in self.deliveries_for(channel, asked)]
        ids += [policy.id for policy in self._campaigns_for(flow) if policy.needs and asked]
        # Any right may speak of any question, so a change of any of them is a change here.
        ids += self.rights.versions if asked else ()
        return {id_: self.versions[id_] for id_ in sorted(ids)}

    def deliveries_for(self, channel: Channel, markets: Iterable[str]) -> tuple[DeliveryPolicy, ...]:
        """The delivery policies that hold for a channel in at least one of the markets."""
        asked = tuple(markets)
        return tuple(policy for policy in self.deliveries if policy.scope.reaches(channel, asked))

    def campaign_for(self, flow: str) -> CampaignPolicy | Refused:
        """The campaign policy that holds for a flow: one that names it, or else the one for all."""
        found = self._campaigns_for(flow)
        if len(found) == 1:
            return found[0]
        said = ", ".join(policy.id for policy in found) or "none"
        return Refused(
            code="no-campaign-policy" if not found else "ambiguous-campaign-policy",
            reason=f"One campaign policy says where the risk of {flow} is high, and there are {len(found)} ({said}); "
            "leave one in policies/campaigns/.",
        )

    def needs_of(self, flow: str) -> tuple[Need, ...]:
        """Every gate that must have been passed in a flow's runs; of several policies that speak of it, all of them."""
        return tuple(need for policy in self._campaigns_for(flow) for need in policy.needs)

    def _campaigns_for(self, flow: str) -> list[CampaignPolicy]:
        named = [policy for policy in self.campaigns if policy.flows != "all" and flow in policy.flows]
        return named or [policy for policy in self.campaigns if policy.flows == "all"]

    def ruling(self, facts: Facts) -> Ruling | Refused:
        """The tier and the model that decide in a situation; Refused where no row or no single model does."""
        row = self.row_for(facts)
        if isinstance(row, Refused):
            return row
        model = self.approval_for(
            gate=facts.gate, channel=facts.channel, markets=facts.markets, tier=row.tier, kinds=facts.kinds
        )
        return model if isinstance(model, Refused) else Ruling(row, model, self.calendar_of(model))

    def calendar_of(self, model: ApprovalPolicy) -> Calendar | None:
        """The calendar whose working time a model counts; that there is one is checked when policies load."""
        return next((calendar for calendar in self.calendars if calendar.id == model.calendar), None)

    def row_for(self, facts: Facts) -> TierRow | Refused:
        """The row that says how much is at stake; Refused where none fits, or where there is no one table."""
        if len(self.tiers) != 1:
            said = ", ".join(table.id for table in self.tiers) or "none"
            return Refused(
                code="no-tier",
                reason=f"One tier table says how much is at stake, and there are {len(self.tiers)} ({said}); leave one "
                "in policies/tiers/. Nothing goes out until then.",
            )
        row = self.tiers[0].row_for(facts)
        if row is not None:
            return row
        reach = "everybody" if facts.reach is None else f"{facts.reach:,} recipients"
        return Refused(
            code="no-tier",
            reason=f"No row of {self.tiers[0].id} fits gate {facts.gate}, {facts.channel} to {reach} in "
            f"{', '.join(facts.markets)}, {facts.spend:,} dollars, {facts.collaboration}, worst finding "
            f"{facts.worst_finding}{', first use of a model or prompt' if facts.first_use else ''}, so it is held. "
            "Add a row that says how much is at stake.",
        )

    def approval_for(
        self,
        *,
        gate: str,
        channel: Channel,
        markets: Iterable[str],
        tier: RiskTier | None = None,
        kinds: Iterable[str] = ("copy",),
    ) -> ApprovalPolicy | Refused:
        """The one model that says who decides; Refused where none does, or more than one."""
        asked, about = tuple(markets), tuple(kinds)
        found = [policy for policy in self.approvals if policy.scope.reaches(gate, channel, asked, tier, about)]
        if len(found) == 1:
            return found[0]
        situation = f"gate {gate}, channel {channel}, markets {', '.join(asked) or 'none'}"
        situation += f", tier {tier}" if tier else ""
        named = "" if set(about) <= set(TEXTS) else ", ".join(about)
        if named:
            situation += f", of {named}"
        if not found:
            return Refused(
                code="no-policy",
                reason=f"No approval policy covers {situation} together, so nothing may go out. Write one: "
                f"policies/approvals/NAME.yaml with scope: {{gates: [{gate}], channels: [{channel}], "
                f"markets: [{', '.join(asked)}]{f', kinds: [{named}]' if named else ''}}}.",
            )
        return Refused(
            code="ambiguous-policy",
            reason=f"{len(found)} approval policies cover {situation}: {', '.join(policy.id for policy in found)}. "
            "Narrow their scopes until one is left; nothing goes out until then.",
        )
