"""A text file is UTF-8, or its first wrong byte is named with its line and the command that converts it."""

import gzip
import re
import shlex
import zlib
from collections.abc import Generator, Iterable, Iterator
from contextlib import contextmanager
from io import StringIO
from itertools import chain
from pathlib import Path
from typing import IO

from presscheck.digests import open_plain
from presscheck.errors import Fault, InputError

_LONGEST_LINE = 1 << 20
_BLOCK = 1 << 20
_HEAD = 4096
_BEGINS = 64
# The longer marks first: UTF-32 in little-endian begins as UTF-16 does.
_MARKS = {
    b"\xff\xfe\x00\x00": "UTF-32",
    b"\x00\x00\xfe\xff": "UTF-32",
    b"\xff\xfe": "UTF-16",
    b"\xfe\xff": "UTF-16",
}
_NO_TEXT = {
    b"PK\x03\x04": "a workbook or a ZIP archive; save its sheet as CSV in UTF-8",
    b"\xd0\xcf\x11\xe0": "an old Excel workbook; save its sheet as CSV in UTF-8",
    b"\x1f\x8b": "compressed with gzip; uncompress it, or let its name end in .gz where a .gz is read",
}
# What Western European text in Windows-1252 hardly holds: three such letters together, and bytes that are rare or no
# characters there and frequent in Shift-JIS. Converting other encodings from Windows-1252 makes rubbish of names.
_NOT_WESTERN = re.compile(rb"[\x80-\xff]{3}|[\x81-\x83\x86-\x89\x8d\x8f\x90\x9d]")


def lines_of(path: Path, error: type[InputError] = InputError) -> Iterator[str]:
    """Each line with its line feed, which alone ends a line; a file that is called .gz is uncompressed.

    Raises `error` where the file cannot be read, is not UTF-8 (with how to convert it), or holds a NUL or
    lines without an end: half a file must not look whole.
    """
    return chain.from_iterable(_blocks(path, error))


def _blocks(path: Path, error: type[InputError]) -> Iterator[Iterable[str]]:
    """The lines some ten thousand at a time: a million of them cost a decoding of a hundred blocks."""
    try:
        with _opened(path) as file:
            head = rest = b""
            done = 0
            while block := file.read(_BLOCK):
                head = head or block[:_HEAD]
                whole, feed, rest = (rest + block).rpartition(b"\n")
                text = _decoded(path, whole + feed, head, done, error)
                if len(rest) > _LONGEST_LINE:
                    long = "a line of more than 1 MiB, or line ends of an old Mac (CR alone); end each line with LF"
                    raise error([Fault(str(path), done + text.count("\n") + 1, "", long)])
                yield StringIO(text if done else text.removeprefix("\ufeff"), newline="\n")
                done += text.count("\n")
            text = _decoded(path, rest, head, done, error)
            yield StringIO(text if done else text.removeprefix("\ufeff"), newline="\n")
    except (EOFError, zlib.error, gzip.BadGzipFile) as broken:
        torn = "is no gzip file, or one that is cut off or damaged; copy it here again"
        raise error([Fault(str(path), None, "", torn)]) from broken
    except OSError as broken:
        raise error([Fault(str(path), None, "", f"the file cannot be read: {broken.strerror}")]) from broken


def _decoded(path: Path, raw: bytes, head: bytes, done: int, error: type[InputError]) -> str:
    try:
        text = raw.decode()
    except UnicodeDecodeError as broken:
        line = done + raw.count(b"\n", 0, broken.start) + 1
        raise error([_not_utf8(path, line, raw[broken.start], head, raw)]) from broken
    if "\0" in text:
        raise error([_with_nul(path, done + text.count("\n", 0, text.index("\0")) + 1, head)])
    return text


@contextmanager
def _opened(path: Path) -> Generator[IO[bytes]]:
    with open_plain(path) as raw:
        if not path.name.lower().endswith(".gz"):
            yield raw
            return
        with gzip.open(raw) as file:
            yield file  # type: ignore[misc]


def _not_utf8(path: Path, line: int, byte: int, head: bytes, raw: bytes) -> Fault:
    for magic, what in _NO_TEXT.items():
        if head.startswith(magic):
            return Fault(str(path), None, "", f"is {what}")
    if (wide := _wide(head)) is not None:
        return _converted(path, None, "", wide)
    said = f"byte 0x{byte:02x} is not UTF-8"
    # No text in Windows-1252 holds a NUL; one in UTF-16 without a mark does at its line ends.
    if _NOT_WESTERN.search(raw) or b"\0" in head:
        unknown = f"{said}, and which encoding it is cannot be told; save the file as UTF-8 where it comes from"
        return Fault(str(path), line, "", unknown)
    return _converted(path, line, f"{said}, the file looks like Latin-1 or Windows-1252", "WINDOWS-1252")


def _with_nul(path: Path, line: int, head: bytes) -> Fault:
    if (wide := _wide(head)) is not None:
        return _converted(path, None, "", wide)
    return Fault(str(path), line, "", "there is a NUL character; remove it")


def _wide(head: bytes) -> str | None:
    """The name of an encoding with two or four bytes a character, by its mark or by where its zeros stand."""
    for mark, name in _MARKS.items():
        if head.startswith(mark):
            return name
    # Without a mark: in Latin letters every second byte is zero, or three of four, from the first or the last on.
    begins = head[:_BEGINS]
    by_four = [begins[at::4] for at in range(4)]
    for name, zeros in (("UTF-32LE", by_four[2:]), ("UTF-32BE", by_four[:2])):
        if all(part and not any(part) for part in zeros):
            return name
    for name, high, low in (("UTF-16LE", begins[1::2], begins[::2]), ("UTF-16BE", begins[::2], begins[1::2])):
        if high and high.count(0) > len(high) // 2 and not low.count(0):
            return name
    return None


def _converted(path: Path, line: int | None, said: str, name: str) -> Fault:
    """What to type, so that the converted file stands beside the old one."""
    said = said or f"the file is {name} and not UTF-8"
    if path.suffix.lower() == ".gz":
        inner = Path(path.stem)
        new = f"{inner.stem}-utf8{inner.suffix}.gz"
        command = f"gunzip -c {shlex.quote(path.name)} | iconv -f {name} -t UTF-8 | gzip > {shlex.quote(new)}"
    else:
        new = f"{path.stem}-utf8{path.suffix}"
        command = f"iconv -f {name} -t UTF-8 {shlex.quote(path.name)} > {shlex.quote(new)}"
    return Fault(str(path), line, "", f"{said}; convert it, and look at the names in it: {command}")
