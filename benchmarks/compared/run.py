"""The same campaign in other tools: really run, timed and attacked.

    python -m benchmarks.compared.run --with bare_prefect --python VENV/bin/python
    python -m benchmarks.compared.run --with airflow_hitl --python VENV/bin/python
    python -m benchmarks.compared.run --with langgraph --python VENV/bin/python
    python -m benchmarks.compared.run --page

Each run starts the tool's own services in a new folder under the system's temporary one, on loopback, and writes what
it saw into `results.json` beside this file; `--page` writes the tables of docs/compared.md from there. It takes 4 to 15
minutes. `--only NAME ...` tries these attacks again, or `times`, and changes their lines alone.
"""

import argparse
import json
import os
import statistics
import subprocess
import tempfile
import time
import traceback
from collections.abc import Sequence
from datetime import UTC, datetime
from pathlib import Path
from typing import Any

import httpx

from benchmarks.compared.airflow_side import Airflow
from benchmarks.compared.attacks import ATTACKS, Attack
from benchmarks.compared.langgraph_side import LangGraph
from benchmarks.compared.page import RESULTS, write_page
from benchmarks.compared.prefect_side import Prefect
from benchmarks.compared.rig import ANSWERS, Contender, Question

_BROKEN = (AssertionError, LookupError, OSError, ValueError, subprocess.SubprocessError, httpx.HTTPError)
CONTENDERS: dict[str, type[Contender]] = {kind.name: kind for kind in (Prefect, Airflow, LangGraph)}


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("--with", dest="contender", choices=CONTENDERS)
    parser.add_argument("--python", type=Path, help="the Python in which the tool is installed")
    parser.add_argument("--times", type=int, default=3, help="how often a try is measured (3)")
    parser.add_argument("--only", nargs="+", choices=["times", *(attack.name for attack in ATTACKS)])
    parser.add_argument("--page", action="store_true", help="write the tables of docs/compared.md from what was seen")
    asked = parser.parse_args()
    if asked.page:
        write_page()
        return
    if asked.contender is None or asked.python is None:
        parser.error("say --with and --python, or --page")
    # Not resolved: an environment's Python is a link, and it is the link that belongs to the environment.
    python, kind = asked.python.absolute(), CONTENDERS[asked.contender]
    load = [round(one, 1) for one in os.getloadavg()]
    seen: dict[str, Any] = json.loads(RESULTS.read_text())[kind.name] if asked.only else {}
    if not asked.only or "times" in asked.only:
        seen["date"] = str(datetime.now(UTC).date())
        seen["versions"] = kind(python, Path(tempfile.mkdtemp(prefix="compared-"))).versions()
        seen["times"] = _times(kind, python, asked.times, quick=False)
        seen["times_quick"] = _times(kind, python, asked.times, quick=True) if kind is Prefect else None
        seen["load"] = [load, [round(one, 1) for one in os.getloadavg()]]
    if attacks := [attack for attack in ATTACKS if not asked.only or attack.name in asked.only]:
        seen["attacks"] = {**seen.get("attacks", {}), **_attacks(kind, python, attacks)}
    known = json.loads(RESULTS.read_text()) if RESULTS.exists() else {}
    RESULTS.write_text(json.dumps({**known, kind.name: seen}, indent=1) + "\n")


def _times(kind: type[Contender], python: Path, times: int, *, quick: bool) -> dict[str, Any]:
    """Seconds: services up, an edit to the first question, its answer to the next, until other tasks are what runs."""
    seen: dict[str, list[float]] = {"load": [], "edit_to_question": [], "answer_to_question": []}
    began = time.monotonic()
    with kind(python, Path(tempfile.mkdtemp(prefix="compared-")), quick=quick) as on:
        up = time.monotonic() - began
        for at in range(times):
            run, words = f"try-{at}", f"Dry feet, try {at}"
            began = time.monotonic()
            on.try_edit(run, (on.other_words[0], f'f"{words}. {{shoes}}."'))
            first = on.settled(run)
            seen["edit_to_question"].append(time.monotonic() - began)
            assert isinstance(first, Question), first
            on.answer(run, ANSWERS[first.gate])
            began = time.monotonic()
            second = on.settled(run, but=first)
            seen["answer_to_question"].append(time.monotonic() - began)
            assert isinstance(second, Question), second
            assert words in second.text, second
            # The process that asked ends first: nobody edits in the second in which a question is asked.
            time.sleep(4)
            began = time.monotonic()
            on.load_other_tasks(at)
            seen["load"].append(time.monotonic() - began)
    medians = {what: round(statistics.median(each), 1) for what, each in seen.items()}
    print(kind.name, "quick" if quick else "as it comes", {"up": round(up, 1), **medians}, flush=True)
    each = {what: [round(one, 1) for one in all_of_it] for what, all_of_it in seen.items()}
    return {"up": round(up, 1), **medians, "each": each}


def _attacks(kind: type[Contender], python: Path, attacks: Sequence[Attack]) -> dict[str, Any]:
    seen: dict[str, Any] = {}
    with kind(python, Path(tempfile.mkdtemp(prefix="compared-"))) as on:
        for attack in attacks:
            if attack.needs_a_remedy and not on.closes_edited_words:
                continue
            try:
                on.load()
                outcome = attack.carry_out(on, attack.name.replace("_", "-"))
            except _BROKEN:
                # What did not run is in no table; the others are.
                traceback.print_exc()
                continue
            seen[attack.name] = {"got_through": outcome.got_through, "seen": outcome.seen, "how": outcome.how}
            print(kind.name, attack.name, "THROUGH" if outcome.got_through else "held", outcome.seen, flush=True)
    return seen


if __name__ == "__main__":
    main()
