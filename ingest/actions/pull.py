"""Reading a person's likes and playlists from Spotify, whole or not at all.

A list is read to its end before anything of it is stored; a read that fails or comes out short changes nothing. An
interrupted job goes on where it was: with the pages of likes it has read, and the playlists it has not.
"""

from datetime import datetime, timedelta
from typing import Any

from django.db import transaction
from django.db.models import QuerySet
from django.utils import timezone
from django.utils.translation import gettext as _

from accounts import jobs
from accounts.models import Job, SpotifyConnection
from accounts.spotify.errors import ScopeMissing
from ingest.actions import reader, sources
from ingest.actions.reader import LIKES, PLAYLISTS
from ingest.actions.sources import Short
from ingest.models import TrackSource

KIND = "pull_library"
EVERY = timedelta(days=1)  # reading again by itself; mostly one call for likes, and one for each 50 playlists


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
    return "" if _connection(job) else reader.gone()


@jobs.handler(KIND, queue="bulk", max_attempts=5, again=jobs.start_same, why_not=_not_connected)
def run(run: jobs.Run) -> dict[str, Any]:
    connection = _connection(run.job)
    if connection is None or connection.user is None:
        raise jobs.Failure(reader.gone())
    pull = Pull(run, connection)
    with reader.told(pull):
        try:
            return pull.all()
        except Short as exc:
            raise jobs.Failure(
                _("Spotify sent fewer liked tracks than it announced, so the former list was kept. Read again later.")
            ) from exc
        finally:  # also when the rest is read another day
            pull.want_kept()


class Pull(reader.Reader):
    """One run over one connection's likes, list of playlists, and sources."""

    def __init__(self, run: jobs.Run, connection: SpotifyConnection) -> None:
        super().__init__(run, connection)
        self.step = self.step or {"phase": "likes", "counts": {}}
        self.counts: dict[str, int] = self.step["counts"]

    def all(self) -> dict[str, Any]:
        if not is_allowed(self.connection):
            raise ScopeMissing
        if self.step["phase"] == "likes":
            if self.connection.has_scope(LIKES):
                self._likes()
            self.commit(phase="list")
        if self.step["phase"] == "list":
            if self.connection.has_scope(PLAYLISTS):
                self._list()
            else:
                self.commit(phase="items", todo=[], staged=None)
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

    def _likes(self) -> None:
        self.run.advance(0, message=_("Reading liked tracks"), unit="tracks")
        source = sources.liked(self.connection)
        try:
            self.counts["likes_changed"] = self.likes(source)
        except Short:
            self.counts["likes_short"] = 1
            return
        source.refresh_from_db(fields=["total"])
        self.counts["likes"] = source.total

    def _list(self) -> None:
        """Read the list of playlists; those that left it leave us only if it was read whole."""
        self.run.advance(self.run.job.done, message=_("Reading the list of playlists"))
        found, count, totals = [], 0, set()
        for page in self.pages("playlists"):
            found += [one for one in page.items if one is not None]
            count += len(page.items)
            totals.add(page.total)
        # One that left between two pages moves those behind it up: one of them is on neither.
        whole = len(totals) == 1 and count >= (totals.pop() or 0)
        again = bool(self.run.parameters.get("again"))
        with transaction.atomic():
            todo = sources.keep_list(self.connection, found, whole=whole, again=again, now=timezone.now())
            self.counts["playlists"] = len(found)
            self.commit(phase="items", todo=todo, staged=None)

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
            self.commit(todo=todo, staged=None)
            self.got_on = True

    def _one(self, source: TrackSource, version: str, done: int, total: int) -> None:
        try:
            self.playlist(source, version=version, done=done, total=total)
        except sources.UNREADABLE as exc:
            sources.mark_unreadable(source, exc, version=version)
        except Short:  # the former list stays, and so does its version: the next run reads it again
            self.counts["playlists_short"] = self.counts.get("playlists_short", 0) + 1
