"""What every section of the settings is, and what several ask of an address."""

import re
from ipaddress import ip_address

from pydantic import BaseModel, ConfigDict


def without_password(url: str, secret: str) -> str:
    """The database address itself; ValueError if it carries a password, which belongs into a secret."""
    _, _, rest = url.partition("://")
    user, at, _ = rest.rpartition("@")
    if (at and ":" in user) or re.search(r"[?&](?:password|passfile)=", rest):
        raise ValueError(f"leave the password out: settings are shown and logged; put it into the secret {secret}")
    return url


class Section(BaseModel):
    """Base of every section: unknown keys are refused."""

    model_config = ConfigDict(frozen=True, extra="forbid")


def is_loopback(host: str) -> bool:
    """Whether a host's name can only be this machine; 127.example.com is not."""
    try:
        return ip_address(host).is_loopback
    except ValueError:
        return host == "localhost"
