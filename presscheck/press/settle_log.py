"""A mail server's log, read for what became of our messages: Postfix's own, or JSON lines.

    log = read_log(path)
    log.fate("<3f…9a@brand.example>")      "taken", "bounced", or None where the log has no trace of it

Postfix's lines come from a file, from `journalctl` (text or JSON), by RFC 5424, or out of a container; gzipped or
not. JSON lines are objects with `message_id` and `status` (taken, accepted, queued, sent, delivered, deferred;
or bounced, rejected, expired, failed). A log is text that strangers may have put words into: only
lines of Postfix's own programs about a queue number count, and only Message-IDs in full.
"""

import gzip
import hashlib
import json
import re
import zlib
from collections.abc import Iterator
from dataclasses import dataclass, field
from pathlib import Path
from typing import IO, Any, Literal, cast

from presscheck.errors import Fault, InputError

LogFate = Literal["taken", "bounced"]

_TAKEN = {"taken", "accepted", "queued", "sent", "delivered", "deferred"}
_BOUNCED = {"bounced", "rejected", "expired", "failed"}
_LONGEST_LINE = 64 * 1024
_MOST_FAULTS = 20

# What a stranger wrote comes later in a line, never before the program's name: everything up to there is spelled out.
_TIME = (
    r"(?:[A-Z][a-z]{2} +\d{1,2} (?:\d{4} )?[\d:]{8}(?:\.\d{1,9})?"
    r"|(?:[A-Z][a-z]{2} )?\d{4}-\d\d-\d\d[T ][\d:]{8}(?:[.,]\d{1,9})?(?: ?(?:Z|UTC|[A-Z]{2,5}|[+-]\d\d:?\d\d))?"
    r"|\d{9,11}\.\d{1,9})"
)
# Postfix's own programs, under whatever syslog_name: postfix/smtp, postfix-out/smtp, mailout/submission/smtpd.
_PROGRAM = r"[A-Za-z0-9][A-Za-z0-9_.-]{0,40}(?:/[a-z0-9-]{1,40}){0,3}/([a-z]{2,20})"
_ABOUT = r"([0-9A-Za-z]{6,20}): (.*)$"
# Nov 22 01:02:03 mail postfix/cleanup[123]: 4XyZ12: message-id=<...>; busybox puts `mail.info` before the program.
_POSTFIX = re.compile(
    rf"^(?:<\d{{1,3}}>)?{_TIME} (?:[^\s\[\]]{{0,255}}[^\s\[\]:] )?(?:[a-z0-9]{{2,10}}\.[a-z]{{2,10}} )?"
    rf"{_PROGRAM}\[\d+\]: {_ABOUT}"
)
# <22>1 2026-11-22T01:02:03.123Z mail postfix/cleanup 123 - - 4XyZ12: message-id=<...> (RFC 5424, section 6)
_RFC5424 = re.compile(
    rf"^(?:<\d{{1,3}}>)?1 \S{{1,40}} \S{{1,255}} {_PROGRAM} (?:\d+|-) \S{{1,32}} "
    rf'(?:-|(?:\[(?:[^\]"\\]|"(?:[^"\\]|\\.)*")*\])+) (?:\ufeff)?{_ABOUT}'
)
_IDENTIFIER = re.compile(rf"^{_PROGRAM}$")
_TOLD = re.compile(f"^{_ABOUT}")
# What containers put before each line: `docker compose logs`, `docker logs -t`, Kubernetes (the CRI's format).
_COMPOSE = re.compile(r"^([A-Za-z0-9][A-Za-z0-9_.-]{0,100}) +\| ")
_CRI = re.compile(r"^\d{4}-\d\d-\d\dT[\d:]{8}(?:\.\d{1,9})?(?:Z|[+-]\d\d:\d\d) (?:(?:stdout|stderr) ([FP]) )?(?=\S)")
_MESSAGE_ID = re.compile(r"<[0-9a-f]{64}@[A-Za-z0-9.-]{1,253}>")
_STATUS = re.compile(r"^to=<[^>]*>,.* status=(sent|deferred|bounced|expired|undeliverable) ")


@dataclass
class ServerLog:
    """What a log says, and which file it was."""

    sha256: str = ""
    lines: int = 0
    fates: dict[str, LogFate] = field(default_factory=dict[str, LogFate])
    unread: set[str] = field(default_factory=set[str])
    """Message-IDs in lines that could not be read: nobody can say of these that the log has no trace of them."""

    def is_absent(self, message_id: str) -> bool:
        """Whether the log surely has no trace of a message being taken."""
        return message_id not in self.fates and message_id not in self.unread

    def fate(self, message_id: str) -> LogFate | None:
        """What became of a message; None where the log has no trace of it."""
        return self.fates.get(message_id)


def read_log(path: Path) -> ServerLog:
    """Read a log, gzipped or not. InputError for a file that cannot be read, or in which there is nothing of ours."""
    reader = _Reader(path)
    try:
        with path.open("rb") as file:
            # Of the file as it lies there: that is what somebody can compare later.
            reader.log.sha256 = hashlib.file_digest(file, "sha256").hexdigest()
            file.seek(0)
            packed = file.read(2) == b"\x1f\x8b"
            file.seek(0)
            with gzip.open(file) if packed else file as lines:
                for line in _lines(cast("IO[bytes]", lines), reader.log):
                    reader.read(line)
                    if len(reader.faults) >= _MOST_FAULTS:
                        break
    except (EOFError, zlib.error, gzip.BadGzipFile) as error:
        message = "its gzip is damaged or cut off; give the whole file"
        raise InputError([Fault(str(path), reader.log.lines, "", message)]) from error
    except OSError as error:
        raise InputError([Fault(str(path), None, "", f"cannot be read: {error.strerror or error}")]) from error
    if reader.faults:
        raise InputError(reader.faults)
    if not reader.known:
        raise InputError([Fault(str(path), None, "", "is neither Postfix's log nor JSON lines; give the server's log")])
    return reader.log


def _lines(file: "IO[bytes]", log: ServerLog) -> Iterator[str]:
    rest = False
    for raw in iter(lambda: file.readline(_LONGEST_LINE), b""):
        # The rest of an enormous line is no line: whoever wrote it chose where it begins.
        skipped, rest = rest, not raw.endswith(b"\n")
        if not skipped:
            log.lines += 1
            yield raw.decode("utf-8", "replace").rstrip("\r\n")


class _Reader:
    """Takes the lines of one log in order, and off each what a container or a journal put around it."""

    def __init__(self, path: Path) -> None:
        self.log = ServerLog()
        self.faults: list[Fault] = []
        self.known = 0
        self._path = path
        self._queue: dict[str, str] = {}
        self._service = ""
        self._partial = False

    def read(self, line: str) -> None:
        """Note one line; what cannot be read is kept by the Message-IDs in it."""
        if line.startswith("{"):
            self._json(line)
        elif not self._plain(line):
            self._unread(line)

    def _plain(self, line: str) -> bool:
        if self._postfix(line):
            return True
        if found := _COMPOSE.match(line):
            if self._service not in ("", found[1]):
                self._fault(
                    f"is of {found[1]}, and lines before of {self._service}: what another program wrote proves "
                    "nothing. Give the mail server's log alone (docker compose logs SERVICE)"
                )
                return True
            self._service = found[1]
            line = line[found.end() :]
            if self._postfix(line):
                return True
        found = _CRI.match(line)
        if found is None:
            return False
        # Of a line in several pieces only the first begins where the program began it.
        rest, self._partial = self._partial, found[1] == "P"
        return not rest and self._postfix(line[found.end() :])

    def _postfix(self, line: str) -> bool:
        found = _POSTFIX.match(line) or _RFC5424.match(line)
        if found is not None:
            self.known += 1
            _postfix_line(found[1], found[2], found[3], self._queue, self.log)
        return found is not None

    def _json(self, line: str) -> None:
        try:
            value = json.loads(line)
        except (ValueError, RecursionError):
            return self._fault("is not JSON; was the line cut off?")
        given = cast("dict[str, Any]", value)
        if "message_id" not in given and isinstance(given.get("log"), str):
            # Docker's own files: a piece without an end is gone on with in the next.
            rest, self._partial = self._partial, not given["log"].endswith("\n")
            if rest or not self._plain(given["log"].rstrip("\r\n")):
                self._unread(line)
        elif "message_id" not in given and "MESSAGE" in given:
            program = _IDENTIFIER.match(str(given.get("SYSLOG_IDENTIFIER", "")))
            told = _TOLD.match(_of_journal(given["MESSAGE"]))
            if program is not None and told is not None:
                self.known += 1
                _postfix_line(program[1], told[1], told[2], self._queue, self.log)
            else:
                self._unread(line)
        else:
            self.known += 1
            if fault := _json_line(given, self.log):
                self._fault(fault)
        return None

    def _unread(self, line: str) -> None:
        self.log.unread.update(_MESSAGE_ID.findall(line))

    def _fault(self, what: str) -> None:
        self.known += 1
        self.faults.append(Fault(str(self._path), self.log.lines, "", what))


def _of_journal(message: object) -> str:
    """A journal's text: what is not all printable UTF-8 stands there as a list of bytes (systemd.journal-fields(7))."""
    if isinstance(message, str):
        return message
    try:
        return bytes(cast("list[int]", message)).decode("utf-8", "replace") if isinstance(message, list) else ""
    except (TypeError, ValueError):
        return ""


def _json_line(given: dict[str, Any], log: ServerLog) -> str | None:
    """Note one line of our own form; what is wrong with it."""
    message_id, status = given.get("message_id"), given.get("status")
    if not isinstance(message_id, str) or not isinstance(status, str):
        return "lacks message_id or status"
    if status in _TAKEN:
        log.fates.setdefault(message_id, "taken")
    elif status in _BOUNCED:
        log.fates[message_id] = "bounced"
    else:
        return f"has a status that is not known; there are {', '.join(sorted(_TAKEN | _BOUNCED))}"
    return None


def _postfix_line(program: str, number: str, told: str, queue: dict[str, str], log: ServerLog) -> None:
    """A Message-ID alone is no proof: Postfix notes it while a message comes in, and drops it if it is cut off."""
    if program == "cleanup" and told.startswith("message-id="):
        # Queue numbers are used again; from here on this one is about another message.
        queue[number] = told.removeprefix("message-id=").strip()
        return
    message_id = queue.get(number)
    if message_id is None:
        return
    status = _STATUS.match(told)
    if status is not None and status[1] in ("bounced", "expired", "undeliverable"):
        log.fates[message_id] = "bounced"
    elif status is not None or (program == "qmgr" and (told == "removed" or told.startswith("from=<"))):
        log.fates.setdefault(message_id, "taken")
