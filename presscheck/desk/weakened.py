"""Which guardrails are weaker than they ship, for what a review asks about: a person who answers is to know."""

from collections.abc import Iterable
from dataclasses import dataclass
from typing import TYPE_CHECKING

from presscheck.desk.situation import kinds_of
from presscheck.documents.sentences import counted
from presscheck.models import Brief, Question

if TYPE_CHECKING:
    from policies import PolicySet

_MOST = 6


@dataclass(frozen=True)
class Weakened:
    """One thing that a project weakened, and of which rules: of a pack that is off, of all of them."""

    rules: tuple[str, ...]
    said: str
    owner: str
    """Who answers for it."""
    why: str
    """The project's reason; empty where it says none."""


def weakened_here(policies: "PolicySet", question: Question, brief: Brief) -> tuple[Weakened, ...]:
    """What a project weakened of the rules that ship for the channel, the markets and the kinds of a question."""
    from policies import weakenings_in

    found: dict[tuple[str, str, str], list[str]] = {}
    for one in weakenings_in(
        policies,
        channel=brief.channel,
        markets=brief.markets,
        kinds=kinds_of(question, brief),
        collaboration=brief.collaboration,
    ):
        found.setdefault((one.said, one.owner, one.why), []).append(one.policy)
    return tuple(Weakened(tuple(rules), *told) for told, rules in found.items())


def weakened_line(weakened: Iterable[Weakened]) -> str:
    """`2 rules are weaker here than shipped: pii.card, pressure.urgency.`; empty where none is."""
    rules = [*dict.fromkeys(rule for one in weakened for rule in one.rules)]
    if not rules:
        return ""
    named = ", ".join(rules[:_MOST]) + (f" and {len(rules) - _MOST} more" if len(rules) > _MOST else "")
    return f"{counted(len(rules), 'rule')} {'is' if len(rules) == 1 else 'are'} weaker here than shipped: {named}."
