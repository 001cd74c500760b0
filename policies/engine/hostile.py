"""What text from outside must not carry to a machine that writes: orders to it, and words that nobody sees.

    suspicions({"name": ..., "brand": ...}, policies=policies, as_of=day)      # by field, what is found
    parted = part_rows({"name": [...], "brand": [...]}, policies=policies, as_of=day)
    parted.clean, parted.quarantined

What is looked for are the guardrails of the family `injection` that are in force, and nothing of our own: a project
changes it as it changes every rule. A text is read as it stands, as it is once cleaned, as a page would show it, and
without letters set apart or figures for letters.
"""

import html
import re
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass
from datetime import date
from functools import lru_cache

from policies.engine.policy_set import PolicySet
from policies.engine.verdicts import check_texts
from presscheck.cleaning import clean_text
from presscheck.matching import normalise
from presscheck.models import Finding

FAMILY = "injection"
_GAP = re.compile(r"</?(?:br|p|div|li|[uo]l|t[drh]|h[1-6]|hr|section|article|blockquote|pre)\b[^<>]*>", re.IGNORECASE)
_TAG = re.compile(r"<!--(?:(?!<!--).)*?-->|</?[A-Za-z][^<>]*>", re.DOTALL)

Suspicions = Mapping[str, tuple[Finding, ...]]
"""By field what is found in it; a field without findings is not there."""


@dataclass(frozen=True)
class Parted:
    """A table's rows by their numbers from 0: each is in one of the two, and none is dropped."""

    clean: tuple[int, ...]
    quarantined: Mapping[int, Suspicions]


def suspicions(texts: Mapping[str, str], *, policies: PolicySet, as_of: date) -> Suspicions:
    """What is found in each text, by its name, in their order."""
    parted = part_rows({name: [text] for name, text in texts.items()}, policies=policies, as_of=as_of)
    return parted.quarantined.get(0, {})


def part_rows(columns: Mapping[str, Sequence[str]], *, policies: PolicySet, as_of: date) -> Parted:
    """Part the rows of a table of texts into clean ones and those to be quarantined, with the reasons.

    A text that stands in many rows, such as a brand, is judged once. ValueError for columns of several lengths.
    """
    lengths = {len(column) for column in columns.values()}
    if len(lengths) > 1:
        raise ValueError(f"the columns have {sorted(lengths)} rows; each row has a text in every column")
    found: dict[int, dict[str, tuple[Finding, ...]]] = {}
    for name, column in columns.items():
        suspicious = _suspicious([*dict.fromkeys(column)], policies, as_of)
        for row, text in enumerate(column) if suspicious else ():
            if text in suspicious:
                found.setdefault(row, {})[name] = suspicious[text]
    return Parted(tuple(row for row in range(max(lengths, default=0)) if row not in found), found)


def rules_of(found: Suspicions) -> tuple[str, ...]:
    """The rules that found something, each once."""
    return tuple(sorted({one.rule for findings in found.values() for one in findings}))


def _suspicious(texts: Sequence[str], policies: PolicySet, as_of: date) -> dict[str, tuple[Finding, ...]]:
    hostile = _hostile(policies)
    found: dict[str, tuple[Finding, ...]] = {}
    told = [(text, form) for text in texts for form in _forms(text)]
    judged = check_texts((form for _, form in told), policies=hostile, as_of=as_of)
    for (text, form), findings in zip(told, judged, strict=True):
        # A note is for information, and whoever reads a feed is not there.
        grave = tuple(one for one in findings if one.level != "note")
        if grave and text not in found:
            # Places are those of the text as it stands; of another form of it the words alone are told.
            found[text] = grave if form == text else tuple(one.model_copy(update={"span": None}) for one in grave)
    return found


def _forms(text: str) -> Iterator[str]:
    if not text:
        return
    yield text
    plain = clean_text(text)
    # Feeds escape for the web, at times twice, and a machine reads what is meant.
    shown = clean_text(html.unescape(html.unescape(plain)))
    # Of `ig<b></b>nore<br>this` a page shows two words: most tags leave nothing where they stood, some a gap.
    untagged = (_TAG.sub("", _GAP.sub(" ", shown)), _TAG.sub(" ", shown)) if "<" in shown else ()
    undisguised = (reading.text for reading in normalise(shown).plain)
    yield from dict.fromkeys(form for form in (plain, shown, *untagged, *undisguised) if form not in ("", text))


@lru_cache(maxsize=8)
def _hostile(policies: PolicySet) -> PolicySet:
    return policies.narrowed(FAMILY)
