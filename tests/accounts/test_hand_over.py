"""Tokens that a program hands over: checked with Spotify before anything uses them."""

from datetime import timedelta

import pytest
from django.utils import timezone

from accounts.actions import hand_over
from accounts.models import Notice, SpotifyConnection
from accounts.spotify import registration
from accounts.spotify.wire import Secret

State = SpotifyConnection.State


@pytest.fixture
def handed(spotify, anna):
    """Hand over tokens of a listener as Anna's; of another account, or dead ones, if told so."""

    def hand(listener, *, said=None, access=None, over=False):
        spotify.allow(listener.id)
        app = registration.from_settings()
        answer = spotify.tokens_for(listener.id, app.client_id)
        now = timezone.now()
        return hand_over.store(
            user=anna,
            app=app,
            spotify_user_id=said or listener.id,
            access=Secret(access or answer["access_token"]),
            refresh=Secret(answer["refresh_token"]),
            expires_at=now + timedelta(seconds=-5 if over else answer["expires_in"]),
            scopes=answer["scope"].split(),
            now=now,
        )

    return hand


def listeners(spotify):
    return spotify.listeners[:2]


def test_good_tokens_become_a_connection(spotify, handed, anna):
    listener, _other = listeners(spotify)
    row = handed(listener)
    assert (row.state, row.account_id == listener.account_id) == (State.RECONNECT, False)
    assert handed(listener).pk == row.pk
    found = hand_over.check(connection_id=row.pk, now=timezone.now())
    only = SpotifyConnection.objects.get()
    assert (found.pk, only.user, only.account_id, only.state) == (only.pk, anna, listener.account_id, State.ACTIVE)
    assert only.gateway().profile().id == listener.id
    assert hand_over.check(connection_id=row.pk, now=timezone.now()) is None


def test_an_ended_token_is_refreshed_first(spotify, handed):
    listener, _other = listeners(spotify)
    found = hand_over.check(connection_id=handed(listener, over=True).pk, now=timezone.now())
    assert found.access_expires_at > timezone.now()


def test_tokens_of_another_account_are_erased_and_said(spotify, handed, anna):
    listener, other = listeners(spotify)
    row = handed(listener, said=other.id)
    assert hand_over.check(connection_id=row.pk, now=timezone.now()) is None
    assert not SpotifyConnection.objects.exists()
    assert "another Spotify account" in Notice.objects.get(user=anna).text


def test_dead_tokens_are_erased_and_said(spotify, handed, anna):
    listener, _other = listeners(spotify)
    row = handed(listener, access="not-a-token")
    hand_over.check(connection_id=row.pk, now=timezone.now())
    assert not SpotifyConnection.objects.exists()
    assert Notice.objects.filter(user=anna, kind="tokens_refused").count() == 1


def test_nobody_is_kept_from_their_own_account(spotify, handed, connected, ben):
    listener, _other = listeners(spotify)
    row = handed(listener)
    theirs = connected(ben, listener)
    hand_over.check(connection_id=row.pk, now=timezone.now())
    assert SpotifyConnection.objects.get() == theirs
