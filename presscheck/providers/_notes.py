"""Reads a reviewer's note for the few plain wishes that the phrase grammar can act on.

Shorter or longer; plainer, warmer, bolder or more playful; without a word; with a point that the
brief has. Whatever is not one of these is handed back as not understood: nothing pretends.
"""

import re
from collections.abc import Iterable
from dataclasses import dataclass, field
from functools import reduce

from presscheck.models import Brief, Product, Tone
from presscheck.providers._material import contains_word, product_name, usable_keywords

_QUOTED = re.compile(r"(?i)[\"“”„«»]([^\"“”„«»]+)[\"“”„«»]|(?<!\w)['‘]([^'‘’]+)['’](?!\w)")
_CLAUSES = re.compile(r"(?i)[.;!?\n]+(?:\s|$)|,\s+|\s+(?:and|but|also|then)\s+|\n")
_POLITE = re.compile(
    r"(?i)^(?:and|but|also|so|please|kindly|could you|can you|would you|we (?:want|need)"
    r"|i(?:'d| would) (?:like|prefer)(?: it| them)?(?: to be)?|try|let's|keep it"
    r"|make (?:it|them|this|these|the (?:text|texts|copy|body|tone))(?: sound)?)\s+"
)
_NOT = re.compile(r"(?i)\b(?:not|never|no|don'?t|do not|without|isn'?t|aren'?t)\b")
_SHORT = re.compile(
    r"(?i)\b(?:shorter|shorten|briefer|tighter|tighten|trim|condense|more (?:concise|compact|brief)"
    r"|less (?:wordy|text)|fewer words|(?:too|so|overly|rather) (?:long|wordy|lengthy)|cut (?:it|them|this) down)\b"
)
_LONG = re.compile(
    r"(?i)\b(?:longer|lengthen|expand|more (?:detail|details|text|words)|say more"
    r"|(?:too|so|overly|rather) (?:short|brief|terse))\b"
)
_TONES: tuple[tuple[Tone, re.Pattern[str]], ...] = (
    (
        "plain",
        re.compile(
            r"(?i)\b(?:plainer|simpler|soberer|calmer|drier|more (?:plain|sober|neutral|factual|serious|matter-of-fact)"
            r"|(?:less|too|not so) "
            r"(?:playful|funny|silly|jokey|bold|loud|pushy|salesy|warm|sentimental|chatty|cute|sweet)"
            r"|(?:no|fewer|without|drop the|cut the) (?:more )?(?:jokes|puns|humou?r|nonsense|gimmicks))\b"
        ),
    ),
    (
        "playful",
        re.compile(
            r"(?i)\b(?:playfuller|funnier|wittier|livelier|more (?:playful|fun|funny|humou?r|wit|witty|lively)"
            r"|too (?:dry|serious|stiff|boring|dull))\b"
        ),
    ),
    (
        "warm",
        re.compile(
            r"(?i)\b(?:warmer|friendlier|kinder|gentler|softer|more (?:warm|warmth|friendly|personal|human|kind|gentle)"
            r"|too (?:cold|cool|harsh|distant))\b"
        ),
    ),
    (
        "bold",
        re.compile(
            r"(?i)\b(?:bolder|stronger|punchier|more (?:bold|direct|confident|punch|energy|energetic)"
            r"|too (?:timid|weak|tame|soft|shy))\b"
        ),
    ),
)
_AVOID = re.compile(
    r"(?i)^(?:avoid(?: using| saying)?|drop|remove|omit|skip|lose|delete|leave out|get rid of|without|no more|no"
    r"|(?:don'?t|do not|never|stop)\s+(?:say|saying|use|using|mention|mentioning|write|writing))\s+"
    r"(?:the |any )?(?:words?|phrase|term|expression|name)?\s*(.+)$"
)
_MENTION = re.compile(
    r"(?i)^(?:mention|include|add|say|highlight|stress|emphasi[sz]e|feature|bring in|talk about|lead with|focus on"
    r"|use)\s+"
    r"(?:the |that |our )?(?:words?|phrase|point|fact|claim|keyword)?\s*(.+)$"
)
_LITTLE = frozenset(
    re.findall(r"\w+", "a an the of for in on to and or is are it its our your with that this be more about")
)

_COMMON = _LITTLE | frozenset(
    re.findall(
        r"\w+",
        "you we i he she they us me them at by from as if so no not but do does will would can could has have had what "
        "who which when where how here there than then up out all any some",
    )
)


@dataclass(frozen=True)
class NoteReading:
    """What a note asks for, as far as it was understood."""

    understood: tuple[str, ...] = ()
    not_understood: tuple[str, ...] = ()
    length: int = 0
    """-1 shorter, 1 longer, 0 as before."""
    tone: Tone | None = None
    avoid: tuple[str, ...] = ()
    mention: tuple[str, ...] = ()
    """Texts of the brief that every variant is to carry, word for word."""

    def __str__(self) -> str:
        parts: list[str] = []
        if self.understood:
            parts.append(f"Acted on: {'; '.join(self.understood)}.")
        if self.not_understood:
            parts.append(f"I can't act on: {'; '.join(self.not_understood)}.")
        return " ".join(parts)

    def and_then(self, later: "NoteReading") -> "NoteReading":
        """Both, of which the later one counts where they differ."""
        return NoteReading(
            understood=(*self.understood, *later.understood),
            not_understood=(*self.not_understood, *later.not_understood),
            length=later.length or self.length,
            tone=later.tone or self.tone,
            avoid=tuple(dict.fromkeys([*self.avoid, *later.avoid])),
            mention=tuple(dict.fromkeys([*self.mention, *later.mention])),
        )


@dataclass
class _Reading:
    understood: list[str] = field(default_factory=list[str])
    not_understood: list[str] = field(default_factory=list[str])
    length: int = 0
    tone: Tone | None = None
    avoid: list[str] = field(default_factory=list[str])
    mention: list[str] = field(default_factory=list[str])


def read_note(note: str, brief: Brief, product: Product | None = None) -> NoteReading:
    """The wishes in a note; what cannot be acted on is listed with the reason where there is one."""
    quotes: list[str] = []

    def set_aside(match: re.Match[str]) -> str:
        quotes.append((match.group(1) or match.group(2)).strip(" ,.;:!?"))
        return f" \x00{len(quotes) - 1}\x00 "

    # Quoted words are set aside so that a comma or an "and" inside them parts nothing.
    apart = _QUOTED.sub(set_aside, note.replace("\x00", " ").replace("’", "'"))
    reading = _Reading()
    previous = ""
    for clause in _CLAUSES.split(apart):
        words = " ".join(clause.split()).strip(" .,;:!?")
        while (politer := _POLITE.sub("", words, count=1)) != words:
            words = politer
        if not words or words.lower() in ("please", "thanks", "thank you"):
            continue
        previous = _take(words, quotes, reading, brief, product, previous)
    for text in list(reading.mention):
        # The brief's offer and required facts stay whatever is to be avoided; the rest gives way.
        if text in reading.mention and any(contains_word(text, word) for word in reading.avoid):
            reading.mention.remove(text)
            reading.understood.remove(f"with “{text}”")
            reading.not_understood.append(f"“{text}” as well as avoiding a word in it (it was left out)")
    return NoteReading(
        understood=tuple(reading.understood),
        not_understood=tuple(reading.not_understood),
        length=reading.length,
        tone=reading.tone,
        avoid=tuple(dict.fromkeys(reading.avoid)),
        mention=tuple(dict.fromkeys(reading.mention)),
    )


def read_wishes(texts: Iterable[str], brief: Brief, product: Product | None = None) -> NoteReading:
    """The wishes of a note and of comments, each read by itself: a quotation mark in one closes none in another."""
    return reduce(NoteReading.and_then, (read_note(text, brief, product) for text in texts), NoteReading())


def _take(
    words: str, quotes: list[str], reading: _Reading, brief: Brief, product: Product | None, previous: str
) -> str:
    """Acts on one clause; returns the kind of wish, for a list of quoted words that goes on."""
    spoken = re.sub(r"\x00(\d+)\x00", lambda match: f"“{quotes[int(match.group(1))]}”", words)
    quoted = [quotes[int(at)] for at in re.findall(r"\x00(\d+)\x00", words)]
    only_quotes = bool(quoted) and not re.sub(r"\x00\d+\x00|\b(?:or|nor)\b", "", words).strip(" ,")
    for tone, pattern in _TONES:
        if (match := pattern.search(words)) and not _NOT.search(words[: match.start()]):
            if reading.tone not in (None, tone):
                reading.not_understood.append(f"“{reading.tone}” as well as “{tone}” (the later wish was taken)")
            reading.tone = tone
            reading.understood.append(f"tone: {tone}")
            return "tone"
    for length, pattern in ((-1, _SHORT), (1, _LONG)):
        if match := pattern.search(words):
            turned = _NOT.search(words[: match.start()]) is not None
            if turned and not match.group().lower().startswith(("too", "so", "overly", "rather")):
                continue
            reading.length = length
            reading.understood.append("shorter" if length < 0 else "longer")
            return "length"
    if (match := _AVOID.match(words)) or (only_quotes and previous == "avoid"):
        return _avoid(quoted or ([words[match.start(1) :]] if match else []), spoken, reading, brief)
    if (match := _MENTION.match(words)) or (only_quotes and previous == "mention"):
        return _mention(quoted or ([words[match.start(1) :]] if match else []), spoken, reading, brief, product)
    reading.not_understood.append(f"“{spoken}”")
    return ""


def _avoid(targets: list[str], spoken: str, reading: _Reading, brief: Brief) -> str:
    must_stay = [brief.offer, *(fact.text for fact in brief.key_points if fact.required)]
    for target in targets:
        if target.lower() in _COMMON:
            reading.not_understood.append(f"“{spoken}” (“{target}” is too common a word to write without)")
        elif not target or len(target.split()) > 4:
            reading.not_understood.append(f"“{spoken}” (put the words to avoid in quotation marks)")
        elif any(contains_word(text, target) for text in must_stay):
            reading.not_understood.append(
                f"“{target}” out of every text (the offer or a required fact says it; change the brief)"
            )
            reading.avoid.append(target)
        else:
            reading.avoid.append(target)
            reading.understood.append(f"without “{target}”")
    return "avoid"


def _mention(targets: list[str], spoken: str, reading: _Reading, brief: Brief, product: Product | None) -> str:
    for target in targets:
        found = _in_brief(target, brief, product)
        if found is None:
            reading.not_understood.append(f"“{spoken}” (the brief does not say “{target}”; add it there)")
        else:
            reading.mention.append(found)
            reading.understood.append(f"with “{found}”")
    return "mention"


def _in_brief(target: str, brief: Brief, product: Product | None) -> str | None:
    """The brief's text that says what the target names; None if there is none."""
    current = [claim.text for claim in brief.claims if claim.expires is None or claim.expires >= brief.deadline]
    texts = [brief.offer, *(fact.text for fact in brief.key_points), *current, *usable_keywords(brief)]
    if name := product_name(product):
        texts.append(name)
    for text in texts:
        if target and contains_word(text, target):
            return text
    wanted = {_stem(word) for word in re.findall(r"\w+", target.lower())} - _LITTLE
    for text in texts:
        if wanted and wanted <= {_stem(word) for word in re.findall(r"\w+", text.lower())}:
            return text
    return None


def _stem(word: str) -> str:
    return word if word in _LITTLE else re.sub(r"(?:ies|es|s|ing|ed|y)$", "", word) or word
