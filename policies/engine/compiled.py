"""The phrases and patterns of many guardrails as one pass over a text, built once for a policy set."""

from collections.abc import Sequence
from functools import lru_cache

from policies.engine.guardrail import Guardrail
from policies.engine.policy_set import PolicySet
from presscheck.matching import Normalised, PatternMatcher, PhraseMatcher


class Compiled:
    """The matchers of some guardrails: one pass over a text finds what any of them looks for."""

    def __init__(self, rules: Sequence[Guardrail]) -> None:
        phrases = [(phrase, rule.id) for rule in rules for phrase in rule.match.phrases or ()]
        patterns = [(pattern, rule.id) for rule in rules for pattern in rule.match.patterns or ()]
        self._phrases = PhraseMatcher([phrase for phrase, _ in phrases])
        self._phrase_owners = [owner for _, owner in phrases]
        self._patterns = PatternMatcher([pattern for pattern, _ in patterns])
        self._pattern_owners = [owner for _, owner in patterns]

    def spots(self, text: Normalised) -> dict[str, list[tuple[int, int]]]:
        """Where each guardrail's phrases and patterns stand, by its id."""
        found: dict[str, list[tuple[int, int]]] = {}
        for hit in self._phrases.find(text):
            found.setdefault(self._phrase_owners[hit.index], []).append((hit.start, hit.end))
        for hit in self._patterns.find(text):
            found.setdefault(self._pattern_owners[hit.index], []).append((hit.start, hit.end))
        return {owner: _without_overlaps(spots) for owner, spots in found.items()}


@lru_cache(maxsize=16)
def compiled_for(policies: PolicySet) -> Compiled:
    """The matchers of a set, kept as long as the set is in use."""
    return Compiled(policies.guardrails)


def _without_overlaps(spots: list[tuple[int, int]]) -> list[tuple[int, int]]:
    kept: list[tuple[int, int]] = []
    for start, end in sorted(spots, key=lambda spot: (spot[0], -spot[1])):
        if not kept or start >= kept[-1][1]:
            kept.append((start, end))
    return kept
