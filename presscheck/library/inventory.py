"""What people browse: everything that may be used, with who answers for it, who uses it, and what was refused lately.

    found = library_of(tx, desk.policies)        # Library, or Refused where no policies are in force

What may be used is what the usage policies say; who used it comes from signed events, of the last ninety days.
"""

from collections.abc import Iterable, Sequence
from datetime import date, timedelta
from typing import Any, Literal

from policies import PolicySet
from policies.engine.usage import PROMPT_DIGITS, ModelEntry, PromptEntry, ToolEntry, UsagePolicy, prompts_need
from presscheck.desk.situation import PolicySource, current_policies
from presscheck.ledger import EventKind, Reader, timestamp
from presscheck.library.admission import refused_text
from presscheck.library.decided import PromptYes, yeses_to_prompts
from presscheck.library.uses import Use, Uses
from presscheck.models import Digest, Frozen, Refused
from presscheck.people.rights import person_name

DAYS = 90
SOON = 30
"""Days before its end from which an approval is said to be over soon."""
_MOST_REFUSALS = 50
_WHY = {
    "unlisted": "no policy approves it",
    "expired": "its approval is over",
    "model-elsewhere": "at another address than approved",
    "model-purpose": "for something else than approved",
    "data-class": "data that it may not see",
    "prompt-changed": "the prompt has other words than approved",
    "prompt-undecided": "nobody approved the prompt's words",
    "policies-broken": "the policies do not load",
    "policies-unsigned": "nobody has signed the policies",
}

State = Literal["approved", "soon", "over"]


class Listed(Frozen):
    """A model or a tool that a usage policy names."""

    name: str
    owner: str
    purpose: str
    asked_for: tuple[str, ...] = ()
    runs: str
    hosts: tuple[str, ...]
    sees: tuple[str, ...]
    by: str
    on: date
    until: date
    state: State
    policy: str
    uses: tuple[Use, ...]


class Approval(Frozen):
    """One approval of a prompt's words: an entry of a policy, or people's yes at a gate."""

    words: str
    """Their digest; of an entry as many of its digits as it has."""
    version: str = ""
    how: Literal["entry", "decision"]
    by: str
    on: str
    until: str
    current: bool
    """Whether these are the words that the prompt has now."""
    counts: bool
    why_not: str = ""
    source: str
    """The policy, or the review."""


class ListedPrompt(Frozen):
    """A prompt of the policies in force, whether or not it may be used."""

    id: str
    version: str
    words: Digest
    digits: str
    """As many of the digits of its words as an entry needs."""
    owner: str
    why: str
    text: str
    refused: str
    """Why it may not be given to a model; empty: it may."""
    until: str
    approvals: tuple[Approval, ...]
    uses: tuple[Use, ...]


class Refusal(Frozen):
    """Something that was not sent, or not used."""

    at: str
    what: str
    campaign: str
    run: str
    code: str
    why: str
    """The code in words."""
    purpose: str = ""
    place: str = ""
    prompt: str = ""
    classes: tuple[str, ...] = ()
    rules: tuple[str, ...] = ()
    step: str = ""


class Library(Frozen):
    """Everything that may be used, and who uses it."""

    models: tuple[Listed, ...]
    tools: tuple[Listed, ...]
    prompts: tuple[ListedPrompt, ...]
    prompts_need: Literal["listed", "decision"]
    refused: tuple[Refusal, ...]
    days: int = DAYS


def library_of(tx: Reader, source: PolicySource) -> Library | Refused:
    """The library by the policies in force, at the ledger's time."""
    policies = current_policies(source)
    if isinstance(policies, Refused):
        return policies
    today = tx.now.date()
    uses = Uses.read(tx, since=timestamp(tx.now - timedelta(days=DAYS)))
    yeses = yeses_to_prompts(tx, source)
    return Library(
        models=tuple(_listed(policy, one, uses, today) for policy in policies.usage for one in policy.models),
        tools=tuple(_listed(policy, one, uses, today) for policy in policies.usage for one in policy.tools),
        prompts=tuple(_prompts(tx, source, policies, uses, yeses, today)),
        prompts_need=prompts_need(policies.usage),
        refused=_refusals(tx, uses),
    )


def state_of(until: date, today: date) -> State:
    """Whether an approval holds, is over soon, or is over."""
    return "over" if until < today else "soon" if until < today + timedelta(days=SOON) else "approved"


def _listed(policy: UsagePolicy, one: ToolEntry, uses: Uses, today: date) -> Listed:
    is_model = isinstance(one, ModelEntry)
    return Listed(
        name=one.name,
        owner=one.owner,
        purpose=one.purpose,
        asked_for=one.for_ if is_model else (),
        runs=one.runs,
        hosts=one.hosts,
        sees=one.sees,
        by=one.approved.by,
        on=one.approved.on,
        until=one.until,
        state=state_of(one.until, today),
        policy=policy.id,
        uses=(uses.of_models if is_model else uses.of_tools)(one.is_called),
    )


def _prompts(
    tx: Reader, source: PolicySource, policies: PolicySet, uses: Uses, yeses: Sequence[PromptYes], today: date
) -> Iterable[ListedPrompt]:
    needs = prompts_need(policies.usage)
    for file in policies.prompts:
        prompt = file.prompt
        refused = refused_text(tx, source, policies, prompt, on=today)
        entries = [(policy, one) for policy in policies.usage for one in policy.prompts if one.id == prompt.id]
        approvals = (
            *(_decision(tx, yes, prompt.words) for yes in yeses if yes.id == prompt.id),
            *(_entry(policy, one, prompt.words, needs, today) for policy, one in entries),
        )
        yield ListedPrompt(
            id=prompt.id,
            version=prompt.version,
            words=prompt.words,
            digits=prompt.words[:PROMPT_DIGITS],
            owner=file.owner,
            why=file.why,
            text=prompt.text,
            refused="" if refused is None else refused.reason,
            until=max((one.until for one in approvals if one.counts and one.current), default=""),
            approvals=approvals,
            uses=uses.of_prompts(prompt.id, prompt.version),
        )


def _decision(tx: Reader, yes: PromptYes, words: Digest) -> Approval:
    return Approval(
        words=yes.words, how="decision", by=person_name(tx, yes.person), on=yes.at[:10], until=yes.until,
        current=yes.words == words, counts=not yes.fallen, why_not=yes.fallen, source=yes.review,
    )  # fmt: skip


def _entry(policy: UsagePolicy, one: PromptEntry, words: Digest, needs: str, today: date) -> Approval:
    over = f"it was until {one.until}" if one.until < today else ""
    why_not = "people's yes at a gate is needed" if needs == "decision" else over
    return Approval(
        words=one.words, version=one.version, how="entry", by=one.approved.by, on=str(one.approved.on),
        until=str(one.until), current=one.has(words), counts=not why_not, why_not=why_not, source=policy.id,
    )  # fmt: skip


def _refusals(tx: Reader, uses: Uses) -> tuple[Refusal, ...]:
    """The last ones, newest first."""
    events = tx.events(EventKind.MODEL_REFUSED, EventKind.TOOL_REFUSED)
    found: list[Refusal] = []
    for event in [one for one in reversed(events) if one.at >= uses.since][:_MOST_REFUSALS]:
        said = event.data
        told: dict[str, Any] = said.get("prompt") or {}
        found.append(
            Refusal(
                at=event.at,
                what=event.subject,
                campaign=uses.campaign_of(event.run),
                run=event.run,
                code=str(said.get("code", "")),
                why=_WHY.get(str(said.get("code", "")), str(said.get("code", ""))),
                purpose=str(said.get("purpose", "")),
                place=str(said.get("at", "")),
                prompt=" version ".join(str(told[key]) for key in ("id", "version") if told.get(key)),
                classes=tuple(map(str, said.get("classes", ()))),
                rules=tuple(map(str, said.get("rules", ()))),
                step=str(said.get("step", "")),
            )
        )
    return tuple(found)
