"""What falls due for an open review: pure, from the clock and from how far its approval has come.

Each notice has a step of its own: `question`, `reminder-1` and so on, `escalation`, `nobody`, `ending`,
`expired`; what became of something (`notices.became`) has a word of its own; what is told of policies
(`notices.policies`) has `policies` or `policies-waiting`. It is told once in a review and stage; a stage that
begins again, because an approval fell away, is told of again.
"""

from dataclasses import dataclass, replace
from datetime import datetime
from typing import Literal

from presscheck.models import AssetKind, Channel, Refused, RiskTier
from presscheck.notices.waiting import Waiting

_NEWS = ("expired", "approved", "changes", "rejected", "unanswered", "held", "sent", "recalled", "mentioned")
"""Steps that tell what happened, and ask nothing."""

# The owner hears of it while there is time to act: when less than this part of the stage's time is left.
_LAST_PART = 4


@dataclass(frozen=True)
class Notice:
    """Something to be told about one review. Ids, roles and times only: no name, no address, no text."""

    review: str
    run: str
    step: str
    asks: Literal["approval", "writing"]
    channel: Channel | None
    """None where nothing goes out, and for what is about no question."""
    roles: tuple[str, ...]
    """Who is told: roles, or `owner`."""
    people: tuple[str, ...] = ()
    """Ids of those who are asked themselves."""
    stage: str = ""
    began: str = ""
    """When the stage began, in UTC as ISO 8601."""
    number: int = 1
    stages: int = 1
    tier: RiskTier | None = None
    until: datetime | None = None
    """In the zone of the calendar that counts, else in UTC."""
    brief_title: str = ""
    why: str = ""
    """A code that says why nobody may answer, such as policies-changed."""
    about: tuple[str, ...] = ()
    """Ids of the policies that changed, where it is about them."""
    kinds: tuple[AssetKind, ...] = ()
    """What a question is about; none for what is about no question."""

    @property
    def is_news(self) -> bool:
        """Whether it tells what happened, so that an answer to the question takes nothing from it."""
        return self.step in _NEWS

    @property
    def key(self) -> tuple[str, str, str, str]:
        """What is told only once."""
        return (self.review, self.stage, self.began, self.step)


def new_question(review: Waiting) -> list[Notice]:
    """Tells those who are asked that a question waits, unless a reminder of it is due already."""
    if isinstance(review.standing, Refused) or not review.asked or _reminders_due(review):
        return []
    return [_to_those_asked(review, "question")]


def reminder(review: Waiting) -> list[Notice]:
    """Reminds those who are asked; of several reminders that are due, the last one stands for all."""
    due = _reminders_due(review)
    return [_to_those_asked(review, f"reminder-{due}")] if due and review.asked else []


def next_in_line(review: Waiting) -> list[Notice]:
    """Tells the next in line that they may answer from now on."""
    standing = review.standing
    if isinstance(standing, Refused) or standing.stage is None or standing.stage.escalate is None:
        return []
    if not standing.escalated:
        return []
    return [replace(_notice(review, "escalation"), roles=(standing.stage.escalate.to,), people=review.next_in_line)]


def owner_warned(review: Waiting) -> list[Notice]:
    """Tells the owner that nobody may answer, or that the time is nearly over."""
    told: list[Notice] = []
    if not review.asked:
        why = review.standing.code if isinstance(review.standing, Refused) else "nobody-eligible"
        told.append(replace(_notice(review, "nobody"), roles=("owner",), why=why))
    if review.deadline - review.now <= (review.deadline - review.began_at) / _LAST_PART:
        told.append(replace(_notice(review, "ending"), roles=("owner",)))
    return told


def _reminders_due(review: Waiting) -> int:
    if isinstance(review.standing, Refused):
        return 0
    return sum(at <= review.now for at in review.standing.reminders)


def _to_those_asked(review: Waiting, step: str) -> Notice:
    roles = tuple(dict.fromkeys(review.asked_roles))
    return replace(_notice(review, step), roles=roles, people=review.asked)


def _notice(review: Waiting, step: str) -> Notice:
    question, standing = review.review.question, review.standing
    several = not isinstance(standing, Refused)
    stage = standing.stage.stage if several and standing.stage is not None else ""
    zone = standing.calendar.zone if several and standing.calendar is not None else None
    return Notice(
        review=review.review.id,
        run=question.run,
        step=step,
        asks=question.asks,
        channel=question.channel,
        kinds=question.kinds,
        roles=(),
        stage=stage,
        began=review.began_at.isoformat(timespec="milliseconds"),
        number=standing.number if several else 1,
        stages=len(standing.model.stages) if several else 1,
        tier=review.tier,
        until=review.deadline if zone is None else review.deadline.astimezone(zone),
        brief_title=review.brief_title,
    )
