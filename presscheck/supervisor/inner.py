"""Prefect's server from the inside: is it up, is the pool there, and which campaigns lost their process."""

import time
from collections.abc import Callable
from datetime import UTC, datetime, timedelta
from typing import Any

import httpx

from presscheck.errors import PresscheckError
from presscheck.settings import Settings
from presscheck.supervisor.plan import POOL, prefect_auth

# A campaign whose process dies this often is not unlucky; a person has to look at it.
_MOST_RESCUES = 3
# Seconds between tries while Prefect's database is locked; at a start everybody writes to it.
_PAUSES = (0.3, 0.6, 1.2, 2.4)
# Nor does anybody expect a campaign to go on by itself that crashed in another week.
_LATEST_CRASH = timedelta(hours=1)


class Inner:
    """A client of Prefect's API with the server's own password."""

    def __init__(self, settings: Settings) -> None:
        user, _, password = prefect_auth(settings).partition(":")
        self._http = httpx.Client(base_url=settings.prefect_url, auth=(user, password), timeout=10, trust_env=False)
        self._rescued: dict[str, int] = {}

    def close(self) -> None:
        """Close the connections."""
        self._http.close()

    def healthy(self) -> bool:
        """Whether the server answers."""
        try:
            return self._http.get("/health").is_success
        except httpx.HTTPError:
            return False

    def has_pool(self) -> bool:
        """Whether the worker has made its pool."""
        try:
            return self._http.get(f"/work_pools/{POOL}").is_success
        except httpx.HTTPError:
            return False

    def has_worker(self, since: datetime) -> bool:
        """Whether a worker of the pool has shown itself since then."""
        try:
            workers = self._post(f"/work_pools/{POOL}/workers/filter", {})
        except PresscheckError:
            return False
        seen = [datetime.fromisoformat(one["last_heartbeat_time"]) for one in workers if one.get("last_heartbeat_time")]
        return any(moment >= since for moment in seen)

    def rescue(self, *lost: str) -> list[str]:
        """Schedule again the pool's runs that are in one of the states `lost`; their ids come back.

        Call it with RUNNING and PENDING only when no flow process can be alive. Going on is safe: a
        campaign finds every step that was made in the ledger.
        """
        asked = {
            "flow_runs": {"state": {"type": {"any_": list(lost)}}, "tags": {"all_": ["campaign"]}},
            "work_pools": {"name": {"any_": [POOL]}},
            "limit": 200,
        }
        rescued: list[str] = []
        for run in self._post("/flow_runs/filter", asked):
            run_id = str(run["id"])
            if self._rescued.get(run_id, 0) >= _MOST_RESCUES or _long_ago(run["state"]):
                continue
            self._rescued[run_id] = self._rescued.get(run_id, 0) + 1
            state = {
                "type": "SCHEDULED",
                "name": "Rescued",
                "message": "Its process was gone; it goes on from what the ledger holds.",
                "state_details": {"scheduled_time": datetime.now(UTC).isoformat()},
            }
            self._post(f"/flow_runs/{run_id}/set_state", {"state": state, "force": True})
            rescued.append(run_id)
        return rescued

    def switch_off(self, name: str, entrypoint: str, which: Callable[[dict[str, Any]], bool] = bool) -> bool:
        """Switch the schedules of a deployment of this pool off, all or those of `which`; whether one was on."""
        asked = {"deployments": {"name": {"any_": [name]}}, "work_pools": {"name": {"any_": [POOL]}}, "limit": 200}
        was_on = False
        for one in self._post("/deployments/filter", asked):
            if one.get("entrypoint") != entrypoint:
                # Another flow's, of the same name.
                continue
            for schedule in filter(which, one.get("schedules", [])):
                if schedule["active"]:
                    was_on = True
                    self._ask("PATCH", f"/deployments/{one['id']}/schedules/{schedule['id']}", {"active": False})
        return was_on

    def _post(self, path: str, body: dict[str, Any]) -> Any:
        return self._ask("POST", path, body)

    def _ask(self, method: str, path: str, body: dict[str, Any]) -> Any:
        try:
            answer = self._http.request(method, path, json=body)
            for pause in _PAUSES:
                if answer.status_code != 503:
                    break
                time.sleep(pause)
                answer = self._http.request(method, path, json=body)
            answer.raise_for_status()
            return answer.json() if answer.content else None
        except (httpx.HTTPError, ValueError) as error:
            raise PresscheckError(f"Prefect's server did not do {path}: {error}") from error


def _long_ago(state: dict[str, Any]) -> bool:
    if state["type"] != "CRASHED":
        return False
    return datetime.now(UTC) - datetime.fromisoformat(state["timestamp"]) > _LATEST_CRASH
