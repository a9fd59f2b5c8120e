"""One person's plays as arrays on disk: what every statistic and rule reads.

Derived from `Play` and never the truth; see `docs/decisions/0010-columns.md`.
"""

from ingest.columns.keeping import catch_up, check, folder, forget, load, read_plays, rebuild, thin
from ingest.columns.rows import (
    EMPTY,
    INCOGNITO,
    OFFLINE,
    ROW,
    SHUFFLE,
    SKIPPED,
    Columns,
    Rows,
    event_of,
    of_rows,
    row_of,
)

__all__ = [
    "EMPTY",
    "INCOGNITO",
    "OFFLINE",
    "ROW",
    "SHUFFLE",
    "SKIPPED",
    "Columns",
    "Rows",
    "catch_up",
    "check",
    "event_of",
    "folder",
    "forget",
    "load",
    "of_rows",
    "read_plays",
    "rebuild",
    "row_of",
    "thin",
]
