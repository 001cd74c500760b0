"""Composes the bodies of text messages, push messages and posts, from full to bare until one fits.

The offer, the required facts and what a reviewer asked for come before everything else. Where
even they do not fit, the offer gives way if nothing rests on it; required facts never do.
"""

from collections.abc import Sequence

from presscheck.providers._grammar import Piece, join, sentence, slots_of
from presscheck.providers._speaker import Plan, Speaker, stands_alone


def line_body(speaker: Speaker, angle: str, room: int) -> Piece:
    """One paragraph for a text message (which names its sender) or a push message."""
    deck, facts, voice = speaker.deck, speaker.facts, speaker.voice
    short_sender = facts.sender if speaker.channel == "sms" and facts.sender and len(facts.sender) <= 20 else None
    prefix = Piece(f"{short_sender}:") if short_sender else None
    offer = speaker.offer()
    due = _due(speaker)
    core: Plan = [offer, *due] if deck.chance(0.7) or not facts.required else [*due, offer]
    hook = speaker.say(voice.hooks)
    longer = speaker.say([phrase for phrase in voice.subjects[angle] if not slots_of(phrase)])
    longer = Piece(sentence(longer.text), longer.own, longer.used) if longer else hook
    naming = None if speaker.name_wanted else speaker.naming(share=0.0)
    extra = [speaker.led(text, voice.fact_leads) for text in _spare(speaker, 1)]
    close = speaker.say(voice.closes, at_most=40) if speaker.length >= 0 else None
    plans: list[Plan] = [
        [prefix, longer, naming, *core, *extra, close],
        [prefix, hook, naming, *core, *extra],
        [prefix, longer, *core, *extra],
        [prefix, hook, naming, *core, close],
        [prefix, *core, *extra, close],
        [prefix, hook, *core, close],
        [prefix, naming, *core],
        [prefix, longer, *core],
        [prefix, *core, close],
        [prefix, hook, *core],
        [prefix, *core],
        [*core],
    ]
    opener = facts.offer if core[0] is offer else (facts.required or (facts.offer,))[0]
    if not stands_alone(opener):
        # A text in lower case, or with a sign in front, needs something before it.
        plans = [plan for plan in plans if next(piece for piece in plan if piece) is not core[0]]
    # A text that always tried for everything would look like its neighbours.
    start = 0 if speaker.length > 0 else int(deck.rng.random() * 6)
    fitting = _fitting(plans[start:], room, " ")
    return fitting or _bare(speaker, hook, offer, due, room, " ")


def post_body(speaker: Speaker, angle: str, room: int) -> Piece:
    """Paragraphs for a post, with hashtags made of the brief's keywords."""
    deck, facts, voice = speaker.deck, speaker.facts, speaker.voice
    tags = Piece(_hashtags(speaker))
    offer, keyword = speaker.offer(), speaker.keyword(0.0)
    opening, hook = speaker.say(voice.openings[angle], points=len(facts.required)), speaker.say(voice.hooks)
    naming = speaker.naming(share=0.0)
    close = speaker.say(voice.closes, at_most=60) if speaker.length >= 0 else None
    always = [*facts.required, *_wanted(speaker)]
    required = join([_lines(speaker, always), keyword], "\n\n")
    spare = _spare(speaker, 2 if speaker.length <= 0 else 9)
    more = join([_lines(speaker, deck.shuffled([*always, *spare])), keyword], "\n\n")
    lean = naming if speaker.name_wanted else None
    plans: list[Plan] = [
        [opening, join([naming, offer]), more, close, tags],
        [opening, join([naming, offer]), more, tags],
        [hook, join([naming, offer]), more, close, tags],
        [opening, join([lean, offer]), required, tags],
        [join([hook, naming]), offer, required, close, tags],
        [join([hook, lean, offer]), required, close, tags],
        [hook, join([lean, offer]), required, tags],
        [join([hook, lean, offer]), required, tags],
        [join([hook, lean, offer]), required],
    ]
    start = 0 if speaker.length > 0 else int(deck.rng.random() * 5)
    fitting = _fitting(plans[start:], room, "\n\n")
    return fitting or _bare(speaker, hook, offer, [lean, required], room, "\n\n")


def _fitting(plans: Sequence[Plan], room: int, by: str) -> Piece | None:
    """The first of the plans whose text keeps within `room` characters."""
    for plan in plans:
        text = join(plan, by)
        if len(text.text) <= room:
            return text
    return None


def _bare(speaker: Speaker, hook: Piece | None, offer: Piece, due: Plan, room: int, by: str) -> Piece:
    without: Plan = [hook, *due]
    if not speaker.facts.offer_needed and len(join(without, by).text) <= room:
        return join(without, by)
    return join([hook, offer, *due], by)


def _due(speaker: Speaker) -> Plan:
    """What must be in the text besides the offer: required facts, and what a reviewer asked for."""
    required = [Piece(sentence(text)) for text in speaker.facts.required]
    wanted = [speaker.led(text, speaker.voice.fact_leads) for text in _wanted(speaker)]
    return [*required, *wanted, speaker.keyword(0.0), speaker.naming() if speaker.name_wanted else None]


def _wanted(speaker: Speaker) -> list[str]:
    facts = speaker.facts
    return [text for text in (*facts.optional, *facts.claims) if text in facts.wanted]


def _spare(speaker: Speaker, most: int) -> list[str]:
    """Up to `most` facts that nobody insists on."""
    spare = [text for text in speaker.facts.optional if text not in speaker.facts.wanted]
    return [] if speaker.length < 0 else speaker.deck.shuffled(spare)[:most]


def _lines(speaker: Speaker, texts: Sequence[str]) -> Piece | None:
    """Facts as a list of several, or as a sentence."""
    if not texts:
        return None
    if len(texts) == 1:
        return speaker.led(texts[0], speaker.voice.fact_leads)
    return join([Piece(f"• {text}") for text in texts], "\n")


def _hashtags(speaker: Speaker) -> str:
    words = [word for word in speaker.facts.keywords if len(word) <= 24]
    chosen = speaker.deck.shuffled(words)[: 1 + int(speaker.deck.rng.random() * 3)]
    return " ".join(f"#{_run_together(word)}" for word in chosen)


def _run_together(word: str) -> str:
    parts = word.replace("-", " ").replace("'", "").replace("’", "").split()
    return "".join(part[:1].upper() + part[1:] for part in parts)
