"""Guardrails applied to copy: pure verdicts, in an order that never changes.

`check_copy` judges one copy against its brief, and `allowances` says on which words rules were silent and what let
them be; both come of the same look at the text, so that no rule is silent without a word. `check_texts` judges texts
that have no brief. The matchers of a policy set are built once and kept as long as the set is in use.
"""

from collections.abc import Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass
from datetime import date
from typing import NamedTuple

from policies.engine.compiled import Compiled, compiled_for
from policies.engine.guardrail import CopyField, GivenPicture, Guardrail, GuardrailCase, Length
from policies.engine.policy_set import PolicySet
from policies.engine.support import Source, Support
from presscheck.matching import (
    PhraseMatcher,
    characters,
    columns,
    figures,
    links,
    normalise,
    paragraphs,
    personal_data,
    sms_parts,
    superlatives,
    target_of,
)
from presscheck.models import Allowance, AssetKind, Brief, Channel, Copy, Finding, Level, Picture, Product
from presscheck.world.web_addresses import host_of, misleads, plain_address

_FIELDS: tuple[CopyField, ...] = ("subject", "preheader", "body", "call_to_action", "alt", "caption")
# Alternative text is read aloud to some and seen by few: what readers must see stands in none of it.
_SEEN: tuple[CopyField, ...] = ("subject", "body", "caption")
_LEVELS: tuple[Level, ...] = ("block", "review", "note")
# A text that breaks a rule twenty times needs no twenty-first marking, and a hostile one has thousands.
_MOST = 20
_UNCOMPARED = "A figure; there is no brief here that could support it, so compare it yourself."

Spot = tuple[int, int] | None


def check_copy(
    copy: Copy,
    *,
    brief: Brief,
    product: Product | None,
    policies: PolicySet,
    as_of: date,
    picture: Picture | None = None,
) -> tuple[Finding, ...]:
    """What the guardrails of the copy's channel and the brief's markets say of `copy` and its picture.

    Every guardrail in scope is evaluated. Findings come by level (block, review, note), then by
    field, place and rule; spans count characters of the named field. A copy for another channel
    than the brief's is judged by the guardrails of its own channel. ValueError for a copy that names a
    picture which is not given: words and picture are judged together or not at all.
    """
    judged = _judge(copy, brief, product, policies, as_of, picture, most=_MOST)
    return _ordered(one for one in judged if isinstance(one, Finding))


def allowances(
    copy: Copy,
    *,
    brief: Brief,
    product: Product | None,
    policies: PolicySet,
    as_of: date,
    picture: Picture | None = None,
) -> tuple[Allowance, ...]:
    """On which words of `copy` a guardrail would have fired, had the brief or the product not let it be silent.

    In the order of the fields, then by place and rule; the same words let pass by the same source stand once a field.
    ValueError as in `check_copy`.
    """
    judged = _judge(copy, brief, product, policies, as_of, picture, most=None)
    once = {(one.field, one.rule, one.text, one.by): one for one in judged if isinstance(one, Allowance)}
    return tuple(sorted(once.values(), key=lambda one: (_FIELDS.index(one.field), one.span or (-1, -1), one.rule)))


def check_texts(
    texts: Iterable[str],
    *,
    policies: PolicySet,
    channel: Channel | None = None,
    markets: Sequence[str] = (),
    field: CopyField = "body",
) -> Iterator[tuple[Finding, ...]]:
    """The findings of each text, in order, without a brief.

    Without a channel, guardrails of every channel hold and lengths are not judged; without markets,
    guardrails of every market hold. Nothing can be compared with a brief, so figures are notes,
    links are not judged, and superlatives and words that a brief could allow are found as they are.
    """
    rules = tuple(
        rule
        for rule in policies.guardrails
        if (channel is None or rule.scope.channels == "all" or channel in rule.scope.channels)
        and (not markets or rule.scope.markets == "all" or set(markets) & set(rule.scope.markets))
    )
    support = Support.none(markets)
    compiled = compiled_for(policies)
    for text in texts:
        judged = _judge_field(compiled, rules, support, field, text, lengths=channel is not None, most=_MOST)
        yield _ordered(one for one in judged if isinstance(one, Finding))


def verdict(findings: Iterable[Finding]) -> Level | None:
    """The gravest level of `findings`; None where there are none."""
    levels = {finding.level for finding in findings}
    return next((level for level in _LEVELS if level in levels), None)


def fires_on(rule: Guardrail, cases: Iterable[GuardrailCase]) -> Iterator[bool]:
    """Whether a guardrail alone fires, for each of the cases."""
    compiled = Compiled((rule,))
    for case in cases:
        support = Support.given(case.given) if case.given is not None else Support(markets=("US",))
        text = case.text * case.repeat
        found = [*_judge_field(compiled, (rule,), support, case.field, text, lengths=True, most=1)]
        if case.picture is not None:
            found += _judge_picture(compiled, (rule,), support, case.picture, {case.field: text}, most=1)
        yield any(isinstance(one, Finding) for one in found)


@dataclass(frozen=True)
class _Text:
    """One field's text with what the matchers said of it."""

    field: str
    words: str
    spots: dict[str, list[tuple[int, int]]]
    lengths: bool


class _Seen(NamedTuple):
    """One place that a guardrail looks for."""

    spot: Spot
    """None is the whole text."""
    level: Level
    source: Source | None = None
    """What lets the guardrail be silent here; None where nothing does."""


_Judged = Iterator[Finding | Allowance]


def check_parts(
    kind: AssetKind,
    texts: Mapping[str, str],
    *,
    brief: Brief,
    product: Product | None,
    policies: PolicySet,
    as_of: date,
) -> tuple[Finding | Allowance, ...]:
    """What the guardrails that name this kind of asset say of its parts (name to text), and what let them be silent.

    Lengths are those of channels, and no part of such an asset is on one: they are not looked at.
    """
    support = Support.of(brief, product, as_of)
    rules = policies.guardrails_for(brief.channel, brief.markets, kind)
    compiled = compiled_for(policies)
    judged = [
        one
        for name, text in texts.items()
        for one in _judge_field(compiled, rules, support, name, text, lengths=False, most=_MOST)
    ]
    findings = _ordered(one for one in judged if isinstance(one, Finding))
    return (*findings, *(one for one in judged if isinstance(one, Allowance)))


def _judge(
    copy: Copy,
    brief: Brief,
    product: Product | None,
    policies: PolicySet,
    as_of: date,
    picture: Picture | None,
    *,
    most: int | None,
) -> _Judged:
    if (copy.image is None) != (picture is None):
        raise ValueError("a copy with a picture is judged with its picture, and one without is judged without")
    support = Support.of(brief, product, as_of)
    rules = policies.guardrails_for(copy.channel, brief.markets)
    compiled = compiled_for(policies)
    # What is judged is what is sent: a copy without a button of its own goes out with the brief's.
    action = copy.call_to_action or brief.call_to_action
    texts: dict[CopyField, str] = {"subject": copy.subject, "preheader": copy.preheader, "body": copy.body}
    texts["call_to_action"] = action.label
    for field, text in texts.items():
        yield from _judge_field(compiled, rules, support, field, text, lengths=True, most=most)
    if picture is not None:
        yield from _judge_picture(compiled, rules, support, picture, texts, most=most)
    source = support.leads_to(target_of(action.url))
    for rule in rules:
        if rule.match.links is not None and _looks_at(rule, "call_to_action"):
            yield _told(rule, "call_to_action", plain_address(action.url), _Seen(None, rule.level, source))


def _judge_picture(
    compiled: Compiled,
    rules: Sequence[Guardrail],
    support: Support,
    picture: Picture | GivenPicture,
    texts: Mapping[CopyField, str],
    *,
    most: int | None,
) -> _Judged:
    """What is said of a picture in words, and what its labels ask for."""
    words: dict[CopyField, str] = {"alt": picture.alt, "caption": picture.caption}
    for field, text in words.items():
        yield from _judge_field(compiled, rules, support, field, text, lengths=True, most=most)
    seen = [text for field, text in {**texts, **words}.items() if field in _SEEN and text]
    for rule in rules:
        asked = rule.match.picture
        if asked is None or not set(asked.labels) & set(picture.labels):
            continue
        if asked.without_source is not None:
            lacks = picture.source_type not in asked.without_source
        else:
            disclosed = PhraseMatcher(list(asked.without_words or ()))
            lacks = not any(True for text in seen for _ in disclosed.find(normalise(text)))
        if lacks:
            labels = ", ".join(sorted(set(asked.labels) & set(picture.labels)))
            yield _finding(rule, "caption", labels, None, rule.level)


def _judge_field(
    compiled: Compiled,
    rules: Sequence[Guardrail],
    support: Support,
    field: str,
    text: str,
    *,
    lengths: bool,
    most: int | None,
) -> _Judged:
    looked_at = _Text(field, text, compiled.spots(normalise(text)) if text else {}, lengths)
    for rule in rules:
        if not _looks_at(rule, field):
            continue
        fired = 0
        for seen in _seen(rule, looked_at, support):
            told = _told(rule, field, text if seen.spot is None else text[slice(*seen.spot)], seen)
            yield told
            fired += isinstance(told, Finding)
            if fired == most:
                break
        if rule.match.facts is not None and field == "body":
            for fact in support.unsaid(text):
                yield _finding(rule, field, fact, None, rule.level)


def _looks_at(rule: Guardrail, field: str) -> bool:
    return rule.fields == "all" or field in rule.fields


def _seen(rule: Guardrail, text: _Text, support: Support) -> Iterator[_Seen]:
    """What one guardrail looks for in one text, each with what lets it be silent there."""
    match = rule.match
    words = text.words
    for start, end in text.spots.get(rule.id, ()):
        yield _Seen((start, end), rule.level, _let_by(rule, words, start, end, support))
    bounds = next((one for name, one in (match.length or {}).items() if name == text.field and text.lengths), None)
    if bounds is not None and not _fits(words, bounds):
        yield _Seen(None, rule.level)
    if not words:
        return
    if match.superlatives is not None:
        for found in superlatives(words):
            span = found.start, found.end
            source = support.claims_it(words, found) or support.is_part_of_the_name(words, *span)
            yield _Seen(span, rule.level, source)
    if match.figures is not None:
        yield from _figures(rule, words, support)
    if match.links is not None and support.known:
        for link in links(words):
            yield _Seen((link.start, link.end), rule.level, support.leads_to(link.target))
    if match.pii is not None:
        for piece in personal_data(words, kinds=match.pii, regions=support.markets):
            yield _Seen((piece.start, piece.end), rule.level, support.owns(piece.value))


def _let_by(rule: Guardrail, words: str, start: int, end: int, support: Support) -> Source | None:
    """What of the brief, or whether the product's own name, may use such words, where the policy lets it."""
    match rule.unless:
        case "in-brief":
            return support.says(words[start:end])
        case "in-name":
            return support.names(words, start, end)
        case None:
            return None


def _figures(rule: Guardrail, words: str, support: Support) -> Iterator[_Seen]:
    wanted = rule.match.figures or ()
    # The digits of an address are the address's affair, and links are judged as links.
    skipped = [(link.start, link.end) for link in links(words)]
    for figure in figures(words):
        if figure.kind not in wanted or any(start <= figure.start < end for start, end in skipped):
            continue
        span = figure.start, figure.end
        source = support.states(figure) or support.is_part_of_the_name(words, *span, any_case=True)
        yield _Seen(span, rule.level if support.known else "note", source)
        if not support.known:
            # Without a brief nothing was compared, so one reminder a text is all there is to say.
            return


def _fits(text: str, length: Length) -> bool:
    size = columns if length.columns else characters
    count = size(text)
    return (
        (length.at_least is None or count >= length.at_least)
        and (length.at_most is None or count <= length.at_most)
        and (length.parts_at_most is None or sms_parts(text) <= length.parts_at_most)
        and (length.paragraphs_at_most is None or len(paragraphs(text)) <= length.paragraphs_at_most)
        and (
            length.paragraph_at_most is None or max(map(size, paragraphs(text)), default=0) <= length.paragraph_at_most
        )
    )


def _told(rule: Guardrail, field: str, words: str, seen: _Seen) -> Finding | Allowance:
    if seen.source is not None:
        return Allowance(
            rule=rule.id,
            version=rule.version,
            field=field,
            span=seen.spot,
            text=_short(words),
            by=seen.source.what,
            words=_short(seen.source.text),
        )
    found = _finding(rule, field, words, seen.spot, seen.level)
    if seen.level != rule.level:
        return found.model_copy(update={"message": _UNCOMPARED})
    if rule.match.links is not None and misleads(words):
        return found.model_copy(update={"message": f"{rule.message} It leads to {host_of(words)}."})
    return found


def _finding(rule: Guardrail, field: str, words: str, spot: Spot, level: Level) -> Finding:
    return Finding(
        rule=rule.id,
        version=rule.version,
        level=level,
        field=field,
        span=spot,
        text=_short(words),
        message=rule.message,
        suggestion=rule.suggestion,
    )


def _short(words: str) -> str:
    # Half a surrogate pair can stand in a text from a file, but in nothing that is stored.
    sound = words.encode("utf-8", "replace").decode()
    return (sound if len(sound) <= 200 else f"{sound[:197]}...").strip()


def _ordered(findings: Iterable[Finding]) -> tuple[Finding, ...]:
    return tuple(
        sorted(
            findings,
            key=lambda f: (
                _LEVELS.index(f.level),
                _FIELDS.index(f.field) if f.field in _FIELDS else -1,
                f.span or (-1, -1),
                f.rule,
            ),
        )
    )
