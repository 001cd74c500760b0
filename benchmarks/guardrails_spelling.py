"""Measures how often spelling and grammar fire on honest texts, and how many planted slips spelling finds.

    python -m benchmarks.guardrails_spelling [DATA]

DATA (default ../shared/data) holds `clickbait_headlines` and `facebook_ads_text` (labels 0 and 1). Half of the texts,
by their hash, was looked at while the rules were written; the other half is reported. It was looked at once: that a
capitalised word of fewer than seven letters may be a name was learnt there, and took 0.80 % of the advertisements to
0.64 %. What fires is printed with `--show`; some of it is a real slip, and nobody labelled which. A planted slip is a
letter dropped, doubled, changed or turned in one common word of six letters or more of a headline in small letters.
"""

import argparse
import csv
import hashlib
import json
import random
import time
from collections.abc import Sequence
from pathlib import Path

from policies import check_texts, load_policies
from presscheck.matching.sentences import words
from presscheck.matching.spelling import misspellings, suggestions


def measure(data: Path, *, show: bool = False) -> dict[str, float]:
    """Shares by what was measured."""
    with (data / "clickbait_headlines/headlines.csv").open(encoding="utf-8", newline="") as file:
        headlines = unseen([row["headline"] for row in csv.DictReader(file)])
    lines = (data / "facebook_ads_text/ads.jsonl").read_text("utf-8").split("\n")
    ads = unseen([row["text"] for row in map(json.loads, filter(None, lines)) if str(row["label"]) in "01"])
    grammar = load_policies().narrowed("style.grammar")
    found: dict[str, float] = {}
    for name, texts in (("headlines", headlines), ("advertisements", ads)):
        misspellings("warm", "en")
        started = time.perf_counter()
        slips = [[span.of(text) for span in misspellings(text, "en")] for text in texts]
        seconds = time.perf_counter() - started
        found[f"spelling, {name}"] = share = sum(map(bool, slips)) / len(texts)
        print(f"spelling fires on {share:.2%} of {len(texts):,} {name}; {len(texts) / seconds:,.0f} texts a second")
        faults = [*check_texts(texts, policies=grammar, many=True)]
        found[f"grammar, {name}"] = share = sum(map(bool, faults)) / len(texts)
        print(f"grammar fires on {share:.2%} of them")
        if show:
            print("  ", sorted({word for several in slips for word in several}))
            print("  ", sorted({(fault.text, fault.suggestion) for several in faults for fault in several}))
    planted = [slip for slip in map(plant, headlines[:3_000], range(3_000)) if slip is not None]
    hits = [word in (span.of(text) for span in misspellings(text, "en")) for text, word in planted]
    found["planted slips"] = sum(hits) / len(hits)
    print(f"spelling finds {found['planted slips']:.1%} of {len(hits):,} planted slips")
    return found


def unseen(texts: Sequence[str]) -> list[str]:
    return [text for text in dict.fromkeys(texts) if hashlib.sha256(text.encode()).digest()[0] % 2]


def plant(headline: str, seed: int) -> tuple[str, str] | None:
    """A headline in small letters with a slip, and the word that has it; None where no word is long enough."""
    dice = random.Random(seed)
    text = f"{headline.lower()} and more."
    known = [span for span in words(text) if len(span.of(text)) > 5 and span.of(text).isalpha()]
    common = [span for span in known if span.of(text) in suggestions(span.of(text), "en", 1)]
    if not common:
        return None
    chosen = dice.choice(common)
    word = chosen.of(text)
    at = dice.randrange(1, len(word) - 1)
    slip = dice.choice(
        (
            word[:at] + word[at + 1 :],
            word[: at + 1] + word[at:],
            word[:at] + dice.choice("aeiourstn") + word[at + 1 :],
            word[:at] + word[at + 1] + word[at] + word[at + 2 :],
        )
    )
    # A slip that is itself a word, such as "form" for "from", is none that a dictionary can tell.
    if not misspellings(f"{slip} it is here", "en", strict=True):
        return None
    return text[: chosen.start] + slip + text[chosen.end :], slip


if __name__ == "__main__":
    parser = argparse.ArgumentParser(description=__doc__.splitlines()[0])
    parser.add_argument("data", type=Path, nargs="?", default=Path("../shared/data"))
    parser.add_argument("--show", action="store_true", help="print what fires")
    options = parser.parse_args()
    measure(options.data, show=options.show)
