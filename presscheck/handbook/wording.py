"""Policies in words that a team reads: durations, scopes, conditions, stages, rules."""

import re
from collections.abc import Iterable

from policies import ApprovalPolicy, Calendar
from policies.engine.stages import Need, Stage, several
from policies.engine.tiers import TierRow, Within
from presscheck.documents import sentences

__all__ = [
    "conditions",
    "duration",
    "hours",
    "listed",
    "model_terms",
    "names",
    "needs",
    "plain",
    "scope",
    "stage_until",
]

_DURATION = re.compile(r"^([0-9]+)(m|h|d|bh|bd)$")
_UNITS = {"m": "minute", "h": "hour", "d": "day", "bh": "working hour", "bd": "working day"}
_DAYS = {"mon": "Monday", "tue": "Tuesday", "wed": "Wednesday", "thu": "Thursday", "fri": "Friday", "sat": "Saturday",
         "sun": "Sunday"}  # fmt: skip
_REACHES = {
    "all-of-audience": "responsible for every market that it reaches",
    "any": "responsible for one of the markets",
    "each": "for every market somebody who is responsible for it",
}


def plain(name: str) -> str:
    """`brand lead` for brand_lead or brand-lead."""
    words = name.replace("_", " ").replace("-", " ").split(" ")
    return " ".join("AI" if word == "ai" else word for word in words)


def names(some: Iterable[object]) -> list[str]:
    """Each of them, plain."""
    return [plain(str(one)) for one in some]


def listed(some: Iterable[str], last: str = "and") -> str:
    """`a, b and c`; `none` of nothing."""
    return sentences.listed(some, last) or "none"


def duration(lasts: str) -> str:
    """`2 working days` for 2bd."""
    found = _DURATION.match(lasts)
    if found is None:
        return lasts
    amount = int(found[1])
    return f"{amount} {_UNITS[found[2]]}{'' if amount == 1 else 's'}"


def hours(calendar: Calendar) -> str:
    """When an office is open."""
    place = calendar.country + (f", {calendar.subdivision}" if calendar.subdivision else "")
    days = listed(_DAYS[day] for day in calendar.days)
    return (
        f"{days}, {calendar.opens} to {calendar.closes} in {calendar.time_zone}, without the public holidays of {place}"
    )


def scope(value: Iterable[str]) -> str:
    """One part of a scope: `all`, or what it names."""
    return "all" if value == "all" else listed(plain(one) for one in value)


def needs(need: Need) -> str:
    """Who, how many of them, and for which markets."""
    names = [plain(role) for role in need.roles]
    if need.all_of:
        who = f"one each of {listed(names)}" if len(names) > 1 else names[0]
    else:
        who = several(listed(names, "or"), need.count) if need.count > 1 else listed(names, "or")
    return f"{who}, {_REACHES[need.markets]}"


def stage_until(stage: Stage) -> str:
    """Until when, and what happens before."""
    parts = [f"Expires after {duration(stage.expires_after)}, which counts as a no."]
    if stage.remind_after:
        parts.append(f"Reminded after {listed(duration(one) for one in stage.remind_after)}.")
    if stage.escalate is not None:
        after, to = duration(stage.escalate.after), plain(stage.escalate.to)
        parts.append(f"After {after} the {to} may answer as well.")
    return " ".join(parts)


def model_terms(model: ApprovalPolicy) -> list[str]:
    """What holds for a whole approval model."""
    picks = model.picks
    found = [
        f"A yes picks {picks.at_least} to {picks.at_most}." if picks.at_least != picks.at_most
        else f"A yes picks {picks.at_least}.",
        f"Changes may be asked for until round {model.max_rounds}.",
        "Whoever edits a text may approve it." if model.own_edits == "allowed"
        else "Whoever edits a text may not approve it.",
        "If policies change meanwhile, people are asked again under the new ones." if model.on_change == "reopen"
        else "If policies change meanwhile, this version goes on to decide.",
    ]  # fmt: skip
    if model.regret_seconds:
        found.append(f"An answer on the proof can be taken back for {model.regret_seconds} seconds.")
    if model.alike == "together":
        found.append("Alike questions may be answered together; each is judged by itself.")
    if model.automatic is not None:
        found.insert(
            0, f"People look at {model.automatic.share}, drawn by a seed on record; the rest goes out under this rule."
        )
    return found


def conditions(row: TierRow) -> str:
    """When a row of the tier table fits."""
    when = row.when
    found: list[str] = []
    for name, values in (
        ("gate", when.gates),
        ("channel", when.channels),
        ("kind", when.kinds),
        ("market", when.markets),
        ("collaboration", when.collaboration),
        ("worst finding", when.worst_finding),
    ):
        if values is not None:
            found.append(f"{name} {listed((str(one) for one in values), 'or')}")
    for name, within in (("recipients", when.reach), ("dollars", when.spend), ("markets", when.market_count)):
        if within is not None:
            found.append(f"{_within(within)} {name}")
    if when.first_use is not None:
        found.append("first use of a model or prompt" if when.first_use else "model and prompt were used before")
    return "; ".join(found) or "anything else"


def _within(within: Within) -> str:
    low, high = within.at_least, within.at_most
    if low is not None and high is not None:
        return f"{low:,} to {high:,}"
    return f"at least {low:,}" if low is not None else f"at most {high:,}"
