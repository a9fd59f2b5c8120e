"""Which subjects a provider is asked about next: those wanted most that it was not asked about, or long ago."""

from collections.abc import Sequence
from datetime import datetime
from typing import Any

import numpy as np
from django.core.cache import cache
from django.db.models import Aggregate, Count, Exists, OuterRef, Q, QuerySet, TextField
from numpy.typing import NDArray

from ingest.actions import asked
from ingest.models import Artist, Finding, Track, Wanted
from ingest.providers.base import Kind, Provider, Subject
from ingest.upsert import parts

_AHEAD = 1_000  # subjects looked up at once; passing over what is done costs more than they do
_KEPT_S = 3_600
_FEW = 2_000  # tracks that are counted by their keys


def next_batch(provider: Provider, now: datetime) -> tuple[Kind, list[Subject]]:
    """What to ask about now, and of which kind; nothing if all is asked. What people asked about mostly comes first."""
    if asked.is_turn(provider) and (subjects := _of_people(provider, now)):
        return "track", subjects
    kind, subjects = _of_all(provider, now)
    return (kind, subjects) if subjects else ("track", _of_people(provider, now))


def _of_people(provider: Provider, now: datetime) -> list[Subject]:
    while ids := asked.next_ids(provider, provider.batch.get("track", 0)):
        subjects = _subjects(provider, "track", ids, now)
        left = {subject.id for subject in subjects}
        asked.pass_over(provider, [pk for pk in ids if pk not in left])
        if subjects:
            return subjects
    return []


def _of_all(provider: Provider, now: datetime) -> tuple[Kind, list[Subject]]:
    for kind, size in provider.batch.items():
        while ids := _taken(provider, kind, size, now):
            subjects = _subjects(provider, kind, ids, now)
            if subjects:
                return kind, subjects
    return "track", []


def put_back(provider: Provider, kind: Kind, subjects: Sequence[Subject]) -> None:
    """These were not asked after all: they come first again."""
    ids = [subject.id for subject in subjects]
    if kind == "track" and asked.put_back(provider, ids):
        return
    key = _key(provider, kind)
    cache.set(key, list(dict.fromkeys([*ids, *(cache.get(key) or ())])), _KEPT_S)


def due_among(provider: Provider, tracks: Sequence[int], now: datetime, *, again: bool = False) -> list[int]:
    """Of `tracks`, in that order, those that it can be asked about and was not lately; `again`: those too."""
    found: set[int] = set()
    for part in parts(tracks):
        rows = Track.objects.filter(provider.askable("track"), pk__in=part)
        rows = rows if again else rows.filter(~_fresh(provider, "track", now, "pk"))
        found |= set(rows.values_list("pk", flat=True))
    return [pk for pk in dict.fromkeys(tracks) if pk in found]


def count_among(provider: Provider, tracks: Sequence[int], now: datetime) -> tuple[int, int]:
    """How many of `tracks` it can be asked about, and of how many it was not lately."""
    ids = np.unique(np.array(tracks, dtype=np.int64))
    if ids.size <= _FEW:
        rows = Track.objects.filter(provider.askable("track"), pk__in=ids.tolist())
        told = rows.aggregate(askable=Count("pk"), fresh=Count("pk", filter=~_fresh(provider, "track", now, "pk")))
        return told["askable"], told["fresh"]
    askable = _among(ids, Track.objects.filter(provider.askable("track")), "pk")
    said = Finding.objects.filter(_not_again(now), provider=provider.name, version__gte=provider.version)
    return askable.size, askable.size - _among(askable, said, "track").size


def _among(ids: NDArray[np.int64], rows: QuerySet[Any], field: str) -> NDArray[np.int64]:
    """Those of many `ids` (sorted) that `rows` tell."""
    if not ids.size:
        return ids
    near = rows.filter(**{f"{field}__gte": int(ids[0]), f"{field}__lte": int(ids[-1])})
    told = np.fromstring(near.aggregate(ids=_Joined(field))["ids"] or "", dtype=np.int64, sep=",")
    return ids[np.isin(ids, told)]


class _Joined(Aggregate):
    """Keys as one text, with commas: rows of their own take the driver too long."""

    function = "GROUP_CONCAT"
    output_field = TextField()

    def as_postgresql(self, compiler: Any, connection: Any, **extra: Any) -> Any:
        return self.as_sql(compiler, connection, template="STRING_AGG((%(expressions)s)::text, ',')", **extra)


def due(provider: Provider, kind: Kind, now: datetime) -> QuerySet[Wanted]:
    """Everything to ask about, the most wanted first."""
    model: type[Track] | type[Artist] = Track if kind == "track" else Artist
    askable = model.objects.filter(provider.askable(kind), pk=OuterRef(f"{kind}_id"))
    rows = Wanted.objects.filter(~_fresh(provider, kind, now, f"{kind}_id"), Exists(askable))
    return rows.filter(**{f"{kind}__isnull": False}).order_by("rank", f"{kind}_id")


def _fresh(provider: Provider, kind: Kind, now: datetime, reference: str) -> Exists:
    """That it was asked, by the present version, and not too long ago."""
    said = Finding.objects.filter(provider=provider.name, version__gte=provider.version, **{kind: OuterRef(reference)})
    return Exists(said.filter(_not_again(now)))


def _not_again(now: datetime) -> Q:
    return Q(again_at=None) | Q(again_at__gt=now)


def _taken(provider: Provider, kind: Kind, size: int, now: datetime) -> list[int]:
    """The next ids, off a list that is kept ahead. The list is a hint: what was done meanwhile is left out later.

    What fails goes to the end with this: it comes again when the list was gone through, and holds up nobody.
    """
    key = _key(provider, kind)
    ahead: list[int] = cache.get(key) or []
    if not ahead:
        ahead = list(due(provider, kind, now).values_list(f"{kind}_id", flat=True)[:_AHEAD])
    cache.set(key, ahead[size:], _KEPT_S)
    return ahead[:size]


def _key(provider: Provider, kind: Kind) -> str:
    return f"enrich-ahead:{provider.name}:{kind}"


def _subjects(provider: Provider, kind: Kind, ids: list[int], now: datetime) -> list[Subject]:
    """Of `ids` those that are still to be asked about, in that order."""
    if kind == "artist":
        artists = Artist.objects.filter(~_fresh(provider, kind, now, "pk"), pk__in=ids)
        rows = artists.values_list("id", "name", "spotify_id", "musicbrainz_id")
        found = {
            pk: Subject(pk, name, spotify_id=spotify_id or "", musicbrainz_id=str(mbid or ""))
            for pk, name, spotify_id, mbid in rows
        }
    else:
        found = _tracks(Track.objects.filter(~_fresh(provider, kind, now, "pk"), pk__in=ids))
    return [found[pk] for pk in ids if pk in found]


def _tracks(tracks: QuerySet[Track]) -> dict[int, Subject]:
    fields = ("id", "name", "artist__name", "album__name", "spotify_id", "isrc", "duration_ms")
    rows = list(tracks.values_list(*fields))
    # What others said helps to ask: ISRCs of tracks that came without, ids of recordings.
    said: dict[int, dict[str, str]] = {}
    findings = Finding.objects.filter(track__in=[row[0] for row in rows], provider__in=("reccobeats", "musicbrainz"))
    for track, values in findings.values_list("track_id", "values"):
        said.setdefault(track or 0, {}).update(
            {name: values[name] for name in ("isrc", "musicbrainz_id") if name in values}
        )
    return {
        pk: Subject(
            pk,
            name,
            artist or "",
            album or "",
            spotify_id or "",
            isrc or said.get(pk, {}).get("isrc", ""),
            said.get(pk, {}).get("musicbrainz_id", ""),
            round((duration_ms or 0) / 1000),
        )
        for pk, name, artist, album, spotify_id, isrc, duration_ms in rows
    }
