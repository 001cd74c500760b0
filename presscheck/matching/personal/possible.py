"""Which kinds of personal data a text can hold at all, told so cheaply that most texts need no more.

What must stand in a text (read without disguise): an @, a bracket or a word for the dot for an e-mail address; as many digits
as the shortest number of the kind has; three dots or two colons for an address of the internet; for a link a dot
that something follows, or `://`.
"""

import re

from presscheck.matching.normal import normalise
from presscheck.matching.personal.kinds import PersonalKind
from presscheck.matching.personal.mail import may_be_mail
from presscheck.matching.personal.words import WORDS, PersonalWords

_DIGITS = b"0123456789"
_NOT_DIGITS = bytes(set(range(256)) - set(_DIGITS))
# The shortest of each: 800-FLOWERS, the PAN of India, an IBAN of Gibraltar whose account is all letters.
_FEWEST: tuple[tuple[int, PersonalKind], ...] = (
    (3, "phone"), (4, "national-id"), (9, "ssn"), (2, "iban"), (12, "card")
)  # fmt: skip
_LINK = re.compile(r"[.\u3002\uff0e\uff61]\S|:[\\/]{2}")


def possible(text: str, words: PersonalWords = WORDS) -> frozenset[PersonalKind]:
    """The kinds of which `personal_data` may find something in `text`; of no other does it ever."""
    if text.isascii():
        return _possible(text, words)
    read = normalise(text)
    kinds = _possible(text, words) | _possible(read.folded.text, words)
    return kinds if read.parted is None else kinds | _possible(read.parted.text, words)


def _possible(text: str, words: PersonalWords) -> frozenset[PersonalKind]:
    kinds: list[PersonalKind] = []
    if may_be_mail(text, words):
        kinds.append("email")
    digits = len(text.encode("ascii", "ignore").translate(None, _NOT_DIGITS))
    kinds += [kind for fewest, kind in _FEWEST if digits >= fewest]
    if (digits >= 4 and text.count(".") >= 3) or text.count(":") >= 2:
        kinds.append("ip-address")
    if "." in text or "/" in text or "\\" in text or "\u3002" in text:
        if _LINK.search(text):
            kinds += ["url", "token-url"]
    return frozenset(kinds)
