"""A process that fetches one SELECT's rows from one database into one Parquet file, and ends.

Started by `databases`. Reads its order as JSON from standard input and says, a line of JSON each: `progress`
while it goes on; then `columns`, or `faults` (line, message), or `down`. It ends itself when its time is over,
also if whoever started it is gone.
"""

import json
import resource
import signal
import sys
from pathlib import Path
from typing import Any

from presscheck.screening import landing_postgresql, landing_sqlite
from presscheck.screening.landing import Down, Wrong, say

_MEMORY = 3 << 30


def fetch(order: dict[str, Any]) -> dict[str, Any]:
    """Do what the order says; what to answer."""
    dialect = landing_sqlite if order["dialect"] == "sqlite" else landing_postgresql
    if order["task"] == "look":
        return dialect.look(order)
    landing = dialect.land(order)
    landing.close()
    return {"columns": list(landing.columns), "rows": landing.rows}


def scrubbed(text: str, secret: str) -> str:
    """A database's words in one line, without the password."""
    # Before the blanks are folded: a password may hold several.
    hidden = text.replace(secret, "•••") if secret else text
    return " ".join(hidden.split())


def answer_to(order: dict[str, Any]) -> dict[str, Any]:
    """Do what the order says and answer, whatever goes wrong; a file that is not whole is gone then."""
    try:
        answer = fetch(order)
    except Wrong as wrong:
        answer = {"faults": [[line, scrubbed(said, order["password"])] for line, said in wrong.faults]}
    except Down as down:
        answer = {"down": scrubbed(str(down), order["password"])}
    except MemoryError:
        answer = {"down": "gave more at once than there is memory for; select fewer columns"}
    except Exception as broken:  # noqa: BLE001 - told to whoever started this; the words could hold rows.
        answer = {"down": f"could not be read: {type(broken).__name__} in Presscheck's own code; please report it"}
    if "out" in order and "columns" not in answer:
        Path(order["out"]).unlink(missing_ok=True)
    return answer


def main() -> None:
    """Read the order, do it within its limits, say what came of it."""
    order: dict[str, Any] = json.loads(sys.stdin.buffer.read())
    signal.setitimer(signal.ITIMER_REAL, float(order["seconds"]) + 1)
    resource.setrlimit(resource.RLIMIT_DATA, (_MEMORY, _MEMORY))
    # A core file would hold the password and people's addresses.
    resource.setrlimit(resource.RLIMIT_CORE, (0, 0))
    say(**answer_to(order))


if __name__ == "__main__":
    main()
