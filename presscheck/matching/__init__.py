"""Text in, findings out: pure matchers that know no policy, no file and no clock.

Every matcher undoes disguise first (`normalise`) and answers in spans of the original text.
"""

from presscheck.matching.figures import Figure, figures, states, unsupported
from presscheck.matching.grammar import GRAMMAR, GrammarFault, GrammarRule, grammar_faults
from presscheck.matching.hits import Hit
from presscheck.matching.lengths import characters, columns, paragraphs, sms_parts
from presscheck.matching.links import Link, links
from presscheck.matching.normal import Normalised, Reading, looks_of, normalise
from presscheck.matching.passive import passive_voice
from presscheck.matching.patterns import PatternMatcher, fault_of_pattern
from presscheck.matching.personal import Personal, PersonalKind, personal_data
from presscheck.matching.phrases import PhraseMatcher
from presscheck.matching.reading import (
    GRADES,
    Counts,
    automated_readability,
    coleman_liau,
    count,
    evaluate,
    flesch_kincaid,
    flesch_reading_ease,
    gunning_fog,
    lix,
    smog,
)
from presscheck.matching.sentences import Span, long_sentences, sentences, words
from presscheck.matching.spelling import misspellings, suggestions
from presscheck.matching.superlatives import Superlative, claimed_by, meaning, superlatives
from presscheck.matching.syllables import syllables
from presscheck.matching.voice import Voice, VoiceScore
from presscheck.matching.word_faults import capitalisation_faults, repeated_words
from presscheck.world.web_addresses import target_of

__all__ = [
    "GRADES",
    "GRAMMAR",
    "Counts",
    "Figure",
    "GrammarFault",
    "GrammarRule",
    "Hit",
    "Link",
    "Normalised",
    "PatternMatcher",
    "Personal",
    "PersonalKind",
    "PhraseMatcher",
    "Reading",
    "Span",
    "Superlative",
    "Voice",
    "VoiceScore",
    "automated_readability",
    "capitalisation_faults",
    "characters",
    "claimed_by",
    "coleman_liau",
    "columns",
    "count",
    "evaluate",
    "fault_of_pattern",
    "figures",
    "flesch_kincaid",
    "flesch_reading_ease",
    "grammar_faults",
    "gunning_fog",
    "links",
    "lix",
    "long_sentences",
    "looks_of",
    "meaning",
    "misspellings",
    "normalise",
    "paragraphs",
    "passive_voice",
    "personal_data",
    "repeated_words",
    "sentences",
    "smog",
    "sms_parts",
    "states",
    "suggestions",
    "superlatives",
    "syllables",
    "target_of",
    "unsupported",
    "words",
]
