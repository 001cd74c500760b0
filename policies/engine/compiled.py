"""The words and patterns of many guardrails as one pass over a text, built once for a policy set."""

from collections.abc import Container, Iterable, Iterator, Mapping, Sequence
from functools import lru_cache
from typing import NamedTuple

from policies.engine.guardrail import Guardrail
from policies.engine.policy_set import PolicySet
from policies.engine.rule_kinds import Claims, Signals
from policies.engine.style_kinds import Occurrence, Together
from policies.engine.wanted import EXCEPT, FIND, Wanted, wanted
from presscheck.matching import MAY_BE_DISGUISED, Hit, Normalised, PatternMatcher, PhraseMatcher


class Slot(NamedTuple):
    """Which words: those that one match of a rule wants in one role."""

    rule: str
    match: int
    role: str


class Spot(NamedTuple):
    """One place of the original text, `end` exclusive, and what to write instead, if the rule says so."""

    start: int
    end: int
    replacement: str | None = None


Spots = Mapping[Slot, Sequence[Spot]]
# The number of the pattern that says whether a text may be disguised.
_DISGUISE = 0


class _Owner(NamedTuple):
    slot: Slot
    replacement: str | None
    exact: str | None
    """The phrase itself, where its capitals count."""


class Compiled:
    """The matchers of some guardrails: one pass over a text finds what any of them looks for."""

    def __init__(self, rules: Sequence[Guardrail]) -> None:
        # What several rules look for is looked for once: that a text may hold a number, many ask.
        phrases: dict[str, int] = {}
        patterns: dict[str, int] = {MAY_BE_DISGUISED: _DISGUISE}
        self._phrases_of: list[list[_Owner]] = []
        self._patterns_of: list[list[_Owner]] = [[]]
        self._exceptions: dict[Slot, PatternMatcher] = {}
        whether, as_written, every = {_DISGUISE}, set[int](), set[int]()
        for rule, at, words in _wants(rules):
            slot = Slot(rule.id, at, words.role)
            instead = words.replacements or (None,) * (len(words.phrases) + len(words.patterns))
            for phrase, replacement in zip(words.phrases, instead, strict=False):
                number = phrases.setdefault(phrase, len(phrases))
                if number == len(self._phrases_of):
                    self._phrases_of.append([])
                self._phrases_of[number].append(_Owner(slot, replacement, phrase if words.case else None))
            forms = [f"(?-i){pattern}" if words.case else pattern for pattern in words.patterns]
            if words.role == EXCEPT:
                # Exceptions are common words around rare ones: they are looked for where something was found.
                if forms:
                    all_of = frozenset(range(len(forms)))
                    as_it_stands = all_of if words.as_written else frozenset[int]()
                    self._exceptions[Slot(rule.id, at, FIND)] = PatternMatcher(
                        forms, as_written=as_it_stands, every=all_of
                    )
                continue
            for pattern, replacement in zip(forms, instead[len(words.phrases) :], strict=True):
                # One that reads otherwise is another pattern; an empty group makes it one.
                key = f"(?:){pattern}" if words.as_written else pattern
                number = patterns.setdefault(key, len(patterns))
                if number == len(self._patterns_of):
                    self._patterns_of.append([])
                self._patterns_of[number].append(_Owner(slot, replacement, None))
                whether |= {number} if words.whether else set()
                as_written |= {number} if words.as_written else set()
                every |= {number} if _all_count(rule, at) else set()
        self._phrases = PhraseMatcher([*phrases])
        self._patterns = PatternMatcher([*patterns], frozenset(whether), frozenset(as_written), frozenset(every))

    def patterns_of(self, rules: Iterable[Guardrail]) -> frozenset[int]:
        """The numbers of the patterns that some of the rules look for; what `spots` may be asked for alone."""
        ids = {rule.id for rule in rules}
        asked = (
            number for number, owners in enumerate(self._patterns_of) if any(one.slot.rule in ids for one in owners)
        )
        return frozenset({_DISGUISE, *asked})

    def spots(self, text: Normalised, *, many: bool = False, only: Container[int] | None = None) -> Spots:
        """Where the words and patterns of each rule stand. `many`: this is one of thousands of texts, so that a
        quicker pass over patterns pays, which takes a second to build. `only`: what `patterns_of` gave for the rules
        that are asked; None is all."""
        found: dict[Slot, list[Spot]] = {}
        hits = self._patterns.find(text, many=many, only=only)
        disguised = any(hit.index == _DISGUISE for hit in hits)
        for hit in self._phrases.find(text, disguised=disguised):
            for owner in self._phrases_of[hit.index]:
                if owner.exact is None or _is_exact(text.original, hit, owner.exact):
                    found.setdefault(owner.slot, []).append(Spot(hit.start, hit.end, owner.replacement))
        for hit in hits:
            for owner in self._patterns_of[hit.index]:
                instead = owner.replacement
                if instead is not None and "\\" in instead:
                    instead = self._patterns.expanded(hit.index, text.original[hit.start : hit.end], instead)
                found.setdefault(owner.slot, []).append(Spot(hit.start, hit.end, instead))
        for slot in [*found]:
            if excepting := self._exceptions.get(slot):
                let_pass = found.setdefault(Slot(slot.rule, slot.match, EXCEPT), [])
                let_pass += [Spot(hit.start, hit.end) for hit in excepting.find(text)]
        for spots in found.values():
            spots.sort(key=_in_order)
        return found

    def scan(self, text: str) -> None:
        """The pass over patterns alone; for whoever measures."""
        self._patterns.many[0].match(text)

    @property
    def digest(self) -> str:
        """Of the patterns as they are built: what is kept of them serves whoever builds the same."""
        return self._patterns.digest

    def recall(self, kept: bytes) -> None:
        """Take what `to_keep` gave for the same patterns. ValueError where it cannot be read here."""
        self._patterns.recall(kept)

    def to_keep(self) -> bytes | None:
        """What takes a second or more to build, to be read again in milliseconds; None where nothing does."""
        return self._patterns.to_keep()


def _wants(rules: Sequence[Guardrail]) -> Iterator[tuple[Guardrail, int, Wanted]]:
    return ((rule, at, want) for rule in rules for at, match in enumerate(rule.match) for want in wanted(match))


@lru_cache(maxsize=16)
def compiled_for(policies: PolicySet) -> Compiled:
    """The matchers of a set, kept as long as the set is in use."""
    return Compiled(policies.guardrails)


def _in_order(spot: Spot) -> tuple[int, int]:
    """By place; of those that begin together the longest first."""
    return spot.start, -spot.end


def _all_count(rule: Guardrail, at: int) -> bool:
    """Whether the first fifty say too little: they are counted, or some of them may be let pass."""
    match = rule.match[at]
    excepted = any(want.role == EXCEPT and (want.phrases or want.patterns) for want in wanted(match))
    return excepted or rule.unless is not None or isinstance(match, Claims | Signals | Occurrence | Together)


def _is_exact(text: str, hit: Hit, phrase: str) -> bool:
    words = text[hit.start : hit.end]
    return words.startswith(phrase[:-1]) if phrase.endswith("*") else words == phrase
