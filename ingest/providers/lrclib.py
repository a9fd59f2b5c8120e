"""LRCLIB: what a track's words are like. Only what `ingest.lyrics` counts is kept. https://lrclib.net/docs"""

from collections.abc import Callable, Sequence
from datetime import timedelta
from typing import Any

from django.conf import settings
from django.db.models import Q

from ingest import lyrics
from ingest.providers.base import Kind, Pace, Provider, Subject, Values, Wire


class LrcLib(Provider):
    name = "lrclib"
    label = "LRCLIB"
    sort = "lyrics"
    fields = ("lyrics",)
    confidence = 0.8
    daily_calls = 20_000
    pace = Pace(5, timedelta(seconds=1))
    batch = {"track": 5}
    ttl = timedelta(days=3650)  # words do not change
    missing_ttl = timedelta(days=90)

    def why_off(self) -> str:
        return "" if settings.LRCLIB_URL else "LRCLIB_URL"

    def askable(self, kind: Kind) -> Q:
        return Q(artist__isnull=False, duration_ms__isnull=False)

    def ask(self, kind: Kind, subjects: Sequence[Subject], wire: Wire, keep: Callable[[int, Values], None]) -> None:
        for subject in subjects:
            params: dict[str, str | int] = {"track_name": subject.name, "artist_name": subject.artist}
            if subject.album:
                params["album_name"] = subject.album
            told = wire.get(f"{settings.LRCLIB_URL}/get", **params, duration=subject.duration_s)
            found = _facts(told) if isinstance(told, dict) else None
            keep(subject.id, {"lyrics": dict(found)} if found is not None else {})


def _facts(told: dict[str, Any]) -> lyrics.Facts | None:
    text = told.get("plainLyrics") or told.get("syncedLyrics") or ""
    if told.get("instrumental"):
        return lyrics.facts("")
    return lyrics.facts(str(text)) if text else None
