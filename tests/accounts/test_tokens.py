"""Tokens: renewed early, by one worker, kept when rotated, and never wiped in a storm."""

import threading
from datetime import timedelta

import pytest
from django.db import connection as database
from django.utils import timezone

from accounts.actions import care
from accounts.models import Notice, SpotifyApp, SpotifyConnection
from accounts.spotify import crypto, errors, registration, storm, tokens
from tests.factories.accounts import UserFactory

HOUR = timedelta(hours=1)


def refreshes(spotify):
    return spotify.requests("/api/token", "POST")


@pytest.fixture
def stale(connected, spotify):
    """A connection whose access token has ended."""

    def make(listener=None, **more):
        past = timezone.now() - HOUR
        more.setdefault("user", UserFactory())
        return connected(more.pop("user"), listener or spotify.listeners[0], access_expires_at=past, **more)

    return make


def test_a_good_token_is_used_as_it_is(connected, spotify):
    row = connected(UserFactory(), spotify.listeners[0])
    assert tokens.access_token(row, timezone.now()).reveal() == crypto.decrypt(row.access_token_encrypted)
    assert not refreshes(spotify)


@pytest.mark.parametrize(("left_s", "calls"), [(59, 1), (61, 0)])
def test_a_token_is_renewed_a_minute_early(connected, spotify, left_s, calls):
    now = timezone.now()
    row = connected(UserFactory(), spotify.listeners[0], access_expires_at=now + timedelta(seconds=left_s))
    tokens.access_token(row, now)
    assert len(refreshes(spotify)) == calls


def test_refreshing_does_not_make_the_consent_younger(stale):
    before = timezone.now() - timedelta(days=100)
    row = stale(authorized_at=before)
    tokens.access_token(row, timezone.now())
    row.refresh_from_db()
    assert row.authorized_at == before
    assert row.refreshed_at is not None


@pytest.mark.parametrize("rotation", ["on", "single"])
def test_a_rotated_refresh_token_is_kept(stale, spotify, rotation):
    spotify.app(rotation=rotation)
    row = stale()
    first = crypto.decrypt(row.refresh_token_encrypted)
    for hours in (0, 2, 4):
        tokens.access_token(row, timezone.now() + hours * HOUR)
    row.refresh_from_db()
    assert crypto.decrypt(row.refresh_token_encrypted) != first
    assert row.state == "active"


def test_without_rotation_the_old_one_stays(stale):
    row = stale()
    tokens.access_token(row, timezone.now())
    before = row.refresh_token_encrypted
    row.refresh_from_db()
    assert row.refresh_token_encrypted == before


@pytest.mark.django_db(transaction=True)
def test_workers_at_once_refresh_once(stale, spotify):
    spotify.app(rotation="single")  # a second refresh would be a dead one
    spotify.fault(kind="slow", seconds=0.3, path="/api/token")
    row, now, got, start = stale(), timezone.now(), [], threading.Barrier(4)

    def work():
        try:
            start.wait()
            got.append(tokens.access_token(SpotifyConnection.objects.get(pk=row.pk), now).reveal())
        finally:
            database.close()

    workers = [threading.Thread(target=work) for _ in range(4)]
    for worker in workers:
        worker.start()
    for worker in workers:
        worker.join(timeout=20)
    assert len(got) == 4
    assert len(set(got)) == 1
    assert len(refreshes(spotify)) == 1


def test_a_dead_workers_lease_ends(stale):
    now = timezone.now()
    row = stale(lease="dead", lease_until=now + timedelta(seconds=5))
    assert tokens.access_token(row, now + timedelta(seconds=6))


def test_waiting_for_another_worker_has_an_end(stale, settings):
    settings.SPOTIFY_TIMEOUT = timedelta(seconds=0.1)
    now = timezone.now()
    row = stale(lease="busy", lease_until=now + timedelta(seconds=25))
    with pytest.raises(errors.Upstream) as caught:
        tokens.access_token(row, now)
    assert caught.value.retry_after_s == 5


def test_a_consent_renewed_meanwhile_wins_over_the_dying_one(stale, spotify, monkeypatch):
    from accounts.spotify import accounts_service

    row, now = stale(), timezone.now()
    spotify.revoke(spotify.listeners[0].id)
    fresh = spotify.tokens_for(spotify.listeners[0].id)

    def meanwhile(**_):
        SpotifyConnection.objects.filter(pk=row.pk).update(
            refresh_token_encrypted=crypto.encrypt(fresh["refresh_token"]), authorized_at=now, lease=""
        )
        raise errors.ReconnectNeeded("token", "Refresh token revoked")

    monkeypatch.setattr(accounts_service, "refresh", meanwhile)
    with pytest.raises(errors.ReconnectNeeded):
        tokens.access_token(row, now)
    monkeypatch.undo()
    row.refresh_from_db()
    assert row.state == "active"
    assert tokens.access_token(row, now)


def test_a_stale_object_sees_the_renewed_consent(stale, spotify):
    row = stale()
    fresh = spotify.tokens_for(spotify.listeners[0].id)
    now = timezone.now()
    SpotifyConnection.objects.update(
        access_token_encrypted=crypto.encrypt(fresh["access_token"]), access_expires_at=now + HOUR
    )
    assert tokens.access_token(row, now).reveal() == fresh["access_token"]


def test_invalid_grant_ends_the_consent_keeps_the_person_and_is_not_retried(stale, spotify):
    row = stale()
    spotify.revoke(spotify.listeners[0].id)
    for _ in range(2):
        with pytest.raises(errors.ReconnectNeeded):
            tokens.access_token(row, timezone.now())
    row.refresh_from_db()
    assert (row.state, row.state_reason) == ("reconnect", "revoked")
    assert row.access_token_encrypted == row.refresh_token_encrypted == ""
    assert len(refreshes(spotify)) == 1
    assert Notice.objects.get(user=row.user).kind == "reconnect"


def test_invalid_client_is_nobodys_dead_token(stale, spotify):
    row = stale()
    spotify.app(secret="changed")
    with pytest.raises(errors.AppRefused):
        tokens.access_token(row, timezone.now())
    row.refresh_from_db()
    assert row.state == "active"
    assert row.refresh_token_encrypted
    assert row.app.__class__.objects.get().block_reason == "refused"


@pytest.mark.parametrize("fault", [{"status": 503}, {"status": 429, "retry_after": 3}, {"kind": "reset"}])
def test_temporary_trouble_keeps_the_tokens(stale, spotify, fault):
    row = stale()
    spotify.fault(path="/api/token", count=1, **fault)
    with pytest.raises(errors.SpotifyError) as caught:
        tokens.access_token(row, timezone.now())
    assert caught.value.temporary
    assert tokens.access_token(row, timezone.now())


@pytest.mark.parametrize("fault", [{"reason": "QUOTA_EXCEEDED"}, {"body": "text"}])
def test_a_long_wall_at_the_accounts_service_is_stored_and_asked_no_more(stale, spotify, fault):
    row, now = stale(), timezone.now()
    spotify.fault(path="/api/token", status=429, retry_after=48_925, **fault)
    with pytest.raises(errors.QuotaBlocked):
        tokens.access_token(row, now)
    app = SpotifyApp.objects.get()
    assert app.blocked_until > now + timedelta(hours=13)
    assert app.block_reason == "quota"
    with pytest.raises(errors.QuotaBlocked):
        row.gateway().recent_plays()
    assert len(refreshes(spotify)) == 1


def test_the_accounts_service_has_its_own_breaker(stale, spotify):
    row = stale()
    spotify.fault(path="/api/token", status=503)
    now = timezone.now()
    for _ in range(5):
        with pytest.raises(errors.Upstream):
            tokens.access_token(row, now)
    with pytest.raises(errors.BreakerOpen) as caught:
        tokens.access_token(row, now)
    assert caught.value.until == now + timedelta(minutes=10)
    assert len(refreshes(spotify)) == 5


class TestStorm:
    @pytest.fixture
    def house(self, stale, spotify):
        return [stale(listener) for listener in spotify.listeners[:5]]

    def fail(self, rows, now):
        for row in rows:
            with pytest.raises((errors.ReconnectNeeded, errors.QuotaBlocked)):
                tokens.access_token(row, now)

    def test_most_dying_at_once_pauses_and_wipes_nothing(self, house, spotify):
        now = timezone.now()
        spotify.fault(kind="invalid_grant", path="/api/token")
        self.fail(house, now)
        app = SpotifyApp.objects.get()
        assert app.storm_since == now
        assert app.is_blocked(now)
        rows = list(SpotifyConnection.objects.all())
        assert all(row.refresh_token_encrypted for row in rows)
        assert {row.state for row in rows} <= {"app_blocked", "active"}
        assert Notice.objects.get(settled_at=None).user is None

    def test_when_spotify_recovers_all_go_on(self, house, spotify):
        now = timezone.now()
        fault = spotify.fault(kind="invalid_grant", path="/api/token")
        self.fail(house, now)
        spotify.faults.remove(fault.id)
        later = now + storm.PAUSE
        keys = care.due(later)
        assert not SpotifyConnection.objects.filter(pk__in=keys, state="app_blocked").exists()  # two have not failed
        care.look_after(connection=storm.to_probe(later)[0], now=later)
        assert set(SpotifyConnection.objects.values_list("state", flat=True)) == {"active"}
        assert SpotifyApp.objects.get().storm_since is None
        for row in house:
            assert tokens.access_token(row, later)
        assert not Notice.objects.filter(settled_at=None).exists()

    def test_a_storm_that_stays_is_believed_after_a_day(self, house, spotify):
        now = timezone.now()
        spotify.fault(kind="invalid_grant", path="/api/token")
        self.fail(house, now)
        blocked = SpotifyConnection.objects.filter(state="app_blocked").count()
        for half_hours in range(1, 49):
            later = now + half_hours * storm.PAUSE
            for row in SpotifyConnection.objects.filter(pk__in=care.due(later), state="app_blocked"):
                care.look_after(connection=row, now=later)
        assert SpotifyConnection.objects.filter(state="reconnect").count() >= blocked
        assert not SpotifyConnection.objects.filter(state="reconnect").exclude(refresh_token_encrypted="").exists()

    def test_one_of_five_is_just_one(self, house, spotify):
        now = timezone.now()
        spotify.revoke(spotify.listeners[0].id)
        for row in house[1:]:
            tokens.access_token(row, now)
        self.fail(house[:1], now)
        house[0].refresh_from_db()
        assert house[0].state == "reconnect"
        assert SpotifyApp.objects.get().storm_since is None
        storm.settle(now + storm.WINDOW)
        house[0].refresh_from_db()
        assert house[0].refresh_token_encrypted == ""

    def test_two_of_five_stop_nobody_else_even_if_they_come_first(self, house, spotify):
        now = timezone.now()
        for listener in spotify.listeners[:2]:
            spotify.revoke(listener.id)
        self.fail(house[:2], now)
        for row in house[2:]:
            assert tokens.access_token(row, now)
        assert [SpotifyConnection.objects.get(pk=row.pk).state for row in house] == ["reconnect"] * 2 + ["active"] * 3
        assert not SpotifyApp.objects.get().is_blocked(now)

    def test_three_of_five_really_dead_hold_the_others_up_for_one_pause(self, house, spotify):
        now = timezone.now()
        for listener in spotify.listeners[:3]:
            spotify.revoke(listener.id)
        self.fail(house[:3], now)
        assert SpotifyApp.objects.get().storm_since == now
        later = now + storm.PAUSE
        care.look_after(connection=storm.to_probe(later)[0], now=later)
        for row in house[3:]:
            assert tokens.access_token(row, later)
        assert not SpotifyApp.objects.get().is_blocked(later)
        self.fail(house[:3], later)
        assert SpotifyApp.objects.get().storm_since is None
        states = [SpotifyConnection.objects.get(pk=row.pk).state for row in house]
        assert states == ["reconnect"] * 3 + ["active"] * 2

    def test_consents_of_one_day_dying_of_age_are_no_storm(self, stale, spotify):
        now = timezone.now()
        old = now - timedelta(days=185)
        rows = [stale(one, authorized_at=old, consented_at=old) for one in spotify.listeners[:3]]
        self.fail(rows, now)
        assert SpotifyApp.objects.get().storm_since is None
        assert set(SpotifyConnection.objects.values_list("state_reason", flat=True)) == {"six_months"}


class TestCare:
    def test_tokens_ending_soon_are_renewed_one_by_one(self, connected, spotify):
        now = timezone.now()
        soon = connected(UserFactory(), spotify.listeners[0], access_expires_at=now + timedelta(minutes=40))
        connected(UserFactory(), spotify.listeners[1], access_expires_at=now + timedelta(minutes=80))
        assert care.due(now) == [soon.pk]
        care.look_after(connection=soon, now=now)
        soon.refresh_from_db()
        assert soon.access_expires_at > now + timedelta(minutes=59)

    def test_one_dead_token_delays_nobody(self, stale, spotify):
        rows = [stale(listener) for listener in spotify.listeners[:3]]
        spotify.revoke(spotify.listeners[0].id)
        now = timezone.now()
        for row in SpotifyConnection.objects.filter(pk__in=care.due(now)).order_by("pk"):
            care.look_after(connection=row, now=now)
        assert [SpotifyConnection.objects.get(pk=row.pk).state for row in rows] == ["reconnect", "active", "active"]

    def test_an_unlisted_account_is_tried_once_a_day(self, connected, spotify):
        now = timezone.now()
        row = connected(UserFactory(), spotify.listeners[0], state="not_allowlisted", at=now - timedelta(hours=25))
        SpotifyConnection.objects.update(access_expires_at=now + HOUR)
        assert row.pk in care.due(now)
        care.look_after(connection=row, now=now)
        assert SpotifyConnection.objects.get().state == "active"

    def test_reminders_come_once_each_at_30_7_and_1_days(self, connected, spotify, mailoutbox):
        start = timezone.now()
        user = UserFactory(email="anna@example.org")
        row = connected(user, spotify.listeners[0], authorized_at=start)
        twice_a_day = sorted(2 * list(range(140, 180)))
        told = [180 - day for day in twice_a_day if care.remind(start + timedelta(days=day, hours=1))]
        assert told == [30, 7, 1]
        row.refresh_from_db()
        assert row.state == "expiring"
        assert len(mailoutbox) == 3
        assert "ends in 30 days" in mailoutbox[0].subject
        assert "/connections/" in mailoutbox[0].body
        assert Notice.objects.get().times == 3


class TestKeys:
    ONE = "b25lLW9uZS1vbmUtb25lLW9uZS1vbmUtb25lLW9uZSE="
    TWO = "dHdvLXR3by10d28tdHdvLXR3by10d28tdHdvLXR3byE="

    def test_rotation(self, settings, connected, spotify):
        from django.core.management import call_command

        settings.SPOTIFY_TOKEN_KEY = self.ONE
        registration.from_settings()
        row = connected(UserFactory(), spotify.listeners[0])
        token = crypto.decrypt(row.refresh_token_encrypted)
        settings.SPOTIFY_TOKEN_KEY = f"{self.TWO},{self.ONE}"
        call_command("rotate_token_keys", verbosity=0)
        settings.SPOTIFY_TOKEN_KEY = self.TWO
        row.refresh_from_db()
        assert crypto.decrypt(row.refresh_token_encrypted) == token
        assert registration.from_settings().client_secret == "sandbox-secret"

    def test_a_missing_key_deletes_nothing_and_tells_operators(self, settings, stale):
        settings.SPOTIFY_TOKEN_KEY = self.ONE
        row = stale()
        settings.SPOTIFY_TOKEN_KEY = self.TWO
        with pytest.raises(errors.KeyMissing):
            tokens.access_token(row, timezone.now())
        row.refresh_from_db()
        assert row.refresh_token_encrypted
        assert Notice.objects.get(user=None).kind == "spotify_app"
