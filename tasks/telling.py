"""What a worker tells Prefect, whose tables are not ours to erase in: nobody's name, address or number.

    told("the right of Ana Brandt was taken away")        # the right of somebody was taken away

States, their messages and logs stay with Prefect for as long as it likes. Whoever may know who and why reads it
at the door, out of tables where it can be erased.
"""

import re

from presscheck.errors import PresscheckError
from presscheck.matching import PersonalKind, personal_data
from presscheck.people.rights import everybody, person_email, person_name
from tasks import house

# An address of the internet is a server's as a rule, and is what an engineer looks for in a log.
_LEFT_OUT: dict[PersonalKind, str] = {
    "email": "(an address)",
    "phone": "(a number)",
    "card": "(a number)",
    "iban": "(a number)",
    "ssn": "(a number)",
    "national-id": "(a number)",
    "token-url": "(a link)",
}


def told(words: str) -> str:
    """The words without the name or the address of anybody who ever had an account, and without personal data."""
    for name in _names():
        words = re.sub(rf"(?<!\w){re.escape(name)}(?!\w)", "somebody", words)
    for found in reversed(personal_data(words, kinds=_LEFT_OUT)):
        words = f"{words[: found.start]}{_LEFT_OUT[found.kind]}{words[found.end :]}"
    return words


def question_page(review: str) -> str:
    """Where people read who answered a review and what was said."""
    return f"{house.settings().door_url}/proof/{review}"


def _names() -> list[str]:
    """Longest first, so that none is left half."""
    try:
        with house.ledger().read() as tx:
            people = [rights.person for rights in everybody(tx)]
            known = {person_name(tx, one) for one in people} | {person_email(tx, one) or "" for one in people}
    except PresscheckError:
        # Settings or ledger are what is broken, and that has to be told; a sentence about it names nobody.
        return []
    return sorted(known - {""} - set(people), key=len, reverse=True)
