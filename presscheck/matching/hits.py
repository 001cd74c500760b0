"""What a matcher hands back: where in the original text something was found."""

from typing import NamedTuple


class Hit(NamedTuple):
    """One match in the original text."""

    start: int
    end: int
    """Exclusive."""
    # Of a tuple, which a hit is because thousands are made, nobody asks for the place of a value.
    index: int  # pyright: ignore[reportIncompatibleMethodOverride]
    """Which of the matcher's phrases or patterns, in the order they were given."""
