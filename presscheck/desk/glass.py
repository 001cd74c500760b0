"""Broken glass: two people let something out in an emergency, past the people whom the policies demand.

    asked = find_glass(tx, number)                # Glass: who asked, who confirmed, until when, what came after
    broken = still_broken(tx, situation, event, decision)      # whose word it rests on, or why it holds no more

Read from signed events alone, and asked again before every batch. Glass stands in for people and for nothing
else: guardrails, dates, suppression, audience and policies hold as ever. How it is broken is in `breaking`.
"""

from collections.abc import Iterable
from dataclasses import dataclass
from datetime import datetime, timedelta
from typing import Any, Literal

from presscheck.desk.authority import role_for
from presscheck.desk.situation import Situation
from presscheck.desk.voices import moment
from presscheck.digests import digest_of
from presscheck.ledger import EventKind, Reader
from presscheck.ledger.chain import Event
from presscheck.ledger.deliveries import delivery_id
from presscheck.models import Decision, Refused
from presscheck.people.rights import person_name, rights_of, rights_since
from presscheck.people.same_person import same_person
from presscheck.people.sessions import FRESH

GLASS = "presscheck.break-glass"
"""The rule under which such a decision is made: of this program, and its text is its version."""
GLASS_TEXT = (
    "Two people with different roles, neither of whom had a part in it, may let something out past the people whom the "
    "policies demand: with a reason, for one hour or for eight at most, for one delivery. It is reviewed afterwards."
)
MOST_HOURS = 8.0
ASKED_FOR = timedelta(hours=1)
"""How long a request waits for the second person."""
OVERDUE = timedelta(days=3)
"""How long it may take until somebody says whether it was justified."""

_Action = Literal["break_glass", "confirm_glass"]
State = Literal["asked", "declined", "lapsed", "open", "over"]


@dataclass(frozen=True)
class Glass:
    """One request to break the glass, and what became of it."""

    number: int
    """The `glass:requested` event."""
    review: str
    run: str
    person: str
    role: str
    assets: tuple[str, ...]
    manifest: str
    minutes: int
    """For how long it was asked."""
    at: datetime
    proved_at: datetime
    application: str
    """Where the reason's words are kept."""
    submission: str
    """The digest of the application: reason and picks."""
    confirmed: Event | None = None
    declined: Event | None = None
    reviewed: Event | None = None

    @property
    def id(self) -> str:
        """What people call it."""
        return f"G-{self.number}"

    @property
    def hours(self) -> float:
        """The same in hours."""
        return self.minutes / 60

    @property
    def second(self) -> str:
        """Who confirmed it; empty for nobody."""
        return "" if self.confirmed is None else str(self.confirmed.data["person"])

    @property
    def expires_at(self) -> datetime | None:
        """Until when it lets anything out; None for one that nobody confirmed."""
        if self.confirmed is None:
            return None
        # What is written there is for people; a longer time than was asked for, or than there may be, does not count.
        lasts = min(timedelta(minutes=self.minutes), timedelta(hours=MOST_HOURS))
        return min(datetime.fromisoformat(self.confirmed.at) + lasts, _moment_of(self.confirmed, "expires_at"))

    @property
    def finding(self) -> str:
        """justified or unjustified; empty until somebody said so."""
        return "" if self.reviewed is None else str(self.reviewed.data["finding"])

    def state(self, now: datetime) -> State:
        """Where it stands at `now`."""
        if self.expires_at is not None:
            return "open" if now < self.expires_at else "over"
        if self.declined is not None:
            return "declined"
        return "asked" if now < self.at + ASKED_FOR else "lapsed"

    def overdue(self, now: datetime) -> bool:
        """Whether nobody has said in time whether it was justified."""
        return self.confirmed is not None and self.reviewed is None and now >= self.at + OVERDUE


@dataclass(frozen=True)
class Broken:
    """Whose word something goes out on, past the people whom the policies demand."""

    rights: int
    events: tuple[int, ...]


def all_glass(tx: Reader) -> list[Glass]:
    """Every request ever made, oldest first."""
    answers = tx.events(EventKind.GLASS_CONFIRMED, EventKind.GLASS_DECLINED, EventKind.GLASS_REVIEWED)
    found: list[Glass] = []
    for event in tx.events(EventKind.GLASS_REQUESTED):
        about = [one for one in answers if one.data.get("request") == event.seq and one.subject == event.subject]
        found.append(_glass(event, about))
    return found


def find_glass(tx: Reader, number: int) -> Glass | None:
    """The request by its number."""
    return next((one for one in all_glass(tx) if one.number == number), None)


def unreviewed(tx: Reader) -> list[Glass]:
    """Glass that was broken and of which nobody has said yet whether it was justified."""
    return [one for one in all_glass(tx) if one.confirmed is not None and one.reviewed is None]


def still_broken(tx: Reader, situation: Situation, event: Event, decision: Decision) -> Broken | Refused:
    """Whether a decision by broken glass holds at this moment: both people, the time, this manifest, one delivery."""
    confirmed = None if decision.glass is None else tx.event(decision.glass)
    known = confirmed is not None and confirmed.kind == EventKind.GLASS_CONFIRMED and confirmed.seq < event.seq
    glass = find_glass(tx, int(confirmed.data["request"])) if confirmed is not None and known else None
    if confirmed is None or glass is None or glass.confirmed != confirmed or not _fits(glass, situation, decision):
        return Refused(code="no-glass", reason="The decision says that glass was broken for it, and it was not.")
    if glass.declined is not None:
        return Refused(code="no-glass", reason="One of the two took the broken glass back.")
    now = moment(tx)
    if glass.expires_at is None or now >= glass.expires_at:
        # Not even a delivery under way goes on: the emergency was given so long, and whoever needs longer asks again.
        return Refused(
            code="glass-expired",
            reason=f"Glass {glass.id} was broken for {glass.hours:g} h, and that is over. What has not gone out stays; "
            "ask again in a new run.",
        )
    if fault := _people_fault(tx, situation, glass, confirmed):
        return fault
    if fault := _other_delivery(tx, situation, event):
        return fault
    rights = rights_of(tx, glass.person)
    if rights is None:
        return Refused(code="rights-gone", reason=f"Nobody has the id {glass.person}.")
    return Broken(rights.basis, (glass.number, confirmed.seq))


def edited(tx: Reader, assets: Iterable[str], person: str) -> bool:
    """Whether this person edited one of these texts, as an approver may: then they are no stranger to it."""
    theirs = {person, *same_person(tx, person)}
    return any(
        event.data.get("author", {}).get("person") in theirs
        for digest in assets
        for event in tx.events(EventKind.ASSET_EDITED, subject=digest)
    )


def one_human(tx: Reader, one: str, other: str) -> bool:
    """Whether two accounts are one person's: the same, or two under the same address (RFC 5233)."""
    return other == one or other in same_person(tx, one)


def _fits(glass: Glass, situation: Situation, decision: Decision) -> bool:
    review = situation.review
    asked = review.question.manifest(glass.assets)
    about = (glass.review, glass.run, glass.person, glass.role, glass.manifest, decision.rule, decision.rule_version)
    wanted = (
        review.id,
        review.question.run,
        decision.person,
        decision.role,
        asked.digest,
        GLASS,
        digest_of(GLASS_TEXT),
    )
    return about == wanted and decision.manifest == asked


def _people_fault(tx: Reader, situation: Situation, glass: Glass, confirmed: Event) -> Refused | None:
    second, second_role = glass.second, str(confirmed.data["role"])
    proofs = ((glass.at, glass.proved_at), (datetime.fromisoformat(confirmed.at), _moment_of(confirmed, "proved_at")))
    if one_human(tx, glass.person, second) or glass.role == second_role or glass.confirmed is None:
        return Refused(code="no-glass", reason="It takes two people with different roles to break glass.")
    if any(at - proved > FRESH for at, proved in proofs):
        return Refused(code="not-proved", reason="Whoever broke the glass had not proved anew who they are.")
    asked: tuple[tuple[str, str, int, _Action], ...] = (
        (glass.person, glass.role, glass.number, "break_glass"),
        (second, second_role, confirmed.seq, "confirm_glass"),
    )
    for person, role, seq, action in asked:
        if not _may_still(tx, situation, person, role, seq, action):
            return Refused(
                code="rights-gone",
                reason=f"{person_name(tx, person)} broke the glass as {role.replace('_', ' ')} and may not any more, "
                "even if the right was given back since. Ask again in a new run.",
            )
    return None


def _may_still(tx: Reader, situation: Situation, person: str, role: str, seq: int, action: _Action) -> bool:
    rights = rights_of(tx, person)
    if rights is None or not rights.active:
        return False
    others = {grant.role for grant in rights.grants} - {role}
    if role_for(tx, situation, rights, action, besides=others) != role:
        return False
    # A right that was taken away, and given back, does not give back what was done with it before.
    return all(then.may(role, situation.brief.markets) for then in rights_since(tx, person, seq))


def _other_delivery(tx: Reader, situation: Situation, event: Event) -> Refused | None:
    """Whether another delivery has had a permit under this decision, or the one that had it is over."""
    delivery = delivery_id(situation.question.run, situation.review.id)
    permits = tx.events(EventKind.PERMIT_ISSUED, run=situation.question.run)
    if all(one.subject == delivery for one in permits if one.data["basis"].get("decision") == event.seq):
        return None
    return Refused(code="glass-used", reason="Broken glass is good for one delivery, and another one has used it.")


def _glass(event: Event, about: list[Event]) -> Glass:
    data: dict[str, Any] = event.data

    def first(kind: EventKind) -> Event | None:
        return next((one for one in about if one.kind == kind), None)

    return Glass(
        number=event.seq,
        review=event.subject,
        run=event.run,
        person=str(data["person"]),
        role=str(data["role"]),
        assets=tuple(data["assets"]),
        manifest=str(data["manifest"]),
        minutes=int(data["minutes"]),
        at=datetime.fromisoformat(event.at),
        proved_at=_moment_of(event, "proved_at"),
        application=str(data["application"]),
        submission=str(data["submission"]),
        confirmed=first(EventKind.GLASS_CONFIRMED),
        declined=first(EventKind.GLASS_DECLINED),
        reviewed=first(EventKind.GLASS_REVIEWED),
    )


def _moment_of(event: Event, key: str) -> datetime:
    return datetime.fromisoformat(event.data[key])
