"""The project that a command works on: its settings, its ledger, its door, each opened when first asked for."""

from collections.abc import Generator
from contextlib import contextmanager
from dataclasses import dataclass
from functools import cached_property
from pathlib import Path
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from presscheck.cli.client import DoorClient
    from presscheck.ledger import Ledger
    from presscheck.models import Process
    from presscheck.settings import Settings


@dataclass
class Project:
    """Where the user stands; nothing is read before it is needed."""

    folder: Path | None = None
    debug: bool = False

    @cached_property
    def settings(self) -> "Settings":
        """The project's settings; SettingsError names every fault."""
        from presscheck.wiring import read_settings

        return read_settings(self.folder)

    @contextmanager
    def ledger(self, process: "Process | None" = None) -> "Generator[Ledger, None, None]":
        """The ledger, for reading only or as one of the three processes; closed afterwards."""
        from presscheck.wiring import open_ledger

        opened = open_ledger(self.settings, process)
        try:
            yield opened
        finally:
            opened.close()

    @contextmanager
    def door(self) -> "Generator[DoorClient, None, None]":
        """The door as the signed-in person; NotSignedIn where nobody is."""
        from presscheck.cli.client import DoorClient
        from presscheck.cli.signed_in import load_session

        with DoorClient(self.settings.door_url, session=load_session(self.settings.door_url)) as client:
            yield client
