"""A style as a pack's files: pack.yaml, a file a rule, and IMPORTED.md, which names what was not taken."""

import io
import shutil
from collections import Counter
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from presscheck.errors import Fault
from presscheck.style_guides.translating import Translated, Wishes
from presscheck.style_guides.wording import slug_of

_LISTED = "IMPORTED.md"


@dataclass(frozen=True)
class Style:
    """One style with its rules, as they were translated."""

    name: str
    rules: tuple[Translated, ...]
    faults: tuple[Fault, ...] = ()
    """Files beside the rules that could not be read as one."""

    @property
    def slug(self) -> str:
        slug = slug_of(self.name) or "style"
        return slug if slug[0].isalpha() else f"style-{slug}"

    @property
    def outcomes(self) -> Mapping[str, int]:
        """How many rules were taken whole, in part and not at all."""
        return {"whole": 0, "part": 0, "none": 0} | Counter(rule.outcome for rule in self.rules)

    @property
    def any_taken(self) -> bool:
        return any(rule.document is not None for rule in self.rules)

    @property
    def tokens(self) -> int:
        return sum(rule.tokens for rule in self.rules)

    @property
    def taken(self) -> int:
        return sum(rule.taken for rule in self.rules)


def files_of(style: Style, wishes: Wishes, *, on: bool) -> dict[str, str]:
    """The text of each file of the pack, by its name."""
    pack: dict[str, Any] = {
        "pack": style.slug,
        "version": "1",
        "title": f"The style guide {style.name}, imported from Vale",
        "why": "Whoever wrote these rules holds them to be house style; copy is held to them as other texts are.",
        "source": {"name": f"The Vale style {style.name}", "date": wishes.as_of.isoformat()},
        "owner": wishes.owner,
        "on": on,
    }
    files = {"pack.yaml": _yaml(pack)}
    for rule in style.rules:
        if rule.document is not None:
            files[f"{rule.document['id'].partition('.')[2]}.yaml"] = _yaml(rule.document)
    return files | {_LISTED: _listed(style)}


def write_pack(folder: Path, files: Mapping[str, str]) -> None:
    """The pack's folder with these files and no others: whole or not at all."""
    folder.parent.mkdir(parents=True, exist_ok=True)
    making, before = (folder.with_name(f".{folder.name}.{part}") for part in ("making", "before"))
    if before.exists() and not folder.exists():
        # Whoever was here last was ended between the two renames below.
        before.rename(folder)
    for rest in (making, before):
        shutil.rmtree(rest, ignore_errors=True)
    making.mkdir()
    for name, text in files.items():
        (making / name).write_text(text, "utf-8")
    if folder.exists():
        folder.rename(before)
    making.rename(folder)
    shutil.rmtree(before, ignore_errors=True)


def _yaml(document: dict[str, Any]) -> str:
    # Imported here because the command line writes YAML only where a command asks for it.
    from ruamel.yaml import YAML

    yaml = YAML()
    yaml.width = 100_000
    yaml.allow_unicode = True
    yaml.indent(mapping=2, sequence=4, offset=2)
    out = io.StringIO()
    yaml.dump(document, out)  # pyright: ignore[reportUnknownMemberType]
    return out.getvalue()


def _listed(style: Style) -> str:
    outcomes = style.outcomes
    lines = [
        f"# {style.name}, imported from Vale",
        "",
        f"{outcomes['whole']} of {len(style.rules)} rules were taken whole, {outcomes['part']} in part and "
        f"{outcomes['none']} not at all; {style.taken:,} of {style.tokens:,} tokens were taken.",
    ]
    lines += _section("Not taken", style.rules)
    if style.faults:
        lines += ["", "## Files that could not be read", "", *(f"- {fault}" for fault in style.faults)]
    return "\n".join(lines) + "\n"


def _section(title: str, rules: Sequence[Translated]) -> Iterable[str]:
    some = [rule for rule in rules if rule.left]
    if not some:
        return
    yield from ("", f"## {title}")
    for rule in some:
        yield from ("", f"### {rule.file.path.name} ({rule.extends}, {_OUTCOMES[rule.outcome]})", "")
        yield from (f"- line {left.line}: {_code(left.part)}: {left.reason}" for left in rule.left)


_OUTCOMES = {"whole": "taken whole", "part": "taken in part", "none": "not taken"}


def _code(text: str) -> str:
    one_line = " ".join(text.split())[:200]
    fence = "``" if "`" in one_line else "`"
    return f"{fence} {one_line} {fence}" if fence == "``" else f"`{one_line}`"
