"""Finds the passive voice: a form of "to be" or "to get" and a participle; in German "werden" and one.

Participles are told by a list of the irregular ones and by their ending. What only looks like one ("is red", "are
excited") is left alone unless "by" follows, so that a finding is worth reading; a rare passive is missed instead.
Other languages have no such simple form, and none is found in them.
"""

import re

from presscheck.matching.sentences import Span


def _listed(several: str) -> frozenset[str]:
    return frozenset(several.split())


_IRREGULAR = _listed("""
    awoken beaten begotten bent bet bitten blown born borne bought bound bred broken brought built burnt burst cast
    caught chosen cut dealt done drawn driven drunk dug eaten fed felt flung forbidden foreseen forgiven forgotten
    fought found frozen given ground grown heard held hewn hidden hit hung hurt kept knit known laid learnt led lent
    let lit lost made meant met mistaken misunderstood mown outdone overcome overdone overheard overseen overtaken
    overthrown paid proven put quit read rebuilt redone remade resold retold rewritten ridden rung said sawn seen sent
    set sewn shaken shaved shed shorn shot shown shrunk shut slain slit sold sought sown spent split spoken spread
    spun stolen struck strewn stricken stuck stung sung sunk swept swollen sworn swum swung taken taught thought
    thrown told torn trodden undergone understood undertaken undone upheld upset withdrawn withheld woken won worn
    wound woven written wrought
""")
# Adjectives and nouns that end like a participle, and participles that mostly say how somebody is.
_STATES = _listed("""
    red bed need indeed speed hundred seed feed shed sacred naked wicked rugged jagged ragged aged talented beloved
    gifted skilled kindred breed reed weed exceed greed deed agreed creed embed fed led sled shred bred ted
    tired excited interested pleased delighted thrilled worried bored scared ashamed dedicated committed relaxed
    prepared qualified experienced concerned satisfied convinced married retired advanced limited inclined
    accustomed amazed surprised annoyed confused disappointed embarrassed frightened frustrated honoured honored
    overwhelmed shocked stressed determined devoted obsessed opposed related located crowded detailed varied mixed
    sophisticated complicated educated motivated animated assured blessed charmed cursed doomed entitled headed
    involved connected focused focussed closed finished done gone lost stuck shut open hurt upset worn
""")
_AUXILIARY = (
    r"(?:am|is|are|was|were|be|been|being|get|gets|got|gotten|getting|isn['’]t|aren['’]t|wasn['’]t|weren['’]t"
    r"|(?:you|we|they)['’]re|i['’]m|(?:he|she|it|that|there|what|who)['’]s)"
)
_BETWEEN = (
    r"(?:\s+(?:be|been|being|not|never|always|often|also|still|now|then|all|both|just|only|once|even|ever|first|well|so"
    r"|[a-z]{2,20}ly)){0,4}"
)
_ENGLISH = re.compile(rf"(?<![\w'’\-])({_AUXILIARY}){_BETWEEN}\s+([a-z]+)(?![\w'’\-])(\s+(?:by|to)\b)?", re.IGNORECASE)

_GERMAN_STRONG = _listed("""
    gebacken gebeten geblasen geboten gebrochen gebraten gebunden gedrungen gefangen gefressen gefunden gegeben gegessen
    gegossen gegraben gegriffen gehalten gehauen gehoben geholfen geladen gelassen gelegen gelesen geliehen gemessen
    gemieden genommen gepfiffen gepriesen geraten gerieben gerissen gerufen gesalzen geschieden geschlagen geschliffen
    geschlossen geschmissen geschmolzen geschnitten geschoben geschossen geschrieben gesehen gesendet gesessen
    gesponnen gesprochen gesprungen gestochen gestohlen gestrichen gesungen getan getragen getreten getrieben getroffen
    getrunken gewaschen gewiesen gewonnen geworben geworfen gewogen gezogen gezwungen verboten verbunden vergeben
    vergessen verliehen verloren vermieden verschoben verschrieben versprochen verstanden vertreten verwiesen
    begonnen begriffen behalten bekommen beschlossen beschnitten beschrieben besprochen bestanden betrieben betrogen
    bewiesen beworben empfangen empfohlen enthalten entnommen entschieden entworfen erfunden erhalten erhoben erlassen
    erwiesen erworben erzogen unterbrochen unterschrieben überwunden übernommen übertragen zerrissen
""")
_GERMAN_STATES = _listed(
    "gerecht geschickt gesamt beliebt bekannt berühmt verliebt verwirrt verrückt gewohnt geeignet bewusst"
)
_GERMAN = re.compile(
    r"(?<!\w)(?:wird|werden|wurde|wurden|wirst|werdet|wurdest|worden)(?!\w)"
    r"([^.!?;:,\n]{0,100}?)"
    r"(?<![\w\-])([a-zäöüß]*ge[a-zäöüß]{2,}t|[a-zäöüß]{3,}iert|(?:be|ver|er|ent|zer|miss)[a-zäöüß]{2,}t|[a-zäöüß]{4,}en)"
    r"(?=\s*(?:[.!?;:,\n)]|$|\s(?:und|oder|worden|sein|werden|können|sollen|müssen|dürfen|kann|soll|muss)\b))"
)


def passive_voice(text: str, language: str = "en") -> tuple[Span, ...]:
    """Each passive, from its auxiliary to its participle; English and German, nothing in other languages."""
    if language == "en":
        return tuple(
            Span(match.start(1), match.end(2))
            for match in _ENGLISH.finditer(text)
            if _is_participle(match.group(2).lower(), (match.group(3) or "").strip().lower())
        )
    if language == "de":
        return tuple(
            Span(match.start(), match.end(2)) for match in _GERMAN.finditer(text) if _is_german(match.group(2))
        )
    return ()


def _is_participle(word: str, after: str) -> bool:
    if word in {"used", "supposed"}:
        return after != "to"
    if word in _STATES:
        return after == "by" and word.endswith("ed") and len(word) > 5
    if word in _IRREGULAR:
        return True
    # "Is unmatched" tells a quality.
    return word.endswith("ed") and len(word) > 4 and (after == "by" or not word.startswith("un") or word == "united")


def _is_german(word: str) -> bool:
    if word in _GERMAN_STATES:
        return False
    if word.endswith("en"):
        # The part before a separable verb: "angeboten", "zusammengezogen".
        start = word.find("ge", 2)
        return word in _GERMAN_STRONG or (start > 0 and word[start:] in _GERMAN_STRONG)
    return True
