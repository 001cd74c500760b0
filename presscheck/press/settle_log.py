"""A mail server's log, read for what became of our messages: Postfix's own, or JSON lines.

    log = read_log(path)
    log.fate("<3f…9a@brand.example>")      "taken", "bounced", or None where the log has no trace of it

JSON lines are objects with `message_id` and `status` (taken, accepted, queued, sent, delivered, deferred;
or bounced, rejected, expired, failed). A log is text that strangers may have put words into: only
lines of Postfix's own programs about a queue number count, and only Message-IDs in full.
"""

import hashlib
import json
import re
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any, Literal, cast

from presscheck.errors import Fault, InputError

__all__ = ["LogFate", "ServerLog", "read_log"]

LogFate = Literal["taken", "bounced"]

_TAKEN = {"taken", "accepted", "queued", "sent", "delivered", "deferred"}
_BOUNCED = {"bounced", "rejected", "expired", "failed"}
_LONGEST_LINE = 64 * 1024
_MOST_FAULTS = 20

# Such as: Nov 22 01:02:03 mail postfix/cleanup[123]: 4XyZ12: message-id=<…>
# From the line's beginning: what a stranger wrote comes later in a line, never before the program's name.
_POSTFIX = re.compile(
    r"^\S+(?: +\d{1,2} [\d:]{8})? \S+ postfix(?:/[a-z]+)*/([a-z]+)\[\d+\]: ([0-9A-Za-z]{6,20}): (.*)$"
)
_STATUS = re.compile(r"^to=<[^>]*>,.* status=(sent|deferred|bounced|expired|undeliverable) ")


@dataclass
class ServerLog:
    """What a log says, and which file it was."""

    sha256: str = ""
    lines: int = 0
    fates: dict[str, LogFate] = field(default_factory=dict[str, LogFate])

    def fate(self, message_id: str) -> LogFate | None:
        """What became of a message; None where the log has no trace of it."""
        return self.fates.get(message_id)


def read_log(path: Path) -> ServerLog:
    """Read a log. InputError for a file that cannot be read, or in which there is nothing of either kind."""
    log, whole = ServerLog(), hashlib.sha256()
    faults: list[Fault] = []
    queue: dict[str, str] = {}
    known = 0
    try:
        with path.open("rb") as file:
            rest = False
            for raw in iter(lambda: file.readline(_LONGEST_LINE), b""):
                whole.update(raw)
                # The rest of an enormous line is no line: whoever wrote it chose where it begins.
                skipped, rest = rest, not raw.endswith(b"\n")
                if skipped:
                    continue
                log.lines += 1
                line = raw.decode("utf-8", "replace").rstrip("\r\n")
                if line.startswith("{"):
                    if fault := _json_line(line, log):
                        faults.append(Fault(str(path), log.lines, "", fault))
                    known += 1
                elif found := _POSTFIX.match(line):
                    _postfix_line(found[1], found[2], found[3], queue, log)
                    known += 1
                if len(faults) >= _MOST_FAULTS:
                    break
    except OSError as error:
        raise InputError([Fault(str(path), None, "", f"cannot be read: {error.strerror or error}")]) from error
    if faults:
        raise InputError(faults)
    if not known:
        raise InputError([Fault(str(path), None, "", "is neither Postfix's log nor JSON lines; give the server's log")])
    log.sha256 = whole.hexdigest()
    return log


def _json_line(line: str, log: ServerLog) -> str | None:
    """Note one line; what is wrong with it."""
    try:
        value = json.loads(line)
    except (ValueError, RecursionError):
        return "is not JSON; was the line cut off?"
    given = cast("dict[str, Any]", value)
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
