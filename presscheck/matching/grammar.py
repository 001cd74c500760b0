"""Finds plain slips of English grammar: "a apple", "could of been", "its a", "they was".

Each is a pattern of RE2 with what to write instead, and holds only where the words around it leave no doubt; what can
be meant so ("one of you is", "plan A offers", "an historic") is in none of them. English only.
"""

from dataclasses import dataclass
from functools import lru_cache
from importlib import import_module
from typing import Any, cast

from presscheck.matching.normal import normalise
from presscheck.matching.patterns import PatternMatcher

# google-re2 has no type information; imported as a value it is plainly untyped, not partly.
_re2: Any = import_module("re2")


@dataclass(frozen=True)
class GrammarRule:
    """One slip: what it looks like and what is right."""

    name: str
    pattern: str
    """RE2; case is ignored unless it starts with `(?-i)` or `(?m-i)`."""
    replacement: str
    """What to write in place of the whole match; `\\1` is the first group."""


@dataclass(frozen=True)
class GrammarFault:
    """One slip in a text, `end` exclusive."""

    start: int
    end: int
    rule: str
    replacement: str


# Where a clause begins: "Each of you is" and "people like they are" are not meant.
_CLAUSE = r"(^|[.!?,;:]\s|\b(?:and|but|if|when|because|while|that|what|where)\s)"
_SENTENCE = r"(^|[.!?]\s)"

GRAMMAR = (
    GrammarRule(
        "a before a vowel",
        r"(?m-i)(^a|\sa|^A) ((?:a[a-z]{3,}|e[a-tvx-z][a-z]{2,}|i[a-z]{3,}|o[a-mo-tv-z][a-z]{2,}"
        r"|on(?:line|going|ion|board)|u(?:gly|mbrella|ncle|rgent|rban|ltimate|nder[a-z]+"
        r"|p(?:per|date|grade|coming|beat|lift|right)[a-z]*"
        r"|n(?:believable|usual|expected|limited|forgettable|known|happy|fair|likely|necessary|paid|matched|rivalled))"
        r"|h(?:our|onest|onou?r|eir)[a-z]*))\b",
        r"\1n \2",
    ),
    GrammarRule(
        "an before a consonant",
        r"(?m-i)(^a|\sa|^A)n ((?:[bcdfgjklmnpqrstvwyz]{1,3}[aeiou][a-z]{2,}"
        r"|h(?:a|e[a-hj-qs-z]|i[a-rt-z]|o[a-mo-tv-z]|u)[a-z]{2,}"
        r"|u(?:nique|niversal|niversity|niform|seful|ser|sual|nited|nit|nion|tility)[a-z]*|eu[a-z]{3,}|one|once))\b",
        r"\1 \2",
    ),
    GrammarRule("doubled mark", r",{2,}", ","),
    GrammarRule("doubled mark", r";{2,}", ";"),
    GrammarRule("doubled mark", r",([.;!?])", r"\1"),
    GrammarRule("doubled mark", r"([!?])\.(\s|$)", r"\1\2"),
    GrammarRule("doubled mark", r"([a-z])\.\.(\s|$)", r"\1.\2"),
    GrammarRule("space before a mark", r"([a-z])[ \t]+([,;])(\s)", r"\1\2\3"),
    GrammarRule(
        "of for have",
        r"\b(could|should|would|might|must) of (been|had|done|gone|made|seen|got|taken|known|thought|told|given|come"
        r"|said|bought|found|used|[a-z]{3,}ed)\b",
        r"\1 have \2",
    ),
    GrammarRule("it's for its", r"\b(it)['’](s own)\b", r"\1\2"),
    GrammarRule(
        "its for it's",
        r"\b(it)s ((?:a|an|the|not|been|going to|time to|easy to|hard to|what|why|how|because|all about|great to"
        r"|good to|nice to|about time)(?:\s|$))",
        r"\1's \2",
    ),
    GrammarRule("your for you're", r"\b(you)r (going to|gonna|not|the (?:best|one))\b", r"\1're \2"),
    GrammarRule("your for you're", r"\b(you)r (welcome[.!,])", r"\1're \2"),
    GrammarRule("you're for your", r"\b(you)['’]re (own|account|name|inbox|basket|cart)\b", r"\1r \2"),
    GrammarRule("there for their", r"\b(the)(?:re|y['’]re) own\b", r"\1ir own"),
    GrammarRule("their for there", r"\b(the)ir (is|are|was|were|will be)\b", r"\1re \2"),
    GrammarRule("whos for who's", r"\b(who)s (the|a|going|ready|with|coming|next)\b", r"\1's \2"),
    GrammarRule(
        "then for than",
        r"\b(more|less|better|rather|fewer|bigger|smaller|faster|cheaper|easier|greater|higher|lower|stronger|lighter"
        r"|softer) then (a|an|the|you|your|we|our|they|it|ever|any|that|this|just|most|others?)\b",
        r"\1 than \2",
    ),
    GrammarRule("was for were", rf"(?m){_CLAUSE}(they|we|you) was\b", r"\1\2 were"),
    GrammarRule("is for are", rf"(?m){_CLAUSE}(they|we|you) is\b", r"\1\2 are"),
    GrammarRule("has for have", rf"(?m){_CLAUSE}(they|we|you) has\b", r"\1\2 have"),
    GrammarRule("does for do", rf"(?m){_CLAUSE}(they|we|you) do(?:es)(n['’]t| not)\b", r"\1\2 do\3"),
    GrammarRule("do for does", rf"(?m){_SENTENCE}(he|she|it) do(n['’]t| not)\b", r"\1\2 does\3"),
    GrammarRule("have for has", rf"(?m){_SENTENCE}(he|she|it) have\b", r"\1\2 has"),
    GrammarRule("are for is", rf"(?m){_SENTENCE}(he|she|it|this|that) are\b", r"\1\2 is"),
    GrammarRule("is for are", rf"(?m){_SENTENCE}(these|those) is\b", r"\1\2 are"),
    GrammarRule("is for are", r"\b(there) is ((?:many|several|two|three) [a-z]+s)\b", r"\1 are \2"),
    GrammarRule("went for gone", r"\b(have|has|had) went\b", r"\1 gone"),
    GrammarRule("doubled comparison", r"\bmore (better|easier|faster|cheaper|stronger|bigger|smaller)\b", r"\1"),
    GrammarRule("one word", r"\b(a)(lot)\b", r"\1 \2"),
    GrammarRule("turned letters", r"\b(t)eh\b", r"\1he"),
    GrammarRule("turned letters", r"\b(a)dn\b", r"\1nd"),
    GrammarRule("turned letters", r"\b(th)ier\b", r"\1eir"),
    GrammarRule("loose for lose", r"\b(lo)o(se weight)\b", r"\1\2"),
    GrammarRule("no such word", r"\bir(regardless)\b", r"\1"),
)  # fmt: skip


def grammar_faults(text: str) -> tuple[GrammarFault, ...]:
    """Each slip of `text`, in order of place."""
    found: list[GrammarFault] = []
    for hit in _matcher().find(normalise(text)):
        written = text[hit.start : hit.end]
        # What only reads so without its disguise ("™" as letters) is no slip of grammar.
        if (right := _instead(hit.index, written)) != written:
            found.append(GrammarFault(hit.start, hit.end, GRAMMAR[hit.index].name, right))
    return tuple(found)


def _instead(rule: int, found: str) -> str:
    readable = found.encode("utf-8", "replace").decode()
    right = cast(str, _patterns()[rule].sub(GRAMMAR[rule].replacement, readable, count=1))
    return found if right == readable else right


@lru_cache(maxsize=1)
def _matcher() -> PatternMatcher:
    return PatternMatcher([rule.pattern for rule in GRAMMAR])


@lru_cache(maxsize=1)
def _patterns() -> list[Any]:
    options: Any = _re2.Options()
    options.case_sensitive = False
    return [_re2.compile(rule.pattern, options) for rule in GRAMMAR]
