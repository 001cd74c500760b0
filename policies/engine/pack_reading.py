"""The packs of a policy folder, and what an overlay makes of them; from texts alone."""

from collections.abc import Mapping
from pathlib import PurePosixPath
from typing import Any, cast

from policies.engine.packs import FILE, PackFiles, PackSettings, read_pack
from policies.engine.texts import Layer
from presscheck.documents.document import Document, read_document
from presscheck.documents.sentences import did_you_mean
from presscheck.errors import Fault, PolicyError

PACKS = "packs"


def is_overlay(document: Document) -> bool:
    """Whether a file changes something below it instead of being something whole."""
    value: object = document.value
    return isinstance(value, dict) and "extends" in cast(dict[str, Any], value)


def read_packs(layer: Layer, faults: list[Fault]) -> dict[str, PackFiles]:
    """Every pack of a layer by its name; one whose pack.yaml has a fault is left out, with the fault."""
    return _whole(layer, faults, {}, own=False)


def lay_packs_over(below: Mapping[str, PackFiles], overlay: Layer, faults: list[Fault]) -> dict[str, PackFiles]:
    """The packs below as an overlay sets them, with its own beside them."""
    found = dict(below)
    for name, document in _settings(overlay):
        try:
            settings = document.parse(PackSettings, PolicyError)
        except PolicyError as broken:
            faults.extend(broken.faults)
            continue
        if settings.extends not in below:
            advice = did_you_mean(settings.extends, sorted(below))
            faults.append(document.fault(("extends",), f"there is no pack {settings.extends} to change; {advice}"))
        elif settings.extends != name:
            said = f"is {settings.extends}, and the folder is called {name}; make both the same"
            faults.append(document.fault(("extends",), said))
        else:
            found[name] = below[name].with_settings(settings, document, faults)
    return found | _whole(overlay, faults, below, own=True)


def _whole(layer: Layer, faults: list[Fault], below: Mapping[str, PackFiles], *, own: bool) -> dict[str, PackFiles]:
    """The packs that are whole in this layer."""
    found: dict[str, PackFiles] = {}
    for name, files in _folders(layer, faults).items():
        about = files.pop(FILE, None)
        if about is None:
            said = f"is in a folder without {FILE}.yaml; write one that says what the pack {name} is"
            faults.extend(Fault(document.path, None, "", said) for document in files.values())
            continue
        if is_overlay(about):
            said = "stands beside the settings of a shipped pack; put it into guardrails/ with extends: ID or an id"
            faults.extend(Fault(document.path, None, "", said) for document in files.values())
            continue
        if name in below:
            said = f"is already a pack below; write extends: {name} to change it, or choose another name"
            faults.append(about.fault(("pack",), said))
            continue
        try:
            pack = read_pack(about, name)
        except PolicyError as broken:
            faults.extend(broken.faults)
            continue
        found[name] = PackFiles.of(pack, about, tuple(files.items()), own=own)
    return found


def _settings(layer: Layer) -> list[tuple[str, Document]]:
    """The pack.yaml files of a layer that change a pack below."""
    found = ((place.parts[1], text, place) for place, text in layer.ending(".yaml") if _is_about(place))
    documents = ((name, read_document(text, path=layer.path(str(place)))) for name, text, place in found)
    return [(name, document) for name, document in documents if is_overlay(document)]


def _folders(layer: Layer, faults: list[Fault]) -> dict[str, dict[str, Document]]:
    """The files of each pack's folder, by their stems."""
    folders: dict[str, dict[str, Document]] = {}
    for place, text in layer.ending(".yaml", ".yml"):
        if place.parts[0] != PACKS:
            continue
        path = layer.path(str(place))
        if len(place.parts) != 3:
            faults.append(Fault(path, None, "", f"is not read here; put it into {PACKS}/NAME/, beside {FILE}.yaml"))
        elif place.suffix != ".yaml":
            faults.append(Fault(path, None, "", "is not read under this name; end it in .yaml"))
        else:
            folders.setdefault(place.parts[1], {})[place.stem] = read_document(text, path=path)
    return folders


def _is_about(place: PurePosixPath) -> bool:
    return len(place.parts) == 3 and place.parts[0] == PACKS and place.stem == FILE
