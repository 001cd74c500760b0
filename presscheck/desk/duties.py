"""Who may answer a review, who is asked, and why somebody may not."""

from collections.abc import Sequence
from typing import TYPE_CHECKING

from presscheck.desk.authority import Own, capacities, counting, may_by_some_role, own_work
from presscheck.desk.situation import Situation
from presscheck.desk.voices import Heard, moment, voices_of
from presscheck.documents.sentences import an, capital, listed
from presscheck.ledger import Reader
from presscheck.models import Frozen, Market, Refused, Role
from presscheck.people.absence import is_absent
from presscheck.people.rights import Rights, active_rights, everybody, person_name, rights_of, rights_since

if TYPE_CHECKING:
    from policies import Held, Voice
    from policies.engine.rights import Action
    from policies.engine.stages import Seat

_OWN: dict[Own, tuple[str, str]] = {
    "text": ("own-text", "wrote this text"),
    "brief": ("own-brief", "wrote this brief"),
    "run": ("own-run", "started this run, or set what it began with"),
    "prompt": ("own-prompt", "edited the prompt that this was drafted with"),
    "picture": ("own-picture", "added a picture that this shows"),
}


_NOUNS = {"legal": "legal reviewer", "ai_strategist": "AI strategist"}
"""Where the role's name alone is no noun that stands for a person, or is written otherwise."""


class WhoMay(Frozen):
    """Who is asked now, and by which rule."""

    role: str
    """The role of the first seat that is open."""
    rule: str
    markets: tuple[Market, ...]
    people: tuple[str, ...]
    """Ids of everybody whose yes would bring it further, in the order of enrolling."""
    names: tuple[str, ...]
    why: str
    """One sentence: which role, where, and who is left out."""
    stage: str = ""
    number: int = 1
    stages: int = 1
    said_yes: tuple[str, ...] = ()
    """Names of those whose yes counts already."""


class Explained(Frozen):
    """Whether one person may decide with one of their roles, and which rule says so."""

    person: str
    name: str
    role: str
    may: bool
    rule: str
    why: str


def bar(tx: Reader, situation: Situation, heard: Heard, person: str) -> Refused | None:
    """Why this person may not answer now; None for one who may. Names nobody to a stranger."""
    rights = active_rights(tx, person)
    if isinstance(rights, Refused):
        return rights
    if is_absent(tx, person):
        return Refused(
            code="absent",
            reason="You are entered as absent, so you cannot decide. Enter yourself as present first.",
        )
    if heard.complete:
        return Refused(code="already-decided", reason="Everybody who was needed has approved this already.")
    if speaks_against(tx, situation, heard, rights) is not None:
        return None
    if person in {one.person for one in heard.given}:
        rest = needed(tx, situation, heard)
        return Refused(code="counted-already", reason=f"Your yes counts already, and nobody counts twice. {rest}")
    return _why(tx, situation, heard, rights)


def choose_voice(tx: Reader, situation: Situation, heard: Heard, person: str) -> "Voice | Refused":
    """The voice by which this person's yes brings it further, the own name first."""
    standing = heard.standing
    stage = "" if standing.stage is None else standing.stage.stage
    rights = active_rights(tx, person)
    if isinstance(rights, Refused):
        return rights
    voices = voices_of(tx, situation, rights, stage=stage, at=max(moment(tx), standing.began_at))
    found = next((voice for voice in voices if standing.wanted(voice)), None)
    if found is not None:
        return found
    if any(standing.may(voice) for voice in voices):
        rest = needed(tx, situation, heard)
        return Refused(code="not-needed", reason=f"What you could give is there already. {rest}")
    if person in standing.heard:
        return Refused(
            code="counted-already",
            reason=f"Your yes counts already, and nobody counts twice. {needed(tx, situation, heard)}",
        )
    mine = {voice.acts_for for voice in voices} & standing.heard
    if mine:
        giver = person_name(tx, next(iter(mine)))
        return Refused(
            code="counted-already",
            reason=f"{giver}, who delegated to you, has approved this; both count as one. "
            f"{needed(tx, situation, heard)}",
        )
    return _why(tx, situation, heard, rights)


def speaks_against(tx: Reader, situation: Situation, heard: Heard, rights: Rights) -> tuple[Role, str] | None:
    """The role by which somebody may say no now and in whose name, the own one first; None for who may not.

    Every role counts that may approve, and those with a veto. Whoever sits already, or shares a seat with who does,
    may still say no.
    """
    standing = heard.standing
    veto = () if standing.stage is None else standing.stage.veto
    for capacity in capacities(tx, situation, rights):
        held = counting(tx, situation, capacity, "approve").held
        if veto:
            vetoing = counting(tx, situation, capacity, "reject").held
            held += tuple(one for one in vetoing if one.role in veto)
        for one in held:
            if standing.may_reject(_voice(heard, rights.person, capacity.acts_for, (one,))):
                return one.role, capacity.acts_for
    return None


def who_may(tx: Reader, situation: Situation, heard: Heard) -> WhoMay:
    """Everybody who is asked now."""
    standing = heard.standing
    people = [
        rights.person
        for rights in everybody(tx)
        if _is_wanted(tx, situation, heard, rights) and not is_absent(tx, rights.person)
    ]
    seat = standing.missing[0] if standing.missing else None
    stage = "" if standing.stage is None else standing.stage.stage
    return WhoMay(
        role="" if seat is None else seat.roles[0],
        rule=situation.rule.id,
        markets=situation.brief.markets,
        people=tuple(people),
        names=tuple(person_name(tx, person) for person in people),
        why=f"{capital(_whom(situation, heard))}{_but(situation)} ({situation.rule.id})",
        stage=stage,
        number=min(standing.number, len(situation.rule.stages)),
        stages=len(situation.rule.stages),
        said_yes=tuple(dict.fromkeys(person_name(tx, one.person) for one in heard.given)),
    )


def explain(tx: Reader, situation: Situation, heard: Heard) -> list[Explained]:
    """For everybody with a role: whether they may decide now, and which rule says so."""
    found: list[Explained] = []
    for rights in everybody(tx):
        if not rights.active:
            continue
        name = person_name(tx, rights.person)
        away = is_absent(tx, rights.person)
        for capacity in capacities(tx, situation, rights):
            counted = counting(tx, situation, capacity, "approve")
            by = f" for {person_name(tx, capacity.acts_for)}" if capacity.acts_for else ""
            for role in dict.fromkeys(grant.role for grant in capacity.grants):
                held = tuple(one for one in counted.held if one.role == role)
                voice = _voice(heard, rights.person, capacity.acts_for, held)
                may = bool(held) and not away and heard.standing.may(voice)
                rule, why = _reason(situation, heard, role, may=may, away=away, held=bool(held))
                if not held and counted.denied is not None and not away and role in _asked_roles(situation):
                    rule, why = counted.denied.rule, counted.denied.why
                found.append(Explained(person=rights.person, name=name + by, role=role, may=may, rule=rule, why=why))
    return found


def unmet(tx: Reader, situation: Situation, heard: Heard) -> str:
    """The first stage that the people there are could not meet, each counted once, with whom to tell; or nothing."""
    from policies import standing_of

    standing = heard.standing
    people = [rights for rights in everybody(tx) if rights.active]
    while standing.stage is not None:
        stage, at = standing.stage, standing.began_at
        voices = [one for rights in people for one in voices_of(tx, situation, rights, stage=stage.stage, at=at)]
        later = standing_of(
            situation.rule,
            markets=situation.brief.markets,
            opened_at=situation.review.opened_at,
            voices=[*standing.voices, *voices],
            calendar=situation.calendar,
            as_of=at,
        )
        if later.number == standing.number:
            seats = listed(dict.fromkeys(_seat(seat) for seat in later.missing))
            return (
                f"Nobody could meet the stage {stage.stage} of {situation.rule.id}: it lacks {seats}. The owner of "
                f"that model is {situation.rule.owner}; an administrator can give somebody the "
                "right: `presscheck people`. Then start the campaign again."
            )
        standing = later
    return ""


def needed(tx: Reader, situation: Situation, heard: Heard) -> str:
    """What is still needed, and who could give it, in a sentence or two."""
    may = who_may(tx, situation, heard)
    if may.names:
        roles = listed(dict.fromkeys(_who(seat) for seat in heard.standing.missing))
        return f"{capital(roles)} may: {listed(may.names)}."
    return (
        f"{capital(_whom(situation, heard))} may, and there is nobody else with that right: "
        "an administrator can give it to somebody."
    )


Approver = tuple[str, str, int]
"""Who said yes, for whom they acted, and the event of their yes; 0 for one given now."""


def nobody_for_the_whole(tx: Reader, situation: Situation, people: Sequence[Approver]) -> Refused | None:
    """Whether, of all who approve, nobody may publish this or nobody may spend what it spends.

    What somebody may has to have held ever since their yes.
    """
    # What does not go out publishes nothing, whoever approves it; and money takes whoever may approve money.
    goes_out = situation.question.channel is not None
    wanted: list[tuple[Action, str]] = [("publish", "publish this")] if goes_out else []
    if max(situation.spends, situation.brief.spend_dollars if goes_out else 0):
        wanted.append(("approve_budget", f"approve {situation.facts.spend:,} dollars, all that the campaign spends"))
    for action, words in wanted:
        if not anybody_may(tx, situation, people, action):
            names = listed([person_name(tx, person) for person, _, _ in people])
            return Refused(
                code="over-limit",
                reason=f"Nobody of those who approve this ({names}) may {words}: policies/rights says who may, up to "
                f"what amount and reach. Ask somebody who may to approve it in this stage, or "
                f"{'change the brief' if goes_out else 'ask for less'}.",
            )
    return None


def anybody_may(tx: Reader, situation: Situation, people: Sequence[Approver], action: "Action") -> bool:
    """Whether one of those who approve may do this for all that the question reaches, and could ever since."""
    return any(_may_for_the_whole(tx, situation, one, action) for one in people)


def _may_for_the_whole(tx: Reader, situation: Situation, one: Approver, action: "Action") -> bool:
    person, acts_for, seq = one
    now = rights_of(tx, person)
    if now is None:
        return False
    moments = [now, *(rights_since(tx, person, seq) if seq and not acts_for else ())]
    return all(
        any(
            capacity.acts_for == acts_for and may_by_some_role(tx, situation, capacity, action)
            for capacity in capacities(tx, situation, rights)
        )
        for rights in moments
    )


def a_role(role: str) -> str:
    """`a brand lead`, `an engineer`, `an AI strategist`."""
    return an(_NOUNS.get(role, role.replace("_", " ")))


def _is_wanted(tx: Reader, situation: Situation, heard: Heard, rights: Rights) -> bool:
    standing = heard.standing
    stage = "" if standing.stage is None else standing.stage.stage
    at = max(moment(tx), standing.began_at)
    return any(standing.wanted(voice) for voice in voices_of(tx, situation, rights, stage=stage, at=at))


def _voice(heard: Heard, person: str, acts_for: str, held: "tuple[Held, ...]") -> "Voice":
    from policies import Voice

    stage = heard.standing.stage
    return Voice(person, "" if stage is None else stage.stage, heard.standing.began_at, held, acts_for)


def _why(tx: Reader, situation: Situation, heard: Heard, rights: Rights) -> Refused:
    name = person_name(tx, rights.person)
    # Of several things that keep somebody out, their own work is told first: nobody else's work is told to a stranger.
    for capacity in capacities(tx, situation, rights):
        roles = [grant.role for grant in capacity.grants]
        about = own_work(tx, situation, capacity) if situation.question.asks == "approval" else ()
        for own in about:
            code, did = _OWN[own]
            denied = counting(tx, situation, capacity, "approve").denied
            if denied is not None or not set(roles) & set(_asked_roles(situation)):
                rest = needed(tx, situation, heard)
                return Refused(code=code, reason=f"{name} {did} and may not approve it. {rest}")
        denied = counting(tx, situation, capacity, "approve").denied
        if denied is not None and set(roles) & set(_asked_roles(situation)):
            said = f"{denied.why} ({denied.rule})" if denied.rule else denied.why
            return Refused(code="no-right", reason=f"{name} may not approve this: {said}")
    held = listed([role.replace("_", " ") for role in rights.roles]) or "without a role"
    return Refused(code="no-right", reason=f"{name} is {held} and may not decide this. {needed(tx, situation, heard)}")


def _reason(situation: Situation, heard: Heard, role: str, *, may: bool, away: bool, held: bool) -> tuple[str, str]:
    rule = situation.rule.id
    if away:
        return "presscheck.absence", "is entered as absent"
    if may:
        return rule, f"stage {heard.standing.number}: {_whom(situation, heard)}"
    if held and heard.standing.stage is not None:
        return rule, "is not needed at this stage, or has been heard"
    return rule, f"the model asks for {situation.rule.asks_for()}"


def _asked_roles(situation: Situation) -> tuple[str, ...]:
    later = [stage.escalate.to for stage in situation.rule.stages if stage.escalate is not None]
    return (*situation.rule.roles, *later)


def _whom(situation: Situation, heard: Heard) -> str:
    """`a brand lead for all of US and DE`, with everything else that is open."""
    seats = listed(dict.fromkeys(_seat(seat) for seat in heard.standing.missing)) or "nobody"
    stage = heard.standing.stage
    if heard.standing.escalated and stage is not None and stage.escalate is not None:
        return f"{seats}, or by now {a_role(stage.escalate.to)}"
    return seats


def _seat(seat: "Seat") -> str:
    if len(seat.markets) == 1:
        return f"{_who(seat)} for {seat.markets[0]}"
    where = f"all of {listed(seat.markets)}" if seat.every else f"one of {listed(seat.markets, 'or')}"
    return f"{_who(seat)} for {where}"


def _who(seat: "Seat") -> str:
    """`a brand lead`, `a legal reviewer or an ethics officer`."""
    return listed((a_role(role) for role in seat.roles), "or")


def _but(situation: Situation) -> str:
    if situation.question.asks == "writing":
        return ", to write it"
    what = "the text" if situation.question.kinds == ("copy",) else "what is asked about"
    return f", who neither wrote the brief or {what} nor started the run"
