"""Secrets by name: in the environment or in a file of their own, and only for the process that needs them.

    secret = find_secret(settings, "smtp")           # SecretStr, or None where there is none
    secret = require_secret(settings, "smtp", why="[mail] names a user")

Looked for, in this order: the variable PRESSCHECK_SECRET_SMTP; the file `smtp` in systemd's
$CREDENTIALS_DIRECTORY; the file `smtp` in `secrets` (home/secrets), which nobody else may read.
A secret is never a setting, a parameter, a log line or a row: pass the SecretStr, open it last.
"""

import os
import re
import stat
from collections.abc import Mapping
from pathlib import Path

from pydantic import SecretStr

from presscheck.errors import SettingsError
from presscheck.models import Process
from presscheck.settings import Settings

__all__ = ["OWNERS", "environment_for", "find_secret", "require_secret"]

OWNERS: dict[str, Process] = {
    "model": "worker",
    "model-fallback": "worker",
    "database-": "worker",
    "notices-": "worker",
    "smtp": "press",
    "dkim": "press",
    "mailbox": "press",
    "webhook": "press",
    "git": "press",
    "oidc": "door",
    "ledger-worker": "worker",
    "ledger-door": "door",
    "ledger-press": "press",
}
"""Which process may have which secret; a name that ends in `-` stands for all that begin so.

No process has `ledger-owner`, `ledger-reader` and `prefect-database`: they are for the commands that
people run, and for `presscheck up`, which migrates the ledger and starts Prefect's server.
"""

_PREFIX = "PRESSCHECK_SECRET_"
_NAME = re.compile(r"[a-z0-9]+(?:-[a-z0-9]+)*")
_LARGEST = 64 * 1024


def find_secret(settings: Settings, name: str) -> SecretStr | None:
    """The secret, without the line end of a file; None where there is none. SettingsError for one that lies open."""
    if _NAME.fullmatch(name) is None:
        raise SettingsError(f"secret {name!r}: a secret's name is lower-case words joined by hyphens")
    text = os.environ.get(_variable(name))
    if text is None:
        text = _from_files(settings, name)
    if text is not None and not text.strip():
        raise SettingsError(f"secret {name}: it is empty; {_where(settings, name)}")
    return None if text is None else SecretStr(text.rstrip("\r\n"))


def require_secret(settings: Settings, name: str, *, why: str) -> SecretStr:
    """The secret; SettingsError with where it is looked for, and `why` it is needed."""
    found = find_secret(settings, name)
    if found is None:
        raise SettingsError(f"secret {name}: there is none, and {why}; {_where(settings, name)}")
    return found


def environment_for(process: Process, environ: Mapping[str, str]) -> dict[str, str]:
    """The PRESSCHECK_SECRET_* variables that this process may have, and no others."""
    return {name: value for name, value in environ.items() if name.startswith(_PREFIX) and _owner(name) == process}


def _owner(variable: str) -> Process | None:
    name = variable.removeprefix(_PREFIX).lower().replace("_", "-")
    return next((process for known, process in OWNERS.items() if _is(name, known)), None)


def _is(name: str, known: str) -> bool:
    return name.startswith(known) if known.endswith("-") else name == known


def _from_files(settings: Settings, name: str) -> str | None:
    folders = [Path(given) for given in [os.environ.get("CREDENTIALS_DIRECTORY")] if given]
    for folder in [*folders, settings.secrets]:
        path = folder / name
        try:
            with path.open("rb") as file:
                if folder == settings.secrets and stat.S_IMODE(os.fstat(file.fileno()).st_mode) & 0o077:
                    raise SettingsError(f"{path}: others may read this secret; chmod 600 {path}")
                return file.read(_LARGEST).decode("utf-8")
        except FileNotFoundError:
            continue
        except (OSError, UnicodeDecodeError) as error:
            # Never the content, not even a part of it.
            raise SettingsError(f"{path}: the secret cannot be read: {type(error).__name__}") from None
    return None


def _variable(name: str) -> str:
    return _PREFIX + name.upper().replace("-", "_")


def _where(settings: Settings, name: str) -> str:
    return f"put it into {settings.secrets / name} (mode 600) or into the variable {_variable(name)}"
