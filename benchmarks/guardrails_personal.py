"""Measures what is found of personal data, span by span, and what is reported where there is none.

    python -m benchmarks.guardrails_personal [DATA]

DATA is a folder with `presidio_pii_sentences` (people who do not exist, in templated sentences, each span labelled)
and `facebook_ads_text` (real advertisements, for the time and for a look at what is found there). A labelled span is
found where a piece of its kind overlaps it; a piece is wrong where it overlaps no label of its kind, unless the
label is of something that holds one: an e-mail address has a host. Shares come with a 95 % Wilson interval.
"""

import argparse
import json
import math
import time
from collections import Counter
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from presscheck.matching import Personal, PersonalKind, links, normalise, personal_data

DATA = Path(__file__).resolve().parents[1] / ".." / "shared" / "data"

LABELS: dict[str, frozenset[PersonalKind]] = {
    "EMAIL_ADDRESS": frozenset(["email"]),
    "PHONE_NUMBER": frozenset(["phone"]),
    "CREDIT_CARD": frozenset(["card"]),
    "IBAN_CODE": frozenset(["iban"]),
    "US_SSN": frozenset(["ssn"]),
    "IP_ADDRESS": frozenset(["ip-address"]),
    "DOMAIN_NAME": frozenset(["url", "token-url"]),
}
HOLDS: dict[PersonalKind, frozenset[str]] = {
    "url": frozenset(["EMAIL_ADDRESS"]),
    "ip-address": frozenset(["DOMAIN_NAME"]),
    "email": frozenset(["DOMAIN_NAME"]),
}


@dataclass(frozen=True)
class Row:
    """One label, or a kind that the data has no label for, with what was found of it."""

    label: str
    spans: int
    found: int
    reported: int
    right: int


def main() -> None:
    parser = argparse.ArgumentParser(description="Measures what is found of personal data.")
    parser.add_argument("data", type=Path, nargs="?", default=DATA)
    data: Path = parser.parse_args().data
    for row in measure(data):
        recall, precision = share(row.found, row.spans), share(row.right, row.reported)
        print(f"{row.label:14} {row.spans:4} spans  recall {recall}  precision {precision}")
    measure_advertisements(data)


def measure(data: Path) -> list[Row]:
    """A row for each label, in the order of LABELS, and for each kind without one that was reported."""
    spans: Counter[str] = Counter()
    found: Counter[str] = Counter()
    reported: Counter[str] = Counter()
    right: Counter[str] = Counter()
    for row in read_lines(data / "presidio_pii_sentences/pii.jsonl"):
        pieces = personal_data(row["text"])
        labelled = [(s["entity_type"], s["start_position"], s["end_position"]) for s in row["spans"]]
        for label, start, end in labelled:
            if label in LABELS:
                spans[label] += 1
                found[label] += any(p.kind in LABELS[label] and p.start < end and start < p.end for p in pieces)
        for piece in pieces:
            label = label_of(piece)
            reported[label] += 1
            allowed = {label, *HOLDS.get(piece.kind, ())}
            right[label] += any(
                one in allowed and piece.start < end and start < piece.end for one, start, end in labelled
            )
    others = sorted(set(reported) - set(LABELS))
    return [Row(label, spans[label], found[label], reported[label], right[label]) for label in (*LABELS, *others)]


def label_of(piece: Personal) -> str:
    return next((label for label, kinds in LABELS.items() if piece.kind in kinds), piece.kind)


def measure_advertisements(data: Path) -> None:
    """How many real advertisements hold each kind, most of which are the advertiser's own, and what that costs."""
    ads = [row["text"] for row in read_lines(data / "facebook_ads_text/ads.jsonl")]
    texts = Counter(kind for text in ads for kind in {piece.kind for piece in personal_data(text)})
    print(f"advertisements: {len(ads):,}, with " + ", ".join(f"{kind} {many}" for kind, many in texts.most_common()))
    plain = ["".join(filter(lambda one: one not in "@.0123456789", text)) for text in ads if text.isascii()]
    digits = [text for text in ads if any(map(str.isdigit, text))]
    for name, some in (("ASCII without digits, dots, @", plain), ("any", ads), ("with digits", digits)):
        all_of_it, reading = microseconds(some), microseconds(some, search=False)
        print(f"{name:30} {all_of_it:5.1f} us a text, of which {reading:.1f} for undoing disguise")


def microseconds(texts: list[str], *, search: bool = True) -> float:
    """The best of three rounds; every text is new to what keeps readings and links."""
    rounds: list[float] = []
    for _ in range(3):
        normalise.cache_clear()
        links.cache_clear()
        started = time.process_time()
        for text in texts:
            if search:
                personal_data(text)
            else:
                normalise(text)
        rounds.append(time.process_time() - started)
    return min(rounds) / len(texts) * 1e6


def share(count: int, total: int) -> str:
    """A share with its 95 % Wilson score interval (Wilson, 1927)."""
    if not total:
        return "      none      "
    p, z = count / total, 1.959964
    middle = (p + z * z / (2 * total)) / (1 + z * z / total)
    half = z * math.sqrt(p * (1 - p) / total + z * z / (4 * total * total)) / (1 + z * z / total)
    return f"{p:.2f} ({max(0.0, middle - half):.2f} to {middle + half:.2f})"


def read_lines(path: Path) -> list[dict[str, Any]]:
    return [json.loads(line) for line in path.read_text("utf-8").split("\n") if line]


if __name__ == "__main__":
    main()
