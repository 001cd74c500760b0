"""Signing in through a provider: the way there, with a sealed cookie, and the way back.

The cookie holds state, nonce and PKCE's verifier, sealed, for ten minutes; only the browser that set out can
come back with it, and only once. What the provider sends back is verified in `door.oidc`.
"""

import json
import logging
from datetime import timedelta

from pydantic import SecretStr
from starlette.concurrency import run_in_threadpool
from starlette.requests import Request
from starlette.responses import RedirectResponse, Response
from starlette.routing import Route

from presscheck.door.doorway import Doorway
from presscheck.door.oidc import Journey, Provider, ProviderRefused
from presscheck.door.pages import page, safe_next
from presscheck.errors import LedgerError
from presscheck.ledger import timestamp
from presscheck.models import Refused
from presscheck.people.codes import Seal
from presscheck.people.groups import read_groups
from presscheck.people.identities import sign_in_vouched
from presscheck.secret_store import find_secret

__all__ = ["BACK", "routes"]

BACK = "/sign-in/oidc/back"
"""Where the provider sends people back to; the provider must know it, exactly, behind the door's address."""

_VALID = timedelta(minutes=10)
_log = logging.getLogger(__name__)


def routes(door: Doorway) -> list[Route]:
    """The way to the provider and back; none where no provider is set up."""
    settings = door.settings.sign_in.oidc
    if not settings.issuer:
        return []

    def secret() -> SecretStr | None:
        return find_secret(door.settings, "oidc")

    way = _Way(door, Provider(settings, redirect_uri=door.url + BACK, secret=secret))
    return [
        Route("/sign-in/oidc", way.there, methods=["GET"]),
        Route(BACK, way.back, methods=["GET"]),
    ]


class _Way:
    """One door's way to its provider."""

    def __init__(self, door: Doorway, provider: Provider) -> None:
        signer = door.ledger.signer
        if signer is None:
            raise LedgerError("signing in through a provider needs the door's signing key")
        self._door = door
        self._provider = provider
        self._seal = Seal(signer)
        self._groups = read_groups(door.settings.sign_in.oidc.groups)
        self._cookie = "__Host-presscheck-oidc" if door.https else "presscheck-oidc"

    async def there(self, request: Request) -> Response:
        """Send the browser to the provider."""
        try:
            address, journey = await self._provider.begin()
        except ProviderRefused as error:
            return self._no(str(error), 503)
        until = timestamp(self._door.ledger.clock() + _VALID)
        following = safe_next(request.query_params.get("next"))
        packed = json.dumps([journey.state, journey.nonce, journey.verifier, following, until])
        response = RedirectResponse(address, status_code=303)
        response.set_cookie(
            self._cookie,
            self._seal.close(packed, whose="oidc"),
            max_age=int(_VALID.total_seconds()),
            path="/",
            secure=self._door.https,
            httponly=True,
            # The way back begins at the provider: a strict cookie would not come along.
            samesite="lax",
        )
        return response

    async def back(self, request: Request) -> Response:
        """Let in whoever the provider vouches for."""
        packed = self._seal.open(request.cookies.get(self._cookie, "")[:4000], whose="oidc")
        state, code = request.query_params.get("state", ""), request.query_params.get("code", "")
        if packed is None:
            return self._no("this sign-in was not begun in this browser, or took too long; begin again")
        kept, nonce, verifier, following, until = json.loads(packed)
        if state != kept or timestamp(self._door.ledger.clock()) >= until:
            return self._no("this sign-in was not begun in this browser, or took too long; begin again")
        if request.query_params.get("error") or not code or len(code) > 4000:
            return self._no("the provider did not let you through")
        try:
            vouched = await self._provider.finish(Journey(kept, nonce, verifier), code, self._door.ledger.clock())
        except ProviderRefused as error:
            return self._no(str(error))
        answer = await run_in_threadpool(sign_in_vouched, self._door.accounts, vouched, self._groups)
        if isinstance(answer, Refused):
            return self._no(answer.reason, 429 if answer.code == "busy" else 403)
        # A redirect would still count as coming from the provider, and the strict cookie would not come along.
        response = page("signed_in.html", next=following)
        self._door.let_in(response, answer.token, answer.expires_at)
        self._forget(response)
        return response

    def _no(self, reason: str, status: int = 403) -> Response:
        _log.warning("a sign-in through the provider was refused: %s", reason)
        response = page("trouble.html", status, what=f"You are not signed in: {reason}.", advice=_ADVICE)
        self._forget(response)
        return response

    def _forget(self, response: Response) -> None:
        response.delete_cookie(self._cookie, path="/", secure=self._door.https, httponly=True, samesite="lax")


_ADVICE = "Go to /sign-in and try again, or sign in another way."
