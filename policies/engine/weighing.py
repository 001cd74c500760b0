"""Which of two values of a policy's field is the weaker, where the field alone decides that.

    weigh("signals", "at_least", 2, 3)                  # weaker: more signs must stand together
    weigh_list("phrases", "exceptions", fewer=False)    # weaker: more is let be

`kind` is the kind of what holds the field: a kind of rule, or of policy. Nothing is said where it takes more than the
field to tell.
"""

import math
from collections.abc import Mapping, Sequence
from typing import Any, Literal

from presscheck.models import LEVELS

Weight = Literal["weaker", "stricter", ""]
WEAKER: Weight = "weaker"
STRICTER: Weight = "stricter"

_ORDERS: Mapping[str, Sequence[str]] = {
    "level": LEVELS[::-1],
    "without_brief": LEVELS[::-1],
    "tier": ("low", "medium", "high", "critical"),
    "own_edits": ("allowed", "refused"),
    "carries": ("unchanged", "never"),
    "on_change": ("keep", "reopen"),
    "alike": ("together", "each"),
    "runs": ("public", "private", "local"),
    "prompts_need": ("listed", "decision"),
}
"""Of these fields a later value is the stricter one."""
_MORE_IS: Mapping[str, Weight] = {
    "complaints_at_most": WEAKER,
    "bounces_at_most": WEAKER,
    "counted_after": WEAKER,
    "at_most": WEAKER,
    "parts_at_most": WEAKER,
    "paragraphs_at_most": WEAKER,
    "paragraph_at_most": WEAKER,
    "words_at_most": WEAKER,
    "within": WEAKER,
    "max_rounds": WEAKER,
    "count": STRICTER,
    "gated_at_least": STRICTER,
    "at_least": STRICTER,
    "share": STRICTER,
    "near": STRICTER,
    "weight": STRICTER,
    # Of signals it is a threshold: more signs must stand together. Of a metric these are texts that are not measured.
    "signals.at_least": WEAKER,
    "metric.words": WEAKER,
    "near-duplicate.at_least": WEAKER,
    "near-duplicate.days": STRICTER,
}
_NO_BOUND: Mapping[str, float] = {
    "at_most": math.inf,
    "parts_at_most": math.inf,
    "paragraphs_at_most": math.inf,
    "paragraph_at_most": math.inf,
    "words_at_most": math.inf,
    "within": math.inf,
    "days": math.inf,
    "near": math.inf,
    "at_least": -math.inf,
}
"""What a bound of a rule is where it is left out; those of a delivery policy have values of the program's then."""
_TRUE_IS: Mapping[str, Weight] = {
    "sentences.passive": STRICTER,
    "phrases.case": WEAKER,
    "patterns.case": WEAKER,
    "patterns.as_written": WEAKER,
    "consistency.case": WEAKER,
}
_HOLD = {
    "match", "phrases", "patterns", "words", "signals", "when_phrases", "when_patterns", "figures", "personal",
    "labels", "hosts", "parameters", "length", "replace", "either", "needs", "all_of", "veto", "rows", "stages",
    "points", "units",
}  # fmt: skip
"""Lists of what a rule looks for or demands: one item fewer is weaker."""
_ALLOW = {
    "any_of", "without_source", "without_words", "say_one_of", "exceptions", "harmless", "accept", "indicators",
    "outside.hosts", "usage.models", "usage.tools", "usage.prompts", "usage.for", "usage.sees", "usage.hosts",
}  # fmt: skip
"""Lists of what a rule takes for an answer or leaves alone: one item more is weaker."""
_BOTH = {"look-alike.hosts"}
"""Lists of what is let be and of what is looked for beside it: a host among them is imitated, and imitates no more."""
_SCOPES = ("channels", "markets", "kinds", "fields", "collaborations")
_OTHER_KINDS = ("approval", "delivery", "tiers", "calendar", "campaign", "usage")


def weigh(kind: str, name: str, before: Any, after: Any) -> Weight:
    """What a field that was `before` and is `after` does to a policy; None is a field that is left out."""
    order = _ORDERS.get(name)
    if order is not None and before in order and after in order:
        return "" if before == after else STRICTER if order.index(after) > order.index(before) else WEAKER
    if name in _SCOPES:
        # From all to some is narrower, and back again wider.
        return WEAKER if before == "all" else STRICTER if after == "all" else ""
    if name in ("automatic", "unless"):
        return WEAKER if before is None else STRICTER if after is None else ""
    if name in ("from", "until"):
        weight = _of_days(name, before, after)
        # An approval that lasts longer lets more through; a rule that does, less.
        return _other(weight) if kind == "usage" else weight
    if isinstance(after, bool) and isinstance(before, bool):
        does = _TRUE_IS.get(f"{kind}.{name}", "")
        return does if after else _other(does)
    more = _MORE_IS.get(f"{kind}.{name}", _MORE_IS.get(name, ""))
    old, new = (_number(value, name if kind not in _OTHER_KINDS else "") for value in (before, after))
    if old is None or new is None or old == new:
        return ""
    return more if new > old else _other(more)


def weigh_list(kind: str, name: str, *, fewer: bool) -> Weight:
    """What it does to a policy that one of its lists has fewer items, or more."""
    if name in _SCOPES:
        return WEAKER if fewer else STRICTER
    if (kind, name) == ("occurrence", "patterns"):
        # More to count is more than too many, and no longer too few.
        return ""
    if name in _ALLOW or f"{kind}.{name}" in _ALLOW:
        return STRICTER if fewer else WEAKER
    return "" if name not in _HOLD or f"{kind}.{name}" in _BOTH else WEAKER if fewer else STRICTER


def _of_days(name: str, before: str | None, after: str | None) -> Weight:
    """A rule that begins later or ends earlier holds on fewer days; without a day it always holds."""
    if before is None or after is None:
        return WEAKER if before is None else STRICTER
    later = after > before
    return WEAKER if later == (name == "from") else STRICTER


def _other(weight: Weight) -> Weight:
    return STRICTER if weight == WEAKER else WEAKER if weight == STRICTER else ""


def _number(value: object, name: str) -> float | None:
    """A number, or a share such as 0.3%; of a bound that is left out, that there is none."""
    if value is None:
        return _NO_BOUND.get(name)
    if isinstance(value, bool) or not isinstance(value, int | float | str):
        return None
    try:
        return float(value.removesuffix("%") if isinstance(value, str) else value)
    except ValueError:
        return None
