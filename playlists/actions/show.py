"""A sync run for people: what leaves, comes and moves, by name."""

from dataclasses import dataclass
from functools import cached_property
from urllib.parse import unquote_plus

from django.utils.translation import gettext as _

from ingest.models import Track
from playlists import diff, guards, writing
from playlists.actions.remote import UNNAMED
from playlists.diff import Diff
from playlists.models import SyncRun

SHOWN = 100  # of each list on the page; the download has all
_LOCAL = "spotify:local:"
_AT_ONCE = 1_000  # ids in one statement


@dataclass(frozen=True, slots=True)
class Line:
    """One item of a list: a track we know, or what its URI says."""

    uri: str
    track: Track | None

    @property
    def words(self) -> str:
        if self.track is not None:
            return f"{self.track.artist.name} – {self.track.name}" if self.track.artist else self.track.name
        if self.uri.startswith(_LOCAL):
            parts = [unquote_plus(part) for part in self.uri.removeprefix(_LOCAL).split(":")]
            artist, _album, title, *_length = [*parts, "", "", ""]
            return _("%(name)s (a file of your own)") % {"name": " – ".join(filter(None, (artist, title)))}
        return _("an item that Spotify no longer names") if self.uri == UNNAMED else self.uri


class Shown:
    """What the page of one run shows. The lists are looked at only where they are asked for."""

    def __init__(self, run: SyncRun) -> None:
        self.run = run

    @cached_property
    def diff(self) -> Diff:
        """Of what can be written."""
        fixed = set(self.run.fixed)
        before, after = ([key for key in keys if key not in fixed] for keys in (self.run.before, self.run.after))
        return diff.compare(before, after)

    @cached_property
    def _then(self) -> set[str]:
        """What it held when the last call that Spotify agreed to was done; an answer that was lost does not count."""
        run = self.run
        calls = tuple(writing.Call.of_json(call) for call in run.calls[: run.calls_done])
        return set(writing.Plan(tuple(run.start), (), calls).states[-1])

    @property
    def come_so_far(self) -> int:
        return sum(uri in self._then for uri in self.diff.added)

    @property
    def left_so_far(self) -> int:
        return sum(uri not in self._then for uri in self.diff.removed)

    @cached_property
    def kept(self) -> list[Line]:
        fixed = set(self.run.fixed)
        return [Line(key, None) for key in self.run.before if key in fixed]

    @cached_property
    def _shown(self) -> dict[str, Track]:
        told = self.diff
        return _tracks(
            {uri for uris in (told.added, told.removed, told.moved, told.duplicates) for uri in uris[:SHOWN]}
        )

    def _lines(self, uris: tuple[str, ...]) -> list[Line]:
        return [Line(uri, self._shown.get(uri)) for uri in uris[:SHOWN]]

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
        """The whole diff as lines, by name; empty if nothing comes or leaves."""
        known = _tracks({*self.diff.added, *self.diff.removed, *self.diff.duplicates})
        return self.diff.as_text({uri: Line(uri, track).words for uri, track in known.items()})


def _tracks(uris: set[str]) -> dict[str, Track]:
    """Those of the catalogue, by URI."""
    ids = sorted(uri.removeprefix("spotify:track:") for uri in uris if uri.startswith("spotify:track:"))
    found: dict[str, Track] = {}
    for start in range(0, len(ids), _AT_ONCE):
        rows = Track.objects.filter(spotify_id__in=ids[start : start + _AT_ONCE]).select_related("artist", "album")
        found |= {f"spotify:track:{track.spotify_id}": track for track in rows}
    return found
