"""Reading one list from Spotify for a job: to its end before anything of it is stored, or not at all.

A read that fails or comes out short changes nothing. Pages that were read before an interruption are kept in the job's
step, and used again if the list has not changed since.
"""

from collections.abc import Callable, Iterator, Sequence
from contextlib import contextmanager
from typing import Any

import msgspec
from django.db import transaction
from django.utils import timezone
from django.utils.translation import gettext as _

from accounts import jobs
from accounts.models import SpotifyConnection
from accounts.spotify import budget
from accounts.spotify.errors import (
    FALTERED,
    AppRefused,
    KeyMissing,
    NotAllowlisted,
    OwnerNotPremium,
    ReconnectNeeded,
    ScopeMissing,
    SpotifyError,
    Upstream,
)
from accounts.spotify.gateway import SpotifyGateway
from accounts.spotify.payloads import AlbumPayload, Page, TrackPayload
from ingest.actions import catalogue, enrich, sources, want
from ingest.actions.sources import Entry, Short
from ingest.models import TrackSource

FOR_POLLS = 0.25  # of the background budget is left to polls
LIKES, PLAYLISTS = "user-library-read", "playlist-read-private"  # what a person may have left unchecked at Spotify
PAGE = 50
SAVE_EVERY = 5  # pages between two committed steps
MOST = 200_000  # entries of one list: more than Spotify allows in any; an answer without an end is not believed


class Reader:
    """One run's calls for one connection. `step` is the job's; `got_on`: the next run need not read it all again."""

    def __init__(self, run: jobs.Run, connection: SpotifyConnection) -> None:
        self.run, self.connection = run, connection
        self.spotify: SpotifyGateway = connection.gateway()
        self.step: dict[str, Any] = dict(run.step)
        self.got_on = False

    # --- Lists --------------------------------------------------------------------------------------------------------
    def likes(self, source: TrackSource) -> int:
        """Read liked tracks and store them; how many positions changed. Raises Short."""
        old = sources.entries(source)
        first = self.page("saved_tracks", 0)
        head = self._of_likes(first)
        new = sources.grown(old, head, first.total)
        if new is None:
            mark = [first.total, *[one.uri for one in head[:5]]]
            new = self._whole(head, first, mark, lambda offset: self.page("saved_tracks", offset), self._of_likes)
        return self._store(source, new)

    def playlist(self, source: TrackSource, *, version: str | None = None, done: int = 0, total: int = 0) -> int:
        """Read a playlist and store it; how many positions changed. Raises Short, NotReadable, NotFound.

        Without a `version`, its name and version are asked for with its first page. `done` of `total` were read before.
        """

        def more(offset: int) -> Page[Any]:
            return self.page("playlist_items", source.spotify_id, offset)

        if version is None:
            self.leave_some()
            told, first = self.spotify.playlist(source.spotify_id)
            sources.tell(source, told)
            version = told.snapshot_id
        else:
            first = more(0)
        mark = [source.pk, version, first.total]
        new = self._whole(self._of_items(first), first, mark, more, self._of_items, done=done, total=total)
        return self._store(source, new, version=version)

    def album(self, source: TrackSource) -> int:
        """Read an album and store its tracks; how many positions changed. Raises Short, NotFound."""
        self.leave_some()
        album, first = self.spotify.album(source.spotify_id)
        found = self._of_album(album, self._album_rows(album, first))
        source.name, source.image_url = album.name, album.image_url[:500]
        source.owner_name = ", ".join(artist.name for artist in album.artists)[:120]
        source.save(update_fields=["name", "image_url", "owner_name"])
        return self._store(source, found)

    def albums(self, source: TrackSource) -> int:
        """Read all saved albums and store their tracks, one album after another. Raises Short."""
        if not self.connection.has_scope(LIKES):
            raise ScopeMissing
        found: list[Entry] = []
        count, announced = 0, None
        for page in self.pages("saved_albums"):
            announced = page.total if announced is None else announced
            if page.total != announced:  # one came or left between two pages: another one may be on neither
                raise Short
            for saved in page.items:
                count += 1
                if saved is not None and saved.album is not None:
                    rows = self._album_rows(saved.album, saved.tracks)
                    added_ms = sources.added_ms(saved.added_at)
                    found += [one._replace(added_ms=added_ms) for one in self._of_album(saved.album, rows)]
            self.run.advance(count, announced)
        if announced is not None and count < announced:
            raise Short
        return self._store(source, found)

    def _album_rows(self, album: AlbumPayload, first: Page[TrackPayload]) -> list[TrackPayload | None]:
        rows, page = list(first.items), first
        while page.items and album.id and (page.has_next or len(rows) < (first.total or 0)):
            page = self.page("album_tracks", album.id, len(rows))
            rows += page.items
        if first.total is not None and len(rows) < first.total:
            raise Short
        return rows

    @staticmethod
    def _of_album(album: AlbumPayload, rows: Sequence[TrackPayload | None]) -> list[Entry]:
        """Albums' tracks come without their album."""
        whole = [row and msgspec.structs.replace(row, album=album) for row in rows]
        ids = catalogue.tracks(whole, timezone.now())
        return [sources.entry(row, None, ids) for row in whole]

    def _of_likes(self, page: Page[Any]) -> list[Entry]:
        ids = catalogue.tracks([row.track for row in page.items if row and row.track], timezone.now())
        return [sources.entry(row.track if row else None, row.added_at if row else None, ids) for row in page.items]

    def _of_items(self, page: Page[Any]) -> list[Entry]:
        ids = catalogue.tracks([row.track for row in page.items if row and row.track], timezone.now())
        return [sources.item_entry(row, ids) for row in page.items]

    def _whole(
        self,
        head: list[Entry],
        first: Page[Any],
        mark: list[Any],
        more: Callable[[int], Page[Any]],
        entries: Callable[[Page[Any]], list[Entry]],
        *,
        done: int = 0,
        total: int = 0,
    ) -> list[Entry]:
        """All entries, the first page's being `head`; those of an interrupted run where `mark` is the same."""
        staged = self.step.get("staged") or {}
        found = sources.unpacked(staged["rows"]) if staged.get("mark") == mark else head
        page, pages = first, 0
        while page.has_next or len(found) < (first.total or 0):
            self.run.advance(done + len(found), total or first.total)
            try:
                page = more(len(found))
            except (SpotifyError, jobs.PutOff):
                self.commit(staged={"mark": mark, "rows": sources.packed(found)})
                raise
            if not page.items or page.total != first.total or len(found) > MOST:
                break
            found = found + entries(page)
            pages += 1
            self.got_on = True  # an error on the way commits what was found
            if pages % SAVE_EVERY == 0:
                self.commit(staged={"mark": mark, "rows": sources.packed(found)})
        if page.total != first.total or len(found) < (first.total or 0) or len(found) > MOST:
            raise Short
        return found

    def _store(self, source: TrackSource, new: Sequence[Entry], *, version: str = "") -> int:
        with transaction.atomic():
            return sources.store(source, new, now=timezone.now(), version=version)

    # --- Calls and steps ----------------------------------------------------------------------------------------------
    def pages(self, method: str) -> Iterator[Any]:
        offset = 0
        while offset < MOST:
            page = self.page(method, offset)
            yield page
            offset += len(page.items)
            if not page.has_next or not page.items:
                return

    def page(self, method: str, *args: Any) -> Any:
        self.leave_some()
        return getattr(self.spotify, method)(*args, PAGE)

    def leave_some(self) -> None:
        """A large library must not eat the calls that polls need: plays are lost if nobody asks, likes wait."""
        now = timezone.now()
        allowed = budget.allowance(self.connection.app.quota_group, now)
        if allowed.background_left <= (allowed.limit - allowed.reserve) * FOR_POLLS:
            until = budget.frees_at(self.connection.app.quota_group, now)
            raise jobs.PutOff(until, _("Waiting: the rest of the day's calls is for your plays."))

    def want_kept(self) -> None:
        """Ask providers about what is kept now."""
        user = self.connection.user
        if user is not None and want.kept(user):
            enrich.begin()

    def commit(self, **changes: Any) -> None:
        self.step |= changes
        with transaction.atomic():
            self.run.commit_step(**self.step)


def gone() -> str:
    return _("This Spotify account is not connected any more. What was read before is kept.")


@contextmanager
def told(reader: Reader) -> Iterator[None]:
    """Spotify's refusals as words for the person; an answer that failed midway is put off, and costs no attempt."""
    try:
        yield
    except Upstream as exc:
        if exc.until is None and reader.got_on:
            raise jobs.PutOff(
                timezone.now() + FALTERED, _("Spotify did not answer; it goes on by itself from where it was.")
            ) from exc
        raise
    except (ReconnectNeeded, ScopeMissing) as exc:
        raise jobs.Failure(
            _("Spotify asks you to connect again. What was read before is kept. Connect on the connections page.")
        ) from exc
    except (NotAllowlisted, OwnerNotPremium, AppRefused, KeyMissing) as exc:
        raise jobs.Failure(
            _("Spotify refuses this app for now. What was read before is kept. The operator can mend it.")
        ) from exc
