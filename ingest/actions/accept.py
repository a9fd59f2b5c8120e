"""Accepting what providers said: the fold of `ingest.facts`, written where it differs, and shelves told of it."""

from collections import defaultdict
from collections.abc import Collection, Sequence
from typing import Any

from django.db import models
from django.db.models import Exists, OuterRef

from ingest.facts import Accepted, Said, fold
from ingest.heard import FEATURES
from ingest.models import (
    ArtistTag,
    AudioFeatures,
    Finding,
    ListenerCount,
    LyricsFacts,
    Tag,
    Track,
    TrackChange,
    TrackTag,
)
from ingest.providers.base import Kind
from ingest.upsert import insert_missing, parts

_SOUND = (*FEATURES, "key", "mode")
_REACH = ("listeners", "popularity")
_LYRICS = {"language": "", "words": 0, "themes": [], "explicit_words": 0}
_SHELVED: dict[Kind, Any] = {"track": (Tag.Kind.GENRE, Tag.Kind.MOOD), "artist": (Tag.Kind.GENRE,)}  # kinds of tags
_TAGS: dict[Kind, Any] = {"track": TrackTag, "artist": ArtistTag}


def accept(kind: Kind, ids: Collection[int]) -> int:
    """Bring what is accepted of these subjects up to date, in the caller's transaction; how many tracks changed."""
    folded = {pk: fold(said) for pk, said in _said(kind, ids).items()}
    changed = _numbers(ListenerCount, kind, _REACH, folded)
    heard_by = _tags(kind, folded)
    if kind == "artist":
        return _tell(_tracks_of(heard_by))
    changed |= _numbers(AudioFeatures, kind, _SOUND, folded) | heard_by | _lyrics(folded)
    return _tell(changed)


def said_of(kind: Kind, pk: int) -> list[Said]:
    """What all providers said of one subject."""
    return _said(kind, [pk])[pk]


def _said(kind: Kind, ids: Collection[int]) -> dict[int, list[Said]]:
    said: dict[int, list[Said]] = {pk: [] for pk in ids}
    rows = Finding.objects.filter(**{f"{kind}__in": list(ids)}).order_by("id")
    for row in rows:
        pk = row.track_id if kind == "track" else row.artist_id
        said[pk or 0].append(Said(row.provider, row.values, row.confidence, row.version, row.fetched_at))
    return said


def _tell(tracks: Collection[int]) -> int:
    rows = [TrackChange(track_id=pk, only_sound=True) for pk in sorted(tracks)]
    TrackChange.objects.bulk_create(rows, batch_size=5_000)
    return len(tracks)


def _tracks_of(artists: Collection[int]) -> set[int]:
    """Tracks for which their artist's genres stand in."""
    if not artists:
        return set()
    own = TrackTag.objects.filter(track=OuterRef("pk"), tag__kind=Tag.Kind.GENRE)
    return set(Track.objects.filter(~Exists(own), artist__in=list(artists)).values_list("id", flat=True))


def _numbers(model: Any, kind: Kind, names: Sequence[str], folded: dict[int, Accepted]) -> set[int]:
    """Write rows of numbers, each with its sources; the subjects for which a number changed, or whose word it is."""
    known = {getattr(row, f"{kind}_id"): row for row in model.objects.filter(**{f"{kind}__in": list(folded)})}
    rows, changed = [], set()
    for pk, accepted in folded.items():
        told = {name: accepted.numbers[name] for name in names if name in accepted.numbers}
        old = known.get(pk)
        values = {name: told[name][0] if name in told else None for name in names}
        sources = {name: source for name, (_value, source) in told.items()}
        if old is None and not told:
            continue
        if old is not None and old.sources == sources and all(getattr(old, name) == values[name] for name in names):
            continue
        changed.add(pk)
        rows.append(model(**{f"{kind}_id": pk}, **values, sources=sources))
    _upsert(model, rows, [kind], [*names, "sources"])
    return changed


def _upsert(model: type[models.Model], rows: list[Any], keys: list[str], fields: list[str]) -> None:
    if rows:
        model._default_manager.bulk_create(
            rows, update_conflicts=True, unique_fields=keys, update_fields=fields, batch_size=500
        )


def _tags(kind: Kind, folded: dict[int, Accepted]) -> set[int]:
    """Write the tags; the subjects of which shelves tell it otherwise now."""
    ids = _tag_ids({key for accepted in folded.values() for key in accepted.tags})
    model, subject = _TAGS[kind], f"{kind}_id"
    wanted = {
        (pk, ids[key]): (key[0], weight, source)
        for pk, accepted in folded.items()
        for key, (weight, source) in accepted.tags.items()
    }
    rows, gone, changed = [], [], set()
    for old in model.objects.filter(**{f"{kind}__in": list(folded)}).select_related("tag"):
        pk = getattr(old, subject)
        told = wanted.pop((pk, old.tag_id), None)
        if told is None:
            gone.append(old.pk)
        elif (old.weight, old.source) == told[1:]:
            continue
        else:
            old.weight, old.source = told[1:]
            rows.append(old)
        if old.tag.kind in _SHELVED[kind]:
            changed.add(pk)
    model.objects.filter(pk__in=gone).delete()
    model.objects.bulk_update(rows, ["weight", "source"], batch_size=300)
    fresh = [(pk, tag, weight, source) for (pk, tag), (_kind, weight, source) in sorted(wanted.items())]
    insert_missing(model, [subject, "tag_id", "weight", "source"], fresh)
    return changed | {pk for (pk, _tag), told in wanted.items() if told[0] in _SHELVED[kind]}


def _tag_ids(keys: Collection[tuple[int, str]]) -> dict[tuple[int, str], int]:
    found = _known_tags(keys)
    missing = sorted(set(keys) - found.keys())
    if missing:
        insert_missing(Tag, ["kind", "name"], missing)
        found |= _known_tags(missing)
    return found


def _known_tags(keys: Collection[tuple[int, str]]) -> dict[tuple[int, str], int]:
    found: dict[tuple[int, str], int] = {}
    for part in parts({name for _kind, name in keys}):
        rows = Tag.objects.filter(name__in=part).values_list("kind", "name", "id")
        found |= {(kind, name): pk for kind, name, pk in rows}
    return found


def _lyrics(folded: dict[int, Accepted]) -> set[int]:
    """Write the facts of the words; the tracks of which there were none."""
    known = LyricsFacts.objects.in_bulk(list(folded))
    by_source: dict[str, list[LyricsFacts]] = defaultdict(list)
    for pk, accepted in folded.items():
        if accepted.lyrics is None:
            continue
        told, source = accepted.lyrics
        row = LyricsFacts(track_id=pk, source=source, **{name: told.get(name, none) for name, none in _LYRICS.items()})
        old = known.get(pk)
        if old is None or any(getattr(old, name) != getattr(row, name) for name in (*_LYRICS, "source")):
            by_source[source].append(row)
    for rows in by_source.values():
        _upsert(LyricsFacts, rows, ["track"], [*_LYRICS, "source"])
    return {row.track_id for rows in by_source.values() for row in rows} - known.keys()
