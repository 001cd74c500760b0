"""What can break, as one tree; a refusal is a value (`models.Refused`), not an exception.

PresscheckError              exit 3: something broke
├── InputError               exit 2: a file or an option is wrong; carries every fault
│   ├── BriefError
│   ├── PolicyError
│   │   └── PoliciesUnsigned they count by signature, and there is none
│   ├── SegmentError
│   ├── CatalogueError
│   ├── PictureError
│   ├── CodeError            what an engineer wrote is no step or no campaign
│   └── SettingsError
├── LedgerError              the ledger cannot be read or written
│   ├── LedgerLocked         somebody else holds it longer than we wait
│   ├── LedgerGone           no database where the settings say
│   ├── LedgerReadOnly       the database refuses writes, or its disk is full
│   ├── LedgerDenied         the database lets this role not do it
│   └── LedgerForged         a row that is not what its signature says
├── ProviderError            a model did not answer usefully
├── ChannelError             a channel did not take a message
│   └── NotNow               it refuses for now, and not for a message's sake: the delivery waits
├── DatabaseError            a segment's database did not answer, or may not be used
├── DoorError                the door could not be reached or did not let us in
├── AudienceChanged          a frozen audience is not what its digest says
├── PictureChanged           a picture's file is not what its digest says
├── NotAsSigned              a finished message does not say exactly what was signed
├── AnswerRefused            exit 1: the desk said no to somebody whom a rehearsal plays
└── CheckBroke               a check raised: told apart from a check that failed
"""

from collections.abc import Sequence
from dataclasses import dataclass


@dataclass(frozen=True)
class Fault:
    """One thing wrong in one place of somebody's input."""

    path: str
    """The file, as the user named it."""
    line: int | None
    """Counted from 1; None where no line can be named."""
    where: str
    """The field's path, such as `match.phrases`; empty for the whole file."""
    message: str
    """What is wrong and what to do, in one sentence."""

    def __str__(self) -> str:
        place = self.path if self.line is None else f"{self.path}:{self.line}"
        return f"{place}: {self.where}: {self.message}" if self.where else f"{place}: {self.message}"


class PresscheckError(Exception):
    """Anything that Presscheck raises on purpose. `str()` is fit to show to a user."""

    exit_code = 3


class InputError(PresscheckError):
    """A user's input is wrong; `faults` holds all that was found, in order of place."""

    exit_code = 2

    def __init__(self, faults: Sequence[Fault] | str) -> None:
        self.faults: tuple[Fault, ...] = () if isinstance(faults, str) else tuple(faults)
        super().__init__(faults if isinstance(faults, str) else "\n".join(map(str, self.faults)))


class BriefError(InputError):
    """A brief is wrong."""


class PolicyError(InputError):
    """A policy is wrong; nothing is allowed under a set of policies that does not load."""


class PoliciesUnsigned(PolicyError):
    """Policies count only once they are signed, and nobody has signed any."""


class SegmentError(InputError):
    """A segment's SQL, its sources or its rows are wrong."""


class ExpectationError(InputError):
    """A suite of expectations, or the rows that it is to look at, are wrong."""


class CatalogueError(InputError):
    """A catalogue is wrong."""


class PictureError(InputError):
    """A picture's file or what is declared of it is wrong."""


class CodeError(InputError, TypeError):
    """A function or a class that an engineer wrote is no step, no result or no campaign: told where it is written."""


class SettingsError(InputError):
    """A setting is missing or wrong."""


class LedgerError(PresscheckError):
    """The ledger cannot be read or written."""


class LedgerLocked(LedgerError):
    """Another process holds the ledger longer than we wait."""


class LedgerGone(LedgerError):
    """There is no ledger where the settings say."""


class LedgerReadOnly(LedgerError):
    """The ledger refuses writes, or its disk is full."""


class LedgerDenied(LedgerError):
    """The database does not let this role in, or does not let it do this."""


class LedgerForged(LedgerError):
    """A row is not what its digest or its signature says."""


class ProviderError(PresscheckError):
    """A model did not answer, or answered with nothing usable."""


class ChannelError(PresscheckError):
    """A channel did not take a message, or cannot say whether it did."""


class NotNow(ChannelError):
    """A way out refuses what is about us, and no message's or reader's fault: the delivery waits, nothing has failed.

    `code` says what it is about (`sender`, `size`, `rate`, `alike`); `taken` how many messages it took before.
    """

    def __init__(self, message: str, *, code: str, taken: int = 0) -> None:
        self.code = code
        self.taken = taken
        super().__init__(message)


class DatabaseError(PresscheckError):
    """A segment's database did not answer, or may not be used for reading."""


class DoorError(PresscheckError):
    """The door could not be reached or did not let us in."""


class AudienceChanged(PresscheckError):
    """A frozen audience is gone, or is not what its digest says; nobody in it is written to."""


class PictureChanged(PresscheckError):
    """A picture's file is gone, or is not what its digest says; it is neither shown nor sent."""


class NotAsSigned(PresscheckError):
    """A finished message would say something else than was signed, to some mail program; it does not go out."""


class AnswerRefused(PresscheckError):
    """The desk refused an answer that a rehearsal expected to count; `code` is the refusal's, such as own-brief."""

    exit_code = 1

    def __init__(self, message: str, *, code: str) -> None:
        self.code = code
        super().__init__(message)


class CheckBroke(PresscheckError):
    """A check raised instead of answering; nothing was found out, so nothing passes."""
