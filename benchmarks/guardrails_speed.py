"""Measures how fast the whole set of guardrails reads, beside what else could: on one core, in one run.

    python -m benchmarks.guardrails_speed [DATA] [--seconds 3] [--presidio PYTHON]

DATA is a folder with `facebook_ads_text` and `sports_catalogue` as the sources publish them. Texts are of 60 to 120
words. Rates are of processor time, so that a busy machine changes them little; read the ratios all the same.
Presidio's pattern recognisers, without its model of names, take part where PYTHON is one that can import
`presidio_analyzer`: best in an environment of its own, because it asks for spaCy.
"""

import argparse
import csv
import json
import re
import subprocess
import sys
import time
from collections.abc import Callable, Sequence
from pathlib import Path

from policies import PolicySet, check_texts, load_policies
from policies.engine.compiled import Compiled
from policies.engine.wanted import wanted
from presscheck.matching import PhraseMatcher, normalise

HERE = Path(__file__).parents[1]


def main() -> None:
    parser = argparse.ArgumentParser(description=(__doc__ or "").splitlines()[0])
    parser.add_argument("data", type=Path, nargs="?", default=HERE.parent / "shared/data")
    parser.add_argument("--seconds", type=float, default=3.0, help="how long each is measured")
    parser.add_argument("--presidio", type=Path, help="a Python that has presidio-analyzer")
    options = parser.parse_args()
    policies = load_policies()
    terms = terms_of(policies)
    print(f"{len(policies.guardrails)} rules, {len(terms):,} terms, {patterns_of(policies)} patterns")
    started = time.process_time()
    compiled = Compiled(policies.guardrails)
    compiled.spots([normalise("A text.")], many=True)
    print(f"compiled from nothing in {time.process_time() - started:.2f} s")
    measure_kept(policies, compiled)
    ads = of_length(read_ads(options.data))
    plain = without_findings([*ads, *of_length(read_catalogue(options.data))], policies)
    print(f"{len(ads):,} real ads, {len(plain):,} texts in which nothing is found")

    def whole(texts: Sequence[str]) -> None:
        for _ in check_texts(texts, policies=policies, many=True):
            pass

    def bare(texts: Sequence[str]) -> None:
        for text in texts:
            compiled.scan(text)

    def one_search_a_term(texts: Sequence[str]) -> None:
        for text in texts:
            for one in searches:
                one.search(text)

    searches = [re.compile(rf"\b{re.escape(term.rstrip('*'))}\b", re.IGNORECASE) for term in terms]
    quiet = rate(whole, plain, options.seconds)
    loud = rate(whole, ads, options.seconds)
    scanned = rate(bare, ads, options.seconds)
    searched = rate(one_search_a_term, ads[:20], options.seconds)
    print(f"nothing found             {quiet:>10,.0f} texts/s (aim 20,000)")
    print(f"real ads                  {loud:>10,.0f} texts/s (aim 10,000)")
    print(f"the bare scan of the ads  {scanned:>10,.0f} texts/s, {scanned / loud:.1f} times as fast")
    print(f"one re search a term      {searched:>10,.1f} texts/s; ours is {loud / searched:,.0f} times as fast")
    if options.presidio is None:
        print("Presidio's recognisers    not asked for: --presidio PYTHON")
    else:
        recognised = presidio(options.presidio, ads[:100], options.seconds)
        print(f"Presidio's recognisers    {recognised:>10,.1f} texts/s; ours {loud / recognised:,.0f} times (aim 20)")
    few, many = (rate(phrases(terms, count), ads, options.seconds) for count in (500, 5_000))
    print(f"500 terms {few:,.0f} texts/s, 5,000 terms {many:,.0f} texts/s: {few / many:.2f} times the cost (aim 1.5)")
    print_imports()


def rate(read: Callable[[Sequence[str]], None], texts: Sequence[str], seconds: float) -> float:
    """Texts a second of processor time."""
    read(texts[:50])
    started, count = time.process_time(), 0
    while time.process_time() - started < seconds:
        read(texts)
        count += len(texts)
    return count / (time.process_time() - started)


def terms_of(policies: PolicySet) -> list[str]:
    """Every distinct word or phrase that a rule looks for."""
    wants = [want for rule in policies.guardrails for match in rule.match for want in wanted(match)]
    return sorted({phrase for want in wants for phrase in want.phrases})


def patterns_of(policies: PolicySet) -> int:
    return sum(len(want.patterns) for rule in policies.guardrails for match in rule.match for want in wanted(match))


def phrases(terms: Sequence[str], count: int) -> Callable[[Sequence[str]], None]:
    """A pass for so many terms: ours, and made-up ones of two words where there are not enough."""
    made = (f"{one} {other}" for one in terms for other in terms if one != other)
    some = [*terms, *(next(made) for _ in range(max(0, count - len(terms))))][:count]
    matcher = PhraseMatcher(some)

    def read(texts: Sequence[str]) -> None:
        for text in texts:
            matcher.find(normalise(text))

    return read


def measure_kept(policies: PolicySet, compiled: Compiled) -> None:
    kept = compiled.to_keep()
    if kept is None:
        print("hyperscan is not installed: RE2 alone reads, and nothing is kept")
        return
    started = time.process_time()
    again = Compiled(policies.guardrails)
    again.recall(kept)
    again.spots([normalise("A text.")], many=True)
    print(f"compiled from what was kept ({len(kept) / 1e6:.1f} MB) in {time.process_time() - started:.2f} s (aim 0.3)")


# Its recognisers of English that go by patterns, each asked about each text; nothing is fetched, no model loaded.
_PRESIDIO = """
import json, sys, time
import tldextract
tldextract.extract = tldextract.TLDExtract(suffix_list_urls=())
import presidio_analyzer.predefined_recognizers as known
from presidio_analyzer import PatternRecognizer
kinds = [getattr(known, name) for name in known.__all__]
patterns = [one for one in kinds if isinstance(one, type) and issubclass(one, PatternRecognizer)]
some = [made for made in (one() for one in patterns) if made.supported_language == "en"]
texts, seconds = json.load(sys.stdin)
started, count = time.process_time(), 0
while time.process_time() - started < seconds:
    for text in texts:
        for one in some:
            one.analyze(text, one.supported_entities)
    count += len(texts)
print(count / (time.process_time() - started))
"""


def presidio(python: Path, texts: Sequence[str], seconds: float) -> float:
    """Texts a second of processor time of Presidio's pattern recognisers."""
    asked = json.dumps([texts, seconds])
    told = subprocess.run([python, "-c", _PRESIDIO], input=asked, capture_output=True, text=True, check=True)
    return float(told.stdout)


def read_ads(data: Path) -> list[str]:
    rows = (json.loads(line) for line in (data / "facebook_ads_text/ads.jsonl").read_text("utf-8").split("\n") if line)
    return [row["text"] for row in rows if str(row["label"]) in ("0", "1")]


def read_catalogue(data: Path) -> list[str]:
    with (data / "sports_catalogue/products.csv").open(encoding="utf-8", newline="") as file:
        return [row["description"] for row in csv.DictReader(file)]


def of_length(texts: Sequence[str]) -> list[str]:
    return [text for text in texts if 60 <= len(text.split()) <= 120]


def without_findings(texts: Sequence[str], policies: PolicySet) -> list[str]:
    return [
        text for text, found in zip(texts, check_texts(texts, policies=policies, many=True), strict=True) if not found
    ]


def print_imports() -> None:
    """What `presscheck --help` loads of it: nothing."""
    code = "import sys, presscheck.cli.root; print(sum(n.split('.')[0] in ('hyperscan', 're2') for n in sys.modules))"
    told = subprocess.run([sys.executable, "-c", code], capture_output=True, text=True, check=True)
    print(f"modules of the matchers that presscheck --help loads: {told.stdout.strip()}")


if __name__ == "__main__":
    main()
