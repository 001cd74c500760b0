"""A text file is UTF-8, or its first wrong byte is named with its line."""

from pathlib import Path

from presscheck.errors import CatalogueError, Fault, SegmentError

__all__ = ["read_utf8"]


def read_utf8(path: Path, error: type[SegmentError] | type[CatalogueError]) -> str:
    """The file's text without a byte-order mark; raises `error` saying how to convert it."""
    try:
        raw = path.read_bytes()
    except OSError as broken:
        raise error([Fault(str(path), None, "", f"the file cannot be read: {broken.strerror}")]) from broken
    try:
        return raw.decode("utf-8-sig")
    except UnicodeDecodeError as broken:
        line = raw.count(b"\n", 0, broken.start) + 1
        raise error(
            [
                Fault(
                    str(path),
                    line,
                    "",
                    f"byte 0x{raw[broken.start]:02x} is not UTF-8, the file looks like Latin-1 or Windows-1252; "
                    f"convert it: iconv -f WINDOWS-1252 -t UTF-8 {path.name} > {path.stem}-utf8{path.suffix}",
                )
            ]
        ) from broken
