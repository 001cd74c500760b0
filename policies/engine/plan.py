"""Which rules look at a field, and for which of them a text is worth a second look.

Most rules look for words, and one pass over the text says which of those are there (`Compiled.spots`). The others
measure something, such as a length or a telephone number; they are asked about every text.
"""

from collections.abc import Callable, Iterable, Iterator, Sequence
from datetime import date
from functools import lru_cache
from typing import NamedTuple, TypeVar

from policies.engine.compiled import Compiled, Spots, compiled_for
from policies.engine.detecting import Asked, Place, finder
from policies.engine.guardrail import CopyField, Guardrail
from policies.engine.policy_set import PolicySet
from policies.engine.rule_kinds import Facts, Lengths, Pictures, Required
from policies.engine.style_kinds import LanguageOfText, NearDuplicate, Occurrence
from policies.engine.support import Support
from policies.engine.wanted import wanted
from presscheck.models import AssetKind, Channel, Collaboration, Frozen
from presscheck.world.languages import language_read

K = TypeVar("K", bound=Frozen)


class Ask(NamedTuple):
    """One match of one rule."""

    order: int
    """Of the rule among the plan's."""
    at: int
    """Of the match among the rule's."""
    rule: Guardrail
    match: Frozen
    find: Callable[[Frozen, Asked], Iterable[Place]]


class Plan:
    """The rules of one field, sorted by what makes them worth asking."""

    def __init__(self, compiled: Compiled, rules: Sequence[Guardrail], field: str, *, lengths: bool = True) -> None:
        self.compiled = compiled
        self.field = field
        self.rules = [rule for rule in rules if rule.fields == "all" or field in rule.fields]
        self.wanted = compiled.wanted_by(self.rules)
        asks = [
            Ask(order, at, rule, match, finder(match))
            for order, rule in enumerate(self.rules)
            for at, match in enumerate(rule.match)
            if lengths or not isinstance(match, Lengths)
        ]
        self.asks = asks
        """In the order of rules; by its number here `asked` names each."""
        self._by_words = {(ask.rule.id, ask.at): at for at, ask in enumerate(asks) if _needs_words(ask.match)}
        others = [at for at, ask in enumerate(asks) if not _needs_words(ask.match) and _is_asked(ask.match, field)]
        self._facts = [at for at in others if isinstance(asks[at].match, Facts)]
        self._readers = [at for at in others if _asks_who_reads(asks[at].match)]
        self._always = [at for at in others if at not in self._facts and at not in self._readers]
        self._unread: dict[str, Sequence[str]] = {}
        self._known: dict[str, list[tuple[str, frozenset[str]]]] = {}
        for rule in self.rules:
            if rule.languages != "all" and rule.level != "note":
                family = rule.id.partition(".")[0]
                self._known.setdefault(family, []).append((rule.id, frozenset(rule.languages)))

    def asked(self, spots: Spots, support: Support, unread: Sequence[str]) -> Iterator[int]:
        """The number of each match that may find something, once."""
        yield from self._always
        if support.required:
            yield from self._facts
        if unread:
            yield from self._readers
        for key in {(slot.rule, slot.match) for slot in spots.likely}:
            if (at := self._by_words.get(key)) is not None:
                yield at

    def of_kind(self, kind: type[K]) -> Iterator[tuple[Guardrail, K]]:
        """Every match of a kind, with its rule."""
        return ((rule, match) for rule in self.rules for match in rule.match if isinstance(match, kind))

    def unread(self, text: str) -> Sequence[str]:
        """The rules above a note of every family in which none knows the language of the text, where some rule asks.

        A family is read where one of its rules knows the language: laws of one country speak that country's only.
        """
        if not self._readers or not self._known:
            return ()
        language = language_read(text)
        if language is None:
            return ()
        unread = self._unread.get(language)
        if unread is None:
            families = (rules for rules in self._known.values() if not any(language in known for _, known in rules))
            unread = self._unread[language] = [id_ for rules in families for id_, _ in rules]
        return unread


def _asks_who_reads(match: Frozen) -> bool:
    return isinstance(match, LanguageOfText) and match.language == "not-read"


def _needs_words(match: Frozen) -> bool:
    """Whether a kind finds nothing where none of its words stands."""
    if isinstance(match, Required) or (isinstance(match, Occurrence) and match.at_least is not None):
        return False
    return next(wanted(match), None) is not None


def _is_asked(match: Frozen, field: str) -> bool:
    """Pictures are judged with the picture, near-duplicates with the others, facts and lengths in their own fields."""
    if isinstance(match, Pictures | NearDuplicate) or (isinstance(match, Facts) and field != "body"):
        return False
    return not isinstance(match, Lengths) or field in match.length


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
    lengths: bool = True,
) -> Plan:
    """The plan of one field; without a channel, market, day or collaboration, of rules of every one."""
    rules = [
        rule
        for rule in policies.guardrails
        if (as_of is None or rule.holds_on(as_of)) and rule.scope.reaches(channel, markets, (kind,), collaboration)
    ]
    return Plan(compiled_for(policies), rules, field, lengths=lengths)
