"""Whatever happens in whatever order, a permit has a basis if and only if the demanded people signed exactly this.

Hypothesis drives the real desk over a real ledger. The oracle beside it keeps books of its own: who said yes to
what, by which roles they held then and have held ever since, in whose name. What that comes to is asked of the
proof's oracle (tests/policies/proof.py), which shares no code with the desk. `make soak` makes it longer.
"""

import shutil
from collections import Counter
from collections.abc import Callable
from dataclasses import dataclass, replace
from datetime import date, datetime, timedelta
from itertools import count
from pathlib import Path
from typing import Any, ClassVar

import pytest
from hypothesis import HealthCheck, Phase, settings
from hypothesis import strategies as st
from hypothesis.stateful import (
    RuleBasedStateMachine,
    initialize,
    invariant,
    precondition,
    rule,
    run_state_machine_as_test,
)

from policies import ApprovalPolicy, PolicySet, load_policies
from policies.engine.standing import Held, Voice
from presscheck.desk.passed import agreed_in
from presscheck.desk.publishing import Basis
from presscheck.desk.standing import StandingYes
from presscheck.desk.upkeep import Upkeep
from presscheck.ledger import EventKind, make_keys
from presscheck.ledger.reviews import open_review
from presscheck.models import Approval, Asset, Decision, DecisionKind, Manifest, Refused
from presscheck.people.absence import absent, is_absent, present
from presscheck.people.delegation import Delegation, delegate, end_delegation
from presscheck.people.rights import Grant
from tests.attacks.staged import ALL, BESIDE, Staged
from tests.conftest import Clock, Ledgers
from tests.desk.offered import FLOW, plan
from tests.desk.scene import PEOPLE, policy_folder, shipped_policies
from tests.policies.proof import NOTHING, OPENED, Truth, further, truth_of
from tests.running import SOAK, times

MARKETS = ("US", "DE")
WHO = ("ana", "cleo", "ben", "uma", "rita", "dieter", "lea", "max", "eli", "tim", "eva")
LAST_DAY = date(2026, 3, 15)
"""Of the brief's claim; what was approved does not outlive it."""
GRANTS: tuple[tuple[Grant, ...], ...] = (
    (),
    (Grant(role="brand_lead", markets=ALL),),
    (Grant(role="regional_reviewer", markets=("US",)),),
    (Grant(role="regional_reviewer", markets=("US", "DE")), Grant(role="legal", markets=ALL)),
    (Grant(role="legal", markets=("DE",)), Grant(role="brand_lead", markets=("US", "DE"))),
    (Grant(role="marketing_director", markets=ALL),),
)
Unit = tuple[str, str]
"""A role in a market."""


@dataclass(frozen=True)
class Yes:
    """A yes that the desk took."""

    step: int
    person: str
    acts_for: str
    stage: str
    at: datetime
    manifest: Manifest


@dataclass
class Lent:
    """A delegation; `over` once it was ended, or either of the two was revoked."""

    id: str
    step: int
    by: str
    to: str
    role: str
    ends: date
    over: bool = False


def in_plain_days(shipped: PolicySet | None = None, **scope: Any) -> PolicySet:
    """The shipped policies, with the three stages in days instead of business days: calendars have their own tests.

    `scope` is what the model reaches besides.
    """
    shipped = shipped or shipped_policies()
    high = next(model for model in shipped.approvals if model.id == "approvals.high-risk-copy")
    stages = []
    for stage in high.model_dump(mode="json")["stages"]:
        later = stage["escalate"] and {**stage["escalate"], "after": "2d"}
        stages.append({**stage, "expires_after": "4d", "remind_after": [], "escalate": later})
    short = {"role": None, "markets": None, "expires_after": None, "calendar": None, "stages": stages}
    reaches = {**high.model_dump(mode="json")["scope"], **scope}
    plain = ApprovalPolicy.model_validate({**high.model_dump(mode="json"), **short, "scope": reaches})
    return replace(shipped, approvals=tuple(plain if model is high else model for model in shipped.approvals))


class Approving(RuleBasedStateMachine):
    """One review of three stages, and everything that people can do to it."""

    open_ledgers: Callable[[], Ledgers]
    beside: ClassVar[tuple[Asset, ...]] = ()
    """What is asked about with the texts, and does not go out."""
    policies: ClassVar[PolicySet | None] = None
    reached: ClassVar[Counter[str]] = Counter()
    """How often what was reached, over all examples."""

    @initialize(already=st.sampled_from((0, 2, 3, 4)))
    def ask(self, already: int) -> None:
        self.ledgers = type(self).open_ledgers()
        self.now_hold = type(self).policies or in_plain_days()
        self.asked_under = self.now_hold
        self.staged = Staged(
            self.ledgers,
            policies=lambda: self.now_hold,
            expires_in=timedelta(days=40),
            recipients=4,
            beside=self.beside,
        )
        self.model = next(model for model in self.now_hold.approvals if model.id == "approvals.high-risk-copy")
        self.upkeep = Upkeep(self.staged.scene.desk)
        self.opened = self.staged.scene.review.opened_at
        self.steps = count(1)
        self.step = 0
        self.since: dict[str, dict[Unit, int]] = {name: {} for name in WHO}
        for name in WHO:
            self.note_rights(name, {**PEOPLE, **BESIDE}[name])
        self.lent: list[Lent] = []
        self.yeses: list[Yes] = []
        self.before: list[Yes] = []
        """Yeses of the round before that nobody has taken back."""
        self.ended: Decision | None = None
        self.cancelled = False
        # Otherwise few examples would come as far as a permit.
        for _ in range(already):
            self.whoever_is_asked_approves(0, 1)

    def teardown(self) -> None:
        if hasattr(self, "ledgers"):
            self.ledgers.close()
            shutil.rmtree(self.ledgers.home)

    # ------------------------------------------------------------ what people do

    @rule(who=st.sampled_from(WHO), picks=st.sampled_from((["V01"], ["V02", "V03"])))
    def somebody_approves(self, who: str, picks: list[str]) -> None:
        self.approve(who, picks)

    @rule(pick=st.integers(0, 9), number=st.integers(1, 4))
    def whoever_is_asked_approves(self, pick: int, number: int) -> None:
        for _ in range(number):
            with self.ledgers.door.read() as tx:
                asked = self.staged.scene.desk.asked(tx, self.staged.scene.review)
            if asked and self.ended is None:
                self.approve(asked[pick % len(asked)].removeprefix("P-"), ["V01"])

    @rule(who=st.sampled_from(("eva", "rita", "lea", "uma")))
    def somebody_rejects(self, who: str) -> None:
        said = self.staged.say(who, "Reject", reason="voice")
        self.note_expiry(said)
        self.tick()
        if isinstance(said, Decision):
            assert said.kind is DecisionKind.REJECTED
            assert {role for role, _ in self.since[who]} != {"engineer"}, "an engineer cannot reject"
            self.ended = said

    @rule(who=st.sampled_from(("rita", "lea", "cleo", "tim", "max")))
    def somebody_asks_for_changes(self, who: str) -> None:
        names = {who, "", *(lent.by for lent in self.lent if lent.to == who and not lent.over)}
        said = self.staged.say(who, "Request changes", reason="voice", note="Say it otherwise.")
        self.note_expiry(said)
        self.tick()
        if not isinstance(said, Decision):
            return
        acts_for = (said.acts_for or "").removeprefix("P-")
        assert acts_for in names, f"{who} spoke for {acts_for}, who lent nothing"
        # Whose word the request is, theirs is no yes any more, whoever gave it.
        against = {who, acts_for} - {""}
        self.before = [one for one in self.yeses if not against & {one.person, one.acts_for}]
        self.yeses = []
        scene = self.staged.scene
        following = {"round": scene.question.round + 1, "previous": scene.review.id}
        scene.question = scene.question.model_copy(update=following)
        with self.ledgers.worker.write() as tx:
            scene.review = open_review(tx, scene.question, expires_at=tx.now + timedelta(days=40))
        self.opened = scene.review.opened_at
        self.reached[f"round {scene.question.round}, with {len(self.before)} yeses of before"] += 1
        self.tick()

    @rule(who=st.sampled_from(WHO), grants=st.sampled_from(GRANTS))
    def rights_change(self, who: str, grants: tuple[Grant, ...]) -> None:
        self.staged.give(who, *grants)
        self.tick()
        self.note_rights(who, grants)

    @rule(who=st.sampled_from(("ana", "rita", "lea")))
    def a_right_is_taken_and_given_back(self, who: str) -> None:
        for grants in ((), {**PEOPLE, **BESIDE}[who]):
            self.rights_change(who, grants)

    @rule(who=st.sampled_from(("ana", "rita", "dieter", "lea")))
    def somebody_goes_away_or_comes_back(self, who: str) -> None:
        with self.ledgers.door.write() as tx:
            away = is_absent(tx, f"P-{who}")
            refused = present(tx, f"P-{who}", by=f"P-{who}") if away else None
            said = refused if away else absent(tx, f"P-{who}", by=f"P-{who}", until=None)
        self.tick()
        assert not isinstance(said, Refused) or not self.since[who]

    @rule(
        by=st.sampled_from(("ana", "rita", "lea")),
        to=st.sampled_from(("tim", "cleo", "max")),
        role=st.sampled_from(("brand_lead", "regional_reviewer", "legal")),
    )
    def somebody_lends(self, by: str, to: str, role: Any) -> None:
        ends = (self.ledgers.clock() + timedelta(days=3)).date()
        held = tuple(market for market in MARKETS if (role, market) in self.since[by])
        with self.ledgers.door.write() as tx:
            grants = [Grant(role=role, markets=held)]
            lent = delegate(tx, by=f"P-{by}", to=f"P-{to}", grants=grants, begins=None, ends=ends, gates=ALL)
        self.tick()
        if isinstance(lent, Delegation):
            assert held, "a role that is not held was lent"
            self.lent.append(Lent(lent.id, self.step, by, to, role, ends))

    @precondition(lambda self: any(not lent.over for lent in getattr(self, "lent", ())))
    @rule()
    def what_was_lent_is_ended(self) -> None:
        lent = next(lent for lent in self.lent if not lent.over)
        with self.ledgers.door.write() as tx:
            end_delegation(tx, lent.id, by=f"P-{lent.by}")
        self.tick()
        lent.over = True

    @rule(hours=st.sampled_from((1, 8, 24, 50, 97)))
    def time_passes(self, hours: int) -> None:
        self.ledgers.clock.now += timedelta(hours=hours)
        if self.staged.scene.desk.expire_due():
            self.ended = self.decided()
            assert self.ended is not None
            assert self.ended.kind is DecisionKind.EXPIRED
        self.tick()

    @rule()
    def a_policy_changes_or_changes_back(self) -> None:
        if self.now_hold is not self.asked_under:
            self.now_hold = self.asked_under
            return
        first, *others = self.asked_under.guardrails
        other = type(first).model_validate({**first.model_dump(mode="json"), "owner": "somebody else"})
        self.now_hold = replace(self.asked_under, guardrails=(other, *others))

    @rule()
    def the_door_asks_anew_what_other_policies_asked(self) -> None:
        self.upkeep.follow_policies()
        self.tick()
        ended = self.decided()
        if self.ended is None and ended is not None:
            assert ended.kind is DecisionKind.REOPENED
            assert self.now_hold is not self.asked_under
            self.ended = ended

    @precondition(lambda self: getattr(self, "step", 0) > 12)
    @rule()
    def the_run_is_cancelled(self) -> None:
        run = self.staged.scene.run
        with self.ledgers.door.write() as tx:
            tx.append(EventKind.RUN_CANCELLED, run, {"person": "P-eva"}, run=run)
        self.tick()
        self.cancelled = True

    # ------------------------------------------------------------ what has to hold

    @invariant()
    def a_basis_is_given_to_what_the_demanded_people_signed_and_to_nothing_else(self) -> None:
        if not hasattr(self, "yeses"):
            return
        signed = {one.manifest.digest: one.manifest for one in self.yeses}
        question = self.staged.scene.question
        agreed = tuple(asset.digest for asset in self.beside)
        never = [question.manifest((question.proposals[3].asset,), agreed)]
        if agreed:
            # Part of what was signed is not what was signed.
            never += [question.manifest((question.proposals[0].asset,)), question.manifest((agreed[0],))]
        for manifest in (*signed.values(), *never):
            with self.ledgers.press.read() as tx:
                basis = self.staged.scene.desk.authorise(
                    tx,
                    manifest,
                    self.staged.scene.review.id,
                    audience=self.staged.scene.audience_path,
                    as_of=self.ledgers.clock(),
                )
            assert isinstance(basis, Basis) == self.may_go_out(manifest), basis
            self.reached["basis" if isinstance(basis, Basis) else f"no basis: {basis.code}"] += 1
        for digest in agreed:
            with self.ledgers.worker.read() as tx:
                used = agreed_in(tx, lambda: self.now_hold, digest, run=question.run, as_of=self.ledgers.clock())
            stands = any(self.may_go_out(manifest) for manifest in signed.values())
            assert isinstance(used, StandingYes) == stands, used

    @invariant()
    def the_ledger_says_what_the_desk_answered(self) -> None:
        if hasattr(self, "yeses"):
            assert self.decided() == self.ended

    def may_go_out(self, manifest: Manifest) -> bool:
        """By the books kept here."""
        if self.ended is None or self.ended.kind is not DecisionKind.APPROVED or self.ended.manifest != manifest:
            return False
        if self.cancelled or self.now_hold is not self.asked_under or self.ledgers.clock().date() > LAST_DAY:
            return False
        return self.truth().over == len(self.model.stages)

    # ------------------------------------------------------------ within

    def approve(self, who: str, picks: list[str]) -> None:
        before = self.truth()
        with self.ledgers.door.read() as tx:
            fixed = self.staged.scene.desk.fixed(tx, self.staged.scene.review)
        mine = self.voices_now(who, before)
        late = self.ledgers.clock() >= self.deadline(before)
        said = self.staged.say(who, **({} if fixed else {"picks": picks}))
        self.tick()
        if isinstance(said, Approval | Decision) and said.manifest is not None:
            assert fixed is None or said.manifest == fixed, "others signed something else"
            voice = next((one for one in mine if one.acts_for == (said.acts_for or "").removeprefix("P-")), None)
            assert voice is not None, f"{who} has no such right"
            # The picks of those whose yes has fallen away bind nobody: what they picked is asked anew.
            assert self.heard(before, voice) != before, f"{who}'s yes was taken, and cannot count"
            self.yeses.append(Yes(self.step, who, voice.acts_for, said.stage, self.ledgers.clock(), said.manifest))
            assert isinstance(said, Decision) == (self.truth().over == len(self.model.stages))
            self.ended = said if isinstance(said, Decision) else None
            self.reached[f"yes number {len(self.yeses)}, {said.stage}"] += 1
            return
        assert isinstance(said, Refused), said
        assert said.code != "expired" or late
        self.note_expiry(said)
        if said.code in ("no-right", "not-needed", "counted-already", "own-brief"):
            ends = [voice for voice in mine if self.heard(before, voice).over > before.over]
            assert not ends, f"{who} is refused ({said.code}), and would have ended the stage"

    def note_expiry(self, said: Any) -> None:
        """Whoever answers too late ends the review, where the door has not yet: its policies may have been others."""
        if isinstance(said, Refused) and said.code == "expired" and self.ended is None:
            self.ended = self.decided()
            assert self.ended is not None
            assert self.ended.kind is DecisionKind.EXPIRED

    def truth(self) -> Truth:
        """How far the books say that it has come, by everybody whose rights still stand."""
        counted: list[Voice] = []
        fixed: Manifest | None = None
        for one in self.yeses:
            held = self.held_since(one.person, one.acts_for, one.step)
            voice = Voice(one.person, one.stage, self.shifted(one.at), held, one.acts_for)
            if not held or (fixed is not None and one.manifest != fixed):
                continue
            if truth_of(self.model, MARKETS, [*counted, voice]) != truth_of(self.model, MARKETS, counted):
                counted.append(voice)
                fixed = fixed or one.manifest
            if fixed is not None:
                self.add_carried(counted, fixed)
        return truth_of(self.model, MARKETS, counted) if counted else NOTHING

    def add_carried(self, counted: list[Voice], fixed: Manifest) -> None:
        """What the round before said to all of this, in a stage that carries it, by whoever may still say so."""
        for one in self.before * len(self.model.stages):
            truth = truth_of(self.model, MARKETS, counted)
            stage = None if truth.over == len(self.model.stages) else self.model.stages[truth.over]
            held = self.held_since(one.person, one.acts_for, one.step)
            if stage is None or (stage.stage, stage.carries) != (one.stage, "unchanged") or not held:
                continue
            voice = Voice(one.person, one.stage, truth.began_at, held, one.acts_for)
            if set(fixed.signed) <= set(one.manifest.signed) and self.heard(truth, voice) != truth:
                counted.append(voice)

    def heard(self, before: Truth, voice: Voice) -> Truth:
        return further(self.model, MARKETS, before, voice)

    def voices_now(self, who: str, truth: Truth) -> list[Voice]:
        """In whose names somebody may speak at this moment."""
        if truth.over == len(self.model.stages):
            return []
        stage, at = self.model.stages[truth.over].stage, self.shifted(self.ledgers.clock())
        names = ["", *dict.fromkeys(lent.by for lent in self.lent if lent.to == who)]
        found = [Voice(who, stage, at, self.held_since(who, name, self.step + 1), name) for name in names]
        return [voice for voice in found if voice.held]

    def held_since(self, person: str, acts_for: str, step: int) -> tuple[Held, ...]:
        """The roles that were there at `step` and have been ever since, own or lent."""
        # Who wrote the brief approves nothing that came of it, and lends nothing for it either.
        if "ben" in (person, acts_for):
            return ()
        if not acts_for:
            units = {unit for unit, since in self.since[person].items() if since <= step}
        else:
            units = {
                unit
                for lent in self.lent
                if (lent.by, lent.to) == (acts_for, person) and lent.step <= step and self.lasts(lent)
                for unit, since in self.since[acts_for].items()
                if unit[0] == lent.role and since <= lent.step
            }
        roles = dict.fromkeys(role for role, _ in sorted(units))
        return tuple(Held(role, tuple(m for m in MARKETS if (role, m) in units)) for role in roles)

    def lasts(self, lent: Lent) -> bool:
        return not lent.over and self.ledgers.clock().date() <= lent.ends

    def note_rights(self, who: str, grants: tuple[Grant, ...]) -> None:
        units = {(grant.role, market) for grant in grants for market in MARKETS if grant.covers([market])}
        before = self.since[who]
        self.since[who] = {unit: before.get(unit, self.step) for unit in units}
        for lent in getattr(self, "lent", ()):
            if not grants and who in (lent.by, lent.to):
                lent.over = True
            # Who decides nothing any more keeps nothing that decides.
            deciding = ("brand_lead", "regional_reviewer", "legal", "marketing_director")
            if who == lent.to and not any(grant.role in deciding for grant in grants):
                lent.over = True

    def deadline(self, truth: Truth) -> datetime:
        return self.opened + (truth.began_at - OPENED) + timedelta(days=4)

    def shifted(self, at: datetime) -> datetime:
        return OPENED + (at - self.opened)

    def decided(self) -> Decision | None:
        from presscheck.ledger.reviews import decision_of

        with self.ledgers.door.read() as tx:
            return decision_of(tx, self.staged.scene.review.id)

    def tick(self) -> None:
        self.step = next(self.steps)
        self.ledgers.clock.now += timedelta(seconds=1)


@pytest.fixture
def opening(_sqlite_template: Path, tmp_path: Path) -> Callable[[], Ledgers]:
    """Opens a fresh ledger with its own home and clock, as often as asked."""
    numbers = count()

    def opened() -> Ledgers:
        home = tmp_path / f"home-{next(numbers)}"
        make_keys(home / "keys")
        shutil.copy(_sqlite_template, home / "ledger.db")
        return Ledgers(f"sqlite:///{home / 'ledger.db'}", home, Clock())

    return opened


@pytest.fixture
def of_plans_too(tmp_path: Path) -> PolicySet:
    """Policies by which the three stages decide about texts and a plan together: each role may approve both."""
    folder = policy_folder(tmp_path)
    rights = folder / "rights" / "approving.cedar"
    regional = 'action in [Action::"approve_copy", Action::"approve_image"],'
    assert regional in rights.read_text()
    rights.write_text(rights.read_text().replace(regional, regional.replace("]", ', Action::"approve_plan"]')))
    return in_plain_days(load_policies(folder), kinds=["copy", "image", "plan"])


@pytest.mark.slow
@pytest.mark.soak
@pytest.mark.timeout(3_600 if SOAK else 120)
def test_no_sequence_reaches_a_permit_without_the_demanded_people_and_none_with_them_is_refused(
    opening: Callable[[], Ledgers],
) -> None:
    _run(opening)


@pytest.mark.slow
@pytest.mark.soak
@pytest.mark.timeout(3_600 if SOAK else 120)
def test_the_same_holds_of_texts_and_a_plan_that_are_signed_together(
    opening: Callable[[], Ledgers], of_plans_too: PolicySet
) -> None:
    _run(opening, beside=(plan().asset(FLOW),), policies=of_plans_too)


def _run(opening: Callable[[], Ledgers], **more: Any) -> None:
    # As a plain function it would be bound to the machine, and be given it.
    reached: Counter[str] = Counter()
    machine = type("Approving", (Approving,), {"open_ledgers": staticmethod(opening), "reached": reached, **more})
    run_state_machine_as_test(
        machine,
        settings=settings(
            max_examples=times(5, 300),
            stateful_step_count=40 if SOAK else 18,
            deadline=None,
            derandomize=not SOAK,
            # Shrinking an example takes the real desk through it a hundred times.
            phases=(Phase.generate,) if SOAK else (Phase.generate, Phase.shrink),
            database=None,
            suppress_health_check=list(HealthCheck),
        ),
    )
    print(dict(reached))
    assert reached["basis"]
