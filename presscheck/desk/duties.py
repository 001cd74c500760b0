"""Who may answer a review, and why somebody may not: rights now, and never the brief's own author."""

from collections.abc import Sequence

from presscheck.desk.authorship import wrote_a_choice
from presscheck.desk.situation import Situation
from presscheck.ledger import Reader
from presscheck.ledger.campaigns import starter_of
from presscheck.models import Frozen, Market, Refused
from presscheck.people.rights import Rights, email_digest, everybody, person_email, person_name, rights_of

__all__ = ["WhoMay", "a_role", "bar", "has_right", "listed", "who_may", "wrote"]


class WhoMay(Frozen):
    """Who may answer a review now, and by which rule."""

    role: str
    rule: str
    markets: tuple[Market, ...]
    people: tuple[str, ...]
    """Ids, in the order of enrolling."""
    names: tuple[str, ...]
    why: str
    """One sentence: which role, where, and who is left out."""


def bar(tx: Reader, situation: Situation, person: str) -> Refused | None:
    """Why this person may not decide here; None for one who may. Names nobody to a stranger."""
    rights = rights_of(tx, person)
    if rights is None or not rights.active:
        return Refused(code="not-active", reason="This account is not active; an administrator can tell you why.")
    name = person_name(tx, person)
    if situation.question.asks == "approval" and (own := _own_work(tx, situation, rights, name)):
        return own
    if not has_right(situation, rights):
        held = listed([role.replace("_", " ") for role in rights.roles]) or "without a role"
        return Refused(code="no-right", reason=f"{name} is {held} and may not decide this. {_others(tx, situation)}")
    return None


def _own_work(tx: Reader, situation: Situation, rights: Rights, name: str) -> Refused | None:
    """Whether this person would approve what is their own: the brief, the run, or the text."""
    person = rights.person
    if wrote_a_choice(tx, situation.question, person):
        return Refused(
            code="own-text", reason=f"{name} wrote this text and may not approve it. {_others(tx, situation)}"
        )
    if wrote(tx, situation, rights):
        return Refused(
            code="own-brief", reason=f"{name} wrote this brief and may not approve it. {_others(tx, situation)}"
        )
    if starter_of(tx, situation.question.run) == person:
        return Refused(
            code="own-run", reason=f"{name} started this run and may not approve it. {_others(tx, situation)}"
        )
    return None


def who_may(tx: Reader, situation: Situation) -> WhoMay:
    """Everybody who may answer now."""
    people = [rights.person for rights in everybody(tx) if _may(tx, situation, rights)]
    role, markets = situation.rule.roles[0], situation.brief.markets
    reach = (
        f"all of {listed(markets)}"
        if situation.rule.stages[0].needs[0].markets == "all-of-audience"
        else f"one of {listed(markets)}"
    )
    return WhoMay(
        role=role,
        rule=situation.rule.id,
        markets=markets,
        people=tuple(people),
        names=tuple(person_name(tx, person) for person in people),
        why=f"{a_role(role)} for {reach}{_but(situation)} ({situation.rule.id})",
    )


def _but(situation: Situation) -> str:
    asks = situation.question.asks
    return ", who neither wrote the brief or the text nor started the run" if asks == "approval" else ", to write it"


def a_role(role: str) -> str:
    """`A brand lead`, `An engineer`."""
    words = role.replace("_", " ")
    return f"{'An' if words[0] in 'aeiou' else 'A'} {words}"


def listed(words: Sequence[str]) -> str:
    """`US`, `US and DE`, `US, DE and FR`."""
    return " and ".join([", ".join(words[:-1]), words[-1]] if len(words) > 1 else list(words))


def has_right(situation: Situation, rights: Rights) -> bool:
    """Whether these rights reach what the approval policy asks for; nothing of who wrote or started it."""
    role, markets = situation.rule.roles[0], situation.brief.markets
    if situation.rule.stages[0].needs[0].markets == "any":
        return any(rights.may(role, (market,)) for market in markets)
    return rights.may(role, markets)


def wrote(tx: Reader, situation: Situation, rights: Rights) -> bool:
    """Whether the brief names this person as its author, also where one of the two is a sub-address (RFC 5233)."""
    author = situation.brief.author
    if rights.email in {email_digest(author), email_digest(_plain(author))}:
        return True
    # An account under ana+lead@ is Ana's as well. Where the address was erased, the digests above are all there is.
    own = person_email(tx, rights.person)
    return own is not None and email_digest(_plain(own)) == email_digest(_plain(author))


def _plain(address: str) -> str:
    user, _, domain = address.rpartition("@")
    return f"{user.partition('+')[0]}@{domain}"


def _may(tx: Reader, situation: Situation, rights: Rights) -> bool:
    if not has_right(situation, rights):
        return False
    return situation.question.asks == "writing" or not (
        wrote(tx, situation, rights)
        or starter_of(tx, situation.question.run) == rights.person
        or wrote_a_choice(tx, situation.question, rights.person)
    )


def _others(tx: Reader, situation: Situation) -> str:
    may = who_may(tx, situation)
    where = listed(may.markets)
    if may.names:
        return f"{a_role(may.role)} may: {listed(may.names)}."
    return (
        f"{a_role(may.role)} for {where} may, and there is nobody else with that right: "
        "an administrator can give it to somebody."
    )
