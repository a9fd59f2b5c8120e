"""Which subjects a provider is asked about next: those wanted most that it was not asked about, or long ago."""

from collections.abc import Sequence
from datetime import datetime

from django.core.cache import cache
from django.db.models import Exists, OuterRef, Q, QuerySet

from ingest.models import Artist, Finding, Track, Wanted
from ingest.providers.base import Kind, Provider, Subject
from ingest.upsert import parts

_AHEAD = 1_000  # subjects looked up at once; passing over what is done costs more than they do
_KEPT_S = 3_600


def next_batch(provider: Provider, now: datetime) -> tuple[Kind, list[Subject]]:
    """What to ask about now, and of which kind; nothing if all is asked."""
    for kind, size in provider.batch.items():
        while ids := _taken(provider, kind, size, now):
            subjects = _subjects(provider, kind, ids, now)
            if subjects:
                return kind, subjects
    return "track", []


def put_back(provider: Provider, kind: Kind, subjects: Sequence[Subject]) -> None:
    """These were not asked after all."""
    _put(provider, kind, [subject.id for subject in subjects])


def put_first(provider: Provider, tracks: Sequence[int]) -> None:
    """Somebody waits for these: they come before all others."""
    _put(provider, "track", tracks)


def keep_first(provider: Provider, tracks: Sequence[int]) -> None:
    """The same for those that are not near the front any more: pushed back by others, or taken and not answered."""
    ahead: list[int] = cache.get(_key(provider, "track")) or []
    near = set(ahead[: max(_AHEAD, len(tracks))])
    if lost := [pk for pk in tracks if pk not in near]:
        _put(provider, "track", lost)


def _put(provider: Provider, kind: Kind, ids: Sequence[int]) -> None:
    """Put these in front. Each stands there once: who waits asks for the same again and again."""
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


def due(provider: Provider, kind: Kind, now: datetime) -> QuerySet[Wanted]:
    """Everything to ask about, the most wanted first."""
    model: type[Track] | type[Artist] = Track if kind == "track" else Artist
    askable = model.objects.filter(provider.askable(kind), pk=OuterRef(f"{kind}_id"))
    rows = Wanted.objects.filter(~_fresh(provider, kind, now, f"{kind}_id"), Exists(askable))
    return rows.filter(**{f"{kind}__isnull": False}).order_by("rank", f"{kind}_id")


def _fresh(provider: Provider, kind: Kind, now: datetime, reference: str) -> Exists:
    """That it was asked, by the present version, and not too long ago."""
    said = Finding.objects.filter(provider=provider.name, version__gte=provider.version, **{kind: OuterRef(reference)})
    return Exists(said.filter(Q(again_at=None) | Q(again_at__gt=now)))


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
