"""The press: the third process, and the only one that reaches the public."""

from presscheck.press.press import Press

__all__ = ["Press"]
