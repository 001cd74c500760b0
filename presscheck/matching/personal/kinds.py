"""What a piece of personal data is, and which of two readings of the same digits is believed."""

from dataclasses import dataclass
from typing import Literal

PersonalKind = Literal[
    "email", "phone", "card", "iban", "ssn", "national-id", "ip-address", "url", "token-url"
]  # fmt: skip
KINDS: tuple[PersonalKind, ...] = (
    "email", "phone", "card", "iban", "ssn", "national-id", "ip-address", "url", "token-url"
)  # fmt: skip

# From the strongest form to the weakest: what has a checksum of two digits, or a mark that nothing else has, before
# what has a checksum of one, before what has only a form. An honest link comes before the numbers in it, which are
# a server's address or a page's, and nobody's card or telephone.
STRENGTH: tuple[PersonalKind, ...] = (
    "email", "token-url", "iban", "url", "ip-address", "card", "ssn", "national-id", "phone"
)  # fmt: skip


@dataclass(frozen=True)
class Personal:
    """One piece of personal data in a text, `end` exclusive."""

    start: int
    end: int
    kind: PersonalKind
    value: str
    """The comparable form: digits and letters only; an e-mail address in lower case, its host in ASCII; an IPv6
    address in its short form; of a link where it leads (`Link.target`)."""
