"""Telling people that something waits: one look at every open review, and one message to each addressee.

The flow says who is told of what; `presscheck.notices` knows the rest. A message that fails is tried three
times, and again at every later look. Nothing here changes a right or answers a question, and a notice that
cannot be sent fails nothing.
"""

from collections.abc import Sequence

from prefect import State, task
from prefect.logging import get_run_logger
from prefect.states import Completed

from presscheck import webhooks
from presscheck.errors import SettingsError
from presscheck.notices import (
    Notice,
    NotSent,
    Waiting,
    Words,
    expired,
    new_question,
    next_in_line,
    owner_warned,
    policies_changed,
    reminder,
    send,
    tell_all,
    waiting,
    way_to,
    what_became_of_it,
)
from tasks import house

__all__ = [
    "expired_reviews",
    "new_question",
    "next_in_line",
    "owner_warned",
    "policy_news",
    "reminder",
    "send_notice",
    "tell",
    "tell_systems",
    "waiting_reviews",
    "what_became",
]

_TRIES_AFTER_SECONDS = [2.0, 10.0]


def waiting_reviews(run: str = "") -> list[Waiting]:
    """Every open review with how far it has come, or those of one campaign run."""
    with house.ledger().read() as tx:
        return list(waiting(tx, house.desk(), run=run))


def expired_reviews(run: str = "") -> list[Notice]:
    """What to tell the owner of the reviews that nobody answered in time."""
    with house.ledger().read() as tx:
        return expired(tx, run=run)


def policy_news() -> list[Notice]:
    """What to tell of policies that changed within the last day."""
    with house.ledger().read() as tx:
        return policies_changed(tx, house.desk())


def what_became(run: str = "") -> list[Notice]:
    """What to tell people of what they started, wrote, were asked or are mentioned in, of the last day."""
    if not house.settings().notices.email:
        return []
    with house.ledger().read() as tx:
        return what_became_of_it(tx, run=run)


def tell_systems() -> None:
    """Tell the systems that the settings name (`[webhooks.NAME]`); one that fails fails nothing else."""
    for name, told in webhooks.tell_systems(house.ledger(), house.settings()).items():
        if told.code is not None:
            get_run_logger().warning("webhook %s: %s; the next runs try again", name, told.code)


def tell(notices: Sequence[Notice]) -> State:
    """Tell everybody what they have not been told yet; Completed, whatever became of it."""
    told = tell_all(house.ledger(), house.settings(), notices, _attempt)
    if told.busy:
        return Completed(name="Left to another run")
    if told.failed:
        return Completed(name=f"Told {told.sent}, {told.failed} not told")
    return Completed(name=f"Told {told.sent}" if told.sent else "Nothing to tell")


def _attempt(addressee: str, words: Words) -> str | None:
    sending = send_notice.with_options(task_run_name=f"tell {addressee}")
    state = sending(addressee, words, return_state=True)
    if state.is_completed():
        return None
    said = state.result(raise_on_failure=False)
    code = said.code if isinstance(said, NotSent) else "broke"
    get_run_logger().warning("%s could not be told (%s); the next run tries again", addressee, code)
    return code


@task(retries=len(_TRIES_AFTER_SECONDS), retry_delay_seconds=_TRIES_AFTER_SECONDS, persist_result=False)
def send_notice(addressee: str, words: Words) -> None:
    """One message. The address is read in here and nowhere else: Prefect shows arguments, results and logs."""
    with house.ledger().read() as tx:
        try:
            way = way_to(addressee, house.settings(), tx)
        except SettingsError:
            # `presscheck doctor` names the file that lies open or cannot be read.
            raise NotSent("unreadable-secret") from None
    send(way, words)
