"""`[webhooks.NAME]`: other systems that are told what happened; the key that signs is the secret webhooks-NAME."""

from typing import Annotated, Literal, get_args
from urllib.parse import urlsplit

from pydantic import AfterValidator, Field, StringConstraints, model_validator

from presscheck.settings.section import Section, is_loopback
from presscheck.settings.ways_out import webhook_address

HookType = Literal[
    "review.opened",
    "review.approved",
    "review.written",
    "review.changes-requested",
    "review.rejected",
    "review.expired",
    "review.withdrawn",
    "review.reopened",
    "comment.made",
    "delivery.sent",
    "delivery.held",
    "delivery.recalled",
]
"""What a system may be told; docs/webhooks.md says when each happens."""
HOOK_TYPES: tuple[HookType, ...] = get_args(HookType)


def _no_second(name: str) -> str:
    if name.endswith("-old"):
        raise ValueError("webhooks-NAME-old is the secret before the present one; choose a name that does not end so")
    return name


WebhookName = Annotated[
    str, StringConstraints(pattern=r"^[a-z0-9]+(-[a-z0-9]+){0,4}$", max_length=30), AfterValidator(_no_second)
]


class WebhooksSection(Section):
    """`[webhooks.NAME]`: one system, and what it is told."""

    url: Annotated[str, AfterValidator(webhook_address)] = Field(
        min_length=1, max_length=2000, description="Where to post; https, to a public address."
    )
    types: tuple[HookType, ...] = Field(default=(), description="What it is told; empty: everything.")
    timeout_seconds: float = Field(default=10.0, gt=0, le=30, description="How long one post may take, in whole.")
    give_up_after_hours: float = Field(
        default=72.0, gt=0, le=24 * 30, description="How long it may fail before what it was to be told is given up."
    )
    loopback: bool = Field(
        default=False, description="For development: it is on this machine, and nowhere else; http will do."
    )

    @model_validator(mode="after")
    def _encrypted(self) -> "WebhooksSection":
        parts = urlsplit(self.url)
        local = is_loopback(parts.hostname or "")
        if local and not self.loopback:
            raise ValueError("url: is this machine; for development write loopback = true beside it")
        if self.loopback and not local:
            raise ValueError("loopback: is for an address of this machine, such as http://127.0.0.1:9000/; take it out")
        return self
