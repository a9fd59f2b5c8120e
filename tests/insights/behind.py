"""The plays behind a figure: what the log lists at the address that it leads to."""

from datetime import datetime

from django.http import QueryDict

from accounts.models import User
from ingest import log, log_address


def behind(user: User, address: str) -> list[tuple[int, datetime]]:
    """(track, begin) of each row of the log, oldest first, on all its pages."""
    path, _mark, query = address.partition("?")
    assert path == "/log/", address
    asked = log_address.asked(QueryDict(query), user)
    assert not asked.problems
    found = log.Log(user, asked.filters)
    rows = [(entry.play.track_id, entry.play.started_at) for part in found.stream() for entry in part][::-1]
    assert len(rows) == len(found)
    return rows
