"""What `presscheck doctor` looks at: each look is a small function that says what it found and how to mend it."""

import contextlib
import json
import os
import shutil
import socket
import stat
import sys
from collections.abc import Callable, Iterator
from importlib.metadata import PackageNotFoundError, requires, version
from pathlib import Path
from typing import TYPE_CHECKING

from packaging.requirements import Requirement

from presscheck.cli.diagnosis_webhooks import webhook_looks
from presscheck.cli.look import Look
from presscheck.cli.project import Project
from presscheck.errors import InputError, PolicyError, PresscheckError
from presscheck.settings import Settings

if TYPE_CHECKING:
    from presscheck.ledger import Reader
    from presscheck.press.channels import Channel

_ROOM_MIB = 500
_GREETING_SECONDS = 5.0

# Who says which version is wanted, and of what: another one, put beside it by hand, breaks Prefect's server at its
# start or, worse, its schedules in silence.
_WANTED = (
    ("presscheck", "prefect"),
    ("prefect", "fastapi"),
    ("presscheck", "sqlalchemy"),
    ("presscheck", "whenever"),
)


def diagnose(project: Project) -> list[Look]:
    """Everything that can be looked at; what depends on settings is left out where they cannot be read."""
    looks = list(_installation())
    try:
        settings = project.settings
    except PresscheckError as error:
        faults = error.faults if isinstance(error, InputError) else ()
        mend = "Correct presscheck.toml or the variable it names."
        return [*looks, *(Look("settings", "missing", str(fault), mend) for fault in faults or (error,))]
    looks.append(Look("settings", "ok", f"project {settings.project}"))
    steps: tuple[Callable[[Settings], Iterator[Look]], ...] = (
        _home, _keys, _ledger_of(project), _databases, _segments, _pictures, _policies, _ways_out, _leaving,
        _model, _library, _warmth, _door, _server, _sign_in, _session, _for_developers,
    )  # fmt: skip
    return [*looks, *(look for step in steps for look in step(settings))]


def _installation() -> Iterator[Look]:
    python = ".".join(map(str, sys.version_info[:3]))
    old = sys.version_info < (3, 11)
    yield Look("Python", "missing" if old else "ok", python, "Install Python 3.11 or newer." if old else "")
    for asking, name in _WANTED:
        wanted = _requirement(asking, name)
        try:
            there = version(name)
        except PackageNotFoundError:
            yield Look(name, "missing", "not installed", f"pip install '{wanted}'")
            continue
        right = wanted.specifier.contains(there)
        yield Look(name, "ok" if right else "missing", there, "" if right else f"pip install '{wanted}'")


def _requirement(asking: str, name: str) -> Requirement:
    """What an installed package asks of another."""
    try:
        lines = requires(asking) or []
    except PackageNotFoundError:
        lines = []
    return next((one for one in map(Requirement, lines) if one.name == name), Requirement(name))


def _home(settings: Settings) -> Iterator[Look]:
    home = settings.home
    if not home.is_dir():
        yield Look("home", "missing", f"{home} is not there yet", "`presscheck up` makes it.")
        return
    if not os.access(home, os.W_OK):
        yield Look("home", "missing", f"{home} cannot be written", f"Give yourself the folder: chown -R $USER {home}")
    else:
        yield Look("home", "ok", str(home))
    room = shutil.disk_usage(home).free // (1 << 20)
    tight = room < _ROOM_MIB
    mend = f"Make room for {_ROOM_MIB} MiB, or name a home on another disk with PRESSCHECK_HOME." if tight else ""
    yield Look("room on disk", "missing" if tight else "ok", f"{room:,} MiB free", mend)


def _keys(settings: Settings) -> Iterator[Look]:
    from presscheck.ledger import Keyring, Signer
    from presscheck.ledger.keys import PROCESSES

    if not settings.keys.is_dir():
        yield Look("keys", "missing", f"{settings.keys} is not there yet", "`presscheck up` makes them.")
        return
    try:
        keyring = Keyring.load(settings.keys)
    except PresscheckError as error:
        yield Look("pinned keys", "missing", str(error), "Restore keys/trusted from your backup.")
        return
    own: list[str] = []
    for process in PROCESSES:
        path = settings.keys / process / "private.pem"
        if not path.exists():
            continue
        mode = stat.S_IMODE(path.stat().st_mode)
        if mode & 0o077:
            yield Look(f"{process} key", "missing", f"others may read it (mode {mode:04o})", f"chmod 600 {path}")
        try:
            signer = Signer.load(settings.keys, process)
        except PresscheckError as error:
            yield Look(f"{process} key", "missing", str(error), "Restore it from your backup.")
            continue
        if not keyring.verifies(process, b"doctor", signer.sign(b"doctor")):
            found = "the private key and the pinned public key do not belong together"
            yield Look(f"{process} key", "missing", found, "Restore both from one backup.")
        own.append(process)
    # A machine that runs one service holds one private key, or none if it only reads.
    yield Look("keys", "ok" if own else "note", f"signs as {', '.join(own) or 'nobody'}; believes all three")


def _ledger_of(project: Project) -> Callable[[Settings], Iterator[Look]]:
    def look(settings: Settings) -> Iterator[Look]:
        try:
            with project.ledger() as ledger, ledger.read() as tx:
                yield Look("ledger", "ok", f"{ledger.place}, {tx.tip().seq} events")
                yield from _glass(tx)
                yield from webhook_looks(settings, tx)
        except PresscheckError as error:
            yield Look("ledger", "missing", str(error), "`presscheck up` makes it or brings it up to date.")

    return look


def _glass(tx: "Reader") -> Iterator[Look]:
    """Glass that was broken and that nobody has looked at in time."""
    from presscheck.desk.glass import unreviewed

    waiting = unreviewed(tx)
    late = [one.id for one in waiting if one.overdue(tx.now)]
    mend = "Somebody who was neither of the two: `presscheck glass review ID`."
    if late:
        yield Look("broken glass", "missing", f"{', '.join(late)}: reviewed by nobody for more than three days", mend)
    elif waiting:
        yield Look("broken glass", "note", f"{', '.join(one.id for one in waiting)}: not reviewed yet", mend)


def _databases(settings: Settings) -> Iterator[Look]:
    from presscheck.cli.diagnosis_database import database_looks

    yield from database_looks(settings)


def _sign_in(settings: Settings) -> Iterator[Look]:
    from presscheck.cli.diagnosis_sign_in import sign_in_looks

    return sign_in_looks(settings)


def _segments(settings: Settings) -> Iterator[Look]:
    from presscheck.cli.diagnosis_segments import segment_looks

    return segment_looks(settings)


def _pictures(settings: Settings) -> Iterator[Look]:
    from presscheck.assets.pictures.files import pictures_folder
    from presscheck.digests import file_digest

    folder = pictures_folder(settings.home)
    if not folder.is_dir():
        return
    files = sorted(path for path in folder.iterdir() if path.suffix in (".png", ".jpg") and path.is_file())
    wrong = [path.name for path in files if file_digest(path) != path.stem]
    if wrong:
        told = f"{len(wrong)} of {len(files)} are not what was added, such as {wrong[0]}"
        yield Look("pictures", "missing", told, "Put the files back, or add them again: `presscheck image add`.")
    else:
        yield Look("pictures", "ok", f"{len(files)} in {folder}, each what its name says")


def _policies(settings: Settings) -> Iterator[Look]:
    from policies import load_policies
    from presscheck.cli.diagnosis_notices import notice_looks
    from presscheck.cli.diagnosis_policies import signature_looks, weaker_looks

    yield from signature_looks(settings)

    try:
        loaded = load_policies(overlay=settings.policies.folder)
    except PolicyError as error:
        first = str(error).splitlines()[0]
        yield Look("policies", "missing", first, "`presscheck policies check` names every fault.")
        yield from notice_looks(settings, ())
        return
    yield Look("policies", "ok", f"{len(loaded.versions)} policies, version {loaded.digest[:12]}")
    yield from weaker_looks(loaded)
    # Whom the models ask is read here, because loading the policies takes a second.
    yield from notice_looks(settings, loaded.approvals)


def _ways_out(settings: Settings) -> Iterator[Look]:
    from presscheck.press.channels.opening import misnamed, open_channels

    named = settings.via if isinstance(settings.via, str) else ", ".join(f"{k}: {v}" for k, v in settings.via.items())
    if not (settings.keys / "press" / "private.pem").exists():
        # What is named can be looked at without the press's key; its secrets and servers cannot.
        wrong = misnamed(settings)
        for fault in wrong:
            yield Look("ways out", "missing", str(fault), "Correct presscheck.toml; docs/ways-out.md has every one.")
        if wrong:
            return
        yield Look("ways out", "note", f"{named}; the press does not run here", "Ask the doctor where the press runs.")
        return
    try:
        # Opened as the press opens them.
        channels = open_channels(settings)
    except InputError as error:
        for fault in error.faults or (error,):
            yield Look(
                "ways out", "missing", str(fault), "Correct presscheck.toml; docs/ways-out.md has every setting."
            )
    except PresscheckError as error:
        yield Look("ways out", "missing", str(error), "The press does not start like this; docs/ways-out.md says more.")
    else:
        yield Look("ways out", "ok", named)
        yield from _greeted(channels)


def _greeted(channels: "dict[str, Channel]") -> Iterator[Look]:
    """Each way out, tried without anything going out: all at once, because each may take its time to fail."""
    from concurrent.futures import ThreadPoolExecutor

    from presscheck.press.channels import Greeting

    def greet(name: str, channel: Greeting) -> Look:
        what = "mail server" if name == "smtp" else f"way out {name}"
        try:
            return Look(what, "ok", channel.greet(seconds=_GREETING_SECONDS))
        except PresscheckError as error:
            mend = "Nothing goes out this way before it is mended; docs/ways-out.md says more."
            return Look(what, "missing", str(error), mend)

    with ThreadPoolExecutor(len(channels)) as threads:
        greetings = [threads.submit(greet, name, one) for name, one in channels.items() if isinstance(one, Greeting)]
        yield from (greeting.result() for greeting in greetings)


def _leaving(settings: Settings) -> Iterator[Look]:
    from presscheck.unsubscribe_links import url_fault

    url = settings.way_to_leave.url
    by_mail = settings.way_out("email") == "smtp"
    if fault := url_fault(url):
        yield Look("unsubscribe", "missing", f"{url}: {fault}", "Set [mail] unsubscribe_url.")
    elif by_mail and not url.startswith("https://"):
        mend = "Set [mail] unsubscribe_url to the https address that leads to the door's /unsubscribe."
        yield Look("unsubscribe", "note", f"{url} is reached from this machine only", mend)
    else:
        yield Look("unsubscribe", "ok", url)
    if settings.mail.returns is None:
        if by_mail:
            mend = "Let bounces and complaints arrive in a Maildir and name it with [mail] returns."
            yield Look("returns", "note", "bounces and complaints are not read", mend)
        return
    from presscheck.press.feedback_returns import returns_fault, set_aside_in

    maildir = settings.project / settings.mail.returns
    if fault := returns_fault(maildir):
        yield Look("returns", "missing", str(fault), "Make it with `mkdir -p cur new tmp` there.")
    else:
        yield Look("returns", "ok", f"{maildir}, {set_aside_in(maildir)} set aside")


def _model(settings: Settings) -> Iterator[Look]:
    if settings.copywriter != "model":
        yield Look("copywriter", "ok", settings.copywriter)
        return
    from presscheck.providers.model_client import faults_of, needs_key
    from presscheck.providers.model_local import is_installed
    from presscheck.providers.spending import price_of
    from presscheck.settings.secrets import find_secret

    for fault in faults_of(settings.model):
        yield Look("model", "missing", f"{fault.where}: {fault.message}", "Correct [model] in presscheck.toml.")
    asked = (("model", "model", settings.model), ("fallback model", "model-fallback", settings.model.fallback))
    for what, secret, one in asked:
        if one is None or one.provider is None:
            continue
        named = f"{one.provider}/{one.name}" if one.name else one.provider
        if one.provider == "local" and not is_installed():
            yield Look(what, "missing", f"{named}: its packages are not here", "pip install 'presscheck[local-llm]'")
            continue
        try:
            key = find_secret(settings, secret)
        except PresscheckError as error:
            yield Look(what, "missing", f"{named}: {error}", f"Write the key into {settings.secrets / secret}.")
            continue
        cap = settings.model.cap_dollars
        if cap is not None and price_of(one) is None:
            found = f"{named}: nobody here knows its price, so the cap of ${cap} cannot be kept"
            yield Look(what, "missing", found, "Give price_in and price_out, in dollars for a million tokens.")
        if key is None and needs_key(one):
            mend = f"Put it into {settings.secrets / secret} (mode 600); `presscheck model try` shows that it works."
            yield Look(what, "missing", f"{named}: there is no key", mend)
        else:
            bound = "no cap" if cap is None else f"a cap of ${cap} for a campaign run"
            yield Look(what, "ok", f"{named}, {'a key is there' if key else 'without a key'}, {bound}")


def _library(settings: Settings) -> Iterator[Look]:
    from presscheck.cli.diagnosis_library import library_looks

    return library_looks(settings)


def _warmth(settings: Settings) -> Iterator[Look]:
    if sys.platform != "linux":
        yield Look("warm engine", "note", "there is none on this system: each run starts some seconds later")
    elif settings.warm:
        yield Look("warm engine", "ok", "runs start warm, for some 100 MB of memory, 320 MB while there are new runs")
    else:
        found = "warm = false: each answer is followed two seconds later, each first question asked seven seconds later"
        yield Look("warm engine", "note", found, "With so much memory to spare, 320 MB, take warm = false out.")


def _door(settings: Settings) -> Iterator[Look]:
    from presscheck.cli.client import DoorClient

    try:
        with DoorClient(settings.door_url, seconds=3) as door:
            door.get("/-/api/health")
    except PresscheckError as error:
        taken = _taken(settings.door_port)
        mend = (
            f"Port {settings.door_port} is taken by another program: stop it, or set door_port."
            if taken
            else "`presscheck up` starts it."
        )
        yield Look("door", "missing", str(error).partition(" `presscheck")[0], mend)
        return
    yield Look("door", "ok", f"answers at {settings.door_url}")


def _server(settings: Settings) -> Iterator[Look]:
    import httpx

    address = f"{settings.prefect_url}/health"
    try:
        answer = httpx.get(address, timeout=3, trust_env=False)
    except httpx.HTTPError as error:
        taken = _taken(settings.prefect_port)
        mend = (
            f"Port {settings.prefect_port} is taken by another program: stop it, or set prefect_port."
            if taken
            else "`presscheck up` starts it."
        )
        yield Look("Prefect's server", "missing", f"{address}: {type(error).__name__}", mend)
        return
    # 401 is Prefect's server that wants the credentials which only our processes have.
    if answer.status_code in (200, 401):
        yield Look("Prefect's server", "ok", f"answers at {settings.prefect_url}")
        with contextlib.suppress(OSError, ValueError):
            for line in json.loads((settings.home / "up.json").read_text("utf-8")).get("campaigns", ()):
                yield Look("campaigns", "missing", str(line), "Mend it, and start `presscheck up` anew.")
    else:
        found = f"{address} answers {answer.status_code}"
        yield Look("Prefect's server", "missing", found, "Another program is at this port; set prefect_port.")


def _session(settings: Settings) -> Iterator[Look]:
    from presscheck.cli.signed_in import NotSignedIn, load_session

    try:
        session = load_session(settings.door_url)
    except NotSignedIn as error:
        yield Look("sign-in", "note", str(error))
        return
    yield Look("sign-in", "note", f"{session.name} until {session.expires_at}")


def _for_developers(settings: Settings) -> Iterator[Look]:
    browser = shutil.which("chromium-headless-shell") or shutil.which("chromium")
    yield Look("browser", "note", browser or "no chromium; only developers' tests want it")
    servers = sorted(Path("/usr/lib/postgresql").glob("*/bin/postgres"))
    there = str(servers[-1]) if servers else shutil.which("postgres")
    yield Look("PostgreSQL binaries", "note", there or "none; only developers' tests want them")


def _taken(port: int) -> bool:
    with socket.socket() as probe:
        probe.settimeout(1)
        return probe.connect_ex(("127.0.0.1", port)) == 0
