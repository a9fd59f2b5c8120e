"""A person's tracks for programs: which are theirs, by which id they go, and what everybody told of each."""

from collections import defaultdict
from collections.abc import Iterable, Mapping, Sequence
from datetime import datetime
from typing import Any

from django.db.models import Min, Q
from django.http import Http404

from accounts.models import User
from ingest import facts, lens
from ingest.models import (
    AudioFeatures,
    Finding,
    OwnFact,
    ProviderState,
    SourceTrack,
    Track,
    TrackArtist,
    TrackSource,
    TrackTag,
)
from ingest.providers.registry import BY_NAME, PROVIDERS, is_on

CLASSIFIER = "mood_v1"
LABELS = {"mood": "moods", "genre": "genres", "year": "year"}  # the older tool's words, and the fields of `OwnFact`
EXTERNAL, MANUAL = "external_features", "manual"
STANDS_IN = {"acousticbrainz": "reccobeats"}  # one that is no more, and who answers in its place
_PLAIN = ("valence", "energy", "danceability", "acousticness", "instrumentalness", "speechiness", "liveness",
          "tempo_bpm", "loudness_db", "key", "mode")  # fmt: skip
_LISTED = ("pk", "spotify_id", "name", "artist__name", "artist__spotify_id", "album__name", "album__spotify_id",
           "album__released_on", "duration_ms", "explicit", "isrc")  # fmt: skip
PART = 5_000  # ids of one statement


def ref(track: Track) -> str:
    """By which id programs know it: Spotify's, else ours."""
    return track.spotify_id or str(track.pk)


def find(user: User, asked: str) -> Track:
    """The track of that id if it is one of the person's; Http404 for any other, whether or not there is one."""
    tracks = Track.objects.select_related("artist", "album")
    track = tracks.filter(spotify_id=asked[:40].replace("\0", "")).first()
    if track is None and asked.isascii() and asked.isdecimal() and len(asked) < 10:
        track = tracks.filter(pk=int(asked)).first()
    if track is None or not (_is_kept(user, track) or len(lens.read(user).heard().of("tracks", track.pk))):
        raise Http404
    return track


def _is_kept(user: User, track: Track) -> bool:
    return SourceTrack.objects.filter(source__user=user, track=track).exists()


def listed(ids: Sequence[int], added: Mapping[int, datetime] | None = None) -> list[dict[str, Any]]:
    """Tracks by key, in that order, in the older tool's words."""
    return list(listed_by_key(ids, added or {}).values())


def listed_by_key(ids: Sequence[int], added: Mapping[int, datetime]) -> dict[int, dict[str, Any]]:
    found: dict[int, dict[str, Any]] = {}
    credits: dict[int, list[str]] = defaultdict(list)
    for start in range(0, len(ids), PART):
        part = ids[start : start + PART]
        said = TrackArtist.objects.filter(track__in=part).order_by("track_id", "position")
        for pk, name in said.values_list("track_id", "artist__name"):
            credits[pk].append(name)
        for row in Track.objects.filter(pk__in=part).values_list(*_LISTED):
            found[row[0]] = _listed(row, credits[row[0]], added.get(row[0]))
    return {pk: found[pk] for pk in ids if pk in found}


def _listed(row: tuple[Any, ...], artists: list[str], added_at: datetime | None) -> dict[str, Any]:
    """`artist` and `album` are those that the track is filed under, `artists` all that are credited."""
    pk, spotify_id, name, artist, artist_id, album, album_id, released_on, duration_ms, explicit, isrc = row
    return {
        "id": spotify_id or str(pk),
        "name": name,
        "artists": artists or ([artist] if artist else []),
        "artist": artist or "",
        "artist_id": artist_id,
        "album": album or "",
        "album_id": album_id,
        "release_date": released_on or None,
        "duration_ms": duration_ms,
        "explicit": explicit,
        "isrc": isrc or None,
        "uri": f"spotify:track:{spotify_id}" if spotify_id else None,
        "added_at": added_at.isoformat() if added_at else None,
    }


def added(ids: Sequence[int], sources: Iterable[TrackSource]) -> dict[int, datetime]:
    """When each was first added to one of these sources, as far as that is told."""
    chosen = [source.pk for source in sources]
    known: dict[int, datetime] = {}
    for start in range(0, len(ids), PART):
        rows = SourceTrack.objects.filter(
            source__in=chosen, track__in=ids[start : start + PART], added_at__isnull=False
        )
        known |= dict(rows.values("track_id").annotate(at=Min("added_at")).values_list("track_id", "at"))
    return known


def refs(ids: Sequence[int]) -> dict[int, str]:
    """By which id each goes."""
    known: dict[int, str] = {}
    for start in range(0, len(ids), PART):
        rows = Track.objects.filter(pk__in=ids[start : start + PART]).values_list("pk", "spotify_id")
        known |= {pk: spotify_id or str(pk) for pk, spotify_id in rows}
    return known


def entries(user: User, ids: Sequence[int]) -> dict[str, list[dict[str, Any]]]:
    """What was told of each track, the weakest word first and the person's own last; only of what anybody told of."""
    said: dict[int, list[Finding]] = defaultdict(list)
    for finding in Finding.objects.filter(track__in=ids).exclude(values={}).order_by("pk"):
        said[finding.track_id or 0].append(finding)
    own: dict[int, list[OwnFact]] = defaultdict(list)
    for row in OwnFact.objects.of(user).filter(track__in=ids).order_by("pk"):
        own[row.track_id].append(row)
    names = refs(sorted({*said, *own}))
    return {
        names[pk]: [*(_entry(each) for each in _by_trust(said[pk])), *_own_entry(own[pk])]
        for pk in ids
        if pk in names and (pk in said or pk in own)
    }


def _by_trust(findings: list[Finding]) -> list[Finding]:
    usable = [each for each in findings if isinstance(each.values, dict)]
    return sorted(usable, key=lambda each: (each.provider == MANUAL, each.confidence, each.provider, each.version))


def _entry(finding: Finding) -> dict[str, Any]:
    provider = BY_NAME.get(finding.provider)
    return {
        "source": provider.sort if provider else EXTERNAL,
        "provider": finding.provider,
        "version": f"v{finding.version}",
        "timestamp": finding.fetched_at.isoformat(),
        "categories": categories(finding),
    }


def categories(finding: Finding) -> dict[str, Any]:
    """What one provider told, in the words that rules ask: moods and genres as lists, the best first."""
    accepted = facts.fold([facts.Said(finding.provider, finding.values, finding.confidence, finding.version)])
    told: dict[str, Any] = {name: value for name, (value, _by) in accepted.numbers.items()}
    for kind, name in accepted.tags:
        told.setdefault({1: "genre", 2: "mood"}.get(kind, "tag"), []).append(name)
    if accepted.lyrics is not None:
        words = accepted.lyrics[0]
        told |= {"language": words.get("language") or None, "theme": list(words.get("themes") or [])}
    return told


def _own_entry(rows: list[OwnFact]) -> list[dict[str, Any]]:
    if not rows:
        return []
    called = {field: label for label, field in LABELS.items()}
    return [
        {
            "source": MANUAL,
            "provider": MANUAL,
            "version": "v1",
            "timestamp": max(row.made_at for row in rows).isoformat(),
            "categories": {called.get(row.field, row.field): row.value for row in rows},
        }
    ]


def providers() -> list[dict[str, Any]]:
    """Who may tell something, and whether they are asked."""
    states = ProviderState.objects.in_bulk(field_name="provider")
    return [
        {
            "id": each.name,
            "type": each.sort,
            "version": f"v{each.version}",
            "enabled": is_on(each, states.get(each.name)),
            "fields": list(each.fields),
        }
        for each in PROVIDERS
    ]


def features(ids: Sequence[int], provider: str = "") -> dict[str, dict[str, Any]]:
    """How tracks sound: accepted, with who told what; or as one provider told it. Http404 for no such provider."""
    names = refs(ids)
    if provider in ("", EXTERNAL):
        rows = AudioFeatures.objects.filter(track__in=ids).order_by("track_id")
        return {
            names[row.track_id]: {name: getattr(row, name) for name in _PLAIN if getattr(row, name) is not None}
            | {"sources": row.sources}
            for row in rows
        }
    provider = STANDS_IN.get(provider, provider)
    if provider not in BY_NAME:
        raise Http404
    found = Finding.objects.filter(track__in=ids, provider=provider).exclude(values={}).order_by("pk")
    return {names[each.track_id or 0]: categories(each) for each in found}


def classifications(user: User, ids: Sequence[int]) -> dict[str, dict[str, Any]]:
    """Mood, genre and year of each track of which any is known: accepted, and the person's own word instead."""
    found: dict[int, dict[str, Any]] = defaultdict(dict)
    years = Track.objects.filter(pk__in=ids).exclude(Q(album=None) | Q(album__released_on=""))
    for pk, released in years.values_list("pk", "album__released_on"):
        if released[:4].isdecimal():
            found[pk]["year"] = int(released[:4])
    tags = TrackTag.objects.filter(track__in=ids, tag__kind__in=(1, 2)).order_by("-weight", "tag__name")
    for pk, kind, name in tags.values_list("track_id", "tag__kind", "tag__name"):
        found[pk].setdefault("genre" if kind == 1 else "mood", name)
    for row in OwnFact.objects.of(user).filter(track__in=ids, field__in=LABELS.values()):
        label = next(label for label, field in LABELS.items() if field == row.field)
        found[row.track_id][label] = row.value[0] if isinstance(row.value, list) and row.value else row.value
    names = refs(sorted(found))
    return {names[pk]: dict.fromkeys(LABELS) | found[pk] for pk in ids if pk in found and pk in names}
