"""How often one person may have words looked at while they type: no more than anybody's fingers come to."""

import time
from collections import deque
from threading import Lock

A_MINUTE = 240
"""Texts that one person may look at: a page that asks 250 ms after a key never comes to more."""
_CHARACTERS = 4_000
"""So many are one text; a second of work is twenty thousand of the worst."""


class Turns:
    """Who has asked when, within this process."""

    def __init__(self) -> None:
        self._asked: dict[str, deque[float]] = {}
        self._alone = Lock()

    def has(self, person: str, characters: int = 0) -> bool:
        """Whether this person may ask now for so much text; it counts as having asked, for as many texts as it is."""
        texts, now = 1 + characters // _CHARACTERS, time.monotonic()
        with self._alone:
            asked = self._asked.setdefault(person, deque(maxlen=A_MINUTE))
            while asked and asked[0] <= now - 60:
                asked.popleft()
            # Whoever has asked for nothing yet gets what they ask for, however much it is.
            if asked and len(asked) + texts > A_MINUTE:
                return False
            asked.extend([now] * min(texts, A_MINUTE))
            return True
