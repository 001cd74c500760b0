"""Split an audience into cells: uneven ones, one that is held out, and the rest.

    cells = split(campaign, readers, {"pilot": 10}, hold_out=5)
    cells["pilot"], cells["rest"]          # audiences; who is held out is in the cell "hold-out"

Who is in which cell goes by a hash of the recipient's id and the run, so the order of rows does not matter, and the
sizes are exact to a person. Each cell is a frozen audience of its own, and who is in which is signed.
"""

from bisect import bisect_right
from collections.abc import Mapping, Sequence
from decimal import Decimal
from itertools import accumulate
from typing import Any, ClassVar

from pydantic import TypeAdapter, ValidationError

from presscheck.documents.sentences import counted, listed
from presscheck.ledger import Writer
from presscheck.ledger.splits import MOST_CELLS, Cell, Split, record_split
from presscheck.models import Slug
from presscheck.recipients.audiences import audience_path, recipient_ids, verify_audience
from presscheck.recipients.dealing import deal
from tasks import house
from tasks.audience import Audience
from tasks.effects import stood_in_for_by
from tasks.holding import Hold, Mistake
from tasks.kept import Kept, Made
from tasks.opening import Campaign
from tasks.steps import step

REST = "rest"
HOLD_OUT = "hold-out"
_SLUG: TypeAdapter[str] = TypeAdapter(Slug)


class Cells(Kept):
    """The cells of one split, by name."""

    shape: ClassVar[str] = "cells/1"

    by_name: dict[str, Audience]

    def __getitem__(self, name: str) -> Audience:
        """The audience of a cell. Hold for a name that is none."""
        if name not in self.by_name:
            raise Hold(f"there is no cell {name}; the cells are {listed(tuple(self.by_name))}")
        return self.by_name[name]


@stood_in_for_by("split")
def split(
    campaign: Campaign,
    audience: Audience,
    cells: Mapping[str, int | float],
    *,
    hold_out: int | float = 0,
) -> Cells:
    """Split an audience into named cells, each so many per cent of it, one that is held out, and the cell `rest`.

    Hold for cells that come to more than all, one that nobody would be in, and a channel that publishes to everybody.
    """
    shares = {**dict(cells), **({HOLD_OUT: hold_out} if hold_out else {})}
    if faults := _faults(audience, shares, given=cells):
        raise Mistake(f"the audience cannot be split: {'; '.join(faults)}")
    return _split(campaign, audience, {name: str(share) for name, share in shares.items()})


def sizes_of(people: int, shares: Mapping[str, str]) -> dict[str, int]:
    """How many of so many people are in each cell, `rest` included: each share to the nearest person."""
    # Rounded where each ends, and not each by itself: halves that are rounded up would add up to whole cells.
    ends = [round(whole * people / 100) for whole in accumulate(map(Decimal, shares.values()))]
    sizes = {name: end - start for name, start, end in zip(shares, [0, *ends], ends, strict=False)}
    left = people - (ends[-1] if ends else 0)
    return sizes | ({REST: left} if left else {})


def places_of(ids: Sequence[str], shares: Mapping[str, str], *, salt: str) -> dict[str, list[int]]:
    """The positions of each cell's people, in their order; who is in which goes by id and salt alone."""
    sizes = sizes_of(len(ids), shares)
    bounds = list(accumulate(sizes.values()))
    placed: list[list[int]] = [[] for _ in sizes]
    for position, rank in enumerate(deal(ids, len(ids), salt) if ids else ()):
        placed[bisect_right(bounds, rank)].append(position)
    return dict(zip(sizes, placed, strict=True))


def _faults(audience: Audience, shares: Mapping[str, Any], *, given: Mapping[str, Any]) -> list[str]:
    faults: list[str] = []
    if audience.digest is None:
        faults.append("the channel publishes to everybody, who cannot be split")
    for name, share in shares.items():
        try:
            _SLUG.validate_python(name)
        except ValidationError:
            faults.append(f"{str(name)[:40]!r} is no name; write lower-case words joined by hyphens")
        if not isinstance(share, int | float) or isinstance(share, bool) or not 0 < share <= 100:
            faults.append(
                f"{str(name)[:40]}: {str(share)[:40]} is no share; write per cent of the audience, such as 10"
            )
    # With the rest, which is there by itself.
    if len(shares) >= MOST_CELLS:
        faults.append(f"{len(shares)} cells are too many; {MOST_CELLS - 1} and the rest are the most")
    if taken := sorted({REST, HOLD_OUT} & set(given)):
        faults.append(f"{listed(taken)} is there by itself; the rest is the rest, and hold_out=5 holds some out")
    if not faults and (whole := sum(Decimal(str(share)) for share in shares.values())) > 100:
        faults.append(f"the cells come to {whole} %, and there are only 100")
    if not faults:
        sizes = sizes_of(audience.rows, {name: str(share) for name, share in shares.items()})
        empty = [name for name in shares if not sizes.get(name)]
        if empty:
            faults.append(f"of {counted(audience.rows, 'recipient')} nobody would be in {listed(empty)}")
    return faults


@step("split", effect="targets", title="split the audience")
def _split(campaign: Campaign, audience: Audience, shares: dict[str, str]) -> Made[Cells]:
    """Freeze each cell, and sign which they are."""
    from presscheck.screening.splitting import freeze_cells

    home, digest = house.settings().home, str(audience.digest)
    source = audience_path(home, digest)
    verify_audience(source, digest)
    # By a hash of its own: texts are dealt by another.
    places = places_of(recipient_ids(source), shares, salt=f"{campaign.run}/cells/{digest}")
    frozen = freeze_cells(source, places, home=home)
    cells = {name: Cell(audience=digest, rows=len(places[name])) for name, digest in frozen.items()}
    parts = {
        name: audience.model_copy(update={"digest": cell.audience, "rows": cell.rows}) for name, cell in cells.items()
    }
    made = Split(source=str(audience.digest), cells=cells, hold_out=HOLD_OUT if HOLD_OUT in cells else None)

    def keep(tx: Writer) -> None:
        record_split(tx, campaign.run, made)

    _show(parts)
    return Made(Cells(by_name=parts), keep)


def _show(parts: Mapping[str, Audience]) -> None:
    from prefect.artifacts import create_markdown_artifact

    rows = [f"| {name} | {part.rows:,} |" for name, part in parts.items()]
    create_markdown_artifact("\n".join(["| cell | recipients |", "|---|---:|", *rows]), key="cells")
