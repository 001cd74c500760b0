"""`presscheck mail`: what the mail server and the world's receivers need to know."""

from typing import TYPE_CHECKING

import click

from presscheck.cli.output import emit, say
from presscheck.cli.project import Project

if TYPE_CHECKING:
    from presscheck.settings import Settings


@click.group(short_help="What to publish so that receivers believe your mail.")
def mail() -> None:
    """What to publish so that receivers believe your mail."""


@mail.command(short_help="Print the SPF, DKIM and DMARC records to publish.")
@click.option("--json", "as_json", is_flag=True, help="Print one JSON document.")
@click.pass_obj
def dns(project: Project, as_json: bool) -> None:
    """Print the SPF, DKIM and DMARC records to publish. Run it where the secret dkim is."""
    records = dns_records(project.settings)
    if as_json:
        emit([{"name": name, "type": "TXT", "value": value, "why": why} for name, value, why in records])
        return
    for name, value, why in records:
        # A text in DNS has at most 255 characters; longer ones are several, which receivers join.
        parts = " ".join(f'"{value[at : at + 255]}"' for at in range(0, len(value), 255))
        say(f"; {why}")
        say(f"{name}. IN TXT {parts}\n")


def dns_records(settings: "Settings") -> list[tuple[str, str, str]]:
    """Name, text and reason of each record; SettingsError with every fault of `[mail]`."""
    from presscheck.errors import SettingsError
    from presscheck.press.channels.smtp_opening import dkim_signer, mail_faults

    faults = list(mail_faults(settings))
    if faults:
        raise SettingsError(faults)
    mail = settings.mail
    returns = mail.bounce_domain or mail.dkim_domain
    merge = "Only one such record a domain: if there is one, add its a: to it. Your provider may name an include:."
    records = [(returns, f"v=spf1 a:{mail.host} -all", f"Which hosts may send for the return address. {merge}")]
    signer = dkim_signer(settings)
    if signer is not None:
        name = f"{signer.selector}._domainkey.{signer.domain}"
        records.append((name, signer.record(), "The signature's public key; the private one stays with the press."))
    told = "What receivers do with mail that neither SPF nor DKIM vouches for. Begin with p=none to watch only."
    records.append((f"_dmarc.{mail.dkim_domain}", "v=DMARC1; p=quarantine; adkim=r; aspf=r", told))
    return records
