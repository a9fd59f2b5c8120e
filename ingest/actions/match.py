"""Which track of the catalogue a row of an imported list means, by what it tells. It never guesses among several."""

import re
from collections.abc import Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass
from itertools import chain

from ingest import names
from ingest.grouping import Fact, lookup_keys
from ingest.importers.lists_told import Told
from ingest.models import Track, TrackArtist, TrackKey
from ingest.upsert import ids, parts

NEAR_MS = 3_000  # two lengths this close may be of one performance: players round, and count silence or not
FAR_MS = 15_000  # two lengths this far apart are not: an edit, an extended mix, another song of that name
MOST = 10  # candidates that are told of one row
_SEPARATORS = re.compile(
    r"\s*(?:;|,|/|\s&\s|\s(?:feat\.?|ft\.?|featuring|with|x|and|und|et|y|vs\.?)\s)\s*", re.IGNORECASE
)
_Names = tuple[str, str]  # keys of artist and title


@dataclass(frozen=True, slots=True)
class Match:
    """The track; or, where it is none, those that it could be."""

    track_id: int | None = None
    candidates: tuple[int, ...] = ()


@dataclass(frozen=True, slots=True)
class _Candidate:
    pk: int
    fact: Fact
    album_key: str
    performance: tuple[str, int]
    has_id: bool


def find(rows: Sequence[Told]) -> list[Match]:
    """By Spotify id, else by ISRC, else by names: as written, then as performances are compared, then the other way
    round, as some write `Title – Artist`."""
    by_id = ids(Track, "spotify_id", {row.spotify_id for row in rows if row.spotify_id})
    by_isrc = _by_isrc({row.isrc for row in rows if row.isrc})
    found = [Match(by_id.get(row.spotify_id) or by_isrc.get(row.isrc)) for row in rows]
    for step in (_as_written, _as_compared, _turned_round):
        open_places = [place for place, row in enumerate(rows) if _is_open(found[place]) and row.title and row.artist]
        if open_places:
            for place, match in zip(open_places, step([rows[place] for place in open_places]), strict=True):
                found[place] = match
    return found


def _is_open(match: Match) -> bool:
    return match.track_id is None and not match.candidates


def artists_of(told: str) -> list[str]:
    """The whole text first, for a band may be called so; then each name in it."""
    return list(dict.fromkeys([told, *filter(None, _SEPARATORS.split(told))]))


# --- By ISRC ---------------------------------------------------------------------------------------------------------
def _by_isrc(codes: Iterable[str]) -> dict[str, int]:
    """One track of each recording, one with a Spotify id if there is any."""
    found: dict[str, tuple[bool, int]] = {}
    for part in parts(codes):
        rows = Track.objects.filter(recording__isrc__in=part).values_list("recording__isrc", "id", "spotify_id")
        for code, pk, spotify_id in rows:
            found[code or ""] = min(found.get(code or "", (True, pk)), (spotify_id is None, pk))
    return {code: pk for code, (_bare, pk) in found.items()}


# --- By names --------------------------------------------------------------------------------------------------------
def _as_written(rows: Sequence[Told]) -> list[Match]:
    wanted = [[(names.key(artist), names.key(row.title)) for artist in artists_of(row.artist)] for row in rows]
    return _of_names(rows, wanted)


def _turned_round(rows: Sequence[Told]) -> list[Match]:
    return _of_names(rows, [[(names.key(row.title), names.key(row.artist))] for row in rows])


def _of_names(rows: Sequence[Told], wanted: Sequence[Sequence[_Names]]) -> list[Match]:
    """Tracks whose main artist and title are just so; the names that come first are tried first."""
    asked = set(chain.from_iterable(wanted))
    found: dict[_Names, list[int]] = {}
    for part in parts({title for _artist, title in asked}):
        music = Track.objects.filter(kind=Track.Kind.MUSIC, name_key__in=part, artist__isnull=False)
        for pk, artist, title in music.values_list("id", "artist__name_key", "name_key"):
            if (artist, title) in asked:
                found.setdefault((artist, title), []).append(pk)
    known = _candidates(chain.from_iterable(found.values()))
    return [
        _decided(row, next(([known[pk] for pk in found[each]] for each in alternatives if each in found), []))
        for row, alternatives in zip(rows, wanted, strict=True)
    ]


def _as_compared(rows: Sequence[Told]) -> list[Match]:
    """Under any credited artist, whatever marks the title has; what is marked as another performance stays apart."""
    facts = [_fact(row) for row in rows]
    keys = [lookup_keys(fact) for fact in facts]
    found: dict[int, list[int]] = {}
    for part in parts(chain.from_iterable(keys)):
        for key, pk in TrackKey.objects.filter(key__in=part).values_list("key", "track_id"):
            found.setdefault(key, []).append(pk)
    known = _candidates(chain.from_iterable(found.values()))
    matches = []
    for row, fact, own in zip(rows, facts, keys, strict=True):
        near = {pk for key in own for pk in found.get(key, ())}
        fitting = [known[pk] for pk in sorted(near) if pk in known and known[pk].fact.base == fact.base]
        same = [each for each in fitting if each.fact.version == fact.version and each.fact.people & fact.people]
        matches.append(_decided(row, same) if same else Match(None, _told(fitting)))
    return matches


def _fact(row: Told) -> Fact:
    people = dict(enumerate(names.key(artist) for artist in artists_of(row.artist)))
    return Fact(0, "told", row.title, people, row.album, row.duration_ms)


def _candidates(pks: Iterable[int]) -> dict[int, _Candidate]:
    """What is compared of these tracks; music alone."""
    found: dict[int, _Candidate] = {}
    for part in parts(pks):
        credits: dict[int, dict[int, str]] = {}
        people = TrackArtist.objects.filter(track_id__in=part).values_list("track_id", "artist_id", "artist__name_key")
        for pk, artist, name in people:
            credits.setdefault(pk, {})[artist] = name
        music = Track.objects.filter(pk__in=part, kind=Track.Kind.MUSIC).select_related("artist", "album")
        for track in music:
            main = {track.artist.pk: track.artist.name_key} if track.artist else {}
            album = track.album.name if track.album else ""
            people_of = main | credits.get(track.pk, {})
            fact = Fact(
                track.pk, "", track.name, people_of, album, track.duration_ms, is_full=track.refreshed_at is not None
            )
            recording = ("recording", track.recording_id) if track.recording_id else ("track", track.pk)
            album_key = track.album.name_key if track.album else ""
            found[track.pk] = _Candidate(track.pk, fact, album_key, recording, track.spotify_id is not None)
    return found


def _decided(row: Told, found: Sequence[_Candidate]) -> Match:
    """One performance is sure; of several the one on the album that is told, or of the length; else it is not said."""
    album = names.key(row.album)
    for near in _narrower(row, [each for each in found if _is_by(each, row)], album):
        if len({each.performance for each in near}) == 1 and not _is_another_length(near, row):
            return Match(min(near, key=lambda each: (each.album_key != album, not each.has_id, each.pk)).pk)
    return Match(None, _told(found))


def _is_by(found: _Candidate, row: Told) -> bool:
    """Whether the credits bear out what is told: “Earth” alone is not “Earth, Wind & Fire”.

    Where only the main artist is known, as from a history export, the album or the length has to.
    """
    whole, *rest = (names.key(artist) for artist in artists_of(row.artist))
    if whole in found.fact.people:
        return True
    if found.fact.is_full:
        return set(rest) <= found.fact.people
    return bool(found.album_key and found.album_key == names.key(row.album)) or _is_long(found, row)


def _is_another_length(found: Sequence[_Candidate], row: Told) -> bool:
    """That what is told and what is known are far apart: of one performance, they would not be."""
    lengths = [each.fact.duration_ms for each in found if each.fact.duration_ms]
    return bool(row.duration_ms and lengths) and all(abs(ms - (row.duration_ms or 0)) > FAR_MS for ms in lengths)


def _is_long(found: _Candidate, row: Told) -> bool:
    ms = found.fact.duration_ms
    return bool(ms and row.duration_ms) and abs((ms or 0) - (row.duration_ms or 0)) <= NEAR_MS


def _narrower(row: Told, found: Sequence[_Candidate], album: str) -> Iterator[Sequence[_Candidate]]:
    yield found
    on_album = [each for each in found if album and each.album_key == album]
    yield on_album
    yield [each for each in on_album if _is_long(each, row)]
    yield [each for each in found if _is_long(each, row)]


def _told(found: Sequence[_Candidate]) -> tuple[int, ...]:
    """One track of each performance, those with a Spotify id before others."""
    one: dict[tuple[str, int], int] = {}
    for each in sorted(found, key=lambda each: (not each.has_id, each.pk)):
        one.setdefault(each.performance, each.pk)
    return tuple(one.values())[:MOST]


def main_artist(told: str, known: Mapping[str, int]) -> str:
    """Whom a new track is filed under: the whole text if a band is called so, else the first name in it that is known.

    `known` are artists by `names.key`.
    """
    alternatives = artists_of(told)
    if ";" in told and names.key(told) not in known:
        return told.partition(";")[0].strip()
    return next((each for each in alternatives if names.key(each) in known), told)
