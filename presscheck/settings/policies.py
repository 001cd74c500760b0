"""`[policies]`: a folder of one's own, and whether its changes count only once signed."""

from pathlib import Path

from pydantic import Field

from presscheck.settings.section import Section


class PoliciesSection(Section):
    """`[policies]`: a folder of one's own, and whether a changed set counts only once somebody signed it."""

    folder: Path | None = Field(default=None, description="A folder of policies that adds to the shipped ones.")
    signed: bool = Field(
        default=False,
        description="Whether policies count only as somebody with the right sign_policies has signed them; until a "
        "change is signed, the set signed before stays in force.",
    )
