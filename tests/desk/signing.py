"""A house whose policies count by signature: files that a test edits, and people who sign or may not."""

from datetime import datetime
from pathlib import Path
from typing import Any

from presscheck.desk import CurrentPolicies, Desk, PoliciesInForce
from presscheck.desk.changing import (
    Shown,
    WaitingChange,
    note_changes,
    policy_changes,
    sign_policies,
    waiting_change,
)
from presscheck.desk.upkeep import Upkeep
from presscheck.ledger import EventKind, Ledger
from presscheck.people.rights import Grant, record_rights, remember_person
from tests.desk.scene import PEOPLE, Ledgers, policy_folder
from tests.places import place_of

SIGNERS: dict[str, tuple[Grant, ...]] = {
    "lea": (Grant(role="legal", markets="all"),),
    "eli": (Grant(role="ethics_officer", markets="all"),),
    "max": (Grant(role="marketing_director", markets="all"),),
    "leo": (Grant(role="legal", markets=("US",)),),
    "adi": (Grant(role="administrator", markets="all"),),
}
URGENCY = place_of("urgency")
MODEL = "approvals/campaign-copy.yaml"


class Signing:
    """The policies of a project as door, worker and press see them."""

    def __init__(self, ledgers: Ledgers, tmp_path: Path, *, signed: bool = True, overlay: Path | None = None) -> None:
        self.ledgers = ledgers
        self.folder = policy_folder(tmp_path)
        self.overlay = overlay
        self.door = self.seen_by(ledgers.door, signed=signed)
        self.desk = Desk(ledgers.door, self.door)
        self.upkeep = Upkeep(self.desk)
        with ledgers.door.write() as tx:
            for name, grants in {**PEOPLE, **SIGNERS}.items():
                email = f"{name}@brand.example"
                remember_person(tx, f"P-{name}", email=email, name=name)
                record_rights(tx, EventKind.PERSON_ENROLLED, f"P-{name}", grants, email=email, name=name, by="P-root")

    def seen_by(self, ledger: Ledger, *, signed: bool = True) -> PoliciesInForce:
        """What a process works with that opens the project anew."""
        return PoliciesInForce(ledger, CurrentPolicies(self.folder, self.overlay), signed=signed)

    def rewrite(self, old: str, new: str, path: str = URGENCY) -> None:
        """Edit a file as an engineer would."""
        file = self.folder / path
        text = file.read_text()
        assert old in text, (path, old)
        file.write_text(text.replace(old, new, 1))

    def weaken(self) -> None:
        self.rewrite("level: block", "level: review")

    def mend(self) -> None:
        self.rewrite("level: review", "level: block")

    def waiting(self) -> Any:
        with self.ledgers.door.read() as tx:
            return waiting_change(tx, self.door)

    def shown(self) -> Shown:
        waiting = self.waiting()
        assert isinstance(waiting, WaitingChange), waiting
        return waiting.shown

    def sign(self, name: str = "lea", *, shown: Shown | None = None, writers: tuple[str, ...] = (), **more: Any) -> Any:
        """What becomes of somebody's signature, with a fresh proof unless the test says otherwise."""
        seen = shown or self.shown()
        with self.ledgers.door.write() as tx:
            proved: datetime | None = more.get("proved_at", tx.now)
            return sign_policies(tx, self.door, seen, person=f"P-{name}", proved_at=proved, writers=writers)

    def note(self) -> int:
        return note_changes(self.ledgers.door, self.door, look=True)

    def changes(self) -> list[list[str]]:
        """Every change that counted, oldest first, as sentences."""
        with self.ledgers.door.read() as tx:
            return [[line.sentence for line in one.lines] for one in reversed(policy_changes(tx, most=100))]

    def level(self, policies: PoliciesInForce | None = None) -> str:
        """How grave the rule about urgency is, where somebody judges."""
        found = (policies or self.door)()
        return next(rule.level for rule in found.guardrails if rule.id == "pressure.urgency")
