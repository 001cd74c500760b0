"""Imports what a run imports, once and before it: Great Expectations alone takes 3 to 18 s."""

import atexit
import gc
import importlib

from presscheck.worker.warmth import FULL, LIGHT

# What opening a ledger, judging and drafting import at their first use.
_BESIDE = (
    *(
        "alembic.command",
        "mako.template",
        "policies",
        "holidays.countries",
        "cedarpy",
        "rapidfuzz",
        "presscheck.providers",
    ),
    *("tasks.briefs", "tasks.screening", "prefect.artifacts", "prefect.utilities.visualization", "pyarrow.parquet"),
    *("anyascii._data", "idna.uts46data", "encodings.punycode", "encodings.utf_8_sig"),
)


def warm_up() -> None:
    """Import what campaigns run on: all of it is installed, and nothing of it is the project's."""
    gc.disable()
    try:
        for module in (*LIGHT, *FULL, *_BESIDE):
            importlib.import_module(module)
    finally:
        # Of the hundred thousands of objects that were made here none goes, and no test shall look through them again.
        gc.freeze()
        gc.enable()
        # What is frozen would be missed when the interpreter ends.
        atexit.register(gc.unfreeze)
