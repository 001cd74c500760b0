"""A campaign's workflow as a value: its steps, gates and ends, who guards what, and what is wrong with it.

`tasks.mapping` works it out from the flow's own code; the command line prints it, the handbook draws it.
"""

from typing import Literal

from pydantic import Field

from presscheck.models import Frozen, RiskTier

NodeKind = Literal["start", "step", "gate", "delivery", "sent", "unsent"]
MOST_ROUNDS = 6
"""A gate that may be asked more often than this is one whose flow sets no end."""
_TIERS: tuple[RiskTier, ...] = ("low", "medium", "high", "critical")


class Asked(Frozen):
    """Who answers a gate at one tier. Where nobody may, `model` is empty and `who` says why."""

    tier: RiskTier | None = Field(description="None: no row of the tier table fits, which is a hold.")
    rows: tuple[str, ...] = Field(description="The rows of the tier table that may decide so.")
    model: str
    who: str


class FlowNode(Frozen):
    """One step, gate, delivery or end."""

    key: str
    kind: NodeKind
    title: str
    effects: tuple[str, ...] = ()
    rounds: int = Field(default=1, description="How often it came on the longest way.")
    tiers: tuple[RiskTier, ...] = Field(default=(), description="How much is at stake, lowest first; empty: nothing.")
    guarded_by: tuple[str, ...] = Field(
        default=(), description="Gates whose yes covers it wherever something goes out."
    )
    asked: tuple[Asked, ...] = Field(default=(), description="Of a gate: who answers, by tier.")


class FlowEdge(Frozen):
    """What comes next, and after which answers."""

    source: str
    target: str
    answers: tuple[str, ...] = ()


class Guarded(Frozen):
    """A high-risk point of the campaign policy: where it is decided, and which gates guard it."""

    point: str
    must: bool
    gates: tuple[str, ...] = Field(description="Empty: on some way nobody guards it.")


class FlowChart(Frozen):
    """The whole workflow, over every way in which people can answer."""

    flow: str
    title: str
    nodes: tuple[FlowNode, ...]
    edges: tuple[FlowEdge, ...]
    points: tuple[Guarded, ...]
    policy: str = Field(description="The campaign policy that names the points; empty where none does.")
    ways: int = Field(description="How many ways were walked.")
    faults: tuple[str, ...] = Field(description="Why it does not pass; empty: it passes.")
    remarks: tuple[str, ...] = ()

    @property
    def passes(self) -> bool:
        return not self.faults


def in_words(tiers: tuple[RiskTier, ...]) -> str:
    """`medium`, `low to critical`, or `none`."""
    found = [tier for tier in _TIERS if tier in tiers]
    if not found:
        return "none"
    return found[0] if len(found) == 1 else f"{found[0]} to {found[-1]}"


def rounds_in_words(rounds: int) -> str:
    """`up to 3 rounds`, or nothing for one."""
    if rounds <= 1:
        return ""
    return f"up to {rounds} rounds" if rounds <= MOST_ROUNDS else "round after round"


def who_answers(node: FlowNode) -> tuple[tuple[str, str], ...]:
    """Of a gate: tiers in words and who answers at them, tiers with the same answer together."""
    together: dict[str, list[RiskTier | None]] = {}
    for one in node.asked:
        together.setdefault(one.who, []).append(one.tier)
    return tuple((_listed(tiers), who) for who, tiers in together.items())


def _listed(tiers: list[RiskTier | None]) -> str:
    named = [tier or "no tier" for tier in tiers]
    return "every tier" if len(named) >= len(_TIERS) else " and ".join(named)
