"""A campaign that has come as far as its review: people, brief, drafts, audience and policies, all real."""

import shutil
from collections.abc import Callable, Sequence
from dataclasses import replace
from datetime import UTC, date, datetime, timedelta
from functools import cache
from hashlib import sha256
from io import BytesIO
from pathlib import Path
from typing import Any, Protocol

from policies import ApprovalPolicy, PolicySet, load_policies
from policies.engine.loading import SHIPPED
from presscheck.desk import Desk
from presscheck.ledger import EventKind, Ledger
from presscheck.ledger.assets import put_asset
from presscheck.ledger.campaigns import open_campaign
from presscheck.ledger.deliveries import request_delivery
from presscheck.ledger.reviews import open_review
from presscheck.models import (
    Asset,
    Author,
    Brief,
    CallToAction,
    Claim,
    Copy,
    Dealing,
    Decision,
    Fact,
    Manifest,
    Product,
    Proposal,
    Question,
    Review,
    Sender,
)
from presscheck.people.rights import Grant, record_rights, remember_person

RUN = "6f0c6a52-0000-4000-8000-000000000001"

BRIEF = Brief(
    id="spring-launch",
    title="Spring launch",
    collaboration="producer",
    author="ben@brand.example",
    offer="The Fell jacket is here.",
    key_points=(Fact(text="It keeps the rain out.", required=True),),
    claims=(Claim(text="Waterproof to 10,000 mm.", evidence="Lab report 7", expires=date(2026, 3, 15)),),
    persona="People who walk in the hills.",
    tone="warm",
    channel="email",
    markets=("US", "DE"),
    deadline=date(2026, 3, 20),
    call_to_action=CallToAction(label="See the jacket", url="https://brand.example/fell"),
    sender=Sender(name="Brand", address="news@brand.example", postal_address="1 Mill Lane, Leeds"),
)

PEOPLE: dict[str, tuple[Grant, ...]] = {
    "ana": (Grant(role="brand_lead", markets="all"),),
    "cleo": (Grant(role="brand_lead", markets=("US",)), Grant(role="brand_lead", markets=("DE",))),
    "ben": (Grant(role="brand_lead", markets="all"), Grant(role="author", markets="all")),
    "uma": (Grant(role="brand_lead", markets=("US",)),),
    "eva": (Grant(role="engineer", markets="all"),),
}


class Ledgers(Protocol):
    door: Ledger
    worker: Ledger
    press: Ledger
    home: Path
    clock: Any


def draft(number: int, *, body: str = "") -> Copy:
    """One draft that passes the shipped guardrails."""
    words = body or (
        f"Hello,\n\nthe Fell jacket is here, and it keeps the rain out. This is draft {'abcdefghij'[number]}, "
        "written for people who walk in the hills.\n\nSee you outside."
    )
    return Copy(
        channel="email",
        subject=f"A jacket for wet hills, draft {'abcdefghij'[number]}",
        preheader="It keeps the rain out.",
        body=words,
        call_to_action=BRIEF.call_to_action,
    )


@cache
def shipped_policies() -> PolicySet:
    return load_policies()


def with_regret(policies: PolicySet, regret: str) -> PolicySet:
    """The same policies with answers on the proof that can be taken back for so long."""
    short = dict.fromkeys(("role", "markets", "expires_after"))
    models = (model.model_dump(mode="json") | short | {"regret": regret} for model in policies.approvals)
    return replace(policies, approvals=tuple(map(ApprovalPolicy.model_validate, models)))


def write_audience(home: Path, count: int) -> str:
    """A frozen audience of `count` recipients; its digest."""
    content, digest = _audience(count)
    folder = home / "audiences"
    folder.mkdir(parents=True, exist_ok=True)
    (folder / f"{digest}.parquet").write_bytes(content)
    return digest


@cache
def _audience(count: int) -> tuple[bytes, str]:
    import pyarrow
    import pyarrow.parquet

    rows = {
        "id": [f"r{number:06d}" for number in range(count)],
        "address": [f"person{number}@example.com" for number in range(count)],
        "consent_basis": ["consent"] * count,
        "consent_proof": ["sign-up form"] * count,
        "consented_at": pyarrow.array([datetime(2025, 6, 1, tzinfo=UTC)] * count, pyarrow.timestamp("us", tz="UTC")),
        "market": ["US", "DE"] * (count // 2) + ["US"] * (count % 2),
        "time_zone": [""] * count,
        "attributes": ["{}"] * count,
    }
    written = BytesIO()
    pyarrow.parquet.write_table(pyarrow.table(rows), written)
    return written.getvalue(), sha256(written.getvalue()).hexdigest()


class Scene:
    """One run's review, open and waiting, and everything it rests on."""

    def __init__(
        self,
        ledgers: Ledgers,
        *,
        brief: Brief = BRIEF,
        drafts: Sequence[Copy] = tuple(draft(number) for number in range(4)),
        recipients: int = 7,
        policies: Callable[[], PolicySet] = shipped_policies,
        round: int = 1,
        run: str = RUN,
        expires_in: timedelta = timedelta(days=7),
        people: bool = True,
        prompt_editor: str = "",
        product: Product | None = None,
        parents: Sequence[str | None] = (None,) * 200,
        beside: Sequence[Asset] = (),
        **question: Any,
    ) -> None:
        self.ledgers = ledgers
        self.brief = brief
        self.policies = policies
        self.desk = Desk(ledgers.door, policies)
        self.run = run
        if people:
            with ledgers.door.write() as tx:
                for name, grants in PEOPLE.items():
                    email = f"{name}@brand.example"
                    remember_person(tx, f"P-{name}", email=email, name=name)
                    record_rights(
                        tx, EventKind.PERSON_ENROLLED, f"P-{name}", grants, email=email, name=name, by="P-root"
                    )
        machine = Author.machine("offline", "phrases-1", "prompts.email-variants", "1")
        machine = machine.model_copy(update={"prompt_editor": prompt_editor})
        self.assets = [
            Asset(kind="copy", content=one.model_dump(mode="json"), parent=parent, author=machine)
            for one, parent in zip(drafts, parents, strict=False)
        ]
        self.beside = beside
        choices = [*self.assets, *beside]
        kinds = tuple(dict.fromkeys(["copy", *(one.kind for one in beside)]))
        content = {
            "brief": brief.model_dump(mode="json"),
            "product": None if product is None else product.model_dump(mode="json"),
        }
        self.brief_asset = Asset(kind="brief", content=content, author=machine)
        self.audience = write_audience(ledgers.home, recipients)
        values: dict[str, Any] = {
            "run": run,
            "campaign": "product-launch",
            "gate": "copy",
            "round": round,
            "brief": self.brief_asset.digest,
            "proposals": tuple(
                Proposal(code=f"V{at:02d}", asset=asset.digest) for at, asset in enumerate(choices, start=1)
            ),
            "kinds": kinds,
            "blocked": {"brand.no-shouting": 2},
            "audience": self.audience,
            "audience_rows": recipients,
            "dealing": Dealing(salt=run),
            "channel": brief.channel,
            "via": "outbox",
            "sender": brief.sender,
            "prompt_editors": (prompt_editor,) if prompt_editor else (),
            "policies": policies().in_scope(channel=brief.channel, markets=brief.markets, gate="copy", kinds=kinds),
        }
        self.question = Question(**{**values, **question})
        with ledgers.worker.write() as tx:
            put_asset(tx, self.brief_asset, run=run)
            open_campaign(tx, run, campaign="product-launch", brief=self.brief_asset.digest)
            for asset in choices:
                put_asset(tx, asset, run=run)
            self.review: Review = open_review(tx, self.question, expires_at=tx.now + expires_in)

    @property
    def audience_path(self) -> Path:
        return self.ledgers.home / "audiences" / f"{self.audience}.parquet"

    def raw(self, decision: str = "Approve", **more: Any) -> dict[str, Any]:
        """A filled form."""
        form: dict[str, Any] = {"form": self.review.form_key, "decision": decision, **more}
        if decision == "Approve":
            form.setdefault("picks", ["V01", "V02", "V03"])
        return form

    def answer(self, person: str = "ana", decision: str = "Approve", **more: Any) -> Any:
        return self.desk.apply(self.review.id, person=f"P-{person}", raw=self.raw(decision, **more))

    def approve(self, person: str = "ana", **more: Any) -> Decision:
        decision = self.answer(person, **more)
        assert isinstance(decision, Decision), decision
        return decision

    def request(self, manifest: Manifest) -> str:
        with self.ledgers.worker.write() as tx:
            return request_delivery(tx, manifest, review=self.review.id)

    def kinds(self, prefix: str = "") -> list[str]:
        """The kinds of all believed events, in order."""
        with self.ledgers.door.read() as tx:
            return [event.kind for event in tx.events() if event.kind.startswith(prefix)]

    def refusals(self) -> list[dict[str, Any]]:
        with self.ledgers.door.read() as tx:
            return [event.data for event in tx.events(EventKind.APPLICATION_REFUSED)]


def policy_folder(tmp_path: Path) -> Path:
    """A copy of the shipped policies that a test may edit."""
    folder = tmp_path / "policies"
    for kind in ("packs", "approvals", "tiers", "calendars", "rights"):
        shutil.copytree(SHIPPED / kind, folder / kind)
    return folder
