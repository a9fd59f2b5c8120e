"""ListenBrainz: how many people heard a recording or an artist, a thousand at once, without a token.

It knows things by MusicBrainz ids alone. https://listenbrainz.readthedocs.io/en/latest/users/api/popularity.html
"""

from collections.abc import Callable, Sequence
from datetime import timedelta

from django.conf import settings
from django.db.models import Exists, OuterRef, Q

from ingest.models import Finding
from ingest.providers.base import Kind, Pace, Provider, Subject, Values, Wire

_PAGES = {"track": ("recording", "recording_mbid"), "artist": ("artist", "artist_mbid")}


class ListenBrainz(Provider):
    name = "listenbrainz"
    label = "ListenBrainz"
    fields = ("listeners",)
    confidence = 0.7  # its listeners are fewer than Last.fm's
    daily_calls = 5_000
    pace = Pace(2, timedelta(seconds=1))
    batch = {"track": 500, "artist": 500}
    ttl = timedelta(days=90)

    def askable(self, kind: Kind) -> Q:
        if kind == "artist":
            return Q(musicbrainz_id__isnull=False)
        known = Finding.objects.filter(provider="musicbrainz", track=OuterRef("pk"), values__has_key="musicbrainz_id")
        return Q(Exists(known))

    def ask(self, kind: Kind, subjects: Sequence[Subject], wire: Wire, keep: Callable[[int, Values], None]) -> None:
        page, key = _PAGES[kind]
        by_id: dict[str, list[Subject]] = {}
        for subject in subjects:
            by_id.setdefault(subject.musicbrainz_id, []).append(subject)
        answer = wire.post(f"{settings.LISTENBRAINZ_URL}/1/popularity/{page}", {f"{key}s": sorted(by_id)})
        for row in answer if isinstance(answer, list) else ():
            if isinstance(row, dict) and row.get("total_user_count"):
                for subject in by_id.get(str(row.get(key)), ()):
                    keep(subject.id, {"listeners": row["total_user_count"]})
