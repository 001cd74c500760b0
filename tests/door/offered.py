"""A review about what a flow offers: a budget, a plan, a kind of a project's own."""

from collections.abc import Callable, Sequence
from datetime import timedelta
from pathlib import Path
from typing import Any, ClassVar

from policies import PolicySet, load_policies
from presscheck.assets.described import DOLLARS
from presscheck.assets.kind import Kind, part
from presscheck.assets.shipped import Budget, Plan, PromptText, Segment
from presscheck.desk import Desk
from presscheck.ledger import EventKind
from presscheck.ledger.assets import put_asset
from presscheck.ledger.campaigns import open_campaign
from presscheck.ledger.reviews import open_review
from presscheck.models import Asset, Author, Brief, Dealing, Proposal, Question, Review
from presscheck.people.rights import Grant, record_rights, remember_person
from tests.desk.scene import BRIEF, PEOPLE, RUN, Ledgers, Scene, policy_folder, shipped_policies

FLOW = Author.machine("presscheck", "flow", "product-launch", "1")
STRATEGIST = {"sol": (Grant(role="ai_strategist", markets="all"),)}


class BudgetSplit(Kind):
    """A kind of a project's own: three numbers that have to add up."""

    kind = "budget-split"
    noun = "budget split"
    spends = "total"
    sums: ClassVar = {"total": ("search", "social")}

    search: int = part("Search ads", unit=DOLLARS, at_least=0)
    social: int = part("Social posts", unit=DOLLARS, at_least=0)
    total: int = part("In all", unit=DOLLARS, at_most=40_000)


def split(search: int = 700, social: int = 300) -> BudgetSplit:
    return BudgetSplit(search=search, social=social, total=search + social)


def budget(dollars: int = 900, *, purpose: str = "Search ads in spring") -> Budget:
    return Budget(purpose=purpose, dollars=dollars, terms="A third in each month.\n\nNothing after May.")


def plan(text: str = "Two mails, a week between them.") -> Plan:
    return Plan(goal="More walkers", measure="Orders by the end of May", text=text)


def prompt(text: str = "Write as if to one person.\n\nNever promise what the brief does not.") -> PromptText:
    return PromptText(name="Mails of spring", text=text)


def segment(rows: int = 3, *, audience: str = "a" * 64) -> Segment:
    return Segment(
        name="Walkers of the north",
        words="People who walk in the hills.\n\nNobody who asked to be left alone.",
        recipients=4_724,
        markets="US, DE",
        query="select id from customers where walks > 3",
        makeup=tuple((f"Group {at}", f"{at * 10:,}", f"{at}%") for at in range(1, rows + 1)),
        audience=audience,
    )


def policies_for_splits(tmp_path: Path) -> Callable[[], PolicySet]:
    """The shipped policies, of which those for budgets are for budget splits too."""
    folder = policy_folder(tmp_path)
    for name in ("budgets", "large-budgets"):
        path = folder / "approvals" / f"{name}.yaml"
        path.write_text(path.read_text("utf-8").replace("  kinds: [budget]\n", "  kinds: [budget, budget-split]\n"))
    found = load_policies(folder)
    return lambda: found


class Offered(Scene):
    """One run's review about these, open and waiting."""

    def __init__(
        self,
        ledgers: Ledgers,
        *kinds: Kind,
        round: int = 1,
        run: str = RUN,
        brief: Brief = BRIEF,
        people: bool = True,
        gate: str = "agreeing",
        expires_in: timedelta = timedelta(days=7),
        assets: Sequence[Asset] = (),
        policies: Callable[[], PolicySet] = shipped_policies,
        **question: Any,
    ) -> None:
        self.ledgers, self.brief, self.run, self.policies = ledgers, brief, run, policies
        self.desk = Desk(ledgers.door, policies)
        if people:
            with ledgers.door.write() as tx:
                for name, grants in {**PEOPLE, **STRATEGIST}.items():
                    email = f"{name}@brand.example"
                    remember_person(tx, f"P-{name}", email=email, name=name)
                    record_rights(
                        tx, EventKind.PERSON_ENROLLED, f"P-{name}", grants, email=email, name=name, by="P-root"
                    )
        self.assets = [*assets, *(kind.asset(FLOW) for kind in kinds)]
        content = {"brief": brief.model_dump(mode="json"), "product": None}
        self.brief_asset = Asset(kind="brief", content=content, author=FLOW)
        about = tuple(dict.fromkeys(asset.kind for asset in self.assets))
        values: dict[str, Any] = {
            "run": run,
            "campaign": "product-launch",
            "gate": gate,
            "round": round,
            "brief": self.brief_asset.digest,
            "proposals": tuple(
                Proposal(code=f"V{at:02d}", asset=asset.digest) for at, asset in enumerate(self.assets, start=1)
            ),
            "kinds": about,
            "audience": None,
            "audience_rows": 0,
            "dealing": Dealing(salt=run),
            "channel": None,
            "via": "",
            "sender": None,
            "policies": policies().in_scope(
                channel=brief.channel, markets=brief.markets, gate=gate, kinds=about, flow="product-launch"
            ),
        }
        self.question = Question(**{**values, **question})
        with ledgers.worker.write() as tx:
            put_asset(tx, self.brief_asset, run=run)
            open_campaign(tx, run, campaign="product-launch", brief=self.brief_asset.digest)
            for asset in self.assets:
                put_asset(tx, asset, run=run)
            self.review: Review = open_review(tx, self.question, expires_at=tx.now + expires_in)

    def raw(self, decision: str = "Approve", **more: Any) -> dict[str, Any]:
        return {"form": self.review.form_key, "decision": decision, **more}
