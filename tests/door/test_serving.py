"""The door's socket, as asyncio finds it."""

import socket
from pathlib import Path

import pytest

from presscheck.door import serving
from presscheck.settings import Settings
from tests.conftest import free_port


def test_no_answer_waits_for_an_acknowledgement(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    found: list[socket.socket] = []
    monkeypatch.setattr(serving, "_serve", lambda settings, listening: found.append(listening))

    serving.serve(Settings(project=tmp_path, home=tmp_path, door_port=free_port()).resolved())

    # What asyncio goes by when it switches Nagle's algorithm off for each connection.
    assert found[0].proto == socket.IPPROTO_TCP
