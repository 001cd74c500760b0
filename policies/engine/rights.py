"""Who may do what, asked of Cedar: one question, one answer, with the rule that gave it.

    answer = policies.rights.decide(Asking(action="approve_copy", person=id, role="brand_lead", markets=("DE",),
                                           delegated=False, fresh=True, matter=Matter(...)))
    answer.allowed, answer.rule, answer.why

Without a policy that permits, the answer is no; one that forbids wins over any that permits; and where Cedar
met an error in any policy the answer is no. Policies are `policies/rights/*.cedar` (docs/rights.md).
"""

import json
from collections.abc import Callable, Iterator, Mapping, Sequence
from dataclasses import dataclass
from functools import cached_property, lru_cache
from typing import TYPE_CHECKING, Any, Literal, cast, get_args

from pydantic import Field

from presscheck.digests import digest_of
from presscheck.models import AssetKind, Channel, Collaboration, Digest, Frozen, Market, RiskTier, Role

if TYPE_CHECKING:
    import cedarpy

Action = Literal[
    "approve_copy", "approve_image", "approve_segment", "approve_recommendations", "approve_budget", "approve_prompt",
    "approve_plan", "approve_template", "approve_rule", "approve_own", "publish", "write", "reject", "pause", "unpause",
    "recall", "revoke", "break_glass", "confirm_glass", "review_glass", "delegate", "sign_rule", "sign_policies",
    "withdraw",
]  # fmt: skip
ACTIONS: tuple[Action, ...] = get_args(Action)
_APPROVALS: dict[AssetKind, Action] = {
    "copy": "approve_copy",
    "image": "approve_image",
    "segment": "approve_segment",
    "recommendations": "approve_recommendations",
    "plan": "approve_plan",
    "budget": "approve_budget",
    "prompt": "approve_prompt",
    "template": "approve_template",
    "rule": "approve_rule",
    "material": "write",
}
Own = Literal["brief", "run", "text", "prompt", "picture", "policy"]
OWN: tuple[Own, ...] = get_args(Own)
EVERYBODY = 2**62
"""The reach of what everybody sees, as Cedar reads it: more than any number of recipients."""


def approval_of(kind: AssetKind) -> Action:
    """What a yes to an asset of a kind takes; of a project's own kinds, `approve_own`."""
    return _APPROVALS.get(kind, "approve_own")


class Matter(Frozen):
    """What it is about: the facts that rights depend on. None is unknown, and unknown is never the easy case."""

    tier: RiskTier | None = Field(default=None, description="None: not worked out.")
    gate: str = Field(default="", max_length=80, description="The gate; empty where no gate asks.")
    channel: Channel | None = None
    kinds: tuple[str, ...] = Field(default=(), description="Kinds of asset, such as copy, image.")
    reach: int | None = Field(default=None, ge=0, lt=EVERYBODY, description="Recipients; None: everybody.")
    spend: int = Field(default=0, ge=0, lt=EVERYBODY, description="Whole US dollars on media.")
    markets: tuple[Market, ...] = Field(
        default=(), description="Those that the asking person must answer for; none: not about single markets."
    )
    collaboration: Collaboration | None = None
    own: tuple[Own, ...] = Field(default=(), description="What of it is the asking person's own work.")


class Asking(Frozen):
    """One question: may this person, in this role, do this?"""

    action: Action
    person: str = Field(min_length=1, max_length=200, description="The person's pseudonym.")
    role: Role
    markets: tuple[Market, ...] | Literal["all"] = Field(description="Where the person holds the role.")
    delegated: bool = Field(default=False, description="Whether somebody else's role is used.")
    fresh: bool = Field(default=False, description="Whether a factor was shown just now; True where nobody is there.")
    matter: Matter


@dataclass(frozen=True)
class Answer:
    """Yes or no, the rule that said so and its reason, fit to show. `rule` is empty where no rule permits."""

    allowed: bool
    rule: str
    why: str


@dataclass(frozen=True)
class Right:
    """One Cedar policy that has loaded: its annotations, its text without comments around it, its parsed form."""

    id: str
    why: str
    text: str
    parsed: Mapping[str, Any]
    cases: int = 0
    file: str = ""
    """The file that it stands in, by the name that its version goes by, such as rights.approving."""

    @property
    def permits(self) -> bool:
        """Whether it permits; otherwise it forbids."""
        return self.parsed["effect"] == "permit"

    def speaks_of(self, action: str) -> bool:
        """Whether an action lies in its scope; scopes name actions one by one, or all."""
        scope = self.parsed["action"]
        named = [scope["entity"]] if "entity" in scope else scope.get("entities", [])
        return scope["op"] == "All" or any(one["id"] == action for one in named)

    @cached_property
    def roles(self) -> frozenset[str]:
        """Every role that it names, in its scope or in its conditions."""
        return frozenset(_roles_in(self.parsed))


class Rights:
    """Every right that holds, immutable and parsed once; equal when the versions are."""

    def __init__(self, rights: Sequence[Right] = (), versions: Mapping[str, Digest] | None = None) -> None:
        self.rights: tuple[Right, ...] = tuple(rights)
        self.versions: dict[str, Digest] = dict(versions or {})

    def decide(self, asking: Asking) -> Answer:
        """The answer to one question: some 0.1 ms for a new one, 5 µs for one that was just asked."""
        return self._decide(asking)

    def speaking_of(self, action: str) -> tuple[Right, ...]:
        """The rights whose scope an action lies in, in order; the others can never apply to it."""
        return tuple(right for right in self.rights if right.speaks_of(action))

    @cached_property
    def _decide(self) -> Callable[[Asking], Answer]:
        # The answer hangs on nothing but the question, so the last ones can be kept.
        kept = lru_cache(maxsize=4_096)(self._worked_out)
        return kept  # pyright: ignore[reportReturnType]  # Frozen models are hashable; pyright does not see it.

    def _worked_out(self, asking: Asking) -> Answer:
        import cedarpy

        request = {
            "principal": {"type": "Person", "id": asking.person},
            "action": {"type": "Action", "id": asking.action},
            "resource": {"type": "Matter", "id": "matter"},
            "context": {},
        }
        facts = json.dumps(entities(asking))
        rights, parsed = self._parsed[asking.action]
        found = cedarpy.is_authorized(request, parsed, facts)  # pyright: ignore[reportUnknownMemberType]
        if found.diagnostics.errors:
            # Cedar leaves out a policy that fails, and one that forbids would be left out like any other.
            return Answer(
                False, "", f"A right cannot be worked out, so the answer is no: {found.diagnostics.errors[0]}."
            )
        at = sorted(int(reason.removeprefix("policy")) for reason in found.diagnostics.reasons)
        if at:
            return Answer(found.allowed, rights[at[0]].id, rights[at[0]].why)
        return Answer(False, "", _nothing_permits(asking, rights))

    @cached_property
    def _parsed(self) -> "Mapping[str, tuple[tuple[Right, ...], cedarpy.PolicySet]]":
        """By action, the rights that speak of it and their handle: half the time of asking all of them."""
        import cedarpy

        found: dict[str, tuple[tuple[Right, ...], cedarpy.PolicySet]] = {}
        for action in ACTIONS:
            rights = self.speaking_of(action)
            found[action] = rights, cedarpy.PolicySet.from_str("\n".join(right.text for right in rights))
        return found

    @property
    def cases(self) -> int:
        """How many cases they carry."""
        return sum(right.cases for right in self.rights)

    @cached_property
    def digest(self) -> Digest:
        """One digest for all of them."""
        return digest_of(self.versions)

    def __eq__(self, other: object) -> bool:
        return isinstance(other, Rights) and self.versions == other.versions

    def __hash__(self) -> int:
        return hash(self.digest)

    def __repr__(self) -> str:
        return f"Rights({len(self.rights)} policies, {self.digest[:12]})"

    def __reduce__(self) -> tuple[type["Rights"], tuple[tuple[Right, ...], dict[str, Digest]]]:
        # The parsed handle belongs to one process; another parses anew.
        return Rights, (self.rights, self.versions)


def _nothing_permits(asking: Asking, rights: Sequence[Right]) -> str:
    """Why nothing permits it: the rights that would, were the matter another one, or that there is none."""
    who, what = in_words(asking.role), in_words(asking.action)
    near = [right for right in rights if right.permits and asking.role in right.roles]
    if not near:
        return f"No right lets {who} {what}."
    return f"No right lets {who} {what} here. {' '.join(f'{right.id}: {right.why}' for right in near)}"


def _roles_in(node: object) -> Iterator[str]:
    if isinstance(node, list):
        for one in cast(list[object], node):
            yield from _roles_in(one)
    elif isinstance(node, dict):
        inner = cast(dict[str, object], node)
        if inner.get("type") == "Role":
            yield str(inner["id"])
        for one in inner.values():
            yield from _roles_in(one)


def in_words(name: str) -> str:
    """`brand lead` for brand_lead."""
    return name.replace("_", " ")


def entities(asking: Asking) -> list[dict[str, Any]]:
    """The question's person and matter as Cedar's JSON entities; the schema describes them."""
    matter = asking.matter
    everywhere = asking.markets == "all"
    person = {
        "markets": [] if asking.markets == "all" else sorted(asking.markets),
        "everywhere": everywhere,
        "delegated": asking.delegated,
        "fresh": asking.fresh,
    }
    about = {
        "tier": matter.tier or "unknown",
        "gate": matter.gate,
        "channel": matter.channel or "unknown",
        "kinds": sorted(matter.kinds),
        "reach": EVERYBODY if matter.reach is None else matter.reach,
        "spend": matter.spend,
        "markets": sorted(matter.markets),
        "collaboration": matter.collaboration or "unknown",
        "own": sorted(matter.own),
    }
    role = {"type": "Role", "id": asking.role}
    return [
        {"uid": {"type": "Person", "id": asking.person}, "attrs": person, "parents": [role]},
        {"uid": {"type": "Matter", "id": "matter"}, "attrs": about, "parents": []},
    ]
