"""What a person changes by hand at Spotify, over many syncs."""

import pytest
from django.utils import timezone

from playlists.actions import sync
from playlists.models import Playlist, SyncRun

State = SyncRun.State
MODES = Playlist.Mode


class TestOverManySyncs:
    @pytest.mark.parametrize("mode", MODES.values)
    def test_what_was_added_stays_and_what_was_removed_does_not_come_back(self, write, playlist, there, uris, mode):
        Playlist.objects.update(mode=mode)
        write(playlist, uris[:5])
        there.set([uris[0], uris[300], *uris[2:5]])  # the second taken out, another put in
        for _turn in range(3):
            write(playlist, uris[:5])
            assert there.uris == [uris[0], uris[300], *uris[2:5]]
        write(playlist, uris[:6])
        assert there.uris == [uris[0], uris[300], *uris[2:6]]

    def test_what_is_put_back_or_taken_out_again_by_hand_obeys_the_hand(self, write, playlist, there, uris):
        write(playlist, uris[:5])
        there.set([*uris[1:5], uris[300]])
        write(playlist, uris[:5])
        there.set(uris[:5])  # both taken back
        write(playlist, uris[:5])
        assert there.uris == uris[:5]
        write(playlist, uris[1:5])
        assert there.uris == uris[1:5], "it is the rule's again"
        write(playlist, [*uris[1:5], uris[300]])
        assert there.uris == uris[1:5], "it was taken out by hand"

    def test_what_the_rule_wants_itself_goes_with_the_rule(self, write, playlist, there, uris):
        write(playlist, uris[:5])
        there.set(uris[:6])
        for wanted, held in ((5, 6), (6, 6), (5, 5)):
            write(playlist, uris[:wanted])
            assert there.uris == uris[:held]

    def test_a_plan_that_is_let_go_remembers_nothing(self, write, playlist, there, uris):
        write(playlist, uris[:5])
        there.set([*uris[:5], uris[300]])
        playlist.refresh_from_db()
        sync.drop(run=sync.preview(playlist=playlist, wanted=uris[:7], now=timezone.now()), now=timezone.now())
        playlist.refresh_from_db()
        assert (playlist.hand_added, playlist.hand_removed) == ([], [])
        there.set(uris[:5])
        write(playlist, [*uris[:5], uris[300]])
        assert there.uris == [*uris[:5], uris[300]]

    def test_once_they_are_not_to_be_kept_they_are_forgotten(self, write, playlist, there, uris):
        write(playlist, uris[:5])
        there.set([*uris[1:5], uris[300]])
        write(playlist, uris[:5])
        Playlist.objects.update(keeps_hand_edits=False)
        write(playlist, uris[:5])
        assert there.uris == uris[:5]
        Playlist.objects.update(keeps_hand_edits=True)
        write(playlist, uris[:5])
        assert there.uris == uris[:5]

    def test_undo_brings_back_what_was_there_and_they_stay_known(self, write, playlist, there, uris, run_jobs):
        write(playlist, uris[:5])
        before = [uris[0], uris[300], *uris[2:5]]
        there.set(before)
        run = write(playlist, uris[:9])
        playlist.refresh_from_db()
        run = SyncRun.objects.get(pk=run.pk)
        back = sync.undo(run=run, now=timezone.now())
        sync.confirm(run=back, plan_hash=back.plan_hash, sure=True, now=timezone.now())
        run_jobs(sync.KIND)
        assert there.uris == before
        write(playlist, uris[:5])
        assert there.uris == before

    def test_undo_of_what_the_hand_removed_since(self, write, playlist, there, uris, run_jobs):
        write(playlist, uris[:5])
        run = write(playlist, uris[:9])
        there.set([*uris[1:8], uris[300]])
        write(playlist, uris[:9])
        back = sync.undo(run=SyncRun.objects.get(pk=run.pk), now=timezone.now())
        sync.confirm(run=back, plan_hash=back.plan_hash, sure=True, now=timezone.now())
        run_jobs(sync.KIND)
        assert there.uris == uris[:5]
        write(playlist, uris[:9])
        assert there.uris == uris[:8], "the first is back by the undo, the ninth was taken out by hand"

    def test_an_edit_while_it_is_written_stays_too(self, write, playlist, there, uris, monkeypatch):
        from accounts.spotify.gateway import SpotifyGateway

        send = SpotifyGateway.playlist_add

        def add(self, playlist_id, chunk, position=None):
            answer = send(self, playlist_id, chunk, position)
            if len(there.uris) == 200:
                there.set([uris[399], *there.uris[1:]])
            return answer

        monkeypatch.setattr(SpotifyGateway, "playlist_add", add)
        write(playlist, uris[:350])
        held = there.uris
        again = write(playlist, uris[:350])
        assert sorted(there.uris) == sorted(held) == sorted([*uris[1:350], uris[399]])
        assert again.state in (State.DONE, State.UNCHANGED)
