"""Two times, side by side."""

from datetime import UTC, datetime, timedelta

import pytest

from ingest.models import Play
from tests.architecture.queries import count
from tests.factories.ingest import TrackFactory, heard

OCTOBER = datetime(2026, 10, 10, 12, 0, tzinfo=UTC)
SEPTEMBER = datetime(2026, 9, 10, 12, 0, tzinfo=UTC)
ADDRESS = "/compare/?range=2026-10&what=tracks"
TIMES = {"New": (0, 3), "Gone": (2, 0), "Riser": (1, 4), "Faller": (5, 2)}


@pytest.fixture
def songs(anna):
    for number, (name, times) in enumerate(TIMES.items()):
        track = TrackFactory(name=name)
        for first, plays in zip((SEPTEMBER, OCTOBER), times, strict=True):
            for again in range(plays):
                heard(anna, track, first + timedelta(days=number, hours=again))
    heard(anna, TrackFactory(name="Skipped"), OCTOBER, seconds=5)


def test_totals_are_obvious_counts(client, anna, songs):
    client.force_login(anna)
    pairs = {pair.name: (pair.now, pair.then) for pair in client.get(ADDRESS).context["compared"].pairs}
    for column, month in enumerate((10, 9)):
        plays = [play for play in Play.objects.filter(ms_played__gte=30_000) if play.started_at.month == month]
        assert pairs["plays"][column] == len(plays)
        assert pairs["ms"][column] == sum(play.ms_played for play in plays)
        assert pairs["tracks"][column] == pairs["albums"][column] == len({play.track_id for play in plays})
        assert pairs["days"][column] == len({play.started_at.date() for play in plays})


@pytest.mark.parametrize("what", ["tracks", "artists", "albums"])
def test_what_came_went_rose_and_fell(client, anna, songs, what):
    client.force_login(anna)
    groups = client.get(f"/compare/?range=2026-10&what={what}").context["compared"].groups
    plays = {group: [(line.change.then, line.change.plays) for line in lines] for group, lines in groups.items()}
    assert plays == {"entries": [(0, 3)], "leavers": [(2, 0)], "risers": [(1, 4)], "fallers": [(5, 2)]}


def test_any_two_times(client, anna, songs):
    client.force_login(anna)
    turned = client.get("/compare/?range=2026-09&vs=custom&vs_from=2026-10-01&vs_to=2026-10-31&what=tracks")
    straight = client.get(ADDRESS)
    assert turned.context["compared"].now == straight.context["compared"].then
    names = [line.item.name for line in turned.context["compared"].groups["entries"]]
    assert names == [line.item.name for line in straight.context["compared"].groups["leavers"]] == ["Gone"]


def test_the_same_time_last_year(client, anna, songs):
    heard(anna, TrackFactory(), OCTOBER - timedelta(days=365))
    client.force_login(anna)
    answer = client.get(f"{ADDRESS}&vs=year")
    assert (answer.context["other"].first.year, answer.context["compared"].then.plays) == (2025, 1)


def test_the_rule_of_the_address_holds(client, anna, songs):
    client.force_login(anna)
    assert client.get(f"{ADDRESS}&rule=finished").context["compared"].now.plays == 0


def test_all_time_has_nothing_before(client, anna, songs):
    client.force_login(anna)
    answer = client.get("/compare/?range=all")
    assert answer.status_code == 200
    assert answer.context["compared"] is None
    assert "There is nothing before all time" in answer.content.decode()


def test_a_bad_date_is_said_and_the_page_still_stands(client, anna, songs):
    client.force_login(anna)
    answer = client.get(f"{ADDRESS}&vs=custom&vs_from=soon")
    assert answer.status_code == 400
    assert answer.context["compared"].then.plays == sum(then for then, _now in TIMES.values())


def test_nothing_heard(client, ben):
    client.force_login(ben)
    assert "Nothing was heard" in client.get("/compare/").content.decode()


def test_questions_are_few(client, anna, songs):
    client.force_login(anna)
    for what in ("tracks", "artists", "albums"):
        assert count(lambda what=what: client.get(f"/compare/?range=2026-10&what={what}")) <= 14
