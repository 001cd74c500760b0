"""What a guardrail looks for, in words: in kinds, and not phrase by phrase."""

from functools import singledispatch

from policies import Guardrail
from policies.engine.rule_kinds import (
    Claims,
    Disclosure,
    Facts,
    Figures,
    Lengths,
    Links,
    Patterns,
    PersonalData,
    Phrases,
    Pictures,
    Required,
    Signals,
)
from policies.engine.style_kinds import (
    Capitals,
    Consistency,
    LanguageOfText,
    Metric,
    NearDuplicate,
    Occurrence,
    Repetition,
    Sentences,
    Spelling,
    Together,
    VoiceScore,
)
from presscheck.documents.sentences import counted, listed
from presscheck.handbook.wording import plain
from presscheck.models import Frozen

_SHOWN = 6
_LINKS = {
    "not-in-brief": "web addresses that the brief does not hold",
    "not-https": "web addresses that are not encrypted",
    "among": "web addresses of certain hosts",
    "outside": "web addresses outside of certain hosts",
    "look-alike": "web addresses that imitate the brand's",
    "tracking": "web addresses that track readers",
}


def matched(rule: Guardrail) -> str:
    """All that a guardrail looks for, in one line."""
    return "; ".join(_said(match) for match in rule.match)


@singledispatch
def _said(match: Frozen) -> str:
    raise TypeError(f"no words for {type(match).__name__}")


@_said.register
def _(match: Phrases) -> str:
    return _some((*match.phrases, *match.replace))


@_said.register
def _(match: Patterns) -> str:
    return counted(len(match.patterns) + len(match.replace), "pattern")


@_said.register
def _(match: Signals) -> str:
    return f"{counted(len(match.signals), 'sign')} that mean something together"


@_said.register
def _(match: Claims) -> str:
    found = [_some(match.words)] if match.words else []
    found += [counted(len(match.patterns), "pattern")] if match.patterns else []
    return f"claims without evidence in the brief: {listed(found)}"


@_said.register
def _(match: Figures) -> str:
    return f"figures in {listed(match.figures)} that neither brief nor product states"


@_said.register
def _(match: Links) -> str:
    return _LINKS[match.links]


@_said.register
def _(match: Facts) -> str:
    del match
    return "key points that the brief requires and the text leaves out"


@_said.register
def _(match: Required) -> str:
    return f"texts without any of {_some(match.say_one_of)}"


@_said.register
def _(match: Disclosure) -> str:
    place = f", within the first {match.within:,} characters" if match.within else ""
    return f"what must be disclosed by any of {_some(match.say_one_of)}{place}"


@_said.register
def _(match: Lengths) -> str:
    return "; ".join(
        f"length of the {plain(field)}: "
        + listed(f"{plain(name)} {value}" for name, value in bound if value is not None)
        for field, bound in match.length.items()
    )


@_said.register
def _(match: PersonalData) -> str:
    return f"personal data: {listed(plain(kind) for kind in match.personal)}"


@_said.register
def _(match: Pictures) -> str:
    return f"pictures declared as {listed((plain(label) for label in match.labels), 'or')}"


@_said.register
def _(match: Occurrence) -> str:
    bound = f"more than {match.at_most}" if match.at_most is not None else f"fewer than {match.at_least}"
    return f"{bound} of {counted(len(match.patterns), 'pattern')} in a {match.per}"


@_said.register
def _(match: Repetition) -> str:
    del match
    return "a word that stands twice in a row"


@_said.register
def _(match: Capitals) -> str:
    return f"capitals other than in {match.style} style"


@_said.register
def _(match: Together) -> str:
    del match
    return "something that stands without what explains it"


@_said.register
def _(match: Consistency) -> str:
    return f"{counted(len(match.either), 'word')} written in two ways"


@_said.register
def _(match: Metric) -> str:
    return f"{match.formula} out of bounds"


@_said.register
def _(match: Sentences) -> str:
    found = [f"sentences of more than {match.words_at_most} words"] if match.words_at_most else []
    return listed([*found, "the passive voice"] if match.passive else found)


@_said.register
def _(match: Spelling) -> str:
    del match
    return "misspelt words"


@_said.register
def _(match: LanguageOfText) -> str:
    return "a language that " + (
        "the market does not speak" if match.language == "not-of-market" else "rules cannot read"
    )


@_said.register
def _(match: VoiceScore) -> str:
    return f"a voice score under {match.at_least}, by {counted(len(match.exemplars), 'exemplar')}"


@_said.register
def _(match: NearDuplicate) -> str:
    lately = f" in the last {match.days} days" if match.days else ""
    other = "another of the set" if match.within == "set" else f"one that was approved{lately or ' before'}"
    return f"a text that is like {other}, {match.at_least} of 100 or more"


def _some(phrases: tuple[str, ...]) -> str:
    some = ", ".join(f"“{phrase}”" for phrase in phrases[:_SHOWN])
    return f"{len(phrases)} phrases, such as {some}" if len(phrases) > _SHOWN else f"phrases: {some}"
