"""An estimate of how a track sounds, where nobody measured it: as measured tracks of the same genres do on average.

No outside service; the surest guess counts for less than the weakest measurement, and is marked as what it is.
"""

from collections import defaultdict
from collections.abc import Callable, Mapping, Sequence
from datetime import timedelta

import numpy as np
from django.core.cache import cache
from django.db.models import Exists, OuterRef, Q

from ingest.facts import ESTIMATE
from ingest.heard import FEATURES
from ingest.models import ArtistTag, AudioFeatures, Finding, Tag, Track, TrackTag
from ingest.providers.base import Kind, Provider, Subject, Values, Wire

LEAST_TRACKS = 5  # measured ones of a genre, to speak for it
_SAMPLE = 5_000  # measured tracks that are looked at, the newest
_KEPT_S = 600

Genres = Mapping[int, Sequence[tuple[int, float]]]  # (tag, weight) by track


class Estimate(Provider):
    name = ESTIMATE
    label = "Estimate"
    sort = "estimate"
    fields = FEATURES
    confidence = 0.2
    batch = {"track": 500}
    ttl = timedelta(days=30)
    missing_ttl = timedelta(days=7)

    def askable(self, kind: Kind) -> Q:
        """Tracks that were asked about in vain, and have a genre, their own or their artist's."""
        is_genre = Q(tag__kind=Tag.Kind.GENRE)
        own = TrackTag.objects.filter(is_genre, track=OuterRef("pk"))
        artists = ArtistTag.objects.filter(is_genre, artist=OuterRef("artist"))
        asked = Finding.objects.filter(track=OuterRef("pk"), provider="reccobeats")
        unmeasured = Q(audio_features=None) & (Q(spotify_id=None) | Q(Exists(asked)))
        return unmeasured & (Q(Exists(own)) | Q(Exists(artists)))

    def ask(self, kind: Kind, subjects: Sequence[Subject], wire: Wire, keep: Callable[[int, Values], None]) -> None:
        sounds = _sounds()
        for track, genres in _genres([subject.id for subject in subjects]).items():
            keep(track, guess([(sounds[tag], weight) for tag, weight in genres if tag in sounds]))


def guess(sounds: Sequence[tuple[Sequence[float], float]]) -> Values:
    """The weighted mean of how genres sound (in the order of FEATURES); nothing without any."""
    if not sounds:
        return {}
    means = np.average([sound for sound, _weight in sounds], axis=0, weights=[weight for _sound, weight in sounds])
    return {name: round(float(mean), 3) for name, mean in zip(FEATURES, means, strict=True)}


def _sounds() -> dict[int, list[float]]:
    """How each genre sounds, by tag: means over measured tracks, in the order of FEATURES."""
    known = cache.get("estimate:sounds")
    if known is None:
        known = _measured()
        cache.set("estimate:sounds", known, _KEPT_S)
    return known


def _measured() -> dict[int, list[float]]:
    complete = {f"{name}__isnull": False for name in FEATURES}
    measured = AudioFeatures.objects.filter(**complete).exclude(sources__valence=ESTIMATE).order_by("-track_id")
    rows = measured.values_list("track_id", *FEATURES)[:_SAMPLE]
    features = {track: np.array(values) for track, *values in rows}
    sums: dict[int, list] = defaultdict(lambda: [np.zeros(len(FEATURES)), 0.0, 0])
    for track, genres in _genres(list(features)).items():
        for tag, weight in genres:
            each = sums[tag]
            each[0] += weight * features[track]
            each[1] += weight
            each[2] += 1
    return {tag: (total / weight).tolist() for tag, (total, weight, tracks) in sums.items() if tracks >= LEAST_TRACKS}


def _genres(tracks: list[int]) -> Genres:
    """The genres of each of `tracks`: its own, else its artist's."""
    own = TrackTag.objects.filter(track__in=tracks, tag__kind=Tag.Kind.GENRE)
    found: dict[int, list[tuple[int, float]]] = defaultdict(list)
    for track, tag, weight in own.values_list("track_id", "tag_id", "weight"):
        found[track].append((tag, weight))
    bare = dict(Track.objects.filter(pk__in=set(tracks) - found.keys()).values_list("id", "artist_id"))
    of_artist: dict[int, list[tuple[int, float]]] = defaultdict(list)
    artists = ArtistTag.objects.filter(artist__in=set(bare.values()) - {None}, tag__kind=Tag.Kind.GENRE)
    for artist, tag, weight in artists.values_list("artist_id", "tag_id", "weight"):
        of_artist[artist].append((tag, weight))
    return found | {track: of_artist[artist] for track, artist in bare.items() if artist in of_artist}
