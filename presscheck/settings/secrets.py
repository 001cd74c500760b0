"""Secrets by name: in the environment or in a file of their own, and only for the process that needs them.

    secret = find_secret(settings, "smtp")           # SecretStr, or None where there is none
    secret = require_secret(settings, "smtp", why="[mail] names a user")
    told = without_secrets(settings, str(error))    # somebody else's words, before they are shown or logged

Looked for, in this order: the variable PRESSCHECK_SECRET_SMTP; the file `smtp` in systemd's
$CREDENTIALS_DIRECTORY; the file `smtp` in `secrets` (home/secrets), which nobody else may read.
A secret is never a setting, a parameter, a log line or a row: pass the SecretStr, open it last.
"""

import os
import re
import stat
from collections.abc import Iterator, Mapping
from pathlib import Path
from urllib.parse import quote, quote_plus

from pydantic import SecretStr

from presscheck.errors import SettingsError
from presscheck.models import Process
from presscheck.settings.settings import Settings

OWNERS: dict[str, Process] = {
    "model": "worker",
    "model-fallback": "worker",
    "database-": "worker",
    "notices-": "worker",
    "webhooks-": "worker",
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
_HIDDEN = "•••"
# A shorter value, such as 1 or yes, would take every such word out of the text.
_SHORTEST = 6
_NAMED_LIKE_ONE = re.compile(r"pass|secret|token|key|auth|credential", re.I)
_LIKE_ONE: tuple[tuple[re.Pattern[str], str], ...] = (
    (re.compile(r"(://[^\s:/@]{0,100}:)\S{1,500}@"), rf"\1{_HIDDEN}@"),
    (re.compile(r"\b(Bearer|Basic)\s+[\w.~+/=-]{8,}", re.I), rf"\1 {_HIDDEN}"),
    (re.compile(r"\b(?:sk|pk|rk|ghp|gho|github_pat|glpat|xox[abp]|AKIA|eyJ)[\w.-]{12,}"), _HIDDEN),
    (
        re.compile(
            r"((?:pass(?:word|wd|phrase)?|secret|token|credentials?|authorization|(?:api|access|private)[_-]?key)"
            r"[\w-]{0,20}[\"']?\s{0,3}[=:]\s{0,3})(?:\"[^\"]*\"|'[^']*'|[^\s&,;)}\]]+)",
            re.I,
        ),
        rf"\1{_HIDDEN}",
    ),
    (re.compile(r"[\w.!#$%&'*+/=?^`{|}~-]{1,64}@[\w-]{1,63}(?:\.[\w-]{1,63}){1,8}"), _HIDDEN),
)


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


def without_secrets(settings: Settings, text: str) -> str:
    """`text` with ••• for every secret that this process can read, for what is written like one, and for addresses.

    For words that are not ours, such as those of an exception that a library raised: they quote the address they
    called, the header they sent, the row they could not read. Prefect keeps what it is told, and no one can erase it.
    """
    for value in sorted(_values(settings), key=len, reverse=True):
        for spelt in (value, quote(value), quote(value, safe=""), quote_plus(value), repr(value)[1:-1]):
            text = text.replace(spelt, _HIDDEN)
    for pattern, instead in _LIKE_ONE:
        text = pattern.sub(instead, text)
    return text


def _values(settings: Settings) -> Iterator[str]:
    """Every secret that this process could name, an engineer's own in the environment among them."""
    found = [value for name, value in os.environ.items() if _NAMED_LIKE_ONE.search(name)]
    for folder in _folders(settings):
        try:
            paths = [path for path in folder.iterdir() if path.is_file()]
            found += [path.read_bytes()[:_LARGEST].decode("utf-8", "replace") for path in paths]
        except OSError:
            # A folder that is not there, or not ours to read, holds nothing that this process could have shown.
            continue
    for value in found:
        yield from (line for line in value.splitlines() if len(line.strip()) >= _SHORTEST)


def environment_for(process: Process, environ: Mapping[str, str]) -> dict[str, str]:
    """The PRESSCHECK_SECRET_* variables that this process may have, and no others."""
    return {name: value for name, value in environ.items() if name.startswith(_PREFIX) and _owner(name) == process}


def _owner(variable: str) -> Process | None:
    name = variable.removeprefix(_PREFIX).lower().replace("_", "-")
    return next((process for known, process in OWNERS.items() if _is(name, known)), None)


def _is(name: str, known: str) -> bool:
    return name.startswith(known) if known.endswith("-") else name == known


def _from_files(settings: Settings, name: str) -> str | None:
    for folder in _folders(settings):
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


def _folders(settings: Settings) -> list[Path]:
    return [*(Path(given) for given in [os.environ.get("CREDENTIALS_DIRECTORY")] if given), settings.secrets]


def _variable(name: str) -> str:
    return _PREFIX + name.upper().replace("-", "_")


def _where(settings: Settings, name: str) -> str:
    return f"put it into {settings.secrets / name} (mode 600) or into the variable {_variable(name)}"
