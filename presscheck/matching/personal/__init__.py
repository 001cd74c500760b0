"""Personal data in texts: addresses, telephone numbers, cards, accounts, ids, links that carry something private.

    personal_data("Call 0171 2345678")          # (Personal(start=5, end=17, kind="phone", value="01712345678"),)
    possible("No digit, no sign")               # frozenset(): nothing to look for

Found by form and checksum, and where both are weak beside a word that says what a number is (`PersonalWords`).
"""

from presscheck.matching.personal.finding import personal_data
from presscheck.matching.personal.kinds import KINDS, Personal, PersonalKind
from presscheck.matching.personal.possible import may_be, possible
from presscheck.matching.personal.words import WORDS, PersonalWords

__all__ = ["KINDS", "WORDS", "Personal", "PersonalKind", "PersonalWords", "may_be", "personal_data", "possible"]
