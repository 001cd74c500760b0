"""Credentials: one password and one authenticator a person, counted only as the door last signed them."""

from dataclasses import dataclass

from sqlalchemy import delete, insert, select

from presscheck.digests import digest_of
from presscheck.ledger import EventKind, Reader, Writer, tables
from presscheck.people.spent import spend


@dataclass(frozen=True)
class Credential:
    """What a person signs in with, as it is kept."""

    person: str
    password_hash: str
    totp_sealed: str

    @property
    def digest(self) -> str:
        """What the door signs: any other row for this person is nobody's credential."""
        return digest_of([self.person, self.password_hash, self.totp_sealed])


def set_credential(tx: Writer, credential: Credential) -> None:
    """Keep it, and sign that this one counts from now on."""
    table = tables.credentials
    tx.execute(delete(table).where(table.c.person == credential.person))
    event = tx.append(EventKind.CREDENTIAL_SET, credential.person, {"credential": credential.digest})
    row = {
        "person": credential.person,
        "password_hash": credential.password_hash,
        "totp_sealed": credential.totp_sealed,
        "at": event.at,
    }
    tx.execute(insert(table), row)


def credential_of(tx: Reader, person: str) -> Credential | None:
    """The stored credential if it is the one that the door signed last; None for a planted or old one.

    Who enrolled again, by whatever way, signs in with nothing from before.
    """
    row = tx.execute(select(tables.credentials).where(tables.credentials.c.person == person)).first()
    enrolled = tx.newest(EventKind.PERSON_ENROLLED, subject=person)
    signed = tx.events(EventKind.CREDENTIAL_SET, subject=person, after=0 if enrolled is None else enrolled.seq)
    if row is None or not signed:
        return None
    credential = Credential(person, row.password_hash, row.totp_sealed)
    return credential if signed[-1].data["credential"] == credential.digest else None


def spend_step(tx: Writer, person: str, step: int) -> bool:
    """Use up the code of a time step; False if it was used before."""
    return spend(tx, f"code:{person}:{step}", person=person)
