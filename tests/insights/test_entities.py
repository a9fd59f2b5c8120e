"""The pages of tracks, artists and albums."""

from collections import Counter
from datetime import UTC, datetime, timedelta

import pytest

from ingest.models import Counting, ListeningFilter, Play, TrackArtist
from tests.architecture.queries import count
from tests.factories.ingest import AlbumFactory, ArtistFactory, TrackFactory, heard, tagged

NOON = datetime(2026, 11, 1, 12, 0, tzinfo=UTC)


@pytest.fixture
def songs(anna):
    """Two tracks of one album, one of another artist: in two sessions, the last some months after the first."""
    artist = ArtistFactory(name="Loud")
    album = AlbumFactory(name="Hits", artist=artist)
    first, second, other = TrackFactory(name="First", album=album), TrackFactory(album=album), TrackFactory()
    for months, order in ((6, (first, second, first, other)), (0, (other, first, second, first, second))):
        at = NOON - timedelta(days=30 * months)
        for track in order:
            heard(anna, track, at)
            at += timedelta(minutes=5)
    heard(anna, first, NOON + timedelta(days=3), seconds=10)
    return first, second, other


def told(client, address):
    answer = client.get(address)
    assert answer.status_code == 200
    return answer.context["told"]


def test_its_figures_are_obvious_counts_over_the_plays(client, anna, songs):
    client.force_login(anna)
    plays = Counter(play.track_id for play in Play.objects.filter(ms_played__gte=30_000))
    for track in songs:
        page = told(client, f"/tracks/{track.pk}/")
        assert page.plays == page.standing.plays == plays[track.pk]
        assert page.standing.rank == 1 + sum(value > plays[track.pk] for value in plays.values())
        assert page.standing.keys == 3
    page = told(client, f"/artists/{songs[0].artist_id}/")
    assert (page.plays, page.ms) == (7, 7 * 180_000)
    assert [(line.item.pk, line.ranked.plays) for line in page.tracks] == [(songs[0].pk, 4), (songs[1].pk, 3)]
    assert page.skip_share == 1 / 8
    assert told(client, f"/albums/{songs[0].album_id}/").plays == 7


def test_first_and_last_heard(client, anna, songs):
    client.force_login(anna)
    page = told(client, f"/tracks/{songs[0].pk}/")
    assert (page.first_at, page.last_at) == (NOON - timedelta(days=180), NOON + timedelta(minutes=15))
    assert page.standing.days == 2


def test_a_range_and_a_rule_change_the_figures(client, anna, songs):
    client.force_login(anna)
    assert told(client, f"/tracks/{songs[0].pk}/?range=2026-11").plays == 2
    assert told(client, f"/tracks/{songs[0].pk}/?range=all&rule=finished").standing is None


def test_over_time_and_around_the_clock(client, anna, songs):
    client.force_login(anna)
    page = told(client, f"/tracks/{songs[0].pk}/")
    assert [point.value for point in page.over_time] == [2, 0, 0, 0, 0, 0, 2]
    assert page.over_time[-1].href == f"/log/?track={songs[0].pk}&show=plays&range=2026-11"
    assert sum(point.value for point in page.by_clock) == 4


def test_its_rank_in_each_month_is_among_that_month_and_its_sessions_are_counted(client, anna, songs):
    client.force_login(anna)
    page = told(client, f"/tracks/{songs[0].pk}/")
    assert [point.value for point in page.over_time] == [2, 0, 0, 0, 0, 0, 2]
    assert [point.value for point in page.ranks[0].points] == [1, None, None, None, None, None, 1]
    assert [point.value for point in told(client, f"/tracks/{songs[2].pk}/").ranks[0].points][-1] == 3
    assert page.standing.sessions == 2


def test_neighbours_share_the_session(client, anna, songs):
    client.force_login(anna)
    first, second, other = songs
    page = told(client, f"/tracks/{first.pk}/")
    assert [(row.item, row.plays) for row in page.after] == [(second, 3), (other, 1)]
    assert [(row.item, row.plays) for row in page.before] == [(second, 2), (other, 1)]
    assert told(client, f"/tracks/{other.pk}/").after[0].plays == 1
    Counting.objects.create(user=anna, session_gap_min=5)
    page = told(client, f"/artists/{first.artist_id}/")
    assert [(row.item, row.plays) for row in page.after] == [(other.artist, 1)]


def test_what_was_never_heard_is_not_there(client, anna, ben, songs):
    unheard = TrackFactory()
    client.force_login(ben)
    heard(ben, unheard, NOON)
    assert client.get(f"/tracks/{unheard.pk}/").status_code == 200
    for track in songs:
        for address in (f"/tracks/{track.pk}/", f"/artists/{track.artist_id}/", f"/albums/{track.album_id}/"):
            assert client.get(address).status_code == 404
    assert client.get(f"/tracks/{2**40}/").status_code == 404


def test_what_is_left_out_says_so(client, anna, songs):
    client.force_login(anna)
    ListeningFilter.objects.create(user=anna, kind="track", value=songs[0].pk)
    answer = client.get(f"/tracks/{songs[0].pk}/")
    assert answer.context["told"].standing is None
    assert "It is not in your figures" in answer.content.decode()


def test_a_guest_has_a_page(client, anna, songs):
    guest = ArtistFactory(name="Guest")
    TrackArtist.objects.bulk_create(
        [
            TrackArtist(track=track, artist=artist, position=number)
            for track in (TrackFactory(name="Both", album=songs[0].album),)
            for number, artist in enumerate((track.artist, guest))
        ]
    )
    heard(anna, guest.credited_tracks.get(), NOON - timedelta(days=9))
    client.force_login(anna)
    assert told(client, f"/artists/{guest.pk}/").standing is None
    Counting.objects.create(user=anna, all_credits=True)
    assert told(client, f"/artists/{guest.pk}/").plays == 1


def test_top_lists_lead_there(client, anna, songs):
    client.force_login(anna)
    page = client.get("/top/tracks/?range=all").content.decode()
    assert f'href="/tracks/{songs[0].pk}/"' in page
    assert "Leave out of my figures" in client.get(f"/tracks/{songs[0].pk}/").content.decode()


def test_questions_are_few(client, anna, songs):
    client.force_login(anna)
    for address in (f"/tracks/{songs[0].pk}/", f"/artists/{songs[0].artist_id}/", f"/albums/{songs[0].album_id}/"):
        assert count(lambda address=address: client.get(address)) <= 20


def test_a_genre_has_a_page_of_its_artists_and_tracks(client, anna, ben, songs):
    first, second, _other = songs
    tag = tagged(first.artist, "shoegaze")
    unheard = tagged(ArtistFactory(), "polka")
    client.force_login(anna)
    page = told(client, f"/genres/{tag.pk}/")
    assert (page.plays, page.standing.rank, page.standing.keys) == (7, 1, 1)
    assert [(line.item.pk, line.ranked.plays) for line in page.artists] == [(first.artist_id, 7)]
    assert [(line.item.pk, line.ranked.plays) for line in page.tracks] == [(first.pk, 4), (second.pk, 3)]
    assert sum(point.value for point in page.over_time) == sum(point.value for point in page.by_clock) == 7
    assert client.get(page.log).context["log"].matches == 7
    assert client.get(f"/genres/{unheard.pk}/").status_code == 404
    client.force_login(ben)
    assert client.get(f"/genres/{tag.pk}/").status_code == 404
