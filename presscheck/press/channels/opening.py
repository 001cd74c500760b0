"""Opens the ways out that the settings name, and tells every fault of them at once.

    channels = open_channels(settings)

Only the press's process calls this, because only it may reach the public. A way out of a new kind
is a function here, and a line in `presscheck.ways_out`.
"""

import hashlib
from collections.abc import Callable
from pathlib import Path
from urllib.parse import urlsplit

from presscheck.errors import Fault, PresscheckError, SettingsError
from presscheck.ledger import Signer
from presscheck.outbound.authorities import ca_fault
from presscheck.press.channels import Channel
from presscheck.press.channels.outbox import Outbox
from presscheck.settings import Settings
from presscheck.settings.secrets import find_secret, require_secret
from presscheck.settings.section import is_loopback
from presscheck.settings.ways_out import WAYS_OUT, why_not
from presscheck.unsubscribe_links import NOBODY_LEAVES


def open_channels(settings: Settings) -> dict[str, Channel]:
    """The ways out by name: the outbox, and those that `via` names. SettingsError with every fault."""
    faults = misnamed(settings)
    channels: dict[str, Channel] = {"outbox": Outbox(settings.outbox)}
    for name in _named(settings):
        if name == "outbox" or name not in _OPENERS:
            continue
        try:
            channels[name] = _OPENERS[name](settings)
        except SettingsError as error:
            faults += error.faults or [Fault("presscheck.toml", None, f"via = {name}", str(error))]
        except PresscheckError as error:
            faults.append(Fault("presscheck.toml", None, f"via = {name}", str(error)))
    if faults:
        raise SettingsError(faults)
    return channels


def _named(settings: Settings) -> list[str]:
    via = settings.via
    return [via] if isinstance(via, str) else sorted(set(via.values()))


def misnamed(settings: Settings) -> list[Fault]:
    """What is wrong with `via` itself, before any way out is opened."""
    faults: list[Fault] = []
    for name in _named(settings):
        if name not in WAYS_OUT or (name != "outbox" and name not in _OPENERS):
            known = ", ".join(["outbox", *_OPENERS])
            faults.append(Fault("presscheck.toml", None, "via", f"there is no way out {name}; there are: {known}"))
        elif settings.demo and name != "outbox":
            faults.append(Fault("presscheck.toml", None, "via", f"a demo goes to the outbox only, not to {name}"))
    for channel, name in settings.via.items() if isinstance(settings.via, dict) else ():
        if name in WAYS_OUT and (why := why_not(name, channel)) is not None:
            faults.append(Fault("presscheck.toml", None, f"via.{channel}", why))
    return faults


# ---------------------------------------------------------------- one function a way out


def _smtp(settings: Settings) -> Channel:
    from presscheck.press.channels.smtp_opening import open_smtp

    return open_smtp(settings)


def _webhook(settings: Settings) -> Channel:
    from presscheck.outbound.posting import signing_key
    from presscheck.press.channels.webhook import Webhook

    if not settings.webhook.url:
        raise SettingsError("[webhook] url: say where to post, such as https://HOST/PATH")
    key = signing_key(require_secret(settings, "webhook", why="[webhook] signs every message with it"), "webhook")
    ca_file = _ca_file(settings, "webhook", settings.webhook.ca_file)
    away = not is_loopback(urlsplit(settings.webhook.url).hostname or "")
    if away and settings.way_out("email") == "webhook" and settings.way_to_leave.on_this_machine:
        raise SettingsError(NOBODY_LEAVES)
    signing = Signer.load(settings.keys, "press").sign(b"presscheck: journals of the webhook, 1")
    # Nobody without the press's key can write a slot that counts.
    seal = hashlib.sha256(signing).digest()
    return Webhook(settings.webhook, key, settings.home / "press" / "webhook", seal, ca_file=ca_file)


def _ca_file(settings: Settings, section: str, named: Path | None) -> Path | None:
    """The file of certificates, wherever the press was started. SettingsError where it is none."""
    if named is None:
        return None
    path = settings.project / named
    if fault := ca_fault(path):
        raise SettingsError(f"[{section}] ca_file: {fault}")
    return path


def _search_csv(settings: Settings) -> Channel:
    from presscheck.press.channels.search_csv import SearchCsv

    return SearchCsv(settings.files_folder / "search", ad_group=settings.files.ad_group)


def _social_calendar(settings: Settings) -> Channel:
    from presscheck.press.channels.calendar_files import SocialCalendar

    return SocialCalendar(settings.files_folder / "social", hour=settings.files.publish_hour)


def _blog_git(settings: Settings) -> Channel:
    from presscheck.press.channels.blog_git import BlogGit
    from presscheck.press.channels.git_branch import Branch

    section = settings.files.git
    if not section.remote:
        raise SettingsError("[files.git] remote: name a bare repository's folder, or its https address")
    password = find_secret(settings, "git")
    if "://" not in section.remote:
        # A relative folder is one of the project's, wherever the press was started.
        section = section.model_copy(update={"remote": str(settings.project / section.remote)})
    ca_file = _ca_file(settings, "files.git", section.ca_file)
    branch = Branch(section, password, settings.home / "press" / "blog-git", ca_file=ca_file)
    if fault := branch.check():
        raise SettingsError(fault)
    return BlogGit(branch, section.folder)


_OPENERS: dict[str, Callable[[Settings], Channel]] = {
    "smtp": _smtp,
    "webhook": _webhook,
    "search-csv": _search_csv,
    "social-calendar": _social_calendar,
    "blog-git": _blog_git,
}
