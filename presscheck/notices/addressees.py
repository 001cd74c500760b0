"""Who is told, by which way: the settings name a secret for each role, and the secret is the address.

`[notices.brand_lead] secret = "notices-brand"` tells all brand leads in one place, such as a channel of Slack or
Teams or a mailing list. `email = true` also writes to each person who is asked, by the secret `notices-email`.
"""

from pydantic import SecretStr

from presscheck.errors import LedgerError
from presscheck.ledger import Reader
from presscheck.notices.due import Notice
from presscheck.notices.sending import NotSent, Way, mail_to
from presscheck.people.rights import person_email
from presscheck.settings import Settings
from presscheck.settings.notices import NoticeSection, NoticesSection
from presscheck.settings.secrets import find_secret

EMAIL_SECRET = "notices-email"  # noqa: S105 - the name of a secret, not the secret.


def told_roles(section: NoticesSection) -> dict[str, str]:
    """The roles (and `owner`) that the settings tell, with the name of the secret for each."""
    there = {name: getattr(section, name) for name in type(section).model_fields}
    return {name: to.secret for name, to in there.items() if isinstance(to, NoticeSection)}


def addressees(notice: Notice, section: NoticesSection) -> tuple[str, ...]:
    """Everybody who is to get this notice: names of roles, `owner`, and ids of people."""
    roles = told_roles(section)
    return (*(role for role in notice.roles if role in roles), *(notice.people if section.email else ()))


def way_to(addressee: str, settings: Settings, tx: Reader) -> Way:
    """How an addressee is reached. NotSent, with a code, where they cannot be.

    SettingsError for a secret that others may read.
    """
    if addressee in told_roles(settings.notices):
        return way_to_role(addressee, settings)
    try:
        address = person_email(tx, addressee)
    except LedgerError:
        raise NotSent("no-address") from None
    if address is None:
        raise NotSent("no-address")
    return way_to_address(address, settings)


def way_to_role(role: str, settings: Settings) -> Way:
    """Where everybody of a role that `told_roles` names, or the owner, is told; NotSent and SettingsError as above."""
    return Way(_secret(told_roles(settings.notices)[role], settings))


def way_to_address(address: str, settings: Settings) -> Way:
    """The mail server of the settings, to one address; NotSent and SettingsError as above."""
    return mail_to(_secret(EMAIL_SECRET, settings), address)


def _secret(name: str, settings: Settings) -> SecretStr:
    found = find_secret(settings, name)
    if found is None:
        raise NotSent("no-secret")
    return found
