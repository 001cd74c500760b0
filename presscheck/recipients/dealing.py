"""Picks are dealt to recipients evenly, and the same way every time.

Method: each id is hashed with the salt, the ids are ranked by hash, and the rank modulo the
number of picks is the pick. So the counts differ by at most one, the order in which the ids
come does not matter, and another salt (another campaign run) deals differently.

The rank depends on all ids: deal over the whole frozen audience and drop the suppressed
afterwards. Dealing over what is left would move people from one pick to another.
"""

import hashlib
from collections.abc import Sequence


def deal(ids: Sequence[str], picks: int, salt: str) -> list[int]:
    """The pick, from 0 to `picks - 1`, of each id, in the order of `ids`.

    Raises ValueError for fewer than one pick and for an id that comes twice. A million ids
    take some two seconds (benchmarks/audience.py).
    """
    if picks < 1:
        raise ValueError("there must be at least one pick to deal")
    # The salt's own digest is of fixed length, so no salt and id can run into each other.
    start = hashlib.sha256(salt.encode("utf-8", "surrogatepass")).digest()
    sha256 = hashlib.sha256
    keys = [sha256(start + id_.encode("utf-8", "surrogatepass")).digest() for id_ in ids]
    order = sorted(range(len(keys)), key=keys.__getitem__)
    dealt = [0] * len(keys)
    before = -1
    for rank, at in enumerate(order):
        if before >= 0 and keys[at] == keys[before]:
            raise ValueError("an id comes twice; deal over an audience whose ids are unique")
        dealt[at] = rank % picks
        before = at
    return dealt
