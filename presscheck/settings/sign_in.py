"""`[sign_in]`: how people prove who they are, beside password and one-time code."""

import re

from pydantic import Field, field_validator, model_validator

from presscheck.settings.section import Section


class OidcSection(Section):
    """`[sign_in.oidc]`: an OpenID Connect provider that people sign in with; its secret is named oidc."""

    issuer: str = Field(default="", max_length=500, description="The provider's address, exactly as it names itself.")
    client_id: str = Field(default="", max_length=300, description="What the provider calls this door.")
    label: str = Field(default="your organisation", min_length=1, max_length=60, description="Sign in with ...")
    groups_claim: str = Field(
        default="groups", min_length=1, max_length=200, description="The claim that lists groups."
    )
    groups: dict[str, list[str]] = Field(
        default_factory=dict,
        description='Roles by group, such as {"brand-team" = ["brand_lead:US,DE"]}; administrator is never among them.',
    )

    @field_validator("issuer")
    @classmethod
    def _issuer(cls, issuer: str) -> str:
        # http is for a provider on this machine only: on the way, anybody could put their own keys in.
        if issuer and not re.fullmatch(
            r"https://[^\s?#@]+|http://(?:127\.0\.0\.1|localhost)(?::\d+)?(?:/[^\s?#@]*)?", issuer
        ):
            raise ValueError("write the provider's https address without a question mark; http is for loopback only")
        return issuer

    @model_validator(mode="after")
    def _whole(self) -> "OidcSection":
        if bool(self.issuer) != bool(self.client_id):
            raise ValueError("issuer and client_id belong together; give both or neither")
        return self


class SignInSection(Section):
    """`[sign_in]`: how people prove who they are, beside password and one-time code."""

    oidc: OidcSection = OidcSection()
