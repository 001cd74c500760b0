"""A provider that lies where a test says so: real HTTP on loopback, real signatures, and any claim that is wanted."""

import time
from collections.abc import Callable
from dataclasses import dataclass, field
from typing import Any

from joserfc import jwt
from joserfc.jwk import KeySet, RSAKey
from starlette.applications import Starlette
from starlette.requests import Request
from starlette.responses import JSONResponse, Response
from starlette.routing import Route

Claims = dict[str, Any]


@dataclass
class Liar:
    """`claims` change what the token says, `sign` how it is signed, `answers` replace whole answers by path."""

    url: str
    key: RSAKey = field(default_factory=lambda: RSAKey.generate_key(2048, parameters={"kid": "one"}))
    claims: Claims = field(default_factory=dict)
    sign: Callable[[Claims, RSAKey], str] | None = None
    answers: dict[str, Response] = field(default_factory=dict)
    asked: list[dict[str, str]] = field(default_factory=list)
    nonce: str = ""
    now: float = field(default_factory=time.time)

    def app(self) -> Starlette:
        return Starlette(routes=[Route("/{path:path}", self._answer, methods=["GET", "POST"])])

    def token(self) -> str:
        claims: Claims = {
            "iss": self.url, "aud": "presscheck", "sub": "user-1", "nonce": self.nonce,
            "iat": int(self.now), "exp": int(self.now) + 300,
            "email": "ana@brand.example", "email_verified": True,
        }  # fmt: skip
        claims = {name: value for name, value in (claims | self.claims).items() if value is not None}
        if self.sign is not None:
            return self.sign(claims, self.key)
        return jwt.encode({"alg": "RS256", "kid": self.key.kid}, claims, self.key)

    async def _answer(self, request: Request) -> Response:
        path = request.url.path
        if path in self.answers:
            return self.answers[path]
        if path == "/.well-known/openid-configuration":
            return JSONResponse(
                {
                    "issuer": self.url,
                    "authorization_endpoint": f"{self.url}/authorize",
                    "token_endpoint": f"{self.url}/token",
                    "jwks_uri": f"{self.url}/keys",
                }
            )
        if path == "/keys":
            return JSONResponse(KeySet([self.key]).as_dict(private=False))
        async with request.form() as form:
            self.asked.append({key: str(value) for key, value in form.items()})
        return JSONResponse({"access_token": "x", "token_type": "Bearer", "id_token": self.token()})
