"""Which processes there are, and what each is told: nobody gets a secret that it does not need."""

import json
import os
import secrets
import sys
from collections.abc import Mapping
from pathlib import Path

from presscheck.errors import SettingsError
from presscheck.models import Process
from presscheck.settings import Settings
from presscheck.settings.secrets import environment_for, find_secret
from presscheck.supervisor.children import Child
from presscheck.supervisor.deployment_file import DEPLOYMENTS

POOL = "presscheck"
SPARED = {
    # Each of a run's six clients would read 140 authorities for a server that is spoken to in plain HTTP on loopback.
    "PREFECT_API_SSL_CERT_FILE": str(Path(__file__).with_name("no_authority.pem")),
    # The server is of the same installation, and asks for no token.
    "PREFECT_CLIENT_SERVER_VERSION_CHECK_ENABLED": "false",
    "PREFECT_CLIENT_CSRF_SUPPORT_ENABLED": "false",
}
"""What Prefect's worker and its runs need not find out each time, because the server is the one beside them."""


def code_folder(settings: Settings) -> Path:
    """Where `flows/` is: the project's folder, or this checkout's."""
    if any(settings.project.glob("flows/*.py")) or (settings.project / DEPLOYMENTS).is_file():
        return settings.project
    checkout = Path(__file__).resolve().parents[2]
    if (checkout / "pyproject.toml").is_file():
        return checkout
    raise SettingsError(
        f"{settings.project}: there is no campaign, no file in flows/; `presscheck init` makes a project, and "
        "PRESSCHECK_PROJECT names one that is there"
    )


def prefect_auth(settings: Settings) -> str:
    """Prefect's `user:password`, made on the first start and kept in a file that only we may read."""
    path = settings.prefect_auth_file
    try:
        return path.read_text("utf-8").strip()
    except FileNotFoundError:
        pass
    made = f"presscheck:{secrets.token_urlsafe(32)}"
    path.parent.mkdir(parents=True, exist_ok=True, mode=0o700)
    descriptor = os.open(path, os.O_WRONLY | os.O_CREAT | os.O_EXCL, 0o600)
    with os.fdopen(descriptor, "w") as file:
        file.write(made + "\n")
    return made


def server(settings: Settings) -> Child:
    """Prefect's server, on loopback, behind a password that people never see."""
    command = [sys.executable, "-m", "prefect", "server", "start"]
    command += ["--host", "127.0.0.1", "--port", str(settings.prefect_port)]
    return _child(
        settings,
        "server",
        command,
        {
            "PREFECT_SERVER_API_AUTH_STRING": prefect_auth(settings),
            # The UI runs in browsers that see the door, not this server.
            "PREFECT_SERVER_UI_API_URL": "/api",
            "PREFECT_SERVER_UI_V2_ENABLED": "true",
            # The door shows nobody a block, and a flow that saves one registers its type by that.
            "PREFECT_SERVER_REGISTER_BLOCKS_ON_START": "false",
            **prefect_database(settings),
            # A campaign that finds no slot free looks again soon; Prefect's 30 s would be felt.
            "PREFECT_SERVER_DEPLOYMENTS_CONCURRENCY_SLOT_WAIT_SECONDS": "5",
        },
    )


def prefect_database(settings: Settings) -> dict[str, str]:
    """What Prefect's server is told of its database; nothing where it keeps SQLite in its home.

    The password is in this one process's environment and in no argument, where every account could read it.
    """
    if not settings.postgres.prefect_url:
        return {}
    from sqlalchemy import make_url

    url = make_url(settings.postgres.prefect_url).set(drivername="postgresql+asyncpg")
    password = find_secret(settings, "prefect-database")
    if "sslmode" in url.query:
        # asyncpg's own word for libpq's.
        url = url.difference_update_query(["sslmode"]).update_query_dict({"ssl": str(url.query["sslmode"])})
    if password is not None:
        url = url.set(password=password.get_secret_value())
    return {"PREFECT_SERVER_DATABASE_CONNECTION_URL": url.render_as_string(hide_password=False)}


def worker(settings: Settings) -> Child:
    """Prefect's worker, of our kind: runs the campaigns, each in a process of its own."""
    command = [sys.executable, "-m", "prefect", "worker", "start", "--pool", POOL, "--type", "presscheck"]
    command += ["--name", "presscheck", "--install-policy", "never"]
    return _child(
        settings,
        "worker",
        command,
        {
            **_as_client(settings),
            **SPARED,
            "PREFECT_WORKER_QUERY_SECONDS": str(settings.poll_seconds),
            "PREFECT_RUNNER_POLL_FREQUENCY": "1",
        },
        ours="worker",
    )


def door(settings: Settings) -> Child:
    """The only published port."""
    return _child(settings, "door", [sys.executable, "-m", "presscheck.door"], {}, ours="door")


def press(settings: Settings) -> Child:
    """The only way out."""
    return _child(settings, "press", [sys.executable, "-m", "presscheck.press"], {}, ours="press")


def registering(settings: Settings, culprits: Mapping[str, str]) -> Child:
    """Loads flow files as the worker would, registers what is sound of them at `go`, and ends.

    `culprits`: the files that it is not to load, because they ended the process that did or kept it, and how.

    It gets no secret: what a file takes from its environment may become part of a deployment, and everybody signed in
    may read a deployment.
    """
    command = [sys.executable, "-m", "presscheck.supervisor.registering"]
    command += [str(answers(settings)), str(go(settings)), json.dumps(dict(culprits))]
    return _child(settings, "deploy", command, {**settings.as_environment(), **_as_client(settings)})


def answers(settings: Settings) -> Path:
    """What `registering` found, a line of JSON before and after each file."""
    return settings.home / "loading.jsonl"


def go(settings: Settings) -> Path:
    """What `registering` waits for before it registers anything, and takes away when that is done."""
    return settings.home / "registering.go"


def _as_client(settings: Settings) -> dict[str, str]:
    return {"PREFECT_API_URL": settings.prefect_url, "PREFECT_API_AUTH_STRING": prefect_auth(settings)}


def _child(
    settings: Settings, name: str, command: list[str], own: Mapping[str, str], *, ours: Process | None = None
) -> Child:
    """A child with a clean environment. `ours`: the process whose settings and secrets it gets."""
    # A PREFECT_API_URL of the user's own would send campaigns to another server.
    # A PGPASSWORD of the user's own would open the database to every child, under whichever name it likes.
    foreign = ("PREFECT_", "PRESSCHECK_", "PGPASSWORD", "PGUSER")
    env = {key: value for key, value in os.environ.items() if not key.startswith(foreign)}
    env.update(
        PREFECT_HOME=str(settings.prefect_home),
        PREFECT_SERVER_ANALYTICS_ENABLED="false",
        DO_NOT_TRACK="1",
        PYTHONUNBUFFERED="1",
        # Campaigns are started as `python`: let that be this one.
        PATH=os.pathsep.join([str(Path(sys.executable).parent), env.get("PATH", os.defpath)]),
    )
    if ours is not None:
        env.update(settings.as_environment())
        env.update(environment_for(ours, os.environ))
    env.update(own)
    return Child(name, command, env, code_folder(settings), settings.home / "logs" / f"{name}.log")
