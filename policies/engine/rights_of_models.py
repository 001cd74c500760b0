"""Whether the roles that an approval model asks for could ever count: a seat for a role without the right stays empty.

    for place, message in without_right(model, policies.rights): ...

Asked at the easiest question within the model's scope, so that a fault here means: never, whatever is at stake.
"""

from collections.abc import Iterator
from itertools import product
from typing import get_args

from policies.engine.approval import ApprovalPolicy
from policies.engine.rights import Action, Asking, Matter, Rights, approval_of, in_words
from presscheck.models import KINDS, AssetKind, Channel, Collaboration, RiskTier, Role

Place = tuple[str | int, ...]


def without_right(model: ApprovalPolicy, rights: Rights) -> Iterator[tuple[Place, str]]:
    """The place of each role that no right ever lets do what the model asks of it, with what to do."""
    approving = _approving(model)
    for role, place in _named(model):
        rejecting = "veto" in place
        asked: list[tuple[Action, AssetKind]] = [
            ("reject", kind) if rejecting else (action, kind) for action, kind in approving
        ]
        if not any(_ever(model, role, action, kind, rights) for action, kind in asked):
            what = "reject" if rejecting else "write" if model.asks == "writing" else "approve"
            yield (
                place,
                f"no right ever lets {in_words(role)} {what} here, so its word would never count; take it out, or "
                "permit it in policies/rights/",
            )


def _named(model: ApprovalPolicy) -> Iterator[tuple[Role, Place]]:
    """Every role that a model names, with its place in the file."""
    if model.role is not None:
        yield model.role, ("role",)
        return
    for at, stage in enumerate(model.stages):
        for number, need in enumerate(stage.needs):
            how = "any_of" if need.any_of else "all_of"
            for one, role in enumerate(need.roles):
                yield role, ("stages", at, "needs", number, how, one)
        if stage.escalate is not None:
            yield stage.escalate.to, ("stages", at, "escalate", "to")
        for one, role in enumerate(stage.veto):
            yield role, ("stages", at, "veto", one)


def _approving(model: ApprovalPolicy) -> list[tuple[Action, AssetKind]]:
    """What a yes under a model means, by kind of asset."""
    if model.asks == "writing":
        return [("write", "material")]
    kinds = (
        [kind for kind in KINDS if kind not in ("brief", "material")]
        if model.scope.kinds == "all"
        else [kind for kind in model.scope.kinds if kind != "material"]
    )
    return [(approval_of(kind), kind) for kind in kinds]


def _ever(model: ApprovalPolicy, role: Role, action: Action, kind: AssetKind, rights: Rights) -> bool:
    """Whether the role may for some tier, gate and channel of the scope, to nobody and for nothing."""
    scope = model.scope
    tiers = get_args(RiskTier) if scope.tiers == "all" else scope.tiers
    gates = ("copy", *(case.when.gate for case in model.cases)) if scope.gates == "all" else scope.gates
    channels: tuple[Channel, ...] = get_args(Channel) if scope.channels == "all" else scope.channels
    markets = ("US",) if scope.markets == "all" else scope.markets[:1]
    return any(
        rights.decide(
            Asking(
                action=action, person="somebody", role=role, markets="all", fresh=True,
                matter=Matter(tier=tier, gate=gate, channel=channel, kinds=(kind,), reach=0, markets=markets,
                              collaboration=collaboration),
            )
        ).allowed
        for tier, gate, channel, collaboration in product(
            tiers, dict.fromkeys(gates), channels, get_args(Collaboration)
        )
    )  # fmt: skip
