"""Measures the shipped guardrails on real texts: what they find, what they stop by mistake, how fast.

    python benchmarks/guardrails.py DATA [--show RULE]

DATA is a folder with `ec_dark_patterns`, `facebook_ads_text`, `presidio_pii_sentences`,
`prompt_injection_attacks` and `sms_spam_collection` as the sources publish them. Texts are judged
without a brief, so whatever a brief would allow counts against us here. Shares come with a 95 %
Wilson interval.
"""

import argparse
import csv
import json
import math
import time
from collections import Counter
from collections.abc import Callable, Sequence
from pathlib import Path

from policies import PolicySet, check_texts, load_policies
from presscheck.models import Finding

Rows = list[dict[str, str]]


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__.splitlines()[0])
    parser.add_argument("data", type=Path)
    parser.add_argument("--show", help="print the words on which this rule fires in the advertisements")
    parser.add_argument("--missed", action="store_true", help="print dark patterns that were not found")
    options = parser.parse_args()
    policies = load_policies()
    started, worked = time.perf_counter(), time.process_time()
    ads = [
        row["text"] for row in read_lines(options.data / "facebook_ads_text/ads.jsonl") if row["label"] in ("0", "1")
    ]
    found = judge(ads, policies)
    seconds, work = time.perf_counter() - started, time.process_time() - worked
    size = sum(map(len, ads))
    print(f"advertisements: {len(ads):,} texts, {size:,} characters, {seconds:.2f} s ({work:.2f} s of one core)")
    print_by_rule(found, len(ads))
    if options.show:
        for text, findings in zip(ads, found, strict=True):
            for finding in findings:
                if finding.rule == options.show:
                    print(f"  {finding.text!r:40} | {text[:110]!r}")
    measure_urgency(options.data, policies, missed=options.missed)
    measure_injection(options.data, policies)
    measure_personal_data(options.data, policies)
    measure_unseen(options.data, policies)


def judge(texts: Sequence[str], policies: PolicySet) -> list[tuple[Finding, ...]]:
    return list(check_texts(texts, policies=policies, markets=("US",)))


def print_by_rule(found: Sequence[tuple[Finding, ...]], total: int) -> None:
    texts: Counter[str] = Counter()
    for findings in found:
        texts.update({finding.rule for finding in findings if finding.level != "note"})
    for rule, count in texts.most_common():
        print(f"  {rule:36} fires on {share(count, total)}")
    stopped = sum(any(finding.level == "block" for finding in findings) for findings in found)
    print(f"  {'any block':36} fires on {share(stopped, total)}")


def measure_urgency(data: Path, policies: PolicySet, *, missed: bool) -> None:
    rows = read_table(data / "ec_dark_patterns/dark_patterns.csv")
    found = judge([row["text"] for row in rows], policies)
    fires = [any(f.rule.startswith("legal.no-") and f.level == "block" for f in findings) for findings in found]
    for category, total in Counter(row["pattern_category"] for row in rows).most_common():
        hits = [fire for row, fire in zip(rows, fires, strict=True) if row["pattern_category"] == category]
        print(f"dark patterns, {category:22} {share(sum(hits), total)}")
        if missed and category not in ("Obstruction", "Sneaking", "Forced Action"):
            for row, fire in zip(rows, fires, strict=True):
                if row["pattern_category"] == category and fire == (category == "Not Dark Pattern"):
                    print("    ", row["text"][:140])


def measure_injection(data: Path, policies: PolicySet) -> None:
    folder = data / "prompt_injection_attacks"

    def fires(row: dict[str, str], findings: tuple[Finding, ...]) -> bool:
        del row
        return any(finding.rule == "injection.instructions" for finding in findings)

    attacks = read_lines(folder / "attacks.jsonl")
    for kind in sorted({row["kind"] for row in attacks}):
        print_share(f"attacks, {kind}", [row for row in attacks if row["kind"] == kind], fires, policies)
    print_share("harmless documents", read_lines(folder / "benign_documents.jsonl"), fires, policies)


def measure_personal_data(data: Path, policies: PolicySet) -> None:
    """Spans of the kinds that have a form; names and places are not looked for."""
    rows = [
        json.loads(line) for line in (data / "presidio_pii_sentences/pii.jsonl").read_text("utf-8").split("\n") if line
    ]
    found = judge([row["text"] for row in rows], policies)
    kinds: Counter[str] = Counter()
    hits: Counter[str] = Counter()
    for row, findings in zip(rows, found, strict=True):
        spans = [f.span for f in findings if f.rule == "privacy.no-personal-data" and f.span]
        for span in row["spans"]:
            start, end = span["start_position"], span["end_position"]
            kinds[span["entity_type"]] += 1
            hits[span["entity_type"]] += any(s < end and start < e for s, e in spans)
    for kind in ("EMAIL_ADDRESS", "PHONE_NUMBER", "CREDIT_CARD", "IBAN_CODE", "US_SSN", "IP_ADDRESS"):
        if kinds[kind]:
            print(f"personal data, {kind:22} {share(hits[kind], kinds[kind])}")
    formed = {"EMAIL_ADDRESS", "PHONE_NUMBER", "CREDIT_CARD", "IBAN_CODE", "US_SSN", "IP_ADDRESS", "US_DRIVER_LICENSE"}
    clean = [
        any(f.rule == "privacy.no-personal-data" for f in findings)
        for row, findings in zip(rows, found, strict=True)
        if not any(span["entity_type"] in formed for span in row["spans"])
    ]
    print(f"personal data, texts without any of these {share(sum(clean), len(clean))}")


def measure_unseen(data: Path, policies: PolicySet) -> None:
    """Texts that nobody looked at while the rules were written: headlines and messages among friends."""
    headlines = [r["headline"] for r in read_table(data / "clickbait_headlines/headlines.csv") if r["clickbait"] == "0"]
    messages = [r["text"] for r in read_table(data / "sms_spam_collection/sms.csv") if r["label"] == "ham"]
    for name, texts in (("news headlines", headlines[:5_000]), ("private messages", messages)):
        print(f"{name}, which should stop nothing but rough words and shouting:")
        print_by_rule(judge(texts, policies), len(texts))


def print_share(
    name: str, rows: Rows, fires: Callable[[dict[str, str], tuple[Finding, ...]], bool], policies: PolicySet
) -> None:
    found = judge([row["text"] for row in rows], policies)
    print(f"{name:38} {share(sum(map(fires, rows, found)), len(rows))}")


def share(count: int, total: int) -> str:
    """A share with its 95 % Wilson score interval (Wilson, 1927)."""
    p, z = count / total, 1.959964
    middle = (p + z * z / (2 * total)) / (1 + z * z / total)
    half = z * math.sqrt(p * (1 - p) / total + z * z / (4 * total * total)) / (1 + z * z / total)
    low, high = 100 * max(0.0, middle - half), 100 * (middle + half)
    return f"{count:5} of {total:5} = {100 * p:5.1f} % ({low:.1f} to {high:.1f})"


def read_lines(path: Path) -> Rows:
    rows = [json.loads(line) for line in path.read_text("utf-8").split("\n") if line]
    return [{key: value if isinstance(value, str) else str(value) for key, value in row.items()} for row in rows]


def read_table(path: Path) -> Rows:
    with path.open(encoding="utf-8", newline="") as file:
        return list(csv.DictReader(file))


if __name__ == "__main__":
    main()
