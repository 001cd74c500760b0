"""Whatever is edited, signed, noted and restarted in whatever order: in force is what somebody who may signed last."""

import shutil
import tempfile
from collections.abc import Callable
from pathlib import Path
from typing import Any

import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from presscheck.desk.changing import PolicySignature, WaitingChange
from presscheck.errors import PolicyError
from presscheck.ledger import make_keys, verify
from presscheck.models import Refused
from tests.conftest import Clock, Ledgers
from tests.desk.signing import URGENCY, Signing

LEVELS = ("block", "review", "note", "broken")
MAY = ("lea", "eli", "max")
STEPS = st.lists(
    st.one_of(
        st.tuples(st.just("edit"), st.sampled_from(LEVELS)),
        st.tuples(st.just("sign"), st.sampled_from((*MAY, "ana", "eva", "leo"))),
        st.tuples(st.just("sign what was seen before"), st.sampled_from(MAY)),
        st.tuples(st.just("sign own"), st.sampled_from(MAY)),
        st.tuples(st.just("switch"), st.sampled_from(("on", "off"))),
        st.tuples(st.just("follow"), st.just("")),
        st.tuples(st.just("restart"), st.just("")),
    ),
    max_size=12,
)


@pytest.fixture(scope="session")
def open_ledgers(_sqlite_template: Path) -> Callable[[], Ledgers]:
    def opened() -> Ledgers:
        home = Path(tempfile.mkdtemp(prefix="presscheck-signing-"))
        make_keys(home / "keys")
        shutil.copy(_sqlite_template, home / "ledger.db")
        return Ledgers(f"sqlite:///{home / 'ledger.db'}", home, Clock())

    return opened


class Books:
    """What must be in force, kept beside the house by hand."""

    def __init__(self) -> None:
        self.files, self.demanded = "block", True
        self.signed: str | None = None
        self.by_signature = True

    @property
    def in_force(self) -> str | None:
        if not (self.demanded or (self.signed is not None and self.by_signature)):
            return None if self.files == "broken" else self.files
        return self.signed

    @property
    def waits(self) -> bool:
        if self.files == "broken" or not (self.demanded or (self.signed is not None and self.by_signature)):
            return False
        return self.signed != self.files or self.by_signature != self.demanded


def level(house: Signing, policies: Any) -> str | None:
    try:
        return house.level(policies)
    except PolicyError:
        return None


@settings(max_examples=40, suppress_health_check=list(HealthCheck))
@pytest.mark.slow
@given(steps=STEPS)
def test_in_force_is_what_was_signed_last(open_ledgers: Callable[[], Ledgers], steps: list[tuple[str, str]]) -> None:
    ledgers = open_ledgers()
    house, books, seen = Signing(ledgers, ledgers.home), Books(), None
    original = (house.folder / URGENCY).read_text()
    signatures = 0
    try:
        for what, which in steps:
            waiting = house.waiting()
            if what == "edit":
                text = "id: [" if which == "broken" else original.replace("level: block", f"level: {which}")
                (house.folder / URGENCY).write_text(text)
                books.files = which
            elif what == "switch":
                house.door.signed = books.demanded = which == "on"
            elif what == "follow":
                house.upkeep.follow_policies()
            elif what == "restart":
                house.door = house.seen_by(ledgers.door, signed=books.demanded)
            elif isinstance(waiting, WaitingChange):
                shown = seen if what.endswith("before") and seen is not None else waiting.shown
                writers = (f"{which}@brand.example",) if what == "sign own" else ()
                answer = house.sign(which, shown=shown, writers=writers)
                ok = which in MAY and what != "sign own" and shown == waiting.shown
                assert isinstance(answer, PolicySignature if ok else Refused), (what, which, answer)
                if ok:
                    books.signed, books.by_signature = books.files, books.demanded
                    signatures += 1
            seen = waiting.shown if isinstance(waiting, WaitingChange) and seen is None else seen

            assert isinstance(house.waiting(), WaitingChange) == books.waits, (what, which)
            for ledger in (ledgers.door, ledgers.press):
                assert level(house, house.seen_by(ledger, signed=books.demanded)) == books.in_force, (what, which)
        assert verify(ledgers.door).sound
    finally:
        ledgers.close()
        shutil.rmtree(ledgers.home)
