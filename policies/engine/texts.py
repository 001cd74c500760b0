"""The texts of policy files, read once: what a set is parsed from, what is kept of it, and what it is compared by.

    texts = read_texts(None, overlay)      # the shipped files, and those of an overlay on top
    texts.manifest                         # every file's place and the SHA-256 of its text
    texts.digest                           # of the manifest: what somebody signs

This module alone opens policy files. What cannot be read is kept as a fault beside the texts, so that
`loading` tells it together with all others.
"""

import hashlib
import os
from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from difflib import unified_diff
from functools import cached_property
from pathlib import Path, PurePosixPath
from typing import Literal

from pydantic import TypeAdapter, ValidationError

from presscheck.digests import canonical, open_plain
from presscheck.documents.document import MAX_BYTES
from presscheck.errors import Fault, PolicyError
from presscheck.models import Digest

SHIPPED = Path(__file__).parents[1]
_ENDINGS = (".yaml", ".yml", ".cedar", ".cedarschema")
_PROMPTS = "prompts"
_LISTED: TypeAdapter[dict[Literal["base", "overlay"], dict[str, Digest]]] = TypeAdapter(
    dict[Literal["base", "overlay"], dict[str, Digest]]
)


@dataclass(frozen=True)
class Layer:
    """The files of one policy folder, by their place below it, such as `guardrails/no-shouting.yaml`."""

    root: str
    """What the folder is called in messages."""
    texts: Mapping[str, str]
    faults: tuple[Fault, ...] = ()
    """Of files that could not be read; a layer that has some does not load."""

    def path(self, place: str) -> str:
        """A file's name in messages."""
        return str(Path(self.root) / place)

    def ending(self, *endings: str) -> Iterator[tuple[PurePosixPath, str]]:
        """Place and text of every file that ends so, whatever its capitals, in order of path."""
        for place in sorted(self.texts, key=lambda name: PurePosixPath(name).parts):
            if PurePosixPath(place).suffix.lower() in endings:
                yield PurePosixPath(place), self.texts[place]


@dataclass(frozen=True)
class PolicyTexts:
    """The texts of a whole set: a base, the shipped folder as a rule, and an overlay if the project has one."""

    base: Layer
    overlay: Layer | None = None

    @property
    def layers(self) -> tuple[Layer, ...]:
        return (self.base,) if self.overlay is None else (self.base, self.overlay)

    @property
    def readable(self) -> bool:
        """Whether every file could be read; what could not has no digest."""
        return not any(layer.faults for layer in self.layers)

    @cached_property
    def manifest(self) -> str:
        """Canonical JSON of the place and digest of every file, by layer."""
        layers = {"base": self.base} | ({} if self.overlay is None else {"overlay": self.overlay})
        listed = {
            name: {place: text_digest(text) for place, text in layer.texts.items()} for name, layer in layers.items()
        }
        return canonical(listed).decode("utf-8")

    @cached_property
    def digest(self) -> Digest:
        """The SHA-256 of the manifest: another byte in any file, a file more or less, is another digest."""
        return text_digest(self.manifest)

    @cached_property
    def by_digest(self) -> Mapping[Digest, str]:
        """Every text by its digest, the manifest's included: all that is to be kept of the set."""
        texts = [text for layer in self.layers for text in layer.texts.values()]
        return {text_digest(text): text for text in (*texts, self.manifest)}

    @classmethod
    def from_manifest(cls, manifest: str, texts: Mapping[Digest, str], *, name: str) -> "PolicyTexts":
        """The set that a manifest lists; `name` stands in messages for its folders.

        ValueError for a manifest that is none, KeyError for a text that is not there.
        """
        listed = _listed(manifest)
        layers = {
            layer: Layer(f"{name}/{layer}", {place: texts[digest] for place, digest in places.items()})
            for layer, places in listed.items()
        }
        return cls(layers["base"], layers.get("overlay"))


def differing_lines(before: PolicyTexts, after: PolicyTexts) -> str:
    """Every line of every file that differs, as a unified diff; empty where no text does."""
    found: list[str] = []
    for name, old, new in (("base", before.base, after.base), ("overlay", before.overlay, after.overlay)):
        then, now = _texts_of(old), _texts_of(new)
        for place in sorted(then.keys() | now.keys()):
            if then.get(place) == now.get(place):
                continue
            sides = (then.get(place, "").splitlines(), now.get(place, "").splitlines())
            found.extend(unified_diff(*sides, f"{name}/{place}", f"{name}/{place}", lineterm="", n=1))
    return "\n".join(found)


def _texts_of(layer: Layer | None) -> Mapping[str, str]:
    return {} if layer is None else layer.texts


def text_digest(text: str) -> Digest:
    """The SHA-256 of a text's UTF-8, as 64 hexadecimal digits."""
    return hashlib.sha256(text.encode("utf-8")).hexdigest()


def digests_in(manifest: str) -> frozenset[Digest]:
    """The digests of all texts that a manifest lists. ValueError for one that is none."""
    return frozenset(digest for places in _listed(manifest).values() for digest in places.values())


def _listed(manifest: str) -> dict[str, dict[str, Digest]]:
    try:
        found = _LISTED.validate_json(manifest)
    except ValidationError as error:
        raise ValueError("this is no list of policy files") from error
    if "base" not in found:
        raise ValueError("this list of policy files has no base")
    return {str(layer): places for layer, places in found.items()}


def read_texts(folder: Path | None = None, overlay: Path | None = None) -> PolicyTexts:
    """Every policy file of `folder` (the shipped ones by default) and of `overlay`, as they stand now."""
    return PolicyTexts(read_layer(folder or SHIPPED), None if overlay is None else read_layer(overlay))


def read_layer(root: Path) -> Layer:
    """The policy files below a folder, hidden ones left out, links out of it refused."""
    if not root.is_dir():
        message = "is a file; name the folder it is in" if root.exists() else "there is no such folder"
        return Layer(str(root), {}, (Fault(str(root), None, "", message),))
    texts: dict[str, str] = {}
    faults: list[Fault] = []
    within = root.resolve()
    for place, path in _files(root, faults):
        if not place.isprintable():
            # A name that is not UTF-8 comes with surrogates, which are not printable either.
            faults.append(
                Fault(ascii(str(path))[1:-1], None, "", "has a name with characters that do not show; rename it")
            )
            continue
        try:
            texts[place] = read_text(path, within)
        except PolicyError as broken:
            faults.extend(broken.faults)
    return Layer(str(root), texts, tuple(faults))


def read_text(path: Path, within: Path, *, most: int = MAX_BYTES) -> str:
    """One file's text of at most so many bytes; PolicyError where it cannot be read, or lies outside of the folder
    `within`."""
    try:
        # Folders that are links are not gone into, so only the file itself can lead out; resolving all took longest.
        if path.is_symlink() and not path.resolve(strict=True).is_relative_to(within):
            raise PolicyError([Fault(str(path), None, "", "is a link out of the folder; put the file itself there")])
        with open_plain(path) as file:
            raw = file.read(most + 1)
    except (OSError, RuntimeError) as broken:
        why = getattr(broken, "strerror", None) or broken
        raise PolicyError([Fault(str(path), None, "", f"cannot be read: {why}")]) from broken
    if len(raw) > most:
        raise PolicyError([Fault(str(path), None, "", f"is larger than {most:,} bytes; split it")])
    if b"\0" in raw:
        raise PolicyError([Fault(str(path), raw[: raw.index(b"\0")].count(b"\n") + 1, "", "holds a NUL; take it out")])
    try:
        return raw.decode("utf-8-sig")
    except UnicodeDecodeError as broken:
        line = raw[: broken.start].count(b"\n") + 1
        raise PolicyError([Fault(str(path), line, "", "is not UTF-8; save it as UTF-8")]) from broken


def _files(root: Path, faults: list[Fault]) -> Iterator[tuple[str, Path]]:
    """Place and path of every policy file below `root`, in order; a folder that cannot be looked into is a fault."""
    found: list[tuple[str, Path]] = []

    def closed(error: OSError) -> None:
        faults.append(Fault(str(error.filename), None, "", f"cannot be looked into: {error.strerror}"))

    for folder, inner, names in os.walk(root, onerror=closed):
        below = folder[len(str(root)) :].strip(os.sep)
        inner[:] = [name for name in inner if not name.startswith(".")]
        for name in [one for one in inner if _is_read(below, one)]:
            # A link to a folder is not gone into, and is told when it is read.
            if not os.path.islink(os.path.join(folder, name)):
                said = "is a folder with the name of a file; rename it, or put the file itself there"
                faults.append(Fault(os.path.join(folder, name), None, "", said))
        for name in (*names, *(name for name in inner if os.path.islink(os.path.join(folder, name)))):
            if not name.startswith(".") and _is_read(below, name):
                place = f"{below}/{name}" if below else name
                found.append((place.replace(os.sep, "/"), Path(folder, name)))
    return iter(sorted(found, key=lambda one: one[0].split("/")))


def _is_read(folder: str, name: str) -> bool:
    ending = os.path.splitext(name)[1]
    return ending.lower() in _ENDINGS or (folder == _PROMPTS and ending == ".md")
