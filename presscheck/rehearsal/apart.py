"""What a rehearsal's process is told: the project's files to read, and for all else a home that is thrown away.

    os.environ = apart(os.environ, project, home)

No way out but the outbox, no ledger but the home's own, no model, no notices and webhooks, none of the project's
secrets: whatever presscheck.toml, the environment or the systemd unit of whoever rehearses names.
"""

import json
from collections.abc import Mapping
from pathlib import Path

_FOREIGN = ("PRESSCHECK_", "CREDENTIALS_DIRECTORY")
_MAILDIR = ("cur", "new", "tmp")


def apart(environ: Mapping[str, str], project: Path, home: Path) -> dict[str, str]:
    """The environment of a process that rehearses `project` in `home`, which is made here."""
    returns = home / "returns"
    for folder in (home / "secrets", *(returns / part for part in _MAILDIR)):
        folder.mkdir(parents=True, exist_ok=True, mode=0o700)
    return {name: value for name, value in environ.items() if not name.startswith(_FOREIGN)} | {
        "PRESSCHECK_PROJECT": str(project),
        "PRESSCHECK_HOME": str(home),
        "PRESSCHECK_LEDGER_URL": f"sqlite:///{home / 'ledger.db'}",
        "PRESSCHECK_SECRETS": str(home / "secrets"),
        # Only the outbox: a test that reached a real channel would be a campaign.
        "PRESSCHECK_VIA": "outbox",
        "PRESSCHECK_DEMO": "true",
        # A test neither pays a model nor waits for one.
        "PRESSCHECK_COPYWRITER": "offline",
        "PRESSCHECK_NOTICES": json.dumps({}),
        "PRESSCHECK_WEBHOOKS": json.dumps({}),
        # The press takes the mails out of the Maildir that it reads.
        "PRESSCHECK_MAIL__RETURNS": str(returns),
    }
