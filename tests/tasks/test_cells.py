"""Cells are a partition of the audience, near their shares to a person, whatever order the rows come in."""

from decimal import Decimal
from itertools import chain, combinations
from pathlib import Path
from typing import Any

import pyarrow
import pyarrow.parquet
import pytest
from hypothesis import example, given
from hypothesis import strategies as st

from presscheck.digests import file_digest
from presscheck.recipients.audiences import audience_path, recipient_ids
from presscheck.screening.splitting import freeze_cells
from tasks import Audience, Campaign, split
from tasks.cells import HOLD_OUT, REST, places_of, sizes_of
from tasks.holding import Mistake
from tests.desk.scene import write_audience

SHARES = st.lists(st.decimals("0.1", "100", places=1), min_size=1, max_size=40).filter(lambda each: sum(each) <= 100)


def named(shares: list[Decimal]) -> dict[str, str]:
    return {f"cell-{at}": str(share) for at, share in enumerate(shares)}


@given(st.integers(1, 2_000_000), SHARES)
@example(150, [Decimal(1)] * 100)
@example(50, [Decimal("2.5")] * 40)
@example(3, [Decimal("33.3"), Decimal("33.3"), Decimal("33.4")])
def test_each_cell_is_within_one_person_of_its_share_and_all_are_everybody(people: int, shares: list[Decimal]) -> None:
    sizes = sizes_of(people, named(shares))

    assert sum(sizes.values()) == people
    assert all(size >= 0 for size in sizes.values())
    for name, share in named(shares).items():
        assert abs(sizes[name] - Decimal(share) * people / 100) <= 1
    assert (REST in sizes) == (sum(sizes[name] for name in named(shares)) < people)
    if sum(shares) == 100:
        assert REST not in sizes


@given(st.sets(st.text(min_size=1, max_size=8), min_size=1, max_size=60), SHARES, st.randoms(use_true_random=False))
def test_who_is_in_which_cell_goes_by_the_people_and_never_by_their_order(
    ids: set[str], shares: list[Decimal], order: Any
) -> None:
    people = sorted(ids)
    mixed = list(people)
    order.shuffle(mixed)
    wanted = {**named(shares), HOLD_OUT: wanted_hold_out(shares)}

    cells = [_people(each, places_of(each, wanted, salt="run")) for each in (people, mixed)]

    assert cells[0] == cells[1]
    assert sorted(chain(*cells[0].values())) == people
    assert all(not one & other for one, other in combinations(cells[0].values(), 2))


def wanted_hold_out(shares: list[Decimal]) -> str:
    return str(max(Decimal(0), 100 - sum(shares)) / 2)


def _people(ids: list[str], places: dict[str, list[int]]) -> dict[str, set[str]]:
    return {name: {ids[at] for at in positions} for name, positions in places.items()}


def test_another_run_has_other_cells() -> None:
    ids = [f"r{at}" for at in range(100)]

    assert places_of(ids, {"pilot": "10"}, salt="one") != places_of(ids, {"pilot": "10"}, salt="other")


@pytest.mark.parametrize("rows", [1, 7])
def test_a_frozen_cell_holds_the_rows_of_its_places_in_their_order(tmp_path: Path, rows: int) -> None:
    whole = write_audience(tmp_path, 7)
    source = audience_path(tmp_path, whole)

    frozen = freeze_cells(source, {"some": list(range(rows))}, home=tmp_path)

    path = audience_path(tmp_path, frozen["some"])
    assert file_digest(path) == frozen["some"]
    assert recipient_ids(path) == recipient_ids(source)[:rows]
    assert pyarrow.parquet.read_schema(path).names == pyarrow.parquet.read_schema(source).names


def test_more_cells_than_anybody_compares_are_told() -> None:
    whole = Audience(digest="a" * 64, rows=1_000, candidates=1_000, exceptions={}, report="")
    many = {f"cell-{at}": 1 for at in range(100)}

    with pytest.raises(Mistake, match="100 cells are too many; 99 and the rest are the most"):
        split(Campaign.model_construct(), whole, many)
