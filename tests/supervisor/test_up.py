"""Setting up: who is told which secret, what is refused before anything starts, what is left afterwards."""

import os
import socket
import ssl
from pathlib import Path

import pytest

from presscheck.errors import SettingsError
from presscheck.settings import Settings
from presscheck.supervisor import Child, Supervisor, plan
from presscheck.wiring import read_settings
from tests.conftest import free_port

ROOT = Path(__file__).parents[2]


@pytest.fixture
def settings(tmp_path: Path) -> Settings:
    return Settings(
        project=ROOT, home=tmp_path / "home", data=tmp_path, door_port=free_port(), prefect_port=free_port()
    ).resolved()


def _registering(settings: Settings) -> Child:
    return plan.registering(settings, {})


@pytest.mark.parametrize("setting", ["door_port", "prefect_port"])
def test_a_port_that_is_taken_is_named_with_its_setting_and_nothing_is_started(
    settings: Settings, setting: str
) -> None:
    with socket.socket() as taken:
        taken.bind(("127.0.0.1", 0))
        taken.listen()
        port = taken.getsockname()[1]

        with Supervisor(settings.model_copy(update={setting: port})) as supervisor:
            with pytest.raises(SettingsError, match=rf"port {port} .* taken .* with {setting} "):
                supervisor.start()

    assert list((settings.home / "logs").iterdir()) == []
    assert not settings.keys.exists()


def test_a_second_one_on_the_same_home_is_refused(settings: Settings) -> None:
    with Supervisor(settings):
        with pytest.raises(SettingsError, match="another `presscheck up` runs here"):
            with Supervisor(settings):
                pass

    with Supervisor(settings):
        pass


def test_prefects_password_is_made_once_and_only_we_may_read_it(settings: Settings) -> None:
    made = plan.prefect_auth(settings)

    assert plan.prefect_auth(settings) == made
    assert len(made) > 40
    assert settings.prefect_auth_file.stat().st_mode & 0o777 == 0o600


def test_every_process_is_told_the_same_settings_and_the_press_no_password(
    settings: Settings, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setenv("PREFECT_API_URL", "https://somebody.else/api")
    monkeypatch.setenv("PRESSCHECK_VIA", "pigeon")
    password = plan.prefect_auth(settings)

    for child in (plan.worker(settings), plan.door(settings), plan.press(settings)):
        with monkeypatch.context() as patched:
            for name in [name for name in os.environ if name.startswith("PRESSCHECK_")]:
                patched.delenv(name)
            for name, value in child.env.items():
                patched.setenv(name, value)
            assert read_settings() == settings
    told = {
        child.name: password in child.env.values()
        for child in (plan.server(settings), plan.worker(settings), plan.door(settings), plan.press(settings))
    }
    assert told == {"server": True, "worker": True, "door": False, "press": False}
    assert all("somebody.else" not in " ".join(child.env.values()) for child in (plan.worker(settings),))


def test_no_secret_stands_on_a_command_line(settings: Settings) -> None:
    password = plan.prefect_auth(settings).partition(":")[2]

    commands = [plan.server, plan.worker, plan.door, plan.press, _registering]

    assert all(password not in " ".join(make(settings).command) for make in commands)


def test_whatever_the_worker_is_spared_the_server_on_loopback_does_without(settings: Settings) -> None:
    env = plan.worker(settings).env

    assert env["PREFECT_API_URL"].startswith("http://127.0.0.1:")
    assert not any("CSRF" in name for name in plan.server(settings).env)
    # Whom such a run would trust, should it ever be asked to speak in TLS.
    [authority] = ssl.create_default_context(cafile=env["PREFECT_API_SSL_CERT_FILE"]).get_ca_certs()
    assert "Vouches for nobody" in str(authority["subject"])
    for child in (plan.server(settings), plan.door(settings), plan.press(settings), _registering(settings)):
        assert not plan.SPARED.keys() & child.env.keys()


def test_nothing_calls_home(settings: Settings) -> None:
    for make in (plan.server, plan.worker, _registering):
        env = make(settings).env
        assert env["PREFECT_SERVER_ANALYTICS_ENABLED"] == "false"
        assert env["DO_NOT_TRACK"] == "1"
        assert env["PREFECT_HOME"] == str(settings.prefect_home)
        assert "127.0.0.1" in " ".join([*make(settings).command, env.get("PREFECT_API_URL", "")])


def test_a_folder_without_campaigns_uses_those_of_the_checkout(tmp_path: Path) -> None:
    settings = Settings(project=tmp_path).resolved()

    assert plan.code_folder(settings) == ROOT
