"""What may not be delegated, each with what to do instead; pure.

Lending is never more than is held, never passed on, never for long, and never a way to make somebody a decider:
that takes two people (docs/decisions/0004-second-person.md).
"""

import re
from collections.abc import Sequence
from datetime import date, timedelta
from typing import Literal

from presscheck.models import Role
from presscheck.people.rights import DECIDING, WEIGHTY, Grant, Rights, reaches

LONGEST = 30
"""Days that somebody may lend a role to somebody in one go."""
AHEAD = 90
"""Days ahead that a delegation may begin."""
NOT_LENT: tuple[Role, ...] = ("administrator", "engineer", "scheduler")
"""Roles that answer no review: there is nothing of them to lend."""

Gates = tuple[str, ...] | Literal["all"]
Days = tuple[date, date]

_GATE = re.compile(r"[a-z0-9]+(?:[-_][a-z0-9]+)*")


def not_delegable(
    giver: Rights,
    taker: Rights,
    grants: Sequence[Grant],
    *,
    days: Days,
    gates: Gates,
    today: date,
    lent: Sequence[Grant],
    rows: Sequence[Days],
) -> list[str]:
    """Every reason why `giver` may not lend this to `taker`; none if they may.

    `lent` is what others have lent to the giver, `rows` the days of what they lent to this person already.
    """
    return [
        *_wrong_days(days, today),
        *_wrong_gates(gates),
        *([] if 1 <= len(grants) <= 20 else ["name 1 to 20 roles to delegate"]),
        *(fault for grant in grants if (fault := _wrong_grant(giver, taker, grant, days, lent))),
        *_wrong_row(days, rows),
    ]


def _wrong_days(days: Days, today: date) -> list[str]:
    begins, ends = days
    faults: list[str] = []
    if begins < today:
        faults.append(f"it would begin on {begins}, which is over; begin on {today} or later")
    if begins > today + timedelta(days=AHEAD):
        faults.append(f"it would begin in more than {AHEAD} days; delegate nearer the time")
    if ends < begins:
        faults.append(f"it would end on {ends}, before it begins on {begins}")
    elif (ends - begins).days >= LONGEST:
        faults.append(
            f"it would last {(ends - begins).days + 1} days and {LONGEST} are the most; for longer, an "
            "administrator gives the role with a first and a last day"
        )
    return faults


def _wrong_gates(gates: Gates) -> list[str]:
    if gates == "all":
        return []
    if not 1 <= len(gates) <= 20:
        return ["name 1 to 20 gates, or all of them"]
    strange = [gate[:40] for gate in gates if len(gate) > 80 or not _GATE.fullmatch(gate)]
    return [f"{', '.join(strange)}: not the name of a gate; write it as reviews do, such as copy"] if strange else []


def _wrong_grant(giver: Rights, taker: Rights, grant: Grant, days: Days, lent: Sequence[Grant]) -> str | None:
    begins, ends = days
    what = _said(grant)
    if not grant.markets:
        return f"{grant.role} is delegated in no market; name markets, or all"
    if grant.begins or grant.ends:
        return f"{what}: the delegation has the days, its roles have none of their own"
    if grant.role in NOT_LENT:
        return f"{grant.role} answers no review and is not delegated; an administrator gives it"
    # Held now: what begins one day, or was lent, is nobody's to lend yet, or at all.
    if not reaches([Grant(role=one.role, markets=one.markets) for one in giver.grants], grant):
        if reaches(lent, grant):
            return f"{what} was delegated to you, and what was delegated is not passed on; ask whoever lent it"
        return f"you do not hold {what}; you hold {_listed(giver.grants)}"
    if ends >= begins and not reaches(giver.granted, _on(grant, begins, ends)):
        return f"you do not hold {what} from {begins} to {ends}; name days on which you do"
    if grant.role in WEIGHTY and not set(DECIDING) & set(taker.roles):
        return (
            f"{grant.role} decides, and may be delegated only to somebody who decides already: otherwise one person "
            "alone could make somebody a decider, and that takes two (an administrator proposes it)"
        )
    return None


def _wrong_row(days: Days, rows: Sequence[Days]) -> list[str]:
    """Delegations that follow one another without a day between them are one, and no longer than one may be."""
    first, last = days
    for begins, ends in (*sorted(rows), *sorted(rows, reverse=True)):
        if begins <= last + timedelta(days=1) and first <= ends + timedelta(days=1):
            first, last = min(first, begins), max(last, ends)
    if (first, last) == days or (last - first).days < LONGEST:
        return []
    return [
        f"with what you delegated to them already it would last from {first} to {last}, and {LONGEST} days are the "
        "most; end the other one first, or begin later"
    ]


def _on(grant: Grant, begins: date, ends: date) -> Grant:
    return Grant(role=grant.role, markets=grant.markets, begins=begins, ends=ends)


def _said(grant: Grant) -> str:
    return grant.role if grant.markets == "all" else f"{grant.role} in {', '.join(grant.markets)}"


def _listed(grants: Sequence[Grant]) -> str:
    return "; ".join(_said(grant) for grant in grants if grant.markets) or "no role"
