"""What every page and every way through the door shares, passed in once; and who is asking."""

from collections import Counter
from dataclasses import dataclass, field
from datetime import datetime

from starlette.concurrency import run_in_threadpool
from starlette.datastructures import Headers
from starlette.requests import HTTPConnection
from starlette.responses import Response

from presscheck.desk import Desk
from presscheck.desk.holding import HeldAnswers
from presscheck.door.asleep import Asleep
from presscheck.door.bell import Bell
from presscheck.door.forbidden import Forbidden
from presscheck.door.prefect_behind import PrefectBehind
from presscheck.door.starts import Starts
from presscheck.door.turns import Turns
from presscheck.ledger import Ledger
from presscheck.models import Refused
from presscheck.people.accounts import BUSY, Accounts, SignedIn
from presscheck.people.sessions import Session
from presscheck.settings import Settings

_MARK_SECONDS = 180 * 86_400
# No more than find room to wait for a hash (presscheck.people.passwords), and together less than half of the threads.
_ROOM = 8


@dataclass(frozen=True)
class Doorway:
    """One door over one ledger and one Prefect server."""

    settings: Settings
    ledger: Ledger
    desk: Desk
    accounts: Accounts
    prefect: PrefectBehind
    bell: Bell
    forbidden: Forbidden
    starts: Starts
    held: HeldAnswers
    asleep: Asleep = field(default_factory=Asleep)
    turns: Turns = field(default_factory=Turns)
    signing_in: Counter[bool] = field(default_factory=Counter[bool])
    """How many sign in at the moment; True: from browsers that are known."""

    @property
    def url(self) -> str:
        """How people reach the door, without a slash at the end."""
        return self.settings.door_url.rstrip("/")

    @property
    def https(self) -> bool:
        """Whether people reach the door over TLS."""
        return self.settings.door_url.lower().startswith("https://")

    @property
    def cookie(self) -> str:
        """The session cookie's name. With the prefix a browser lets no other host and no plain page set it."""
        return "__Host-presscheck" if self.https else "presscheck"

    @property
    def mark_cookie(self) -> str:
        """The name of the mark on a browser in which somebody has signed in."""
        return "__Host-presscheck-browser" if self.https else "presscheck-browser"

    async def sign_in(self, email: str, password: str, code: str, *, mark: str = "") -> SignedIn | Refused:
        """Open a session, or say at once that too many others are about to.

        Who finds no room is told so before a thread, the ledger or a hash is spent on it: a crowd would stand in the
        one line for threads in which everybody's pages wait. Browsers in which the person signed in before have a room
        of their own, which no crowd of strangers gets into.
        """
        known = self.accounts.knows(email, mark)
        if self.signing_in[known] >= _ROOM:
            return BUSY
        self.signing_in[known] += 1
        try:
            return await run_in_threadpool(self.accounts.sign_in, email, password, code, mark=mark)
        finally:
            self.signing_in[known] -= 1

    async def session(self, connection: HTTPConnection) -> Session | None:
        """Who is asking, by the session cookie; None for nobody."""
        return await self.session_of(connection.cookies.get(self.cookie, ""))

    async def session_of(self, token: str) -> Session | None:
        """Who holds a session token."""
        if not token or len(token) > 200:
            return None
        return await run_in_threadpool(self.accounts.session, token)

    async def session_in(self, headers: Headers) -> Session | None:
        """Who is asking, where there are only headers."""
        return await self.session(HTTPConnection({"type": "http", "headers": headers.raw}))

    def let_in(self, response: Response, token: str, expires_at: datetime) -> None:
        """Put a fresh session into the answer's cookie."""
        response.set_cookie(
            self.cookie,
            token,
            expires=expires_at,
            path="/",
            secure=self.https,
            httponly=True,
            samesite="strict",
        )

    def mark_browser(self, response: Response, mark: str) -> None:
        """Let the browser keep its mark: failures elsewhere then do not lock its person out of it."""
        response.set_cookie(
            self.mark_cookie, mark, max_age=_MARK_SECONDS, path="/", secure=self.https, httponly=True, samesite="strict"
        )

    def let_out(self, response: Response) -> None:
        """Take the cookie away."""
        response.delete_cookie(self.cookie, path="/", secure=self.https, httponly=True, samesite="strict")
