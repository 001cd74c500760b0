"""Who may do what, asked of Cedar: one question, one answer, with the rule that gave it.

    answer = policies.rights.decide(Asking(action="approve_copy", person=id, role="brand_lead", markets=("DE",),
                                           delegated=False, fresh=True, matter=Matter(...)))
    answer.allowed, answer.rule, answer.why

Without a policy that permits, the answer is no; one that forbids wins over any that permits; and where Cedar
met an error in any policy the answer is no. Policies are `policies/rights/*.cedar` (docs/rights.md).
"""

import json
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from functools import cached_property
from typing import TYPE_CHECKING, Any, Literal, get_args

from pydantic import Field

from presscheck.digests import digest_of
from presscheck.models import Channel, Collaboration, Digest, Frozen, Market, RiskTier, Role

if TYPE_CHECKING:
    import cedarpy

__all__ = ["ACTIONS", "EVERYBODY", "OWN", "Action", "Answer", "Asking", "Matter", "Own", "Right", "Rights", "in_words"]

Action = Literal[
    "approve_copy", "approve_image", "approve_segment", "approve_recommendations", "approve_budget", "approve_prompt",
    "approve_plan", "publish", "write", "reject", "pause", "unpause", "recall", "revoke", "break_glass",
    "confirm_glass", "review_glass", "delegate", "sign_rule", "withdraw",
]  # fmt: skip
ACTIONS: tuple[Action, ...] = get_args(Action)
Own = Literal["brief", "run", "text", "prompt", "picture"]
OWN: tuple[Own, ...] = get_args(Own)
EVERYBODY = 2**62
"""The reach of what everybody sees, as Cedar reads it: more than any number of recipients."""


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

    @property
    def permits(self) -> bool:
        """Whether it permits; otherwise it forbids."""
        return self.parsed["effect"] == "permit"


class Rights:
    """Every right that holds, immutable and parsed once; equal when the versions are."""

    def __init__(self, rights: Sequence[Right] = (), versions: Mapping[str, Digest] | None = None) -> None:
        self.rights: tuple[Right, ...] = tuple(rights)
        self.versions: dict[str, Digest] = dict(versions or {})

    def decide(self, asking: Asking) -> Answer:
        """The answer to one question; takes some 0.1 ms."""
        import cedarpy

        request = {
            "principal": {"type": "Person", "id": asking.person},
            "action": {"type": "Action", "id": asking.action},
            "resource": {"type": "Matter", "id": "matter"},
            "context": {},
        }
        facts = json.dumps(entities(asking))
        found = cedarpy.is_authorized(request, self._parsed, facts)  # pyright: ignore[reportUnknownMemberType]
        if found.diagnostics.errors:
            # Cedar leaves out a policy that fails, and one that forbids would be left out like any other.
            return Answer(
                False, "", f"A right cannot be worked out, so the answer is no: {found.diagnostics.errors[0]}."
            )
        at = sorted(int(reason.removeprefix("policy")) for reason in found.diagnostics.reasons)
        if at:
            right = self.rights[at[0]]
            return Answer(found.allowed, right.id, right.why)
        return Answer(False, "", f"No right lets a {in_words(asking.role)} {in_words(asking.action)} here.")

    @cached_property
    def _parsed(self) -> "cedarpy.PolicySet":
        import cedarpy

        return cedarpy.PolicySet.from_str("\n".join(right.text for right in self.rights))

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
