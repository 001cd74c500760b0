"""What each role is, in a phrase: the one table from which every list of roles is told.

    told("legal")        # "legal: checks claims, terms and what the law asks for"

What a role may do stands in `policies/rights/*.cedar`; this says what to expect of who holds it.
"""

from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from presscheck.models import Role

ROLE_WORDS: "dict[Role, str]" = {
    "ai_strategist": "plans where machines help in marketing, and where they must not",
    "prompt_engineer": "writes and keeps the prompts that machines work from",
    "content_editor": "curates and edits what machines draft",
    "brand_lead": "answers for voice and message, and approves copy",
    "regional_reviewer": "knows a market and approves what goes out there",
    "legal": "checks claims, terms and what the law asks for",
    "ethics_officer": "answers for fairness, privacy and compliance",
    "marketing_director": "approves big campaigns and budgets, and is next in line",
    "author": "writes briefs and texts, and never approves their own",
    "engineer": "builds, deploys and runs flows",
    "scheduler": "starts runs and turns schedules on and off",
    "administrator": "invites, changes and revokes people",
}


def spoken(role: str) -> str:
    """`brand lead` for `brand_lead`."""
    return role.replace("_", " ")


def told(role: str) -> str:
    """A role with what it is: `legal: checks claims, ...`; the bare name of one that is not known."""
    words = ROLE_WORDS.get(role)  # pyright: ignore[reportArgumentType, reportCallIssue]
    return role if words is None else f"{role}: {words}"
