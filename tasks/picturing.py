"""The pictures that a brief names: found when the run opens, looked at before people are asked."""

from presscheck.assets.pictures.believing import file_fault, read_pictures
from presscheck.assets.pictures.files import pictures_folder
from presscheck.errors import BriefError, Fault
from presscheck.ledger import Reader
from presscheck.ledger.versions import current_picture
from presscheck.models import Brief, Copy, Picture, Refused
from tasks import house
from tasks.holding import Hold


def pin_pictures(tx: Reader, brief: Brief, *, path: str) -> Brief:
    """The brief with its pictures by digest, so that a picture added later changes nothing in this run.

    BriefError with every name that no picture has, and where the channel shows none.
    """
    faults: list[Fault] = []
    if brief.images and brief.channel != "email":
        said = f"only an e-mail shows pictures so far, and this brief is for {brief.channel}; take them out"
        faults.append(Fault(path, None, "images", said))
    pinned: list[str] = []
    for at, name in enumerate(brief.images):
        digest = name if len(name) == 64 else current_picture(tx, name)
        read = None if digest is None else read_pictures(tx, brief.model_copy(update={"images": (digest,)}))
        if digest is None:
            said = f"there is no picture {name}; add it with `presscheck image add FILE --name {name} --alt ...`"
            faults.append(Fault(path, None, f"images[{at}]", said))
        elif isinstance(read, Refused):
            faults.append(Fault(path, None, f"images[{at}]", read.reason))
        elif digest in pinned:
            faults.append(Fault(path, None, f"images[{at}]", f"{name} is there twice; take one out"))
        else:
            pinned.append(digest)
    if faults:
        raise BriefError(faults)
    return brief.model_copy(update={"images": tuple(pinned)})


def brief_pictures(tx: Reader, brief: Brief) -> dict[str, Picture]:
    """The brief's pictures by digest, their files looked at. Hold where one is not what was added."""
    read = read_pictures(tx, brief)
    if isinstance(read, Refused):
        raise Hold(read.reason)
    swapped = file_fault(pictures_folder(house.settings().home), read.values())
    if swapped is not None:
        raise Hold(swapped.reason)
    return read


def with_picture(copy: Copy, brief: Brief, at: int) -> Copy:
    """The variant at this place with the brief's pictures in turn; a generator's own idea of one is dropped."""
    image = brief.images[at % len(brief.images)] if brief.images else None
    return copy.model_copy(update={"image": image})
