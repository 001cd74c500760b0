"""People: who may do what, how they enrol, how they sign in."""

from presscheck.people.rights import (
    ROLES,
    Grant,
    Rights,
    email_digest,
    find_person,
    people_with,
    person_name,
    rights_of,
)

__all__ = [
    "ROLES",
    "Grant",
    "Rights",
    "email_digest",
    "find_person",
    "people_with",
    "person_name",
    "rights_of",
]
