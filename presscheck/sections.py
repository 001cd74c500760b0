"""The parts of the settings that have a section of their own in `presscheck.toml`.

    [mail]
    host = "smtp.example.com"
    user = "campaigns"

What is secret is not here: see `presscheck.secret_store`.
"""

from pydantic import BaseModel, ConfigDict

__all__ = [
    "BaselineSection",
    "DatabaseSection",
    "FilesSection",
    "MailSection",
    "ModelSection",
    "PostgresSection",
    "Section",
    "SignInSection",
    "WebhookSection",
]


class Section(BaseModel):
    """Base of every section: unknown keys are refused."""

    model_config = ConfigDict(frozen=True, extra="forbid")


class ModelSection(Section):
    """`[model]`: which model writes, when `copywriter = "model"`."""


class MailSection(Section):
    """`[mail]`: the mail server that `via = "smtp"` hands messages to."""


class WebhookSection(Section):
    """`[webhook]`: where `via = "webhook"` posts."""


class FilesSection(Section):
    """`[files]`: where the ways out that write files put them."""


class DatabaseSection(Section):
    """`[databases.NAME]`: a database that segments may read."""


class PostgresSection(Section):
    """`[postgres]`: the roles that door, worker and press use, where the ledger is PostgreSQL."""


class SignInSection(Section):
    """`[sign_in]`: how people prove who they are, beside password and one-time code."""


class BaselineSection(Section):
    """`[baseline]`: what human minutes and tools cost."""
