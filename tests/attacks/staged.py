"""A campaign of tier high, which three stages approve: brand, then each market, then legal."""

from typing import Any

from presscheck.ledger import EventKind
from presscheck.models import Approval, Decision, Refused
from presscheck.people.rights import Grant, record_rights, remember_person
from tests.desk.scene import BRIEF, Ledgers, Scene
from tests.press.stand import Stand

ALL = "all"
SPENDING = BRIEF.model_copy(update={"spend_dollars": 5_000})
"""What the tier table calls high."""
BESIDE: dict[str, tuple[Grant, ...]] = {
    "rita": (Grant(role="regional_reviewer", markets=("US",)),),
    "dieter": (Grant(role="regional_reviewer", markets=("DE",)),),
    "lea": (Grant(role="legal", markets=ALL),),
    "max": (Grant(role="marketing_director", markets=ALL),),
    "eli": (Grant(role="ethics_officer", markets=ALL),),
    "tim": (Grant(role="regional_reviewer", markets=("FR",)),),
    "adi": (Grant(role="administrator", markets=ALL),),
}
WHOLE = ("ana", "rita", "dieter", "lea")
"""Those who complete it, in order."""


class Staged(Stand):
    """A press over such a campaign; ana, cleo, ben (who wrote the brief), uma and eva are there as ever."""

    def __init__(self, ledgers: Ledgers, **more: Any) -> None:
        scene = Scene(ledgers, brief=more.pop("brief", SPENDING), **more)
        super().__init__(scene)
        for name, grants in BESIDE.items() if more.get("people", True) else ():
            self.give(name, *grants, kind=EventKind.PERSON_ENROLLED)

    def give(self, name: str, *grants: Grant, kind: EventKind = EventKind.PERSON_CHANGED) -> None:
        """Say anew what somebody may do; nothing at all is a revocation."""
        kind = kind if grants else EventKind.PERSON_REVOKED
        email = f"{name}@brand.example"
        with self.scene.ledgers.door.write() as tx:
            remember_person(tx, f"P-{name}", email=email, name=name)
            record_rights(tx, kind, f"P-{name}", grants, email=email, name=name, by="P-root")

    def key(self) -> str:
        """What the form of now carries."""
        with self.scene.ledgers.door.read() as tx:
            return self.scene.desk.form(tx, self.scene.review).key

    def say(self, name: str, decision: str = "Approve", *, proved: bool = True, **raw: Any) -> Any:
        """What the desk makes of somebody's answer; in a later stage the picks stand already."""
        form = {"form": self.key(), "decision": decision, **raw}
        if decision == "Approve" and "stage" not in form["form"]:
            form.setdefault("picks", ["V01", "V02"])
        now = self.scene.ledgers.clock()
        return self.scene.desk.apply(
            self.scene.review.id, person=f"P-{name}", raw=form, proved_at=now if proved else None
        )

    def yes(self, *names: str) -> list[Approval | Decision]:
        """Everybody's yes, which is taken."""
        taken: list[Approval | Decision] = []
        for name in names:
            said = self.say(name)
            assert isinstance(said, Approval | Decision), f"{name}: {said}"
            taken.append(said)
        return taken

    def refused(self, name: str, decision: str = "Approve", **raw: Any) -> str:
        """The code by which somebody is refused."""
        said = self.say(name, decision, **raw)
        assert isinstance(said, Refused), f"{name}: {said}"
        return said.code

    def request_all(self, manifest: Any) -> str:
        """Hand a manifest over as a worker would, and let the press look at it."""
        delivery = self.scene.request(manifest)
        self.press.step()
        return delivery

    def assert_held(self, delivery: str, code: str) -> None:
        """Nothing went out, and why is on record."""
        with self.scene.ledgers.press.read() as tx:
            held = tx.events(EventKind.DELIVERY_HELD, subject=delivery)
        assert [event.data["code"] for event in held] == [code]
        assert self.files() == []

    def refusals(self) -> list[tuple[str, str]]:
        """Who was refused on record, and by which code."""
        return [(told["person"], told["code"]) for told in self.scene.refusals()]
