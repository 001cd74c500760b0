"""LangGraph's functional API with its SQLite checkpointer, answered on the command line that the campaign has."""

import json
import sqlite3
import subprocess
from collections.abc import Callable
from typing import Any

from benchmarks.compared.rig import Change, Contender, Process, Question, wait_for

# What `Command(resume=...)` writes down before it runs, written by somebody who has only the database.
_PLANT = """
import sys
from campaign import CHECKPOINTS, spring_launch
config = {"configurable": {"thread_id": sys.argv[1]}}
state = spring_launch.get_state(config)
answer = {"approved": True, "by": "ana"}
said = [{"approved": True, "by": "sam"}, answer]
CHECKPOINTS.put_writes(state.config, [("__resume__", said)], state.tasks[0].id)
"""


class LangGraph(Contender):
    name = "langgraph"
    packages = ("langgraph", "langgraph-checkpoint-sqlite")
    everybody = ('send(folder, cells["rest"], texts["email"])', 'send(folder, people, texts["email"])')
    held_out_too = (
        'send(folder, cells["rest"], texts["email"])',
        'send(folder, cells["rest"] + cells["held_out"], texts["email"])',
    )
    ad_not_shown = ("\\n\\nAd: {texts['search_ad']}", "")
    other_sending = ("shop.send_email(folder, people, text)", 'shop.send_email(folder, people, "Wet feet all day.")')

    def begin(self) -> None:
        self._calls: dict[str, Process] = {}
        self.write_campaign()

    def finish(self) -> None:
        for call in self._calls.values():
            call.end()

    def load(self, *changes: Change) -> None:
        self.write_campaign(*changes)

    def start(self, run: str) -> None:
        self._call(run, "start", run, str(self.make_shop(run)))

    def asked(self, run: str) -> Question | None:
        asked = self._last_word(run).get("__interrupt__", [])
        if not asked:
            return None
        if asked[0]["gate"] == "wait":
            self._call(run, "wake")
            return None
        return Question(asked[0]["gate"], asked[0]["question"])

    def ended(self, run: str) -> str | None:
        return self._last_word(run).get("spring_launch")

    def answer(self, run: str, who: str, *, yes: bool = True, signed_in: str | None = None) -> str:
        self._call(run, "answer", run, who, "yes" if yes else "no")
        return "taken"

    def alter_store(self, run: str, old: str, new: str) -> str:
        with sqlite3.connect(self.project / "checkpoints.sqlite") as database:
            for table, column in (("writes", "value"), ("checkpoints", "checkpoint")):
                for row, kept in database.execute(f"SELECT rowid, {column} FROM {table} WHERE thread_id = ?", (run,)):
                    altered = bytes(kept).replace(old.encode(), new.encode())
                    database.execute(f"UPDATE {table} SET {column} = ? WHERE rowid = ?", (altered, row))
        return "UPDATE of the checkpoint's rows in SQLite"

    def forgeries(self) -> dict[str, Callable[[str], str]]:
        return {"the answer written into the checkpoint, then `resume`": self._plant}

    def _plant(self, run: str) -> str:
        subprocess.run([self.python, "-c", _PLANT, run], cwd=self.project, check=True)
        self._call(run, "resume", run)
        return "taken"

    def withdraw(self, run: str, who: str) -> str:
        people = self.folder(run) / "people.json"
        people.write_text(json.dumps({**json.loads(people.read_text()), who: "nobody"}))
        return "people.json, which the campaign asks"

    def repeat(self, run: str) -> str:
        wait_for("the end of the process", lambda: True if self._calls[run].is_over else None)
        self._call(run, "resume", run)
        return "invoke(None) on the same thread"

    def _call(self, run: str, *arguments: str) -> None:
        self._calls[run] = Process(
            [str(self.python), "campaign.py", *arguments], cwd=self.project, env={}, log=self.home / f"{run}.log"
        )

    def _last_word(self, run: str) -> dict[str, Any]:
        """The last step that the campaign said, once its process has ended."""
        if not self._calls[run].is_over:
            return {}
        said = [line for line in self._calls[run].log.read_text().splitlines() if line.startswith("{")]
        return json.loads(said[-1])
