"""Taking snapshots, by wish and by night; letting them go."""

import itertools
from datetime import UTC, date, datetime, timedelta

import pytest
from django.core import mail

from accounts.actions import depart
from accounts.models import Job, Notice
from ingest.actions import hide
from ingest.evidence import Origin
from ingest.models import Play
from insights import snapshot_jobs
from insights.actions import snapshot_care, snapshots
from insights.models import ListeningSnapshot, SnapshotChoice
from tests.factories.accounts import SpotifyConnectionFactory, UserFactory
from tests.factories.ingest import NOON, TrackFactory, heard

pytestmark = pytest.mark.django_db
ALL = ListeningSnapshot.Range.values
DAY = timedelta(days=1)


TODAY = NOON.date()


def take(user, on: date = TODAY, ranges=ALL, now=NOON):
    return list(snapshots.take(user=user, days=[on], ranges=ranges, now=now))


def rows(user, **filters):
    return ListeningSnapshot.objects.of(user).filter(**filters).order_by("on", "-first")


def test_each_range_holds_its_days(anna):
    track = TrackFactory()
    for days in (0, 27, 28, 182, 183, 364, 365):
        heard(anna, track, NOON - days * DAY)
    take(anna)
    assert {row.range: row.plays for row in rows(anna)} == {"short_term": 2, "medium_term": 4, "long_term": 6}
    assert {row.first for row in rows(anna)} == {date(2026, 10, 24), date(2026, 5, 22), date(2025, 11, 21)}


def test_taking_the_same_day_again_updates_it(anna):
    track = TrackFactory()
    heard(anna, track, NOON)
    take(anna)
    before = {row.range: row.pk for row in rows(anna)}
    heard(anna, track, NOON + timedelta(hours=1))
    take(anna, now=NOON + timedelta(hours=2))
    assert {row.range: row.pk for row in rows(anna)} == before
    assert {(row.plays, row.taken_at) for row in rows(anna)} == {(2, NOON + timedelta(hours=2))}
    take(anna, on=NOON.date() + DAY)
    assert rows(anna).count() == 6


def test_a_snapshot_follows_what_the_person_lets_count(anna):
    track = TrackFactory()
    heard(anna, track, NOON)
    heard(anna, track, NOON - DAY, seconds=5)
    heard(anna, track, NOON - 2 * DAY)
    hidden = Play.objects.of(anna).earliest("started_at")
    hide.plays(user=anna, ids=[hidden.pk], removed=False, now=NOON)
    take(anna)
    assert {row.plays for row in rows(anna)} == {1}


def test_plays_that_arrive_while_they_are_added_up_are_in(anna, monkeypatch):
    track = TrackFactory()
    heard(anna, track, NOON)
    added_up = snapshots.figures
    late = iter([NOON + timedelta(hours=1)])

    def slowly(plays):
        found = added_up(plays)
        if moment := next(late, None):
            heard(anna, track, moment)
        return found

    monkeypatch.setattr(snapshots, "figures", slowly)
    take(anna, ranges=["short_term"])
    assert rows(anna).get().plays == 2


def test_asked_for_it_is_a_job_that_says_what_it_made(anna, run_jobs):
    heard(anna, TrackFactory(), NOON)
    job = snapshot_jobs.start(user=anna, ranges=["medium_term"])
    assert snapshot_jobs.start(user=anna, ranges=["medium_term"]) == job
    assert not ListeningSnapshot.objects.exists()
    (ran,) = run_jobs()
    assert (ran.pk, ran.state) == (job.pk, Job.State.DONE)
    row = rows(anna).get()
    assert ran.result == {"written": 1, "snapshots": [row.pk]}
    assert row.range == "medium_term"
    with pytest.raises(ValueError, match="decade"):
        snapshot_jobs.start(user=anna, ranges=["decade"])


def test_the_past_year_is_drawn_from_the_plays(anna, run_jobs):
    track = TrackFactory()
    today = datetime.now(UTC)
    for weeks in range(0, 60, 2):
        heard(anna, track, today - timedelta(weeks=weeks))
    snapshot_jobs.start(user=anna, ranges=["short_term"], past=True)
    run_jobs()
    found = list(rows(anna))
    assert len(found) == snapshot_jobs.WEEKS + 1
    assert {(later.on - row.on).days for row, later in itertools.pairwise(found)} == {7}
    assert {row.plays for row in found} == {2}


def test_the_night_closes_the_day_in_the_persons_zone(anna):
    track = TrackFactory()
    anna.time_zone = "Asia/Tokyo"
    anna.save()
    heard(anna, track, datetime(2026, 11, 19, 14, 0, tzinfo=UTC))  # 23:00 in Tokyo
    before_two = datetime(2026, 11, 19, 16, 30, tzinfo=UTC)  # 01:30
    (group,) = snapshot_care.due(now=before_two)
    assert snapshot_care.take_for(user_ids=group, now=before_two) == {"done": 1, "skipped": 0, "failed": 0}
    assert {row.on for row in rows(anna)} == {date(2026, 11, 18)}
    assert snapshot_care.due(now=before_two) == []
    after_two = before_two + timedelta(hours=1)
    (group,) = snapshot_care.due(now=after_two)
    snapshot_care.take_for(user_ids=group, now=after_two)
    assert rows(anna, on=date(2026, 11, 19), range="short_term").get().plays == 1


def test_a_day_snapped_before_it_was_over_is_closed_at_night(anna):
    heard(anna, TrackFactory(), NOON)
    take(anna)
    assert snapshot_care.due(now=NOON + timedelta(hours=14)) == [[anna.pk]]


def test_nobody_is_woken_who_hears_nothing(anna, ben):
    heard(anna, TrackFactory(), NOON - timedelta(days=40))
    gone = UserFactory(is_active=False)
    heard(gone, TrackFactory(), NOON)
    assert snapshot_care.due(now=NOON) == []


def test_one_failure_stops_nobody_else(anna, ben, monkeypatch):
    for user in (anna, ben):
        heard(user, TrackFactory(), NOON - DAY)
    taken = snapshots.take

    def broken(*, user, **rest):
        if user == anna:
            raise RuntimeError("no columns")
        return taken(user=user, **rest)

    monkeypatch.setattr(snapshots, "take", broken)
    told = snapshot_care.take_for(user_ids=[anna.pk, ben.pk, 10**9], now=NOON)
    assert told == {"done": 1, "skipped": 1, "failed": 1}
    assert rows(ben).count() == 3


def aged(user, days: int):
    heard(user, TrackFactory(), NOON - days * DAY)
    take(user, on=(NOON - days * DAY).date(), ranges=["short_term"])


def test_old_snapshots_go_after_notice_and_mail(anna):
    anna.email = "anna@example.org"
    anna.save()
    aged(anna, 366)
    aged(anna, 10)
    assert snapshot_care.clean(now=NOON) == {"told": 1, "cleaned": 0}
    assert Notice.objects.filter(user=anna, settled_at=None).count() == 1
    assert len(mail.outbox) == 1
    assert snapshot_care.clean(now=NOON + DAY) == {"told": 0, "cleaned": 0}
    assert snapshot_care.clean(now=NOON + 30 * DAY) == {"told": 0, "cleaned": 1}
    assert {row.on for row in rows(anna)} == {(NOON - 10 * DAY).date()}
    assert len(mail.outbox) == 1


def test_whoever_keeps_them_is_left_alone(anna):
    aged(anna, 400)
    snapshot_care.clean(now=NOON)
    snapshot_care.keep(user=anna, keeps=True, now=NOON)
    assert not Notice.objects.filter(user=anna, settled_at=None).exists()
    assert snapshot_care.clean(now=NOON + 60 * DAY) == {"told": 0, "cleaned": 0}
    snapshot_care.keep(user=anna, keeps=False, now=NOON + 60 * DAY)
    assert snapshot_care.clean(now=NOON + 60 * DAY) == {"told": 1, "cleaned": 0}


def test_disconnecting_takes_what_rests_on_spotify(anna):
    connection = SpotifyConnectionFactory(user=anna)
    heard(anna, TrackFactory(), NOON - 100 * DAY)
    heard(anna, TrackFactory(), NOON, origin=Origin.POLL)
    take(anna, on=(NOON - 90 * DAY).date())
    take(anna)
    assert dict(depart.preview(user=anna, connection=connection).rows)["listening snapshots"] == 3
    depart.disconnect(connection=connection, now=NOON)
    assert {row.on for row in rows(anna)} == {(NOON - 90 * DAY).date()}


def test_leaving_takes_them_all(anna, ben):
    for user in (anna, ben):
        aged(user, 1)
        SnapshotChoice.objects.create(user=user)
    depart.forget(user=anna)
    assert [row.user for row in ListeningSnapshot.objects.all()] == [ben]
    assert [row.user for row in SnapshotChoice.objects.all()] == [ben]
