"""Which of Vale's kinds becomes what."""

from collections.abc import Callable, Mapping
from pathlib import Path

from presscheck.style_guides import kinds_of_counts, kinds_of_texts, kinds_of_words
from presscheck.style_guides.building import Building
from presscheck.style_guides.scopes import Scope
from presscheck.style_guides.vale_keys import Extends, Keys, Words


def build(keys: Keys, scope: Scope, root: Path) -> Building:
    """The rule's matches, empty where nothing of it is taken; `root` is the folder that is imported."""
    building = Building(keys, scope)
    if keys.extends == "spelling":
        kinds_of_texts.spelling(building, root)
    else:
        _KINDS[keys.extends](building)
    return building


def _none(reason: str) -> Callable[[Building], None]:
    def leave(building: Building) -> None:
        tokens = building.keys.keys.get("tokens")
        found = tokens.value if tokens is not None and isinstance(tokens.value, list) else [None]
        building.tokens = len(found)
        for one in found:
            building.leave(Words(building.keys.extends, 1 if one is None else one.line), reason)

    return leave


_KINDS: Mapping[Extends, Callable[[Building], None]] = {
    "existence": kinds_of_words.existence,
    "substitution": kinds_of_words.substitution,
    "occurrence": kinds_of_counts.occurrence,
    "repetition": kinds_of_counts.repetition,
    "capitalization": kinds_of_counts.capitalization,
    "conditional": kinds_of_counts.conditional,
    "consistency": kinds_of_counts.consistency,
    "metric": kinds_of_texts.metric,
    "readability": kinds_of_texts.readability,
    "sequence": _none("sequences ask for parts of speech, which no rule of ours knows"),
    "script": _none("scripts are programs (Tengo), and none is run"),
}
