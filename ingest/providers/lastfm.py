"""Last.fm: tags and listeners of tracks and artists. https://www.last.fm/api

Errors come with HTTP 200, a list of one comes as an object, numbers come as strings.
"""

from collections.abc import Callable, Sequence
from datetime import timedelta
from typing import Any

from django.conf import settings
from django.db.models import Q

from ingest.providers.base import Kind, Pace, Provider, Subject, Values, Wire
from ingest.providers.errors import Busy, Down, Refused

_NOT_FOUND, _RATE, _OFFLINE = 6, 29, (8, 11, 16)
_STEP = 0.15  # tags of a track come without counts, in order: each next one weighs so much less


class LastFm(Provider):
    name = "lastfm"
    label = "Last.fm"
    fields = ("tags", "listeners")
    confidence = 0.8
    daily_calls = 50_000
    pace = Pace(4, timedelta(seconds=1))  # five a second are allowed
    batch = {"track": 4, "artist": 2}

    def why_off(self) -> str:
        return "" if settings.LASTFM_API_KEY else "LASTFM_API_KEY"

    def askable(self, kind: Kind) -> Q:
        return Q(artist__isnull=False) if kind == "track" else Q()

    def ask(self, kind: Kind, subjects: Sequence[Subject], wire: Wire, keep: Callable[[int, Values], None]) -> None:
        for subject in subjects:
            keep(subject.id, self._artist(subject, wire) if kind == "artist" else self._track(subject, wire))

    def _track(self, subject: Subject, wire: Wire) -> Values:
        told = _call(wire, "track.getInfo", artist=subject.artist, track=subject.name, autocorrect=1).get("track") or {}
        names = [row.get("name") for row in _rows((told.get("toptags") or {}).get("tag"))]
        tags = {str(name): round(max(0.2, 1 - _STEP * place), 2) for place, name in enumerate(names) if name}
        return _values(told.get("listeners"), tags)

    def _artist(self, subject: Subject, wire: Wire) -> Values:
        told = _call(wire, "artist.getInfo", artist=subject.name, autocorrect=1).get("artist") or {}
        if not told:
            return {}
        top = _call(wire, "artist.getTopTags", artist=subject.name, autocorrect=1).get("toptags") or {}
        rows = [(row.get("name"), _number(row.get("count"))) for row in _rows(top.get("tag"))]
        tags = {str(name): min(count, 100) / 100 for name, count in rows if name and count}
        return _values((told.get("stats") or {}).get("listeners"), tags)


def _call(wire: Wire, method: str, **params: str | int) -> dict[str, Any]:
    """The answer; an empty one for what is not found. Raises ProviderError."""
    key = {"api_key": settings.LASTFM_API_KEY, "format": "json"}
    answer = wire.get(settings.LASTFM_URL, method=method, **params, **key)
    if not isinstance(answer, dict):
        return {}
    code = answer.get("error")
    if code is None:
        return answer
    if code == _NOT_FOUND:
        return {}
    told = f"error {code}: {answer.get('message', '')}"
    if code == _RATE:
        raise Busy(None, told)
    if code in _OFFLINE:
        raise Down(told)
    raise Refused(told)


def _values(listeners: Any, tags: dict[str, float]) -> Values:
    values: Values = {"tags": tags} if tags else {}
    if count := _number(listeners):
        values["listeners"] = count
    return values


def _rows(told: Any) -> list[dict[str, Any]]:
    rows = told if isinstance(told, list) else [told]
    return [row for row in rows if isinstance(row, dict)]


def _number(text: Any) -> int:
    return int(text) if str(text).isdecimal() else 0
