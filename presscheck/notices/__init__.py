"""Notices: telling people that a question waits for them; what to say, to whom, and by which way.

    with ledger.read() as tx:
        for review in waiting(tx, desk):
            due += [*new_question(review), *reminder(review), *next_in_line(review), *owner_warned(review)]
    tell_all(ledger, settings, due, attempt)

A notice tells nothing confidential and decides nothing: whoever follows its link signs in first. Who is next
in line follows from the clock alone (`policies.engine.standing`); a notice that never arrives changes no right.
"""

from presscheck.notices.addressees import (
    EMAIL_SECRET,
    addressees,
    told_roles,
    way_to,
    way_to_address,
    way_to_role,
)
from presscheck.notices.became import what_became_of_it
from presscheck.notices.due import Notice, new_question, next_in_line, owner_warned, reminder
from presscheck.notices.ended import expired
from presscheck.notices.policies import policies_changed
from presscheck.notices.sending import NotSent, is_address, send
from presscheck.notices.telling import Told, tell_all
from presscheck.notices.waiting import Waiting, waiting
from presscheck.notices.words import Words, words_for

__all__ = [
    "EMAIL_SECRET",
    "NotSent",
    "Notice",
    "Told",
    "Waiting",
    "Words",
    "addressees",
    "expired",
    "is_address",
    "new_question",
    "next_in_line",
    "owner_warned",
    "policies_changed",
    "reminder",
    "send",
    "tell_all",
    "told_roles",
    "waiting",
    "way_to",
    "way_to_address",
    "way_to_role",
    "what_became_of_it",
    "words_for",
]
