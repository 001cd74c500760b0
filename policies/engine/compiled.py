"""The words and patterns of many guardrails as one pass over a text, built once for a policy set."""

from collections.abc import Iterable, Iterator, Mapping, Sequence
from functools import lru_cache
from typing import NamedTuple

from policies.engine.guardrail import Guardrail
from policies.engine.policy_set import PolicySet
from policies.engine.rule_kinds import Claims, Signals
from policies.engine.style_kinds import Occurrence, Together
from policies.engine.wanted import EXCEPT, FIND, Wanted, wanted
from presscheck.matching import MAY_BE_DISGUISED, Hit, Normalised, PatternMatcher, PhraseMatcher, normalise
from presscheck.matching.glance import Glance, words_of
from presscheck.matching.patterns import May


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


# The number of the pattern that says whether a text may be disguised.
_DISGUISE = 0


class _Owner(NamedTuple):
    slot: Slot
    replacement: str | None
    exact: str | None
    """The phrase itself, where its capitals count."""


class Numbers(NamedTuple):
    """The numbers of what some rules look for."""

    patterns: frozenset[int]
    phrases: frozenset[int]


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
        often = {_DISGUISE}
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
                often |= {number} if rule.scope.channels == "all" else set()
        self._phrases = PhraseMatcher([*phrases])
        self._patterns = PatternMatcher(
            [*patterns],
            frozenset(whether),
            frozenset(as_written),
            frozenset(every),
            frozenset(range(len(patterns))) - often,
        )
        self._glance = Glance(self._phrases.bare, self._patterns.conditions)

    def wanted_by(self, rules: Iterable[Guardrail]) -> Numbers:
        """What some of the rules look for; what `spots` may be asked for alone."""
        ids = {rule.id for rule in rules}
        patterns, phrases = (
            frozenset(number for number, owners in enumerate(some) if any(one.slot.rule in ids for one in owners))
            for some in (self._patterns_of, self._phrases_of)
        )
        return Numbers(patterns | {_DISGUISE}, phrases)

    def spots(self, texts: Sequence[Normalised], *, many: bool = False, only: Numbers | None = None) -> "list[Spots]":
        """Where the words and patterns of each rule stand in each text. `many`: these are some of thousands of texts,
        so that a quicker pass over patterns pays, which takes a second to build. `only`: what `wanted_by` gave for the
        rules that are asked; None is all."""
        asked = None if only is None else only.patterns
        # A step for all texts, then the next: what a step reads by stays near the processor.
        mays = [self._patterns.may(text, many=many, only=asked) for text in texts]
        disguised = [may.has(_DISGUISE) for may in mays]
        words = [words_of(text, disguised=one) for text, one in zip(texts, disguised, strict=True)]
        glanced = [self._glance.at(one) for one in words]
        hits: list[list[Hit]] = []
        for text, may, one, (phrases, patterns) in zip(texts, mays, disguised, glanced, strict=True):
            may.told(patterns, asked)
            if only is not None and phrases:
                phrases = {index: count for index, count in phrases.items() if index in only.phrases}
            hits.append(self._phrases.among(text, phrases, disguised=one))
        return [Spots(self, *found) for found in zip(texts, hits, mays, strict=True)]

    def phrase_spots(self, text: Normalised, hits: Iterable[Hit]) -> dict[Slot, list[Spot]]:
        """The places of phrases, by whoever looks for them."""
        found: dict[Slot, list[Spot]] = {}
        for hit in hits:
            for owner in self._phrases_of[hit.index]:
                if owner.exact is None or _is_exact(text.original, hit, owner.exact):
                    found.setdefault(owner.slot, []).append(Spot(hit.start, hit.end, owner.replacement))
        return found

    def pattern_slots(self, may: May) -> dict[Slot, list[int]]:
        """Who looks for the patterns that may stand in a text, and for which of them."""
        found: dict[Slot, list[int]] = {}
        for number in may.numbers():
            for owner in self._patterns_of[number]:
                found.setdefault(owner.slot, []).append(number)
        return found

    def pattern_spots(self, text: Normalised, slot: Slot, number: int, may: May) -> list[Spot]:
        """The places of one pattern, for one of those who look for it."""
        found: list[Spot] = []
        if hits := self._patterns.hits(number, may):
            instead = next(owner.replacement for owner in self._patterns_of[number] if owner.slot == slot)
            for hit in hits:
                said = instead
                if instead is not None and "\\" in instead:
                    said = self._patterns.expanded(number, text.original[hit.start : hit.end], instead)
                found.append(Spot(hit.start, hit.end, said))
        return found

    def exceptions(self, text: Normalised, slot: Slot) -> Iterator[Spot]:
        """Where patterns stand that let pass what was found for a slot."""
        if excepting := self._exceptions.get(slot):
            yield from (Spot(hit.start, hit.end) for hit in excepting.find(text))

    def scan(self, text: str) -> None:
        """The passes that say what may stand in a text, without a look at what does; for whoever measures."""
        read = normalise(text)
        may = self._patterns.may(read, many=True, only=None)
        self._glance.at(words_of(read, disguised=may.has(_DISGUISE)))

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


class Spots(Mapping[Slot, Sequence[Spot]]):
    """Where words and patterns stand in one text; what may stand there is looked for when it is first asked for."""

    def __init__(self, compiled: Compiled, text: Normalised, hits: Iterable[Hit], may: May) -> None:
        self._compiled = compiled
        self._text = text
        self._may = may
        self._phrases = compiled.phrase_spots(text, hits)
        self._patterns = compiled.pattern_slots(may)
        self._found: dict[Slot, Sequence[Spot]] = {}
        self.likely = {*self._phrases, *self._patterns}
        """Each slot of which something may stand there, but for what lets pass others; nothing does of any other."""

    def at(self, slot: Slot) -> Sequence[Spot]:
        """The places in their order; none of a slot that nothing was found for."""
        known = self._found.get(slot)
        if known is None:
            known = self._found[slot] = self._look(slot)
        return known

    def __getitem__(self, slot: Slot) -> Sequence[Spot]:
        if known := self.at(slot):
            return known
        raise KeyError(slot)

    def _look(self, slot: Slot) -> Sequence[Spot]:
        spots = [*self._phrases.get(slot, ())]
        for number in self._patterns.get(slot, ()):
            spots += self._compiled.pattern_spots(self._text, slot, number, self._may)
        if slot.role == EXCEPT:
            # Exceptions are common words around rare ones: they are looked for where something was found.
            around = Slot(slot.rule, slot.match, FIND)
            spots += self._compiled.exceptions(self._text, around) if self.at(around) else ()
        return sorted(spots, key=_in_order) if len(spots) > 1 else spots

    def __iter__(self) -> Iterator[Slot]:
        around = (Slot(one.rule, one.match, EXCEPT) for one in self.likely)
        return (slot for slot in sorted({*self.likely, *around}) if self.at(slot))

    def __len__(self) -> int:
        return sum(1 for _ in self)


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
