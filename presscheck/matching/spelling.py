"""Finds misspelt words: unknown ones that are a slip away from a frequent word.

    misspellings(text, "en", accept=["Acme"]), suggestions("recieve", "en")

The dictionaries are those of pyspellchecker (English, German, French, Spanish, Italian, Dutch, Portuguese), each
loaded once, when it is first asked for. No dictionary knows every honest word, so an unknown word alone is no
finding: a frequent word that begins alike must be one letter away, or two for a word of eight letters and more.
What is rather a name, a code or an address than a word is left alone: capitals within a sentence, digits, links,
mail addresses, hashtags, placeholders. So are inflections, British and American forms, and compounds of known words.
A text of which a third of the words is unknown, and few of them slips, is in another language, and is left alone.
"""

import re
from collections.abc import Iterable, Iterator, Mapping
from functools import lru_cache

from presscheck.matching.sentences import Span, sentences, words
from presscheck.matching.style import listed

LANGUAGES = ("de", "en", "es", "fr", "it", "nl", "pt")
_TOKEN = re.compile(r"\S+")
# A token with one of these is an address, a tag, a path, a placeholder or a code.
_NO_PROSE = re.compile(r"[@#_/\\{}<>=*^~|\[\]$€£%+&\d]|\w[.:]\w|www\.")
_FREQUENT, _COMMON = 2_000, 5_000
"""From here words count as such, in the dictionaries' counts of films' subtitles."""
_SAMPLE = 100
"""So many unknown words tell whether the text is in another language."""
_SHORTEST, _SHORT, _NAMED, _LONG = 4, 5, 7, 10
"""Letters: shorter words are left alone, are near to many, may be names with a capital; longer may have two slips."""
# Written in both ways; the dictionaries know mostly one of them.
_VARIANTS = tuple(
    tuple(pair.split("/"))
    for pair in listed("""
        isation/ization ise/ize ising/izing ised/ized iser/izer yse/yze ysing/yzing ysed/yzed our/or tre/ter bre/ber
        lling/ling lled/led ller/ler ogue/og ence/ense ae/e oe/e ey/ay mme/m
    """)
)
_PREFIXES = listed("""
    un re non pre over under anti super ultra multi mini mega semi micro inter auto eco bio out mis dis co sub self e
    cyber tele
""")
_SUFFIXES = listed("""
    s es ed d ing er ers r rs ly able ness less like ish y ful wise ability ification ize izes ie ies ists ist ism ment
    ments al ally ity ive ure
""")
# The ending of an inflected word, and that of the word which the dictionary has; some have few plurals.
_PLURALS = {
    "es": (("s", ""), ("es", ""), ("ces", "z"), ("iones", "ión"), ("anes", "án"), ("as", "o"), ("a", "o")),
    "pt": (("s", ""), ("es", ""), ("ns", "m"), ("ões", "ão"), ("ais", "al"), ("eis", "el"), ("as", "o"), ("a", "o")),
    "it": (("i", "o"), ("i", "e"), ("e", "a"), ("he", "a"), ("hi", "o"), ("a", "o"), ("i", "io"), ("e", "o")),
    "fr": (("s", ""), ("x", ""), ("aux", "al"), ("e", ""), ("es", ""), ("es", "é"), ("ées", "é"), ("lles", "l")),
    "de": (
        ("en", ""),
        ("e", ""),
        ("n", ""),
        ("er", ""),
        ("s", ""),
        ("es", ""),
        ("em", ""),
        ("ern", ""),
        ("innen", "in"),
    ),
    "nl": (("en", ""), ("e", ""), ("s", ""), ("'s", ""), ("jes", "je"), ("n", "")),
}
# Younger than the dictionaries, or short for something.
_YOUNG = frozenset(
    listed("""
        app apps tech fintech biotech blog vlog wifi carbs merch meth paleo keto boba macaron macarons incl
        selfie approx selfies emoji emojis hashtag hashtags podcast podcasts webinar webinars hoodie hoodies
        smoothie smoothies vegan vape vapes crypto bitcoin smartphone smartphones drone drones meme memes
        influencer influencers onboarding livestream paywall unbox unboxing upcycled matcha chai quinoa kombucha
        edamame acai kefir hummus athleisure leggings joggers onesie barista bento sriracha ramen poke glamping
        staycation coworking startup startups ebook ebooks audiobook eco promo promos demo demos combo combos
        info intro pics vids deets congrats fave faves comfy cosy snug veggie veggies yummy tween tweens babe
        fab glam diy inbox login signup website websites online offline email emails texted tweet tweets chatbot
        chatbots cardio pilates yoga zumba detox serum retinol collagen
    """)
)


def misspellings(text: str, language: str, accept: Iterable[str] = (), *, strict: bool = False) -> tuple[Span, ...]:
    """Each misspelt word of `text`; `strict` finds each unknown word.

    `accept` are words that are right, whatever the dictionary says, with their plural and genitive.
    Raises ValueError for a language without a dictionary.
    """
    accepted = {part.lower() for one in accept for part in re.split(r"[\s\-]+", one)} - {""}
    dictionary = _dictionary(language)
    unknown: list[Span] = []
    total = 0
    for span in _prose(text):
        total += 1
        word = _plain(span.of(text))
        if len(word) >= _SHORTEST and not _accepted(word, accepted) and not _known(word, language, dictionary):
            unknown.append(span)
    if strict:
        return tuple(unknown)
    slips = [span for span in unknown[:_SAMPLE] if _slip(_plain(span.of(text)), language)]
    if len(unknown) > max(2, total // 3) and len(slips) * 2 < min(len(unknown), _SAMPLE):
        return ()
    slips += [span for span in unknown[_SAMPLE:] if _slip(_plain(span.of(text)), language)]
    return tuple(span for span in slips if not _cut_off(text, span, language))


def _plain(word: str) -> str:
    return word.replace("’", "'").lower().removesuffix("'s")


def suggestions(word: str, language: str, most: int = 3) -> tuple[str, ...]:
    """Frequent words that are one or two letters away, the likeliest first."""
    return _close(_plain(word)[:60], language, 2)[:most]


def _cut_off(text: str, span: Span, language: str) -> bool:
    """Whether a text that somebody cut short ends within this word."""
    if text[span.end : span.end + 60].strip() not in ("", "...", "…") and text[span.end : span.end + 1] != "…":
        return False
    word = _plain(span.of(text))
    return any(one.startswith(word) for one in _by_first_letter(language).get(word[:1], ()))


def _prose(text: str) -> Iterator[Span]:
    """The words that may be judged: small letters, or a capital only where a sentence begins."""
    starts = _starts(text)
    for token in _TOKEN.finditer(text):
        if _NO_PROSE.search(token.group()):
            continue
        for span in words(token.group()):
            place = token.start() + span.start
            for part in re.finditer(r"[^\W_]+(?:['’][^\W_]+)*", token.group()[span.start : span.end]):
                word = part.group()
                begins = place in starts
                # A short word that begins a sentence with a capital may as well be somebody's name.
                if word.islower() or (begins and len(word) >= _NAMED and word[1:].islower()):
                    yield Span(place + part.start(), place + part.end())


def _starts(text: str) -> frozenset[int]:
    """Where the first words of sentences begin; none where all words have capitals, as in a headline."""
    found: set[int] = set()
    for sentence in sentences(text):
        spans = words(sentence.of(text))
        if spans and sum(span.of(sentence.of(text))[0].isupper() for span in spans[1:]) * 3 <= len(spans):
            found.add(sentence.start + spans[0].start)
    return frozenset(found)


@lru_cache(maxsize=len(LANGUAGES))
def _dictionary(language: str) -> Mapping[str, int]:
    if language not in LANGUAGES:
        raise ValueError(f"spelling knows {', '.join(LANGUAGES)}, not {language!r}")
    # Imported here, because a run that checks no spelling should not pay for it.
    from spellchecker import SpellChecker

    return SpellChecker(language=language).word_frequency.dictionary


@lru_cache(maxsize=len(LANGUAGES))
def _by_first_letter(language: str) -> Mapping[str, tuple[str, ...]]:
    found: dict[str, list[str]] = {}
    for word, frequency in _dictionary(language).items():
        if frequency >= _FREQUENT and len(word) > 2:
            found.setdefault(word[0], []).append(word)
    return {letter: tuple(several) for letter, several in found.items()}


def _accepted(word: str, accepted: set[str]) -> bool:
    return bool(accepted) and any(word.removesuffix(ending) in accepted for ending in ("", "'s", "s", "es", "'"))


def _known(word: str, language: str, dictionary: Mapping[str, int]) -> bool:
    if word in dictionary:
        return True
    if "'" in word:
        # "the brand's", "l'équipe", "dell'anno".
        return all(len(part) < _SHORTEST or _known(part, language, dictionary) for part in word.split("'"))
    if language == "en" and _variant(word, dictionary):
        return True
    if any(
        word.endswith(end) and f"{word.removesuffix(end)}{base}" in dictionary
        for end, base in _PLURALS.get(language, ())
    ):
        return True
    formed = language == "en" and _formed(word, dictionary)
    if not formed and not _compound(word, dictionary, 3 if language in ("en", "de", "nl") else 4):
        return False
    # "Occured" and "usefull" could be formed so, and are not: a common word is one letter away.
    return not any(dictionary[one] >= _COMMON for one in _close(word, language, 1))


def _variant(word: str, dictionary: Mapping[str, int]) -> bool:
    return any(
        word.replace(one, other) in dictionary or word.replace(other, one) in dictionary for one, other in _VARIANTS
    )


def _formed(word: str, dictionary: Mapping[str, int]) -> bool:
    return any(_inflects(word, suffix, dictionary) for suffix in _SUFFIXES) or any(
        word.startswith(prefix) and len(word) > len(prefix) + 3 and word[len(prefix) :] in dictionary
        for prefix in _PREFIXES
    )


def _inflects(word: str, suffix: str, dictionary: Mapping[str, int]) -> bool:
    stem = word.removesuffix(suffix)
    if stem == word or len(stem) < 3 or (suffix in ("d", "r", "rs") and stem[-1] != "e"):
        return False
    if stem in dictionary or f"{stem}e" in dictionary:
        return True
    # "planning" from "plan", "happily" from "happy".
    return (stem[-1] == stem[-2] and stem[:-1] in dictionary) or (stem[-1] == "i" and f"{stem[:-1]}y" in dictionary)


def _compound(word: str, dictionary: Mapping[str, int], shortest: int) -> bool:
    """Two words in one, also with the s between them: "homeware", "Lieblingsfarbe"."""
    if len(word) > 40:
        return False
    for place in range(shortest, len(word) - shortest + 1):
        if dictionary.get(word[:place], 0) > 100 and (
            dictionary.get(word[place:], 0) > 100 or (word[place] == "s" and dictionary.get(word[place + 1 :], 0) > 100)
        ):
            return True
    return False


@lru_cache(maxsize=50_000)
def _slip(word: str, language: str) -> bool:
    if word in _YOUNG or (language == "en" and not word.isascii()):
        return False
    # "Sayin'" leaves its last letter out on purpose.
    if word.endswith("in") and f"{word}g" in _dictionary(language):
        return False
    near = _close(word, language, 2 if len(word) >= _LONG else 1)
    if language != "en":
        # Their dictionaries lack many forms: a word that is another one but for its ending is a form of it.
        near = tuple(one for one in near if one[-1] == word[-1] or not one.startswith(word[: max(4, len(word) - 2)]))
    if len(word) <= _SHORT:
        # A short word is near to many; only letters that changed places, or an apostrophe left out, tell a slip.
        return any(sorted(one.replace("'", "")) == sorted(word) for one in near)
    return bool(near)


def _close(word: str, language: str, distance: int) -> tuple[str, ...]:
    # As above.
    from rapidfuzz import process
    from rapidfuzz.distance import OSA

    likely = _by_first_letter(language).get(word[:1], ())
    near = process.extract(word, likely, scorer=OSA.distance, score_cutoff=distance, limit=None)
    dictionary = _dictionary(language)
    return tuple(one for one, _, _ in sorted(near, key=lambda found: (found[1], -dictionary[found[0]], found[0])))
