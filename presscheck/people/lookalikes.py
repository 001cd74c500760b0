"""Names that are not what they look like: what a second person has to be told before saying yes.

    doubts_about(tx, "P-new")     # ("It reads like Ana Brandt <ana@brand.example>, who is another person.",)

`Аna Brandt` with a Cyrillic letter, `Ana  Brandt` and `Ana Branclt` are Ana Brandt to whoever reads a list. None of
them is refused, because people do share names: it is told, with the address, to whoever confirms.
"""

import unicodedata
from functools import lru_cache

from presscheck.ledger import Reader
from presscheck.matching import normalise
from presscheck.people.enrolment import invited
from presscheck.people.proposals import open_proposals
from presscheck.people.rights import everybody, person_email, person_name

# One shape in many typefaces (Unicode TR 39, section 4, knows such pairs); those of two letters first.
_SHAPES = (("rn", "m"), ("vv", "w"), ("cl", "d"), ("1", "l"), ("i", "l"), ("j", "l"), ("0", "o"), ("5", "s"))
# Written together in one name in Japan and Korea.
_EAST_ASIAN = ("CJK", "HIRAGANA", "KATAKANA", "HANGUL", "IDEOGRAPHIC", "KATAKANA-HIRAGANA", "BOPOMOFO")


def doubts_about(tx: Reader, person: str) -> tuple[str, ...]:
    """A sentence for everybody whose name this person's reads like, and one where its letters are of several scripts.

    Everybody who was ever enrolled counts, and whoever is invited or proposed.
    """
    here = [rights.person for rights in everybody(tx)]
    coming = [one.person for one in (*open_proposals(tx), *invited(tx))]
    name = person_name(tx, person)
    alike = [one for one in dict.fromkeys([*here, *coming]) if likeness(person_name(tx, one)) == likeness(name)]
    told = [f"It reads like {_named(tx, one)}, who is another person." for one in alike if one != person]
    scripts = scripts_of(name)
    if len(scripts) > 1:
        told.append(f"Its letters are {' and '.join(scripts)}: some may look like others.")
    return tuple(told)


@lru_cache(maxsize=4096)
def likeness(name: str) -> str:
    """What a name looks like, whatever the order of its words: two names with the same are taken for one another."""
    text = normalise(name).text.text
    for shape, other in _SHAPES:
        text = text.replace(shape, other)
    return "".join(sorted("".join(one if one.isalnum() else " " for one in text).split()))


def scripts_of(name: str) -> tuple[str, ...]:
    """The scripts of its letters by their names in Unicode, such as `Latin`; those of East Asia are one."""
    found = (unicodedata.name(one, "unknown").split()[0] for one in name if one.isalpha())
    return tuple(dict.fromkeys("East Asian" if one in _EAST_ASIAN else one.capitalize() for one in found))


def _named(tx: Reader, person: str) -> str:
    address = person_email(tx, person)
    return person_name(tx, person) + (f" <{address}>" if address else "")
