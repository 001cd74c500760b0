"""The address under which each role reaches a ledger on PostgreSQL.

as_role("postgresql://db.example/ledger", names, "press")   # postgresql://presscheck_press@db.example/ledger
"""

from sqlalchemy import make_url

from presscheck.ledger.engine import parsed_url
from presscheck.ledger.roles import Names, Role
from presscheck.settings import Settings


def names_of(settings: Settings) -> Names:
    """Each role's name in the database."""
    named = settings.postgres
    return {
        "owner": named.owner,
        "door": named.door,
        "worker": named.worker,
        "press": named.press,
        "reader": named.reader,
    }


def has_roles(url: str) -> bool:
    """Whether each process has a role of its own: on PostgreSQL, where the address names no user."""
    parsed = parsed_url(url)
    return parsed.get_backend_name() == "postgresql" and parsed.username is None


def as_role(url: str, names: Names, role: Role) -> str:
    """The address for this role; the same as it was where it names one account for all."""
    return make_url(url).set(username=names[role]).render_as_string() if has_roles(url) else url
