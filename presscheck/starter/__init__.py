"""Writes the project that `presscheck init` makes: a campaign, its brief, policies of one's own, and tests.

    written = make_project(Path("shop"), campaign="spring-launch", author="me@example.com", as_of=date.today())

Every person, product and address in it is invented (example.com, RFC 2606).
"""

import csv
import io
import keyword
import os
import re
import shutil
import tempfile
from dataclasses import dataclass
from datetime import date, timedelta
from importlib import resources
from pathlib import Path
from string import Template

import tasks
from presscheck.errors import Fault, InputError

__all__ = ["Project", "make_project"]

_SLUG = re.compile(r"[a-z][a-z0-9]*(?:-[a-z0-9]+)*")
_NO_TEXT = ("null", "true", "false")
"""What YAML does not read as a text."""
_EMAIL = re.compile(r"[A-Za-z0-9._%+\-]{1,64}@[A-Za-z0-9.\-]{1,190}\.[A-Za-z]{2,24}")
_FILES = {
    "flow.py": "flows/{function}.py",
    "brief.yaml": "briefs/{function}.yaml",
    "segment.sql": "segments/{function}.sql",
    "presscheck.toml": "presscheck.toml",
    "our-words.yaml": "policies/guardrails/our-words.yaml",
    "email-length.yaml": "policies/guardrails/email-length.yaml",
    "conftest.py": "tests/conftest.py",
    "test_flow.py": "tests/test_{function}.py",
    "pyproject.toml": "pyproject.toml",
    "gitignore": ".gitignore",
    "README.md": "README.md",
}
_NAMES = ("Ada", "Ben", "Chloe", "Dev", "Elif", "Finn", "Grace", "Hugo", "Iris", "Jonas", "Kira", "Liam")
_PEOPLE = 24
# Two rows that the checks set aside, so that one sees what an exception looks like.
_WITHOUT_CONSENT = 2


@dataclass(frozen=True)
class Project:
    """What was written: the folder, the campaign's name and file, and every file below the folder."""

    folder: Path
    campaign: str
    flow: Path
    files: tuple[str, ...]


def make_project(folder: Path, *, campaign: str, author: str, as_of: date) -> Project:
    """Write a whole project into `folder`, which must be empty or not there; whole or not at all.

    InputError with every fault at once: a folder that holds something, a name that is none, an
    address that is none, a place that cannot be written.
    """
    faults = _faults(folder, campaign, author)
    if faults:
        raise InputError(faults)
    words = words_for(campaign, author, as_of) | {
        "project": re.sub(r"[^a-z0-9]+", "-", folder.resolve().name.lower()).strip("-") or "campaigns",
        "customers": "customers.csv",
        "catalogue": "catalogue.csv",
    }
    texts = {place.format(**words): filled(name, words) for name, place in _FILES.items()}
    texts["data/customers.csv"] = invented_customers(as_of)
    texts["data/catalogue.csv"] = invented_catalogue()
    try:
        _write(folder, texts)
    except OSError as error:
        why = f"cannot be written: {error.strerror or error}; choose another folder"
        raise InputError([Fault(str(folder), None, "", why)]) from error
    return Project(folder, campaign, folder / "flows" / f"{words['function']}.py", tuple(sorted(texts)))


def _faults(folder: Path, campaign: str, author: str) -> list[Fault]:
    faults: list[Fault] = []
    if folder.is_dir() and (held := sorted(path.name for path in folder.iterdir())):
        some = ", ".join(held[:5]) + (" and more" if len(held) > 5 else "")
        faults.append(Fault(str(folder), None, "", f"holds {some}; name a new folder, nothing is written over"))
    elif folder.exists() and not folder.is_dir():
        faults.append(Fault(str(folder), None, "", "is a file; name a new folder"))
    named = (name_fault("--campaign", campaign), email_fault("--author", author))
    return [*faults, *(fault for fault in named if fault)]


def name_fault(option: str, name: str) -> Fault | None:
    """What is wrong with a name from which a file, a function and a policy are named."""
    if _SLUG.fullmatch(name) is None or keyword.iskeyword(name) or name in _NO_TEXT or len(name) > 60:
        said = f"{name[:60]!r} is no name; write lower-case words joined by hyphens, such as spring-launch"
        return Fault(option, None, "", said)
    if name.replace("-", "_") in tasks.__all__:
        # Its function would stand in the place of the one that it calls.
        return Fault(option, None, "", f"{name} is a word of Presscheck's own; choose another, such as {name}-launch")
    return None


def email_fault(option: str, address: str) -> Fault | None:
    """What is wrong with an address."""
    if _EMAIL.fullmatch(address) is None:
        return Fault(option, None, "", f"{address[:60]!r} is no e-mail address")
    return None


def words_for(name: str, author: str, as_of: date) -> dict[str, str]:
    """What templates say of a thing of this name."""
    return {
        "slug": name,
        "function": name.replace("-", "_"),
        "title": name.replace("-", " ").capitalize(),
        "author": author,
        "today": as_of.isoformat(),
        "deadline": (as_of + timedelta(days=45)).isoformat(),
        "evidence_until": (as_of + timedelta(days=300)).isoformat(),
        "deliverable": str(_PEOPLE - _WITHOUT_CONSENT),
    }


def filled(template: str, words: dict[str, str]) -> str:
    """A template with the words in it."""
    return Template(_template(template)).substitute(words)


def _write(folder: Path, texts: dict[str, str]) -> None:
    """Beside first, then named: a full disk leaves no half project."""
    parent = folder.resolve().parent
    parent.mkdir(parents=True, exist_ok=True)
    beside = Path(tempfile.mkdtemp(prefix=".presscheck-init-", dir=parent))
    try:
        for place, text in texts.items():
            path = beside / place
            path.parent.mkdir(parents=True, exist_ok=True)
            path.write_text(text, encoding="utf-8", newline="\n")
        beside.chmod(0o755)
        # An empty folder is replaced; one that has been filled meanwhile is not.
        os.replace(beside, folder)
    except OSError:
        shutil.rmtree(beside, ignore_errors=True)
        raise


def _template(name: str) -> str:
    return (resources.files("presscheck.starter") / "templates" / f"{name}.txt").read_text(encoding="utf-8")


def invented_customers(as_of: date) -> str:
    """A CSV of invented people, two of them without consent."""
    rows = [
        {
            "customer_id": f"C-{number:03d}",
            "first_name": _NAMES[number % len(_NAMES)],
            "email": f"{_NAMES[number % len(_NAMES)].lower()}.{number:03d}@example.com",
            "country": "GB" if number % 3 == 0 else "US",
            "time_zone": "Europe/London" if number % 3 == 0 else "America/New_York",
            "consent": "" if number <= _WITHOUT_CONSENT else "consent",
            "consent_source": "checkout, box ticked",
            "consent_at": f"{(as_of - timedelta(days=30 + number)).isoformat()}T10:00:00Z",
            "newsletter": "yes",
        }
        for number in range(1, _PEOPLE + 1)
    ]
    return _csv(rows)


def invented_catalogue() -> str:
    """A CSV of one invented product."""
    mug = {
        "id": "KW-01",
        "name": "Kettlewell Enamel Mug",
        "category": "Kitchen",
        "brand": "Kettlewell",
        "price": "18.00",
        "currency": "USD",
        "rating": "4.7",
        "reviews": "96",
        "description": "A steel mug with two coats of enamel, for the stove and the road. Made in Otley.",
    }
    return _csv([mug])


def _csv(rows: list[dict[str, str]]) -> str:
    text = io.StringIO()
    writer = csv.DictWriter(text, list(rows[0]), lineterminator="\n")
    writer.writeheader()
    writer.writerows(rows)
    return text.getvalue()
