"""A further try for those whom a mail server put off until they were given up: somebody decides it, and nobody else is
written to.

    decided = decide_retry(tx, policies, "D-0123456789ab", person=person, proved_at=proved_at)      # how many; Refused

Letting something go on that has stopped takes the right to unpause. The press asks everything anew before it sends.
"""

from datetime import datetime

from presscheck.desk.situation import PolicySource, current_policies
from presscheck.desk.stopping import asked, known_request, matter_of
from presscheck.desk.voices import moment
from presscheck.ledger import EventKind, Writer
from presscheck.ledger.deliveries import ending_of, given_up, may_retry, retries_to_do
from presscheck.models import Refused
from presscheck.people.rights import active_rights


def decide_retry(
    tx: Writer, source: PolicySource, delivery: str, *, person: str, proved_at: datetime | None
) -> int | Refused:
    """Record the decision; how many will be tried. The press carries out one at a time, whoever asks again."""
    rights = active_rights(tx, person)
    if isinstance(rights, Refused):
        return rights
    request = known_request(tx, delivery)
    if isinstance(request, Refused):
        return request
    policies = current_policies(source)
    if isinstance(policies, Refused):
        return policies
    matter = matter_of(tx, policies, delivery, rights)
    said = asked(policies, rights, "unpause", matter, proved_at=proved_at, now=moment(tx))
    if isinstance(said, Refused):
        return said
    if not may_retry(tx, delivery):
        why = "it is not over" if ending_of(tx, delivery) is None else "nobody was given up in it, or it was held"
        return Refused(
            code="nothing-to-retry",
            reason=f"{delivery} has nobody to be tried again: {why}. Who was refused for good, or may have got it, is "
            "never tried again; for those a new run asks anew.",
        )
    if not any(event.subject == delivery for event in retries_to_do(tx)):
        body = {"person": person, "role": said.role, "rule": said.rule}
        tx.append(EventKind.RETRY_DECIDED, delivery, body, run=request.run)
    return len(given_up(tx, delivery))
