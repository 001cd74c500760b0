"""How the guardrails in force differ from those that ship, and what of that lets more through.

    differences(policies)                                        # every difference of a rule, in words
    weakenings(policies)                                         # what is weaker, and what may be
    weakenings_in(policies, channel="email", markets=["US"])     # those that touch such a text

A pack that ships off weakens nothing, and neither does a rule that is the project's own.
"""

from collections.abc import Collection, Iterable, Iterator
from dataclasses import replace

from policies.engine.changes import Change, told
from policies.engine.guardrail import Guardrail
from policies.engine.policy_set import PolicySet
from policies.engine.rule_kinds import Patterns, Phrases
from policies.engine.weighing import STRICTER, WEAKER, Weight
from presscheck.cleaning import shorten
from presscheck.models import AssetKind, Channel, Collaboration

_SAYS = ("title", "why", "source", "owner", "message", "suggestion", "cases", "formerly", "overrides")
"""What a rule says of itself and to people: none of it decides what is found."""
_LONG = 160


def differences(policies: PolicySet) -> tuple[Change, ...]:
    """Every difference between the guardrails in force and those that ship, by id, with the project's reason."""
    return tuple(_differences(policies, of_rules_alone=False))


def weakenings(policies: PolicySet) -> tuple[Change, ...]:
    """What is weaker than it ships; a change of what a rule finds that nothing can weigh is told as one that may be."""
    found = (one for one in _differences(policies, of_rules_alone=True) if one.weight != STRICTER)
    return tuple(one if one.weight else replace(one, said=f"{one.said}; it may be weaker") for one in found)


def weakenings_in(
    policies: PolicySet,
    *,
    channel: Channel,
    markets: Collection[str],
    kinds: Iterable[AssetKind] = ("copy",),
    collaboration: Collaboration | None = None,
) -> tuple[Change, ...]:
    """Those of rules that ship for such texts; a narrower scope in which these texts still lie is none."""
    about = tuple(kinds)

    def read(rule: Guardrail) -> set[AssetKind]:
        return {kind for kind in about if rule.scope.reaches(channel, markets, (kind,), collaboration)}

    here = {rule.id: kinds for rule in policies.below if (kinds := read(rule))}
    still = {rule.id: read(rule) for rule in policies.guardrails}
    return tuple(
        one
        for one in weakenings(policies)
        if one.policy in here and not (one.said.startswith("scope.") and here[one.policy] <= still[one.policy])
    )


def _differences(policies: PolicySet, *, of_rules_alone: bool) -> Iterator[Change]:
    then, now = ({rule.id: rule for rule in rules} for rules in (policies.below, policies.guardrails))
    off = {id_: pack.pack.pack for pack in policies.packs if not pack.on for id_ in pack.ids}
    reasons = {one.id: one for one in policies.reasons}
    for id_ in sorted(then.keys() | now.keys()):
        old, new = then.get(id_), now.get(id_)
        if old is not None and new is not None and old.version == new.version:
            continue
        reason = reasons.get(id_) or reasons.get(off.get(id_, ""))
        owner = shorten(reason.owner if reason is not None else (new or old or policies.below[0]).owner, _LONG)
        why = "" if reason is None else shorten(reason.why, _LONG)
        if old is None:
            yield Change(id_, owner, "was added", STRICTER, why)
        elif new is None:
            yield Change(id_, owner, f"is off, with its pack {off[id_]}" if id_ in off else "is off", WEAKER, why)
        else:
            for said, weight in _told(old, new, of_rules_alone=of_rules_alone):
                yield Change(id_, owner, said, weight, why)


def _told(old: Guardrail, new: Guardrail, *, of_rules_alone: bool) -> Iterator[tuple[str, Weight]]:
    if of_rules_alone:
        return told(_without_words(old), _without_words(new), without=_SAYS)
    return told(old, new, without=("overrides", "cases"))


def _without_words(rule: Guardrail) -> Guardrail:
    """The rule without what is to be written instead of the words that it finds."""
    replaced = (one for one in rule.match if isinstance(one, Phrases | Patterns))
    without = {id(one): one.model_copy(update={"replace": dict.fromkeys(one.replace, "")}) for one in replaced}
    return rule.model_copy(update={"match": tuple(without.get(id(one), one) for one in rule.match)})
