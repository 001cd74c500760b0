"""The kill switch: many may stop a campaign, and few may let it go on.

    paused = pause(tx, policies, "product-launch", person=person, reason="factual")     # Pause, or Refused
    lifted = unpause(tx, policies, "product-launch", person=person, proved_at=session.proved_at)

A scope is a campaign's name, a run, a delivery, or `*` for everything. A pause is in force with its event; the
press sees it before each batch and twice a second while it sends.
"""

from collections.abc import Collection
from datetime import datetime
from typing import TYPE_CHECKING, get_args

from sqlalchemy import select

from presscheck.desk.situation import PolicySource, current_policies
from presscheck.desk.stopping import Yes, asked, matter_of, request_of, roles_of
from presscheck.desk.voices import moment
from presscheck.ledger import EventKind, Reader, Writer, tables
from presscheck.ledger.pausing import EVERYTHING, Pause, campaign_scope, pauses_of
from presscheck.models import ReasonCode, Refused, Role
from presscheck.people.rights import DECIDING, active_rights

if TYPE_CHECKING:
    from policies.engine.rights import Matter

_OWN_SLIP = "presscheck.own-pause"
_WITHOUT_POLICIES = "presscheck.pause-without-policies"
_STOPPERS: frozenset[Role] = frozenset((*DECIDING, "engineer", "administrator"))


def known_scope(tx: Reader, given: str, *, campaigns: Collection[str] = ()) -> str | Refused:
    """What was given as a scope that there is. `campaigns` are further names, of campaigns that never ran.

    A name that nobody knows is refused: whoever mistypes it would believe that something has stopped.
    """
    if given == EVERYTHING:
        return EVERYTHING
    if request_of(tx, given) is not None:
        return given
    if tx.events(EventKind.CAMPAIGN_OPENED, EventKind.RUN_STARTED, subject=given):
        return given
    names = {campaign_scope(name) for name in (*campaigns, *tx.execute(select(tables.campaigns.c.campaign)).scalars())}
    wanted = campaign_scope(given)
    if wanted in names:
        return wanted
    there = f"There are: {', '.join(sorted(names)[:20])}." if names else "No campaign has run yet."
    said = f"There is no campaign, run or delivery {given[:80]!r}, so nothing was changed. {there}"
    return Refused(code="no-such-scope", reason=f"{said} --all is everything.")


def pause(tx: Writer, source: PolicySource, scope: str, *, person: str, reason: str = "") -> Pause | Refused:
    """Stop a scope, by somebody who may; the same person's pause of the same scope is recorded once."""
    rights = active_rights(tx, person)
    if isinstance(rights, Refused):
        return rights
    if reason and reason not in get_args(ReasonCode):
        return Refused(code="incomplete", reason=f"A reason is one of {', '.join(get_args(ReasonCode))}.")
    policies = current_policies(source)
    if isinstance(policies, Refused):
        # Policies that do not load must not keep anybody from stopping what was begun under those that did.
        role: Role | None = next(iter(_STOPPERS.intersection(roles_of(rights))), None)
        said = policies if role is None else Yes(role, _WITHOUT_POLICIES)
    else:
        said = asked(policies, rights, "pause", _nothing_own(), proved_at=None, now=tx.now)
    if isinstance(said, Refused):
        return said
    mine = next((one for one in pauses_of(tx, scope) if one.person == person), None)
    if mine is not None:
        return mine
    body = {"person": person, "role": said.role, "rule": said.rule, "reason": reason}
    tx.append(EventKind.CAMPAIGN_PAUSED, scope, body)
    return pauses_of(tx, scope)[-1]


def unpause(
    tx: Writer, source: PolicySource, scope: str, *, person: str, proved_at: datetime | None
) -> tuple[Pause, ...] | Refused:
    """Lift every pause of a scope, by somebody who may; the pauses that were lifted come back.

    A slip of one's own needs no more right than it took. Everything else takes the right to unpause, which nobody
    has over a campaign whose brief they wrote or whose run they started.
    """
    rights = active_rights(tx, person)
    if isinstance(rights, Refused):
        return rights
    there = pauses_of(tx, scope)
    if not there:
        return Refused(code="not-paused", reason=f"{_named(scope)} is not paused; nothing was changed.")
    policies = current_policies(source)
    if isinstance(policies, Refused):
        return policies
    slip = scope != EVERYTHING and all(one.person == person and one.role not in DECIDING for one in there)
    if slip:
        said = asked(policies, rights, "pause", _nothing_own(), proved_at=proved_at, now=moment(tx))
        said = Yes(said.role, _OWN_SLIP) if isinstance(said, Yes) else said
    else:
        matter = matter_of(tx, policies, scope, rights)
        if all(one.person == person for one in there):
            # Whoever stopped it themselves overrules nobody by letting it go on.
            matter = matter.model_copy(update={"own": ()})
        said = asked(policies, rights, "unpause", matter, proved_at=proved_at, now=moment(tx))
    if isinstance(said, Refused):
        return said
    body = {"person": person, "role": said.role, "rule": said.rule, "pauses": [one.seq for one in there]}
    tx.append(EventKind.CAMPAIGN_UNPAUSED, scope, body)
    return there


def _nothing_own() -> "Matter":
    from policies.engine.rights import Matter

    return Matter()


def _named(scope: str) -> str:
    return "Everything" if scope == EVERYTHING else scope
