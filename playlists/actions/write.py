"""Writing one playlist as a job. What Spotify holds is the only truth about how far a run came.

Before each attempt the list is read whole and found among the plan's states: so a lost answer, a killed worker or a
repeat goes on from where the list is. A list that is none of them was changed by somebody: their change is weighed in.
"""

from typing import Any

from django.db import transaction
from django.utils import timezone
from django.utils.translation import gettext as _

from accounts import jobs
from accounts.models import Job
from accounts.spotify.errors import (
    FALTERED,
    BadRequest,
    NotFound,
    NotReadable,
    ReconnectNeeded,
    ScopeMissing,
    SpotifyError,
    Upstream,
)
from accounts.spotify.gateway import SpotifyGateway
from playlists import diff, writing
from playlists.actions import midway, remote, sync
from playlists.actions.remote import Remote
from playlists.models import Playlist, SyncRun

State = SyncRun.State
MOST_REPLANS = 5
MOST_UNSEEN = 3
_STORED = [field.attname for field in SyncRun._meta.concrete_fields if not field.primary_key]


def _again(job: Job) -> Job:
    """A new job for what the ended one left."""
    fresh = jobs.start_same(job)
    SyncRun.objects.writing().filter(job=job).update(job=fresh)
    return fresh


def _why_not(job: Job) -> str:
    is_left = SyncRun.objects.writing().filter(job=job).exists()
    return "" if is_left else _("Nothing of it is left to write. Plan it anew on the playlist’s page.")


@jobs.handler(sync.KIND, queue="sync", max_attempts=8, again=_again, why_not=_why_not)
def run(job_run: jobs.Run) -> dict[str, Any]:
    """Write the runs of one playlist that were given to this job, the oldest first; others wait for a person."""
    told: dict[str, Any] = {}
    while True:
        runs = SyncRun.objects.writing().filter(job=job_run.job).select_related("playlist__connection")
        one = runs.order_by("-has_begun", "pk").first()
        if one is None:
            return told
        told = Writing(job_run, one).whole()


class Erased(Exception):
    """The account was disconnected, or its person left: there is no record to write for any more."""


class Writing:
    """One attempt at one run."""

    def __init__(self, job_run: jobs.Run, run: SyncRun) -> None:
        self.job, self.run, self.playlist = job_run, run, run.playlist
        self.wrote = False  # in this attempt

    def whole(self) -> dict[str, Any]:
        run = self.run
        try:
            connection = self.playlist.connection
            if connection is None or not connection.is_active:
                raise ReconnectNeeded
            self.spotify = SpotifyGateway(connection)
            if not self._claimed():
                return {}
            if not (self.playlist.is_enabled or run.has_begun or run.confirmed_hash):
                self._end(State.DROPPED, _("The rule or its playlist is switched off."))
                return {"state": run.state}
            self._to_the_end(remote.ensure(self.playlist, self.spotify, now=timezone.now()))
        except Erased:
            return {}
        except Upstream as exc:
            if exc.until is None and self.wrote:  # it got on; what reached Spotify is found when the list is read again
                raise jobs.PutOff(
                    timezone.now() + FALTERED, _("Spotify did not answer; it goes on by itself from where it was.")
                ) from exc
            raise
        except (ReconnectNeeded, ScopeMissing) as exc:
            self._end(State.FAILED, _("Spotify asks you to connect again, with the right to change playlists."), exc)
        except (NotReadable, NotFound) as exc:
            self._end(State.FAILED, _("The playlist is gone, or no longer yours to change."), exc)
        except sync.Refused as refused:
            self._end(State.FAILED, str(refused))
        except writing.TooLong as exc:
            self._end(State.FAILED, sync.too_long(exc))
        except BadRequest as exc:
            self._end(State.FAILED, _("Spotify refused a track or the list: %(why)s") % {"why": exc})
        except SpotifyError as exc:
            if exc.temporary:
                raise
            self._end(State.FAILED, _("Spotify refuses this app for now. The operator can mend it."), exc)
        return {"state": run.state, "writes": run.writes, "reads": run.reads}

    def _claimed(self) -> bool:
        """Whether it is still to be written: a newer plan may have taken its place since it was looked up."""
        run = self.run
        run.state, run.started_at, run.job = State.RUNNING, run.started_at or timezone.now(), self.job.job
        self.job.check()
        found = SyncRun.objects.writing().filter(pk=run.pk, job=run.job)
        return bool(found.update(state=run.state, started_at=run.started_at, job=run.job))

    def _to_the_end(self, spotify_id: str) -> None:
        run, refused = self.run, None
        while True:
            found = remote.read(self.spotify, spotify_id)
            run.reads += found.reads
            if refused is not None and found.items == refused[0]:
                raise refused[1]
            done = self._plan(found)
            if done is None:
                return
            if done == len(run.calls):
                self._finish(found)
                return
            refused = self._write(spotify_id, done)

    def _plan(self, found: Remote) -> int | None:
        """How many calls of the plan are done; None if the run has ended here."""
        run = self.run
        if run.plan_hash and (run.has_begun or run.confirmed_hash == run.plan_hash):
            plan = self._known()
            done = plan.done(found.items)
            if done is not None and done < run.calls_done:
                self._wait_for_sight(_("Spotify does not show yet what was written; it looks again."))
                return done if self._once_more() else None  # somebody took it back
            if done is None and found.unnamed > run.start.count(remote.UNNAMED):
                self._wait_for_sight(_("Spotify leaves out what some items are; it looks again."))
            if done is not None:
                return done
            if run.has_begun:
                return self._weigh_in(found)
            self._end(State.STALE, _("The playlist changed since you saw the plan. Nothing was written; look again."))
            return None
        if found.unnamed and set(self.playlist.synced_uris or ()).difference(found.items):
            self._wait_for_sight(_("Spotify leaves out what some items are; it looks again."))
        sync.plan_on(run, found)
        if run.guards:  # told before the plan is kept anywhere as one to be written: a crash between would bypass it
            self._end(State.HELD, _("Nothing was written: this wants your word first."))
            return None
        self._save()
        return 0

    def _wait_for_sight(self, why: str) -> None:
        """What Spotify shows may be late or torn; acted on now, tracks might come twice or be taken for removed."""
        at = [self.run.pk, self.run.replans, self.run.calls_done]
        *before, looks = self.job.step.get("looks") or [0]
        looks = looks + 1 if before == at else 1
        if looks > MOST_UNSEEN:
            return
        with transaction.atomic():
            self.job.commit_step(looks=[*at, looks])
        raise jobs.PutOff(timezone.now() + FALTERED, why)

    def _once_more(self) -> bool:
        """Whether it is tried again with what others made of the list; else the run has ended here."""
        self.run.replans += 1
        if self.run.replans <= MOST_REPLANS:
            self._save("replans")
            return True
        self._end(
            State.FAILED,
            _("The playlist kept changing while it was written. What it held before is kept for undo."),
        )
        return False

    def _weigh_in(self, found: Remote) -> int | None:
        """Somebody changed the list while we wrote: keep theirs, and what is left of ours."""
        run = self.run
        if not self._once_more():
            return None
        fixed = found.fixed | set(run.fixed)
        theirs = midway.without(found.items, fixed)
        last = midway.nearest(run, theirs, fixed)
        fresh = writing.plan(found.items, diff.merge(last, theirs, midway.without(run.after, fixed)), found.fixed)
        self._note_hands(last, theirs)
        run.start, run.after, run.fixed = found.items, list(fresh.after), sorted(found.fixed)
        run.size_after = len(run.after)
        run.calls, run.calls_done = [call.as_json() for call in fresh.calls], 0
        self._save()
        return 0

    def _note_hands(self, last: list[str], theirs: list[str]) -> None:
        run = self.run
        if not self.playlist.keeps_hand_edits:
            return
        added, run.hand_removed = diff.by_hand(run.hand_added, run.hand_removed, last, theirs)
        ours = set(run.wanted) if run.undoes_id is None else set()
        run.hand_added = [uri for uri in added if uri not in ours]

    def _known(self) -> writing.Plan:
        calls = tuple(writing.Call.of_json(call) for call in self.run.calls)
        return writing.Plan(tuple(self.run.start), tuple(self.run.after), calls)

    def _write(self, spotify_id: str, done: int) -> tuple[list[str], BadRequest] | None:
        """The rest of the plan. If Spotify refuses a call: what it was made for, which may not be there any more."""
        run, plan = self.run, self._known()
        for number in range(done, len(plan.calls)):
            run.has_begun, run.calls_done = True, number
            self._save("has_begun", "calls_done", "reads", "writes")
            self.job.advance(number, len(plan.calls), message=_("Writing “%(name)s”.") % {"name": self.playlist.name})
            run.writes += 1
            try:
                self._send(spotify_id, plan.calls[number])
            except BadRequest as exc:
                return plan.states[number], exc
            self.wrote = True
        run.calls_done = len(plan.calls)
        self._save("calls_done", "writes")
        return None

    def _send(self, spotify_id: str, call: writing.Call) -> None:
        if call.kind == "replace":
            self.spotify.playlist_replace(spotify_id, list(call.uris))
        elif call.kind == "add":
            self.spotify.playlist_add(spotify_id, list(call.uris), call.position)
        elif call.kind == "remove":
            self.spotify.playlist_remove(spotify_id, list(call.uris))
        else:
            self.spotify.playlist_move(spotify_id, start=call.start, length=call.length, before=call.before)

    def _finish(self, found: Remote) -> None:
        own = [key for key in found.items if key not in found.fixed]
        Playlist.objects.filter(pk=self.playlist.pk).update(
            synced_uris=own,
            synced_size=len(own),
            hand_added=self.run.hand_added,
            hand_removed=self.run.hand_removed,
            remote_version=found.version,
            synced_at=timezone.now(),
        )
        self.run.calls_done = len(self.run.calls)
        self._end(State.DONE if self.run.has_begun else State.UNCHANGED, "")

    def _end(self, state: str, message: str, error: Exception | None = None) -> None:
        run = self.run
        run.state, run.finished_at = state, timezone.now()
        run.message = f"{message} ({error})" if error is not None and str(error) else message
        self._save()

    def _save(self, *fields: str) -> None:
        self.job.check()
        changes = {field: getattr(self.run, field) for field in fields or _STORED}
        if not SyncRun.objects.filter(pk=self.run.pk).update(**changes):
            raise Erased
