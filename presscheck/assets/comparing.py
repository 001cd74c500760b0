"""Changes made visible: two versions side by side, what went as del and what came as ins.

    differences(before, after)      # by the titles of the parts, of any kind of asset

Everything comes back as `Markup` that was escaped here: cleaned text, and our own two tags.
"""

import re
from collections.abc import Sequence
from dataclasses import dataclass

from markupsafe import Markup, escape
from rapidfuzz.distance import Indel

from presscheck.assets.signable import Shown, Signable
from presscheck.cleaning import clean_text
from presscheck.documents.sentences import counted

_WORDS = re.compile(r"\S+\s*|\s+")
# Some 25 MB and a tenth of a second; what is longer is shown as a whole that went and a whole that came.
_MOST_WORDS = 20_000


@dataclass(frozen=True)
class Change:
    """Two versions of one part, side by side and in one plain text."""

    before: Markup
    after: Markup
    plain: str


def differences(before: Signable, after: Signable) -> dict[str, Change]:
    """What differs between two versions, by the titles of their parts: words, numbers, rows and terms."""
    old, new = ({part.title: part for part in one.parts} for one in (before, after))
    nothing = Shown("", "", "")
    found: dict[str, Change] = {}
    for title in dict.fromkeys([*new, *old]):
        then, now = _said(old.get(title, nothing), new.get(title, nothing))
        if then != now:
            found[title] = Change(*beside(then, now), in_plain(then, now))
    return found


def changed(before: str, after: str) -> Markup:
    """`after` with what is new in <ins> and what went in <del>, word by word."""
    out = Markup("")
    for gone, come in _pieces(before, after):
        if gone == come:
            out += escape(come)
            continue
        if gone:
            out += Markup("<del>{}</del>").format(gone)
        if come:
            out += Markup("<ins>{}</ins>").format(come)
    return out


def beside(before: str, after: str) -> tuple[Markup, Markup]:
    """Two versions to stand side by side: what went in <del> in the first, what came in <ins> in the second."""
    old, new = Markup(""), Markup("")
    for gone, come in _pieces(before, after):
        if gone == come:
            old, new = old + escape(gone), new + escape(come)
            continue
        old += Markup("<del>{}</del>").format(gone) if gone else ""
        new += Markup("<ins>{}</ins>").format(come) if come else ""
    return old, new


def in_plain(before: str, after: str) -> str:
    """The same in one plain text: what went in `[-…-]`, what came in `{+…+}`, as wdiff writes it."""
    return "".join(
        come if gone == come else (f"[-{gone}-]" if gone else "") + (f"{{+{come}+}}" if come else "")
        for gone, come in _pieces(before, after)
    )


def _said(before: Shown, after: Shown) -> tuple[str, str]:
    """What a part and its other version say, with their terms: those are signed with the words."""
    if before.rows and after.rows and before.rows != after.rows:
        return _rows_said(before.rows, after.rows)
    then, now = (f"{one.text} ({one.terms})" if one.terms else one.text for one in (before, after))
    return then, now


def _rows_said(before: Sequence[Sequence[str]], after: Sequence[Sequence[str]]) -> tuple[str, str]:
    """The rows that differ, a line each; of those that are the same only how many there are."""
    (titles, *old), (new_titles, *new) = (["  |  ".join(row) for row in rows] for rows in (before, after))
    then, now = ([titles], [new_titles]) if titles != new_titles else ([], [])
    for one in Indel.opcodes(old, new):
        if one.tag == "equal":
            same = f"({counted(one.src_end - one.src_start, 'row')} as before)"
            then.append(same)
            now.append(same)
        then += old[one.src_start : one.src_end] if one.tag != "equal" else []
        now += new[one.dest_start : one.dest_end] if one.tag != "equal" else []
    return "\n".join(then), "\n".join(now)


def _pieces(before: str, after: str) -> list[tuple[str, str]]:
    """Both texts in pieces that belong together, word by word; equal where nothing changed."""
    old, new = _WORDS.findall(clean_text(before)), _WORDS.findall(clean_text(after))
    if len(old) + len(new) > _MOST_WORDS:
        return [("".join(old), "".join(new))]
    # Hyyrö's bit-parallel distance takes time by the product of the lengths over 64; difflib's is cubic at worst.
    pieces: list[tuple[str, str]] = []
    gone, come = "", ""
    for one in Indel.opcodes(old, new):
        before_, after_ = "".join(old[one.src_start : one.src_end]), "".join(new[one.dest_start : one.dest_end])
        if one.tag != "equal":
            gone, come = gone + before_, come + after_
            continue
        pieces += [(gone, come)] * bool(gone or come) + [(before_, after_)]
        gone, come = "", ""
    return pieces + [(gone, come)] * bool(gone or come)
