"""Lets a run use a model, a prompt or a tool as far as the usage policy allows it, and signs what it refused.

    admission = LibraryAdmission(ledger, desk.policies, run=run)
    admission.admit(wanted)                  # NotAdmitted, after the event model:refused
    admission.tools(["deepl/translate"], step="translate/1")

It is asked by whoever is about to send something (`presscheck.providers.admission`), with exactly that. Events name
rules and digests, never words.
"""

from collections.abc import Mapping, Sequence
from datetime import date
from functools import lru_cache
from typing import Any

from policies import PolicySet, check_texts
from policies.engine.using import refused_model, refused_prompt, refused_tool
from presscheck.desk.situation import PolicySource, current_policies
from presscheck.digests import digest_of
from presscheck.documents.sentences import listed
from presscheck.ledger import EventKind, Ledger, Reader
from presscheck.library.decided import yes_to_prompt
from presscheck.models import Prompt, Refused
from presscheck.providers.admission import NotAdmitted, Wanted

_FAMILY = "pii"
_LONGEST = 200


class LibraryAdmission:
    """The usage policies of this moment, over one run."""

    def __init__(self, ledger: Ledger, policies: PolicySource, *, run: str) -> None:
        self._ledger = ledger
        self._policies = policies
        self._run = run

    def admit(self, wanted: Wanted) -> None:
        """Nothing where it may be sent; NotAdmitted where not, once that is on record."""
        with self._ledger.view() as tx:
            policies = current_policies(self._policies)
            if isinstance(policies, Refused):
                refused, given, rules = policies, wanted.given, ()
            else:
                rules = personal_rules(policies, wanted.text, tx.now.date())
                given = wanted.given.union(["personal"] if rules else [])
                refused = _refused(tx, self._policies, policies, wanted, given, rules)
        if refused is None:
            return
        body = {
            "model": wanted.model[:_LONGEST],
            "at": wanted.at,
            "purpose": wanted.purpose,
            "prompt": {"id": wanted.prompt.id, "version": wanted.prompt.version, "words": digest_of(wanted.told)},
            "code": refused.code,
            "classes": sorted(given),
            "rules": list(rules),
        }
        self._record(EventKind.MODEL_REFUSED, wanted.model, body)
        raise NotAdmitted(f"nothing was sent to {wanted.model}: {refused.reason}")

    def tools(self, names: Sequence[str], *, step: str) -> Refused | None:
        """Why a step may not use one of some tools; None where it may use each. Either is on record then."""
        with self._ledger.view() as tx:
            policies = current_policies(self._policies)
            on = tx.now.date()
        for name in names:
            refused = policies if isinstance(policies, Refused) else refused_tool(policies.usage, name, on=on)
            if refused is not None:
                self._record(EventKind.TOOL_REFUSED, name, {"step": step, "code": refused.code})
                return refused
        for name in names:
            self._record(EventKind.TOOL_USED, name, {"step": step})
        return None

    def _record(self, kind: EventKind, subject: str, body: Mapping[str, Any]) -> None:
        with self._ledger.write() as tx:
            tx.append(kind, subject[:_LONGEST], dict(body), run=self._run)


def refused_text(
    tx: Reader, source: PolicySource, policies: PolicySet, prompt: Prompt, *, on: date, told: str | None = None
) -> Refused | None:
    """Why a prompt may not be given to a model, as its text is `told`; None where an entry or people's yes lets it."""
    words = prompt.words if told is None else digest_of(told)
    undecided = Refused(code="prompt-undecided", reason="nobody was asked yet.")
    found = refused_prompt(policies.usage, prompt.id, version=prompt.version, words=words, on=on, decision=undecided)
    if found is None:
        return None
    # What people decided is looked for only where no entry lets it: it takes far longer.
    text = prompt.text if told is None else told
    yes = yes_to_prompt(tx, source, prompt.id, text, editor=prompt.edited_by)
    decision = yes if isinstance(yes, Refused) else None
    return refused_prompt(policies.usage, prompt.id, version=prompt.version, words=words, on=on, decision=decision)


def personal_rules(policies: PolicySet, text: str, on: date) -> tuple[str, ...]:
    """The rules of the family pii that find personal data in a text; where none is in force, that nobody looks."""
    looking = _looking(policies)
    if not looking.guardrails:
        return (f"{_FAMILY}: no rule is in force",)
    [found] = check_texts([text], policies=looking, as_of=on)
    # What is only worth a note, such as a plain web address, is nobody's data.
    return tuple(sorted({one.rule for one in found if one.level != "note"}))


def _refused(
    tx: Reader,
    source: PolicySource,
    policies: PolicySet,
    wanted: Wanted,
    given: frozenset[str],
    rules: tuple[str, ...],
) -> Refused | None:
    on = tx.now.date()
    model = refused_model(policies.usage, wanted.model, purpose=wanted.purpose, at=wanted.at, given=given, on=on)
    if model is not None and model.code == "data-class" and rules:
        return model.model_copy(update={"reason": f"{model.reason} Found by {listed(rules)}."})
    return model or refused_text(tx, source, policies, wanted.prompt, on=on, told=wanted.told)


@lru_cache(maxsize=4)
def _looking(policies: PolicySet) -> PolicySet:
    """The rules of the family alone, compiled once for a set of policies."""
    return policies.narrowed(_FAMILY)
