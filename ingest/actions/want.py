"""What is worth asking providers about: what people hear and keep, everybody's favourites first."""

from collections.abc import Iterable, Sequence
from datetime import datetime

import numpy as np
from django.db import transaction
from django.db.models import F, Q

from accounts.models import User
from ingest import lens
from ingest.models import PlayLedger, ProviderState, SourceTrack, Track, TrackSource, Wanted, WantedState
from ingest.upsert import insert_missing, parts

IDLE = "nothing to ask"  # why a provider waits, when it does
PEOPLE = 50  # of one round
_BETTER = 2  # a rank is written again when it became so many times better: daily plays move few


def refresh(*, now: datetime) -> int:
    """Take up what people heard since; how many tracks are wanted anew or sooner. Safe to repeat."""
    behind = Q(user__in=WantedState.objects.filter(version=F("user__play_ledger__version")).values("user"))
    ledgers = PlayLedger.objects.exclude(behind).filter(version__gt=0).order_by("user_id").select_related("user")
    count = sum(of_person(ledger.user, ledger.version) for ledger in ledgers[:PEOPLE])
    if count:
        ProviderState.objects.filter(why=IDLE, next_at__gt=now).update(next_at=None, why="")
    return count


def of_person(user: User, version: int) -> int:
    """Take up one person's plays as of that version of their ledger."""
    heard = lens.read(user).heard()
    plays, _ms = heard.by_place
    order = np.lexsort((heard.facts.track, -plays))
    tracks = heard.facts.track[order][plays[order] > 0].tolist()
    count = _ranked(tracks, heard.facts.artist[order][: len(tracks)].tolist())
    WantedState.objects.update_or_create(user=user, defaults={"version": version})
    return count


def kept(user: User) -> int:
    """Want what the person keeps at Spotify as it was last read, likes first; how many were not wanted so soon.

    Ranked over all their lists at once, so that who has many of them is asked about no sooner than others.
    """
    sources = TrackSource.objects.of(user).filter(kind__in=TrackSource.AT_SPOTIFY).in_order()
    place = {pk: number for number, pk in enumerate(sources.values_list("pk", flat=True))}
    entries = SourceTrack.objects.filter(source__in=list(place), track__kind=Track.Kind.MUSIC)
    rows = entries.values_list("source_id", "position", "track_id", "track__artist_id")
    artists = {
        track: artist for _source, _position, track, artist in sorted(rows, key=lambda row: (place[row[0]], row))
    }
    return _ranked(list(artists), list(artists.values()))


def _ranked(tracks: Sequence[int], artists: Sequence[int | None]) -> int:
    """Want tracks, the most wanted first, and the artist of each."""
    count = _want("track_id", {track: rank for rank, track in enumerate(tracks, start=1)})
    first: dict[int, int] = {}
    for rank, artist in enumerate(artists, start=1):
        if artist:
            first.setdefault(artist, rank)
    return count + _want("artist_id", first)


def _want(field: str, ranks: dict[int, int]) -> int:
    known: dict[int, int] = {}
    for part in parts(ranks):
        known |= dict(Wanted.objects.filter(**{f"{field}__in": part}).values_list(field, "rank"))
    missing = [(pk, rank) for pk, rank in sorted(ranks.items()) if pk not in known]
    insert_missing(Wanted, [field, "rank"], missing)
    better = {pk: ranks[pk] for pk, rank in known.items() if ranks[pk] * _BETTER <= rank}
    _improve(field, better)
    return len(missing) + len(better)


def _improve(field: str, ranks: dict[int, int]) -> None:
    for part in parts(ranks, 500):
        with transaction.atomic():
            rows = list(Wanted.objects.filter(**{f"{field}__in": part}))
            for row in rows:
                row.rank = ranks[getattr(row, field)]
            Wanted.objects.bulk_update(rows, ["rank"])


def all_of(tracks: Iterable[int]) -> int:
    """Want these tracks soon, whoever heard them: somebody asked. How many were not wanted so soon."""
    return _want("track_id", dict.fromkeys(tracks, 1))


def listed(tracks: Iterable[int]) -> int:
    """Want what somebody brought in a list, in its order, as if it were a ranking; how many were not wanted so soon."""
    return _want("track_id", {pk: rank for rank, pk in enumerate(dict.fromkeys(tracks), start=1)})


def exists(track: Track) -> bool:
    """Whether the track is among those that are asked about."""
    return Wanted.objects.filter(track=track).exists()
