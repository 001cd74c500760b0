"""What a notice says. Nothing confidential: no copy, no offer, no recipient, no name, and no title unless asked for.

Its links lead to the door, where whoever follows them signs in. None of them answers anything.
"""

import re
from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime
from urllib.parse import quote

from presscheck.assets.shipped import SHIPPED
from presscheck.documents.sentences import an, listed
from presscheck.models import Channel
from presscheck.notices.due import Notice

# A screenful; the inbox has the rest.
_MOST = 20
# Chat programs make links, mentions and formatting out of what a title holds.
_PLAIN = re.compile(r"[^\w ',-]+")
_STEPS = {
    "question": "A question waits for you",
    "reminder": "A question still waits for you",
    "escalation": "You are next in line: a question was not answered, and from now on you may answer it",
    "nobody": "Nobody may answer a question",
    "ending": "A question is soon over and counts as refused then",
    "expired": "Nobody answered a question in time, so it counts as refused",
    "approved": "It was approved",
    "changes": "Changes are wanted",
    "rejected": "It was rejected",
    "unanswered": "Nobody answered in time, so it counts as refused",
    "held": "It is held, and does not go out",
    "sent": "It went out",
    "recalled": "It was taken back, as far as that goes",
    "mentioned": "Somebody mentioned you in a comment",
    "policies": "The policies changed",
    "policies-waiting": "A change of the policies waits for a signature",
}
_CHANNELS: dict[Channel, str] = {
    "email": "e-mail",
    "sms": "a text message",
    "push": "a push message",
    "social": "a post",
    "search": "an ad",
    "blog": "a blog post",
}
_WHY = {
    "nobody-eligible": "no active person who is present holds the role that is asked for",
    "policies-changed": "the policies changed since it was asked; start the campaign again",
    "policies-unsigned": "the policies count once they are signed, and nobody has signed any; /policies shows them",
    "policies-broken": "the policies do not load; `presscheck policies check` names every fault",
}


@dataclass(frozen=True)
class Words:
    """One message."""

    title: str
    body: str


def words_for(notices: Sequence[Notice], *, door_url: str, titles: bool) -> Words:
    """One message about all of these, the first twenty in full."""
    count = len(notices)
    questions = all(notice.kinds for notice in notices)
    many = f"{count} {'questions' if questions else 'things to look at'}"
    title = f"Presscheck: {_heading(notices[0]) if count == 1 else many}"
    parts = [_part(notice, door_url, titles) for notice in notices[:_MOST]]
    if count > _MOST:
        parts.append(f"And {count - _MOST} more: {door_url}/inbox")
    parts.append("You sign in there before you see or answer anything. No link in this message answers by itself.")
    return Words(title, "\n\n".join(parts))


def _heading(notice: Notice) -> str:
    return _STEPS[_kind(notice)].partition(":")[0].lower()


def _kind(notice: Notice) -> str:
    return notice.step if notice.step in _STEPS else notice.step.partition("-")[0]


def _part(notice: Notice, door_url: str, titles: bool) -> str:
    if not notice.kinds:
        # A dot between two words is a link to a chat program.
        named = ", ".join(_plain(one) for one in notice.about)
        return f"{_STEPS[_kind(notice)]}: {named}\nWhat changed, word for word: {door_url}/policies"
    what = "writing of " if notice.asks == "writing" else "" if notice.is_news else "approval of "
    lines = [f"{_STEPS[_kind(notice)]}: {what}{_asked_about(notice)} ({_id(notice.review)})"]
    plain = _plain(notice.brief_title)
    if titles and plain:
        lines[0] += f", {plain}"
    if notice.tier is not None:
        lines.append(f"Risk: {notice.tier}")
    if notice.stages > 1:
        lines.append(f"Stage: {notice.number} of {notice.stages}")
    if notice.why:
        lines.append(f"Why: {_WHY.get(notice.why, 'the question cannot be answered as it is; the proof says why')}")
    if notice.until is not None:
        lines.append(f"{'Over since' if notice.step == 'expired' else 'Until'}: {_moment(notice.until)}")
    if not notice.is_news:
        lines.append(f"To answer: {door_url}/v2/runs/flow-run/{_id(notice.run)}")
    lines.append(f"The proof: {door_url}/proof/{_id(notice.review)}")
    return "\n".join(lines)


def _asked_about(notice: Notice) -> str:
    """`a budget`, `e-mail and a plan`; a kind of a project's own is not named, for a worker may call it anything."""
    goes_out = [] if notice.channel is None else [_CHANNELS[notice.channel]]
    # The noun of a project's own kind is a word of the worker's.
    others = [
        an(SHIPPED[kind].noun) if kind in SHIPPED else "something of a kind of your own"
        for kind in notice.kinds
        if kind != "copy"
    ]
    return listed(dict.fromkeys([*goes_out, *others]))


def _plain(text: str) -> str:
    return " ".join(_PLAIN.sub(" ", text).split())[:80]


def _id(text: str) -> str:
    """An id as it may stand in a link: a worker says which run asks, and no word of its own gets into a message."""
    return quote(text, safe="")[:80]


def _moment(at: datetime) -> str:
    # Locale-free, so that it reads the same on every machine.
    day = ("Mon", "Tue", "Wed", "Thu", "Fri", "Sat", "Sun")[at.weekday()]
    return f"{day} {at:%Y-%m-%d %H:%M} {getattr(at.tzinfo, 'key', 'UTC')}"
