"""Whoever is on the suppression list is known by a hash from the moment the list is read."""

from pathlib import Path

from presscheck.addresses import address_hash
from presscheck.errors import SegmentError
from presscheck.recipients.stop_lists import read_stop_list


def load_suppressions(path: Path) -> frozenset[str]:
    """The address hashes of a CSV file with one column `address` or `email`.

    Raises SegmentError with every fault: a list that can be read only in part would let
    people through who said stop. A file with a header and no rows is an empty list.
    """
    return frozenset(map(address_hash, read_stop_list(path, SegmentError)))
