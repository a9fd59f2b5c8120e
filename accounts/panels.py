"""Facts that higher apps add to a connection on the connections page: its last poll, what is pulled, and the like."""

from collections.abc import Callable
from datetime import datetime
from typing import Any

from accounts.models import SpotifyConnection

Rows = list[tuple[str, Any]]  # (words, value); a datetime is shown in the person's zone
Panel = Callable[[SpotifyConnection, datetime], Rows]

_panels: list[Panel] = []


def on_panel(panel: Panel) -> Panel:
    """Register `panel(connection, now)`, from an `AppConfig.ready`."""
    if panel not in _panels:
        _panels.append(panel)
    return panel


def rows(connection: SpotifyConnection, now: datetime) -> Rows:
    return [row for panel in _panels for row in panel(connection, now)]
