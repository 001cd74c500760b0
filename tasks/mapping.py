"""The map of a campaign: its flow walked in every way, put together, and held against the policies.

    chart = map_flow(product_launch, load_policies())
    chart.passes, chart.faults

It finds mistakes in a flow's code before anything runs. It is no lock: the press signs a permit only
for what people approved, whatever a flow does.
"""

from collections.abc import Callable, Iterable, Iterator, Sequence
from datetime import date
from functools import lru_cache
from typing import Any, get_args

from prefect import Flow

from policies import ApprovalPolicy, CampaignPolicy, PolicySet
from policies.engine.situations import situations
from presscheck.documents.sentences import listed
from presscheck.handbook.chart import Asked, FlowChart, FlowEdge, FlowNode, Guarded
from presscheck.models import Brief, CallToAction, Channel, Collaboration, OutcomeStatus, Refused, RiskTier, Sender
from tasks.delivery import deliver
from tasks.walking import Publication, Visit, Walk, walks

_TIERS: tuple[RiskTier, ...] = get_args(RiskTier)
_WORDS = {
    OutcomeStatus.APPROVED: "approved",
    OutcomeStatus.WRITTEN: "written",
    OutcomeStatus.CHANGES: "changes wanted",
    OutcomeStatus.REJECTED: "rejected",
    OutcomeStatus.EXPIRED: "expired",
    OutcomeStatus.WITHDRAWN: "withdrawn",
}
# What `deliver` hands to the press is always all of this, whatever steps came before.
_DELIVERED = ("makes", "changes", "targets")


def map_flow(
    flow: "Flow[..., Any]", policies: PolicySet, *, brief: Brief | None = None, recipients: int | None = None
) -> FlowChart:
    """The chart of a flow. Without a brief, of every channel and collaboration; nothing is raised for faults."""
    found = list(ways_of(flow, brief=brief))
    kinds = policies.campaign_for(flow.name)
    faults = [fault for walk in found for fault in walk.faults]
    points: list[Guarded] = []
    outgoing = [walk for walk in found if walk.publications]
    if outgoing and isinstance(kinds, Refused):
        faults.append(kinds.reason)
    elif outgoing and isinstance(kinds, CampaignPolicy):
        faults += _unmet(outgoing, kinds)
        points = _points(outgoing, kinds)
        faults += kinds.lacks([one.point for one in points], [one.point for one in points if one.gates])
    about: dict[str, tuple[str, ...]] = {}
    for visit in (visit for walk in found for visit in walk.visits if visit.kind == "gate"):
        known = about.setdefault(visit.name, visit.kinds)
        if set(known) != set(visit.kinds):
            told = f"{listed(known)} and about {listed(visit.kinds)}"
            faults.append(f"{visit.name}: is asked about {told}; give each a gate of its own")
    asked = {gate: _asked(policies, gate, kinds_, brief, recipients) for gate, kinds_ in about.items()}
    remarks = list(dict.fromkeys(remark for walk in found for remark in walk.remarks))
    if not outgoing and not remarks:
        remarks.append("nothing goes out and nothing is spent on any way")
    return FlowChart(
        flow=flow.name,
        title=_title(flow),
        nodes=_nodes(found, asked, lambda: _tiers(_asked(policies, "unguarded", ("copy",), brief, recipients))),
        edges=_edges(found),
        points=tuple(points),
        policy="" if isinstance(kinds, Refused) else kinds.id,
        ways=len(found),
        faults=tuple(dict.fromkeys(faults)),
        remarks=tuple(remarks),
    )


def ways_of(flow: "Flow[..., Any]", *, brief: Brief | None = None, detours: int | None = None) -> Iterator[Walk]:
    """A flow's ways; with `detours` only those on which at most so many answers are others than the first possible."""
    briefs = [brief] if brief is not None else _any_briefs()
    code = getattr(_innermost(flow), "__code__", None)
    file = "" if code is None else str(code.co_filename)
    sends = _names_deliver(flow)
    return walks(flow.fn, briefs if sends else briefs[:1], flow=flow.name, file=file, sends=sends, detours=detours)


def _any_briefs() -> list[Brief]:
    """A brief for each channel and for each collaboration, with money to spend on media."""
    channels: tuple[Channel, ...] = get_args(Channel)
    collaborations: tuple[Collaboration, ...] = get_args(Collaboration)
    link = CallToAction(label="See more", url="https://brand.example/")
    sender = Sender(name="Brand", address="news@brand.example", postal_address="1 Mill Lane, Leeds")
    return [
        Brief(
            id="any-brief",
            title="Any brief",
            collaboration=collaboration,
            author="somebody@brand.example",
            product="any",
            offer="Anything.",
            persona="Anybody",
            tone="plain",
            channel=channel,
            markets=("US",),
            deadline=date(2199, 12, 31),
            spend_dollars=1,
            call_to_action=link,
            sender=sender,
        )
        for channel in channels
        for collaboration in collaborations
        # Not each of the one with each of the other: every brief is walked with in every way, and a flow that
        # tells both apart at once is rare.
        if channel == channels[0] or collaboration == "producer"
    ]


def _innermost(flow: "Flow[..., Any]") -> Any:
    """The function that somebody wrote: decorators wrap it in others."""
    body: Any = flow.fn
    while hasattr(body, "__wrapped__"):
        body = body.__wrapped__
    return body


def _names_deliver(flow: "Flow[..., Any]") -> bool:
    """Whether the flow's file holds anything that can hand over for delivery, so that it is no mere duty."""
    known = getattr(_innermost(flow), "__globals__", {"unknown": deliver})
    return any(value is deliver or getattr(value, "deliver", None) is deliver for value in known.values())


def _title(flow: "Flow[..., Any]") -> str:
    told = (flow.description or flow.name).strip().splitlines()
    return told[0] if told else flow.name


# ---------------------------------------------------------------- what guards what


def _covered(walk: Walk, publication: Publication) -> frozenset[int]:
    """What the yes behind a publication covers, itself included; nothing where there is no yes."""
    return frozenset() if publication.gate is None else publication.covers | {publication.at}


def _points(outgoing: Sequence[Walk], kinds: CampaignPolicy) -> list[Guarded]:
    """The policy's points that are there, each with the gates that guard it on every way; none if one way lacks it."""
    found: list[Guarded] = []
    for point in kinds.points:
        here: list[set[str]] = []
        for walk in outgoing:
            for publication in walk.publications:
                visit = walk.visits[publication.at]
                implied = _DELIVERED if visit.kind == "delivery" and point.steps == "all" else ()
                deciding = {
                    at
                    for at, one in enumerate(walk.visits[: publication.at + 1])
                    if one.effects and at not in _others(walk, publication) and point.is_at(one.name, one.effects)
                }
                if not deciding and not point.is_at("", implied):
                    continue
                gate = publication.gate
                guarded = gate is not None and bool(deciding & _covered(walk, publication))
                here.append({walk.visits[gate].name} if guarded and gate is not None else set())
        if here:
            gates = sorted(set().union(*here)) if all(here) else []
            found.append(Guarded(point=point.point, must=point.must, gates=tuple(gates)))
    return found


def _others(walk: Walk, publication: Publication) -> set[int]:
    """What goes out or is spent besides: each under a yes of its own, which guards nothing else."""
    return {one.at for one in walk.publications} - {publication.at}


def _guards(found: Sequence[Walk]) -> dict[str, tuple[str, ...]]:
    """By node: the gates whose yes covers it on every way on which it is followed by something that goes out."""
    on_ways: dict[str, list[set[str]]] = {}
    for walk in found:
        for publication in walk.publications:
            covered = _covered(walk, publication)
            before = [
                one for at, one in enumerate(walk.visits[: publication.at + 1]) if at not in _others(walk, publication)
            ]
            keys = {visit.key for visit in before if visit.kind in ("step", "delivery")}
            for key in keys:
                covers = any(walk.visits[at].key == key for at in covered)
                gate = {walk.visits[publication.gate].name} if covers and publication.gate is not None else set[str]()
                on_ways.setdefault(key, []).append(gate)
    return {key: tuple(sorted(set().union(*gates))) if all(gates) else () for key, gates in on_ways.items()}


def _unmet(outgoing: Sequence[Walk], policy: CampaignPolicy) -> list[str]:
    """What a campaign's policy wants passed before something goes out, and on some way is not."""
    found: list[str] = []
    for walk in outgoing:
        for publication in walk.publications:
            visit = walk.visits[publication.at]
            passed = [one for one in walk.visits[: publication.at] if one.answer is OutcomeStatus.APPROVED]
            found += [
                f"{visit.name}: {policy.id} wants {need.said()} before its {need.before}, and on some way there is "
                f"none. {need.why}"
                for need in policy.needs
                if need.before == _before(visit)
                and not any(one.name == need.gate and set(need.kinds) <= set(one.kinds) for one in passed)
            ]
    return found


def _before(visit: Visit) -> str:
    """What a campaign's policy calls this."""
    if visit.kind == "delivery":
        return "delivery"
    return "spending" if "spends" in visit.effects else "publishing"


def _asked(
    policies: PolicySet, gate: str, kinds: tuple[str, ...], brief: Brief | None, recipients: int | None
) -> tuple[Asked, ...]:
    """Who answers a gate, a line for each tier and model, gravest last."""
    # Frozen pydantic models hash by content; pyright does not know.
    return _worked_out(policies, gate, kinds, brief, recipients)  # pyright: ignore[reportArgumentType]


@lru_cache(maxsize=64)
def _worked_out(
    policies: PolicySet, gate: str, kinds: tuple[str, ...], brief: Brief | None, recipients: int | None
) -> tuple[Asked, ...]:
    rows: dict[tuple[RiskTier | None, str, str], dict[str, None]] = {}
    told = {model.id: _who(model) for model in policies.approvals}
    for one in situations(policies, gate, kinds=kinds, brief=brief, recipients=recipients):
        model = "" if one.model is None else one.model.id
        rows.setdefault((one.tier, model, told.get(model, "nobody may, so it is held")), {})[one.row] = None
    order: list[RiskTier | None] = [*_TIERS, None]
    return tuple(
        Asked(tier=tier, rows=tuple(decided), model=model, who=who)
        for (tier, model, who), decided in sorted(rows.items(), key=lambda item: (order.index(item[0][0]), item[0][1]))
    )


def _who(model: ApprovalPolicy) -> str:
    if model.automatic is None:
        return model.asks_for()
    return f"{model.asks_for()}, of {model.automatic.share}; the rest under a rule that somebody signed"


def _tiers(asked: Iterable[Asked]) -> tuple[RiskTier, ...]:
    held = {one.tier for one in asked}
    return tuple(tier for tier in _TIERS if tier in held)


# ---------------------------------------------------------------- the picture


def _nodes(
    found: Sequence[Walk], asked: dict[str, tuple[Asked, ...]], unguarded: Callable[[], tuple[RiskTier, ...]]
) -> tuple[FlowNode, ...]:
    first: dict[str, Visit] = {}
    effects: dict[str, dict[str, None]] = {}
    rounds: dict[str, int] = {}
    for walk in found:
        times: dict[str, int] = {}
        for visit in walk.visits:
            first.setdefault(visit.key, visit)
            effects.setdefault(visit.key, {}).update(dict.fromkeys(visit.effects))
            times[visit.key] = times.get(visit.key, 0) + 1
        for key, count in times.items():
            rounds[key] = max(rounds.get(key, 1), count)
    guards = _guards(found)
    nodes: list[FlowNode] = []
    for key, visit in first.items():
        gates = guards.get(key, ())
        at_stake: set[RiskTier] = set()
        if visit.kind == "gate":
            at_stake = set(_tiers(asked[visit.name]))
        elif visit.effects:
            at_stake = {tier for gate in gates for tier in _tiers(asked[gate])} if gates else set(unguarded())
        nodes.append(
            FlowNode(
                key=key,
                kind=visit.kind,
                title=visit.title,
                effects=tuple(effects[key]),
                rounds=rounds[key],
                tiers=tuple(tier for tier in _TIERS if tier in at_stake),
                guarded_by=gates,
                asked=asked[visit.name] if visit.kind == "gate" else (),
            )
        )
    return tuple(sorted(nodes, key=lambda node: node.kind in ("sent", "unsent")))


def _edges(found: Sequence[Walk]) -> tuple[FlowEdge, ...]:
    answers: dict[tuple[str, str], dict[str, None]] = {}
    for walk in found:
        asked_before: dict[str, int] = {}
        for one, after in zip(walk.visits, walk.visits[1:], strict=False):
            told = answers.setdefault((one.key, after.key), {})
            if one.answer is None:
                continue
            asked_before[one.key] = asked_before.get(one.key, 0) + 1
            word = _WORDS[one.answer]
            if one.answer is OutcomeStatus.CHANGES and after.kind == "unsent":
                word = f"{word}, and no round is left"
            told[word] = None
    order = list(_WORDS.values())
    return tuple(
        FlowEdge(
            source=one, target=after, answers=tuple(sorted(told, key=lambda word: order.index(word.split(",")[0])))
        )
        for (one, after), told in answers.items()
    )
