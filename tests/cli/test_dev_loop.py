"""The loop of `presscheck dev` against a player that says what a test wants: what is given and dropped, how it ends."""

import json
import os
import socket
import threading
import time
from collections.abc import Generator, Iterator, Mapping
from contextlib import contextmanager
from pathlib import Path
from typing import Any, cast

import pytest

from presscheck.cli.dev_loop import Loop
from presscheck.cli.dev_telling import Telling
from presscheck.cli.dev_typing import read_typed
from presscheck.errors import InputError
from presscheck.rehearsal.warm import PlayerProcess, Warm
from presscheck.rehearsal.watching import Watch

Events = list[dict[str, Any]]
BOX = {"folder": "/outbox", "messages": 0}


def asks(gate: str = "copy", round: int = 1, *codes: str) -> dict[str, Any]:
    proposal = {
        "picked": False, "asset": "a", "proposed": "a", "noun": "text", "came_from": "", "changes": {}, "edits": {},
        "findings": [], "let_pass": [], "button": None, "picture": None, "repaired": "",
        "copy": {"subject": "Hello\x1b[31m", "body": "World"},
    }  # fmt: skip
    question = {
        "gate": gate, "round": round, "title": "Mug", "risk": None, "who_may": None, "said": [], "trouble": "",
        "blocked": {}, "question": {"channel": None, "asks": "approval"},
        "proposals": [{"code": code, **proposal} for code in codes or ("V01", "V02")],
    }  # fmt: skip
    return {"event": "question", "question": question, "role": "brand_lead", "outbox": BOX}


def said(words: str = "approve V01") -> dict[str, Any]:
    return {"event": "decision", "who": "brand_lead", "words": words, "outbox": BOX}


def asleep() -> dict[str, Any]:
    return {"event": "asleep", "message": "It sleeps.", "outbox": BOX}


def refused() -> dict[str, Any]:
    return {"event": "refused", "reason": "You wrote this brief.", "code": "own-brief", "outbox": BOX}


def ended(state: str = "Delivered", kind: str = "COMPLETED") -> dict[str, Any]:
    return {"event": "ended", "state": state, "kind": kind, "message": "", "outbox": BOX}


class FakeWarm:
    """Plays the runs that it is given: what each says at first, and after each answer."""

    def __init__(self, *runs: list[Events]) -> None:
        self._runs = iter(runs)
        self.given: list[list[dict[str, Any]]] = []

    @contextmanager
    def player(self, flow: str, parameters: Mapping[str, str]) -> Generator[PlayerProcess]:
        ours, theirs = socket.socketpair()
        read, write = os.pipe()
        os.close(write)
        self.given.append([])
        threading.Thread(target=self._play, args=(theirs, next(self._runs), self.given[-1]), daemon=True).start()
        yield PlayerProcess(ours, read, Path("/run.log"))
        ours.close()
        os.close(read)

    @staticmethod
    def _play(line: socket.socket, run: list[Events], given: list[dict[str, Any]]) -> None:
        with line, line.makefile("r") as lines:
            for number, events in enumerate(run):
                if number:
                    given.append(json.loads(lines.readline()))
                for event in events:
                    line.sendall(json.dumps(event).encode() + b"\n")
            if run[-1][-1]["event"] != "faults":
                lines.read()


@pytest.fixture
def keyboard() -> Iterator[tuple[int, int]]:
    read, write = os.pipe()
    yield read, write
    os.close(read)


def play(
    warm: FakeWarm,
    project: Path,
    *,
    script: str = "",
    typed: str = "",
    saves: int = 0,
    keyboard: tuple[int, int] = (0, 0),
) -> int:
    """The exit code. `typed` is typed as soon as something is asked; before the last line so many saves come."""
    path = project / "answers.yaml"
    if script:
        path.write_text(script)
    watch = Watch(project, also=path if script else None)
    if typed:
        threading.Thread(target=_type, args=(keyboard[1], typed, saves, project, warm), daemon=True).start()
    loop = Loop(
        cast(Warm, warm), watch, Telling(as_json=False),
        flow="mug", parameters={}, script=path if script else None, once=not typed, keyboard=keyboard[0],
    )  # fmt: skip
    return loop.run(time.monotonic())


def _type(keyboard: int, typed: str, saves: int, project: Path, warm: FakeWarm) -> None:
    *first, last = typed.splitlines()
    os.write(keyboard, "".join(f"{line}\n" for line in first).encode())
    for number in range(1, saves + 1):
        while len(warm.given) < number or (number == 1 and len(warm.given[0]) < len(first)):
            time.sleep(0.02)
        time.sleep(0.3)
        (project / "brief.yaml").write_text(f"{number}")
    while len(warm.given) <= saves:
        time.sleep(0.02)
    time.sleep(0.3)
    os.write(keyboard, f"{last}\n".encode())


LATER = "- {asleep: true, decision: let_time_pass}\n"
YES = "- {gate: copy, decision: approve, picks: [V01]}\n"


@pytest.mark.parametrize(
    ("run", "script", "code", "told"),
    [
        ([[asks()]], "", 0, ""),
        ([[asks()], [said(), ended()]], YES, 0, ""),
        ([[asks()], [said(), asks("budget")]], YES, 0, ""),
        ([[asks()], [said("reject"), ended("Rejected")]], YES, 1, ""),
        ([[ended("Held", "FAILED")]], "", 1, ""),
        ([[asks()], [refused(), asks()]], YES, 1, "answers.yaml:1: [0]: is refused (own-brief): You wrote this brief."),
        ([[asks("budget")]], YES, 2, "answers.yaml:1: [0]: is for gate copy, and the run asks at gate budget"),
        ([[ended()]], YES, 2, "answers.yaml:1: [0]: is never given, for the run ended: Delivered"),
        ([[{"event": "faults", "message": "flows/mug.py:3: is not Python", "faults": [], "outbox": BOX}]], "", 2, ""),
        ([[asks()]], LATER, 2, "is for a run that sleeps, and the run asks at gate copy, round 1"),
        ([[asleep()], [asks()]], LATER, 0, ""),
        ([[asleep()]], YES, 2, "answers.yaml:1: [0]: is for gate copy, and the run sleeps"),
        ([[asks()]], "- decision: aprove\n", 2, "answers.yaml:1: [0].decision: "),
    ],
)
def test_once_ends_as_it_came_out(
    tmp_path: Path, capsys: pytest.CaptureFixture[str], run: list[Events], script: str, code: int, told: str
) -> None:
    assert play(FakeWarm(run), tmp_path, script=script) == code

    assert told in capsys.readouterr().err.replace(f"{tmp_path}/", "")


def test_what_was_typed_is_given_again_after_each_save_and_more_goes_on_from_there(
    tmp_path: Path, keyboard: tuple[int, int], capsys: pytest.CaptureFixture[str]
) -> None:
    twice = [[asks()], [said("request changes"), asks(round=2)], [said(), ended()]]
    warm = FakeWarm(twice, twice, twice)

    code = play(warm, tmp_path, typed="c voice Shorter.\na V01\nq", saves=2, keyboard=keyboard)

    assert code == 0
    assert [[one["decision"] for one in given] for given in warm.given] == [["request_changes", "approve"]] * 3
    assert (warm.given[0][0]["reason"], warm.given[0][0]["note"]) == ("voice", "Shorter.")
    assert capsys.readouterr().out.count("brief.yaml saved") == 2


def test_answers_that_no_longer_fit_are_dropped_with_those_after_them(
    tmp_path: Path, keyboard: tuple[int, int], capsys: pytest.CaptureFixture[str]
) -> None:
    before = [[asks()], [said("request changes"), asks(round=2)], [said(), ended()]]
    warm = FakeWarm(before, [[asks("words")]], [[asks("words")]])

    play(warm, tmp_path, typed="c Shorter.\na V01\nq", saves=2, keyboard=keyboard)

    shown = capsys.readouterr().out
    assert warm.given[1:] == [[], []]
    assert shown.count("is for gate copy, round 1, and the run asks at gate words, round 1; it and those after") == 1


def test_what_is_wrong_for_a_while_drops_no_answer(tmp_path: Path, keyboard: tuple[int, int]) -> None:
    sound, faults = [[asks()], [said(), ended()]], {"event": "faults", "message": "", "faults": [], "outbox": BOX}
    warm = FakeWarm(sound, [[ended("Held", "FAILED")]], [[faults]], sound)

    play(warm, tmp_path, typed="a V02\nq", saves=3, keyboard=keyboard)

    assert [[one["picks"] for one in given] for given in warm.given] == [[["V02"]], [], [], [["V02"]]]


def test_a_refused_answer_is_not_given_again(tmp_path: Path, keyboard: tuple[int, int]) -> None:
    warm = FakeWarm([[asks()], [refused(), asks()], [said(), ended()]], [[asks()], [said(), ended()]])

    play(warm, tmp_path, typed="a V01 as author\na V02\nq", saves=1, keyboard=keyboard)

    assert [[one["who"] for one in given] for given in warm.given] == [["author", ""], [""]]


def test_nothing_that_is_shown_steers_the_terminal(
    tmp_path: Path, keyboard: tuple[int, int], capsys: pytest.CaptureFixture[str]
) -> None:
    play(FakeWarm([[asks("copy", 1, "V01\x07")]]), tmp_path, typed="v\n?\nx\nq", keyboard=keyboard)

    shown = capsys.readouterr()
    assert "V01  Hello[31m" in shown.out
    assert "hand in a text" in shown.out
    assert "'x' is none of the letters" in shown.err
    assert not {"\x1b", "\x07"} & {*shown.out, *shown.err}


@pytest.mark.parametrize(
    ("line", "found"),
    [
        ("a", {"decision": "approve", "picks": ()}),
        ("a v01, v02", {"picks": ("V01", "V02")}),
        ("a V01 as legal", {"picks": ("V01",), "who": "legal"}),
        ("a as legal", {"picks": (), "who": "legal"}),
        ("c Shorter as before", {"reason": "other", "note": "Shorter as before", "who": ""}),
        ("c Shorter as me@example.com", {"note": "Shorter", "who": "me@example.com"}),
        ("c voice Shorter as legal", {"reason": "voice", "note": "Shorter", "who": "legal"}),
        ("r compliance We cannot.", {"decision": "reject", "reason": "compliance", "note": "We cannot."}),
        ("t", {"decision": "let_time_pass", "by": ""}),
        ("t 36h", {"by": "36h"}),
        ("w", {"decision": "wake", "asleep": False}),
    ],
)
def test_a_letter_and_what_stands_behind_it_is_an_answer(line: str, found: dict[str, Any]) -> None:
    answer = read_typed(line, gate="copy", round=2).answer

    assert answer is not None
    assert (answer.gate, answer.round) == ("copy", 2)
    assert {name: getattr(answer, name) for name in found} == found


def test_edits_and_a_text_of_ones_own_come_from_files(tmp_path: Path) -> None:
    (tmp_path / "edits.yaml").write_text("- {pick: V01, field: subject, text: Another}\n")
    (tmp_path / "text.yaml").write_text("subject: Mine\nbody: Words.\n")

    edited = read_typed(f"a V01 {tmp_path}/edits.yaml", gate="copy", round=1).answer
    written = read_typed(f"h {tmp_path}/text.yaml V02", gate="copy", round=1).answer

    assert edited is not None
    assert [edit.text for edit in edited.edits] == ["Another"]
    assert written is not None
    assert written.text is not None
    assert (written.text.subject, written.picks) == ("Mine", ("V02",))


@pytest.mark.parametrize(
    ("line", "told"),
    [
        ("approve", "none of the letters"),
        ("t soon", "no span of time"),
        ("w now", "stands alone"),
        ("h", "name the YAML file"),
        ("a V01 none.yaml", "none.yaml: cannot be read"),
    ],
)
def test_what_cannot_be_read_is_told(line: str, told: str) -> None:
    with pytest.raises(InputError, match=told):
        read_typed(line, gate="copy", round=1)
