"""Signing in through a provider, and proving there again who one is: the way there, and the way back.

A cookie holds state, nonce and PKCE's verifier, sealed, for ten minutes; only the browser that set out can
come back with it, and only once. What the provider sends back is verified in `door.oidc`. Who steps up sets out
signed in: the session goes along by its digest, because the strict cookie stays behind on the way back.
"""

import json
import logging
from dataclasses import asdict, dataclass
from datetime import datetime, timedelta
from functools import partial

from starlette.concurrency import run_in_threadpool
from starlette.requests import Request
from starlette.responses import RedirectResponse, Response
from starlette.routing import Route

from presscheck.door.doorway import Doorway
from presscheck.door.oidc import Journey, Provider, ProviderRefused
from presscheck.door.page import page, safe_next, signed_in_route
from presscheck.errors import LedgerError
from presscheck.ledger import timestamp
from presscheck.models import Refused
from presscheck.people.accounts import SignedIn
from presscheck.people.codes import Seal
from presscheck.people.groups import read_groups
from presscheck.people.identities import Vouched, sign_in_vouched
from presscheck.people.sessions import Session
from presscheck.people.step_up import step_up_vouched
from presscheck.settings.secrets import find_secret

BACK = "/sign-in/oidc/back"
"""Where the provider sends people back to; the provider must know it, exactly, behind the door's address."""

_VALID = timedelta(minutes=10)
_log = logging.getLogger(__name__)


def routes(door: Doorway) -> list[Route]:
    """The way to the provider and back; none where no provider is set up."""
    settings = door.settings.sign_in.oidc
    if not settings.issuer:
        return []
    secret = partial(find_secret, door.settings, "oidc")
    way = _Way(door, Provider(settings, redirect_uri=door.url + BACK, secret=secret))
    return [
        Route("/sign-in/oidc", way.there, methods=["GET"]),
        signed_in_route(door, "/step-up/oidc", "GET", way.again),
        Route(BACK, way.back, methods=["GET"]),
    ]


@dataclass(frozen=True)
class _Packed:
    """What the cookie holds, sealed."""

    journey: Journey
    following: str
    begun: str
    stepping: str
    """The digest of the session that is to be refreshed; empty for signing in."""

    def text(self) -> str:
        return json.dumps(asdict(self))

    @classmethod
    def read(cls, text: str) -> "_Packed":
        found = json.loads(text)
        return cls(Journey(**found.pop("journey")), **found)


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
        return await self._set_out(request, "")

    async def again(self, _door: Doorway, request: Request, session: Session) -> Response:
        """Send somebody who is signed in to the provider, to be asked anew who they are."""
        return await self._set_out(request, session.token_hash)

    async def _set_out(self, request: Request, stepping: str) -> Response:
        try:
            address, journey = await self._provider.begin(anew=bool(stepping))
        except ProviderRefused as error:
            return self._no(str(error), 503, stepping=stepping)
        begun = timestamp(self._door.ledger.clock())
        packed = _Packed(journey, safe_next(request.query_params.get("next")), begun, stepping)
        response = RedirectResponse(address, status_code=303)
        response.set_cookie(
            self._cookie,
            self._seal.close(packed.text(), whose="oidc"),
            max_age=int(_VALID.total_seconds()),
            path="/",
            secure=self._door.https,
            httponly=True,
            # The way back begins at the provider: a strict cookie would not come along.
            samesite="lax",
        )
        return response

    async def back(self, request: Request) -> Response:
        """Let in whoever the provider vouches for, or refresh the session of who set out signed in."""
        text = self._seal.open(request.cookies.get(self._cookie, "")[:4000], whose="oidc")
        state, code = request.query_params.get("state", ""), request.query_params.get("code", "")
        if text is None:
            return self._no("this sign-in was not begun in this browser, or took too long; begin again")
        packed, now = _Packed.read(text), self._door.ledger.clock()
        stepping = packed.stepping
        if state != packed.journey.state or now >= datetime.fromisoformat(packed.begun) + _VALID:
            return self._no("this was not begun in this browser, or took too long; begin again", stepping=stepping)
        if request.query_params.get("error") or not code or len(code) > 4000:
            return self._no("the provider did not let you through", stepping=stepping)
        try:
            vouched = await self._provider.finish(packed.journey, code, now)
        except ProviderRefused as error:
            return self._no(str(error), stepping=stepping)
        answer = await run_in_threadpool(self._answer, vouched, packed)
        if isinstance(answer, Refused):
            return self._no(answer.reason, 429 if answer.code == "busy" else 403, stepping=stepping)
        # A redirect would still count as coming from the provider, and the strict cookie would not come along.
        response = page("signed_in.html", next=packed.following)
        self._door.let_in(response, answer.token, answer.expires_at)
        self._forget(response)
        return response

    def _answer(self, vouched: Vouched, packed: _Packed) -> SignedIn | Refused:
        accounts = self._door.accounts
        if not packed.stepping:
            return sign_in_vouched(accounts, vouched, self._groups)
        begun_at = datetime.fromisoformat(packed.begun)
        return step_up_vouched(accounts, packed.stepping, vouched, self._groups, begun_at=begun_at)

    def _no(self, reason: str, status: int = 403, *, stepping: str = "") -> Response:
        _log.warning("%s through the provider was refused: %s", "a step-up" if stepping else "a sign-in", reason)
        what = "You did not prove again who you are" if stepping else "You are not signed in"
        advice = _ADVICE_AGAIN if stepping else _ADVICE
        response = page("trouble.html", status, what=f"{what}: {reason}.", advice=advice)
        self._forget(response)
        return response

    def _forget(self, response: Response) -> None:
        response.delete_cookie(self._cookie, path="/", secure=self._door.https, httponly=True, samesite="lax")


_ADVICE_AGAIN = "Go to /step-up and try again, or prove it in another way."
_ADVICE = "Go to /sign-in and try again, or sign in another way."
