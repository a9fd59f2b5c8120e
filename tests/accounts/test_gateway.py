"""The gateway over the sandbox: typed rows, typed errors, budgets, blocks and breakers. Nothing sleeps."""

import contextlib
import threading
import time
from datetime import timedelta

import pytest
from django.db import connection as database
from django.utils import timezone

from accounts.models import Breaker, BudgetHour, CallCount, Notice, SpotifyApp, SpotifyConnection
from accounts.spotify import backoff, budget, errors, gateway, report
from tests.factories.accounts import SpotifyAppFactory, UserFactory


@pytest.fixture
def row(connected, spotify):
    return connected(UserFactory(), spotify.listeners[0])


def api_calls(spotify):
    return spotify.requests("/v1/*")


class TestReading:
    def test_what_ingest_reads(self, row, spotify):
        spotify_ = row.gateway()
        now = timezone.now()
        for minutes, track in enumerate(spotify.world.tracks[:3]):
            spotify.add_play(spotify.listeners[0].id, track, at=now - timedelta(hours=1, minutes=minutes * 10))
        plays = spotify_.recent_plays()
        assert plays.items
        play = plays.items[0]
        assert play.track.id
        assert play.track.isrc is None or len(play.track.isrc) == 12
        assert play.track.artists[0].name
        assert play.track.album.image_url.startswith("http")
        assert play.played_at.tzinfo is not None
        assert not spotify_.recent_plays(after=plays.items[0].played_at + timedelta(milliseconds=1)).items
        likes = spotify_.saved_tracks()
        assert likes.total >= len(likes.items)
        assert likes.items[0].track.name
        lists = spotify_.playlists()
        mine = next(one for one in lists.items if one and one.owner_id == spotify.listeners[0].id)
        items = spotify_.playlist_items(mine.id)
        assert items.items[0].kind == "track"
        assert spotify_.track(play.track.id) == play.track

    def test_nothing_playing(self, row, spotify):
        spotify.play_now(spotify.listeners[0].id)
        assert row.gateway().playback() is None

    def test_playing(self, row, spotify):
        spotify.play_now(spotify.listeners[0].id, spotify.world.tracks[0], private_session=True)
        playback = row.gateway().playback()
        assert playback.is_playing
        assert playback.is_private_session
        assert playback.track.id == spotify.world.tracks[0].id

    @pytest.mark.parametrize("kind", ["nulls", "duplicates"])
    def test_odd_pages_are_read_all_the_same(self, row, spotify, kind):
        spotify.fault(kind=kind, path="/v1/me/*")
        spotify_ = row.gateway()
        assert spotify_.recent_plays().items is not None
        assert spotify_.saved_tracks().items
        assert spotify_.playlists().items


class TestRefusals:
    @pytest.mark.parametrize(
        ("fault", "error"),
        [
            ({"status": 500}, errors.Upstream),
            ({"status": 503, "body": "text"}, errors.Upstream),
            ({"kind": "bad_json"}, errors.Upstream),
            ({"kind": "content"}, errors.Upstream),
            ({"kind": "cut"}, errors.Unreachable),
            ({"kind": "reset"}, errors.Unreachable),
            ({"status": 404}, errors.NotFound),
            ({"status": 400}, errors.BadRequest),
            ({"status": 403, "message": "Insufficient client scope"}, errors.ScopeMissing),
            ({"status": 403, "message": "Forbidden"}, errors.NotReadable),
            ({"status": 429, "retry_after": 7}, errors.RateLimited),
            ({"status": 429, "body": "text"}, errors.RateLimited),
            ({"status": 429, "retry_after": 61}, errors.QuotaBlocked),
            ({"status": 429, "reason": "QUOTA_EXCEEDED"}, errors.QuotaBlocked),
            (
                {"status": 403, "message": "Active premium subscription required for the owner of the app."},
                errors.OwnerNotPremium,
            ),
        ],
    )
    def test_each_has_its_error_and_costs_one_call(self, row, spotify, fault, error):
        spotify.fault(path="/v1/me/tracks", count=5, **fault)
        with pytest.raises(error) as caught:
            row.gateway().saved_tracks()
        assert type(caught.value) is error
        assert len(api_calls(spotify)) == 1
        assert CallCount.objects.get(endpoint="me/tracks").failures == 1

    def test_no_answer_in_time(self, row, spotify, settings):
        settings.SPOTIFY_TIMEOUT = timedelta(seconds=0.2)
        spotify.fault(kind="hang", seconds=2, path="/v1/me/tracks", count=1)
        began = time.monotonic()
        with pytest.raises(errors.Unreachable, match="in time"):
            row.gateway().saved_tracks()
        assert time.monotonic() - began < 1

    def test_a_token_that_died_early_is_renewed_once(self, row, spotify):
        spotify.fault(kind="expire", path="/v1/me/tracks", count=1)
        assert row.gateway().saved_tracks().items
        assert len(spotify.requests("/api/token", "POST")) == 1

    def test_a_fresh_token_refused_too_needs_the_person(self, row, spotify):
        spotify.fault(kind="expire", path="/v1/me/tracks")
        with pytest.raises(errors.ReconnectNeeded):
            row.gateway().saved_tracks()
        assert len(spotify.requests("/v1/me/tracks")) == 2
        assert SpotifyConnection.objects.get().state == "reconnect"

    def test_a_missing_scope(self, connected, spotify):
        row = connected(UserFactory(), spotify.listeners[0])
        answer = spotify.tokens_for(spotify.listeners[0].id, scopes=["user-top-read"])
        from accounts.spotify import crypto

        SpotifyConnection.objects.update(access_token_encrypted=crypto.encrypt(answer["access_token"]))
        with pytest.raises(errors.ScopeMissing):
            row.gateway().saved_tracks()
        assert SpotifyConnection.objects.get().state == "active"

    def test_an_unlisted_account_rests_until_it_is_listed(self, row, spotify):
        app = spotify.app()
        listed, app.allowlist = app.allowlist, []
        with pytest.raises(errors.NotAllowlisted):
            row.gateway().saved_tracks()
        row.refresh_from_db()
        assert row.state == "not_allowlisted"
        assert {notice.user for notice in Notice.objects.all()} == {row.user, None}
        app.allowlist = listed
        row.gateway().profile()
        assert SpotifyConnection.objects.get().state == "active"
        assert not Notice.objects.filter(settled_at=None).exists()

    def test_a_foreign_playlist(self, row, spotify):
        with pytest.raises((errors.NotReadable, errors.NotFound)):
            row.gateway().playlist_items("37i9dQZF1DXcBWIGoYBM5M")

    def test_a_quota_stops_every_app_of_the_developer(self, row, spotify):
        sibling = SpotifyAppFactory(quota_group=row.app.quota_group)
        stranger = SpotifyAppFactory()
        spotify.fault(status=429, reason="QUOTA_EXCEEDED", retry_after=50_000, path="/v1/me/tracks")
        with pytest.raises(errors.QuotaBlocked) as caught:
            row.gateway().saved_tracks()
        until = caught.value.until
        sibling.refresh_from_db()
        stranger.refresh_from_db()
        assert sibling.blocked_until == until
        assert stranger.blocked_until is None
        with pytest.raises(errors.QuotaBlocked):
            row.gateway(interactive=True).profile()
        assert len(api_calls(spotify)) == 1  # asking while blocked makes the block longer
        assert budget.allowance(row.app.quota_group, timezone.now()).blocked_until == until

    def test_a_rate_limit_holds_the_whole_app_for_its_seconds(self, row, spotify):
        now = timezone.now()
        spotify.fault(status=429, retry_after=7, path="/v1/me/tracks", count=1)
        with pytest.raises(errors.RateLimited):
            gateway.SpotifyGateway(row, clock=lambda: now).saved_tracks()
        with pytest.raises(errors.RateLimited):
            gateway.SpotifyGateway(row, clock=lambda: now + timedelta(seconds=6)).profile()
        assert gateway.SpotifyGateway(row, clock=lambda: now + timedelta(seconds=8)).profile()
        assert SpotifyApp.objects.get(pk=row.app_id).blocked_until is None

    def test_a_link_to_another_host_gets_no_token(self, row):
        with pytest.raises(errors.Upstream, match="another host"):
            row.gateway()._spotify._get("https://evil.example/v1/me/tracks?offset=50")

    def test_a_link_to_our_host_is_followed(self, row, settings):
        assert row.gateway()._spotify._get(f"{settings.SPOTIFY_API_URL}/me/tracks?limit=1")["items"]


class TestWriting:
    def test_a_playlist_is_filled_with_the_documented_body(self, row, spotify):
        gateway_ = row.gateway(interactive=True)
        mine = next(one for one in gateway_.playlists().items if one and one.owner_id == spotify.listeners[0].id)
        before = gateway_.playlist_items(mine.id).total
        uris = [f"spotify:track:{track.id}" for track in spotify.world.tracks[:3]]
        assert gateway_.playlist_add(mine.id, uris, position=0)
        page = gateway_.playlist_items(mine.id)
        assert page.total == before + 3
        assert [item.uri for item in page.items[:3]] == uris

    def test_more_than_a_hundred_is_our_mistake(self, row, spotify):
        with pytest.raises(errors.BadRequest):
            row.gateway().playlist_add("x", ["spotify:track:x"] * 101)
        assert not api_calls(spotify)

    def test_library_in_chunks_of_forty(self, row, spotify):
        answer = spotify.tokens_for(spotify.listeners[0].id, scopes=["user-library-modify", "user-library-read"])
        from accounts.spotify import crypto

        SpotifyConnection.objects.update(access_token_encrypted=crypto.encrypt(answer["access_token"]))
        uris = [f"spotify:track:{track.id}" for track in spotify.world.tracks[:41]]
        gateway_ = row.gateway(interactive=True)
        before = gateway_.saved_tracks().total
        gateway_.library_add(uris)
        added = gateway_.saved_tracks().total - before
        assert added > 0
        gateway_.library_remove(uris)
        assert gateway_.saved_tracks().total <= before
        assert len(spotify.requests("/v1/me/library", "PUT")) == 2


class TestBudget:
    def test_background_leaves_the_reserve_to_people(self, row, now):
        app = row.app
        SpotifyApp.objects.update(daily_calls=10, interactive_reserve=4)
        for _ in range(6):
            budget.take(app=app, endpoint="me", now=now)
        with pytest.raises(errors.QuotaBlocked) as caught:
            budget.take(app=app, endpoint="me", now=now)
        assert caught.value.ours
        for _ in range(4):
            budget.take(app=app, endpoint="me", now=now, interactive=True)
        with pytest.raises(errors.QuotaBlocked):
            budget.take(app=app, endpoint="me", now=now, interactive=True)
        assert budget.allowance(app.quota_group, now).spent == 10

    def test_spending_the_reserve_takes_nothing_from_background(self, row, now):
        SpotifyApp.objects.update(daily_calls=10, interactive_reserve=4)
        for _ in range(4):
            budget.take(app=row.app, endpoint="me", now=now, interactive=True)
        allowance = budget.allowance(row.app.quota_group, now)
        assert (allowance.left, allowance.background_left) == (6, 6)

    def test_never_more_than_the_ceiling_in_any_24_hours(self, row, now):
        SpotifyApp.objects.update(daily_calls=48, interactive_reserve=0)
        made = []
        for minutes in range(0, 3 * 24 * 60, 7):
            at = now + timedelta(minutes=minutes)
            with contextlib.suppress(errors.QuotaBlocked):
                budget.take(app=row.app, endpoint="me", now=at)
                made.append(at)
        for start in made:
            assert sum(start <= at < start + timedelta(hours=24) for at in made) <= 48
        assert len(made) > 2 * 48

    def test_until_is_when_calls_come_free(self, row, now):
        SpotifyApp.objects.update(daily_calls=1, interactive_reserve=0)
        budget.take(app=row.app, endpoint="me", now=now)
        with pytest.raises(errors.QuotaBlocked) as caught:
            budget.take(app=row.app, endpoint="me", now=now)
        budget.take(app=row.app, endpoint="me", now=caught.value.until)

    def test_apps_of_one_developer_share_one_budget(self, row, now):
        sibling = SpotifyAppFactory(quota_group=row.app.quota_group, daily_calls=5, interactive_reserve=0)
        for _ in range(5):
            budget.take(app=row.app, endpoint="me", now=now, interactive=True)
        with pytest.raises(errors.QuotaBlocked):
            budget.take(app=sibling, endpoint="me", now=now, interactive=True)

    def test_a_longer_block_is_not_shortened(self, row, now):
        group = row.app.quota_group
        budget.block(group, until=now + timedelta(hours=9), reason="quota", now=now)
        budget.block(group, until=now + timedelta(hours=1), reason="quota", now=now)
        assert budget.allowance(group, now).blocked_until == now + timedelta(hours=9)

    @pytest.mark.django_db(transaction=True)
    def test_workers_at_once_never_spend_more(self, now):
        app = SpotifyAppFactory(daily_calls=20, interactive_reserve=0)
        paid, start = [], threading.Barrier(4)

        def work():
            try:
                start.wait()
                for _ in range(10):
                    try:
                        budget.take(app=app, endpoint="me", now=now)
                    except errors.QuotaBlocked:
                        continue
                    paid.append(1)
            finally:
                database.close()

        workers = [threading.Thread(target=work) for _ in range(4)]
        for worker in workers:
            worker.start()
        for worker in workers:
            worker.join(timeout=30)
        assert len(paid) == 20
        assert BudgetHour.objects.get().calls == CallCount.objects.get().calls == 20

    def test_a_call_inside_a_transaction_is_refused(self, row, now):
        from django.db import transaction

        with transaction.atomic(), pytest.raises(RuntimeError, match="durable"):
            budget.take(app=row.app, endpoint="me", now=now)

    def test_the_report_adds_up(self, row, spotify, now):
        gateway_ = gateway.SpotifyGateway(row, clock=lambda: now)
        gateway_.profile()
        gateway_.saved_tracks()
        gateway_.saved_tracks()
        spotify.fault(status=500, path="/v1/me/playlists")
        with pytest.raises(errors.Upstream):
            gateway_.playlists()
        told = report.of_group([row.app], now, person_names=True)
        assert told.allowance.spent == sum(one.calls for one in told.by_endpoint) == 4
        assert sum(one.calls for one in told.by_hour) == sum(one.calls for one in told.by_person) == 4
        assert sum(one.failures for one in told.by_endpoint) == 1
        assert told.by_person[0].label == str(row)

    def test_old_spending_is_forgotten(self, row, now):
        budget.take(app=row.app, endpoint="me", now=now)
        assert budget.prune(now + budget.KEPT + timedelta(hours=1)) == 1
        assert not BudgetHour.objects.exists()


class TestBreaker:
    def test_three_failures_rest_that_account_for_ten_minutes_then_one_tries(self, row, connected, spotify):
        other = connected(UserFactory(), spotify.listeners[1])
        now = timezone.now()
        clock = [now]
        mine = gateway.SpotifyGateway(row, clock=lambda: clock[0])
        fault = spotify.fault(status=500, path="/v1/me/tracks", listener=spotify.listeners[0].id)
        for _ in range(3):
            with pytest.raises(errors.Upstream):
                mine.saved_tracks()
        with pytest.raises(errors.BreakerOpen):
            mine.saved_tracks()
        assert len(api_calls(spotify)) == 3
        assert (
            gateway.SpotifyGateway(other, clock=lambda: now).saved_tracks().items
        )  # one person's trouble stays theirs
        clock[0] = now + timedelta(minutes=10)
        with pytest.raises(errors.Upstream):
            mine.saved_tracks()  # the one that is let through
        with pytest.raises(errors.BreakerOpen):
            mine.saved_tracks()
        spotify.faults.remove(fault.id)
        clock[0] += timedelta(minutes=10)
        assert mine.saved_tracks().items
        assert not Breaker.objects.filter(failures__gt=0).exists()

    def test_only_one_caller_probes(self, db, now):
        from accounts.spotify import breaker

        for _ in range(3):
            breaker.failure("connection:1", error="x", now=now)
        later = now + breaker.PAUSE
        breaker.check("connection:1", now=later)
        with pytest.raises(errors.BreakerOpen):
            breaker.check("connection:1", now=later)
        breaker.check("connection:1", now=later + breaker.PROBE)  # the first one died

    def test_a_refusal_is_an_answer(self, row, spotify):
        spotify.fault(status=404, path="/v1/me/tracks")
        for _ in range(5):
            with pytest.raises(errors.NotFound):
                row.gateway().saved_tracks()
        assert not Breaker.objects.filter(open_until__isnull=False).exists()


class TestBackoff:
    def test_six_attempts_and_no_more(self, now):
        error = errors.Upstream("me", "HTTP 500")
        waits = [backoff.retry_at(error, attempt=attempt, now=now) for attempt in range(1, 7)]
        assert waits[5] is None
        assert all(at > now for at in waits[:5])

    def test_retry_after_is_a_floor_with_jitter_above(self, now):
        error = errors.RateLimited("me", retry_after_s=20)
        waits = {backoff.retry_at(error, attempt=1, now=now) for _ in range(20)}
        assert min(waits) >= now + timedelta(seconds=20)
        assert len(waits) > 1

    def test_a_block_is_waited_for(self, now):
        until = now + timedelta(hours=13)
        at = backoff.retry_at(errors.QuotaBlocked("me", until=until), attempt=1, now=now)
        assert until <= at <= until + timedelta(minutes=1)

    @pytest.mark.parametrize("final", [errors.NotFound, errors.ReconnectNeeded, errors.BadRequest, errors.ScopeMissing])
    def test_what_is_final_is_not_tried_again(self, now, final):
        assert backoff.retry_at(final("me"), attempt=1, now=now) is None


def test_names_of_endpoints_hold_no_ids():
    name = gateway.endpoint_of
    assert name("GET", "me/") == "me"
    assert name("GET", "playlists/37i9dQZF1DXcBWIGoYBM5M/items?limit=50") == "playlists/…/items"
    assert name("POST", "playlists/37i9dQZF1DXcBWIGoYBM5M/items") == "POST playlists/…/items"
    assert name("GET", "me/player/recently-played") == "me/player/recently-played"
