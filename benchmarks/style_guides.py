"""How much of style guides of Vale's becomes guardrails: rules and tokens by style, and what does not, with its reason.

    python -m benchmarks.style_guides DIR...

A rule is taken whole, in part or not at all; a token is an item of `tokens`, `raw`, `swap` or `either`, or the one
thing that a rule of another kind counts, measures or asks for. `silent` are tokens that were taken and for which no
text was found that the rule fires on: what is said of the others was tried on the finished rule.
"""

import sys
from collections import Counter
from datetime import date
from pathlib import Path
from time import perf_counter

from presscheck.style_guides import Wishes, imported


def main(folders: list[str]) -> None:
    if not folders:
        sys.exit("name one or several folders of Vale's rules")
    total: Counter[str] = Counter()
    reasons: Counter[str] = Counter()
    print(
        f"{'STYLE':<32}{'RULES':>6}{'WHOLE':>7}{'PART':>6}{'NONE':>6}{'TOKENS':>8}{'TAKEN':>8}{'SILENT':>8}{'SECONDS':>9}"
    )
    for folder in folders:
        began = perf_counter()
        guide = imported(Path(folder), Wishes(as_of=date(2026, 1, 1)))
        seconds = perf_counter() - began
        for style in guide.styles:
            silent = sum(len(rule.silent) for rule in style.rules)
            counts = dict(style.outcomes)
            print(
                f"{style.name[:31]:<32}{len(style.rules):>6}{counts['whole']:>7}{counts['part']:>6}{counts['none']:>6}"
                f"{style.tokens:>8,}{style.taken:>8,}{silent:>8}{seconds:>9.1f}"
            )
            total.update(counts)
            total.update(rules=len(style.rules), tokens=style.tokens, taken=style.taken, silent=silent)
            reasons.update(f"{rule.extends}: {left.reason}" for rule in style.rules for left in rule.left)
        for fault in guide.faults:
            print(f"  {fault}")
    rules = total["whole"] + total["part"]
    print(
        f"\n{rules} of {total['rules']} rules in whole or part ({rules / max(1, total['rules']):.1%}), "
        f"{total['taken']:,} of {total['tokens']:,} tokens ({total['taken'] / max(1, total['tokens']):.1%}), "
        f"{total['silent']} silent\n"
    )
    for reason, many in reasons.most_common():
        print(f"{many:>5}  {reason}")


if __name__ == "__main__":
    main(sys.argv[1:])
