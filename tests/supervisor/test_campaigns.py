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
from prefect.client.schemas.schedules import CronSchedule
from prefect.exceptions import ObjectAlreadyExists
from prefect.settings import PREFECT_API_URL

from presscheck.errors import PresscheckError
from presscheck.settings import Settings
from presscheck.supervisor.campaigns import Campaigns
from presscheck.supervisor.inner import Inner

pytestmark = pytest.mark.slow

SOUND = "from prefect import flow\n\n\n@flow(name='{name}')\ndef {function}() -> None:\n    pass\n"


CAMPAIGN = """\
from presscheck import Cron, State, campaign, deliver


@campaign
def {name}_{tail}(brief: str = "Dear {{{{ first_name }}}}") -> State:
    \"\"\"Says {{{{ name }}}} as letters do.\"\"\"
    return deliver(None)
"""
WEEKLY = 'schedule=Cron("0 9 * * 1", zone="Europe/London"'


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

    def decorate(self, **orders: str) -> None:
        """Flow files with a campaign each, under the decorator that is given; and no file of deployments."""
        (self.folder / "deployments/prefect.yaml").unlink(missing_ok=True)
        for path in (self.folder / "flows").glob("*.py"):
            path.unlink()
        for name, order in orders.items():
            text = CAMPAIGN.replace("@campaign", order).format(name=name, tail=self.tail)
            (self.folder / "flows" / f"{name}.py").write_text(text)

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

    def deployment(self, name: str) -> DeploymentResponse:
        with get_client(sync_client=True) as client:
            return client.read_deployment_by_name(f"{name}-{self.tail}/{name}-{self.tail}")


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
    assert "stands in no file any more; its schedule was switched off" in told[2]


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


def test_a_decorated_campaign_needs_no_file_of_deployments_and_keeps_its_braces(project: Project) -> None:
    project.decorate(sale=f"@campaign({WEEKLY}), limit=2, tags=['shop'])")

    told = project.register()

    assert told == ()
    made = project.deployment("sale")
    (schedule,) = made.schedules
    assert made.description == "Says {{ name }} as letters do."
    assert made.parameters == {"brief": "Dear {{ first_name }}"}
    assert (made.work_pool_name, made.tags, made.pull_steps) == ("presscheck", ["campaign", "shop"], [])
    assert made.parameter_openapi_schema["properties"]["brief"]["type"] == "string"
    assert made.entrypoint == f"flows/sale.py:sale_{project.tail}"
    assert made.global_concurrency_limit is not None
    assert made.global_concurrency_limit.limit == 2
    assert made.concurrency_options is not None
    assert made.concurrency_options.collision_strategy == "ENQUEUE"
    assert schedule.schedule.model_dump(include={"cron", "timezone"}) == {
        "cron": "0 9 * * 1",
        "timezone": "Europe/London",
    }
    assert schedule.active is False


def test_the_standing_duty_comes_by_itself_with_its_trigger(project: Project) -> None:
    project.decorate(sale="@campaign")

    project.register()

    with get_client(sync_client=True) as client:
        duty = client.read_deployment_by_name("escalate-reviews/escalate-reviews")
        automations = client.read_automations()
    assert duty.entrypoint == "flows.escalate_reviews.escalate_reviews"
    assert [schedule.active for schedule in duty.schedules] == [True]
    (mine,) = [one for one in automations if str(duty.id) in one.model_dump_json()]
    assert "{{ flow_run.id }}" in mine.model_dump_json()


def test_a_schedule_that_a_scheduler_switched_on_stays_on_until_its_decorator_says_another(project: Project) -> None:
    project.decorate(sale=f"@campaign({WEEKLY}))")
    project.register()
    made = project.deployment("sale")
    with get_client(sync_client=True) as client:
        client.update_deployment_schedule(made.id, made.schedules[0].id, active=True)
        client.create_deployment_schedules(made.id, [(CronSchedule(cron="0 8 * * 5"), True)])

    same = project.register()
    kept = {one.schedule.cron: one.active for one in project.deployment("sale").schedules}
    project.decorate(sale='@campaign(schedule="0 7 * * 2")')
    campaigns = Campaigns(project.settings)
    other = campaigns.register(project.inner, threading.Event())

    assert (same, other) == ((), ())
    assert kept == {"0 9 * * 1": True, "0 8 * * 5": True}
    assert {one.schedule.cron: one.active for one in project.deployment("sale").schedules} == {
        "0 8 * * 5": True,
        "0 7 * * 2": False,
    }
    assert campaigns.notes == (
        f"sale-{project.tail}: its schedule 0 9 * * 1 Europe/London stands in its file no more, and was taken away",
    )


def test_what_is_wrong_in_a_decorator_is_told_with_its_line_and_switched_off_and_the_rest_is_registered(
    project: Project,
) -> None:
    active = f"@campaign({WEEKLY}, active=True))"
    project.decorate(good=active, bad=active, late="@campaign")
    first = project.register()
    project.decorate(good=active, bad=active.replace("London", "Lundon"), new=active)

    told = project.register()

    assert first == ()
    assert project.there() == {"good": True, "bad": False, "late": False, "new": True}
    bad, late = told
    assert bad.startswith(f"bad-{project.tail} was not registered, and its schedule is off: flows/bad.py:4: ")
    assert "did you mean Europe/London?" in bad
    assert late == f"late-{project.tail} stands in no file any more; nothing starts it by itself"


def test_what_a_file_holds_that_does_not_load_twice_is_told_by_name_and_off_both_times(project: Project) -> None:
    active = f"@campaign({WEEKLY}, active=True))"
    project.decorate(sale=active)
    project.register()
    project.decorate(sale="@nothing_of_this_name")

    once = project.register()
    made = project.deployment("sale")
    with get_client(sync_client=True) as client:
        client.update_deployment_schedule(made.id, made.schedules[0].id, active=True)
    (again,) = project.register()

    assert once == (again,)
    assert again.startswith(f"sale-{project.tail} was not registered, and its schedule is off: flows/sale.py:4: ")
    assert project.there() == {"sale": False}


def test_another_flow_under_the_same_name_leaves_no_schedule_of_the_first_on(project: Project) -> None:
    project.write(one=SOUND, two=SOUND)
    file = project.folder / "deployments/prefect.yaml"
    document = json.loads(file.read_text())
    del document["deployments"][1]
    file.write_text(json.dumps(document))
    project.register()
    document["deployments"][0]["entrypoint"] = "flows/two.py:two"
    file.write_text(json.dumps(document))

    told = project.register()

    assert told == (f"one-{project.tail}: a schedule of it stands in no file any more, and was switched off",)
    with get_client(sync_client=True) as client:
        ways = {one: client.read_deployment_by_name(f"{one}/one-{project.tail}").schedules for one in ("one", "two")}
    assert {one: each[0].active for one, each in ways.items()} == {"one": False, "two": True}


def test_two_campaigns_of_one_name_are_told_with_both_places_and_neither_is_registered(project: Project) -> None:
    project.decorate(one=f'@campaign(name="same-{project.tail}")', two=f'@campaign(name="same-{project.tail}")')

    (told,) = project.register()

    assert f"flows/one.py:4 and flows/two.py:4 are both called same-{project.tail}; give one of them another" in told
    assert project.there() == {}


def test_a_hand_written_entry_wins_over_the_decorator_and_is_told(project: Project) -> None:
    project.decorate(sale=f"@campaign({WEEKLY}))")
    entry = {
        "name": f"sale-{project.tail}",
        "entrypoint": f"flows/sale.py:sale_{project.tail}",
        "work_pool": {"name": "presscheck"},
        "schedules": [{"slug": "mine", "cron": "0 6 * * *", "active": True}],
    }
    file = project.folder / "deployments/prefect.yaml"
    file.write_text(json.dumps({"name": "x", "pull": [], "deployments": [entry]}))
    campaigns = Campaigns(project.settings)

    told = campaigns.register(project.inner, threading.Event())

    assert told == ()
    assert [one.slug for one in project.deployment("sale").schedules] == ["mine"]
    (note,) = campaigns.notes
    assert "deployments/prefect.yaml:1 deploys it, so what flows/sale.py:4 says" in note


def test_a_schedule_that_leaves_the_file_is_switched_off_and_what_people_added_stays(project: Project) -> None:
    project.write(sale=SOUND)
    file = project.folder / "deployments/prefect.yaml"
    project.register()
    with get_client(sync_client=True) as client:
        made = client.read_deployment_by_name(f"sale/sale-{project.tail}")
        client.create_deployment_schedules(made.id, [(CronSchedule(cron="0 8 * * 5"), True)])
    document = json.loads(file.read_text())
    del document["deployments"][0]["schedules"]
    file.write_text(json.dumps(document))

    told = project.register()

    assert told == (f"sale-{project.tail}: a schedule of it stands in no file any more, and was switched off",)
    with get_client(sync_client=True) as client:
        left = client.read_deployment_by_name(f"sale/sale-{project.tail}").schedules
    assert {one.schedule.cron: one.active for one in left} == {"0 9 1 1 *": False, "0 8 * * 5": True}


def test_a_hand_written_schedule_does_not_go_on_beside_the_decorator_that_took_its_place(project: Project) -> None:
    project.decorate(sale="@campaign")
    entry = {
        "name": f"sale-{project.tail}",
        "entrypoint": f"flows/sale.py:sale_{project.tail}",
        "work_pool": {"name": "presscheck"},
        "schedules": [{"slug": "weekly", "cron": "0 9 * * 1", "active": True}],
    }
    file = project.folder / "deployments/prefect.yaml"
    file.write_text(json.dumps({"name": "x", "pull": [], "deployments": [entry]}))
    project.register()
    # As an earlier version left it: the entrypoint and no schedules.
    remembered = project.settings.home / "registered.json"
    remembered.write_text(
        json.dumps({name: one["entrypoint"] for name, one in json.loads(remembered.read_text()).items()})
    )
    project.decorate(sale=f"@campaign({WEEKLY}, active=True))")

    told = project.register()

    assert told == (f"sale-{project.tail}: a schedule of it stands in no file any more, and was switched off",)
    ways = {one.slug == "weekly": one.active for one in project.deployment("sale").schedules}
    assert ways == {True: False, False: True}


def test_a_misspelt_key_is_told_with_its_line_and_the_entry_is_not_registered(project: Project) -> None:
    project.write(good=SOUND, bad=SOUND)
    file = project.folder / "deployments/prefect.yaml"
    document = json.loads(file.read_text())
    document["deployments"][1]["shedules"] = document["deployments"][1].pop("schedules")
    file.write_text(json.dumps(document, indent=1))

    (told,) = project.register()

    line = next(at for at, text in enumerate(file.read_text().splitlines(), 1) if "shedules" in text)
    assert f"deployments/prefect.yaml:{line}: deployments[1].shedules: is not a known key" in told
    assert "did you mean schedules?" in told
    assert project.there() == {"good": True}


def test_what_prefect_does_not_take_of_a_hand_written_file_is_told_and_the_rest_is_registered(
    project: Project,
) -> None:
    project.write(good=SOUND, bad=SOUND, other=SOUND)
    file = project.folder / "deployments/prefect.yaml"
    document = json.loads(file.read_text())
    document["deployments"][1]["work_pool"]["name"] = "no-such-pool"
    file.write_text(json.dumps(document))

    (told,) = project.register()

    assert told.startswith(f"bad-{project.tail} was not registered, and its schedule is off: ")
    assert "'no-such-pool' which does not exist" in told
    assert project.there() == {"good": True, "other": True}


def test_a_file_of_deployments_that_cannot_be_read_is_told_and_changes_nothing(project: Project) -> None:
    (project.folder / "deployments/prefect.yaml").write_text("deployments: [\n")

    (told,) = project.register()

    assert "deployments/prefect.yaml: cannot be read" in told
    assert project.there() == {}
