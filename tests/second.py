"""The second person, for tests that are about something else: confirms as whoever may."""

from presscheck.models import Refused
from presscheck.people.accounts import Accounts
from presscheck.people.enrolment import Invitation
from presscheck.people.proposals import Confirmed, Proposal, confirmers, open_proposals


def second_person_of(accounts: Accounts, proposal: str) -> str:
    """The first person who may confirm this proposal."""
    with accounts.ledger.read() as tx:
        [found] = [one for one in open_proposals(tx) if one.id == proposal]
        return confirmers(tx, person=found.person, by=found.by)[0].person


def confirmed(accounts: Accounts, proposal: Proposal | Refused | None) -> Confirmed:
    """A proposal, confirmed."""
    assert isinstance(proposal, Proposal), proposal
    answer = accounts.confirm(proposal.id, by=second_person_of(accounts, proposal.id))
    assert isinstance(answer, Confirmed), answer
    return answer


def whole_code(accounts: Accounts, invitation: Invitation | Refused) -> str:
    """The code that an invited person types: with the second person's half, where one is needed."""
    assert isinstance(invitation, Invitation), invitation
    if not invitation.proposal:
        return invitation.code
    answer = accounts.confirm(invitation.proposal, by=second_person_of(accounts, invitation.proposal))
    assert isinstance(answer, Confirmed), answer
    return f"{invitation.code} {answer.code}"
