"""A real Postfix on loopback: Debian's programs with a configuration, a queue and Maildirs of the test's own.

    with postfix(people={"ana@example.com"}, unknown={...}) as server:
        server.server()                what a channel needs, with TLS and sign-in
        server.mailboxes()             who got what, by the Maildirs
        server.set(message_size_limit=5000)
        server.restart()

It needs root, because Postfix's master gives its processes accounts of their own. The package's own instance is neither
needed nor touched: everything lies in one temporary folder, and the ports are high ones.
"""

import os
import pwd
import shutil
import signal
import socket
import subprocess
import tempfile
import time
from collections import Counter
from collections.abc import Generator, Iterable
from contextlib import contextmanager
from dataclasses import dataclass
from email import message_from_bytes, policy
from email.message import EmailMessage
from pathlib import Path
from typing import Any

import pytest
from pydantic import SecretStr

from presscheck.press.channels.smtp_client import MailServer
from tests.conftest import free_port, require
from tests.press.mailing import Papers, make_papers

__all__ = ["Postfix", "postfix"]

DAEMONS = Path("/usr/lib/postfix/sbin")
USER, PASSWORD = "campaigns", "the-mail-password-of-this-test"
# Every service of the shipped master.cf that this needs, without a chroot: that would want files in the queue's folder.
SERVICES = """
pickup unix n - n 60 1 pickup
cleanup unix n - n - 0 cleanup
qmgr unix n - n 300 1 qmgr
tlsmgr unix - - n 1000? 1 tlsmgr
rewrite unix - - n - - trivial-rewrite
bounce unix - - n - 0 bounce
defer unix - - n - 0 bounce
trace unix - - n - 0 bounce
verify unix - - n - 1 verify
flush unix n - n 1000? 0 flush
proxymap unix - - n - - proxymap
smtp unix - - n - - smtp
showq unix n - n - - showq
error unix - - n - - error
retry unix - - n - - error
discard unix - - n - - discard
virtual unix - n n - - virtual
anvil unix - - n - 1 anvil
scache unix - - n - 1 scache
postlog unix-dgram n - n - 1 postlogd
"""


@dataclass(frozen=True)
class Postfix:
    """A mail server that runs. It can be handed to other processes, which may only ask `server`."""

    folder: Path
    port: int
    papers: Papers

    @property
    def log(self) -> Path:
        """Its own log, as Postfix's postlogd writes it."""
        return self.folder / "mail.log"

    @property
    def returns(self) -> Path:
        """The Maildir that its bounces arrive in: whatever is for bounce+TAG@brand.example."""
        return self.folder / "boxes" / "returns"

    def server(self, **more: Any) -> MailServer:
        values: dict[str, Any] = {
            "host": "localhost",
            "port": self.port,
            "tls": "starttls",
            "ca_file": self.papers.authority,
            "user": USER,
            "password": SecretStr(PASSWORD),
            "timeout": 20.0,
            **more,
        }
        return MailServer(**values)

    def mails(self, *boxes: str) -> list[EmailMessage]:
        """What lies in these mailboxes; in everybody's if none is named."""
        folders = [self.folder / "boxes" / box for box in boxes] or [
            box for box in (self.folder / "boxes").iterdir() if box != self.returns
        ]
        paths = [path for folder in folders for path in sorted((folder / "new").glob("*"))]
        return [message_from_bytes(path.read_bytes(), policy=policy.default) for path in paths]

    def mailboxes(self) -> Counter[str]:
        """How many messages each person got, by the Maildirs."""
        return Counter(str(mail["To"]) for mail in self.mails())

    def said(self, words: str) -> int:
        """How many lines of the log have these words."""
        return self.log.read_text("utf-8", "replace").count(words) if self.log.exists() else 0

    def map(self, name: str, rows: dict[str, str]) -> None:
        """Write one of the maps; `reload` makes it count."""
        path = self.folder / "conf" / name
        path.write_text("".join(f"{key} {value}\n" for key, value in rows.items()) or "# nobody\n")
        path.chmod(0o644)

    def set(self, **settings: Any) -> None:
        """Change settings of main.cf, and let them count."""
        told = [f"{name}={value}" for name, value in settings.items()]
        _run(["postconf", "-c", str(self.folder / "conf"), "-e", *told])
        self.reload()

    def reload(self) -> None:
        self._postfix("reload")

    def start(self) -> None:
        self._postfix("start")
        _await_greeting(self)

    def stop(self) -> None:
        self._postfix("stop")

    def restart(self) -> None:
        self.stop()
        self.start()

    def idle(self, seconds: float = 30) -> None:
        """Wait until its queue is empty: everything is delivered or has bounced."""
        over = time.monotonic() + seconds
        while any(path.is_file() for name in QUEUES for path in (self.folder / "queue" / name).rglob("*")):
            assert time.monotonic() < over, self.log.read_text()[-2000:]
            time.sleep(0.05)

    def _postfix(self, verb: str) -> None:
        _run(["postfix", "-c", str(self.folder / "conf"), verb])


QUEUES = ("incoming", "active", "deferred", "maildrop")


@contextmanager
def postfix(
    people: Iterable[str],
    *,
    greylisted: Iterable[str] = (),
    bouncing: dict[str, str] | None = None,
    **settings: Any,
) -> Generator[Postfix]:
    """A Postfix with a mailbox for each of `people`; for everybody else there is none (550 5.1.1).

    `greylisted` are put off by postgrey at first (450 4.2.0). `bouncing` says with which answer, such as
    `550 5.1.1 No such user`, the next server on the way refuses a recipient whom this one has taken.
    """
    found = shutil.which("postfix", path=_PATH) if os.geteuid() == 0 else None
    require("postfix", found, "install Debian's postfix, postgrey, sasl2-bin and libsasl2-modules, and be root")
    folder = Path(tempfile.mkdtemp(prefix="presscheck-postfix-"))
    # Postfix's own accounts have to get through.
    folder.chmod(0o711)
    server = Postfix(folder, free_port(), make_papers(folder / "papers"))
    next_port, grey_port = free_port(), free_port()
    _lay_out(server, next_port, grey_port, settings)
    bouncing = bouncing or {}
    local = {one: f"{one.partition('@')[0]}/" for one in [*people, *bouncing]}
    server.map("mailboxes", {**local, "bounce@brand.example": "returns/", "news@brand.example": "news/"})
    server.map("transport", dict.fromkeys(bouncing, f"smtp:[127.0.0.1]:{next_port}"))
    server.map("refused", bouncing)
    server.map("greylisted", dict.fromkeys(greylisted, "greylist"))
    server.map("senders", {})
    _let_in(folder)
    greylist = _postgrey(folder, grey_port) if greylisted else None
    try:
        server.start()
        yield server
    finally:
        if (folder / "queue" / "pid" / "master.pid").exists():
            subprocess.run(
                ["postfix", "-c", str(folder / "conf"), "abort"], env=_ENVIRONMENT, check=False, capture_output=True
            )
        if greylist is not None:
            greylist.kill()
            greylist.wait(timeout=20)
        shutil.rmtree(folder, ignore_errors=True)


def _lay_out(server: Postfix, next_port: int, grey_port: int, settings: dict[str, Any]) -> None:
    folder, conf = server.folder, server.folder / "conf"
    account = pwd.getpwnam("postfix")
    mailman = pwd.getpwnam("nobody")
    for name in ("conf", "conf/sasl", "queue", "data"):
        (folder / name).mkdir(mode=0o755)
    os.chown(folder / "data", account.pw_uid, account.pw_gid)
    # Mailboxes are made when the first mail comes; the press wants the one of what comes back before that.
    for name in ("", *(f"returns/{part}" for part in ("", "cur", "new", "tmp"))):
        (folder / "boxes" / name).mkdir(mode=0o755)
        os.chown(folder / "boxes" / name, mailman.pw_uid, mailman.pw_gid)
    told: dict[str, Any] = {
        "compatibility_level": "3.6",
        "queue_directory": folder / "queue",
        "data_directory": folder / "data",
        "daemon_directory": DAEMONS,
        "command_directory": "/usr/sbin",
        "maillog_file": server.log,
        "maillog_file_prefixes": folder,
        "myhostname": "mx.brand.example",
        "mydestination": "",
        "inet_interfaces": "127.0.0.1",
        "inet_protocols": "ipv4",
        # Nobody is let off the limits and the rules for coming from this machine.
        "mynetworks": "192.0.2.1/32",
        "smtpd_client_event_limit_exceptions": "",
        "smtp_host_lookup": "native",
        "disable_dns_lookups": "yes",
        "in_flow_delay": 0,
        "recipient_delimiter": "+",
        "biff": "no",
        "alias_maps": "",
        "alias_database": "",
        "local_recipient_maps": "",
        "virtual_mailbox_domains": "example.com, brand.example",
        "virtual_mailbox_base": folder / "boxes",
        "virtual_mailbox_maps": f"texthash:{conf}/mailboxes",
        "virtual_uid_maps": f"static:{mailman.pw_uid}",
        "virtual_gid_maps": f"static:{mailman.pw_gid}",
        "transport_maps": f"texthash:{conf}/transport",
        "smtpd_tls_security_level": "may",
        "smtpd_tls_cert_file": server.papers.certificate,
        "smtpd_tls_key_file": server.papers.key,
        "smtpd_tls_auth_only": "yes",
        "smtpd_sasl_auth_enable": "yes",
        "smtpd_sasl_local_domain": "brand.example",
        "smtpd_restriction_classes": "greylist",
        "greylist": f"check_policy_service inet:127.0.0.1:{grey_port}",
        "smtpd_recipient_restrictions": ", ".join(
            [
                f"check_sender_access texthash:{conf}/senders",
                "reject_unauth_destination",
                f"check_recipient_access texthash:{conf}/greylisted",
            ]
        ),
        **settings,
    }
    (conf / "main.cf").write_text("".join(f"{name} = {value}\n" for name, value in told.items()))
    # The next server on the way, played by another service of the same master: it refuses whom the map names.
    further = [
        f"127.0.0.1:{next_port} inet n - n - - smtpd",
        "-o smtpd_tls_security_level=none",
        "-o smtpd_sasl_auth_enable=no",
        "-o smtpd_client_message_rate_limit=0",
        "-o smtpd_client_connection_rate_limit=0",
        "-o smtpd_client_recipient_rate_limit=0",
        f"-o smtpd_recipient_restrictions=check_recipient_access,texthash:{conf}/refused,reject",
    ]
    first = f"127.0.0.1:{server.port} inet n - n - - smtpd"
    (conf / "master.cf").write_text(f"{first}\n" + "\n  ".join(further) + SERVICES)
    (conf / "sasl" / "smtpd.conf").write_text(
        f"pwcheck_method: auxprop\nauxprop_plugin: sasldb\nmech_list: PLAIN LOGIN\nsasldb_path: {conf}/sasl/db\n"
    )
    _run(["saslpasswd2", "-p", "-c", "-f", f"{conf}/sasl/db", "-u", "brand.example", USER], input=PASSWORD)


def _let_in(folder: Path) -> None:
    # Postfix's accounts read both; the password is this test's own.
    (folder / "conf" / "sasl" / "db").chmod(0o644)
    (folder / "papers").chmod(0o755)


def _postgrey(folder: Path, port: int) -> "subprocess.Popen[bytes]":
    program = shutil.which("postgrey", path=_PATH)
    require("postfix", program, "install Debian's postgrey package")
    account = pwd.getpwnam("nobody")
    (folder / "grey").mkdir(mode=0o755)
    os.chown(folder / "grey", account.pw_uid, account.pw_gid)
    # A second is the shortest that it knows; whoever comes back after it is let in.
    told = ["--inet", f"127.0.0.1:{port}", "--dbdir", str(folder / "grey"), "--user", "nobody", "--group", "nogroup"]
    process = subprocess.Popen(
        [str(program), *told, "--delay", "1"], stdout=subprocess.DEVNULL, stderr=subprocess.DEVNULL, env=_ENVIRONMENT
    )
    for _ in range(200):
        with socket.socket() as probe:
            if probe.connect_ex(("127.0.0.1", port)) == 0:
                return process
        if process.poll() is not None:
            break
        time.sleep(0.05)
    process.send_signal(signal.SIGKILL)
    pytest.fail("postgrey did not start")


def _await_greeting(server: Postfix) -> None:
    for _ in range(200):
        with socket.socket() as probe:
            probe.settimeout(2)
            if probe.connect_ex(("127.0.0.1", server.port)) == 0 and probe.recv(3) == b"220":
                return
        time.sleep(0.05)
    pytest.fail(f"Postfix did not start: {server.log.read_text() if server.log.exists() else 'it wrote no log'}")


def _run(command: list[str], *, input: str | None = None) -> None:
    done = subprocess.run(command, env=_ENVIRONMENT, input=input, capture_output=True, text=True, check=False)
    assert done.returncode == 0, (command, done.stdout, done.stderr)


_PATH = "/usr/sbin:/usr/bin:/sbin:/bin"
# MAIL_CONFIG and the like of somebody's shell must not lead to the package's own instance.
_ENVIRONMENT = {"PATH": _PATH, "LC_ALL": "C"}
