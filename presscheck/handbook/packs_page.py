"""Every rule of a set as a page in Markdown: `docs/guardrails.md` is that of the rules that ship."""

from collections.abc import Iterator, Mapping
from typing import Any

from policies.engine.packs import PackInForce
from policies.engine.policy_set import PolicySet

_HEAD = """# Guardrails: every rule that ships

Each rule is a file below `policies/packs/`, with its reason, its words and its cases. How to read one, and how to
change one without copying it, is in [policies.md](policies.md#a-guardrail). A pack that is off is switched on by
`packs/NAME/pack.yaml` in a project's folder ([packs](policies.md#packs)).

This page is made from the files: `presscheck policies packs --page > docs/guardrails.md`.
"""


def guardrails_page(policies: PolicySet) -> str:
    """The page: a section for each pack, and a row for each of its rules."""
    return "\n".join([_HEAD, *("\n".join(_section(policies, pack)) + "\n" for pack in policies.packs)]).rstrip() + "\n"


def rules_of(policies: PolicySet, pack: PackInForce) -> list[Mapping[str, Any]]:
    """Each rule of a pack as it is in force, or as its file says where it is off; by id."""
    held = {rule.id: rule for rule in policies.guardrails}
    return [
        held[id_].model_dump(mode="json", by_alias=True) if (id_ := str(written.get("id"))) in held else written
        for written in sorted(pack.written, key=lambda one: str(one.get("id")))
    ]


def _section(policies: PolicySet, pack: PackInForce) -> Iterator[str]:
    about = pack.pack
    yield f"## {about.pack}: {about.title}"
    yield ""
    state = "on" if pack.on else "off until a project switches it on"
    yield f"{about.why} Version {about.version}, {state}; {about.owner}."
    for name, one in about.parameters.items():
        yield ""
        yield f"`{name}` ({pack.default(name) or 'none'}): {one.what}"
    yield ""
    yield "| id | level | what it is for | source |"
    yield "|---|---|---|---|"
    for rule in rules_of(policies, pack):
        cells = (f"`{rule.get('id')}`", rule.get("level"), rule.get("title"), rule.get("source", {}).get("name"))
        yield "| " + " | ".join(" ".join(str(cell).split()).replace("|", "\\|") for cell in cells) + " |"
