"""Rules that write their playlists by themselves, against the sandbox, with the clock given."""

from collections.abc import Callable
from datetime import UTC, datetime, timedelta

import pytest
from django.core import mail
from django.utils import timezone

from accounts.models import Job, Notice, User
from ingest.models import SourceTrack, Track, TrackSource
from playlists.actions import schedule_turns, schedules
from playlists.models import Playlist, Rule, Schedule, SyncRun
from playlists.rules import schema, text
from tests.factories.ingest import TrackFactory, heard

NOW = timezone.now().replace(microsecond=0)  # the sandbox and its tokens live today
Outcome = Schedule.Outcome


def made(user: User, source: str = "plays:1..", **more) -> Rule:
    return Rule.objects.create(
        user=user, name=more.pop("name", "Mine"), body=schema.dump(text.parse(source).query), **more
    )


@pytest.fixture
def songs(anna: User, uris: list[str]) -> list[Track]:
    """Twelve that Spotify knows, each heard once."""
    found = [TrackFactory(spotify_id=uri.removeprefix("spotify:track:")) for uri in uris[:12]]
    for number, track in enumerate(found):
        heard(anna, track, NOW - timedelta(days=2, minutes=10 * number))
    return found


@pytest.fixture
def rule(anna: User, playlist: Playlist, songs: list[Track]) -> Rule:
    return made(anna, "plays:1.. | order title", playlist=playlist)


@pytest.fixture
def daily(rule: Rule) -> Schedule:
    return schedules.keep(rule=rule, kind="daily", hour=6, weekday=1, now=NOW)


@pytest.fixture
def turn(run_jobs: Callable[..., list[Job]]) -> Callable[..., Schedule]:
    """Beat comes by when the schedule is due, workers do what there is to do, and beat comes again."""

    def once(schedule: Schedule, *, days: int = 0) -> Schedule:
        schedule.refresh_from_db()
        at = (schedule.next_at or NOW) + timedelta(days=days)
        schedule_turns.hand_out(now=at)
        run_jobs(ahead=True)
        schedule_turns.hand_out(now=at + timedelta(minutes=1))
        schedule.refresh_from_db()
        return schedule

    return once


def test_a_turn_writes_the_playlist_and_plans_the_next(daily, turn, there, songs):
    due = daily.next_at
    turn(daily)
    assert (daily.outcome, daily.failures) == (Outcome.DONE, 0)
    assert sorted(there.uris) == sorted(f"spotify:track:{track.spotify_id}" for track in songs)
    assert daily.next_at == due + timedelta(days=1)
    assert daily.run.state == SyncRun.State.DONE
    turn(daily)
    assert daily.outcome == Outcome.UNCHANGED


def test_before_its_time_nothing_happens(daily, run_jobs):
    assert schedule_turns.hand_out(now=daily.next_at - timedelta(seconds=1)) == 0
    assert not Job.objects.exists()


def test_turns_missed_while_the_server_was_down_are_one(daily, turn):
    turn(daily, days=40)
    assert SyncRun.objects.count() == 1
    assert daily.next_at > NOW + timedelta(days=40)


def test_two_beats_at_once_start_one_turn(daily):
    at = daily.next_at
    stale = Schedule.objects.select_related("rule__user").get()
    assert schedule_turns.hand_out(now=at) == 1
    assert not schedule_turns._begin(stale, at)
    assert schedule_turns.hand_out(now=at + timedelta(days=3)) == 0  # it is still under way
    assert Job.objects.filter(kind=schedule_turns.KIND).count() == 1


def test_an_hour_that_comes_twice_is_one_turn(anna, rule, run_jobs):
    anna.time_zone = "Europe/Berlin"
    anna.save()
    rule.refresh_from_db()
    before = datetime(2026, 10, 24, 12, tzinfo=UTC)
    daily = schedules.keep(rule=rule, kind="daily", hour=2, weekday=1, now=before)
    started = 0
    for minutes in range(0, 24 * 60, 10):
        started += schedule_turns.hand_out(now=before + timedelta(minutes=minutes))
        Schedule.objects.update(outcome=Outcome.DONE)
    assert started == 1
    daily.refresh_from_db()
    assert daily.next_at == datetime(2026, 10, 26, 1, tzinfo=UTC)


def test_who_moves_is_served_by_the_new_clock(anna, daily):
    User.objects.update(time_zone="Asia/Kathmandu")
    schedule_turns.hand_out(now=NOW)
    daily.refresh_from_db()
    assert (daily.next_at.hour, daily.next_at.minute) == (0, 15)


def test_a_held_run_waits_and_says_so(client, daily, turn, there, uris, anna):
    User.objects.update(email="anna@example.org")
    turn(daily)
    Rule.objects.update(name="Mine & yours", body=schema.dump(text.parse("plays:1.. | limit 3 by title").query))
    written = there.uris
    turn(daily)
    held = daily.run
    assert (daily.outcome, held.state, there.uris) == (Outcome.HELD, SyncRun.State.HELD, written)
    notice = Notice.objects.get(user=anna, settled_at=None)
    assert notice.url == f"/playlists/runs/{held.pk}/"
    assert [sent.subject for sent in mail.outbox] == ["“Mine & yours” waits for your word"]
    client.force_login(anna)
    for page in ("/rules/", f"/rules/{daily.pk}/preview/"):
        assert f'href="/playlists/runs/{held.pk}/"' in client.get(page).content.decode()
    turn(daily)  # the same wish again: the same run waits, and nobody is nagged
    assert (daily.run, SyncRun.objects.count(), len(mail.outbox)) == (held, 2, 1)
    held.refresh_from_db()
    assert held.state == SyncRun.State.HELD
    Rule.objects.update(body=schema.dump(text.parse("plays:1..").query))
    turn(daily)  # another one: nothing to hold any more
    assert daily.outcome in (Outcome.DONE, Outcome.UNCHANGED)
    assert not Notice.objects.filter(user=anna, settled_at=None).exists()


def test_rules_of_one_playlist_due_at_once_write_it_once(anna, rule, daily, turn, playlist, there, songs):
    other = schedules.keep(
        rule=made(anna, "plays:1.. | limit 2", name="Two", playlist=playlist, priority=9),
        kind="daily", hour=6, weekday=1, now=NOW,
    )  # fmt: skip
    turn(daily)
    other.refresh_from_db()
    assert (daily.outcome, other.outcome) == (Outcome.DONE, Outcome.DONE)
    assert SyncRun.objects.count() == 1
    assert len(there.uris) == len(songs)


def test_three_failures_in_a_row_stop_it_and_the_owner_is_told(daily, turn, anna, rule):
    User.objects.update(email="anna@example.org")
    Playlist.objects.update(connection=None)
    for failures in (1, 2):
        turn(daily)
        assert (daily.outcome, daily.failures, daily.stopped_at) == (Outcome.FAILED, failures, None)
    assert not mail.outbox
    turn(daily)
    assert daily.stopped_at is not None
    assert daily.next_at is None
    (sent,) = mail.outbox
    assert "no longer written by itself" in sent.subject
    assert "connect again" in sent.body
    assert Notice.objects.get(user=anna, settled_at=None).kind == "schedule_stopped"
    assert schedule_turns.hand_out(now=NOW + timedelta(days=90)) == 0
    schedules.keep(rule=rule, kind="daily", hour=6, weekday=1, now=NOW)
    assert not Notice.objects.filter(user=anna, settled_at=None).exists()
    daily.refresh_from_db()
    assert (daily.failures, daily.stopped_at) == (0, None)


def test_a_mail_names_its_rule_as_it_is(daily, turn, anna):
    User.objects.update(email="anna@example.org")
    Rule.objects.update(name="Rock & <roll>\r\nII")
    Playlist.objects.update(connection=None)
    for _time in range(3):
        turn(daily)
    (sent,) = mail.outbox
    assert sent.subject == "“Rock & <roll> II” is no longer written by itself"


def test_a_success_between_failures_begins_the_count_anew(daily, turn, connection):
    for missing in (True, True, False, True):
        Playlist.objects.update(connection=None if missing else connection)
        turn(daily)
    assert (daily.failures, daily.stopped_at) == (1, None)


def test_a_turn_whose_job_dies_for_good_is_a_failure(daily):
    schedule_turns.hand_out(now=daily.next_at)
    Job.objects.update(state=Job.State.FAILED, error="A fault.")
    schedule_turns.hand_out(now=daily.next_at)
    daily.refresh_from_db()
    assert (daily.outcome, daily.message) == (Outcome.FAILED, "A fault.")


@pytest.mark.parametrize("off", [Rule, Playlist])
def test_what_is_switched_off_has_no_turn_and_catches_up_on_none(daily, off):
    off.objects.update(is_enabled=False)
    due = daily.next_at
    assert schedule_turns.hand_out(now=due) == 0
    off.objects.update(is_enabled=True)
    assert schedule_turns.hand_out(now=due + timedelta(hours=1)) == 0
    daily.refresh_from_db()
    assert daily.next_at == due + timedelta(days=1)


def test_new_likes_wake_it_once(anna, rule, connection, turn, songs):
    liked = TrackSource.objects.create(user=anna, connection=connection, kind="liked", pulled_at=NOW)
    like = SourceTrack.objects.create(source=liked, position=0, track=songs[0], added_at=NOW - timedelta(days=1))
    waiting = schedules.keep(rule=rule, kind="likes", hour=6, weekday=1, now=NOW)
    assert (waiting.next_at, schedule_turns.hand_out(now=NOW)) == (None, 0)
    SourceTrack.objects.filter(pk=like.pk).update(added_at=NOW, track=songs[1])
    turn(waiting)
    assert waiting.outcome == Outcome.DONE
    assert schedule_turns.hand_out(now=NOW + timedelta(hours=1)) == 0


def test_likes_are_read_for_those_who_wait_for_them_and_not_every_minute(anna, rule, connection):
    TrackSource.objects.create(user=anna, connection=connection, kind="liked", pulled_at=NOW - timedelta(hours=7))
    schedules.keep(rule=rule, kind="likes", hour=6, weekday=1, now=NOW)
    for _minute in range(3):
        schedule_turns.hand_out(now=NOW)
        Job.objects.filter(kind="pull_library").update(state=Job.State.FAILED)
    assert Job.objects.filter(kind="pull_library").count() == 1


def test_nobody_fills_the_queue(anna, ben, songs):
    late = NOW - timedelta(hours=1)
    for number in range(10):
        schedules.keep(rule=made(anna, name=f"Rule {number}"), kind="daily", hour=6, weekday=1, now=NOW)
    schedules.keep(rule=made(ben), kind="daily", hour=6, weekday=1, now=NOW)
    Schedule.objects.update(next_at=late)
    Schedule.objects.filter(rule__user=ben).update(next_at=NOW)  # due last of all
    assert schedule_turns.hand_out(now=NOW) == schedule_turns.OF_ONE + 1
    assert Job.objects.filter(owner=ben).count() == 1
    assert schedule_turns.hand_out(now=NOW) == 0  # until one of them ends
    Schedule.objects.filter(outcome=Outcome.STARTED, rule__user=anna).update(outcome=Outcome.DONE)
    assert schedule_turns.hand_out(now=NOW) == schedule_turns.OF_ONE
