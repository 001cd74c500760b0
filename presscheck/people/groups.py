"""Groups at a provider: which roles they give, and what becomes of a person's rights when their groups change.

    groups = read_groups({"brand-team": ["brand_lead:US,DE"]})
    follow_groups(tx, person, ["brand-team"], groups)      # at each sign-in through the provider

Losing a group takes its roles away at once. Gaining a role that decides is a proposal for a second person, as
every promotion is; other roles hold at once. Roles that an administrator gave are left alone. No group makes
an administrator.
"""

from collections.abc import Iterable, Mapping, Sequence

from presscheck.errors import Fault, SettingsError
from presscheck.ledger import EventKind, Reader, Writer
from presscheck.people.proposals import (
    BY_GROUPS,
    change_rights,
    gains_weight,
    needs_second,
    open_proposals,
    propose,
)
from presscheck.people.rights import ROLES, Grant, Rights, person_email, person_name, rights_of
from presscheck.world.markets import first_fault

Groups = Mapping[str, tuple[Grant, ...]]


def read_groups(given: Mapping[str, Sequence[str]]) -> dict[str, tuple[Grant, ...]]:
    """`brand_lead:US,DE` as grants, by group. SettingsError names every fault."""
    faults: list[Fault] = []
    found: dict[str, tuple[Grant, ...]] = {}
    for group, roles in given.items():
        grants: list[Grant] = []
        for text in roles:
            role, colon, listed = text.partition(":")
            markets = tuple(market.strip() for market in listed.split(",")) if colon else ()
            if role == "administrator":
                why = f"{text}: no group makes an administrator; another administrator does"
            elif role not in ROLES:
                why = f"{text}: there is no such role; the roles are {', '.join(ROLES)}; see `presscheck people roles`"
            elif fault := first_fault(markets):
                why = f"{text}: {fault}"
            else:
                grants.append(Grant(role=role, markets=markets if colon else "all"))
                continue
            faults.append(Fault("presscheck.toml", None, f"sign_in.oidc.groups.{group}", why))
        found[group] = tuple(grants)
    if faults:
        raise SettingsError(faults)
    return found


def follow_groups(tx: Writer, person: str, held: Iterable[str], groups: Groups) -> None:
    """Bring the person's rights into line with the groups they are in now."""
    rights = rights_of(tx, person)
    if rights is None or not rights.active:
        return
    mapped = [grant for group in sorted(set(held)) for grant in groups.get(group, ())]
    given = _given_by_groups(tx, rights)
    own = [grant for grant in rights.granted if grant not in given]
    wanted = [grant for grant in dict.fromkeys(mapped) if grant not in own]
    waits = gains_weight(rights.granted, wanted) and needs_second(tx)
    at_once = [grant for grant in wanted if not (waits and gains_weight(rights.granted, [grant]))]
    if [*own, *at_once] != list(rights.granted):
        from_groups = [grant.model_dump(mode="json") for grant in at_once]
        change_rights(tx, EventKind.PERSON_CHANGED, person, [*own, *at_once], by=BY_GROUPS, from_groups=from_groups)
    _keep_proposal(tx, person, [*own, *wanted] if waits else None, wanted)


def _keep_proposal(tx: Writer, person: str, grants: list[Grant] | None, wanted: list[Grant]) -> None:
    """One open proposal of what the groups give beyond what holds, or none."""
    standing = [one for one in open_proposals(tx) if one.person == person and one.by == BY_GROUPS]
    if grants is None:
        for one in standing:
            tx.append(EventKind.PERSON_DECLINED, person, {"proposal": one.seq, "by": BY_GROUPS})
        return
    email = person_email(tx, person)
    if email is None or any(list(one.grants) == grants for one in standing) or _was_declined(tx, person, grants):
        return
    # Where nobody could confirm it, the roles that wait are simply not held.
    name = person_name(tx, person)
    propose(tx, person, "change", grants, email=email, name=name, by=BY_GROUPS, from_groups=wanted)


def _was_declined(tx: Reader, person: str, grants: list[Grant]) -> bool:
    """Whether somebody said no to just this: it is not asked again at every sign-in."""
    declined = tx.newest(EventKind.PERSON_DECLINED, subject=person)
    if declined is None or declined.data["by"] == BY_GROUPS:
        return False
    proposal = tx.event(declined.data["proposal"])
    asked = None if proposal is None else [Grant.model_validate(grant) for grant in proposal.data["grants"]]
    changed = tx.newest(EventKind.PERSON_CHANGED, subject=person)
    return asked == grants and (changed is None or changed.seq < declined.seq)


def _given_by_groups(tx: Reader, rights: Rights) -> list[Grant]:
    event = tx.event(rights.basis)
    return [] if event is None else [Grant.model_validate(one) for one in event.data.get("from_groups", [])]
