"""The page that people keep open, against plain counts over the plays."""

from collections import Counter
from datetime import UTC, datetime, timedelta
from zoneinfo import ZoneInfo

import pytest
from django.utils import timezone

from ingest.models import Play
from tests.architecture.queries import count
from tests.factories.ingest import AlbumFactory, ArtistFactory, TrackFactory, heard, heard_all, sounding, tagged

BERLIN = ZoneInfo("Europe/Berlin")


@pytest.fixture
def songs(anna):
    """Six weeks of listening to four tracks of three artists; the third artist is new in the last four weeks."""
    anna.time_zone = "Europe/Berlin"
    anna.save()
    old = [TrackFactory(album=AlbumFactory(artist=ArtistFactory(name=name))) for name in ("Loud", "Soft")]
    new = TrackFactory(album=AlbumFactory(artist=ArtistFactory(name="Fresh")))
    also = TrackFactory(album=old[0].album)
    tagged(old[0].artist, "shoegaze", "dream pop")
    tagged(new, "cumbia")
    sounding(old[0], valence=0.8, energy=0.7, danceability=0.5, acousticness=0.1, speechiness=0.05)
    now = timezone.now().replace(minute=0, second=0, microsecond=0)
    starts = [now - timedelta(days=days, hours=1) for days in range(45)]
    plays = [(old[days % 2], at, 180) for days, at in enumerate(starts)]
    plays += [(also, at + timedelta(minutes=4), 10 if days % 3 else 100) for days, at in enumerate(starts)]
    plays += [(new, at + timedelta(minutes=8), 180) for at in starts[:10]]
    heard_all(anna, plays)
    return old[0], old[1], also, new


def board(client, query=""):
    answer = client.get(f"/listening/{query}")
    assert answer.status_code == 200
    return answer.context["board"]


def inside(user, days=28):
    """The plays of the last four weeks by the local calendar."""
    today = timezone.now().astimezone(BERLIN).date()
    first = today - timedelta(days=days - 1)
    return [play for play in Play.objects.of(user) if first <= play.started_at.astimezone(BERLIN).date() <= today]


def test_the_headline_is_a_plain_count(client, anna, songs):
    client.force_login(anna)
    seen = board(client)
    plays = [play for play in inside(anna) if play.ms_played >= 30_000]
    assert (seen.plays, seen.ms) == (len(plays), sum(play.ms_played for play in plays))
    assert seen.tracks_heard == len({play.track_id for play in plays})
    assert seen.active_days == len({play.started_at.astimezone(BERLIN).date() for play in plays})
    assert seen.all_days == 28
    assert sum(point.value for point in seen.course) == len(plays)
    again = len(plays) - len({play.track_id for play in plays})
    assert seen.repeat_share == pytest.approx(again / len(plays))
    started = inside(anna)
    assert (seen.skips.starts, seen.skips.skips) == (len(started), len(started) - len(plays))


def test_days_alone_are_a_range(client, anna, songs):
    client.force_login(anna)
    day = timezone.now().astimezone(BERLIN).date() - timedelta(days=30)
    for query, name, first in (
        (f"?from={day}&to={day}", "custom", day),
        ("?range=", "4w", day + timedelta(days=3)),
        ("?range=4w&from=2020-01-01", "4w", day + timedelta(days=3)),
    ):
        period = client.get(f"/listening/{query}").context["asked"].period
        assert (period.name, period.first) == (name, first)


def test_changes_are_against_the_same_span_before(client, anna, songs):
    client.force_login(anna)
    seen = board(client)
    assert seen.before.days == 28
    today = timezone.now().astimezone(BERLIN).date()
    then = [
        play
        for play in Play.objects.of(anna).filter(ms_played__gte=30_000)
        if 28 <= (today - play.started_at.astimezone(BERLIN).date()).days < 56
    ]
    assert seen.plays_change == f"{round(100 * (seen.plays / len(then) - 1))}% more than before"
    assert board(client, "?range=all").before is None


def test_the_lists_have_names_covers_and_ways_on(client, anna, songs):
    client.force_login(anna)
    answer = client.get("/listening/")
    shown = answer.context["board"].shown
    plays = Counter(play.track for play in inside(anna) if play.ms_played >= 30_000)
    assert {line.item: line.ranked.plays for line in shown.tracks} == plays
    loud, soft, also, new = songs
    artists = {line.item.name: (line.ranked.plays, line.album) for line in shown.artists}
    assert artists == {
        "Loud": (plays[loud] + plays[also], loud.album),
        "Soft": (plays[soft], soft.album),
        "Fresh": (plays[new], new.album),
    }
    assert {line.item.name: line.ranked.plays for line in shown.genres} == {
        "shoegaze": plays[loud] + plays[also],
        "dream pop": plays[loud] + plays[also],
        "cumbia": plays[new],
    }
    assert {line.item for line in shown.albums} == {loud.album, soft.album, new.album}
    page = answer.content.decode()
    for line in (*shown.tracks, *shown.artists, *shown.albums, *shown.genres):
        assert f'href="{line.page}?range=4w"' in page
        assert client.get(line.page).status_code == 200


def test_who_was_met_was_never_heard_before(client, anna, songs):
    client.force_login(anna)
    seen = board(client)
    assert [(line.item.name, line.ranked.plays) for line in seen.shown.newly_met] == [("Fresh", 10)]
    assert (seen.newness.artists, seen.newness.all_artists) == (1, 3)
    everything = board(client, "?range=all")
    assert not everything.has_before


def test_the_last_plays_come_last_first_and_faint_if_they_do_not_count(client, anna, songs):
    client.force_login(anna)
    last = board(client).shown.last
    rows = sorted(inside(anna), key=lambda play: play.started_at, reverse=True)[:8]
    assert [(line.track.pk, line.at, line.faint) for line in last] == [
        (play.track_id, play.started_at, play.ms_played < 30_000) for play in rows
    ]


def test_the_week_names_its_fullest_part(client, anna, songs):
    client.force_login(anna)
    seen = board(client)
    cells = Counter()
    for play in inside(anna):
        at = play.started_at.astimezone(BERLIN)
        cells[at.strftime("%A"), at.hour // 4] += play.ms_played >= 30_000
    assert seen.peak.plays == max(cells.values())
    assert cells[seen.peak.weekday, int(seen.peak.hours.split("–")[0]) // 4] == seen.peak.plays
    assert sum(point.value for row in seen.week for point in row.points) == seen.plays


def test_the_radar_says_what_it_rests_on(client, anna, songs):
    client.force_login(anna)
    answer = client.get("/listening/")
    plays = Counter(play.track for play in inside(anna) if play.ms_played >= 30_000)
    assert answer.context["sound"].measured.plays == plays[songs[0]]
    assert f"Known for {plays[songs[0]]} of {sum(plays.values())} plays." in answer.content.decode()


def test_the_pages_of_the_other_sections_agree(client, anna, songs):
    client.force_login(anna)
    seen = board(client)
    when = client.get("/time/?range=4w").context["when"]
    assert (seen.plays, seen.ms, seen.streaks) == (when.plays, when.ms, when.streaks)
    sessions = client.get("/sessions/?range=4w").context["listing"]
    assert seen.sessions == sessions.summary
    skips = client.get("/skips/?range=4w").context["skips"]
    assert seen.skips == skips.overall


def test_a_rule_is_kept_in_the_ways_on(client, anna, songs):
    client.force_login(anna)
    answer = client.get("/listening/?range=4w&rule=lastfm")
    assert 'href="/top/artists/?range=4w&amp;rule=lastfm"' in answer.content.decode()


def test_who_has_nothing_sees_what_to_do_first(client, anna, ben):
    heard(anna, TrackFactory(), datetime(2024, 1, 5, tzinfo=UTC))
    client.force_login(ben)
    page = client.get("/listening/").content.decode()
    assert "Drop your export" in page
    assert 'href="/connections/"' in page


def test_a_silent_time_says_so(client, anna):
    heard(anna, TrackFactory(), datetime(2024, 1, 5, tzinfo=UTC))
    client.force_login(anna)
    assert "Nothing was heard in this stretch of time" in client.get("/listening/").content.decode()
    assert board(client, "?range=2024").plays == 1


def test_home_and_navigation_lead_here(client, anna, songs):
    client.force_login(anna)
    home = client.get("/").content.decode()
    assert home.count('href="/listening/') >= 2


def test_it_asks_the_database_little(client, anna, songs):
    client.force_login(anna)
    assert count(lambda: client.get("/listening/")) <= 22


def test_a_session_is_told_to_its_end_though_that_lies_after_the_stretch(client, anna):
    """Begun at 23:50 of the last day, it goes on for an hour."""
    anna.time_zone = "Europe/Berlin"
    anna.save()
    late = datetime(2026, 3, 31, 21, 50, tzinfo=UTC)  # 23:50 there
    for number in range(20):
        heard(anna, TrackFactory(), late + number * timedelta(minutes=3), seconds=180)
    client.force_login(anna)
    for asked in ("range=2026-03", "range=custom&to=2026-03-31"):
        told = client.get(f"/listening/?{asked}").context["board"].sessions
        assert (told.count, told.longest_ms) == (1, 60 * 60_000)
    assert client.get("/listening/?range=2026-04").context["board"].sessions.count == 0
