"""Guardrails applied to copy: pure verdicts, in an order that never changes.

`check_copy` judges one copy against its brief; `check_texts` judges texts that have none. The
matchers of a policy set are built once and kept as long as the set is in use.
"""

from collections.abc import Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass
from datetime import date
from itertools import islice

from policies.compiled import Compiled, compiled_for
from policies.guardrail import CopyField, GivenPicture, Guardrail, GuardrailCase, Length
from policies.policy_set import PolicySet
from policies.support import Support
from presscheck.matching import (
    PhraseMatcher,
    characters,
    claimed_by,
    links,
    normalise,
    paragraphs,
    personal_data,
    sms_parts,
    superlatives,
    target_of,
    unsupported,
)
from presscheck.models import Brief, Channel, Copy, Finding, Level, Picture, Product

__all__ = ["check_copy", "check_texts", "fires_on", "verdict"]

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
    if (copy.image is None) != (picture is None):
        raise ValueError("a copy with a picture is judged with its picture, and one without is judged without")
    support = Support.of(brief, product, as_of)
    rules = policies.guardrails_for(copy.channel, brief.markets)
    return _ordered(_judge(compiled_for(policies), rules, support, copy, picture))


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
        yield _ordered(_judge_field(compiled, rules, support, field, text, lengths=channel is not None))


def verdict(findings: Iterable[Finding]) -> Level | None:
    """The gravest level of `findings`; None where there are none."""
    levels = {finding.level for finding in findings}
    return next((level for level in _LEVELS if level in levels), None)


def fires_on(rule: Guardrail, cases: Iterable[GuardrailCase]) -> Iterator[bool]:
    """Whether a guardrail alone fires, for each of the cases."""
    compiled = Compiled((rule,))
    for case in cases:
        support = Support.given(case.given) if case.given is not None else Support((), (), (), (), ("US",))
        text = case.text * case.repeat
        found = [*_judge_field(compiled, (rule,), support, case.field, text, lengths=True)]
        if case.picture is not None:
            found += _judge_picture(compiled, (rule,), support, case.picture, {case.field: text})
        yield bool(found)


@dataclass(frozen=True)
class _Text:
    """One field's text with what the matchers said of it."""

    field: CopyField
    words: str
    spots: dict[str, list[tuple[int, int]]]
    lengths: bool


def _judge(
    compiled: Compiled, rules: Sequence[Guardrail], support: Support, copy: Copy, picture: Picture | None
) -> Iterator[Finding]:
    action = copy.call_to_action
    texts: dict[CopyField, str] = {"subject": copy.subject, "preheader": copy.preheader, "body": copy.body}
    texts["call_to_action"] = action.label if action is not None else ""
    for field, text in texts.items():
        yield from _judge_field(compiled, rules, support, field, text, lengths=True)
    if picture is not None:
        yield from _judge_picture(compiled, rules, support, picture, texts)
    if action is not None and target_of(action.url) not in support.links:
        for rule in rules:
            if rule.match.links is not None and _looks_at(rule, "call_to_action"):
                yield _finding(rule, "call_to_action", action.url, None, rule.level)


def _judge_picture(
    compiled: Compiled,
    rules: Sequence[Guardrail],
    support: Support,
    picture: Picture | GivenPicture,
    texts: Mapping[CopyField, str],
) -> Iterator[Finding]:
    """What is said of a picture in words, and what its labels ask for."""
    words: dict[CopyField, str] = {"alt": picture.alt, "caption": picture.caption}
    for field, text in words.items():
        yield from _judge_field(compiled, rules, support, field, text, lengths=True)
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
    compiled: Compiled, rules: Sequence[Guardrail], support: Support, field: CopyField, text: str, *, lengths: bool
) -> Iterator[Finding]:
    looked_at = _Text(field, text, compiled.spots(normalise(text)) if text else {}, lengths)
    for rule in rules:
        if not _looks_at(rule, field):
            continue
        for spot, level in islice(_spots(rule, looked_at, support), _MOST):
            found = _finding(rule, field, text if spot is None else text[slice(*spot)], spot, level)
            uncompared = level != rule.level
            yield found.model_copy(update={"message": _UNCOMPARED}) if uncompared else found
        if rule.match.facts is not None and field == "body":
            for fact in support.unsaid(text):
                yield _finding(rule, field, fact, None, rule.level)


def _looks_at(rule: Guardrail, field: CopyField) -> bool:
    return rule.fields == "all" or field in rule.fields


def _spots(rule: Guardrail, text: _Text, support: Support) -> Iterator[tuple[Spot, Level]]:
    """Where one guardrail fires in one text; None is the whole of it."""
    match = rule.match
    words = text.words
    for start, end in text.spots.get(rule.id, ()):
        if not _excused(rule, words, start, end, support):
            yield (start, end), rule.level
    bounds = (match.length or {}).get(text.field) if text.lengths else None
    if bounds is not None and not _fits(words, bounds):
        yield None, rule.level
    if not words:
        return
    if match.superlatives is not None:
        for found in superlatives(words):
            if not claimed_by(words, found, support.claims) and not _in_a_name(words, found.start, support.names):
                yield (found.start, found.end), rule.level
    if match.figures is not None:
        yield from _figures(rule, words, support)
    if match.links is not None and support.known:
        for link in links(words):
            if link.target not in support.links:
                yield (link.start, link.end), rule.level
    if match.pii is not None:
        for piece in personal_data(words, kinds=match.pii, regions=support.markets):
            if piece.value not in support.own_contacts:
                yield (piece.start, piece.end), rule.level


def _excused(rule: Guardrail, words: str, start: int, end: int, support: Support) -> bool:
    """True where the policy lets the brief, or the product's own name, use such words."""
    match rule.unless:
        case "in-brief":
            return support.says(words[start:end])
        case "in-name":
            return _in_a_name(words, start, support.names) and _in_a_name(words, end - 1, support.names)
        case None:
            return False


def _figures(rule: Guardrail, words: str, support: Support) -> Iterator[tuple[Spot, Level]]:
    wanted = rule.match.figures or ()
    # The digits of an address are the address's affair, and links are judged as links.
    skipped = [(link.start, link.end) for link in links(words)]
    for figure in unsupported(words, support.figures):
        if figure.kind not in wanted or any(start <= figure.start < end for start, end in skipped):
            continue
        yield (figure.start, figure.end), rule.level if support.known else "note"
        if not support.known:
            # Without a brief nothing was compared, so one reminder a text is all there is to say.
            return


def _fits(text: str, length: Length) -> bool:
    count = characters(text)
    return (
        (length.at_least is None or count >= length.at_least)
        and (length.at_most is None or count <= length.at_most)
        and (length.parts_at_most is None or sms_parts(text) <= length.parts_at_most)
        and (length.paragraphs_at_most is None or len(paragraphs(text)) <= length.paragraphs_at_most)
        and (length.paragraph_at_most is None or _longest(text) <= length.paragraph_at_most)
    )


def _longest(text: str) -> int:
    return max((characters(one) for one in paragraphs(text)), default=0)


def _in_a_name(words: str, at: int, names: Iterable[str]) -> bool:
    """True where the place lies in the product's own name, in which a superlative is a name."""
    for name in names:
        start = words.find(name) if name else -1
        while start >= 0:
            if start <= at < start + len(name):
                return True
            start = words.find(name, start + 1)
    return False


def _finding(rule: Guardrail, field: CopyField, words: str, spot: Spot, level: Level) -> Finding:
    # Half a surrogate pair can stand in a text from a file, but in no finding that is stored.
    sound = words.encode("utf-8", "replace").decode()
    short = sound if len(sound) <= 200 else f"{sound[:197]}..."
    return Finding(
        rule=rule.id,
        version=rule.version,
        level=level,
        field=field,
        span=spot,
        text=short,
        message=rule.message,
        suggestion=rule.suggestion,
    )


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
