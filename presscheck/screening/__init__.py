"""Columnar work on millions of rows: segments, audiences and catalogues, with DuckDB.

Importing this package imports none of the engines; they load with the first call.
"""

from presscheck.screening.audience import AudienceLimits, ScreenedAudience
from presscheck.screening.segment import run_segment
from presscheck.screening.suppression import load_suppressions

__all__ = ["AudienceLimits", "ScreenedAudience", "load_suppressions", "run_segment"]
