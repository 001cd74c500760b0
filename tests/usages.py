"""Usage policies of the tests' own: what a test names is approved, and an admission that lets everything pass."""

import json
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

from presscheck.providers.admission import Wanted

APPROVED: dict[str, Any] = {"by": "Ana", "on": "2026-01-01"}


@dataclass
class OpenDoors:
    """An admission without policies: it lets everything pass, and remembers."""

    wanted: list[Wanted] = field(default_factory=list)

    def admit(self, wanted: Wanted) -> None:
        self.wanted.append(wanted)


def model(name: str, **changes: Any) -> dict[str, Any]:
    """An entry for a model on this machine that may see everything."""
    entry = {
        "name": name, "owner": "tests", "purpose": "Writes in tests.", "for": ["draft", "ideas", "try"],
        "runs": "local", "sees": ["public", "internal", "personal"], "approved": APPROVED, "until": "2199-12-31",
    }  # fmt: skip
    return {**entry, **changes}


def tool(name: str, **changes: Any) -> dict[str, Any]:
    entry = {name: value for name, value in model("a/b").items() if name != "for"}
    return {**entry, "name": name, **changes}


def prompt(id: str, words: str, version: str = "1", **changes: Any) -> dict[str, Any]:
    entry = {"id": id, "version": version, "words": words, "owner": "tests", "approved": APPROVED}
    return {**entry, "until": "2199-12-31", **changes}


def usage(name: str = "tests", **lists: Any) -> str:
    """The text of a usage policy with these lists: models, tools, prompts."""
    case = {"model": "nobody/knows", "on": "2026-11-30"}
    fields: dict[str, Any] = {
        "id": f"usage.{name}", "kind": "usage", "title": "What tests may use", "why": "Tests ask models of their own.",
        "source": {"name": "The tests", "date": "2026-11-30"}, "owner": "tests",
        "models": [model("tests/anything")], **lists,
    }  # fmt: skip
    first = fields["models"][0]
    at = {"local": "this-machine", "private": (first.get("hosts") or [""])[0]}.get(first["runs"], "")
    name = first["name"].removesuffix("*")
    good = {"model": name, "for": first["for"][0], "at": at, "given": first["sees"][:1], "on": first["until"]}
    fields["cases"] = [{"when": good, "allowed": True}, {"when": case, "allowed": False}]
    return "".join(f"{key}: {json.dumps(value)}\n" for key, value in fields.items())


def write_usage(policies: Path, name: str = "tests", **lists: Any) -> None:
    """The same as a file of a project's policy folder."""
    (policies / "usage").mkdir(parents=True, exist_ok=True)
    (policies / "usage" / f"{name}.yaml").write_text(usage(name, **lists), "utf-8")
