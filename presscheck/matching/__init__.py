"""Text in, findings out: pure matchers that know no policy, no file and no clock.

Every matcher undoes disguise first (`normalise`) and answers in spans of the original text.
"""

from presscheck.matching.figures import Figure, figures, states, unsupported
from presscheck.matching.hits import Hit
from presscheck.matching.lengths import characters, columns, paragraphs, sms_parts
from presscheck.matching.links import Link, links
from presscheck.matching.normal import Normalised, Reading, looks_of, normalise
from presscheck.matching.patterns import PatternMatcher, fault_of_pattern
from presscheck.matching.personal import Personal, PersonalKind, PersonalWords, personal_data
from presscheck.matching.phrases import PhraseMatcher
from presscheck.matching.superlatives import Superlative, claimed_by, meaning, superlatives
from presscheck.world.web_addresses import target_of

__all__ = [
    "Figure",
    "Hit",
    "Link",
    "Normalised",
    "PatternMatcher",
    "Personal",
    "PersonalKind",
    "PersonalWords",
    "PhraseMatcher",
    "Reading",
    "Superlative",
    "characters",
    "claimed_by",
    "columns",
    "fault_of_pattern",
    "figures",
    "links",
    "looks_of",
    "meaning",
    "normalise",
    "paragraphs",
    "personal_data",
    "sms_parts",
    "states",
    "superlatives",
    "target_of",
    "unsupported",
]
