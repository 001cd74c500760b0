"""`[notices]`: who is told that a question waits."""

import re

from pydantic import Field, field_validator

from presscheck.settings.section import Section


class NoticeSection(Section):
    """`[notices.ROLE]`: where everybody of one role is told, all in one place."""

    secret: str = Field(description="The name of the secret that holds the Apprise address, such as notices-brand.")

    @field_validator("secret")
    @classmethod
    def _is_a_name(cls, name: str) -> str:
        if not re.fullmatch(r"notices(-[a-z0-9]+){1,8}", name) or len(name) > 60 or name == "notices-email":
            raise ValueError(
                "name a secret of your own that begins with notices-, such as notices-brand; the address itself, with "
                "its passwords, goes into that secret"
            )
        return name


class NoticesSection(Section):
    """`[notices]`: who is told that a question waits; one section a role, and `owner` for what goes wrong."""

    titles: bool = Field(default=False, description="Whether a notice may say the campaign's title.")
    email: bool = Field(
        default=False, description="Whether each person who is asked gets an e-mail, by the secret notices-email."
    )
    owner: NoticeSection | None = Field(
        default=None, description="Who hears that nobody may answer, that time is nearly over, that it is over."
    )
    ai_strategist: NoticeSection | None = Field(default=None, description="Where AI marketing strategists are told.")
    prompt_engineer: NoticeSection | None = Field(default=None, description="Where prompt engineers are told.")
    content_editor: NoticeSection | None = Field(default=None, description="Where content editors are told.")
    brand_lead: NoticeSection | None = Field(default=None, description="Where brand leads are told.")
    regional_reviewer: NoticeSection | None = Field(default=None, description="Where regional reviewers are told.")
    legal: NoticeSection | None = Field(default=None, description="Where legal is told.")
    ethics_officer: NoticeSection | None = Field(default=None, description="Where ethics officers are told.")
    marketing_director: NoticeSection | None = Field(default=None, description="Where marketing directors are told.")
    author: NoticeSection | None = Field(default=None, description="Where authors are told.")
    engineer: NoticeSection | None = Field(default=None, description="Where engineers are told.")
    scheduler: NoticeSection | None = Field(default=None, description="Where schedulers are told.")
    administrator: NoticeSection | None = Field(default=None, description="Where administrators are told.")
