"""Policies that change: each change on record in words, and where the project demands it, under somebody's name.

    note_changes(ledger, policies, look=True)            # by the door each second; the press tells what it judged by
    waiting = waiting_change(tx, policies)               # what the files say and nobody has signed yet, or None
    signed = sign_policies(tx, policies, shown, person=person, proved_at=proved_at, writers=writers)

Who may sign is asked of the policies in force, never of those that wait; before the first signature, and where
what was signed no longer loads, of the shipped ones and of those that wait, and both must allow it.
"""

import logging
from collections.abc import Collection
from dataclasses import dataclass
from datetime import datetime
from functools import cache
from typing import TYPE_CHECKING, Any

from presscheck.cleaning import shorten
from presscheck.desk.current import ALL, CurrentPolicies, Loaded, PoliciesInForce, last_signature
from presscheck.desk.situation import PolicySource
from presscheck.desk.voices import moment
from presscheck.errors import PolicyError
from presscheck.ledger import EventKind, Ledger, Reader, Writer
from presscheck.ledger.chain import Event
from presscheck.ledger.policy_texts import keep_texts
from presscheck.models import ROLES, Digest, Frozen, Refused
from presscheck.people.rights import Rights as HeldRights
from presscheck.people.rights import active_rights, email_digest, person_email
from presscheck.people.same_person import plain_address
from presscheck.people.sessions import FRESH

if TYPE_CHECKING:
    from policies.engine.rights import Rights

_log = logging.getLogger(__name__)

NOTHING_WAITS = Refused(code="nothing-waits", reason="Nothing waits for a signature: the files say what is in force.")
_MOST_LINES = 100
_LONGEST_LINE = 500


class ChangeLine(Frozen):
    """One thing that is different, as an event keeps it."""

    policy: str
    owner: str
    said: str
    weight: str = ""

    @property
    def sentence(self) -> str:
        return f"{self.policy}: {self.said}{f' ({self.weight})' if self.weight else ''}"


@dataclass(frozen=True)
class PolicyChange:
    """A change that counts since `at`: noticed in the files, or signed."""

    seq: int
    at: datetime
    set: Digest
    lines: tuple[ChangeLine, ...]
    left_out: int
    """How many more lines there were."""
    person: str = ""
    """Who signed it; empty where the files alone say it."""
    role: str = ""

    def touching(self, ids: Collection[str]) -> tuple[ChangeLine, ...]:
        """The lines about these policies; rights speak of every question."""
        return tuple(line for line in self.lines if line.policy in ids or line.policy.startswith("rights."))


class Shown(Frozen):
    """What somebody had before them when they signed: the set that is to count, and the one that counted."""

    set: Digest
    before: Digest | None = None


@dataclass(frozen=True)
class WaitingChange:
    """What the files say and is not in force."""

    set: Digest
    before: Digest | None
    """The set in force; None where nobody has signed one yet."""
    lines: tuple[ChangeLine, ...]
    """All of them: whoever signs has every one before them."""
    differing: str
    """Every line of every file that differs, as a unified diff."""
    since: datetime | None
    """When it was noticed first; None a moment before that."""
    first: bool
    """Whether nothing was signed before."""
    signed: bool
    """Whether policies go on to count by signature after this one."""
    loaded: Loaded

    @property
    def shown(self) -> Shown:
        return Shown(set=self.set, before=self.before)


@dataclass(frozen=True)
class PolicySignature:
    """Who put their name under which set."""

    seq: int
    set: Digest
    person: str
    role: str


# ---------------------------------------------------------------- noticing


def note_changes(ledger: Ledger, policies: PolicySource, *, look: bool = False) -> int:
    """Put every set of files that was met since the last call on record, where it is not the last one there.

    How many events that are. With `look` the files are read first, so that a change is noticed where nothing is judged.
    """
    if not isinstance(policies, PoliciesInForce):
        return 0
    if look:
        try:
            policies.files.look()
        except PolicyError as error:
            # Told wherever somebody looks; there is no set to put on record.
            _log.debug("the policies do not load: %s", error)
    noted = 0
    while (loaded := policies.files.untold) is not None:
        with ledger.read() as tx:
            known = _is_last(tx, policies, loaded)
        if not known:
            with ledger.write() as tx:
                noted += _note(tx, policies, loaded)
        policies.files.told(loaded)
    return noted


def _note(tx: Writer, policies: PoliciesInForce, loaded: Loaded) -> bool:
    if _is_last(tx, policies, loaded):
        return False
    last = tx.newest(EventKind.POLICIES_CHANGED, subject=ALL)
    before = None if last is None else _kept(tx, policies, str(last.data["set"]))
    keep_texts(tx, loaded.texts.by_digest)
    body = {
        "set": loaded.texts.digest,
        "before": None if last is None else last.data["set"],
        **_bounded(_lines(before, loaded, first=last is None)),
    }
    tx.append(EventKind.POLICIES_CHANGED, ALL, body)
    return True


def _is_last(tx: Reader, policies: PoliciesInForce, loaded: Loaded) -> bool:
    """Whether the files say what was put on record last; a comment more or less is no change."""
    last = tx.newest(EventKind.POLICIES_CHANGED, subject=ALL)
    if last is None:
        return False
    digest = str(last.data["set"])
    if digest == loaded.texts.digest:
        return True
    before = _kept(tx, policies, digest)
    return before is not None and before.policies == loaded.policies


def _kept(tx: Reader, policies: PoliciesInForce, digest: Digest) -> Loaded | None:
    """A set of before; None where it cannot be read, or not by this version, so that no difference can be told."""
    try:
        return policies.kept(tx, digest)
    except PolicyError as error:
        _log.warning("the policies of before cannot be compared with: %s", error)
        return None


def _lines(before: Loaded | None, after: Loaded, *, first: bool) -> tuple[ChangeLine, ...]:
    """What differs; of a set that has none before it, what differs from the shipped one."""
    from policies import changes

    lines: list[ChangeLine] = []
    if before is None:
        said = "the first set that is on record" if first else "what was there before cannot be read by this version"
        count = len(after.policies.versions) + len(after.policies.prompts)
        said += f": {count} policies and prompts; below, what the project's own files make of the shipped ones"
        lines.append(ChangeLine(policy="all", owner="owner", said=said))
    found = changes((before or _shipped()).policies, after.policies)
    # What lets more through comes first: a long list must not hide it.
    for one in sorted(found, key=lambda one: one.weight != "weaker"):
        said = shorten(one.said, _LONGEST_LINE)
        lines.append(ChangeLine(policy=one.policy, owner=one.owner, said=said, weight=one.weight))
    return tuple(lines)


def _bounded(lines: tuple[ChangeLine, ...]) -> dict[str, Any]:
    """As an event keeps them: so many, and how many more there were."""
    return {
        "lines": [line.model_dump() for line in lines[:_MOST_LINES]],
        "left_out": max(0, len(lines) - _MOST_LINES),
    }


def policy_changes(tx: Reader, *, most: int) -> list[PolicyChange]:
    """The last changes that counted, newest first: signatures where policies count by them, else what was noticed."""
    signed = last_signature(tx)
    by_signature = signed is not None and bool(signed.data.get("signed", True))
    kind = EventKind.POLICIES_SIGNED if by_signature else EventKind.POLICIES_CHANGED
    events = tx.events(kind, subject=ALL)
    # The first of all tells what was there before anybody looked, which is no change.
    return [_change(event) for event in reversed(events[-most:]) if by_signature or event.data.get("before")]


def _change(event: Event) -> PolicyChange:
    return PolicyChange(
        seq=event.seq,
        at=datetime.fromisoformat(event.at),
        set=str(event.data["set"]),
        lines=tuple(ChangeLine.model_validate(line) for line in event.data["lines"]),
        left_out=int(event.data["left_out"]),
        person=str(event.data.get("person", "")),
        role=str(event.data.get("role", "")),
    )


# ---------------------------------------------------------------- signing


def waiting_change(tx: Reader, policies: PolicySource) -> WaitingChange | Refused | None:
    """What somebody has yet to sign; None where nothing waits, Refused where the files do not load."""
    if not isinstance(policies, PoliciesInForce) or not policies.needs_signature(last_signature(tx)):
        return None
    last = last_signature(tx)
    from policies.engine.texts import differing_lines

    try:
        loaded = policies.files.look()
    except PolicyError as error:
        return Refused(
            code="policies-broken",
            reason=f"The policy files do not load, so what was signed before stays in force:\n{error}",
        )
    before = None if last is None else _kept(tx, policies, str(last.data["set"]))
    by_signature = last is not None and bool(last.data.get("signed", True))
    if before is not None and before.policies == loaded.policies and by_signature == policies.signed:
        return None
    lines = _lines(before, loaded, first=last is None)
    if by_signature and not policies.signed:
        said = "from now on they count as the files say, without anybody's signature"
        lines = (ChangeLine(policy="all", owner="owner", said=said, weight="weaker"), *lines)
    return WaitingChange(
        set=loaded.texts.digest,
        before=None if last is None else str(last.data["set"]),
        lines=lines,
        differing=differing_lines((before or _shipped()).texts, loaded.texts),
        since=_noticed(tx, policies, loaded),
        first=last is None,
        signed=policies.signed,
        loaded=loaded,
    )


def _noticed(tx: Reader, policies: PoliciesInForce, loaded: Loaded) -> datetime | None:
    newest = tx.newest(EventKind.POLICIES_CHANGED, subject=ALL)
    if newest is None:
        return None
    same = str(newest.data["set"]) == loaded.texts.digest or _is_last(tx, policies, loaded)
    return datetime.fromisoformat(newest.at) if same else None


def changed_since(waiting: WaitingChange) -> Refused:
    """That something else waits than what somebody had before them."""
    return Refused(
        code="stale",
        reason="The policies changed since this was shown to you, or somebody signed meanwhile: what waits now is "
        f"set {waiting.set[:12]}. Read what differs, and sign that.",
    )


def may_sign(
    tx: Reader,
    policies: PolicySource,
    waiting: WaitingChange,
    *,
    person: str,
    proved_at: datetime | None,
    writers: Collection[str] = (),
) -> str | Refused:
    """The role by which somebody may sign what waits; `writers` are the addresses of those who wrote it."""
    rights = active_rights(tx, person)
    if isinstance(rights, Refused):
        return rights
    from policies.engine.rights import Asking, Matter

    own = ("policy",) if _wrote(tx, rights, writers) else ()
    fresh = proved_at is not None and moment(tx) - proved_at <= FRESH
    said, stale = "none of your roles may sign policies", False
    for grant in rights.grants:
        asking = Asking(
            action="sign_policies",
            person=person,
            role=grant.role,
            markets=grant.markets,
            fresh=fresh,
            matter=Matter(own=own),
        )
        answers = [asked.decide(asking) for asked in _asked(policies, waiting)]
        if all(answer.allowed for answer in answers):
            return grant.role
        proved = asking.model_copy(update={"fresh": True})
        stale = stale or all(asked.decide(proved).allowed for asked in _asked(policies, waiting))
        said = next(answer.why for answer in answers if not answer.allowed) or said
    if stale:
        return Refused(code="step-up", reason="Prove anew who you are at /step-up, and sign again.")
    return Refused(code="no-right", reason=f"You may not sign the policies: {said}")


def _asked(policies: PolicySource, waiting: WaitingChange) -> "tuple[Rights, ...]":
    """The rights that say who may sign: never those of the change alone."""
    try:
        return (policies().rights,)
    except PolicyError:
        return (_shipped().policies.rights, waiting.loaded.policies.rights)


def _somebody_could_sign(rights: "Rights") -> bool:
    from policies.engine.rights import Asking, Matter

    asking = Asking(action="sign_policies", person="somebody", role="legal", markets="all", fresh=True, matter=Matter())
    return any(rights.decide(asking.model_copy(update={"role": role})).allowed for role in ROLES)


@cache
def _shipped() -> Loaded:
    """The policies of this installation, without any of the project's."""
    return CurrentPolicies().look()


def _wrote(tx: Reader, rights: HeldRights, writers: Collection[str]) -> bool:
    """Whether one of these addresses is the person's, also where one of the two is a sub-address (RFC 5233)."""
    own = person_email(tx, rights.person)
    mine = {rights.email, *(() if own is None else (email_digest(plain_address(own)),))}
    theirs = {email_digest(address) for given in writers for address in (given, plain_address(given))}
    return bool(mine & theirs)


def sign_policies(
    tx: Writer,
    policies: PolicySource,
    shown: Shown,
    *,
    person: str,
    proved_at: datetime | None,
    writers: Collection[str] = (),
    commit: str = "",
) -> PolicySignature | Refused:
    """Put one's name under the set that the files say, if it is the one that was shown, beside the one in force.

    From then on it counts everywhere. What was asked under the set before is asked again.
    """
    waiting = waiting_change(tx, policies)
    if isinstance(waiting, Refused):
        return waiting
    if waiting is None or not isinstance(policies, PoliciesInForce):
        return NOTHING_WAITS
    if shown != waiting.shown:
        return changed_since(waiting)
    role = may_sign(tx, policies, waiting, person=person, proved_at=proved_at, writers=writers)
    if isinstance(role, Refused):
        return role
    if waiting.signed and not _somebody_could_sign(waiting.loaded.policies.rights):
        return Refused(
            code="nobody-next",
            reason="Under these policies no role could sign the next change, so nobody could ever mend them. Let some "
            "right permit sign_policies, and sign that.",
        )
    keep_texts(tx, waiting.loaded.texts.by_digest)
    body = {
        "set": waiting.set,
        "before": waiting.before,
        **_bounded(waiting.lines),
        "signed": waiting.signed,
        "person": person,
        "role": role,
        "commit": commit,
    }
    event = tx.append(EventKind.POLICIES_SIGNED, ALL, body)
    return PolicySignature(event.seq, waiting.set, person, role)
