"""What is too like another text: of the same set, or of what was approved before.

    found = check_set(texts, brief=brief, product=None, policies=policies, as_of=day, archive=archive)

A step of its own beside `verdicts`, because only here does what is said of a text hang on others. Nothing is kept from
people by it (such a rule never blocks), and the press, which reads one text at a time, does not ask it.
"""

from collections.abc import Callable, Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass
from datetime import date, timedelta

from policies.engine.guardrail import Guardrail, GuardrailCase
from policies.engine.policy_set import PolicySet
from policies.engine.rule_kinds import WRITTEN
from policies.engine.style_kinds import NearDuplicate
from presscheck.models import Brief, Channel, Copy, Finding, Product
from presscheck.world.likeness import Taken, bare, likeness, own_words

_BY_ITSELF = "this text"

_Fields = Mapping[str, str]
"""The words of each field."""


@dataclass(frozen=True)
class Approved:
    """A text that people approved before."""

    named: str
    """How it is told, such as `one approved in R-K3TQ9 on 2026-03-01`."""
    on: date
    copy: Copy


Archive = Callable[[date | None], Iterable[Approved]]
"""Gives what was approved since a day, or ever; asked only where a rule compares with it."""


def _empty(since: date | None) -> Iterable[Approved]:
    del since
    return ()


def check_set(
    texts: Mapping[str, Copy],
    *,
    brief: Brief,
    product: Product | None,
    policies: PolicySet,
    as_of: date,
    archive: Archive = _empty,
) -> dict[str, tuple[Finding, ...]]:
    """The texts, by their names, that are too like one before them in the set, or one of the archive.

    What brief and product say is left out of the comparison as well, because it is the same in every text by right: the
    words that are left must be as like as the whole text.
    """
    rules = [
        rule
        for rule in _rules(policies, as_of)
        if rule.scope.reaches(brief.channel, brief.markets, collaboration=brief.collaboration)
    ]
    said = [brief.offer, *(point.text for point in brief.key_points), *(claim.text for claim in brief.claims)]
    said += [brief.sender.name, *([product.name] if product else [])]
    return _found(rules, {name: _words(copy) for name, copy in texts.items()}, archive, said, as_of)


def check_texts_as_set(
    texts: Mapping[str, str],
    *,
    policies: PolicySet,
    channel: Channel | None = None,
    markets: Sequence[str] = (),
    as_of: date | None = None,
) -> dict[str, tuple[Finding, ...]]:
    """The same of texts that have no brief, each read as a body; there is no archive then."""
    rules = [rule for rule in _rules(policies, as_of) if rule.scope.reaches(channel, markets)]
    return _found(rules, {name: {"body": text} for name, text in texts.items()}, _empty, (), as_of)


def fires_beside(rule: Guardrail, case: GuardrailCase) -> bool:
    """Whether a rule finds a case's text too like one of those that the case names."""
    if not any(isinstance(match, NearDuplicate) for match in rule.match):
        return False
    others = {str(at): {case.field: text} for at, text in enumerate(case.among)}
    words = {case.field: case.text * case.repeat}
    given = case.given
    said = () if given is None else (given.offer, given.product, *given.facts, *(one.text for one in given.claims))
    found = [
        found
        for match in rule.match
        if isinstance(match, NearDuplicate)
        for field in _fields(rule)
        # Among others of the set it comes last: what is before it is told of itself.
        for found in _pairs(
            match,
            {**others, _BY_ITSELF: words} if match.within == "set" else {_BY_ITSELF: words},
            [] if match.within == "set" else [*others.items()],
            field,
            said,
        )
    ]
    return any(name == _BY_ITSELF for name, *_ in found)


def _rules(policies: PolicySet, as_of: date | None) -> Iterator[Guardrail]:
    for rule in policies.guardrails:
        if (as_of is None or rule.holds_on(as_of)) and any(isinstance(one, NearDuplicate) for one in rule.match):
            yield rule


def _words(copy: Copy) -> _Fields:
    return {field: str(getattr(copy, field)) for field in WRITTEN}


def _fields(rule: Guardrail) -> Sequence[str]:
    return WRITTEN if rule.fields == "all" else rule.fields


def _found(
    rules: Iterable[Guardrail], texts: Mapping[str, _Fields], archive: Archive, said: Sequence[str], as_of: date | None
) -> dict[str, tuple[Finding, ...]]:
    found: dict[str, list[Finding]] = {}
    for rule in rules:
        for match in rule.match:
            if not isinstance(match, NearDuplicate):
                continue
            earlier: list[tuple[str, _Fields]] = []
            if match.within == "archive":
                since = None if match.days is None or as_of is None else as_of - timedelta(days=match.days)
                earlier = [(one.named, _words(one.copy)) for one in archive(since)]
            for field in _fields(rule):
                for name, other, alike in _pairs(match, texts, earlier, field, said):
                    found.setdefault(name, []).append(_finding(rule, field, other, alike))
    return {name: tuple(some) for name, some in found.items()}


def _pairs(
    match: NearDuplicate,
    texts: Mapping[str, _Fields],
    archive: Sequence[tuple[str, _Fields]],
    field: str,
    said: Sequence[str],
) -> Iterator[tuple[str, str, float]]:
    """Each text that is too like another, that one, and how like they are."""
    taken = Taken(match.at_least)
    others: list[tuple[str, str]] = []

    def take(name: str, text: str) -> None:
        taken.take(bare(text))
        others.append((name, text))

    for name, fields in archive:
        take(name, fields.get(field, ""))
    for name, fields in texts.items():
        text = fields.get(field, "")
        for at, alike in taken.like(bare(text)):
            other, its = others[at]
            if least := _but_for(said, text, its, alike, match.at_least):
                yield name, other, least
                break
        if match.within == "set":
            take(name, text)


def _but_for(said: Sequence[str], text: str, other: str, alike: float, at_least: float) -> float:
    """How like two texts are in the words that the brief does not say as well; 0 where less than `at_least`."""
    ours, theirs = own_words(text, said), own_words(other, said)
    # Texts that say nothing but the brief's facts have no words of their own to compare.
    return min(alike, likeness(ours, theirs, at_least=at_least)) if said and ours and theirs else alike


def _finding(rule: Guardrail, field: str, other: str, alike: float) -> Finding:
    return Finding(
        rule=rule.id,
        version=rule.version,
        level=rule.level,
        field=field,
        text=other[:200],
        message=f"{rule.message} It is like {other} ({alike:.0f} of 100).",
        suggestion=rule.suggestion,
    )
