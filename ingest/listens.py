"""A person's plays as ListenBrainz's clients read them: the other half of `ingest/listenbrainz.py`.

Every play is a listen here, skips too, as `listen-count` counts them; but not what the person hid or removed: a program
that reads these shows them to others, and makes figures of them. A listen's
`recording_msid` is made from our track, so it is the same in every answer.
"""

import uuid
from collections.abc import Sequence
from datetime import datetime, timedelta
from typing import Any

from django.db.models import Prefetch

from accounts.fields import from_ms, to_ms
from accounts.models import User
from ingest import lens
from ingest.actions import hide, player
from ingest.models import HiddenPlay, Play, Track, TrackArtist, Word
from ingest.models.plays import PlayQuerySet

DEFAULT_COUNT = 25
MAX_COUNT = 1_000
_LAST_S = 253_402_300_799  # the end of the year 9999: no datetime is later
_OURS = uuid.UUID("8a4f6f0e-52a5-5d11-9a8b-6a2f6f3d9c11")  # the name space of our recording_msid

Json = dict[str, Any]


def page(user: User, *, max_s: int | None, min_s: int | None, count: int) -> Json:
    """The payload of `/1/user/NAME/listens`: `count` listens, newest first.

    `max_s`: the newest before this second; `min_s`: the first after this second; both: the newest between them.
    Neither: the newest of all. Who reads on names the last second, so a page never ends within one: it may hold a few
    more than `count`.
    """
    kept = _kept(user)
    plays = kept.select_related("track__artist", "track__album")
    credits = TrackArtist.objects.select_related("artist").order_by("position")
    plays = plays.prefetch_related(Prefetch("track__credits", credits))
    if min_s is not None:
        plays = plays.filter(started_at__gte=_moment(min_s + 1))
    if max_s is not None:
        plays = plays.filter(started_at__lt=_moment(max_s))
    if min_s is not None and max_s is None:
        found = _whole_seconds(plays.order_by("started_at", "track", "ended_at"), count)[::-1]
    else:
        found = _whole_seconds(plays.order_by("-started_at", "-track", "-ended_at"), count)
    listens = _listens(user, found)
    newest, oldest = _ends(kept)
    return {
        "user_id": user.username,
        "count": len(listens),
        "listens": listens,
        "latest_listen_ts": newest,
        "oldest_listen_ts": oldest,
    }


def _whole_seconds(plays: PlayQuerySet, count: int) -> list[Play]:
    """The first `count` of these, and what else began in the second of the last one."""
    found = list(plays[: count + 1]) if count else []
    if len(found) > count:
        last, beyond = found[count - 1], found.pop()
        if _second(last.started_at) == _second(beyond.started_at):
            second = _second(last.started_at)
            met = {play.pk for play in found}
            found += [play for play in plays.between(_moment(second), _moment(second + 1)) if play.pk not in met]
    return found


def total(user: User) -> int:
    reading = lens.read(user)
    return len(reading.plays) - reading.hidden.size


def delete(user: User, *, second: int, recording: uuid.UUID, now: datetime) -> int:
    """Remove the listens of one recording that began in one second, so that they can come back; how many."""
    starts = (_moment(second), _moment(second + 1))
    found = [play.pk for play in _kept(user).between(*starts) if msid(play.track_id) == recording]
    return hide.plays(user=user, ids=found, removed=True, now=now).plays if found else 0


def playing_now(user: User, now: datetime) -> Json:
    """The payload of `/1/user/NAME/playing-now`: what a program told, or what Spotify's player was last seen doing."""
    playing = player.now_playing(user, now)
    listens: list[Json] = []
    if playing is not None and playing.track is not None and playing.is_playing:
        listens = [{"playing_now": True, "track_metadata": _metadata(playing.track, playing.device)}]
    return {"count": len(listens), "user_id": user.username, "playing_now": True, "listens": listens}


def _kept(user: User) -> PlayQuerySet:
    """All but what the person hid or removed."""
    if not HiddenPlay.objects.filter(user=user).standing().exists():
        return Play.objects.of(user)
    reading = lens.read(user)
    gone = reading.plays.id[reading.hidden].tolist()
    return Play.objects.of(user).exclude(pk__in=gone)


def _moment(second: int) -> datetime:
    return from_ms(max(0, min(second, _LAST_S)) * 1000)


def _ends(kept: PlayQuerySet) -> tuple[int, int]:
    """The seconds of the newest and the oldest play; 0 without any."""
    started = kept.order_by("started_at").values_list("started_at", flat=True)
    newest, oldest = started.last(), started.first()
    return (_second(newest), _second(oldest)) if newest and oldest else (0, 0)


def _second(moment: datetime) -> int:
    return to_ms(moment) // 1000


def _listens(user: User, plays: Sequence[Play]) -> list[Json]:
    platforms = dict(Word.objects.filter(pk__in={play.platform for play in plays}).values_list("pk", "text"))
    return [
        {
            "user_name": user.username,
            "listened_at": _second(play.started_at),
            "inserted_at": _second(play.ended_at),  # when a play reached us is not kept; it was not before this
            "recording_msid": str(msid(play.track_id)),
            "track_metadata": _metadata(play.track, platforms.get(play.platform, ""), play),
        }
        for play in plays
    ]


def msid(track_id: int) -> uuid.UUID:
    return uuid.uuid5(_OURS, str(track_id))


def _metadata(track: Track, platform: str, play: Play | None = None) -> Json:
    artists = [credit.artist for credit in track.credits.all()] or ([track.artist] if track.artist else [])
    told: Json = {
        "artist_names": [artist.name for artist in artists],
        "duration_ms": track.duration_ms,
        "duration_played": _heard(play),
        "isrc": track.isrc,
        "tracknumber": track.track_number,
        "discnumber": track.disc_number,
        "spotify_id": track.spotify_url,
        "origin_url": track.spotify_url,
        "music_service": "spotify.com" if track.spotify_id else None,
        "media_player": platform,
        "recording_msid": str(msid(track.pk)),
    }
    metadata: Json = {
        "artist_name": ", ".join(artist.name for artist in artists),
        "track_name": track.name,
        "release_name": track.album.name if track.album else None,
        "additional_info": {name: value for name, value in told.items() if value not in (None, "", [])},
    }
    mbids = [str(artist.musicbrainz_id) for artist in artists if artist.musicbrainz_id]
    if mbids and len(mbids) == len(artists):
        metadata["mbid_mapping"] = {"artist_mbids": mbids}
    return metadata


def _heard(play: Play | None) -> int | None:
    """Whole seconds that were heard, where that is known."""
    if play is None or play.is_estimate:
        return None
    return timedelta(milliseconds=play.ms_played) // timedelta(seconds=1)
