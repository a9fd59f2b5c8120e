"""MusicBrainz: which recording a track is, its genres and tags. One call a second.

https://musicbrainz.org/doc/MusicBrainz_API
"""

import re
from collections.abc import Callable, Sequence
from datetime import timedelta
from typing import Any

from django.conf import settings
from django.db.models import Q

from ingest import names
from ingest.providers.base import Kind, Pace, Provider, Subject, Values, Wire

_NEAR_S = 10  # a length may be off by this, where names alone say that it is the same
_QUOTED = re.compile(r'[\\"]')


class MusicBrainz(Provider):
    name = "musicbrainz"
    label = "MusicBrainz"
    fields = ("genres", "tags", "musicbrainz_id")
    confidence = 0.85
    daily_calls = 30_000
    pace = Pace(1, timedelta(seconds=1.1))
    batch = {"track": 1, "artist": 1}

    def askable(self, kind: Kind) -> Q:
        return Q(artist__isnull=False) if kind == "track" else Q(musicbrainz_id__isnull=False)

    def ask(self, kind: Kind, subjects: Sequence[Subject], wire: Wire, keep: Callable[[int, Values], None]) -> None:
        for subject in subjects:
            told = self._artist(subject, wire) if kind == "artist" else self._recording(subject, wire)
            keep(subject.id, _values(told, subject) if told else {})

    def _artist(self, subject: Subject, wire: Wire) -> dict[str, Any] | None:
        url = f"{settings.MUSICBRAINZ_URL}/artist/{subject.musicbrainz_id}"
        answer = wire.get(url, inc="genres tags", fmt="json")
        return answer if isinstance(answer, dict) else None

    def _recording(self, subject: Subject, wire: Wire) -> dict[str, Any] | None:
        """By ISRC where there is one, else by names that are the same, folded."""
        if subject.isrc:
            url = f"{settings.MUSICBRAINZ_URL}/isrc/{subject.isrc}"
            found = _recordings(wire.get(url, inc="genres tags artist-credits", fmt="json"))
            return next(
                (row for row in found if names.key(str(row.get("title"))) == names.key(subject.name)), None
            ) or (found[0] if found else None)
        query = f'recording:"{_plain(subject.name)}" AND artist:"{_plain(subject.artist)}"'
        found = _recordings(wire.get(f"{settings.MUSICBRAINZ_URL}/recording", query=query, limit=10, fmt="json"))
        return next((row for row in found if _is_same(row, subject)), None)


def _plain(text: str) -> str:
    return _QUOTED.sub(" ", text)


def _recordings(answer: Any) -> list[dict[str, Any]]:
    rows = answer.get("recordings") if isinstance(answer, dict) else None
    return [row for row in rows if isinstance(row, dict) and row.get("id")] if isinstance(rows, list) else []


def _is_same(row: dict[str, Any], subject: Subject) -> bool:
    length = row.get("length")
    near = not subject.duration_s or not length or abs(length / 1000 - subject.duration_s) <= _NEAR_S
    credits = row.get("artist-credit") or [{}]
    credit = credits[0].get("name") or ""
    return near and names.song_key(str(credit), str(row.get("title"))) == names.song_key(subject.artist, subject.name)


def _values(told: dict[str, Any], subject: Subject) -> Values:
    values: Values = {"musicbrainz_id": str(told["id"])}
    for key in ("genres", "tags"):
        counts = {str(row.get("name")): max(0, int(row.get("count") or 0)) for row in told.get(key) or ()}
        most = max(counts.values(), default=0)
        if most:
            values[key] = {name: round(count / most, 3) for name, count in counts.items() if count}
    credits = told.get("artist-credit") or ()
    artist = (credits[0].get("artist") or {}) if credits else {}
    if artist.get("id") and names.key(str(artist.get("name"))) == names.key(subject.artist):
        values["artist_musicbrainz_id"] = str(artist["id"])
    return values
