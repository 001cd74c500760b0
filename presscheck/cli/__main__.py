"""`python -m presscheck.cli` is `presscheck`."""

from presscheck.cli import main

main(prog_name="presscheck")
