"""The second person: from the first approver on nobody enrols or promotes alone, whoever tries and however."""

from typing import Any

import pytest

from presscheck.ledger import EventKind
from presscheck.models import Refused
from presscheck.people.accounts import Accounts
from presscheck.people.codes import Seal
from presscheck.people.enrolment import Invitation, invited
from presscheck.people.proposals import Confirmed, Proposal, gains_weight, open_proposals
from presscheck.people.rights import Grant, person_name, record_rights, rights_of
from tests.second import confirmed, whole_code

ADMIN = Grant(role="administrator", markets="all")
AUTHOR = Grant(role="author", markets="all")


@pytest.fixture
def ana(lite_town: Any, lead: Any) -> Any:
    """The first approver: from here on it takes two."""
    return lite_town.join("ana@example.com", "Ana", lead)


def _roles(town: Any, person: str) -> tuple[str, ...]:
    with town.accounts.ledger.read() as tx:
        rights = rights_of(tx, person)
    return () if rights is None else rights.roles


def _proposed(town: Any, email: str = "mallory@example.com", *grants: Grant) -> Invitation:
    invitation = town.invite(email, "Mallory", *(grants or (AUTHOR,)))
    assert isinstance(invitation, Invitation), invitation
    assert invitation.proposal
    return invitation


def test_until_somebody_decides_one_administrator_enrols(lite_town: Any) -> None:
    invitation = lite_town.invite("ben@example.com", "Ben", AUTHOR)

    assert invitation.proposal == ""
    assert lite_town.take_place(invitation.code, "ben@example.com").id


def test_neither_half_of_the_code_enrols_anybody(lite_town: Any, ana: Any) -> None:
    proposed = _proposed(lite_town)
    other = lite_town.accounts.confirm(proposed.proposal, by=ana.id)
    first, second = proposed.code, other.code

    for half in (first, second, first + first, second + second, f"{first} {second[:-1]}"):
        assert isinstance(lite_town.accounts.begin(half), Refused)
    assert lite_town.take_place(f"{second} {first.lower()}", "mallory@example.com").id


def test_both_persons_stand_on_record(lite_town: Any, ana: Any) -> None:
    mallory = lite_town.join("mallory@example.com", "Mallory", AUTHOR)

    with lite_town.accounts.ledger.read() as tx:
        enrolled = tx.newest(EventKind.PERSON_ENROLLED, subject=mallory.id)
    assert enrolled is not None
    assert (enrolled.data["by"], enrolled.data["confirmed_by"]) == (lite_town.first.id, ana.id)


def test_the_proposer_does_not_confirm_and_nobody_confirms_about_themselves(lite_town: Any, ana: Any) -> None:
    adam = lite_town.join("adam@example.com", "Adam", ADMIN)
    proposed = _proposed(lite_town)
    about_adam = lite_town.accounts.change(adam.id, [ADMIN, Grant(role="legal", markets="all")], by=lite_town.first.id)

    own = lite_town.accounts.confirm(proposed.proposal, by=lite_town.first.id)
    himself = lite_town.accounts.confirm(about_adam.id, by=adam.id)

    assert (own.code, himself.code) == ("not-second", "not-second")
    assert _roles(lite_town, adam.id) == ("administrator",)


def test_where_there_is_another_administrator_nobody_else_confirms(lite_town: Any, ana: Any) -> None:
    adam = lite_town.join("adam@example.com", "Adam", ADMIN)
    proposed = _proposed(lite_town)

    by_ana = lite_town.accounts.confirm(proposed.proposal, by=ana.id)

    assert isinstance(by_ana, Refused)
    assert isinstance(lite_town.accounts.confirm(proposed.proposal, by=adam.id), Confirmed)


@pytest.mark.parametrize("role", ["author", "engineer", "scheduler"])
def test_who_neither_administers_nor_decides_confirms_nothing(lite_town: Any, ana: Any, role: Any) -> None:
    other = lite_town.join("ben@example.com", "Ben", Grant(role=role, markets="all"))
    proposed = _proposed(lite_town)

    assert isinstance(lite_town.accounts.confirm(proposed.proposal, by=other.id), Refused)
    assert isinstance(lite_town.accounts.decline(proposed.proposal, by=other.id), Refused)


@pytest.mark.parametrize(
    ("before", "after", "weighs"),
    [
        ([], [("author", "all")], False),
        ([], [("legal", ("US",))], True),
        ([("legal", "all")], [("legal", ("US",))], False),
        ([("legal", ("US",))], [("legal", "all")], True),
        ([("legal", ("US",))], [("legal", ("US", "DE"))], True),
        ([("legal", ("US",)), ("legal", ("DE",))], [("legal", ("US", "DE"))], False),
        ([("legal", "all")], [("brand_lead", ("US",))], True),
        ([("brand_lead", "all")], [("administrator", "all")], True),
        ([("administrator", "all")], [("author", "all"), ("scheduler", "all")], False),
        ([("author", "all")], [("administrator", ())], True),
    ],
)
def test_what_promotes_and_what_does_not(before: Any, after: Any, weighs: bool) -> None:
    def grants(given: Any) -> list[Grant]:
        return [Grant(role=role, markets=markets) for role, markets in given]

    assert gains_weight(grants(before), grants(after)) is weighs


def test_a_promotion_waits_and_then_holds(lite_town: Any, ana: Any) -> None:
    ben = lite_town.join("ben@example.com", "Ben", AUTHOR)

    proposal = lite_town.accounts.change(ben.id, [Grant(role="legal", markets="all")], by=lite_town.first.id)
    meanwhile = _roles(lite_town, ben.id)
    confirmed(lite_town.accounts, proposal)

    assert isinstance(proposal, Proposal)
    assert meanwhile == ("author",)
    assert _roles(lite_town, ben.id) == ("legal",)


def test_taking_rights_away_takes_one_person_and_works_at_once(lite_town: Any, ana: Any) -> None:
    assert lite_town.accounts.change(ana.id, [AUTHOR], by=lite_town.first.id) is None
    assert _roles(lite_town, ana.id) == ("author",)
    assert lite_town.accounts.revoke(ana.id, by=lite_town.first.id) is None
    assert _roles(lite_town, ana.id) == ()


def test_enrolling_somebody_anew_takes_two(lite_town: Any, ana: Any) -> None:
    lite_town.join("adam@example.com", "Adam", ADMIN)

    again = lite_town.invite("ana@example.com", "Ana", Grant(role="brand_lead", markets="all"))

    assert again.proposal
    assert isinstance(lite_town.accounts.begin(again.code), Refused)


def test_a_pile_of_invitations_from_before_is_no_way_round(lite_town: Any, lead: Any) -> None:
    early = lite_town.invite("puppet@example.com", "Puppet", lead)
    lite_town.join("ana@example.com", "Ana", lead)

    assert isinstance(lite_town.accounts.begin(early.code), Refused)


def test_it_still_takes_two_after_the_last_approver_was_revoked(lite_town: Any, ana: Any, lead: Any) -> None:
    lite_town.join("adam@example.com", "Adam", ADMIN)
    lite_town.accounts.revoke(ana.id, by=lite_town.first.id)

    assert lite_town.invite("puppet@example.com", "Puppet", lead).proposal


def test_where_nobody_could_confirm_it_is_said_at_once(lite_town: Any, ana: Any, lead: Any) -> None:
    refused = lite_town.invite("ana@example.com", "Ana", lead)

    assert isinstance(refused, Refused)
    assert refused.code == "nobody-to-confirm"


def test_a_proposal_ends_after_72_hours_and_so_does_its_code(lite_town: Any, ana: Any) -> None:
    late = _proposed(lite_town)
    lite_town.clock.advance(hours=72)
    refused = lite_town.accounts.confirm(late.proposal, by=ana.id)
    code = whole_code(lite_town.accounts, lite_town.invite("mallory@example.com", "Mallory", AUTHOR))
    lite_town.clock.advance(hours=72)

    assert isinstance(refused, Refused)
    assert isinstance(lite_town.accounts.begin(code), Refused)


def test_declining_ends_it_even_after_a_yes(lite_town: Any, ana: Any) -> None:
    proposed = _proposed(lite_town)
    other = lite_town.accounts.confirm(proposed.proposal, by=ana.id)

    assert lite_town.accounts.decline(proposed.proposal, by=ana.id) is None

    assert isinstance(lite_town.accounts.begin(f"{proposed.code} {other.code}"), Refused)
    assert isinstance(lite_town.accounts.confirm(proposed.proposal, by=ana.id), Refused)


def test_a_newer_proposal_voids_the_one_that_was_shown(lite_town: Any, ana: Any) -> None:
    shown = _proposed(lite_town)
    _proposed(lite_town, "mallory@example.com", Grant(role="brand_lead", markets="all"))

    assert isinstance(lite_town.accounts.confirm(shown.proposal, by=ana.id), Refused)
    with lite_town.accounts.ledger.read() as tx:
        assert len(open_proposals(tx)) == 1


@pytest.mark.parametrize("leaves", ["proposer", "second"])
def test_a_code_is_void_once_either_of_the_two_lost_their_role(lite_town: Any, ana: Any, leaves: str) -> None:
    adam = lite_town.join("adam@example.com", "Adam", ADMIN)
    eve = lite_town.join("eve@example.com", "Eve", ADMIN)
    proposed = lite_town.accounts.invite(email="m@example.com", name="M", grants=[AUTHOR], by=adam.id)
    other = lite_town.accounts.confirm(proposed.proposal, by=eve.id)

    lite_town.accounts.revoke(adam.id if leaves == "proposer" else eve.id, by=lite_town.first.id)

    assert isinstance(lite_town.accounts.begin(f"{proposed.code} {other.code}"), Refused)


def test_a_proposal_does_not_rename_anybody(lite_town: Any, ana: Any) -> None:
    lite_town.join("adam@example.com", "Adam", ADMIN)

    lite_town.invite("ana@example.com", "The Chief Executive", AUTHOR)

    with lite_town.accounts.ledger.read() as tx:
        assert person_name(tx, ana.id) == "Ana"


def test_what_a_worker_writes_neither_proposes_nor_confirms(lite_town: Any, ana: Any, sqlite_ledgers: Any) -> None:
    proposed = _proposed(lite_town)
    person = proposed.person
    with sqlite_ledgers.worker.write() as tx:
        event = tx.events(EventKind.PERSON_PROPOSED, subject=person)[-1]
        body = {"proposal": event.seq, "by": ana.id, "code": event.data["code"], "expires_at": "2099-01-01"}
        tx.append(EventKind.PERSON_CONFIRMED, person, body)
        grants = [Grant(role="legal", markets="all")]
        more = {"purpose": "change", "expires_at": "2099-01-01"}
        record_rights(tx, EventKind.PERSON_PROPOSED, ana.id, grants, email=ana.email, name="Ana", by="groups", **more)

    assert isinstance(lite_town.accounts.begin(f"{proposed.code} {proposed.code}"), Refused)
    with lite_town.accounts.ledger.read() as tx:
        assert [one.person for one in open_proposals(tx)] == [person]


def test_of_two_confirmations_at_one_moment_one_counts(town: Any, lead: Any) -> None:
    from concurrent.futures import ThreadPoolExecutor

    ana = town.join("ana@example.com", "Ana", lead)
    accounts: Accounts = town.accounts
    proposed = town.invite("mallory@example.com", "Mallory", AUTHOR)

    with ThreadPoolExecutor(4) as pool:
        answers = list(pool.map(lambda _: accounts.confirm(proposed.proposal, by=ana.id), range(4)))

    assert sum(isinstance(answer, Confirmed) for answer in answers) == 1


@pytest.mark.parametrize("role", ["administrator", "brand_lead"])
def test_a_role_without_a_market_is_no_promotion_for_one_person(lite_town: Any, ana: Any, role: Any) -> None:
    ben = lite_town.join("ben@example.com", "Ben", AUTHOR)

    done = lite_town.accounts.change(ben.id, [AUTHOR, Grant(role=role, markets=())], by=lite_town.first.id)

    assert isinstance(done, Proposal), done
    assert _roles(lite_town, ben.id) == ("author",)


def test_a_role_in_no_market_gives_nothing_whoever_recorded_it(lite_town: Any, ana: Any) -> None:
    ben = lite_town.join("ben@example.com", "Ben", AUTHOR)
    nowhere = [Grant(role="administrator", markets=()), Grant(role="legal", markets=())]
    with lite_town.accounts.ledger.write() as tx:
        record_rights(tx, EventKind.PERSON_CHANGED, ben.id, nowhere, email=ben.email, name="Ben", by=ben.id)

    with lite_town.accounts.ledger.read() as tx:
        rights = rights_of(tx, ben.id)

    assert rights is not None
    assert rights.roles == ()
    assert not rights.may("administrator", ())
    assert not rights.may("legal", ())


def test_codes_of_one_piece_end_with_the_first_approver_and_are_made_anew_at_once(lite_town: Any, lead: Any) -> None:
    accounts, root = lite_town.accounts, lite_town.first.id
    for email, name, role in (("nia@example.com", "Nia", "legal"), ("ben@example.com", "Ben", "author")):
        accounts.invite(email=email, name=name, grants=[Grant(role=role, markets="all")], by=root)
    with accounts.ledger.read() as tx:
        before = invited(tx)
    lite_town.join("ana@example.com", "Ana", lead)
    with accounts.ledger.read() as tx:
        after = invited(tx)

    anew = accounts.invite_anew(by=root)

    assert [(one.name, one.void) for one in before] == [("Nia", False), ("Ben", False)]
    assert [(one.name, one.void) for one in after] == [("Nia", True), ("Ben", True)]
    assert [name for name, _ in anew] == ["Nia", "Ben"]
    assert all(isinstance(made, Invitation) and made.proposal for _, made in anew)
    assert accounts.invite_anew(by=root) == []


def test_only_an_administrator_makes_codes_anew(lite_town: Any, lead: Any) -> None:
    lite_town.accounts.invite(email="ben@example.com", name="Ben", grants=[AUTHOR], by=lite_town.first.id)
    ana = lite_town.join("ana@example.com", "Ana", lead)

    ((_, refused),) = lite_town.accounts.invite_anew(by=ana.id)

    assert isinstance(refused, Refused)
    assert refused.code == "not-administrator"


def test_a_secret_that_was_sealed_for_another_enrolment_is_not_taken_over(lite_town: Any) -> None:
    foreign = Seal(lite_town.accounts.ledger.signer).close("A" * 32, whose="somebody else")
    invitation = lite_town.invite("ben@example.com", "Ben", AUTHOR)

    start = lite_town.accounts.begin(invitation.code, sealed=foreign)

    assert start.secret != "A" * 32
