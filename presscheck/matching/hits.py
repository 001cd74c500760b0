"""What a matcher hands back: where in the original text something was found."""

from typing import NamedTuple


class Hit(NamedTuple):
    """One match in the original text."""

    start: int
    end: int
    """Exclusive."""
    index: int
    """Which of the matcher's phrases or patterns, in the order they were given."""
