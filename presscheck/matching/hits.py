"""What a matcher hands back: where in the original text something was found."""

from dataclasses import dataclass


@dataclass(frozen=True, order=True)
class Hit:
    """One match in the original text."""

    start: int
    end: int
    """Exclusive."""
    index: int
    """Which of the matcher's phrases or patterns, in the order they were given."""
