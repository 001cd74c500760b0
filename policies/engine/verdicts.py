"""Guardrails applied to copy: pure verdicts, in an order that never changes.

`check_copy` judges one copy against its brief, and `allowances` says on which words rules were silent and what let
them be; both come of the same look at the text, so that no rule is silent without a word. `check_texts` judges texts
that have no brief. The matchers of a policy set are built once and kept as long as the set is in use.
"""

from collections.abc import Collection, Iterable, Iterator, Mapping, Sequence
from datetime import date

from policies.engine.alike import fires_beside
from policies.engine.compiled import Compiled
from policies.engine.detecting import Asked, Look, Place, misled, within_any
from policies.engine.guardrail import CopyField, GivenPicture, Guardrail, GuardrailCase
from policies.engine.plan import Plan, plan_for
from policies.engine.policy_set import PolicySet
from policies.engine.replacing import Mended, in_case_of, mended, safe
from policies.engine.rule_kinds import COPY_FIELDS, Links, Pictures
from policies.engine.support import Support
from presscheck.matching import PhraseMatcher, normalise, target_of
from presscheck.models import LEVELS, Allowance, AssetKind, Brief, Channel, Copy, Finding, Level, Picture, Product
from presscheck.world.web_addresses import plain_address

# Alternative text is read aloud to some and seen by few: what readers must see stands in none of it.
_SEEN: tuple[CopyField, ...] = ("subject", "body", "caption")
_GRAVITY = {level: at for at, level in enumerate(LEVELS)}
# A text that breaks a rule twenty times needs no twenty-first marking, and a hostile one has thousands.
_MOST = 20
# A step for some texts, then the next for the same, takes two thirds of the time that all steps for each text take.
# What several rules read of a text is kept for more texts than these (`KEPT`). Long texts need no company.
_AT_ONCE, _CHARACTERS_AT_ONCE = 64, 100_000

_Judged = Iterator[Finding | Allowance]


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

    Every guardrail in scope and in force on the day is evaluated. Findings come by level (block, review, note), then by
    field, place and rule; spans count characters of the named field. A copy for another channel
    than the brief's is judged by the guardrails of its own channel. A finding has the `replacement` that its rule knows
    where the text would be no worse for it. ValueError for a copy that names a
    picture which is not given: words and picture are judged together or not at all.
    """

    def found(words: Copy, *, offer: bool) -> tuple[Finding, ...]:
        judged = _judge(words, brief, product, policies, as_of, picture, most=_MOST, offer=offer)
        return in_order(one for one in judged if isinstance(one, Finding))

    # As it is sent or not at all: what no copy may hold, `mended` and the desk refuse.
    texts = {"subject": copy.subject, "preheader": copy.preheader, "body": copy.body}
    return safe(
        found(copy, offer=True),
        texts,
        lambda field, text: found(copy.model_copy(update={field: text}), offer=False),
    )


def mended_copy(
    copy: Copy,
    findings: Sequence[Finding],
    levels: Collection[Level],
    *,
    brief: Brief,
    product: Product | None,
    policies: PolicySet,
    as_of: date,
    picture: Picture | None = None,
) -> Mended:
    """The copy with every safe replacement of these levels written in, and what is found in it then."""

    def judge(words: Copy) -> tuple[Finding, ...]:
        return check_copy(words, brief=brief, product=product, policies=policies, as_of=as_of, picture=picture)

    return mended(copy, findings, levels, judge)


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
    return tuple(sorted(once.values(), key=lambda one: (COPY_FIELDS.index(one.field), one.span or (-1, -1), one.rule)))


def check_texts(
    texts: Iterable[str],
    *,
    policies: PolicySet,
    channel: Channel | None = None,
    markets: Sequence[str] = (),
    field: CopyField = "body",
    as_of: date | None = None,
    many: bool = False,
    replacements: bool = False,
) -> Iterator[tuple[Finding, ...]]:
    """The findings of each text, in order, without a brief.

    Without a channel, only guardrails of all channels hold and lengths are not judged; without markets, guardrails of
    every market hold; without a day, those of every day. Nothing can be compared with a brief, so figures are notes,
    links are not compared, and words that a brief could allow have the level that their rule gives them then.
    `many`: for thousands of texts, for which a quicker pass is built first; it finds the same. `replacements`: with
    what to write instead where that is safe, for which the text is judged again.
    """
    plan = plan_for(
        policies,
        channel=channel,
        markets=tuple(markets),
        kind="copy",
        field=field,
        as_of=as_of,
        lengths=channel is not None,
    )
    support = Support.none(markets)

    def found(some: Sequence[str], *, offer: bool) -> Iterator[tuple[Finding, ...]]:
        for judged in _judge_texts(plan, support, some, most=_MOST, many=many, offer=offer):
            yield in_order(one for one in judged if isinstance(one, Finding))

    def again(_: str, text: str) -> tuple[Finding, ...]:
        return next(found((text,), offer=False))

    for some in _chunks(texts) if many else ((text,) for text in texts):
        for text, told in zip(some, found(some, offer=replacements), strict=True):
            yield safe(told, {field: text}, again) if replacements else told


def _chunks(texts: Iterable[str]) -> Iterator[Sequence[str]]:
    some: list[str] = []
    characters = 0
    for text in texts:
        some.append(text)
        characters += len(text)
        if len(some) == _AT_ONCE or characters >= _CHARACTERS_AT_ONCE:
            yield some
            some, characters = [], 0
    if some:
        yield some


def verdict(findings: Iterable[Finding]) -> Level | None:
    """The gravest level of `findings`; None where there are none."""
    levels = {finding.level for finding in findings}
    return next((level for level in LEVELS if level in levels), None)


def fires_on(rule: Guardrail, cases: Iterable[GuardrailCase]) -> Iterator[bool]:
    """Whether a guardrail alone fires, for each of the cases."""
    compiled = Compiled((rule,))
    for case in cases:
        if case.given is not None and not rule.holds_on(case.given.on):
            yield False
            continue
        support = Support.given(case.given) if case.given is not None else Support(markets=("US",))
        support = Support.none(("US",)) if case.without_brief else support
        text = case.text * case.repeat
        plan = Plan(compiled, (rule,), case.field)
        judged = [*_judge_field(plan, support, text, most=1)]
        if case.picture is not None:
            plans = {field: Plan(compiled, (rule,), field) for field in ("alt", "caption")}
            judged += _judge_picture(plans, support, case.picture, {case.field: text}, most=1)
        yield any(isinstance(one, Finding) for one in judged) or fires_beside(rule, case)


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
    judged = [
        one
        for name, text in texts.items()
        for one in _judge_field(
            _plan(policies, brief, as_of, brief.channel, kind, name, lengths=False), support, text, most=_MOST
        )
    ]
    findings = in_order(one for one in judged if isinstance(one, Finding))
    return (*findings, *(one for one in judged if isinstance(one, Allowance)))


def _plan(
    policies: PolicySet,
    brief: Brief,
    as_of: date,
    channel: Channel,
    kind: AssetKind,
    field: str,
    *,
    lengths: bool = True,
) -> Plan:
    return plan_for(
        policies,
        channel=channel,
        markets=brief.markets,
        kind=kind,
        field=field,
        as_of=as_of,
        collaboration=brief.collaboration,
        lengths=lengths,
    )


def _judge(
    copy: Copy,
    brief: Brief,
    product: Product | None,
    policies: PolicySet,
    as_of: date,
    picture: Picture | None,
    *,
    most: int | None,
    offer: bool = False,
) -> _Judged:
    if (copy.image is None) != (picture is None):
        raise ValueError("a copy with a picture is judged with its picture, and one without is judged without")
    support = Support.of(brief, product, as_of)
    plans = {field: _plan(policies, brief, as_of, copy.channel, "copy", field) for field in COPY_FIELDS}
    # What is judged is what is sent: a copy without a button of its own goes out with the brief's.
    action = copy.call_to_action or brief.call_to_action
    texts: dict[CopyField, str] = {"subject": copy.subject, "preheader": copy.preheader, "body": copy.body}
    texts["call_to_action"] = action.label
    for field, text in texts.items():
        yield from _judge_field(plans[field], support, text, most=most, offer=offer)
    if picture is not None:
        yield from _judge_picture(plans, support, picture, texts, most=most)
    source = support.leads_to(target_of(action.url))
    for rule, match in plans["call_to_action"].of_kind(Links):
        if match.links == "not-in-brief":
            address = plain_address(action.url)
            place = Place(None, source, message=misled(rule, address), words=address)
            yield _told(rule, "call_to_action", address, place, support)


def _judge_picture(
    plans: Mapping[str, Plan],
    support: Support,
    picture: Picture | GivenPicture,
    texts: Mapping[CopyField, str],
    *,
    most: int | None,
) -> _Judged:
    """What is said of a picture in words, and what its labels ask for."""
    words: dict[CopyField, str] = {"alt": picture.alt, "caption": picture.caption}
    for field, text in words.items():
        yield from _judge_field(plans[field], support, text, most=most)
    seen = [text for field, text in {**texts, **words}.items() if field in _SEEN and text]
    for rule, asked in plans["caption"].of_kind(Pictures):
        if not set(asked.labels) & set(picture.labels):
            continue
        if asked.without_source is not None:
            lacks = picture.source_type not in asked.without_source
        else:
            disclosed = PhraseMatcher(list(asked.without_words or ()))
            lacks = not any(True for text in seen for _ in disclosed.find(normalise(text)))
        if lacks:
            labels = ", ".join(sorted(set(asked.labels) & set(picture.labels)))
            yield _told(rule, "caption", labels, Place(None, words=labels), support)


def _judge_field(
    plan: Plan, support: Support, text: str, *, most: int | None, offer: bool = False
) -> Sequence[Finding | Allowance]:
    [judged] = _judge_texts(plan, support, (text,), most=most, offer=offer)
    return judged


def _judge_texts(
    plan: Plan, support: Support, texts: Sequence[str], *, most: int | None, many: bool = False, offer: bool = False
) -> "list[list[Finding | Allowance]]":
    """What is said of each text; a rule reads all that it is asked about before the next does."""
    spots = plan.compiled.spots([normalise(text) for text in texts], many=many, only=plan.wanted)
    looks = [
        Look(plan.field, text, found, support, plan.unread(text)) for text, found in zip(texts, spots, strict=True)
    ]
    asked: dict[int, list[int]] = {}
    for at, look in enumerate(looks):
        for number in plan.asked(look.spots, support, look.unread):
            asked.setdefault(number, []).append(at)
    by_rule: list[dict[int, list[Place]]] = [{} for _ in texts]
    for number in sorted(asked):
        ask = plan.asks[number]
        for at in asked[number]:
            if places := [*ask.find(ask.match, Asked(ask.rule, ask.at, looks[at]))]:
                by_rule[at].setdefault(ask.order, []).extend(places)
    return [[*_said(plan, support, text, found, most, offer=offer)] for text, found in zip(texts, by_rule, strict=True)]


def _said(
    plan: Plan, support: Support, text: str, by_rule: Mapping[int, list[Place]], most: int | None, *, offer: bool
) -> _Judged:
    for order, places in by_rule.items():
        rule, fired = plan.rules[order], 0
        for place in _apart(places) if len(places) > 1 else places:
            told = _told(rule, plan.field, text, place, support, offer=offer)
            yield told
            fired += isinstance(told, Finding)
            if fired == most:
                break


def _apart(places: list[Place]) -> list[Place]:
    """In order; a rule says a thing once, so of places that overlap the first.

    What is let pass lets pass what lies in it, and nothing that goes beyond it.
    """
    found, let_pass = [one for one in places if one.source is None], [one for one in places if one.source is not None]
    if let_pass:
        lies_in = within_any([one.span for one in let_pass if one.span is not None])
        found = [one for one in found if one.span is None or not lies_in(*one.span)]
    return sorted([*_first_of(found), *_first_of(let_pass)], key=_in_order)


def _first_of(places: list[Place]) -> Iterator[Place]:
    end = -1
    for place in sorted(places, key=_in_order):
        if place.span is None or place.span[0] >= end:
            yield place
            end = end if place.span is None else place.span[1]


def _in_order(place: Place) -> tuple[int, int]:
    return (-1, 0) if place.span is None else (place.span[0], -place.span[1])


def _told(
    rule: Guardrail, field: str, text: str, place: Place, support: Support, *, offer: bool = False
) -> Finding | Allowance:
    span = place.span
    words = place.words if place.words is not None else text if span is None else text[span[0] : span[1]]
    if place.source is not None:
        return Allowance(
            rule=rule.id,
            version=rule.version,
            field=field,
            span=span,
            text=_short(words),
            by=place.source.what,
            words=_short(place.source.text),
        )
    # Not validated: all of it comes from values that were, and there are many.
    return Finding.model_construct(
        rule=rule.id,
        version=rule.version,
        level=rule.level if support.known else rule.without_brief or rule.level,
        field=field,
        span=span,
        text=_short(words),
        message=place.message or rule.message,
        suggestion=rule.suggestion if place.replacement is None else _instead(place.replacement),
        replacement=in_case_of(words, place.replacement) if offer and place.replacement is not None else None,
    )


def _instead(replacement: str) -> str:
    return f"Write “{replacement}” instead." if replacement.strip() else "Leave it out."


def _short(words: str) -> str:
    # Half a surrogate pair can stand in a text from a file, but in nothing that is stored.
    sound = words if words.isascii() else words.encode("utf-8", "replace").decode()
    return (sound if len(sound) <= 200 else f"{sound[:197]}...").strip()


def in_order(findings: Iterable[Finding]) -> tuple[Finding, ...]:
    """By level (block, review, note), then by field, place and rule."""
    every = tuple(findings)
    return every if len(every) < 2 else tuple(sorted(every, key=_place))


def _place(one: Finding) -> tuple[int, int, tuple[int, int], str]:
    where = COPY_FIELDS.index(one.field) if one.field in COPY_FIELDS else -1
    return _GRAVITY[one.level], where, one.span or (-1, -1), one.rule
