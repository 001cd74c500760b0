"""How a blocked text becomes one that is not: pure, so that what it promises can be tested on any text.

    after = mend_all(texts, rules, rewrite)      # by draft, what stands in its place; the others stay

A text that passes is never touched. What comes is taken only where less is found in it and nothing of it blocks.
"""

from collections import Counter
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass, field
from datetime import date
from typing import TYPE_CHECKING, Any

from presscheck.models import Brief, Copy, Digest, Finding, Level, Picture, Product, Variant
from presscheck.providers.repairs import Faulty

if TYPE_CHECKING:
    from policies import Mended, PolicySet

ROUNDS = 2
"""So often a text goes back to the copywriter, and no more."""

Found = tuple[Finding, ...]
Rewrite = Callable[[int, Sequence[Faulty]], Sequence[Variant | None]]
"""By the round, from 1, what the copywriter writes in place of each of these."""


@dataclass(frozen=True)
class Rules:
    """What texts are judged by, and which findings are to be repaired."""

    brief: Brief
    product: Product | None
    policies: "PolicySet"
    as_of: date
    levels: tuple[Level, ...] = ("block",)
    pictures: Mapping[str, Picture] = field(default_factory=dict[str, Picture])

    def find(self, copy: Copy) -> Found:
        from policies import check_copy

        return check_copy(copy, **self._given(copy))

    def mend(self, copy: Copy, found: Found) -> "Mended":
        """With what rules say to write instead."""
        from policies import mended_copy

        return mended_copy(copy, found, self.levels, **self._given(copy))

    def faults(self, found: Found) -> Found:
        """Those that are to be repaired."""
        return tuple(one for one in found if one.level in self.levels)

    def _given(self, copy: Copy) -> dict[str, Any]:
        return {
            "brief": self.brief,
            "product": self.product,
            "policies": self.policies,
            "as_of": self.as_of,
            "picture": self.pictures.get(copy.image or ""),
        }


@dataclass
class Attempt:
    """A draft that is to be repaired, and the best that came of it so far."""

    draft: Digest
    had: Found
    copy: Copy
    left: Found
    rules: list[str]
    """The rules whose findings are gone."""
    by: Variant | None = None
    """What the copywriter wrote; None where only words were replaced."""
    round: int = 0
    """In which round it wrote that."""

    @property
    def how(self) -> str:
        return "replacement" if self.by is None else "copywriter"

    @property
    def repaired(self) -> bool:
        return _weight(self.left) < _weight(self.had) and all(one.level != "block" for one in self.left)


def mend_all(texts: Mapping[Digest, Copy], rules: Rules, rewrite: Rewrite | None) -> list[Attempt]:
    """An attempt for each draft in which something is to be repaired; without `rewrite`, by replacements alone."""
    attempts: list[Attempt] = []
    for digest, copy in texts.items():
        had = rules.find(copy)
        if rules.faults(had):
            after = rules.mend(copy, had)
            attempts.append(Attempt(digest, had, after.copy, after.findings, [*after.rules]))
    for turn in range(1, ROUNDS + 1) if rewrite is not None else ():
        left = [one for one in attempts if rules.faults(one.left)]
        if left and rewrite is not None:
            written = rewrite(turn, [Faulty(one.copy, rules.faults(one.left)) for one in left])
            for one, variant in zip(left, written, strict=True):
                if variant is not None:
                    _take(one, variant, rules, turn)
    return attempts


def replacing(texts: Mapping[Digest, Copy], attempts: Sequence[Attempt]) -> dict[Digest, Attempt]:
    """Those that stand in their draft's place: one that says what another text says would be a choice less."""
    said = [*texts.values()]
    taken: dict[Digest, Attempt] = {}
    for one in attempts:
        if one.repaired and one.copy not in said:
            said.append(one.copy)
            taken[one.draft] = one
    return taken


def _take(one: Attempt, variant: Variant, rules: Rules, turn: int) -> None:
    """What the copywriter wrote is the better attempt where less is found in it."""
    # A text's picture is the brief's, and no copywriter's.
    words = variant.copy_.model_copy(update={"image": one.copy.image})
    after = rules.mend(words, rules.find(words))
    if _weight(after.findings) < _weight(one.left):
        still = {found.rule for found in after.findings}
        one.rules = sorted({found.rule for found in rules.faults(one.had)} - still)
        one.copy, one.left, one.by, one.round = after.copy, after.findings, variant, turn


def _weight(found: Found) -> tuple[int, int, int]:
    """How much is found, the gravest first."""
    many = Counter(one.level for one in found)
    return many["block"], many["review"], many["note"]
