"""Lists of every size and kind: ten thousand tracks, local files, episodes, items without a name, other pressings."""

import pytest

from playlists import writing
from playlists.actions import remote
from playlists.models import Playlist, SyncRun
from tests.playlists import trials
from tests.playlists.conftest import LOCAL

State = SyncRun.State


@pytest.fixture
def many(spotify, monkeypatch):
    """As many tracks as a playlist can hold, and some more."""
    monkeypatch.setattr(type(spotify.world), "find_track", type(spotify.world).find_track)  # as it was, afterwards
    spotify.app(rate_limit=10**6, quota=None)
    return trials.endless(spotify.world, writing.MOST + 100)


def test_ten_thousand_tracks_come_change_and_stay(write, playlist, there, many):
    full = many[: writing.MOST]
    first = write(playlist, full)
    assert (first.state, there.uris == full) == (State.DONE, True)
    assert first.writes == writing.least_calls([], full) == 100
    assert first.size_after == writing.MOST
    again = write(playlist, full)
    assert (again.state, again.writes, again.reads) == (State.UNCHANGED, 0, 1 + 198)
    changed = [*full[1:5000], *full[5100:], *many[writing.MOST : writing.MOST + 50], full[0]]
    third = write(playlist, changed)
    assert (third.state, there.uris == changed) == (State.DONE, True), third.message
    assert third.writes == 1 + 1 + 1  # the new ones in one call, the old ones out in one, one moved


@pytest.mark.parametrize("market", [None, "DE"])
def test_a_market_shows_no_other_pressings_to_a_sync(write, playlist, there, spotify, settings, market):
    """With a market Spotify answers for some tracks with another pressing: read so, they would never be found again."""
    settings.SPOTIFY_DEFAULT_MARKET = market
    wanted = [f"spotify:track:{track.id}" for track in spotify.world.tracks[:1500:3]]
    run = write(playlist, wanted)
    assert (run.state, run.replans, there.uris) == (State.DONE, 0, wanted)
    assert not any("market" in one["query"] for one in spotify.requests("/v1/playlists/*", "GET"))


def test_what_others_put_in_and_nobody_can_write_is_kept(write, playlist, there, uris, spotify):
    """Local files, an episode of the owner's own and a line whose track is gone, through a change of all the rest."""
    spoken = spotify.world.world.spoken
    episode = f"spotify:episode:{spoken.latest(spoken.shows[0], spotify.clock.now().date())}"
    there.set([uris[0], LOCAL, episode, None, uris[1], LOCAL, uris[2]])
    Playlist.objects.update(synced_uris=uris[:3])
    run = write(playlist, [uris[9], uris[2], uris[0]])
    assert run.state == State.DONE, (run.guards, run.message)
    held = there.uris
    assert (held.count(LOCAL), held.count(None), held.count(episode)) == (2, 1, 1)
    assert [uri for uri in held if uri in uris] == [uris[9], uris[2], uris[0]]


def test_an_answer_without_names_is_looked_at_again(write, playlist, there, uris, spotify):
    spotify.fault(kind="nulls", path="/v1/playlists/*", method="GET", count=2, skip=1)
    run = write(playlist, uris[:60])
    assert (run.state, run.replans, there.uris) == (State.DONE, 0, uris[:60])


def test_a_page_with_a_gap_is_refused_though_the_total_fits(write, playlist, there, uris, spotify, monkeypatch):
    """Read on from where it ended, the next page tells its last item again: as many rows as announced."""
    from accounts.spotify.gateway import SpotifyGateway

    write(playlist, uris[:230])
    plain, gaps = SpotifyGateway.playlist_items, [1]

    def with_gap(self, *args, **more):
        page = plain(self, *args, **more)
        if gaps:
            gaps.pop()
            del page.items[25]
        return page

    monkeypatch.setattr(SpotifyGateway, "playlist_items", with_gap)
    run = write(playlist, uris[:231])
    assert (run.state, run.before, there.uris) == (State.DONE, uris[:230], uris[:231])


def test_an_answer_with_doubled_items_is_refused(write, playlist, there, uris, spotify):
    write(playlist, uris[:150])
    spotify.fault(kind="duplicates", path="/v1/playlists/*", method="GET", count=2)
    run = write(playlist, uris[:151])
    assert (run.state, there.uris) == (State.DONE, uris[:151])


class TestAddingOnly:
    @pytest.fixture(autouse=True)
    def adding(self, playlist):
        Playlist.objects.update(mode=Playlist.Mode.INCREMENTAL)

    def test_the_order_stays_one_copy_stays_and_what_is_new_follows_in_order(self, write, playlist, there, uris):
        there.set([uris[5], uris[1], uris[5], uris[0], uris[1]])
        run = write(playlist, [uris[7], uris[1], uris[6]])
        assert there.uris == [uris[5], uris[1], uris[0], uris[7], uris[6]]
        assert (run.size_before, run.size_after) == (5, 5)

    def test_nothing_leaves_though_nothing_is_wanted(self, write, playlist, there, uris):
        there.set(uris[:5])
        run = write(playlist, [])
        assert (run.state, there.uris) == (State.UNCHANGED, uris[:5])

    def test_what_was_taken_out_by_hand_does_not_come_back(self, write, playlist, there, uris):
        write(playlist, uris[:5])
        there.set(uris[1:5])
        write(playlist, uris[:6])
        assert there.uris == uris[1:6]

    def test_unless_hand_edits_are_not_to_be_kept(self, write, playlist, there, uris):
        Playlist.objects.update(keeps_hand_edits=False)
        write(playlist, uris[:5])
        there.set(uris[1:5])
        run = write(playlist, uris[:6])
        assert run.state == State.HELD
        assert run.after == [*uris[1:5], uris[0], uris[5]]


def test_another_pressing_is_known_by_what_it_stands_for():
    from accounts.spotify.payloads import playlist_item

    item = {"type": "track", "id": "b" * 22, "name": "x", "uri": "spotify:track:" + "b" * 22}
    item["linked_from"] = {"uri": "spotify:track:" + "a" * 22}
    assert remote._key(playlist_item({"item": item})) == "spotify:track:" + "a" * 22
