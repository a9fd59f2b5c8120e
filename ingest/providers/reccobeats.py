"""ReccoBeats: how tracks sound, forty at once, without a key. https://reccobeats.com/docs

The id of an answer is its own; which track it is about stands in `href`. Order and number tell nothing.
"""

from collections.abc import Callable, Sequence
from datetime import timedelta

from django.conf import settings
from django.db.models import Q

from ingest import names
from ingest.providers.base import Kind, Pace, Provider, Subject, Values, Wire

_SAME = ("valence", "energy", "danceability", "acousticness", "instrumentalness", "speechiness", "liveness")
_RENAMED = {"tempo": "tempo_bpm", "loudness": "loudness_db", "key": "key", "mode": "mode"}


class ReccoBeats(Provider):
    name = "reccobeats"
    label = "ReccoBeats"
    fields = (*_SAME, *_RENAMED.values())
    confidence = 0.9
    daily_calls = 20_000
    pace = Pace(10, timedelta(seconds=2))
    batch = {"track": 40}

    def askable(self, kind: Kind) -> Q:
        return Q(spotify_id__isnull=False)

    def ask(self, kind: Kind, subjects: Sequence[Subject], wire: Wire, keep: Callable[[int, Values], None]) -> None:
        by_id = {subject.spotify_id: subject for subject in subjects}
        answer = wire.get(f"{settings.RECCOBEATS_URL}/audio-features", ids=",".join(by_id))
        rows = answer.get("content") if isinstance(answer, dict) else None
        for row in rows if isinstance(rows, list) else ():
            subject = by_id.get(_spotify_id(row)) if isinstance(row, dict) else None
            if subject is not None:
                keep(subject.id, _values(row))


def _spotify_id(row: dict) -> str:
    return str(row.get("href") or "").partition("?")[0].rstrip("/").rpartition("/")[2]


def _values(row: dict) -> Values:
    values: Values = {name: row[name] for name in _SAME if row.get(name) is not None}
    values |= {ours: row[theirs] for theirs, ours in _RENAMED.items() if row.get(theirs) is not None}
    if code := names.isrc(str(row.get("isrc") or "")):
        values["isrc"] = code
    return values
