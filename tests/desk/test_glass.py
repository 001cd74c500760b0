"""Broken glass: two people, two roles, a reason, an hour, one delivery; everything else holds as ever."""

from datetime import timedelta
from typing import Any

import pytest

from presscheck.desk import Desk
from presscheck.desk.breaking_glass import break_glass, confirm_glass, decline_glass, may_review, review_glass
from presscheck.desk.glass import Glass, all_glass, find_glass, unreviewed
from presscheck.ledger import EventKind, timestamp, verify
from presscheck.ledger.reviews import application_of, record_decision
from presscheck.models import Approval, Decision, DecisionKind, Outcome, OutcomeStatus, Refused, Role
from presscheck.people.absence import absent
from presscheck.people.rights import Grant, record_rights, remember_person
from tests.desk.scene import BRIEF, PEOPLE, Scene
from tests.press.stand import Stand

REASON = "The product is being recalled; customers have to know before the shops open."
MORE: dict[str, tuple[Role, ...]] = {
    "lena": ("legal",), "eddie": ("ethics_officer",), "dora": ("marketing_director",), "luke": ("legal",),
    "both": ("brand_lead", "legal"),
}  # fmt: skip


class Glazier:
    """A scene whose review would take people who are not there, and those who can break the glass."""

    def __init__(self, ledgers: Any, **more: Any) -> None:
        self.scene = Scene(ledgers, **more)
        self.desk, self.clock = self.scene.desk, ledgers.clock
        for name, roles in MORE.items():
            self.enrol(name, *roles)

    def enrol(self, name: str, *roles: Role, email: str = "", kind: EventKind = EventKind.PERSON_ENROLLED) -> None:
        email = email or f"{name}@brand.example"
        grants = [Grant(role=role, markets="all") for role in roles]
        with self.scene.ledgers.door.write() as tx:
            remember_person(tx, f"P-{name}", email=email, name=name)
            record_rights(tx, kind, f"P-{name}", grants, email=email, name=name, by="P-root")

    def ask(self, person: str = "ana", **more: Any) -> Glass | Refused:
        given: dict[str, Any] = {"picks": ["V01"], "reason": REASON, "proved_at": self.clock(), "hours": 1.0} | more
        return break_glass(self.desk, self.scene.review.id, person=f"P-{person}", **given)

    def asked(self, person: str = "ana", **more: Any) -> Glass:
        glass = self.ask(person, **more)
        assert isinstance(glass, Glass), glass
        return glass

    def confirm(self, glass: Glass, person: str = "lena", **more: Any) -> Decision | Refused:
        given: dict[str, Any] = {"proved_at": self.clock()} | more
        return confirm_glass(self.desk, glass.number, person=f"P-{person}", **given)

    def broken(self, **more: Any) -> Decision:
        decision = self.confirm(self.asked(**more))
        assert isinstance(decision, Decision), decision
        return decision

    def authorise(self, decision: Decision, **changed: Any) -> Any:
        assert decision.manifest is not None
        manifest = decision.manifest.model_copy(update=changed)
        with self.scene.ledgers.press.read() as tx:
            desk = Desk(self.scene.ledgers.press, self.scene.policies)
            return desk.authorise(tx, manifest, decision.review, audience=self.scene.audience_path, as_of=self.clock())

    def outcome(self) -> Outcome:
        with self.scene.ledgers.door.read() as tx:
            return self.desk.outcome(tx, self.scene.review.id)


@pytest.fixture
def glazier(sqlite_ledgers: Any) -> Glazier:
    """The brief spends so much that brand, regions and legal would have to approve."""
    return Glazier(sqlite_ledgers, brief=BRIEF.model_copy(update={"spend_dollars": 6000}))


def _code(answer: object) -> str:
    assert isinstance(answer, Refused), answer
    return answer.code


def test_two_people_let_it_out_and_it_is_on_record(glazier: Glazier) -> None:
    stand = Stand(glazier.scene)
    glass = glazier.asked()

    decision = glazier.confirm(glass)
    assert isinstance(decision, Decision)
    delivery = stand.request(decision)
    stand.press.step()

    assert glazier.outcome().status is OutcomeStatus.APPROVED
    assert (decision.rule, decision.person, decision.role) == ("presscheck.break-glass", "P-ana", "brand_lead")
    assert stand.row(delivery).state == "done"
    assert len(stand.files()) == 7
    with glazier.scene.ledgers.door.read() as tx:
        [requested] = tx.events(EventKind.GLASS_REQUESTED)
        [confirmed] = tx.events(EventKind.GLASS_CONFIRMED)
        [permit] = tx.events(EventKind.PERMIT_ISSUED)
        kept = application_of(tx, requested.data["application"])
    assert kept is not None
    assert kept.note == REASON
    assert REASON not in requested.body + confirmed.body
    assert decision.glass == confirmed.seq
    assert confirmed.data["expires_at"] == timestamp(glazier.clock() + timedelta(hours=1))
    assert permit.data["basis"]["rule"] == "presscheck.break-glass"
    assert permit.data["basis"]["approvals"] == [requested.seq, confirmed.seq]
    assert verify(glazier.scene.ledgers.door).sound


def test_one_who_asks_alone_lets_nothing_out(glazier: Glazier) -> None:
    glazier.asked()

    assert glazier.outcome().status is OutcomeStatus.OPEN


def test_who_has_no_right_or_a_part_in_it_cannot_ask(glazier: Glazier) -> None:
    # Legal confirms and does not ask; Eva is an engineer, Ben wrote the brief, Uma has one of the two markets.
    codes = {name: _code(glazier.ask(name)) for name in ("lena", "eva", "ben", "uma", "nobody")}

    assert codes == dict.fromkeys(("lena", "eva", "ben", "uma"), "no-right") | {"nobody": "not-active"}
    assert glazier.scene.refusals()[-1] == {"person": "P-nobody", "code": "not-active"}


def test_a_request_that_lacks_something_is_refused(glazier: Glazier) -> None:
    lacking: list[tuple[dict[str, Any], str]] = [
        *(({"reason": reason}, "incomplete") for reason in ("", " \t\n\u200b", "urgent")),
        *(({"hours": hours}, "too-long") for hours in (8.01, 0, -1, float("inf"), float("nan"))),
        *(({"picks": picks}, "bad-picks") for picks in ([], ["V99"], ["V01", "V01"])),
        ({"proved_at": None}, "step-up"),
    ]

    for more, code in lacking:
        assert _code(glazier.ask(**more)) == code, more
    with glazier.scene.ledgers.door.read() as tx:
        assert all_glass(tx) == []


def test_both_prove_anew_who_they_are_whatever_the_tier(sqlite_ledgers: Any) -> None:
    glazier = Glazier(sqlite_ledgers)
    long_ago = glazier.clock() - timedelta(minutes=11)

    assert _code(glazier.ask(proved_at=long_ago)) == "step-up"
    assert _code(glazier.confirm(glazier.asked(), proved_at=long_ago)) == "step-up"


def test_the_second_is_another_person_with_another_right(glazier: Glazier) -> None:
    glass = glazier.asked("both")

    codes = {name: _code(glazier.confirm(glass, name)) for name in ("both", "cleo", "ben", "dora", "eva")}

    assert codes == {"both": "same-person", **dict.fromkeys(("cleo", "ben", "dora", "eva"), "no-right")}
    assert glazier.outcome().status is OutcomeStatus.OPEN


def test_one_person_with_two_accounts_is_one_person(glazier: Glazier) -> None:
    glazier.enrol("double", "legal", email="ana+legal@brand.example")

    assert _code(glazier.confirm(glazier.asked(), "double")) == "same-person"


def test_the_second_may_hold_the_firsts_role_as_well_and_counts_by_the_other(glazier: Glazier) -> None:
    decision = glazier.confirm(glazier.asked(), "both")

    assert isinstance(decision, Decision)
    with glazier.scene.ledgers.door.read() as tx:
        [confirmed] = tx.events(EventKind.GLASS_CONFIRMED)
    assert confirmed.data["role"] == "legal"


@pytest.mark.parametrize("person", ["lena", "ana"])
def test_either_of_them_ends_it_by_a_no(glazier: Glazier, person: str) -> None:
    glass = glazier.asked()

    assert decline_glass(glazier.desk, glass.number, person=f"P-{person}") is None

    assert _code(glazier.confirm(glass, "eddie")) == "already-decided"
    assert isinstance(glazier.ask(), Glass), "and it can be asked for again"


def test_who_could_not_confirm_cannot_decline_either(glazier: Glazier) -> None:
    glass = glazier.asked()

    assert _code(decline_glass(glazier.desk, glass.number, person="P-eva")) == "no-right"
    assert isinstance(glazier.confirm(glass), Decision)


def test_a_request_waits_an_hour_and_there_is_one_at_a_time(glazier: Glazier) -> None:
    glass = glazier.asked()
    second = glazier.ask("dora")
    glazier.clock.advance(hours=1)

    assert _code(second) == "asked-twice"
    assert _code(glazier.confirm(glass)) == "already-decided"


def test_a_right_that_went_between_asking_and_confirming_counts_no_more(glazier: Glazier) -> None:
    glass = glazier.asked()
    glazier.enrol("ana", "author", kind=EventKind.PERSON_CHANGED)

    assert _code(glazier.confirm(glass)) == "no-right"


def test_who_is_away_neither_asks_nor_confirms(glazier: Glazier) -> None:
    glass = glazier.asked()
    with glazier.scene.ledgers.door.write() as tx:
        for name in ("ana", "lena"):
            absent(tx, f"P-{name}", by=f"P-{name}", until=None)

    assert _code(glazier.confirm(glass)) == "absent"
    assert isinstance(glazier.confirm(glass, "eddie"), Decision), "what was asked before stands"


def test_an_approver_who_edited_the_text_does_not_break_the_glass_for_it(sqlite_ledgers: Any) -> None:
    glazier = Glazier(sqlite_ledgers, brief=BRIEF.model_copy(update={"spend_dollars": 6000}))
    edits = [{"pick": "V01", "field": "subject", "text": "The Fell jacket is recalled"}]
    first = glazier.scene.raw(picks=["V01"], edits=edits)
    given = glazier.desk.apply(glazier.scene.review.id, person="P-both", raw=first, proved_at=glazier.clock())
    assert isinstance(given, Approval), given

    assert _code(glazier.ask("both")) == "own-text"
    assert _code(glazier.ask("ana", picks=["V02"])) == "bad-picks", "others have signed the first one"
    glass = glazier.asked("ana")
    assert _code(glazier.confirm(glass, "both")) == "own-text"
    decision = glazier.confirm(glass)
    assert isinstance(decision, Decision)
    assert not isinstance(glazier.authorise(decision), Refused)


def test_it_is_confirmed_once(glazier: Glazier) -> None:
    glass = glazier.asked()
    assert isinstance(glazier.confirm(glass), Decision)

    assert _code(glazier.confirm(glass, "eddie")) == "already-decided"


def test_a_no_of_somebody_who_may_decide_comes_first(glazier: Glazier) -> None:
    glass = glazier.asked()
    now = glazier.clock()
    raw = glazier.scene.raw("Reject", reason="factual", note="Nothing was recalled.")
    rejected = glazier.desk.apply(glazier.scene.review.id, person="P-cleo", raw=raw, proved_at=now)
    assert isinstance(rejected, Decision), rejected

    assert _code(glazier.confirm(glass)) == "already-decided"


def test_guardrails_dates_and_the_audience_hold_as_ever(glazier: Glazier) -> None:
    glass = glazier.asked()
    glazier.clock.advance(minutes=5)
    decision = glazier.confirm(glass)
    assert isinstance(decision, Decision)

    fewer = glazier.authorise(decision, audience_rows=6)
    glazier.scene.audience_path.write_bytes(b"another file")
    another = glazier.authorise(decision)

    assert (_code(fewer), _code(another)) == ("other-manifest", "audience-changed")


def test_what_the_guardrails_refuse_is_not_let_out_by_glass(sqlite_ledgers: Any) -> None:
    from tests.desk.scene import draft

    shouting = draft(0, body="BUY THE FELL JACKET NOW!!! It keeps the rain out, guaranteed, the best in the world.")
    glazier = Glazier(sqlite_ledgers, drafts=[shouting, draft(1)])

    assert _code(glazier.ask(picks=["V01"])) == "guardrail"


def test_after_the_deadline_of_the_brief_glass_is_of_no_use(glazier: Glazier) -> None:
    glazier.clock.advance(days=6)
    glazier.scene = Scene(
        glazier.scene.ledgers, brief=glazier.scene.brief, run="6f0c6a52-0000-4000-8000-000000000009", people=False,
        expires_in=timedelta(days=30),
    )  # fmt: skip
    glazier.clock.advance(days=13)

    assert _code(glazier.ask()) in ("deadline", "expired")


def test_it_ends_with_its_hour_also_for_a_delivery_under_way(glazier: Glazier) -> None:
    decision = glazier.broken()
    before = glazier.authorise(decision)
    glazier.clock.advance(minutes=60)

    assert not isinstance(before, Refused)
    assert _code(glazier.authorise(decision)) == "glass-expired"


def test_a_longer_time_written_into_the_confirmation_does_not_count(glazier: Glazier) -> None:
    glass = glazier.asked()
    with glazier.scene.ledgers.door.write() as tx:
        body = {"request": glass.number, "person": "P-lena", "role": "legal", "manifest": glass.manifest}
        body |= {"proved_at": timestamp(glazier.clock()), "expires_at": "2030-01-01T00:00:00.000000Z"}
        tx.append(EventKind.GLASS_CONFIRMED, glass.review, body, run=glass.run)
        found = find_glass(tx, glass.number)

    assert found is not None
    assert found.expires_at == glazier.clock() + timedelta(hours=1)


@pytest.mark.parametrize(("person", "back"), [("ana", False), ("lena", True)])
def test_a_right_that_is_taken_away_ends_it_even_if_it_comes_back(glazier: Glazier, person: str, back: bool) -> None:
    decision = glazier.broken()
    roles: tuple[Role, ...] = ("brand_lead",) if person == "ana" else ("legal",)
    glazier.enrol(person, "author", kind=EventKind.PERSON_CHANGED)
    if back:
        glazier.enrol(person, *roles, kind=EventKind.PERSON_CHANGED)

    assert _code(glazier.authorise(decision)) == "rights-gone"


def test_another_delivery_that_has_used_it_ends_it(glazier: Glazier) -> None:
    decision = glazier.broken()
    basis = glazier.authorise(decision)
    assert not isinstance(basis, Refused)
    with glazier.scene.ledgers.press.write() as tx:
        body = {"manifest": basis.manifest, "basis": basis.named(), "expires_at": timestamp(glazier.clock())}
        tx.append(EventKind.PERMIT_ISSUED, "D-anotherdelive", body, run=glazier.scene.run)

    assert _code(glazier.authorise(decision)) == "glass-used"


def test_another_manifest_is_not_let_out(glazier: Glazier) -> None:
    decision = glazier.broken()
    altered: list[dict[str, Any]] = [{"assets": ("0" * 64,)}, {"via": "smtp"}, {"audience_rows": 70_000}]

    for changed in altered:
        assert _code(glazier.authorise(decision, **changed)) == "other-manifest"


def test_a_decision_that_only_says_that_glass_was_broken_lets_nothing_out(glazier: Glazier) -> None:
    glass = glazier.asked()
    honest = glazier.scene.question.manifest(glass.assets)
    with glazier.scene.ledgers.door.write() as tx:
        forged = Decision(
            review=glass.review, question=glazier.scene.question.digest, kind=DecisionKind.APPROVED, person="P-ana",
            role="brand_lead", rule="presscheck.break-glass", rule_version="0" * 64, manifest=honest,
            asked_at=timestamp(tx.now), answered_at=timestamp(tx.now), glass=glass.number,
        )  # fmt: skip
        record_decision(tx, forged, run=glass.run)

    assert _code(glazier.authorise(forged)) == "no-glass"


def test_glass_that_a_worker_writes_is_believed_by_nobody(glazier: Glazier) -> None:
    glass = glazier.asked()
    with glazier.scene.ledgers.worker.write() as tx:
        body = {"request": glass.number, "person": "P-lena", "role": "legal", "manifest": glass.manifest}
        now = timestamp(tx.now)
        tx.append(EventKind.GLASS_CONFIRMED, glass.review, body | {"proved_at": now, "expires_at": now}, run=glass.run)

    with glazier.scene.ledgers.door.read() as tx:
        found = find_glass(tx, glass.number)
    assert found is not None
    assert found.confirmed is None


def test_a_review_opens_by_itself_and_somebody_else_answers_it(glazier: Glazier) -> None:
    glazier.broken()
    with glazier.scene.ledgers.door.read() as tx:
        [open_one] = unreviewed(tx)
        may = {name for name in (*MORE, *PEOPLE) if may_review(glazier.desk, tx, open_one, f"P-{name}") is None}
    words = "The shops did recall it, and legal had nobody on duty."

    by_the_first = review_glass(glazier.desk, open_one.number, person="P-ana", finding="justified", note=words)
    by_the_second = review_glass(glazier.desk, open_one.number, person="P-lena", finding="justified", note=words)
    without_words = review_glass(glazier.desk, open_one.number, person="P-eddie", finding="justified", note="ok")
    done = review_glass(glazier.desk, open_one.number, person="P-eddie", finding="unjustified", note=words)
    again = review_glass(glazier.desk, open_one.number, person="P-dora", finding="justified", note=words)

    assert may == {"eddie", "dora", "luke", "both"}
    assert [_code(by_the_first), _code(by_the_second)] == ["same-person", "same-person"]
    assert [_code(without_words), _code(again)] == ["incomplete", "already-decided"]
    assert done is None
    with glazier.scene.ledgers.door.read() as tx:
        assert unreviewed(tx) == []
        [event] = tx.events(EventKind.GLASS_REVIEWED)
    assert event.data["finding"] == "unjustified"
    assert words not in event.body


def test_it_is_overdue_after_three_days(glazier: Glazier) -> None:
    glazier.broken()
    with glazier.scene.ledgers.door.read() as tx:
        [glass] = unreviewed(tx)

    assert not glass.overdue(glazier.clock() + timedelta(days=2, hours=23))
    assert glass.overdue(glazier.clock() + timedelta(days=3))


def test_what_glass_let_out_makes_no_model_known(glazier: Glazier) -> None:
    decision = glazier.broken()
    assert decision.manifest is not None

    with glazier.scene.ledgers.door.read() as tx:
        assert glazier.desk.first_use(tx, decision.manifest.assets)
