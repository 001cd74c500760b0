"""Airflow's services on SQLite with its simple sign-in, answered through its REST API as its UI does it."""

import json
import os
import sqlite3
import subprocess
import time
from collections.abc import Callable
from contextlib import suppress

import httpx

from benchmarks.compared.rig import Change, Contender, Process, Question, wait_for, words

_PORT = 8497
_DAG = "spring_launch"
# Airflow 3.3.2 fails the task if an answer comes before the scheduler has looked again.
_THINKING_SECONDS = 6
_USERS = {**dict.fromkeys(("sam", "ana", "bea", "ida", "zoe"), "user"), "val": "viewer", "root": "admin"}
_SERVICES = (
    ("api-server",),
    ("scheduler", "--skip-serve-logs"),
    ("dag-processor",),
    ("triggerer", "--skip-serve-logs"),
)


class Airflow(Contender):
    name = "airflow_hitl"
    packages = ("apache-airflow", "apache-airflow-providers-standard")
    broken = frozenset({"failed"})
    everybody = ('(cells["rest"], texts["email"])', '(people, texts["email"])')
    held_out_too = (
        "return shop.split(people)",
        'return {**(cells := shop.split(people)), "rest": cells["rest"] + cells["held_out"]}',
    )
    ad_not_shown = ("Ad: {{ ti.xcom_pull(task_ids='write')['search_ad'] }}", "")
    other_sending = (
        'shop.send_email(params["folder"], people, text)',
        'shop.send_email(params["folder"], people, "Wet feet all day.")',
    )

    def begin(self) -> None:
        self._services: list[Process] = []
        self._tokens: dict[str, str] = {}
        self._http = httpx.Client(base_url=f"http://127.0.0.1:{_PORT}", timeout=60)
        self.write_campaign()
        self._env = {
            "PATH": f"{self.python.parent}:{os.environ['PATH']}",
            "HOME": str(self.home),
            "AIRFLOW_HOME": str(self.home / "airflow"),
            "AIRFLOW__CORE__DAGS_FOLDER": str(self.project),
            "AIRFLOW__CORE__LOAD_EXAMPLES": "false",
            "AIRFLOW__CORE__DAGS_ARE_PAUSED_AT_CREATION": "false",
            "AIRFLOW__API__HOST": "127.0.0.1",
            "AIRFLOW__API__PORT": str(_PORT),
            "AIRFLOW__API__BASE_URL": f"http://127.0.0.1:{_PORT}",
            **({"AIRFLOW__DAG_PROCESSOR__MIN_FILE_PROCESS_INTERVAL": "2"} if self.quick else {}),
        }
        self._begin_with(_USERS)

    def _begin_with(self, users: dict[str, str]) -> None:
        self._env["AIRFLOW__CORE__SIMPLE_AUTH_MANAGER_USERS"] = ",".join(f"{who}:{role}" for who, role in users.items())
        log = self.home / "airflow.log"
        airflow = str(self.python.parent / "airflow")
        with log.open("ab") as out:
            subprocess.run([airflow, "db", "migrate"], env=self._env, check=True, stdout=out, stderr=out)
        for service in _SERVICES:
            self._services.append(Process([airflow, *service], cwd=self.home, env=self._env, log=log))
        self._tokens = {}
        wait_for("Airflow's sign-in", lambda: self._token("root"))
        wait_for("the campaign in Airflow's list", lambda: self._get(f"dags/{_DAG}") or None)

    def finish(self) -> None:
        for service in self._services:
            service.end()
        self._services = []

    def load(self, *changes: Change) -> None:
        before = self._get(f"dags/{_DAG}")["last_parsed_time"]
        self.write_campaign(*changes)
        wait_for("Airflow's next look at the file", lambda: self._parsed_after(before))

    def _parsed_after(self, before: str) -> bool | None:
        return True if self._get(f"dags/{_DAG}")["last_parsed_time"] > before else None

    def load_other_tasks(self, at: int) -> None:
        """Until the scheduler knows the graph's new task, which is later than when the file was parsed."""
        self.write_campaign(('task_id="wait"', f'task_id="wait_{at}"'))
        wait_for("Airflow's new graph", lambda: True if f"wait_{at}" in self._tasks() else None)

    def _tasks(self) -> list[str]:
        return [task["task_id"] for task in self._get(f"dags/{_DAG}/tasks").get("tasks", [])]

    def try_edit(self, run: str, *changes: Change) -> None:
        """Without waiting for the scheduler's next look: a task is run from the file as it stands."""
        self.write_campaign(*changes)
        self.start(run)

    def start(self, run: str) -> None:
        folder = self.make_shop(run)
        asked = {"dag_run_id": run, "logical_date": None, "conf": {"folder": str(folder)}}
        self._ask("root", "POST", f"dags/{_DAG}/dagRuns", asked).raise_for_status()

    def asked(self, run: str) -> Question | None:
        found = self._get(f"dags/{_DAG}/dagRuns/{run}/hitlDetails", response_received="false")["hitl_details"]
        waiting = [one for one in found if one["task_instance"]["state"] in ("awaiting_input", "deferred")]
        if not waiting:
            return None
        return Question(waiting[0]["task_instance"]["task_id"].removeprefix("approve_"), waiting[0]["body"])

    def ended(self, run: str) -> str | None:
        state = self._get(f"dags/{_DAG}/dagRuns/{run}")["state"]
        return state if state in ("success", "failed") else None

    def answer(self, run: str, who: str, *, yes: bool = True, signed_in: str | None = None) -> str:
        question = self.asked(run)
        assert question is not None
        time.sleep(_THINKING_SECONDS)
        path = f"dags/{_DAG}/dagRuns/{run}/taskInstances/approve_{question.gate}/-1/hitlDetails"
        chosen = {"chosen_options": ["Approve" if yes else "Reject"], "params_input": {}}
        reply = self._ask(signed_in or who, "PATCH", path, chosen)
        return "taken" if reply.is_success else words(f"{reply.status_code}: {reply.json()['detail']}")

    def alter_store(self, run: str, old: str, new: str) -> str:
        with sqlite3.connect(self.home / "airflow/airflow.db", timeout=30) as database:
            database.execute("UPDATE xcom SET value = replace(value, ?, ?) WHERE run_id = ?", (old, new, run))
        return "UPDATE of the run's XCom rows in SQLite"

    def forgeries(self) -> dict[str, Callable[[str], str]]:
        what = "marks the approval as success"
        return {
            f"a user who is not assigned {what}": lambda run: self._mark("zoe", run),
            f"a viewer {what}": lambda run: self._mark("val", run),
        }

    def _mark(self, who: str, run: str) -> str:
        question = self.asked(run)
        assert question is not None
        path = f"dags/{_DAG}/dagRuns/{run}/taskInstances/approve_{question.gate}"
        reply = self._ask(who, "PATCH", path, {"new_state": "success"})
        return "taken" if reply.is_success else words(f"{reply.status_code}: {reply.json()['detail']}")

    def withdraw(self, run: str, who: str) -> str:
        self.finish()
        self._begin_with({name: role for name, role in _USERS.items() if name != who})
        return "the account taken out of Airflow's users, and Airflow started again"

    def repeat(self, run: str) -> str:
        wait_for("the crash in Airflow's list", lambda: self.ended(run))
        asked = {"dry_run": False, "dag_run_id": run, "only_failed": True, "reset_dag_runs": True}
        self._ask("root", "POST", f"dags/{_DAG}/clearTaskInstances", asked).raise_for_status()
        return "Clear of the failed task"

    def _get(self, path: str, **query: str) -> dict:
        reply = self._ask("root", "GET", path, query=query)
        return reply.json() if reply.is_success else {}

    def _ask(
        self, who: str, method: str, path: str, body: object = None, query: dict[str, str] | None = None
    ) -> httpx.Response:
        token = self._token(who)
        assert token is not None, f"Airflow lets {who} not sign in"
        headers = {"Authorization": f"Bearer {token}"}
        return self._http.request(method, f"/api/v2/{path}", json=body, params=query, headers=headers)

    def _token(self, who: str) -> str | None:
        if who not in self._tokens:
            with suppress(httpx.TransportError, FileNotFoundError, json.JSONDecodeError, KeyError):
                passwords = json.loads((self.home / "airflow/simple_auth_manager_passwords.json.generated").read_text())
                reply = self._http.post("/auth/token", json={"username": who, "password": passwords[who]})
                if reply.is_success:
                    self._tokens[who] = reply.json()["access_token"]
        return self._tokens.get(who)
