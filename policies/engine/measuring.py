"""What the rule kinds of style find: measures of a text, behind a quick look where they cost more than that.

`detecting` hands each of them its match and the text; places come back, as from every other kind. The measures
themselves are in `presscheck.matching`, and are imported when one of these rules first has a text.
"""

import re
from collections.abc import Iterator
from functools import lru_cache
from operator import eq
from typing import TYPE_CHECKING

from policies.engine.style_kinds import Capitals, Metric, Repetition, Sentences, Spelling, VoiceScore
from presscheck.world.languages import language_read

if TYPE_CHECKING:
    from presscheck.matching.voice import Voice

Measured = Iterator[tuple[tuple[int, int] | None, str | None, str | None]]
"""Place (None is the whole text), what to write instead, and what the message adds."""
_END = re.compile(r"[.!?\n]")
# A passive has an auxiliary; English and German are known.
_AUXILIARY = re.compile(
    r"['’](?:s|re)\b|\b(?:am|is|are|was|were|be|been|being|get|gets|got|getting|w[iu]rd\w*|wirst|werd\w+|worden)\b",
    re.IGNORECASE,
)
# Of one or two words nobody tells the voice.
_FEWEST_GAPS = 3


def repeated(match: Repetition, text: str) -> Measured:
    from presscheck.matching.word_faults import repeated_words

    words = text.lower().split()
    if not any(map(eq, words, words[1:])):
        return
    allowed = {one.lower() for one in match.exceptions}
    for span in repeated_words(text):
        said = text[span.start : span.end]
        if said.lower() not in allowed and said.split()[0].lower() not in allowed:
            yield (span.start, span.end), said.split()[0], None


def in_capitals(match: Capitals, text: str) -> Measured:
    from presscheck.matching.word_faults import capitalisation_faults

    faults = capitalisation_faults(
        text, match.style, match.exceptions, threshold=float(match.share), indicators=match.indicators
    )
    yield from (((span.start, span.end), None, None) for span in faults)


def out_of_bounds(match: Metric, text: str) -> Measured:
    from presscheck.matching.reading import count, evaluate, formula_of

    if text.count(" ") + 1 < match.words:
        return
    language = language_read(text) or "en"
    counts = count(text, language)
    if counts.words < max(match.words, 1) or not counts.sentences:
        return
    try:
        value = evaluate(formula_of(match.formula, language), counts)
    except ValueError as none:
        yield None, None, f"It could not be measured here, so look yourself: {none}."
        return
    if match.at_most is not None and value > match.at_most:
        yield None, None, f"It is {value:.1f}, and at most {match.at_most} is asked for."
    elif match.at_least is not None and value < match.at_least:
        yield None, None, f"It is {value:.1f}, and at least {match.at_least} is asked for."


def of_sentences(match: Sentences, text: str) -> Measured:
    from presscheck.matching.passive import passive_voice
    from presscheck.matching.sentences import long_sentences

    most = match.words_at_most
    if most is not None and max(piece.count(" ") for piece in _END.split(text)) * 2 >= most:
        yield from (((span.start, span.end), None, None) for span in long_sentences(text, most))
    if match.passive and _AUXILIARY.search(text):
        yield from (((span.start, span.end), None, None) for span in passive_voice(text, language_read(text) or "en"))


def misspelt(match: Spelling, text: str) -> Measured:
    from presscheck.matching.spelling import misspellings, suggestions

    language = language_read(text)
    if language is None or language == "und":
        return
    for span in misspellings(text, language, match.accept):
        meant = suggestions(text[span.start : span.end], language, 1)
        yield (span.start, span.end), meant[0] if meant else None, None


def out_of_voice(match: VoiceScore, text: str) -> Measured:
    if text.count(" ") < _FEWEST_GAPS:
        return
    told = _voice(match.exemplars, match.masked).score(text)
    if told.score < match.at_least:
        why = f": {'; '.join(told.reasons)}" if told.reasons else ""
        yield None, None, f"It scores {told.score} of 100 where {match.at_least} passes{why}."


@lru_cache(maxsize=8)
def _voice(exemplars: tuple[str, ...], masked: tuple[str, ...]) -> "Voice":
    from presscheck.matching.voice import Voice

    return Voice.learn(exemplars, masked)
