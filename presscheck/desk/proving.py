"""From which tier on an answer takes a fresh proof of who gives it, and whether one carries it."""

from datetime import datetime

from presscheck.desk.situation import Situation
from presscheck.people.sessions import FRESH

FRESH_FROM = ("high", "critical")


def lacks_proof(situation: Situation, proved_at: datetime | str | None, answered_at: datetime | str) -> bool:
    """Whether the tier wants a fresh proof for an answer given at `answered_at`, and there is none."""
    if situation.row.tier not in FRESH_FROM:
        return False
    if proved_at is None:
        return True
    return _moment(answered_at) - _moment(proved_at) > FRESH


def _moment(given: datetime | str) -> datetime:
    return given if isinstance(given, datetime) else datetime.fromisoformat(given)
