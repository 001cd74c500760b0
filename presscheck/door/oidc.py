"""An OpenID Connect provider as the door sees it: discovery, the code flow with PKCE, and a token taken apart.

    provider = Provider(settings, redirect_uri=door.url + "/sign-in/oidc/back")
    address, journey = await provider.begin()
    vouched = await provider.finish(journey, code, now)      # ProviderRefused says why not

Nothing of a provider's answer is believed before it is verified: issuer, audience, signature by a key of the
issuer's own (never `none`, never a shared secret), times, nonce. Nothing it says is shown or logged.
"""

import asyncio
import hmac
import ipaddress
import json
import re
import secrets
import time
from collections.abc import Callable, Mapping
from dataclasses import dataclass
from datetime import UTC, datetime, timedelta
from importlib import import_module
from typing import Any, cast
from urllib.parse import quote_plus, urlsplit

from pydantic import SecretStr

from presscheck.people.identities import Vouched
from presscheck.settings.sign_in import OidcSection

_ALGORITHMS = ("RS256", "RS384", "RS512", "PS256", "PS384", "PS512", "ES256", "ES384", "ES512", "EdDSA", "Ed25519")
_KINDS = ("RSA", "EC", "OKP")
_SECONDS = 10.0
_MOST_BYTES = 256 * 1024
_LEEWAY = timedelta(seconds=60)
_OLDEST = timedelta(minutes=10)
_MOST_GROUPS = 2_000
_EMAIL = re.compile(r"[^@\s]{1,64}@[^@\s]{1,255}")
# A provider that changes its keys is asked for them again, and a flood of strange tokens asks it no more often.
_KEYS_AGAIN_SECONDS = 15.0
_DISCOVERY_SECONDS = 3600.0


class ProviderRefused(Exception):
    """The provider is away, or what it said is not to be believed; `str()` says so to the person who tried."""


@dataclass(frozen=True)
class Journey:
    """What one browser takes along to the provider and has to bring back; good for one sign-in."""

    state: str
    nonce: str
    verifier: str


@dataclass(frozen=True)
class _Described:
    """What discovery said, verified as far as it can be."""

    authorization: str
    token: str
    keys: str
    method: str


class Provider:
    """One provider, by its settings; `secret` is the client's, where it has one."""

    def __init__(
        self,
        settings: OidcSection,
        *,
        redirect_uri: str,
        secret: Callable[[], SecretStr | None],
        seconds: float = _SECONDS,
        keys_again_seconds: float = _KEYS_AGAIN_SECONDS,
    ) -> None:
        self.settings = settings
        self.redirect_uri = redirect_uri
        self._secret = secret
        self._seconds = seconds
        self._again = keys_again_seconds
        self._described: tuple[float, _Described] | None = None
        self._keys: tuple[float, Any] | None = None

    async def begin(self, *, anew: bool = False) -> tuple[str, Journey]:
        """Where to send the browser, and what it takes along; `anew` has the provider ask who is there, whoever is.

        That is a request and no guarantee: whether it was done is what `Vouched.proved_at` says.
        """
        # Authlib carries no types.
        parameters: Any = import_module("authlib.oauth2.rfc6749.parameters")
        pkce: Any = import_module("authlib.oauth2.rfc7636")
        described = await self._description()
        journey = Journey(secrets.token_urlsafe(32), secrets.token_urlsafe(32), secrets.token_urlsafe(48))
        # OpenID Connect Core 1.0, section 3.1.2.1; with max_age the provider has to send auth_time along.
        asking = {"prompt": "login", "max_age": "0"} if anew else {}
        address = parameters.prepare_grant_uri(
            described.authorization,
            client_id=self.settings.client_id,
            response_type="code",
            redirect_uri=self.redirect_uri,
            scope="openid email profile",
            state=journey.state,
            nonce=journey.nonce,
            code_challenge=pkce.create_s256_code_challenge(journey.verifier),
            code_challenge_method="S256",
            **asking,
        )
        return str(address), journey

    async def finish(self, journey: Journey, code: str, now: datetime) -> Vouched:
        """What the provider vouches for, for the code that it sent back with the browser."""
        described = await self._description()
        token = await self._exchange(described, journey, code)
        claims = await self._claims(described, token)
        return _vouched(claims, self.settings, journey, now)

    # ------------------------------------------------------------ asking

    async def _exchange(self, described: _Described, journey: Journey, code: str) -> str:
        """The ID token for a code, as it came."""
        form = {
            "grant_type": "authorization_code",
            "code": code,
            "redirect_uri": self.redirect_uri,
            "client_id": self.settings.client_id,
            "code_verifier": journey.verifier,
        }
        answer = await self._document(described.token, form=form, method=described.method)
        token = answer.get("id_token")
        if not isinstance(token, str) or len(token) > 64 * 1024:
            raise ProviderRefused("the provider sent no ID token; does this client have the scope openid?")
        return token

    async def _description(self) -> _Described:
        if self._described is not None and time.monotonic() - self._described[0] < _DISCOVERY_SECONDS:
            return self._described[1]
        issuer = self.settings.issuer
        document = await self._document(issuer.rstrip("/") + "/.well-known/openid-configuration")
        if document.get("issuer") != issuer:
            raise ProviderRefused("the provider names itself otherwise than the settings do; an engineer can mend that")
        methods = document.get("token_endpoint_auth_methods_supported") or ["client_secret_basic"]
        known = [one for one in ("client_secret_basic", "client_secret_post") if one in cast("list[Any]", methods)]
        described = _Described(
            authorization=_endpoint(document, "authorization_endpoint", issuer),
            token=_endpoint(document, "token_endpoint", issuer),
            keys=_endpoint(document, "jwks_uri", issuer),
            method=known[0] if known else "client_secret_basic",
        )
        self._described = (time.monotonic(), described)
        return described

    async def _document(self, address: str, *, form: dict[str, str] | None = None, method: str = "") -> dict[str, Any]:
        """One JSON object from the provider; in time, not longer than it may be, and from no other address."""
        import httpx

        pieces: list[bytes] = []
        trusts = not _is_loopback(address)
        try:
            async with (
                asyncio.timeout(self._seconds),
                httpx.AsyncClient(timeout=self._seconds, trust_env=trusts, follow_redirects=False) as client,
                client.stream(**self._request(address, form, method)) as answer,
            ):
                if answer.status_code in (400, 401, 403) and form is not None:
                    raise ProviderRefused("the provider did not take this sign-in; it may have been used before")
                if answer.status_code != 200:
                    raise _away()
                async for piece in answer.aiter_bytes():
                    pieces.append(piece)
                    if sum(map(len, pieces)) > _MOST_BYTES:
                        raise ProviderRefused("the provider's answer is too long")
            found = json.loads(b"".join(pieces))
        except (TimeoutError, httpx.HTTPError, httpx.InvalidURL) as error:
            raise _away() from error
        except (ValueError, RecursionError) as error:
            raise ProviderRefused("the provider's answer cannot be read") from error
        if not isinstance(found, dict):
            raise ProviderRefused("the provider's answer cannot be read")
        return cast("dict[str, Any]", found)

    def _request(self, address: str, form: dict[str, str] | None, method: str) -> dict[str, Any]:
        headers = {"accept": "application/json"}
        if form is None:
            return {"method": "GET", "url": address, "headers": headers}
        secret = self._secret()
        request: dict[str, Any] = {"method": "POST", "url": address, "headers": headers, "data": form}
        # The secret is opened here and nowhere else.
        if secret is not None and method == "client_secret_post":
            request["data"] = {**form, "client_secret": secret.get_secret_value()}
        elif secret is not None:
            # RFC 6749, section 2.3.1: both are form-encoded before they become a user and a password.
            user, password = quote_plus(self.settings.client_id), quote_plus(secret.get_secret_value())
            request["auth"] = (user, password)
        return request

    # ------------------------------------------------------------ verifying

    async def _claims(self, described: _Described, token: str) -> dict[str, Any]:
        """The claims of a token that a key of the provider's has signed."""
        from joserfc import errors, jwt
        from joserfc.jwk import KeySet

        def read(keys: KeySet) -> dict[str, Any]:
            return jwt.decode(token, keys, algorithms=list(_ALGORITHMS)).claims

        keys = await self._key_set(described, again=False)
        try:
            try:
                return read(keys)
            except (errors.InvalidKeyIdError, errors.BadSignatureError):
                # Perhaps the provider has other keys by now.
                return read(await self._key_set(described, again=True))
        except (errors.JoseError, ValueError, TypeError, KeyError) as error:
            raise ProviderRefused("the provider's token is not signed by a key of the provider's") from error

    async def _key_set(self, described: _Described, *, again: bool) -> Any:
        from joserfc.errors import JoseError
        from joserfc.jwk import KeySet

        now = time.monotonic()
        if self._keys is not None:
            age = now - self._keys[0]
            if age < (self._again if again else _DISCOVERY_SECONDS):
                return self._keys[1]
        document = await self._document(described.keys)
        listed = document.get("keys")
        found = [
            key
            for key in (cast("list[object]", listed) if isinstance(listed, list) else [])[:100]
            # A shared secret among the keys would let anybody who knows it sign.
            if _is_signing_key(key)
        ]
        try:
            keys = KeySet.import_key_set({"keys": cast("Any", found)})
        except (JoseError, ValueError, TypeError, KeyError) as error:
            raise ProviderRefused("the provider's keys cannot be read") from error
        self._keys = (now, keys)
        return keys


def _vouched(claims: Mapping[str, Any], settings: OidcSection, journey: Journey, now: datetime) -> Vouched:
    """The claims, with each of them as it must be; which one was wrong is told in words that give nothing away."""
    audience = claims.get("aud")
    audiences = cast("list[Any]", audience) if isinstance(audience, list) else [audience]
    party = claims.get("azp")
    subject, email = claims.get("sub"), claims.get("email")
    faults = {
        "it comes from another issuer": claims.get("iss") != settings.issuer,
        "it is meant for another program": settings.client_id not in audiences
        or (party is not None and party != settings.client_id)
        or (len(audiences) > 1 and party is None),
        "it is not the answer to this sign-in": not _same(claims.get("nonce"), journey.nonce),
        "it has expired": not _after(claims.get("exp"), now - _LEEWAY),
        "it is too old": not _after(claims.get("iat"), now - _OLDEST),
        "it is from the future": _after(claims.get("iat"), now + _LEEWAY)
        or (claims.get("nbf") is not None and _after(claims.get("nbf"), now + _LEEWAY)),
        "it names nobody": not isinstance(subject, str) or not 1 <= len(subject) <= 255,
        "it carries no verified e-mail address": claims.get("email_verified") is not True
        or not isinstance(email, str)
        or _EMAIL.fullmatch(email) is None,
    }
    wrong = [fault for fault, holds in faults.items() if holds]
    if wrong:
        raise ProviderRefused(f"the provider's token cannot be used: {wrong[0]}")
    listed = claims.get(settings.groups_claim)
    groups = cast("list[Any]", listed)[:_MOST_GROUPS] if isinstance(listed, list) else []
    proved = claims.get("auth_time")
    return Vouched(
        issuer=settings.issuer,
        subject=cast(str, subject),
        email=cast(str, email),
        groups=tuple(group for group in groups if isinstance(group, str)),
        proved_at=_moment(proved) if _after(proved, now - timedelta(days=30)) else None,
        once=f"{journey.state}:{journey.nonce}",
    )


def _is_signing_key(key: object) -> bool:
    if not isinstance(key, dict):
        return False
    found = cast("dict[str, Any]", key)
    return found.get("kty") in _KINDS and found.get("use", "sig") == "sig"


def _same(given: object, wanted: str) -> bool:
    return isinstance(given, str) and hmac.compare_digest(given.encode(), wanted.encode())


def _after(seconds: object, moment: datetime) -> bool:
    found = _moment(seconds)
    return found is not None and found > moment


def _moment(seconds: object) -> datetime | None:
    if isinstance(seconds, bool) or not isinstance(seconds, int | float):
        return None
    try:
        return datetime.fromtimestamp(seconds, UTC)
    except (ValueError, OverflowError, OSError):
        return None


def _endpoint(document: Mapping[str, Any], name: str, issuer: str) -> str:
    address = str(document.get(name, ""))
    # A provider elsewhere must not send the door to something on this machine.
    local = _is_loopback(issuer) and _is_loopback(address)
    try:
        parts = urlsplit(address)
    except ValueError:
        parts = urlsplit("")
    if not parts.hostname or not (parts.scheme == "https" or (parts.scheme == "http" and local)):
        raise ProviderRefused(f"the provider names no {name} over https")
    return address


def _is_loopback(address: str) -> bool:
    try:
        host = urlsplit(address).hostname or ""
        if host == "localhost":
            return True
        return ipaddress.ip_address(host).is_loopback
    except ValueError:
        return False


def _away() -> ProviderRefused:
    return ProviderRefused("the provider does not answer at the moment; try again, or sign in another way")
