"""Reading a person's likes and playlists from Spotify, whole or not at all.

A list is read to its end before anything of it is stored; a read that fails or comes out short changes nothing. An
interrupted job goes on where it was: with the pages of likes it has read, and the playlists it has not.
"""

from collections.abc import Iterator
from datetime import datetime, timedelta
from typing import Any

from django.db import transaction
from django.db.models import QuerySet
from django.utils import timezone
from django.utils.translation import gettext as _

from accounts import jobs
from accounts.models import Job, SpotifyConnection
from accounts.spotify import budget
from accounts.spotify.errors import (
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
from ingest.actions import catalogue, sources
from ingest.actions.sources import Entry, Short
from ingest.models import TrackSource

KIND = "pull_library"
EVERY = timedelta(days=1)  # reading again by itself; mostly one call for likes, and one for each 50 playlists
FALTERED = timedelta(seconds=20)  # after an answer that failed midway
FOR_POLLS = 0.25  # of the background budget is left to polls
LIKES, PLAYLISTS = "user-library-read", "playlist-read-private"  # what a person may have left unchecked at Spotify
PAGE = 50
SAVE_EVERY = 5  # pages of likes between two committed steps


def start(*, connection: SpotifyConnection, again: bool = False) -> Job:
    """Read likes and playlists as a job; while one is open, that one. `again`: a person asked, so refused ones too."""
    return jobs.start(
        KIND,
        owner=connection.user,
        parameters={"connection_id": connection.pk, "again": again},
        key=str(connection.pk),
        message=_("Your likes and playlists are about to be read."),
    )


def is_allowed(connection: SpotifyConnection) -> bool:
    """Whether the person let us read anything of it."""
    return connection.has_scope(LIKES) or connection.has_scope(PLAYLISTS)


def is_due(*, connection: SpotifyConnection, now: datetime) -> bool:
    """Whether its last read is a day old, or there was none."""
    return is_allowed(connection) and not _lately_read(connection, now).filter(connection=connection).exists()


def _lately_read(connection: SpotifyConnection, now: datetime) -> QuerySet[TrackSource]:
    if connection.has_scope(LIKES):
        return TrackSource.objects.filter(kind=TrackSource.Kind.LIKED, pulled_at__gt=now - EVERY)
    return TrackSource.objects.filter(kind=TrackSource.Kind.PLAYLIST, listed_at__gt=now - EVERY)


def start_due(*, now: datetime) -> int:
    """Start the daily read of each connection whose last one is a day old; how many."""
    liked = TrackSource.objects.filter(kind=TrackSource.Kind.LIKED, pulled_at__gt=now - EVERY)
    stale = SpotifyConnection.objects.active().filter(user__isnull=False, user__is_active=True, app__enabled=True)
    count = 0
    for connection in stale.exclude(pk__in=liked.values("connection")).select_related("user"):
        if is_due(connection=connection, now=now):
            start(connection=connection)
            count += 1
    return count


def _connection(job: Job) -> SpotifyConnection | None:
    return SpotifyConnection.objects.active().filter(pk=job.parameters["connection_id"], user=job.owner).first()


def _not_connected(job: Job) -> str:
    """What its person is told if it cannot be read; empty if it can."""
    return "" if _connection(job) else _gone()


def _gone() -> str:
    return _("This Spotify account is not connected any more. What was read before is kept.")


@jobs.handler(KIND, queue="bulk", max_attempts=5, again=jobs.start_same, why_not=_not_connected)
def run(run: jobs.Run) -> dict[str, Any]:
    connection = _connection(run.job)
    if connection is None or connection.user is None:
        raise jobs.Failure(_gone())
    pull = Pull(run, connection)
    try:
        return pull.all()
    except Upstream as exc:
        if exc.until is None and pull.got_on:  # it got on, and kept what it read: this costs no attempt
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
    except Short as exc:
        raise jobs.Failure(
            _("Spotify sent fewer liked tracks than it announced, so the former list was kept. Read again later.")
        ) from exc


class Pull:
    """One run over one connection's likes, list of playlists, and sources."""

    def __init__(self, run: jobs.Run, connection: SpotifyConnection) -> None:
        self.run, self.connection = run, connection
        self.spotify: SpotifyGateway = connection.gateway()
        self.step: dict[str, Any] = dict(run.step) or {"phase": "likes", "counts": {}}
        self.counts: dict[str, int] = self.step["counts"]
        self.got_on = False  # this run has read something that the next one need not read again

    def all(self) -> dict[str, Any]:
        if not is_allowed(self.connection):
            raise ScopeMissing
        if self.step["phase"] == "likes":
            if self.connection.has_scope(LIKES):
                self._likes()
            self._commit(phase="list")
        if self.step["phase"] == "list":
            if self.connection.has_scope(PLAYLISTS):
                self._list()
            else:
                self._commit(phase="items", todo=[], staged=None)
        if self.step["phase"] == "items":
            self._items()
        if self.counts.get("likes_short"):
            raise Short
        self.run.advance(self.run.job.done, message=self._told())
        return self.counts

    def _told(self) -> str:
        """How it ended, in words; what the person did not allow is not called nothing."""
        off = _("not allowed by you at Spotify")
        return _("Liked tracks: %(likes)s. Playlists: %(playlists)s.") % {
            "likes": self.counts.get("likes", 0) if self.connection.has_scope(LIKES) else off,
            "playlists": self.counts.get("playlists", 0) if self.connection.has_scope(PLAYLISTS) else off,
        }

    # --- Likes --------------------------------------------------------------------------------------------------------
    def _likes(self) -> None:
        self.run.advance(0, message=_("Reading liked tracks"), unit="tracks")
        source = sources.liked(self.connection)
        old = sources.entries(source)
        first = self._page("saved_tracks", 0)
        head = self._liked_entries(first)
        fresh = sources.grown(old, head, first.total)
        try:
            new = fresh if fresh is not None else self._rest_of_likes(head, first)
        except Short:
            self.counts["likes_short"] = 1
            return
        with transaction.atomic():
            self.counts["likes_changed"] = sources.store(source, new, now=timezone.now())
            self.counts["likes"] = len(new)

    def _rest_of_likes(self, head: list[Entry], first: Any) -> list[Entry]:
        """All likes. Pages read before an interruption are used again if the list has not moved since."""
        staged = self.step.get("staged") or {}
        mark = [first.total, *[row[0] for row in sources.packed(head)[:5]]]
        found = sources.unpacked(staged["rows"]) if staged.get("mark") == mark else head
        page, pages = first, 0
        offset = len(found) if found is not head else first.offset + len(first.items)
        while page.has_next or offset < (first.total or 0):
            self.run.advance(offset, first.total)
            try:
                page = self._page("saved_tracks", offset)
            except (SpotifyError, jobs.PutOff):
                self._commit(staged={"mark": mark, "rows": sources.packed(found)})
                raise
            if not page.items:
                break
            found = found + self._liked_entries(page)
            offset += len(page.items)
            pages += 1
            self.got_on = True  # an error on the way commits what was found
            if pages % SAVE_EVERY == 0:
                self._commit(staged={"mark": mark, "rows": sources.packed(found)})
        if first.total is not None and len(found) < first.total:
            raise Short
        return found

    def _liked_entries(self, page: Any) -> list[Entry]:
        rows = page.items
        ids = catalogue.tracks([row.track for row in rows if row and row.track], timezone.now())
        return [sources.entry(row.track if row else None, row.added_at if row else None, ids) for row in rows]

    # --- Playlists ----------------------------------------------------------------------------------------------------
    def _list(self) -> None:
        """Read the list of playlists; those that left it leave us only if it was read whole."""
        self.run.advance(self.run.job.done, message=_("Reading the list of playlists"))
        found, whole = [], True
        for page in self._pages("playlists"):
            found += [one for one in page.items if one is not None]
            whole = page.total is None or page.offset + len(page.items) >= page.total
        again = bool(self.run.parameters.get("again"))
        with transaction.atomic():
            todo = sources.keep_list(self.connection, found, whole=whole, again=again, now=timezone.now())
            self.counts["playlists"] = len(found)
            self._commit(phase="items", todo=todo, staged=None)

    def _items(self) -> None:
        todo: list[list[Any]] = list(self.step["todo"])
        done = self.counts.get("likes", 0)
        total = done + sum(size for _pk, _version, size in todo)
        while todo:
            pk, version, size = todo[0]
            source = TrackSource.objects.filter(pk=pk).first()
            if source is not None:
                self.run.advance(done, total, message=_("Reading “%(name)s”") % {"name": source.name[:80]})
                self._one(source, version, done, total)
            done += size
            todo = todo[1:]
            self._commit(todo=todo)
            self.got_on = True

    def _one(self, source: TrackSource, version: str, done: int, total: int) -> None:
        found: list[Entry] = []
        announced = None
        try:
            for page in self._pages("playlist_items", source.spotify_id):
                announced = page.total
                ids = catalogue.tracks([row.track for row in page.items if row and row.track], timezone.now())
                found += [sources.item_entry(row, ids) for row in page.items]
                self.run.advance(done + len(found), total)
        except sources.UNREADABLE as exc:
            sources.mark_unreadable(source, exc, version=version)
            return
        if announced is not None and len(found) < announced:
            self.counts["playlists_short"] = self.counts.get("playlists_short", 0) + 1
            return  # the former list stays, and so does its version: the next run reads it again
        with transaction.atomic():
            sources.store(source, found, now=timezone.now(), version=version)

    # --- Calls and steps ----------------------------------------------------------------------------------------------
    def _pages(self, method: str, *args: Any) -> Iterator[Any]:
        offset = 0
        while True:
            page = self._page(method, *args, offset)
            yield page
            offset += len(page.items)
            if not page.has_next or not page.items:
                return

    def _page(self, method: str, *args: Any) -> Any:
        self._leave_some()
        return getattr(self.spotify, method)(*args, PAGE)

    def _leave_some(self) -> None:
        """A large library must not eat the calls that polls need: plays are lost if nobody asks, likes wait."""
        now = timezone.now()
        allowed = budget.allowance(self.connection.app.quota_group, now)
        if allowed.background_left <= (allowed.limit - allowed.reserve) * FOR_POLLS:
            until = budget.frees_at(self.connection.app.quota_group, now)
            raise jobs.PutOff(until, _("Waiting: the rest of the day's calls is for your plays."))

    def _commit(self, **changes: Any) -> None:
        self.step |= changes
        with transaction.atomic():
            self.run.commit_step(**self.step)
