"""How much of style guides of Vale's becomes guardrails, what does not and why, and whether both find the same.

    python -m benchmarks.style_guides DIR...
    python -m benchmarks.style_guides DIR... --texts FILE      # a text a line, or JSON lines with "text"

A rule is taken whole, in part or not at all; a token is an item of `tokens`, `raw`, `swap` or `either`, or the one
thing that a rule of another kind counts, measures or asks for. `silent` are tokens that were taken and for which no
text was found that the rule fires on: what is said of the others was tried on the finished rule.

With --texts the expression that Vale makes of a rule (existence, substitution) is run over the texts by the package
`regex`, which knows look-arounds as Vale's does, and its places are compared with the guardrail's. Phrases are found
however they are disguised, and words in names_like_this are words to us: both are places that only we find.
"""

import argparse
import json
from collections import Counter
from collections.abc import Iterator
from datetime import date
from pathlib import Path
from time import perf_counter

from policies import Guardrail, PolicySet, check_texts
from presscheck.style_guides import Translated, Wishes, imported
from presscheck.style_guides.replacements import alternatives
from presscheck.style_guides.vale_keys import Keys, keys_of

Span = tuple[int, int]


def main() -> None:
    parser = argparse.ArgumentParser(description="How much of style guides of Vale's becomes guardrails.")
    parser.add_argument("folders", nargs="+", type=Path, metavar="DIR")
    parser.add_argument("--texts", type=Path, help="Compare what both find in these.")
    asked = parser.parse_args()
    texts = _texts(asked.texts) if asked.texts else []
    total: Counter[str] = Counter()
    reasons: Counter[str] = Counter()
    heads = ("RULES", "WHOLE", "PART", "NONE", "TOKENS", "TAKEN", "SILENT", "SECONDS")
    print(f"{'STYLE':<32}" + "".join(f"{head:>8}" for head in heads))
    for folder in asked.folders:
        began = perf_counter()
        guide = imported(folder, Wishes(as_of=date(2026, 1, 1)))
        seconds = perf_counter() - began
        for style in guide.styles:
            silent = sum(len(rule.silent) for rule in style.rules)
            row = (len(style.rules), *style.outcomes.values(), style.tokens, style.taken, silent)
            print(f"{style.name[:31]:<32}" + "".join(f"{one:>8,}" for one in row) + f"{seconds:>8.1f}")
            total.update(dict(zip(("rules", "whole", "part", "none", "tokens", "taken", "silent"), row, strict=True)))
            reasons.update(f"{rule.extends}: {left.reason}" for rule in style.rules for left in rule.left)
            for rule in style.rules if texts else ():
                total.update(_compared(rule, texts))
        for fault in guide.faults:
            print(f"  {fault}")
    rules = total["whole"] + total["part"]
    print(
        f"\n{rules} of {total['rules']} rules in whole or part ({rules / max(1, total['rules']):.1%}), "
        f"{total['taken']:,} of {total['tokens']:,} tokens ({total['taken'] / max(1, total['tokens']):.1%}), "
        f"{total['silent']} silent"
    )
    if texts:
        print(
            f"in {len(texts):,} texts: {total['both']:,} places found by both, {total['missed']} by Vale's expression "
            f"alone, {total['more']:,} by the guardrail alone"
        )
    print()
    for reason, many in reasons.most_common():
        print(f"{many:>5}  {reason}")


def _texts(path: Path) -> list[str]:
    lines = path.read_text("utf-8").splitlines()
    return [json.loads(line)["text"] if path.suffix == ".jsonl" else line for line in lines if line.strip()]


def _compared(rule: Translated, texts: list[str]) -> Counter[str]:
    """How many places both find, and each alone; of other kinds of rules, or where `regex` cannot, none."""
    keys = keys_of(rule.file)
    counted: Counter[str] = Counter()
    if (
        rule.document is None
        or rule.left
        or not isinstance(keys, Keys)
        or rule.extends not in ("existence", "substitution")
    ):
        return counted
    guardrail = Guardrail.model_validate(rule.document)
    field = "body" if guardrail.fields == "all" else guardrail.fields[0]
    for text, findings in zip(
        texts, check_texts(texts, policies=PolicySet((guardrail,), ()), field=field), strict=True
    ):
        ours = [finding.span for finding in findings if finding.span]
        theirs = list(_vale(keys, text))
        # A rule of ours tells twenty places of a text at most.
        if len(ours) < 20:
            counted["missed"] += sum(not _met(one, ours) for one in theirs)
        counted["both"] += sum(_met(one, theirs) for one in ours)
        counted["more"] += sum(not _met(one, theirs) for one in ours)
    return counted


def _vale(keys: Keys, text: str) -> Iterator[Span]:
    """What Vale's own expression finds (vale/internal/check, existence.go and substitution.go)."""
    import regex

    raw = "".join(one.text for one in keys.each("raw"))
    pairs = sorted(keys.pairs("swap"), key=lambda pair: -len(pair[0].text))
    tokens = [one.text for one in keys.each("tokens")] or [f"(?:{key.text})" for key, _ in pairs]
    joined = f"(?:{'|'.join(tokens)})" if tokens else ""
    joined = rf"\b{joined}\b" if tokens and not keys.yes("nonword") else joined
    case = "(?i)" if keys.yes("ignorecase") else ""
    right = {key.text: alternatives(value) for key, value in pairs}
    lets = "|".join(f"(?-i:{one.text})" for one in keys.each("exceptions"))
    try:
        found = regex.compile(f"{case}(?m){joined + raw if keys.yes('append') else raw + joined}").finditer(text)
        let = regex.compile(rf"\b(?:{lets})\b") if lets else None
    except regex.error:
        return
    for match in found:
        words = match[0].strip()
        same = any(words in some for key, some in right.items() if regex.fullmatch(case + key, words))
        if words and not same and not (let and let.search(words)):
            yield match.span()


def _met(one: Span, others: list[Span]) -> bool:
    return any(one[0] < other[1] and other[0] < one[1] for other in others)


if __name__ == "__main__":
    main()
