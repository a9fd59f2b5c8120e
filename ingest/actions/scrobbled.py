"""What the catalogue and the person's own plays make of scrobble logs, whose rows know names and starts alone."""

from collections.abc import Collection, Mapping
from dataclasses import dataclass, field
from uuid import UUID

import numpy as np
from django.db.models import Count

from accounts.models import User
from ingest import columns, names
from ingest.actions import naming
from ingest.columns import Rows
from ingest.columns.rows import ESTIMATE
from ingest.evidence import TrackName, TrackTable
from ingest.models import Artist, HistoryImport, Track, UnsureTrack
from ingest.submissions import UNTOLD_MS
from ingest.upsert import parts

_SongKey = tuple[int, str, str]  # kind, name key of an artist, name key of the title


@dataclass(frozen=True, slots=True)
class _Candidate:
    """A track that Spotify named, with what tells whether another is the same performance."""

    pk: int
    album_key: str
    recording: int | str  # a Recording's id, else the ISRC; empty if neither is known


@dataclass(slots=True)
class _Matches:
    """By index in the table of tracks: what was found, and where several are possible."""

    found: dict[int, int] = field(default_factory=dict)
    doubts: dict[int, list[int]] = field(default_factory=dict)


def track_ids(*, user: User, history_import: HistoryImport, table: TrackTable) -> list[int]:
    """The track id of each name of the table, in order.

    A name alone means the one track of the catalogue with that title, artist and (if told) album. Of several it means
    one if they are one recording, or if the person's own plays tell which. Else it is a track of its own, and what it
    may be stands in `UnsureTrack` until the person decides; decisions made before hold.
    """
    unsure = sorted(table.unsure)
    sure = [at for at in range(len(table)) if at not in table.unsure]
    billings = {name: told for name in table.names if (told := table.billing(name))}
    ids = dict(zip(sure, naming.tracks([table.names[at] for at in sure], billings=billings), strict=True))
    if unsure:
        heard = set(np.unique(columns.load(user).track).tolist()) | set(ids.values())
        matches = _matched({at: table.names[at] for at in unsure}, heard)
        bare = [at for at in unsure if at not in matches.found]
        own = dict(zip(bare, naming.tracks([table.names[at] for at in bare], by_names_alone=True), strict=True))
        ids |= matches.found | own
        _keep({own[at]: candidates for at, candidates in matches.doubts.items()}, history_import)
        said = UnsureTrack.objects.filter(user=user).exclude(chosen=None).values_list("track_id", "chosen_id")
        decided = dict(said)
        ids = {at: decided.get(pk, pk) for at, pk in ids.items()}
    naming.credit({ids[at]: credited for at, credited in table.credits.items()})
    _learn_mbids(table.artist_mbids)
    return [ids[at] for at in range(len(table))]


def fill_lengths(rows: Rows) -> None:
    """Give rows of unknown length their track's, in place; else what a song lasts, about."""
    blank = np.flatnonzero((rows["ms"] == 0) & ((rows["flags"] & np.uint16(ESTIMATE)) != 0))
    if not len(blank):
        return
    wanted, place = np.unique(rows["track"][blank], return_inverse=True)
    known: dict[int, int | None] = {}
    for part in parts(wanted.tolist()):
        known |= dict(Track.objects.filter(pk__in=part).values_list("pk", "duration_ms"))
    lengths = np.array([known.get(pk) or UNTOLD_MS for pk in wanted.tolist()], dtype=np.int32)
    rows["ms"][blank] = lengths[place]
    rows["ended"][blank] = rows["started"][blank] + lengths[place]


# --- Matching --------------------------------------------------------------------------------------------------------
def _matched(told: Mapping[int, TrackName], heard: set[int]) -> _Matches:
    keys = {at: (name.kind, names.key(name.artist), names.key(name.title)) for at, name in told.items()}
    known = _candidates({key for key in keys.values() if key[1]})
    matches = _Matches()
    possible: dict[int, list[_Candidate]] = {}
    for at, name in told.items():
        album = names.key(name.album)
        candidates = known.get(keys[at], [])
        possible[at] = [each for each in candidates if each.album_key == album] if album else candidates
    # First those of which nothing but the catalogue need be asked: what they mean was heard, and tells of the others.
    for at, candidates in possible.items():
        if candidates and _are_one(candidates):
            matches.found[at] = min(candidates, key=lambda each: (each.pk not in heard, each.pk)).pk
    heard = heard | set(matches.found.values())
    for at, candidates in possible.items():
        if at in matches.found or not candidates:
            continue
        own = [each for each in candidates if each.pk in heard]
        if own and _are_one(own):
            matches.found[at] = min(each.pk for each in own)
        else:
            matches.doubts[at] = sorted(each.pk for each in candidates)
    return matches


def _are_one(candidates: Collection[_Candidate]) -> bool:
    return len(candidates) == 1 or (
        all(each.recording for each in candidates) and len({each.recording for each in candidates}) == 1
    )


def _candidates(keys: Collection[_SongKey]) -> dict[_SongKey, list[_Candidate]]:
    """Tracks with a Spotify id by kind, title and any credited artist."""
    found: dict[_SongKey, dict[int, _Candidate]] = {}
    for part in parts({title for _kind, _artist, title in keys}):
        query = Track.objects.filter(name_key__in=part).exclude(spotify_id=None)
        for pk, kind, title, first, credited, album, recording, isrc in query.values_list(
            "id",
            "kind",
            "name_key",
            "artist__name_key",
            "credits__artist__name_key",
            "album__name_key",
            "recording_id",
            "isrc",
        ):
            candidate = _Candidate(pk, album or "", recording or isrc)
            for artist in {first, credited} - {None}:
                if (kind, artist, title) in keys:
                    found.setdefault((kind, artist, title), {})[pk] = candidate
    return {key: [by_id[pk] for pk in sorted(by_id)] for key, by_id in found.items()}


def _keep(doubts: Mapping[int, list[int]], history_import: HistoryImport) -> None:
    """What may be several tracks, for the person to decide; what stands there already stays."""
    UnsureTrack.objects.bulk_create(
        [
            UnsureTrack(user=history_import.user, history_import=history_import, track_id=pk, candidates=candidates)
            for pk, candidates in sorted(doubts.items())
        ],
        batch_size=500,
        ignore_conflicts=True,
    )


def _learn_mbids(told: Mapping[str, set[str]]) -> None:
    """Give artists the MusicBrainz id that logs tell with their name, where name and id are of one artist only."""
    by_key: dict[str, set[str]] = {}
    for artist, ids in told.items():
        by_key.setdefault(names.key(artist), set()).update(ids)
    sure = {key: next(iter(ids)) for key, ids in by_key.items() if len(ids) == 1}
    for part in parts(sure):
        named = Artist.objects.filter(name_key__in=part)
        counted = named.order_by().values_list("name_key").annotate(n=Count("id"))
        single = [key for key, count in counted if count == 1]
        bare = list(named.filter(name_key__in=single, musicbrainz_id=None))
        for row in bare:
            row.musicbrainz_id = UUID(sure[row.name_key])
        Artist.objects.bulk_update(bare, ["musicbrainz_id"], batch_size=500)
