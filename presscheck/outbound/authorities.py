"""Whose certificates a way out trusts: the system's authorities, or those of a file that the settings name.

fault = ca_fault(path)          None for a file that certificates can be read from
context = trusting(path)        for a connection; None stands for the system's authorities
"""

import ssl
from collections.abc import Iterator
from pathlib import Path

from presscheck.errors import SettingsError


def trusting(ca_file: Path | None) -> ssl.SSLContext:
    """TLS 1.2 or newer, with the certificate and the name in it verified. SettingsError for a file that is none."""
    if ca_file is not None and (fault := ca_fault(ca_file)):
        raise SettingsError(fault)
    context = ssl.create_default_context(cafile=None if ca_file is None else str(ca_file))
    context.minimum_version = ssl.TLSVersion.TLSv1_2
    return context


def ca_fault(path: Path) -> str | None:
    """What is wrong with a file of certificates; None where nothing is."""
    try:
        ssl.create_default_context(cafile=str(path))
    except (OSError, ssl.SSLError) as error:
        missing = isinstance(error, FileNotFoundError | PermissionError | IsADirectoryError)
        return f"{path}: no certificates can be read from it: {error.strerror if missing else 'not PEM'}"
    return None


def certificate_fault(error: BaseException | None, section: str) -> str | None:
    """What is wrong with the other side's certificate, where that is why a connection failed; None for the rest."""
    for one in causes(error):
        if isinstance(one, ssl.SSLCertVerificationError):
            return (
                f"its certificate is not good: {one.verify_message}. Write the name that the certificate has, or "
                f"name whoever signed it with [{section}] ca_file"
            )
    return None


def causes(error: BaseException | None) -> Iterator[BaseException]:
    """An error, and every error that it came from or wraps, the outermost first."""
    seen: set[int] = set()
    while error is not None and id(error) not in seen:
        seen.add(id(error))
        yield error
        wrapped = next((one for one in error.args if isinstance(one, BaseException)), None)
        error = error.__cause__ or error.__context__ or wrapped
