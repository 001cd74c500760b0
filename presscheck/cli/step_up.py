"""Step-up on the terminal: what the door takes only from somebody who has just proved who they are.

    accepted = post_proved(door, "/-/api/reviews/R-.../decision", answer)

Sends it, and where the door wants a fresh proof asks for password and code, proves it, and sends it once more.
The password is never taken from the command line, where other programs could see it.
"""

import sys
from typing import TYPE_CHECKING, Any

import click

from presscheck.cli.output import say

if TYPE_CHECKING:
    from presscheck.cli.client import DoorClient, Refusal

_WITHOUT_TERMINAL = (
    "There is no terminal to ask you on. Sign in anew (`presscheck login`) and do this within ten minutes, or do it in "
    "the browser."
)


def post_proved(door: "DoorClient", path: str, body: dict[str, Any]) -> Any:
    """The door's answer, after a step-up where it wants one; Refusal for every other no, and for a wrong proof."""
    from presscheck.cli.client import Refusal

    try:
        return door.post(path, body)
    except Refusal as refusal:
        if refusal.document.get("code") != "step-up":
            raise
        if not sys.stdin.isatty():
            raise _told(refusal, _WITHOUT_TERMINAL) from refusal
        say("This takes a fresh proof of who you are.", err=True)
        step_up(door)
        return door.post(path, body)


def step_up(door: "DoorClient") -> None:
    """Ask for password and code, prove them at the door, and keep the fresh session."""
    from presscheck.cli.signed_in import NotSignedIn, save_session

    if door.session is None:
        raise NotSignedIn(f"Nobody is signed in at {door.url}. `presscheck login` signs you in.")
    password = str(click.prompt("Password", hide_input=True, err=True))
    code = str(click.prompt("Code", err=True))
    told = door.post("/-/api/step-up", {"password": password, "code": code})
    # The old token ended with this: whoever copied it holds nothing.
    fresh = {"csrf": told["csrf"], "expires_at": told["expires_at"], "cookies": door.cookies}
    door.session = door.session.model_copy(update=fresh)
    save_session(door.session)


def _told(refusal: "Refusal", advice: str) -> "Refusal":
    from presscheck.cli.client import Refusal

    return Refusal(f"{refusal} {advice}", {**refusal.document, "what_to_do": advice})
