"""What is in an export: plays in two layouts, lists of tracks, choices and a note, written to a zip as a stream.

At no time is more in memory than some thousand plays, the names of some ten thousand tracks, and one number per play.
"""

import gzip
import zipfile
from collections.abc import Callable, Iterator
from datetime import UTC, datetime
from typing import Any, BinaryIO

import msgspec
import numpy as np
from numpy.typing import NDArray

from accounts.models import User
from ingest import columns, counts, lens
from ingest.actions import export_parts, export_tracks, export_words
from ingest.actions.export_words import LISTENBRAINZ, Names
from ingest.columns import Columns
from ingest.evidence import Origin
from ingest.importers import own_tracks
from ingest.models import Track, TrackSource, Word
from ingest.upsert import parts

FILE_PLAYS = 20_000  # about 20 MB of JSON: an importer reads such a file at once
CHUNK_PLAYS = 5_000
KNOWN_TRACKS = 20_000
SWITCH = (None, False, True)  # by what `Columns.told` says, plus one

Tell = Callable[[int], None]  # plays written so far, of `Contents.steps`


class Contents:
    """Everything that one person takes with them, as it is now. What they removed is not among the plays."""

    def __init__(self, user: User) -> None:
        self.user = user
        self.reading = lens.read(user)
        self.plays: Columns = self.reading.plays
        kept = np.ones(len(self.plays), dtype=bool)
        kept[self.reading.removed] = False
        self.places = np.flatnonzero(kept)
        self._names: dict[int, Names] = {}
        self._words: dict[int, str | None] = {0: None}

    @property
    def steps(self) -> int:
        """How far `write` counts: every play is looked at for both layouts."""
        return 2 * len(self.places)

    def write(self, target: BinaryIO, *, now: datetime, tell: Tell) -> None:
        """The zip. `tell` is called every few thousand plays; what it raises goes through."""
        with zipfile.ZipFile(target, "w", zipfile.ZIP_DEFLATED, compresslevel=4) as packed:
            done = 0
            packed.writestr("README.txt", export_words.readme(now))
            for name, places in self._files():
                with packed.open(name, "w") as stream:
                    for number, part in enumerate(_cut(places)):
                        rows = [msgspec.json.encode(row) for row in self._spotify_rows(part)]
                        stream.write((b",\n" if number else b"[\n") + b",\n".join(rows))
                        done += len(part)
                        tell(done)
                    stream.write(b"\n]\n")
            with packed.open(_entry(LISTENBRAINZ), "w") as raw, gzip.open(raw, "wb", compresslevel=4) as lines:
                for part in _cut(self.places):
                    for listen in self._listens(part):
                        lines.write(msgspec.json.encode(listen) + b"\n")
                    done += len(part)
                    tell(done)
            kept = TrackSource.objects.filter(user=self.user).exclude(kind__in=TrackSource.COMPUTED)
            for source in kept.order_by("kind", "id"):
                packed.writestr(
                    f"lists/{source.pk}.jspf", msgspec.json.format(msgspec.json.encode(export_words.jspf(source)))
                )
            with packed.open(own_tracks.FILE, "w") as stream:
                between = b"[\n"
                for row in export_tracks.rows(self.reading, self.places):
                    stream.write(between + msgspec.json.encode(row))
                    between = b",\n"
                stream.write(b"\n]\n" if between != b"[\n" else b"[]\n")
            packed.writestr("choices.json", msgspec.json.format(msgspec.json.encode(export_words.choices(self.user))))
            for more in export_parts.all_parts():
                packed.writestr(more.name, msgspec.json.format(msgspec.json.encode(more.told(self.user))))

    # --- Spotify's layout ---------------------------------------------------------------------------------------------
    def _files(self) -> Iterator[tuple[str, NDArray[np.intp]]]:
        """Names and plays of each file: of one kind, of one year as Spotify ends it, of one origin."""
        ended, track = self.plays.ended[self.places], self.plays.track[self.places]
        year = ended.astype("datetime64[ms]").astype("datetime64[Y]").astype(np.int64) + 1970
        is_video = (self.reading.rack.kind == Track.Kind.VIDEO)[self.reading.rack.places(track)]
        origin = self.plays.origin[self.places]
        if not len(self.places):
            yield f"Streaming_History_Audio_{datetime.now(UTC).year}.json", self.places
        for one in np.unique(year).tolist():
            for video, kind in ((False, "Audio"), (True, "Video")):
                number = 0
                for each in sorted(np.unique(origin).tolist(), reverse=True):
                    places = self.places[(year == one) & (is_video == video) & (origin == each)]
                    for start in range(0, len(places), FILE_PLAYS):
                        name = f"Streaming_History_{kind}_{one}" + (f"_{number}" if number else "")
                        number += 1
                        yield f"{name}.json", places[start : start + FILE_PLAYS]

    def _spotify_rows(self, places: NDArray[np.intp]) -> Iterator[dict[str, Any]]:
        plays = self.plays.where(places)
        names, word = self._named(plays.track), self._worded(plays)
        told = [
            [SWITCH[value + 1] for value in plays.told(switch).tolist()]
            for switch in (columns.SHUFFLE, columns.OFFLINE, columns.INCOGNITO, columns.SKIPPED)
        ]
        for play, shuffle, offline, incognito, skipped in zip(plays.rows().tolist(), *told, strict=True):
            _pk, track, started, ended, ms, flags, reason_start, reason_end, platform, country, context = play
            yield {
                "ts": datetime.fromtimestamp(ended // 1000, UTC).strftime("%Y-%m-%dT%H:%M:%SZ"),
                "platform": word[platform],
                "ms_played": ms,
                "conn_country": word[country],
                "ip_addr": None,
                **export_words.labels(names[track]),
                "reason_start": word[reason_start],
                "reason_end": word[reason_end],
                "shuffle": shuffle,
                "skipped": skipped,
                "offline": offline,
                "offline_timestamp": started // 1000,
                "incognito_mode": incognito,
                "vibesite_started_ms": started,
                "vibesite_ended_ms": ended,
                "vibesite_origin": Origin(flags & columns.rows.ORIGIN_BITS).name,
                "vibesite_is_estimate": bool(flags & columns.rows.ESTIMATE),
                "vibesite_context": word[context],
                "vibesite_artists": _several(names[track]),
            }

    # --- ListenBrainz' layout -----------------------------------------------------------------------------------------
    def _listens(self, places: NDArray[np.intp]) -> Iterator[dict[str, Any]]:
        """Music that counts there: heard by half or for 4 minutes, not in a private session, artist and title known."""
        plays = self.plays.where(places)
        rack = self.reading.rack
        least = counts.RULES["listenbrainz"].thresholds(rack.duration_ms)[rack.places(plays.track)]
        plays = plays.where((plays.ms >= least) & ~plays.incognito)
        names = self._named(plays.track)
        for track, started, ms in zip(plays.track.tolist(), plays.started.tolist(), plays.ms.tolist(), strict=True):
            name = names[track]
            if name.kind != Track.Kind.MUSIC or not (name.title and name.credited):
                continue
            info: dict[str, Any] = {"submission_client": "Vibesite", "duration_played": round(ms / 1000)}
            if name.duration_ms:
                info["duration_ms"] = name.duration_ms
            if name.spotify_id:
                link = f"https://open.spotify.com/track/{name.spotify_id}"
                info |= {"music_service": "spotify.com", "origin_url": link, "spotify_id": link}
            if several := _several(name):
                info["artist_names"] = several
            about = {
                "artist_name": ", ".join(several or [name.credited]),
                "track_name": name.title,
                "additional_info": info,
            }
            if name.album:
                about["release_name"] = name.album
            yield {"listened_at": started // 1000, "track_metadata": about}

    # --- Names --------------------------------------------------------------------------------------------------------
    def _named(self, tracks: NDArray[np.int32]) -> dict[int, Names]:
        missing = set(np.unique(tracks).tolist()) - self._names.keys()
        if missing and len(self._names) + len(missing) > KNOWN_TRACKS:
            self._names.clear()
            missing = set(np.unique(tracks).tolist())
        for part in parts(missing):
            self._names |= {
                track.pk: export_words.names_of(track) for track in export_words.tracks().filter(pk__in=part)
            }
        return self._names

    def _worded(self, plays: Columns) -> dict[int, str | None]:
        fields = (plays.reason_start, plays.reason_end, plays.platform, plays.country, plays.context)
        missing = set(np.unique(np.concatenate(fields)).tolist()) - self._words.keys()
        for part in parts(missing):
            self._words |= dict(Word.objects.filter(pk__in=part).values_list("pk", "text"))
        return self._words


def _several(name: Names) -> list[str] | None:
    """Its artists one by one, if it has more than one."""
    return list(name.credits) if len(name.credits) > 1 else None


def _cut(places: NDArray[np.intp]) -> Iterator[NDArray[np.intp]]:
    for start in range(0, len(places) or 1, CHUNK_PLAYS):
        yield places[start : start + CHUNK_PLAYS]


def _entry(name: str) -> zipfile.ZipInfo:
    """For what is packed already."""
    return zipfile.ZipInfo(name, datetime.now(UTC).timetuple()[:6])
