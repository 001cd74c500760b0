"""Counts the syllables of a word by rules: those of English, and groups of vowels in other languages.

English: silent e, -ed and -es and the vowels that meet without melting ("cre-ate", "ra-di-o") are known, and words
outside the rules are listed; it was never measured against a dictionary of pronunciation, so take it for an estimate.
German, Dutch, Spanish, Italian, Portuguese, the northern languages and any other that is not known say each group of
vowels once, but for the pairs that each of them parts; French drops a last e.
"""

import re
import unicodedata

_LISTED = {
    word: count
    for count, words in {
        1: "fire fires hour hours our eye eyes shoe shoes queue queues",
        2: "every evening business fluid ruin someone sometimes sometime something lifestyle lifetime homemade handmade"
        " therefore wholesale cafe lion diamond giant giants genre colleague household people iron forehead wednesday"
        " baseball useful",
        3: "chocolate favourite favorite different recipe everyday anyone oasis",
        4: "society",
    }.items()
    for word in words.split(" ")
}
_GROUP = re.compile(r"[aeiouy]+")
# A vowel that is written and not spoken.
_SILENT = re.compile(
    r"[^aeiouylr]e$|[aeiouylr][lr]e$|[^aeiouysxzcghlr]es$|[aeioulr][lr]es$|(?<![cs])hes$"
    r"|[^aeioutdl]ed$|[aeioul]led$|(?<=[^q])(?<!ar)gue$|que$|(?<=^ev)e(?=ry)"
    r"|(?<=[aeiouy])[^aeiouy]+e(?=(?:ment|ly|less|ful|ness|thing|where|time)$)"
)
# Vowels that meet and are spoken apart.
_APART = re.compile(
    r"(?<![tcsgh])ia(?!n$(?<=lian)|ns$)|(?<![tcsghln])io(?!us)|(?<![tcsgx])iou|iu|(?<=[^d])ier(?=s?$)|iest$|(?<![tcs])iet"
    r"|scien|(?<=cl)ien|(?<=per)ien|eo(?![up])|cre(?=at)|(?<=id)ea|(?<=ar)ea|(?<=th)ea(?=t)|(?<![gq])ua|(?<![gq])uen|(?<![gq])uel"
    r"|[aeiouy]ing|(?<=p)oe|coo(?=pe|rd)|seum|[iya]sm$|thm$"
)
_VOWELS = re.compile(r"[aeiouyàáâãäåæèéêëìíîïòóôõöøœùúûüýÿ]+")
_PARTED = {
    "de": re.compile(r"(?<=il|in)ie(?=n?$)|een$|ea|eo|[aeä]ue|eie"),
    "nl": re.compile(r"[aeiou][ëïöü]"),
    "es": re.compile(r"[aeoáéó][íúaeoáéó]|[íú][aeo]"),
    "it": re.compile(r"[aeo][aeo]|aiu|[ìù][aeo]"),
    "pt": re.compile(r"[aeoáé][íúaeo](?<!ão|ãe|õe)|[íú][aeo]|(?<=d)ia$"),
}


def syllables(word: str, language: str = "en") -> int:
    """The syllables of one word, at least 1; a figure counts as one."""
    low = unicodedata.normalize("NFC", word).lower().replace("’", "'")
    parts = [part for part in re.split(r"[-‐‑]", low) if part]
    return max(1, sum(_english(part) if language == "en" else _other(part, language) for part in parts))


def _english(word: str) -> int:
    word = word.partition("'")[0]
    if word in _LISTED:
        return _LISTED[word]
    count = len(_GROUP.findall(word))
    if count > 1:
        count -= len(_SILENT.findall(word))
    return max(1, count + len(_APART.findall(word)))


def _other(word: str, language: str) -> int:
    count = len(_VOWELS.findall(word))
    if language == "fr":
        return max(1, count - (count > 1 and re.search(r"[^aeiouyàâéèêëîïôûü](?:e|es|ent)$", word) is not None))
    parted = _PARTED.get(language)
    return max(1, count + (len(parted.findall(word)) if parted else 0))
