"""What each person chose to be told of by mail; without a choice, what concerns their own work and what went wrong.

    chosen(tx, person)                      {"questions", "mentioned", "approved:mine", ...}
    choose(tx, person, {"questions"})       from now on only this
    choose(tx, person, before(tx, person))  undone

A choice is an event that holds words of ours alone, and what it leaves out. It changes no right: everything is in the
inbox all the same, and what policies one answers for is always told.
"""

from collections.abc import Collection, Mapping

from presscheck.ledger import Event, EventKind, Reader, Writer
from presscheck.models import Refused
from presscheck.notices.due import Notice

OUTCOMES: Mapping[str, str] = {
    "approved": "It was approved",
    "changes": "Changes are wanted",
    "rejected": "It was rejected, or nobody answered in time",
    "sent": "It went out",
    "held": "It is held, and does not go out",
    "recalled": "It was taken back",
}
"""What may become of something, in the order in which it may."""
SHARES = ("mine", "asked")
"""How it concerns somebody: they started or wrote it, or they were asked about it."""
CHOICES: tuple[str, ...] = ("questions", "mentioned", *(f"{one}:{share}" for one in OUTCOMES for share in SHARES))
DEFAULTS: frozenset[str] = frozenset(
    ["questions", "mentioned", *(f"{one}:mine" for one in OUTCOMES), "held:asked", "recalled:asked"]
)
_QUESTIONS = ("question", "reminder", "escalation")


def chosen(tx: Reader, person: str) -> frozenset[str]:
    """What somebody wants to be told of."""
    return tx.once(("told of", person), lambda: _read(tx.newest(EventKind.NOTICES_CHOSEN, subject=person)))


def before(tx: Reader, person: str) -> frozenset[str] | None:
    """What they wanted before they chose last; None for somebody who never chose."""
    events = tx.events(EventKind.NOTICES_CHOSEN, subject=person)
    return None if not events else _read(events[-2] if len(events) > 1 else None)


def choose(tx: Writer, person: str, wanted: Collection[str]) -> Refused | None:
    """From now on somebody is told of this and of nothing else; the same again is no event."""
    if unknown := sorted(set(wanted) - set(CHOICES)):
        why = f"{unknown[0][:40]}: there is no such choice; there are {', '.join(CHOICES)}"
        return Refused(code="unknown-choice", reason=why)
    if frozenset(wanted) != chosen(tx, person):
        body = {"told": sorted(wanted), "not": sorted(set(CHOICES) - set(wanted))}
        tx.append(EventKind.NOTICES_CHOSEN, person, body)
    return None


def is_silenced(tx: Reader, notice: Notice, person: str) -> bool:
    """Whether this notice asks a person something who does not want to be mailed questions; a role never is."""
    asks = notice.step.partition("-")[0] in _QUESTIONS
    return asks and person in notice.people and "questions" not in chosen(tx, person)


def _read(event: Event | None) -> frozenset[str]:
    """A choice of an earlier version says nothing of what there was not then: that is as it is without a choice."""
    if event is None:
        return DEFAULTS
    on, off = set(event.data["told"]), set(event.data["not"])
    return frozenset(one for one in CHOICES if one in on or (one in DEFAULTS and one not in off))
