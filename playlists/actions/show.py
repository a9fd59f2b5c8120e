"""A sync run for people: what leaves, comes and moves, by name."""

from dataclasses import dataclass
from functools import cached_property

from django.utils.translation import gettext as _

from ingest.models import Track
from playlists import diff, guards
from playlists.actions.remote import UNNAMED
from playlists.models import SyncRun

SHOWN = 100  # of each list on the page; the download has all


@dataclass(frozen=True, slots=True)
class Line:
    """One item of a list: a track we know, or what its URI says."""

    uri: str
    track: Track | None

    @property
    def words(self) -> str:
        if self.track is not None:
            return f"{self.track.artist.name} – {self.track.name}" if self.track.artist else self.track.name
        return _("an item that Spotify no longer names") if self.uri == UNNAMED else self.uri


class Shown:
    """What the page of one run shows."""

    def __init__(self, run: SyncRun) -> None:
        self.run = run
        fixed = set(run.fixed)
        self.kept = [Line(key, None) for key in run.before if key in fixed]
        plain = [[key for key in keys if key not in fixed] for keys in (run.before, run.after)]
        self.diff = diff.compare(*plain)

    @cached_property
    def _tracks(self) -> dict[str, Track]:
        uris = {*self.diff.added, *self.diff.removed, *self.diff.moved, *self.diff.duplicates}
        ids = [uri.removeprefix("spotify:track:") for uri in uris]
        found = Track.objects.filter(spotify_id__in=ids).select_related("artist", "album")
        return {f"spotify:track:{track.spotify_id}": track for track in found}

    def _lines(self, uris: tuple[str, ...]) -> list[Line]:
        return [Line(uri, self._tracks.get(uri)) for uri in uris[:SHOWN]]

    @property
    def added(self) -> list[Line]:
        return self._lines(self.diff.added)

    @property
    def removed(self) -> list[Line]:
        return self._lines(self.diff.removed)

    @property
    def moved(self) -> list[Line]:
        return self._lines(self.diff.moved)

    @property
    def duplicates(self) -> list[Line]:
        return self._lines(self.diff.duplicates)

    @property
    def wants_connection(self) -> bool:
        """Whether it failed for want of a Spotify account, and still would."""
        connection = self.run.playlist.connection
        return self.run.state == SyncRun.State.FAILED and (connection is None or not connection.is_active)

    @property
    def empties(self) -> bool:
        return guards.EMPTIES in self.run.guards

    @property
    def warnings(self) -> list[str]:
        """What the guards found, in words."""
        said = {
            guards.EMPTIES: _("Nothing would be left in it."),
            guards.SHORT: _("It would hold fewer tracks than the least you set."),
            guards.REMOVES: _("Nearly a third of what is in it, or more, would leave."),
            guards.FOREIGN: _("Vibesite never wrote this playlist: what is in it was put there by somebody else."),
            guards.EDITED: _("It was changed at Spotify since Vibesite last wrote it; that would be written over."),
        }
        return [said[name] for name in self.run.guards if name in said]

    def as_text(self) -> str:
        """The whole diff as lines, by name."""
        return self.diff.as_text({uri: Line(uri, track).words for uri, track in self._tracks.items()})
