"""Backups: a copy of a home that leads somewhere, and the way back from one."""

from presscheck.backups.folder import Contents, read_backup
from presscheck.backups.lost import Lost
from presscheck.backups.restoring import Restored, restore
from presscheck.backups.taking import Taken, take_backup

__all__ = ["Contents", "Lost", "Restored", "Taken", "read_backup", "restore", "take_backup"]
