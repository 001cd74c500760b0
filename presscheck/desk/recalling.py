"""A recall is a decision: somebody with the right says that a delivery ends here, and is taken back where that goes.

    recalled = decide_recall(tx, policies, "D-0123456789ab", person=person, reason="factual", proved_at=proved_at)

The press carries it out. Nobody can lift it: what may go out after all is asked anew, in a new run.
"""

from datetime import datetime
from typing import get_args

from presscheck.desk.situation import PolicySource, current_policies
from presscheck.desk.stopping import asked, known_request, matter_of
from presscheck.desk.voices import moment
from presscheck.ledger import EventKind, Writer
from presscheck.ledger.pausing import Recall, recall_of
from presscheck.models import ReasonCode, Refused
from presscheck.people.rights import active_rights


def decide_recall(
    tx: Writer, source: PolicySource, delivery: str, *, person: str, reason: str, proved_at: datetime | None
) -> Recall | Refused:
    """Record the decision to recall a delivery; the first one stands, whoever asks again."""
    rights = active_rights(tx, person)
    if isinstance(rights, Refused):
        return rights
    request = known_request(tx, delivery)
    if isinstance(request, Refused):
        return request
    if reason not in get_args(ReasonCode):
        return Refused(code="incomplete", reason=f"Give a reason: one of {', '.join(get_args(ReasonCode))}.")
    policies = current_policies(source)
    if isinstance(policies, Refused):
        return policies
    matter = matter_of(tx, policies, delivery, rights)
    said = asked(policies, rights, "recall", matter, proved_at=proved_at, now=moment(tx))
    if isinstance(said, Refused):
        return said
    known = recall_of(tx, delivery)
    if known is not None:
        return known
    body = {"person": person, "role": said.role, "rule": said.rule, "reason": reason}
    event = tx.append(EventKind.RECALL_DECIDED, delivery, body, run=request.run)
    return Recall(delivery=delivery, person=person, role=said.role, reason=reason, at=event.at, seq=event.seq)
