"""`python -m presscheck.press`: the press as a process, until it is told to stop.

SIGTERM and SIGINT let the batch under way end. A delivery cut off by anything harder goes on at
the next start, with every message exactly once.
"""

import logging
import signal
import sys
from collections.abc import Callable
from threading import Event
from types import FrameType

from presscheck.desk.changing import note_changes
from presscheck.desk.situation import PolicySource
from presscheck.errors import Fault, LedgerForged, PresscheckError, SettingsError
from presscheck.ledger import Ledger, Reader
from presscheck.press.channels.opening import open_channels
from presscheck.press.feedback import Feedback
from presscheck.press.feedback_returns import Returns, returns_fault
from presscheck.press.lock import PlaceLost, only_press
from presscheck.press.press import Press
from presscheck.press.records import kept_heads, missing_head
from presscheck.press.trials import Trials
from presscheck.settings import Settings
from presscheck.settings.logs import begin_logging
from presscheck.wiring import open_desk, open_ledger, read_settings, suppression_list

_log = logging.getLogger("presscheck.press")
_LONGEST_WAIT = 60.0


def open_press(
    settings: Settings,
    ledger: Ledger,
    *,
    stopping: Callable[[], bool],
    alone: Callable[[Reader], None] = lambda tx: None,
) -> Press:
    """The press with its channels. Only this process opens them, because only it may reach the public."""
    desk = open_desk(settings, ledger)
    channels, leave = open_channels(settings), settings.way_to_leave
    trials = Trials(ledger, desk, channels, settings.home, leave=leave, seeds=settings.mail.seeds, alone=alone)
    return Press(
        ledger,
        desk,
        channels,
        settings.home,
        batch_size=settings.batch_size,
        suppressed=suppression_list(settings),
        stopping=stopping,
        leave=leave,
        came_back=_reader_of_returns(settings, ledger, desk.policies),
        trials=trials.look,
        alone=alone,
    )


def _reader_of_returns(settings: Settings, ledger: Ledger, policies: PolicySource) -> Callable[[], object]:
    """Reads what came back, where `[mail] returns` names a Maildir. SettingsError if it cannot be one."""
    if settings.mail.returns is None:
        if settings.mail.unsubscribe_mailto:
            message = "messages would offer to leave by mail, and nobody reads it: name its Maildir with [mail] returns"
            path = str(settings.project / "presscheck.toml")
            raise SettingsError([Fault(path, None, "mail.unsubscribe_mailto", message)])
        return lambda: None
    maildir = settings.project / settings.mail.returns
    if fault := returns_fault(maildir):
        raise fault
    feedback = Feedback(ledger, settings.home, settings.way_to_leave, policies)
    return Returns(maildir, feedback, every=settings.mail.returns_seconds).look


def _step(press: Press) -> None:
    try:
        press.step()
    except PlaceLost:
        # Whoever is not the only press any more writes nothing.
        raise
    except PresscheckError:
        _note_policies(press)
        raise
    _note_policies(press)
    heads = kept_heads(press.ledger)
    with press.ledger.read() as tx:
        if fault := missing_head(tx, heads):
            # What asks for it is held by the step; who looks at the log learns it before anything asks.
            raise LedgerForged(f"nothing is sent: {fault}")


def _note_policies(press: Press) -> None:
    """What its judgements have read of policies that the door may not have seen: weak for one batch, and mended."""
    note_changes(press.ledger, press.desk.policies)


def run(press: Press, stop: Event, *, poll_seconds: float) -> None:
    """Look for deliveries until `stop`. What goes wrong is logged, and tried again after a growing wait.

    PlaceLost once this is not the only press any more: that no waiting mends.
    """
    wait, said = poll_seconds, ""
    while not stop.is_set():
        try:
            _step(press)
        except PlaceLost:
            raise
        except PresscheckError as error:
            if str(error) != said:
                said = str(error)
                _log.error("%s", said)
            wait = min(wait * 2, _LONGEST_WAIT)
        else:
            wait, said = poll_seconds, ""
        stop.wait(wait)


def main() -> int:
    """Exit 0 after a signal, 2 for wrong settings, 3 where the ledger cannot be opened or another press is there."""
    begin_logging("%(asctime)s %(levelname)s %(message)s")
    stop = Event()

    def told(_number: int, _frame: FrameType | None) -> None:
        stop.set()

    for number in (signal.SIGTERM, signal.SIGINT):
        signal.signal(number, told)
    try:
        settings = read_settings()
        ledger = open_ledger(settings, "press")
        with only_press(settings.home, ledger) as alone:
            _log.info("the press is ready: %s", ledger.place)
            press = open_press(settings, ledger, stopping=stop.is_set, alone=alone)
            run(press, stop, poll_seconds=settings.poll_seconds)
        ledger.close()
    except PresscheckError as error:
        _log.error("%s", error)
        return error.exit_code
    return 0


if __name__ == "__main__":
    sys.exit(main())
