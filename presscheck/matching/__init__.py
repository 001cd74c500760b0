"""Text in, findings out: pure matchers that know no policy, no file and no clock.

Every matcher undoes disguise first (`normalise`) and answers in spans of the original text.
"""

from presscheck.matching.claims import claimed_by, meaning
from presscheck.matching.figure_words import FIGURE_WORDS, FigureWords
from presscheck.matching.figures import Figure, FigureKind, figures, may_be_figures, places_of_figures, states
from presscheck.matching.hits import Hit
from presscheck.matching.lengths import characters, columns, paragraphs, sms_parts, sms_size
from presscheck.matching.links import MAY_BE_LINKS, Link, carries, imitates, in_link, leads_to_any, links
from presscheck.matching.normal import MAY_BE_DISGUISED, Normalised, Reading, looks_of, normalise
from presscheck.matching.patterns import PatternMatcher, fault_of_pattern, fault_of_template
from presscheck.matching.personal import WORDS, Personal, PersonalKind, PersonalWords, may_be, personal_data
from presscheck.matching.phrases import PhraseMatcher
from presscheck.world.web_addresses import target_of

__all__ = [
    "FIGURE_WORDS",
    "MAY_BE_DISGUISED",
    "MAY_BE_LINKS",
    "WORDS",
    "Figure",
    "FigureKind",
    "FigureWords",
    "Hit",
    "Link",
    "Normalised",
    "PatternMatcher",
    "Personal",
    "PersonalKind",
    "PersonalWords",
    "PhraseMatcher",
    "Reading",
    "carries",
    "characters",
    "claimed_by",
    "columns",
    "fault_of_pattern",
    "fault_of_template",
    "figures",
    "imitates",
    "in_link",
    "leads_to_any",
    "links",
    "looks_of",
    "may_be",
    "may_be_figures",
    "meaning",
    "normalise",
    "paragraphs",
    "personal_data",
    "places_of_figures",
    "sms_parts",
    "sms_size",
    "states",
    "target_of",
]
