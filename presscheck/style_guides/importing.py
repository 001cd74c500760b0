"""A whole folder of Vale's rules, style by style."""

from dataclasses import dataclass
from pathlib import Path

from presscheck.errors import Fault
from presscheck.style_guides.packs_written import Style
from presscheck.style_guides.translating import Translated, Wishes, translate
from presscheck.style_guides.vale_files import ValeFile, read_folder
from presscheck.style_guides.wording import slug_of


@dataclass(frozen=True)
class Guide:
    """The styles of a folder; `faults` are of files that no rule came of."""

    styles: tuple[Style, ...]
    faults: tuple[Fault, ...]


def imported(root: Path, wishes: Wishes, *, name: str | None = None) -> Guide:
    """Every style below `root`, a folder of rules being one; `name` is what a single style is called instead.

    What is no rule and lies in a folder without rules, such as the settings of a test, is no fault.
    """
    folder = read_folder(root)
    by_folder: dict[Path, list[ValeFile]] = {}
    for file in folder.files:
        by_folder.setdefault(file.path.parent, []).append(file)
    by_folder = {path: files for path, files in by_folder.items() if any(map(_is_rule, files))}
    names = _names(list(by_folder), root, name)
    styles: list[Style] = []
    faults = list(folder.faults)
    for path, files in by_folder.items():
        rules: list[Translated] = []
        beside: list[Fault] = [fault for fault in folder.faults if Path(fault.path).parent == path]
        ids: dict[str, ValeFile] = {}
        for file in files:
            rule = translate(file, names[path], root, wishes)
            if isinstance(rule, Fault):
                beside.append(rule)
                faults.append(rule)
                continue
            if rule.document is not None and (first := ids.setdefault(rule.document["id"], file)) is not file:
                faults.append(
                    Fault(str(file.path), 1, "", f"has the name of {first.path.name} but for signs; rename it")
                )
                beside.append(faults[-1])
                continue
            rules.append(rule)
        if rules:
            styles.append(Style(names[path], tuple(rules), tuple(beside)))
    if folder.files and not styles and not faults:
        faults.append(Fault(str(root), None, "", "holds no rule of Vale: none of its files says what it extends"))
    return Guide(tuple(styles), tuple(faults))


def _is_rule(file: ValeFile) -> bool:
    return any(key.lower() == "extends" for key in file.keys)


def _names(paths: list[Path], root: Path, name: str | None) -> dict[Path, str]:
    """What each folder's style is called: as the folder, or as its path where two folders are called the same."""
    if name is not None and len(paths) == 1:
        return {paths[0]: name}
    called = {path: path.name if path != root else root.resolve().name for path in paths}
    many = [slug_of(one) for one in called.values()]
    return {
        path: one if many.count(slug_of(one)) == 1 else "-".join(path.relative_to(root).parts) or one
        for path, one in called.items()
    }
