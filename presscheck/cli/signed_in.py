"""Who is signed in at which door, kept in a 0600 file in the user's own configuration folder."""

import json
import os
import stat
from pathlib import Path

from pydantic import BaseModel, ConfigDict, Field, ValidationError

from presscheck.errors import DoorError


class NotSignedIn(DoorError):
    """Nobody is signed in at this door, or the session has ended."""

    exit_code = 1


class Session(BaseModel):
    """A sign-in at one door: the cookie is the secret."""

    model_config = ConfigDict(frozen=True)

    door: str
    person: str
    name: str
    roles: tuple[str, ...] = ()
    csrf: str = Field(repr=False)
    expires_at: str
    cookies: dict[str, str] = Field(repr=False)


class _Kept(BaseModel):
    sessions: dict[str, Session] = Field(default_factory=dict)


def session_file() -> Path:
    """PRESSCHECK_SESSION_FILE, or `session.json` in the user's configuration folder."""
    if named := os.environ.get("PRESSCHECK_SESSION_FILE"):
        return Path(named)
    from platformdirs import user_config_path

    return user_config_path("presscheck") / "session.json"


def load_session(door: str) -> Session:
    """The session at this door; NotSignedIn where there is none, or where others could have read it."""
    found = _read().sessions.get(door)
    if found is None:
        raise NotSignedIn(f"Nobody is signed in at {door}. `presscheck login` signs you in.")
    return found


def save_session(session: Session) -> None:
    """Keep a session, in place of an earlier one at the same door."""
    kept = _read_or_start()
    _write(_Kept(sessions={**kept.sessions, session.door: session}))


def forget_session(door: str) -> None:
    """Take out the session at this door; none is fine too."""
    kept = _read_or_start()
    if door in kept.sessions:
        _write(_Kept(sessions={name: session for name, session in kept.sessions.items() if name != door}))


def _read() -> _Kept:
    path = session_file()
    try:
        with path.open("rb") as file:
            mode = stat.S_IMODE(os.fstat(file.fileno()).st_mode)
            if mode & 0o077:
                raise NotSignedIn(
                    f"{path}: others may read this file (mode {mode:04o}), so the session in it is not used. "
                    "Delete it and sign in again."
                )
            return _Kept.model_validate_json(file.read())
    except FileNotFoundError:
        return _Kept()
    except (OSError, ValidationError) as error:
        raise NotSignedIn(f"{path}: the kept session cannot be read; delete the file and sign in again.") from error


def _read_or_start() -> _Kept:
    """What is kept; nothing where the file is not fit to be used."""
    try:
        return _read()
    except NotSignedIn:
        return _Kept()


def _write(kept: _Kept) -> None:
    path = session_file()
    path.parent.mkdir(parents=True, exist_ok=True, mode=0o700)
    fresh = path.with_name(f".{path.name}.{os.getpid()}")
    # Made anew with its mode, and never written into a file that somebody else put there.
    fresh.unlink(missing_ok=True)
    with os.fdopen(os.open(fresh, os.O_WRONLY | os.O_CREAT | os.O_EXCL, 0o600), "w") as file:
        json.dump(kept.model_dump(mode="json"), file)
    os.replace(fresh, path)
