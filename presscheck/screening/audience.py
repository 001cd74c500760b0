"""A screened audience is who may be written to, by digest, with the account of who may not."""

from datetime import datetime
from typing import Self

from pydantic import Field, model_validator

from presscheck.models import Digest, Frozen, Refused


class AudienceLimits(Frozen):
    """What a policy allows of an audience."""

    min_rows: int = Field(default=1, ge=1, description="Fewer recipients who passed: the audience is refused.")
    max_rows: int = Field(default=5_000_000, ge=1, description="More recipients who passed: refused.")
    max_exceptions_percent: int = Field(
        default=20, ge=0, le=100, description="A larger share of rows that broke a rule: refused."
    )
    consent_max_age_days: int = Field(
        default=1095,
        ge=1,
        le=36_500,
        description="Older consent is an exception. Three years, as the CNIL advises for prospects (2022).",
    )
    minimum_age: int = Field(default=16, ge=0, le=99, description="Younger, or perhaps younger: an exception.")
    age_required: bool = Field(
        default=False,
        description="True: a segment without birth_year is refused. False: without the column age is not "
        "checked and the report says so. A missing year in a column that is there is always an exception.",
    )

    @model_validator(mode="after")
    def _bounds_in_order(self) -> Self:
        if self.min_rows > self.max_rows:
            raise ValueError("min_rows is larger than max_rows")
        return self


class ScreenedAudience(Frozen):
    """What screening found. `digest` is None exactly when `refusal` says why."""

    digest: Digest | None = Field(description="SHA-256 of the frozen audience's Parquet file.")
    refusal: Refused | None = Field(default=None, description="Why there is no audience, if there is none.")
    rows: int = Field(ge=0, description="Rows that passed.")
    candidates: int = Field(ge=1, description="Rows that the segment selected.")
    exception_rows: int = Field(ge=0, description="Rows that broke at least one rule.")
    exceptions: dict[str, int] = Field(description="Rule to rows; a row counts under each rule it broke.")
    not_checked: tuple[str, ...] = Field(default=(), description="Rules that had no column to look at.")
    path: str | None = Field(description="The frozen audience; None if refused.")
    exceptions_path: str = Field(description="Every row that broke a rule, with the rules.")
    report: str = Field(description="The report page, which opens offline.")
    report_data: str = Field(description="The same report as JSON.")
    suite: str = Field(description="The suite's name.")
    suite_version: Digest = Field(description="Digest of the suite's rules with its limits.")
    certified: bool = Field(description="True: Great Expectations counted the same, rule by rule.")
    as_of: datetime = Field(description="The time that the rules were checked for.")

    @model_validator(mode="after")
    def _refused_or_frozen(self) -> Self:
        if (self.digest is None) != (self.refusal is not None) or (self.digest is None) != (self.path is None):
            raise ValueError("an audience is either frozen, with digest and path, or refused with a reason")
        return self

    def required(self) -> str:
        """The digest; raises ValueError with the reason if the audience was refused."""
        if self.digest is None:
            raise ValueError(self.refusal.reason if self.refusal else "the audience was refused")
        return self.digest
