"""Presscheck: nothing that a machine made reaches the public until the right person signed exactly that."""

__version__ = "0.1.0"
__all__ = ["__version__"]
