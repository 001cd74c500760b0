"""Campaigns are registered where they load; what does not load, or is gone from the file, is told and switched off."""

import json
import threading
from collections.abc import Iterator
from pathlib import Path
from urllib.parse import urlsplit
from uuid import uuid4

import pytest
from prefect.client.orchestration import get_client
from prefect.client.schemas.actions import WorkPoolCreate
from prefect.client.schemas.responses import DeploymentResponse
from prefect.exceptions import ObjectAlreadyExists
from prefect.settings import PREFECT_API_URL

from presscheck.errors import PresscheckError
from presscheck.settings import Settings
from presscheck.supervisor.campaigns import Campaigns
from presscheck.supervisor.inner import Inner
from presscheck.supervisor.registering import fault_of

pytestmark = pytest.mark.slow

SOUND = "from prefect import flow\n\n\n@flow(name='{name}')\ndef {function}() -> None:\n    pass\n"


class Project:
    """A project of some flow files, registered with the tests' server."""

    def __init__(self, folder: Path) -> None:
        self.folder = folder
        self.tail = uuid4().hex[:6]
        port = urlsplit(PREFECT_API_URL.value()).port or 0
        self.settings = Settings(project=folder, prefect_port=port).resolved()
        for path in (folder / "flows", folder / "deployments", self.settings.home / "logs"):
            path.mkdir(parents=True)
        self.inner = Inner(self.settings)

    def write(self, **flows: str) -> None:
        """The flow files, and a deployment with an active schedule for each."""
        entries = []
        for name, text in flows.items():
            (self.folder / "flows" / f"{name}.py").write_text(text.format(name=name, function=name))
            entries.append(
                {
                    "name": f"{name}-{self.tail}",
                    "entrypoint": f"flows/{name}.py:{name}",
                    "work_pool": {"name": "presscheck"},
                    "schedules": [{"cron": "0 9 1 1 *", "active": True}],
                }
            )
        document = {"name": "x", "pull": [], "deployments": entries}
        (self.folder / "deployments/prefect.yaml").write_text(json.dumps(document))

    def register(self) -> tuple[str, ...]:
        campaigns = Campaigns(self.settings)
        campaigns.look()
        return campaigns.register(self.inner, threading.Event())

    def there(self) -> dict[str, bool]:
        """By name, whether a schedule of it is on."""
        with get_client(sync_client=True) as client:
            found: list[DeploymentResponse] = client.read_deployments()
        ours = [one for one in found if one.name.endswith(self.tail)]
        return {one.name.rpartition("-")[0]: any(each.active for each in one.schedules) for one in ours}


@pytest.fixture
def project(prefect: None, tmp_path: Path) -> Iterator[Project]:
    with get_client(sync_client=True) as client:
        try:
            client.create_work_pool(WorkPoolCreate(name="presscheck", type="process"))
        except ObjectAlreadyExists:
            assert client.read_work_pool("presscheck").name == "presscheck"
    made = Project(tmp_path)
    yield made
    made.inner.close()


def test_what_does_not_load_or_is_gone_from_the_file_is_told_and_off_and_the_rest_is_registered(
    project: Project,
) -> None:
    project.write(good=SOUND, breaks=SOUND, leaves=SOUND)
    first = project.register()
    broken = "from prefect import flow\n\nimport no_such_module_of_ours\n"
    project.write(good=SOUND, breaks=broken, ends="import os\n\nos._exit(7)\n", new=SOUND)

    told = project.register()

    assert first == ()
    assert project.there() == {"good": True, "breaks": False, "leaves": False, "new": True}
    assert [line.partition("-")[0] for line in told] == ["breaks", "ends", "leaves"]
    assert "flows/breaks.py:3: does not load: ModuleNotFoundError" in told[0]
    assert "flows/ends.py: ends the process that loads it" in told[1]
    assert "stands in deployments/prefect.yaml no more; its schedule was switched off" in told[2]


def test_a_file_that_ends_the_process_when_it_is_loaded_again_does_not_pass_for_registered(project: Project) -> None:
    again = (
        "import os, pathlib\n\nif pathlib.Path('loaded').exists():\n    os._exit(0)\npathlib.Path('loaded').touch()\n"
    )
    project.write(again=again + SOUND)

    with pytest.raises(PresscheckError, match=r"the campaigns could not be registered \(exit code 0\)"):
        project.register()

    assert project.there() == {}


def test_what_a_file_writes_among_the_answers_is_no_answer(project: Project) -> None:
    among = "import os, sys\n\nwith open(sys.argv[1], 'a') as answers:\n    answers.write('so\\n[1]\\n{{}}\\n3\\n')\n"
    project.write(writes=among + SOUND)

    assert project.register() == ()
    assert project.there() == {"writes": True}


def test_no_secret_gets_into_a_deployment_which_everybody_signed_in_may_read(
    project: Project, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setenv("PRESSCHECK_SECRET_LEDGER_WORKER", "of-the-worker")
    project.write(good=SOUND)
    file = project.folder / "deployments/prefect.yaml"
    document = json.loads(file.read_text())
    document["deployments"][0]["description"] = "{{ $PRESSCHECK_SECRET_LEDGER_WORKER }} in {{ $PRESSCHECK_PROJECT }}"
    file.write_text(json.dumps(document))

    told = project.register()

    assert told == ()
    with get_client(sync_client=True) as client:
        (deployment,) = [one for one in client.read_deployments() if one.name == f"good-{project.tail}"]
    assert deployment.description is not None
    assert deployment.description.endswith(f" in {project.folder}")
    assert "of-the-worker" not in deployment.model_dump_json()


def test_no_secret_that_a_flow_takes_as_a_default_gets_into_its_deployment(
    project: Project, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setenv("PRESSCHECK_SECRET_LEDGER_WORKER", "of-the-worker")
    # A module is imported once, whoever loads the flow once more.
    helper = f"helper_{project.tail}"
    (project.folder / f"{helper}.py").write_text(
        "import os\n\nKEY = os.environ.get('PRESSCHECK_SECRET_LEDGER_WORKER', '')\n"
    )
    flow = "\n\n\n@flow\ndef takes(key: str = KEY) -> None:\n    pass\n"
    takes = f"from prefect import flow\n\nfrom {helper} import KEY{flow}"
    project.write(takes=takes)

    told = project.register()

    assert told == ()
    with get_client(sync_client=True) as client:
        (deployment,) = [one for one in client.read_deployments() if one.name == f"takes-{project.tail}"]
    assert "key" in deployment.model_dump_json()
    assert "of-the-worker" not in deployment.model_dump_json()


def test_a_file_of_deployments_that_cannot_be_read_is_told_and_changes_nothing(project: Project) -> None:
    (project.folder / "deployments/prefect.yaml").write_text("deployments: [\n")

    (told,) = project.register()

    assert "deployments/prefect.yaml: cannot be read" in told
    assert project.there() == {}


@pytest.mark.parametrize(
    ("text", "said"),
    [
        ("def x(:\n", "flows/a.py:1: is not Python"),
        ("import sys\n\nsys.exit('no')\n", "flows/a.py:3: does not load: SystemExit: no"),
        ("from prefect import flow\n\n1 / 0\n", "flows/a.py:3: does not load: ZeroDivisionError"),
        ("import helper\n", "helper.py:2: does not load: ValueError: here"),
        (
            "try:\n    {}[1]\nexcept KeyError as e:\n    raise OSError(1) from e\n",
            "flows/a.py:4: does not load: OSError: 1",
        ),
        ("from prefect import flow\n", "flows/a.py: it holds no flow a"),
        (SOUND.format(name="a", function="a"), ""),
    ],
)
def test_a_fault_names_the_line_of_the_projects_own_code(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch, text: str, said: str
) -> None:
    (tmp_path / "flows").mkdir()
    (tmp_path / "flows/a.py").write_text(text)
    (tmp_path / "helper.py").write_text("def _() -> None: ...\nraise ValueError('here')\n")
    monkeypatch.chdir(tmp_path)
    monkeypatch.syspath_prepend(str(tmp_path))

    found = fault_of("flows/a.py:a")

    assert found.startswith(said) if said else found == ""


def test_what_is_installed_is_loaded_by_its_dotted_name() -> None:
    assert fault_of("flows.escalate_reviews.escalate_reviews") == ""
    assert (
        fault_of("flows.escalate_reviews.gone") == "flows.escalate_reviews: it holds no flow gone; correct entrypoint"
    )
    assert "flows.gone: does not load: ModuleNotFoundError" in fault_of("flows.gone.gone")


def test_a_file_that_is_not_there_is_told(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.chdir(tmp_path)

    assert "there is no such file" in fault_of("flows/gone.py:gone")
