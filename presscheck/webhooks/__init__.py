"""Webhooks: other systems are told what happened, signed, in order, and with no word of anybody's.

    for name, told in tell_systems(ledger, settings).items(): ...       # one look: how many, and why no more
    state_of(tx, "jira")                                               # how far it was told, and what fails
    try_webhook("jira", settings)                                      # a message that says it is a trial

Told is what answered 2xx, and that is written down afterwards: a process that dies in between tells the same again,
under the same id. Nothing that a system answers decides or starts anything here.
"""

from presscheck.webhooks.messages import HookMessage, message_of
from presscheck.webhooks.posting import NoKey, keys_of, try_webhook
from presscheck.webhooks.standing import State, record_resumed, state_of
from presscheck.webhooks.telling import SystemTold, tell_systems

__all__ = [
    "HookMessage",
    "NoKey",
    "State",
    "SystemTold",
    "keys_of",
    "message_of",
    "record_resumed",
    "state_of",
    "tell_systems",
    "try_webhook",
]
