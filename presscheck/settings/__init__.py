"""What a project sets in `presscheck.toml`, its sections one after the other, and the secrets beside it."""

from presscheck.settings.settings import Settings

__all__ = ["Settings"]
