"""One thing that `presscheck doctor` looked at."""

from dataclasses import dataclass
from typing import Literal

State = Literal["ok", "missing", "note"]


@dataclass(frozen=True)
class Look:
    """One thing looked at. `missing` keeps Presscheck from working; a `note` does not."""

    what: str
    state: State
    found: str
    mend: str = ""
