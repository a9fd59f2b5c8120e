"""Listening sessions."""

from datetime import datetime
from typing import Any

from django.http import Http404, HttpRequest
from ninja import Field, Query, Router, Schema

from accounts.api import within
from accounts.fields import from_ms
from ingest import lens
from ingest.api import TrackOut, person
from ingest.models import Artist
from insights.actions.sessions import Book
from insights.analysis import sessions as session_figures
from insights.api.asked import AUTH, Asked, Basis, Range

router = Router()


class SessionOut(Schema):
    """One session; `start` names it, in ms since 1970 UTC."""

    start: int
    started_at: datetime
    ended_at: datetime
    heard_ms: int
    plays: int
    skips: int
    top_artist: str | None


class StartedOut(Schema):
    """One thing that was started in a session."""

    at: datetime
    ms: int
    counts: bool
    skipped: bool
    track: TrackOut


class SessionTracks(Schema):
    session: SessionOut
    items: list[StartedOut] = Field(..., description="in the order in which they were started")
    next: int | None = Field(None, description="give it as `after` to read on")


class SessionPage(Schema):
    basis: Basis
    gap_min: int
    count: int
    items: list[SessionOut]
    next: int | None = Field(None, description="give it as `before` to read on")


@router.get("/sessions", response=SessionPage, auth=AUTH, summary="Sessions, newest first")
def sessions(
    request: HttpRequest,
    words: Query[Range],
    before: int | None = None,
    limit: int = 50,
) -> dict[str, Any]:
    asked = Asked(request, words)
    book = Book(asked.reading)
    inside = book.found.between(asked.period.start_ms, asked.period.end_ms)
    stop = inside.stop if before is None else min(inside.stop, book.found.between(None, before).stop)
    first = max(inside.start, stop - within(limit))
    described = session_figures.describe(book.found, range(first, stop))[::-1]
    names = Artist.objects.in_bulk({session.artist for session in described})
    items = [_told(session, names.get(session.artist)) for session in described]
    return {
        "basis": asked.basis,
        "gap_min": book.gap_min,
        "count": inside.stop - inside.start,
        "items": items,
        "next": described[-1].started if first > inside.start and described else None,
    }


@router.get("/sessions/{start}/tracks", response=SessionTracks, auth=AUTH, summary="What was started in one session")
def tracks(request: HttpRequest, start: int, after: int = 0, limit: int = 50) -> dict[str, Any]:
    """`start` is any moment of the session, in ms since 1970 UTC; `after` is a number of tracks passed over."""
    book = Book(lens.read(person(request)))
    number = book.number(start) if abs(start) < 2**62 else None
    if number is None:
        raise Http404
    first, size = max(0, after), within(limit)
    one = book.one(number, start=min(first, 2**31), size=size)
    session = one.line.session
    return {
        "session": _told(session, one.line.artist),
        "items": [
            {"at": each.at, "ms": each.ms, "counts": each.counts, "skipped": each.skipped, "track": each.track}
            for each in one.tracks
        ],
        "next": first + size if first + size < session.rows else None,
    }


def _told(session: session_figures.Session, artist: Artist | None) -> dict[str, Any]:
    return {
        "start": session.started,
        "started_at": from_ms(session.started),
        "ended_at": from_ms(session.ended),
        "heard_ms": session.heard_ms,
        "plays": session.plays,
        "skips": session.skips,
        "top_artist": artist.name if artist else None,
    }
