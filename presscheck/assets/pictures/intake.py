"""A file that somebody brings becomes a picture that may be shown, or every reason why not.

    prepared = prepare(data, declared, path="hero.jpg")   # Prepared; PictureError with every fault

The file is opened in a process of its own, drawn anew, and marked with what was declared. What it says
of itself is compared with that: a file that says it was made by a machine is not declared a photograph.
"""

import subprocess
import sys
from collections.abc import Mapping
from dataclasses import dataclass, field
from hashlib import sha256
from typing import Any, cast

from pydantic import ValidationError

from presscheck.assets.pictures.decoder import pack, unpack
from presscheck.assets.pictures.files import MOST_BYTES
from presscheck.assets.pictures.markings import contradictions, marking_xmp, markings
from presscheck.errors import Fault, PictureError
from presscheck.models import Picture

MOST_FILE_BYTES = 10 * 1024 * 1024
"""The largest file that is opened."""

DECLARED = ("name", "alt", "caption", "labels", "source_type", "creator", "credit", "licence")
"""What a person says of a picture; the rest is measured."""

_SECONDS = 40
# Stands for what is measured later, so that the declared part can be judged before the file was opened.
_UNMEASURED: dict[str, Any] = {"file": "0" * 64, "media_type": "image/png", "width": 1, "height": 1, "size": 1}


@dataclass(frozen=True)
class Prepared:
    """A picture drawn anew, with what was noticed on the way."""

    picture: Picture
    data: bytes = field(repr=False)
    notes: tuple[str, ...] = ()


def prepare(data: bytes, declared: Mapping[str, Any], *, path: str) -> Prepared:
    """The picture, ready to be kept. PictureError with every fault of the file and of what was declared."""
    faults: list[Fault] = []
    said = _declared(declared, path, faults)
    xmp = b"" if said is None else _xmp(said)
    told, drawn = _decoded(data, xmp)
    if fault := told.get("fault"):
        faults.append(Fault(path, None, "", str(fault)))
    elif len(drawn) > MOST_BYTES:
        told_size = f"{len(drawn) / 1024 / 1024:.1f} MB when drawn {told['width']} wide"
        faults.append(Fault(path, None, "", f"is {told_size}; at most 2 MB go out in a message. Save it as JPEG"))
    # A file that is not even opened is not searched either.
    searched = data if len(data) <= MOST_FILE_BYTES else b""
    found = markings(searched, [str(text) for text in told.get("texts", ())])
    source_type = declared.get("source_type")
    named = source_type if isinstance(source_type, str) and source_type else None
    clash = contradictions(found, source_type=named, labels=_words(declared.get("labels")))
    faults += [Fault(path, None, "", one) for one in clash]
    if faults or said is None:
        raise PictureError(faults)
    measured = {name: told[name] for name in ("media_type", "width", "height")}
    picture = said.model_copy(update={**measured, "file": sha256(drawn).hexdigest(), "size": len(drawn)})
    return Prepared(picture, drawn, tuple(_notes(told, found.credentials)))


def _declared(declared: Mapping[str, Any], path: str, faults: list[Fault]) -> Picture | None:
    values = {name: value for name, value in declared.items() if value not in (None, "", [], ())}
    given: object = values.get("labels", [])
    if isinstance(given, list | tuple) and all(isinstance(label, str) for label in cast(list[object], given)):
        values["labels"] = _words(cast(object, given))
    try:
        if unknown := sorted(set(values) - set(DECLARED)):
            faults.append(Fault(path, None, ", ".join(unknown)[:100], "there is no such thing to declare"))
        said = Picture.model_validate({**{name: values[name] for name in DECLARED if name in values}, **_UNMEASURED})
    except ValidationError as error:
        for problem in error.errors():
            where = ".".join(str(part) for part in problem["loc"])
            faults.append(Fault(path, None, where, _sentence(where, problem["msg"])))
        return None
    return said


def _words(given: object) -> list[str]:
    """The words of a list, each once and in order; what else stands in it is told elsewhere."""
    items = cast(list[object], given) if isinstance(given, list | tuple) else []
    return sorted({item for item in items if isinstance(item, str)})


def _sentence(where: str, message: str) -> str:
    if where == "alt" and message == "Field required":
        return "say what the picture shows, for those who do not see it: --alt 'A woman in a rain jacket on a pier'"
    if where == "name":
        return "give a short name, lower-case words joined by hyphens: --name spring-hero"
    return message[:1].lower() + message[1:]


def _xmp(said: Picture) -> bytes:
    return marking_xmp(said.source_type, creator=said.creator, credit=said.credit, licence=said.licence)


def _decoded(data: bytes, xmp: bytes) -> tuple[dict[str, Any], bytes]:
    if not data:
        return {"fault": "is empty"}, b""
    if len(data) > MOST_FILE_BYTES:
        return {"fault": f"is larger than {MOST_FILE_BYTES // 1024 // 1024} MB; scale it down"}, b""
    try:
        done = subprocess.run(
            # Isolated, and without our environment: secrets have no business beside a hostile file.
            [sys.executable, "-I", "-m", "presscheck.assets.pictures.decoder"],
            input=pack({"xmp": xmp.decode()}, data),
            capture_output=True,
            timeout=_SECONDS,
            env={},
            check=False,
        )
        return unpack(done.stdout)
    except subprocess.TimeoutExpired:
        return {"fault": f"takes more than {_SECONDS} s to open; save it anew as PNG or JPEG"}, b""
    except ValueError:
        return {"fault": "ended the process that opened it; it is not taken. Save it anew as PNG or JPEG"}, b""


def _notes(told: Mapping[str, Any], credentials: bool) -> list[str]:
    new = f"{'JPEG' if told['media_type'] == 'image/jpeg' else 'PNG'} {told['width']}x{told['height']}"
    notes = [f"{told['was']} was drawn anew as {new}; EXIF, GPS and whatever else was in the file are gone"]
    if told.get("frames", 1) > 1:
        notes.append(f"of its {told['frames']} frames the first is kept")
    if credentials:
        notes.append("its Content Credentials (C2PA) were signed for the old bytes and are gone; keep the original")
    return notes
