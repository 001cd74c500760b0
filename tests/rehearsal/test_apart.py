"""Nothing of a project is written to and none of its secrets is read, whatever its settings name."""

import os
import shutil
from collections.abc import Iterator
from pathlib import Path
from unittest.mock import patch

import pytest

from presscheck.rehearsal import Rehearsal
from presscheck.rehearsal.apart import apart
from presscheck.settings import Settings
from presscheck.settings.secrets import find_secret
from tests.rehearsal.conftest import module_of

REAL = """
policies = "policies"
home = "real"
ledger_url = "sqlite:///{project}/real/ledger.db"
secrets = "keys"
copywriter = "model"

[via]
email = "smtp"

[mail]
host = "mail.example.com"
unsubscribe_mailto = "leave@example.com"
returns = "mails"

[notices]
email = true

[webhooks.jira]
url = "https://hooks.example.com/presscheck"
"""


@pytest.fixture
def project(project: Path) -> Iterator[Path]:
    """A project that is set up for the real world."""
    (project / "presscheck.toml").write_text(REAL.format(project=project))
    (project / "keys").mkdir(mode=0o700)
    (project / "keys" / "smtp").write_text("real-password")
    (project / "keys" / "smtp").chmod(0o600)
    for part in ("cur", "new", "tmp"):
        (project / "mails" / part).mkdir(parents=True)
    (project / "mails" / "new" / "bounce").write_text("Subject: failed\n\nbounced")
    with patch.dict(os.environ, {"PRESSCHECK_SECRET_SMTP": "x", "PRESSCHECK_VIA": "smtp"}):
        yield project


def everything(folder: Path) -> dict[str, bytes]:
    return {str(path.relative_to(folder)): path.read_bytes() for path in sorted(folder.rglob("*")) if path.is_file()}


def test_a_whole_campaign_writes_nothing_into_its_project(rehearsal: Rehearsal, project: Path) -> None:
    flow = module_of(project / "flows" / "spring_mug.py").spring_mug
    shutil.rmtree(project / "flows" / "__pycache__", ignore_errors=True)
    before = everything(project)

    run = rehearsal.start(flow)
    run.approve("brand_lead", picks=["V01"])

    assert run.ended == "Delivered", run.message
    assert len(run.outbox) == 22
    assert everything(project) == before


def test_settings_of_the_real_world_lead_nowhere(project: Path, tmp_path: Path) -> None:
    home = tmp_path / "apart"

    told = apart(os.environ, project, home)
    settings = Settings.read(project, {name: value for name, value in told.items() if name != "PRESSCHECK_PROJECT"})

    assert settings.ledger_url == f"sqlite:///{home}/ledger.db"
    assert (settings.via, settings.copywriter, settings.demo) == ("outbox", "offline", True)
    assert settings.mail.returns == home / "returns"
    assert settings.notices.email is False
    assert settings.webhooks == {}
    with patch.dict(os.environ, told, clear=True):
        assert find_secret(settings, "smtp") is None


def test_a_flow_that_opens_the_ledger_finds_the_one_that_is_thrown_away(rehearsal: Rehearsal, project: Path) -> None:
    from presscheck.wiring import open_ledger, read_settings
    from tasks import house

    found = open_ledger(read_settings(project), "door")

    assert found is rehearsal.ledger("door")
    assert house.ledger() is rehearsal.ledger("worker")
    assert not (project / "real").exists()
