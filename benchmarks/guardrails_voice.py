"""Measures how well a voice learnt from one brand tells its texts from another brand's.

    python -m benchmarks.guardrails_voice [DATA]

DATA (default ../shared/data) holds `sports_catalogue`: the shop descriptions of two brands. A voice is learnt from N
descriptions of one brand and scores the rest of that brand's and all of the other's; AUC is the share of pairs in
which the own brand's text scores higher. Descriptions that share seven words in a row form one group, and no group is
on both sides; of a group only one text is an exemplar, and one is scored. Names are masked: every word of a product's
name that is not an ordinary word of English, and the brands and their technologies. "Strictly masked" takes out every
word that stands in any product's name, ordinary or not, as if it had not been written; "without topic" leaves of each
word that is not a function word only its length and ending, so that no topic can be told. The last lines say what
carries the score: each group of features alone. Half of the groups was seen while the score was built, and every
choice was made on it; the other half is reported. Its figures were read twice before, and the first of them (0.87 for
adidas) was the reason to look for a sixth group of features, so they are a little better than those of a brand that
nobody has seen.
"""

import csv
import hashlib
import random
import re
import sys
from collections.abc import Callable, Sequence
from dataclasses import replace
from pathlib import Path
from statistics import mean, quantiles

from spellchecker import SpellChecker

from presscheck.matching.style import FUNCTION_WORDS, ending, listed
from presscheck.matching.voice import GROUPS, Voice

BRANDS = ("nike", "adidas")
_TECHNOLOGIES = (
    "adidas nike nikecourt reebok jordan converse originals neo air boost react zoom max swoosh trefoil flyknit "
    "primeknit cloudfoam lunarlon flywire ortholite terrex climacool climalite bounce torsion continental"
)
_NO_NAMES = set(listed("the a an and or of in on at to for by with from is it as all ll we one our you your"))
_GAP = "□"
_GAPS = re.compile(r"(?:□[\s\-]*)+(?=□)")
_LETTERS = re.compile(r"[^\W\d_]+(?:['’][^\W\d_]+)*")
_WORD = re.compile(r"[^\W_]+(?:['’.\-][^\W_]+)*")
EXEMPLARS = (20, 50, 100)
REPEATS = 10


class Row:
    """One description, its brand and the group of its near-duplicates."""

    def __init__(self, text: str, brand: str) -> None:
        self.text, self.brand, self.group, self.half = text, brand, -1, -1


def measure(data: Path, seen_half: int = 0) -> dict[str, float]:
    """AUC by what was measured, such as "nike, 50 exemplars"; printed with its 95 % interval."""
    rows, names = read(data / "sports_catalogue/products.csv")
    any_name = re.compile(rf"(?<!\w)(?:{'|'.join(map(re.escape, names))})(?:['’]s)?(?!\w)", re.IGNORECASE)
    group(rows, any_name)
    unseen = [row for row in rows if row.half == seen_half ^ 1]
    found: dict[str, float] = {}
    counts = {brand: sum(row.brand == brand for row in unseen) for brand in BRANDS}
    print(f"unseen half: {counts} descriptions in {len({row.group for row in unseen})} groups")
    ordinary = SpellChecker("en").word_frequency.dictionary
    coined = [name for name in names if ordinary.get(name, 0) < 3000]
    masked = sorted({*coined, *_TECHNOLOGIES.split()})
    kinds: dict[str, tuple[Callable[[str], str], Sequence[str]]] = {
        "": (str, masked),
        ", strictly masked": (lambda text: without(text, any_name), ()),
        ", without topic": (without_topic, masked),
    }
    for kind, (prepare, hidden) in kinds.items():
        prepared = {row.text: prepare(row.text) for row in unseen}
        for brand in BRANDS:
            for exemplars in EXEMPLARS:
                trials = [trial(unseen, brand, exemplars, seed, prepared, hidden) for seed in range(REPEATS)]
                name = f"{brand}, {exemplars} exemplars{kind}"
                found[name] = print_auc(name, trials)
    for place, features in enumerate(GROUPS):
        for brand in BRANDS:
            texts = {row.text: row.text for row in unseen}
            trials = [trial(unseen, brand, 50, seed, texts, masked, only=place) for seed in range(REPEATS)]
            name = f"{brand}, 50 exemplars, {features} alone"
            found[name] = print_auc(name, trials)
    return found


Trial = tuple[list[int], list[int]]
"""Scores of the brand's own other texts and of the other brand's, one of each group."""


def trial(
    rows: Sequence[Row],
    brand: str,
    exemplars: int,
    seed: int,
    texts: dict[str, str],
    masked: Sequence[str],
    only: int | None = None,
) -> Trial:
    dice = random.Random(seed)
    groups = sorted({row.group for row in rows if row.brand == brand})
    dice.shuffle(groups)
    taken = set(groups[:exemplars])
    chosen = [dice.choice([row for row in rows if row.group == one and row.brand == brand]) for one in sorted(taken)]
    voice = Voice.learn([texts[row.text] for row in chosen], masked)
    if only is not None:
        voice = replace(voice, weights=tuple(float(place == only) for place in range(len(GROUPS))))
    one_of_each: dict[tuple[str, int], Row] = {}
    for row in dice.sample(rows, len(rows)):
        if row.group not in taken:
            one_of_each.setdefault((row.brand, row.group), row)
    own, other = (
        [voice.score(texts[row.text]).score for row in one_of_each.values() if (row.brand == brand) == mine]
        for mine in (True, False)
    )
    return own, other


def print_auc(name: str, trials: Sequence[Trial]) -> float:
    """The mean over the trials; its interval is a bootstrap over texts and trials."""
    dice = random.Random(0)
    value = mean(auc(own, other) for own, other in trials)
    drawn: list[float] = []
    for _ in range(300):
        own, other = dice.choice(trials)
        drawn.append(auc(dice.choices(own, k=len(own)), dice.choices(other, k=len(other))))
    cuts = quantiles(drawn, n=40)
    print(f"  {name:45} AUC {value:.3f} ({cuts[0]:.3f} to {cuts[-1]:.3f})", flush=True)
    return value


def auc(own: Sequence[float], other: Sequence[float]) -> float:
    """The share of pairs in which the own text scores higher; ties count half."""
    ranked = sorted([(score, 1) for score in own] + [(score, 0) for score in other])
    below = wins = 0.0
    place = 0
    while place < len(ranked):
        end = place
        while end < len(ranked) and ranked[end][0] == ranked[place][0]:
            end += 1
        tied_own = sum(mine for _, mine in ranked[place:end])
        tied_other = end - place - tied_own
        wins += tied_own * (below + tied_other / 2)
        below += tied_other
        place = end
    return wins / (len(own) * len(other))


def read(path: Path) -> tuple[list[Row], list[str]]:
    """Each different description once, and the words of all names of products."""
    names: set[str] = {
        "adidas",
        "nike",
        "reebok",
        "jordan",
        "converse",
        "neo",
        "originals",
        "nikecourt",
        "nike's",
        "adidas's",
    }
    rows: dict[str, Row] = {}
    with path.open(encoding="utf-8", newline="") as file:
        for row in csv.DictReader(file):
            names.update(re.findall(r"[^\W_]+", row["name"].lower()), _WORD.findall(row["name"].lower()))
            text = " ".join(row["description"].split())
            if len(text) >= 20:
                rows.setdefault(text, Row(text, "nike" if row["brand"] == "Nike" else "adidas"))
    kept = [name for name in names if len(name) > 1 and not name.isdigit() and name not in _NO_NAMES]
    return list(rows.values()), sorted(kept, key=lambda name: (-len(name), name))


def without(text: str, names: re.Pattern[str]) -> str:
    """The text as if no name stood in it."""
    return _GAPS.sub("", names.sub(_GAP, text)).replace(_GAP, "")


def without_topic(text: str) -> str:
    """Each word that is not a function word becomes x's that keep its length, capital and ending."""

    def blank(match: re.Match[str]) -> str:
        word = match.group()
        if word.lower().replace("’", "'") in FUNCTION_WORDS or not word[0].isalpha():
            return word
        end = ending(word.lower())[1:]
        head = "x" * (len(word) - len(end))
        return (head.capitalize() if word[0].isupper() else head) + end

    return _WORD.sub(blank, text)


def group(rows: Sequence[Row], names: re.Pattern[str]) -> None:
    """Gives rows that share seven words in a row, names aside, the same group, and each group its half.

    The half is told by the hash of the group's first text in the order of the alphabet.
    """
    parent = list(range(len(rows)))

    def root(place: int) -> int:
        while parent[place] != place:
            parent[place] = parent[parent[place]]
            place = parent[place]
        return place

    seen: dict[tuple[str, ...], int] = {}
    bare = [without(row.text, names) for row in rows]
    for place, text in enumerate(bare):
        words = _LETTERS.findall(text.lower())
        for start in range(max(1, len(words) - 6)):
            shared = tuple(words[start : start + 7])
            if shared in seen:
                parent[root(place)] = root(seen[shared])
            else:
                seen[shared] = place
    first: dict[int, str] = {}
    for place, row in enumerate(rows):
        row.group = root(place)
        first[row.group] = min(first.get(row.group, bare[place]), bare[place])
    for row in rows:
        row.half = hashlib.sha256(first[row.group].encode()).digest()[0] % 2


if __name__ == "__main__":
    measure(Path(sys.argv[1]) if len(sys.argv) > 1 else Path("../shared/data"))
