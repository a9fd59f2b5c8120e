"""What an export says beside the plays: how a track is called, lists of tracks, choices, and what is what."""

import io
from datetime import datetime
from typing import Any, NamedTuple, cast

from django.db.models import Prefetch
from django.utils.translation import gettext as _

from accounts.models import User
from ingest.actions import export_parts
from ingest.models import (
    Album,
    Artist,
    Counting,
    HandPlay,
    HiddenPlay,
    ListeningFilter,
    ListRow,
    OwnGrouping,
    SourceTrack,
    Track,
    TrackArtist,
    TrackSource,
    Word,
)

LISTENBRAINZ = "ListenBrainz_listens.jsonl.gz"  # by this name our own importer passes it over: its plays are doubles
_AT_ONCE = 5_000  # rows


class Names(NamedTuple):
    """A track as an export names it. `artist` is the album's; for an episode the show, for a chapter the book."""

    kind: int
    spotify_id: str | None
    title: str
    artist: str
    album: str
    credited: str
    duration_ms: int | None
    credits: tuple[str, ...] = ()  # every artist, in order


def tracks() -> Any:
    """Tracks with what `names_of` asks of them."""
    credits = TrackArtist.objects.select_related("artist").order_by("position")
    return Track.objects.select_related("artist", "album__artist").prefetch_related(Prefetch("credits", credits))


def names_of(track: Track) -> Names:
    """One of `tracks()` as it is called."""
    album = track.album.name if track.album else ""
    credited = track.artist.name if track.artist else ""
    of_album = track.album.artist.name if track.album and track.album.artist else ""
    # Known by names alone, a track is found again only by the artist that it was made with.
    artist = (of_album or credited) if track.spotify_id else credited
    credits = tuple(each.artist.name for each in track.credits.all())
    main = credited or of_album
    return Names(track.kind, track.spotify_id, track.name, artist, album, main, track.duration_ms, credits)


def labels(name: Names) -> dict[str, str | None]:
    """The fields of an extended row that say what was heard."""
    is_episode, is_chapter = name.kind == Track.Kind.EPISODE, name.kind == Track.Kind.CHAPTER
    is_music = not (is_episode or is_chapter)
    uri = {Track.Kind.EPISODE: "episode", Track.Kind.CHAPTER: "chapter"}.get(Track.Kind(name.kind), "track")
    uri = f"spotify:{uri}:{name.spotify_id}" if name.spotify_id else ""
    work = name.album or name.artist  # a show, or a book
    told = {
        "master_metadata_track_name": name.title if is_music else "",
        "master_metadata_album_artist_name": name.artist if is_music else "",
        "master_metadata_album_album_name": name.album if is_music else "",
        "spotify_track_uri": uri if is_music else "",
        "episode_name": name.title if is_episode else "",
        "episode_show_name": work if is_episode else "",
        "spotify_episode_uri": uri if is_episode else "",
        "audiobook_title": work if is_chapter else "",
        "audiobook_uri": "",
        "audiobook_chapter_uri": uri if is_chapter else "",
        "audiobook_chapter_title": name.title if is_chapter else "",
    }
    return {key: value or None for key, value in told.items()}


def called(name: Names) -> tuple[str, str, str]:
    """Title, artist and album as an importer of `labels` has them: a show or a book stands for both of the last."""
    if name.kind in (Track.Kind.EPISODE, Track.Kind.CHAPTER):
        return name.title, name.album or name.artist, name.album or name.artist
    return name.title, name.artist, name.album


def track_entry(track: Track) -> dict[str, Any]:
    """By which names or id it is found on any server; artist and album are selected."""
    return {
        "title": track.name,
        "artist": track.artist.name if track.artist else "",
        "album": track.album.name if track.album else "",
        "spotify_id": track.spotify_id or "",
        "kind": track.kind,
    }


def _hand_plays(user: User) -> Any:
    tracks = ("track__artist", "track__album", "was_track__artist", "was_track__album")
    return HandPlay.objects.filter(user=user).standing().select_related(*tracks).order_by("id")


def _by_hand(row: HandPlay) -> dict[str, Any]:
    """A word by hand; what others told of it otherwise (device, context) is in the plays."""
    was = None
    if row.was_track:
        was = {
            **track_entry(row.was_track),
            "started_at": row.was_started_at,
            "ended_at": row.was_ended_at,
            "ms_played": row.was_ms_played,
            "is_estimate": row.was_estimate,
            "origin": row.was_origin,
        }
    return {
        **track_entry(row.track),
        "started_at": row.started_at,
        "ms_played": row.ms_played,
        "is_estimate": row.is_estimate,
        "was": was,
        "act": row.act,
        "made_at": row.made_at,
    }


def _left_out(row: ListeningFilter) -> dict[str, Any]:
    """What a filter names, in words that hold on another server too."""
    if row.kind == ListeningFilter.Kind.HOURS:
        return {"hours": [hour for hour in range(24) if row.value >> hour & 1]}
    if row.kind in (ListeningFilter.Kind.CONTEXT, ListeningFilter.Kind.PLATFORM):
        return {"text": Word.objects.filter(pk=row.value).values_list("text", flat=True).first()}
    model = {"artist": Artist, "album": Album, "track": Track}[row.kind]
    found = cast(Any, model)._default_manager.filter(pk=row.value).first()
    if not found:
        return {"name": None}
    artist = getattr(found, "artist", None)
    album = getattr(found, "album", None)
    beside = {"artist": artist.name if artist else "", "album": album.name if album else ""}
    shown = {} if row.kind == "artist" else beside if row.kind == "track" else {"artist": beside["artist"]}
    return {"name": found.name, **shown, "spotify_id": found.spotify_id or ""}


def jspf(source: TrackSource) -> dict[str, Any]:
    """One list as JSPF: https://www.xspf.org/jspf. Of an imported one also the rows that were not found, as told."""
    told = {row.position: row for row in ListRow.objects.filter(source=source, track=None)}
    entries = SourceTrack.objects.filter(source=source).select_related("track__artist", "track__album")
    listed: list[dict[str, Any]] = []
    for entry in entries.order_by("position").iterator(_AT_ONCE):
        track = entry.track
        link = track.spotify_url if track and track.spotify_url else entry.uri
        row: dict[str, Any] = {"identifier": [link] if link else []}
        if track:
            row |= {"title": track.name, "creator": track.artist.name if track.artist else ""}
            row |= {"album": track.album.name} if track.album else {}
            row |= {"duration": track.duration_ms} if track.duration_ms else {}
        elif lost := told.get(entry.position):
            row |= {"title": lost.title, "creator": lost.artist, "album": lost.album}
            row |= {"duration": lost.duration_ms} if lost.duration_ms else {}
        if entry.added_at:
            row["meta"] = [{"https://musicbrainz.org/doc/jspf#track": entry.added_at.isoformat()}]
        listed.append(row)
    playlist: dict[str, Any] = {"title": str(source), "creator": source.owner_name, "track": listed}
    if source.spotify_url:
        playlist["identifier"] = source.spotify_url
    return {"playlist": playlist}


def readme(now: datetime) -> str:
    """What is what, for people; in the language that is active."""
    text = io.StringIO()
    text.write(_("Your listening history, as Vibesite knew it on %(date)s.") % {"date": f"{now:%Y-%m-%d %H:%M} UTC"})
    for name, words in (
        (
            "Streaming_History_Audio_*.json, Streaming_History_Video_*.json",
            _(
                "Every play, in the layout of Spotify's extended streaming history; programs that read Spotify's read "
                "these. Fields that begin with vibesite_ hold what Spotify's cannot: milliseconds, where a play is "
                "known from, whether its length is a guess, what it was played from. Upload the zip to Vibesite, and "
                "the same plays are there again. What you removed from your log is not in here."
            ),
        ),
        (
            LISTENBRAINZ,
            _(
                "Music that counts as a listen at ListenBrainz, one listen a line: heard by half or for four minutes, "
                "and not in a private session. Unpack it with gzip."
            ),
        ),
        ("lists/*.jspf", _("Your likes, playlists and albums, as last read from Spotify, and the lists you brought.")),
        (
            "tracks.json",
            _(
                "What was known of each track in your log: artists and album with Spotify's ids, ISRC, length, year, "
                "sound, genres, how widely it is known, and which releases count as one recording. Uploaded with the "
                "zip, figures on another server are the same."
            ),
        ),
        (
            "choices.json",
            _(
                "What counts as a play for you, what you leave out of your figures, hid, joined or put right by hand. "
                "Uploaded with the zip it holds again."
            ),
        ),
        *((part.name, str(part.words)) for part in export_parts.all_parts()),
    ):
        text.write(f"\n\n{name}\n    {words}")
    return text.getvalue() + "\n"


def choices(user: User) -> dict[str, Any]:
    """What counts for a person, what they leave out and what they hid, in words that hold on any server."""
    chosen = Counting.objects.filter(user=user).first() or Counting(user=user)
    hidden = (
        HiddenPlay.objects.filter(user=user).standing().select_related("track__artist", "track__album").order_by("id")
    )
    filters = ListeningFilter.objects.filter(user=user).order_by("id")
    return {
        "counting": {
            field.name: getattr(chosen, field.name) for field in Counting._meta.fields if field.name != "user"
        },
        "time_zone": user.time_zone if user.time_zone_is_known else "",
        "week_starts_on": user.week_starts_on,
        "left_out": [{"kind": each.kind, **_left_out(each)} for each in filters],
        "recordings": [
            {
                "track": track_entry(row.track),
                "other": track_entry(row.other) if row.other else None,
                "is_same": row.is_same,
                "made_at": row.made_at,
            }
            for row in OwnGrouping.objects.of(user)
            .standing()
            .select_related("track__artist", "track__album", "other__artist", "other__album")
            .order_by("made_at", "id")
        ],
        "by_hand": [_by_hand(row) for row in _hand_plays(user)],
        "hidden": [
            {
                **track_entry(row.track),
                "started_at": row.started_at,
                "ended_at": row.ended_at,
                "removed": row.removed,
                "replaced": row.replaced,
                "act": row.act,
                "made_at": row.made_at,
            }
            for row in hidden.iterator(_AT_ONCE)
        ],
    }
