"""`python -m presscheck.door`: the door as a process of its own."""

import sys

from presscheck.door import serve
from presscheck.errors import PresscheckError
from presscheck.wiring import read_settings


def main() -> int:
    """Serve until told to stop; a fault of the user's is a line on standard error and its exit code."""
    try:
        serve(read_settings())
    except PresscheckError as error:
        print(error, file=sys.stderr)  # noqa: T201 - the only thing this process says by itself.
        return error.exit_code
    return 0


if __name__ == "__main__":
    sys.exit(main())
