"""Guardrails that contradict or shadow each other: each loads, and together they say two things, or one thing twice.

    for said in rule_overlaps(policies, on=date(2026, 11, 30)): ...

What finds a phrase is asked of the guardrails themselves, so disguise, open words, patterns and exceptions count as
they do in a text. Each pair of rules is told once, with its phrases.
"""

from collections import Counter
from collections.abc import Callable, Iterable, Iterator, Mapping
from dataclasses import replace
from datetime import date
from itertools import combinations
from typing import NamedTuple

from policies.engine.guardrail import Guardrail
from policies.engine.policy_set import PolicySet
from policies.engine.rule_kinds import Claims, Patterns, Phrases
from policies.engine.verdicts import check_texts
from presscheck.matching import normalise
from presscheck.models import LEVELS

_GRAVITY = LEVELS[::-1]
_SHOWN = 4
_PLAIN = (Phrases, Patterns, Claims)
"""Kinds that find their words wherever they stand."""
_ASIDE = "xq"
"""Words that no rule looks for: what stands alone in a text is not found by the same patterns as what stands in one."""
_Told = dict[tuple[str, str], list[str]]


class _Words(NamedTuple):
    """What one rule looks for by itself."""

    phrases: tuple[str, ...]
    patterns: tuple[str, ...]
    exceptions: tuple[str, ...]
    replacements: Mapping[str, str]
    """Plain words that are to be written instead, by what they stand for."""


def rule_overlaps(policies: PolicySet, on: date | None = None) -> tuple[str, ...]:
    """Every contradiction and every shadow, a sentence each; `on` is the day by which a rule may be over."""
    words = {rule.id: _words(rule) for rule in policies.guardrails}
    rules = {rule.id: rule for rule in policies.guardrails}
    asked = _Asked(policies)
    asked.ask(text for some in words.values() for text in (*map(_probe, some.phrases), *some.replacements.values()))
    return (
        *_twice(words),
        *_two_levels(rules, words),
        *_excepted(rules, words),
        *_instead(rules, words, asked),
        *_shadowed(rules, words, asked),
        *_over(policies.guardrails, on),
    )


class _Asked:
    """Which rules find which span of a text."""

    def __init__(self, policies: PolicySet) -> None:
        # What measures style has much to say of a word by itself, and none of it is asked here.
        plain = tuple(rule for rule in policies.guardrails if any(isinstance(one, _PLAIN) for one in rule.match))
        self._policies = replace(policies, guardrails=plain)
        self._found: dict[str, dict[str, list[tuple[int, int]]]] = {}

    def ask(self, texts: Iterable[str]) -> None:
        """Looks at all of them in one pass."""
        new = [text for text in dict.fromkeys(texts) if text not in self._found]
        for text, findings in zip(new, check_texts(new, policies=self._policies, many=False), strict=True):
            spans: dict[str, list[tuple[int, int]]] = {}
            for finding in findings:
                if finding.span is not None:
                    spans.setdefault(finding.rule, []).append(finding.span)
            self._found[text] = spans

    def __call__(self, text: str) -> Mapping[str, list[tuple[int, int]]]:
        return self._found[text]


# ---------------------------------------------------------------- what is told


def _twice(words: Mapping[str, _Words]) -> Iterator[str]:
    """The same phrase or pattern more than once in a rule, the same pattern in two."""
    where: dict[str, list[str]] = {}
    for id_, some in words.items():
        # Two spellings that read the same may both stand there, for whoever reads the list.
        listed = [*(phrase.lower() for phrase in some.phrases), *some.patterns]
        for shown in (one for one, count in Counter(listed).items() if count > 1):
            yield f"{id_} looks for “{shown}” twice; leave it once (what stands in replace is looked for as well)"
        for pattern in dict.fromkeys(some.patterns):
            where.setdefault(pattern, []).append(id_)
    pairs: _Told = {}
    for pattern, ids in where.items():
        for pair in combinations(ids, 2):
            pairs.setdefault(pair, []).append(pattern)
    for (one, other), patterns in pairs.items():
        yield f"{one} and {other} both look for {_some(patterns)}; leave it in one of them"


def _two_levels(rules: Mapping[str, Guardrail], words: Mapping[str, _Words]) -> Iterator[str]:
    """The same phrase in two rules, of which the graver decides wherever the lighter holds.

    A graver rule for some markets beside a lighter one for all is how law is written, and no contradiction.
    """
    where: dict[str, dict[str, str]] = {}
    for id_, some in words.items():
        for phrase in some.phrases:
            where.setdefault(_key(phrase), {})[id_] = phrase
    pairs: _Told = {}
    for found in where.values():
        for one, other in combinations(found, 2):
            light, grave = sorted((one, other), key=lambda id_: _GRAVITY.index(rules[id_].level))
            if rules[light].level != rules[grave].level and _covers(rules[grave], rules[light]):
                pairs.setdefault((light, grave), []).append(found[light])
    for (light, grave), phrases in pairs.items():
        yield (
            f"{light} ({rules[light].level}) and {grave} ({rules[grave].level}) both look for {_some(phrases)}; "
            "where the first holds the second decides; leave it in one of them"
        )


def _excepted(rules: Mapping[str, Guardrail], words: Mapping[str, _Words]) -> Iterator[str]:
    """What one rule looks for and another, or the same, has as an exception.

    Only the phrase itself: a word inside of an exception, and what a pattern finds there, may be another rule's matter.
    """
    where: dict[str, list[str]] = {}
    for id_, some in words.items():
        for key in dict.fromkeys(map(_key, some.phrases)):
            where.setdefault(key, []).append(id_)
    pairs: _Told = {}
    for id_, some in words.items():
        for exception in some.exceptions:
            for other in where.get(_key(exception), ()):
                if _meet(rules[id_], rules[other]):
                    pairs.setdefault((other, id_), []).append(exception)
    for (finds, lets), exceptions in pairs.items():
        if finds == lets:
            yield f"{finds} looks for {_some(exceptions)} and has it as an exception; leave one of them"
        else:
            yield f"{finds} looks for {_some(exceptions)}, an exception of {lets}; leave one of them"


def _instead(rules: Mapping[str, Guardrail], words: Mapping[str, _Words], asked: _Asked) -> Iterator[str]:
    """What one rule tells people to write and a rule finds."""
    for id_, some in words.items():
        for phrase, replacement in some.replacements.items():
            for other in asked(replacement):
                finds = words[other]
                if (finds.phrases or finds.patterns) and _meet(rules[id_], rules[other]):
                    which = "itself" if other == id_ else other
                    yield f"{id_} says “{replacement}” instead of “{phrase}”, which {which} finds; write something else"


def _shadowed(rules: Mapping[str, Guardrail], words: Mapping[str, _Words], asked: _Asked) -> Iterator[str]:
    """Rules all of whose words another finds, wherever they hold and at least as gravely."""
    alike: set[frozenset[str]] = set()
    for id_, some in words.items():
        rule = rules[id_]
        # What a replacement adds to a finding, the other rule does not say.
        if some.replacements or not some.phrases or not all(isinstance(one, _PLAIN) for one in rule.match):
            continue
        over = {other for other in rules if other != id_ and _covers(rules[other], rule)}
        over = {other for other in over if set(some.patterns) <= set(words[other].patterns)}
        for phrase in some.phrases:
            if not over:
                break
            over &= asked(_probe(phrase)).keys()
        for other in sorted(over):
            pair = frozenset((id_, other))
            if pair not in alike:
                alike.add(pair)
                yield f"{id_} finds nothing that {other} does not find: {_some(some.phrases)}; leave one of them"


def _over(rules: Iterable[Guardrail], on: date | None) -> Iterator[str]:
    for rule in rules:
        if on is not None and rule.until is not None and rule.until < on:
            yield f"{rule.id} held until {rule.until} and holds no more; take it out, or give it a later until"


# ---------------------------------------------------------------- words and scopes


def _words(rule: Guardrail) -> _Words:
    """What stands in its kinds that find something by themselves."""
    phrases: list[str] = []
    patterns: list[str] = []
    exceptions: list[str] = []
    replacements: dict[str, str] = {}
    for match in rule.match:
        if isinstance(match, Phrases):
            phrases += (*match.phrases, *match.replace)
            exceptions += match.exceptions
            replacements |= match.replace
        elif isinstance(match, Patterns):
            patterns += (*match.patterns, *match.replace)
            replacements |= {one: text for one, text in match.replace.items() if "\\" not in text}
        elif isinstance(match, Claims):
            phrases += match.words
            patterns += match.patterns
            exceptions += match.exceptions
    return _Words(tuple(phrases), tuple(patterns), tuple(exceptions), replacements)


def _key(phrase: str) -> str:
    """The same for phrases that find the same."""
    return normalise(phrase).text.text.strip()


def _probe(phrase: str) -> str:
    """A text that holds a phrase; of an open word, one that goes on."""
    return f"{_ASIDE} {phrase.rstrip('*')}{_ASIDE if phrase.endswith('*') else ''} {_ASIDE}"


def _some(words: Iterable[str]) -> str:
    every = [f"“{one if len(one) <= 80 else f'{one[:77]}...'}”" for one in words]
    more = f" and {len(every) - _SHOWN} more" if len(every) > _SHOWN else ""
    return ", ".join(every[:_SHOWN]) + more


def _never_silent(grave: Guardrail, light: Guardrail) -> bool:
    """Whether nothing lets the graver rule be silent that does not let the lighter be so too."""
    claims = any(isinstance(match, Claims) for match in grave.match)
    return grave.unless in (None, light.unless) and (
        not claims or all(isinstance(match, Claims) for match in light.match)
    )


def _covers(wide: Guardrail, narrow: Guardrail) -> bool:
    """Whether a rule holds wherever and whenever the other does, at least as gravely, and is not silent before it."""
    levels = [_GRAVITY.index(one.level) for one in (wide, narrow)]
    alone = [_GRAVITY.index(one.without_brief or one.level) for one in (wide, narrow)]
    days = (
        wide.starts is None or (narrow.starts is not None and wide.starts <= narrow.starts),
        wide.until is None or (narrow.until is not None and narrow.until <= wide.until),
    )
    graver = levels[0] >= levels[1] and alone[0] >= alone[1]
    return graver and all(days) and _never_silent(wide, narrow) and _scopes(wide, narrow, _holds)


def _meet(one: Guardrail, other: Guardrail) -> bool:
    """Whether there is a text that both rules look at."""
    starts = [rule.starts for rule in (one, other) if rule.starts is not None]
    ends = [rule.until for rule in (one, other) if rule.until is not None]
    days = not starts or not ends or max(starts) <= min(ends)
    return days and _scopes(one, other, _shares)


_Scope = str | tuple[str, ...]


def _scopes(one: Guardrail, other: Guardrail, compared: Callable[[_Scope, _Scope], bool]) -> bool:
    pairs: tuple[tuple[_Scope, _Scope], ...] = (
        (one.scope.channels, other.scope.channels),
        (one.scope.markets, other.scope.markets),
        (one.scope.kinds, other.scope.kinds),
        (one.scope.collaborations, other.scope.collaborations),
        (one.fields, other.fields),
    )
    return all(compared(ours, theirs) for ours, theirs in pairs)


def _holds(wide: _Scope, narrow: _Scope) -> bool:
    return wide == "all" or (narrow != "all" and set(narrow) <= set(wide))


def _shares(one: _Scope, other: _Scope) -> bool:
    return "all" in (one, other) or bool(set(one) & set(other))
