"""Tracks chosen by a rule, not yet written anywhere."""

from dataclasses import dataclass, field
from typing import Any

from accounts.models import User
from ingest.models import Track
from playlists.rules.nodes import MAX_TRACKS

_AT_ONCE = 5_000


@dataclass(frozen=True, slots=True)
class Draft:
    """The tracks of a playlist to be, in order, once each. `why` says for what they were chosen, as typed queries."""

    track_ids: tuple[int, ...]
    why: tuple[str, ...] = ()
    ms: int = 0  # how long it is, as far as that is known
    of_tracks: int = 0  # chosen out of so many
    found: int = 0  # so many were found before the limit
    user: User | None = field(default=None, compare=False)

    def __len__(self) -> int:
        return len(self.track_ids)

    def uris(self) -> list[str]:
        """What Spotify is told, in order. A track that it has no id for is replaced by another of its recording."""
        known: dict[int, Any] = {}  # Spotify id, recording
        ids = list(self.track_ids[:MAX_TRACKS])
        for start in range(0, len(ids), _AT_ONCE):
            part = Track.objects.filter(pk__in=ids[start : start + _AT_ONCE])
            known |= {
                pk: (own, recording) for pk, own, recording in part.values_list("pk", "spotify_id", "recording_id")
            }
        without = {recording for own, recording in known.values() if not own and recording}
        others = Track.objects.filter(recording__in=without, spotify_id__isnull=False).order_by("-pk")
        stands_in = dict(others.values_list("recording_id", "spotify_id")) if without else {}
        told = [known[pk][0] or stands_in.get(known[pk][1]) for pk in ids if pk in known]
        return list(dict.fromkeys(f"spotify:track:{own}" for own in told if own))
