"""How often one person may have words looked at while they type: no more than anybody's fingers come to."""

import time
from collections import deque

A_MINUTE = 240
"""Texts that one person may look at: a page that asks 250 ms after a key never comes to more."""


class Turns:
    """Who has asked when, within this process."""

    def __init__(self) -> None:
        self._asked: dict[str, deque[float]] = {}

    def has(self, person: str) -> bool:
        """Whether this person may ask now; it counts as having asked."""
        asked = self._asked.setdefault(person, deque(maxlen=A_MINUTE))
        now = time.monotonic()
        if len(asked) == A_MINUTE and asked[0] > now - 60:
            return False
        asked.append(now)
        return True
