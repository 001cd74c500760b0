"""The effective table of roles by actions, worked out by asking: what a role may, and up to where.

    for cell in matrix_of(policies.rights): cell.role, cell.action, cell.allowed, cell.limits

For each role and action an easy question that is allowed is looked for; then one fact after the other is
changed. The policies' text is read only to know which facts and numbers are worth trying. Limits that hold
only together are told one by one: `presscheck policies explain` asks about one question exactly.
"""

from collections.abc import Callable, Iterable, Iterator, Sequence
from dataclasses import dataclass
from itertools import product
from typing import Any, Literal, get_args

from policies.engine.rights import ACTIONS, OWN, Action, Answer, Asking, Matter, Right, Rights
from policies.engine.rights_text import attributes, comparisons, literals
from presscheck.models import KINDS, ROLES, Channel, Collaboration, Market, RiskTier, Role

_TIERS: tuple[RiskTier | None, ...] = (*get_args(RiskTier), None)
_CHANNELS: tuple[Channel, ...] = get_args(Channel)
_COLLABORATIONS: tuple[Collaboration, ...] = ("producer", "advisor", "agent")
_HOME: Market = "US"
_ABROAD: Market = "DE"
_MOST = 2**61


@dataclass(frozen=True)
class Cell:
    """What one role may do of one action."""

    role: Role
    action: Action
    allowed: bool
    """Whether it may at all, for some question."""
    limits: tuple[str, ...] = ()
    """In words, such as `up to 50,000 dollars`, `not own brief, run`."""
    rule: str = ""
    """The right that permits the easy question."""


def matrix_of(rights: Rights, roles: Sequence[Role] = ROLES) -> tuple[Cell, ...]:
    """A cell for every role and action, in their order; for all roles a second or two."""
    return tuple(_cell(rights, role, action) for role in roles for action in ACTIONS)


@dataclass(frozen=True)
class Line:
    """The actions that one role may do within the same limits."""

    role: Role
    actions: tuple[Action, ...]
    limits: tuple[str, ...]


def lines_of(cells: Iterable[Cell]) -> tuple[Line, ...]:
    """The table to read: of each role, what it may, with what has the same limits on one line."""
    found: dict[tuple[Role, tuple[str, ...]], list[Action]] = {}
    for cell in cells:
        if cell.allowed:
            found.setdefault((cell.role, cell.limits), []).append(cell.action)
    return tuple(Line(role, tuple(actions), limits) for (role, limits), actions in found.items())


class _Probe:
    """Asks about one role and action, with facts changed."""

    def __init__(self, rights: Rights, role: Role, action: Action) -> None:
        self._rights = rights
        self.speaking = rights.speaking_of(action)
        self.named = frozenset(name for right in self.speaking for name in attributes(right.parsed))
        self._easy = Asking(
            action=action, person="somebody", role=role, markets="all", fresh=True,
            matter=Matter(tier="low", gate="copy", channel="email", kinds=("copy",), reach=0, markets=(_HOME,),
                          collaboration="producer"),
        )  # fmt: skip

    def answer(self, asking: dict[str, Any] | None = None, **matter: Any) -> Answer:
        """The answer to the easy question with these facts of person and matter."""
        about = self._easy.matter.model_copy(update=matter)
        return self._rights.decide(self._easy.model_copy(update={**(asking or {}), "matter": about}))

    def may(self, asking: dict[str, Any] | None = None, **matter: Any) -> bool:
        """Whether it is allowed then."""
        return self.answer(asking, **matter).allowed

    def may_where(self, matter: dict[str, Any]) -> bool:
        """Whether it is allowed with these facts of the matter, by name."""
        return self.answer(None, **matter).allowed

    def settle(self, **matter: Any) -> None:
        """Make these facts part of the easy question."""
        self._easy = self._easy.model_copy(update={"matter": self._easy.matter.model_copy(update=matter)})

    @property
    def tier(self) -> RiskTier | None:
        return self._easy.matter.tier


def _cell(rights: Rights, role: Role, action: Action) -> Cell:
    probe = _Probe(rights, role, action)
    if not any(_could_permit(right, role) for right in probe.speaking):
        return Cell(role, action, False)
    gates = _named("gate", probe, ("copy", "another"))
    tried: dict[str, Sequence[Any]] = {
        # Kinds that no right names are all alike to it, so that one of them stands for the others.
        "kinds": [(kind,) for kind in _named("kinds", probe, ("copy", "template"))],
        "tier": _TIERS,
        "gate": gates,
        "channel": _CHANNELS,
        "collaboration": _COLLABORATIONS,
        "spend": _points("spend", probe),
        "reach": _points("reach", probe),
    }
    varied = {name: values if name in probe.named else values[:1] for name, values in tried.items()}
    found = (dict(zip(varied, facts, strict=True)) for facts in product(*varied.values()))
    easy = next((facts for facts in found if probe.may_where(facts)), None)
    if easy is None:
        return Cell(role, action, False)
    probe.settle(**easy)
    limits = [
        *_of_set("tier", _TIERS, probe, _tiers_in_words),
        *_of_number("spend", probe, "{:,} dollars"),
        *_of_number("reach", probe, "{:,} recipients"),
        *_of_set("channel", _CHANNELS, probe, lambda some: f"on {_listed(some)}"),
        *_of_set("kinds", [(kind,) for kind in KINDS], probe, lambda some: f"for {_listed(kind for (kind,) in some)}"),
        *_of_set("gate", gates, probe, lambda some: f"at gate {_listed(some)}"),
        *_of_set("collaboration", _COLLABORATIONS, probe, lambda some: f"under {_listed(some)}"),
        *_of_markets(probe),
        *_of_own(probe),
        *_of_person(probe),
    ]
    return Cell(role, action, True, tuple(limits), probe.answer().rule)


def _could_permit(right: Right, role: Role) -> bool:
    scope = right.parsed["principal"]
    one_role = scope["op"] == "in" and scope.get("entity", {}).get("type") == "Role"
    return right.permits and (not one_role or scope["entity"]["id"] == role)


def _of_set(name: str, values: Sequence[Any], probe: _Probe, words: Callable[[list[Any]], str]) -> Iterator[str]:
    if name not in probe.named:
        return
    allowed = [value for value in values if probe.may_where({name: value})]
    if len(allowed) < len(values):
        yield words(allowed)


def _of_number(name: Literal["spend", "reach"], probe: _Probe, unit: str) -> Iterator[str]:
    if name not in probe.named:
        return
    points = _points(name, probe)
    may = [probe.may_where({name: point}) for point in points]
    spans: list[tuple[int | None, int | None]] = []
    for at, point in enumerate(points):
        if may[at] and (at == 0 or not may[at - 1]):
            spans.append((point, point))
        elif may[at]:
            spans[-1] = (spans[-1][0], point)
    if all(may):
        return
    yield " or ".join(_span(low, high, unit) for low, high in spans)


def _points(name: Literal["spend", "reach"], probe: _Probe) -> list[int | None]:
    """Nothing, a very great deal, and what lies about every number that the rights name; of reach, also everybody."""
    numbers = {number for right in probe.speaking for number in literals(right.parsed) if isinstance(number, int)}
    near = {near for number in numbers for near in (number - 1, number, number + 1)}
    points = sorted({0, _MOST, *(one for one in near if 0 <= one < _MOST)})
    return [*points, None] if name == "reach" else [*points]


def _span(low: int | None, high: int | None, unit: str) -> str:
    endless = high is None or high >= _MOST
    if endless:
        return "everybody only" if low is None else f"{unit.format(low)} or more"
    return f"up to {unit.format(high)}" if not low else f"from {low:,} to {unit.format(high)}"


def _of_markets(probe: _Probe) -> Iterator[str]:
    texts = {text for right in probe.speaking for text in literals(right.parsed) if isinstance(text, str)}
    there = sorted(text for text in texts if len(text) == 2 and text.isupper())
    if shut := [market for market in there if not probe.may(markets=(market,))]:
        yield f"not for {_listed(shut)}"
    if not probe.may({"markets": (_HOME,)}, markets=(_HOME, _ABROAD)):
        yield "in their own markets" if probe.may({"markets": (_HOME,)}) else "only by somebody of all markets"


def _of_own(probe: _Probe) -> Iterator[str]:
    """Whose own work it must not be, and up to which tier it may."""
    tiers = [tier for tier in _TIERS if probe.may(tier=tier)]
    never: list[str] = []
    for own in OWN:
        waived = [tier for tier in tiers if probe.may(tier=tier, own=(own,))]
        if not waived:
            never.append(own)
        elif len(waived) < len(tiers):
            yield f"own {own} {_tiers_in_words(waived)} only"
    if never:
        yield f"not own {_listed(never, 'or')}"


def _of_person(probe: _Probe) -> Iterator[str]:
    if not probe.may({"delegated": True}):
        yield "not by delegation"
    tiers = [tier for tier in _TIERS if probe.may(tier=tier)]
    stale = [tier for tier in tiers if probe.may({"fresh": False}, tier=tier)]
    if not stale:
        yield "with a fresh factor"
    elif len(stale) < len(tiers):
        asked = [tier for tier in tiers if tier not in stale]
        yield f"with a fresh factor {_tiers_in_words(asked)}"


def _tiers_in_words(tiers: Sequence[Any]) -> str:
    known = [tier for tier in tiers if tier is not None]
    if len(known) == len(_TIERS) - 1:
        return "once the tier is known"
    if len(known) > 1 and known == list(_TIERS[: len(known)]) and len(known) == len(tiers):
        return f"up to tier {known[-1]}"
    return f"at tier {_listed((tier or 'unknown' for tier in tiers), 'or')}"


def _named(attribute: str, probe: _Probe, others: tuple[str, ...]) -> tuple[str, ...]:
    """What the rights compare an attribute with, and others: an ordinary one first, one that nobody names last."""
    named = {text for right in probe.speaking for name, text in comparisons(right.parsed) if name == attribute}
    return tuple(dict.fromkeys((others[0], *sorted(named), *others[1:])))


def _listed(some: Iterable[str], last: str = "and") -> str:
    words = list(some)
    return f" {last} ".join([", ".join(words[:-1]), words[-1]]) if len(words) > 1 else "".join(words)
