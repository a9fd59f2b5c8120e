"""Make a Spotify playlist equal to a list of tracks: plan, a person's word where it is needed, write, read back, undo.

Everything that writes a playlist goes through here. The writing itself is in `playlists/actions/write.py`.
"""

from collections.abc import Sequence
from datetime import datetime

from django.db import transaction
from django.utils.translation import gettext as _

from accounts import jobs
from accounts.spotify.errors import SpotifyError
from accounts.spotify.gateway import SpotifyGateway
from playlists import diff, guards, writing
from playlists.actions import remote
from playlists.actions.remote import Remote
from playlists.models import Playlist, SyncRun

KIND = "playlist_sync"
State = SyncRun.State


class Refused(Exception):
    """A person's word does not fit what stands there now; the text says why, for them."""


def preview(*, playlist: Playlist, wanted: Sequence[str], now: datetime) -> SyncRun:
    """Read the playlist and plan; writes nothing at Spotify. Raises SpotifyError; ValueError if it is too long."""
    run = SyncRun(playlist=playlist, wanted=list(dict.fromkeys(wanted)), made_at=now)
    if playlist.spotify_id:
        found = remote.read(_gateway(playlist, interactive=True), playlist.spotify_id)
    else:
        found = Remote([], frozenset(), "", 0)
    plan_on(run, found)
    run.reads = found.reads
    run.state = State.UNCHANGED if playlist.spotify_id and not run.calls else State.PLANNED
    with transaction.atomic():
        _supersede(playlist)
        run.save()
    return run


def confirm(*, run: SyncRun, plan_hash: str, sure: bool, now: datetime) -> SyncRun:
    """A person agreed to the plan that they were shown. Raises Refused if that is not what would happen.

    `sure`: they said a second time that the playlist may be emptied.
    """
    with transaction.atomic():
        run = SyncRun.objects.select_for_update().get(pk=run.pk)
        if run.state in (State.QUEUED, State.RUNNING, State.DONE) and run.confirmed_hash == plan_hash:
            return run
        if run.state not in (State.PLANNED, State.HELD):
            raise Refused(_("This plan is not open any more. Look at the newest one."))
        if plan_hash != run.plan_hash:
            raise Refused(_("The plan changed since you saw it. Nothing was written. Look at it again."))
        if guards.EMPTIES in run.guards and not sure:
            raise Refused(_("This would leave the playlist empty. Tick the box if you want that. Nothing was written."))
        run.confirmed_hash = plan_hash
        _enqueue(run)
    return run


def start(*, playlist: Playlist, wanted: Sequence[str], now: datetime) -> SyncRun | None:
    """Sync with nobody watching: planned when its turn comes, held if a guard objects. None if it is switched off."""
    if not playlist.is_enabled:
        return None
    with transaction.atomic():
        _supersede(playlist)
        run = SyncRun.objects.create(playlist=playlist, wanted=list(dict.fromkeys(wanted)), made_at=now)
        _enqueue(run)
    return run


def drop(*, run: SyncRun) -> None:
    """Let a plan go that nothing was written of."""
    SyncRun.objects.filter(pk=run.pk, state__in=(State.PLANNED, State.HELD)).update(state=State.DROPPED)


def undo(*, run: SyncRun, now: datetime) -> SyncRun:
    """Plan to bring back what the playlist held before `run`. Raises SpotifyError, Refused."""
    if run.state not in (State.DONE, State.FAILED, State.STALE) or not run.has_begun or not run.playlist.spotify_id:
        raise Refused(_("There is nothing to undo: this run wrote nothing."))
    fixed = set(run.fixed)
    back = SyncRun(
        playlist=run.playlist, wanted=[key for key in run.before if key not in fixed], undoes=run, made_at=now
    )
    found = remote.read(_gateway(run.playlist, interactive=True), run.playlist.spotify_id)
    plan_on(back, found)
    back.reads = found.reads
    back.state = State.PLANNED if back.calls else State.UNCHANGED
    with transaction.atomic():
        _supersede(run.playlist)
        back.save()
    return back


def plan_on(run: SyncRun, found: Remote) -> writing.Plan:
    """Fill in what `run` would do to what Spotify holds. ValueError if the list would be too long."""
    playlist = run.playlist
    own = [key for key in found.items if key not in found.fixed]
    base = playlist.synced_uris
    wanted = [uri for uri in run.wanted if uri not in found.fixed]
    is_edited = base is not None and own != base
    if run.undoes_id is None and playlist.mode == Playlist.Mode.INCREMENTAL:
        wanted = diff.incremental(own, wanted)
    elif run.undoes_id is None and is_edited and playlist.keeps_hand_edits:
        wanted = diff.merge(base or [], own, wanted)
    plan = writing.plan(found.items, wanted, found.fixed)
    run.before, run.after, run.fixed = found.items, list(plan.after), sorted(found.fixed)
    run.start = found.items
    run.calls = [call.as_json() for call in plan.calls]
    run.calls_done = 0
    run.plan_hash = writing.digest([playlist.mode, *found.items, "→", *plan.after])
    run.guards = guards.guards(
        diff.compare(found.items, plan.after),
        min_tracks=playlist.min_tracks,
        is_first=base is None,
        is_edited=is_edited or run.undoes_id is not None,
        keeps_hand_edits=playlist.keeps_hand_edits,
    )
    return plan


def _supersede(playlist: Playlist) -> None:
    """Plans that nobody confirmed give way to a newer one; what is being written does not."""
    Playlist.objects.select_for_update().get(pk=playlist.pk)
    waiting = playlist.runs.filter(state__in=(State.PLANNED, State.HELD)) | playlist.runs.filter(
        state=State.QUEUED, has_begun=False
    )
    waiting.update(state=State.REPLACED)


def _enqueue(run: SyncRun) -> None:
    run.state = State.QUEUED
    owner, name = run.playlist.owner, run.playlist.name
    message = _("“%(name)s” is about to be written.") % {"name": name}
    run.job = jobs.start(
        KIND, owner=owner, parameters={"playlist_id": run.playlist_id}, key=str(run.playlist_id), message=message
    )
    run.save()


def _gateway(playlist: Playlist, *, interactive: bool) -> SpotifyGateway:
    connection = playlist.connection
    if connection is None:
        raise SpotifyError("", "not connected")
    return SpotifyGateway(connection, interactive=interactive)
