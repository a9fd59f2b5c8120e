"""One person's plays as arrays on disk: what every statistic and rule reads.

Derived from `Play` and never the truth; see `docs/decisions/0010-columns.md`.
"""

from ingest.columns.keeping import (
    State,
    catch_up,
    check,
    folder,
    follow,
    forget,
    load,
    longest,
    read_plays,
    rebuild,
    thin,
)
from ingest.columns.rows import (
    EMPTY,
    INCOGNITO,
    OFFLINE,
    ORIGIN_BITS,
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
    "ORIGIN_BITS",
    "ROW",
    "SHUFFLE",
    "SKIPPED",
    "Columns",
    "Rows",
    "State",
    "catch_up",
    "check",
    "event_of",
    "folder",
    "follow",
    "forget",
    "load",
    "longest",
    "of_rows",
    "read_plays",
    "rebuild",
    "row_of",
    "thin",
]
