"""Roles as they are typed: `brand_lead:US,DE`, with days of their own `brand_lead:US@2026-12-01..2027-01-31`."""

import re
from typing import Any

import click

from presscheck.world.markets import first_fault

_DAY = r"[0-9]{4}-[0-9]{2}-[0-9]{2}"
_DAYS = re.compile(rf"({_DAY})?\.\.({_DAY})?")


class WithRoles(click.Command):
    """A command whose help ends with what each role is."""

    def format_epilog(self, ctx: click.Context, formatter: click.HelpFormatter) -> None:
        from presscheck.people.role_words import ROLE_WORDS

        with formatter.section("Roles"):
            formatter.write_dl(list(ROLE_WORDS.items()))


def grants_of(roles: tuple[str, ...], begins: str | None, ends: str | None) -> list[dict[str, Any]]:
    """The roles as grants; those without days of their own from `begins` to `ends`. What there is the door knows."""
    grants: list[dict[str, Any]] = []
    for given in roles:
        typed, at, listed = given.partition("@")
        days = _DAYS.fullmatch(listed)
        if at and (days is None or listed == ".."):
            raise click.BadParameter(
                f"{given}: write days as @2026-12-01..2027-01-31; either of the two may be missing", param_hint="--role"
            )
        role, markets = role_and_markets(typed)
        first, last = days.groups() if days is not None else (begins, ends)
        grant: dict[str, Any] = {"role": role, "markets": "all" if markets is None else markets}
        grants.append({**grant, **({"begins": first} if first else {}), **({"ends": last} if last else {})})
    return grants


def role_and_markets(given: str) -> tuple[str, list[str] | None]:
    """`brand_lead:US,DE` in its parts; None where no markets are named."""
    role, colon, listed = given.partition(":")
    markets = [market.strip().upper() for market in listed.split(",")]
    fault = first_fault(markets) if colon else None
    if not re.fullmatch(r"[a-z_]+", role) or fault:
        raise click.BadParameter(
            fault or f"{given} is not a role; write brand_lead, or brand_lead:US,DE for some markets",
            param_hint="--role",
        )
    return role, markets if colon else None


def rights(grants: list[dict[str, Any]]) -> str:
    """Grants for people to read."""
    return "; ".join(_said(one) for one in grants)


def day(_ctx: click.Context, parameter: click.Parameter, value: str | None) -> str | None:
    """A click callback: a day as it is written, or a word about how to write it."""
    if value is not None and not re.fullmatch(_DAY, value):
        raise click.BadParameter(f"{value}: write the day as year-month-day, such as 2026-12-01", param=parameter)
    return value


def _said(one: dict[str, Any]) -> str:
    where = "" if one["markets"] == "all" else f" in {', '.join(one['markets'])}"
    first = f" from {one['begins']}" if one.get("begins") else ""
    last = f" until {one['ends']}" if one.get("ends") else ""
    return one["role"] + where + first + last
