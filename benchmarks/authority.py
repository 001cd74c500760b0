"""How long one decision takes: a right asked of Cedar and the tier looked up, against the obvious alternatives.

    python benchmarks/authority.py [--questions 2000]

Every question is a new one (reach and spend differ), so that nothing comes from what was answered before. The
alternatives get the same questions in the same run, alternating: Cedar as its documentation begins, with the
policies as text parsed for each question, and the table of rights read once into a dictionary of roles and
actions, which is what a program without a policy language does (and which knows no markets, amounts or reasons).
"""

import argparse
import json
import statistics
import sys
import time
from collections.abc import Callable
from pathlib import Path

sys.path.insert(0, str(Path(__file__).resolve().parents[1]))

import cedarpy

from policies import Asking, Facts, Matter, PolicySet, load_policies
from policies.engine.rights import entities

Ask = Callable[[int], object]


def main() -> None:
    arguments = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    arguments.add_argument("--questions", type=int, default=2_000, help="how many of each; 2,000")
    questions: int = arguments.parse_args().questions
    policies = load_policies()
    assert policies.rights.decide(_asking(1)).allowed
    text = "\n".join(right.text for right in policies.rights.rights)
    table = {("brand_lead", "approve_copy")}
    ways: dict[str, Ask] = {
        "a right and its tier, a new question": lambda at: (_row(policies, at), policies.rights.decide(_asking(at))),
        "  of it, the right": lambda at: policies.rights.decide(_asking(at)),
        "  of it, the tier": lambda at: _row(policies, at),
        "a right and its tier, asked before": lambda at: (_row(policies, 1), policies.rights.decide(_asking(1))),
        "Cedar with policies as text": lambda at: _as_text(text, at),
        "a dictionary of roles and actions": lambda at: ("brand_lead", "approve_copy") in table and _asking(at),
    }
    # Each way sees numbers of its own: what one way asked must not be remembered for another.
    taken = {name: [0.0] * questions for name in ways}
    used = {name: [0.0] * questions for name in ways}
    for at in range(questions):
        for way, (name, ask) in enumerate(ways.items()):
            number = 10 + at * len(ways) + way
            worked, begun = time.thread_time(), time.perf_counter()
            ask(number)
            taken[name][at] = time.perf_counter() - begun
            used[name][at] = time.thread_time() - worked
    print(f"{questions:,} questions each, alternating; {len(policies.rights.rights)} rights, milliseconds")
    print("of time on the clock, and of work of this process, which other work on the machine does not lengthen")
    print(f"{'':40}{'median':>9}{'p95':>9}{'p99':>9}{'work':>9}{'p95':>9}{'p99':>9}")
    for name in ways:
        cells = [cut for some in (taken, used) for cut in _cuts(some[name])]
        print(f"{name:40}" + "".join(f"{cell:9.3f}" for cell in cells))


def _cuts(seconds: list[float]) -> tuple[float, float, float]:
    cuts = statistics.quantiles([one * 1000 for one in seconds], n=100)
    return cuts[49], cuts[94], cuts[98]


def _asking(at: int) -> Asking:
    matter = Matter(
        tier="medium", gate="copy", channel="email", kinds=("copy",), reach=at, spend=at % 4_000,
        markets=("US", "CA"), collaboration="producer",
    )  # fmt: skip
    return Asking(
        action="approve_copy", person="P-1", role="brand_lead", markets=("US", "CA"), fresh=True, matter=matter
    )


def _row(policies: PolicySet, at: int) -> object:
    facts = Facts(
        gate="copy", channel="email", reach=at, spend=at % 4_000, markets=("US", "CA"), collaboration="producer"
    )
    return policies.tiers[0].row_for(facts)


def _as_text(text: str, at: int) -> object:
    request = {
        "principal": 'Person::"P-1"', "action": 'Action::"approve_copy"', "resource": 'Matter::"matter"', "context": {}
    }  # fmt: skip
    return cedarpy.is_authorized(request, text, json.dumps(entities(_asking(at))))


if __name__ == "__main__":
    main()
