"""Every state that a small company can bring an approval into, compared with an independent oracle.

    python -m tests.policies.proof          # a table: states visited, answers tried, counter-examples

The oracle says what an approval *is*: a set of different people, stage after stage, each in time, that fills
every need. It reads the model's needs, tries every assignment, and shares no code with `policies.engine.standing`,
which says it step by step. `search` walks through every order in which the people of a small company can
answer, early, late, too late, for another stage, for themselves or for whoever delegated, and compares at
each step. What it does not know are Cedar's rights, which decide before (`tests/policies/test_rights.py`).
"""

import random
import time
from collections.abc import Callable, Iterable, Iterator
from dataclasses import dataclass, field
from datetime import UTC, datetime, timedelta
from functools import cache
from itertools import combinations, product
from pathlib import Path
from typing import Any

import yaml

import policies
from policies.engine.approval import ApprovalPolicy
from policies.engine.stages import Need, Stage
from policies.engine.standing import Held, Standing, Voice, standing_of

OPENED = datetime(2026, 12, 1, 9, tzinfo=UTC)
MARKETS = ("DE", "US")
_UNITS = {"m": timedelta(minutes=1), "h": timedelta(hours=1), "d": timedelta(days=1)}
_UNITS |= {"bh": timedelta(hours=1), "bd": timedelta(days=1)}

Decider = Callable[..., Standing]
Signed = tuple[tuple[Voice, ...], ...]


class AlwaysOpen:
    """An office that never closes: the proof is about stages, and calendars have tests of their own."""

    def after(self, start: datetime, lasts: str) -> datetime:
        """When `lasts` is over."""
        return start + _lasting(lasts)


@dataclass(frozen=True)
class Hat:
    """Somebody who may say yes, for themselves or for who delegated."""

    person: str
    held: tuple[Held, ...]
    acts_for: str = ""

    def __str__(self) -> str:
        where = {held.role: "all" if held.markets == "all" else "+".join(held.markets) for held in self.held}
        roles = ", ".join(f"{role}:{markets}" for role, markets in where.items()) or "no role"
        return f"{self.person} ({f'for {self.acts_for}, ' if self.acts_for else ''}{roles})"


@dataclass(frozen=True)
class Wrong:
    """A sequence of answers after which code and oracle disagree."""

    what: str
    model: str
    answers: tuple[Voice, ...]

    def __str__(self) -> str:
        told = "\n".join(
            f"  {at}. {voice.at - OPENED} after asking: "
            f"{Hat(voice.person, voice.held, voice.acts_for)} says yes to stage {voice.stage}"
            for at, voice in enumerate(self.answers, start=1)
        )
        return f"{self.model}: {self.what}\n{told}"


@dataclass
class Searched:
    """What a search went through."""

    companies: int = 1
    states: int = 0
    answers: int = 0
    completed: int = 0
    wrong: list[Wrong] = field(default_factory=list)

    def add(self, other: "Searched") -> None:
        """Take over what another search found."""
        self.companies += other.companies
        self.states += other.states
        self.answers += other.answers
        self.completed += other.completed
        self.wrong += other.wrong


# --- the oracle -------------------------------------------------------------------------------------------


@dataclass(frozen=True)
class Truth:
    """How many stages are over, when the one under way began, and who said yes in each."""

    over: int
    began_at: datetime
    signed: Signed


NOTHING = Truth(0, OPENED, ((),))


def further(model: ApprovalPolicy, markets: tuple[str, ...], truth: Truth, voice: Voice) -> Truth:
    """After one more yes. A stage is over as soon as different people, in time, fill it and all before it."""
    at = truth.over
    if at == len(model.stages) or not _counts(model.stages[at], markets, truth.began_at, voice):
        return truth
    if any(_people(voice) & _people(other) for other in truth.signed[at]):
        return truth
    # Whoever is needed in an earlier stage is used up; whose yes was one too many there is not.
    if not _somebody_fills(model.stages[:at], markets, _timed(model, truth.signed[:at]), _people(voice)):
        return truth
    signed = (*truth.signed[:at], (*truth.signed[at], voice))
    if not _somebody_fills(model.stages[: at + 1], markets, _timed(model, signed), frozenset()):
        return Truth(at, truth.began_at, signed)
    return Truth(at + 1, voice.at, (*signed, ()))


def truth_of(model: ApprovalPolicy, markets: tuple[str, ...], answers: Iterable[Voice]) -> Truth:
    """After all of them, in order."""
    truth = NOTHING
    for voice in answers:
        truth = further(model, markets, truth, voice)
    return truth


def _timed(model: ApprovalPolicy, signed: Signed) -> tuple[tuple[tuple[Voice, bool], ...], ...]:
    """Each yes with whether the next in line could answer by then."""
    found: list[tuple[tuple[Voice, bool], ...]] = []
    began_at = OPENED
    for stage, voices in zip(model.stages, signed, strict=False):
        found.append(tuple((voice, _late(stage, began_at, voice)) for voice in voices))
        began_at = voices[-1].at if voices else began_at
    return tuple(found)


def _late(stage: Stage, began_at: datetime, voice: Voice) -> bool:
    return stage.escalate is not None and voice.at >= began_at + _lasting(stage.escalate.after)


def _somebody_fills(
    stages: tuple[Stage, ...],
    markets: tuple[str, ...],
    signed: tuple[tuple[tuple[Voice, bool], ...], ...],
    used: frozenset[str],
) -> bool:
    """Whether there is a choice of people for every stage, nobody in two of them."""
    if not stages:
        return True
    free = [(voice, late) for voice, late in signed[0] if not _people(voice) & used]
    for number in range(1, len(free) + 1):
        for chosen in combinations(free, number):
            if _fill(stages[0], markets, tuple((voice.held, late) for voice, late in chosen)):
                taken = used.union(*(_people(voice) for voice, _ in chosen))
                if _somebody_fills(stages[1:], markets, signed[1:], taken):
                    return True
    return False


@cache
def _fill(stage: Stage, markets: tuple[str, ...], people: tuple[tuple[tuple[Held, ...], bool], ...]) -> bool:
    """Whether everybody can be given one need so that every need has whom it asks for."""
    for given in product(range(len(stage.needs)), repeat=len(people)):
        groups = [[one for one, to in zip(people, given, strict=True) if to == at] for at in range(len(stage.needs))]
        if all(_met(stage, need, markets, group) for need, group in zip(stage.needs, groups, strict=True)):
            return True
    return False


def _met(stage: Stage, need: Need, markets: tuple[str, ...], group: list[tuple[tuple[Held, ...], bool]]) -> bool:
    if need.all_of:
        return len(group) == len(need.all_of) and _each_has_own(stage, need, markets, group, need.all_of)
    if need.markets == "each":
        return all(any(_is(stage, one, need.any_of, (market,), every=True) for one in group) for market in markets)
    every = need.markets == "all-of-audience"
    return len(group) == need.count and all(_is(stage, one, need.any_of, markets, every=every) for one in group)


def _each_has_own(stage: Stage, need: Need, markets: tuple[str, ...], group: list[Any], roles: tuple[str, ...]) -> bool:
    if not roles:
        return True
    every = need.markets == "all-of-audience"
    return any(
        _is(stage, one, roles[:1], markets, every=every)
        and _each_has_own(stage, need, markets, group[:at] + group[at + 1 :], roles[1:])
        for at, one in enumerate(group)
    )


def _is(
    stage: Stage, one: tuple[tuple[Held, ...], bool], roles: tuple[str, ...], markets: tuple[str, ...], *, every: bool
) -> bool:
    held, late = one
    accepted = {*roles, stage.escalate.to} if late and stage.escalate is not None else {*roles}
    for has in held:
        reached = set(markets) if has.markets == "all" else set(markets) & set(has.markets)
        if has.role in accepted and (reached == set(markets) if every else reached):
            return True
    return False


def _counts(stage: Stage, markets: tuple[str, ...], began_at: datetime, voice: Voice) -> bool:
    if voice.stage != stage.stage or not began_at <= voice.at < began_at + _lasting(stage.expires_after):
        return False
    one = (voice.held, _late(stage, began_at, voice))
    return any(_fits(stage, need, markets, one) for need in stage.needs)


def _fits(stage: Stage, need: Need, markets: tuple[str, ...], one: tuple[tuple[Held, ...], bool]) -> bool:
    every = need.markets == "all-of-audience"
    return _is(stage, one, need.roles, markets, every=every)


def _people(voice: Voice) -> frozenset[str]:
    return frozenset({voice.person} | ({voice.acts_for} if voice.acts_for else set()))


@cache
def _lasting(lasts: str) -> timedelta:
    digits = lasts.rstrip("mhdb")
    return int(digits) * _UNITS[lasts[len(digits) :]]


# --- the search -------------------------------------------------------------------------------------------


def search(
    model: ApprovalPolicy,
    company: tuple[Hat, ...],
    *,
    markets: tuple[str, ...] = MARKETS,
    decide: Decider = standing_of,
    thorough: bool = False,
) -> Searched:
    """Every order of answers of a company; states that differ in nothing that either side reads are one."""
    found = Searched()
    seen: set[object] = {_key(model, NOTHING, OPENED)}
    todo: list[tuple[tuple[Voice, ...], Truth, datetime]] = [((), NOTHING, OPENED)]

    def standing(voices: tuple[Voice, ...], as_of: datetime) -> Standing:
        calendar: Any = AlwaysOpen()
        return decide(model, markets=markets, opened_at=OPENED, voices=voices, calendar=calendar, as_of=as_of)

    while todo:
        said, truth, now = todo.pop()
        for at, voices in _possible(model, company, truth, now, thorough=thorough):
            before = standing(said, at)
            for voice in voices:
                found.answers += 1
                after = further(model, markets, truth, voice)
                wrong = _before(model, before, truth, voice, after)
                wrong = wrong or _no(model, markets, before, truth, voice)
                wrong = wrong or _needless(model, markets, company, before, truth, voice)
                wrong = wrong or _after(model, standing((*said, voice), at), after)
                if wrong is not None:
                    found.wrong.append(Wrong(wrong, model.id, (*said, voice)))
                    return found
                key = _key(model, after, at)
                if key not in seen:
                    seen.add(key)
                    found.completed += after.over == len(model.stages)
                    todo.append(((*said, voice), after, at))
    found.states = len(seen)
    return found


def wander(
    model: ApprovalPolicy, company: tuple[Hat, ...], *, seed: int, markets: tuple[str, ...] = MARKETS
) -> Searched:
    """One long sequence by chance, with nothing left out because it was seen before; over when it is complete."""
    chance = random.Random(seed)
    found, truth, now = Searched(states=0), NOTHING, OPENED
    said: tuple[Voice, ...] = ()
    calendar: Any = AlwaysOpen()
    for _ in range(40):
        moments = list(_possible(model, company, truth, now, thorough=True))
        if not moments:
            break
        now, voices = chance.choice(moments[: chance.choice((1, 1, 1, 2, len(moments)))])
        voice = chance.choice(voices)
        told = standing_of(model, markets=markets, opened_at=OPENED, voices=said, calendar=calendar, as_of=now)
        after, said = further(model, markets, truth, voice), (*said, voice)
        then = standing_of(model, markets=markets, opened_at=OPENED, voices=said, calendar=calendar, as_of=now)
        wrong = _before(model, told, truth, voice, after) or _after(model, then, after)
        found.answers += 1
        if wrong is not None:
            found.wrong.append(Wrong(wrong, model.id, said))
            break
        truth = after
    found.completed = truth.over == len(model.stages)
    return found


def _before(model: ApprovalPolicy, told: Standing, truth: Truth, voice: Voice, after: Truth) -> str | None:
    """What the code says of a yes before it is there, compared with what it comes to."""
    if told.stage is None or voice.stage != told.stage.stage or voice.at >= told.deadline:
        return f"{voice.person} is out of time or place, and the yes counts" if after != truth else None
    if after != truth and not told.may(voice):
        return f"{voice.person} is refused, and is one of those whose yes counts"
    if after == truth and told.may(voice):
        return f"{voice.person} may say yes, and it cannot count"
    if after.over > truth.over and not told.wanted(voice):
        return f"{voice.person}'s yes ends the stage, and the code says that it is not wanted"
    return None


def _no(model: ApprovalPolicy, markets: tuple[str, ...], told: Standing, truth: Truth, voice: Voice) -> str | None:
    """Whether somebody may say no: who could say yes, and a veto of any market."""
    stage = model.stages[truth.over]
    if voice.stage != stage.stage:
        return None
    one = (voice.held, _late(stage, truth.began_at, voice))
    may = any(_fits(stage, need, markets, one) for need in stage.needs)
    may = may or _is(stage, (voice.held, False), stage.veto, markets, every=False)
    if told.may_reject(voice) != may:
        return f"{voice.person} {'may' if may else 'may not'} say no by the oracle alone"
    return None


def _needless(
    model: ApprovalPolicy,
    markets: tuple[str, ...],
    company: tuple[Hat, ...],
    told: Standing,
    truth: Truth,
    voice: Voice,
) -> str | None:
    """A yes that is not wanted must make no difference to the stage, whoever says yes after it."""
    if told.wanted(voice) or not told.may(voice):
        return None
    with_it = further(model, markets, truth, voice)
    others = [Voice(hat.person, voice.stage, voice.at, hat.held, hat.acts_for) for hat in company]
    for number in range(1, 4):
        for more in combinations(others, number):
            one, other = with_it, truth
            for later in more:
                one, other = further(model, markets, one, later), further(model, markets, other, later)
            if one.over > truth.over and other.over == truth.over:
                return f"{voice.person} is not wanted, and without that yes the stage does not end"
    return None


def _after(model: ApprovalPolicy, told: Standing, truth: Truth) -> str | None:
    """What code and oracle disagree about once it was said."""
    if told.complete != (truth.over == len(model.stages)):
        return "complete by the code, and not by the oracle" if told.complete else "complete by the oracle alone"
    if told.number - 1 != truth.over:
        return f"the code stands in stage {told.number}, the oracle in {truth.over + 1}"
    if told.began_at != truth.began_at:
        return f"the stage began at {told.began_at} by the code, at {truth.began_at} by the oracle"
    return None


def _possible(
    model: ApprovalPolicy, company: tuple[Hat, ...], truth: Truth, now: datetime, *, thorough: bool
) -> Iterator[tuple[datetime, list[Voice]]]:
    """Everybody, at every time that makes a difference, and for the stage before and after as well."""
    if truth.over == len(model.stages):
        return
    stage = model.stages[truth.over]
    over = truth.began_at + _lasting(stage.expires_after)
    moments = [over]
    if stage.escalate is None or thorough:
        moments += [over - timedelta(seconds=1)]
    if stage.escalate is not None:
        escalates = truth.began_at + _lasting(stage.escalate.after)
        moments += [escalates - timedelta(seconds=1), escalates]
    if thorough:
        moments += [truth.began_at, over + timedelta(days=9)]
    hats = list(_unlike(company, truth))
    others = [model.stages[at].stage for at in (truth.over - 1, truth.over + 1) if 0 <= at < len(model.stages)]
    for number, at in enumerate(sorted({max(moment, now) for moment in moments})):
        names = [stage.stage, *others] if number == 0 else [stage.stage]
        yield at, [Voice(hat.person, name, at, hat.held, hat.acts_for) for name in names for hat in hats]


def _unlike(company: tuple[Hat, ...], truth: Truth) -> Iterator[Hat]:
    """Of people who are alike and have not been heard, the first; who is acted for is like nobody."""
    heard = {person for stage in truth.signed for voice in stage for person in _people(voice)}
    special = {hat.acts_for for hat in company if hat.acts_for}
    seen: set[object] = set()
    for hat in company:
        alike = (hat.person, hat.acts_for) if hat.acts_for or hat.person in special or hat.person in heard else hat.held
        if alike not in seen:
            seen.add(alike)
            yield hat


def _key(model: ApprovalPolicy, truth: Truth, now: datetime) -> object:
    """What the rest can depend on: who signed which stage, and how late it is in the one under way."""
    signed = tuple(
        frozenset((voice.person, voice.acts_for, late) for voice, late in voices)
        for voices in _timed(model, truth.signed)
    )
    if truth.over == len(model.stages):
        return signed
    stage, gone = model.stages[truth.over], now - truth.began_at
    marks = [_lasting(stage.expires_after), _lasting(stage.expires_after) - timedelta(seconds=1)]
    marks += [] if stage.escalate is None else [_lasting(stage.escalate.after)]
    return (signed, tuple(gone >= mark for mark in marks))


# --- companies --------------------------------------------------------------------------------------------


def companies(model: ApprovalPolicy, *, markets: tuple[str, ...] = MARKETS) -> Iterator[tuple[Hat, ...]]:
    """Small companies that matter: just enough people, one more of every sort, one for two, and delegates."""
    enough = tuple(_enough(model, markets))
    yield enough
    roles = _roles(model)
    sorts: list[tuple[Held, ...]] = []
    for reach in ("all", *((market,) for market in markets)):
        sorts += [(Held(role, reach),) for role in roles]
        sorts += [(Held(one, reach), Held(other, reach)) for one, other in combinations(roles, 2)]
    sorts += [(Held(one, markets[:1]), Held(other, markets[1:])) for one, other in product(roles, roles)]
    for sort in dict.fromkeys((*sorts, ())):
        yield (*enough, Hat("extra", sort))
        for at in range(len(enough)):
            yield (*enough[:at], *enough[at + 1 :], Hat("extra", sort))
    for away in enough:
        yield (*enough, Hat("delegate", away.held, acts_for=away.person))
        for other in enough:
            if other is not away:
                yield (*enough, Hat(other.person, away.held, acts_for=away.person))


def _enough(model: ApprovalPolicy, markets: tuple[str, ...]) -> Iterator[Hat]:
    number = 0
    for stage in model.stages:
        for need in stage.needs:
            if need.all_of:
                wanted = [((role,), "all") for role in need.all_of]
            elif need.markets == "each":
                wanted = [(need.any_of[:1], (market,)) for market in markets]
            else:
                wanted = [(need.any_of[at % len(need.any_of) :][:1], "all") for at in range(need.count)]
            for roles, reach in wanted:
                number += 1
                yield Hat(f"p{number}", tuple(Held(role, reach) for role in roles))


def _roles(model: ApprovalPolicy) -> tuple[Any, ...]:
    found = [role for stage in model.stages for need in stage.needs for role in need.roles]
    found += [stage.escalate.to for stage in model.stages if stage.escalate is not None]
    found += [role for stage in model.stages for role in stage.veto]
    return tuple(dict.fromkeys(found))


# --- models -----------------------------------------------------------------------------------------------


def shipped() -> tuple[ApprovalPolicy, ...]:
    """The shipped models, read file by file: this is about nothing else in the folder."""
    folder = Path(policies.__file__).parent / "approvals"
    return tuple(
        ApprovalPolicy.model_validate(yaml.safe_load(path.read_text())) for path in sorted(folder.glob("*.yaml"))
    )


def made_up() -> tuple[ApprovalPolicy, ...]:
    """Models with every sort of need, beside and after one another."""
    brand, region = {"any_of": ["brand_lead"]}, {"any_of": ["regional_reviewer"], "markets": "each"}
    either = {"any_of": ["legal", "ethics_officer"], "count": 2}
    law = {"all_of": ["legal", "ethics_officer"]}
    later = {"after": "1d", "to": "marketing_director"}
    return (
        _made("one-too-many", _stage("law", law), _stage("again", {"any_of": ["legal"]})),
        _made("one-for-two", _stage("both", region, brand)),
        _made(
            "two-of-either", _stage("either", either, escalate=later), _stage("director", _any("marketing_director"))
        ),
        _made("each-of-either", _stage("each", {"any_of": ["legal", "brand_lead"], "markets": "each"}, brand)),
        _made("next-in-line", _stage("region", region, escalate=later), _stage("brand", {**brand, "markets": "any"})),
        _made("veto", _stage("brand", brand, veto=["legal"]), _stage("law", {**law, "markets": "any"})),
    )


def _any(role: str) -> dict[str, Any]:
    return {"any_of": [role]}


def _stage(name: str, *needs: dict[str, Any], **more: Any) -> dict[str, Any]:
    return {"stage": name, "needs": list(needs), "expires_after": "3d", **more}


def _made(name: str, *stages: dict[str, Any]) -> ApprovalPolicy:
    like = next(model for model in shipped() if model.id == "approvals.campaign-copy").model_dump(mode="json")
    short = {"role": None, "markets": None, "expires_after": None, "stages": list(stages), "id": f"approvals.{name}"}
    return ApprovalPolicy.model_validate({**like, **short})


def prove(model: ApprovalPolicy, *, at_most: int | None = None, thorough: bool = False) -> Searched:
    """Search through the companies of a model: all of them, or the first and a share of the others by a fixed seed."""
    all_of_them = list(companies(model))
    chosen = all_of_them
    if at_most is not None and at_most < len(all_of_them):
        chosen = [all_of_them[0], *random.Random(model.id).sample(all_of_them[1:], at_most - 1)]
    found = Searched(companies=0)
    for company in chosen:
        found.add(search(model, company, thorough=thorough))
    return found


def main() -> None:
    """Print what was searched."""
    print(f"{'model':<30}{'companies':>10}{'states':>10}{'answers':>10}{'completed':>10}{'wrong':>7}{'seconds':>9}")
    for model in (*shipped(), *made_up()):
        began = time.perf_counter()
        found = prove(model)
        took = time.perf_counter() - began
        figures = (
            f"{found.companies:>10}{found.states:>10}{found.answers:>10}{found.completed:>10}{len(found.wrong):>7}"
        )
        print(f"{model.id:<30}{figures}{took:>9.1f}", flush=True)
        for wrong in found.wrong[:3]:
            print(wrong)


if __name__ == "__main__":
    main()
