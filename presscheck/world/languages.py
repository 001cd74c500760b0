"""In which language a text is and which way it is read, so that screen readers, hyphenation and mail programs know.

known_language("en-gb")     "en-GB"; ValueError, with advice, for what is no tag of BCP 47
language_of("Guten Tag")    what is assumed where a brief names no language
direction("مرحبا iPhone")   "rtl"
"""

import re
import unicodedata
from collections import Counter
from collections.abc import Iterable

# RFC 5646 (September 2009), section 2.1, without extensions and private use: language, script, region, variants.
_TAG = re.compile(r"([a-z]{2,3})(?:-([a-z]{4}))?(?:-([a-z]{2}|[0-9]{3}))?((?:-(?:[a-z0-9]{5,8}|[0-9][a-z0-9]{3}))*)")
# ISO 639-1, the 183 codes in force (Library of Congress, 2024).
_ISO_639 = """
aa ab ae af ak am an ar as av ay az ba be bg bi bm bn bo br bs ca ce ch co cr cs cu cv cy da de dv dz ee el en eo
es et eu fa ff fi fj fo fr fy ga gd gl gn gu gv ha he hi ho hr ht hu hy hz ia id ie ig ii ik io is it iu ja jv ka
kg ki kj kk kl km kn ko kr ks ku kv kw ky la lb lg li ln lo lt lu lv mg mh mi mk ml mn mr ms mt my na nb nd ne ng
nl nn no nr nv ny oc oj om or os pa pi pl ps pt qu rm rn ro ru rw sa sc sd se sg si sk sl sm sn so sq sr ss st su
sv sw ta te tg th ti tk tl tn to tr ts tt tw ty ug uk ur uz ve vi vo wa wo xh yi yo za zh zu
"""
# Countries that people write for their languages.
_MEANT = {"jp": "ja", "cn": "zh", "cz": "cs", "dk": "da", "gr": "el", "ua": "uk", "at": "de", "gb": "en", "us": "en"}


def known_language(text: str) -> str:
    """The tag in its usual capitals (RFC 5646, section 2.1.1); ValueError, with what to write, for one that is none."""
    found = _TAG.fullmatch(text.strip().replace("_", "-").lower())
    if found is None:
        raise ValueError(f"{text[:20]} is no language tag of BCP 47; write one such as en, de, pt-BR, zh-Hant")
    language, script, region, variants = found.groups()
    if len(language) == 2 and language not in _ISO_639.split():
        meant = _MEANT.get(language)
        advice = f"did you mean {meant}?" if meant else "write one such as en, de, pt-BR, zh-Hant"
        raise ValueError(f"{language} is no language of ISO 639-1; {advice}")
    parts = (language, (script or "").title(), (region or "").upper(), variants.removeprefix("-"))
    return "-".join(part for part in parts if part)


def language_of(text: str) -> str:
    """English for Latin letters, and `und` (undetermined) for others.

    The copywriter that comes with Presscheck, the guardrails and an e-mail's footer are English. A wrong guess makes
    a screen reader say another language's words, so nothing finer is guessed: the brief says it.
    """
    letters = Counter(filter(str.isalpha, text))
    latin = sum(many for one, many in letters.items() if unicodedata.name(one, "").startswith("LATIN"))
    return "en" if 2 * latin >= letters.total() else "und"


# The commonest words of each that are none of the others' and no brand's: articles, prepositions, forms of "to be".
_COMMON = {
    "en": "the and of to is are with for you your this that from it its have will can our by at be not",
    "de": "der und das ist nicht mit für ein eine einen auf dem den sie wir auch oder bei aus nach von zu zum zur im",
    "fr": "le et est les des une dans pour avec vous sur votre nous pas du au aux sont cette ces plus ou leur",
    "es": "el los las y una con para por su es del al más este esta son muy sin nuestro hasta como",
    "it": "il gli di della che è con per una nel alla sono anche questo più delle dei tua suo",
    "nl": "het een van voor met zijn niet op ook bij uw deze naar wordt jouw onze aan uit",
    "pt": "os uma com para em não do da dos das seu sua mais você são pela pelo ao até",
}
_WORDS_OF = {language: frozenset(words.split()) for language, words in _COMMON.items()}
_NAMES = {
    "en": "English", "de": "German", "fr": "French", "es": "Spanish", "it": "Italian", "nl": "Dutch",
    "pt": "Portuguese",
}  # fmt: skip
_SURE = 3


def likely_language(text: str) -> str | None:
    """The language whose common words stand in it far more often than any other's; None where that is not clear.

    Seven languages are known by some twenty words each; three words of a text, and twice as many as of the next
    language, are enough.
    """
    words = Counter(re.findall(r"[^\W\d_]+", text.lower()))
    found = sorted(((sum(words[one] for one in common), tag) for tag, common in _WORDS_OF.items()), reverse=True)
    (most, language), (next_most, _) = found[0], found[1]
    return language if most >= _SURE and most >= 2 * next_most else None


def language_name(tag: str) -> str:
    """A language's English name where we know it, else its tag."""
    return _NAMES.get(tag.partition("-")[0].lower(), tag)


def direction(text: str) -> str:
    """`rtl` where two words of five, or more, begin in a script that is read from right to left, else `ltr`.

    UAX #9 asks the first letter of all, but a brand's name in Latin letters often begins a Hebrew or Arabic text, and
    stands in it again and again: the words are counted, with the threshold of Google's Closure Library (bidi.js).
    """
    leftwards = {one for one in set(text) if unicodedata.bidirectional(one) in ("R", "AL")}
    if not leftwards:
        return "ltr"
    letters = [next(filter(str.isalpha, word), "") for word in text.split()]
    begun = sum(letter in leftwards for letter in letters)
    return "rtl" if begun and 5 * begun >= 2 * sum(map(bool, letters)) else "ltr"


_FEWEST_WORDS = 10
_ADDRESS = re.compile(r"[^\s.]*\.[^\s.]\S*")
_WORD_OF_TEXT = re.compile(r"[^\W\d_]+")
# Words of shops and headlines, which leave out articles and prepositions.
_TERSE = {
    "en": "free new sale off now get buy shop here no all in up out more one day only just made best save click start"
    " time love make gift order online today how what when why who these people things we us so can do if or as an",
    "de": "neu jetzt hier kaufen gratis alle mehr nur für heute nicht angebot zeit tag gute bis ab kein unsere ihr",
    "fr": "nouveau offre gratuit maintenant tous plus jour jours chez notre livraison ici sans achat à de en la",
    "es": "nuevo oferta gratis ahora todo todos más día días aquí envío sin compra nuestra en la de",
    "it": "nuovo offerta gratis ora tutto tutti più giorno giorni qui spedizione senza nostra di la in",
    "nl": "nieuw gratis nu alle meer dag dagen hier koop bestel zonder ons geen de in",
    "pt": "novo oferta grátis agora tudo todos mais dia dias aqui frete sem compre nossa de a o em",
}
_KNOWN_WORDS = frozenset(word for lists in (_COMMON, _TERSE) for words in lists.values() for word in words.split())
_QUICK_ENGLISH = (" the ", " and ", " to ", " of ", " your ", " you ", " with ", " our ", " this ")
# Letters of other scripts than Latin.
_FOREIGN = re.compile(
    "[\u0370-\u1dbf\u1f00-\u1fff\u2c00-\u2c5f\u2c80-\u2dff\u3040-\ua7ff\ua830-\uab2f\uab70-\ud7ff\uf900-\ufaff"
    "\ufb13-\ufdff\ufe70-\ufefc\uff66-\uffdc\U00010000-\U0001d3ff\U0001e000-\U0001efff\U00020000-\U0003ffff]"
)


def language_read(text: str) -> str | None:
    """In which language somebody has to read a text: one of the seven, or `und` for one that is none of them.

    None where the text does not say. `und` is a text of ten words or more of which hardly one in twenty-five is a
    common word of any of the seven, or one whose letters are mostly of another script.
    """
    lowered = text.lower()
    # In English prose these stand five times in a hundred characters; counting them takes a tenth of the time.
    if len(text) >= 40:
        counted = 0
        for word in _QUICK_ENGLISH:
            counted += lowered.count(word)
            if counted * 80 >= len(text):
                return "en"
    if not text.isascii():
        letters = sum(map(str.isalpha, text))
        if letters >= 4 and 2 * len(_FOREIGN.findall(text)) > letters:
            return "und"
    # The `com` of an address is a word of Portuguese.
    words = _WORD_OF_TEXT.findall(_ADDRESS.sub(" ", lowered) if "." in lowered else lowered)
    if len(words) < _FEWEST_WORDS:
        return None
    if sum(map(_KNOWN_WORDS.__contains__, words)) * 25 <= len(words):
        return "und"
    return likely_language(text)


# Where each is an official language, or one in which shops commonly write (Unicode CLDR 46, supplemental data,
# territory-language information of October 2024).
_SPOKEN_IN = {
    "en": "AG AU BB BS BW BZ CA CM FJ FM GB GH GM GY HK IE IN JM KE KN LC LR LS MT MU MW NA NG NZ PG PH PK RW SC SG SL"
    " SS SZ TT TZ UG US VC VU ZA ZM ZW",
    "de": "AT BE CH DE LI LU",
    "fr": "BE BF BI BJ CA CD CF CG CH CI CM DJ FR GA GN GQ HT KM LU MA MC MG ML NE RW SC SN TD TG TN VU",
    "es": "AR BO CL CO CR CU DO EC ES GQ GT HN MX NI PA PE PR PY SV US UY VE",
    "it": "CH IT SM VA",
    "nl": "AW BE CW NL SR SX",
    "pt": "AO BR CV GQ GW MO MZ PT ST TL",
}


def languages_in(markets: Iterable[str]) -> tuple[str, ...]:
    """Which of the seven are spoken in any of these countries; all seven where one speaks none of them, or for none."""
    asked = tuple(markets)
    found = {one: tag for tag, places in _SPOKEN_IN.items() for one in places.split()}
    if not asked or any(market not in found for market in asked):
        return tuple(_SPOKEN_IN)
    return tuple(tag for tag, places in _SPOKEN_IN.items() if set(asked) & set(places.split()))
