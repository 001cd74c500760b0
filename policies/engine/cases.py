"""Runs every policy's own cases: a policy that does not do what its cases say does not load."""

from collections.abc import Iterator

from policies.engine.approval import ApprovalPolicy
from policies.engine.calendars import Calendar
from policies.engine.campaigns import CampaignPolicy
from policies.engine.delivery import DeliveryPolicy
from policies.engine.guardrail import Guardrail
from policies.engine.tiers import TierTable
from policies.engine.usage import UsagePolicy
from policies.engine.using import failing_uses
from policies.engine.verdicts import fires_on


def failing_cases(
    policy: Guardrail | ApprovalPolicy | DeliveryPolicy | TierTable | Calendar | CampaignPolicy | UsagePolicy,
) -> Iterator[tuple[int, str]]:
    """The index of each case that does not hold, with what happened instead."""
    if isinstance(policy, Guardrail):
        for at, (case, fires) in enumerate(zip(policy.cases, fires_on(policy, policy.cases), strict=True)):
            if fires != case.fires:
                yield (
                    at,
                    (
                        "should fire and does not; mend the match or the case"
                        if case.fires
                        else "fires and should not; narrow the match or mend the case"
                    ),
                )
        return
    if isinstance(policy, DeliveryPolicy):
        for at, case in enumerate(policy.cases):
            if (policy.excess(case.when) is not None) != case.stops:
                yield (
                    at,
                    (
                        "should stop and does not; lower a bound or mend the case"
                        if case.stops
                        else "stops and should not; raise a bound or mend the case"
                    ),
                )
        return
    if isinstance(policy, UsagePolicy):
        yield from failing_uses(policy)
        return
    if isinstance(policy, TierTable | Calendar | CampaignPolicy):
        yield from policy.failing()
        return
    for at, case in enumerate(policy.cases):
        when = case.when
        if policy.scope.reaches(when.gate, when.channel, when.markets, when.tier, when.kinds) != case.applies:
            yield (
                at,
                (
                    "should apply and does not; widen the scope or mend the case"
                    if case.applies
                    else "applies and should not; narrow the scope or mend the case"
                ),
            )
