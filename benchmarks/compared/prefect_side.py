"""Prefect's server on SQLite and `serve`, answered through its API as its UI does it."""

import base64
import json
import os
from collections.abc import Callable
from contextlib import suppress
from typing import Any

import httpx

from benchmarks.compared.rig import Change, Contender, Process, Question, wait_for, words

_PORT = 8498


class Prefect(Contender):
    name = "bare_prefect"
    packages = ("prefect",)
    broken = frozenset({"Failed", "Crashed"})
    everybody = ('"people": cells["rest"]', '"people": people')
    held_out_too = ('"people": cells["rest"]', '"people": cells["rest"] + cells["held_out"]')
    ad_not_shown = ("\\n\\nAd: {texts['search_ad']}", "")
    other_sending = ("shop.send_email(folder, people, text)", 'shop.send_email(folder, people, "Wet feet all day.")')
    closes_edited_words = (
        ("import shop\n", "import shop\nfrom prefect.cache_policies import INPUTS, RUN_ID\n"),
        ("(persist_result=True)\ndef write", "(persist_result=True, cache_policy=INPUTS + RUN_ID)\ndef write"),
    )

    def begin(self) -> None:
        self._runs: dict[str, str] = {}
        self._served: Process | None = None
        self._http = httpx.Client(base_url=f"http://127.0.0.1:{_PORT}/api", timeout=60)
        self._env = {
            "PATH": f"{self.python.parent}:{os.environ['PATH']}",
            "HOME": str(self.home),
            "PREFECT_HOME": str(self.home / "prefect"),
            "PREFECT_API_URL": f"http://127.0.0.1:{_PORT}/api",
            **({"PREFECT_RUNNER_POLL_FREQUENCY": "1"} if self.quick else {}),
            "PREFECT_SERVER_ANALYTICS_ENABLED": "false",
            "PYTHONUNBUFFERED": "1",
        }
        arguments = ["-m", "prefect", "server", "start", "--host", "127.0.0.1", "--port", str(_PORT)]
        self._server = Process(
            [str(self.python), *arguments], cwd=self.home, env=self._env, log=self.home / "server.log"
        )
        wait_for("Prefect's server", self._is_up)
        self.load()

    def _is_up(self) -> bool | None:
        with suppress(httpx.TransportError):
            return True if self._http.get("/health").is_success else None
        return None

    def finish(self) -> None:
        if self._served:
            self._served.end()
        self._server.end()

    def load(self, *changes: Change) -> None:
        if self._served:
            self._served.end()
        self.write_campaign(*changes)
        log = self.home / "served.log"
        log.write_text("")
        self._served = Process([str(self.python), "campaign.py"], cwd=self.project, env=self._env, log=log)
        wait_for("the deployments", lambda: True if "being served" in log.read_text() else None)

    def start(self, run: str) -> None:
        folder = self.make_shop(run)
        deployment = self._ask("GET", "/deployments/name/spring-launch/shop")["id"]
        asked = {"parameters": {"folder": str(folder)}, "state": {"type": "SCHEDULED"}}
        self._runs[run] = self._ask("POST", f"/deployments/{deployment}/create_flow_run", asked)["id"]

    def asked(self, run: str) -> Question | None:
        flow_run = self._current(run)
        if flow_run["state"]["name"] != "Suspended":
            return None
        keys = flow_run["state"]["state_details"]["run_input_keyset"]
        # The run is suspended a moment before its question is there.
        text = self._ask("GET", f"/flow_runs/{flow_run['id']}/input/{keys['description']}")
        return None if text is None else Question(flow_run["state"]["state_details"]["pause_key"], str(text))

    def ended(self, run: str) -> str | None:
        state = self._current(run)["state"]
        if state["type"] not in ("COMPLETED", "FAILED", "CRASHED", "CANCELLED"):
            return None
        # A campaign whose pilot is out goes on as a run of its own, which is made before the first one ends.
        return str(state["name"])

    def answer(self, run: str, who: str, *, yes: bool = True, signed_in: str | None = None) -> str:
        body = {"run_input": {"approved": yes, "by": who}}
        reply = self._ask("POST", f"/flow_runs/{self._current(run)['id']}/resume", body)
        return "taken" if reply["status"] == "ACCEPT" else words(reply)

    def alter_store(self, run: str, old: str, new: str) -> str:
        flow_run = self._current(run)
        if flow_run["id"] != self._runs[run]:
            altered = json.loads(json.dumps(flow_run["parameters"]).replace(old, new))
            self._ask("PATCH", f"/flow_runs/{flow_run['id']}", {"parameters": altered})
            return "PATCH of the waiting run's parameters through the API"
        for file in (self.home / "prefect/storage").iterdir():
            kept = json.loads(file.read_text())
            result = base64.b64decode(kept["result"]).replace(old.encode(), new.encode())
            file.write_text(json.dumps({**kept, "result": base64.b64encode(result).decode()}))
        return "the pickled results in Prefect's storage folder"

    def forgeries(self) -> dict[str, Callable[[str], str]]:
        return {
            "the answer posted to /input, then the state set to Scheduled": self._plant,
            "the state set to Scheduled without an answer": self._force,
        }

    def _plant(self, run: str) -> str:
        flow_run = self._current(run)
        key = flow_run["state"]["state_details"]["run_input_keyset"]["response"]
        planted = {"key": key, "value": json.dumps({"approved": True, "by": "ana"}), "sender": None}
        self._ask("POST", f"/flow_runs/{flow_run['id']}/input", planted)
        return self._force(run)

    def _force(self, run: str) -> str:
        return self._set(run, {"type": "SCHEDULED", "name": "Resuming"})

    def withdraw(self, run: str, who: str) -> str:
        people = self.folder(run) / "people.json"
        people.write_text(json.dumps({**json.loads(people.read_text()), who: "nobody"}))
        return "people.json, which the campaign asks"

    def repeat(self, run: str) -> str:
        wait_for("the crash in Prefect's list", lambda: self.ended(run))
        self._set(run, {"type": "SCHEDULED", "name": "AwaitingRetry"})
        return "Retry of the crashed run"

    def _set(self, run: str, state: dict[str, str]) -> str:
        asked = {"state": state, "force": True}
        reply = self._ask("POST", f"/flow_runs/{self._current(run)['id']}/set_state", asked)
        return "taken" if reply["status"] == "ACCEPT" else words(reply)

    def _current(self, run: str) -> dict[str, Any]:
        """The rollout's run once there is one, otherwise the campaign's own."""
        wanted = {"flows": {"name": {"any_": ["rollout"]}}, "sort": "START_TIME_DESC", "limit": 200}
        rollouts = self._ask("POST", "/flow_runs/filter", wanted)
        for rollout in rollouts:
            if rollout["parameters"]["folder"] == str(self.folder(run)):
                return rollout
        return self._ask("GET", f"/flow_runs/{self._runs[run]}")

    def _ask(self, method: str, path: str, body: object = None) -> Any:
        """Tries again while SQLite is locked, as Prefect's own client does; what is not there is None."""

        def once() -> httpx.Response | None:
            reply = self._http.request(method, path, json=body)
            return None if reply.status_code == 503 else reply

        reply = wait_for("an answer of Prefect's server", once)
        if reply.status_code == 404 or not reply.content:
            return None
        return reply.raise_for_status().json()
