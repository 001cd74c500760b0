"""What a Git server's refusal means and what to do about it; never its address with a password, never a traceback.

    in_our_words(error, status, writing=True, user="press", branch="main")

Servers answer over smart HTTP with a status and nothing else that can be relied on
(https://git-scm.com/docs/http-protocol, looked at on 2026-11-29): 404 also for what may not be seen.
"""

import urllib3.exceptions

from presscheck.outbound.authorities import causes, certificate_fault


def in_our_words(
    error: Exception, status: int | None, *, writing: bool, user: str, branch: str, signed_in: bool
) -> str:
    """Why the remote did not do what was asked: by its HTTP status if it gave one, else by the error."""
    if fault := certificate_fault(error, "files.git"):
        return fault
    if status is not None and status != 200:
        return f"{_refusal(status, writing=writing, user=user, branch=branch, signed_in=signed_in)} (HTTP {status})"
    # The library that reads answers wraps what the network said in errors of its own.
    chain = list(causes(error))
    for one in chain:
        match one:
            case urllib3.exceptions.NameResolutionError():
                return "its host cannot be looked up; look at [files.git] remote, and at the network"
            case urllib3.exceptions.TimeoutError() | TimeoutError():
                return "it does not answer in time; the press tries again by itself"
            case urllib3.exceptions.SSLError():
                return "TLS cannot be agreed on; does it speak https at this port? Look at [files.git] remote"
            case _:
                continue
    if any(isinstance(one, urllib3.exceptions.HTTPError | OSError) for one in chain):
        said = next((one.strerror for one in reversed(chain) if isinstance(one, OSError) and one.strerror), "")
        why = f": {said}" if said else ""
        return f"it cannot be reached, or the connection broke{why}; the press tries again by itself"
    return "it does not answer as a Git repository does; is [files.git] remote the address that git clone takes?"


def _refusal(status: int, *, writing: bool, user: str, branch: str, signed_in: bool) -> str:
    if status == 401 and not signed_in:
        return "it wants to know who asks, and there is no secret git; put the password or token there"
    if status == 401:
        return f"it does not let {user} in; look at the secret git, which may be wrong or have expired"
    if status == 403 and writing:
        return (
            f"it lets {user} in and not write; give the account, or the token in the secret git, the right to push to "
            f"{branch}, which may be protected"
        )
    if status == 403:
        return (
            f"it does not let {user} read; give the account, or the token in the secret git, the right to read and push"
        )
    if status in (404, 410):
        return (
            f"there is no repository at this address, or {user} may not see it: servers say the same of both. Look at "
            "[files.git] remote and the secret git"
        )
    if 300 <= status < 400:
        return (
            "it leads elsewhere and is not followed, because the password is for this address alone; write the new "
            "address into [files.git] remote"
        )
    if status == 407:
        return "a proxy on the way wants a password; let the press reach the server without one"
    if status == 413:
        return "what is pushed is too large for it; raise the server's limit"
    if status == 429 or status >= 500:
        return "it is busy or down; the press tries again by itself"
    return "it refuses what every Git server answers; look at [files.git] remote"
