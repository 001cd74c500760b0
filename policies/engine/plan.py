"""Which rules look at a field, and for which of them a text is worth a second look.

Most rules look for words, and one pass over the text says which of those are there (`Compiled.spots`). The others
measure something, such as a length or a telephone number; they are asked about every text.
"""

from collections.abc import Iterator, Sequence
from datetime import date
from functools import lru_cache
from typing import TypeVar

from policies.engine.compiled import Compiled, Spots, compiled_for
from policies.engine.guardrail import CopyField, Guardrail
from policies.engine.policy_set import PolicySet
from policies.engine.rule_kinds import Claims, Disclosure, Patterns, Phrases, Pictures, Signals
from policies.engine.style_kinds import Consistency, Occurrence, Together
from presscheck.models import AssetKind, Channel, Collaboration, Frozen
from presscheck.world.languages import likely_language

K = TypeVar("K", bound=Frozen)
_BY_WORDS = (Phrases, Patterns, Signals, Claims, Disclosure, Together, Consistency)


class Plan:
    """The rules of one field, sorted by what makes them worth asking."""

    def __init__(self, compiled: Compiled, rules: Sequence[Guardrail], field: str) -> None:
        self.compiled = compiled
        self.field = field
        self._rules = [rule for rule in rules if rule.fields == "all" or field in rule.fields]
        self._order = {rule.id: at for at, rule in enumerate(self._rules)}
        self._always = {
            rule.id: ats for rule in self._rules if (ats := [at for at, one in enumerate(rule.match) if _measures(one)])
        }
        self._known = [
            (rule.id, frozenset(rule.languages))
            for rule in self._rules
            if rule.languages != "all" and rule.level != "note"
        ]
        self._reads = any(getattr(match, "language", "") == "not-read" for rule in self._rules for match in rule.match)

    def asked(self, spots: Spots, text: str) -> Iterator[tuple[Guardrail, list[int]]]:
        """Each rule that may find something, in the order of ids, with the numbers of its matches to ask."""
        wanted = {id_: set(ats) for id_, ats in self._always.items()}
        for slot in spots:
            if slot.rule in self._order:
                wanted.setdefault(slot.rule, set()).add(slot.match)
        del text
        for id_ in sorted(wanted, key=self._order.__getitem__):
            yield self._rules[self._order[id_]], sorted(wanted[id_])

    def of_kind(self, kind: type[K]) -> Iterator[tuple[Guardrail, K]]:
        """Every match of a kind, with its rule."""
        return ((rule, match) for rule in self._rules for match in rule.match if isinstance(match, kind))

    def unread(self, text: str) -> Sequence[str]:
        """The rules above a note that do not know the language of the text, where some rule asks."""
        if not self._reads or not self._known:
            return ()
        language = likely_language(text)
        return () if language is None else [id_ for id_, known in self._known if language not in known]


def _measures(match: Frozen) -> bool:
    if isinstance(match, Occurrence):
        return match.at_least is not None
    return not isinstance(match, (*_BY_WORDS, Pictures))


@lru_cache(maxsize=256)
def plan_for(
    policies: PolicySet,
    *,
    channel: Channel | None,
    markets: tuple[str, ...],
    kind: AssetKind,
    field: CopyField | str,
    as_of: date | None,
    collaboration: Collaboration | None = None,
) -> Plan:
    """The plan of one field; without a channel, market, day or collaboration, of rules of every one."""
    rules = [
        rule
        for rule in policies.guardrails
        if (as_of is None or rule.holds_on(as_of)) and rule.scope.takes(channel, markets, kind, collaboration)
    ]
    return Plan(compiled_for(policies), rules, field)
