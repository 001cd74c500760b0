"""Whom a comment calls: by name, role or id, among those whom its reader sees beside the question.

    beside = people_beside(tx, review, who)         # `who` is whom the desk asks now; None where nobody
    words = beside.with_ids("Look, @ana")           # "Look, @P-...", or Refused with what to write instead

A name is its whole, as in `@Ana Brandt`, or one word of it that is nobody else's. A role calls all who are asked by it.
Nobody else is found by a name, so that guessing names tells nobody who works here; an id calls whoever has it.
"""

import re
from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from functools import cached_property

from presscheck.cleaning import clean_line
from presscheck.desk.duties import WhoMay
from presscheck.documents.sentences import listed
from presscheck.ledger import EventKind, Reader
from presscheck.ledger.comments import comments_of_run
from presscheck.models import Refused, Review
from presscheck.people.rights import person_name, rights_of

_ID = r"P-[A-Za-z0-9-]{1,40}"
_MOST_TOLD = 8


@dataclass(frozen=True)
class Beside:
    """The people beside a question."""

    names: Mapping[str, str]
    """By their ids."""
    role: str = ""
    """The role that is asked now, in words; empty where none is."""
    asked: tuple[str, ...] = ()
    """Those who are asked by it."""

    def label(self, person: str) -> str:
        """What to write behind an @ so that this one of them is meant."""
        name = self.names[person]
        return name if self._labels[_folded(name)] == (person,) else person

    def with_ids(self, words: str) -> str | Refused:
        """The words with ids in place of names."""
        faults: dict[str, None] = {}

        def instead(found: re.Match[str]) -> str:
            if found["id"]:
                return found[0]
            label = _folded(found["label"] or "")
            people = self._labels.get(label, ())
            if len(people) == 1 or (people and label == _folded(self.role)):
                return " ".join(f"@{person}" for person in people)
            faults[self._fault(found["label"] or found["other"], people)] = None
            return found[0]

        said = self._calls.sub(instead, words)
        return Refused(code="bad-mention", reason=" ".join(faults)) if faults else said

    def _fault(self, said: str, people: tuple[str, ...]) -> str:
        ways = [f"@{self.label(person)}" for person in people or [*self.names][:_MOST_TOLD]]
        if people:
            return f"“@{said}” is more than one here: write {listed(ways, 'or')}."
        told = f"write {listed(ways, 'or')}; " if ways else ""
        return f"Nobody beside this question is called “@{said}”: {told}an @ that calls nobody has a space behind it."

    @cached_property
    def _labels(self) -> dict[str, tuple[str, ...]]:
        """Ids by what they may be called. Whole names go before words of others', and both before the role."""
        found = {_folded(self.role): self.asked} if self.role and self.asked else {}
        found |= _by_label((person, word) for person, name in self.names.items() for word in {*name.lower().split()})
        return found | _by_label((person, _folded(name)) for person, name in self.names.items())

    @cached_property
    def _calls(self) -> re.Pattern[str]:
        # The longest first, and none that ends within a word, an address or a name of several words joined.
        longest_first = sorted(self._labels, key=len, reverse=True)
        known = "|".join(r"\s+".join(map(re.escape, label.split())) for label in longest_first) or "(?!)"
        label = rf"(?P<label>(?i:{known}))(?![\w@]|[-.]\w)"
        return re.compile(rf"(?<![\w@])@(?:(?P<id>{_ID})|{label}|(?P<other>[^\W\d_][\w.-]*))")


def people_beside(tx: Reader, review: Review, who: WhoMay | None) -> Beside:
    """Those who are asked, who have said yes, and who have commented in the run; without those who left."""
    asked = () if who is None else who.people
    given = [str(event.data.get("person")) for event in tx.events(EventKind.APPROVAL_GIVEN, subject=review.id)]
    talked = [one.person for one in comments_of_run(tx, review.question.run)]
    rights = {person: rights_of(tx, person) for person in dict.fromkeys([*asked, *given, *talked])}
    roles = {person: one.roles for person, one in rights.items() if one is not None and one.active}
    names = {person: clean_line(person_name(tx, person)) for person in roles}
    role = "" if who is None else who.role
    return Beside(names, role.replace("_", " "), tuple(one for one in asked if role in roles.get(one, ())))


def _by_label(pairs: Iterable[tuple[str, str]]) -> dict[str, tuple[str, ...]]:
    found: dict[str, tuple[str, ...]] = {}
    for person, label in pairs:
        if label:
            found[label] = (*found.get(label, ()), person)
    return found


def _folded(label: str) -> str:
    return " ".join(label.lower().split())
