"""`[mail]` and its secrets, checked as a whole and made into the way out `smtp`.

Every fault is told at once, and before anything is connected.
"""

import hashlib
import ipaddress
import re
import socket
from collections.abc import Callable, Iterator

from presscheck.errors import Fault, SettingsError
from presscheck.ledger import Signer
from presscheck.outbound.authorities import ca_fault
from presscheck.press.channels.dkim import DkimSigner
from presscheck.press.channels.smtp import Smtp
from presscheck.press.channels.smtp_client import MailServer
from presscheck.press.channels.smtp_hand_over import Manners
from presscheck.settings import Settings
from presscheck.settings.secrets import find_secret
from presscheck.unsubscribe_links import NOBODY_LEAVES

_DOMAIN = re.compile(
    r"(?=.{4,253}$)(?:[a-z0-9](?:[a-z0-9-]{0,61}[a-z0-9])?\.)+[a-z][a-z0-9-]{0,61}[a-z0-9]", re.IGNORECASE
)
_HOST = re.compile(r"[A-Za-z0-9](?:[A-Za-z0-9.\-]{0,251}[A-Za-z0-9])?|[0-9A-Fa-f:]{2,45}")
_SELECTOR = re.compile(r"[A-Za-z0-9](?:[A-Za-z0-9.\-]{0,61}[A-Za-z0-9])?")
_PORTS = {"starttls": 587, "implicit": 465, "none": 25}


def open_smtp(settings: Settings) -> Smtp:
    """The way out; SettingsError with every fault of `[mail]` and its secrets."""
    faults = list(mail_faults(settings))
    mail = settings.mail
    if not _on_this_machine(mail.host) and settings.way_to_leave.on_this_machine:
        faults.append(Fault(str(settings.project / "presscheck.toml"), None, "mail.unsubscribe_url", NOBODY_LEAVES))
    if faults:
        raise SettingsError(faults)
    server = MailServer(
        host=mail.host,
        port=mail.port or _PORTS[mail.tls],
        tls=mail.tls,
        ca_file=None if mail.ca_file is None else settings.project / mail.ca_file,
        user=mail.user,
        password=find_secret(settings, "smtp") if mail.user else None,
        hello=mail.hello_name or _own_name(),
        timeout=mail.timeout_seconds,
    )
    signing = Signer.load(settings.keys, "press").sign(b"presscheck: journals of the mail channel, 1")
    return Smtp(
        server,
        settings.home / "press" / "smtp",
        # Nobody without the press's key can write a slot that counts.
        hashlib.sha256(signing).digest(),
        manners=Manners(mail.connections, mail.attempts, mail.first_wait_seconds, dict(mail.rates)),
        signer=dkim_signer(settings),
        signed_by_server=mail.dkim_domain if mail.dkim_by == "server" else "",
        bounce_domain=mail.bounce_domain,
    )


def dkim_signer(settings: Settings) -> DkimSigner | None:
    """Who signs messages here; None where the mail server does. SettingsError for a key that is none."""
    mail = settings.mail
    pem = find_secret(settings, "dkim") if mail.dkim_by == "press" else None
    return None if pem is None else DkimSigner.of(pem, domain=mail.dkim_domain.lower(), selector=mail.dkim_selector)


def mail_faults(settings: Settings) -> Iterator[Fault]:
    """Everything that keeps `[mail]` from being used, in the order of the settings."""
    mail = settings.mail

    def fault(name: str, message: str) -> Fault:
        return Fault(str(settings.project / "presscheck.toml"), None, f"mail.{name}", message)

    if not mail.host:
        yield fault("host", 'name the mail server: `via` says that mail goes out by "smtp"')
    elif _HOST.fullmatch(mail.host) is None:
        yield fault("host", "write a host's name or address, without a port, a user or a scheme")
    if mail.tls == "none" and not _on_this_machine(mail.host):
        yield fault("tls", "mail goes to another machine encrypted only: set starttls or implicit")
    if mail.ca_file is not None and (wrong := ca_fault(settings.project / mail.ca_file)):
        yield fault("ca_file", wrong)
    for name, domain in (("hello_name", mail.hello_name), ("bounce_domain", mail.bounce_domain)):
        if domain and _DOMAIN.fullmatch(domain) is None:
            yield fault(name, "write a domain, such as bounces.example.com")
    for domain in mail.rates:
        if domain != "*" and _DOMAIN.fullmatch(domain) is None:
            yield fault("rates", f"{domain!r} is no domain; write one such as gmail.com, or * for all others")
    yield from _secret_faults(settings, fault)


def _secret_faults(settings: Settings, fault: Callable[[str, str], Fault]) -> Iterator[Fault]:
    mail = settings.mail
    looked = f"{settings.secrets}/NAME (mode 600) or PRESSCHECK_SECRET_NAME"
    if mail.user and (why := _missing(settings, "smtp")):
        yield fault("user", f"a user is named, and {why}; the password goes into {looked}")
    if _DOMAIN.fullmatch(mail.dkim_domain) is None:
        yield fault("dkim_domain", "name the domain that signs messages: Gmail, Yahoo and others ask for DKIM")
    if mail.dkim_by == "server":
        return
    if _SELECTOR.fullmatch(mail.dkim_selector) is None:
        yield fault("dkim_selector", "name the selector under which the public key is published, such as press1")
    if why := _missing(settings, "dkim"):
        yield fault("dkim_selector", f"{why}; the private key in PEM goes into {looked}")
        return
    try:
        dkim_signer(settings)
    except SettingsError as error:
        yield fault("dkim_selector", str(error))


def _missing(settings: Settings, name: str) -> str | None:
    try:
        return f"there is no secret {name}" if find_secret(settings, name) is None else None
    except SettingsError as error:
        return str(error)


def _on_this_machine(host: str) -> bool:
    """Whether a name can mean no other machine; it is not looked up, because an answer may be forged."""
    if host == "localhost":
        return True
    try:
        return ipaddress.ip_address(host).is_loopback
    except ValueError:
        return False


def _own_name() -> str:
    name = socket.gethostname()
    return name if _HOST.fullmatch(name) else "localhost"
