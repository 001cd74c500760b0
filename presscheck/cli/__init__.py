"""The command line: what people type, and answers that a person or a script can read.

Nothing heavy is imported before a command asks for it, so that `presscheck --help` answers at once.
"""

from presscheck.cli.root import presscheck as main

__all__ = ["main"]
