"""Accounts that are one person's: two under one address, as ana@ and ana+lead@ are (RFC 5233).

    same_person(tx, "P-ana")      # {"P-ana-lead"}

Only addresses that the door signed count. An address that was erased cannot be compared any more.
"""

from collections import defaultdict
from functools import partial
from typing import Any

from sqlalchemy import select
from sqlalchemy.engine import Row

from presscheck.addresses import account_address
from presscheck.ledger import Reader, tables
from presscheck.people.rights import email_digest, rights_of


def same_person(tx: Reader, person: str) -> frozenset[str]:
    """The other accounts of whoever has this one."""
    return tx.once("accounts of one person", partial(_groups, tx)).get(person, frozenset())


def plain_address(address: str) -> str:
    """An address without its sub-address, in small letters."""
    user, _, domain = account_address(address).rpartition("@")
    return f"{user.partition('+')[0]}@{domain}"


def _groups(tx: Reader) -> dict[str, frozenset[str]]:
    table = tables.people
    marked = [row.email for row in tx.execute(select(table.c.email).where(table.c.email.like("%+%"))) if _is_text(row)]
    # Nearly every house has no sub-address at all, and is spared the rest.
    wanted = {plain_address(email) for email in marked}
    if not wanted:
        return {}
    found: defaultdict[str, set[str]] = defaultdict(set)
    for row in tx.execute(select(table.c.id, table.c.email)):
        if not _is_text(row):
            continue
        plain = plain_address(row.email)
        if plain in wanted:
            rights = rights_of(tx, row.id)
            if rights is not None and rights.email == email_digest(row.email):
                found[plain].add(row.id)
    return {person: frozenset(people - {person}) for people in found.values() for person in people}


def _is_text(row: Row[Any]) -> bool:
    # SQLite keeps bytes in a column of text: one such row must not keep everybody from answering.
    return isinstance(row.email, str)
