"""A review about anything but copy: kinds that ship and one of a project's own, asked about in a campaign."""

from collections.abc import Callable
from dataclasses import replace
from typing import Any

from policies import PolicySet, load_policies
from policies.engine.approval import ApprovalPolicy
from presscheck.assets.described import DOLLARS
from presscheck.assets.kind import Kind, part
from presscheck.assets.shipped import Budget, Plan, Segment
from presscheck.desk.passed import agreed_before
from presscheck.desk.situation import scope_of
from presscheck.ledger import EventKind
from presscheck.ledger.assets import put_asset
from presscheck.ledger.reviews import open_review
from presscheck.models import Approval, Asset, Author, Decision, Proposal, Question
from presscheck.people.rights import Grant, record_rights, remember_person
from tests.desk.scene import RUN, Ledgers, Scene, shipped_policies

FLOW = Author.machine("presscheck", "flow", "product-launch", "1")
OTHERS: dict[str, tuple[Grant, ...]] = {
    "sam": (Grant(role="ai_strategist", markets="all"),),
    "dora": (Grant(role="marketing_director", markets="all"),),
    "lea": (Grant(role="legal", markets="all"),),
}


class BudgetSplit(Kind):
    """How money is split over two channels."""

    kind = "budget-split"
    noun = "budget split"
    spends = "total"
    sums = {"total": ("search", "social")}

    search: int = part("Search ads", unit=DOLLARS, at_least=0)
    social: int = part("Social posts", unit=DOLLARS, at_least=0)
    total: int = part("In all", unit=DOLLARS, at_most=40_000)


def budget(dollars: int = 3_000, purpose: str = "Search ads in May") -> Budget:
    return Budget(purpose=purpose, dollars=dollars, terms="Evenly by week.")


def plan(goal: str = "Two hundred campers more") -> Plan:
    return Plan(goal=goal, measure="Sign-ups by the end of May.", text="First a letter, then a reminder.")


def segment(recipients: int = 7, audience: str = "a" * 64) -> Segment:
    return Segment(
        name="Campers near Leeds",
        words="Everybody who bought a tent and lives within an hour of Leeds.",
        recipients=recipients,
        markets="US, DE",
        query="select id from customers where bought = 'tent'",
        makeup=(("Women", "54 %", "51 %"), ("Over 60", "12 %", "18 %")),
        audience=audience,
    )


def with_models(**scopes: Any) -> Callable[[], PolicySet]:
    """The shipped policies, with a copy of the budgets' model for each of these scopes."""
    shipped = shipped_policies()
    like = next(model for model in shipped.approvals if model.id == "approvals.budgets")
    told = like.model_dump(mode="json", exclude={"stages"})
    more: list[ApprovalPolicy] = []
    for name, scope in scopes.items():
        given = {"scope": {"gates": "all", "channels": "all", "markets": "all", **scope}, "id": f"approvals.{name}"}
        more.append(ApprovalPolicy.model_validate({**told, **given, "cases": told["cases"]}))
    policies = replace(shipped, approvals=(*shipped.approvals, *more))
    return lambda: policies


class Offered(Scene):
    """One review about these, beside the drafts of a scene where `texts` says so."""

    def __init__(
        self,
        ledgers: Ledgers,
        *offered: Kind | Asset,
        gate: str = "budget",
        texts: bool = False,
        policies: Callable[[], PolicySet] = shipped_policies,
        people: bool = True,
        author: Author = FLOW,
        **question: Any,
    ) -> None:
        super().__init__(ledgers, people=people, policies=policies, gate="unasked", round=99)
        if people:
            with ledgers.door.write() as tx:
                for name, grants in OTHERS.items():
                    email = f"{name}@brand.example"
                    remember_person(tx, f"P-{name}", email=email, name=name)
                    record_rights(
                        tx, EventKind.PERSON_ENROLLED, f"P-{name}", grants, email=email, name=name, by="P-root"
                    )
        self.offered = [one if isinstance(one, Asset) else one.asset(author) for one in offered]
        drafts = self.assets if texts else []
        choices = [*drafts, *self.offered]
        proposals = [Proposal(code=f"V{at:02d}", asset=one.digest) for at, one in enumerate(choices, start=1)]
        kinds = tuple(dict.fromkeys(one.kind for one in choices))
        nowhere = {"audience": None, "audience_rows": 0, "channel": None, "via": "", "sender": None}
        with ledgers.door.read() as tx:
            rests_on = agreed_before(tx, self.run, brief=self.brief_asset.digest)
        asked = self.question.model_copy(
            update={
                "gate": gate, "round": 1, "proposals": tuple(proposals), "kinds": kinds, "blocked": {},
                "rests_on": rests_on, **({} if texts else nowhere), **question,
            }
        )  # fmt: skip
        asked = asked.model_copy(update={"policies": scope_of(policies(), asked, self.brief)} | question)
        self.question = Question.model_validate(asked.model_dump())
        with ledgers.worker.write() as tx:
            for asset in self.offered:
                put_asset(tx, asset, run=self.run)
            self.review = open_review(tx, self.question, expires_at=tx.now + self.policies().approvals[0].longest)

    def raw(self, decision: str = "Approve", **more: Any) -> dict[str, Any]:
        return {"form": self.review.form_key, "decision": decision, **more}

    def agreed(self, person: str, **more: Any) -> Decision:
        decision = self.answer(person, **more)
        assert isinstance(decision, Decision), decision
        return decision

    def yes(self, person: str, **more: Any) -> Decision | Approval:
        answer = self.answer(person, **more)
        assert isinstance(answer, Decision | Approval), answer
        return answer


__all__ = ["FLOW", "RUN", "BudgetSplit", "Offered", "budget", "load_policies", "plan", "segment", "with_models"]
