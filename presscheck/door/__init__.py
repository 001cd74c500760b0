"""The door: the only published port. Pages and API of our own, Prefect's behind it, rights per role."""

from presscheck.door.serving import serve

__all__ = ["serve"]
