"""What `presscheck dev` shows of a run: a question in as few lines as it takes, how it ended, what is wrong."""

from collections.abc import Sequence
from typing import Any

from presscheck.cleaning import clean_line, shorten
from presscheck.cli.output import emit_line, say
from presscheck.cli.reviews import tell_proposal
from presscheck.documents.sentences import counted
from presscheck.recipients.audiences import audience_words

_WIDTH = 100
# More than these are shown by their first words alone.
_IN_FULL = 12


class Telling:
    """Events as text for a person, or as JSON lines."""

    def __init__(self, *, as_json: bool) -> None:
        self._as_json = as_json

    def event(self, event: dict[str, Any], *, seconds: float) -> None:
        """What came of the run, and how long after the save or the answer."""
        if self._as_json:
            emit_line({**event, "seconds": round(seconds, 2)})
            return
        match event["event"]:
            case "question":
                _tell_question(event["question"])
            case "ended":
                say(f"{event['state']}: {event['message']}" if event["message"] else event["state"])
            case "asleep":
                say(event["message"])
            case "faults":
                say(event["message"], err=True)
            case "refused":
                say(f"Refused ({event['code']}): {event['reason']}", err=True)
            case "approval":
                say(f"{event['who']} said yes; it needs another.")
            case _:
                say(f"{event['who']}: {event['words']}")
        if event["event"] in ("question", "ended", "asleep"):
            box = event["outbox"]
            went = counted(box["messages"], "message")
            say(
                f"{seconds:.1f} s · {went} in {box['folder']}"
                if box["messages"]
                else f"{seconds:.1f} s · nothing went out"
            )

    def told(self, event: str, text: str, **said: Any) -> None:
        """A word of dev's own."""
        if self._as_json:
            emit_line({"event": event, "message": text, **said})
        else:
            # A save comes while somebody sits before the prompt.
            say(f"\n{text}" if event == "saved" else text, err=event == "trouble")

    def choices(self, proposals: Sequence[dict[str, Any]]) -> None:
        """These choices whole."""
        if self._as_json:
            emit_line({"event": "choices", "choices": list(proposals)})
        else:
            for one in proposals:
                tell_proposal(one)

    def printed(self, text: str) -> None:
        """What the project's code printed."""
        if self._as_json:
            emit_line({"event": "printed", "text": text})
        else:
            for line in text.splitlines():
                say(f"  | {line}")


def _tell_question(told: dict[str, Any]) -> None:
    say(f"{told['title']}: gate {told['gate']}, round {told['round']}, asks for {told['question']['asks']}")
    if risk := told["risk"]:
        say(f"Risk {risk['tier']}: {risk['why']} (row {risk['row']}; {risk['rule']})")
    if who := told["who_may"]:
        stage = f", stage {who['number']} of {who['stages']}: {who['stage']}" if who["stages"] > 1 else ""
        say(f"Answered by {who['role']}{stage}: {who['why']}")
    for line in told["said"]:
        say(f"Said yes: {line}")
    if told["trouble"]:
        say(f"Nobody can answer now: {told['trouble']}")
    question = told["question"]
    if question["channel"]:
        say(f"Goes to {audience_words(question['channel'], question['audience_rows'])} by {question['channel']}")
    if told["blocked"]:
        kept = ", ".join(f"{count} by {rule}" for rule, count in sorted(told["blocked"].items()))
        say(f"Blocked and not shown: {kept}")
    for proposal in told["proposals"]:
        _tell_choice(proposal, in_full=len(told["proposals"]) <= _IN_FULL)


def _tell_choice(proposal: dict[str, Any], *, in_full: bool) -> None:
    """Its first words and what was found in it; `v` shows it whole."""
    copy: dict[str, Any] | None = proposal["copy"]
    if copy is None:
        tell_proposal(proposal)
        return
    picked = "  PICKED" if proposal["picked"] else ""
    body = clean_line(" ".join(str(copy["body"]).split()))
    say(f"{proposal['code']}{picked}  {shorten(copy['subject'] or body, _WIDTH)}")
    if in_full and copy["subject"]:
        say(f"     {shorten(body, _WIDTH)}")
    for finding in proposal["findings"]:
        words = f" “{clean_line(finding['text'])}”" if finding["text"] else ""
        say(f"     {finding['level']} {finding['rule']}:{words} {finding['message']} {finding['suggestion']}".rstrip())
