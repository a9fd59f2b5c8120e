"""After a run that failed midway: what it took out was not removed by hand."""

import pytest
from django.utils import timezone

from accounts.spotify.errors import NotFound
from accounts.spotify.gateway import SpotifyGateway
from playlists.actions import sync
from playlists.models import Playlist, SyncRun
from tests.playlists.test_sync import agreed

State = SyncRun.State


@pytest.fixture
def failed(write, playlist, there, uris, monkeypatch):
    """Three hundred and fifty tracks were to be turned round; it ended when the first hundred stood there."""

    def make(by_hand=()):
        write(playlist, uris[:350])
        there.set([*uris[:350], *by_hand])

        def refuse(self, *args, **more):
            raise NotFound("playlists/…/items")

        with monkeypatch.context() as patched:
            patched.setattr(SpotifyGateway, "playlist_add", refuse)
            run = write(playlist, uris[349::-1])
            if run.state == State.HELD:
                raise AssertionError(run.guards)
        assert (run.state, run.has_begun, len(there.uris)) == (State.FAILED, True, 100)
        return run

    return make


def test_the_next_sync_brings_all_back(failed, write, playlist, there, uris):
    failed()
    run = write(playlist, uris[349::-1])
    assert (run.state, there.uris) == (State.DONE, uris[349::-1])


def test_what_was_put_in_or_taken_out_by_hand_before_or_since_holds(failed, write, playlist, there, uris):
    failed([uris[380]])
    there.set([uris[390], *there.uris[1:]])
    run = write(playlist, uris[349::-1])
    assert run.state == State.DONE
    assert sorted(there.uris) == sorted([*uris[:349], uris[380], uris[390]])
    write(playlist, uris[:350])
    assert sorted(there.uris) == sorted([*uris[:349], uris[380], uris[390]])


def test_nobody_is_asked_about_edits_that_nobody_made(failed, write, playlist, there, uris):
    Playlist.objects.update(keeps_hand_edits=False)
    failed()
    assert write(playlist, uris[349::-1]).state == State.DONE


def test_undo_brings_back_what_was_there(failed, playlist, there, uris, run_jobs, write):
    run = failed()
    agreed(sync.undo(run=run, now=timezone.now()), sure=True)
    run_jobs(sync.KIND)
    assert there.uris == uris[:350]
    write(playlist, uris[:300])
    assert there.uris == uris[:300]


def test_once_another_run_is_done_the_failed_one_tells_nothing(failed, write, playlist, there, uris):
    failed()
    write(playlist, uris[:350])
    there.set(uris[1:350])
    write(playlist, uris[:350])
    assert there.uris == uris[1:350]
