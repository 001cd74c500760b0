"""Which words and patterns each kind of rule asks the pass over a text for, and as what it wants to know them."""

from collections.abc import Iterator
from dataclasses import dataclass
from functools import singledispatch

from policies.engine.rule_kinds import (
    Claims,
    Disclosure,
    Figures,
    Links,
    Patterns,
    PersonalData,
    Phrases,
    Pictures,
    Required,
    Signals,
)
from policies.engine.style_kinds import Consistency, Occurrence, Together
from presscheck.matching import MAY_BE_LINKS, may_be, may_be_figures
from presscheck.models import Frozen

FIND, EXCEPT, SAY, MAY = "find", "except", "say", "may"


@dataclass(frozen=True)
class Wanted:
    """Words and patterns of one role within a rule's match."""

    role: str
    phrases: tuple[str, ...] = ()
    patterns: tuple[str, ...] = ()
    replacements: tuple[str | None, ...] = ()
    """What to write instead of each of the phrases, then of the patterns; none where left out."""
    case: bool = False
    as_written: bool = False
    """Patterns that read the text as it stands."""
    whether: bool = False
    """Only whether something stands there is of interest, so that the kind is worth asking."""


@singledispatch
def wanted(match: Frozen) -> Iterator[Wanted]:
    """What a kind wants to know the places of; nothing for one that measures for itself."""
    del match
    return iter(())


@wanted.register
def _(match: Phrases) -> Iterator[Wanted]:
    words = (*match.phrases, *match.replace)
    instead = (*(None for _ in match.phrases), *match.replace.values())
    yield Wanted(FIND, phrases=words, replacements=instead, case=match.case)
    yield Wanted(EXCEPT, phrases=match.exceptions, case=match.case)
    if match.harmless:
        yield Wanted(EXCEPT, patterns=match.harmless)


@wanted.register
def _(match: Patterns) -> Iterator[Wanted]:
    forms = (*match.patterns, *match.replace)
    instead = (*(None for _ in match.patterns), *match.replace.values())
    yield Wanted(FIND, patterns=forms, replacements=instead, case=match.case, as_written=match.as_written)
    yield Wanted(EXCEPT, patterns=match.exceptions, case=match.case, as_written=match.as_written)


@wanted.register
def _(match: Signals) -> Iterator[Wanted]:
    for at, signal in enumerate(match.signals):
        yield Wanted(str(at), phrases=signal.phrases, patterns=signal.patterns)


@wanted.register
def _(match: Claims) -> Iterator[Wanted]:
    yield Wanted(FIND, phrases=match.words, patterns=match.patterns)
    yield Wanted(EXCEPT, phrases=match.exceptions, patterns=match.harmless)


@wanted.register
def _(match: Required) -> Iterator[Wanted]:
    yield Wanted(SAY, phrases=match.say_one_of)


@wanted.register
def _(match: Disclosure) -> Iterator[Wanted]:
    yield Wanted(FIND, phrases=match.when_phrases, patterns=match.when_patterns)
    yield Wanted(SAY, phrases=match.say_one_of)


@wanted.register
def _(match: Pictures) -> Iterator[Wanted]:
    yield Wanted(SAY, phrases=match.without_words or ())


@wanted.register
def _(match: Occurrence) -> Iterator[Wanted]:
    yield Wanted(FIND, patterns=match.patterns, case=match.case)


@wanted.register
def _(match: Together) -> Iterator[Wanted]:
    yield Wanted(FIND, patterns=(match.first,), case=match.case)
    yield Wanted(SAY, patterns=(match.second,), case=match.case)


@wanted.register
def _(match: Figures) -> Iterator[Wanted]:
    yield Wanted(MAY, patterns=tuple(may_be_figures(kind, match.all_words) for kind in match.figures), whether=True)


@wanted.register
def _(match: Links) -> Iterator[Wanted]:
    del match
    yield Wanted(MAY, patterns=(MAY_BE_LINKS,), whether=True)


@wanted.register
def _(match: PersonalData) -> Iterator[Wanted]:
    forms = sorted({may_be(kind, match.words) for kind in match.personal})
    yield Wanted(MAY, patterns=tuple(forms), whether=True)


@wanted.register
def _(match: Consistency) -> Iterator[Wanted]:
    for at, (one, other) in enumerate(match.either.items()):
        yield Wanted(f"{at}a", patterns=(one,), case=match.case)
        yield Wanted(f"{at}b", patterns=(other,), case=match.case)
