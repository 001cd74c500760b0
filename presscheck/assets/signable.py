"""What people sign, whatever its kind: its titled parts, its label, what is found in it, what an edit makes of it.

    signable = read_signable(get_asset(tx, digest))      # presscheck.assets.reading
    [part.title for part in signable.parts]

Desk, door and press know assets by this alone. `Copy` is the first kind (`assets/copy/copy.py`); every other one
describes itself (`assets/described.py`).
"""

from abc import ABC, abstractmethod
from collections import Counter
from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from datetime import date
from typing import TYPE_CHECKING, Any, ClassVar

from presscheck.cleaning import clean_text
from presscheck.documents.sentences import counted, listed, plural
from presscheck.models import Allowance, Asset, Author, Brief, Digest, Finding, Picture, Product, Refused

if TYPE_CHECKING:
    from policies import PolicySet


@dataclass(frozen=True)
class Shown:
    """One part of an asset as people see it."""

    name: str
    title: str
    text: str
    """All that it says; of a table, a line each row with tabs between the cells, which no cell can hold."""
    edited: bool = True
    """Whether an approver may write it anew."""
    rows: tuple[tuple[str, ...], ...] = ()
    """Of a table, its titles and then its rows."""
    several_lines: bool = False
    terms: str = ""
    """What it has to keep, such as `US dollars, 0 to 50,000`; it is signed with the rest."""


@dataclass(frozen=True)
class Look:
    """By what something is judged: its brief, the policies and the day."""

    brief: Brief
    product: Product | None
    policies: "PolicySet"
    as_of: date
    pictures: Mapping[str, Picture]
    """The brief's pictures by the digests of their assets."""


@dataclass(frozen=True)
class Signable(ABC):
    """One asset, its content read. LedgerForged where it is no content of its kind."""

    asset: Asset

    goes_out: ClassVar[bool] = False
    """Whether the press publishes it; if not, a yes to it is for the campaign's steps."""

    @property
    def spends(self) -> int | None:
        """Whole US dollars that a yes to it commits; None where it commits none."""
        return None

    @property
    def reach(self) -> int:
        """How many people it is about; what goes out reaches those of its question's audience."""
        return 0

    @property
    def audience(self) -> Digest | None:
        """The frozen audience that it stands for."""
        return None

    @property
    def images(self) -> tuple[Digest, ...]:
        """The pictures that go with it."""
        return ()

    @property
    @abstractmethod
    def noun(self) -> str:
        """What people call its kind, such as `text` or `segment`."""

    @property
    @abstractmethod
    def parts(self) -> tuple[Shown, ...]:
        """All that is signed, in the order in which it is shown."""

    @abstractmethod
    def label(self, pictures: Mapping[str, Picture]) -> str:
        """One clean line by which it is told from the other choices."""

    @abstractmethod
    def findings(self, look: Look) -> tuple[Finding, ...]:
        """What the guardrails say of it."""

    @abstractmethod
    def allowances(self, look: Look) -> tuple[Allowance, ...]:
        """On which words they were silent, and what let them be."""

    @abstractmethod
    def fault(self, pictures: Mapping[str, Picture]) -> Refused | None:
        """Why it cannot be judged or shown at all; None where it can."""

    @abstractmethod
    def rewritten(self, edits: Mapping[str, str], faults: list[str]) -> dict[str, Any] | None:
        """Its content with these parts anew; what is wrong with them goes into `faults`, and then it is None."""

    def part(self, name: str) -> Shown | None:
        """The part of this name, or of this title; None where there is none."""
        return next((part for part in self.parts if name in (part.name, part.title)), None)

    @property
    def parts_to_write(self) -> tuple[Shown, ...]:
        """The parts that whoever approves may write anew."""
        return tuple(part for part in self.parts if part.edited)

    def writable(self, name: str) -> Shown | None:
        """The part of this name or title, if it may be written anew."""
        return next((part for part in self.parts_to_write if name in (part.name, part.title)), None)

    def edited(self, code: str, edits: Mapping[str, str], person: str, faults: list[str]) -> Asset | None:
        """The asset that a person's edits make of it; everything wrong with them goes into `faults`."""
        wrong: list[str] = []
        told = len(faults)
        for name, text in edits.items():
            part = self.part(name)
            if part is None:
                faults.append(f"{code} has no {name}; this {self.noun} cannot be given one.")
            elif not part.edited:
                faults.append(f"{code}'s {part.title} cannot be edited; request changes and say what it should be.")
            elif clean_text(part.text).strip() == text:
                faults.append(f"{code}'s {part.title} is not changed by the edit; take the edit out.")
        content = self.rewritten(edits, wrong)
        faults += [f"{code}: {said}." for said in wrong]
        if content is None or len(faults) > told:
            return None
        after = Asset(kind=self.asset.kind, content=content, parent=self.asset.digest, author=Author.by(person))
        if after.digest == self.asset.digest:
            # 3000 is 3,000: a version that is its own parent would be nobody's edit.
            faults.append(f"{code} is not changed by the edit; take the edit out.")
            return None
        return after


def how_many(choices: Iterable[Signable]) -> str:
    """`50 drafts`, `1 budget`, `4 drafts and 1 plan`: what goes out is a draft until somebody approves it."""
    nouns = Counter("draft" if one.goes_out else one.noun for one in choices)
    return listed(counted(count, noun, plural(noun)) for noun, count in nouns.items())
