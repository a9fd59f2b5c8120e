"""Make a Spotify playlist equal to a list of tracks: plan, a person's word where it is needed, write, read back, undo.

Everything that writes a playlist goes through here. The writing itself is in `playlists/actions/write.py`.
"""

from collections import Counter
from collections.abc import Sequence
from datetime import datetime

from django.db import transaction
from django.utils import formats
from django.utils.translation import gettext as _

from accounts import jobs
from accounts.models import Job, SpotifyConnection, User
from accounts.spotify.gateway import SpotifyGateway
from playlists import diff, guards, writing
from playlists.actions import midway, remote
from playlists.actions.remote import Remote
from playlists.models import Playlist, SyncRun
from playlists.models.sync import SyncRunQuerySet

KIND = "playlist_sync"
State = SyncRun.State


class Refused(Exception):
    """It is not done, or a person's word does not fit what stands there now; the text says why, for them."""


class NotConnected(Refused):
    """There is no Spotify account that it could be written with."""


def preview(*, playlist: Playlist, wanted: Sequence[str], now: datetime) -> SyncRun:
    """Read the playlist and plan; writes nothing at Spotify. Raises SpotifyError, Refused."""
    run = SyncRun(playlist=playlist, wanted=list(dict.fromkeys(wanted)), made_at=now)
    spotify = _gateway(playlist)
    found = remote.read(spotify, playlist.spotify_id) if playlist.spotify_id else Remote([], frozenset(), "", 0)
    plan_on(run, found)
    run.reads = found.reads
    run.state = State.UNCHANGED if playlist.spotify_id and not run.calls else State.PLANNED
    with transaction.atomic():
        _supersede(playlist, now=now)
        run.save()
    return run


@transaction.atomic
def into_new(*, owner: User, name: str, wanted: Sequence[str], now: datetime) -> SyncRun:
    """Plan a new playlist, which the first sync makes at Spotify. Raises Refused; then there is none of it here."""
    playlist = Playlist.objects.create(owner=owner, name=name[:100])
    return preview(playlist=playlist, wanted=wanted, now=now)


def confirm(*, run: SyncRun, plan_hash: str, sure: bool, now: datetime) -> SyncRun:
    """A person agreed to the plan that they were shown. Raises Refused if that is not what would happen.

    `sure`: they said a second time that the playlist may be emptied.
    """
    with transaction.atomic():
        playlist = Playlist.objects.select_for_update().get(pk=run.playlist_id)
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
        _let_go(playlist.runs.stuck(), now=now)
        playlist.runs.filter(state=State.QUEUED, has_begun=False).update(
            state=State.REPLACED
        )  # their newest word counts
        _enqueue(run)
    return run


def start(*, playlist: Playlist, wanted: Sequence[str], now: datetime) -> SyncRun | None:
    """Sync with nobody watching: planned when its turn comes, held if a guard objects. None if it is switched off."""
    if not playlist.is_enabled:
        return None
    with transaction.atomic():
        _supersede(playlist, now=now)
        run = SyncRun.objects.create(playlist=playlist, wanted=list(dict.fromkeys(wanted)), made_at=now)
        _enqueue(run)
    return run


def drop(*, run: SyncRun, now: datetime) -> None:
    """Let a plan go; one whose job was stopped or failed midway can be undone from then on."""
    runs = SyncRun.objects.filter(pk=run.pk)
    runs.filter(state__in=(State.PLANNED, State.HELD)).update(state=State.DROPPED)
    _let_go(runs.writing().exclude(job__state__in=Job.OPEN), now=now)


def _let_go(idle: SyncRunQuerySet, *, now: datetime) -> None:
    idle.filter(has_begun=False).update(state=State.DROPPED)
    why = _("Stopped midway. What was written until then stands; what the playlist held before is kept for undo.")
    idle.filter(has_begun=True).update(state=State.FAILED, message=why, finished_at=now)


def undo(*, run: SyncRun, now: datetime) -> SyncRun:
    """Plan to bring back what the playlist held before `run`. Raises SpotifyError, Refused."""
    if run.state not in (State.DONE, State.FAILED, State.STALE) or not run.has_begun or not run.playlist.spotify_id:
        raise Refused(_("There is nothing to undo: this run wrote nothing."))
    back = SyncRun(playlist=run.playlist, wanted=run.before, undoes=run, made_at=now)
    found = remote.read(_gateway(run.playlist), run.playlist.spotify_id)
    plan_on(back, found)
    back.reads = found.reads
    back.state = State.PLANNED if back.calls else State.UNCHANGED
    with transaction.atomic():
        _supersede(run.playlist, now=now)
        back.save()
    return back


def again(*, run: SyncRun, now: datetime) -> SyncRun:
    """Plan anew what a run wanted that did not come to its end. Raises SpotifyError, Refused."""
    if run.undoes is not None:
        return undo(run=run.undoes, now=now)
    return preview(playlist=run.playlist, wanted=run.wanted, now=now)


def plan_on(run: SyncRun, found: Remote) -> writing.Plan:
    """Fill in what `run` would do to what Spotify holds. Raises Refused if the list would be too long."""
    playlist = run.playlist
    own = [key for key in found.items if key not in found.fixed]
    left = midway.left(run, own, found.fixed)
    base = left.base
    fixed = found.fixed | set(run.undoes.fixed if run.undoes else ())
    wanted = [uri for uri in run.wanted if uri not in fixed]
    # An undo puts what no call can write back to its place too, if all of it is still there.
    exactly = run.undoes is not None and _copies(found.items, fixed) == _copies(run.wanted, fixed)
    is_edited = base is not None and own != base
    _weigh_hands(run, left, own)
    if run.undoes_id is None:
        wanted = _with_hands(run, own, wanted)
    try:
        plan = writing.plan(found.items, run.wanted if exactly else wanted, found.fixed, exactly=exactly)
    except writing.TooLong as exc:
        raise Refused(too_long(exc)) from exc
    run.before, run.after, run.fixed = found.items, list(plan.after), sorted(found.fixed)
    run.size_before, run.size_after = len(run.before), len(run.after)
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


def _weigh_hands(run: SyncRun, left: midway.Left, own: Sequence[str]) -> None:
    """Note on `run` what a person did by hand, also since we `left` it; the playlist learns it once it is done."""
    playlist, ours = run.playlist, set(run.wanted)
    if not playlist.keeps_hand_edits:
        run.hand_added, run.hand_removed = [], []
        return
    added, removed = diff.by_hand(left.hand_added, left.hand_removed, own if left.base is None else left.base, own)
    if run.undoes_id is None:
        added = [uri for uri in added if uri not in ours]  # it comes and goes with the rule from now on
    else:
        added = [uri for uri in added if uri in ours]
        removed = [uri for uri in removed if uri not in ours]
    run.hand_added, run.hand_removed = added, removed


def _with_hands(run: SyncRun, own: Sequence[str], wanted: Sequence[str]) -> list[str]:
    """`wanted` by the playlist's mode, around what a person added and removed."""
    playlist, out, here = run.playlist, set(run.hand_removed), set(own)
    ours = [*wanted, *(uri for uri in run.hand_added if uri not in here)]  # a run that ended midway took them out
    if playlist.mode == Playlist.Mode.INCREMENTAL:
        return diff.incremental(own, [uri for uri in ours if uri not in out])
    if not playlist.keeps_hand_edits:
        return ours
    theirs = set(run.hand_added)
    return diff.merge([*(uri for uri in own if uri not in theirs), *out], own, ours)


def _copies(items: Sequence[str], among: frozenset[str]) -> Counter[str]:
    return Counter(item for item in items if item in among)


def too_long(exc: writing.TooLong) -> str:
    """For people."""
    wanted, most = (formats.number_format(number, force_grouping=True) for number in (exc.items, writing.MOST))
    return _(
        "It would hold %(wanted)s tracks, and a Spotify playlist holds %(most)s at most. Nothing was written. "
        "Choose fewer, or use a second playlist."
    ) % {"wanted": wanted, "most": most}


def take_up(*, now: datetime) -> int:
    """Start a job for each playlist with runs that wait for one; how many.

    A run that is queued just as its playlist's job looks for the last time would wait for ever. Runs of a job that
    failed or was stopped wait for a person, also once that job is forgotten.
    """
    waiting = SyncRun.objects.filter(state=State.QUEUED, job__state=Job.State.DONE)
    taken = 0
    for pk in waiting.order_by("made_at", "pk").values_list("pk", flat=True):
        with transaction.atomic():
            run = SyncRun.objects.select_for_update().filter(pk=pk, state=State.QUEUED).first()
            if run is not None:
                _enqueue(run)
                taken += 1
    return taken


def _supersede(playlist: Playlist, *, now: datetime) -> None:
    """Plans that nobody confirmed give way to a newer one, and so does what stopped; what is being written, or will be
    by a person's word, does not."""
    Playlist.objects.select_for_update().get(pk=playlist.pk)
    _let_go(playlist.runs.stuck(), now=now)
    waiting = playlist.runs.filter(state__in=(State.PLANNED, State.HELD)) | playlist.runs.filter(
        state=State.QUEUED, has_begun=False, confirmed_hash=""
    )
    waiting.update(state=State.REPLACED)


def _enqueue(run: SyncRun) -> None:
    run.state = State.QUEUED
    owner, name = run.playlist.owner, run.playlist.name
    message = _("“%(name)s” is about to be written.") % {"name": name}
    run.job = jobs.start(
        KIND, owner=owner, parameters={"playlist_id": run.playlist_id}, key=str(run.playlist_id), message=message
    )
    run.save(update_fields=["state", "job", "confirmed_hash"])


def _gateway(playlist: Playlist) -> SpotifyGateway:
    """For a person who waits. A playlist that is not made yet takes the account that its owner connected since."""
    connection = playlist.connection
    if (connection is None or not connection.is_active) and not playlist.spotify_id:
        connection = SpotifyConnection.objects.active().filter(user=playlist.owner_id).order_by("pk").first()
        if connection is not None:
            playlist.connection = connection
            Playlist.objects.filter(pk=playlist.pk).update(connection=connection)
    if connection is None or not connection.is_active:
        raise NotConnected(_("No Spotify account is connected that could write this playlist. Nothing was changed."))
    return SpotifyGateway(connection, interactive=True)
