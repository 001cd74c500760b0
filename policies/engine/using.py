"""Whether something may be used: the verdicts of all usage policies together. What no entry names is refused.

    refused = refused_model(policies.usage, "openai/gpt-5-mini", purpose="draft", at="", given=("public",), on=day)

None is a yes; a refusal says what was refused, why, and the entry that would let it be used.
"""

from collections.abc import Collection, Iterable, Iterator
from datetime import date, timedelta
from typing import get_args

from policies.engine.usage import (
    PROMPT_DIGITS,
    DataClass,
    ModelEntry,
    PromptEntry,
    ToolEntry,
    UsagePolicy,
    prompts_need,
)
from presscheck.documents.sentences import listed
from presscheck.models import THIS_MACHINE, Refused

_WHERE = "policies/usage/NAME.yaml"
_CLASSES: tuple[DataClass, ...] = get_args(DataClass)


def refused_model(
    usage: Iterable[UsagePolicy], name: str, *, purpose: str, at: str, given: Collection[str], on: date
) -> Refused | None:
    """Why a model may not be asked on a day, for a purpose, at a place, with such data."""
    # Whoever may draft a text may mend it.
    purpose = "draft" if purpose == "repair" else purpose
    entries = [one for policy in usage for one in policy.models if one.is_called(name)]
    entry = _model_entry(name, purpose=purpose, at=at, given=given, on=on)
    return _best(_of_model(entries, name, purpose, at, given, on), f"the model {name}", "models", entry)


def refused_tool(usage: Iterable[UsagePolicy], name: str, *, on: date) -> Refused | None:
    """Why a campaign's step may not use a tool on a day."""
    entries = [one for policy in usage for one in policy.tools if one.is_called(name)]
    entry = (
        f"{{name: {name}, owner: TEAM, purpose: WORDS, runs: public, sees: [public], "
        f"approved: {{by: NAME, on: {on}}}, until: {_in_a_year(on)}}}"
    )
    return _best((_in_time(one, on) for one in entries), f"the tool {name}", "tools", entry)


def refused_prompt(
    usage: Iterable[UsagePolicy], id: str, *, version: str, words: str, on: date, decision: Refused | None
) -> Refused | None:
    """Why a prompt may not be given to a model; `decision`: why no decision lets it, None where one does."""
    if decision is None:
        return None
    held = tuple(usage)
    digits = words[:PROMPT_DIGITS]
    said = f"the prompt {id} version {version}"
    ask = "ask people: presscheck run prompt-approval --set prompt=" + id
    if prompts_need(held) == "decision":
        return Refused(
            code="prompt-undecided",
            reason=f"{said}, words {digits}, may be used once people have approved exactly this text at the gate "
            f"prompt: {decision.reason} To have it approved, {ask}",
        )
    entries = [one for policy in held for one in policy.prompts if (one.id, one.version) == (id, version)]
    if entries and not any(one.has(words) for one in entries):
        approved = listed((one.words[:PROMPT_DIGITS] for one in entries), "or")
        return Refused(
            code="prompt-changed",
            reason=f"{said} was approved with other words ({approved}), and it has {digits} now: whoever changed "
            f"the text did not raise its version. Raise it and have it approved, or {ask}",
        )
    entry = (
        f'{{id: {id}, version: "{version}", words: "{digits}", owner: TEAM, approved: {{by: NAME, on: {on}}}, '
        f"until: {_in_a_year(on)}}}"
    )
    found = _best((_in_time(one, on) for one in entries if one.has(words)), said, "prompts", entry)
    return found and found.model_copy(update={"reason": f"{found.reason} Or {ask}"})


def last_day_of(usage: Iterable[UsagePolicy], name: str, *, at: str) -> date | None:
    """The last day on which a model is approved at a place; None where it is not."""
    entries = (one for policy in usage for one in policy.models if one.is_called(name) and one.reaches(at))
    return max((one.until for one in entries), default=None)


def failing_uses(policy: UsagePolicy) -> Iterator[tuple[int, str]]:
    """The index of each case that does not hold, with what happened instead."""
    for at, case in enumerate(policy.cases):
        when, alone = case.when, (policy,)
        if when.model is not None:
            found = refused_model(alone, when.model, purpose=when.for_, at=when.at, given=when.given, on=when.on)
        elif when.tool is not None:
            found = refused_tool(alone, when.tool, on=when.on)
        else:
            undecided = Refused(code="prompt-undecided", reason="a case knows of no decision.")
            found = refused_prompt(
                alone, when.prompt or "", version=when.version, words=when.words, on=when.on, decision=undecided
            )
        if case.allowed and found is not None:
            yield at, f"should be allowed and is not: {found.reason}"
        elif not case.allowed and found is None:
            yield at, "should not be allowed and is; narrow an entry or mend the case"


def _of_model(
    entries: Iterable[ModelEntry], name: str, purpose: str, at: str, given: Collection[str], on: date
) -> Iterator[Refused | None]:
    """What each entry of its name says, those that come nearest to a yes last."""
    for one in entries:
        if not one.reaches(at):
            yield Refused(code="model-elsewhere", reason=_elsewhere(one, at))
        elif purpose not in one.for_:
            reason = f"is approved for {listed(one.for_)}, and was to be asked for {purpose}."
            yield Refused(code="model-purpose", reason=reason)
        elif (late := _in_time(one, on)) is not None:
            yield late
        elif beyond := [kind for kind in _CLASSES if kind in given and kind not in one.sees]:
            reason = (
                f"runs {_RUNS[one.runs]} and may see {listed(one.sees)} data, and what was to be sent to it holds "
                f"{listed(beyond)} data."
            )
            yield Refused(code="data-class", reason=reason)
        else:
            yield None


_RUNS = {"local": "on this machine", "private": "at hosts of your own", "public": "at a provider"}
_NEARNESS = ("model-elsewhere", "model-purpose", "expired", "data-class")


def _best(found: Iterable[Refused | None], what: str, kind: str, entry: str) -> Refused | None:
    """A yes, where any entry says it; else the refusal that comes nearest, with what to write."""
    verdicts = list(found)
    if None in verdicts:
        return None
    refusals = sorted((one for one in verdicts if one is not None), key=lambda one: _NEARNESS.index(one.code))
    if not refusals:
        reason = f"{what} is approved by no usage policy. Whoever answers for it adds to {kind} in {_WHERE}: {entry}"
        return Refused(code="unlisted", reason=reason)
    nearest = refusals[-1]
    advice = (
        "Take that out of what is sent, or use a model that may see it."
        if nearest.code == "data-class"
        else f"Whoever answers for it changes its entry, or adds to {kind} in {_WHERE}: {entry}"
    )
    return nearest.model_copy(update={"reason": f"{what} {nearest.reason} {advice}"})


def _in_time(one: ToolEntry | PromptEntry, on: date) -> Refused | None:
    if on > one.until:
        return Refused(code="expired", reason=f"was approved until {one.until}, and that is over: {one.owner} answers.")
    return None


def _elsewhere(one: ModelEntry, at: str) -> str:
    here = {THIS_MACHINE: "on this machine", "": "at its provider's own address"}.get(at, f"at {at}")
    places = (*(("its provider's own address",) if one.runs == "public" else ()), *one.hosts)
    there = f"at {listed(places, 'or')}" if places else "on this machine alone"
    return f"is approved {there}, and was to be asked {here}; the approval of a name is none for another address."


def _model_entry(name: str, *, purpose: str, at: str, given: Collection[str], on: date) -> str:
    runs = "local" if at == THIS_MACHINE else "private" if at else "public"
    # An entry that runs in public and sees personal data does not load.
    sees = [kind for kind in _CLASSES if kind in given and (runs, kind) != ("public", "personal")]
    hosts = f"hosts: [{at}], " if runs == "private" else ""
    # Whoever drafts with a model tries it first.
    purposes = "draft, try" if purpose in ("draft", "try") else purpose
    return (
        f"{{name: {name}, owner: TEAM, purpose: WORDS, for: [{purposes}], runs: {runs}, {hosts}"
        f"sees: [{', '.join(sees)}], approved: {{by: NAME, on: {on}}}, until: {_in_a_year(on)}}}"
    )


def _in_a_year(on: date) -> date:
    return on + timedelta(days=365)
