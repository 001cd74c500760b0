"""Great Expectations as we run it: it calls nobody, keeps nothing, and shows no bars.

Importing this module imports it (5 to 18 s, 268 MB): import it inside the function that counts.
"""

import logging
import os
from typing import Any

# Read while it is imported; nothing here may call home.
os.environ["GX_ANALYTICS_ENABLED"] = "false"

import great_expectations as gx
from great_expectations.data_context.types.base import ProgressBarsConfig

# This logger sets itself to INFO, to tell of a folder for documents that are never built.
logging.getLogger("great_expectations.data_context.types.base").setLevel(logging.WARNING)

VERSION = f"Great Expectations {gx.__version__}"


def quiet_context() -> Any:
    """A context of Great Expectations that keeps nothing and shows no bars."""
    context = gx.get_context(mode="ephemeral")
    context.variables.progress_bars = ProgressBarsConfig(globally=False)
    return context


def reason(info: Any) -> str:
    """The first message in GX's exception_info, which is flat or keyed by metric."""
    entries = [info, *info.values()] if isinstance(info, dict) else []
    for entry in entries:
        if isinstance(entry, dict) and entry.get("exception_message"):
            return " ".join(str(entry["exception_message"]).split())
    return "it gave no answer and no reason"
