"""What a suite of checks is made of: predicates about rows, and bounds on figures.

A suite is declared once and used twice: Great Expectations counts with it and reports, and
the fused query of `exceptions.py` finds every row with it.
"""

from dataclasses import dataclass
from typing import Literal

from presscheck.digests import digest_of


@dataclass(frozen=True)
class RowRule:
    """One predicate that is true of a row which must not pass.

    `violation` is DuckDB SQL over the candidate `c`; it may use the relations that
    `bench.py` lists. A NULL answer counts as a violation: unknown goes to a person.
    """

    id: str
    violation: str
    severity: Literal["info", "warning", "critical"]
    means: str
    """What is wrong with the row and why it matters, for a marketer."""
    remedy: str
    """What to do, for whoever owns the data."""

    @property
    def strict_violation(self) -> str:
        """`violation` with unknown counted as a violation."""
        return f"coalesce(({self.violation}), true)"


@dataclass(frozen=True)
class FigureRule:
    """One whole number about all rows, which must lie within bounds or the audience is refused."""

    id: str
    figure: str
    """DuckDB SQL for one whole number, over the relation `tally` (candidates, exceptions, passed)."""
    least: int | None
    most: int | None
    means: str
    remedy: str

    def within(self, figure: int) -> bool:
        return (self.least is None or figure >= self.least) and (self.most is None or figure <= self.most)


@dataclass(frozen=True)
class Suite:
    """Everything that is checked of one kind of data."""

    name: str
    rows: tuple[RowRule, ...]
    figures: tuple[FigureRule, ...]

    @property
    def version(self) -> str:
        """Digest of every rule's id, predicate, bounds, severity and wording."""
        return digest_of(
            {
                "name": self.name,
                "rows": [[rule.id, rule.violation, rule.severity, rule.means, rule.remedy] for rule in self.rows],
                "figures": [
                    [rule.id, rule.figure, rule.least, rule.most, rule.means, rule.remedy] for rule in self.figures
                ],
            }
        )
