"""Picks are dealt to recipients evenly, and the same way every time."""

from collections import Counter
from itertools import pairwise

import pytest
from hypothesis import given
from hypothesis import strategies as st

from presscheck.recipients.dealing import deal

ids = st.lists(st.text(max_size=12), unique=True, max_size=200)
picks = st.integers(min_value=1, max_value=9)


@given(ids=ids, picks=picks, salt=st.text(max_size=20))
def test_counts_differ_by_at_most_one(ids, picks, salt):
    dealt = deal(ids, picks, salt)

    counts = Counter(dealt)
    sizes = [counts[pick] for pick in range(picks)]
    assert len(dealt) == len(ids)
    assert sum(sizes) == len(ids)
    assert max(sizes) - min(sizes) <= 1


@given(ids=ids, picks=picks, salt=st.text(max_size=20), data=st.data())
def test_the_order_of_the_ids_does_not_matter(ids, picks, salt, data):
    shuffled = data.draw(st.permutations(ids))

    before = dict(zip(ids, deal(ids, picks, salt), strict=True))
    after = dict(zip(shuffled, deal(shuffled, picks, salt), strict=True))

    assert before == after


def test_another_salt_deals_differently():
    ids = [f"c{number}" for number in range(300)]

    same = sum(one == two for one, two in zip(deal(ids, 3, "run-1"), deal(ids, 3, "run-2"), strict=True))

    assert same < 150


def test_neighbouring_ids_do_not_share_a_pick():
    dealt = deal([f"c{number:05}" for number in range(3000)], 3, "run")

    same = sum(one == two for one, two in pairwise(dealt))

    assert 800 < same < 1200


def test_the_dealing_is_the_same_for_ever():
    # Written down: a delivery that goes on after an upgrade must not deal people anew.
    assert deal(["c1", "c2", "c3", "c4", "c5", "c6"], 3, "run") == [1, 0, 0, 1, 2, 2]


def test_an_id_that_comes_twice_is_refused():
    with pytest.raises(ValueError, match="comes twice"):
        deal(["a", "b", "a"], 2, "run")


def test_no_picks_is_refused():
    with pytest.raises(ValueError, match="at least one pick"):
        deal(["a"], 0, "run")


def test_no_recipients_need_no_picks():
    assert deal([], 3, "run") == []
