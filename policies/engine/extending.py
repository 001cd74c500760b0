"""The rule that a project's file makes of one below it, or why it makes none.

    changed = extended_rule(document, below, off, held, faults)     # the rule and the project's reason

What can be wrong with the changes themselves is told by `rule_overlay`.
"""

from collections.abc import Iterable, Iterator, Mapping

from policies.engine.cases import failing_cases
from policies.engine.guardrail import Guardrail
from policies.engine.policy import Policy
from policies.engine.rule_overlay import Reason, RuleOverlay, laid_over
from presscheck.documents.document import Document
from presscheck.documents.sentences import did_you_mean, shown
from presscheck.errors import Fault, PolicyError
from presscheck.models import Digest

Below = Mapping[str, tuple[Policy, Document]]
"""The policies below by their ids, each with what its file says."""
Off = Mapping[str, str]
"""Rules whose packs are off, and those packs."""


def extended_rule(
    document: Document, below: Below, off: Off, held: set[Digest], faults: list[Fault]
) -> tuple[Guardrail, Reason] | None:
    """The changed rule with the reason; None with at least one fault more. `held` are versions whose cases hold."""
    try:
        overlay = document.parse(RuleOverlay, PolicyError)
    except PolicyError as broken:
        faults.extend(broken.faults)
        return None
    rule, written = below.get(overlay.extends, (None, None))
    if written is None or not isinstance(rule, Guardrail):
        faults.append(document.fault(("extends",), _no_such_rule(overlay.extends, below, off)))
        return None
    found: list[Fault] = []
    merged = laid_over(overlay, document, written, found)
    if not found:
        try:
            changed = merged.parse(Guardrail, PolicyError)
        except PolicyError as broken:
            found.extend(broken.faults)
        else:
            found.extend(_cases_that_fail(changed, len(overlay.cases), merged, held))
            if not found:
                reason = Reason(overlay.extends, overlay.owner, overlay.why)
                return changed.model_copy(update={"overrides": True}), reason
    faults.extend(found)
    return None


def _cases_that_fail(rule: Guardrail, ours: int, merged: Document, held: set[Digest]) -> Iterator[Fault]:
    """The cases of a changed rule that do not hold; the first `ours` of them are the overlay's."""
    if rule.version in held:
        return
    failing = [*failing_cases(rule)]
    for at, said in failing:
        case = rule.cases[at]
        if at < ours:
            yield merged.fault(("cases", at), said)
        else:
            fires, not_so = ("true", "false") if case.fires else ("false", "true")
            told = f"{shown(case.text)} is a case of {rule.id} as it ships, with fires: {fires}, and holds no more; "
            yield merged.fault(("cases",), f"{told}if that is meant, list it in cases with fires: {not_so}")
    if not failing:
        held.add(rule.version)


def _no_such_rule(id_: str, below: Below, off: Off) -> str:
    if id_ in off:
        return f"{id_} is in the pack {off[id_]}, which is off; {_how_on(off[id_])}"
    if id_ in below:
        return f"{id_} is no guardrail; replace the whole policy with overrides: true"
    rules = [rule for rule, _ in below.values() if isinstance(rule, Guardrail)]
    if renamed := [rule.id for rule in rules if rule.formerly == id_]:
        return f"{id_} is called {' and '.join(renamed)} now; write that"
    known = [*(rule.id for rule in rules), *off]
    advice = did_you_mean(id_, known, "presscheck policies packs PACK lists those of a pack")
    return f"there is no {id_} to change; {advice}"


def nothing_to_override(id_: str, policies: Iterable[Policy], off: Off) -> str:
    """Why there is nothing below that a policy of this id could replace."""
    if id_ in off:
        return f"{id_} is in the pack {off[id_]}, which is off; {_how_on(off[id_])}, or take overrides out"
    renamed = (one.id for one in policies if isinstance(one, Guardrail) and one.formerly == id_)
    now = next(renamed, None)
    advice = f"it is called {now} now, and presscheck policies migrate writes that" if now else "check the id"
    return f"there is no {id_} to override; {advice}"


def _how_on(pack: str) -> str:
    return f"switch it on with packs/{pack}/pack.yaml: extends: {pack}, on: true"
